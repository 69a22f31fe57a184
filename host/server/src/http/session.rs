//! Signing in and out, and the cookie.

use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::guard::{Agent, AnySession, same_origin};
use super::problem::{Answer, Failure, Json};
use crate::app::{App, session as app};
use crate::view::security::SecondFactor;
use crate::view::session::{Session, SignIn};

/// The cookie's name behind TLS; browsers accept the prefix only for `Secure` cookies of this very host.
const SECURE: &str = "__Host-anshu";
/// Its name without TLS, as on localhost.
const PLAIN: &str = "anshu";

/// Opens a session, or asks for the second factor.
#[utoipa::path(post, path = "/session", operation_id = "sign_in", request_body = SignIn,
    responses((status = 200, description = "Signed in; the cookie is set.", body = Session),
        (status = 202, description = "The password is right; a second factor is asked for.", body = SecondFactor)))]
pub async fn sign_in(
    State(state): State<App>,
    Agent(device): Agent,
    headers: HeaderMap,
    Json(input): Json<SignIn>,
) -> Answer<Response> {
    if !same_origin(&headers) {
        return Err(Failure::Forged);
    }
    match app::sign_in(&state, input, &device).await.map_err(Failure::of_proof)? {
        app::Step::In(opened) => entered(&state, *opened),
        app::Step::Second(asked) => Ok((StatusCode::ACCEPTED, axum::Json(*asked)).into_response()),
    }
}

/// The session.
#[utoipa::path(get, path = "/session", operation_id = "session",
    responses((status = 200, description = "Who is signed in.", body = Session)))]
pub async fn show(State(state): State<App>, signed: AnySession) -> Answer<axum::Json<Session>> {
    Ok(axum::Json(app::show(&state, &signed.0).await?))
}

/// Ends the session.
#[utoipa::path(delete, path = "/session", operation_id = "sign_out",
    responses((status = 204, description = "Signed out.")))]
pub async fn sign_out(State(state): State<App>, signed: AnySession) -> Answer<Response> {
    app::sign_out(&state, &signed.0).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    add(&mut response, &cookie("", 0, state.settings.tls))?;
    Ok(response)
}

/// The answer that lets somebody in: the session, and its cookie.
pub(super) fn entered(state: &App, opened: app::Opened) -> Answer<Response> {
    let mut response = axum::Json(opened.session).into_response();
    add(&mut response, &session_cookie(state, &opened.token))?;
    Ok(response)
}

/// The cookie of a session.
pub(super) fn session_cookie(state: &App, token: &str) -> String {
    cookie(token, state.settings.session.as_secs(), state.settings.tls)
}

fn cookie(token: &str, age: u64, tls: bool) -> String {
    let (name, secure) = if tls { (SECURE, "; Secure") } else { (PLAIN, "") };
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}")
}

/// Adds a cookie to an answer.
pub(super) fn add(response: &mut Response, cookie: &str) -> Answer<()> {
    let value = HeaderValue::from_str(cookie)
        .map_err(|error| anshu_model::Error::Internal(error.to_string()))?;
    response.headers_mut().append(SET_COOKIE, value);
    Ok(())
}

/// The session token of a request.
pub(super) fn token_of(headers: &HeaderMap, tls: bool) -> Option<String> {
    cookie_of(headers, if tls { SECURE } else { PLAIN })
}

/// A cookie of a request.
pub(super) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, token)| token.to_owned())
        .filter(|token| !token.is_empty() && token.len() <= 128)
}
