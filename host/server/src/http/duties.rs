//! Duties.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, duties as app};
use crate::view::duty::{Complete, DutyPage, DutyQuery, DutyView};

/// The duties that this person sees.
#[utoipa::path(get, path = "/duties", operation_id = "duties", params(DutyQuery),
    responses((status = 200, description = "A page.", body = DutyPage)))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<DutyQuery>,
) -> Answer<axum::Json<DutyPage>> {
    Ok(axum::Json(app::list(&state, signed.person(), query).await?))
}

/// Records that a duty is done.
#[utoipa::path(post, path = "/duties/{id}/complete", operation_id = "complete_duty", request_body = Complete,
    params(("id" = String, Path, description = "The duty")),
    responses((status = 200, description = "The duty, done.", body = DutyView)))]
pub async fn complete(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<Complete>,
) -> Answer<axum::Json<DutyView>> {
    Ok(axum::Json(app::complete(&state, signed.person(), &Id::from_text(id), input).await?))
}
