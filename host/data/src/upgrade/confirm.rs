//! Confirming: a case that a plan left to a person (需人工确认) is moved, or stays under its version, on the word of somebody who
//! handles it in the unit that leads it. The word stands in the case's timeline, in the plan's journal and in the log; the
//! move itself is still the plan's, and is taken back like any other.

use anshu_model::context::{OpContext, PackRef, Principal};
use anshu_model::effect::Effect;
use anshu_model::leaf::{Action, Leaf};
use anshu_model::transition::{Asks, Bin, Passage};
use anshu_model::{Error, Id, Result};

use super::apply::{BY, by_the_plan, moves};
use super::row::{self, Done};
use super::{ItemState, Step, Upgrade, UpgradeItem, UpgradeState, expect};
use crate::Data;
use crate::commit::{self, Unit, Work};
use crate::db::Query;

/// What a person says about a case that a plan left to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Whether it goes over to the new version; otherwise it ends under the one that it has.
    pub accepts: bool,
    /// Why.
    pub reason: String,
}

/// A case that waits for its handler's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The plan.
    pub plan: Id,
    /// The version that it would go over to.
    pub to: PackRef,
    /// What the plan says about it.
    pub item: UpgradeItem,
}

impl Data {
    /// The cases that wait for the actor's word: of plans that were applied, and led by the actor's unit. Perhaps of one case.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor has no scope.
    pub async fn unconfirmed(
        &self,
        context: &OpContext,
        case: Option<&Id>,
        limit: u32,
    ) -> Result<Vec<Unconfirmed>> {
        let mut view = self.look(context, Action::Read).await?;
        let Principal::Person(person) = &context.principal else { return Ok(Vec::new()) };
        if self.inner.guard.allows(context, "move").is_err() {
            return Ok(Vec::new());
        }
        let query = Query::new(
            "SELECT i.plan_id, i.case_id FROM upgrade_item i JOIN upgrade u ON u.id = i.plan_id \
             JOIN record r ON r.id = i.case_id WHERE i.state = 'person' AND u.state = 'applied' AND r.open = 1 AND r.unit = ",
        );
        let mut query = query.bind(&person.unit);
        if let Some(case) = case {
            query = query.push(" AND r.id = ").bind(case);
        }
        let query = view.permit().filter(query).push(" ORDER BY i.key LIMIT ").bind(limit);
        let tx = view.tx().await?;
        let mut found = Vec::new();
        for row in tx.rows(query).await? {
            let (plan, case) = (row.id(0)?, row.id(1)?);
            let item = row::item(tx, &plan, &case).await?;
            found.push(Unconfirmed { to: row::plan(tx, &plan).await?.to, plan, item });
        }
        let ids: Vec<Id> = found.iter().map(|one| one.item.case.clone()).collect();
        let records = row::records(tx, &self.inner.vault, ids.iter()).await?;
        drop(view);
        let touched: Vec<_> = records.values().map(|record| record.reference()).collect();
        self.touched(context, &touched, "待确认的新旧衔接").await?;
        Ok(found)
    }

