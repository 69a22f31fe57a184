//! Upgrade plans: made, seen, approved, applied, taken back. The work itself is done by one worker, page by page and batch by
//! batch, so that what is interrupted goes on where it was, whoever began it.

use std::time::Duration;

use anshu_data::{Confirmation, Progress, UpgradeState};
use anshu_model::clock::Term;
use anshu_model::context::{OpContext, PackRef};
use anshu_model::org::Person;
use anshu_model::port::Answer;
use anshu_model::transition::{Asks, Migrated};
use anshu_model::{Error, Id, Result};
use tokio_util::sync::CancellationToken;

use super::App;
use super::cases::checked;
use crate::jobs;
use crate::view::upgrade::{
    ConfirmationRequest, UnconfirmedQuery, UnconfirmedView, UndoRequest, UpgradeItemQuery,
    UpgradeItemView, UpgradePage, UpgradeRequest, UpgradeView,
};
use crate::view::{MAX_PAGE, page_length};

/// How long the worker rests while there is nothing to do.
const REST: Duration = Duration::from_millis(500);
/// After how many rests it looks for cases that have gone to their next stage.
const FOLLOW: u32 = 20;

/// Makes a plan. Its cases are placed by the worker.
///
/// # Errors
/// [`Error::NotFound`] where no such version is stored; as [`anshu_data::Data::begin_upgrade`].
pub async fn begin(
    app: &App,
    ctx: &OpContext,
    pack: &str,
    version: Option<&str>,
    notice: Option<Term>,
) -> Result<Id> {
    // What may be planned is asked before what is stored is told.
    app.data.allows(ctx, "plan-upgrade").await?;
    let stored = app.sandbox.stored().into_iter().map(|(found, _)| found);
    let mut stored = stored.filter(|found| found.reference.name == pack);
    let found = match version {
        Some(version) => stored.find(|found| found.reference.version == version),
        None => stored.max_by(|a, b| newer(&a.reference, &b.reference)),
    };
    let found = found.ok_or_else(|| match version {
        Some(version) => Error::NotFound(format!("插件 {pack} {version}；请先安装该版本")),
        None => Error::NotFound(format!("插件 {pack}；请核对名称，或先安装该插件")),
    })?;
    app.data.begin_upgrade(ctx, &found.reference, notice.or(app.settings.upgrade_notice)).await
}

/// Makes a plan for a person.
///
/// # Errors
/// As [`begin`].
pub async fn plan(app: &App, person: &Person, request: UpgradeRequest) -> Result<UpgradeView> {
    let ctx = app.context(person, None)?;
    let notice = request.notice.map(|notice| notice.term()).transpose()?;
    let version = request.version.filter(|version| !version.is_empty());
    let id = begin(app, &ctx, &request.pack, version.as_deref(), notice).await?;
    show(app, person, &id).await
}

/// All plans, the latest first.
///
/// # Errors
/// [`Error::Denied`] for who neither makes, approves nor takes them back.
pub async fn list(app: &App, person: &Person) -> Result<Vec<UpgradeView>> {
    let ctx = app.context(person, None)?;
    let plans = app.data.upgrades(&ctx).await?;
    let words = app.words().await?;
    Ok(plans.iter().map(|plan| UpgradeView::of(plan, &[], &words)).collect())
}

/// One plan with its journal.
///
/// # Errors
/// As [`list`]; [`Error::NotFound`] where there is none.
pub async fn show(app: &App, person: &Person, id: &Id) -> Result<UpgradeView> {
    view(app, &app.context(person, None)?, id).await
}

/// One plan, for whoever the context is.
///
/// # Errors
/// As [`show`].
pub async fn view(app: &App, ctx: &OpContext, id: &Id) -> Result<UpgradeView> {
    let plan = app.data.upgrade(ctx, id).await?;
    let journal = app.data.upgrade_journal(ctx, id).await?;
    Ok(UpgradeView::of(&plan, &journal, &app.words().await?))
}

/// Cases of a plan.
///
/// # Errors
/// As [`show`]; [`Error::Invalid`] for a bin or a state that is none.
pub async fn items(
    app: &App,
    person: &Person,
    id: &Id,
    query: UpgradeItemQuery,
) -> Result<UpgradePage> {
    items_of(app, &app.context(person, None)?, id, query).await
}

/// Cases of a plan, for whoever the context is.
///
/// # Errors
/// As [`items`].
pub async fn items_of(
    app: &App,
    ctx: &OpContext,
    id: &Id,
    query: UpgradeItemQuery,
) -> Result<UpgradePage> {
    let only = query.only()?;
    let limit = page_length(query.limit);
    let after = query.after.as_deref().filter(|after| !after.is_empty());
    let found = app.data.upgrade_items(ctx, id, only, after, limit).await?;
    let full = found.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    let next = found.last().filter(|_| full).map(|last| last.key(id));
    let words = app.words().await?;
    let items = found.iter().map(|item| UpgradeItemView::of(item, &words)).collect();
    Ok(UpgradePage { items, next })
}

/// Agrees to a plan.
///
/// # Errors
/// As [`anshu_data::Data::approve_upgrade`].
pub async fn approve(app: &App, person: &Person, id: &Id) -> Result<UpgradeView> {
    app.data.approve_upgrade(&app.context(person, None)?, id).await?;
    show(app, person, id).await
}

