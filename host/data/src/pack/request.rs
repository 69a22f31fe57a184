//! What versions ask for and who answered. A version is stored with what it asks; nobody answers what they asked for
//! themselves, and what is sensitive needs two people.

use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, Principal};
use anshu_model::grant::{Approver, Difference};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::manifest::Manifest;
use anshu_model::org::Person;
use anshu_model::standing::Standing;
use anshu_model::{Error, Id, Result};
use sha2::{Digest, Sha256};

use super::life::{Change, replace_builds, subscribe_active};
use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept::{self, Entry};
use crate::log::note::hex;
use crate::org::{json, revise};
use crate::{Data, guard};

/// A version to be stored with what it asks for.
#[derive(Debug, Clone)]
pub struct Staging<'a> {
    /// The component.
    pub bytes: &'a [u8],
    /// SHA-256 of it, in hex.
    pub digest: &'a str,
    /// What it declares.
    pub manifest: &'a Manifest,
    /// The grant that is proposed.
    pub grant: &'a Grant,
    /// How that differs from the grant of the version in force.
    pub shown: &'a Difference,
    /// The version in force, by digest: where nothing more is asked, its approval stands for this one's.
    pub before: Option<&'a str>,
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// It waits for answers.
    Open,
    /// All who had to agree did.
    Approved,
    /// Somebody did not.
    Refused,
    /// Another request took its place.
    Replaced,
}

impl RequestState {
    /// As it is stored and as interfaces name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Replaced => "replaced",
        }
    }

    fn of(name: &str) -> Result<Self> {
        [Self::Open, Self::Approved, Self::Refused, Self::Replaced]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::Internal(format!("no state of a request: {name}")))
    }
}

