//! What witnesses elsewhere said of the log: the checkpoint that each saw last, with its cosignature, and whether something
//! is the matter with it. How they are reached is the server's; here is what they are asked and what becomes of their answer.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::{Error, Result};

use super::cosigner::AddCheckpoint;
use super::note::{Checkpoint, Note, Verifier};
use super::store;
use crate::db::{Query, Row, Tx};
use crate::{Data, guard};

/// How it stands with a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It cosigned what it was shown last.
    Well,
    /// It did not answer.
    Unreachable,
    /// It answered, but did not cosign, for a reason that says nothing against the log: an unknown log or key.
    Refused,
    /// It has seen more leaves than there are: the end of the log was cut off.
    Cut,
    /// It has seen another log under this name: leaves were rewritten with all hashes.
    Forked,
}

impl Standing {
    const ALL: [Self; 5] = [Self::Well, Self::Unreachable, Self::Refused, Self::Cut, Self::Forked];

    /// What the database and figures call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Cut => "cut",
            Self::Forked => "forked",
        }
    }

    /// Whether it is evidence that the log was tampered with.
    #[must_use]
    pub fn is_alarm(self) -> bool {
        matches!(self, Self::Cut | Self::Forked)
    }
}

/// What is known of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// Its public key, in the text form.
    pub key: String,
    /// How large the log was when it cosigned last; 0 before the first time.
    pub size: u64,
    /// When that was.
    pub at: Option<Instant>,
    /// How it stands.
    pub standing: Standing,
    /// What is the matter, in words.
    pub problem: Option<String>,
    /// The checkpoint with its cosignature; empty before the first time.
    note: String,
}

impl Witnessed {
    fn of(row: &Row) -> Result<Self> {
        let state = row.text(4)?;
        Ok(Self {
            key: row.text(0)?,
            size: row.count(1)?,
            note: row.text(2)?,
            at: row.maybe_int(3)?.map(Instant),
            standing: Standing::ALL
                .into_iter()
                .find(|standing| standing.name() == state)
                .unwrap_or(Standing::Refused),
            problem: row.maybe_text(5)?,
        })
    }
}

/// What a witness is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Nothing: the log is empty, or it has cosigned all of it.
    Nothing,
    /// To cosign that the log grew.
    Growth(AddCheckpoint),
    /// It says that it has seen more leaves than there are.
    Cut {
        /// How many there are.
        size: u64,
    },
}

async fn all(tx: &mut Tx) -> Result<Vec<Witnessed>> {
    let query = Query::new(
        "SELECT witness, size, note, at, state, problem FROM log_witness ORDER BY witness",
    );
    tx.rows(query).await?.iter().map(Witnessed::of).collect()
}

impl Data {
    /// What is known of every witness that was ever asked.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn witnessed(&self) -> Result<Vec<Witnessed>> {
        all(&mut self.inner.db.read().await?).await
    }

    /// What to ask a witness. What it has seen is what it cosigned last, or what it says of itself.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn ask_witness(&self, witness: &Verifier, seen: Option<u64>) -> Result<Asked> {
        let mut tx = self.inner.db.read().await?;
        let size = store::head(&mut tx).await?.frontier.size();
        let key = witness.to_text();
        let known = all(&mut tx).await?.into_iter().find(|known| known.key == key);
        let well = known.as_ref().is_some_and(|known| known.standing == Standing::Well);
        let old = seen.or(known.map(|known| known.size)).unwrap_or(0);
        if size == 0 || (seen.is_none() && well && old == size) {
            return Ok(Asked::Nothing);
        }
        if old > size {
            return Ok(Asked::Cut { size });
        }
        let proof = if old == 0 {
            Vec::new()
        } else {
            store::prove_consistency(&mut tx, old, size).await?
        };
        let checkpoint = self.inner.writer.appender().checkpoint(&mut tx).await?;
        Ok(Asked::Growth(AddCheckpoint { old, proof, checkpoint }))
    }

    /// Keeps a cosignature that a witness gave for what it was asked.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the answer is not this witness's signature over it.
    pub async fn take_cosignature(
        &self,
        witness: &Verifier,
        asked: &AddCheckpoint,
        answer: &str,
        now: Instant,
    ) -> Result<()> {
        let note = format!("{}{answer}", asked.checkpoint);
        let parsed = Note::parse(&note)?;
        let line = witness.line(&parsed)?.ok_or_else(|| {
            Error::invalid("见证方的答复", "没有它的共签", format!("由 {} 共签", witness.name()))
        })?;
        // Only its own line is kept, whatever else it sent.
        let kept = format!("{}\n{}\n", asked.checkpoint.trim_end_matches('\n'), line.line);
        let size = Checkpoint::parse(parsed.text)?.size;
        let key = witness.to_text();
        self.inner
            .writer
            .run(None, move |tx| {
                Box::pin(async move {
                    let row = vec![
                        key.into(),
                        size.into(),
                        kept.into(),
                        now.into(),
                        Standing::Well.name().into(),
                    ];
                    let into = "INSERT INTO log_witness (witness, size, note, at, state)";
                    let again = "ON CONFLICT (witness) DO UPDATE SET size = excluded.size, note = excluded.note, \
                                 at = excluded.at, state = excluded.state, problem = NULL";
                    tx.insert(into, 5, vec![row], again).await
                })
            })
            .await
    }

    /// Notes that a witness did not cosign, and why. What speaks against the log itself is in the log, once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be written.
    pub async fn witness_failed(
        &self,
        context: &OpContext,
        witness: &Verifier,
        standing: Standing,
        problem: &str,
    ) -> Result<()> {
        let key = witness.to_text();
        let before = self.witnessed().await?.into_iter().find(|known| known.key == key);
        if before.as_ref().is_some_and(|before| {
            before.standing == standing && before.problem.as_deref() == Some(problem)
        }) {
            return Ok(());
        }
        let alarm = standing.is_alarm() && before.is_none_or(|before| before.standing != standing);
        let leaf = alarm.then(|| {
            let mut leaf = guard::leaf(context, Action::Audit, Verdict::Failed);
            leaf.note = format!("见证方 {} 拒绝共签：{problem}", witness.name());
            leaf
        });
        let problem = problem.to_owned();
        self.inner
            .writer
            .run(leaf, move |tx| {
                Box::pin(async move {
                    let row = vec![
                        key.into(),
                        0_i64.into(),
                        "".into(),
                        standing.name().into(),
                        problem.into(),
                    ];
                    let into = "INSERT INTO log_witness (witness, size, note, state, problem)";
                    let again = "ON CONFLICT (witness) DO UPDATE SET state = excluded.state, problem = excluded.problem";
                    tx.insert(into, 5, vec![row], again).await
                })
            })
            .await
    }
}

