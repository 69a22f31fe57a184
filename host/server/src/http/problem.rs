//! The one mapping of [`Error`] to HTTP: `application/problem+json` (RFC 9457) with what was wrong, where, and what to do
//! next. What may not be known is 404, what may be known but not done is 403.

mod parsed;

use anshu_model::Error;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{OpenApi, Ref, RefOr, ResponseBuilder};

use crate::app::session::Must;

/// A refused or failed request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Which sort of problem, as a URN.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// In a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong.
    pub detail: String,
    /// Each refused value.
    #[serde(default)]
    pub problems: Vec<ProblemItem>,
    /// What to do next.
    #[serde(default)]
    pub next: Option<String>,
    /// The request, for whoever is asked for help.
    #[serde(default)]
    pub request: Option<String>,
}

/// A refused value.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProblemItem {
    /// A JSON pointer, or a name.
    pub at: String,
    /// What was found there.
    pub found: String,
    /// What would be right.
    pub expected: String,
}

impl From<anshu_model::Problem> for ProblemItem {
    fn from(problem: anshu_model::Problem) -> Self {
        Self { at: problem.at, found: problem.found, expected: problem.expected }
    }
}

/// What a handler answers when it did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// An error of the model.
    Model(Error),
    /// Nobody is signed in.
    SignedOut,
    /// The anti-forgery token is missing or wrong.
    Forged,
    /// The person must prove again who they are.
    Confirm,
    /// The session must do something else first.
    First(Must),
    /// Who somebody is was not proved: what they gave is wrong, or is not taken now.
    Unproven(String),
    /// The request itself could not be read.
    Unreadable(StatusCode, String),
    /// A value in the request could not be read: in which part of it, and which.
    Unparsed(StatusCode, &'static str, ProblemItem),
    /// The router or a layer refused it, without a word.
    Bare(StatusCode),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Model(error)
    }
}

impl Failure {
    /// What a sign-in or a fresh proof answers: a refusal there is a matter of what was given, not of permissions.
    pub(super) fn of_proof(error: Error) -> Self {
        match error {
            Error::Denied(text) => Self::Unproven(text),
            error => Self::Model(error),
        }
    }
}

/// A handler's answer.
pub type Answer<T> = Result<T, Failure>;

struct Shape {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    next: &'static str,
}

fn shape(status: StatusCode, kind: &'static str, title: &'static str, next: &'static str) -> Shape {
    Shape { status, kind, title, next }
}

