//! The review of emergency access: who hears of it, who reviews it, and what happens where nobody does.

use anshu_model::context::OpContext;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::{Error, Id, Result};

use super::{Access, COLUMNS, holders, of, person_of};
use crate::db::{Query, Tx};
use crate::log::kept;
use crate::{Data, guard, notice};

/// The official who approves and reviews access, and who audits.
const REVIEWER: &str = "access-approver";
const AUDITOR: &str = "auditor";
/// How many a list shows.
const LISTED: u32 = 200;
/// How many a round of the job looks at.
const ROUND: u32 = 50;

/// Who must hear of an access: who reviews it, the auditors, and who approves for the unit that leads the case.
///
/// # Errors
/// [`Error::Unavailable`] where the database does not answer.
pub(super) async fn concerned(tx: &mut Tx, access: &Access) -> Result<Vec<Id>> {
    let mut to = reviewers(tx, access).await?;
    to.extend(holders(tx, AUDITOR).await?.into_iter().map(|(person, _)| person));
    to.retain(|person| *person != access.person);
    to.sort_unstable();
    to.dedup();
    Ok(to)
}

/// Who may review an access: the approvers of the person's unit and of the unit that leads the case; where the person's unit
/// has none, any approver of the centre, so that no access goes unreviewed for want of a post.
async fn reviewers(tx: &mut Tx, access: &Access) -> Result<Vec<Id>> {
    let all: Vec<_> =
        holders(tx, REVIEWER).await?.into_iter().filter(|(one, _)| *one != access.person).collect();
    let own = all.iter().any(|(_, unit)| *unit == access.unit);
    let near = all
        .into_iter()
        .filter(|(_, unit)| !own || *unit == access.unit || *unit == access.lead_unit);
    Ok(near.map(|(person, _)| person).collect())
}

