//! Keys, erasures, holds and what retention ends.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, vault as app};
use crate::view::vault::{
    EndingView, ErasureAnswer, ErasureQuery, ErasureRequest, ErasureView, HoldRequest, HoldView,
    LiftRequest, OutlookView, VaultView,
};

/// The state of the vault: no key is in it.
#[utoipa::path(get, path = "/vault", operation_id = "vault",
    responses((status = 200, description = "The state.", body = VaultView)))]
pub async fn status(State(state): State<App>, signed: SignedIn) -> Answer<axum::Json<VaultView>> {
    Ok(axum::Json(app::status(&state, signed.person()).await?))
}

/// Makes a new master key; the data keys are wrapped anew in the background.
#[utoipa::path(post, path = "/vault/rotation", operation_id = "begin_rotation",
    responses((status = 200, description = "The state.", body = VaultView)))]
pub async fn rotate(State(state): State<App>, signed: SignedIn) -> Answer<axum::Json<VaultView>> {
    signed.require_fresh(&state)?;
    Ok(axum::Json(app::begin_rotation(&state, signed.person()).await?))
}

/// Makes the next key of the blind indexes; they are made anew in the background.
#[utoipa::path(post, path = "/vault/reindexing", operation_id = "begin_reindexing",
    responses((status = 200, description = "The state.", body = VaultView)))]
pub async fn reindex(State(state): State<App>, signed: SignedIn) -> Answer<axum::Json<VaultView>> {
    signed.require_fresh(&state)?;
    Ok(axum::Json(app::begin_reindex(&state, signed.person()).await?))
}

/// Erasures, the latest first.
#[utoipa::path(get, path = "/erasures", operation_id = "erasures", params(ErasureQuery),
    responses((status = 200, description = "A page.", body = [ErasureView])))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<ErasureQuery>,
) -> Answer<axum::Json<Vec<ErasureView>>> {
    Ok(axum::Json(app::erasures(&state, signed.person(), query.before).await?))
}

/// Asks for an erasure, or stops processing.
#[utoipa::path(post, path = "/erasures", operation_id = "ask_erasure", request_body = ErasureRequest,
    responses((status = 200, description = "The erasure.", body = ErasureView)))]
pub async fn ask(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<ErasureRequest>,
) -> Answer<axum::Json<ErasureView>> {
    signed.require_fresh(&state)?;
    Ok(axum::Json(app::ask(&state, signed.person(), request).await?))
}

/// What the erasure of a subject would do, and what forbids it.
#[utoipa::path(get, path = "/erasures/outlook/{subject}", operation_id = "erasure_outlook",
    params(("subject" = String, Path, description = "The record")),
    responses((status = 200, description = "The outlook.", body = OutlookView)))]
pub async fn outlook(
    State(state): State<App>,
    signed: SignedIn,
    Path(subject): Path<String>,
) -> Answer<axum::Json<OutlookView>> {
    Ok(axum::Json(app::outlook(&state, signed.person(), &Id::from_text(subject)).await?))
}

/// Agrees to an erasure, which is done at once, or refuses it. Nobody answers their own.
#[utoipa::path(post, path = "/erasures/{id}/answer", operation_id = "answer_erasure", request_body = ErasureAnswer,
    params(("id" = String, Path, description = "The erasure")),
    responses((status = 200, description = "The erasure.", body = ErasureView)))]
pub async fn answer(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(request): Json<ErasureAnswer>,
) -> Answer<axum::Json<ErasureView>> {
    signed.require_fresh(&state)?;
    Ok(axum::Json(app::answer(&state, signed.person(), &Id::from_text(id), request).await?))
}

/// Lets processing go on.
#[utoipa::path(post, path = "/erasures/{id}/lift", operation_id = "lift_restriction", request_body = LiftRequest,
    params(("id" = String, Path, description = "The restriction")),
    responses((status = 200, description = "The restriction.", body = ErasureView)))]
pub async fn lift(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(request): Json<LiftRequest>,
) -> Answer<axum::Json<ErasureView>> {
    Ok(axum::Json(app::lift(&state, signed.person(), &Id::from_text(id), &request.reason).await?))
}

/// The receipt of an erasure: signed, with the proof that it is in the log.
#[utoipa::path(get, path = "/erasures/{id}/receipt", operation_id = "erasure_receipt",
    params(("id" = String, Path, description = "The erasure")),
    responses((status = 200, description = "The receipt.", body = String, content_type = "text/plain")))]
pub async fn receipt(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<String> {
    Ok(app::receipt(&state, signed.person(), &Id::from_text(id)).await?)
}

/// The holds in force.
#[utoipa::path(get, path = "/legal-holds", operation_id = "legal_holds",
    responses((status = 200, description = "The holds.", body = [HoldView])))]
pub async fn holds(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<Vec<HoldView>>> {
    Ok(axum::Json(app::holds(&state, signed.person()).await?))
}

/// Places a hold: what it is on is not erased until it is lifted.
#[utoipa::path(post, path = "/legal-holds", operation_id = "place_hold", request_body = HoldRequest,
    responses((status = 200, description = "The hold.", body = HoldView)))]
pub async fn hold(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<HoldRequest>,
) -> Answer<axum::Json<HoldView>> {
    signed.require_fresh(&state)?;
    Ok(axum::Json(app::hold(&state, signed.person(), request).await?))
}

/// Lifts a hold.
#[utoipa::path(delete, path = "/legal-holds/{id}", operation_id = "lift_hold",
    params(("id" = String, Path, description = "The hold")),
    responses((status = 204, description = "Lifted.")))]
pub async fn release(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::http::StatusCode> {
    signed.require_fresh(&state)?;
    app::release(&state, signed.person(), &Id::from_text(id)).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// What the next run of the retention would do. Nothing is changed.
#[utoipa::path(get, path = "/retention", operation_id = "retention",
    responses((status = 200, description = "Whose periods have ended.", body = [EndingView])))]
pub async fn retention(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<Vec<EndingView>>> {
    Ok(axum::Json(app::endings(&state, signed.person()).await?))
}
