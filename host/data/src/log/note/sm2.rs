//! The log's second key: SM2 with SM3 (GB/T 32918), for centres whose inspection (商用密码应用安全性评估) asks for it. It signs
//! the same text on a line of its own. Where its file lies in the folder of keys the log is signed with it; else not.

use std::path::Path;

use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sm2::dsa::signature::Signer as _;
use zeroize::Zeroizing;

use super::key::{SM2, SM2_IDENTIFIER, Verifier, check_name, key_id};
use super::{hex, signature_line, write_private};

/// The file that holds the private key, readable by its owner only.
pub const PRIVATE_FILE: &str = "log-sm2.key";
/// The file that holds the public key.
pub const PUBLIC_FILE: &str = "log-sm2.pub";

/// Signs for one log by SM2.
#[derive(Clone)]
pub(super) struct Secret {
    origin: String,
    key: sm2::dsa::SigningKey,
    key_id: [u8; 4],
}

impl Secret {
    fn new(origin: &str, secret: &[u8]) -> Option<Self> {
        check_name(origin).ok()?;
        let key = sm2::dsa::SigningKey::from_slice(SM2_IDENTIFIER, secret).ok()?;
        let key_id = key_id(origin, SM2, &key.verifying_key().to_sec1_bytes());
        Some(Self { origin: origin.to_owned(), key, key_id })
    }

    /// The key of a folder; none where it has none.
    pub(super) fn read(folder: &Path, origin: &str) -> Result<Option<Self>> {
        let file = folder.join(PRIVATE_FILE);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Error::Unavailable(format!(
                    "日志签名密钥 {}：{error}",
                    file.display()
                )));
            }
        };
        let read = || {
            let mut parts = text.trim_end().strip_prefix("PRIVATE+KEY+")?.splitn(3, '+');
            let (name, id, data) =
                (parts.next()?, parts.next()?, Zeroizing::new(BASE64.decode(parts.next()?).ok()?));
            let secret = Self::new(name, data.strip_prefix(SM2)?)?;
            (name == origin && hex(&secret.key_id) == id).then_some(secret)
        };
        read().map(Some).ok_or_else(|| {
            Error::invalid(
                PRIVATE_FILE,
                "无法识别的私钥，或属于另一个日志",
                format!("日志 {origin} 的 SM2 私钥；请从备份恢复"),
            )
        })
    }

    pub(super) fn line(&self, text: &str) -> Result<String> {
        let signature: sm2::dsa::Signature = self
            .key
            .try_sign(text.as_bytes())
            .map_err(|error| Error::Internal(format!("sm2: {error}")))?;
        Ok(signature_line(&self.origin, self.key_id, &signature.to_bytes()))
    }

    pub(super) fn verifier(&self) -> Verifier {
        Verifier::sm2(&self.origin, self.key.verifying_key().clone())
    }
}

/// Makes the SM2 key of a log where its folder of keys has none yet. From then on the log is signed with it.
///
/// # Errors
/// [`Error::Unavailable`] where the folder cannot be written; [`Error::Invalid`] where the name cannot stand in a note.
pub fn make(folder: &Path, origin: &str) -> Result<()> {
    check_name(origin)?;
    let file = folder.join(PRIVATE_FILE);
    if file.exists() {
        return Ok(());
    }
    let broken = |error: std::io::Error| {
        Error::Unavailable(format!("日志签名密钥 {}：{error}", file.display()))
    };
    std::fs::create_dir_all(folder).map_err(broken)?;
    // Nearly every value is a key; a few tries are more than enough.
    for _ in 0..8 {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|error| Error::Unavailable(format!("随机数：{error}")))?;
        let Some(secret) = Secret::new(origin, bytes.as_slice()) else { continue };
        let data = Zeroizing::new([SM2, bytes.as_slice()].concat());
        let id = hex(&secret.key_id);
        let text = Zeroizing::new(format!("PRIVATE+KEY+{origin}+{id}+{}\n", BASE64.encode(&*data)));
        write_private(&file, &text).map_err(broken)?;
        let public = format!("{}\n", secret.verifier().to_text());
        return std::fs::write(folder.join(PUBLIC_FILE), public).map_err(broken);
    }
    Err(Error::Internal("the random source gives no keys".into()))
}
