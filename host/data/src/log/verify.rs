//! Checks the whole log, and every row that is bound to it, against the signed checkpoint: leaves, tiles, times; record
//! versions, timelines, decisions and events against the leaves that wrote them; what administrators keep against the last
//! state that a leaf vouches for; heads and indexes against the last versions.
//!
//! Not bound are sessions, counted sign-in failures, timers that wait, who hears which topic (it follows from the grants at
//! each start), and how often a delivery was tried: nothing is decided by them that a leaf does not tell.
//!
//! It reads one snapshot in pages and hashes them beside the reading, so memory stays bounded however large the log is.
//! It stops at the first thing that is wrong, by its place in the log, and names it.

mod file;
mod heads;
pub(crate) mod index;
mod kept;
pub(in crate::log) mod page;
mod rows;

use std::collections::VecDeque;

use anshu_model::instant::Instant;
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use super::note::{Verifier, hex};
use super::tile::{Builder, Tile, WIDTH};
use super::tree::{self, Frontier, Hash};
use super::witness::Witness;
use super::{cosigned, find, store};
use crate::db::{Db, Query, Tx};
use index::Books;
use page::{Checked, Page, Wrong};

/// Leaves of a page: a whole number of tiles.
const PAGE: u64 = 8 * WIDTH;
/// Pages that are hashed while the next one is read.
const AHEAD: usize = 2;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// The first thing that is wrong, in words that name it. None: everything holds.
    pub wrong: Option<String>,
    /// Leaves that were checked.
    pub leaves: u64,
    /// Record versions that were checked against their leaves.
    pub versions: u64,
    /// Decisions that were checked against their leaves.
    pub decisions: u64,
    /// Lines of timelines, events, deliveries and changes of what administrators keep that were checked against their leaves.
    #[serde(default)]
    pub rows: u64,
    /// Records whose present state and indexes were checked against their last version.
    pub records: u64,
    /// Accounts, units, packs, calendars and imports that were checked against the last state in the log.
    #[serde(default)]
    pub kept: u64,
    /// What could not be checked here, and why.
    #[serde(default)]
    pub unchecked: Vec<String>,
    /// Leaves that say that the host's clock was set back before them. Nothing is broken by it, but somebody should ask.
    pub clocks_set_back: u64,
    /// The root over the leaves, in hex.
    pub root: String,
}

impl Verification {
    /// Whether everything holds.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.wrong.is_none()
    }

    /// What a person reads of it, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("日志 {} 条，根 {}", self.leaves, self.root),
            format!(
                "记录版本 {} 个，决定 {} 个，当前记录 {} 个",
                self.versions, self.decisions, self.records
            ),
            format!(
                "时间线、事件、投递与变更登记 {} 行，帐户、单位、插件、日历与导入批次 {} 项",
                self.rows, self.kept
            ),
        ];
        lines.extend(self.unchecked.iter().map(|what| format!("未核对：{what}")));
        if self.clocks_set_back > 0 {
            lines.push(format!(
                "有 {} 条日志写入时主机时钟曾倒退，请查明原因",
                self.clocks_set_back
            ));
        }
        lines.push(match &self.wrong {
            None => "校验通过：日志与记录均未被改动".to_owned(),
            Some(wrong) => format!("校验不通过：{wrong}"),
        });
        lines
    }
}

