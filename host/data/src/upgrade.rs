//! Upgrade plans (衔接方案): what a new version means for the open cases of older ones, as an object that is reviewed,
//! approved by two people, applied batch by batch, and taken back case by case.
//!
//! Owned here: the plan's life, who may take which step of it, and its lists. The work itself stands beside: [`plan`] places
//! cases, [`apply`] moves them, [`confirm`] takes the word of people about what is in doubt, [`undo`] puts cases back. It must
//! not know how a pack is asked: whoever calls brings an [`Asks`](anshu_model::transition::Asks).

mod apply;
mod confirm;
mod plan;
mod row;
mod state;
mod undo;

use std::collections::BTreeMap;

use anshu_model::clock::Term;
use anshu_model::context::{OpContext, PackRef, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::manifest::Manifest;
use anshu_model::transition::{Bin, Outlook, is_older};
use anshu_model::{Error, Id, Result};

use crate::db::{Query, Tx};
use crate::log::kept::{self, Entry};
use crate::org::json;
use crate::{Data, guard};
pub use confirm::{Confirmation, Unconfirmed};
pub use state::{ItemState, UpgradeState};

/// The roles that must agree, each by another person, and what they are called.
const ROLES: [(&str, &str); 2] = [("coordinator", "综治协调"), ("security", "安全管理")];
/// What a person must be allowed to do at least one of to see plans.
const SEEN_BY: [&str; 3] = ["plan-upgrade", "approve-upgrade", "undo-upgrade"];

/// Somebody's agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The role in which it was given.
    pub role: String,
    /// What the role is called.
    pub role_title: &'static str,
    /// The person.
    pub person: Id,
    /// When.
    pub at: Instant,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// The plan.
    pub id: Id,
    /// The version that cases are moved to.
    pub to: PackRef,
    /// Where it stands.
    pub state: UpgradeState,
    /// The least time that a shorter limit leaves; none where the centre has not said.
    pub notice: Option<Term>,
    /// Who made it: a person's id, or `system:job`.
    pub made_by: String,
    /// When.
    pub made_at: Instant,
    /// How many cases the work of the present state has done.
    pub done: u64,
    /// Of how many.
    pub total: u64,
    /// Who agreed so far.
    pub approvals: Vec<Approval>,
    /// How many cases there are by bin and by what was done with them.
    pub counts: BTreeMap<(Bin, ItemState), u64>,
    /// The last case or key that the work of the present state has done.
    place: String,
}

impl Upgrade {
    /// How many cases are in a bin.
    #[must_use]
    pub fn in_bin(&self, bin: Bin) -> u64 {
        self.counts.iter().filter(|((of, _), _)| *of == bin).map(|(_, count)| count).sum()
    }

    /// With how many cases something was done.
    #[must_use]
    pub fn in_state(&self, state: ItemState) -> u64 {
        self.counts.iter().filter(|((_, of), _)| *of == state).map(|(_, count)| count).sum()
    }

    /// Which roles have not agreed yet.
    #[must_use]
    pub fn awaited(&self) -> Vec<&'static str> {
        let given = |role: &str| self.approvals.iter().any(|approval| approval.role == role);
        ROLES.iter().filter(|(role, _)| !given(role)).map(|(_, title)| *title).collect()
    }
}

/// A case of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeItem {
    /// The case.
    pub case: Id,
    /// Its code.
    pub code: String,
    /// Where it is.
    pub division: String,
    /// Where it belongs.
    pub bin: Bin,
    /// What was done with it.
    pub state: ItemState,
    /// What the version means for it.
    pub outlook: Outlook,
    /// Why it was left, or not put back.
    pub reason: Option<String>,
    /// SHA-256 of its body before, and after it was moved.
    pub old_body: String,
    /// See above.
    pub new_body: Option<String>,
    /// The version of the case that moved it.
    pub applied: Option<u64>,
    stage: String,
}

impl UpgradeItem {
    /// What the next page begins after.
    #[must_use]
    pub fn key(&self, plan: &Id) -> String {
        row::item_key(plan, &self.case)
    }
}

/// A line of a plan's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeStep {
    /// When.
    pub at: Instant,
    /// Who: a person's id, or `system:job`.
    pub actor: String,
    /// What was done.
    pub text: String,
}

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Cases done.
    pub done: u64,
    /// Of how many.
    pub total: u64,
    /// Whether there is more to do.
    pub more: bool,
}