/// What a version asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantRequest {
    /// The version, by the digest of its component.
    pub digest: String,
    /// Counts the requests of a version.
    pub number: u64,
    /// The grant that is proposed.
    pub asked: Grant,
    /// How it differs from the grant of the version then in force.
    pub shown: Difference,
    /// The version whose approval this one refers to, by digest.
    pub refers_to: Option<String>,
    /// Who asked, by name.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// How it stands.
    pub state: RequestState,
    /// The answers so far.
    pub answers: Vec<GrantAnswer>,
    actor: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantAnswer {
    /// In which role.
    pub role: Approver,
    /// Who.
    pub person: Id,
    /// Who, by name.
    pub name: String,
    /// Whether they agreed.
    pub approved: bool,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

impl GrantRequest {
    /// Who still has to agree.
    #[must_use]
    pub fn awaited(&self) -> Vec<Approver> {
        let answered = |role| self.answers.iter().any(|answer| answer.role == role);
        let needed = self.shown.approvers().iter().copied();
        match self.state {
            RequestState::Open => needed.filter(|role| !answered(*role)).collect(),
            RequestState::Approved | RequestState::Refused | RequestState::Replaced => Vec::new(),
        }
    }

    /// The role in which a person answers.
    fn role_of(&self, person: &Person) -> Result<Approver> {
        let own = self.actor.strip_prefix("person:").and_then(|rest| rest.rsplit_once('@'));
        if own.is_some_and(|(id, _)| id == person.id.as_str()) {
            return Err(Error::Denied("不能批准自己提出的授权；请由另一人批准".into()));
        }
        if self.answers.iter().any(|answer| answer.person == person.id) {
            return Err(Error::Conflict("本人已经答复；敏感授权须由另一岗位的另一人答复".into()));
        }
        let awaited = self.awaited();
        awaited.iter().find(|role| person.roles.contains(role.role())).copied().ok_or_else(|| {
            let titles: Vec<_> = awaited.iter().map(|role| role.title()).collect();
            Error::Denied(format!("这项授权现在由{}批准", titles.join("、")))
        })
    }
}

/// What is asked, before it has a number.
pub(super) struct Asked {
    pub(super) grant: Grant,
    pub(super) shown: Difference,
    pub(super) refers_to: Option<String>,
}

impl Data {
    /// Stores a version with what it asks for. Where that is nothing beyond the version in force, it counts as approved by
    /// reference to that one's approval; else it waits.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Invalid`] where component, manifest and grant do not belong
    /// together; [`Error::Conflict`] where another build of the version is in use, or the version in force has changed.
    pub async fn stage_pack(
        &self,
        context: &OpContext,
        staging: Staging<'_>,
    ) -> Result<GrantRequest> {
        self.allow(context, "stage-pack", Action::Pack).await?;
        let Staging { bytes, digest, manifest, grant, shown, before } = staging;
        super::check(bytes, manifest, grant, digest)?;
        let refers_to = before.filter(|_| !shown.asks_more()).map(str::to_owned);
        let pack = Some(format!("{}@{}#{digest}", manifest.name, manifest.version));
        let leaf =
            |action| Leaf { pack: pack.clone(), ..guard::leaf(context, action, Verdict::Allowed) };
        let note = if refers_to.is_some() { "沿用已批准的授权" } else { "申请授权" };
        let leaves = vec![
            Leaf { digest: digest.to_owned(), note: "存入插件".into(), ..leaf(Action::Pack) },
            Leaf {
                digest: hex(&Sha256::digest(json(grant)?)),
                note: note.into(),
                ..leaf(Action::Grant)
            },
        ];
        let row = super::row(manifest, digest, bytes, grant, context.now)?;
        let asked = Asked { grant: grant.clone(), shown: shown.clone(), refers_to };
        let (manifest, digest) = (manifest.clone(), digest.to_owned());
        let (context, appender) = (context.clone(), self.inner.writer.appender().clone());
        let version = manifest.version.clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let mut entries = replace_builds(tx, &context, &manifest, &digest, false).await?;
                let into = "INSERT INTO pack (digest, name, version, manifest, bytes, allowed, state, installed_at, changed_at)";
                tx.insert(into, 9, vec![row], "ON CONFLICT (digest) DO NOTHING").await?;
                let stands = Query::new("SELECT state FROM pack WHERE digest = ").bind(digest.as_str());
                let stands = tx.row(stands).await?.map(|row| row.text(0)).transpose()?;
                if stands.is_none_or(|state| matches!(state.as_str(), "staged" | "removed")) {
                    entries.extend(Change::to(Standing::Staged).make(tx, &digest, &context).await?);
                }
                let (state, more) = ask(tx, &context, &digest, &asked).await?;
                entries.extend(more);
                if state == RequestState::Approved {
                    entries.extend(allow(tx, &context, &digest, &asked.grant).await?);
                }
                revise(tx, "pack").await?;
                appender.bind(tx, leaves, Vec::new(), last_of_each(entries)).await?;
                latest(tx, &digest).await
            })
        });
        let request = work.await?.ok_or_else(|| Error::Internal("no request was kept".into()))?;
        if request.state == RequestState::Approved {
            self.inner.guard.use_grant(&version, request.asked.clone());
        }
        Ok(request)
    }

    /// The latest request of each version that is not removed; of one pack, or of all.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn grant_requests(&self, context: &OpContext) -> Result<Vec<GrantRequest>> {
        self.allow(context, "see-packs", Action::Pack).await?;
        let mut tx = self.inner.db.read().await?;
        let query = Query::new("SELECT digest FROM pack WHERE state <> 'removed' ORDER BY digest");
        let mut requests = Vec::new();
        for row in tx.rows(query).await? {
            requests.extend(latest(&mut tx, &row.text(0)?).await?);
        }
        Ok(requests)
    }

    /// The role in which the actor would answer a version's request.
    ///
    /// # Errors
    /// As [`Data::answer_grant`].
    pub async fn may_answer(&self, context: &OpContext, digest: &str) -> Result<Approver> {
        self.allow(context, "approve-grant", Action::Grant).await?;
        let request = open(&mut self.inner.db.read().await?, digest).await?;
        request.role_of(answering(context)?)
    }

    /// Answers a version's request. The answer that completes it puts the grant in force; one refusal ends it.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, has asked for it, or no answer in the actor's role is awaited;
    /// [`Error::Conflict`] where nothing is asked or the actor has answered; [`Error::Invalid`] for a refusal without a
    /// reason.
    pub async fn answer_grant(
        &self,
        context: &OpContext,
        digest: &str,
        approve: bool,
        reason: &str,
    ) -> Result<GrantRequest> {
        self.allow(context, "approve-grant", Action::Grant).await?;
        if !approve && reason.trim().is_empty() {
            return Err(Error::invalid("/reason", "空", "不同意的理由"));
        }
        let person = answering(context)?.clone();
        let mut leaf = guard::leaf(context, Action::Grant, Verdict::Allowed);
        leaf.note = if approve { "同意授权".into() } else { "不同意授权".into() };
        let (context, digest, reason) = (context.clone(), digest.to_owned(), reason.to_owned());
        let appender = self.inner.writer.appender().clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let mut request = open(tx, &digest).await?;
                let role = request.role_of(&person)?;
                let mut entries =
                    vec![answer(tx, &context, &request, role, &person.id, approve, &reason).await?];
                request.answers = answers(tx, &digest, request.number).await?;
                let state = match (approve, request.awaited().is_empty()) {
                    (false, _) => RequestState::Refused,
                    (true, true) => RequestState::Approved,
                    (true, false) => RequestState::Open,
                };
                if state != RequestState::Open {
                    entries.push(decide(tx, &request, state, context.now).await?);
                }
                if state == RequestState::Approved {
                    let (approved_by, approved_at) = (person.id.clone(), context.now);
                    let grant = Grant { approved_by, approved_at, ..request.asked.clone() };
                    entries.extend(allow(tx, &context, &digest, &grant).await?);
                }
                revise(tx, "pack").await?;
                let query = Query::new("SELECT name, version FROM pack WHERE digest = ");
                let row = tx.row(query.bind(digest.as_str())).await?;
                let row = row.ok_or_else(|| Error::NotFound("插件".into()))?;
                let (name, version) = (row.text(0)?, row.text(1)?);
                leaf.pack = Some(format!("{name}@{version}#{digest}"));
                leaf.digest = hex(&Sha256::digest(json(&request.asked)?));
                appender.bind(tx, vec![leaf], Vec::new(), entries).await?;
                Ok((latest(tx, &digest).await?.unwrap_or(request), version))
            })
        });
        let (request, version) = work.await?;
        if request.state == RequestState::Approved {
            self.inner.guard.use_grant(&version, request.asked.clone());
        }
        Ok(request)
    }
}