/// What stops a verification.
pub(super) enum Stop {
    /// Something is wrong, and this is its name.
    Wrong(String),
    /// It could not be checked.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Verifies everything in a database.
pub(crate) async fn whole(db: &Db, verifier: &Verifier, books: &Books) -> Result<Verification> {
    let mut tx = db.read().await?;
    let mut tally = Tally::default();
    let mut books = books.clone();
    books.schemas = std::sync::Arc::new(index::schemas(&mut tx, &books.schemas).await?);
    books.index = match books.keys.all(&mut tx).await {
        Ok(index) => Some(std::sync::Arc::new(index)),
        // A row of the keys that somebody broke is named where what administrators keep is compared with the log.
        Err(Error::Unavailable(_) | Error::Internal(_)) => None,
        Err(error) => return Err(error),
    };
    let wrong = match tally.run(&mut tx, verifier, &books).await {
        Ok(()) => None,
        Err(Stop::Wrong(what)) => Some(what),
        Err(Stop::Failed(Error::Internal(detail))) => {
            tracing::warn!(detail, "the database cannot be read");
            Some("数据库文件已损坏：有内容无法读取".to_owned())
        }
        Err(Stop::Failed(error)) => return Err(error),
    };
    let mut unchecked = Vec::new();
    if books.index.is_none() {
        unchecked
            .push("身份标识与属性的索引：密钥文件夹中没有所用的检索密钥（index*.key）".to_owned());
    }
    if tally.counted.unknown {
        unchecked.push("部分属性的索引：所用的属性组不属于任何已登记的插件".to_owned());
    }
    if tally.counted.closed > 0 {
        unchecked.push(format!(
            "{} 条已加密记录与其索引的对照：这里没有打开它们的主密钥（摘要已核对）",
            tally.counted.closed
        ));
    }
    let Tally { frontier, versions, decisions, others, records, kept, set_back, .. } = tally;
    Ok(Verification {
        wrong,
        leaves: frontier.size(),
        versions,
        decisions,
        rows: others,
        records,
        kept,
        unchecked,
        clocks_set_back: set_back,
        root: hex(&frontier.root()),
    })
}

/// Verifies everything in the database of a centre that is stopped, what was seen of the log before, and the indexes by
/// which rows are found.
pub(crate) async fn file(
    db: &Db,
    verifier: &Verifier,
    witness: &Witness,
    books: &Books,
) -> Result<Verification> {
    let mut verification = whole(db, verifier, books).await?;
    let mut tx = db.read().await?;
    if verification.wrong.is_none() {
        verification.wrong = witness.compare(&mut tx, verifier).await?;
    }
    if verification.wrong.is_none() {
        verification.wrong = cosigned::compare(&mut tx, verifier).await?;
    }
    if verification.wrong.is_none() {
        verification.wrong = file::check(&mut tx).await?;
    }
    Ok(verification)
}

/// What was counted so far.
struct Tally {
    frontier: Frontier,
    tiles: Builder,
    last_at: Instant,
    versions: u64,
    decisions: u64,
    others: u64,
    records: u64,
    kept: u64,
    counted: index::Counted,
    set_back: u64,
    found_by: find::Expected,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            frontier: Frontier::default(),
            tiles: Builder::default(),
            last_at: Instant(i64::MIN),
            versions: 0,
            decisions: 0,
            others: 0,
            records: 0,
            kept: 0,
            counted: index::Counted::default(),
            set_back: 0,
            found_by: find::Expected::default(),
        }
    }
}

impl Tally {
    async fn run(&mut self, tx: &mut Tx, verifier: &Verifier, books: &Books) -> Result<(), Stop> {
        let head = match store::head(tx).await {
            Err(Error::Internal(_)) => return Err(Stop::Wrong("日志头已损坏：无法读取".into())),
            head => head?,
        };
        let size = head.frontier.size();
        self.leaves(tx, size).await?;
        self.signed(&head, verifier)?;
        self.nothing_beyond(tx, size).await?;
        if let Some(what) = self.found_by.check(tx).await? {
            return Err(Stop::Wrong(what));
        }
        self.kept = kept::check(tx).await?;
        self.records = heads::check(tx, books, &mut self.counted).await?;
        if let Some(wrong) = crate::seal::astray(tx).await? {
            return Err(Stop::Wrong(wrong));
        }
        Ok(())
    }

    /// All leaves in order, with the rows that are bound to them.
    async fn leaves(&mut self, tx: &mut Tx, size: u64) -> Result<(), Stop> {
        let mut ahead: VecDeque<JoinHandle<Result<Checked, Wrong>>> = VecDeque::new();
        let mut from = 0;
        while from < size || !ahead.is_empty() {
            while from < size && ahead.len() < AHEAD {
                let to = size.min(from + PAGE);
                match Page::read(tx, from, to).await {
                    Ok(page) => ahead.push_back(tokio::task::spawn_blocking(move || page.check())),
                    // What comes before it in the log may be wrong too, and would then be the first.
                    Err(Stop::Wrong(what)) => {
                        ahead.push_back(tokio::task::spawn_blocking(|| Err(Wrong::Said(what))))
                    }
                    Err(failed) => return Err(failed),
                }
                from = to;
            }
            let Some(page) = ahead.pop_front() else { break };
            let checked =
                page.await.map_err(|error| Error::Internal(format!("verify: {error}")))?;
            let checked = match checked {
                Ok(checked) => checked,
                Err(Wrong::Said(what)) => return Err(Stop::Wrong(what)),
                Err(Wrong::Line { about, leaf, ordinal }) => {
                    let line = rows::place(tx, &about, leaf, ordinal).await?;
                    return Err(Stop::Wrong(format!("{line}：内容与其摘要不符")));
                }
            };
            self.take(tx, checked).await?;
        }
        Ok(())
    }

