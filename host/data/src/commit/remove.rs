//! Taking records out of the present: their heads and what they are found by. Their versions stay where they are; an empty
//! last one, written by the caller with its leaf, says that they are gone.

use anshu_model::record::{Body, Record};
use anshu_model::{Id, Result};
use sha2::{Digest, Sha256};

use super::{Facts, indexed};
use crate::db::{Bind, Query, Tx};
use crate::import::links;
use crate::log::bind;
use crate::log::tree::Hash;
use crate::vault::blind::Blind;

/// A record that is gone, with the number of the version that says so.
pub(crate) type Gone = (Id, u64);

/// Takes records out of the present.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn remove(tx: &mut Tx, facts: &Facts, ids: &[&Id]) -> Result<Vec<Gone>> {
    let query = Query::new(
        "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id IN ",
    );
    let index = facts.index.all(tx).await?;
    let mut removed = Vec::with_capacity(ids.len());
    let rows = tx.rows(query.list(ids.iter().copied())).await?;
    for record in facts.vault.records(tx, &rows, 0).await?.into_iter().flatten() {
        unindex(tx, facts, &index, &record).await?;
        removed.push((record.head.id.clone(), record.head.version + 1));
    }
    tx.run(Query::new("DELETE FROM record WHERE id IN ").list(ids.iter().copied())).await?;
    Ok(removed)
}

async fn unindex(tx: &mut Tx, facts: &Facts, index: &Blind, record: &Record) -> Result<()> {
    let id = &record.head.id;
    let schemas = facts.schemas.get();
    for key in index.of(id).flat_map(|key| indexed(key, &schemas, record)) {
        let query = Query::new("DELETE FROM record_attribute WHERE key = ").bind(key);
        tx.run(query.push(" AND id = ").bind(id)).await?;
    }
    for (target, relation) in links(record) {
        let query = Query::new("DELETE FROM record_link WHERE target = ").bind(target);
        let query = query.push(" AND relation = ").bind(relation);
        tx.run(query.push(" AND id = ").bind(id)).await?;
    }
    if let Body::Entity(entity) = &record.body {
        let numbers = &entity.identifiers;
        let keys = index.of(id).flat_map(|key| {
            numbers.iter().map(|number| key.identifier(entity.kind, &number.scheme, &number.value))
        });
        let query = Query::new("DELETE FROM record_key WHERE key IN ").list(keys);
        tx.run(query.push(" AND id = ").bind(id)).await?;
    }
    for unit in &record.head.joint {
        let query = Query::new("DELETE FROM record_unit WHERE unit = ").bind(unit);
        tx.run(query.push(" AND id = ").bind(id)).await?;
    }
    Ok(())
}

fn nothing() -> Hash {
    Sha256::digest([]).into()
}

/// What the leaf vouches for: the empty versions.
pub(crate) fn hashes(gone: &[Gone]) -> Vec<Hash> {
    gone.iter().map(|(id, version)| bind::version(id.as_str(), *version, &nothing())).collect()
}

/// Writes the empty versions.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn write(tx: &mut Tx, gone: &[Gone], operation: &Id, leaf: u64) -> Result<()> {
    let rows = gone.iter().map(|(id, version)| -> Vec<Bind> {
        let digest = nothing();
        vec![id.into(), (*version).into(), "".into(), digest.into(), operation.into(), leaf.into()]
    });
    let into = "INSERT INTO record_version (id, version, record, digest, operation, leaf)";
    tx.insert(into, 6, rows.collect(), "").await
}
