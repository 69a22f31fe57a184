//! A witness: it remembers the largest tree that it has seen of each log, and cosigns only what grew out of it (C2SP
//! tlog-witness). It is the other half of the log's honesty, and so knows nothing of this centre: its own folder, its own
//! key, no database. How a request reaches it is its caller's.
//!
//! What it remembers is on the disk before it answers, and looking and remembering are one step: two requests at once
//! never make it forget the larger tree.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest, Sha256};

use super::note::{self, COSIGNATURE, Checkpoint, Note, Verifier};
use super::tree::{self, Hash};

/// The file with the witness's private key, readable by its owner only.
pub const PRIVATE_FILE: &str = "witness.key";
/// The file with its public key: what centres and auditors get.
pub const PUBLIC_FILE: &str = "witness.pub";
/// The most hashes of a consistency proof.
const MOST_HASHES: usize = 63;

/// The key of a witness.
#[derive(Clone)]
pub struct Cosigner {
    name: String,
    key: SigningKey,
    key_id: [u8; 4],
}

impl std::fmt::Debug for Cosigner {
    /// The key stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cosigner").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Cosigner {
    /// A witness's key out of 32 secret bytes.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the name cannot stand in a note.
    pub fn new(name: &str, secret: &[u8; 32]) -> Result<Self> {
        note::check_name(name)?;
        let key = SigningKey::from_bytes(secret);
        let key_id = note::key_id(name, &[COSIGNATURE], key.verifying_key().as_bytes());
        Ok(Self { name: name.to_owned(), key, key_id })
    }

    /// The key of a folder. At first use it is made, and then the witness must be named.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be used; [`Error::Invalid`] where the key is broken, has another name,
    /// or is to be made without one.
    pub fn open(folder: &Path, name: Option<&str>) -> Result<Self> {
        let file = folder.join(PRIVATE_FILE);
        let broken =
            |error: std::io::Error| Error::Unavailable(format!("{}：{error}", file.display()));
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let (found, secret) =
                    note::private_from_text(PRIVATE_FILE, text.trim_end(), COSIGNATURE)?;
                match name {
                    Some(name) if name != found => Err(Error::invalid(
                        "--name",
                        name,
                        format!("{found}（与已有的密钥一致；更名须换一个目录）"),
                    )),
                    _ => Self::new(&found, &secret),
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let name = name.ok_or_else(|| {
                    Error::invalid(
                        "--name",
                        "缺失",
                        "首次使用时为见证方命名，如 witness.example/w1",
                    )
                })?;
                let mut secret = [0_u8; 32];
                getrandom::fill(&mut secret)
                    .map_err(|error| Error::Unavailable(format!("随机数：{error}")))?;
                let cosigner = Self::new(name, &secret)?;
                std::fs::create_dir_all(folder).map_err(broken)?;
                let text = note::private_text(name, cosigner.key_id, COSIGNATURE, &secret);
                note::write_private(&file, &text).map_err(broken)?;
                let public = format!("{}\n", cosigner.verifier().to_text());
                std::fs::write(folder.join(PUBLIC_FILE), public).map_err(broken)?;
                Ok(cosigner)
            }
            Err(error) => Err(broken(error)),
        }
    }

    /// What verifies its cosignatures.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::cosignature(&self.name, self.key.verifying_key())
    }

    /// The line that says that a log was this at a time, in seconds since 1970.
    #[must_use]
    pub fn cosign(&self, text: &str, seconds: u64) -> String {
        let signature = self.key.sign(note::cosigned_message(seconds, text).as_bytes()).to_bytes();
        let timed = [seconds.to_be_bytes().as_slice(), &signature].concat();
        note::signature_line(&self.name, self.key_id, &timed)
    }
}

/// What a log asks of a witness: `add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// How large the log was when the witness saw it last.
    pub old: u64,
    /// That the log grew out of it.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

impl AddCheckpoint {
    /// Reads a request's body. None where it is none.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let (head, checkpoint) = body.split_once("\n\n")?;
        let mut lines = head.lines();
        let size = lines.next()?.strip_prefix("old ")?;
        let old: u64 = size.parse().ok()?;
        let hash = |line: &str| BASE64.decode(line).ok()?.try_into().ok();
        let proof = lines.map(hash).collect::<Option<Vec<Hash>>>()?;
        let whole = old.to_string() == size && proof.len() <= MOST_HASHES;
        whole.then(|| Self { old, proof, checkpoint: checkpoint.to_owned() })
    }

    /// The body.
    #[must_use]
    pub fn text(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| BASE64.encode(hash) + "\n").collect();
        format!("old {}\n{proof}\n{}", self.old, self.checkpoint)
    }
}

/// What a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The log grew out of what was seen of it: the signature line (HTTP 200).
    Cosigned(String),
    /// The request is none (400).
    Malformed,
    /// No key that is trusted for the log signed the checkpoint (403).
    Untrusted,
    /// The log is not known (404).
    UnknownLog,
    /// The witness has seen another size: this one (409).
    Seen(u64),
    /// What is shown did not grow out of what was seen (422).
    Inconsistent,
}

