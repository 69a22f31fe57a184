//! Taking back: a case is put back to what it was, byte for byte, until somebody acts on it. The record's history only grows:
//! what it was becomes its next version.

use anshu_model::context::OpContext;
use anshu_model::effect::Change;
use anshu_model::leaf::{Action, Leaf};
use anshu_model::record::Record;
use anshu_model::{Error, Id, Result};

use super::apply::{by_the_plan, unit};
use super::row::{self, Done};
use super::{ItemState, Progress, Step, UpgradeItem, UpgradeState};
use crate::Data;
use crate::commit;
use crate::db::{Query, Tx};
use crate::guard::Permit;

/// Cases of one commit.
const BATCH: u32 = 200;
/// Leaves that are looked at for a person's act; more since the case was moved are an act in any case.
const LOOKED_AT: u64 = 64;

impl Data {
    /// Puts one case of a plan back.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where the case is none of the plan's, or out of the
    /// actor's reach; [`Error::Conflict`] with the reason where it was not moved, or somebody has acted on it since.
    pub async fn undo_case(&self, context: &OpContext, id: &Id, case: &Id) -> Result<()> {
        self.allow(context, "undo-upgrade", Action::Pack).await?;
        let plan = self.find_upgrade(id).await?;
        let permit = self.inner.guard.permit_rebinding(context)?;
        let leaf = self.step_leaf(context, &plan, "衔接方案：撤回一件事项");
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let (id, case, context) = (id.clone(), case.clone(), context.clone());
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let item = row::item(tx, &id, &case).await?;
                if item.state != ItemState::Applied {
                    return Err(Error::Conflict(format!(
                        "事项 {} 的衔接现为“{}”，只有已衔接的才能撤回",
                        item.code,
                        item.state.title()
                    )));
                }
                let unit = back(tx, &facts, &permit, &id, &item).await?;
                for verdict in commit::within(tx, &facts, &appender, &[unit]).await? {
                    verdict?;
                }
                let text = format!("撤回事项 {}", item.code);
                let done = Done { reason: None, ..Done::left(&case, ItemState::Undone, "") };
                let entries = vec![
                    done.write(tx, &id).await?,
                    Step::of(&context, text).write(tx, &id).await?,
                ];
                appender.bind(tx, vec![leaf], Vec::new(), entries).await.map(|_| ())
            })
        });
        work.await
    }

    /// Puts the next batch of a plan's cases back, as far as nobody has acted on them.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such plan; [`Error::Unavailable`] where the database does not answer.
    pub async fn undo_upgrade(&self, context: &OpContext, id: &Id) -> Result<Progress> {
        let context = by_the_plan(context, id);
        let plan = self.find_upgrade(id).await?;
        let permit = self.inner.guard.permit_rebinding(&context)?;
        let leaf = self.step_leaf(&context, &plan, "衔接方案：撤回一批事项");
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let id = id.clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let mut plan = row::plan(tx, &id).await?;
                if plan.state != UpgradeState::Undoing {
                    return Ok(Progress { done: plan.done, total: plan.total, more: false });
                }
                let items =
                    row::items(tx, &id, (None, Some(ItemState::Applied)), "", BATCH).await?;
                let more = !items.is_empty();
                let (mut units, mut cases, mut marks) = (Vec::new(), Vec::new(), Vec::new());
                for item in items {
                    match back(tx, &facts, &permit, &id, &item).await {
                        Ok(unit) => {
                            units.push(unit);
                            cases.push(item.case);
                        }
                        Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => {
                            return Err(error);
                        }
                        Err(error) => {
                            marks.push(Done::left(&item.case, ItemState::Kept, error.to_string()));
                        }
                    }
                }
                let verdicts = commit::within(tx, &facts, &appender, &units).await?;
                let (mut undone, kept) = (0_u64, marks.len());
                for (case, verdict) in cases.into_iter().zip(verdicts) {
                    marks.push(match verdict {
                        Ok(()) => {
                            undone += 1;
                            Done { reason: None, ..Done::left(&case, ItemState::Undone, "") }
                        }
                        Err(error) => Done::left(&case, ItemState::Kept, error.to_string()),
                    });
                }
                plan.done += marks.len() as u64;
                plan.total = plan.total.max(plan.done);
                let mut entries = Vec::with_capacity(marks.len() + 2);
                for done in marks {
                    entries.push(done.write(tx, &id).await?);
                }
                let text = if more {
                    format!("撤回 {undone} 件，不能撤回 {kept} 件")
                } else {
                    plan.state = UpgradeState::Undone;
                    format!("撤回完成，共处理 {} 件", plan.done)
                };
                entries.push(Step::of(&context, text).write(tx, &id).await?);
                entries.push(row::save(tx, &plan).await?);
                appender.bind(tx, vec![leaf], Vec::new(), entries).await?;
                Ok(Progress { done: plan.done, total: plan.total, more })
            })
        });
        work.await
    }
}

