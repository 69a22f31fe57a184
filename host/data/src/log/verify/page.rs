//! A page of the log with the rows that its leaves made: read in order, then checked without the database.

use std::collections::BTreeMap;

use anshu_model::Error;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use sha2::{Digest, Sha256};

use super::Stop;
use crate::db::{Query, Row, Tx};
use crate::log::store::{CLOCK_SET_BACK, decide_digest, versions_digest};
use crate::log::tree::Hash;

/// Leaves side by side, with the versions and decisions that point at them.
pub(super) struct Page {
    from: u64,
    leaves: Vec<(Vec<u8>, Vec<u8>)>,
    versions: BTreeMap<u64, Vec<Version>>,
    decisions: BTreeMap<u64, Vec<Decision>>,
}

struct Version {
    id: String,
    version: u64,
    record: String,
    digest: Vec<u8>,
    operation: String,
}

struct Decision {
    id: String,
    decision: String,
    digest: Vec<u8>,
}

/// A page that holds.
pub(super) struct Checked {
    pub(super) hashes: Vec<Hash>,
    pub(super) first_at: Instant,
    pub(super) last_at: Instant,
    pub(super) versions: u64,
    pub(super) decisions: u64,
    pub(super) set_back: u64,
}

/// What is said of a leaf whose time lies before its predecessor's.
pub(super) fn earlier(position: u64) -> String {
    format!("日志第 {position} 条的时间早于上一条")
}

impl Page {
    /// Reads the leaves from one position up to another.
    pub(super) async fn read(tx: &mut Tx, from: u64, to: u64) -> Result<Self, Stop> {
        let leaves = match read_leaves(tx, from, to).await {
            Ok(leaves) => leaves,
            Err(Stop::Failed(Error::Internal(_))) => {
                return Err(find_unreadable(tx, from, to).await?);
            }
            Err(stop) => return Err(stop),
        };
        let bound = |table: &'static str| {
            Query::new(table).bind(from).push(" AND leaf < ").bind(to).push(" ORDER BY leaf")
        };
        let unreadable = |what: &str| format!("日志第 {from} 至 {} 条所写的{what}无法读取", to - 1);
        let mut page = Self { from, leaves, versions: BTreeMap::new(), decisions: BTreeMap::new() };
        let query = bound(
            "SELECT leaf, id, version, record, digest, operation FROM record_version WHERE leaf >= ",
        );
        for row in or_wrong(tx.rows(query).await, || unreadable("记录"))? {
            let (leaf, version) = or_wrong(Version::of(&row), || unreadable("记录"))?;
            page.versions.entry(leaf).or_default().push(version);
        }
        let query = bound("SELECT leaf, id, decision, digest FROM decision WHERE leaf >= ");
        for row in or_wrong(tx.rows(query).await, || unreadable("决定"))? {
            let (leaf, decision) = or_wrong(Decision::of(&row), || unreadable("决定"))?;
            page.decisions.entry(leaf).or_default().push(decision);
        }
        Ok(page)
    }

    /// Checks every leaf and what is bound to it.
    ///
    /// # Errors
    /// The name of the first thing that is wrong.
    pub(super) fn check(self) -> Result<Checked, String> {
        let Self { from, leaves, versions, decisions } = self;
        let mut checked = Checked {
            hashes: Vec::with_capacity(leaves.len()),
            first_at: Instant(i64::MAX),
            last_at: Instant(i64::MIN),
            versions: 0,
            decisions: 0,
            set_back: 0,
        };
        for (position, (bytes, hash)) in (from..).zip(leaves) {
            if !super::holds(&bytes, &hash) {
                return Err(format!("日志第 {position} 条的内容与其哈希不符"));
            }
            let leaf: Leaf = serde_json::from_slice(&bytes)
                .map_err(|error| format!("日志第 {position} 条无法识别（{error}）"))?;
            if leaf.at < checked.last_at {
                return Err(earlier(position));
            }
            let made = versions.get(&position).map_or(&[][..], Vec::as_slice);
            let decided = decisions.get(&position).map_or(&[][..], Vec::as_slice);
            check_bound(position, &leaf, made, decided)?;
            checked.first_at = checked.first_at.min(leaf.at);
            checked.last_at = leaf.at;
            checked.versions += made.len() as u64;
            checked.decisions += decided.len() as u64;
            checked.set_back += u64::from(leaf.note.starts_with(CLOCK_SET_BACK));
            checked.hashes.extend(Hash::try_from(hash));
        }
        Ok(checked)
    }
}