impl Failure {
    fn shape(&self) -> Shape {
        match self {
            Self::SignedOut => {
                shape(StatusCode::UNAUTHORIZED, "signed-out", "没有登录", "请登录后再操作。")
            }
            Self::Forged => {
                shape(StatusCode::FORBIDDEN, "forged", "请求没有通过校验", "请刷新页面后重试。")
            }
            Self::Confirm | Self::First(Must::Confirm) => shape(
                StatusCode::FORBIDDEN,
                "confirm",
                "需要再次确认身份",
                "请用第二因素（没有的用口令）再次确认身份，然后重试。",
            ),
            Self::First(Must::Password) => shape(
                StatusCode::FORBIDDEN,
                "first-password",
                "请先修改口令",
                "这是一次性口令；请在“我的登录安全”中改成自己的口令。",
            ),
            Self::First(Must::Factor) => shape(
                StatusCode::FORBIDDEN,
                "first-factor",
                "请先添加第二因素",
                "您的岗位须使用第二因素（本地政策）；请在“我的登录安全”中添加动态口令或安全密钥。",
            ),
            Self::First(Must::Policies) => shape(
                StatusCode::FORBIDDEN,
                "first-policies",
                "请先查看策略的重置",
                "访问策略在停机时被重置；请在“我的登录安全”中看过并确认，再办理其他事项。",
            ),
            Self::Unproven(_) => shape(
                StatusCode::FORBIDDEN,
                "denied",
                "没有通过身份确认",
                "请核对账号、口令或第二因素后重试；忘记或者丢失的，请联系系统管理员。",
            ),
            Self::Unreadable(status, _) | Self::Unparsed(status, ..) => {
                shape(*status, "unreadable", "请求无法识别", "请按提示修改后重新提交。")
            }
            Self::Bare(status) if status.is_server_error() => {
                shape(*status, "unavailable", "暂不可用", "请稍后再试；事项和时限不受影响。")
            }
            Self::Bare(status) => {
                shape(*status, "unreadable", "请求无法识别", "请按接口文档修改后重新提交。")
            }
            Self::Model(error) => match error {
                Error::Denied(_) => shape(
                    StatusCode::FORBIDDEN,
                    "denied",
                    "不允许",
                    "如工作确需，请向本单位管理员说明用途并申请权限。",
                ),
                Error::Invalid(_) => shape(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "invalid",
                    "内容有误",
                    "请按提示修改后重新提交。",
                ),
                Error::NotFound(_) => shape(
                    StatusCode::NOT_FOUND,
                    "not-found",
                    "未找到",
                    "请核对编号；也可能不在您的管辖或授权范围内。",
                ),
                Error::Conflict(_) => shape(
                    StatusCode::CONFLICT,
                    "conflict",
                    "状态冲突",
                    "请刷新页面，看过最新情况后再操作。",
                ),
                Error::OverQuota(_) => shape(
                    StatusCode::TOO_MANY_REQUESTS,
                    "over-quota",
                    "超出限额",
                    "请减少一次办理的数量，或稍候再试。",
                ),
                Error::Unavailable(_) => shape(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "暂不可用",
                    "请稍后再试；事项和时限不受影响。",
                ),
                Error::Fault(_) => shape(
                    StatusCode::BAD_GATEWAY,
                    "fault",
                    "插件故障",
                    "没有保存任何内容，可以重试；若仍不行，请把本页提示告诉系统管理员。",
                ),
                Error::Internal(_) => shape(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "内部错误",
                    "没有保存任何内容；请把请求编号告诉系统管理员。",
                ),
            },
        }
    }

