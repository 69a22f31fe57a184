//! The centre's own policy sets: proposed by security, put in force by a second person, kept with their history. What is in
//! force is loaded by the guard at once and at every start.
//!
//! A set is checked three times: when it is proposed, when it is approved, and when it is loaded. What crosses a line that no
//! policy set may cross is refused each time; a centre does not start on a set that it cannot hold to, and says so ([`stored`]).
//! The road back is then [`reset`].

mod check;
mod effect;
pub(crate) mod reset;
pub(crate) mod stored;

use anshu_authz::Authority;
use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Problem, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::db::{Query, Tx};
use crate::log::kept;
use crate::log::note::hex;
use crate::{Data, guard};
pub use check::check_policies;
pub use effect::PolicyEffects;
pub use reset::{PolicyReset, ResetPlan, ResetTo};
use stored::{INSERT, SELECT, WIDTH, binds, read};

/// Sets that are listed: the latest.
const MOST: u32 = 100;

/// A policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFile {
    /// Its name, such as `rows.cedar`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Where a policy set stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyState {
    /// Security proposed it.
    Proposed,
    /// It holds.
    InForce,
    /// A second person did not agree.
    Refused,
    /// A later one holds.
    Replaced,
}

/// A policy set of the centre's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySet {
    /// The proposal.
    pub id: Id,
    /// What names the set in scopes and leaves.
    pub digest: String,
    /// Its files.
    pub files: Vec<PolicyFile>,
    /// Whether it is whatever the program ships, now and after each upgrade.
    pub follows: bool,
    /// Where it stands.
    pub state: PolicyState,
    /// What it is to change, in the words of who proposed it.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: Id,
    /// When.
    pub proposed_at: Instant,
    /// Who answered.
    pub decided_by: Option<Id>,
    /// When.
    pub decided_at: Option<Instant>,
    /// Why not.
    pub answer: Option<String>,
}

/// The policies that hold now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoliciesInForce {
    /// What names them in scopes and leaves.
    pub digest: String,
    /// Whether they are whatever the program ships.
    pub shipped: bool,
    /// Their files.
    pub files: Vec<PolicyFile>,
    /// Since when they hold; none where nobody has noted it yet.
    pub since: Option<Instant>,
    /// The set by which they came into force; none where the centre began with them.
    pub set: Option<PolicySet>,
    /// Why they do not pass: only a centre that is being repaired is opened so.
    pub failing: Vec<Problem>,
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProposedPolicies {
    /// Files.
    Files(Vec<PolicyFile>),
    /// The files of a set of before.
    Earlier(Id),
    /// What the program ships, now and after each upgrade.
    Shipped,
}

impl From<Vec<PolicyFile>> for ProposedPolicies {
    fn from(files: Vec<PolicyFile>) -> Self {
        Self::Files(files)
    }
}

impl Data {
    /// The policies that hold now.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post does not see them.
    pub async fn policies(&self, context: &OpContext) -> Result<PoliciesInForce> {
        self.allow(context, "see-policies", Action::Configure).await?;
        let set = stored::in_force(&self.inner.db).await?;
        let failing = self.inner.failing.clone();
        let digest = match &set {
            // What holds while it is repaired is not what is in force.
            Some(set) if !failing.is_empty() => set.digest.clone(),
            _ => self.inner.guard.policies(),
        };
        let shipped = set.as_ref().is_none_or(|set| set.follows);
        let files = set.as_ref().map_or_else(shipped_policies, |set| set.files.clone());
        let since = self.policy_notices().await?.pop();
        let since = since.filter(|last| last.digest == digest).map(|last| last.since);
        Ok(PoliciesInForce { digest, shipped, files, since, set, failing })
    }

    /// The files that are in force.
    async fn files_in_force(&self) -> Result<Vec<PolicyFile>> {
        let set = stored::in_force(&self.inner.db).await?;
        Ok(set.map_or_else(shipped_policies, |set| set.files))
    }

    /// The centre's own sets, the latest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post does not see them.
    pub async fn policy_sets(&self, context: &OpContext) -> Result<Vec<PolicySet>> {
        self.allow(context, "see-policies", Action::Configure).await?;
        let query = Query::new(SELECT).push(" ORDER BY proposed_at DESC, id LIMIT ").bind(MOST);
        self.inner.db.read().await?.rows(query).await?.iter().map(read).collect()
    }

