//! The keys of the blind indexes by generation: which of them look-ups use, and which the rows of a record are made with.
//!
//! While the key is changed there are two generations. *Filling*: the next one's rows are made, record by record; look-ups use
//! the one before. *Clearing*: look-ups use the new one, and the old one's rows are taken away. So the generation that look-ups
//! use has the rows of every record, always: what is found, and whether a number is taken, is asked of one generation alone.
//! Up to which record that has come stands in the database, and whoever reads or writes asks for it in their own transaction:
//! a process that did not start the change goes on as rightly as the one that did.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::{Error, Id, Result};

use crate::db::{Query, Tx};
use crate::keys::{self, FIRST, IndexKey};

/// The generation of a database whose key was never changed.
const FIRST_GENERATION: u64 = 1;

/// How a generation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Its rows are being made.
    Filling,
    /// Look-ups use it.
    Serving,
    /// Its rows are being taken away.
    Clearing,
    /// It is gone.
    Destroyed,
}

impl State {
    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Filling => "filling",
            Self::Serving => "serving",
            Self::Clearing => "clearing",
            Self::Destroyed => "destroyed",
        }
    }

    fn from_name(name: &str) -> Result<Self> {
        [Self::Filling, Self::Serving, Self::Clearing, Self::Destroyed]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::Internal(format!("state of an index key: {name}")))
    }
}

/// The file of a generation's key.
pub(super) fn file(generation: u64) -> String {
    match generation {
        FIRST_GENERATION => FIRST.to_owned(),
        later => format!("index-{later}.key"),
    }
}

/// A generation with its key.
#[derive(Debug, Clone)]
pub(crate) struct Generation {
    pub(crate) number: u64,
    pub(crate) key: Arc<IndexKey>,
}

/// The generation beside the one that look-ups use.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) number: u64,
    /// Its key. Whoever looks something up can do without; whoever writes cannot.
    pub(super) key: Option<Arc<IndexKey>>,
    /// Whether it is the next one; else it is the one before.
    pub(super) fills: bool,
    /// Up to which record its rows were made, or taken away.
    pub(super) reached: String,
    /// How many records that were, and how many there were when it began.
    pub(super) passed: u64,
    pub(super) records: u64,
}

/// The generations as one transaction sees them.
#[derive(Debug)]
pub(crate) struct Blind {
    pub(super) serving: Generation,
    pub(super) other: Option<Other>,
}

impl Blind {
    /// What is looked up with.
    pub(crate) fn key(&self) -> &IndexKey {
        &self.serving.key
    }

    /// The same, kept.
    pub(crate) fn into_key(self) -> Arc<IndexKey> {
        self.serving.key
    }

    /// Every key that there is: for a question that another transaction asks, which may see a change further on.
    pub(crate) fn every(&self) -> impl Iterator<Item = &IndexKey> {
        let other = self.other.as_ref().and_then(|other| other.key.as_deref());
        std::iter::once(&*self.serving.key).chain(other)
    }

    /// The generation that look-ups use.
    pub(crate) fn generation(&self) -> u64 {
        self.serving.number
    }

    /// Whether there are rows of a generation.
    pub(crate) fn has(&self, generation: u64) -> bool {
        self.serving.number == generation
            || self.other.as_ref().is_some_and(|other| other.number == generation)
    }

    /// The keys that the rows of a record are made with: that of look-ups first.
    pub(crate) fn of(&self, id: &Id) -> impl Iterator<Item = &IndexKey> {
        let other = self.other.as_ref().filter(|other| {
            let passed = id.as_str() <= other.reached.as_str();
            passed == other.fills
        });
        let other = other.and_then(|other| other.key.as_deref());
        std::iter::once(&*self.serving.key).chain(other)
    }
}

/// The folder of the keys, and those that were read.
#[derive(Debug)]
pub(crate) struct IndexKeys {
    folder: PathBuf,
    known: Mutex<HashMap<u64, Arc<IndexKey>>>,
}