    /// Takes the word of somebody who handles a case in the unit that leads it: the case goes over to the plan's version, or
    /// stays under its own.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor handles no matters, or is of another unit; [`Error::NotFound`] where the case is none
    /// of the plan's, or out of the actor's reach; [`Error::Invalid`] without a reason; [`Error::Conflict`] where it does not
    /// wait for a word, or has since changed so that the version does not reach it.
    pub async fn confirm_case(
        &self,
        context: &OpContext,
        id: &Id,
        case: &Id,
        word: Confirmation,
        asks: &dyn Asks,
    ) -> Result<()> {
        self.allow(context, "move", Action::Write).await?;
        let seen = self.record(context, case).await?;
        let error = match &context.principal {
            Principal::Person(person) if person.unit == seen.head.unit => None,
            Principal::Person(_) => Some("须由牵头承办单位的人员确认衔接"),
            Principal::Duty(_) | Principal::System { .. } => {
                Some("须由具名的承办人员确认衔接，插件和作业不能代为确认")
            }
        };
        if let Some(text) = error {
            return Err(self.deny(context, Action::Write, Error::Denied(text.into())).await);
        }
        if word.reason.trim().is_empty() {
            return Err(Error::invalid("/reason", "空", "确认或者不衔接的理由"));
        }
        let plan = self.find_upgrade(id).await?;
        expect(&plan, &[UpgradeState::Applied], "确认事项")?;
        let mut tx = self.inner.db.read().await?;
        let item = row::item(&mut tx, id, case).await?;
        waits(&item)?;
        drop(tx);
        let said = format!(
            "新旧衔接：{}衔接到 {} 版本。理由：{}",
            if word.accepts { "同意" } else { "不" },
            plan.to.version,
            word.reason.trim()
        );
        let effects = vec![Effect::Line { about: case.clone(), text: said }];
        let work = Work::Act { effects, note: format!("衔接方案 {id}：承办单位确认") };
        let line = Unit { permit: self.permit(context, Action::Write).await?, work };
        let (units, done) = if word.accepts {
            let (units, done) = self.accepted(context, &plan, &item, asks).await?;
            (std::iter::once(line).chain(units).collect(), done)
        } else {
            // The words themselves may name somebody: they stand with the case alone.
            let left = "承办单位确认不衔接，按原版本办结；理由见事项的办理记录";
            (vec![line], Done::left(case, ItemState::Stays, left))
        };
        let verb = if word.accepts { "同意衔接" } else { "不衔接" };
        let leaf = self.step_leaf(context, &plan, &format!("衔接方案：承办单位确认{verb}一件事项"));
        let step = Step::of(context, format!("承办单位确认{verb}：事项 {}", item.code));
        self.keep_word(id, case, units, done, (leaf, step)).await
    }

    /// What moves a case that its handler agreed to move, as it is now.
    async fn accepted(
        &self,
        context: &OpContext,
        plan: &Upgrade,
        item: &UpgradeItem,
        asks: &dyn Asks,
    ) -> Result<(Vec<Unit>, Done)> {
        let context = &by_the_plan(context, &plan.id);
        let mut tx = self.inner.db.read().await?;
        let manifest = row::manifest(&mut tx, &plan.to).await?;
        let found = row::records(&mut tx, &self.inner.vault, std::iter::once(&item.case)).await?;
        drop(tx);
        let record = found.into_values().next().filter(|record| record.is_open());
        let bound = record.as_ref().and_then(|record| record.head.pack.clone());
        let (Some(record), Some(bound)) = (record, bound) else {
            return Err(Error::Conflict(format!("事项 {} 已归档，不再衔接", item.code)));
        };
        let calendar = self.calendar();
        let passage = Passage {
            to: &plan.to,
            manifest: &manifest,
            notice: plan.notice,
            at: context.now,
            by: BY,
            calendar: &calendar,
        };
        let asked = if passage.asks(&record) {
            Some(asks.ask(&item.case, &bound, &plan.to).await)
        } else {
            None
        };
        let (outlook, step) = passage.outlook(&record, asked.as_ref(), true)?;
        if outlook.bin == Bin::Stays {
            return Err(Error::Conflict(format!(
                "事项 {} 按新规定不能衔接：{}；请选“不衔接”",
                item.code, outlook.reason
            )));
        }
        let permit = self.inner.guard.permit_rebinding(context)?;
        // It keeps the bin that it was placed in: that a person decided stays to be seen.
        moves(&permit, &plan.id, &item.case, (item.bin, &outlook), record, step)
    }

    /// Writes the word, what follows from it, and that both happened.
    async fn keep_word(
        &self,
        id: &Id,
        case: &Id,
        units: Vec<Unit>,
        done: Done,
        (leaf, step): (Leaf, Step),
    ) -> Result<()> {
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let (id, case) = (id.clone(), case.clone());
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                expect(&row::plan(tx, &id).await?, &[UpgradeState::Applied], "确认事项")?;
                waits(&row::item(tx, &id, &case).await?)?;
                for verdict in commit::within(tx, &facts, &appender, &units).await? {
                    verdict?;
                }
                let entries = vec![done.write(tx, &id).await?, step.write(tx, &id).await?];
                appender.bind(tx, vec![leaf], Vec::new(), entries).await.map(|_| ())
            })
        });
        work.await
    }
}

/// A case waits for a word once.
fn waits(item: &UpgradeItem) -> Result<()> {
    if item.state == ItemState::Person {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "事项 {} 的衔接现为“{}”，只有待人工确认的才能确认",
        item.code,
        item.state.title()
    )))
}
