//! Risks.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, risks as app};
use crate::view::risk::{RiskAssess, RiskDetail, RiskMove, RiskPage, RiskQuery};

/// The risks that this person sees.
#[utoipa::path(get, path = "/risks", operation_id = "risks", params(RiskQuery),
    responses((status = 200, description = "A page.", body = RiskPage)))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<RiskQuery>,
) -> Answer<axum::Json<RiskPage>> {
    Ok(axum::Json(app::list(&state, signed.person(), query).await?))
}

/// One risk.
#[utoipa::path(get, path = "/risks/{id}", operation_id = "risk", params(("id" = String, Path, description = "The risk")),
    responses((status = 200, description = "The risk.", body = RiskDetail)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<RiskDetail>> {
    Ok(axum::Json(app::show(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Sets a risk's level.
#[utoipa::path(post, path = "/risks/{id}/assess", operation_id = "assess_risk", request_body = RiskAssess,
    params(("id" = String, Path, description = "The risk")),
    responses((status = 200, description = "The risk, assessed.", body = RiskDetail)))]
pub async fn assess(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<RiskAssess>,
) -> Answer<axum::Json<RiskDetail>> {
    Ok(axum::Json(app::assess(&state, signed.person(), &Id::from_text(id), input).await?))
}

/// Moves a risk along the closed loop.
#[utoipa::path(post, path = "/risks/{id}/move", operation_id = "move_risk", request_body = RiskMove,
    params(("id" = String, Path, description = "The risk")),
    responses((status = 200, description = "The risk, moved.", body = RiskDetail)))]
pub async fn advance(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<RiskMove>,
) -> Answer<axum::Json<RiskDetail>> {
    Ok(axum::Json(app::advance(&state, signed.person(), &Id::from_text(id), input).await?))
}
