//! Signed checkpoints: C2SP tlog-checkpoint in C2SP signed-note, by Ed25519. The keys are in the text forms of that note
//! format, so that other tools verify what this program signs.
//!
//! A note may carry signatures of others (witnesses, other algorithms): they are kept and passed over.

use std::path::Path;

use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::tree::Hash;

/// The note format's number for Ed25519.
const ED25519: u8 = 0x01;

/// The file that holds the private key, readable by its owner only.
pub const PRIVATE_FILE: &str = "log.key";

/// The file that holds the public key: what auditors get.
pub const PUBLIC_FILE: &str = "log.pub";

/// A tree at a size, as a log vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }

    /// Reads the text of a note. Lines after the root are extensions, and are passed over.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is no checkpoint.
    pub fn parse(text: &str) -> Result<Self> {
        let read = || {
            let mut lines = text.split_inclusive('\n').map(|line| line.strip_suffix('\n'));
            let origin = lines.next()??.to_owned();
            let size_text = lines.next()??;
            let size: u64 = size_text.parse().ok()?;
            let root = BASE64.decode(lines.next()??).ok()?.try_into().ok()?;
            // One number has one form: a second one would be a second text for the same tree.
            let whole = !origin.is_empty()
                && size.to_string() == size_text
                && lines.all(|line| line.is_some());
            whole.then_some(Self { origin, size, root })
        };
        read().ok_or_else(|| {
            Error::invalid("检查点", "不是检查点", "三行文本：日志名称、条数、Base64 的根")
        })
    }
}

/// Signs for one log.
#[derive(Clone)]
pub struct Signer {
    origin: String,
    key: SigningKey,
    key_id: [u8; 4],
}

impl std::fmt::Debug for Signer {
    /// The key stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Signer {
    /// The signer of a log with a key of 32 random bytes.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the name cannot stand in a note.
    pub fn new(origin: &str, secret: &[u8; 32]) -> Result<Self> {
        check_name(origin)?;
        let key = SigningKey::from_bytes(secret);
        let key_id = key_id(origin, &key.verifying_key());
        Ok(Self { origin: origin.to_owned(), key, key_id })
    }

    /// The signer whose key lies in a folder; at first use the key is made there, with the public key beside it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be read or written, [`Error::Invalid`] where the key is broken or
    /// another log's.
    pub fn open(folder: &Path, origin: &str) -> Result<Self> {
        let file = folder.join(PRIVATE_FILE);
        let broken = |error: std::io::Error| {
            Error::Unavailable(format!("日志签名密钥 {}：{error}", file.display()))
        };
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let signer = Self::from_text(text.trim_end())?;
                if signer.origin == origin {
                    Ok(signer)
                } else {
                    let expected = format!("日志名称 {}（与密钥一致）", signer.origin);
                    Err(Error::invalid("日志名称", origin, expected))
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut secret = [0_u8; 32];
                getrandom::fill(&mut secret)
                    .map_err(|error| Error::Unavailable(format!("随机数：{error}")))?;
                let signer = Self::new(origin, &secret)?;
                std::fs::create_dir_all(folder).map_err(broken)?;
                write_private(&file, &format!("{}\n", signer.to_text())).map_err(broken)?;
                let public = format!("{}\n", signer.verifier().to_text());
                std::fs::write(folder.join(PUBLIC_FILE), public).map_err(broken)?;
                Ok(signer)
            }
            Err(error) => Err(broken(error)),
        }
    }

    fn from_text(text: &str) -> Result<Self> {
        let read = || {
            let mut parts = text.strip_prefix("PRIVATE+KEY+")?.splitn(3, '+');
            let (origin, id, data) =
                (parts.next()?, parts.next()?, BASE64.decode(parts.next()?).ok()?);
            let (kind, secret) = data.split_first()?;
            let signer = Self::new(origin, secret.try_into().ok()?).ok()?;
            (*kind == ED25519 && hex(&signer.key_id) == id).then_some(signer)
        };
        read().ok_or_else(|| {
            Error::invalid(PRIVATE_FILE, "无法识别的私钥", "PRIVATE+KEY+名称+标识+Base64")
        })
    }

    fn to_text(&self) -> String {
        let data = [[ED25519].as_slice(), self.key.as_bytes()].concat();
        format!("PRIVATE+KEY+{}+{}+{}", self.origin, hex(&self.key_id), BASE64.encode(data))
    }

    /// Which log it signs for.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Signs a tree.
    #[must_use]
    pub fn sign(&self, size: u64, root: Hash) -> String {
        self.sign_text(&Checkpoint { origin: self.origin.clone(), size, root }.text())
    }

    /// Signs a text whose lines all end: what begins with another line than the log's origin is never taken for a checkpoint.
    #[must_use]
    pub fn sign_text(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let line = BASE64.encode([self.key_id.as_slice(), &signature].concat());
        format!("{text}\n— {} {line}\n", self.origin)
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier { origin: self.origin.clone(), key: self.key.verifying_key(), key_id: self.key_id }
    }
}

/// Verifies the checkpoints of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    origin: String,
    key: VerifyingKey,
    key_id: [u8; 4],
}

impl Verifier {
    /// Reads a public key, such as `log.example+c74f20a3+ARpc2Qc…`.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is none, or its parts do not belong together.
    pub fn parse(text: &str) -> Result<Self> {
        let read = || {
            let mut parts = text.trim_end().splitn(3, '+');
            let (origin, id, data) =
                (parts.next()?, parts.next()?, BASE64.decode(parts.next()?).ok()?);
            let (kind, bytes) = data.split_first()?;
            let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
            check_name(origin).ok()?;
            let key_id = key_id(origin, &key);
            let whole = *kind == ED25519 && hex(&key_id) == id;
            whole.then(|| Self { origin: origin.to_owned(), key, key_id })
        };
        read()
            .ok_or_else(|| Error::invalid("公钥", "无法识别的公钥", "名称+标识+Base64（Ed25519）"))
    }