fn answering(context: &OpContext) -> Result<&Person> {
    match &context.principal {
        Principal::Person(person) => Ok(person),
        Principal::Duty(_) | Principal::System { .. } => {
            Err(Error::Denied("授权由具名的人批准".into()))
        }
    }
}

/// The state in which each row ends: a row that changed twice in one operation is vouched for once.
fn last_of_each(entries: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        kept.retain(|known| (known.name, &known.key) != (entry.name, &entry.key));
        kept.push(entry);
    }
    kept
}

/// Whether a version's grant is settled.
///
/// # Errors
/// [`Error::Conflict`] with what is missing.
pub(super) async fn settled(tx: &mut Tx, digest: &str, title: &str) -> Result<()> {
    let Some(request) = latest(tx, digest).await? else {
        return Err(Error::Conflict(format!("插件 {title} 还没有申请授权；请先存入")));
    };
    match request.state {
        RequestState::Approved => Ok(()),
        RequestState::Open => {
            let awaited: Vec<_> = request.awaited().iter().map(|role| role.title()).collect();
            Err(Error::Conflict(format!(
                "插件 {title} 的授权尚待{}批准；请先运行 anshu pack approve",
                awaited.join("、")
            )))
        }
        RequestState::Refused | RequestState::Replaced => {
            Err(Error::Conflict(format!("插件 {title} 的授权未获同意；请修改后重新存入")))
        }
    }
}

