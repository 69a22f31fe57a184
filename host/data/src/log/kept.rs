//! What administrators keep and may change: accounts, units, packs, holiday data, imports. Each state of such a row enters
//! the digest of the leaf that made it, and the table `binding`; the row as it is must be the last state.
//!
//! A row is read back after it was written, by the very query that verification uses: so nothing that is stored can be
//! forgotten here.

mod office;
mod packs;
mod passed;
mod persons;
mod protected;

use anshu_model::{Error, Result};
use sha2::{Digest, Sha256};

use super::bind::Sum;
use super::tree::Hash;
use crate::db::{Bind, Query, Row, Tx};

pub(crate) use office::*;
pub(crate) use packs::*;
pub(crate) use passed::*;
pub(crate) use persons::*;
pub(crate) use protected::*;

/// What a column holds.
#[derive(Debug, Clone, Copy)]
enum Column {
    Int,
    Text,
    Bytes,
}

/// A table whose rows are vouched for.
#[derive(Debug)]
pub(crate) struct Table {
    /// What `binding` calls it.
    pub(crate) name: &'static str,
    /// What a person calls one of its rows.
    pub(crate) title: &'static str,
    /// What the database calls it.
    table: &'static str,
    /// Which of its rows are meant.
    only: &'static str,
    /// The row's key, as text.
    key: &'static str,
    /// What is vouched for beside the key, and what each column holds.
    columns: &'static [(&'static str, Column)],
    /// Rows that belong to a row, as one text each, up to its key.
    members: Option<&'static str>,
}

/// All of them.
pub(crate) static ALL: &[&Table] = &[
    &UNIT,
    &ACCOUNT,
    &PASSWORD,
    &FACTOR,
    &ACCOUNT_CHANGE,
    &EMERGENCY,
    &REGISTER,
    &CALENDAR,
    &PACK,
    &PACK_HISTORY,
    &PACK_SIGNATURE,
    &GRANT_REQUEST,
    &GRANT_ANSWER,
    &ACTIVATION,
    &BATCH,
    &TRIAL,
    &PARKED,
    &UPGRADE,
    &UPGRADE_APPROVAL,
    &UPGRADE_ITEM,
    &UPGRADE_JOURNAL,
    &SEALING,
    &SEALED_RECORD,
    &INFORMANT,
    &RELABEL,
    &EXPORT,
    &ACCOUNT_SUBJECT,
    &GUARDIAN,
    &GUARDIAN_RELEASE,
    &REQUEST_GUARDIAN,
    &REQUEST_ERASURE,
    &DEFERRAL,
    &PERSON_REQUEST,
    &LAW_RECORD,
    &OPENING,
    &SEALED_VERSION,
    &SEALED_DECISION,
    &SEALED_LINE,
    &SEALED_EVENT,
    &ERASURE,
    &LEGAL_HOLD,
    &POLICY_NOTICE,
    &POLICY_SET,
    &POLICY_RESET,
    &SHARE_ITEM,
    &SHARE,
    &SHARE_MANIFEST,
    &SHARE_USE,
    &SHARE_RECEIVED,
    &ANSWER_SOURCE,
    &INDEX_KEY,
];

/// A state of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What `binding` calls the table.
    pub(crate) name: &'static str,
    /// The row.
    pub(crate) key: String,
    /// Its hash.
    pub(crate) digest: Hash,
}

impl Entry {
    /// What enters the leaf's digest.
    pub(crate) fn hash(&self) -> Hash {
        bound(self.name, &self.key, &self.digest)
    }

    /// The row of `binding`.
    pub(crate) fn row(self, leaf: u64) -> Vec<Bind> {
        vec![self.name.into(), self.key.into(), leaf.into(), self.digest.into()]
    }
}

/// What a row of `binding` adds to its leaf's digest.
pub(crate) fn bound(name: &str, key: &str, digest: &[u8]) -> Hash {
    Sum::of("kept").text(name).text(key).bytes(digest).end()
}

impl Table {
    const fn of(
        name: &'static str,
        title: &'static str,
        table: &'static str,
        key: &'static str,
        columns: &'static [(&'static str, Column)],
    ) -> Self {
        Self { name, title, table, only: "1 = 1", key, columns, members: None }
    }

    /// Some of the table's rows only.
    const fn only(self, condition: &'static str) -> Self {
        Self { only: condition, ..self }
    }

    /// With the rows that belong to a row.
    const fn with(self, members: &'static str) -> Self {
        Self { members: Some(members), ..self }
    }

    /// A row as it is now, to be vouched for.
    ///
    /// # Errors
    /// [`Error::Internal`] where there is no such row.
    pub(crate) async fn entry(&'static self, tx: &mut Tx, key: &str) -> Result<Entry> {
        let query = self.select().push(" AND ").push(self.key).push(" = ").bind(key);
        let row = tx.row(query).await?;
        let row = row.ok_or_else(|| Error::Internal(format!("no {} {key}", self.name)))?;
        self.read(tx, &row).await
    }

    /// Rows after a key, in the order of keys.
    pub(crate) async fn page(
        &'static self,
        tx: &mut Tx,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Entry>> {
        let query = self.select().push(" AND ").push(self.key).push(" > ").bind(after);
        let query = query.push(" ORDER BY 1 LIMIT ").bind(limit);
        let mut entries = Vec::new();
        for row in tx.rows(query).await? {
            entries.push(self.read(tx, &row).await?);
        }
        Ok(entries)
    }

    /// A state that was vouched for whose row is not there: none where all are.
    pub(crate) async fn gone(&'static self, tx: &mut Tx) -> Result<Option<String>> {
        let query = Query::new("SELECT b.key FROM binding b WHERE b.name = ").bind(self.name);
        let query = query.push(" AND NOT EXISTS (SELECT 1 FROM ").push(self.table);
        let query = query.push(" WHERE ").push(self.only);
        // In the inner query the row's columns hide those of `binding`, but for the one with the alias.
        let query = query.push(" AND ").push(self.key).push(" = b.key) ORDER BY b.key LIMIT 1");
        tx.row(query).await?.map(|row| row.text(0)).transpose()
    }

    fn select(&self) -> Query {
        let query = Query::new("SELECT ").push(self.key);
        let columns = self.columns.iter();
        let query = columns.fold(query, |query, (column, _)| query.push(", ").push(column));
        query.push(" FROM ").push(self.table).push(" WHERE ").push(self.only)
    }

    async fn read(&'static self, tx: &mut Tx, row: &Row) -> Result<Entry> {
        let key = row.text(0)?;
        let mut sum = Sum::of(self.name).text(&key);
        for (at, (_, holds)) in (1..).zip(self.columns) {
            sum = match holds {
                Column::Int => sum.maybe_int(row.maybe_int(at)?),
                Column::Text => sum.maybe_text(row.maybe_text(at)?.as_deref()),
                Column::Bytes => match row.maybe_bytes(at)? {
                    Some(bytes) => sum.bytes(&Sha256::digest(bytes)),
                    None => sum.maybe_text(None),
                },
            };
        }
        if let Some(members) = self.members {
            let rows = tx.rows(Query::new(members).bind(key.as_str())).await?;
            let mut members = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
            members.sort_unstable();
            sum = members.iter().fold(sum, |sum, member| sum.text(member));
        }
        Ok(Entry { name: self.name, key, digest: sum.end() })
    }
}
