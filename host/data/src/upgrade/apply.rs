//! Applying: an approved plan's cases are bound to the new version, a batch in one transaction with the journal. What was
//! interrupted goes on where it was, each case exactly once: a case is moved and marked in the same commit.

use anshu_model::context::{OpContext, Principal};
use anshu_model::effect::{Change, Effect};
use anshu_model::record::{Kind, Record};
use anshu_model::transition::{Asks, Bin, Outlook, Passage, Step as Passed};
use anshu_model::{Error, Id, Result};

use super::plan::planned;
use super::row::{self, Done};
use super::{ItemState, Progress, Step, UpgradeItem, UpgradeState};
use crate::Data;
use crate::commit::{self, Unit, Work};
use crate::db::Query;
use crate::guard::Permit;
use crate::org::json;

/// Cases of one commit.
const BATCH: u32 = 200;
/// Who stands in timelines and ledgers for what a plan does.
pub(super) const BY: &str = "版本衔接";

/// What a batch will do with one case.
enum Turn {
    /// It is moved by these units, one after the other, and marked as that.
    Moves(Vec<Unit>, Done),
    /// It is only marked.
    Left(Done),
}

impl Data {
    /// Moves the next batch of a plan's cases. A case that somebody has worked on since the plan was made is placed anew; where
    /// that gives another bin, it is left for a person.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such plan; [`Error::Unavailable`] where the database does not answer.
    pub async fn apply_upgrade(
        &self,
        context: &OpContext,
        id: &Id,
        asks: &dyn Asks,
    ) -> Result<Progress> {
        let context = &by_the_plan(context, id);
        let mut tx = self.inner.db.read().await?;
        let plan = row::plan(&mut tx, id).await?;
        if plan.state != UpgradeState::Applying {
            return Ok(Progress { done: plan.done, total: plan.total, more: false });
        }
        let manifest = row::manifest(&mut tx, &plan.to).await?;
        let items = row::items(&mut tx, id, (None, Some(ItemState::Ready)), "", BATCH).await?;
        let mut records =
            row::records(&mut tx, &self.inner.vault, items.iter().map(|item| &item.case)).await?;
        drop(tx);
        let calendar = self.calendar();
        let passage = Passage {
            to: &plan.to,
            manifest: &manifest,
            notice: plan.notice,
            at: context.now,
            by: BY,
            calendar: &calendar,
        };
        let permit = self.inner.guard.permit_rebinding(context)?;
        let mut turns = Vec::with_capacity(items.len());
        for item in &items {
            let turn = match records.remove(&item.case) {
                Some(record) => turn(&passage, &permit, id, item, record, asks).await?,
                None => Turn::Left(Done::left(&item.case, ItemState::Gone, "事项已不存在")),
            };
            turns.push(turn);
        }
        self.commit_turns(context, id, turns).await
    }

    /// Lets cases that went to another stage since the plan was made be moved: those that were to wait for that.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn follow_upgrades(&self, context: &OpContext) -> Result<u64> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT i.plan_id, i.case_id FROM upgrade u JOIN upgrade_item i ON i.plan_id = u.id AND i.state = 'waiting' \
             JOIN record r ON r.id = i.case_id WHERE u.state = 'applied' AND r.sealed = 0 AND r.state <> i.stage ORDER BY i.key LIMIT ",
        );
        let rows = tx.rows(query.bind(BATCH)).await?;
        drop(tx);
        let found =
            rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect::<Result<Vec<_>>>()?;
        let Some((id, _)) = found.first().cloned() else { return Ok(0) };
        // One plan at a time; the others come at the next look.
        let cases: Vec<Id> =
            found.into_iter().filter(|(plan, _)| *plan == id).map(|(_, case)| case).collect();
        let count = cases.len() as u64;
        let context = &by_the_plan(context, &id);
        let plan = self.find_upgrade(&id).await?;
        let leaf = self.step_leaf(context, &plan, "衔接方案：事项进入下一环节");
        let step = Step::of(context, format!("{count} 件事项已进入下一环节，继续衔接"));
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let mut plan = row::plan(tx, &id).await?;
                let mut entries = vec![step.write(tx, &id).await?];
                for case in cases {
                    let ready = Done { reason: None, ..Done::left(&case, ItemState::Ready, "") };
                    entries.push(ready.write(tx, &id).await?);
                }
                (plan.state, plan.done, plan.total) = (UpgradeState::Applying, 0, count);
                entries.push(row::save(tx, &plan).await?);
                Ok(entries)
            })
        });
        work.await?;
        Ok(count)
    }

    async fn commit_turns(
        &self,
        context: &OpContext,
        id: &Id,
        turns: Vec<Turn>,
    ) -> Result<Progress> {
        let plan = self.find_upgrade(id).await?;
        let leaf = self.step_leaf(context, &plan, "衔接方案：衔接一批事项");
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let (id, context) = (id.clone(), context.clone());
        let last = turns.is_empty();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let mut plan = row::plan(tx, &id).await?;
                if plan.state != UpgradeState::Applying {
                    return Ok(Progress { done: plan.done, total: plan.total, more: false });
                }
                let (mut units, mut moves, mut marks) = (Vec::new(), Vec::new(), Vec::new());
                for turn in turns {
                    match turn {
                        Turn::Moves(steps, done) => {
                            moves.push((steps.len(), done));
                            units.extend(steps);
                        }
                        Turn::Left(done) => marks.push(done),
                    }
                }
                let left = marks.len();
                let verdicts = commit::within(tx, &facts, &appender, &units).await?;
                let mut verdicts = verdicts.into_iter();
                let mut moved = 0_u64;
                for (steps, done) in moves {
                    let of_case: Vec<_> = verdicts.by_ref().take(steps).collect();
                    match of_case.into_iter().collect::<Result<()>>() {
                        Ok(()) => {
                            moved += 1;
                            marks.push(done);
                        }
                        // Somebody was faster: it is placed anew in the next batch.
                        Err(Error::Conflict(_) | Error::NotFound(_)) => {}
                        Err(error) => {
                            marks.push(Done::left(
                                &done.case,
                                ItemState::Person,
                                error.to_string(),
                            ));
                        }
                    }
                }
                plan.done += marks.len() as u64;
                plan.total = plan.total.max(plan.done);
                let mut entries = Vec::with_capacity(marks.len() + 2);
                for done in marks {
                    entries.push(done.write(tx, &plan.id).await?);
                }
                let text = if last {
                    plan.state = UpgradeState::Applied;
                    format!("实施完成，共 {} 件", plan.done)
                } else {
                    format!("衔接 {moved} 件，未衔接 {left} 件")
                };
                entries.push(Step::of(&context, text).write(tx, &plan.id).await?);
                entries.push(row::save(tx, &plan).await?);
                appender.bind(tx, vec![leaf], Vec::new(), entries).await?;
                Ok(Progress { done: plan.done, total: plan.total, more: !last })
            })
        });
        work.await
    }
}

