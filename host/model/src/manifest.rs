//! A pack's manifest: everything that a department adds, as data. The SDK writes it from the plugin's types.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::basis::Basis;
use crate::capability::Capabilities;
use crate::case::CaseStage;
use crate::entity::EntityKind;
use crate::label::{Label, Level, Mask, Tag};
use crate::transition::Transition;

/// A pack's manifest, in the component's custom section [`Manifest::SECTION`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The pack's name: lower case letters, digits and hyphens.
    pub name: String,
    /// Its version, by semver.
    pub version: String,
    /// The version of the contract that it was built for, by semver.
    pub contract: String,
    /// What it is called on screen.
    pub title: String,
    /// The department that answers for it.
    pub publisher: String,
    /// The date from which its rules are in force, as YYYY-MM-DD.
    pub effective_from: String,
    /// The last date on which they are, as YYYY-MM-DD. None: until a later version's are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<String>,
    /// Which time chooses the version.
    pub selects: Selects,
    /// The articles that it carries out.
    pub articles: Vec<String>,
    /// What it asks for.
    pub requests: Capabilities,
    /// The named duty (职责) that its timers and events act with.
    pub duty: NamedDuty,
    /// Why it touches data.
    pub purposes: Vec<PurposeDeclaration>,
    /// Attribute groups that it registers.
    #[serde(default)]
    pub facets: Vec<FacetDeclaration>,
    /// Matter types that it adds to the spine.
    #[serde(default)]
    pub matters: Vec<MatterType>,
    /// Risk types that it adds to the loop.
    #[serde(default)]
    pub risks: Vec<RiskType>,
    /// What a person can do with it.
    #[serde(default)]
    pub actions: Vec<ActionDeclaration>,
    /// Topics that it publishes.
    #[serde(default)]
    pub topics: Vec<TopicDeclaration>,
    /// Views that it answers.
    #[serde(default)]
    pub views: Vec<ViewDeclaration>,
    /// What this version means for the cases that older ones opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitions: Vec<Transition>,
    /// Whether the more lenient of old and new applies to a fact of before (从旧兼从轻).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lenient: bool,
    /// The article that says so. Required of a lenient version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lenient_basis: Option<Basis>,
}

impl Manifest {
    /// The custom section that holds the manifest, as JSON.
    pub const SECTION: &'static str = "anshu:manifest";
    /// The custom section that holds the golden cases, as JSON.
    pub const GOLDEN_SECTION: &'static str = "anshu:golden";

    /// Whether its rules are in force on a date (YYYY-MM-DD), as far as it says itself.
    #[must_use]
    pub fn in_force(&self, date: &str) -> bool {
        self.effective_from.as_str() <= date
            && self.effective_until.as_deref().is_none_or(|until| date <= until)
    }
}

/// Which time chooses the version that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selects {
    /// When the fact happened.
    Occurred,
    /// When the matter was accepted.
    Accepted,
    /// Now.
    Now,
}

/// The duty that a pack's timers and events act with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedDuty {
    /// What it is called.
    pub title: String,
    /// Under which article.
    pub article: String,
}

/// Why a pack touches data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeDeclaration {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The legal ground: an article.
    pub ground: String,
}

/// A facet: a named group of typed attributes on one kind of entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacetDeclaration {
    /// `pack.name`.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// The kind of entity that carries it.
    pub on: EntityKind,
    /// Its schema: the host's subset of JSON Schema, with an [`Attribute`] under `x-anshu` in each property.
    pub schema: Value,
}

