//! Upgrade plans.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, upgrades as app};
use crate::view::upgrade::{
    ConfirmationRequest, UnconfirmedQuery, UnconfirmedView, UndoRequest, UpgradeItemQuery,
    UpgradePage, UpgradeRequest, UpgradeView,
};

/// All plans, the latest first.
#[utoipa::path(get, path = "/upgrades", operation_id = "upgrades",
    responses((status = 200, description = "The plans.", body = [UpgradeView])))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<Vec<UpgradeView>>> {
    Ok(axum::Json(app::list(&state, signed.person()).await?))
}

/// Makes a plan: a dry run over every open case of older versions. It changes no case; its progress is in the plan.
#[utoipa::path(post, path = "/upgrades", operation_id = "plan_upgrade", request_body = UpgradeRequest,
    responses((status = 200, description = "The plan, at work.", body = UpgradeView)))]
pub async fn plan(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<UpgradeRequest>,
) -> Answer<axum::Json<UpgradeView>> {
    Ok(axum::Json(app::plan(&state, signed.person(), request).await?))
}

/// One plan, with its progress and its journal.
#[utoipa::path(get, path = "/upgrades/{id}", operation_id = "upgrade", params(("id" = String, Path, description = "The plan")),
    responses((status = 200, description = "The plan.", body = UpgradeView)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<UpgradeView>> {
    Ok(axum::Json(app::show(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Cases of a plan: what it means for each.
#[utoipa::path(get, path = "/upgrades/{id}/items", operation_id = "upgrade_items",
    params(("id" = String, Path, description = "The plan"), UpgradeItemQuery),
    responses((status = 200, description = "A page.", body = UpgradePage)))]
pub async fn items(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<UpgradeItemQuery>,
) -> Answer<axum::Json<UpgradePage>> {
    Ok(axum::Json(app::items(&state, signed.person(), &Id::from_text(id), query).await?))
}

/// Agrees to a plan. Two people in two roles must.
#[utoipa::path(post, path = "/upgrades/{id}/approve", operation_id = "approve_upgrade",
    params(("id" = String, Path, description = "The plan")),
    responses((status = 200, description = "The plan.", body = UpgradeView)))]
pub async fn approve(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<UpgradeView>> {
    Ok(axum::Json(app::approve(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Applies an approved plan, batch by batch; its progress is in the plan.
#[utoipa::path(post, path = "/upgrades/{id}/apply", operation_id = "apply_upgrade",
    params(("id" = String, Path, description = "The plan")),
    responses((status = 200, description = "The plan, at work.", body = UpgradeView)))]
pub async fn apply(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<UpgradeView>> {
    Ok(axum::Json(app::apply(&state, signed.person(), &Id::from_text(id)).await?))
}

/// The cases that plans left to a person, and that wait for the word of the one who asks: those that their unit leads.
#[utoipa::path(get, path = "/upgrades/unconfirmed", operation_id = "unconfirmed_upgrades", params(UnconfirmedQuery),
    responses((status = 200, description = "The cases.", body = [UnconfirmedView])))]
pub async fn unconfirmed(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<UnconfirmedQuery>,
) -> Answer<axum::Json<Vec<UnconfirmedView>>> {
    Ok(axum::Json(app::unconfirmed(&state, signed.person(), query).await?))
}

/// Says that a case goes over to a plan's version, or that it does not. Who handles it in the unit that leads it may.
#[utoipa::path(post, path = "/upgrades/{id}/items/{case}", operation_id = "confirm_upgrade", request_body = ConfirmationRequest,
    params(("id" = String, Path, description = "The plan"), ("case" = String, Path, description = "The case")),
    responses((status = 200, description = "The cases that still wait.", body = [UnconfirmedView])))]
pub async fn confirm(
    State(state): State<App>,
    signed: SignedIn,
    Path((id, case)): Path<(String, String)>,
    Json(request): Json<ConfirmationRequest>,
) -> Answer<axum::Json<Vec<UnconfirmedView>>> {
    let (id, case) = (Id::from_text(id), Id::from_text(case));
    Ok(axum::Json(app::confirm(&state, signed.person(), &id, &case, request).await?))
}

/// Takes a case back, or all that nobody has acted on since.
#[utoipa::path(post, path = "/upgrades/{id}/undo", operation_id = "undo_upgrade", request_body = UndoRequest,
    params(("id" = String, Path, description = "The plan")),
    responses((status = 200, description = "The plan.", body = UpgradeView)))]
pub async fn undo(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(request): Json<UndoRequest>,
) -> Answer<axum::Json<UpgradeView>> {
    Ok(axum::Json(app::undo(&state, signed.person(), &Id::from_text(id), request).await?))
}
