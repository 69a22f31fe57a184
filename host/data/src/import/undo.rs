//! Undoing a batch in one transaction: what it made and nobody else has touched goes, row by row of the file as a whole.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anshu_model::leaf::Leaf;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id, Result};

use super::Undone;
use crate::commit::{Facts, remove};
use crate::db::{Query, Tx};
use crate::log::store::Appender;
use crate::log::{bind, kept};

/// Values of one `IN`.
const CHUNK: usize = 256;

/// Undoing in the write transaction: nothing changes meanwhile.
pub(super) struct Undo {
    pub(super) batch: Id,
    pub(super) leaf: Leaf,
    pub(super) appender: Appender,
    pub(super) facts: Facts,
}

/// What a batch made, and what holds it.
#[derive(Default)]
struct Web {
    /// Rows of the batch (their decisions), each with the records that it wrote.
    rows: HashMap<Id, BTreeSet<Id>>,
    /// Records, each with the rows that wrote them.
    records: BTreeMap<Id, BTreeSet<Id>>,
    /// Records that another record of the batch names: the named one stays while the naming one does.
    named_by: HashMap<Id, BTreeSet<Id>>,
    /// Records that stay.
    kept: BTreeSet<Id>,
}

impl Undo {
    pub(super) async fn run(self, tx: &mut Tx) -> Result<Undone> {
        let again = Query::new("SELECT undone_at FROM import_batch WHERE id = ").bind(&self.batch);
        if tx.row(again).await?.map(|row| row.maybe_int(0)).transpose()?.flatten().is_some() {
            return Err(Error::Conflict("该批次已经撤销".into()));
        }
        let mut web = Web::load(tx, &self.batch).await?;
        web.settle();
        let mut removed: Vec<(Id, u64)> = Vec::new();
        let mut told: Vec<(Id, String)> = Vec::new();
        let gone: Vec<&Id> = web.records.keys().filter(|id| !web.kept.contains(*id)).collect();
        for ids in gone.chunks(CHUNK) {
            told.extend(Self::told(tx, ids).await?);
            removed.extend(remove::remove(tx, &self.facts, ids).await?);
        }
        let leaf = self.leaf;
        let undone =
            Query::new("UPDATE import_batch SET undone_at = ").bind(leaf.at).push(" WHERE id = ");
        tx.run(undone.bind(&self.batch)).await?;
        let batch = kept::BATCH.entry(tx, self.batch.as_str()).await?;
        let ended = told.iter().map(|(event, pack)| bind::ended(event.as_str(), pack));
        let rows = remove::hashes(&removed).into_iter().chain(ended).collect();
        let position = self.appender.bind(tx, vec![leaf.clone()], rows, vec![batch]).await?.first;
        let count = removed.len() as u64;
        remove::write(tx, &removed, &leaf.operation, position).await?;
        for (event, pack) in told {
            let done = Query::new("UPDATE delivery SET state = 'done', ended = ").bind(position);
            let done = done.push(" WHERE event = ").bind(&event).push(" AND pack = ").bind(pack);
            tx.run(done).await?;
        }
        Ok(Undone { removed: count, kept: web.named(tx).await? })
    }

    /// Who waits to be told of records: nobody is told any more of what is not there.
    async fn told(tx: &mut Tx, ids: &[&Id]) -> Result<Vec<(Id, String)>> {
        let query = Query::new(
            "SELECT d.event, d.pack FROM delivery d JOIN event e ON e.id = d.event WHERE d.state = 'waiting' AND e.about IN ",
        );
        let rows = tx.rows(query.list(ids.iter().copied())).await?;
        rows.iter().map(|row| Ok((row.id(0)?, row.text(1)?))).collect()
    }
}

/// Which records a record names, and how.
pub(crate) fn links(record: &Record) -> Vec<(&Id, &'static str)> {
    match &record.body {
        Body::Entity(_) => Vec::new(),
        Body::Case(case) => case.parties.iter().map(|party| (&party.entity, "party")).collect(),
        Body::Risk(risk) => vec![(&risk.subject, "subject")],
        Body::Duty(duty) => vec![(&duty.about, "about")],
    }
}

