//! Public keys of notes, and the three algorithms by which lines are verified: Ed25519 (type 0x01), a witness's timestamped
//! Ed25519 (type 0x04, C2SP tlog-cosignature), and SM2 with SM3 (GB/T 32918), which has no number of its own there and
//! stands behind 0xff and a long name, as signed-note recommends.

use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use sm2::dsa::signature::Verifier as _;

use super::{Checkpoint, Note, SignatureLine, hex};

/// The note format's number for Ed25519.
pub(super) const ED25519: u8 = 0x01;
/// Its number for a witness's timestamped Ed25519.
pub(crate) const COSIGNATURE: u8 = 0x04;
/// What stands for SM2 with SM3.
pub(super) const SM2: &[u8] = b"\xffanshu.local/sm2-with-sm3/v1";
/// The distinguishing identifier that GM/T 0009 prescribes where none was agreed.
pub(super) const SM2_IDENTIFIER: &str = "1234567812345678";

/// Verifies the notes of one name by one key.
#[derive(Debug, Clone)]
pub struct Verifier {
    name: String,
    key_id: [u8; 4],
    key: Key,
}

#[derive(Debug, Clone)]
enum Key {
    Ed25519(VerifyingKey),
    Cosignature(VerifyingKey),
    Sm2(Box<sm2::dsa::VerifyingKey>),
}

impl Key {
    /// The algorithm as it stands before the key, and the key.
    fn parts(&self) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::Ed25519(key) => (vec![ED25519], key.to_bytes().to_vec()),
            Self::Cosignature(key) => (vec![COSIGNATURE], key.to_bytes().to_vec()),
            Self::Sm2(key) => (SM2.to_vec(), key.to_sec1_bytes().to_vec()),
        }
    }

    fn of(data: &[u8]) -> Option<Self> {
        if let Some(key) = data.strip_prefix(SM2) {
            let key = sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_IDENTIFIER, key).ok()?;
            return Some(Self::Sm2(Box::new(key)));
        }
        let (kind, key) = data.split_first()?;
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        // A key of small order fits signatures that nobody made.
        match *kind {
            _ if key.is_weak() => None,
            ED25519 => Some(Self::Ed25519(key)),
            COSIGNATURE => Some(Self::Cosignature(key)),
            _ => None,
        }
    }

    fn fits(&self, text: &str, signature: &[u8]) -> bool {
        let ed25519 = |key: &VerifyingKey, message: &[u8], signature: &[u8]| {
            Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
        };
        match self {
            Self::Ed25519(key) => ed25519(key, text.as_bytes(), signature),
            Self::Cosignature(key) => match signature.split_first_chunk::<8>() {
                Some((time, signature)) => {
                    let message = cosigned_message(u64::from_be_bytes(*time), text);
                    ed25519(key, message.as_bytes(), signature)
                }
                None => false,
            },
            Self::Sm2(key) => sm2::dsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(text.as_bytes(), &signature).is_ok()),
        }
    }
}

impl PartialEq for Verifier {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.key.parts() == other.key.parts()
    }
}

impl Eq for Verifier {}

impl Verifier {
    pub(super) fn ed25519(name: &str, key: VerifyingKey) -> Self {
        Self::of(name, Key::Ed25519(key))
    }

    pub(super) fn sm2(name: &str, key: sm2::dsa::VerifyingKey) -> Self {
        Self::of(name, Key::Sm2(Box::new(key)))
    }

    pub(crate) fn cosignature(name: &str, key: VerifyingKey) -> Self {
        Self::of(name, Key::Cosignature(key))
    }

    fn of(name: &str, key: Key) -> Self {
        let (kind, bytes) = key.parts();
        Self { name: name.to_owned(), key_id: key_id(name, &kind, &bytes), key }
    }

    /// Reads a public key, such as `log.example+c74f20a3+ARpc2Qc…`.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is none, or its parts do not belong together.
    pub fn parse(text: &str) -> Result<Self> {
        let read = || {
            let mut parts = text.trim_end().splitn(3, '+');
            let (name, id, data) =
                (parts.next()?, parts.next()?, BASE64.decode(parts.next()?).ok()?);
            check_name(name).ok()?;
            let verifier = Self::of(name, Key::of(&data)?);
            (hex(&verifier.key_id) == id).then_some(verifier)
        };
        read().ok_or_else(|| {
            Error::invalid("公钥", "无法识别的公钥", "名称+标识+Base64（Ed25519、见证方或 SM2）")
        })
    }

