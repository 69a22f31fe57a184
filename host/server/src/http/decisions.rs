//! Decisions.

use anshu_model::Id;
use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Path};
use crate::app::{App, decisions as app};
use crate::view::decision::{DecisionDetail, ReplayResult};

/// A decision, explained.
#[utoipa::path(get, path = "/decisions/{id}", operation_id = "decision",
    params(("id" = String, Path, description = "The decision")),
    responses((status = 200, description = "The decision record.", body = DecisionDetail)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<Json<DecisionDetail>> {
    Ok(Json(app::show(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Runs a decision again on what it read. Nothing is changed.
#[utoipa::path(post, path = "/decisions/{id}/replay", operation_id = "replay",
    params(("id" = String, Path, description = "The decision")),
    responses((status = 200, description = "Whether the same came out.", body = ReplayResult)))]
pub async fn replay(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<Json<ReplayResult>> {
    Ok(Json(app::replay(&state, signed.person(), &Id::from_text(id)).await?))
}
