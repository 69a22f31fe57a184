//! Signed checkpoints: C2SP tlog-checkpoint in C2SP signed-note, by Ed25519 and, where the centre keeps such a key, by SM2
//! on a second line. The keys are in the text forms of that note format, so that other tools verify what this program signs.
//!
//! A note may carry signatures of others (witnesses, other algorithms): they are kept and passed over. [`key`] knows the
//! algorithms; this file knows texts, and where private keys lie.

mod key;
mod sm2;
#[cfg(test)]
mod tests;

use std::path::Path;

use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer as _, SigningKey};

use super::tree::Hash;

pub use key::Verifier;
pub(crate) use key::{
    COSIGNATURE, check_name, cosigned_message, key_id, private_from_text, private_text,
};
pub use sm2::{PRIVATE_FILE as SM2_PRIVATE_FILE, PUBLIC_FILE as SM2_PUBLIC_FILE, make as make_sm2};

/// The file that holds the private key, readable by its owner only.
pub const PRIVATE_FILE: &str = "log.key";

/// The file that holds the public key: what auditors get.
pub const PUBLIC_FILE: &str = "log.pub";

/// The most signature lines of a note: the format asks verifiers to take at least 16, and to have a limit.
const MOST_SIGNATURES: usize = 64;

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

/// A note, taken apart. Nothing of it is trusted before a [`Verifier`] has opened it.
#[derive(Debug, Clone)]
pub struct Note<'a> {
    /// What is signed, up to its last line end.
    pub text: &'a str,
    /// The signatures, in their order.
    pub signatures: Vec<SignatureLine<'a>>,
}

/// One line `— <name> <base64>` under a note.
#[derive(Debug, Clone)]
pub struct SignatureLine<'a> {
    /// Whose it is, as it says.
    pub name: &'a str,
    /// Which key of theirs.
    pub key_id: [u8; 4],
    /// The signature, as the key's algorithm has it.
    pub signature: Vec<u8>,
    /// The whole line, without its end.
    pub line: &'a str,
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is none.
    pub fn parse(note: &'a str) -> Result<Self> {
        let read = || {
            // The text ends with the last empty line: signature lines hold none.
            let (head, signatures) = note.rsplit_once("\n\n")?;
            let text = note.get(..=head.len())?;
            let controls = note.chars().any(|letter| letter < ' ' && letter != '\n');
            if controls || !signatures.ends_with('\n') {
                return None;
            }
            let signatures: Vec<_> =
                signatures.lines().map(SignatureLine::parse).collect::<Option<_>>()?;
            (signatures.len() <= MOST_SIGNATURES).then_some(Self { text, signatures })
        };
        read().ok_or_else(|| Error::invalid("检查点", "不是签名文本", "文本、空行、签名行"))
    }
}

impl<'a> SignatureLine<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, data) = line.strip_prefix("— ")?.split_once(' ')?;
        let data = BASE64.decode(data).ok()?;
        let (key_id, signature) = data.split_first_chunk::<4>()?;
        Some(Self { name, key_id: *key_id, signature: signature.to_vec(), line })
    }
}

/// A signature line, with its end.
pub(crate) fn signature_line(name: &str, key_id: [u8; 4], signature: &[u8]) -> String {
    format!("— {name} {}\n", BASE64.encode([key_id.as_slice(), signature].concat()))
}

/// Signs for one log.
#[derive(Clone)]
pub struct Signer {
    origin: String,
    key: SigningKey,
    key_id: [u8; 4],
    sm2: Option<sm2::Secret>,
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
        let key_id = key_id(origin, &[key::ED25519], key.verifying_key().as_bytes());
        Ok(Self { origin: origin.to_owned(), key, key_id, sm2: None })
    }

    /// The signer whose key lies in a folder; at first use the key is made there, with the public key beside it. Where an
    /// SM2 key lies there too (see [`make_sm2`]), it signs as well.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be read or written, [`Error::Invalid`] where the key is broken or
    /// another log's.
    pub fn open(folder: &Path, origin: &str) -> Result<Self> {
        let signer = Self::open_ed25519(folder, origin)?;
        Ok(Self { sm2: sm2::Secret::read(folder, origin)?, ..signer })
    }

    fn open_ed25519(folder: &Path, origin: &str) -> Result<Self> {
        let file = folder.join(PRIVATE_FILE);
        let broken = |error: std::io::Error| {
            Error::Unavailable(format!("日志签名密钥 {}：{error}", file.display()))
        };
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let (name, secret) =
                    private_from_text(PRIVATE_FILE, text.trim_end(), key::ED25519)?;
                if name == origin {
                    Self::new(origin, &secret)
                } else {
                    let expected = format!("日志名称 {name}（与密钥一致）");
                    Err(Error::invalid("日志名称", origin, expected))
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut secret = [0_u8; 32];
                getrandom::fill(&mut secret)
                    .map_err(|error| Error::Unavailable(format!("随机数：{error}")))?;
                let signer = Self::new(origin, &secret)?;
                std::fs::create_dir_all(folder).map_err(broken)?;
                let text = private_text(origin, signer.key_id, key::ED25519, &secret);
                write_private(&file, &text).map_err(broken)?;
                let public = format!("{}\n", signer.verifier().to_text());
                std::fs::write(folder.join(PUBLIC_FILE), public).map_err(broken)?;
                Ok(signer)
            }
            Err(error) => Err(broken(error)),
        }
    }

    /// Which log it signs for.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Signs a tree: by Ed25519 and, where there is such a key, by SM2 on a line that tools without SM2 pass over.
    ///
    /// # Errors
    /// [`Error::Internal`] where SM2 gives no signature: a log that is to carry it never goes without.
    pub fn sign(&self, size: u64, root: Hash) -> Result<String> {
        let text = Checkpoint { origin: self.origin.clone(), size, root }.text();
        let mut note = self.seal(&text);
        if let Some(sm2) = &self.sm2 {
            note.push_str(&sm2.line(&text)?);
        }
        Ok(note)
    }

    /// Signs any text that ends with a line end and does not begin as a checkpoint of this log does, by Ed25519 alone.
    #[must_use]
    pub fn seal(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        format!("{text}\n{}", signature_line(&self.origin, self.key_id, &signature))
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::ed25519(&self.origin, self.key.verifying_key())
    }

    /// What verifies its SM2 signatures; none where it makes none.
    #[must_use]
    pub fn sm2_verifier(&self) -> Option<Verifier> {
        self.sm2.as_ref().map(sm2::Secret::verifier)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes from hexadecimal in lower case; none where it is none.
pub(crate) fn unhex(text: &str) -> Option<Hash> {
    let digit = |letter: u8| match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes.filter(|_| rest.is_empty())?.try_into().ok()
}

/// Writes a file that nobody but its owner may read, and that must not exist yet.
pub(crate) fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut handle = options.open(file)?;
    handle.write_all(text.as_bytes())?;
    handle.sync_all()
}
