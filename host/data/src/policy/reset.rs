//! Going back while the centre stands still: the set in force passes the checks no more, after an upgrade perhaps, and nobody
//! can sign in to put another one in its place.
//!
//! One person does it, at the data folder, and so it is bound on every side. It is possible only while the set in force fails; it
//! goes only to what the program ships, or to a set that two people once put in force; it has its leaf and its notice; and until
//! a security administrator and an auditor have seen it, each does nothing else after signing in.

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Problem, Result};
use sha2::{Digest as _, Sha256};

use super::check::check_policies;
use super::stored::{self, SELECT};
use super::{PolicyEffects, PolicyFile, PolicySet, PolicyState, said, shipped_policies};
use crate::account::separation::administrates;
use crate::db::{Bind, Db, Query, Row};
use crate::log::kept;
use crate::log::note::hex;
use crate::{Data, guard};

/// Where a reset goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResetTo {
    /// To what the program ships, now and after each upgrade.
    Shipped,
    /// To a set that was in force before.
    Earlier(Id),
}

/// What a reset would do.
#[derive(Debug, Clone)]
pub struct ResetPlan {
    /// The set that fails.
    pub was: PolicySet,
    /// Why it does.
    pub problems: Vec<Problem>,
    /// The files that would hold.
    pub files: Vec<PolicyFile>,
    /// What would name them.
    pub digest: String,
    /// Whether they would be whatever the program ships.
    pub follows: bool,
    /// What would change in practice; none where the set that fails cannot even be read.
    pub effects: Option<PolicyEffects>,
}

impl ResetPlan {
    /// Whether somebody could do more than before; what cannot be told counts as more.
    #[must_use]
    pub fn widens(&self) -> bool {
        self.effects.as_ref().is_none_or(PolicyEffects::widens)
    }
}

/// A reset that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyReset {
    /// Its number among the policy sets that were in force.
    pub number: u64,
    /// The set that failed, and what named it.
    pub was: (Id, String),
    /// The set that holds since, and what names it.
    pub set: (Id, String),
    /// Who did it.
    pub by: Id,
    /// Why.
    pub reason: String,
    /// Why the set before did not pass.
    pub problems: Vec<Problem>,
    /// Whether somebody can do more than before; none where nobody could tell.
    pub wider: Option<bool>,
    /// When.
    pub at: Instant,
    /// Which security administrator has seen it, and when.
    pub security: Option<(Id, Instant)>,
    /// Which auditor has seen it, and when.
    pub auditor: Option<(Id, Instant)>,
}

impl Data {
    /// What a reset would do; it changes nothing.
    ///
    /// # Errors
    /// [`Error::Denied`] for whoever is signed in, and where the set was never agreed to by two people; [`Error::Conflict`] where
    /// the set in force passes: then two people change it; [`Error::Invalid`] where the other one does not pass either.
    pub async fn plan_reset(&self, context: &OpContext, to: ResetTo) -> Result<ResetPlan> {
        self.allow(context, "reset-policies", Action::Configure).await?;
        let was = stored::in_force(&self.inner.db).await?;
        let problems = self.inner.failing.clone();
        let Some(was) = was.filter(|_| !problems.is_empty()) else {
            return Err(Error::Conflict(
                "现行策略能够通过检查，不能由一人重置；请由两人更换：anshu policy put --shipped（或 --set <编号>），再 anshu policy approve"
                    .into(),
            ));
        };
        let (files, follows) = match to {
            ResetTo::Shipped => (shipped_policies(), true),
            ResetTo::Earlier(id) => self.agreed_before(&id).await?,
        };
        let authority = check_policies(&files)?;
        let effects = match self.effects(was.files.clone(), files.clone()).await {
            Ok(effects) => Some(effects),
            // What fails may not even be readable: then nobody can tell what it allowed.
            Err(Error::Invalid(_)) => None,
            Err(other) => return Err(other),
        };
        let digest = authority.digest().to_owned();
        Ok(ResetPlan { was, problems, files, digest, follows, effects })
    }

    /// The files of a set that two people once put in force.
    async fn agreed_before(&self, id: &Id) -> Result<(Vec<PolicyFile>, bool)> {
        let set = self.stored_set(id).await?;
        match set.state {
            PolicyState::Replaced => Ok((set.files, set.follows)),
            PolicyState::Proposed | PolicyState::Refused => Err(Error::Denied(format!(
                "策略集 {id} 从未由两人启用，不能由一人启用；可退回的是“已替换”的策略集或 shipped"
            ))),
            PolicyState::InForce => Err(Error::Conflict(format!("{id} 就是现行策略集"))),
        }
    }