/// What a property's `x-anshu` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The level.
    pub level: Level,
    /// The tags.
    #[serde(default)]
    pub tags: BTreeSet<Tag>,
    /// How it is shown to those who may know of it but not read it.
    #[serde(default)]
    pub mask: Mask,
    /// The purpose that it is collected for, by code. Required of personal attributes.
    #[serde(default)]
    pub purpose: Option<String>,
    /// The legal ground. Required of personal attributes.
    #[serde(default)]
    pub ground: Option<String>,
    /// How long it is kept, as an ISO 8601 duration. Required of personal attributes.
    #[serde(default)]
    pub retention: Option<String>,
    /// Whether queries may ask for equality.
    #[serde(default)]
    pub index: bool,
    /// The lowest level that a law leaves it: no re-grading goes below.
    #[serde(default)]
    pub floor: Option<Level>,
    /// Its code in the centre's catalogue of data items: what has the same code is the same datum.
    #[serde(default)]
    pub item: Option<String>,
    /// Why it is collected although the centre holds it already. Whoever answers the grant sees the reason.
    #[serde(default)]
    pub again: Option<String>,
    /// Whether a law binds it to its purpose: for any other it is hidden from everybody.
    #[serde(default)]
    pub bound: bool,
    /// What the host itself reads from it.
    #[serde(default)]
    pub role: Option<AttributeRole>,
}

/// What the host itself reads from an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeRole {
    /// The person's birth date, as `YYYY-MM-DD`: it tells who is a child.
    BirthDate,
}

impl Attribute {
    /// The classification.
    #[must_use]
    pub fn label(&self) -> Label {
        Label {
            level: self.level,
            tags: self.tags.clone(),
            mask: self.mask,
            bound: self.purpose.clone().filter(|_| self.bound),
        }
    }
}

/// A form: a schema and how it is laid out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The form's name, unique in the pack.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its schema, as in [`FacetDeclaration::schema`].
    pub schema: Value,
    /// Sections in order. Empty: the properties in the schema's order.
    #[serde(default)]
    pub layout: Vec<Section>,
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its heading.
    pub section: String,
    /// Columns, 1 to 4.
    #[serde(default = "one")]
    pub cols: u8,
    /// Properties in order.
    pub fields: Vec<String>,
}

fn one() -> u8 {
    1
}

/// A matter type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterType {
    /// `pack.name`.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Classification of title, parties and timeline of its cases.
    pub label: Label,
    /// Refinements of the spine's stages, each with what it is called.
    #[serde(default)]
    pub substages: BTreeMap<CaseStage, Vec<Substage>>,
    /// The forms whose answers a case keeps.
    #[serde(default)]
    pub forms: Vec<Form>,
}

/// A refinement of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Substage {
    /// Its code.
    pub name: String,
    /// What it is called.
    pub title: String,
}

/// A risk type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskType {
    /// `pack.name`.
    pub name: String,
    /// What it is called.
    pub title: String,
}

/// Something that a person can do with a pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionDeclaration {
    /// Its name, unique in the pack.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it is done on.
    pub on: ActionTarget,
    /// The purpose that it serves, by code.
    pub purpose: String,
    /// Under which article.
    pub article: String,
    /// What must be filled in.
    pub form: Form,
    /// Unit functions whose staff do it. Empty: everybody in scope.
    #[serde(default)]
    pub functions: BTreeSet<String>,
}

/// What an action is done on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionTarget {
    /// Nothing: it starts something.
    Nothing,
    /// An entity with this facet.
    Entity(String),
    /// A case of this matter type.
    Case(String),
    /// A risk of this type.
    Risk(String),
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicDeclaration {
    /// Its name with its version, such as `minor-unaccompanied@1`.
    pub name: String,
    /// What it tells.
    pub title: String,
    /// Its payload's schema.
    pub schema: Value,
}

/// How the host draws a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewShape {
    /// Rows under headings.
    #[default]
    Table,
    /// Each row as a card of its own.
    Card,
    /// Each row as one figure: the first column says of what, the second how much.
    Figures,
    /// Each row as one bar: the first column says of what, the second how long.
    Chart,
}

impl ViewShape {
    /// As the manifest writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Card => "card",
            Self::Figures => "figures",
            Self::Chart => "chart",
        }
    }
}

/// A view: rows that the pack computes and the host draws.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewDeclaration {
    /// Its name, unique in the pack.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub on: ActionTarget,
    /// The purpose that it serves, by code.
    pub purpose: String,
    /// How it is drawn.
    #[serde(default)]
    pub shape: ViewShape,
    /// Its columns, at most 16.
    pub columns: Vec<Column>,
}

/// A column of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The field of a row.
    pub field: String,
    /// Its heading.
    pub title: String,
}
