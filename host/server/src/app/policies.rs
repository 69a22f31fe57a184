//! Access policies: what holds, what is proposed, what that would change; and resets that somebody has to see.

pub mod diff;

use anshu_data::{PolicyFile, PolicyReset, ProposedPolicies, ResetPlan, ResetTo};
use anshu_model::context::OpContext;
use anshu_model::{Error, Id, Result};

use super::App;
use super::session::{self, Signed};
use crate::view::policy::{
    PoliciesView, PolicyDetail, PolicyDraft, PolicyEffectsView, PolicyFileDifference,
    PolicyFileView, PolicyReport, PolicyResetView, PolicySetView, Staff,
};
use crate::view::session::Session;

/// The policies that hold, and the centre's own sets.
///
/// # Errors
/// [`Error::Denied`] where the post does not see them.
pub async fn shown(app: &App, context: &OpContext) -> Result<PoliciesView> {
    let now = app.data.policies(context).await?;
    let sets = app.data.policy_sets(context).await?;
    let resets = app.data.policy_resets(context).await?;
    let words = app.words().await?;
    let staff = Staff::new(app.data.staff_names().await?, &context.principal);
    let set = |set| PolicySetView::of(set, &now.files, &resets, &staff, &words);
    Ok(PoliciesView {
        digest: now.digest.clone(),
        shipped: now.shipped,
        since: now.since.map(|at| words.at(at)),
        by: now.set.as_ref().map(set),
        files: now.files.iter().map(PolicyFileView::from).collect(),
        sets: sets.iter().map(set).collect(),
        resets: resets.iter().map(|reset| PolicyResetView::of(reset, &staff, &words)).collect(),
        proposes: app.data.may(context, "propose-policies"),
        approves: app.data.may(context, "approve-policies"),
    })
}

/// One of the centre's own sets: its files, and what it would change beside what holds.
///
/// # Errors
/// As [`shown`]; [`Error::NotFound`] where there is none.
pub async fn detail(app: &App, context: &OpContext, id: &Id) -> Result<PolicyDetail> {
    let set = app.data.policy_set(context, id).await?;
    let now = app.data.policies(context).await?;
    let resets = app.data.policy_resets(context).await?;
    let words = app.words().await?;
    let staff = Staff::new(app.data.staff_names().await?, &context.principal);
    let report = report(app, context, ProposedPolicies::Earlier(id.clone())).await?;
    Ok(PolicyDetail {
        set: PolicySetView::of(&set, &now.files, &resets, &staff, &words),
        files: set.files.iter().map(PolicyFileView::from).collect(),
        report,
    })
}

/// What a proposal would be, before it is one.
///
/// # Errors
/// As [`shown`].
pub async fn report(
    app: &App,
    context: &OpContext,
    proposed: ProposedPolicies,
) -> Result<PolicyReport> {
    let now = app.data.policies(context).await?;
    let (files, problems) = app.data.proposed_policies(context, proposed).await?;
    let effects = match app.data.policy_effects(context, files.clone()).await {
        Ok(effects) => Some(PolicyEffectsView::of(&effects)),
        // What cannot be read as policies has no effect to tell; its problems say why.
        Err(Error::Invalid(_)) => None,
        Err(other) => return Err(other),
    };
    let problems = problems.into_iter().map(Into::into).collect();
    Ok(PolicyReport { problems, differences: differences(&now.files, &files), effects })
}

/// What differs, file by file.
#[must_use]
pub fn differences(now: &[PolicyFile], then: &[PolicyFile]) -> Vec<PolicyFileDifference> {
    let mut names: Vec<&str> = now.iter().chain(then).map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let text = |files: &'_ [PolicyFile], name: &str| {
        files.iter().find(|file| file.name == name).map(|file| file.text.clone())
    };
    let of = |name: &str| PolicyFileDifference::of(name, text(now, name), text(then, name));
    names.into_iter().filter_map(of).collect()
}

/// What somebody proposes: one of three ways, and only one.
///
/// # Errors
/// [`Error::Invalid`] where it is none, or several.
pub fn proposed(draft: PolicyDraft) -> Result<ProposedPolicies> {
    match draft {
        PolicyDraft { files: Some(files), set: None, shipped: false } => {
            let file = |file: PolicyFileView| PolicyFile { name: file.name, text: file.text };
            Ok(ProposedPolicies::Files(files.into_iter().map(file).collect()))
        }
        PolicyDraft { files: None, set: Some(set), shipped: false } => {
            Ok(ProposedPolicies::Earlier(Id::from_text(set)))
        }
        PolicyDraft { files: None, set: None, shipped: true } => Ok(ProposedPolicies::Shipped),
        _ => Err(Error::invalid("/", "没有写明，或写了几样", "files、set、shipped 之一")),
    }
}

/// What going back would do while the centre stands still: to `shipped`, or to a set by its id. Changes nothing.
///
/// # Errors
/// As [`anshu_data::Data::plan_reset`].
pub async fn plan_reset(app: &App, to: &str) -> Result<ResetPlan> {
    let to = match to {
        "shipped" => ResetTo::Shipped,
        set => ResetTo::Earlier(Id::from_text(set)),
    };
    app.data.plan_reset(&app.operator("policy-reset")?, to).await
}

/// Goes back as planned, in the name of somebody who has an account.
///
/// # Errors
/// [`Error::Invalid`] where there is no such account; as [`anshu_data::Data::reset_policies`].
pub async fn reset(app: &App, plan: ResetPlan, login: &str, reason: &str) -> Result<PolicyReset> {
    let account = app.data.account(login).await?;
    let account =
        account.ok_or_else(|| Error::invalid("--as", "没有这个账号", "已建立的登录名"))?;
    let context = app.operator("policy-reset")?;
    app.data.reset_policies(&context, plan, &account.person, reason).await
}

/// The resets that this session has to see before anything else.
///
/// # Errors
/// Where storage does not answer.
pub async fn to_see(app: &App, signed: &Signed) -> Result<Vec<PolicyResetView>> {
    let context = app.context(&signed.person, None)?;
    let words = app.words().await?;
    let staff = Staff::new(app.data.staff_names().await?, &context.principal);
    let resets = app.data.resets_to_see(&context);
    Ok(resets.iter().map(|reset| PolicyResetView::of(reset, &staff, &words)).collect())
}

/// Somebody has seen a reset.
///
/// # Errors
/// As [`anshu_data::Data::see_reset`].
pub async fn see(app: &App, mut signed: Signed, number: u64) -> Result<Session> {
    let context = app.context(&signed.person, None)?;
    app.data.see_reset(&context, number).await?;
    if app.data.resets_to_see(&context).is_empty() {
        signed.must = signed.must.filter(|must| *must != session::Must::Policies);
    }
    session::show(app, &signed).await
}
