//! Declared actions of packs.

use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path};
use crate::app::{App, act};
use crate::view::decision::{ActionRequest, ActionResult};

/// Does a declared action: one invocation, one transaction.
#[utoipa::path(post, path = "/actions/{pack}/{action}", operation_id = "act", request_body = ActionRequest,
    params(("pack" = String, Path, description = "The pack"), ("action" = String, Path, description = "The action")),
    responses((status = 200, description = "What the pack advised, with its reasons.", body = ActionResult)))]
pub async fn act(
    State(state): State<App>,
    signed: SignedIn,
    Path((pack, action)): Path<(String, String)>,
    Json(input): Json<ActionRequest>,
) -> Answer<axum::Json<ActionResult>> {
    Ok(axum::Json(act::act(&state, signed.person(), &pack, &action, input).await?))
}
