//! The other rows that a leaf vouches for: lines of timelines, events with those who are told and who has done with them,
//! what decisions are about, and the states of what administrators keep.

use std::collections::BTreeMap;
use std::fmt;

use anshu_model::Error;

use super::Stop;
use super::page::{Wrong, or_wrong};
use crate::db::{Query, Tx};
use crate::log::bind::{self, EventRow, LineRow};
use crate::log::kept;
use crate::log::tree::Hash;

/// A row, by its hash.
pub(super) struct Row {
    pub(super) name: Name,
    pub(super) hash: Hash,
    /// The beginning of the hash as it is stored beside the row, where it is.
    sum: Option<i64>,
    /// The operation that the row says that it is of, where it does.
    operation: Option<String>,
    /// What its leaf vouches for, where it was sealed since; what it is now is kept (`kept::SEALED_…`).
    was: Option<Hash>,
}

/// What a person calls a row.
pub(super) enum Name {
    Line { about: String, leaf: u64, ordinal: i64 },
    Event(String),
    Told { event: String, pack: String },
    Ended { event: String, pack: String },
    About { record: String, decision: String },
    Kept { name: String, key: String },
    Key { subject: String, generation: i64 },
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { about, .. } => write!(f, "记录 {about} 的时间线"),
            Self::Event(event) => write!(f, "事件 {event}"),
            Self::Told { event, pack } => write!(f, "事件 {event} 向插件 {pack} 的投递"),
            Self::Ended { event, pack } => write!(f, "事件 {event} 由插件 {pack} 办理的标记"),
            Self::About { record, decision } => write!(f, "决定 {decision} 与记录 {record} 的关联"),
            Self::Key { subject, generation } => {
                write!(f, "{subject} 的第 {generation} 代数据密钥")
            }
            Self::Kept { name, key } => {
                let title = kept::ALL.iter().find(|table| table.name == name.as_str());
                write!(f, "{} {key} 的变更记录", title.map_or(name.as_str(), |table| table.title))
            }
        }
    }
}

impl Row {
    /// What the row alone tells that is wrong.
    pub(super) fn wrong(&self, operation: &str) -> Option<Wrong> {
        let own = self.operation.as_deref().is_none_or(|own| own == operation);
        if own && self.sum.is_none_or(|sum| sum == bind::short(&self.hash)) {
            return None;
        }
        Some(match &self.name {
            Name::Line { about, leaf, ordinal } => {
                Wrong::Line { about: about.clone(), leaf: *leaf, ordinal: *ordinal }
            }
            name => Wrong::Said(format!("{name}：内容与其摘要不符")),
        })
    }

    fn of(name: Name, hash: Hash) -> Self {
        Self { name, hash, sum: None, operation: None, was: None }
    }

    /// What its leaf vouches for.
    pub(super) fn vouched(&self) -> Hash {
        self.was.unwrap_or(self.hash)
    }
}

/// What is said where rows cannot be read at all.
pub(super) fn unreadable(from: u64, to: u64, what: &str) -> String {
    format!("日志第 {from} 至 {} 条所写的{what}无法读取", to - 1)
}

/// The rows that point at leaves from one position up to another.
pub(super) async fn read(tx: &mut Tx, from: u64, to: u64) -> Result<BTreeMap<u64, Vec<Row>>, Stop> {
    let mut rows = Rows::default();
    for (what, read) in [
        ("时间线", rows.lines(tx, from, to).await),
        ("事件", rows.events(tx, from, to).await),
        ("事件投递", rows.deliveries(tx, from, to).await),
        ("决定的关联", rows.abouts(tx, from, to).await),
        ("变更记录", rows.kept(tx, from, to).await),
        ("数据密钥", rows.data_keys(tx, from, to).await),
    ] {
        or_wrong(read, || unreadable(from, to, what))?;
    }
    Ok(rows.0)
}

/// What a row was when its leaf was made, where it was sealed since.
pub(super) fn was(row: &crate::db::Row, column: usize) -> Result<Option<Hash>, Error> {
    let Some(bytes) = row.maybe_bytes(column)? else { return Ok(None) };
    let hash = Hash::try_from(bytes);
    hash.map(Some).map_err(|_| Error::Internal(format!("column {column}: not a hash")))
}

#[derive(Default)]
struct Rows(BTreeMap<u64, Vec<Row>>);

impl Rows {
    fn put(&mut self, leaf: u64, row: Row) {
        self.0.entry(leaf).or_default().push(row);
    }

