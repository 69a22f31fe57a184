//! Trials of a version before it is activated: the recorded decisions that it is tried on, what replays showed, what runs
//! beside the active version and what that showed.
//!
//! Reports and counts hold kinds, figures and ids of decisions; nothing personal. What a difference means is not known here.

mod shadow;

use anshu_model::context::{OpContext, PackRef};
use anshu_model::decision::Decision;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::db::{Bind, Query, Row};
use crate::guard::DECIDED;
use crate::log::kept;
use crate::log::note::hex;
use crate::org::json;
use crate::{Data, guard};
pub use shadow::ShadowCount;

/// Trials that are listed: the latest.
const MOST: u32 = 200;

/// How a version was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialKind {
    /// On recorded decisions.
    Replay,
    /// Beside the active version, on live traffic.
    Shadow,
    /// Not at all: somebody in the second role has read what trials say, and agrees.
    Agreement,
}

/// Where a trial stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialState {
    /// A shadow runs.
    Running,
    /// A replay looked at everything.
    Done,
    /// A replay was ended before.
    Cancelled,
    /// A shadow was turned off.
    Stopped,
}

impl TrialState {
    fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Stopped => "stopped",
        }
    }

    fn of(name: &str) -> Result<Self> {
        let all = [Self::Running, Self::Done, Self::Cancelled, Self::Stopped];
        let found = all.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| Error::Internal(format!("no trial state {name}")))
    }
}

/// A trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The trial.
    pub id: Id,
    /// How.
    pub kind: TrialKind,
    /// The version that is tried.
    pub pack: PackRef,
    /// Of a replay, the days of recorded decisions. Of a shadow, how many decisions it is to see before one person alone may
    /// turn it off.
    pub span: u32,
    /// Who began it, as the log names them.
    pub by: String,
    /// Where it stands.
    pub state: TrialState,
    /// What it showed.
    pub report: Value,
    /// When it began.
    pub begun_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// The decisions of one pack since an instant, in the order of time. They hold every value: they must not leave the machine.
#[derive(Debug)]
pub struct Recorded {
    data: Data,
    pack: String,
    after: (i64, i64),
    total: u64,
}

impl Recorded {
    /// How many there were when it was opened.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    fn query(&self, limit: u32) -> Query {
        Query::new("SELECT d.at, d.leaf, d.decision, d.id FROM decision d WHERE d.pack = ")
            .bind(self.pack.as_str())
            .push(" AND (d.at, d.leaf) > (")
            .bind(self.after.0)
            .push(", ")
            .bind(self.after.1)
            .push(")")
            .push(DECIDED)
            .push(" ORDER BY d.at, d.leaf LIMIT ")
            .bind(limit)
    }

    /// The next ones, at most `limit`; none at the end. What was erased is passed over.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn next(&mut self, limit: u32) -> Result<Vec<Decision>> {
        let mut tx = self.data.inner.db.read().await?;
        loop {
            let query = self.query(limit);
            let rows = tx.rows(query).await?;
            let Some(last) = rows.last() else { return Ok(Vec::new()) };
            self.after = (last.int(0)?, last.int(1)?);
            let decisions = self.data.inner.vault.decisions(&mut tx, &rows, 2).await?;
            let decisions: Vec<Decision> = decisions.into_iter().flatten().collect();
            // A page of what was erased is not the end.
            if !decisions.is_empty() {
                return Ok(decisions);
            }
        }
    }
}

impl Data {
    /// Opens the decisions of a pack since an instant, to try another version on them.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor takes no part in packs' lives.
    pub async fn recorded(
        &self,
        context: &OpContext,
        pack: &str,
        since: Instant,
    ) -> Result<Recorded> {
        self.allow(context, "manage-packs", Action::Replay).await?;
        let query = Query::new("SELECT COUNT(*) FROM decision d WHERE d.pack = ")
            .bind(pack)
            .push(" AND d.at >= ")
            .bind(since)
            .push(DECIDED);
        let row = self.inner.db.read().await?.row(query).await?;
        let total = row.map_or(Ok(0), |row| row.count(0))?;
        let after = (since.milliseconds(), -1);
        Ok(Recorded { data: self.clone(), pack: pack.to_owned(), after, total })
    }

    /// Keeps what a replay showed, with the one leaf that says that it was made: by whom, of which version, over what.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor takes no part in packs' lives.
    pub async fn put_replay(
        &self,
        context: &OpContext,
        pack: &PackRef,
        days: u32,
        whole: bool,
        report: &Value,
        ended_at: Instant,
    ) -> Result<Trial> {
        self.allow(context, "manage-packs", Action::Replay).await?;
        let trial = Trial {
            id: context.id.clone(),
            kind: TrialKind::Replay,
            pack: pack.clone(),
            span: days,
            by: actor(context),
            state: if whole { TrialState::Done } else { TrialState::Cancelled },
            report: report.clone(),
            begun_at: context.now,
            ended_at: Some(ended_at),
        };
        let note = format!("在近 {days} 天的决定上比对新旧版本");
        self.keep_trial(context, Action::Replay, note, &trial).await?;
        Ok(trial)
    }

