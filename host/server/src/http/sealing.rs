//! Sealed records (封存): the keeper asks, a second person answers, and the statutory road.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, sealing as app};
use crate::view::sealing::{
    InformantView, SealedMatterView, SealingPage, SealingPlanView, SealingQuery, SealingRequest,
    SealingView, SecondWord, SettleRequest,
};

/// What was asked about sealed records, the latest first.
#[utoipa::path(get, path = "/sealings", operation_id = "sealings", params(SealingQuery),
    responses((status = 200, description = "A page.", body = SealingPage)))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<SealingQuery>,
) -> Answer<axum::Json<SealingPage>> {
    Ok(axum::Json(app::list(&state, signed.person(), query).await?))
}

/// Asks to seal, to unseal, or to look something up; with `dry_run` it says what would go together.
#[utoipa::path(post, path = "/sealings", operation_id = "ask_sealing", request_body = SealingRequest,
    responses((status = 200, description = "What was asked.", body = SealingPlanView)))]
pub async fn ask(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<SealingRequest>,
) -> Answer<axum::Json<SealingPlanView>> {
    Ok(axum::Json(app::ask(&state, signed.person(), request).await?))
}

/// The second person's answer. Agreeing to seal or unseal does it.
#[utoipa::path(post, path = "/sealings/{id}/answer", operation_id = "answer_sealing", request_body = SecondWord,
    params(("id" = String, Path, description = "What was asked")),
    responses((status = 200, description = "What was asked, answered.", body = SealingView)))]
pub async fn answer(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(word): Json<SecondWord>,
) -> Answer<axum::Json<SealingView>> {
    Ok(axum::Json(app::answer(&state, signed.person(), &Id::from_text(id), word).await?))
}

/// Takes an ask back, or gives up a look-up that is open.
#[utoipa::path(post, path = "/sealings/{id}/withdraw", operation_id = "withdraw_sealing",
    params(("id" = String, Path, description = "What was asked")),
    responses((status = 200, description = "What was asked, taken back.", body = SealingView)))]
pub async fn withdraw(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<SealingView>> {
    Ok(axum::Json(app::withdraw(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Says whose a number is that two records have after unsealing.
#[utoipa::path(post, path = "/sealings/{id}/settle", operation_id = "settle_sealing", request_body = SettleRequest,
    params(("id" = String, Path, description = "The unsealing")),
    responses((status = 200, description = "The unsealing, settled.", body = SealingView)))]
pub async fn settle(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(request): Json<SettleRequest>,
) -> Answer<axum::Json<SealingView>> {
    let id = Id::from_text(id);
    Ok(axum::Json(app::settle(&state, signed.person(), &id, request.to_unsealed).await?))
}

/// What a look-up on the statutory road shows, while it is open. Confidential; each reading is in the log.
#[utoipa::path(get, path = "/sealings/{id}/matter", operation_id = "sealed_matter",
    params(("id" = String, Path, description = "The look-up")),
    responses((status = 200, description = "The sealed record.", body = SealedMatterView)))]
pub async fn matter(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<SealedMatterView>> {
    Ok(axum::Json(app::matter(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Who told about a matter, while that look-up is open. Confidential; each reading is in the log.
#[utoipa::path(get, path = "/sealings/{id}/informants", operation_id = "informants",
    params(("id" = String, Path, description = "The look-up")),
    responses((status = 200, description = "Who told.", body = InformantView)))]
pub async fn informants(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<InformantView>> {
    Ok(axum::Json(app::informants(&state, signed.person(), &Id::from_text(id)).await?))
}
