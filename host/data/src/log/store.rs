//! How the log lives in the database: leaves, complete tiles, and one signed head. It keeps no state of its own, so that
//! several nodes can append to one database.

use std::sync::Arc;

use anshu_model::instant::Instant;
use anshu_model::leaf::Leaf;
use anshu_model::{Error, Result};

use super::kept::Entry;
use super::note::{Signer, Verifier};
use super::tile::{self, WIDTH};
use super::tree::{self, Frontier, Hash};
use super::{bind, find};
use crate::db::{Bind, Query, Tx};
use crate::disclosure::index::{self, Fresh};

/// How far a leaf's time may lie before its predecessor's without a word: operations overlap, and each carries the time
/// at which it began. Beyond it the clock was set back, and the leaf says so.
const OVERLAP: i64 = 10 * 60 * 1000;

/// Appends leaves inside the write transaction of what they record.
#[derive(Debug, Clone)]
pub(crate) struct Appender {
    signer: Arc<Signer>,
}

/// What an append did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Appended {
    /// The position of the first leaf; the others follow it.
    pub(crate) first: u64,
    /// How many leaves the log has now.
    pub(crate) size: u64,
    /// The log as signed now.
    pub(crate) checkpoint: String,
}

/// The head of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The tree.
    pub(crate) frontier: Frontier,
    /// The last leaf's time.
    pub(crate) last_at: Instant,
    /// The signed checkpoint; empty while the log is.
    pub(crate) checkpoint: String,
}

impl Appender {
    /// An appender that signs with a key.
    pub(crate) fn new(signer: Signer) -> Self {
        Self { signer: Arc::new(signer) }
    }

    /// What verifies the signatures.
    pub(crate) fn verifier(&self) -> Verifier {
        self.signer.verifier()
    }

    /// A text under the log's signature: a receipt, which is no checkpoint.
    pub(crate) fn sign_note(&self, text: &str) -> String {
        self.signer.seal(text)
    }

    /// Who signs: for what else the log's key vouches for.
    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// A checkpoint of the log as it is.
    pub(crate) async fn checkpoint(&self, tx: &mut Tx) -> Result<String> {
        let head = head(tx).await?;
        if head.checkpoint.is_empty() {
            return self.signer.sign(head.frontier.size(), head.frontier.root());
        }
        Ok(head.checkpoint)
    }

    /// Appends leaves of one operation. The first one vouches for rows and for the states of what administrators keep.
    ///
    /// # Errors
    /// As [`Appender::append`].
    pub(crate) async fn bind(
        &self,
        tx: &mut Tx,
        mut leaves: Vec<Leaf>,
        mut rows: Vec<Hash>,
        entries: Vec<Entry>,
    ) -> Result<Appended> {
        rows.extend(entries.iter().map(Entry::hash));
        match leaves.first_mut() {
            Some(leaf) => leaf.rows = bind::rows(rows),
            None if rows.is_empty() => {}
            None => return Err(Error::Internal("rows without a leaf".into())),
        }
        let appended = self.append(tx, &leaves).await?;
        let entries = entries.into_iter().map(|entry| entry.row(appended.first)).collect();
        tx.insert("INSERT INTO binding (name, key, leaf, digest)", 4, entries, "").await?;
        Ok(appended)
    }

    /// Appends leaves in order and signs the tree that they make, in the open write transaction.
    ///
    /// A leaf's time is never before its predecessor's: it is raised to it, and where the clock was set back, the leaf
    /// says by how much.
    ///
    /// # Errors
    /// [`Error::Internal`] where a leaf is longer than the format allows, or the head is broken.
    pub(crate) async fn append(&self, tx: &mut Tx, leaves: &[Leaf]) -> Result<Appended> {
        self.append_with(tx, leaves, &Fresh::default()).await
    }

