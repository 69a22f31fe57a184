//! The manifest as the host reads it. [`crate::Pack`] writes it; an author reads this only to see what is declared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::label::{Label, Level};
use crate::{Basis, CaseStage, EntityKind};

/// The version of the contract that this SDK speaks.
pub const CONTRACT: &str = "0.2.0";

/// An interface of the contract that can be granted alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Import {
    /// People, organisations, places and things.
    Entities,
    /// Matters.
    Cases,
    /// Hazards.
    Risks,
    /// Duties and tasks.
    Duties,
    /// Figures over many records.
    Data,
    /// What packs tell each other.
    Events,
    /// Time and limits.
    Calendar,
    /// Lines for engineers.
    Log,
}

/// Which time chooses the version that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Selects {
    /// When the fact happened.
    Occurred,
    /// When the matter was accepted.
    Accepted,
    /// Now.
    Now,
}

/// A pack's manifest.
#[derive(Debug, Serialize)]
pub struct Manifest {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) contract: &'static str,
    pub(crate) title: &'static str,
    pub(crate) publisher: &'static str,
    pub(crate) effective_from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effective_until: Option<&'static str>,
    pub(crate) selects: Selects,
    pub(crate) articles: Vec<&'static str>,
    pub(crate) requests: Capabilities,
    pub(crate) duty: NamedDuty,
    pub(crate) purposes: Vec<PurposeDeclaration>,
    pub(crate) facets: Vec<FacetDeclaration>,
    pub(crate) matters: Vec<MatterType>,
    pub(crate) risks: Vec<RiskType>,
    pub(crate) actions: Vec<Action>,
    pub(crate) topics: Vec<TopicDeclaration>,
    pub(crate) views: Vec<ViewDeclaration>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) transitions: Vec<Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) lenient: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lenient_basis: Option<Basis>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Capabilities {
    /// Left out where the author names none: `cargo anshu` then writes what the component really imports.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) imports: BTreeSet<Import>,
    pub(crate) reads: BTreeSet<&'static str>,
    pub(crate) writes: BTreeSet<&'static str>,
    pub(crate) publishes: BTreeSet<&'static str>,
    pub(crate) hears: BTreeSet<&'static str>,
    pub(crate) ceiling: Level,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct NamedDuty {
    pub(crate) title: &'static str,
    pub(crate) article: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct PurposeDeclaration {
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) ground: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct FacetDeclaration {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    #[serde(serialize_with = "kind")]
    pub(crate) on: EntityKind,
    pub(crate) schema: Value,
}

#[derive(Debug, Serialize)]
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) schema: Value,
    pub(crate) layout: Vec<Section>,
}

/// A part of a form.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Section {
    pub(crate) section: &'static str,
    pub(crate) cols: u8,
    pub(crate) fields: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct MatterType {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) label: Label,
    pub(crate) substages: BTreeMap<&'static str, Vec<Substage>>,
    pub(crate) forms: Vec<Form>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Substage {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct RiskType {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Action {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) on: Target,
    pub(crate) purpose: &'static str,
    pub(crate) article: &'static str,
    pub(crate) form: Form,
    pub(crate) functions: BTreeSet<&'static str>,
}

/// What an action or a view is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    Nothing,
    Entity(&'static str),
    Case(&'static str),
    Risk(&'static str),
}

#[derive(Debug, Serialize)]
pub(crate) struct TopicDeclaration {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) schema: Value,
}

/// How the host draws a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    Table,
    Card,
    Figures,
    Chart,
}

#[derive(Debug, Serialize)]
pub(crate) struct ViewDeclaration {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) on: Target,
    pub(crate) purpose: &'static str,
    pub(crate) shape: Shape,
    pub(crate) columns: Vec<Column>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Column {
    pub(crate) field: &'static str,
    pub(crate) title: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn kind<S: Serializer>(kind: &EntityKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind_name(*kind))
}

/// As the manifest writes it.
pub(crate) fn kind_name(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Person => "person",
        EntityKind::Organisation => "organisation",
        EntityKind::Place => "place",
        EntityKind::Thing => "thing",
    }
}

/// As the manifest writes it.
pub(crate) fn stage_name(stage: CaseStage) -> &'static str {
    match stage {
        CaseStage::Registered => "registered",
        CaseStage::Triaged => "triaged",
        CaseStage::Accepted => "accepted",
        CaseStage::Handling => "handling",
        CaseStage::Replied => "replied",
        CaseStage::Reviewed => "reviewed",
        CaseStage::Rated => "rated",
        CaseStage::Archived => "archived",
    }
}
