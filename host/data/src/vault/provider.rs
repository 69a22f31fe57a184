//! Who keeps the master key: a file beside the database, or a token behind PKCS#11. The vault knows only this.

use std::fmt::Debug;

use anshu_model::{Error, Result};

use super::cipher::Secret;

/// A keeper of master keys. It wraps data keys and gives nothing else away.
pub(crate) trait Provider: Debug + Send + Sync {
    /// What an operator calls it.
    fn name(&self) -> &'static str;

    /// The id of the master key that wraps from now on.
    fn current(&self) -> String;

    /// Whether it still has a master key.
    fn has(&self, master: &str) -> bool;

    /// Wraps a data key under the current master key, bound to what it is for. The first byte of the answer is the algorithm.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the keeper does not answer.
    fn wrap(&self, about: &[u8], key: &Secret) -> Result<Vec<u8>>;

    /// Unwraps a data key.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the master key is not here or the keeper does not answer; [`Error::Internal`] where what
    /// is wrapped was changed or is for something else.
    fn unwrap(&self, master: &str, about: &[u8], wrapped: &[u8]) -> Result<Secret>;

    /// Looks again which master keys there are: another process may have made one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the keeper does not answer.
    fn refresh(&self) -> Result<()>;

    /// Makes a new master key and wraps with it from now on; the older ones stay to unwrap.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be made.
    fn renew(&self) -> Result<String>;
}

/// AES-256-GCM under a key in a file.
pub(super) const BY_AES: u8 = 1;
/// SM4-GCM under a key in a file.
pub(super) const BY_SM4: u8 = 2;
/// CKM_AES_GCM on a token.
pub(super) const BY_TOKEN: u8 = 3;

/// What is said of a wrapped key that does not open.
pub(super) fn broken() -> Error {
    Error::Internal("a wrapped data key was changed, or belongs to another subject".into())
}

/// What is said where a master key is not here.
pub(super) fn absent(master: &str, at: &str) -> Error {
    Error::Unavailable(format!("没有主密钥 {master}：请把它放回{at}后再试"))
}
