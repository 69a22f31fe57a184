//! Divisions.

use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Query};
use crate::app::{App, divisions as app};
use crate::view::division::{DivisionQuery, DivisionView};

/// The divisions in the person's own, to choose from: at most 50.
#[utoipa::path(get, path = "/divisions", operation_id = "divisions", params(DivisionQuery),
    responses((status = 200, description = "The divisions, by code.", body = [DivisionView])))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<DivisionQuery>,
) -> Answer<Json<Vec<DivisionView>>> {
    Ok(Json(app::list(&state, signed.person(), query).await?))
}
