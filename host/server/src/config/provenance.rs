//! The section `[provenance]` of `anshu.toml`: which keys sign which packs, and who must have signed.
//!
//! ```toml
//! [provenance]
//! rule = { all = ["centre", { any = ["bureau-a", "bureau-b"] }] }   # absent: any one key that may sign the pack
//! revoked_keys = ["3f0a…"]
//!
//! [provenance.publishers]
//! "样例局" = { at_least = 2, of = ["centre", "bureau-a", "bureau-b"] }
//!
//! [provenance.minimum]
//! sample-pack = "1.2.0"
//!
//! [provenance.keys.centre]
//! holder = "样例中心"
//! algorithm = "ed25519"      # or "sm2"
//! public_key = "…"           # Base64; `anshu pack keygen` prints it
//! packs = ["sample-"]        # beginnings of pack names; absent: any
//! publishers = ["样例局"]    # absent: any
//! until = "2028-12-31"       # absent: for ever
//! ```

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::provenance::{Algorithm, KeyId, Policy, Rule, TrustedKey};
use anshu_model::{Error, Problem, Result};
use anshu_sandbox::provenance::check_public_key;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use semver::Version;
use serde::{Deserialize, Serialize};

/// `[provenance]`, as it stands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Whether packs without the signatures they need are accepted, loudly. Never where data are real.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub development: bool,
    /// Who must have signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// Keys whose signatures do not count any more.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub revoked_keys: BTreeSet<KeyId>,
    /// Packs that are refused whoever signed them, by SHA-256.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub revoked_digests: BTreeSet<String>,
    /// Who must have signed the packs of a publisher.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub publishers: BTreeMap<String, Rule>,
    /// The oldest version of a pack that is accepted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub minimum: BTreeMap<String, String>,
    /// The keys, by the names that rules use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, Key>,
}

/// A trusted key, as it stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The department that holds it.
    pub holder: String,
    /// How its signatures are made.
    pub algorithm: Algorithm,
    /// The public key, in Base64.
    pub public_key: String,
    /// Beginnings of the names of packs that it may sign.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub packs: BTreeSet<String>,
    /// Publishers whose packs it may sign.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub publishers: BTreeSet<String>,
    /// The last day on which its signatures are taken, as YYYY-MM-DD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Section {
    /// The policy that it states.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that makes no sense.
    pub(super) fn resolve(self) -> Result<Policy> {
        let mut problems = Vec::new();
        let mut keys = BTreeMap::new();
        for (name, key) in self.keys {
            let at = format!("provenance.keys.{name}");
            match key.resolve(&at) {
                Ok(key) => {
                    keys.insert(name, key);
                }
                Err(Error::Invalid(found)) => problems.extend(found),
                Err(other) => return Err(other),
            }
        }
        let mut minimum = BTreeMap::new();
        for (pack, version) in self.minimum {
            match Version::parse(&version) {
                Ok(version) => {
                    minimum.insert(pack, version);
                }
                Err(_) => problems.push(Problem::new(
                    format!("provenance.minimum.{pack}"),
                    format!("“{version}”"),
                    "语义化版本，如 1.2.0",
                )),
            }
        }
        let policy = Policy {
            development: self.development,
            keys,
            rule: self.rule,
            publishers: self.publishers,
            revoked_keys: self.revoked_keys,
            revoked_digests: self.revoked_digests,
            minimum,
        };
        match policy.check() {
            Ok(()) if problems.is_empty() => Ok(policy),
            Ok(()) => Err(Error::Invalid(problems)),
            // A key that could not be read is missed by every rule that names it; that would be told twice.
            Err(_) if !problems.is_empty() => Err(Error::Invalid(problems)),
            Err(error) => Err(error),
        }
    }
}

impl Key {
    fn resolve(self, at: &str) -> Result<TrustedKey> {
        let place = format!("{at}.public_key");
        let bytes = STANDARD.decode(self.public_key.trim()).map_err(|_| {
            Error::invalid(&place, "不是 Base64", "anshu pack keygen 给出的公钥（Base64）")
        })?;
        let public_key = check_public_key(&place, self.algorithm, &bytes)?;
        let until = self.until.map(|text| {
            text.parse().map_err(|_| {
                Error::invalid(format!("{at}.until"), format!("“{text}”"), "日期，如 2028-12-31")
            })
        });
        Ok(TrustedKey {
            id: KeyId::of(self.algorithm, &public_key),
            algorithm: self.algorithm,
            public_key,
            holder: self.holder,
            packs: self.packs,
            publishers: self.publishers,
            until: until.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{File, toml_of};

    const KEYS: &str = r#"
[provenance.keys.centre]
holder = "样例中心"
algorithm = "ed25519"
public_key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
[provenance.keys.bureau]
holder = "样例局"
algorithm = "sm2"
public_key = "BAn53zEeVCGhUN19Fh5LxcZyF5+tGDP8B2uwj/NW81AgzOpJDOJndaUtxupxjMGqYArtBfvzXghKZjL2By2prRM="
until = "2028-12-31"
"#;

    fn policy(head: &str) -> Result<Policy> {
        let file: File = toml_of("anshu.toml", &format!("{head}\n{KEYS}"))?;
        file.provenance.unwrap_or_default().resolve()
    }

    #[test]
    fn nonsense_is_told_with_its_place() {
        for (head, part) in [
            ("[provenance]\nrule = \"nobody\"", "没有名为“nobody”的密钥"),
            ("[provenance]\nrule = { any = [] }", "空的列表"),
            ("[provenance]\nrule = { at_least = 3, of = [\"centre\"] }", "at_least = 3"),
            ("[provenance]\nrule = { at_least = 2, of = [\"centre\", \"centre\"] }", "只列一次"),
            ("[provenance]\nrule = { some = [\"centre\"] }", "不认识 some"),
            ("[provenance]\nrule = { any = [\"centre\"], all = [\"centre\"] }", "只写 any"),
            ("[provenance]\nrevoked_keys = [\"12\"]", "64 位"),
            ("[provenance]\nrevoked_digests = [\"12\"]", "64 位"),
            ("[provenance]\nminimum = { demo = \"one\" }", "provenance.minimum.demo"),
            ("[provenance]\nstrict = true", "不认识 strict"),
        ] {
            let told = policy(head).unwrap_err().to_string();
            assert!(told.contains(part), "{head}: {told}");
        }
    }
}