    /// Does what was planned. The set that failed stays in the history.
    ///
    /// # Errors
    /// As [`Data::plan_reset`]; [`Error::Denied`] where the person is no administrator and no security administrator;
    /// [`Error::Invalid`] without a reason.
    pub async fn reset_policies(
        &self,
        context: &OpContext,
        plan: ResetPlan,
        by: &Person,
        reason: &str,
    ) -> Result<PolicyReset> {
        self.allow(context, "reset-policies", Action::Configure).await?;
        let reason = said(reason)?;
        // Who reads the log does nothing of the kind, and whoever does business has no part in it.
        if !matches!(administrates(&by.roles), Some("administrator" | "security")) {
            let error = Error::Denied("重置策略须由系统管理员或安全管理员办理".into());
            return Err(self.deny(context, Action::Configure, error).await);
        }
        let authority = check_policies(&plan.files)?;
        let set = PolicySet {
            id: context.id.clone(),
            digest: plan.digest.clone(),
            files: plan.files,
            follows: plan.follows,
            state: PolicyState::InForce,
            reason: reason.clone(),
            proposed_by: by.id.clone(),
            proposed_at: context.now,
            decided_by: None,
            decided_at: Some(context.now),
            answer: None,
        };
        let wider = plan.effects.as_ref().map(PolicyEffects::widens);
        let reset = PolicyReset {
            number: self.policy_notices().await?.last().map_or(1, |last| last.number + 1),
            was: (plan.was.id, plan.was.digest),
            set: (set.id.clone(), set.digest.clone()),
            by: by.id.clone(),
            reason,
            problems: plan.problems,
            wider,
            at: context.now,
            security: None,
            auditor: None,
        };
        self.keep_reset(context, &set, &reset).await?;
        self.inner.guard.use_authority(authority);
        self.know_resets().await?;
        Ok(reset)
    }

    async fn keep_reset(
        &self,
        context: &OpContext,
        set: &PolicySet,
        reset: &PolicyReset,
    ) -> Result<()> {
        let files = stored::files(set)?;
        let digest = hex(&Sha256::digest(files.as_bytes()));
        let note = format!(
            "脱机重置访问策略：{} 不能通过检查，改用 {}；经办 {}",
            reset.was.1, reset.set.1, reset.by
        );
        let leaf =
            Leaf { digest, note, ..guard::leaf(context, Action::Configure, Verdict::Allowed) };
        let (row, own) = (stored::binds(set, files), reset.binds()?);
        let (number, was, id, since) =
            (reset.number, reset.was.0.clone(), set.id.clone(), context.now);
        let notice = vec![number.into(), reset.set.1.as_str().into(), since.into()];
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let end = Query::new(
                    "UPDATE policy_set SET state = 'replaced' WHERE state = 'in_force' AND id = ",
                );
                tx.run(end.bind(&was)).await?;
                tx.insert(stored::INSERT, stored::WIDTH, vec![row], "").await?;
                let insert = "INSERT INTO policy_notice (number, digest, since)";
                tx.insert(insert, 3, vec![notice], "").await?;
                tx.insert(INSERT, WIDTH, vec![own], "").await?;
                let key = number.to_string();
                Ok(vec![
                    kept::POLICY_SET.entry(tx, was.as_str()).await?,
                    kept::POLICY_SET.entry(tx, id.as_str()).await?,
                    kept::POLICY_NOTICE.entry(tx, &key).await?,
                    kept::POLICY_RESET.entry(tx, &key).await?,
                ])
            })
        });
        work.await
    }

    /// All resets, the latest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post does not see policies.
    pub async fn policy_resets(&self, context: &OpContext) -> Result<Vec<PolicyReset>> {
        self.allow(context, "see-policies", Action::Configure).await?;
        all(&self.inner.db).await
    }

    /// Whether some reset waits to be seen by anybody.
    #[must_use]
    pub fn resets_wait(&self) -> bool {
        !self.inner.resets.get().is_empty()
    }

    /// The resets that this person must see before anything else: as a security administrator who did not do it, or as an
    /// auditor, until one of each has.
    #[must_use]
    pub fn resets_to_see(&self, context: &OpContext) -> Vec<PolicyReset> {
        let open = self.inner.resets.get();
        open.iter().filter(|reset| self.sides(context, reset) != (false, false)).cloned().collect()
    }

    /// As what somebody has to see a reset: as security, as auditor.
    fn sides(&self, context: &OpContext, reset: &PolicyReset) -> (bool, bool) {
        let Principal::Person(person) = &context.principal else { return (false, false) };
        let may = |verb: &str| self.inner.guard.allows(context, verb).is_ok();
        let other = person.id != reset.by;
        (
            reset.security.is_none() && other && may("propose-policies"),
            reset.auditor.is_none() && other && may("read-audit"),
        )
    }

    /// Somebody has seen a reset. An auditor who has, has also seen that another set came into force.
    ///
    /// # Errors
    /// [`Error::Denied`] for whoever has not to; [`Error::NotFound`] where there is none; [`Error::Conflict`] where it was seen.
    pub async fn see_reset(&self, context: &OpContext, number: u64) -> Result<()> {
        self.allow(context, "see-policies", Action::Configure).await?;
        let known = all(&self.inner.db).await?;
        let reset = known.iter().find(|reset| reset.number == number);
        let reset =
            reset.ok_or_else(|| Error::NotFound(format!("第 {number} 次策略变更的重置")))?;
        let (security, auditor) = self.sides(context, reset);
        let by = match &context.principal {
            Principal::Person(person) if security || auditor => person.id.clone(),
            _ if reset.security.is_some() && reset.auditor.is_some() => {
                return Err(Error::Conflict("这次重置已经由安全管理员和审计员确认".into()));
            }
            _ => {
                let error = Error::Denied(
                    "这次重置由经办人以外的安全管理员和审计员各一人确认；您无须确认".into(),
                );
                return Err(self.deny(context, Action::Configure, error).await);
            }
        };
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        leaf.note = format!("已查看第 {number} 个策略集的脱机重置");
        let at = context.now;
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let key = number.to_string();
                let mut entries = Vec::new();
                if security {
                    let set = Query::new("UPDATE policy_reset SET security_by = ").bind(&by);
                    let set = set.push(", security_at = ").bind(at).push(" WHERE number = ");
                    tx.run(set.bind(number)).await?;
                }
                if auditor {
                    let set = Query::new("UPDATE policy_reset SET audit_by = ").bind(&by);
                    let set = set.push(", audit_at = ").bind(at).push(" WHERE number = ");
                    tx.run(set.bind(number)).await?;
                    let set = Query::new("UPDATE policy_notice SET seen_by = ").bind(&by);
                    let set = set.push(", seen_at = ").bind(at);
                    let set = set.push(" WHERE seen_by IS NULL AND number = ");
                    tx.run(set.bind(number)).await?;
                    entries.push(kept::POLICY_NOTICE.entry(tx, &key).await?);
                }
                entries.push(kept::POLICY_RESET.entry(tx, &key).await?);
                Ok(entries)
            })
        });
        work.await?;
        self.know_resets().await
    }

    async fn know_resets(&self) -> Result<()> {
        self.inner.resets.set(std::sync::Arc::new(unseen(&self.inner.db).await?));
        Ok(())
    }

    /// One stored set.
    pub(super) async fn stored_set(&self, id: &Id) -> Result<PolicySet> {
        let query = Query::new(SELECT).push(" WHERE id = ").bind(id);
        let row = self.inner.db.read().await?.row(query).await?;
        stored::read(&row.ok_or_else(|| Error::NotFound(format!("策略集 {id}")))?)
    }
}

