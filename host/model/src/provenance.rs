//! Where a pack comes from: its signatures, the keys that a centre trusts, and what the centre's rule makes of both.
//!
//! Pure: whether a signature fits its key is asked of the caller ([`Policy::judge`]), so nothing here knows cryptography.
//! `anshu_sandbox::provenance` answers it, over the very bytes that are loaded.

mod claim;
mod judge;
mod rule;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use semver::Version;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Error, Problem, Result};

pub use claim::Claim;
pub use judge::{Examination, Finding, Provenance, Worth};
pub use rule::Rule;

/// What a pack is, for signatures and registries.
pub const MEDIA_TYPE: &str = "application/wasm";

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// SM2 with SM3 (GB/T 32918.2), under the standard's usual distinguishing identifier.
    Sm2,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Ed25519, Self::Sm2];

    /// As signature files and the configuration write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Sm2 => "sm2",
        }
    }

    /// The algorithm with a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// Which key: SHA-256 over algorithm and public key, in hex. It cannot be chosen, so it cannot be imitated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

impl KeyId {
    /// The id of a public key.
    #[must_use]
    pub fn of(algorithm: Algorithm, public_key: &[u8]) -> Self {
        let digest = Sha256::new()
            .chain_update(algorithm.name())
            .chain_update([0])
            .chain_update(public_key)
            .finalize();
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// All of it: 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of it to tell keys apart on a line.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..16).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if is_digest(&text) {
            Ok(Self(text))
        } else {
            Err(format!("“{text}”不是密钥编号：应为 64 位小写十六进制数"))
        }
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}

/// Whether a text is a SHA-256 in lower-case hex.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// One signature of a pack, as its signature file lists it. What it says was checked by nobody yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The algorithm's name. One that this host does not know is reported and not counted.
    pub algorithm: String,
    /// The key that it says it was made with.
    pub key_id: KeyId,
    /// The signature, in Base64.
    pub signature: String,
    /// Who signed, by name. It is signed too.
    pub signer: String,
}

/// A public key that the centre trusts, for some packs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// Which.
    pub id: KeyId,
    /// How its signatures are made.
    pub algorithm: Algorithm,
    /// The key itself: 32 bytes of Ed25519, or a point of SM2 as SEC 1 writes it.
    pub public_key: Vec<u8>,
    /// The department that holds it.
    pub holder: String,
    /// Beginnings of the pack names that it may sign. Empty: any.
    pub packs: BTreeSet<String>,
    /// The publishers whose packs it may sign, as manifests name them. Empty: any.
    pub publishers: BTreeSet<String>,
    /// The last day on which its signatures are taken.
    pub until: Option<Date>,
}

impl TrustedKey {
    /// Whether it may sign a pack.
    #[must_use]
    pub fn may_sign(&self, claim: &Claim) -> bool {
        let named = self.packs.is_empty()
            || self.packs.iter().any(|beginning| claim.name.starts_with(beginning));
        named && (self.publishers.is_empty() || self.publishers.contains(&claim.publisher))
    }
}

/// Which packs a centre accepts. The default trusts nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Whether packs are accepted that the rule refuses. For development only, and said loudly wherever it matters.
    pub development: bool,
    /// Trusted keys, by the names that rules use.
    pub keys: BTreeMap<String, TrustedKey>,
    /// Who must have signed. None: any one of the keys that may sign the pack.
    pub rule: Option<Rule>,
    /// Who must have signed the packs of a publisher, in place of the general rule.
    pub publishers: BTreeMap<String, Rule>,
    /// Keys whose signatures do not count any more.
    pub revoked_keys: BTreeSet<KeyId>,
    /// Packs that are refused whoever signed them, by SHA-256 in hex.
    pub revoked_digests: BTreeSet<String>,
    /// The oldest version of a pack that is accepted, by pack name.
    pub minimum: BTreeMap<String, Version>,
}

impl Policy {
    /// Looks for what makes no sense: rules over keys that are not there, rules that nobody or everybody fulfils, one key
    /// under two names.
    ///
    /// # Errors
    /// [`Error::Invalid`] with all of it, each at its place below `provenance`.
    pub fn check(&self) -> Result<()> {
        let mut problems = Vec::new();
        let mut names: BTreeMap<&KeyId, &str> = BTreeMap::new();
        for (name, key) in &self.keys {
            if let Some(other) = names.insert(&key.id, name) {
                problems.push(Problem::new(
                    format!("provenance.keys.{name}"),
                    format!("与 {other} 是同一把公钥"),
                    "每把公钥只登记一次，否则一人可充两人",
                ));
            }
        }
        let known: BTreeSet<&str> = self.keys.keys().map(String::as_str).collect();
        if let Some(rule) = &self.rule {
            rule.check("provenance.rule", &known, &mut problems);
        }
        for (publisher, rule) in &self.publishers {
            rule.check(&format!("provenance.publishers.{publisher}"), &known, &mut problems);
        }
        for digest in self.revoked_digests.iter().filter(|digest| !is_digest(digest)) {
            problems.push(Problem::new(
                "provenance.revoked_digests",
                format!("“{digest}”"),
                "SHA-256 摘要：64 位小写十六进制数",
            ));
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }

    /// The rule for a pack: its publisher's, else the general one, else any one of the keys that may sign it.
    #[must_use]
    pub fn rule_for(&self, claim: &Claim) -> Rule {
        let stated = self.publishers.get(&claim.publisher).or(self.rule.as_ref());
        stated.cloned().unwrap_or_else(|| {
            let able = self.keys.iter().filter(|(_, key)| key.may_sign(claim));
            Rule::Any(able.map(|(name, _)| Rule::Key(name.clone())).collect())
        })
    }
}
