//! Records of any kind.

use anshu_model::Id;
use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Path};
use crate::app::{App, records as app};
use crate::view::record::RecordRef;

/// What an id names: its kind and what it is called.
#[utoipa::path(get, path = "/records/{id}", operation_id = "record",
    params(("id" = String, Path, description = "The record")),
    responses((status = 200, description = "The record, in a line.", body = RecordRef)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<Json<RecordRef>> {
    Ok(Json(app::show(&state, signed.person(), &Id::from_text(id)).await?))
}
