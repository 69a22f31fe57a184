//! The section `[log]` of `anshu.toml`: who outside this machine witnesses the log, and with what it is signed.
//!
//! ```toml
//! [log]
//! sm2 = true                 # a second signature by SM2 (GB/T 32918); the key is made in the folder of keys
//! at_least = 1               # witnesses that must have cosigned for the log to count as witnessed. Local policy.
//!
//! [[log.witnesses]]
//! name = "上级综治中心"
//! url = "https://witness.example"
//! public_key = "witness.example/w1+…"   # `anshu witness key` prints it
//! ```

use anshu_data::log::note::Verifier;
use anshu_model::{Error, Problem, Result};
use serde::{Deserialize, Serialize};

/// `[log]`, as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Whether checkpoints carry a signature by SM2 too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sm2: Option<bool>,
    /// How many witnesses must have cosigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<usize>,
    /// The witnesses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<Stated>,
}

/// A witness, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// What people call it.
    pub name: String,
    /// Where it takes checkpoints.
    pub url: String,
    /// Its public key, in the text form of the note format.
    pub public_key: String,
}

/// Who witnesses the log, resolved.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// Whether it is to be signed by SM2; none where the file does not say.
    pub sm2: Option<bool>,
    /// How many witnesses must have cosigned.
    pub at_least: usize,
    /// The witnesses.
    pub witnesses: Vec<Witness>,
}

/// A witness.
#[derive(Debug, Clone)]
pub struct Witness {
    /// What people call it.
    pub name: String,
    /// Where `add-checkpoint` is.
    pub url: String,
    /// What verifies its cosignatures.
    pub key: Verifier,
}

impl Section {
    /// What it states.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that makes no sense.
    pub(super) fn resolve(self) -> Result<Log> {
        let mut problems = Vec::new();
        let mut witnesses: Vec<Witness> = Vec::new();
        for (number, stated) in self.witnesses.into_iter().enumerate() {
            let at = |field: &str| format!("log.witnesses[{number}].{field}");
            let Stated { name, url, public_key } = stated;
            let prefix = url.trim_end_matches('/');
            if !(prefix.starts_with("https://") || prefix.starts_with("http://")) {
                problems.push(Problem::new(at("url"), &url, "以 https:// 或 http:// 开头的地址"));
            }
            let key = match Verifier::parse(&public_key) {
                Ok(key) if key.is_witness() => key,
                _ => {
                    let expected = "anshu witness key 给出的见证方公钥";
                    problems.push(Problem::new(at("public_key"), &public_key, expected));
                    continue;
                }
            };
            if witnesses.iter().any(|known| known.name == name || known.key.is_same_key(&key)) {
                problems.push(Problem::new(
                    at("name"),
                    &name,
                    "每个见证方一项，名称和公钥各不相同",
                ));
            }
            witnesses.push(Witness { name, url: format!("{prefix}/add-checkpoint"), key });
        }
        let at_least = self.at_least.unwrap_or_else(|| usize::from(!witnesses.is_empty()));
        if at_least > witnesses.len() && problems.is_empty() {
            let found = format!("{at_least}，而见证方只有 {} 个", witnesses.len());
            problems.push(Problem::new("log.at_least", found, "不多于见证方的个数"));
        }
        if problems.is_empty() {
            Ok(Log { sm2: self.sm2, at_least, witnesses })
        } else {
            Err(Error::Invalid(problems))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anshu_data::log::cosigner::Cosigner;

    fn section(text: &str) -> Result<Log> {
        crate::config::toml_of::<Section>("anshu.toml", text)?.resolve()
    }

    #[test]
    fn witnesses_are_stated_once_with_keys_that_are_theirs() {
        let key = Cosigner::new("witness.example/w1", &[1; 32]).unwrap().verifier().to_text();
        let one = |name: &str, url: &str, key: &str| {
            format!("[[witnesses]]\nname = \"{name}\"\nurl = \"{url}\"\npublic_key = \"{key}\"\n")
        };
        let log = section(&one("甲", "https://witness.example/", &key)).unwrap();
        assert_eq!((log.at_least, log.witnesses.len(), log.sm2), (1, 1, None));
        assert_eq!(log.witnesses[0].url, "https://witness.example/add-checkpoint");
        assert_eq!(section("").unwrap().at_least, 0);
        for (wrong, named) in [
            (one("甲", "witness.example", &key), "url"),
            (one("甲", "https://w", "x"), "public_key"),
            (one("甲", "https://w", &key) + &one("乙", "https://w", &key), "name"),
            ("at_least = 1\n".to_owned(), "at_least"),
            ("witness = 1\n".to_owned(), "witness"),
        ] {
            let error = section(&wrong).unwrap_err().to_string();
            assert!(error.contains(named), "{wrong}: {error}");
        }
    }
}
