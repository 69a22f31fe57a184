//! Sealing what lay readable: rows of before there was a vault, and of before their record became one that is protected.
//!
//! The leaf that wrote a row vouches for what it was; that digest stays beside the row (`was`), and the leaf of this work
//! vouches for what it is now (`kept::SEALED_…`). So verification passes before, in the middle and after, with keys and
//! without. Done in pages: what is sealed is not touched again, so it can be killed and begun anew at any time.

use std::collections::BTreeSet;

use anshu_model::context::OpContext;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::Record;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::envelope::{Place, is_sealed};
use super::ring::{Pen, Ring, is_subject};
use super::rows;
use crate::commit::Facts;
use crate::db::{Query, Tx};
use crate::log::bind::{self, EventRow, LineRow};
use crate::log::kept::{self, Entry};
use crate::log::store::Appender;
use crate::{Data, guard};

/// Records of one commit.
const PAGE: u64 = 50;

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SealStep {
    /// Records that were looked at.
    pub records: u64,
    /// Rows that were sealed.
    pub sealed: u64,
    /// Where to go on; none: it is through.
    pub next: Option<String>,
}

impl Data {
    /// Seals what lies readable of the next records after one, in one commit with its leaf.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not keep keys; where the database or the keeper of the master key does not
    /// answer.
    pub async fn seal_step(&self, context: &OpContext, after: &str) -> Result<SealStep> {
        self.allow(context, "keep-keys", Action::Configure).await?;
        let mut leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        "加密原先未加密的数据".clone_into(&mut leaf.note);
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let after = after.to_owned();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move { page(tx, &facts, &appender, leaf, &after).await })
        });
        work.await
    }
}

async fn page(
    tx: &mut Tx,
    facts: &Facts,
    appender: &Appender,
    leaf: Leaf,
    after: &str,
) -> Result<SealStep> {
    let query = Query::new("SELECT id FROM record_version WHERE version = 1 AND id > ").bind(after);
    let found = tx.rows(query.push(" ORDER BY id LIMIT ").bind(PAGE)).await?;
    let ids = found.iter().map(|row| row.id(0)).collect::<Result<Vec<_>>>()?;
    let mut step = SealStep { records: ids.len() as u64, ..SealStep::default() };
    if ids.len() as u64 == PAGE {
        step.next = ids.last().map(ToString::to_string);
    }
    let ring = Ring::load(tx, &facts.vault, &ids.iter().cloned().collect()).await?;
    let mut pen = ring.pen(&facts.vault, leaf.at);
    let mut entries = Vec::new();
    for id in &ids {
        if pen.has(id) || protected(tx, facts, id).await? {
            pen.need(id)?;
            record(tx, &mut pen, id, &mut entries).await?;
        }
    }
    step.sealed = entries.len() as u64;
    if entries.is_empty() {
        return Ok(step);
    }
    let kept = pen.done();
    let made = &kept.used().made;
    let hashes = made.iter().map(|key| bind::data_key(key.subject.as_str(), key.generation));
    let position = appender.bind(tx, vec![leaf], hashes.collect(), entries).await?.first;
    let position =
        i64::try_from(position).map_err(|error| Error::Internal(format!("leaf: {error}")))?;
    let keys = kept.used().uses.values().map(|(key, uses)| key.binds(*uses, position)).collect();
    tx.insert(rows::INSERT, rows::COLUMNS, keys, rows::USED).await?;
    Ok(step)
}

/// Whether a record's last version is one that has a key.
async fn protected(tx: &mut Tx, facts: &Facts, id: &Id) -> Result<bool> {
    let query =
        Query::new("SELECT record, id, version FROM record_version WHERE record <> '' AND id = ");
    let row = tx.row(query.bind(id).push(" ORDER BY version DESC LIMIT 1")).await?;
    let Some(row) = row else { return Ok(false) };
    let record: Option<Record> = facts.vault.record(tx, &row, 0).await?;
    Ok(record.is_some_and(|record| is_subject(&record, &facts.schemas.get())))
}

/// Seals what lies readable of one record and about it.
async fn record(tx: &mut Tx, pen: &mut Pen<'_>, id: &Id, entries: &mut Vec<Entry>) -> Result<()> {
    versions(tx, pen, id, id, entries).await?;
    let query = Query::new("SELECT id FROM record_link WHERE relation <> 'party' AND target = ");
    for row in tx.rows(query.bind(id)).await? {
        versions(tx, pen, &row.id(0)?, id, entries).await?;
    }
    lines(tx, pen, id, entries).await?;
    decisions(tx, pen, id, entries).await?;
    events(tx, pen, id, entries).await
}

