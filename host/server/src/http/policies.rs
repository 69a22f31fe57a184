//! Access policies: what holds, and sets that are proposed and put in force by two people.

use anshu_data::PolicyFile;
use anshu_model::Id;
use anshu_model::context::OpContext;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path};
use crate::app::App;
use crate::view::policy::{PoliciesView, PolicyProposal, PolicyRefusal};

/// The policies that hold, and the centre's own sets.
#[utoipa::path(get, path = "/policies", operation_id = "policies",
    responses((status = 200, description = "The policies.", body = PoliciesView)))]
pub async fn show(State(state): State<App>, signed: SignedIn) -> Answer<axum::Json<PoliciesView>> {
    let context = state.context(signed.person(), None)?;
    shown(&state, &context).await
}

/// Proposes a policy set; it holds once a second person agrees.
#[utoipa::path(post, path = "/policies", operation_id = "proposePolicies", request_body = PolicyProposal,
    responses((status = 200, description = "It waits for a second person.", body = PoliciesView)))]
pub async fn propose(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<PolicyProposal>,
) -> Answer<axum::Json<PoliciesView>> {
    signed.require_fresh(&state)?;
    let context = state.context(signed.person(), None)?;
    let files =
        request.files.into_iter().map(|file| PolicyFile { name: file.name, text: file.text });
    state.data.propose_policies(&context, files.collect(), &request.reason).await?;
    shown(&state, &context).await
}

/// Puts a proposed set in force at once, by a second person.
#[utoipa::path(post, path = "/policies/{id}/approve", operation_id = "approvePolicies",
    params(("id" = String, Path, description = "The set")),
    responses((status = 200, description = "It holds.", body = PoliciesView)))]
pub async fn approve(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<PoliciesView>> {
    signed.require_fresh(&state)?;
    let context = state.context(signed.person(), None)?;
    state.data.approve_policies(&context, &Id::from_text(id)).await?;
    shown(&state, &context).await
}

/// Refuses a proposed set, by a second person.
#[utoipa::path(post, path = "/policies/{id}/refuse", operation_id = "refusePolicies", request_body = PolicyRefusal,
    params(("id" = String, Path, description = "The set")),
    responses((status = 200, description = "Nothing has changed.", body = PoliciesView)))]
pub async fn refuse(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(input): Json<PolicyRefusal>,
) -> Answer<axum::Json<PoliciesView>> {
    let context = state.context(signed.person(), None)?;
    state.data.refuse_policies(&context, &Id::from_text(id), &input.reason).await?;
    shown(&state, &context).await
}

async fn shown(state: &App, context: &OpContext) -> Answer<axum::Json<PoliciesView>> {
    let now = state.data.policies(context).await?;
    let sets = state.data.policy_sets(context).await?;
    Ok(axum::Json(PoliciesView::of(&now, &sets, &state.words().await?)))
}
