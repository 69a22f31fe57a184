//! Openings of protected records.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, openings as app};
use crate::view::opening::{
    OpeningApproval, OpeningItem, OpeningQuery, OpeningRefusal, OpeningRequest,
};

/// The person's own openings, or those that the person may approve; those that wait first.
#[utoipa::path(get, path = "/openings", operation_id = "openings", params(OpeningQuery),
    responses((status = 200, description = "The openings.", body = [OpeningItem])))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<OpeningQuery>,
) -> Answer<axum::Json<Vec<OpeningItem>>> {
    Ok(axum::Json(app::list(&state, signed.person(), query.to_approve).await?))
}

/// States a ground for looking at a protected record.
#[utoipa::path(post, path = "/openings", operation_id = "stateOpening", request_body = OpeningRequest,
    responses((status = 200, description = "It waits for an approver; masks are shown.", body = OpeningItem)))]
pub async fn state(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<OpeningRequest>,
) -> Answer<axum::Json<OpeningItem>> {
    Ok(axum::Json(app::state(&state, signed.person(), request).await?))
}

/// Opens a record to who asked, for so many minutes.
#[utoipa::path(post, path = "/openings/{id}/approve", operation_id = "approveOpening", request_body = OpeningApproval,
    params(("id" = String, Path, description = "The opening")),
    responses((status = 200, description = "It is open.", body = OpeningItem)))]
pub async fn approve(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<OpeningApproval>,
) -> Answer<axum::Json<OpeningItem>> {
    let id = Id::from_text(id);
    Ok(axum::Json(app::approve(&state, signed.person(), &id, input.minutes).await?))
}

/// Does not open it, and says why.
#[utoipa::path(post, path = "/openings/{id}/refuse", operation_id = "refuseOpening", request_body = OpeningRefusal,
    params(("id" = String, Path, description = "The opening")),
    responses((status = 200, description = "It is hidden again.", body = OpeningItem)))]
pub async fn refuse(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<OpeningRefusal>,
) -> Answer<axum::Json<OpeningItem>> {
    let id = Id::from_text(id);
    Ok(axum::Json(app::refuse(&state, signed.person(), &id, &input.reason).await?))
}

/// Ends an opening at once.
#[utoipa::path(post, path = "/openings/{id}/withdraw", operation_id = "withdrawOpening",
    params(("id" = String, Path, description = "The opening")),
    responses((status = 200, description = "It has ended.", body = OpeningItem)))]
pub async fn withdraw(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<OpeningItem>> {
    Ok(axum::Json(app::withdraw(&state, signed.person(), &Id::from_text(id)).await?))
}
