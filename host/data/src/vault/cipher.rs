//! The two ciphers, and how the key of one text comes from the keys of everybody whom it is about. Pure.
//!
//! AES-256-GCM and SM4-GCM (RFC 8998) alike: a random nonce of 96 bits before the ciphertext, a tag of 128 bits behind it.

use std::fmt;

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, AesGcm, Nonce};
use anshu_model::{Error, Result};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use sm3::Sm3;
use zeroize::{Zeroize as _, Zeroizing};

type Sm4Gcm = AesGcm<sm4::Sm4, U12>;

/// Bytes of a nonce.
const NONCE: usize = 12;
/// What the derived keys are for.
const LABEL: &[u8] = b"anshu sealed text v1";

/// A key in memory: wiped when it is let go, and never printed. It lies on the heap, so that handing it on leaves no copy
/// behind on a stack, where nobody would wipe it.
#[derive(Clone)]
pub(crate) struct Secret(Box<Zeroizing<[u8; 32]>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A new random key.
    pub(crate) fn random() -> Result<Self> {
        let mut key = Self::empty();
        fill(key.0.as_mut_slice())?;
        Ok(key)
    }

    /// A key out of its bytes. None where there are not 32.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != 32 {
            return None;
        }
        let mut key = Self::empty();
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    fn empty() -> Self {
        Self(Box::new(Zeroizing::new([0; 32])))
    }

    /// The bytes, for a cipher or a provider alone.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Which cipher seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cipher {
    /// AES-256 in GCM.
    #[default]
    Aes256Gcm,
    /// SM4 in GCM (国密).
    Sm4Gcm,
}

impl Cipher {
    /// Its id, as it stands in every sealed text and in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aes256Gcm => "aes-256-gcm",
            Self::Sm4Gcm => "sm4-gcm",
        }
    }

    /// The cipher of an id.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Aes256Gcm, Self::Sm4Gcm].into_iter().find(|cipher| cipher.name() == name)
    }

    /// The key of a text from all the keys that it needs: without any one of them there is no way back.
    pub(super) fn derive<'k>(self, keys: impl Iterator<Item = &'k Secret>) -> Result<Secret> {
        let mut derived: Option<Secret> = None;
        for key in keys {
            let about = derived.as_ref().map_or(LABEL, |before| before.bytes().as_slice());
            derived = Some(self.mac(key, about)?);
        }
        derived.ok_or_else(|| Error::Internal("a sealed text without a key".into()))
    }

    fn mac(self, key: &Secret, about: &[u8]) -> Result<Secret> {
        let short = |_| Error::Internal("key length".into());
        let mut made = match self {
            Self::Aes256Gcm => {
                let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.bytes()).map_err(short)?;
                mac.chain_update(about).finalize().into_bytes()
            }
            Self::Sm4Gcm => {
                let mac = <Hmac<Sm3> as KeyInit>::new_from_slice(key.bytes()).map_err(short)?;
                mac.chain_update(about).finalize().into_bytes()
            }
        };
        let mut derived = Secret::empty();
        derived.0.copy_from_slice(&made);
        made.as_mut_slice().zeroize();
        Ok(derived)
    }

    /// Nonce, ciphertext and tag.
    pub(super) fn seal(self, key: &Secret, about: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE];
        fill(&mut nonce)?;
        self.seal_with(key, nonce, about, plain)
    }

    fn seal_with(
        self,
        key: &Secret,
        nonce: [u8; NONCE],
        about: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>> {
        let payload = Payload { msg: plain, aad: about };
        let sealed = match self {
            Self::Aes256Gcm => aes(key).and_then(|key| encrypt(&key, nonce, payload)),
            Self::Sm4Gcm => sm4(key).and_then(|key| encrypt(&key, nonce, payload)),
        };
        let sealed = sealed.ok_or_else(|| Error::Internal("a text could not be sealed".into()))?;
        let mut all = Vec::with_capacity(NONCE + sealed.len());
        all.extend_from_slice(&nonce);
        all.extend_from_slice(&sealed);
        Ok(all)
    }

    /// What was sealed. None where one bit of it, of what it is about or of the key is another.
    pub(super) fn open(
        self,
        key: &Secret,
        about: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: about };
        let plain = match self {
            Self::Aes256Gcm => decrypt(&aes(key)?, *nonce, payload),
            Self::Sm4Gcm => decrypt(&sm4(key)?, *nonce, payload),
        };
        plain.map(Zeroizing::new)
    }
}

fn aes(key: &Secret) -> Option<Aes256Gcm> {
    Aes256Gcm::new_from_slice(key.bytes()).ok()
}

