//! Opaque identifiers.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// An opaque identifier that the host made. Its text says nothing about what it names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(String);

/// Crockford's base 32 without letters that are read as digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Id {
    /// An id from 128 random (or derived) bits.
    #[must_use]
    pub fn from_bits(bits: u128) -> Self {
        let text = (0..26)
            .rev()
            .map(|place| {
                let index = usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0);
                char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
            })
            .collect();
        Self(text)
    }

    /// The `count`-th id that a call makes. The same call makes the same ids again, so that a replay is byte-equal.
    #[must_use]
    pub fn derived(call: &Self, count: u64) -> Self {
        let digest = Sha256::new()
            .chain_update(call.0.as_bytes())
            .chain_update(count.to_be_bytes())
            .finalize();
        let bits =
            digest.iter().take(16).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        Self::from_bits(bits)
    }

    /// An id that came from outside, as text. It is not checked: an id that does not exist is simply not found.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