impl Web {
    async fn load(tx: &mut Tx, batch: &Id) -> Result<Self> {
        let mut web = Self::default();
        let mut last: HashMap<Id, u64> = HashMap::new();
        let query = Query::new(
            "SELECT v.id, v.version, v.operation FROM decision d JOIN record_version v ON v.leaf = d.leaf WHERE d.serves = ",
        );
        let mut made = HashSet::new();
        for row in tx.rows(query.bind(batch)).await? {
            let (id, version, operation) = (row.id(0)?, row.count(1)?, row.id(2)?);
            if version == 1 {
                made.insert(id.clone());
            }
            let newest = last.entry(id.clone()).or_default();
            *newest = version.max(*newest);
            web.rows.entry(operation.clone()).or_default().insert(id.clone());
            web.records.entry(id).or_default().insert(operation);
        }
        // What was there before the batch stays.
        web.kept.extend(web.records.keys().filter(|id| !made.contains(*id)).cloned());
        let all: Vec<Id> = web.records.keys().cloned().collect();
        for ids in all.chunks(CHUNK) {
            // Changed by others: the last version is not the batch's, or the record is gone. A sealed one stays, and is not
            // named below.
            let query =
                Query::new("SELECT id, version FROM record WHERE sealed = 0 AND id IN ").list(ids);
            let rows = tx.rows(query).await?;
            let now: HashMap<Id, u64> =
                rows.iter().map(|row| Ok((row.id(0)?, row.count(1)?))).collect::<Result<_>>()?;
            web.kept.extend(ids.iter().filter(|id| now.get(*id) != last.get(*id)).cloned());
            // Written about, decided about, or named by others.
            let lines =
                Query::new("SELECT about, operation FROM timeline WHERE about IN ").list(ids);
            let decided =
                Query::new("SELECT about, decision FROM decision_about WHERE about IN ").list(ids);
            for query in [lines, decided] {
                for row in tx.rows(query).await? {
                    if !web.rows.contains_key(&row.id(1)?) {
                        web.kept.insert(row.id(0)?);
                    }
                }
            }
            let named = Query::new("SELECT target, id FROM record_link WHERE target IN ").list(ids);
            for row in tx.rows(named).await? {
                let (target, by) = (row.id(0)?, row.id(1)?);
                if web.records.contains_key(&by) {
                    web.named_by.entry(target).or_default().insert(by);
                } else {
                    web.kept.insert(target);
                }
            }
        }
        Ok(web)
    }

    /// What stays keeps the rows that wrote it, these keep all that they wrote, and what names something keeps that.
    fn settle(&mut self) {
        let mut names: HashMap<&Id, Vec<&Id>> = HashMap::new();
        for (target, by) in &self.named_by {
            by.iter().for_each(|by| names.entry(by).or_default().push(target));
        }
        let mut waiting: Vec<&Id> =
            self.records.keys().filter(|id| self.kept.contains(*id)).collect();
        let mut kept: BTreeSet<Id> = self.kept.clone();
        let mut done: HashSet<&Id> = HashSet::new();
        while let Some(id) = waiting.pop() {
            let rows = self.records.get(id).into_iter().flatten().filter(|row| done.insert(*row));
            let together = rows.filter_map(|row| self.rows.get(row)).flatten();
            let named = names.get(id).into_iter().flatten().copied();
            let next: Vec<&Id> =
                together.chain(named).filter(|id| kept.insert((*id).clone())).collect();
            waiting.extend(next);
        }
        self.kept = kept;
    }

    /// What stays, as a person reads it.
    async fn named(&self, tx: &mut Tx) -> Result<Vec<String>> {
        let kept: Vec<&Id> = self.kept.iter().collect();
        let mut named = Vec::with_capacity(kept.len());
        for ids in kept.chunks(CHUNK) {
            let query = Query::new("SELECT id, kind FROM record WHERE sealed = 0 AND id IN ")
                .list(ids.iter().copied());
            for row in tx.rows(query.push(" ORDER BY id")).await? {
                let kind = Kind::from_name(&row.text(1)?).map_or("记录", Kind::title);
                named.push(format!("{kind} {}", row.text(0)?));
            }
        }
        Ok(named)
    }
}