/// SM4 has keys of 128 bits: the first half.
fn sm4(key: &Secret) -> Option<Sm4Gcm> {
    Sm4Gcm::new_from_slice(key.bytes().first_chunk::<16>()?).ok()
}

fn encrypt<A>(cipher: &A, nonce: [u8; NONCE], payload: Payload<'_, '_>) -> Option<Vec<u8>>
where
    A: Aead<NonceSize = U12>,
{
    cipher.encrypt(&Nonce::from(nonce), payload).ok()
}

fn decrypt<A>(cipher: &A, nonce: [u8; NONCE], payload: Payload<'_, '_>) -> Option<Vec<u8>>
where
    A: Aead<NonceSize = U12>,
{
    cipher.decrypt(&Nonce::from(nonce), payload).ok()
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|error| Error::Internal(format!("random source: {error}")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<_> = hex.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
        digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
    }

    fn secret(byte: u8) -> Secret {
        Secret::of(&[byte; 32]).unwrap()
    }

    /// RFC 8998, appendix A.1.
    #[test]
    fn sm4_gcm_is_that_of_the_standard() {
        let mut key = bytes("0123456789abcdeffedcba9876543210");
        key.resize(32, 0);
        let nonce = bytes("00001234567800000000abcd").try_into().unwrap();
        let about = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plain = bytes(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        );
        let expected = bytes(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec",
        );
        let key = Secret::of(&key).unwrap();
        let sealed = Cipher::Sm4Gcm.seal_with(&key, nonce, &about, &plain).unwrap();
        assert_eq!(sealed[NONCE..], expected);
        assert_eq!(*Cipher::Sm4Gcm.open(&key, &about, &sealed).unwrap(), plain);
    }

    #[test]
    fn one_bit_of_anything_opens_nothing() {
        for cipher in [Cipher::Aes256Gcm, Cipher::Sm4Gcm] {
            let sealed = cipher.seal(&secret(1), b"here", b"text").unwrap();
            assert_eq!(**cipher.open(&secret(1), b"here", &sealed).unwrap(), *b"text");
            assert!(cipher.open(&secret(1), b"herf", &sealed).is_none());
            assert!(cipher.open(&secret(2), b"here", &sealed).is_none());
            for at in 0..sealed.len() {
                let mut bad = sealed.clone();
                bad[at] ^= 1;
                assert!(cipher.open(&secret(1), b"here", &bad).is_none(), "{at}");
            }
            assert!(cipher.open(&secret(1), b"here", &sealed[..11]).is_none());
        }
    }

    #[test]
    fn a_text_of_two_needs_both_keys() {
        for cipher in [Cipher::Aes256Gcm, Cipher::Sm4Gcm] {
            let of = |keys: &[Secret]| *cipher.derive(keys.iter()).unwrap().bytes();
            let both = of(&[secret(1), secret(2)]);
            assert_ne!(both, of(&[secret(1)]));
            assert_ne!(both, of(&[secret(2)]));
            assert_ne!(both, of(&[secret(1), secret(3)]));
            assert!(cipher.derive([].iter()).is_err());
        }
        assert_ne!(
            Cipher::Aes256Gcm.derive([secret(1)].iter()).unwrap().bytes(),
            Cipher::Sm4Gcm.derive([secret(1)].iter()).unwrap().bytes()
        );
    }

    /// Attack 53: nonces are random, so nothing that restarts can count them again.
    #[test]
    fn attack_53_no_nonce_comes_twice() {
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let sealed = Cipher::Aes256Gcm.seal(&secret(1), b"", b"").unwrap();
            assert!(seen.insert(sealed[..NONCE].to_vec()));
        }
    }

    /// Attack 51: whatever holds a key wipes it when it is let go. A cipher or a keyed hash whose feature `zeroize` was turned
    /// off does not pass here: it does not compile.
    #[test]
    fn attack_51_what_holds_a_key_wipes_it() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<Zeroizing<[u8; 32]>>();
        wiped::<Aes256Gcm>();
        wiped::<sm4::Sm4>();
        // A keyed hash holds nothing but states of its hash.
        wiped::<Sha256>();
        wiped::<Sm3>();
        wiped::<ed25519_dalek::SigningKey>();
    }

    /// Attack 51: a key that is printed by mistake prints nothing.
    #[test]
    fn attack_51_a_key_is_never_printed() {
        let canary = Secret::of(b"CANARY-CANARY-CANARY-CANARY-CANA").unwrap();
        let printed = format!("{canary:?} {:?} {:#?}", Some(&canary), [&canary]);
        assert!(!printed.contains("CANARY") && !printed.contains("67, 65"), "{printed}");
    }
}
