//! Packs.

use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::Answer;
use crate::app::{App, packs as app};
use crate::view::pack::PackView;

/// The installed packs with what they were granted.
#[utoipa::path(get, path = "/packs", operation_id = "packs",
    responses((status = 200, description = "The packs.", body = [PackView])))]
pub async fn list(State(state): State<App>, signed: SignedIn) -> Answer<Json<Vec<PackView>>> {
    Ok(Json(app::list(&state, signed.person()).await?))
}
