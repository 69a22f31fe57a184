//! Sealing and unsealing in the write transaction: which records go together, and what moves with them.
//!
//! A record is sealed with what is about it: the duties and risks that name it, and what names those. Timelines and decisions
//! need no mark of their own: whatever the operation wrote that touched a sealed record is left out where it is read. The
//! numbers of a sealed entity leave the table in which everybody looks them up, so that somebody who enters one makes a record
//! and learns nothing. A sealed case gives its parties no more reach; a person is sealed only when no case that names them is
//! left unsealed, as that case would tell of them.

use std::collections::BTreeSet;

use anshu_model::division::Division;
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::record::{Body, Kind, RecordRef};
use anshu_model::{Error, Id, Result};

use super::{CODE, ID, NUMBER, Sealing};
use crate::commit::Facts;
use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept::{self, Entry};
use crate::vault::blind::Blind;

/// Records of one sealing. More is no matter, but a mistake.
const MOST: usize = 2_000;
/// Cases that are named where they must be sealed first.
const SHOWN: u32 = 5;

/// What was done.
#[derive(Default)]
pub(super) struct Done {
    pub(super) touched: Vec<RecordRef>,
    pub(super) entries: Vec<Entry>,
    /// Numbers that another record had taken.
    pub(super) rivals: u64,
}

/// The record that may be sealed: a case, a person, or what happened to one.
pub(super) async fn sealable(
    tx: &mut Tx,
    index: &Blind,
    target: &str,
    division: &Division,
) -> Result<Id> {
    let id = resolve(tx, index, target, false).await?;
    let (first, last) = division.subtree();
    let query =
        Query::new("SELECT r.kind, r.type_name FROM record r WHERE r.sealed = 0 AND r.id = ")
            .bind(&id)
            .push(" AND r.division BETWEEN ")
            .bind(first)
            .push(" AND ")
            .bind(last);
    let row = tx.row(query).await?.ok_or_else(nothing)?;
    let (kind, type_name) = (row.text(0)?, row.text(1)?);
    let fits = match Kind::from_name(&kind) {
        Some(Kind::Case) => true,
        Some(Kind::Entity) => {
            [EntityKind::Person, EntityKind::Thing].iter().any(|kind| kind.name() == type_name)
        }
        Some(Kind::Risk | Kind::Duty) | None => false,
    };
    if fits {
        return Ok(id);
    }
    Err(Error::invalid(
        "/target",
        "不能单独封存的记录",
        "一件事项、一个人员档案，或一条与人员有关的登记",
    ))
}

/// The record that may be unsealed: one that was sealed by itself, not with another.
pub(super) async fn unsealable(
    tx: &mut Tx,
    index: &Blind,
    target: &str,
    division: &Division,
) -> Result<Id> {
    let id = resolve(tx, index, target, true).await?;
    let (first, last) = division.subtree();
    let query = Query::new(
        "SELECT 1 FROM sealed_record s JOIN sealing g ON g.id = s.sealing JOIN record r ON r.id = s.id \
         WHERE s.lifted IS NULL AND s.id = ",
    )
    .bind(&id)
    .push(" AND g.target = ")
    .bind(format!("{ID}{id}"))
    .push(" AND r.division BETWEEN ")
    .bind(first)
    .push(" AND ")
    .bind(last);
    tx.row(query).await?.map(|_| id).ok_or_else(nothing)
}

/// The record of a target, among those that are sealed or among the others.
async fn resolve(tx: &mut Tx, index: &Blind, target: &str, sealed: bool) -> Result<Id> {
    let found = ids(tx, index, target, sealed).await?;
    found.into_iter().next().ok_or_else(nothing)
}

