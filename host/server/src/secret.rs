//! Passwords and tokens. Passwords are hashed with Argon2id; of a token only its digest is ever stored.

use std::sync::LazyLock;

use anshu_model::{Error, Id, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

/// How many passwords are hashed at once. Each takes some 19 MiB and a core: a flood of sign-ins must not take the machine.
const HASHERS: usize = 2;
static TURNS: Semaphore = Semaphore::const_new(HASHERS);

/// How long a password must be at least, in characters.
pub(crate) const MIN_PASSWORD: usize = 12;
/// How long at most: hashing more serves nobody but an attacker.
pub(crate) const MAX_PASSWORD: usize = 256;

/// 256 random bits, as text for a cookie or a header.
///
/// # Errors
/// [`Error::Internal`] where the machine has no random source.
pub(crate) fn token() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// What is stored of a token.
#[must_use]
pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A fresh id.
///
/// # Errors
/// [`Error::Internal`] where the machine has no random source.
pub(crate) fn id() -> Result<Id> {
    Ok(Id::from_bits(u128::from_be_bytes(random::<16>()?)))
}

/// Whether two texts are equal, in a time that does not tell where they differ.
#[must_use]
pub(crate) fn same(a: &str, b: &str) -> bool {
    digest(a) == digest(b)
}

/// Hashes a password.
///
/// # Errors
/// [`Error::Invalid`] where it is too short or too long.
pub(crate) async fn hash(password: String) -> Result<String> {
    let length = password.chars().count();
    if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&length) {
        return Err(Error::invalid(
            "/password",
            format!("{length} 个字符"),
            format!("{MIN_PASSWORD} 至 {MAX_PASSWORD} 个字符的口令"),
        ));
    }
    hash_code(password).await
}

/// Hashes a code that this program made.
///
/// # Errors
/// [`Error::Unavailable`] where too many are being hashed.
pub(crate) async fn hash_code(code: String) -> Result<String> {
    in_turn(move || {
        let hash = Argon2::default().hash_password(code.as_bytes()).map_err(internal)?;
        Ok(hash.to_string())
    })
    .await
}

/// What everybody tries first. Longer lists belong to the city's identity server.
const COMMON: [&str; 8] = [
    "123456789012",
    "password1234",
    "passw0rd1234",
    "qwertyuiop12",
    "administrator",
    "1qaz2wsx3edc",
    "woaini521314",
    "zhongxin2026",
];

/// Refuses a password that is easily guessed: too short, around the login name, on the short list, or of few characters.
///
/// # Errors
/// [`Error::Invalid`] with what would be right.
pub(crate) fn fit(password: &str, login: &str) -> Result<()> {
    let low = password.to_lowercase();
    let different: std::collections::BTreeSet<_> = low.chars().collect();
    let found = if password.chars().count() < MIN_PASSWORD {
        "太短"
    } else if !login.is_empty() && low.contains(&login.to_lowercase()) {
        "含有登录名"
    } else if COMMON.iter().any(|common| low.contains(common)) {
        "常见的口令"
    } else if different.len() < 5 {
        "用到的字符太少"
    } else {
        return Ok(());
    };
    let right = format!("至少 {MIN_PASSWORD} 个字符，不含登录名，不是常见的口令，至少 5 种字符");
    Err(Error::invalid("/password", found, right))
}

/// The letters of codes that people type: none that looks like another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A random code of `N` letters, in groups of `group`.
///
/// # Errors
/// [`Error::Internal`] where the machine has no random source.
pub(crate) fn code<const N: usize>(group: usize) -> Result<String> {
    let mut code = String::with_capacity(N * 2);
    for (at, byte) in random::<N>()?.into_iter().enumerate() {
        if at > 0 && at % group == 0 {
            code.push('-');
        }
        let letter = LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'a');
        code.push(char::from(letter));
    }
    Ok(code)
}

/// A code as it is hashed: however its groups were typed.
#[must_use]
pub(crate) fn normal(code: &str) -> String {
    code.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// Whether a password has a hash. Without a hash it takes as long and answers no, so that nobody learns which names exist.
///
/// # Errors
/// [`Error::Unavailable`] where too many are being checked.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    if password.chars().count() > MAX_PASSWORD {
        return Ok(false);
    }
    in_turn(move || {
        let Some(hash) = hash else {
            let _ = Argon2::default().verify_password(
                password.as_bytes(),
                &PasswordHash::new(&NOBODY).map_err(internal)?,
            );
            return Ok(false);
        };
        let parsed = PasswordHash::new(&hash).map_err(internal)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
}

/// The hash of nobody's password.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    Argon2::default().hash_password(b"nobody").map(|hash| hash.to_string()).unwrap_or_default()
});

async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let turn = tokio::time::timeout(std::time::Duration::from_secs(5), TURNS.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        return Err(Error::Unavailable("登录的人太多，请过几秒再试".into()));
    };
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}

/// Random bytes.
///
/// # Errors
/// [`Error::Internal`] where the machine has no random source.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(internal)?;
    Ok(bytes)
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("secret: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_easily_guessed_is_refused() {
        for (password, login) in [
            ("short", "jia"),
            ("my-jia-password-1", "jia"),
            ("Password1234567", "jia"),
            ("aaaabbbbaaaabbbb", "jia"),
        ] {
            assert!(fit(password, login).is_err(), "{password}");
        }
        assert!(fit("correct horse 7 staple", "jia").is_ok());
    }

    #[test]
    fn a_code_reads_alike_however_it_is_typed() {
        let code = code::<10>(5).unwrap();
        assert_eq!(code.len(), 11);
        assert_eq!(normal(&code), normal(&code.replace('-', " ")));
        assert_eq!(normal(&code).len(), 10);
    }
}
