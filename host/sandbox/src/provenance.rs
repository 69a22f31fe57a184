//! Whether a pack comes from whom it should: its signatures against the centre's policy, over the very bytes that are loaded.
//!
//! The policy and what it makes of signatures is the model's ([`anshu_model::provenance`]); here is the cryptography, the
//! signature file, and the look at names. It must not know where signatures are kept or fetched from.

mod key;
mod name;
mod payload;

use anshu_model::instant::{Instant, Offset};
use anshu_model::provenance::{Claim, Examination, Policy, Provenance, Signature};
use anshu_model::{Error, Result};
use sha2::{Digest as _, Sha256};
use sm3::Sm3;

use crate::inspect;

pub use key::{SecretKey, check_public_key};
pub use name::{Known, imitated};
pub use payload::{payload, signatures};

/// Looks whether a pack may be loaded: these bytes and no others. Whoever loads it must load what was checked.
///
/// # Errors
/// [`Error::Denied`] with what is missing and what each signature is worth; [`Error::Invalid`] where this is no pack.
pub fn check(
    policy: &Policy,
    bytes: &[u8],
    signatures: &[Signature],
    now: Instant,
) -> Result<Provenance> {
    examine(policy, bytes, signatures, now)?.accept()
}

/// What [`check`] finds out, also where the pack is not accepted.
///
/// # Errors
/// [`Error::Invalid`] where this is no pack.
pub fn examine(
    policy: &Policy,
    bytes: &[u8],
    signatures: &[Signature],
    now: Instant,
) -> Result<Examination> {
    Ok(judge(policy, &claim(bytes)?, signatures, now))
}

/// Looks again whether a pack may be loaded that [`check`] let in before, without its file: the signatures are over its
/// claim. Whoever loads it must look that what is loaded has the claim's digest.
///
/// # Errors
/// [`Error::Denied`] as [`check`].
pub fn check_again(
    policy: &Policy,
    claim: &Claim,
    signatures: &[Signature],
    now: Instant,
) -> Result<Provenance> {
    judge(policy, claim, signatures, now).accept()
}

fn judge(policy: &Policy, claim: &Claim, signatures: &[Signature], now: Instant) -> Examination {
    let fits = |key: &_, signature: &_| key::fits(key, signature, claim);
    // The end of a key is a date of the centre's calendar; which hour of it does not matter.
    policy.judge(claim, signatures, now.date(Offset::default()), &fits)
}

/// What a file says it is.
///
/// # Errors
/// [`Error::Invalid`] where it is no pack.
pub fn claim(bytes: &[u8]) -> Result<Claim> {
    let manifest = inspect::manifest(bytes)?;
    // Names and versions stand in what is signed, one a line: nothing else may stand there.
    let plain = |text: &str| {
        !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    for (at, text) in [("清单 /name", &manifest.name), ("清单 /version", &manifest.version)] {
        if !plain(text) {
            return Err(Error::invalid(
                at,
                format!("“{text}”"),
                "不超过 128 个字符的字母、数字和符号，不含空格",
            ));
        }
    }
    Ok(Claim {
        name: manifest.name,
        version: manifest.version,
        publisher: manifest.publisher,
        digest: hex(&Sha256::digest(bytes)),
        sm3: hex(&Sm3::digest(bytes)),
        size: bytes.len(),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
