//! What is signed at a delivery: who gives what to whom, until when, and where the log says so.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Frequency, Group, Mode, Share};
use crate::division::Division;
use crate::instant::Instant;
use crate::{Error, Id, Result};

/// The first line of the text, so that no other note of the same key can be taken for a manifest.
const HEAD: &str = "anshu share manifest v1";

/// A delivery. It holds no row and no personal data: the rows are bound by their digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The centre, by the origin of its log.
    pub centre: String,
    /// The delivery.
    pub artefact: Id,
    /// The share.
    pub share: Id,
    /// The providing unit.
    pub provider: Id,
    /// The receiving unit.
    pub receiver: Id,
    /// What the rows are.
    pub group: Group,
    /// Which fields.
    pub fields: BTreeSet<String>,
    /// Where.
    pub divisions: BTreeSet<Division>,
    /// For what.
    pub purpose: String,
    /// Under which article.
    pub ground: String,
    /// How it is handed over.
    pub mode: Mode,
    /// How often.
    pub frequency: Frequency,
    /// When it was made.
    pub at: Instant,
    /// When it ends.
    pub until: Instant,
    /// How many days what was read may be kept.
    pub data_days: u32,
    /// How many rows it is.
    pub rows: u64,
    /// SHA-256, in hex: of the rows' references, or of the rows of a file.
    pub sha256: String,
    /// Used once for this receiver.
    pub nonce: String,
    /// The position of the leaf in the centre's log that vouches for it.
    pub leaf: u64,
}

impl Manifest {
    /// The manifest of a share's delivery.
    #[must_use]
    pub fn of(share: &Share, centre: &str, artefact: Id, at: Instant) -> Self {
        let terms = &share.terms;
        Self {
            centre: centre.to_owned(),
            artefact,
            share: share.id.clone(),
            provider: share.provider.clone(),
            receiver: share.asking.clone(),
            group: share.group.clone(),
            fields: terms.fields.clone(),
            divisions: terms.divisions.clone(),
            purpose: terms.purpose.clone(),
            ground: terms.ground.clone(),
            mode: terms.mode,
            frequency: terms.frequency,
            at,
            until: terms.until,
            data_days: terms.data_days,
            rows: 0,
            sha256: String::new(),
            nonce: String::new(),
            leaf: 0,
        }
    }

    /// The text that is signed.
    ///
    /// # Errors
    /// [`Error::Internal`] never in practice: it is plain data.
    pub fn text(&self) -> Result<String> {
        let json = serde_json::to_string(self)
            .map_err(|error| Error::Internal(format!("manifest as JSON: {error}")))?;
        Ok(format!("{HEAD}\n{json}\n"))
    }

    /// Reads the text of a note whose signature was verified.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is no manifest.
    pub fn parse(text: &str) -> Result<Self> {
        let read = || {
            let json = text.strip_prefix(HEAD)?.strip_prefix('\n')?.strip_suffix('\n')?;
            let manifest: Self = serde_json::from_str(json).ok()?;
            // One manifest has one text.
            (manifest.text().ok()? == text).then_some(manifest)
        };
        read().ok_or_else(|| Error::invalid("/manifest", "不是共享交付清单", "完整的签名清单文本"))
    }
}
