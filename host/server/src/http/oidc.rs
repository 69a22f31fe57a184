//! The way to a city's identity server and back.

use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::guard::Agent;
use super::problem::{Answer, Query};
use super::session::{add, cookie_of, session_cookie};
use crate::app::App;
use crate::app::session::oidc::{self as app, Came};
use crate::view::security::OidcAnswer;

/// What the browser holds while it is away. It comes back from another site, so this one cookie is `Lax`; it opens nothing.
const AWAY: &str = "anshu-away";

/// Sends the browser to the identity server.
#[utoipa::path(get, path = "/session/oidc/start", operation_id = "oidc_start",
    responses((status = 303, description = "To the identity server.")))]
pub async fn start(State(state): State<App>) -> Answer<Response> {
    let sent = app::start(&state).await?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    put(&mut response, &sent.to)?;
    add(&mut response, &away(&sent.browser, 600, state.settings.tls))?;
    Ok(response)
}

/// Takes the browser back, and to the console.
#[utoipa::path(get, path = "/session/oidc/callback", operation_id = "oidc_callback", params(OidcAnswer),
    responses((status = 303, description = "To the console, signed in or with what is still asked.")))]
pub async fn come_back(
    State(state): State<App>,
    Agent(device): Agent,
    headers: HeaderMap,
    Query(answer): Query<OidcAnswer>,
) -> Answer<Response> {
    let tls = state.settings.tls;
    let browser = cookie_of(&headers, AWAY);
    let mut response = StatusCode::SEE_OTHER.into_response();
    match app::come_back(&state, answer, browser.as_deref(), &device).await? {
        Came::In(opened) => {
            put(&mut response, "/")?;
            add(&mut response, &session_cookie(&state, &opened.token))?;
        }
        // What is behind the hash stays in the browser.
        Came::Second(asked) => {
            put(&mut response, &format!("/login#second={}", asked.ticket))?;
        }
    }
    add(&mut response, &away("", 0, tls))?;
    Ok(response)
}

fn away(value: &str, age: u64, tls: bool) -> String {
    let secure = if tls { "; Secure" } else { "" };
    format!(
        "{AWAY}={value}; Path=/api/v1/session/oidc; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"
    )
}

fn put(response: &mut Response, to: &str) -> Answer<()> {
    let value = HeaderValue::from_str(to)
        .map_err(|error| anshu_model::Error::Internal(error.to_string()))?;
    response.headers_mut().insert(LOCATION, value);
    debug_assert!(!response.headers().contains_key(SET_COOKIE), "cookies come after the place");
    Ok(())
}
