//! Where a pack comes from, as an administrator sees it.

use anshu_model::provenance::{Examination, Finding, Provenance, Worth};
use serde::Serialize;
use utoipa::ToSchema;

/// Where a pack comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProvenanceView {
    /// Whether it has the signatures that it needs.
    pub accepted: bool,
    /// Each signature.
    pub signatures: Vec<SignatureView>,
    /// Why it is not accepted, or what must be said loudly where it was accepted all the same in development mode.
    pub warning: Option<String>,
}

/// A signature.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignatureView {
    /// How it was made: `ed25519` or `sm2`.
    pub algorithm: String,
    /// The key's id: a SHA-256 of the public key.
    pub key_id: String,
    /// The key's name in the centre's policy.
    pub key: Option<String>,
    /// The department that holds the key.
    pub holder: Option<String>,
    /// Who signed, by name.
    pub signer: String,
    /// Whether it counts.
    pub counts: bool,
    /// What it is worth, in words.
    pub worth: String,
}

impl ProvenanceView {
    /// Of a pack that was accepted.
    #[must_use]
    pub fn of(provenance: &Provenance) -> Self {
        Self {
            accepted: provenance.lacks.is_none(),
            signatures: provenance.signatures.iter().map(SignatureView::of).collect(),
            warning: provenance.warning(),
        }
    }

    /// Of a pack that was looked at.
    #[must_use]
    pub fn examined(examination: &Examination) -> Self {
        let warning = examination.why_not();
        Self {
            accepted: warning.is_none(),
            signatures: examination.signatures.iter().map(SignatureView::of).collect(),
            warning,
        }
    }
}

impl SignatureView {
    fn of(found: &Finding) -> Self {
        Self {
            algorithm: found.algorithm.clone(),
            key_id: found.key_id.to_string(),
            key: found.key.clone(),
            holder: found.holder.clone(),
            signer: found.signer.clone(),
            counts: found.worth == Worth::Counts,
            worth: found.worth.words().to_owned(),
        }
    }
}
