//! Keys that lie in files beside the database, never in it.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anshu_model::entity::EntityKind;
use anshu_model::{Error, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::log::note::hex;

/// What a file of keys holds. It is wiped when it is let go.
pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

/// A file of 32 random bytes that only its owner may read. It is made where it is missing.
///
/// # Errors
/// [`Error::Unavailable`] where the folder cannot be used, or the file is no key.
pub fn load_or_make(folder: &Path, name: &str) -> Result<KeyBytes> {
    if let Some(key) = load(folder, name)? {
        return Ok(key);
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(key.as_mut_slice())
        .map_err(|error| Error::Internal(format!("random source: {error}")))?;
    store(folder, name, &key)?;
    Ok(key)
}

fn unusable(name: &str, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("密钥文件 {name} 无法读写（{error}）；请检查密钥文件夹及其权限"))
}

/// A key's file, where there is one.
pub(crate) fn load(folder: &Path, name: &str) -> Result<Option<KeyBytes>> {
    let bytes = match fs::read(folder.join(name)) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(name, &error)),
    };
    let key = bytes.as_slice().try_into().map_err(|_| {
        Error::Unavailable(format!("密钥文件 {name} 已损坏：应为 32 字节；请从备份恢复"))
    })?;
    Ok(Some(Zeroizing::new(key)))
}

/// Writes a key's file, which is not there yet: it appears whole or not at all, whenever the process is killed, and never takes
/// the place of another.
fn store(folder: &Path, name: &str, key: &KeyBytes) -> Result<()> {
    let written = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        // Only the owner may read it: that is how temporary files are made.
        let mut file = tempfile::Builder::new().prefix("new-key-").tempfile_in(folder)?;
        file.write_all(key.as_slice())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(folder.join(name)).map_err(|error| error.error)?;
        sync(folder)
    };
    written().map_err(|error| unusable(name, &error))
}

/// Brings what a folder lists to the disk.
fn sync(folder: &Path) -> std::io::Result<()> {
    OpenOptions::new().read(true).open(folder)?.sync_all()
}

/// Destroys a key's file: it is overwritten before it is taken away. Whether the disk keeps what was overwritten is the
/// disk's affair, so a folder of keys belongs on an encrypted one.
///
/// # Errors
/// [`Error::Unavailable`] where it cannot be taken away. That it is not there is none.
pub(crate) fn destroy(folder: &Path, name: &str) -> Result<()> {
    let gone = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(folder.join(name))?;
        file.write_all(&[0; 32])?;
        file.sync_all()?;
        fs::remove_file(folder.join(name))?;
        sync(folder)
    };
    match gone() {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::Unavailable(format!(
            "已停用的密钥文件 {name} 不能销毁（{error}）；请检查密钥文件夹的权限后重试，或手工删除该文件"
        ))),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A key of the blind indexes: what is looked up exactly is stored as a digest that nobody without the key can guess at.
pub(crate) struct IndexKey {
    mac: Hmac<Sha256>,
    id: String,
}

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexKey")
    }
}

impl IndexKey {
    /// With its bytes.
    pub(crate) fn new(key: &KeyBytes) -> Result<Self> {
        let mac = Hmac::new_from_slice(key.as_slice())
            .map_err(|error| Error::Internal(format!("index key: {error}")))?;
        let digest =
            Sha256::new().chain_update(b"anshu index key").chain_update(key.as_slice()).finalize();
        let id = hex(digest.first_chunk::<8>().map_or(&[], |first| first.as_slice()));
        Ok(Self { mac, id })
    }

    /// The name of the key: it says nothing of it.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// An exact identifier of an entity.
    pub(crate) fn identifier(&self, kind: EntityKind, scheme: &str, value: &str) -> Vec<u8> {
        self.digest(&["identifier", kind.name(), scheme, value])
    }

    /// An entity's full name.
    pub(crate) fn name(&self, kind: EntityKind, name: &str) -> Vec<u8> {
        self.digest(&["name", kind.name(), name])
    }

    /// The one code of a case.
    pub(crate) fn code(&self, code: &str) -> Vec<u8> {
        self.digest(&["code", code])
    }

    /// That an entity has a facet.
    pub(crate) fn facet(&self, facet: &str) -> Vec<u8> {
        self.digest(&["facet", facet])
    }

    /// A value of an indexed attribute of a facet.
    pub(crate) fn attribute(&self, facet: &str, attribute: &str, value: &str) -> Vec<u8> {
        self.digest(&["attribute", facet, attribute, value])
    }

    fn digest(&self, parts: &[&str]) -> Vec<u8> {
        let mut mac = self.mac.clone();
        for part in parts {
            // The length before each part: no two lists of parts give the same bytes.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().to_vec()
    }
}

/// A key for another purpose than finding, in a file of its own. It stays when the key of the indexes changes: figures must
/// not be blurred anew, what was counted cannot be counted again, and copies that are out carry their marks.
///
/// Before there were such files these keys came out of the first key of the indexes; that is how they are made to this day, so
/// that a centre of before keeps the ones that it has.
///
/// # Errors
/// [`Error::Unavailable`] where it is missing and the first key of the indexes is gone.
pub(crate) fn apart(folder: &Path, purpose: &str) -> Result<KeyBytes> {
    let name = format!("{purpose}.key");
    if let Some(key) = load(folder, &name)? {
        return Ok(key);
    }
    let Some(first) = load(folder, FIRST)? else {
        return Err(Error::Unavailable(format!("密钥文件 {name} 缺失；请从密钥的备份恢复")));
    };
    let mut key = Zeroizing::new([0_u8; 32]);
    key.copy_from_slice(&Zeroizing::new(IndexKey::new(&first)?.digest(&["subkey", purpose])));
    store(folder, &name, &key)?;
    Ok(key)
}

/// The file with the first key of the blind indexes.
pub(crate) const FIRST: &str = "index.key";

#[cfg(test)]
mod tests {
    use super::*;

    /// A centre of before keeps the keys that it had, and keeps them when the key that they came from is gone.
    #[test]
    fn what_stands_apart_stays_when_the_index_key_goes() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FIRST), [7; 32]).unwrap();
        let figure = apart(folder.path(), "figure").unwrap();
        assert_eq!(
            hex(figure.as_slice()),
            "ae401bbd7fc1f09f45d8a2eb363abe0909c1256f8b0572ef010866dc88fd5964",
            "HMAC-SHA-256 under the first key, as before there was a file"
        );
        assert_ne!(figure, apart(folder.path(), "budget").unwrap());
        destroy(folder.path(), FIRST).unwrap();
        assert_eq!(figure, apart(folder.path(), "figure").unwrap());
        let missing = apart(folder.path(), "export").unwrap_err().to_string();
        assert!(missing.contains("export.key"), "{missing}");
        // What is gone already is no failure.
        destroy(folder.path(), FIRST).unwrap();
    }
}
