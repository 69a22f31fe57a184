//! Which policy sets were in force, from when on. Whoever changes what may be done to data cannot do so quietly: the change
//! has its leaf, stays in a table that the log vouches for, and is an alarm until an auditor has seen it.

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::{Error, Id, Result};

use crate::db::{Query, Row};
use crate::log::kept::POLICY_NOTICE;
use crate::{Data, guard};

/// A policy set that was in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyNotice {
    /// Which one, from 1.
    pub number: u64,
    /// What names it, as in scopes and decisions.
    pub digest: String,
    /// From when on.
    pub since: Instant,
    /// Which auditor has seen it, and when. None: nobody yet.
    pub seen: Option<(Id, Instant)>,
}

impl PolicyNotice {
    fn of(row: &Row) -> Result<Self> {
        let seen = row.maybe_text(3)?.zip(row.maybe_int(4)?);
        Ok(Self {
            number: row.count(0)?,
            digest: row.text(1)?,
            since: row.instant(2)?,
            seen: seen.map(|(by, at)| (Id::from_text(by), Instant(at))),
        })
    }
}

impl Data {
    /// All policy sets, oldest first; the last one is in force.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn policy_notices(&self) -> Result<Vec<PolicyNotice>> {
        let query = Query::new(
            "SELECT number, digest, since, seen_by, seen_at FROM policy_notice ORDER BY number",
        );
        self.inner.db.read().await?.rows(query).await?.iter().map(PolicyNotice::of).collect()
    }

    /// Notes the policy set in force where it is not the one of before. Answers whether it changed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be written: a set that leaves no trace does not come into force.
    pub async fn note_policies(&self, context: &OpContext) -> Result<bool> {
        let digest = self.inner.guard.policies();
        let last = self.policy_notices().await?.pop();
        if last.as_ref().is_some_and(|last| last.digest == digest) {
            return Ok(false);
        }
        let mut leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        leaf.note = match &last {
            Some(last) => format!("策略集由 {} 变为 {digest}", last.digest),
            None => format!("策略集 {digest} 生效"),
        };
        let number = last.map_or(1, |last| last.number + 1);
        let since = context.now;
        self.inner
            .writer
            .keep(leaf, move |tx| {
                Box::pin(async move {
                    let row = vec![number.into(), digest.into(), since.into()];
                    tx.insert(
                        "INSERT INTO policy_notice (number, digest, since)",
                        3,
                        vec![row],
                        "",
                    )
                    .await?;
                    Ok(vec![POLICY_NOTICE.entry(tx, &number.to_string()).await?])
                })
            })
            .await?;
        Ok(true)
    }

    /// An auditor has seen that a policy set came into force.
    ///
    /// # Errors
    /// [`Error::Denied`] for anybody but an auditor; [`Error::NotFound`] where there is no such set; [`Error::Conflict`]
    /// where it was seen before.
    pub async fn see_policies(&self, context: &OpContext, number: u64) -> Result<()> {
        self.allow(context, "read-audit", Action::Audit).await?;
        let Principal::Person(person) = &context.principal else {
            return Err(Error::Denied("策略集须由审计员本人查看确认".into()));
        };
        let (by, at) = (person.id.clone(), context.now);
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        leaf.note = format!("已查看第 {number} 个策略集");
        self.inner
            .writer
            .keep(leaf, move |tx| {
                Box::pin(async move {
                    let query = Query::new("SELECT seen_by FROM policy_notice WHERE number = ")
                        .bind(number);
                    match tx.row(query).await?.map(|row| row.maybe_text(0)).transpose()? {
                        None => return Err(Error::NotFound(format!("第 {number} 个策略集"))),
                        Some(Some(_)) => {
                            return Err(Error::Conflict("该策略集已由审计员查看".into()));
                        }
                        Some(None) => {}
                    }
                    let query = Query::new("UPDATE policy_notice SET seen_by = ")
                        .bind(&by)
                        .push(", seen_at = ")
                        .bind(at)
                        .push(" WHERE number = ");
                    tx.run(query.bind(number)).await?;
                    Ok(vec![POLICY_NOTICE.entry(tx, &number.to_string()).await?])
                })
            })
            .await
    }
}
