//! What a policy makes of a pack's signatures: each signature's worth, and whether they are enough.

use std::collections::BTreeSet;

use jiff::civil::Date;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::{Algorithm, Claim, KeyId, Policy, Signature, TrustedKey};
use crate::{Error, Result};

/// What one signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// It counts.
    Counts,
    /// It is made in a way that this host does not know.
    UnknownAlgorithm,
    /// The policy names no such key.
    UnknownKey,
    /// The key does not sign by this algorithm.
    OtherAlgorithm,
    /// The key was revoked.
    Revoked,
    /// The key's last day has passed.
    Expired,
    /// The key may not sign this pack, or this publisher's packs.
    NotForPack,
    /// It does not fit this file: the file or the signature was changed, or it belongs to another pack.
    Wrong,
    /// The same key has signed already; it counts once.
    Repeated,
}

/// A signature, and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The algorithm's name.
    pub algorithm: String,
    /// The key that it says it was made with.
    pub key_id: KeyId,
    /// Who signed, by the signature's own words: proved only where it counts.
    pub signer: String,
    /// The policy's name of that key.
    pub key: Option<String>,
    /// The department that holds it.
    pub holder: Option<String>,
    /// What it is worth.
    pub worth: Worth,
}

/// What was found out about a pack, whether it is accepted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examination {
    /// What the file says it is.
    pub claim: Claim,
    /// Each signature, in the file's order.
    pub signatures: Vec<Finding>,
    /// Why the pack is refused in any case.
    pub refused: Option<String>,
    /// Which signatures are missing.
    pub lacks: Option<String>,
    /// Whether missing signatures are let pass.
    pub development: bool,
}

/// Where an accepted pack comes from. It is kept with the pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// What the file says it is. Its digest is the one of the bytes that were checked.
    pub claim: Claim,
    /// Each signature, in the file's order.
    pub signatures: Vec<Finding>,
    /// Which signatures are missing: the pack was accepted only because the centre is in development mode.
    pub lacks: Option<String>,
}

impl Policy {
    /// Looks at a pack's signatures. `fits` tells whether a signature was made with a key over this pack; it is asked only
    /// of keys that may sign it. `today` is the day on which keys must not have run out.
    pub fn judge(
        &self,
        claim: &Claim,
        signatures: &[Signature],
        today: Date,
        fits: &dyn Fn(&TrustedKey, &Signature) -> bool,
    ) -> Examination {
        let mut signed = BTreeSet::new();
        let mut findings = Vec::with_capacity(signatures.len());
        for signature in signatures {
            let known = self.keys.iter().find(|(_, key)| key.id == signature.key_id);
            let worth = match known {
                _ if Algorithm::parse(&signature.algorithm).is_none() => Worth::UnknownAlgorithm,
                _ if self.revoked_keys.contains(&signature.key_id) => Worth::Revoked,
                None => Worth::UnknownKey,
                Some((_, key)) if key.algorithm.name() != signature.algorithm => {
                    Worth::OtherAlgorithm
                }
                Some((_, key)) if key.until.is_some_and(|until| until < today) => Worth::Expired,
                Some((_, key)) if !key.may_sign(claim) => Worth::NotForPack,
                Some((_, key)) if !fits(key, signature) => Worth::Wrong,
                Some((name, _)) if !signed.insert(name.as_str()) => Worth::Repeated,
                Some(_) => Worth::Counts,
            };
            findings.push(Finding {
                algorithm: signature.algorithm.clone(),
                key_id: signature.key_id.clone(),
                signer: signature.signer.clone(),
                key: known.map(|(name, _)| name.clone()),
                holder: known.map(|(_, key)| key.holder.clone()),
                worth,
            });
        }
        let title = |name: &str| match self.keys.get(name).map(|key| key.holder.as_str()) {
            Some(holder) if !holder.is_empty() => format!("{name}（{holder}）"),
            _ => name.to_owned(),
        };
        Examination {
            lacks: self.rule_for(claim).lacks(&signed, &title),
            refused: self.refusal(claim),
            claim: claim.clone(),
            signatures: findings,
            development: self.development,
        }
    }

    /// Why a pack is refused whoever signed it.
    fn refusal(&self, claim: &Claim) -> Option<String> {
        if self.revoked_digests.contains(&claim.digest) {
            return Some(
                "这个文件已列入吊销名单（provenance.revoked_digests）；请改用发布部门更正后的版本"
                    .into(),
            );
        }
        let minimum = self.minimum.get(&claim.name)?;
        match Version::parse(&claim.version) {
            Ok(version) if version >= *minimum => None,
            _ => Some(format!(
                "版本 {} 低于允许的最低版本 {minimum}（provenance.minimum），不得降级；请使用 {minimum} 或更新的版本",
                claim.version
            )),
        }
    }
}

impl Examination {
    /// Whether the pack is accepted, and what to keep of it.
    ///
    /// # Errors
    /// [`Error::Denied`] with what is missing, what each signature is worth, and what to do.
    pub fn accept(self) -> Result<Provenance> {
        if self.refused.is_some() || (self.lacks.is_some() && !self.development) {
            return Err(Error::Denied(self.why_not().unwrap_or_default()));
        }
        Ok(Provenance { claim: self.claim, signatures: self.signatures, lacks: self.lacks })
    }
}

impl Provenance {
    /// The keys whose signatures count.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<KeyId> {
        let counting = self.signatures.iter().filter(|found| found.worth == Worth::Counts);
        counting.map(|found| found.key_id.clone()).collect()
    }
}
