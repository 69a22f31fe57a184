//! Keys that sign packs, as files: made once, readable by their owner alone.

use std::io::Write as _;
use std::path::Path;

use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::{file, secret};

pub use anshu_model::provenance::Algorithm;
pub use anshu_sandbox::provenance::SecretKey;

/// A key file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    algorithm: Algorithm,
    /// For people who look which key this is.
    key_id: String,
    public_key: String,
    secret_key: String,
}

/// What stands above a key in its file.
const HEAD: &str = "# 安枢插件签名私钥。谁有它，谁就能以持有部门的名义签名：不得外传，不得入库，丢失或泄露请立即吊销。\n";

/// Makes a key and writes it to a new file.
///
/// # Errors
/// [`Error::Conflict`] where there is such a file: no key is ever overwritten.
pub fn make(path: &Path, algorithm: Algorithm) -> Result<SecretKey> {
    let (key, bytes) = fresh(algorithm)?;
    let text = toml::to_string(&KeyFile {
        algorithm,
        key_id: key.id().to_string(),
        public_key: STANDARD.encode(key.public_key()),
        secret_key: STANDARD.encode(bytes),
    })
    .map_err(|error| Error::Internal(error.to_string()))?;
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Error::Conflict(format!("{} 已经存在；私钥从不覆盖，请换一个文件名", path.display()))
        }
        _ => Error::Unavailable(format!("不能写入 {}：{error}", path.display())),
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(format!("{HEAD}{text}").as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    Ok(key)
}

/// A random key, with its secret.
fn fresh(algorithm: Algorithm) -> Result<(SecretKey, [u8; 32])> {
    // Nearly every value is a key; a few tries are more than enough.
    for _ in 0..8 {
        let bytes = secret::random::<32>()?;
        if let Ok(key) = SecretKey::from_bytes(algorithm, &bytes) {
            return Ok((key, bytes));
        }
    }
    Err(Error::Internal("the random source gives no keys".into()))
}

/// Reads a key file.
///
/// # Errors
/// [`Error::Invalid`] where it is none.
pub fn read(path: &Path) -> Result<SecretKey> {
    let name = path.display().to_string();
    let stated: KeyFile = file::toml(&name, &file::text(path)?)?;
    let wrong = || {
        Error::invalid(
            &name,
            "私钥已损坏，或与其公钥不符",
            "anshu pack keygen 写出的私钥文件；请从备份恢复",
        )
    };
    let bytes = STANDARD.decode(&stated.secret_key).map_err(|_| wrong())?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| wrong())?;
    let key = SecretKey::from_bytes(stated.algorithm, &bytes)?;
    if key.id().as_str() != stated.key_id { Err(wrong()) } else { Ok(key) }
}
