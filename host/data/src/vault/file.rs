//! Master keys in files beside the database: `master.key` wraps, `master-<id>.key` are the ones before it. All of them are
//! readable by their owner alone. Whoever can read this folder can read everything; a token cannot be copied like that.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use anshu_model::{Error, Result};
use sha2::{Digest, Sha256};

use super::cipher::{Cipher, Secret};
use super::provider::{BY_AES, BY_SM4, Provider, absent, broken};
use crate::keys::load_or_make;
use crate::log::note::hex;

/// The file with the master key that wraps.
pub(crate) const CURRENT: &str = "master.key";

/// Master keys in a folder.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    cipher: Cipher,
    keys: RwLock<Keys>,
}

#[derive(Debug, Default)]
struct Keys {
    current: String,
    all: HashMap<String, Secret>,
}

/// The name of a key: it says nothing of it.
fn id(key: &Secret) -> String {
    let digest =
        Sha256::new().chain_update(b"anshu master key").chain_update(key.bytes()).finalize();
    hex(digest.first_chunk::<8>().map_or(&[], |first| first.as_slice()))
}

impl Files {
    /// Reads the keys; at first use the current one is made, where `make` says so.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be used, or a file is no key.
    pub(crate) fn open(folder: &Path, cipher: Cipher, make: bool) -> Result<Self> {
        let files = Self { folder: folder.to_owned(), cipher, keys: RwLock::new(Keys::default()) };
        files.read(make)?;
        Ok(files)
    }

    fn read(&self, make: bool) -> Result<()> {
        let mut keys = Keys::default();
        let listed = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in listed {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.starts_with("master-")
                && Path::new(name).extension().is_some_and(|end| end == "key")
            {
                let key = self.key(name)?;
                keys.all.insert(id(&key), key);
            }
        }
        if make || self.folder.join(CURRENT).is_file() {
            let key = self.key(CURRENT)?;
            keys.current = id(&key);
            keys.all.insert(keys.current.clone(), key);
        }
        let mut known = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        // Looked at while another process renames the key before it makes the next one, the folder lacks what is known here.
        if keys.current.is_empty() {
            keys.current = std::mem::take(&mut known.current);
        }
        for (id, key) in std::mem::take(&mut known.all) {
            keys.all.entry(id).or_insert(key);
        }
        *known = keys;
        Ok(())
    }

    fn key(&self, name: &str) -> Result<Secret> {
        let bytes = load_or_make(&self.folder, name)?;
        Secret::of(bytes.as_slice()).ok_or_else(|| Error::Internal("a key of 32 bytes".into()))
    }
}

impl Provider for Files {
    fn name(&self) -> &'static str {
        "file"
    }

    fn current(&self) -> String {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    fn has(&self, master: &str) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).all.contains_key(master)
    }

    fn wrap(&self, about: &[u8], key: &Secret) -> Result<Vec<u8>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let master = keys.all.get(&keys.current);
        let master = master.ok_or_else(|| absent(&keys.current, "密钥文件夹"))?;
        let mut wrapped = vec![match self.cipher {
            Cipher::Aes256Gcm => BY_AES,
            Cipher::Sm4Gcm => BY_SM4,
        }];
        wrapped.extend(self.cipher.seal(master, about, key.bytes())?);
        Ok(wrapped)
    }

    fn unwrap(&self, master: &str, about: &[u8], wrapped: &[u8]) -> Result<Secret> {
        let (cipher, sealed) = match wrapped.split_first() {
            Some((&BY_AES, sealed)) => (Cipher::Aes256Gcm, sealed),
            Some((&BY_SM4, sealed)) => (Cipher::Sm4Gcm, sealed),
            _ => return Err(broken()),
        };
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.all.get(master).ok_or_else(|| absent(master, "密钥文件夹"))?;
        let plain = cipher.open(key, about, sealed).ok_or_else(broken)?;
        Secret::of(&plain).ok_or_else(broken)
    }

    fn refresh(&self) -> Result<()> {
        self.read(false)
    }

    fn renew(&self) -> Result<String> {
        let before = self.current();
        let older = self.folder.join(format!("master-{before}.key"));
        // Killed right after this, the next start makes the new one: nothing is lost in between.
        std::fs::rename(self.folder.join(CURRENT), &older)
            .and_then(|()| std::fs::OpenOptions::new().read(true).open(&self.folder)?.sync_all())
            .map_err(|error| Error::Unavailable(format!("主密钥文件无法更换（{error}）")))?;
        self.read(true)?;
        Ok(self.current())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewed_key_still_opens_what_the_old_one_wrapped() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), Cipher::Sm4Gcm, true).unwrap();
        let key = Secret::random().unwrap();
        let (old, wrapped) = (files.current(), files.wrap(b"a", &key).unwrap());
        assert_ne!(files.renew().unwrap(), old);
        for files in [&files, &Files::open(folder.path(), Cipher::Aes256Gcm, true).unwrap()] {
            assert_eq!(files.unwrap(&old, b"a", &wrapped).unwrap().bytes(), key.bytes());
            assert!(files.unwrap(&old, b"b", &wrapped).is_err());
            assert!(files.unwrap(&files.current(), b"a", &wrapped).is_err());
            assert!(files.unwrap("0000", b"a", &wrapped).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_a_master_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Files::open(folder.path(), Cipher::Aes256Gcm, true).unwrap().renew().unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