    /// The same, where the transaction makes records that are not written yet: whom they are about is in the persons' index
    /// all the same. No caller can leave that index out: there is no other way to append.
    ///
    /// # Errors
    /// As [`Appender::append`].
    pub(crate) async fn append_with(
        &self,
        tx: &mut Tx,
        leaves: &[Leaf],
        fresh: &Fresh,
    ) -> Result<Appended> {
        let Head { mut frontier, mut last_at, checkpoint } = head(tx).await?;
        let first = frontier.size();
        if leaves.is_empty() {
            return Ok(Appended { first, size: first, checkpoint });
        }
        let touched = index::touched(tx, leaves, fresh).await?;
        let mut rows = Vec::with_capacity(leaves.len());
        let mut seen = Vec::new();
        let mut found = find::Rows::default();
        for ((position, leaf), persons) in (first..).zip(leaves).zip(touched) {
            let bytes = if persons.is_empty() {
                bytes(leaf, last_at)?
            } else {
                bytes(&Leaf { persons: index::digest(&persons), ..leaf.clone() }, last_at)?
            };
            seen.extend(persons.into_iter().map(|person| person.row(position)));
            last_at = last_at.max(leaf.at);
            found.add(position, leaf, last_at)?;
            let hash = tree::leaf_hash(&bytes);
            frontier.push(hash);
            rows.push(vec![position.into(), bytes.into(), hash.into()]);
        }
        tx.insert("INSERT INTO log_leaf (position, bytes, hash)", 3, rows, "")
            .await
            .map_err(refused)?;
        found.write(tx).await.map_err(refused)?;
        tx.insert("INSERT INTO subject_access (subject, leaf, matter)", 3, seen, "")
            .await
            .map_err(refused)?;
        let size = frontier.size();
        complete_tiles(tx, first, size).await?;
        let checkpoint = self.signer.sign(size, frontier.root())?;
        let update = Query::new("UPDATE log_head SET size = ")
            .bind(size)
            .push(", frontier = ")
            .bind(frontier.to_bytes())
            .push(", last_at = ")
            .bind(last_at)
            .push(", checkpoint = ")
            .bind(checkpoint.as_str())
            .push(" WHERE id = 1");
        tx.run(update).await?;
        Ok(Appended { first, size, checkpoint })
    }
}

/// A database that takes no leaf takes nothing: whoever asked hears that it is not possible now, and why.
fn refused(error: Error) -> Error {
    match error {
        Error::Internal(detail) => {
            tracing::error!(detail, "the audit log takes no leaf");
            Error::Unavailable(
                "审计日志暂时不能写入；未留痕的操作一律不办理，请联系系统管理员".into(),
            )
        }
        error => error,
    }
}

/// The leaf as it is hashed and stored.
fn bytes(leaf: &Leaf, last_at: Instant) -> Result<Vec<u8>> {
    let json = |leaf: &Leaf| {
        serde_json::to_vec(leaf).map_err(|error| Error::Internal(format!("leaf: {error}")))
    };
    let bytes = if leaf.at >= last_at {
        json(leaf)?
    } else {
        let back = last_at.since(leaf.at);
        let mut raised = Leaf { at: last_at, ..leaf.clone() };
        if back > OVERLAP {
            tracing::warn!(back, "the host's clock is behind the log");
            raised.note = format!("{CLOCK_SET_BACK}{back} 毫秒〕{}", leaf.note);
        }
        json(&raised)?
    };
    if bytes.len() > tile::MAX_LEAF {
        return Err(Error::Internal(format!(
            "a leaf of {} bytes is longer than {}",
            bytes.len(),
            tile::MAX_LEAF
        )));
    }
    Ok(bytes)
}

/// How the note of a leaf begins whose time lay far before its predecessor's.
pub(crate) const CLOCK_SET_BACK: &str = "〔主机时钟早于上一条日志 ";

/// The head of the log.
pub(crate) async fn head(tx: &mut Tx) -> Result<Head> {
    let query = Query::new("SELECT size, frontier, last_at, checkpoint FROM log_head WHERE id = 1");
    let broken = || Error::Internal("the head of the audit log is broken".into());
    let row = tx.row(query).await?.ok_or_else(broken)?;
    let frontier = Frontier::from_bytes(row.count(0)?, &row.bytes(1)?).ok_or_else(broken)?;
    Ok(Head { frontier, last_at: row.instant(2)?, checkpoint: row.text(3)? })
}

/// Writes the tiles that became complete when the log grew.
async fn complete_tiles(tx: &mut Tx, old: u64, new: u64) -> Result<()> {
    let (mut old, mut new, mut level) = (old / WIDTH, new / WIDTH, 0_u64);
    while old < new {
        let mut rows = Vec::new();
        for index in old..new {
            let hashes = children(tx, level, index * WIDTH, (index + 1) * WIDTH).await?;
            let root = tree::root_of(&hashes);
            rows.push(vec![Bind::from(level), index.into(), hashes.concat().into(), root.into()]);
        }
        tx.insert("INSERT INTO log_tile (level, position, bytes, root)", 4, rows, "").await?;
        (old, new, level) = (old / WIDTH, new / WIDTH, level + 1);
    }
    Ok(())
}