/// Resets that somebody has still to see.
pub(crate) async fn unseen(db: &Db) -> Result<Vec<PolicyReset>> {
    let mut open = all(db).await?;
    open.retain(|reset| reset.security.is_none() || reset.auditor.is_none());
    Ok(open)
}

async fn all(db: &Db) -> Result<Vec<PolicyReset>> {
    let query = Query::new(RESETS).push(" ORDER BY number DESC");
    db.read().await?.rows(query).await?.iter().map(PolicyReset::read).collect()
}

const RESETS: &str = "SELECT number, was, was_digest, set_id, digest, done_by, reason, problems, wider, done_at, security_by, \
                      security_at, audit_by, audit_at FROM policy_reset";
const INSERT: &str = "INSERT INTO policy_reset (number, was, was_digest, set_id, digest, done_by, reason, problems, wider, done_at)";
/// Columns of [`INSERT`].
const WIDTH: usize = 10;

impl PolicyReset {
    fn binds(&self) -> Result<Vec<Bind>> {
        Ok(vec![
            self.number.into(),
            (&self.was.0).into(),
            self.was.1.as_str().into(),
            (&self.set.0).into(),
            self.set.1.as_str().into(),
            (&self.by).into(),
            self.reason.as_str().into(),
            crate::org::json(&self.problems)?.into(),
            self.wider.map(i64::from).into(),
            self.at.into(),
        ])
    }

    fn read(row: &Row) -> Result<Self> {
        let seen = |by: usize, at: usize| -> Result<Option<(Id, Instant)>> {
            let seen = row.maybe_text(by)?.zip(row.maybe_int(at)?);
            Ok(seen.map(|(by, at)| (Id::from_text(by), Instant(at))))
        };
        Ok(Self {
            number: row.count(0)?,
            was: (row.id(1)?, row.text(2)?),
            set: (row.id(3)?, row.text(4)?),
            by: row.id(5)?,
            reason: row.text(6)?,
            problems: row.json(7)?,
            wider: row.maybe_int(8)?.map(|wider| wider != 0),
            at: row.instant(9)?,
            security: seen(10, 11)?,
            auditor: seen(12, 13)?,
        })
    }
}