    /// The public key in its text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (kind, bytes) = self.key.parts();
        format!("{}+{}+{}", self.name, hex(&self.key_id), BASE64.encode([kind, bytes].concat()))
    }

    /// Whose key it is: a log's origin, or a witness's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the key of a witness, which says that a log grew, and not of a log.
    #[must_use]
    pub fn is_witness(&self) -> bool {
        matches!(self.key, Key::Cosignature(_))
    }

    /// Whether both are one key, by whatever name.
    #[must_use]
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.key.parts().1 == other.key.parts().1
    }

    /// The checkpoint of a note that this key signed.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the note is malformed, is another log's, or is not signed by this key.
    pub fn verify(&self, note: &str) -> Result<Checkpoint> {
        let checkpoint = Checkpoint::parse(self.open(note)?)?;
        if checkpoint.origin == self.name {
            Ok(checkpoint)
        } else {
            let found = format!("属于日志 {}", checkpoint.origin);
            Err(Error::invalid("检查点", found, format!("日志 {}", self.name)))
        }
    }

    /// The text of a note that this key signed.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the note is malformed or not signed by this key.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str> {
        let note = Note::parse(note)?;
        let expected = || format!("由 {} 签名的检查点", self.name);
        match self.line(&note)? {
            Some(_) => Ok(note.text),
            None => Err(Error::invalid("检查点", "没有该公钥的签名", expected())),
        }
    }

    /// When a witness cosigned a note, in seconds since 1970; none where it did not.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a line bears the key's name and id, and is not its signature.
    pub fn cosigned_at(&self, note: &Note<'_>) -> Result<Option<u64>> {
        let line = self.line(note)?.filter(|_| self.is_witness());
        let time = line.and_then(|line| line.signature.first_chunk::<8>().copied());
        Ok(time.map(u64::from_be_bytes))
    }

    /// This key's line under a note, verified; none where there is none.
    ///
    /// # Errors
    /// As [`Verifier::cosigned_at`].
    pub fn line<'n>(&self, note: &'n Note<'_>) -> Result<Option<&'n SignatureLine<'n>>> {
        let mine = |line: &&SignatureLine<'_>| line.name == self.name && line.key_id == self.key_id;
        let Some(line) = note.signatures.iter().find(mine) else { return Ok(None) };
        if self.key.fits(note.text, &line.signature) {
            return Ok(Some(line));
        }
        let expected = format!("由 {} 签名且未被改动的检查点", self.name);
        Err(Error::invalid("检查点", "签名与内容不符", expected))
    }
}

/// What a witness signs: that the log was this at a time (C2SP tlog-cosignature, Ed25519).
pub(crate) fn cosigned_message(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// Binds a signature to a name, an algorithm and a key.
pub(crate) fn key_id(name: &str, kind: &[u8], key: &[u8]) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update(b"\n")
        .chain_update(kind)
        .chain_update(key)
        .finalize();
    hash.first_chunk().copied().unwrap_or_default()
}

/// Refuses a name that cannot stand in a note.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn check_name(name: &str) -> Result<()> {
    let fits = |letter: char| letter != '+' && !letter.is_whitespace() && !letter.is_control();
    if !name.is_empty() && name.chars().all(fits) {
        Ok(())
    } else {
        Err(Error::invalid("日志名称", name, "不含空格和加号的名称，如 centre.example/log"))
    }
}

/// A private key in the note format's text form, with a line end.
pub(crate) fn private_text(name: &str, key_id: [u8; 4], kind: u8, secret: &[u8; 32]) -> String {
    let data = [[kind].as_slice(), secret].concat();
    format!("PRIVATE+KEY+{name}+{}+{}\n", hex(&key_id), BASE64.encode(data))
}

/// The name and the secret of a private key of Ed25519 under a number.
///
/// # Errors
/// [`Error::Invalid`] at the file, where it is none.
pub(crate) fn private_from_text(file: &str, text: &str, kind: u8) -> Result<(String, [u8; 32])> {
    let read = || {
        let mut parts = text.strip_prefix("PRIVATE+KEY+")?.splitn(3, '+');
        let (name, id, data) = (parts.next()?, parts.next()?, BASE64.decode(parts.next()?).ok()?);
        let (found, secret) = data.split_first()?;
        let secret: [u8; 32] = secret.try_into().ok()?;
        let key = ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key();
        let whole = *found == kind
            && check_name(name).is_ok()
            && hex(&key_id(name, &[kind], key.as_bytes())) == id;
        whole.then(|| (name.to_owned(), secret))
    };
    read().ok_or_else(|| {
        Error::invalid(file, "无法识别的私钥", "PRIVATE+KEY+名称+标识+Base64；请从备份恢复")
    })
}
