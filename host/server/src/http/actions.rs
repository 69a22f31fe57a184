//! Declared actions of packs.

use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, act, prefill as app};
use crate::view::decision::{ActionRequest, ActionResult};
use crate::view::prefill::{PrefillQuery, PrefillView};

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

/// What the action's form need not ask again: what the centre holds of its subject, as far as this person sees it as it is.
#[utoipa::path(get, path = "/actions/{pack}/{action}/prefill", operation_id = "prefill",
    params(("pack" = String, Path, description = "The pack"), ("action" = String, Path, description = "The action"), PrefillQuery),
    responses((status = 200, description = "Values with their sources.", body = [PrefillView])))]
pub async fn prefill(
    State(state): State<App>,
    signed: SignedIn,
    Path((pack, action)): Path<(String, String)>,
    Query(query): Query<PrefillQuery>,
) -> Answer<axum::Json<Vec<PrefillView>>> {
    let subject = query.subject.as_deref().filter(|subject| !subject.is_empty());
    Ok(axum::Json(app::show(&state, signed.person(), &pack, &action, subject).await?))
}