    /// Puts a page's leaves into the tree, and compares the tiles that they complete.
    async fn take(&mut self, tx: &mut Tx, page: Checked) -> Result<(), Stop> {
        if page.first_at < self.last_at {
            return Err(Stop::Wrong(page::earlier(self.frontier.size())));
        }
        let before = self.frontier.size();
        let mut complete: Vec<(Tile, Vec<u8>, Hash)> = Vec::new();
        for hash in &page.hashes {
            self.frontier.push(*hash);
            self.tiles
                .push(*hash, |tile, hashes, root| complete.push((tile, hashes.concat(), root)));
        }
        compare_tiles(tx, &complete, before).await?;
        self.last_at = page.last_at;
        self.versions += page.versions;
        self.decisions += page.decisions;
        self.others += page.others;
        self.set_back += page.set_back;
        self.found_by.join(&page.found_by);
        Ok(())
    }

    /// The tree is the one that was signed.
    fn signed(&self, head: &store::Head, verifier: &Verifier) -> Result<(), Stop> {
        let wrong = |what: &str| Err(Stop::Wrong(what.to_owned()));
        let size = self.frontier.size();
        if size == 0 && head.checkpoint.is_empty() {
            return Ok(());
        }
        let checkpoint = match verifier.verify(&head.checkpoint) {
            Ok(checkpoint) => checkpoint,
            Err(error) => return wrong(&format!("日志检查点：{error}")),
        };
        if checkpoint.size != size {
            return wrong(&format!("日志有 {size} 条，签名的检查点有 {} 条", checkpoint.size));
        }
        if checkpoint.root != self.frontier.root() {
            return wrong(&format!("日志 {size} 条的根与签名的检查点不符：有条目连同其哈希被改写"));
        }
        if head.frontier != self.frontier {
            return wrong("日志头已损坏：子树根与日志条目不符");
        }
        if head.last_at != self.last_at {
            return wrong("日志头已损坏：末条时间与日志条目不符");
        }
        Ok(())
    }

    /// Nothing is there that the signed log does not vouch for.
    async fn nothing_beyond(&self, tx: &mut Tx, size: u64) -> Result<(), Stop> {
        let leaf = Query::new("SELECT position FROM log_leaf WHERE position < 0 OR position >= ")
            .bind(size);
        if let Some(row) = tx.row(leaf.push(" ORDER BY position LIMIT 1")).await? {
            return Err(Stop::Wrong(format!("日志第 {} 条不在签名的检查点之内", row.int(0)?)));
        }
        let tiles =
            u64::try_from(Tile::of_tree(size).iter().filter(|tile| tile.width == WIDTH).count());
        let row = tx.row(Query::new("SELECT COUNT(*) FROM log_tile")).await?;
        if row.map(|row| row.count(0)).transpose()? != tiles.ok() {
            return Err(Stop::Wrong("日志块的数目与日志条数不符".into()));
        }
        match rows::beyond(tx, size).await? {
            Some(what) => Err(Stop::Wrong(what)),
            None => Ok(()),
        }
    }
}

/// The tiles that leaves completed are stored as computed.
async fn compare_tiles(
    tx: &mut Tx,
    complete: &[(Tile, Vec<u8>, Hash)],
    before: u64,
) -> Result<(), Stop> {
    let mut from = before / WIDTH;
    let mut level = 0;
    loop {
        let mut expected = complete.iter().filter(|(tile, ..)| tile.level == level).peekable();
        if expected.peek().is_none() {
            return Ok(());
        }
        let query = Query::new("SELECT position, bytes, root FROM log_tile WHERE level = ")
            .bind(level)
            .push(" AND position >= ")
            .bind(from)
            .push(" AND position < ")
            .bind(from + PAGE / WIDTH)
            .push(" ORDER BY position");
        let mut rows = tx.rows(query).await?.into_iter();
        for (tile, bytes, root) in expected {
            let same = rows.next().is_some_and(|row| {
                row.count(0) == Ok(tile.index)
                    && row.bytes(1).as_deref() == Ok(bytes)
                    && row.bytes(2).as_deref() == Ok(root.as_slice())
            });
            if !same {
                return Err(Stop::Wrong(format!("日志块 {} 缺失或与日志条目不符", tile.path())));
            }
        }
        from /= WIDTH;
        level += 1;
    }
}

/// The hash that a stored leaf must have.
pub(super) fn holds(bytes: &[u8], hash: &[u8]) -> bool {
    tree::leaf_hash(bytes).as_slice() == hash
}

#[cfg(test)]
mod tests;
