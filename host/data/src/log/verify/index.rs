//! What records are found by, against their bodies: units that share them, what they name, their numbers and the indexed
//! values of their facets. Every row that a body calls for is there, and there are no others.

use std::collections::BTreeSet;
use std::sync::Arc;

use anshu_model::Error;
use anshu_model::record::{Body, Record};
use anshu_model::schema::{Schema, Schemas};

use super::Stop;
use crate::commit::indexed;
use crate::db::{Bind, Query, Tx};
use crate::import::links;
use crate::vault::Vault;
use crate::vault::blind::{Blind, IndexKeys};
use crate::vault::envelope::{Place, is_sealed};
use crate::vault::read::Keys;

/// Rows of one statement.
const CHUNK: usize = 256;
/// Rows of a page.
const PAGE: u64 = 512;

/// What the indexes are made with, beside the bodies.
#[derive(Debug, Clone)]
pub(crate) struct Books {
    /// The keys of the blind indexes.
    pub(crate) keys: Arc<IndexKeys>,
    /// They as the snapshot sees them. Where one is missing the indexes cannot be checked.
    pub(crate) index: Option<Arc<Blind>>,
    /// The schemas that say which attributes are indexed.
    pub(crate) schemas: Arc<Schemas>,
    /// What opens bodies. Without it what is sealed cannot be compared with what it is found by.
    pub(crate) vault: Option<Arc<Vault>>,
}

impl Books {
    /// The keys of some bodies. None where there is no vault, or it cannot open them; then it is counted how many are closed.
    pub(super) async fn keys(
        &self,
        tx: &mut Tx,
        texts: &[String],
        counted: &mut Counted,
    ) -> Result<Option<Keys>, Stop> {
        let keys = match &self.vault {
            Some(vault) => match vault.keys(tx, texts.iter().map(String::as_str)).await {
                Ok(keys) => Some(keys),
                Err(Error::Unavailable(_)) => None,
                Err(Error::Internal(detail)) => {
                    tracing::warn!(detail, "a data key does not open");
                    return Err(Stop::Wrong("有数据密钥被改动或缺失，正文不能打开".into()));
                }
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        if keys.is_none() {
            counted.closed += texts.iter().filter(|text| is_sealed(text)).count() as u64;
        }
        Ok(keys)
    }
}

/// One of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Units,
    Links,
    Numbers,
    Attributes,
}

const ALL: [Table; 4] = [Table::Units, Table::Links, Table::Numbers, Table::Attributes];

impl Table {
    fn title(self) -> &'static str {
        match self {
            Self::Units => "联办单位的索引",
            Self::Links => "关联记录的索引",
            Self::Numbers => "身份标识的索引",
            Self::Attributes => "属性的索引",
        }
    }

    /// Which of some rows are missing: up to the values, and what follows them. The record's id is the last value.
    fn missing(self) -> (&'static str, &'static str) {
        match self {
            Self::Units => (
                "SELECT v.column2 FROM (VALUES ",
                ") v WHERE NOT EXISTS (SELECT 1 FROM record_unit t JOIN record r ON r.id = t.id AND r.kind = t.kind AND r.due = t.due WHERE t.unit = v.column1 AND t.id = v.column2) LIMIT 1",
            ),
            Self::Links => (
                "SELECT v.column3 FROM (VALUES ",
                ") v WHERE NOT EXISTS (SELECT 1 FROM record_link t WHERE t.target = v.column1 AND t.relation = v.column2 AND t.id = v.column3) LIMIT 1",
            ),
            Self::Numbers => (
                "SELECT v.column2 FROM (VALUES ",
                ") v WHERE NOT EXISTS (SELECT 1 FROM record_key t WHERE t.key = v.column1 AND t.id = v.column2) AND NOT EXISTS (SELECT 1 FROM sealed_key t WHERE t.key = v.column1 AND t.id = v.column2) LIMIT 1",
            ),
            Self::Attributes => (
                "SELECT v.column2 FROM (VALUES ",
                ") v WHERE NOT EXISTS (SELECT 1 FROM record_attribute t WHERE t.key = v.column1 AND t.id = v.column2) LIMIT 1",
            ),
        }
    }

