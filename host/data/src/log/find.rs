//! How the log is searched: what each leaf says of actor, action and records, in tables with indexes. They are made of the
//! leaves, in the transaction that appends them, and [`check`] holds them against the leaves: a leaf that was hidden from
//! the search is found by verification.

use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};
use sha2::{Digest, Sha256};

use super::store;
use crate::db::{Bind, Query, Tx};

/// What an auditor looks for; what is not said is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who, as the log has it: `person:…`, `duty:…` or `system:…`, without the unit.
    pub actor: Option<String>,
    /// A record that was touched or served.
    pub record: Option<Id>,
    /// What was done.
    pub action: Option<Action>,
    /// How it ended.
    pub verdict: Option<Verdict>,
    /// The purpose's code.
    pub purpose: Option<String>,
    /// From when on.
    pub from: Option<Instant>,
    /// Until before when.
    pub until: Option<Instant>,
    /// Only leaves before this position.
    pub before: Option<u64>,
}

/// A word of the log as it stands in its JSON, such as `sign_in`.
fn word(value: impl serde::Serialize) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Error::Internal("a word of the log is no text".into())),
    }
}

/// Who acted, without the unit.
fn actor(leaf: &Leaf) -> &str {
    leaf.actor.split_once('@').map_or(leaf.actor.as_str(), |(who, _)| who)
}

/// The purpose's code, without its ground.
fn purpose(leaf: &Leaf) -> &str {
    leaf.purpose.split_once(' ').map_or(leaf.purpose.as_str(), |(code, _)| code)
}

/// The records by which a leaf is found: those that it names and what it served, each once.
fn records(leaf: &Leaf) -> std::collections::BTreeSet<&str> {
    leaf.touched
        .iter()
        .map(|record| record.id.as_str())
        .chain(leaf.serves.iter().map(Id::as_str))
        .collect()
}

/// The rows of leaves that are being appended.
#[derive(Debug, Default)]
pub(super) struct Rows {
    leaves: Vec<Vec<Bind>>,
    records: Vec<Vec<Bind>>,
}

impl Rows {
    /// Takes a leaf, with the time that was stored.
    pub(super) fn add(&mut self, position: u64, leaf: &Leaf, at: Instant) -> Result<()> {
        self.leaves.push(vec![
            position.into(),
            at.into(),
            actor(leaf).into(),
            word(leaf.action)?.into(),
            word(leaf.verdict)?.into(),
            purpose(leaf).into(),
        ]);
        self.records.extend(records(leaf).into_iter().map(|id| vec![id.into(), position.into()]));
        Ok(())
    }

    /// Writes them.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<()> {
        let into = "INSERT INTO log_entry (position, at, actor, action, verdict, purpose)";
        tx.insert(into, 6, self.leaves, "").await?;
        tx.insert("INSERT INTO log_record (record, position)", 2, self.records, "").await
    }
}

/// The positions of the newest leaves that are wanted, newest first.
pub(super) async fn newest(tx: &mut Tx, wanted: &Wanted, limit: u64) -> Result<Vec<u64>> {
    // One record's leaves are few: they lead. Else the order of the log does, through the index that fits.
    let mut query = match &wanted.record {
        Some(record) => Query::new(
            "SELECT e.position FROM log_record r JOIN log_entry e ON e.position = r.position WHERE r.record = ",
        )
        .bind(record),
        None => Query::new("SELECT e.position FROM log_entry e WHERE 1 = 1"),
    };
    if let Some(actor) = &wanted.actor {
        query = query.push(" AND e.actor = ").bind(actor.as_str());
    }
    if let Some(action) = wanted.action {
        query = query.push(" AND e.action = ").bind(word(action)?);
    }
    if let Some(verdict) = wanted.verdict {
        query = query.push(" AND e.verdict = ").bind(word(verdict)?);
    }
    if let Some(purpose) = &wanted.purpose {
        query = query.push(" AND e.purpose = ").bind(purpose.as_str());
    }
    // A leaf's time is never before its predecessor's: a span of time is a span of positions.
    let size = store::head(tx).await?.frontier.size();
    let from = match wanted.from {
        Some(from) => first_at(tx, from, size).await?,
        None => 0,
    };
    let until = match wanted.until {
        Some(until) => first_at(tx, until, size).await?,
        None => size,
    };
    let before = wanted.before.unwrap_or(size).min(until);
    let query =
        query.push(" AND e.position >= ").bind(from).push(" AND e.position < ").bind(before);
    let query = query.push(" ORDER BY e.position DESC LIMIT ").bind(limit);
    tx.rows(query).await?.iter().map(|row| row.count(0)).collect()
}

