//! Opening what rows hold: the one way from stored text to a record, a decision, a line, a payload.
//!
//! Keys that are needed and not remembered are fetched with one query for all rows. What a destroyed key sealed is none:
//! to whoever reads it is as if it were not there.

use std::collections::{BTreeSet, HashMap};

use anshu_model::record::Record;
use anshu_model::{Error, Result};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::cipher::Secret;
use super::envelope::{Envelope, KeyRef, Place, is_sealed};
use super::{State, Vault, rows};
use crate::db::{Row, Tx};

/// What an error says of a sealed text that does not open.
const MOVED: &str = "sealed text does not open: changed, or moved from another place";

/// Keys for some texts: unwrapped, or known to be destroyed.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<KeyRef, Option<Secret>>);

/// A text as it is read: as it stood, or opened and wiped when it is let go.
#[derive(Debug)]
pub(crate) enum Text<'t> {
    Plain(&'t str),
    Opened(Zeroizing<String>),
}

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Opened(text) => text,
        }
    }
}

impl Vault {
    /// The keys that texts need.
    ///
    /// # Errors
    /// [`Error::Internal`] where a text names a key that never was; [`Error::Unavailable`] where the keeper of the master key
    /// does not answer.
    pub(crate) async fn keys<'t>(
        &self,
        tx: &mut Tx,
        texts: impl Iterator<Item = &'t str>,
    ) -> Result<Keys> {
        let mut keys = Keys::default();
        let mut missing = BTreeSet::new();
        for text in texts.filter(|text| is_sealed(text)) {
            let envelope = Envelope::parse(text).ok_or_else(|| Error::Internal(MOVED.into()))?;
            missing.extend(envelope.keys);
        }
        {
            let known = self.known.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            missing.retain(|name| match known.get(name) {
                Some(key) => {
                    keys.0.insert(name.clone(), Some(key.clone()));
                    false
                }
                None => true,
            });
        }
        if missing.is_empty() {
            return Ok(keys);
        }
        let subjects: BTreeSet<_> = missing.iter().map(|(subject, _)| subject).collect();
        for row in rows::of(tx, &subjects.into_iter().collect::<Vec<_>>()).await? {
            let name = (row.subject.clone(), row.generation);
            if missing.contains(&name) {
                let key = match row.state {
                    State::Destroyed => None,
                    State::Active | State::Restricted => Some(self.key(&row)?),
                };
                keys.0.insert(name, key);
            }
        }
        match missing.iter().find(|name| !keys.0.contains_key(name)) {
            Some((subject, generation)) => {
                Err(Error::Internal(format!("no data key {subject}#{generation}")))
            }
            None => Ok(keys),
        }
    }

    /// The record of a row whose columns from `at` on are `record, id, version` of `record_version`.
    ///
    /// # Errors
    /// As [`Vault::keys`], and [`Error::Internal`] where a text does not open.
    pub(crate) async fn record(&self, tx: &mut Tx, row: &Row, at: usize) -> Result<Option<Record>> {
        let mut found = self.records(tx, std::slice::from_ref(row), at).await?;
        Ok(found.pop().flatten())
    }

    /// The same for many rows, in order.
    ///
    /// # Errors
    /// As [`Vault::keys`], and [`Error::Internal`] where a text does not open.
    pub(crate) async fn records(
        &self,
        tx: &mut Tx,
        rows: &[Row],
        at: usize,
    ) -> Result<Vec<Option<Record>>> {
        let texts = rows.iter().map(|row| row.text(at)).collect::<Result<Vec<_>>>()?;
        let keys = self.keys(tx, texts.iter().map(String::as_str)).await?;
        rows.iter()
            .zip(&texts)
            .map(|(row, text)| {
                let id = row.text(at + 1)?;
                keys.json(Place::version(&id, row.count(at + 2)?), text)
            })
            .collect()
    }

    /// The decisions of rows whose columns from `at` on are `decision, id`, in order.
    ///
    /// # Errors
    /// As [`Vault::keys`], and [`Error::Internal`] where a text does not open.
    pub(crate) async fn decisions<T: DeserializeOwned>(
        &self,
        tx: &mut Tx,
        rows: &[Row],
        at: usize,
    ) -> Result<Vec<Option<T>>> {
        let texts = rows.iter().map(|row| row.text(at)).collect::<Result<Vec<_>>>()?;
        let keys = self.keys(tx, texts.iter().map(String::as_str)).await?;
        rows.iter()
            .zip(&texts)
            .map(|(row, text)| keys.json(Place::decision(&row.text(at + 1)?), text))
            .collect()
    }
}

impl Keys {
    /// A text of a place; none where a key that it needs is destroyed.
    ///
    /// # Errors
    /// [`Error::Internal`] where it does not open: it was changed, or moved from another place.
    pub(crate) fn open<'t>(&self, place: Place<'_>, text: &'t str) -> Result<Option<Text<'t>>> {
        if !is_sealed(text) {
            return Ok(Some(Text::Plain(text)));
        }
        let unlike = || Error::Internal(format!("{MOVED}: {} {}", place.column, place.row));
        let envelope = Envelope::parse(text).ok_or_else(unlike)?;
        let mut needed = Vec::with_capacity(envelope.keys.len());
        for name in &envelope.keys {
            match self.0.get(name) {
                Some(Some(key)) => needed.push(key),
                Some(None) => return Ok(None),
                None => return Err(unlike()),
            }
        }
        let Envelope { cipher, names, .. } = envelope;
        let key = cipher.derive(needed.into_iter())?;
        let sealed = envelope.sealed().ok_or_else(unlike)?;
        let mut plain =
            cipher.open(&key, &place.about(cipher, names), &sealed).ok_or_else(unlike)?;
        let plain = String::from_utf8(std::mem::take(&mut *plain)).map_err(|_| unlike())?;
        Ok(Some(Text::Opened(Zeroizing::new(plain))))
    }

    /// A value of a place that is kept as JSON.
    ///
    /// # Errors
    /// As [`Keys::open`], and where it is not such a value.
    pub(crate) fn json<T: DeserializeOwned>(
        &self,
        place: Place<'_>,
        text: &str,
    ) -> Result<Option<T>> {
        let Some(plain) = self.open(place, text)? else { return Ok(None) };
        serde_json::from_str(plain.as_str())
            .map(Some)
            .map_err(|error| Error::Internal(format!("{} {}: {error}", place.column, place.row)))
    }
}