/// What is done with one case, by what it is now.
async fn turn(
    passage: &Passage<'_>,
    permit: &Permit,
    plan: &Id,
    item: &UpgradeItem,
    record: Record,
    asks: &dyn Asks,
) -> Result<Turn> {
    let left = |state, reason: &str| Ok(Turn::Left(Done::left(&item.case, state, reason)));
    let Some(bound) = record.head.pack.clone().filter(|_| record.is_open()) else {
        return left(ItemState::Gone, "事项已归档");
    };
    if bound == *passage.to {
        return left(ItemState::Gone, "事项已由新版本办理");
    }
    let asked = if passage.asks(&record) {
        Some(asks.ask(&record.head.id, &bound, passage.to).await)
    } else {
        None
    };
    let next_stage = item.stage != record.state();
    let (outlook, step) = passage.outlook(&record, asked.as_ref(), next_stage)?;
    let as_planned = outlook.bin == item.bin
        || (item.outlook.deferred && matches!(outlook.bin, Bin::Automatic | Bin::Unaffected));
    if !as_planned || planned(&outlook) != ItemState::Ready {
        let reason = format!(
            "方案作出之后情况有变，由“{}”变为“{}”，留待人工确认：{}",
            item.bin.title(),
            outlook.bin.title(),
            outlook.reason
        );
        let placed = Some((outlook.bin, json(&outlook)?, row::digest(&record.body)?));
        return Ok(Turn::Left(Done {
            placed,
            ..Done::left(&item.case, ItemState::Person, reason)
        }));
    }
    match moves(permit, plan, &item.case, (outlook.bin, &outlook), record, step) {
        Ok((units, done)) => Ok(Turn::Moves(units, done)),
        Err(error @ Error::Internal(_)) => Err(error),
        Err(error) => left(ItemState::Person, &error.to_string()),
    }
}

/// The units that move a case, one after the other, and what is to be marked then.
pub(super) fn moves(
    permit: &Permit,
    plan: &Id,
    case: &Id,
    (bin, outlook): (Bin, &Outlook),
    record: Record,
    step: Passed,
) -> Result<(Vec<Unit>, Done)> {
    let (mut units, mut now) = (Vec::new(), record);
    let mut bodies = vec![row::digest(&now.body)?];
    for change in step.first.into_iter().chain([step.change]) {
        let base = now.head.version;
        now.apply(&change, permit.context())?;
        now.head.version += 1;
        bodies.push(row::digest(&now.body)?);
        units.push(unit(permit, plan, case, base, change));
    }
    let new_body = bodies.pop().unwrap_or_default();
    let old_body = bodies.pop().unwrap_or_default();
    let done = Done {
        case: case.clone(),
        state: ItemState::Applied,
        reason: None,
        placed: Some((bin, json(outlook)?, old_body)),
        moved: Some((now.head.version, new_body)),
    };
    Ok((units, done))
}

/// One step on a case. Its operation follows from plan, case and version, so that it can be told from every other.
pub(super) fn unit(permit: &Permit, plan: &Id, case: &Id, base: u64, change: Change) -> Unit {
    let operation = Id::derived(&Id::from_text(format!("{plan}/{case}")), base);
    let effects = vec![Effect::Change { kind: Kind::Case, id: case.clone(), base, change }];
    let work = Work::Act { effects, note: format!("衔接方案 {plan}") };
    Unit { permit: permit.for_operation(operation), work }
}

/// A plan's work is the plan's own: it serves the plan, and stands under its name in timelines.
pub(super) fn by_the_plan(context: &OpContext, plan: &Id) -> OpContext {
    let mut context = context.clone();
    context.principal = Principal::System { job: BY.to_owned() };
    context.purpose.serves = Some(plan.clone());
    context
}
