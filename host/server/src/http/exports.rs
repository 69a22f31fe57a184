//! Bulk exports.

use anshu_model::{Error, Id};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, exports as app};
use crate::view::export::{
    ColumnQuery, ColumnView, EstimateView, ExportAnswer, ExportRequest, ExportView,
};

/// Exports that concern this person, the latest first.
#[utoipa::path(get, path = "/exports", operation_id = "exports",
    responses((status = 200, description = "The exports.", body = [ExportView])))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<Vec<ExportView>>> {
    Ok(axum::Json(app::list(&state, signed.person()).await?))
}

/// The columns that an export of a kind may have.
#[utoipa::path(get, path = "/exports/columns", operation_id = "export_columns", params(ColumnQuery),
    responses((status = 200, description = "The columns.", body = [ColumnView])))]
pub async fn columns(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<ColumnQuery>,
) -> Answer<axum::Json<Vec<ColumnView>>> {
    Ok(axum::Json(app::columns(&state, signed.person(), query).await?))
}

/// Says what an export would be, and keeps nothing.
#[utoipa::path(post, path = "/exports/rehearse", operation_id = "rehearse_export", request_body = ExportRequest,
    responses((status = 200, description = "What it would be.", body = EstimateView)))]
pub async fn rehearse(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<ExportRequest>,
) -> Answer<axum::Json<EstimateView>> {
    Ok(axum::Json(app::rehearse(&state, signed.person(), request).await?))
}

/// Asks for an export.
#[utoipa::path(post, path = "/exports", operation_id = "ask_export", request_body = ExportRequest,
    responses((status = 200, description = "The export: waiting to be approved, or being produced.", body = ExportView)))]
pub async fn ask(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<ExportRequest>,
) -> Answer<axum::Json<ExportView>> {
    Ok(axum::Json(app::ask(&state, signed.person(), request).await?))
}

/// One export.
#[utoipa::path(get, path = "/exports/{id}", operation_id = "export", params(("id" = String, Path, description = "The export")),
    responses((status = 200, description = "The export.", body = ExportView)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<ExportView>> {
    Ok(axum::Json(app::show(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Agrees to an export that somebody else asked for, or refuses it.
#[utoipa::path(post, path = "/exports/{id}/decide", operation_id = "decide_export", request_body = ExportAnswer,
    params(("id" = String, Path, description = "The export")),
    responses((status = 200, description = "The export.", body = ExportView)))]
pub async fn decide(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(answer): Json<ExportAnswer>,
) -> Answer<axum::Json<ExportView>> {
    Ok(axum::Json(app::decide(&state, signed.person(), &Id::from_text(id), &answer).await?))
}

/// Hands the file over, once, to who asked for it. An unsafe request on purpose: it carries the session's own token, so no
/// link can be passed on, and what was taken is gone.
#[utoipa::path(post, path = "/exports/{id}/file", operation_id = "take_export",
    params(("id" = String, Path, description = "The export")),
    responses((status = 200, description = "The file.", body = Vec<u8>, content_type = "application/octet-stream")))]
pub async fn take(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<Response> {
    let (name, kind, file) = app::take(&state, &signed.0, &Id::from_text(id)).await?;
    let mut response = file.into_response();
    let header = |text: &str| {
        HeaderValue::from_str(text).map_err(|error| Error::Internal(error.to_string()))
    };
    let attached = header(&format!("attachment; filename=\"{name}\""))?;
    response.headers_mut().insert(CONTENT_DISPOSITION, attached);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}
