//! The centre's own policy sets: proposed by security, put in force by a second person, kept with their history. What is in
//! force is loaded by the guard at once and at every start.
//!
//! A set is checked three times: when it is proposed, when it is approved, and when it is loaded. What crosses a line that no
//! policy set may cross is refused each time; a centre does not start on a set that it cannot hold to.

use anshu_authz::Authority;
use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::db::{Bind, Db, Query, Row, Tx};
use crate::log::kept;
use crate::log::note::hex;
use crate::org::json;
use crate::{Data, guard};

/// Sets that are listed: the latest.
const MOST: u32 = 100;
/// Files of one set, and bytes of all of them.
const MOST_FILES: usize = 64;
const MOST_BYTES: usize = 256 * 1024;

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
    /// Whether they are those that Anshu ships.
    pub shipped: bool,
    /// Their files.
    pub files: Vec<PolicyFile>,
}

/// Checks a policy set as it would be before it is put in force.
///
/// # Errors
/// [`Error::Invalid`] with every problem, its file and policy, and with every line that it crosses.
pub fn check_policies(files: &[PolicyFile]) -> Result<Authority> {
    let size: usize = files.iter().map(|file| file.text.len()).sum();
    if files.is_empty() || files.len() > MOST_FILES || size > MOST_BYTES {
        let right = format!("1 至 {MOST_FILES} 个文件，共不超过 {MOST_BYTES} 字节");
        return Err(Error::invalid(
            "策略集",
            format!("{} 个文件，{size} 字节", files.len()),
            right,
        ));
    }
    let wrong = |name: &str| {
        let stem = name.strip_suffix(".cedar").unwrap_or_default();
        stem.is_empty()
            || !stem
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if let Some(file) = files.iter().find(|file| wrong(&file.name)) {
        return Err(Error::invalid(
            &file.name,
            "文件名不可用",
            "字母、数字和连字符组成的 <名称>.cedar",
        ));
    }
    let mut names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()) {
        return Err(Error::invalid(*twice.first().unwrap_or(&""), "文件名重复", "不重复的文件名"));
    }
    let files: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    Authority::own(&files)
}

/// The policies to start with: those that a second person put in force, or else those that were given.
///
/// # Errors
/// [`Error::Invalid`] where those in force cannot be held to.
pub(crate) async fn start(db: &Db, given: Authority) -> Result<Authority> {
    let query =
        Query::new(SELECT).push(" WHERE state = 'in_force' ORDER BY decided_at DESC LIMIT 1");
    match db.read().await?.row(query).await? {
        Some(row) => check_policies(&read(&row)?.files),
        None => Ok(given),
    }
}

impl Data {
    /// The policies that hold now.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post does not see them.
    pub async fn policies(&self, context: &OpContext) -> Result<PoliciesInForce> {
        self.allow(context, "see-policies", Action::Configure).await?;
        let digest = self.inner.guard.authority().digest().to_owned();
        let query = Query::new(SELECT).push(" WHERE state = 'in_force' LIMIT 1");
        let own = self.inner.db.read().await?.row(query).await?;
        let (shipped, files) = match &own {
            Some(row) => (false, read(row)?.files),
            None => (true, shipped_policies()),
        };
        Ok(PoliciesInForce { digest, shipped, files })
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
        files: Vec<PolicyFile>,
        reason: &str,
    ) -> Result<PolicySet> {
        self.allow(context, "propose-policies", Action::Configure).await?;
        let reason = said(reason)?;
        let authority = check_policies(&files)?;
        if authority.digest() == self.inner.guard.authority().digest() {
            return Err(Error::Conflict("与现行策略相同，没有变更".into()));
        }
        let set = PolicySet {
            id: context.id.clone(),
            digest: authority.digest().to_owned(),
            files,
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

    /// Puts a proposed set in force, by a second person. It holds from this moment on, in open sessions too.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post may not, or the person proposed it; [`Error::NotFound`] where there is none;
    /// [`Error::Conflict`] where it was answered already; [`Error::Invalid`] where it does not pass any more.
    pub async fn approve_policies(&self, context: &OpContext, id: &Id) -> Result<PolicySet> {
        let set = self.policies_to_answer(context, id).await?;
        let authority = check_policies(&set.files)?;
        let set = PolicySet {
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
        let query = Query::new(SELECT).push(" WHERE id = ").bind(id);
        let row = self.inner.db.read().await?.row(query).await?;
        let set = read(&row.ok_or_else(|| Error::NotFound(format!("策略集 {id}")))?)?;
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
        let files = json(&set.files)?;
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
                tx.insert(INSERT, 10, vec![row], REPLACE).await?;
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

const SELECT: &str = "SELECT id, digest, files, state, reason, proposed_by, proposed_at, decided_by, decided_at, answer \
                      FROM policy_set";
const INSERT: &str = "INSERT INTO policy_set (id, digest, files, state, reason, proposed_by, proposed_at, decided_by, \
                      decided_at, answer)";
const REPLACE: &str = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by, \
                       decided_at = excluded.decided_at, answer = excluded.answer";

fn binds(set: &PolicySet, files: String) -> Vec<Bind> {
    let state = match set.state {
        PolicyState::Proposed => "proposed",
        PolicyState::InForce => "in_force",
        PolicyState::Refused => "refused",
        PolicyState::Replaced => "replaced",
    };
    vec![
        (&set.id).into(),
        set.digest.as_str().into(),
        files.into(),
        state.into(),
        set.reason.as_str().into(),
        (&set.proposed_by).into(),
        set.proposed_at.into(),
        set.decided_by.as_ref().into(),
        set.decided_at.into(),
        set.answer.as_deref().into(),
    ]
}

fn read(row: &Row) -> Result<PolicySet> {
    Ok(PolicySet {
        id: row.id(0)?,
        digest: row.text(1)?,
        files: row.json(2)?,
        state: match row.text(3)?.as_str() {
            "proposed" => PolicyState::Proposed,
            "in_force" => PolicyState::InForce,
            "refused" => PolicyState::Refused,
            "replaced" => PolicyState::Replaced,
            other => return Err(Error::Internal(format!("no policy state {other}"))),
        },
        reason: row.text(4)?,
        proposed_by: row.id(5)?,
        proposed_at: row.instant(6)?,
        decided_by: row.maybe_text(7)?.map(Id::from_text),
        decided_at: row.maybe_int(8)?.map(Instant),
        answer: row.maybe_text(9)?,
    })
}