/// The hashes that a level's tiles are made of: the leaves' below level 0, else the roots of the tiles below.
async fn children(tx: &mut Tx, level: u64, from: u64, to: u64) -> Result<Vec<Hash>> {
    let query = match level.checked_sub(1) {
        None => Query::new("SELECT hash FROM log_leaf WHERE position >= "),
        Some(below) => Query::new("SELECT root FROM log_tile WHERE level = ")
            .bind(below)
            .push(" AND position >= "),
    };
    let query = query.bind(from).push(" AND position < ").bind(to).push(" ORDER BY position");
    let rows = tx.rows(query).await?;
    let hashes = rows.iter().map(|row| hash(row.bytes(0)?)).collect::<Result<Vec<_>>>()?;
    if u64::try_from(hashes.len()) == Ok(to - from) {
        Ok(hashes)
    } else {
        Err(Error::Internal(format!(
            "the audit log has gaps between {from} and {to} on level {level}"
        )))
    }
}

fn hash(bytes: Vec<u8>) -> Result<Hash> {
    bytes.try_into().map_err(|_| Error::Internal("a hash of the audit log has not 32 bytes".into()))
}

/// The root of a complete subtree, by its height and its index among those of that height.
async fn subtree(tx: &mut Tx, height: u32, index: u64) -> Result<Hash> {
    let (level, tile, range) = tile::tile_of_subtree(height, index);
    let from = tile * WIDTH;
    let hashes = children(tx, u64::from(level), from + range.start, from + range.end).await?;
    Ok(tree::root_of(&hashes))
}

/// The root of the log as it was at a size.
pub(crate) async fn root_at(tx: &mut Tx, size: u64) -> Result<Hash> {
    let mut parts = Vec::new();
    for (height, index) in tree::complete_subtrees(&(0..size)) {
        parts.push(subtree(tx, height, index).await?);
    }
    Ok(tree::fold(&parts).unwrap_or_else(|| Frontier::default().root()))
}

async fn prove(tx: &mut Tx, path: Vec<std::ops::Range<u64>>) -> Result<Vec<Hash>> {
    let mut proof = Vec::with_capacity(path.len());
    for range in path {
        let mut parts = Vec::new();
        for (height, index) in tree::complete_subtrees(&range) {
            parts.push(subtree(tx, height, index).await?);
        }
        proof.extend(tree::fold(&parts));
    }
    Ok(proof)
}

/// The proof that a leaf is in the log as it was at a size.
pub(crate) async fn prove_inclusion(tx: &mut Tx, index: u64, size: u64) -> Result<Vec<Hash>> {
    let head = head(tx).await?;
    match tree::inclusion_path(index, size).filter(|_| size <= head.frontier.size()) {
        Some(path) => prove(tx, path).await,
        None => Err(Error::NotFound(format!("日志第 {index} 条（共 {size} 条时）"))),
    }
}

/// The proof that the log at a size grew out of the log at a smaller one.
pub(crate) async fn prove_consistency(tx: &mut Tx, old: u64, new: u64) -> Result<Vec<Hash>> {
    let head = head(tx).await?;
    match tree::consistency_path(old, new).filter(|_| new <= head.frontier.size()) {
        Some(path) => prove(tx, path).await,
        None => Err(Error::NotFound(format!("日志由 {old} 条增至 {new} 条的过程"))),
    }
}

/// A tile's bytes. The log must be large enough to have it.
pub(crate) async fn tile(tx: &mut Tx, wanted: tile::Tile) -> Result<Vec<u8>> {
    let from = wanted.index * WIDTH;
    Ok(children(tx, u64::from(wanted.level), from, from + wanted.width).await?.concat())
}

/// Leaves from a position on, as they are hashed.
pub(crate) async fn leaf_bytes(tx: &mut Tx, from: u64, limit: u64) -> Result<Vec<(u64, Vec<u8>)>> {
    let query = Query::new("SELECT position, bytes FROM log_leaf WHERE position >= ")
        .bind(from)
        .push(" ORDER BY position LIMIT ")
        .bind(limit);
    tx.rows(query).await?.iter().map(|row| Ok((row.count(0)?, row.bytes(1)?))).collect()
}

/// Leaves at positions, in no order.
pub(crate) async fn leaves_at(tx: &mut Tx, positions: &[u64]) -> Result<Vec<(u64, Leaf)>> {
    let query = Query::new("SELECT position, bytes FROM log_leaf WHERE position IN ");
    let rows = tx.rows(query.list(positions.iter().copied())).await?;
    rows.iter().map(|row| read((row.count(0)?, row.bytes(1)?))).collect()
}

/// Leaves from a position on.
pub(crate) async fn leaves(tx: &mut Tx, from: u64, limit: u64) -> Result<Vec<(u64, Leaf)>> {
    leaf_bytes(tx, from, limit).await?.into_iter().map(read).collect()
}

fn read((position, bytes): (u64, Vec<u8>)) -> Result<(u64, Leaf)> {
    let leaf = serde_json::from_slice(&bytes)
        .map_err(|error| Error::Internal(format!("leaf {position} cannot be read: {error}")))?;
    Ok((position, leaf))
}
