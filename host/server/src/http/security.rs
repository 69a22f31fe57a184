//! How one proves who one is, and what one keeps for that: second factors, the password, sessions.
//!
//! These routes serve a session that must first do one of these things; all others wait for it.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Agent, AnySession, same_origin};
use super::problem::{Answer, Failure, Json, Path};
use super::session::entered;
use crate::app::App;
use crate::app::session::{Must, confirm as again, factors, own, second};
use crate::view::security::{
    FactorAdded, FactorFinish, OwnSecurity, PasskeyOffer, PasswordChange, Proof, SecondFactor,
    SignInWays, TicketOnly, TotpOffer,
};
use crate::view::session::Session;

/// How one may sign in.
#[utoipa::path(get, path = "/session/ways", operation_id = "sign_in_ways",
    responses((status = 200, description = "The ways.", body = SignInWays)))]
pub async fn ways(State(state): State<App>) -> Body<SignInWays> {
    Body(SignInWays {
        centre_name: state.settings.centre_name.clone(),
        oidc: state.settings.oidc.as_ref().map(|oidc| oidc.name.clone()),
    })
}

/// Asks again for a second factor, with another ticket.
#[utoipa::path(post, path = "/session/second/begin", operation_id = "begin_second", request_body = TicketOnly,
    responses((status = 200, description = "What will do.", body = SecondFactor)))]
pub async fn begin_second(
    State(state): State<App>,
    headers: axum::http::HeaderMap,
    Json(asked): Json<TicketOnly>,
) -> Answer<Body<SecondFactor>> {
    if !same_origin(&headers) {
        return Err(Failure::Forged);
    }
    Ok(Body(second::begin(&state, &asked.ticket).await?))
}

/// Opens a session with a second factor.
#[utoipa::path(post, path = "/session/second", operation_id = "sign_in_second", request_body = Proof,
    responses((status = 200, description = "Signed in; the cookie is set.", body = Session)))]
pub async fn sign_in(
    State(state): State<App>,
    Agent(device): Agent,
    headers: axum::http::HeaderMap,
    Json(proof): Json<Proof>,
) -> Answer<Response> {
    if !same_origin(&headers) {
        return Err(Failure::Forged);
    }
    let opened = second::sign_in(&state, proof, &device).await.map_err(Failure::of_proof)?;
    entered(&state, opened)
}

/// Asks what proves again who one is.
#[utoipa::path(post, path = "/session/confirm/begin", operation_id = "begin_confirm",
    responses((status = 200, description = "What will do.", body = SecondFactor)))]
pub async fn begin_confirm(
    State(state): State<App>,
    signed: AnySession,
) -> Answer<Body<SecondFactor>> {
    Ok(Body(again::ask(&state, &signed.0).await?))
}

/// Proves again who one is. The session gets another cookie.
#[utoipa::path(post, path = "/session/confirm", operation_id = "confirm", request_body = Proof,
    responses((status = 200, description = "Proved.", body = Session)))]
pub async fn confirm(
    State(state): State<App>,
    signed: AnySession,
    Agent(device): Agent,
    Json(proof): Json<Proof>,
) -> Answer<Response> {
    let opened = again::confirm(&state, &signed.0, proof, &device).await;
    entered(&state, opened.map_err(Failure::of_proof)?)
}

/// One's second factors and sessions.
#[utoipa::path(get, path = "/session/security", operation_id = "own_security",
    responses((status = 200, description = "One's own.", body = OwnSecurity)))]
pub async fn show(State(state): State<App>, signed: AnySession) -> Answer<Body<OwnSecurity>> {
    signed.unless(&[Must::Confirm])?;
    Ok(Body(own::show(&state, &signed.0).await?))
}

/// Sets another password. Other sessions end.
#[utoipa::path(post, path = "/session/password", operation_id = "change_password", request_body = PasswordChange,
    responses((status = 204, description = "Set.")))]
