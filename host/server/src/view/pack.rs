//! Packs, as an administrator sees them.

use serde::Serialize;
use utoipa::ToSchema;

use super::provenance::ProvenanceView;

/// An installed pack.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component.
    pub digest: String,
    /// What it is called.
    pub title: String,
    /// `active` or `quarantined`.
    pub state: String,
    /// Why it is in quarantine.
    pub reason: Option<String>,
    /// What it may reach.
    pub grant: serde_json::Value,
    /// Who signed it. None: it was stored before signatures were.
    pub provenance: Option<ProvenanceView>,
}