    /// How many rows there are.
    fn count(self) -> &'static str {
        match self {
            Self::Units => "SELECT COUNT(*) FROM record_unit",
            Self::Links => "SELECT COUNT(*) FROM record_link",
            Self::Numbers => {
                "SELECT (SELECT COUNT(*) FROM record_key) + (SELECT COUNT(*) FROM sealed_key)"
            }
            Self::Attributes => "SELECT COUNT(*) FROM record_attribute",
        }
    }

    /// All rows with the body of the record that they point to, after a row: the row's values, then the body.
    fn all(self) -> (&'static str, &'static str) {
        match self {
            Self::Units => (
                "SELECT t.unit, t.id, v.record, v.version FROM record_unit t ",
                "WHERE (t.unit, t.id) > ",
            ),
            Self::Links => (
                "SELECT t.target, t.relation, t.id, v.record, v.version FROM record_link t ",
                "WHERE (t.target, t.relation, t.id) > ",
            ),
            // The numbers of sealed entities are kept apart; each number of a body is in one of the two.
            Self::Numbers => (
                "SELECT t.key, t.id, v.record, v.version FROM (SELECT key, id FROM record_key UNION ALL SELECT key, id FROM sealed_key) t ",
                "WHERE (t.key, t.id) > ",
            ),
            Self::Attributes => (
                "SELECT t.key, t.id, v.record, v.version FROM record_attribute t ",
                "WHERE (t.key, t.id) > ",
            ),
        }
    }
}

/// What was compared so far.
#[derive(Debug, Default)]
pub(super) struct Counted {
    rows: [u64; 4],
    /// Whether a facet's schema is not known: then its attributes cannot be told.
    pub(super) unknown: bool,
    /// Bodies that could not be opened here.
    pub(super) closed: u64,
}

/// The rows that a page of records calls for.
#[derive(Debug, Default)]
pub(super) struct Expected {
    rows: [Vec<Vec<Bind>>; 4],
    unknown: bool,
}

impl Expected {
    /// Adds what a record calls for.
    pub(super) fn add(&mut self, record: &Record, books: &Books) {
        for (table, rows) in ALL.into_iter().zip(&mut self.rows) {
            rows.extend(of(table, record, books));
        }
        self.unknown |= unknown(record, books);
    }

    /// Compares with what is there.
    pub(super) async fn check(self, tx: &mut Tx, counted: &mut Counted) -> Result<(), Stop> {
        counted.unknown |= self.unknown;
        for ((table, rows), count) in ALL.into_iter().zip(self.rows).zip(&mut counted.rows) {
            *count += rows.len() as u64;
            let (before, after) = table.missing();
            for chunk in rows.chunks(CHUNK) {
                // Filled up, so that one statement is prepared.
                let filled = chunk.iter().chain(chunk.last().into_iter().cycle()).take(CHUNK);
                let mut query = Query::new(before);
                for (at, row) in filled.enumerate() {
                    query = query.push(if at == 0 { "" } else { ", " }).tuple(row.iter().cloned());
                }
                if let Some(row) = tx.row(query.push(after)).await? {
                    let text = format!("记录 {}：{}缺少一行", row.text(0)?, table.title());
                    return Err(Stop::Wrong(text));
                }
            }
        }
        Ok(())
    }
}

/// Checks that there are no other rows than those that were called for.
pub(super) async fn nothing_else(
    tx: &mut Tx,
    counted: &Counted,
    books: &Books,
) -> Result<(), Stop> {
    // What a closed body calls for cannot be told from what nothing calls for.
    if counted.closed > 0 {
        return Ok(());
    }
    for (table, expected) in ALL.into_iter().zip(counted.rows) {
        let blind = matches!(table, Table::Numbers | Table::Attributes);
        if (blind && books.index.is_none()) || (table == Table::Attributes && counted.unknown) {
            continue;
        }
        let found = tx.row(Query::new(table.count())).await?.map(|row| row.count(0)).transpose()?;
        if found != Some(expected) {
            let which = extra(tx, table, books).await?.unwrap_or_else(|| "有一行".to_owned());
            return Err(Stop::Wrong(format!("{which}：{}多出一行", table.title())));
        }
    }
    Ok(())
}