    fn detail(&self) -> (String, Vec<ProblemItem>) {
        match self {
            Self::SignedOut => ("没有登录，或会话已经结束".into(), Vec::new()),
            Self::Forged => ("缺少或错误的 x-anshu-csrf".into(), Vec::new()),
            Self::Confirm => ("这一步需要刚刚确认过的身份".into(), Vec::new()),
            Self::First(Must::Confirm) => {
                ("浏览器与登录时不同，会话可能被他人取用".into(), Vec::new())
            }
            Self::First(Must::Password) => {
                ("口令由他人设置，修改之前不能办理其他事项".into(), Vec::new())
            }
            Self::First(Must::Factor) => {
                ("没有第二因素，添加之前不能办理其他事项".into(), Vec::new())
            }
            Self::First(Must::Policies) => {
                ("访问策略的重置尚未由您确认，确认之前不能办理其他事项".into(), Vec::new())
            }
            Self::Unproven(detail) | Self::Unreadable(_, detail) => (detail.clone(), Vec::new()),
            Self::Unparsed(_, part, item) => {
                let ProblemItem { at, found, expected } = item;
                (format!("{part} {at}：{found}，应为{expected}"), vec![item.clone()])
            }
            Self::Bare(StatusCode::METHOD_NOT_ALLOWED) => {
                ("这个接口不支持该方法".into(), Vec::new())
            }
            Self::Bare(status) if status.is_server_error() => {
                ("没有在时限内办完，已经停止".into(), Vec::new())
            }
            Self::Bare(status) => (format!("请求没有被接受（{status}）"), Vec::new()),
            Self::Model(Error::Invalid(problems)) => {
                let item = |problem: &anshu_model::Problem| ProblemItem {
                    at: problem.at.clone(),
                    found: problem.found.clone(),
                    expected: problem.expected.clone(),
                };
                (
                    format!("有 {} 处内容不符合要求", problems.len()),
                    problems.iter().map(item).collect(),
                )
            }
            Self::Model(
                Error::Denied(text)
                | Error::NotFound(text)
                | Error::Conflict(text)
                | Error::OverQuota(text)
                | Error::Unavailable(text)
                | Error::Fault(text),
            ) => (text.clone(), Vec::new()),
            Self::Model(Error::Internal(_)) => {
                ("系统出了问题，原因已写入运行日志".into(), Vec::new())
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::Model(Error::Internal(text)) = &self {
            tracing::error!(error = text, "internal error");
        }
        let shape = self.shape();
        let (detail, problems) = self.detail();
        let problem = Problem {
            problem_type: format!("urn:anshu:problem:{}", shape.kind),
            title: shape.title.to_owned(),
            status: shape.status.as_u16(),
            detail,
            problems,
            next: Some(shape.next.to_owned()),
            request: super::guard::request_id(),
        };
        let mut response = (shape.status, axum::Json(problem)).into_response();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(shape.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// Puts a refusal of the router or of a layer into words; any other answer stays.
pub(super) fn dressed(response: Response) -> Response {
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    if refused && !response.headers().contains_key(CONTENT_TYPE) {
        return Failure::Bare(status).into_response();
    }
    response
}

/// What a caught panic answers.
pub(super) fn panicked(reason: Box<dyn std::any::Any + Send>) -> Response {
    let text = reason
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| reason.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    Failure::Model(Error::Internal(format!("panic: {text}"))).into_response()
}

/// A JSON body; what cannot be read is a problem.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(unreadable_json(&rejection)),
        }
    }
}

fn unreadable_json(rejection: &JsonRejection) -> Failure {
    let detail = match rejection {
        JsonRejection::MissingJsonContentType(_) => "请求体应为 application/json".into(),
        JsonRejection::JsonSyntaxError(error) => {
            format!(
                "请求体不是有效的 JSON（{}）；应为 UTF-8 编码的 JSON",
                place(&error.body_text())
            )
        }
        JsonRejection::JsonDataError(error) => {
            let item = parsed::refused(&error.body_text(), |_| None);
            return Failure::Unparsed(rejection.status(), "请求体的内容", item);
        }
        _ => "请求体不能读取（可能过大，或者中途断开）".into(),
    };
    Failure::Unreadable(rejection.status(), detail)
}

/// Where the parser stopped: its own words are English, and those who send JSON need the place.
fn place(text: &str) -> String {
    let number = |word: &str| {
        let rest = text.rsplit_once(word)?.1;
        rest.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())
    };
    match (number(" line "), number(" column ")) {
        (Some(line), Some(column)) => format!("第 {line} 行第 {column} 列"),
        _ => text.to_owned(),
    }
}

/// A query string; what cannot be read is a problem.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let given = |name: &str| given(parts, name);
                let item = parsed::refused(&rejection.body_text(), given);
                Err(Failure::Unparsed(StatusCode::BAD_REQUEST, "查询参数", item))
            }
        }
    }
}

/// What was sent under a name in the query string.
fn given(parts: &Parts, name: &str) -> Option<String> {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).ok()?.0;
    pairs.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// What stands in the path; what cannot be read is a problem.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(unreadable_path(&rejection)),
        }
    }
}

fn unreadable_path(rejection: &PathRejection) -> Failure {
    let item = parsed::refused(&rejection.body_text(), |_| None);
    Failure::Unparsed(StatusCode::BAD_REQUEST, "地址", item)
}

/// Writes into the document that every operation may answer with a problem.
pub(super) fn declare(document: &mut OpenApi) {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    let response = ResponseBuilder::new()
        .description("Not done. The body says what was wrong and what to do next.")
        .content("application/problem+json", ContentBuilder::new().schema(Some(schema)).build())
        .build();
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.post, &mut item.delete, &mut item.put, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".into(), RefOr::T(response.clone()));
        }
    }
}
