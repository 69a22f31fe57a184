//! A page of the log with the rows that its leaves wrote: read in order, then checked without the database.

use std::collections::BTreeMap;

use anshu_model::Error;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use sha2::{Digest, Sha256};

use super::Stop;
use super::rows::{self, Row};
use crate::db::{Query, Tx};
use crate::disclosure::index;
use crate::log::store::CLOCK_SET_BACK;
use crate::log::tree::Hash;
use crate::log::{bind, find};

/// Leaves side by side, with the rows that point at them.
pub(super) struct Page {
    from: u64,
    leaves: Vec<(Vec<u8>, Vec<u8>)>,
    versions: BTreeMap<u64, Vec<Version>>,
    decisions: BTreeMap<u64, Vec<Decision>>,
    others: BTreeMap<u64, Vec<Row>>,
    /// Whom the leaves touched, by hash: the persons' index.
    persons: BTreeMap<u64, Vec<Hash>>,
}

struct Version {
    id: String,
    version: u64,
    record: String,
    digest: Vec<u8>,
    operation: String,
    was: Option<Hash>,
}

struct Decision {
    id: String,
    at: i64,
    pack: String,
    serves: Option<String>,
    decision: String,
    digest: Vec<u8>,
    was: Option<Hash>,
}

/// A page that holds.
pub(super) struct Checked {
    pub(super) hashes: Vec<Hash>,
    pub(super) first_at: Instant,
    pub(super) last_at: Instant,
    pub(super) versions: u64,
    pub(super) decisions: u64,
    pub(super) others: u64,
    pub(super) set_back: u64,
    pub(super) found_by: find::Expected,
}

/// What is wrong, in words, or the line of a timeline that was changed: it is named by its place, which takes a look.
pub(super) enum Wrong {
    Said(String),
    Line { about: String, leaf: u64, ordinal: i64 },
}

impl From<String> for Wrong {
    fn from(what: String) -> Self {
        Self::Said(what)
    }
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
        let unreadable = |what: &str| rows::unreadable(from, to, what);
        let (mut versions, mut decisions) = (BTreeMap::new(), BTreeMap::new());
        let query = bound(
            "SELECT leaf, id, version, record, digest, operation, was FROM record_version WHERE leaf >= ",
        );
        for row in or_wrong(tx.rows(query).await, || unreadable("记录"))? {
            let (leaf, version) = or_wrong(Version::of(&row), || unreadable("记录"))?;
            versions.entry(leaf).or_insert_with(Vec::new).push(version);
        }
        let query = bound(
            "SELECT leaf, id, at, pack, serves, decision, digest, was FROM decision WHERE leaf >= ",
        );
        for row in or_wrong(tx.rows(query).await, || unreadable("决定"))? {
            let (leaf, decision) = or_wrong(Decision::of(&row), || unreadable("决定"))?;
            decisions.entry(leaf).or_insert_with(Vec::new).push(decision);
        }
        let others = rows::read(tx, from, to).await?;
        let persons = index::hashes(tx, from, to).await;
        let persons = or_wrong(persons, || unreadable("查阅索引"))?;
        Ok(Self { from, leaves, versions, decisions, others, persons })
    }

    /// Checks every leaf and what is bound to it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn check(self) -> Result<Checked, Wrong> {
        let Self { from, leaves, versions, decisions, others, mut persons } = self;
        let mut checked = Checked {
            hashes: Vec::with_capacity(leaves.len()),
            first_at: Instant(i64::MAX),
            last_at: Instant(i64::MIN),
            versions: 0,
            decisions: 0,
            others: 0,
            set_back: 0,
            found_by: find::Expected::default(),
        };
        for (position, (bytes, hash)) in (from..).zip(leaves) {
            if !super::holds(&bytes, &hash) {
                return Err(format!("日志第 {position} 条的内容与其哈希不符").into());
            }
            let leaf: Leaf = serde_json::from_slice(&bytes)
                .map_err(|error| format!("日志第 {position} 条无法识别（{error}）"))?;
            if leaf.at < checked.last_at {
                return Err(earlier(position).into());
            }
            let wrote = Wrote {
                versions: versions.get(&position).map_or(&[], Vec::as_slice),
                decisions: decisions.get(&position).map_or(&[], Vec::as_slice),
                others: others.get(&position).map_or(&[], Vec::as_slice),
            };
            wrote.check(position, &leaf)?;
            if bind::rows(persons.remove(&position).unwrap_or_default()) != leaf.persons {
                return Err(format!(
                    "日志第 {position} 条涉及哪些个人的查阅索引被改写、增添或删除"
                )
                .into());
            }
            checked.first_at = checked.first_at.min(leaf.at);
            checked.last_at = leaf.at;
            checked.versions += wrote.versions.len() as u64;
            checked.decisions += wrote.decisions.len() as u64;
            checked.others += wrote.others.len() as u64;
            checked.set_back += u64::from(leaf.note.starts_with(CLOCK_SET_BACK));
            checked.found_by.add(position, &leaf).map_err(|error| error.to_string())?;
            checked.hashes.extend(Hash::try_from(hash));
        }
        Ok(checked)
    }
}

