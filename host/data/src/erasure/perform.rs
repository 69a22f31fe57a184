//! What an erasure does, inside the writer's transaction.

use std::collections::BTreeSet;

use anshu_model::instant::Instant;
use anshu_model::leaf::Leaf;
use anshu_model::record::{Kind, RecordRef};
use anshu_model::{Error, Id, Result};

use super::{ErasedCounts, Erasure, ErasureState, Outlook, Parts, holds, row};
use crate::commit::{Facts, remove};
use crate::db::{Bind, Query, Tx};
use crate::log::kept::Entry;
use crate::log::{bind, kept};
use crate::request;

/// Values of one `IN`.
const CHUNK: usize = 256;

/// What would go.
#[derive(Debug, Default)]
struct Reach {
    /// The subject, and what has no meaning without it.
    records: BTreeSet<Id>,
    cases: u64,
    cases_left: u64,
}

/// What forbids, in one error.
pub(crate) fn held(holds: &[String]) -> Error {
    Error::Conflict(format!("依法须继续保存，不能销毁：{}。可以先停止处理", holds.join("；")))
}

/// What an erasure would do, and what forbids it.
pub(crate) async fn outlook(
    tx: &mut Tx,
    facts: &Facts,
    subject: &Id,
    now: Instant,
) -> Result<Outlook> {
    let there = Query::new(
        "SELECT 1 FROM record r JOIN data_key k ON k.subject = r.id WHERE r.sealed = 0 AND r.id = ",
    );
    if tx.row(there.bind(subject)).await?.is_none() {
        return Err(Error::NotFound(format!("个人信息主体 {subject}")));
    }
    let reach = reach(tx, subject).await?;
    let counts = counts(tx, &reach).await?;
    Ok(Outlook { counts, holds: holds::of_subject(tx, facts, subject, now).await? })
}

/// The subject; matters without another natural person; duties and risks about these.
async fn reach(tx: &mut Tx, subject: &Id) -> Result<Reach> {
    let mut reach = Reach { records: BTreeSet::from([subject.clone()]), ..Reach::default() };
    // Of the other parties those count that are persons and are still there.
    let query = Query::new(
        "SELECT l.id, (SELECT COUNT(*) FROM record_link o JOIN record p ON p.id = o.target \
         WHERE o.id = l.id AND o.relation = 'party' AND p.type_name = 'person' AND o.target <> ",
    )
    .bind(subject)
    // A sealed matter is kept as it is: sealing is not deleting.
    .push(") FROM record_link l JOIN record c ON c.id = l.id AND c.sealed = 0 WHERE l.relation = 'party' AND l.target = ")
    .bind(subject);
    for row in tx.rows(query).await? {
        if row.int(1)? == 0 {
            reach.records.insert(row.id(0)?);
            reach.cases += 1;
        } else {
            reach.cases_left += 1;
        }
    }
    let mut next: Vec<Id> = reach.records.iter().cloned().collect();
    while let Some(id) = next.pop() {
        let query =
            Query::new("SELECT id FROM record_link WHERE relation <> 'party' AND target = ");
        for row in tx.rows(query.bind(&id)).await? {
            let found = row.id(0)?;
            if reach.records.insert(found.clone()) {
                next.push(found);
            }
        }
    }
    Ok(reach)
}

async fn counts(tx: &mut Tx, reach: &Reach) -> Result<ErasedCounts> {
    let mut counts = ErasedCounts {
        cases: reach.cases,
        cases_left: reach.cases_left,
        ..ErasedCounts::default()
    };
    let ids: Vec<&Id> = reach.records.iter().collect();
    for ids in ids.chunks(CHUNK) {
        let of = |text: &'static str| Query::new(text).list(ids.iter().copied());
        let tables = [
            (
                of("SELECT COUNT(*) FROM record_version WHERE record <> '' AND id IN "),
                &mut counts.versions,
            ),
            (of("SELECT COUNT(*) FROM timeline WHERE host = 0 AND about IN "), &mut counts.lines),
            (
                of("SELECT COUNT(DISTINCT decision) FROM decision_about WHERE about IN "),
                &mut counts.decisions,
            ),
        ];
        for (query, count) in tables {
            *count += tx.row(query).await?.map_or(Ok(0), |row| row.count(0))?;
        }
    }
    Ok(counts)
}

/// What may be done with what a subject's keys seal.
pub(crate) async fn set_state(tx: &mut Tx, subject: &Id, state: &'static str) -> Result<()> {
    let query = Query::new("UPDATE data_key SET state = ").bind(state).push(" WHERE subject = ");
    match tx.run(query.bind(subject).push(" AND state <> 'destroyed'")).await? {
        0 => Err(Error::NotFound(format!("个人信息主体 {subject}"))),
        _ => Ok(()),
    }
}