    /// Trials, the latest first: of one pack, or of all.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor takes no part in packs' lives.
    pub async fn trials(&self, context: &OpContext, pack: Option<&str>) -> Result<Vec<Trial>> {
        self.allow(context, "see-packs", Action::Pack).await?;
        let query = Query::new(TRIAL);
        let query = match pack {
            Some(pack) => query.push(" WHERE pack = ").bind(pack),
            None => query,
        };
        let query = query.push(" ORDER BY begun_at DESC, id LIMIT ").bind(MOST);
        self.inner.db.read().await?.rows(query).await?.iter().map(trial).collect()
    }

    /// One trial.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor takes no part in packs' lives. [`Error::NotFound`] where there is none.
    pub async fn trial(&self, context: &OpContext, id: &Id) -> Result<Trial> {
        self.allow(context, "see-packs", Action::Pack).await?;
        let query = Query::new(TRIAL).push(" WHERE id = ").bind(id);
        let row = self.inner.db.read().await?.row(query).await?;
        row.as_ref().map(trial).transpose()?.ok_or_else(|| Error::NotFound(format!("试运行 {id}")))
    }

    /// The last replay of a version that looked at everything, and its shadow run that is on or was on last. For the
    /// machine's own judgement.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn last_trials(&self, pack: &PackRef) -> Result<(Option<Trial>, Option<Trial>)> {
        let mut tx = self.inner.db.read().await?;
        let mut last = async |condition: &'static str| -> Result<Option<Trial>> {
            let query = Query::new(TRIAL).push(condition).bind(pack.digest.as_str());
            let row = tx.row(query.push(" ORDER BY begun_at DESC, id LIMIT 1")).await?;
            row.as_ref().map(trial).transpose()
        };
        let replay = last(" WHERE kind = 'replay' AND state = 'done' AND digest = ").await?;
        Ok((replay, last(" WHERE kind = 'shadow' AND digest = ").await?))
    }

    /// Keeps that a person in the second role agrees to activate a version although trials say what the report holds.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not loosen.
    pub async fn put_agreement(
        &self,
        context: &OpContext,
        pack: &PackRef,
        report: &Value,
    ) -> Result<Trial> {
        self.allow(context, "loosen", Action::Grant).await?;
        let trial = Trial {
            id: context.id.clone(),
            kind: TrialKind::Agreement,
            pack: pack.clone(),
            span: 0,
            by: actor(context),
            state: TrialState::Done,
            report: report.clone(),
            begun_at: context.now,
            ended_at: Some(context.now),
        };
        self.keep_trial(context, Action::Grant, "同意放宽后启用".into(), &trial).await?;
        Ok(trial)
    }

    /// The last agreement about a version. For the machine's own judgement.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn last_agreement(&self, pack: &PackRef) -> Result<Option<Trial>> {
        let query = Query::new(TRIAL).push(" WHERE kind = 'agreement' AND digest = ");
        let query = query.bind(pack.digest.as_str()).push(" ORDER BY begun_at DESC, id LIMIT 1");
        let row = self.inner.db.read().await?.row(query).await?;
        row.as_ref().map(trial).transpose()
    }

    async fn keep_trial(
        &self,
        context: &OpContext,
        action: Action,
        note: String,
        trial: &Trial,
    ) -> Result<()> {
        let PackRef { name, version, digest } = &trial.pack;
        let report = json(&trial.report)?;
        let leaf = Leaf {
            pack: Some(format!("{name}@{version}#{digest}")),
            digest: hex(&Sha256::digest(report.as_bytes())),
            note,
            ..guard::leaf(context, action, Verdict::Allowed)
        };
        let kind = match trial.kind {
            TrialKind::Replay => "replay",
            TrialKind::Shadow => "shadow",
            TrialKind::Agreement => "agreement",
        };
        let row: Vec<Bind> = vec![
            (&trial.id).into(),
            kind.into(),
            name.as_str().into(),
            version.as_str().into(),
            digest.as_str().into(),
            trial.span.into(),
            trial.by.as_str().into(),
            trial.state.name().into(),
            report.into(),
            trial.begun_at.into(),
            trial.ended_at.into(),
        ];
        let id = trial.id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let into = "INSERT INTO trial (id, kind, pack, version, digest, span, person, state, report, begun_at, ended_at)";
                let ends = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, report = excluded.report, ended_at = excluded.ended_at";
                tx.insert(into, 11, vec![row], ends).await?;
                Ok(vec![kept::TRIAL.entry(tx, id.as_str()).await?])
            })
        });
        work.await
    }
}

/// Who, as the log names them.
fn actor(context: &OpContext) -> String {
    guard::leaf(context, Action::Pack, Verdict::Allowed).actor
}

const TRIAL: &str = "SELECT id, kind, pack, version, digest, span, person, state, report, begun_at, ended_at FROM trial";

fn trial(row: &Row) -> Result<Trial> {
    Ok(Trial {
        id: row.id(0)?,
        kind: match row.text(1)?.as_str() {
            "shadow" => TrialKind::Shadow,
            "agreement" => TrialKind::Agreement,
            _ => TrialKind::Replay,
        },
        pack: PackRef { name: row.text(2)?, version: row.text(3)?, digest: row.text(4)? },
        span: u32::try_from(row.count(5)?).unwrap_or(u32::MAX),
        by: row.text(6)?,
        state: TrialState::of(&row.text(7)?)?,
        report: row.json(8)?,
        begun_at: row.instant(9)?,
        ended_at: row.maybe_int(10)?.map(Instant),
    })
}
