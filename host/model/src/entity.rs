//! Entities (实体): a person, an organisation, a place or a thing, with facets that packs register.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::label::{Label, Level, Mask};

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// A natural person. Never the subject of a risk.
    Person,
    /// An organisation.
    Organisation,
    /// A place.
    Place,
    /// A thing, or something that happened, such as a stay.
    Thing,
}

impl EntityKind {
    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Place => "place",
            Self::Thing => "thing",
        }
    }

    /// How an entity's own name is classified.
    #[must_use]
    pub fn name_label(self) -> Label {
        match self {
            Self::Person => Label::personal(Level::L3, Mask::Name),
            Self::Organisation | Self::Place | Self::Thing => Label::of(Level::L1),
        }
    }
}

/// A number or code that names an entity exactly. See [`crate::identifier`] for the schemes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identifier {
    /// The scheme, such as `resident-id`.
    pub scheme: String,
    /// The normalised value, or its mask in what a scope shows.
    pub value: String,
}

/// A named group of typed attributes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facet {
    /// The schema that it was checked against, by digest: it stays with the data.
    pub schema: String,
    /// The attributes: a JSON object.
    pub data: Value,
}

/// An entity's body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// What it is. In JSON it stands beside the tag of [`crate::record::Body`], so it needs a name of its own.
    #[serde(rename = "entity_kind")]
    pub kind: EntityKind,
    /// What it is called.
    pub name: String,
    /// Its numbers and codes.
    #[serde(default)]
    pub identifiers: Vec<Identifier>,
    /// Facets by name.
    #[serde(default)]
    pub facets: BTreeMap<String, Facet>,
}
