//! Signing in and out, and the cookie.

use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::guard::{SignedIn, same_origin};
use super::problem::{Answer, Failure, Json};
use crate::app::{App, session as app};
use crate::view::session::{Session, SignIn};

/// The cookie's name behind TLS; browsers accept the prefix only for `Secure` cookies of this very host.
const SECURE: &str = "__Host-anshu";
/// Its name without TLS, as on localhost.
const PLAIN: &str = "anshu";

/// Opens a session.
#[utoipa::path(post, path = "/session", operation_id = "sign_in", request_body = SignIn,
    responses((status = 200, description = "Signed in; the cookie is set.", body = Session)))]
pub async fn sign_in(
    State(state): State<App>,
    headers: HeaderMap,
    Json(input): Json<SignIn>,
) -> Answer<Response> {
    if !same_origin(&headers) {
        return Err(Failure::Forged);
    }
    let opened = app::sign_in(&state, input).await?;
    let age = state.settings.session.as_secs();
    let mut response = axum::Json(opened.session).into_response();
    set(&mut response, &cookie(&opened.token, age, state.settings.tls))?;
    Ok(response)
}

/// The session.
#[utoipa::path(get, path = "/session", operation_id = "session",
    responses((status = 200, description = "Who is signed in.", body = Session)))]
pub async fn show(State(state): State<App>, signed: SignedIn) -> Answer<axum::Json<Session>> {
    Ok(axum::Json(app::show(&state, &signed.0).await?))
}

/// Ends the session.
#[utoipa::path(delete, path = "/session", operation_id = "sign_out",
    responses((status = 204, description = "Signed out.")))]
pub async fn sign_out(State(state): State<App>, signed: SignedIn) -> Answer<Response> {
    app::sign_out(&state, &signed.0).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set(&mut response, &cookie("", 0, state.settings.tls))?;
    Ok(response)
}

fn cookie(token: &str, age: u64, tls: bool) -> String {
    let (name, secure) = if tls { (SECURE, "; Secure") } else { (PLAIN, "") };
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}")
}

fn set(response: &mut Response, cookie: &str) -> Answer<()> {
    let value = HeaderValue::from_str(cookie)
        .map_err(|error| anshu_model::Error::Internal(error.to_string()))?;
    response.headers_mut().append(SET_COOKIE, value);
    Ok(())
}

/// The session token of a request.
pub(super) fn token_of(headers: &HeaderMap, tls: bool) -> Option<String> {
    let name = if tls { SECURE } else { PLAIN };
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