/// The records that a target means. A number may be that of several sealed records.
pub(super) async fn ids(tx: &mut Tx, index: &Blind, target: &str, sealed: bool) -> Result<Vec<Id>> {
    if let Some(id) = target.strip_prefix(ID) {
        return Ok(vec![Id::from_text(id)]);
    }
    let query = if let Some(key) = target.strip_prefix(CODE) {
        let query = Query::new(
            "SELECT a.id FROM record_attribute a JOIN record r ON r.id = a.id WHERE r.kind = 'case' AND r.sealed = ",
        );
        query.bind(i64::from(sealed)).push(" AND a.key = ").bind(bytes(index, key)?)
    } else if let Some(key) = target.strip_prefix(NUMBER) {
        let table = if sealed {
            "SELECT k.id FROM sealed_key k JOIN record r ON r.id = k.id WHERE r.sealed = 1 AND k.key = "
        } else {
            "SELECT k.id FROM record_key k WHERE k.key = "
        };
        Query::new(table).bind(bytes(index, key)?)
    } else {
        return Err(Error::Internal(format!("no target: {target}")));
    };
    tx.rows(query.push(" ORDER BY 1 LIMIT ").bind(SHOWN))
        .await?
        .iter()
        .map(|row| row.id(0))
        .collect()
}

/// The digest of a target. One of a key that is gone can be compared with nothing any more.
fn bytes(index: &Blind, stored: &str) -> Result<Vec<u8>> {
    let wrong = || Error::Internal("a stored target is no digest".into());
    let (generation, hex) = match stored.split_once('/') {
        Some((generation, hex)) => (generation.parse().map_err(|_| wrong())?, hex),
        None => (1, stored),
    };
    if !index.has(generation) {
        return Err(Error::Conflict(
            "提出之后检索密钥已经更换，而当时没有与所查号码相符的记录；请撤回后重新提出".into(),
        ));
    }
    let pairs = hex.as_bytes().chunks(2).map(std::str::from_utf8);
    pairs
        .map(|pair| u8::from_str_radix(pair.map_err(|_| wrong())?, 16).map_err(|_| wrong()))
        .collect()
}

fn nothing() -> Error {
    Error::NotFound("所指的记录（编号、案号或号码与本辖区的记录不符）".into())
}

/// No case that is not sealed names a person.
pub(super) async fn unnamed(tx: &mut Tx, root: &Id) -> Result<()> {
    let query = Query::new(
        "SELECT r.id FROM record_link l JOIN record r ON r.id = l.id WHERE r.sealed = 0 AND l.relation = 'party' AND l.target = ",
    );
    let rows = tx.rows(query.bind(root).push(" ORDER BY r.id LIMIT ").bind(SHOWN)).await?;
    let cases = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
    if cases.is_empty() {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "该人员仍是未封存事项的当事方，请先封存这些事项：{}",
        cases.join("、")
    )))
}

/// A record with what is about it.
pub(super) async fn closure(tx: &mut Tx, root: &Id) -> Result<Vec<RecordRef>> {
    let mut found: Vec<RecordRef> = Vec::new();
    let mut known = BTreeSet::from([root.clone()]);
    let mut next = vec![root.clone()];
    while !next.is_empty() {
        let mut beyond = Vec::new();
        for ids in next.chunks(256) {
            let query = Query::new(
                "SELECT r.kind, r.id, r.version FROM record r WHERE r.sealed = 0 AND r.id IN ",
            );
            for row in tx.rows(query.list(ids)).await? {
                found.push(reference(&row)?);
            }
            let query = Query::new(
                "SELECT l.id FROM record_link l WHERE l.relation IN ('about', 'subject') AND l.target IN ",
            );
            for row in tx.rows(query.list(ids)).await? {
                let id = row.id(0)?;
                if known.insert(id.clone()) {
                    beyond.push(id);
                }
            }
        }
        if known.len() > MOST {
            return Err(Error::invalid(
                "/target",
                format!("牵涉 {} 条以上的记录", MOST),
                "一件事项或一个人员档案",
            ));
        }
        next = beyond;
    }
    Ok(found)
}