    async fn lines(&mut self, tx: &mut Tx, from: u64, to: u64) -> Result<(), Error> {
        let query = Query::new(
            "SELECT leaf, about, ordinal, at, by, pack, host, text, operation, sum, was FROM timeline WHERE leaf >= ",
        );
        for row in tx.rows(query.bind(from).push(" AND leaf < ").bind(to)).await? {
            let (leaf, about, ordinal) = (row.count(0)?, row.text(1)?, row.int(2)?);
            let (pack, operation) = (row.maybe_text(5)?, row.text(8)?);
            let hash = LineRow {
                about: &about,
                ordinal,
                at: row.int(3)?,
                by: &row.text(4)?,
                pack: pack.as_deref(),
                host: row.int(6)? == 1,
                text: &row.text(7)?,
                operation: &operation,
            }
            .hash();
            let (sum, operation) = (Some(row.int(9)?), Some(operation));
            let name = Name::Line { about, leaf, ordinal };
            let was = was(&row, 10)?;
            self.put(leaf, Row { name, hash, sum, operation, was });
        }
        Ok(())
    }

    async fn events(&mut self, tx: &mut Tx, from: u64, to: u64) -> Result<(), Error> {
        let query = Query::new(
            "SELECT leaf, id, topic, about, payload, published_at, sum, via, was FROM event WHERE leaf >= ",
        );
        for row in tx.rows(query.bind(from).push(" AND leaf < ").bind(to)).await? {
            let (id, about) = (row.text(1)?, row.maybe_text(3)?);
            let hash = EventRow {
                id: &id,
                topic: &row.text(2)?,
                about: about.as_deref(),
                payload: &row.text(4)?,
                via: &row.text(7)?,
                published_at: row.int(5)?,
            }
            .hash();
            let (sum, was) = (Some(row.int(6)?), was(&row, 8)?);
            let name = Name::Event(id);
            self.put(row.count(0)?, Row { name, hash, sum, operation: None, was });
        }
        // Who is told is made with the event; a mark that something was done without being told has a leaf of its own.
        let query = Query::new(
            "SELECT e.leaf, d.event, d.pack FROM event e JOIN delivery d ON d.event = e.id AND d.leaf = e.leaf WHERE e.leaf >= ",
        );
        for row in tx.rows(query.bind(from).push(" AND e.leaf < ").bind(to)).await? {
            let (event, pack) = (row.text(1)?, row.text(2)?);
            let hash = bind::told(&event, &pack);
            self.put(row.count(0)?, Row::of(Name::Told { event, pack }, hash));
        }
        Ok(())
    }

    async fn deliveries(&mut self, tx: &mut Tx, from: u64, to: u64) -> Result<(), Error> {
        let query = Query::new("SELECT ended, event, pack FROM delivery WHERE ended >= ");
        for row in tx.rows(query.bind(from).push(" AND ended < ").bind(to)).await? {
            let (event, pack) = (row.text(1)?, row.text(2)?);
            let hash = bind::ended(&event, &pack);
            self.put(row.count(0)?, Row::of(Name::Ended { event, pack }, hash));
        }
        Ok(())
    }

    async fn abouts(&mut self, tx: &mut Tx, from: u64, to: u64) -> Result<(), Error> {
        let query = Query::new("SELECT leaf, about, decision FROM decision_about WHERE leaf >= ");
        for row in tx.rows(query.bind(from).push(" AND leaf < ").bind(to)).await? {
            let (record, decision) = (row.text(1)?, row.text(2)?);
            let hash = bind::about(&record, &decision);
            self.put(row.count(0)?, Row::of(Name::About { record, decision }, hash));
        }
        Ok(())
    }

    async fn data_keys(&mut self, tx: &mut Tx, from: u64, to: u64) -> Result<(), Error> {
        let query = Query::new("SELECT leaf, subject, generation FROM data_key WHERE leaf >= ");
        for row in tx.rows(query.bind(from).push(" AND leaf < ").bind(to)).await? {
            let (subject, generation) = (row.text(1)?, row.int(2)?);
            let hash = bind::data_key(&subject, u32::try_from(generation).unwrap_or_default());
            self.put(row.count(0)?, Row::of(Name::Key { subject, generation }, hash));
        }
        Ok(())
    }

