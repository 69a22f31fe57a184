//! What stands before every handler: security headers, request ids, traces and figures, sessions and the anti-forgery token.

use std::time::Instant;

use anshu_model::org::Person;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, USER_AGENT, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tracing::Instrument as _;

use super::problem::{self, Failure};
use super::session::token_of;
use crate::app::App;
use crate::app::session::device::Device;
use crate::app::session::{self, Must, Signed};
use crate::secret;

/// The header that every unsafe request of a session carries.
pub const CSRF: HeaderName = HeaderName::from_static("x-anshu-csrf");
/// The header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing is loaded from elsewhere, nothing inline runs, nobody frames it. Styles are inline because the component
/// library writes them so; scripts never are.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self'; worker-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

tokio::task_local! {
    static REQUEST: String;
}

/// The id of the request that is being answered.
#[must_use]
pub(super) fn request_id() -> Option<String> {
    REQUEST.try_with(Clone::clone).ok()
}

/// Sets the headers by which a browser protects the person in front of it.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    if api {
        response = problem::dressed(response);
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)"),
    );
    if api {
        // What one person was shown is not kept for the next.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Gives the request an id, a span and its place in the figures. Nothing personal is traced: routes, never addresses.
pub(super) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = match secret::id() {
        Ok(id) => id.to_string(),
        Err(error) => return Failure::Model(error).into_response(),
    };
    let method = request.method().clone();
    let route =
        request.extensions().get::<MatchedPath>().map_or("console", MatchedPath::as_str).to_owned();
    let tls = app.settings.tls;
    let span = tracing::info_span!("request", id, method = method.as_str(), route);
    let start = Instant::now();
    let mut response = REQUEST.scope(id.clone(), next.run(request)).instrument(span.clone()).await;
    let took = start.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| {
        tracing::info!(
            status,
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "answered"
        )
    });
    let labels =
        [("method", method.as_str().to_owned()), ("route", route), ("status", status.to_string())];
    metrics::counter!("anshu_requests_total", &labels).increment(1);
    metrics::histogram!("anshu_request_seconds", &labels[..2]).record(took.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if tls {
        response
            .headers_mut()
            .insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
    response
}

/// What the browser says of itself.
#[derive(Debug)]
pub struct Agent(pub Device);

impl<S: Send + Sync> FromRequestParts<S> for Agent {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self(Device::of(agent.unwrap_or_default())))
    }
}

/// Proof that somebody is signed in, and, for a request that changes something, that the console sent it. It serves a session
/// that must first prove again who holds it, set a password or add a factor: for these steps alone.
#[derive(Debug)]
pub struct AnySession(pub Signed);

impl AnySession {
    /// Refuses a session that must first do one of some things.
    ///
    /// # Errors
    /// [`Failure::First`].
    pub fn unless(&self, first: &[Must]) -> Result<(), Failure> {
        match self.0.must.filter(|must| first.contains(must)) {
            Some(must) => Err(Failure::First(must)),
            None => Ok(()),
        }
    }

    /// As [`SignedIn::require_fresh`].
    ///
    /// # Errors
    /// [`Failure::Confirm`].
    pub fn require_fresh(&self, app: &App) -> Result<(), Failure> {
        if session::is_fresh(app, &self.0) { Ok(()) } else { Err(Failure::Confirm) }
    }
}

impl FromRequestParts<App> for AnySession {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let token = token_of(&parts.headers, app.settings.tls).ok_or(Failure::SignedOut)?;
        let Ok(Agent(device)) = Agent::from_request_parts(parts, app).await;
        let signed = session::resume(app, &token, &device).await?.ok_or(Failure::SignedOut)?;
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let sent = parts.headers.get(CSRF).and_then(|value| value.to_str().ok());
            if !sent.is_some_and(|sent| secret::same(sent, &signed.csrf)) {
                return Err(Failure::Forged);
            }
        }
        Ok(Self(signed))
    }
}

/// Proof that somebody is signed in and has nothing to do first. A handler that asks for it cannot be reached without.
#[derive(Debug)]
pub struct SignedIn(pub Signed);

impl SignedIn {
    /// Who.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.0.person
    }

    /// Refuses where the person has not proved lately who they are: for emergency access, erasure, keys, policies and
    /// accounts. The console asks them to, and tries again.
    ///
    /// # Errors
    /// [`Failure::Confirm`].
    pub fn require_fresh(&self, app: &App) -> Result<(), Failure> {
        if session::is_fresh(app, &self.0) { Ok(()) } else { Err(Failure::Confirm) }
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let AnySession(signed) = AnySession::from_request_parts(parts, app).await?;
        match signed.must {
            Some(must) => Err(Failure::First(must)),
            None => Ok(Self(signed)),
        }
    }
}

/// Whether a request comes from our own pages, as far as the browser says. A sign-in has no session whose token could show
/// it.
#[must_use]
pub(super) fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin.eq_ignore_ascii_case(host))
}