/// What was sealed together with a record.
pub(super) async fn sealed_with(tx: &mut Tx, root: &Id) -> Result<Vec<RecordRef>> {
    let query = Query::new(
        "SELECT r.kind, r.id, r.version FROM sealed_record s JOIN record r ON r.id = s.id WHERE s.lifted IS NULL AND s.sealing = \
         (SELECT o.sealing FROM sealed_record o WHERE o.lifted IS NULL AND o.id = ",
    );
    tx.rows(query.bind(root).push(") ORDER BY r.id")).await?.iter().map(reference).collect()
}

fn reference(row: &Row) -> Result<RecordRef> {
    let kind = row.text(0)?;
    let kind = Kind::from_name(&kind).ok_or_else(|| Error::Internal(format!("no kind: {kind}")))?;
    Ok(RecordRef { kind, id: row.id(1)?, version: row.count(2)? })
}

/// Seals a record with what is about it, as it is by now.
pub(super) async fn seal(
    tx: &mut Tx,
    facts: &Facts,
    found: &Sealing,
    now: Instant,
) -> Result<Done> {
    let index = facts.index.all(tx).await?;
    let root = found.root()?;
    unnamed(tx, &root).await?;
    let touched = closure(tx, &root).await?;
    if touched.first().is_none_or(|first| first.id != root) {
        return Err(Error::Conflict("该记录已经封存，或已不在".into()));
    }
    let mut entries = Vec::with_capacity(touched.len());
    for chunk in touched.chunks(256) {
        let ids = || chunk.iter().map(|one| &one.id);
        tx.run(Query::new("UPDATE record SET sealed = 1 WHERE id IN ").list(ids())).await?;
        let rows = ids().map(|id| -> Vec<Bind> { vec![id.into(), (&found.id).into(), now.into()] });
        let again = "ON CONFLICT (id) DO UPDATE SET sealing = excluded.sealing, at = excluded.at, lifted = NULL, lifted_at = NULL";
        tx.insert("INSERT INTO sealed_record (id, sealing, at)", 3, rows.collect(), again).await?;
        for id in ids() {
            entries.push(kept::SEALED_RECORD.entry(tx, id.as_str()).await?);
        }
        let entities = chunk.iter().filter(|one| one.kind == Kind::Entity).map(|one| &one.id);
        // Of what was erased no number is left to be hidden.
        for (id, keys) in numbers(tx, facts, &index, entities).await? {
            for key in keys {
                move_key(tx, KEY_TO_SEALED, &key, &id).await?;
            }
        }
    }
    Ok(Done { touched, entries, rivals: 0 })
}

/// The numbers of some entities, each as the digests by which it is found: the one that is looked up first.
async fn numbers<'i>(
    tx: &mut Tx,
    facts: &Facts,
    index: &Blind,
    ids: impl Iterator<Item = &'i Id>,
) -> Result<Vec<(Id, Vec<Vec<u8>>)>> {
    let query = Query::new(
        "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id IN ",
    );
    let rows = tx.rows(query.list(ids)).await?;
    let mut found = Vec::new();
    for record in facts.vault.records(tx, &rows, 0).await?.into_iter().flatten() {
        let Body::Entity(entity) = &record.body else { continue };
        let id = &record.head.id;
        found.extend(entity.identifiers.iter().map(|number| {
            let keys = index.of(id);
            let digest = keys.map(|key| key.identifier(entity.kind, &number.scheme, &number.value));
            (id.clone(), digest.collect())
        }));
    }
    Ok(found)
}

/// From where a number's row is taken, and where it is put.
type Way = (&'static str, &'static str);

const KEY_TO_SEALED: Way =
    ("DELETE FROM record_key WHERE key = ", "INSERT INTO sealed_key (key, id)");
const KEY_FROM_SEALED: Way =
    ("DELETE FROM sealed_key WHERE key = ", "INSERT INTO record_key (key, id)");

