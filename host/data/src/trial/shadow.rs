//! Shadow runs: who turns them on and off, and what was counted meanwhile.

use anshu_model::context::{OpContext, PackRef};
use anshu_model::leaf::Action;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{TRIAL, Trial, TrialKind, TrialState, actor, trial};
use crate::Data;
use crate::db::{Bind, Query, Row, Tx};
use crate::org::json;

/// Decisions of which one count keeps the ids.
const EXAMPLES: usize = 5;

/// How often a shadow version showed a kind of difference on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowCount {
    /// The day, as YYYY-MM-DD; empty in sums over all days.
    pub day: String,
    /// The kind of difference, or `seen`, `equal`, `erased`, `dropped`.
    pub kind: String,
    /// Whether it loosens; empty where that makes no sense.
    pub leaning: String,
    /// In how many decisions.
    pub count: u64,
    /// A few of them.
    pub examples: Vec<Id>,
}

impl ShadowCount {
    /// The kind that counts every decision that a shadow version was compared on.
    pub const SEEN: &'static str = "seen";
}

impl Data {
    /// Turns a version's shadow on.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not keep packs; [`Error::Conflict`] where it runs already.
    pub async fn start_shadow(
        &self,
        context: &OpContext,
        pack: &PackRef,
        needed: u32,
    ) -> Result<Trial> {
        self.allow(context, "manage-packs", Action::Pack).await?;
        if self.shadow_of(pack).await?.is_some() {
            return Err(Error::Conflict(format!("{} {} 已在影子运行", pack.name, pack.version)));
        }
        let trial = Trial {
            id: context.id.clone(),
            kind: TrialKind::Shadow,
            pack: pack.clone(),
            span: needed,
            by: actor(context),
            state: TrialState::Running,
            report: Value::Array(Vec::new()),
            begun_at: context.now,
            ended_at: None,
        };
        let note = format!("开始影子运行，至少观察 {needed} 个决定");
        self.keep_trial(context, Action::Pack, note, &trial).await?;
        Ok(trial)
    }

    /// Turns a version's shadow off. Before it has seen what it was to see, this loosens: it takes the security role, and
    /// somebody else than who turned it on.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where it does not run.
    pub async fn stop_shadow(&self, context: &OpContext, pack: &PackRef) -> Result<Trial> {
        let Some(mut trial) = self.shadow_of(pack).await? else {
            self.allow(context, "manage-packs", Action::Pack).await?;
            return Err(Error::NotFound(format!("{} {} 的影子运行", pack.name, pack.version)));
        };
        let sums = self.shadow_sums(&pack.digest).await?;
        let seen = sums.iter().filter(|sum| sum.kind == ShadowCount::SEEN);
        let seen: u64 = seen.map(|sum| sum.count).sum();
        let early = seen < u64::from(trial.span);
        self.allow(context, if early { "loosen" } else { "manage-packs" }, Action::Pack).await?;
        if early && trial.by == actor(context) {
            let error = Error::Denied("提前停止影子运行的，不能是开启它的人".into());
            return Err(self.deny(context, Action::Pack, error).await);
        }
        trial.state = TrialState::Stopped;
        trial.ended_at = Some(context.now);
        trial.report =
            serde_json::to_value(&sums).map_err(|error| Error::Internal(error.to_string()))?;
        let word = if early { "提前停止影子运行" } else { "停止影子运行" };
        let note = format!("{word}，已观察 {seen} 个决定，应观察 {} 个", trial.span);
        self.keep_trial(context, Action::Pack, note, &trial).await?;
        Ok(trial)
    }

    /// The shadows that run.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn shadows(&self) -> Result<Vec<Trial>> {
        let query = Query::new(TRIAL)
            .push(" WHERE kind = 'shadow' AND state = 'running' ORDER BY begun_at, id");
        self.inner.db.read().await?.rows(query).await?.iter().map(trial).collect()
    }

    /// Counts what a shadow version showed. No leaf: it is the machine's own book-keeping, and the end of the run vouches
    /// for the sums.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn count_shadow(&self, digest: &str, counts: Vec<ShadowCount>) -> Result<()> {
        let digest = digest.to_owned();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                for count in counts {
                    add(tx, &digest, count).await?;
                }
                Ok(())
            })
        });
        work.await
    }

    /// What a shadow version showed, day by day.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn shadow_counts(&self, digest: &str) -> Result<Vec<ShadowCount>> {
        let query = Query::new(
            "SELECT day, kind, leaning, count, examples FROM trial_count WHERE digest = ",
        );
        let query = query.bind(digest).push(" ORDER BY day, kind, leaning");
        let rows = self.inner.db.read().await?.rows(query).await?;
        let count = |row: &Row| {
            Ok(ShadowCount {
                day: row.text(0)?,
                kind: row.text(1)?,
                leaning: row.text(2)?,
                count: row.count(3)?,
                examples: row.json(4)?,
            })
        };
        rows.iter().map(count).collect()
    }

    /// The same over all days.
    ///
    /// # Errors
    /// As [`Data::shadow_counts`].
    pub async fn shadow_sums(&self, digest: &str) -> Result<Vec<ShadowCount>> {
        let mut sums: Vec<ShadowCount> = Vec::new();
        for count in self.shadow_counts(digest).await? {
            let same =
                |sum: &&mut ShadowCount| sum.kind == count.kind && sum.leaning == count.leaning;
            match sums.iter_mut().find(same) {
                Some(sum) => {
                    sum.count += count.count;
                    sum.examples.extend(count.examples);
                    sum.examples.truncate(EXAMPLES);
                }
                None => sums.push(ShadowCount { day: String::new(), ..count }),
            }
        }
        Ok(sums)
    }

    async fn shadow_of(&self, pack: &PackRef) -> Result<Option<Trial>> {
        Ok(self.shadows().await?.into_iter().find(|trial| trial.pack == *pack))
    }
}

async fn add(tx: &mut Tx, digest: &str, mut count: ShadowCount) -> Result<()> {
    let query = Query::new("SELECT count, examples FROM trial_count WHERE digest = ")
        .bind(digest)
        .push(" AND day = ")
        .bind(count.day.as_str())
        .push(" AND kind = ")
        .bind(count.kind.as_str())
        .push(" AND leaning = ")
        .bind(count.leaning.as_str());
    if let Some(row) = tx.row(query).await? {
        count.count += row.count(0)?;
        let mut examples: Vec<Id> = row.json(1)?;
        examples.append(&mut count.examples);
        count.examples = examples;
    }
    count.examples.truncate(EXAMPLES);
    let row: Vec<Bind> = vec![
        digest.into(),
        count.day.into(),
        count.kind.into(),
        count.leaning.into(),
        count.count.into(),
        json(&count.examples)?.into(),
    ];
    let into = "INSERT INTO trial_count (digest, day, kind, leaning, count, examples)";
    let adds = "ON CONFLICT (digest, day, kind, leaning) DO UPDATE SET count = excluded.count, examples = excluded.examples";
    tx.insert(into, 6, vec![row], adds).await
}