    /// Proposes a policy set. It holds once a second person agrees; until then nothing changes.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post may not; [`Error::Invalid`] with every problem of the set.
    pub async fn propose_policies(
        &self,
        context: &OpContext,
        proposed: impl Into<ProposedPolicies>,
        reason: &str,
    ) -> Result<PolicySet> {
        self.allow(context, "propose-policies", Action::Configure).await?;
        let reason = said(reason)?;
        let (files, follows) = self.files_of(proposed.into()).await?;
        let authority = check_policies(&files)?;
        let now = stored::in_force(&self.inner.db).await?;
        let followed = now.as_ref().is_none_or(|now| now.follows);
        let held = now.map_or_else(shipped_policies, |now| now.files);
        // A copy of what the program ships is something else than what it ships, but of no use to anybody: an upgrade would
        // leave the centre behind. From a copy back to what it ships is a change.
        if same_files(&files, &held) && (followed || !follows) {
            return Err(Error::Conflict("与现行策略相同，没有变更".into()));
        }
        let set = PolicySet {
            id: context.id.clone(),
            digest: authority.digest().to_owned(),
            files,
            follows,
            state: PolicyState::Proposed,
            reason,
            proposed_by: person(context)?,
            proposed_at: context.now,
            decided_by: None,
            decided_at: None,
            answer: None,
        };
        let note = format!("提出访问策略 {}", set.digest);
        self.keep_policies(context, &set, note, None).await?;
        Ok(set)
    }

    /// The files that are proposed, and whether they follow the program.
    async fn files_of(&self, proposed: ProposedPolicies) -> Result<(Vec<PolicyFile>, bool)> {
        match proposed {
            ProposedPolicies::Files(files) => Ok((files, false)),
            ProposedPolicies::Shipped => Ok((shipped_policies(), true)),
            ProposedPolicies::Earlier(id) => {
                let set = self.stored_set(&id).await?;
                Ok((set.files, set.follows))
            }
        }
    }

    /// What a proposal would be: its files, and everything that is wrong with them.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post does not see policies; [`Error::NotFound`] where there is no such set.
    pub async fn proposed_policies(
        &self,
        context: &OpContext,
        proposed: ProposedPolicies,
    ) -> Result<(Vec<PolicyFile>, Vec<Problem>)> {
        self.allow(context, "see-policies", Action::Configure).await?;
        let (files, _) = self.files_of(proposed).await?;
        match check_policies(&files) {
            Ok(_) => Ok((files, Vec::new())),
            Err(Error::Invalid(problems)) => Ok((files, problems)),
            Err(other) => Err(other),
        }
    }

    /// One of the centre's own sets.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post does not see them; [`Error::NotFound`] where there is none.
    pub async fn policy_set(&self, context: &OpContext, id: &Id) -> Result<PolicySet> {
        self.allow(context, "see-policies", Action::Configure).await?;
        self.stored_set(id).await
    }

    /// Puts a proposed set in force, by a second person. It holds from this moment on, in open sessions too.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post may not, or the person proposed it; [`Error::NotFound`] where there is none;
    /// [`Error::Conflict`] where it was answered already; [`Error::Invalid`] where it does not pass any more.
    pub async fn approve_policies(&self, context: &OpContext, id: &Id) -> Result<PolicySet> {
        let set = self.policies_to_answer(context, id).await?;
        let authority = check_policies(&set.files)?;
        let set = PolicySet {
            digest: authority.digest().to_owned(),
            state: PolicyState::InForce,
            decided_by: Some(person(context)?),
            decided_at: Some(context.now),
            ..set
        };
        let before = self.inner.guard.authority().digest().to_owned();
        let note = format!("访问策略 {} 生效，替换 {before}", set.digest);
        self.keep_policies(context, &set, note, Some(authority)).await?;
        Ok(set)
    }

