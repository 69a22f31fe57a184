//! Keys: making signatures and looking whether one fits. The only file that knows signature algorithms.

use anshu_model::line::is_line;
use anshu_model::provenance::{Algorithm, Claim, KeyId, Signature, TrustedKey};
use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use sm2::dsa::signature::Verifier as _;

use super::{claim, payload};

/// The distinguishing identifier that GM/T 0009 prescribes where none was agreed.
const SM2_IDENTIFIER: &str = "1234567812345678";

/// A key that signs packs.
pub struct SecretKey(Secret);

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Sm2(Box<sm2::dsa::SigningKey>),
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SecretKey").field(&self.id()).finish_non_exhaustive()
    }
}

impl SecretKey {
    /// A key out of 32 secret bytes.
    ///
    /// # Errors
    /// [`Error::Invalid`] where these are no key of that algorithm: of SM2 about one in 2^32 random values is none.
    pub fn from_bytes(algorithm: Algorithm, secret: &[u8; 32]) -> Result<Self> {
        let secret = match algorithm {
            Algorithm::Ed25519 => {
                Secret::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(secret)))
            }
            Algorithm::Sm2 => {
                let key = sm2::dsa::SigningKey::from_slice(SM2_IDENTIFIER, secret);
                Secret::Sm2(Box::new(key.map_err(|_| {
                    Error::invalid("私钥", "超出 SM2 的取值范围", "由 anshu pack keygen 生成的私钥")
                })?))
            }
        };
        Ok(Self(secret))
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Secret::Ed25519(_) => Algorithm::Ed25519,
            Secret::Sm2(_) => Algorithm::Sm2,
        }
    }

    /// Its public key: 32 bytes of Ed25519, or the 65 bytes of an uncompressed point of SM2.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        match &self.0 {
            Secret::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
            Secret::Sm2(key) => key.verifying_key().to_sec1_bytes().to_vec(),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(self.algorithm(), &self.public_key())
    }

    /// Signs a pack.
    ///
    /// # Errors
    /// [`Error::Invalid`] where this is no pack, or the signer's name is no line of text.
    pub fn sign(&self, pack: &[u8], signer: &str) -> Result<Signature> {
        if !is_line(signer) || signer.chars().count() > 100 {
            return Err(Error::invalid(
                "签名人",
                format!("“{signer}”"),
                "一行文字，不超过 100 个字符",
            ));
        }
        let (algorithm, key_id) = (self.algorithm(), self.id());
        let message = payload(&claim(pack)?, algorithm, &key_id, signer);
        let signature = match &self.0 {
            Secret::Ed25519(key) => key.sign(&message).to_bytes().to_vec(),
            Secret::Sm2(key) => {
                let signed: sm2::dsa::Signature = key
                    .try_sign(&message)
                    .map_err(|error| Error::Internal(format!("sm2: {error}")))?;
                signed.to_bytes().to_vec()
            }
        };
        Ok(Signature {
            algorithm: algorithm.name().to_owned(),
            key_id,
            signature: STANDARD.encode(signature),
            signer: signer.to_owned(),
        })
    }
}

/// Refuses bytes that are no public key of an algorithm. Both forms of a point of SM2 are taken, and answered as the
/// uncompressed one, so that a key has one id.
///
/// # Errors
/// [`Error::Invalid`] at `at`.
pub fn check_public_key(at: &str, algorithm: Algorithm, bytes: &[u8]) -> Result<Vec<u8>> {
    let found = || {
        let found = format!("{} 字节，不是 {} 的公钥", bytes.len(), algorithm.name());
        Error::invalid(at, found, "anshu pack keygen 给出的公钥（Base64）")
    };
    match algorithm {
        Algorithm::Ed25519 => {
            let key = ed25519(bytes).ok_or_else(found)?;
            // A key of small order fits signatures that nobody made.
            if key.is_weak() { Err(found()) } else { Ok(bytes.to_vec()) }
        }
        Algorithm::Sm2 => Ok(sm2_key(bytes).ok_or_else(found)?.to_sec1_bytes().to_vec()),
    }
}

/// Whether a signature was made with a key over a pack.
pub(super) fn fits(key: &TrustedKey, signature: &Signature, claim: &Claim) -> bool {
    let Ok(bytes) = STANDARD.decode(&signature.signature) else { return false };
    if !is_line(&signature.signer) {
        return false;
    }
    let message = payload(claim, key.algorithm, &key.id, &signature.signer);
    fits_message(key.algorithm, &key.public_key, &message, &bytes)
}

fn fits_message(algorithm: Algorithm, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match algorithm {
        Algorithm::Ed25519 => {
            let signature = ed25519_dalek::Signature::from_slice(signature);
            ed25519(key)
                .zip(signature.ok())
                .is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok())
        }
        Algorithm::Sm2 => {
            let signature = sm2::dsa::Signature::from_slice(signature);
            sm2_key(key)
                .zip(signature.ok())
                .is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
        }
    }
}

fn ed25519(bytes: &[u8]) -> Option<ed25519_dalek::VerifyingKey> {
    ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()
}

fn sm2_key(bytes: &[u8]) -> Option<sm2::dsa::VerifyingKey> {
    sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_IDENTIFIER, bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: String = hex.split_whitespace().collect();
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(digits.get(at..at + 2).unwrap(), 16).unwrap())
            .collect()
    }

    /// The example of GB/T 32918.5 (appendix A.2): another implementation's signature fits.
    #[test]
    fn the_standards_own_sm2_signature_fits_and_a_changed_one_does_not() {
        let key = bytes(
            "04 09F9DF31 1E5421A1 50DD7D16 1E4BC5C6 72179FAD 1833FC07 6BB08FF3 56F35020 \
             CCEA490C E26775A5 2DC6EA71 8CC1AA60 0AED05FB F35E084A 6632F607 2DA9AD13",
        );
        let mut signature = bytes(
            "F5A03B06 48D2C463 0EEAC513 E1BB81A1 5944DA38 27D5B741 43AC7EAC EEE720B3 \
             B1B6AA29 DF212FD8 763182BC 0D421CA1 BB9038FD 1F7F42D4 840B69C4 85BBC1AA",
        );
        assert!(fits_message(Algorithm::Sm2, &key, b"message digest", &signature));
        assert!(!fits_message(Algorithm::Sm2, &key, b"message digesu", &signature));
        signature[40] ^= 1;
        assert!(!fits_message(Algorithm::Sm2, &key, b"message digest", &signature));
        assert!(!fits_message(Algorithm::Ed25519, &key, b"message digest", &signature));
    }

    #[test]
    fn keys_that_fit_what_nobody_signed_are_refused() {
        // The neutral element: its signatures can be made up.
        let mut weak = [0; 32];
        weak[0] = 1;
        assert!(check_public_key("x", Algorithm::Ed25519, &weak).is_err());
        assert!(check_public_key("x", Algorithm::Ed25519, &[7; 31]).is_err());
        assert!(check_public_key("x", Algorithm::Sm2, &[0; 65]).is_err());
        let key = SecretKey::from_bytes(Algorithm::Sm2, &[9; 32]).unwrap();
        let whole = key.public_key();
        let mut short = vec![2 + (whole[64] & 1)];
        short.extend(&whole[1..33]);
        assert_eq!(check_public_key("x", Algorithm::Sm2, &short).unwrap(), whole);
    }
}