/// Keeps a request that is approved as it is made: who the grant names answered it.
pub(super) async fn record(
    tx: &mut Tx,
    context: &OpContext,
    digest: &str,
    asked: Asked,
    approver: &Id,
) -> Result<Vec<Entry>> {
    let mut entries = replace(tx, digest, context.now).await?;
    let number = insert(tx, context, digest, &asked, RequestState::Approved).await?;
    entries.push(kept::GRANT_REQUEST.entry(tx, &format!("{digest}/{number}")).await?);
    let request = latest(tx, digest).await?;
    let request = request.ok_or_else(|| Error::Internal("no request was kept".into()))?;
    let reason = "建立中心时按授权文件";
    entries.push(answer(tx, context, &request, Approver::Security, approver, true, reason).await?);
    Ok(entries)
}

async fn ask(
    tx: &mut Tx,
    context: &OpContext,
    digest: &str,
    asked: &Asked,
) -> Result<(RequestState, Vec<Entry>)> {
    if let Some(before) = &asked.refers_to {
        let query =
            Query::new("SELECT 1 FROM pack WHERE state IN ('active', 'quarantined') AND digest = ");
        if tx.row(query.bind(before.as_str())).await?.is_none() {
            return Err(Error::Conflict(
                "现行版本刚刚变更；请重新存入，以便与新的现行版本比较".into(),
            ));
        }
    }
    let mut entries = replace(tx, digest, context.now).await?;
    let state = if asked.refers_to.is_some() { RequestState::Approved } else { RequestState::Open };
    let number = insert(tx, context, digest, asked, state).await?;
    entries.push(kept::GRANT_REQUEST.entry(tx, &format!("{digest}/{number}")).await?);
    Ok((state, entries))
}

/// An open request gives way to a later one.
async fn replace(tx: &mut Tx, digest: &str, now: Instant) -> Result<Vec<Entry>> {
    match latest(tx, digest).await?.filter(|request| request.state == RequestState::Open) {
        Some(open) => Ok(vec![decide(tx, &open, RequestState::Replaced, now).await?]),
        None => Ok(Vec::new()),
    }
}

async fn insert(
    tx: &mut Tx,
    context: &OpContext,
    digest: &str,
    asked: &Asked,
    state: RequestState,
) -> Result<u64> {
    let query = Query::new("SELECT MAX(number) FROM grant_request WHERE digest = ").bind(digest);
    let last = tx.row(query).await?.map(|row| row.maybe_int(0)).transpose()?.flatten();
    let number = u64::try_from(last.unwrap_or(0) + 1)
        .map_err(|error| Error::Internal(format!("a request's number: {error}")))?;
    let actor = guard::leaf(context, Action::Grant, Verdict::Allowed).actor;
    let decided = (state != RequestState::Open).then_some(context.now);
    let row: Vec<Bind> = vec![
        digest.into(),
        number.into(),
        json(&asked.grant)?.into(),
        json(&asked.shown)?.into(),
        asked.refers_to.as_deref().into(),
        actor.into(),
        context.now.into(),
        state.name().into(),
        decided.into(),
    ];
    let into = "INSERT INTO grant_request (digest, number, asked, shown, refers_to, asked_by, asked_at, state, decided_at)";
    tx.insert(into, 9, vec![row], "").await?;
    Ok(number)
}

async fn answer(
    tx: &mut Tx,
    context: &OpContext,
    request: &GrantRequest,
    role: Approver,
    person: &Id,
    approve: bool,
    reason: &str,
) -> Result<Entry> {
    let GrantRequest { digest, number, .. } = request;
    let row: Vec<Bind> = vec![
        digest.as_str().into(),
        (*number).into(),
        role.role().into(),
        person.into(),
        if approve { "approved" } else { "refused" }.into(),
        reason.into(),
        context.now.into(),
        (&context.id).into(),
    ];
    let into =
        "INSERT INTO grant_answer (digest, number, role, person, decision, reason, at, operation)";
    tx.insert(into, 8, vec![row], "").await?;
    kept::GRANT_ANSWER.entry(tx, &format!("{digest}/{number}/{}", role.role())).await
}