impl Data {
    /// Begins a plan: [`Data::place_upgrade`] then places every open case of older versions, page by page.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where the version is not stored; [`Error::Invalid`]
    /// with everything that is wrong with what it declares; [`Error::Conflict`] while another plan of the pack is at work.
    pub async fn begin_upgrade(
        &self,
        context: &OpContext,
        to: &PackRef,
        notice: Option<Term>,
    ) -> Result<Id> {
        self.allow(context, "plan-upgrade", Action::Pack).await?;
        let mut tx = self.inner.db.read().await?;
        let manifest = row::manifest(&mut tx, to).await?;
        check_declared(&mut tx, to, &manifest).await?;
        let count = Query::new("SELECT COUNT(*) FROM record r WHERE r.kind = 'case' AND r.open = 1 AND r.sealed = 0 AND r.type_name IN ")
            .list(manifest.matters.iter().map(|matter| matter.name.as_str()));
        let total = tx.row(count).await?.map(|row| row.count(0)).transpose()?.unwrap_or(0);
        drop(tx);
        let id = Id::derived(&context.id, 0);
        let plan = Upgrade {
            id: id.clone(),
            to: to.clone(),
            state: UpgradeState::Planning,
            notice,
            made_by: actor(context),
            made_at: context.now,
            done: 0,
            total,
            approvals: Vec::new(),
            counts: BTreeMap::new(),
            place: String::new(),
        };
        let leaf = self.step_leaf(context, &plan, "衔接方案：开始预演");
        let step = Step::of(context, format!("开始预演，在办事项 {total} 件"));
        let notice = plan.notice.map(|notice| json(&notice)).transpose()?;
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let busy = Query::new("SELECT id FROM upgrade WHERE state IN ('planning', 'applying', 'undoing') AND pack = ");
                if let Some(busy) = tx.row(busy.bind(plan.to.name.as_str())).await? {
                    let text = format!("该插件的另一衔接方案 {} 正在预演或实施，请等它完成", busy.text(0)?);
                    return Err(Error::Conflict(text));
                }
                let row = vec![
                    (&plan.id).into(),
                    plan.to.name.as_str().into(),
                    plan.to.version.as_str().into(),
                    plan.to.digest.as_str().into(),
                    plan.state.name().into(),
                    notice.into(),
                    plan.made_by.as_str().into(),
                    plan.made_at.into(),
                    plan.done.into(),
                    plan.total.into(),
                    "".into(),
                ];
                let into = "INSERT INTO upgrade (id, pack, version, digest, state, notice, made_by, made_at, done, total, place)";
                tx.insert(into, 11, vec![row], "").await?;
                let entry = kept::UPGRADE.entry(tx, plan.id.as_str()).await?;
                Ok(vec![entry, step.write(tx, &plan.id).await?])
            })
        });
        work.await?;
        Ok(id)
    }

    /// Agrees to a plan, in the one of the two roles that the person has and that is still awaited.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, made the plan, or has agreed already; [`Error::Conflict`] where it is not
    /// to be approved now, or the role has been heard.
    pub async fn approve_upgrade(&self, context: &OpContext, id: &Id) -> Result<Upgrade> {
        self.allow(context, "approve-upgrade", Action::Pack).await?;
        let Principal::Person(person) = &context.principal else {
            let error = Error::Denied("衔接方案须由具名的人员审批，作业不能代为批准".into());
            return Err(self.deny(context, Action::Pack, error).await);
        };
        let plan = self.find_upgrade(id).await?;
        if plan.made_by == person.id.as_str() {
            let error = Error::Denied("方案由本人提出，须由他人审批".into());
            return Err(self.deny(context, Action::Pack, error).await);
        }
        if plan.approvals.iter().any(|approval| approval.person == person.id) {
            let error = Error::Denied("本人已经审批过该方案，另一岗位须由另一人审批".into());
            return Err(self.deny(context, Action::Pack, error).await);
        }
        expect(&plan, &[UpgradeState::Proposed], "审批")?;
        let given = |role: &str| plan.approvals.iter().any(|approval| approval.role == role);
        let open = ROLES.iter().find(|(role, _)| person.roles.contains(*role) && !given(role));
        let Some((role, title)) = open else {
            let awaited = plan.awaited().join("、");
            return Err(Error::Conflict(format!("本岗位已有人审批；还须由“{awaited}”岗位审批")));
        };
        let leaf = self.step_leaf(context, &plan, &format!("衔接方案：{title}同意"));
        let step = Step::of(context, format!("{title}岗位同意"));
        let (role, person, now) = (*role, person.id.clone(), context.now);
        let plan_id = id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let mut plan = row::plan(tx, &plan_id).await?;
                expect(&plan, &[UpgradeState::Proposed], "审批")?;
                let key = format!("{plan_id}/{role}");
                let row = vec![
                    key.as_str().into(),
                    (&plan_id).into(),
                    role.into(),
                    (&person).into(),
                    now.into(),
                ];
                let into = "INSERT INTO upgrade_approval (key, plan_id, role, person, at)";
                tx.insert(into, 5, vec![row], "").await?;
                let mut entries = vec![
                    kept::UPGRADE_APPROVAL.entry(tx, &key).await?,
                    step.write(tx, &plan_id).await?,
                ];
                plan.approvals = row::approvals(tx, &plan_id).await?;
                if plan.awaited().is_empty() {
                    plan.state = UpgradeState::Approved;
                    entries.push(row::save(tx, &plan).await?);
                }
                Ok(entries)
            })
        });
        work.await?;
        self.find_upgrade(id).await
    }

    /// Lets an approved plan be applied: [`Data::apply_upgrade`] then moves its cases, batch by batch.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Conflict`] where it is not approved, or its version is not active
    /// or not in force yet.
    pub async fn start_upgrade(&self, context: &OpContext, id: &Id) -> Result<Upgrade> {
        self.allow(context, "plan-upgrade", Action::Pack).await?;
        let plan = self.find_upgrade(id).await?;
        if plan.state == UpgradeState::Proposed {
            let awaited = plan.awaited().join("、");
            return Err(Error::Conflict(format!("方案还没有批准，还须由“{awaited}”岗位审批")));
        }
        expect(&plan, &[UpgradeState::Approved], "实施")?;
        let mut tx = self.inner.db.read().await?;
        let manifest = row::manifest(&mut tx, &plan.to).await?;
        let state =
            Query::new("SELECT state FROM pack WHERE digest = ").bind(plan.to.digest.as_str());
        let state = tx.row(state).await?.map(|row| row.text(0)).transpose()?;
        drop(tx);
        let to = &plan.to;
        if state.as_deref() != Some("active") {
            let text =
                format!("插件 {} {} 还没有启用；请先启用该版本，再实施衔接", to.name, to.version);
            return Err(Error::Conflict(text));
        }
        let today = context.now.date(self.calendar().offset()).to_string();
        if manifest.effective_from > today {
            let from = &manifest.effective_from;
            let text =
                format!("插件 {} {} 的规定自 {from} 起施行；届时再实施衔接", to.name, to.version);
            return Err(Error::Conflict(text));
        }
        let total = plan.in_state(ItemState::Ready);
        self.turn(context, id, UpgradeState::Approved, UpgradeState::Applying, total, "开始实施")
            .await
    }

    /// Lets a plan that was applied be taken back as far as it can: [`Data::undo_upgrade`] then does so, batch by batch.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Conflict`] where nothing was applied.
    pub async fn start_undo(&self, context: &OpContext, id: &Id) -> Result<Upgrade> {
        self.allow(context, "undo-upgrade", Action::Pack).await?;
        let plan = self.find_upgrade(id).await?;
        expect(&plan, &[UpgradeState::Applied, UpgradeState::Applying], "撤回")?;
        let total = plan.in_state(ItemState::Applied);
        self.turn(context, id, plan.state, UpgradeState::Undoing, total, "开始撤回").await
    }

    /// All plans, the latest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not see them.
    pub async fn upgrades(&self, context: &OpContext) -> Result<Vec<Upgrade>> {
        self.sees_upgrades(context).await?;
        let mut tx = self.inner.db.read().await?;
        let ids = tx.rows(Query::new("SELECT id FROM upgrade ORDER BY made_at DESC, id")).await?;
        let mut plans = Vec::with_capacity(ids.len());
        for id in ids {
            plans.push(row::counted(&mut tx, &id.id(0)?).await?);
        }
        Ok(plans)
    }

    /// One plan.
    ///
    /// # Errors
    /// As [`Data::upgrades`]; [`Error::NotFound`] where there is none.
    pub async fn upgrade(&self, context: &OpContext, id: &Id) -> Result<Upgrade> {
        self.sees_upgrades(context).await?;
        self.find_upgrade(id).await
    }

    /// Cases of a plan in the order of their keys, those after one, perhaps only of a bin or a state.
    ///
    /// # Errors
    /// As [`Data::upgrade`].
    pub async fn upgrade_items(
        &self,
        context: &OpContext,
        id: &Id,
        only: (Option<Bin>, Option<ItemState>),
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<UpgradeItem>> {
        self.sees_upgrades(context).await?;
        let mut tx = self.inner.db.read().await?;
        row::plan(&mut tx, id).await?;
        row::items(&mut tx, id, only, after.unwrap_or_default(), limit).await
    }

    /// What was done for a plan, oldest first.
    ///
    /// # Errors
    /// As [`Data::upgrade`].
    pub async fn upgrade_journal(&self, context: &OpContext, id: &Id) -> Result<Vec<UpgradeStep>> {
        self.sees_upgrades(context).await?;
        let mut tx = self.inner.db.read().await?;
        let query =
            Query::new("SELECT at, actor, text FROM upgrade_journal WHERE plan_id = ").bind(id);
        let rows = tx.rows(query.push(" ORDER BY number")).await?;
        rows.iter()
            .map(|row| {
                Ok(UpgradeStep { at: row.instant(0)?, actor: row.text(1)?, text: row.text(2)? })
            })
            .collect()
    }

    /// Plans that have work to be done, oldest first: to be placed, applied or taken back.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn upgrades_at_work(&self) -> Result<Vec<(Id, UpgradeState)>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT id, state FROM upgrade WHERE state IN ('planning', 'applying', 'undoing') ORDER BY made_at, id",
        );
        let rows = tx.rows(query).await?;
        rows.iter().map(|row| Ok((row.id(0)?, UpgradeState::from_name(&row.text(1)?)?))).collect()
    }

    async fn sees_upgrades(&self, context: &OpContext) -> Result<()> {
        if SEEN_BY.iter().any(|verb| self.inner.guard.allows(context, verb).is_ok()) {
            return Ok(());
        }
        self.allow(context, "plan-upgrade", Action::Pack).await
    }

    async fn find_upgrade(&self, id: &Id) -> Result<Upgrade> {
        let mut tx = self.inner.db.read().await?;
        row::counted(&mut tx, id).await
    }

    /// Brings a plan from one state to another, in which work begins anew.
    async fn turn(
        &self,
        context: &OpContext,
        id: &Id,
        from: UpgradeState,
        to: UpgradeState,
        total: u64,
        words: &str,
    ) -> Result<Upgrade> {
        let plan = self.find_upgrade(id).await?;
        let leaf = self.step_leaf(context, &plan, &format!("衔接方案：{words}"));
        let step = Step::of(context, format!("{words}，{total} 件"));
        let plan_id = id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let plan = row::plan(tx, &plan_id).await?;
                expect(&plan, &[from], "变更")?;
                let plan = Upgrade { state: to, done: 0, total, place: String::new(), ..plan };
                Ok(vec![row::save(tx, &plan).await?, step.write(tx, &plan_id).await?])
            })
        });
        work.await?;
        self.find_upgrade(id).await
    }

    /// The leaf of a step of a plan.
    fn step_leaf(&self, context: &OpContext, plan: &Upgrade, note: &str) -> Leaf {
        let PackRef { name, version, digest } = &plan.to;
        Leaf {
            pack: Some(format!("{name}@{version}#{digest}")),
            serves: Some(plan.id.clone()),
            note: note.to_owned(),
            ..guard::leaf(context, Action::Pack, Verdict::Allowed)
        }
    }
}