async fn versions(
    tx: &mut Tx,
    pen: &mut Pen<'_>,
    id: &Id,
    key: &Id,
    entries: &mut Vec<Entry>,
) -> Result<()> {
    let query = Query::new(
        "SELECT version, record, digest FROM record_version WHERE record <> '' AND id = ",
    );
    for row in tx.rows(query.bind(id).push(" ORDER BY version")).await? {
        let (version, text) = (row.count(0)?, row.text(1)?);
        if is_sealed(&text) {
            continue;
        }
        let sealed = pen.seal([key], Place::version(id.as_str(), version), &text)?;
        let digest: [u8; 32] = Sha256::digest(sealed.as_bytes()).into();
        let query = Query::new("UPDATE record_version SET record = ").bind(sealed);
        let query = query.push(", digest = ").bind(digest).push(", was = ").bind(row.bytes(2)?);
        tx.run(query.push(" WHERE id = ").bind(id).push(" AND version = ").bind(version)).await?;
        entries.push(kept::SEALED_VERSION.entry(tx, &format!("{id}/{version}")).await?);
    }
    Ok(())
}

async fn lines(tx: &mut Tx, pen: &mut Pen<'_>, id: &Id, entries: &mut Vec<Entry>) -> Result<()> {
    let query = Query::new(
        "SELECT leaf, ordinal, at, by, pack, text, operation FROM timeline WHERE host = 0 AND about = ",
    );
    for row in tx.rows(query.bind(id)).await? {
        let (leaf, ordinal, text, operation) =
            (row.int(0)?, row.int(1)?, row.text(5)?, row.text(6)?);
        if is_sealed(&text) {
            continue;
        }
        let place = Place::line(&operation, row.count(1)?);
        let sealed = pen.seal([id], place, &text)?;
        let (at, by, pack) = (row.int(2)?, row.text(3)?, row.maybe_text(4)?);
        let of = |text: &str| {
            let (about, by, pack, operation) =
                (id.as_str(), by.as_str(), pack.as_deref(), operation.as_str());
            LineRow { about, ordinal, at, by, pack, host: false, text, operation }.hash()
        };
        let (was, now) = (of(&text), of(&sealed));
        let query = Query::new("UPDATE timeline SET text = ").bind(sealed);
        let query = query.push(", sum = ").bind(bind::short(&now)).push(", was = ").bind(was);
        let query = query.push(" WHERE about = ").bind(id).push(" AND leaf = ").bind(leaf);
        tx.run(query.push(" AND ordinal = ").bind(ordinal)).await?;
        entries.push(kept::SEALED_LINE.entry(tx, &format!("{id}/{leaf}/{ordinal}")).await?);
    }
    Ok(())
}

/// Decisions about a record, each for all subjects that it is about.
async fn decisions(
    tx: &mut Tx,
    pen: &mut Pen<'_>,
    id: &Id,
    entries: &mut Vec<Entry>,
) -> Result<()> {
    let query = Query::new(
        "SELECT d.id, d.decision, d.digest FROM decision_about a JOIN decision d ON d.id = a.decision WHERE a.about = ",
    );
    for row in tx.rows(query.bind(id)).await? {
        let (decision, text) = (row.id(0)?, row.text(1)?);
        if is_sealed(&text) {
            continue;
        }
        let query =
            Query::new("SELECT about FROM decision_about WHERE decision = ").bind(&decision);
        let rows = tx.rows(query).await?;
        let about = rows.iter().map(|row| row.id(0)).collect::<Result<BTreeSet<_>>>()?;
        // Others that it is about and that have no key yet get theirs when it is their turn; this one's is enough.
        let about: BTreeSet<&Id> = about.iter().filter(|about| pen.has(about)).collect();
        let sealed = pen.seal(about, Place::decision(decision.as_str()), &text)?;
        let digest: [u8; 32] = Sha256::digest(sealed.as_bytes()).into();
        let query = Query::new("UPDATE decision SET decision = ").bind(sealed);
        let query = query.push(", digest = ").bind(digest).push(", was = ").bind(row.bytes(2)?);
        tx.run(query.push(" WHERE id = ").bind(&decision)).await?;
        entries.push(kept::SEALED_DECISION.entry(tx, decision.as_str()).await?);
    }
    Ok(())
}

async fn events(tx: &mut Tx, pen: &mut Pen<'_>, id: &Id, entries: &mut Vec<Entry>) -> Result<()> {
    let query =
        Query::new("SELECT id, topic, payload, via, published_at FROM event WHERE about = ");
    for row in tx.rows(query.bind(id)).await? {
        let (event, topic, text, via) = (row.id(0)?, row.text(1)?, row.text(2)?, row.text(3)?);
        if is_sealed(&text) {
            continue;
        }
        let sealed = pen.seal([id], Place::event(event.as_str()), &text)?;
        let published_at = row.int(4)?;
        let of = |payload: &str| {
            let (id, about) = (event.as_str(), Some(id.as_str()));
            EventRow { id, topic: &topic, about, payload, via: &via, published_at }.hash()
        };
        let (was, now) = (of(&text), of(&sealed));
        let query = Query::new("UPDATE event SET payload = ").bind(sealed);
        let query = query.push(", sum = ").bind(bind::short(&now)).push(", was = ").bind(was);
        tx.run(query.push(" WHERE id = ").bind(&event)).await?;
        entries.push(kept::SEALED_EVENT.entry(tx, event.as_str()).await?);
    }
    Ok(())
}