/// A witness with its memory.
#[derive(Debug)]
pub struct Witness {
    folder: PathBuf,
    cosigner: Cosigner,
    logs: Vec<Verifier>,
    /// The last checkpoint of each log, by origin.
    seen: Mutex<BTreeMap<String, Checkpoint>>,
}

impl Witness {
    /// A witness of logs, by their public keys, with what its folder remembers.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a key is no log's; [`Error::Unavailable`] where the folder's memory cannot be read: a
    /// witness that has forgotten must not begin anew.
    pub fn open(folder: &Path, cosigner: Cosigner, logs: &[String]) -> Result<Self> {
        let mut keys = Vec::with_capacity(logs.len());
        let mut seen = BTreeMap::new();
        for log in logs {
            let key = Verifier::parse(log)?;
            if key.is_witness() {
                return Err(Error::invalid("--log", log, "日志的公钥，不是见证方的"));
            }
            let file = memory(folder, key.name());
            match std::fs::read_to_string(&file) {
                Ok(note) => {
                    let checkpoint = Checkpoint::parse(Note::parse(&note)?.text)?;
                    seen.insert(key.name().to_owned(), checkpoint);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(Error::Unavailable(format!("{}：{error}", file.display())));
                }
            }
            keys.push(key);
        }
        Ok(Self { folder: folder.to_owned(), cosigner, logs: keys, seen: Mutex::new(seen) })
    }

    /// What verifies its cosignatures.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        self.cosigner.verifier()
    }

    /// How large each log was when it was seen last, by origin.
    #[must_use]
    pub fn seen(&self) -> BTreeMap<String, u64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().map(|(origin, checkpoint)| (origin.clone(), checkpoint.size)).collect()
    }

    /// Judges a request at a time, in seconds since 1970. A tree that is cosigned is on the disk before this returns.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it could not be remembered: then nothing was cosigned.
    pub fn add(&self, body: &str, seconds: u64) -> Result<Answer> {
        let Some(request) = AddCheckpoint::parse(body) else { return Ok(Answer::Malformed) };
        let Ok(note) = Note::parse(&request.checkpoint) else { return Ok(Answer::Malformed) };
        let Ok(stated) = Checkpoint::parse(note.text) else { return Ok(Answer::Malformed) };
        if !self.logs.iter().any(|log| log.name() == stated.origin) {
            return Ok(Answer::UnknownLog);
        }
        if !self.logs.iter().any(|log| log.verify(&request.checkpoint).is_ok()) {
            return Ok(Answer::Untrusted);
        }
        if request.old > stated.size {
            return Ok(Answer::Malformed);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.get(&stated.origin);
        if request.old != before.map_or(0, |before| before.size) {
            return Ok(Answer::Seen(before.map_or(0, |before| before.size)));
        }
        match before {
            // The same size with another root is what no proof could mend.
            Some(before) if before.size == stated.size && before.root != stated.root => {
                return Ok(Answer::Seen(before.size));
            }
            Some(before) if before.size > 0 => {
                let (old, new) = (before.size, stated.size);
                let proof = &request.proof;
                if !tree::verify_consistency(old, new, &before.root, &stated.root, proof) {
                    return Ok(Answer::Inconsistent);
                }
            }
            // Before anything was seen, or of an empty tree, there is nothing to prove.
            Some(_) | None if !request.proof.is_empty() => return Ok(Answer::Inconsistent),
            Some(_) | None => {}
        }
        self.remember(&stated.origin, &request.checkpoint)?;
        let line = self.cosigner.cosign(note.text, seconds);
        seen.insert(stated.origin.clone(), stated);
        Ok(Answer::Cosigned(line))
    }

    /// Writes what is seen beside the old, makes it durable, and puts it in its place.
    fn remember(&self, origin: &str, checkpoint: &str) -> Result<()> {
        let file = memory(&self.folder, origin);
        let fresh = file.with_extension("new");
        let write = || {
            let mut handle = std::fs::File::create(&fresh)?;
            handle.write_all(checkpoint.as_bytes())?;
            handle.sync_all()?;
            std::fs::rename(&fresh, &file)?;
            // The name, too, must survive a power cut.
            std::fs::OpenOptions::new().read(true).open(&self.folder)?.sync_all()
        };
        write().map_err(|error| Error::Unavailable(format!("{}：{error}", file.display())))
    }
}

/// Where a log is remembered: its origin may hold what file names may not.
fn memory(folder: &Path, origin: &str) -> PathBuf {
    let digest = note::hex(&Sha256::digest(origin.as_bytes()));
    folder.join(format!("{}.checkpoint", digest.get(..16).unwrap_or(&digest)))
}

#[cfg(test)]
mod tests;
