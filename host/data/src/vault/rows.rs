//! Data keys as they are stored.

use anshu_model::instant::Instant;
use anshu_model::{Error, Id, Result};

use super::cipher::Cipher;
use crate::db::{Bind, Query, Row, Tx};

/// Values of one `IN`.
const CHUNK: usize = 1024;

/// What may be done with what a key seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Everything that a scope allows.
    Active,
    /// Processing was stopped (个人信息保护法 art. 47): it is kept, and shown to nobody but those who answer the person.
    Restricted,
    /// There is no key any more.
    Destroyed,
}

impl State {
    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Restricted => "restricted",
            Self::Destroyed => "destroyed",
        }
    }

    fn from_name(name: &str) -> Result<Self> {
        [Self::Active, Self::Restricted, Self::Destroyed]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::Internal(format!("state of a data key: {name}")))
    }
}

/// One generation of a subject's key.
#[derive(Debug, Clone)]
pub(crate) struct KeyRow {
    pub(crate) subject: Id,
    pub(crate) generation: u32,
    pub(crate) cipher: Cipher,
    pub(crate) master: String,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) state: State,
    pub(crate) uses: u64,
    pub(crate) created_at: Instant,
}

const SELECT: &str = "SELECT subject, generation, cipher, master, wrapped, state, uses, created_at FROM data_key WHERE ";
/// How rows are written.
pub(crate) const INSERT: &str = "INSERT INTO data_key (subject, generation, cipher, master, wrapped, state, uses, created_at, leaf)";
/// What happens where a row is there already: only its uses grow.
pub(crate) const USED: &str =
    "ON CONFLICT (subject, generation) DO UPDATE SET uses = data_key.uses + excluded.uses";
/// Columns of [`INSERT`].
pub(crate) const COLUMNS: usize = 9;

impl KeyRow {
    fn of(row: &Row) -> Result<Self> {
        let (cipher, generation) = (row.text(2)?, row.int(1)?);
        Ok(Self {
            subject: row.id(0)?,
            generation: u32::try_from(generation)
                .map_err(|error| Error::Internal(format!("generation of a data key: {error}")))?,
            cipher: Cipher::from_name(&cipher)
                .ok_or_else(|| Error::Internal(format!("cipher of a data key: {cipher}")))?,
            master: row.text(3)?,
            wrapped: row.bytes(4)?,
            state: State::from_name(&row.text(5)?)?,
            uses: row.count(6)?,
            created_at: row.instant(7)?,
        })
    }

    /// The row, with how often it was used since, and the leaf that vouches for it.
    pub(crate) fn binds(&self, uses: u64, leaf: i64) -> Vec<Bind> {
        vec![
            (&self.subject).into(),
            self.generation.into(),
            self.cipher.name().into(),
            self.master.as_str().into(),
            self.wrapped.clone().into(),
            self.state.name().into(),
            uses.into(),
            self.created_at.into(),
            leaf.into(),
        ]
    }
}

/// All generations of some subjects' keys, the oldest first.
pub(crate) async fn of(tx: &mut Tx, subjects: &[&Id]) -> Result<Vec<KeyRow>> {
    let mut found = Vec::new();
    for chunk in subjects.chunks(CHUNK) {
        let query = Query::new(SELECT).push("subject IN ").list(chunk.iter().copied());
        for row in tx.rows(query.push(" ORDER BY subject, generation")).await? {
            found.push(KeyRow::of(&row)?);
        }
    }
    Ok(found)
}

/// Keys under other master keys than `current`, some of them.
pub(crate) async fn outdated(tx: &mut Tx, current: &str, limit: u64) -> Result<Vec<KeyRow>> {
    for (master, _) in masters(tx).await? {
        if master != current {
            let query = Query::new(SELECT).push("master = ").bind(master);
            let query = query.push(" ORDER BY subject, generation LIMIT ").bind(limit);
            return tx.rows(query).await?.iter().map(KeyRow::of).collect();
        }
    }
    Ok(Vec::new())
}

/// Whether there is a key under another master key than `current`.
pub(crate) async fn has_outdated(tx: &mut Tx, current: &str) -> Result<bool> {
    // On either side of it in the index; a destroyed key has no master.
    let query =
        Query::new("SELECT 1 WHERE EXISTS (SELECT 1 FROM data_key WHERE master > '' AND master < ");
    let query = query.bind(current).push(") OR EXISTS (SELECT 1 FROM data_key WHERE master > ");
    Ok(tx.row(query.bind(current).push(")")).await?.is_some())
}

/// The master keys that data keys need, each with how many need it.
pub(crate) async fn masters(tx: &mut Tx) -> Result<Vec<(String, u64)>> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        // One step in the index for each: there are few masters, and there may be millions of keys.
        let query = Query::new("SELECT MIN(master) FROM data_key WHERE master > ");
        let row = tx.row(query.bind(after.as_str())).await?;
        let Some(master) = row.map(|row| row.maybe_text(0)).transpose()?.flatten() else {
            return Ok(found);
        };
        let query = Query::new("SELECT COUNT(*) FROM data_key WHERE master = ");
        let count = tx.row(query.bind(master.as_str())).await?.map_or(Ok(0), |row| row.count(0))?;
        after.clone_from(&master);
        found.push((master, count));
    }
}
