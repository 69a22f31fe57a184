//! What a file says it is, beside what it is: the words that a signature is about.

use serde::{Deserialize, Serialize};

/// A pack as its file states it, with the file's own digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The department that answers for it, by its own words.
    pub publisher: String,
    /// SHA-256 of the file, in hex.
    pub digest: String,
    /// SM3 of the file, in hex, for signatures by SM2.
    pub sm3: String,
    /// Bytes.
    pub size: usize,
}

impl Claim {
    /// The pack in a line: name, version and the beginning of its digest.
    #[must_use]
    pub fn title(&self) -> String {
        let digest: String = self.digest.chars().take(12).collect();
        format!("{} {}（摘要 {digest}…）", self.name, self.version)
    }
}