/// The record of the first row that no body calls for.
async fn extra(tx: &mut Tx, table: Table, books: &Books) -> Result<Option<String>, Stop> {
    let (select, from) = table.all();
    let width = if table == Table::Links { 3 } else { 2 };
    let bytes = matches!(table, Table::Numbers | Table::Attributes);
    let mut after: Vec<Bind> = (0..width)
        .map(|at| if at == 0 && bytes { Bind::from(Vec::<u8>::new()) } else { Bind::from("") })
        .collect();
    loop {
        let query = Query::new(select)
            .push("LEFT JOIN record r ON r.id = t.id LEFT JOIN record_version v ON v.id = r.id AND v.version = r.version ")
            .push(from)
            .tuple(after.clone());
        let order = if width == 3 { " ORDER BY 1, 2, 3 LIMIT " } else { " ORDER BY 1, 2 LIMIT " };
        let rows = tx.rows(query.push(order).bind(PAGE)).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        for row in rows {
            let mut values: Vec<Bind> = Vec::with_capacity(width);
            for at in 0..width {
                values.push(if at == 0 && bytes {
                    row.bytes(at)?.into()
                } else {
                    row.text(at)?.into()
                });
            }
            let wanted = match row.maybe_text(width)? {
                Some(text) => {
                    let id = row.text(width - 1)?;
                    let mut closed = Counted::default();
                    let keys = books.keys(tx, std::slice::from_ref(&text), &mut closed).await?;
                    let place = Place::version(&id, row.count(width + 1)?);
                    let record = match keys {
                        Some(keys) => keys.json(place, &text)?,
                        None => None,
                    };
                    record.is_some_and(|record| of(table, &record, books).contains(&values))
                }
                None => false,
            };
            if !wanted {
                return Ok(Some(format!("记录 {}", row.text(width - 1)?)));
            }
            after = values;
        }
    }
}

/// The rows of a table that a record calls for, each once.
fn of(table: Table, record: &Record, books: &Books) -> Vec<Vec<Bind>> {
    let id = || Bind::from(&record.head.id);
    match (table, &books.index) {
        (Table::Units, _) => record.head.joint.iter().map(|unit| vec![unit.into(), id()]).collect(),
        (Table::Links, _) => {
            let links: BTreeSet<_> = links(record).into_iter().collect();
            links
                .into_iter()
                .map(|(target, relation)| vec![target.into(), relation.into(), id()])
                .collect()
        }
        (Table::Numbers, Some(index)) => {
            let Body::Entity(entity) = &record.body else { return Vec::new() };
            let numbers = &entity.identifiers;
            let keys: BTreeSet<_> = index
                .of(&record.head.id)
                .flat_map(|key| {
                    numbers
                        .iter()
                        .map(|number| key.identifier(entity.kind, &number.scheme, &number.value))
                })
                .collect();
            keys.into_iter().map(|key| vec![key.into(), id()]).collect()
        }
        (Table::Attributes, Some(index)) => {
            let keys: BTreeSet<_> = index
                .of(&record.head.id)
                .flat_map(|key| indexed(key, &books.schemas, record))
                .collect();
            keys.into_iter().map(|key| vec![key.into(), id()]).collect()
        }
        (Table::Numbers | Table::Attributes, None) => Vec::new(),
    }
}

/// Whether a record has a facet whose schema is not known.
fn unknown(record: &Record, books: &Books) -> bool {
    match &record.body {
        Body::Entity(entity) => {
            entity.facets.values().any(|facet| books.schemas.get(&facet.schema).is_none())
        }
        Body::Case(_) | Body::Risk(_) | Body::Duty(_) => false,
    }
}

/// The facets' schemas of all packs that were ever installed, beside those that are known already.
pub(crate) async fn schemas(tx: &mut Tx, known: &Schemas) -> Result<Schemas, Error> {
    let mut schemas = known.clone();
    let rows = match tx.rows(Query::new("SELECT manifest FROM pack ORDER BY installed_at")).await {
        // What cannot be read is named where packs are compared with the log.
        Err(Error::Internal(_)) => Vec::new(),
        rows => rows?,
    };
    for row in rows {
        // A manifest that somebody broke is named where packs are compared with the log.
        let Ok(manifest) = row.json::<anshu_model::manifest::Manifest>(0) else { continue };
        for facet in manifest.facets {
            if let Ok(schema) = Schema::parse(&facet.name, &facet.schema) {
                schemas.insert(Arc::new(schema));
            }
        }
    }
    Ok(schemas)
}