/// A checkpoint beyond a position that as many witnesses as possible have cosigned, of these the newest, with their lines;
/// else the log as it is.
pub(super) async fn best(tx: &mut Tx, head: String, beyond: Option<u64>) -> Result<String> {
    let mut best: (usize, u64, String) = (0, u64::MAX, head);
    let known = all(tx).await?;
    for one in
        known.iter().filter(|one| one.size > 0 && beyond.is_none_or(|beyond| one.size > beyond))
    {
        let size = store::head(tx).await?.frontier.size();
        // A row that somebody put there, or that is of another log, is no evidence.
        let text = Note::parse(&one.note).ok().map(|note| note.text);
        let Some(checkpoint) = text.and_then(|text| Checkpoint::parse(text).ok()) else { continue };
        if checkpoint.size > size || store::root_at(tx, checkpoint.size).await? != checkpoint.root {
            continue;
        }
        let same: Vec<&Witnessed> =
            known.iter().filter(|other| other.size == one.size && verifies(other, text)).collect();
        if same.is_empty()
            || (same.len(), one.size) <= (best.0, if best.0 == 0 { 0 } else { best.1 })
        {
            continue;
        }
        let mut note = bare(&one.note);
        for other in &same {
            note.push_str(own_line(&other.note));
        }
        best = (same.len(), one.size, note);
    }
    Ok(best.2)
}

/// The lines of witnesses that have cosigned the log as it is.
pub(super) async fn dressed(tx: &mut Tx, head: String) -> Result<String> {
    let text = Note::parse(&head)?.text.to_owned();
    let mut note = head;
    for one in all(tx).await? {
        if verifies(&one, Some(&text)) {
            note.push_str(own_line(&one.note));
        }
    }
    Ok(note)
}

fn verifies(one: &Witnessed, text: Option<&str>) -> bool {
    let Ok(note) = Note::parse(&one.note) else { return false };
    let Ok(key) = Verifier::parse(&one.key) else { return false };
    Some(note.text) == text && key.line(&note).is_ok_and(|line| line.is_some())
}

/// What was kept, without the witness's own line, which is the last one.
fn bare(note: &str) -> String {
    note.strip_suffix(own_line(note)).unwrap_or(note).to_owned()
}

fn own_line(note: &str) -> &str {
    let start = note.trim_end_matches('\n').rfind('\n').map_or(0, |end| end + 1);
    note.get(start..).unwrap_or_default()
}

/// What is wrong with the log by what witnesses cosigned; none where it grew out of all of it.
pub(super) async fn compare(tx: &mut Tx, log: &Verifier) -> Result<Option<String>> {
    let size = store::head(tx).await?.frontier.size();
    for one in all(tx).await?.into_iter().filter(|one| one.size > 0) {
        let name =
            Verifier::parse(&one.key).map_or_else(|_| one.key.clone(), |key| key.name().to_owned());
        let Ok(checkpoint) = log.verify(&one.note) else {
            return Ok(Some(format!(
                "见证方 {name} 的共签记录已被改写：其中的检查点不是本日志所签"
            )));
        };
        if checkpoint.size > size {
            return Ok(Some(format!(
                "审计日志只有 {size} 条，而见证方 {name} 共签过 {} 条：末尾的日志被删除",
                checkpoint.size
            )));
        }
        if store::root_at(tx, checkpoint.size).await? != checkpoint.root {
            return Ok(Some(format!(
                "审计日志的前 {} 条与见证方 {name} 共签过的不同：日志被整个改写",
                checkpoint.size
            )));
        }
    }
    Ok(None)
}

/// The keys of all witnesses that were ever asked.
pub(super) async fn keys(tx: &mut Tx) -> Result<Vec<String>> {
    Ok(all(tx).await?.into_iter().map(|one| one.key).collect())
}
