//! Cases.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, cases as app};
use crate::view::Text;
use crate::view::case::{CaseDetail, CaseMove, CasePage, CaseQuery};

/// The cases that this person sees, the most pressing first.
#[utoipa::path(get, path = "/cases", operation_id = "cases", params(CaseQuery),
    responses((status = 200, description = "A page.", body = CasePage)))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<CaseQuery>,
) -> Answer<axum::Json<CasePage>> {
    Ok(axum::Json(app::list(&state, signed.person(), query).await?))
}

/// One case.
#[utoipa::path(get, path = "/cases/{id}", operation_id = "case", params(("id" = String, Path, description = "The case")),
    responses((status = 200, description = "The case.", body = CaseDetail)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<CaseDetail>> {
    Ok(axum::Json(app::show(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Moves a case along the spine.
#[utoipa::path(post, path = "/cases/{id}/move", operation_id = "move_case", request_body = CaseMove,
    params(("id" = String, Path, description = "The case")),
    responses((status = 200, description = "The case, moved.", body = CaseDetail)))]
pub async fn advance(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<CaseMove>,
) -> Answer<axum::Json<CaseDetail>> {
    Ok(axum::Json(app::advance(&state, signed.person(), &Id::from_text(id), input).await?))
}

/// Writes a line into a case's timeline.
#[utoipa::path(post, path = "/cases/{id}/notes", operation_id = "note_case", request_body = Text,
    params(("id" = String, Path, description = "The case")),
    responses((status = 200, description = "The case, with the line.", body = CaseDetail)))]
pub async fn note(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<Text>,
) -> Answer<axum::Json<CaseDetail>> {
    Ok(axum::Json(app::note(&state, signed.person(), &Id::from_text(id), &input.text).await?))
}

/// Answers the person whose matter it is.
#[utoipa::path(post, path = "/cases/{id}/reply", operation_id = "reply_case", request_body = Text,
    params(("id" = String, Path, description = "The case")),
    responses((status = 200, description = "The case, answered.", body = CaseDetail)))]
pub async fn reply(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<Text>,
) -> Answer<axum::Json<CaseDetail>> {
    Ok(axum::Json(app::reply(&state, signed.person(), &Id::from_text(id), &input.text).await?))
}