/// The first position at or after a time.
async fn first_at(tx: &mut Tx, at: Instant, size: u64) -> Result<u64> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        let query = Query::new("SELECT at FROM log_entry WHERE position = ").bind(middle);
        let row = tx.row(query).await?;
        let found = row.ok_or_else(|| Error::Internal(format!("log entry {middle} is missing")))?;
        if found.instant(0)? < at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// The positions of leaves that name a record or served it, oldest first; one more than the limit where there are more.
pub(super) async fn about(tx: &mut Tx, record: &str, limit: u64) -> Result<Vec<u64>> {
    let query = Query::new("SELECT position FROM log_record WHERE record = ").bind(record);
    let rows = tx.rows(query.push(" ORDER BY position LIMIT ").bind(limit + 1)).await?;
    rows.iter().map(|row| row.count(0)).collect()
}

/// What the leaves say by which they are found, gathered while they are verified.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// The sum over the digests of all rows that there must be: the order does not matter, and no row can be exchanged.
    sum: u128,
    rows: u64,
}

impl Expected {
    /// Takes a leaf as it is stored.
    pub(super) fn add(&mut self, position: u64, leaf: &Leaf) -> Result<()> {
        let (action, verdict) = (word(leaf.action)?, word(leaf.verdict)?);
        let at = leaf.at.milliseconds();
        self.row(&[actor(leaf), &action, &verdict, purpose(leaf)], at, position);
        for record in records(leaf) {
            self.row(&[record], 0, position);
        }
        Ok(())
    }

    /// Takes what another page gathered.
    pub(super) fn join(&mut self, other: &Self) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.rows += other.rows;
    }

    fn row(&mut self, texts: &[&str], at: i64, position: u64) {
        let mut digest = Sha256::new();
        for text in texts {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        }
        digest.update(at.to_be_bytes());
        digest.update(position.to_be_bytes());
        let digest = digest.finalize();
        self.sum = self
            .sum
            .wrapping_add(digest.first_chunk().map_or(0, |half| u128::from_be_bytes(*half)));
        self.rows += 1;
    }

    /// What is wrong with the tables; none where they are what the leaves make.
    pub(super) async fn check(&self, tx: &mut Tx) -> Result<Option<String>> {
        let mut found = Self::default();
        let mut after = -1_i64;
        loop {
            let query = Query::new(
                "SELECT position, at, actor, action, verdict, purpose FROM log_entry WHERE position > ",
            );
            let rows = tx.rows(query.bind(after).push(" ORDER BY position LIMIT 4096")).await?;
            let Some(last) = rows.last() else { break };
            after = last.int(0)?;
            for row in &rows {
                let texts = [row.text(2)?, row.text(3)?, row.text(4)?, row.text(5)?];
                found.row(&texts.each_ref().map(String::as_str), row.int(1)?, row.count(0)?);
            }
        }
        let mut after = (String::new(), -1_i64);
        loop {
            let query =
                Query::new("SELECT record, position FROM log_record WHERE (record, position) > ")
                    .tuple([after.0.as_str().into(), after.1.into()])
                    .push(" ORDER BY record, position LIMIT 4096");
            let rows = tx.rows(query).await?;
            let Some(last) = rows.last() else { break };
            after = (last.text(0)?, last.int(1)?);
            for row in &rows {
                found.row(&[&row.text(0)?], 0, row.count(1)?);
            }
        }
        if (found.sum, found.rows) == (self.sum, self.rows) {
            return Ok(None);
        }
        Ok(Some(format!(
            "日志检索表与日志条目不符（应有 {} 行，实有 {} 行）：有检索项被改写、增添或删除",
            self.rows, found.rows
        )))
    }
}
