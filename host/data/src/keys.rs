//! Keys that lie in files beside the database, never in it.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anshu_model::entity::EntityKind;
use anshu_model::{Error, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A file of 32 random bytes that only its owner may read. It is made where it is missing.
///
/// # Errors
/// [`Error::Unavailable`] where the folder cannot be used, or the file is no key.
pub fn load_or_make(folder: &Path, name: &str) -> Result<[u8; 32]> {
    let path = folder.join(name);
    let unusable = |error: std::io::Error| {
        Error::Unavailable(format!("密钥文件 {name} 无法读写（{error}）；请检查密钥文件夹及其权限"))
    };
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| {
            Error::Unavailable(format!("密钥文件 {name} 已损坏：应为 32 字节；请从备份恢复"))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(unusable)?;
            let mut key = [0_u8; 32];
            getrandom::fill(&mut key)
                .map_err(|error| Error::Internal(format!("random source: {error}")))?;
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&path).map_err(unusable)?;
            file.write_all(&key).and_then(|()| file.sync_all()).map_err(unusable)?;
            Ok(key)
        }
        Err(error) => Err(unusable(error)),
    }
}

/// The file with the key of the blind indexes.
const FILE: &str = "index.key";

/// The key of the blind indexes: what is looked up exactly is stored as a digest that nobody without the key can guess at.
pub(crate) struct IndexKey(Hmac<Sha256>);

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexKey")
    }
}

impl IndexKey {
    /// Reads the key, or makes it.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Self::new(&load_or_make(folder, FILE)?)
    }

    /// Reads the key where it is: verification makes none.
    pub(crate) fn existing(folder: &Path) -> Result<Option<Self>> {
        if folder.join(FILE).is_file() { Self::open(folder).map(Some) } else { Ok(None) }
    }

    fn new(key: &[u8; 32]) -> Result<Self> {
        let mac = Hmac::new_from_slice(key)
            .map_err(|error| Error::Internal(format!("index key: {error}")))?;
        Ok(Self(mac))
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

    /// A key of its own for another purpose: nothing that it makes can be mistaken for an index.
    pub(crate) fn subkey(&self, purpose: &str) -> Vec<u8> {
        self.digest(&["subkey", purpose])
    }

    fn digest(&self, parts: &[&str]) -> Vec<u8> {
        let mut mac = self.0.clone();
        for part in parts {
            // The length before each part: no two lists of parts give the same bytes.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().to_vec()
    }
}