pub async fn password(
    State(state): State<App>,
    signed: AnySession,
    Json(change): Json<PasswordChange>,
) -> Answer<StatusCode> {
    signed.unless(&[Must::Confirm])?;
    own::change_password(&state, &signed.0, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever has a factor adds and removes others only after proving it again; the first one needs the sign-in alone.
fn may_keep(state: &App, signed: &AnySession) -> Answer<()> {
    signed.unless(&[Must::Confirm, Must::Password])?;
    signed.require_fresh(state)
}

/// Offers time codes.
#[utoipa::path(post, path = "/session/factors/totp", operation_id = "offer_totp",
    responses((status = 200, description = "The secret.", body = TotpOffer)))]
pub async fn offer_totp(State(state): State<App>, signed: AnySession) -> Answer<Body<TotpOffer>> {
    may_keep(&state, &signed)?;
    Ok(Body(factors::offer_totp(&state, &signed.0).await?))
}

/// Adds time codes.
#[utoipa::path(post, path = "/session/factors/totp/finish", operation_id = "add_totp", request_body = FactorFinish,
    responses((status = 200, description = "Added.", body = FactorAdded)))]
pub async fn add_totp(
    State(state): State<App>,
    signed: AnySession,
    Json(finish): Json<FactorFinish>,
) -> Answer<Body<FactorAdded>> {
    may_keep(&state, &signed)?;
    Ok(Body(factors::add_totp(&state, &signed.0, finish).await?))
}

/// Asks the browser for a key.
#[utoipa::path(post, path = "/session/factors/passkey", operation_id = "offer_passkey",
    responses((status = 200, description = "What the browser is asked.", body = PasskeyOffer)))]
pub async fn offer_passkey(
    State(state): State<App>,
    signed: AnySession,
) -> Answer<Body<PasskeyOffer>> {
    may_keep(&state, &signed)?;
    Ok(Body(factors::offer_passkey(&state, &signed.0).await?))
}

/// Adds a key.
#[utoipa::path(post, path = "/session/factors/passkey/finish", operation_id = "add_passkey", request_body = FactorFinish,
    responses((status = 200, description = "Added.", body = FactorAdded)))]
pub async fn add_passkey(
    State(state): State<App>,
    signed: AnySession,
    Json(finish): Json<FactorFinish>,
) -> Answer<Body<FactorAdded>> {
    may_keep(&state, &signed)?;
    Ok(Body(factors::add_passkey(&state, &signed.0, finish).await?))
}

/// Gives other recovery codes.
#[utoipa::path(post, path = "/session/factors/recovery", operation_id = "renew_recovery",
    responses((status = 200, description = "The codes, shown once.", body = FactorAdded)))]
pub async fn renew_recovery(
    State(state): State<App>,
    signed: AnySession,
) -> Answer<Body<FactorAdded>> {
    may_keep(&state, &signed)?;
    Ok(Body(factors::renew_recovery(&state, &signed.0).await?))
}

/// Removes a factor.
#[utoipa::path(delete, path = "/session/factors/{id}", operation_id = "remove_factor",
    params(("id" = String, Path, description = "The factor")),
    responses((status = 204, description = "Removed.")))]
pub async fn remove_factor(
    State(state): State<App>,
    signed: AnySession,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    may_keep(&state, &signed)?;
    factors::remove(&state, &signed.0, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of one's sessions.
#[utoipa::path(delete, path = "/session/sessions/{id}", operation_id = "end_session",
    params(("id" = String, Path, description = "The session")),
    responses((status = 204, description = "Ended.")))]
pub async fn end_session(
    State(state): State<App>,
    signed: AnySession,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    signed.unless(&[Must::Confirm])?;
    own::end_session(&state, &signed.0, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all of one's other sessions.
#[utoipa::path(delete, path = "/session/sessions", operation_id = "end_other_sessions",
    responses((status = 204, description = "Ended.")))]
pub async fn end_others(State(state): State<App>, signed: AnySession) -> Answer<StatusCode> {
    signed.unless(&[Must::Confirm])?;
    own::end_others(&state, &signed.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
