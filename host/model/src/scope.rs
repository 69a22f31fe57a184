//! A scope: what one actor chain may touch for one purpose, made once and only ever narrowed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::division::Division;
use crate::instant::Instant;
use crate::label::{Label, Level, Tag};

/// Which rows. Storage turns it into SQL; nobody filters rows after the fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Every row in this division and below, whichever unit has it.
    pub subtree: Option<Division>,
    /// Rows that one of these units leads or shares.
    pub units: BTreeSet<Id>,
}

/// How one attribute is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Showing {
    /// Not selected at all.
    Hidden,
    /// Through its mask.
    Masked,
    /// As it is.
    Clear,
}

/// Names that are granted: everything, or a closed list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// No limit of its own (a person without a plugin).
    All,
    /// Only these.
    Only(BTreeSet<String>),
}

impl Names {
    /// Whether a name is in.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }
}

/// What one actor chain may touch for one purpose: person ∩ plugin ∩ purpose ∩ classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The rows that may be read and changed.
    pub rows: Rows,
    /// Up to this level attributes are read as they are; none where nothing is.
    pub clear: Option<Level>,
    /// Up to this level attributes are read through their masks.
    pub masked: Option<Level>,
    /// Up to this level attributes are written.
    pub write: Option<Level>,
    /// Tags whose attributes are hidden whatever their level.
    pub hidden_tags: BTreeSet<Tag>,
    /// Facets that may be read.
    pub facets_read: Names,
    /// Facets that may be written.
    pub facets_write: Names,
    /// Matter and risk types that may be read.
    pub types_read: Names,
    /// Matter and risk types that may be written.
    pub types_write: Names,
    /// When the scope ends.
    pub until: Instant,
    /// The policy set that made it, by digest.
    pub policy: String,
}

impl Scope {
    /// How an attribute with this label is shown.
    #[must_use]
    pub fn showing(&self, label: &Label) -> Showing {
        if label.tags.iter().any(|tag| self.hidden_tags.contains(tag)) {
            Showing::Hidden
        } else if self.clear.is_some_and(|level| label.level <= level) {
            Showing::Clear
        } else if self.masked.is_some_and(|level| label.level <= level) {
            Showing::Masked
        } else {
            Showing::Hidden
        }
    }

    /// Whether an attribute with this label may be written.
    #[must_use]
    pub fn writes(&self, label: &Label) -> bool {
        !label.tags.iter().any(|tag| self.hidden_tags.contains(tag))
            && self.write.is_some_and(|level| label.level <= level)
    }
}