/// Lets an approved plan be applied. The worker does it.
///
/// # Errors
/// As [`anshu_data::Data::start_upgrade`].
pub async fn apply(app: &App, person: &Person, id: &Id) -> Result<UpgradeView> {
    app.data.start_upgrade(&app.context(person, None)?, id).await?;
    show(app, person, id).await
}

/// Takes one case back at once, or lets the worker take back all that still can.
///
/// # Errors
/// As [`anshu_data::Data::undo_case`] and [`anshu_data::Data::start_undo`].
pub async fn undo(
    app: &App,
    person: &Person,
    id: &Id,
    request: UndoRequest,
) -> Result<UpgradeView> {
    let ctx = app.context(person, None)?;
    match request.case.filter(|case| !case.is_empty()) {
        Some(case) => app.data.undo_case(&ctx, id, &Id::from_text(case)).await?,
        None => {
            app.data.start_undo(&ctx, id).await?;
        }
    }
    show(app, person, id).await
}

/// The cases that wait for this person's word.
///
/// # Errors
/// As [`anshu_data::Data::unconfirmed`].
pub async fn unconfirmed(
    app: &App,
    person: &Person,
    query: UnconfirmedQuery,
) -> Result<Vec<UnconfirmedView>> {
    let case = query.case.filter(|case| !case.is_empty()).map(Id::from_text);
    let ctx = app.context(person, case.clone())?;
    let found = app.data.unconfirmed(&ctx, case.as_ref(), MAX_PAGE).await?;
    let words = app.words().await?;
    Ok(found.iter().map(|one| UnconfirmedView::of(one, &words)).collect())
}

/// Takes a person's word about a case of a plan.
///
/// # Errors
/// As [`anshu_data::Data::confirm_case`].
pub async fn confirm(
    app: &App,
    person: &Person,
    id: &Id,
    case: &Id,
    request: ConfirmationRequest,
) -> Result<Vec<UnconfirmedView>> {
    let reason = checked("/reason", &request.reason, true)?;
    let word = Confirmation { accepts: request.accepts, reason };
    let ctx = app.context(person, Some(case.clone()))?;
    app.data.confirm_case(&ctx, id, case, word, &Packs(app)).await?;
    unconfirmed(app, person, UnconfirmedQuery::default()).await
}

/// Does the next piece of a plan's work.
///
/// # Errors
/// Where storage does not answer.
pub async fn advance(app: &App, id: &Id, state: UpgradeState) -> Result<Progress> {
    let ctx = app.operator("upgrade")?;
    let packs = Packs(app);
    match state {
        UpgradeState::Planning => app.data.place_upgrade(&ctx, id, &packs).await,
        UpgradeState::Applying => app.data.apply_upgrade(&ctx, id, &packs).await,
        UpgradeState::Undoing => app.data.undo_upgrade(&ctx, id).await,
        UpgradeState::Proposed
        | UpgradeState::Approved
        | UpgradeState::Applied
        | UpgradeState::Undone => Ok(Progress { done: 0, total: 0, more: false }),
    }
}

/// Works until it is stopped: whatever plan has something to be done.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let mut rests = 0_u32;
    while !stop.is_cancelled() {
        match round(&app, rests.is_multiple_of(FOLLOW)).await {
            Ok(true) => {
                rests = 1;
                tokio::task::yield_now().await;
                continue;
            }
            Ok(false) => {}
            // Another node does the same page.
            Err(Error::Conflict(_)) => {}
            Err(error) => tracing::warn!(%error, "an upgrade plan does not go on"),
        }
        rests = rests.wrapping_add(1);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}

/// One piece of work, where there is any.
async fn round(app: &App, follow: bool) -> Result<bool> {
    if let Some((id, state)) = app.data.upgrades_at_work().await?.into_iter().next() {
        advance(app, &id, state).await?;
        return Ok(true);
    }
    Ok(follow && app.data.follow_upgrades(&app.operator("upgrade")?).await? > 0)
}

/// The packs in the sandbox, to be asked about cases by their own named duty.
struct Packs<'a>(&'a App);

impl Asks for Packs<'_> {
    fn ask<'a>(&'a self, case: &'a Id, from: &'a PackRef, to: &'a PackRef) -> Answer<'a, Migrated> {
        Box::pin(async move {
            let Self(app) = self;
            let mut stored = app.sandbox.stored().into_iter().map(|(pack, _)| pack);
            let found = stored.find(|pack| pack.reference == *to).ok_or_else(|| {
                Error::Unavailable(format!("插件 {} {} 没有装入", to.name, to.version))
            })?;
            let context = jobs::context(app, &found)?;
            let answer = app.sandbox.migrate(&app.data, context, from, to, case).await?;
            Ok(Migrated { substage: answer.substage, note: answer.note, manual: answer.manual })
        })
    }
}

/// By semver; a version that is none comes first.
fn newer(a: &PackRef, b: &PackRef) -> std::cmp::Ordering {
    let older = anshu_model::transition::is_older;
    match (older(&a.version, &b.version), older(&b.version, &a.version)) {
        (true, false) => std::cmp::Ordering::Less,
        (false, true) => std::cmp::Ordering::Greater,
        _ => std::cmp::Ordering::Equal,
    }
}