impl Data {
    /// Accesses that the actor reviews, or all for an auditor; those without a review first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn emergencies(&self, context: &OpContext) -> Result<Vec<(Access, bool)>> {
        self.allow(context, "see-emergencies", Action::Read).await?;
        let reviews = self.inner.guard.allows(context, "review-emergency").is_ok();
        let person = person_of(context)?.id.clone();
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(COLUMNS)
            .push(" ORDER BY CASE WHEN reviewed_at IS NULL THEN 0 ELSE 1 END, begun_at DESC LIMIT ")
            .bind(LISTED);
        let mut accesses = Vec::new();
        for row in tx.rows(query).await? {
            let access = of(&row)?;
            let mine = reviews && reviewers(&mut tx, &access).await?.contains(&person);
            if mine || !reviews {
                accesses.push((access, mine));
            }
        }
        Ok(accesses)
    }

    /// Reviews an access.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or took the access; [`Error::Conflict`] where it was reviewed meanwhile.
    pub async fn review_emergency(
        &self,
        context: &OpContext,
        id: &Id,
        justified: bool,
        answer: &str,
    ) -> Result<()> {
        let action = Action::Emergency;
        let mut leaf = self
            .administration(context, "review-emergency", action, "", &(id, justified, answer))
            .await?;
        let person = person_of(context)?.id.clone();
        if answer.trim().is_empty() || answer.chars().count() > 500 {
            return Err(Error::invalid("/answer", "空的或过长的意见", "1 至 500 个字的复核意见"));
        }
        let mut tx = self.inner.db.read().await?;
        let row = tx.row(Query::new(COLUMNS).push(" WHERE id = ").bind(id)).await?;
        let access = row.map(|row| of(&row)).transpose()?;
        let access = access.ok_or_else(|| Error::NotFound("紧急访问".into()))?;
        let may = reviewers(&mut tx, &access).await?.contains(&person);
        drop(tx);
        if !may {
            let error = Error::Denied(
                "由使用人所在单位或牵头单位的查阅审批人复核，不能复核本人的紧急访问".into(),
            );
            return Err(self.deny(context, action, error).await);
        }
        let word = if justified { "正当" } else { "不正当" };
        leaf.serves = Some(access.case.clone());
        leaf.note = format!("复核紧急访问 {id}：{word}");
        let (answer, now) = (answer.trim().to_owned(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let review = Query::new("UPDATE emergency SET reviewed_by = ")
                    .bind(&person)
                    .push(", reviewed_at = ")
                    .bind(now)
                    .push(", justified = ")
                    .bind(justified)
                    .push(", answer = ")
                    .bind(answer)
                    // A review ends what still runs: nobody reviews what goes on behind them.
                    .push(", ended_at = COALESCE(ended_at, ")
                    .bind(now)
                    .push(") WHERE reviewed_at IS NULL AND id = ")
                    .bind(&access.id);
                if tx.run(review).await? == 0 {
                    return Err(Error::Conflict("这次紧急访问已经复核".into()));
                }
                let mut to = vec![access.person.clone()];
                if !justified {
                    to.extend(holders(tx, AUDITOR).await?.into_iter().map(|(person, _)| person));
                }
                let text = format!("一次紧急访问已复核：{word}。");
                notice::put(tx, &to, notice::Kind::Emergency, &text, Some(&access.id), now).await?;
                Ok(vec![kept::EMERGENCY.entry(tx, access.id.as_str()).await?])
            })
        });
        work.await
    }

    /// Ends accesses whose time is over, and says of those whose review is overdue that the right is suspended. For the job
    /// that looks after them; answers how many it touched.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn tend_emergencies(&self, context: &OpContext) -> Result<usize> {
        let now = context.now;
        let mut tx = self.inner.db.read().await?;
        let over = Query::new(COLUMNS).push(" WHERE ended_at IS NULL AND until <= ").bind(now);
        let over: Vec<Access> = tx
            .rows(over.push(" LIMIT ").bind(ROUND))
            .await?
            .iter()
            .map(of)
            .collect::<Result<_>>()?;
        let late =
            Query::new(COLUMNS).push(" WHERE reviewed_at IS NULL AND overdue = 0 AND review_by < ");
        let late: Vec<Access> = tx
            .rows(late.bind(now).push(" LIMIT ").bind(ROUND))
            .await?
            .iter()
            .map(of)
            .collect::<Result<_>>()?;
        drop(tx);
        let touched = over.len() + late.len();
        for access in over {
            let mut leaf = guard::leaf(context, Action::Emergency, Verdict::Allowed);
            leaf.note = format!("紧急访问 {} 到时结束，查看了 {} 条记录", access.id, access.used);
            let work = self.inner.writer.keep(leaf, move |tx| {
                Box::pin(async move {
                    let end = Query::new(
                        "UPDATE emergency SET ended_at = until WHERE ended_at IS NULL AND id = ",
                    );
                    tx.run(end.bind(&access.id)).await?;
                    Ok(vec![kept::EMERGENCY.entry(tx, access.id.as_str()).await?])
                })
            });
            work.await?;
        }
        for access in late {
            let mut leaf = guard::leaf(context, Action::Emergency, Verdict::Failed);
            leaf.note = format!("紧急访问 {} 逾期没有复核，使用人的紧急访问暂停", access.id);
            let work = self.inner.writer.keep(leaf, move |tx| {
                Box::pin(async move {
                    let mark = Query::new(
                        "UPDATE emergency SET overdue = 1 WHERE reviewed_at IS NULL AND id = ",
                    );
                    tx.run(mark.bind(&access.id)).await?;
                    let mut to = concerned(tx, &access).await?;
                    to.push(access.person.clone());
                    let text = "一次紧急访问逾期没有复核；复核之前，使用人不能再次紧急访问。";
                    notice::put(tx, &to, notice::Kind::Emergency, text, Some(&access.id), now)
                        .await?;
                    Ok(vec![kept::EMERGENCY.entry(tx, access.id.as_str()).await?])
                })
            });
            work.await?;
        }
        Ok(touched)
    }
}