/// Destroys, and answers the erasure as it is then with all subjects whose keys are gone.
pub(super) async fn destroy(
    tx: &mut Tx,
    parts: &Parts,
    leaf: Leaf,
    asked: Erasure,
    answer: Option<(String, String)>,
) -> Result<(Erasure, Vec<Id>)> {
    let now = leaf.at;
    let mut erasure = match &answer {
        Some(_) => row::find(tx, &asked.id).await?,
        None => asked,
    };
    row::expect(&erasure, ErasureState::Asked)?;
    let outlook = outlook(tx, &parts.facts, &erasure.subject, now).await?;
    if !outlook.holds.is_empty() {
        return Err(held(&outlook.holds));
    }
    erasure.state = ErasureState::Erased;
    erasure.counts = outlook.counts;
    erasure.answered_at = Some(now);
    match answer {
        Some((by, reason)) => {
            erasure.answered_by = Some(by);
            erasure.reason = Some(reason);
            row::update(tx, &erasure).await?;
        }
        None => row::insert(tx, &erasure).await?,
    }
    let mut entries = request::fulfil(tx, &erasure).await?;
    // What stopped the processing has nothing to stop any more.
    if let Some(mut stopped) = row::restriction(tx, &erasure.subject).await? {
        stopped.state = ErasureState::Erased;
        stopped.answered_at = Some(now);
        stopped.counts = erasure.counts;
        row::update(tx, &stopped).await?;
        entries.push(kept::ERASURE.entry(tx, stopped.id.as_str()).await?);
    }
    let subjects = shred(tx, parts, leaf, &erasure, entries).await?;
    Ok((erasure, subjects))
}

/// Destroys what a restored database has brought back. It was decided once, so nothing is asked; what is not there any more
/// is passed over.
pub(super) async fn destroy_again(
    tx: &mut Tx,
    parts: &Parts,
    leaf: Leaf,
    mut erasure: Erasure,
) -> Result<Vec<Id>> {
    erasure.state = ErasureState::Erased;
    erasure.answered_at = Some(leaf.at);
    let reach = reach(tx, &erasure.subject).await?;
    erasure.counts = counts(tx, &reach).await?;
    row::insert(tx, &erasure).await?;
    // At a start the packs' schemas are not in force yet, so what they index cannot be counted out: by id, which takes a walk
    // through the whole index, once in the life of a restored database.
    let ids: Vec<&Id> = reach.records.iter().collect();
    for ids in ids.chunks(CHUNK) {
        let query = Query::new("DELETE FROM record_attribute WHERE id IN ");
        tx.run(query.list(ids.iter().copied())).await?;
    }
    shred(tx, parts, leaf, &erasure, Vec::new()).await
}

/// Takes records away, destroys keys, ends what waits, and writes it all with the leaf. Answers whose keys are gone.
async fn shred(
    tx: &mut Tx,
    parts: &Parts,
    mut leaf: Leaf,
    erasure: &Erasure,
    mut entries: Vec<Entry>,
) -> Result<Vec<Id>> {
    let now = leaf.at;
    let reach = reach(tx, &erasure.subject).await?;
    let ids: Vec<&Id> = reach.records.iter().collect();
    let (mut gone, mut ended) = (Vec::new(), Vec::new());
    for ids in ids.chunks(CHUNK) {
        gone.extend(remove::remove(tx, &parts.facts, ids).await?);
    }
    for id in &ids {
        ended.extend(silence(tx, id).await?);
        let query = Query::new("UPDATE data_key SET wrapped = ").bind(Vec::<u8>::new());
        let query = query.push(", master = '', state = 'destroyed', destroyed_at = ").bind(now);
        tx.run(query.push(" WHERE subject = ").bind(*id)).await?;
    }
    let subject = erasure.subject.clone();
    leaf.touched = gone
        .iter()
        .filter(|(id, _)| *id == subject)
        .map(|(id, version)| RecordRef { kind: Kind::Entity, id: id.clone(), version: *version })
        .collect();
    let hashes = remove::hashes(&gone).into_iter();
    let hashes = hashes.chain(ended.iter().map(|(event, pack)| bind::ended(event.as_str(), pack)));
    entries.push(kept::ERASURE.entry(tx, erasure.id.as_str()).await?);
    let operation = leaf.operation.clone();
    let appended = parts.appender.bind(tx, vec![leaf], hashes.collect(), entries).await?;
    remove::write(tx, &gone, &operation, appended.first).await?;
    for (event, pack) in ended {
        let done = Query::new("UPDATE delivery SET state = 'done', error = NULL, ended = ");
        let done = done.bind(appended.first).push(" WHERE event = ").bind(&event);
        tx.run(done.push(" AND pack = ").bind(pack)).await?;
    }
    Ok(reach.records.into_iter().collect())
}

/// Who waits to be told what nobody can read any more, and timers with such payloads: the deliveries to be ended, the timers
/// gone.
async fn silence(tx: &mut Tx, id: &Id) -> Result<Vec<(Id, String)>> {
    // A sealed text names its keys: `…<subject>#<generation>…`.
    let named = || Bind::from(format!("\u{1}%{id}#%"));
    let query = Query::new(
        "SELECT d.event, d.pack FROM delivery d JOIN event e ON e.id = d.event WHERE d.state = 'waiting' AND e.payload LIKE ",
    );
    let rows = tx.rows(query.bind(named())).await?;
    tx.run(Query::new("DELETE FROM timer WHERE payload LIKE ").bind(named())).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.text(1)?))).collect()
}
