//! The secret of time codes, encrypted (AES-256-GCM) under a key beside the database: who copies the database cannot make
//! codes. The ciphertext is bound to its person and factor, so that it opens nowhere else.

use std::path::Path;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use anshu_model::{Error, Id, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The key's file.
const FILE: &str = "second-factor.key";
/// Bytes of a nonce, before the ciphertext.
const NONCE: usize = 12;

/// The key.
pub(crate) struct FactorKey(Aes256Gcm);

impl std::fmt::Debug for FactorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorKey")
    }
}

impl FactorKey {
    /// Reads the key, or makes it.
    ///
    /// # Errors
    /// As [`crate::key`].
    pub(crate) fn open_file(folder: &Path) -> Result<Self> {
        let key = crate::keys::load_or_make(folder, FILE)?;
        Aes256Gcm::new_from_slice(key.as_slice()).map(Self).map_err(internal)
    }

    /// Encrypts a secret.
    ///
    /// # Errors
    /// [`Error::Internal`] where the machine has no random source.
    pub(crate) fn seal(&self, person: &Id, factor: &Id, secret: &str) -> Result<String> {
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce).map_err(internal)?;
        let place = place(person, factor);
        let payload = Payload { msg: secret.as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).map_err(internal)?;
        Ok(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Decrypts a secret.
    ///
    /// # Errors
    /// [`Error::Internal`] where it was changed, moved from another row, or encrypted under another key.
    pub(crate) fn open(&self, person: &Id, factor: &Id, sealed: &str) -> Result<String> {
        let bytes = STANDARD.decode(sealed).map_err(internal)?;
        let (nonce, sealed) =
            bytes.split_first_chunk::<NONCE>().ok_or_else(|| internal("short"))?;
        let place = place(person, factor);
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let secret = self.0.decrypt(&Nonce::from(*nonce), payload).map_err(internal)?;
        String::from_utf8(secret).map_err(internal)
    }
}

fn place(person: &Id, factor: &Id) -> String {
    format!("factor|{person}|{factor}")
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("second factor: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_person_and_factor_alone() {
        let folder = tempfile::tempdir().unwrap();
        let key = FactorKey::open_file(folder.path()).unwrap();
        let id = |text: &str| Id::from_text(text);
        let sealed = key.seal(&id("a"), &id("1"), "secret").unwrap();
        assert_eq!(key.open(&id("a"), &id("1"), &sealed).unwrap(), "secret");
        assert!(key.open(&id("b"), &id("1"), &sealed).is_err(), "moved to another person");
        assert!(key.open(&id("a"), &id("2"), &sealed).is_err(), "moved to another factor");
        assert_ne!(sealed, key.seal(&id("a"), &id("1"), "secret").unwrap(), "a nonce serves once");
        let other = FactorKey::open_file(tempfile::tempdir().unwrap().path()).unwrap();
        assert!(other.open(&id("a"), &id("1"), &sealed).is_err(), "another key");
    }
}
