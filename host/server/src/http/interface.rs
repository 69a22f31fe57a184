//! What the console is drawn from.

use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::Answer;
use crate::app::{App, interface as app};
use crate::view::interface::Interface;

/// What this person's console is drawn from: only what the unit's functions allow.
#[utoipa::path(get, path = "/interface", operation_id = "interface",
    responses((status = 200, description = "Types, forms, actions and views of the packs in force.", body = Interface)))]
pub async fn show(State(state): State<App>, signed: SignedIn) -> Answer<Json<Interface>> {
    Ok(Json(app::show(&state, signed.person()).await?))
}