/// The step that puts a case back, where nothing has happened to it since it was moved.
async fn back(
    tx: &mut Tx,
    facts: &commit::Facts,
    permit: &Permit,
    plan: &Id,
    item: &UpgradeItem,
) -> Result<commit::Unit> {
    let applied = item
        .applied
        .ok_or_else(|| Error::Internal(format!("item {} has no version", item.case)))?;
    let now = row::records(tx, &facts.vault, std::iter::once(&item.case)).await?.remove(&item.case);
    let Some(now) = now else {
        return Err(Error::Conflict(format!("事项 {} 已不存在，不能撤回衔接", item.code)));
    };
    if now.head.version != applied || acted_on(tx, &item.case, applied).await? {
        return Err(Error::Conflict(format!(
            "事项 {} 在衔接之后已有办理，不能自动撤回；请由承办人按办理情况处理",
            item.code
        )));
    }
    let query =
        Query::new("SELECT record, id, version FROM record_version WHERE id = ").bind(&item.case);
    let row = tx.row(query.push(" AND version = ").bind(applied - 1)).await?;
    let row =
        row.ok_or_else(|| Error::Internal(format!("no version {} of {}", applied - 1, item.case)))?;
    let before = facts.vault.record(tx, &row, 0).await?;
    let before: Record = before
        .ok_or_else(|| Error::Conflict(format!("事项 {} 已依法销毁，不能撤回衔接", item.code)))?;
    if row::digest(&before.body)? != item.old_body {
        return Err(Error::Internal(format!("what {} was is not what was moved", item.case)));
    }
    let version = before.head.pack.as_ref().map_or("", |pack| pack.version.as_str());
    let note = format!("撤回新旧衔接：恢复为由 {version} 版本办理，时限和环节恢复原状");
    let change =
        Change::Unbind { pack: before.head.pack.clone(), body: Box::new(before.body), note };
    Ok(unit(permit, plan, &item.case, applied, change))
}

/// Whether a person has written or decided anything about a case since a version of it.
async fn acted_on(tx: &mut Tx, case: &Id, version: u64) -> Result<bool> {
    let query = Query::new("SELECT leaf FROM record_version WHERE id = ").bind(case);
    let row = tx.row(query.push(" AND version = ").bind(version)).await?;
    let moved = row.map(|row| row.count(0)).transpose()?.unwrap_or(0);
    let query = Query::new("SELECT leaf FROM timeline WHERE about = ")
        .bind(case)
        .push(" AND leaf > ")
        .bind(moved)
        .push(" UNION SELECT leaf FROM decision_about WHERE about = ")
        .bind(case)
        .push(" AND leaf > ")
        .bind(moved)
        .push(" LIMIT ")
        .bind(LOOKED_AT);
    let leaves =
        tx.rows(query).await?.iter().map(|row| row.count(0)).collect::<Result<Vec<_>>>()?;
    if leaves.len() as u64 == LOOKED_AT {
        return Ok(true);
    }
    let query = Query::new("SELECT bytes FROM log_leaf WHERE position IN ").list(leaves);
    for row in tx.rows(query).await? {
        let leaf: Leaf = serde_json::from_slice(&row.bytes(0)?)
            .map_err(|error| Error::Internal(format!("leaf: {error}")))?;
        if leaf.actor.starts_with("person:") {
            return Ok(true);
        }
    }
    Ok(false)
}