    async fn kept(&mut self, tx: &mut Tx, from: u64, to: u64) -> Result<(), Error> {
        let query = Query::new("SELECT leaf, name, key, digest FROM binding WHERE leaf >= ");
        for row in tx.rows(query.bind(from).push(" AND leaf < ").bind(to)).await? {
            let (name, key) = (row.text(1)?, row.text(2)?);
            let hash = kept::bound(&name, &key, &row.bytes(3)?);
            self.put(row.count(0)?, Row::of(Name::Kept { name, key }, hash));
        }
        Ok(())
    }
}

/// Rows that point at no leaf of the log, by the name of the first one.
pub(super) async fn beyond(tx: &mut Tx, size: u64) -> Result<Option<String>, Error> {
    type Named = fn(&str) -> String;
    let tables: [(&'static str, &'static str, Named); 9] = [
        (
            "SELECT id || ' 第 ' || CAST(version AS TEXT) || ' 版', leaf FROM record_version WHERE ",
            "leaf",
            |id| format!("记录 {id}"),
        ),
        ("SELECT id, leaf FROM decision WHERE ", "leaf", |id| format!("决定 {id}")),
        ("SELECT about, leaf FROM timeline WHERE ", "leaf", |id| format!("记录 {id} 的时间线")),
        ("SELECT id, leaf FROM event WHERE ", "leaf", |id| format!("事件 {id}")),
        ("SELECT event, ended FROM delivery WHERE ", "ended", |id| format!("事件 {id} 的投递")),
        ("SELECT decision, leaf FROM decision_about WHERE ", "leaf", |id| {
            format!("决定 {id} 的关联")
        }),
        ("SELECT key, leaf FROM binding WHERE ", "leaf", |id| format!("变更记录 {id}")),
        ("SELECT subject, leaf FROM subject_access WHERE ", "leaf", |id| {
            format!("个人 {id} 的查阅索引")
        }),
        ("SELECT subject, leaf FROM data_key WHERE ", "leaf", |id| format!("{id} 的数据密钥")),
    ];
    for (select, column, named) in tables {
        let query = Query::new(select).push(column).push(" < 0 OR ").push(column).push(" >= ");
        if let Some(row) = tx.row(query.bind(size).push(" ORDER BY 2 LIMIT 1")).await? {
            let (name, leaf) = (named(&row.text(0)?), row.int(1)?);
            return Ok(Some(format!("{name}：所指的日志第 {leaf} 条不存在")));
        }
    }
    // A delivery is of an event that is there, and is done by a leaf or not at all.
    let query = Query::new(
        "SELECT d.event, d.pack FROM delivery d WHERE (d.state = 'done') <> (d.ended IS NOT NULL) \
         OR d.state NOT IN ('waiting', 'done', 'parked') LIMIT 1",
    );
    if let Some(row) = tx.row(query).await? {
        let name = Name::Told { event: row.text(0)?, pack: row.text(1)? };
        return Ok(Some(format!("{name}：状态没有日志为证")));
    }
    let query = Query::new(
        "SELECT d.event, d.pack FROM delivery d LEFT JOIN event e ON e.id = d.event AND e.leaf = d.leaf \
         WHERE e.id IS NULL AND (d.ended IS NULL OR d.ended <> d.leaf) LIMIT 1",
    );
    Ok(tx
        .row(query)
        .await?
        .map(|row| Ok::<_, Error>(Name::Told { event: row.text(0)?, pack: row.text(1)? }))
        .transpose()?
        .map(|name| format!("{name}：没有这一事件")))
}

/// A line of a timeline as a person finds it: which record's, and which line.
pub(super) async fn place(
    tx: &mut Tx,
    about: &str,
    leaf: u64,
    ordinal: i64,
) -> Result<String, Error> {
    let query = Query::new("SELECT COUNT(*) FROM timeline WHERE about = ")
        .bind(about)
        .push(" AND (leaf < ")
        .bind(leaf)
        .push(" OR (leaf = ")
        .bind(leaf)
        .push(" AND ordinal <= ")
        .bind(ordinal)
        .push("))");
    let number = tx.row(query).await?.map(|row| row.count(0)).transpose()?.unwrap_or(0);
    let kind = tx.row(Query::new("SELECT kind FROM record WHERE id = ").bind(about)).await?;
    let kind = kind.map(|row| row.text(0)).transpose()?;
    let title = kind
        .and_then(|kind| anshu_model::record::Kind::from_name(&kind))
        .map_or("记录", anshu_model::record::Kind::title);
    Ok(format!("{title} {about} 时间线第 {number} 行"))
}
