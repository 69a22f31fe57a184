//! Figures of the desk.

use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::Answer;
use crate::app::{App, figures as app};
use crate::view::FiguresView;

/// What waits for this person's eyes.
#[utoipa::path(get, path = "/figures", operation_id = "figures",
    responses((status = 200, description = "The figures.", body = FiguresView)))]
pub async fn show(State(state): State<App>, signed: SignedIn) -> Answer<Json<FiguresView>> {
    Ok(Json(app::show(&state, signed.person()).await?))
}
