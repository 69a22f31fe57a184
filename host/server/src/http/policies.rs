//! Access policies: what holds, and sets that are proposed and put in force by two people; and resets that were done by one.

use anshu_model::Id;
use axum::extract::State;

use super::guard::{AnySession, SignedIn};
use super::problem::{Answer, Json, Path};
use crate::app::session::Must;
use crate::app::{App, policies as app};
use crate::view::policy::{
    PoliciesView, PolicyDetail, PolicyDraft, PolicyProposal, PolicyRefusal, PolicyReport,
    PolicyResetView,
};
use crate::view::session::Session;

/// The policies that hold, and the centre's own sets.
#[utoipa::path(get, path = "/policies", operation_id = "policies",
    responses((status = 200, description = "The policies.", body = PoliciesView)))]
pub async fn show(State(state): State<App>, signed: SignedIn) -> Answer<axum::Json<PoliciesView>> {
    let context = state.context(signed.person(), None)?;
    Ok(axum::Json(app::shown(&state, &context).await?))
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
    let PolicyProposal { files, set, shipped, reason } = request;
    let proposed = app::proposed(PolicyDraft { files, set, shipped })?;
    state.data.propose_policies(&context, proposed, &reason).await?;
    Ok(axum::Json(app::shown(&state, &context).await?))
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
    Ok(axum::Json(app::shown(&state, &context).await?))
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
    Ok(axum::Json(app::shown(&state, &context).await?))
}

/// One of the centre's own sets: its files, and what it would change beside what holds.
#[utoipa::path(get, path = "/policies/{id}", operation_id = "policySet",
    params(("id" = String, Path, description = "The set")),
    responses((status = 200, description = "The set.", body = PolicyDetail)))]
pub async fn detail(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<PolicyDetail>> {
    let context = state.context(signed.person(), None)?;
    Ok(axum::Json(app::detail(&state, &context, &Id::from_text(id)).await?))
}

/// What files would be as policies, before they are proposed. Changes nothing.
#[utoipa::path(post, path = "/policies/check", operation_id = "checkPolicies", request_body = PolicyDraft,
    responses((status = 200, description = "What was found.", body = PolicyReport)))]
pub async fn check(
    State(state): State<App>,
    signed: SignedIn,
    Json(draft): Json<PolicyDraft>,
) -> Answer<axum::Json<PolicyReport>> {
    let context = state.context(signed.person(), None)?;
    Ok(axum::Json(app::report(&state, &context, app::proposed(draft)?).await?))
}

/// What comes before having seen a reset.
const FIRST: [Must; 3] = [Must::Confirm, Must::Password, Must::Factor];

/// Resets of the policies that the person has to see before anything else.
#[utoipa::path(get, path = "/session/policy-resets", operation_id = "policyResets",
    responses((status = 200, description = "Those that wait.", body = Vec<PolicyResetView>)))]
pub async fn resets(
    State(state): State<App>,
    signed: AnySession,
) -> Answer<axum::Json<Vec<PolicyResetView>>> {
    signed.unless(&FIRST)?;
    Ok(axum::Json(app::to_see(&state, &signed.0).await?))
}

/// The person has seen a reset.
#[utoipa::path(post, path = "/session/policy-resets/{number}/seen", operation_id = "seePolicyReset",
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "Seen, and in the log.", body = Session)))]
pub async fn see_reset(
    State(state): State<App>,
    signed: AnySession,
    Path(number): Path<u64>,
) -> Answer<axum::Json<Session>> {
    signed.unless(&FIRST)?;
    Ok(axum::Json(app::see(&state, signed.0, number).await?))
}