    /// Refuses a proposed set, by a second person.
    ///
    /// # Errors
    /// As [`Data::approve_policies`]; [`Error::Invalid`] without a reason.
    pub async fn refuse_policies(
        &self,
        context: &OpContext,
        id: &Id,
        reason: &str,
    ) -> Result<PolicySet> {
        let answer = said(reason)?;
        let set = self.policies_to_answer(context, id).await?;
        let set = PolicySet {
            state: PolicyState::Refused,
            decided_by: Some(person(context)?),
            decided_at: Some(context.now),
            answer: Some(answer),
            ..set
        };
        let note = format!("不批准访问策略 {}", set.digest);
        self.keep_policies(context, &set, note, None).await?;
        Ok(set)
    }

    async fn policies_to_answer(&self, context: &OpContext, id: &Id) -> Result<PolicySet> {
        self.allow(context, "approve-policies", Action::Configure).await?;
        let set = self.stored_set(id).await?;
        if set.proposed_by == person(context)? {
            let error =
                Error::Denied("不能批准本人提出的策略；请由另一名安全管理员或审计员办理".into());
            return Err(self.deny(context, Action::Configure, error).await);
        }
        if set.state != PolicyState::Proposed {
            return Err(Error::Conflict("该策略集已经答复".into()));
        }
        Ok(set)
    }

    /// Writes a set as it is now. Where it comes into force, the one before is replaced, and the guard follows.
    async fn keep_policies(
        &self,
        context: &OpContext,
        set: &PolicySet,
        note: String,
        force: Option<Authority>,
    ) -> Result<()> {
        let files = stored::files(set)?;
        let digest = hex(&Sha256::digest(files.as_bytes()));
        let leaf =
            Leaf { digest, note, ..guard::leaf(context, Action::Configure, Verdict::Allowed) };
        let row = binds(set, files);
        let (id, replaces) = (set.id.clone(), force.is_some());
        let first = set.state == PolicyState::Proposed;
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                if !first {
                    still_proposed(tx, &id).await?;
                }
                let mut entries = Vec::new();
                if replaces {
                    let before = Query::new("SELECT id FROM policy_set WHERE state = 'in_force'");
                    for row in tx.rows(before).await? {
                        let before = row.id(0)?;
                        let end =
                            Query::new("UPDATE policy_set SET state = 'replaced' WHERE id = ");
                        tx.run(end.bind(&before)).await?;
                        entries.push(kept::POLICY_SET.entry(tx, before.as_str()).await?);
                    }
                }
                tx.insert(INSERT, WIDTH, vec![row], REPLACE).await?;
                entries.push(kept::POLICY_SET.entry(tx, id.as_str()).await?);
                Ok(entries)
            })
        });
        work.await?;
        if let Some(authority) = force {
            self.inner.guard.use_authority(authority);
            // An alarm until an auditor has seen it, as after a restart with other policies.
            self.note_policies(context).await?;
        }
        Ok(())
    }
}

/// Whether files are the same, in whatever order.
fn same_files(some: &[PolicyFile], others: &[PolicyFile]) -> bool {
    some.len() == others.len() && some.iter().all(|file| others.contains(file))
}

/// The files that Anshu ships.
#[must_use]
pub fn shipped_policies() -> Vec<PolicyFile> {
    let file =
        |(name, text): &(&str, &str)| PolicyFile { name: (*name).into(), text: (*text).into() };
    Authority::shipped_files().iter().map(file).collect()
}

async fn still_proposed(tx: &mut Tx, id: &Id) -> Result<()> {
    let query = Query::new("SELECT 1 FROM policy_set WHERE state = 'proposed' AND id = ").bind(id);
    match tx.row(query).await? {
        Some(_) => Ok(()),
        None => Err(Error::Conflict("该策略集已经答复".into())),
    }
}

fn person(context: &OpContext) -> Result<Id> {
    match &context.principal {
        Principal::Person(person) => Ok(person.id.clone()),
        Principal::Duty(_) | Principal::System { .. } => {
            Err(Error::Denied("访问策略须由具名人员提出和批准".into()))
        }
    }
}

fn said(text: &str) -> Result<String> {
    let text = text.trim();
    match text.chars().count() {
        1..=500 => Ok(text.to_owned()),
        0 => Err(Error::invalid("/reason", "空", "1 至 500 字的说明")),
        length => Err(Error::invalid("/reason", format!("{length} 字"), "不超过 500 字的说明")),
    }
}

const REPLACE: &str = "ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, state = excluded.state, \
                       decided_by = excluded.decided_by, decided_at = excluded.decided_at, answer = excluded.answer";
