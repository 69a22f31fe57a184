//! Where compiled code is kept between starts: one file a component, sealed with a MAC.
//!
//! A file is taken only where the seal holds and what it was made for is what is wanted now: the same component, engine,
//! settings and processor. Anything else is as if it were not there, and is compiled and written anew. So the folder may be
//! deleted at any time, and changing it gains nothing.

use std::hash::{Hash as _, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anshu_model::{Error, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use crate::Compiled;

/// How a file begins. The last byte is the version of the format.
const MAGIC: [u8; 8] = *b"anshu-c\x01";
/// Bytes of a MAC, and of what the code was made for.
const SUM: usize = 32;
/// The parts of a file: magic, MAC, what it was made for, the length of the note, note, code.
const MADE_FOR: usize = MAGIC.len() + SUM;
const LENGTH: usize = MADE_FOR + SUM;
const NOTE: usize = LENGTH + 8;

/// A folder of sealed code.
pub struct Shelf {
    folder: PathBuf,
    seal: Hmac<Sha256>,
    /// What the engine compiles for: wasmtime's version, its settings, the processor.
    engine: [u8; SUM],
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// What was on the shelf.
#[derive(Debug)]
pub struct Kept {
    /// The code.
    pub code: Compiled,
    /// What was noted when it was put there; under the same seal.
    pub note: Vec<u8>,
}

impl Shelf {
    /// Opens a folder for an engine; makes it where it is missing.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be made.
    pub fn open(folder: &Path, key: &[u8; 32], engine: &Engine) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|error| {
            let at = folder.display();
            Error::Unavailable(format!(
                "编译缓存目录 {at} 不能建立（{error}）；请检查磁盘和目录权限"
            ))
        })?;
        let seal = Hmac::new_from_slice(key)
            .map_err(|error| Error::Internal(format!("seal of compiled code: {error}")))?;
        let mut sum = Summing(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut sum);
        Ok(Self { folder: folder.to_owned(), seal, engine: sum.0.finalize().into() })
    }

    /// Takes the code of the component with a digest. None: it is not there, was made for something else, or is not what
    /// was put there.
    #[must_use]
    pub fn take(&self, digest: &str) -> Option<Kept> {
        let path = self.path(digest)?;
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    tracing::warn!(path = %path.display(), %error, "compiled code cannot be read");
                }
                return None;
            }
        };
        let Some(note) = self.check(&bytes, digest) else {
            tracing::warn!(path = %path.display(), "compiled code is damaged or for another engine; it is made anew");
            return None;
        };
        let code = NOTE + note..bytes.len();
        let note = bytes.get(NOTE..NOTE + note)?.to_vec();
        Some(Kept { code: Compiled::vouched(bytes, code), note })
    }

    /// Puts code there, in one step: a reader finds the old file or the new one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be written.
    pub fn put(&self, digest: &str, code: &Compiled, note: &[u8]) -> Result<()> {
        let Some(path) = self.path(digest) else {
            return Err(Error::Internal(format!("no digest: {digest}")));
        };
        let failed = |error: std::io::Error| {
            let at = path.display();
            Error::Unavailable(format!(
                "编译结果不能写入 {at}（{error}）；请检查磁盘空间和目录权限"
            ))
        };
        let made_for = self.made_for(digest);
        let length = (note.len() as u64).to_le_bytes();
        let sum = self.sum(&[&MAGIC, &made_for, &length, note, code.code()]).finalize();
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        for part in [&MAGIC[..], &sum.into_bytes(), &made_for, &length, note, code.code()] {
            file.write_all(part).map_err(failed)?;
        }
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Checks a file, and answers how long its note is.
    fn check(&self, bytes: &[u8], digest: &str) -> Option<usize> {
        let magic = bytes.get(..MAGIC.len())?;
        let sum = bytes.get(MAGIC.len()..MADE_FOR)?;
        let made_for = bytes.get(MADE_FOR..LENGTH)?;
        if magic != MAGIC || made_for != self.made_for(digest) {
            return None;
        }
        self.sum(&[magic, bytes.get(MADE_FOR..)?]).verify_slice(sum).ok()?;
        let length = bytes.get(LENGTH..NOTE)?.try_into().ok()?;
        let note = usize::try_from(u64::from_le_bytes(length)).ok()?;
        (note <= bytes.len() - NOTE).then_some(note)
    }

    fn sum(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut seal = self.seal.clone();
        for part in parts {
            seal.update(part);
        }
        seal
    }

    /// What a file must have been made for.
    fn made_for(&self, digest: &str) -> [u8; SUM] {
        Sha256::new().chain_update(self.engine).chain_update(digest).finalize().into()
    }

    /// The file of a component. A digest is letters and digits; nothing else becomes a path.
    fn path(&self, digest: &str) -> Option<PathBuf> {
        let plain = !digest.is_empty() && digest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        plain.then(|| self.folder.join(format!("{digest}.code")))
    }
}

/// Sums what is hashed, all of its bits.
struct Summing(Sha256);

impl Hasher for Summing {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks: the sum itself is taken.
    fn finish(&self) -> u64 {
        0
    }
}
