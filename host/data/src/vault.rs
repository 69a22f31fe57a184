//! The vault: bodies lie in the database as ciphertext (regulation art. 44; 个人信息保护法 art. 51). A master key, in a file or
//! on a token ([`provider`]), wraps data keys; data keys seal texts.
//!
//! **Whose key.** A *subject* is what has a data key of its own: every person; every case whose label or answers are L3, or
//! tagged; every place, organisation or thing with such a facet. Risks and duties are sealed by the key of what they are
//! about. A line of a timeline is sealed by the key of the record that it is about; lines that the host writes hold nothing
//! personal and stay as they are. What a pack decided, published and set timers with is sealed by the keys of *all* subjects
//! that it is about or has read, together ([`cipher::Cipher::derive`]): without any one of them it does not open. What is
//! about nobody is sealed by the key of its month.
//!
//! **Erasure** is the destruction of a key. So, when a person is erased, every version of their record, every line about
//! them, and every decision, event and timer that touched them becomes unreadable at once, in backups too (see [`shred`]). A
//! case with several parties has a key of its own and remains: it names the erased one by id, and what was written into its
//! own form and timeline stays until the case itself is erased; a case whose last natural person is erased goes with them.
//!
//! **Verification** needs no key: what the log vouches for are the stored bytes, so it passes before and after.
//!
//! It must not know who may do what: that is the guard's. Nobody but this module sees a key.

pub(crate) mod blind;
pub(crate) mod cipher;
pub(crate) mod envelope;
mod file;
mod later;
mod policy;
mod provider;
pub(crate) mod read;
mod reindex;
pub(crate) mod ring;
mod rotate;
pub(crate) mod rows;
mod status;
mod token;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use anshu_model::instant::{Instant, Offset};
use anshu_model::{Id, Result};

pub use cipher::Cipher;
pub use later::SealStep;
pub use policy::RetentionPolicy;
pub use reindex::{ReindexStage, ReindexStep};
pub use rotate::RotationStep;
pub use status::VaultStatus;
pub use token::TokenSettings;

pub(crate) use self::rows as key_rows;
use cipher::Secret;
use envelope::KeyRef;
use provider::Provider;
pub(crate) use rows::{KeyRow, State};

use crate::db::Tx;

/// Data keys that are kept unwrapped. One more, and all are forgotten: they are unwrapped again in a moment.
const REMEMBERED: usize = 65_536;

/// How a centre seals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultSettings {
    /// The cipher of what is sealed from now on. What is there stays readable by the id that it carries.
    pub cipher: Cipher,
    /// The token with the master key; none: a file beside the database.
    pub token: Option<TokenSettings>,
    /// How often a data key seals before the next generation is made. Nonces are random: far below 2³² the chance that one
    /// comes twice is nothing (NIST SP 800-38D, 8.3).
    pub uses: u64,
}

impl Default for VaultSettings {
    fn default() -> Self {
        Self { cipher: Cipher::default(), token: None, uses: Self::USES }
    }
}

impl VaultSettings {
    /// Uses of a data key, unless the centre decides otherwise.
    pub const USES: u64 = 1 << 20;
}

/// Seals and opens.
#[derive(Debug)]
pub(crate) struct Vault {
    provider: Box<dyn Provider>,
    cipher: Cipher,
    uses: u64,
    known: RwLock<HashMap<KeyRef, Secret>>,
}

impl Vault {
    /// Opens the keeper of the master key; at first use one is made.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the keeper does not answer.
    pub(crate) fn open(keys: &Path, settings: &VaultSettings) -> Result<Self> {
        Self::with(keys, settings, true)
    }

    /// The same where there are keys; none where there are none: verification makes none.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub(crate) fn existing(keys: &Path, settings: &VaultSettings) -> Result<Option<Self>> {
        let vault = Self::with(keys, settings, false)?;
        Ok(if vault.provider.current().is_empty() { None } else { Some(vault) })
    }

    fn with(keys: &Path, settings: &VaultSettings, make: bool) -> Result<Self> {
        let provider: Box<dyn Provider> = match &settings.token {
            Some(token) => Box::new(token::Token::open(token, keys, make)?),
            None => Box::new(file::Files::open(keys, settings.cipher, make)?),
        };
        let (cipher, uses) = (settings.cipher, settings.uses.max(1));
        Ok(Self { provider, cipher, uses, known: RwLock::default() })
    }

    /// Refuses to start where a master key is missing that data keys need.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with its id.
    pub(crate) async fn check(&self, tx: &mut Tx) -> Result<()> {
        for (master, _) in rows::masters(tx).await? {
            if !self.provider.has(&master) {
                return Err(provider::absent(&master, "密钥文件夹或密码设备"));
            }
        }
        Ok(())
    }

    /// Forgets a subject's keys at once.
    pub(crate) fn forget(&self, subject: &Id) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(other, _), _| other != subject);
    }

    /// A new data key for a subject, wrapped.
    fn make(&self, subject: &Id, generation: u32) -> Result<(Secret, String, Vec<u8>)> {
        let key = Secret::random()?;
        let wrapped = self.provider.wrap(&bound(subject, generation), &key)?;
        Ok((key, self.provider.current(), wrapped))
    }

    /// The key of a row: from memory, or unwrapped and remembered.
    fn key(&self, row: &KeyRow) -> Result<Secret> {
        let name = (row.subject.clone(), row.generation);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        if !self.provider.has(&row.master) {
            self.provider.refresh()?;
        }
        let about = bound(&row.subject, row.generation);
        let key = self.provider.unwrap(&row.master, &about, &row.wrapped)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(name, key.clone());
        Ok(key)
    }

    /// A data key under the current master key; none where it already is.
    pub(crate) fn rewrap(&self, row: &KeyRow) -> Result<Option<(String, Vec<u8>)>> {
        let current = self.provider.current();
        if row.master == current {
            return Ok(None);
        }
        let about = bound(&row.subject, row.generation);
        let key = self.provider.unwrap(&row.master, &about, &row.wrapped)?;
        Ok(Some((current, self.provider.wrap(&about, &key)?)))
    }
}

/// What a wrapped key is bound to.
fn bound(subject: &Id, generation: u32) -> Vec<u8> {
    format!("data_key\0{subject}\0{generation}").into_bytes()
}

/// The subject of what is about nobody: the month.
pub(crate) fn month(now: Instant, offset: Offset) -> Id {
    let date = now.date(offset).to_string();
    Id::from_text(format!("month-{}", date.get(..7).unwrap_or(&date)))
}