/// A line of the journal, to be written.
struct Step {
    at: Instant,
    actor: String,
    text: String,
    operation: Id,
}

impl Step {
    fn of(context: &OpContext, text: String) -> Self {
        Self { at: context.now, actor: actor(context), text, operation: context.id.clone() }
    }

    async fn write(self, tx: &mut Tx, plan: &Id) -> Result<Entry> {
        let last =
            Query::new("SELECT MAX(number) FROM upgrade_journal WHERE plan_id = ").bind(plan);
        let last = tx.row(last).await?.map(|row| row.maybe_int(0)).transpose()?.flatten();
        let number = last.unwrap_or(0) + 1;
        let key = format!("{plan}/{number:08}");
        let row = vec![
            key.as_str().into(),
            plan.into(),
            number.into(),
            self.at.into(),
            self.actor.into(),
            self.text.into(),
            (&self.operation).into(),
        ];
        let into = "INSERT INTO upgrade_journal (key, plan_id, number, at, actor, text, operation)";
        tx.insert(into, 7, vec![row], "").await?;
        kept::UPGRADE_JOURNAL.entry(tx, &key).await
    }
}

/// Who acts, as plans write it down.
fn actor(context: &OpContext) -> String {
    match &context.principal {
        Principal::Person(person) => person.id.to_string(),
        Principal::Duty(duty) => format!("duty:{}", duty.pack),
        Principal::System { job } => format!("system:{job}"),
    }
}

/// A plan is in one of the states in which something can be done with it.
fn expect(plan: &Upgrade, states: &[UpgradeState], what: &str) -> Result<()> {
    if states.contains(&plan.state) {
        return Ok(());
    }
    let right: Vec<_> = states.iter().map(|state| state.title()).collect();
    Err(Error::Conflict(format!(
        "方案现为“{}”，不能{what}；应为“{}”",
        plan.state.title(),
        right.join("”或“")
    )))
}

/// What the version declares makes sense, also for every older version that is stored.
async fn check_declared(tx: &mut Tx, to: &PackRef, manifest: &Manifest) -> Result<()> {
    let mut problems = manifest.transition_problems();
    let older = Query::new("SELECT manifest FROM pack WHERE name = ").bind(to.name.as_str());
    for row in tx.rows(older.push(" AND digest <> ").bind(to.digest.as_str())).await? {
        let older: Manifest = row.json(0)?;
        if is_older(&older.version, &to.version) {
            problems.extend(manifest.unmapped_from(&older));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