/// What a leaf made is what it says that it made.
fn check_bound(
    position: u64,
    leaf: &Leaf,
    made: &[Version],
    decided: &[Decision],
) -> Result<(), String> {
    let mut digests = Vec::with_capacity(made.len());
    for version in made {
        let name = || format!("记录 {} 第 {} 版", version.id, version.version);
        let digest: Hash = Sha256::digest(version.record.as_bytes()).into();
        if digest.as_slice() != version.digest {
            return Err(format!("{}：内容与其摘要不符", name()));
        }
        if version.operation != leaf.operation.as_str() || !(writes(leaf) || undoes(leaf)) {
            return Err(format!("{}：不是日志第 {position} 条所写", name()));
        }
        digests.push((version.id.as_str(), version.version, digest));
    }
    for decision in decided {
        if Sha256::digest(decision.decision.as_bytes()).as_slice() != decision.digest {
            return Err(format!("决定 {}：内容与其摘要不符", decision.id));
        }
        if decision.id != leaf.operation.as_str() || leaf.action != Action::Decide || !writes(leaf)
        {
            return Err(format!("决定 {}：不是日志第 {position} 条所作", decision.id));
        }
    }
    if !writes(leaf) && made.is_empty() {
        return Ok(());
    }
    let rows = versions_digest(digests.iter().map(|(id, version, digest)| (*id, *version, digest)));
    let expected = match (leaf.action, decided) {
        (Action::Decide, [decision]) => decide_digest(decision.decision.as_bytes(), &rows),
        (Action::Decide, _) => {
            return Err(format!("日志第 {position} 条所作的决定 {} 缺失", leaf.operation));
        }
        _ => rows,
    };
    if leaf.digest == expected {
        return Ok(());
    }
    // Each row agrees with its own digest: a row was changed together with it, or one was added or taken away.
    let rows: Vec<String> =
        made.iter().take(4).map(|row| format!("{} 第 {} 版", row.id, row.version)).collect();
    let rows =
        if rows.is_empty() { "记录".to_owned() } else { format!("记录 {} ", rows.join("、")) };
    Err(format!("日志第 {position} 条所写的内容与其摘要不符：{rows}被改写、增添或删除"))
}

/// Whether a leaf stands for rows.
fn writes(leaf: &Leaf) -> bool {
    matches!(leaf.action, Action::Write | Action::Decide) && leaf.verdict == Verdict::Allowed
}

/// Whether a leaf may stand for rows: an import that was undone leaves an empty version of each record that is gone.
fn undoes(leaf: &Leaf) -> bool {
    leaf.action == Action::Import && leaf.verdict == Verdict::Allowed
}

async fn read_leaves(tx: &mut Tx, from: u64, to: u64) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Stop> {
    let query = Query::new("SELECT position, bytes, hash FROM log_leaf WHERE position >= ")
        .bind(from)
        .push(" AND position < ")
        .bind(to)
        .push(" ORDER BY position");
    let mut leaves = Vec::with_capacity(usize::try_from(to - from).unwrap_or(0));
    let mut rows = tx.rows(query).await?.into_iter();
    for position in from..to {
        match rows.next() {
            Some(row) if row.count(0)? == position => leaves.push((row.bytes(1)?, row.bytes(2)?)),
            _ => return Err(Stop::Wrong(format!("日志第 {position} 条缺失"))),
        }
    }
    Ok(leaves)
}

/// A page that the database cannot read: which leaf it is.
async fn find_unreadable(tx: &mut Tx, from: u64, to: u64) -> Result<Stop, Stop> {
    for position in from..to {
        match read_leaves(tx, position, position + 1).await {
            Ok(_) => {}
            Err(Stop::Failed(Error::Internal(_))) => {
                return Ok(Stop::Wrong(format!("日志第 {position} 条无法读取：数据库文件已损坏")));
            }
            Err(stop) => return Ok(stop),
        }
    }
    Ok(Stop::Wrong(format!("日志第 {from} 至 {} 条无法读取：数据库文件已损坏", to - 1)))
}

/// A row that the database cannot read is wrong; a database that does not answer is not.
pub(super) fn or_wrong<T>(
    read: Result<T, Error>,
    what: impl FnOnce() -> String,
) -> Result<T, Stop> {
    read.map_err(|error| match error {
        Error::Internal(detail) => {
            tracing::warn!(detail, "a row cannot be read");
            Stop::Wrong(what())
        }
        error => Stop::Failed(error),
    })
}

impl Version {
    fn of(row: &Row) -> Result<(u64, Self), Error> {
        let version = Self {
            id: row.text(1)?,
            version: row.count(2)?,
            record: row.text(3)?,
            digest: row.bytes(4)?,
            operation: row.text(5)?,
        };
        Ok((row.count(0)?, version))
    }
}

impl Decision {
    fn of(row: &Row) -> Result<(u64, Self), Error> {
        Ok((
            row.count(0)?,
            Self { id: row.text(1)?, decision: row.text(2)?, digest: row.bytes(3)? },
        ))
    }
}
