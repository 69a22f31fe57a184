//! Numbers that only the centre can foresee: the same question gives the same number, and without the key they are as good
//! as random. Figures, budgets and watermarks use them, each with a key of its own.

use anshu_model::{Error, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A keyed function.
#[derive(Clone)]
pub(crate) struct Prf(Hmac<Sha256>);

impl std::fmt::Debug for Prf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Prf")
    }
}

impl Prf {
    /// With a key.
    pub(crate) fn new(key: &[u8]) -> Result<Self> {
        Hmac::new_from_slice(key)
            .map(Self)
            .map_err(|error| Error::Internal(format!("keyed function: {error}")))
    }

    /// All 32 bytes of an answer.
    pub(crate) fn bytes(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            // The length before each part: no two lists of parts ask the same.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The first 64 bits of an answer.
    pub(crate) fn number(&self, parts: &[&[u8]]) -> u64 {
        let bytes = self.bytes(parts);
        bytes.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// A function of its own for one subject, such as one ticket.
    pub(crate) fn of(&self, parts: &[&[u8]]) -> Result<Self> {
        Self::new(zeroize::Zeroizing::new(self.bytes(parts)).as_slice())
    }

    /// A number below a bound; 0 where nothing is below it. The bias of the remainder is below 2^-32 for all bounds that
    /// are used here.
    pub(crate) fn below(&self, bound: usize, parts: &[&[u8]]) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.number(parts) % bound).unwrap_or(0)
    }
}