/// The hashes of all rows that a leaf vouches for, by what is stored of them: what a dossier proves its own rows with.
pub(in crate::log) async fn bound(tx: &mut Tx, position: u64) -> Result<Vec<Hash>, Error> {
    let page = match Page::read(tx, position, position + 1).await {
        Ok(page) => page,
        Err(Stop::Wrong(what)) => {
            return Err(Error::Unavailable(format!("日志校验不通过：{what}")));
        }
        Err(Stop::Failed(error)) => return Err(error),
    };
    let broken = || Error::Internal(format!("a digest bound to leaf {position} has not 32 bytes"));
    let mut hashes = Vec::new();
    for version in page.versions.into_values().flatten() {
        // What was sealed later stays vouched for as it was.
        let digest = match version.was {
            Some(was) => was,
            None => version.digest.try_into().map_err(|_| broken())?,
        };
        hashes.push(bind::version(&version.id, version.version, &digest));
    }
    for decision in page.decisions.into_values().flatten() {
        let digest = match decision.was {
            Some(was) => was,
            None => decision.digest.try_into().map_err(|_| broken())?,
        };
        let Decision { id, at, pack, serves, .. } = decision;
        hashes.push(bind::decision(&id, at, &pack, serves.as_deref(), &digest));
    }
    hashes.extend(page.others.into_values().flatten().map(|row| row.vouched()));
    hashes.sort_unstable();
    Ok(hashes)
}

/// The rows that point at one leaf.
struct Wrote<'a> {
    versions: &'a [Version],
    decisions: &'a [Decision],
    others: &'a [Row],
}

impl Wrote<'_> {
    /// What points at a leaf is what it says that it wrote.
    fn check(&self, position: u64, leaf: &Leaf) -> Result<(), Wrong> {
        let operation = leaf.operation.as_str();
        let mut hashes = Vec::new();
        for version in self.versions {
            let digest: Hash = Sha256::digest(version.record.as_bytes()).into();
            if digest.as_slice() != version.digest {
                return Err(format!("{}：内容与其摘要不符", version.name()).into());
            }
            if version.operation != operation {
                return Err(not_by(&version.name(), position));
            }
            let vouched = version.was.unwrap_or(digest);
            hashes.push(bind::version(&version.id, version.version, &vouched));
        }
        for decision in self.decisions {
            let Decision { id, at, pack, serves, .. } = decision;
            let digest: Hash = Sha256::digest(decision.decision.as_bytes()).into();
            if digest.as_slice() != decision.digest {
                return Err(format!("决定 {id}：内容与其摘要不符").into());
            }
            if id != operation {
                return Err(format!("决定 {id}：不是日志第 {position} 条所作").into());
            }
            let vouched = decision.was.unwrap_or(digest);
            hashes.push(bind::decision(id, *at, pack, serves.as_deref(), &vouched));
        }
        for row in self.others {
            match row.wrong(operation) {
                None => hashes.push(row.vouched()),
                Some(wrong) => return Err(wrong),
            }
        }
        let found = bind::rows(hashes);
        if found == leaf.rows {
            return Ok(());
        }
        let decides = leaf.action == Action::Decide && leaf.verdict == Verdict::Allowed;
        if decides && self.decisions.is_empty() {
            return Err(format!("日志第 {position} 条所作的决定 {operation} 缺失").into());
        }
        let named: Vec<String> = self.names().take(4).collect();
        Err(if leaf.rows.is_empty() {
            not_by(&named.join("、"), position)
        } else {
            // Each row agrees with its own digest: one was changed together with it, or added, or taken away.
            let named =
                if named.is_empty() { "所写的各行".to_owned() } else { named.join("、") };
            format!("日志第 {position} 条所写的内容与其摘要不符：{named}被改写、增添或删除").into()
        })
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let versions = self.versions.iter().map(Version::name);
        let decisions = self.decisions.iter().map(|decision| format!("决定 {}", decision.id));
        versions.chain(decisions).chain(self.others.iter().map(|row| row.name.to_string()))
    }
}

fn not_by(name: &str, position: u64) -> Wrong {
    format!("{name}：不是日志第 {position} 条所写").into()
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
    fn name(&self) -> String {
        format!("记录 {} 第 {} 版", self.id, self.version)
    }

    fn of(row: &crate::db::Row) -> Result<(u64, Self), Error> {
        let version = Self {
            id: row.text(1)?,
            version: row.count(2)?,
            record: row.text(3)?,
            digest: row.bytes(4)?,
            operation: row.text(5)?,
            was: rows::was(row, 6)?,
        };
        Ok((row.count(0)?, version))
    }
}

impl Decision {
    fn of(row: &crate::db::Row) -> Result<(u64, Self), Error> {
        let decision = Self {
            id: row.text(1)?,
            at: row.int(2)?,
            pack: row.text(3)?,
            serves: row.maybe_text(4)?,
            decision: row.text(5)?,
            digest: row.bytes(6)?,
            was: rows::was(row, 7)?,
        };
        Ok((row.count(0)?, decision))
    }
}