async fn decide(
    tx: &mut Tx,
    request: &GrantRequest,
    state: RequestState,
    now: Instant,
) -> Result<Entry> {
    let GrantRequest { digest, number, .. } = request;
    let update = Query::new("UPDATE grant_request SET state = ")
        .bind(state.name())
        .push(", decided_at = ")
        .bind(now)
        .push(" WHERE digest = ")
        .bind(digest.as_str())
        .push(" AND number = ")
        .bind(*number);
    tx.run(update).await?;
    kept::GRANT_REQUEST.entry(tx, &format!("{digest}/{number}")).await
}

/// Puts a grant in force for a version, wherever it stands.
async fn allow(
    tx: &mut Tx,
    context: &OpContext,
    digest: &str,
    grant: &Grant,
) -> Result<[Entry; 2]> {
    let update = Query::new("UPDATE pack SET allowed = ").bind(json(grant)?);
    tx.run(update.push(" WHERE digest = ").bind(digest)).await?;
    let query = Query::new("SELECT state, reason FROM pack WHERE digest = ").bind(digest);
    let row = tx.row(query).await?.ok_or_else(|| Error::NotFound("插件".into()))?;
    let change = Change { state: super::standing(&row.text(0)?)?, reason: row.maybe_text(1)? };
    let entries = change.make(tx, digest, context).await?;
    subscribe_active(tx, &grant.pack).await?;
    Ok(entries)
}

/// The request that waits for answers.
async fn open(tx: &mut Tx, digest: &str) -> Result<GrantRequest> {
    let waiting = latest(tx, digest).await?.filter(|request| request.state == RequestState::Open);
    waiting.ok_or_else(|| Error::Conflict("这个版本没有待批准的授权".into()))
}

/// The latest request of a version.
async fn latest(tx: &mut Tx, digest: &str) -> Result<Option<GrantRequest>> {
    let query = Query::new(
        "SELECT number, asked, shown, refers_to, asked_by, asked_at, state FROM grant_request WHERE digest = ",
    );
    let query = query.bind(digest).push(" ORDER BY number DESC LIMIT 1");
    let Some(row) = tx.row(query).await? else { return Ok(None) };
    let (number, actor) = (row.count(0)?, row.text(4)?);
    Ok(Some(GrantRequest {
        digest: digest.to_owned(),
        number,
        asked: row.json(1)?,
        shown: row.json(2)?,
        refers_to: row.maybe_text(3)?,
        asked_by: name_of(tx, &actor).await?,
        asked_at: row.instant(5)?,
        state: RequestState::of(&row.text(6)?)?,
        answers: answers(tx, digest, number).await?,
        actor,
    }))
}

async fn answers(tx: &mut Tx, digest: &str, number: u64) -> Result<Vec<GrantAnswer>> {
    let query = Query::new(
        "SELECT a.role, a.person, COALESCE(c.name, a.person), a.decision, a.reason, a.at FROM grant_answer a \
         LEFT JOIN account c ON c.person = a.person WHERE a.digest = ",
    );
    let query =
        query.bind(digest).push(" AND a.number = ").bind(number).push(" ORDER BY a.at, a.role");
    let answer = |row: &Row| {
        let role = row.text(0)?;
        Ok(GrantAnswer {
            role: Approver::of(&role).ok_or_else(|| Error::Internal(format!("no role {role}")))?,
            person: row.id(1)?,
            name: row.text(2)?,
            approved: row.text(3)? == "approved",
            reason: row.text(4)?,
            at: row.instant(5)?,
        })
    };
    tx.rows(query).await?.iter().map(answer).collect()
}

/// What an actor of the log is called.
pub(super) async fn name_of(tx: &mut Tx, actor: &str) -> Result<String> {
    let person = actor.strip_prefix("person:").and_then(|rest| rest.rsplit_once('@'));
    let Some((person, _)) = person else { return Ok("运维人员".into()) };
    let query = Query::new("SELECT name FROM account WHERE person = ").bind(person);
    let name = tx.row(query).await?.map(|row| row.text(0)).transpose()?;
    Ok(name.unwrap_or_else(|| person.to_owned()))
}