async fn move_key(tx: &mut Tx, (from, into): Way, key: &[u8], id: &Id) -> Result<()> {
    let taken = Query::new(from).bind(key.to_vec()).push(" AND id = ").bind(id);
    if tx.run(taken).await? > 0 {
        tx.insert(into, 2, vec![vec![key.to_vec().into(), id.into()]], "ON CONFLICT DO NOTHING")
            .await?;
    }
    Ok(())
}

/// Unseals what was sealed together. A number that another record has taken meanwhile stays apart.
pub(super) async fn unseal(
    tx: &mut Tx,
    facts: &Facts,
    found: &Sealing,
    now: Instant,
) -> Result<Done> {
    let index = facts.index.all(tx).await?;
    let root = found.root()?;
    let touched = sealed_with(tx, &root).await?;
    if touched.is_empty() {
        return Err(Error::Conflict("该记录已经解除封存".into()));
    }
    let mut done = Done::default();
    for chunk in touched.chunks(256) {
        let ids = || chunk.iter().map(|one| &one.id);
        tx.run(Query::new("UPDATE record SET sealed = 0 WHERE id IN ").list(ids())).await?;
        let lifted = Query::new("UPDATE sealed_record SET lifted = ")
            .bind(&found.id)
            .push(", lifted_at = ")
            .bind(now)
            .push(" WHERE id IN ");
        tx.run(lifted.list(ids())).await?;
        for id in ids() {
            done.entries.push(kept::SEALED_RECORD.entry(tx, id.as_str()).await?);
        }
        let entities = chunk.iter().filter(|one| one.kind == Kind::Entity).map(|one| &one.id);
        for (id, keys) in numbers(tx, facts, &index, entities).await? {
            let Some(first) = keys.first() else { continue };
            let taken = Query::new("SELECT 1 FROM record_key WHERE key = ").bind(first.clone());
            if tx.row(taken).await?.is_some() {
                done.rivals += 1;
                continue;
            }
            for key in keys {
                move_key(tx, KEY_FROM_SEALED, &key, &id).await?;
            }
        }
    }
    done.touched = touched;
    Ok(done)
}

/// Gives the numbers that two records have to one of them. The other's row stays apart: its body has the number all the same.
pub(super) async fn settle(
    tx: &mut Tx,
    facts: &Facts,
    found: &Sealing,
    to_unsealed: bool,
) -> Result<()> {
    if !to_unsealed {
        return Ok(());
    }
    let index = facts.index.all(tx).await?;
    let query = Query::new("SELECT id FROM sealed_record WHERE lifted = ").bind(&found.id);
    let rows = tx.rows(query).await?;
    let unsealed = rows.iter().map(|row| row.id(0)).collect::<Result<Vec<_>>>()?;
    for ids in unsealed.chunks(256) {
        for (id, keys) in numbers(tx, facts, &index, ids.iter()).await? {
            let Some(first) = keys.first() else { continue };
            let query = Query::new(
                "SELECT o.id FROM sealed_key k JOIN record_key o ON o.key = k.key WHERE k.key = ",
            );
            let query = query.bind(first.clone()).push(" AND k.id = ").bind(&id);
            let Some(row) = tx.row(query).await? else { continue };
            let other = row.id(0)?;
            // What there is of either: while the key is changed one of the two may have more rows than the other.
            for key in digests(tx, facts, &index, &id, &other, first).await? {
                move_key(tx, KEY_TO_SEALED, &key, &other).await?;
                move_key(tx, KEY_FROM_SEALED, &key, &id).await?;
            }
        }
    }
    Ok(())
}

/// All digests of the number that two records have.
async fn digests(
    tx: &mut Tx,
    facts: &Facts,
    index: &Blind,
    one: &Id,
    other: &Id,
    first: &[u8],
) -> Result<BTreeSet<Vec<u8>>> {
    let both = numbers(tx, facts, index, [one, other].into_iter()).await?;
    let same = both.into_iter().filter(|(_, keys)| keys.first().is_some_and(|key| key == first));
    Ok(same.flat_map(|(_, keys)| keys).collect())
}
