//! What is signed, and the file that carries signatures.

use anshu_model::provenance::{Algorithm, Claim, KeyId, MEDIA_TYPE, Signature};
use anshu_model::{Error, Result};

/// The bytes that a key signs for a pack. UTF-8 lines, each ended by a line feed, in this order:
///
/// ```text
/// anshu pack signature v1
/// media-type application/wasm
/// name sample-pack
/// version 0.1.0
/// size 204806
/// sha256 0b5c…            SHA-256 of the whole file, in hex
/// sm3 66c7…               SM3 of the whole file, in hex; only where the key is of SM2
/// algorithm ed25519
/// key 3f0a…               SHA-256 over algorithm name, one zero byte and public key, in hex
/// signer 样例局 张三
/// ```
///
/// The first line separates these signatures from all others that the same key may make, such as those of a log's
/// checkpoints. Name, version and digest bind one file under one name; algorithm and key bind the signature to the key, so
/// that nobody can claim another's signature with a key made to fit; the signer's name cannot be changed afterwards. No
/// value holds a line feed, so that no two packs give the same bytes.
#[must_use]
pub fn payload(claim: &Claim, algorithm: Algorithm, key: &KeyId, signer: &str) -> Vec<u8> {
    let Claim { name, version, digest, sm3, size, .. } = claim;
    let national = match algorithm {
        Algorithm::Ed25519 => String::new(),
        Algorithm::Sm2 => format!("sm3 {sm3}\n"),
    };
    format!(
        "anshu pack signature v1\nmedia-type {MEDIA_TYPE}\nname {name}\nversion {version}\nsize {size}\nsha256 {digest}\n\
         {national}algorithm {}\nkey {key}\nsigner {signer}\n",
        algorithm.name()
    )
    .into_bytes()
}

/// The largest signature file that is read, in bytes.
const MOST_BYTES: usize = 64 << 10;
/// The most signatures of one pack.
const MOST_SIGNATURES: usize = 64;

/// Reads a signature file (`<pack>.wasm.sig`): a JSON list of [`Signature`]s. `name` is what the file is called.
///
/// # Errors
/// [`Error::Invalid`] where it is too large, cut off, or no such list, with line and column.
pub fn signatures(name: &str, bytes: &[u8]) -> Result<Vec<Signature>> {
    const RIGHT: &str = "anshu pack sign 写出的签名文件；请向签名的部门重新索取";
    if bytes.len() > MOST_BYTES {
        return Err(Error::invalid(
            name,
            format!("{} 字节", bytes.len()),
            format!("不超过 {MOST_BYTES} 字节的签名文件"),
        ));
    }
    let signatures: Vec<Signature> = serde_json::from_slice(bytes).map_err(|error| {
        let at = format!("{name} 第 {} 行第 {} 列", error.line(), error.column());
        let found = if error.is_eof() {
            "签名文件不完整".into()
        } else {
            format!("不是签名文件（{error}）")
        };
        Error::invalid(at, found, RIGHT)
    })?;
    if signatures.len() > MOST_SIGNATURES {
        let found = format!("{} 个签名", signatures.len());
        return Err(Error::invalid(name, found, format!("不超过 {MOST_SIGNATURES} 个")));
    }
    Ok(signatures)
}