    /// The public key in its text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        let data = [[ED25519].as_slice(), self.key.as_bytes()].concat();
        format!("{}+{}+{}", self.origin, hex(&self.key_id), BASE64.encode(data))
    }

    /// The checkpoint of a note that this key signed.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the note is malformed, is another log's, or is not signed by this key.
    pub fn verify(&self, note: &str) -> Result<Checkpoint> {
        let text = self.open(note)?;
        let checkpoint = Checkpoint::parse(text)?;
        if checkpoint.origin == self.origin {
            Ok(checkpoint)
        } else {
            Err(Error::invalid(
                "检查点",
                format!("属于日志 {}", checkpoint.origin),
                format!("日志 {}", self.origin),
            ))
        }
    }

    /// The text of a note that this key signed.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the note is malformed or not signed by this key.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str> {
        let malformed = || Error::invalid("检查点", "不是签名文本", "文本、空行、签名行");
        // The text ends with the last empty line: signature lines hold none.
        let (head, signatures) = note.rsplit_once("\n\n").ok_or_else(malformed)?;
        let text = note.get(..=head.len()).ok_or_else(malformed)?;
        if !signatures.ends_with('\n') || note.chars().any(|letter| letter < ' ' && letter != '\n')
        {
            return Err(malformed());
        }
        for line in signatures.lines() {
            let (name, data) = line
                .strip_prefix("— ")
                .and_then(|line| line.split_once(' '))
                .ok_or_else(malformed)?;
            let data = BASE64.decode(data).map_err(|_| malformed())?;
            let Some((id, signature)) = data.split_first_chunk::<4>() else {
                return Err(malformed());
            };
            if name != self.origin || *id != self.key_id {
                continue;
            }
            let valid = Signature::from_slice(signature)
                .and_then(|signature| self.key.verify_strict(text.as_bytes(), &signature));
            return valid.map(|()| text).map_err(|_| {
                Error::invalid(
                    "检查点",
                    "签名与内容不符",
                    format!("由 {} 签名且未被改动的检查点", self.origin),
                )
            });
        }
        Err(Error::invalid(
            "检查点",
            "没有该公钥的签名",
            format!("由 {} 签名的检查点", self.origin),
        ))
    }
}

/// Binds a signature to a name, an algorithm and a key.
fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize();
    hash.first_chunk().copied().unwrap_or_default()
}

fn check_name(name: &str) -> Result<()> {
    let fits = |letter: char| letter != '+' && !letter.is_whitespace() && !letter.is_control();
    if !name.is_empty() && name.chars().all(fits) {
        Ok(())
    } else {
        Err(Error::invalid("日志名称", name, "不含空格和加号的名称，如 centre.example/log"))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes a file that nobody but its owner may read, and that must not exist yet.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut handle = options.open(file)?;
    handle.write_all(text.as_bytes())?;
    handle.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Go's note package, by which the format is known.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_of_another_program_is_verified() {
        let verifier = Verifier::parse(KEY).unwrap();
        assert_eq!(verifier.to_text(), KEY);
        assert!(verifier.open(NOTE).unwrap().ends_with("your problem is.\n"));
        assert!(verifier.open(&NOTE.replace("answer", "question")).is_err());
        assert!(Verifier::parse(&KEY.replace("c74f20a3", "c74f20a4")).is_err());
    }

    #[test]
    fn a_checkpoint_is_verified_and_every_changed_byte_is_noticed() {
        let signer = Signer::new("centre.example/log", &[7; 32]).unwrap();
        let note = signer.sign(42, [9; 32]);
        let verifier = Verifier::parse(&signer.verifier().to_text()).unwrap();
        let checkpoint = verifier.verify(&note).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (42, [9; 32]));
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(verifier.verify(&changed).is_err(), "byte {at}");
            }
        }
        let theirs = tlog_tiles::Checkpoint::from_bytes(checkpoint.text().as_bytes()).unwrap();
        assert_eq!(
            (theirs.origin(), theirs.size(), theirs.hash().0),
            ("centre.example/log", 42, [9; 32])
        );
    }

    #[test]
    fn signatures_of_witnesses_are_passed_over() {
        let signer = Signer::new("centre.example/log", &[7; 32]).unwrap();
        let witness = Signer::new("witness.example", &[8; 32]).unwrap();
        let note = signer.sign(1, [1; 32]);
        let line = witness.sign(1, [1; 32]).lines().last().unwrap().to_owned();
        let both = format!("{note}{line}\n");
        assert!(signer.verifier().verify(&both).is_ok());
        assert!(witness.verifier().verify(&note).is_err());
    }

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Signer::open(folder.path(), "样例中心.example").unwrap();
        let again = Signer::open(folder.path(), "样例中心.example").unwrap();
        assert_eq!(first.verifier(), again.verifier());
        let public = std::fs::read_to_string(folder.path().join(PUBLIC_FILE)).unwrap();
        assert_eq!(Verifier::parse(&public).unwrap(), first.verifier());
        assert!(Signer::open(folder.path(), "another.example").is_err());
        #[cfg(unix)]
        {
            let mode = std::fs::metadata(folder.path().join(PRIVATE_FILE)).unwrap();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
        }
        assert!(Signer::new("two words", &[1; 32]).is_err());
    }
}