impl IndexKeys {
    /// Those of a folder. Nothing is made.
    pub(crate) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), known: Mutex::default() }
    }

    /// The same; at first use the first key is made. What a change has done away with and a kill has left is destroyed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where a key is missing that the database needs: another one would find nothing.
    pub(crate) async fn open(folder: &Path, tx: &mut Tx) -> Result<Self> {
        let keys = Self::of(folder);
        keys.tidy(tx).await?;
        let changed = tx.row(Query::new("SELECT 1 FROM index_key LIMIT 1")).await?.is_some();
        let used = tx.row(Query::new("SELECT 1 FROM record_attribute LIMIT 1")).await?.is_some();
        if !changed && !used {
            keys::load_or_make(folder, FIRST)?;
        }
        keys.all(tx).await?;
        Ok(keys)
    }

    /// Where they lie.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The generations as a transaction sees them, for whoever writes, moves or verifies rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where a key is missing, or is another than the database says.
    pub(crate) async fn all(&self, tx: &mut Tx) -> Result<Blind> {
        let blind = self.at(tx).await?;
        match &blind.other {
            Some(Other { number, key: None, .. }) => Err(missing(&file(*number))),
            Some(_) | None => Ok(blind),
        }
    }

    /// The same for whoever looks something up: the key that is on its way out may be gone already.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the key of look-ups is missing, or is another than the database says.
    pub(crate) async fn at(&self, tx: &mut Tx) -> Result<Blind> {
        let query = Query::new(
            "SELECT generation, key, state, reached, passed, records FROM index_key WHERE state <> ",
        );
        let (mut serving, mut other) = (None, None);
        let rows = tx.rows(query.bind(State::Destroyed.name())).await?;
        for row in &rows {
            let (number, named) = (row.count(0)?, row.text(1)?);
            let key = self.key(number, Some(&named));
            match State::from_name(&row.text(2)?)? {
                State::Serving => serving = Some(Generation { number, key: key? }),
                state @ (State::Filling | State::Clearing) => {
                    let (fills, key) = (state == State::Filling, key.ok());
                    other = Some(Other {
                        number,
                        key,
                        fills,
                        reached: row.text(3)?,
                        passed: row.count(4)?,
                        records: row.count(5)?,
                    });
                }
                State::Destroyed => {}
            }
        }
        if let Some(serving) = &serving {
            let oldest = other.as_ref().map_or(serving.number, |other| other.number);
            self.forget_before(oldest.min(serving.number));
        }
        let serving = match serving {
            Some(serving) => serving,
            None if rows.is_empty() => {
                Generation { number: FIRST_GENERATION, key: self.key(FIRST_GENERATION, None)? }
            }
            None => return Err(Error::Internal("no index key serves".into())),
        };
        Ok(Blind { serving, other })
    }

    /// A generation's key: from memory, or from its file.
    pub(super) fn key(&self, generation: u64, named: Option<&str>) -> Result<Arc<IndexKey>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = match known.get(&generation) {
            Some(key) => key.clone(),
            None => {
                let name = file(generation);
                let bytes = keys::load(&self.folder, &name)?.ok_or_else(|| missing(&name))?;
                let key = Arc::new(IndexKey::new(&bytes)?);
                known.insert(generation, key.clone());
                key
            }
        };
        match named {
            Some(named) if named != key.id() => Err(missing(&file(generation))),
            _ => Ok(key),
        }
    }

    /// Lets go of what this or another process has done away with.
    fn forget_before(&self, oldest: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|number, _| *number >= oldest);
    }

    /// The generations that are over and whose key is still in the folder: a kill came in between, or it could not be taken
    /// away.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub(super) async fn left_over(&self, tx: &mut Tx) -> Result<Vec<u64>> {
        let query = Query::new("SELECT generation FROM index_key WHERE state = ");
        let rows = tx.rows(query.bind(State::Destroyed.name())).await?;
        let over = rows.iter().map(|row| row.count(0)).collect::<Result<Vec<_>>>()?;
        Ok(over.into_iter().filter(|over| self.folder.join(file(*over)).exists()).collect())
    }

    /// Destroys the keys of the generations that are over: here, and in the folder.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where one cannot be taken away.
    pub(super) async fn tidy(&self, tx: &mut Tx) -> Result<()> {
        for over in self.left_over(tx).await? {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&over);
            keys::destroy(&self.folder, &file(over))?;
        }
        Ok(())
    }
}

fn missing(name: &str) -> Error {
    Error::Unavailable(format!(
        "检索密钥 {name} 缺失，或不是本数据库所用的一个；请从与数据库同期的密钥备份恢复该文件"
    ))
}
