//! What the packs in force add to the console, as data.

use anshu_model::manifest::{self, ActionTarget};
use anshu_model::org::Person;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Object, Words, object};

/// What this person's console is drawn from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Interface {
    /// The packs in force.
    pub packs: Vec<PackTitle>,
    /// Matter types.
    pub matters: Vec<MatterType>,
    /// Risk types.
    pub risk_types: Vec<RiskType>,
    /// What this person's unit can do.
    pub actions: Vec<ActionDeclaration>,
    /// Attribute groups.
    pub facets: Vec<FacetDeclaration>,
    /// Views.
    pub views: Vec<ViewDeclaration>,
}

/// A pack.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackTitle {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Since when its rules are in force.
    pub effective_from: String,
}

/// A matter type.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MatterType {
    /// Its name.
    #[serde(rename = "type")]
    pub matter_type: String,
    /// What it is called.
    pub title: String,
    /// Refinements of stages, as they are called.
    pub substages: std::collections::BTreeMap<String, Vec<String>>,
    /// The pack.
    pub pack: String,
}

/// A risk type.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RiskType {
    /// Its name.
    #[serde(rename = "type")]
    pub risk_type: String,
    /// What it is called.
    pub title: String,
    /// The pack.
    pub pack: String,
}

/// A purpose with its ground.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActionPurpose {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The article.
    pub ground: String,
}

/// Something that can be done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActionDeclaration {
    /// The pack.
    pub pack: String,
    /// The action.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// `none`, `entity:<facet>`, `case:<matter>` or `risk:<type>`.
    pub on: String,
    /// Why.
    pub purpose: ActionPurpose,
    /// Under which article.
    pub article: String,
    /// What must be filled in.
    pub form: FormDeclaration,
}

/// A form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormDeclaration {
    /// Its schema.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub schema: Object,
    /// How it is laid out. Empty: in the schema's order.
    pub layout: Vec<FormSection>,
}

/// A part of a form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormSection {
    /// Its heading.
    pub section: String,
    /// Columns.
    pub cols: u8,
    /// Properties in order.
    pub fields: Vec<String>,
}

/// An attribute group.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FacetDeclaration {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// The kind of entity that carries it.
    pub kind: String,
    /// Its schema.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub schema: Object,
}

/// A view: a table, cards, figures or a chart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViewDeclaration {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// The pack.
    pub pack: String,
    /// `none`, `entity:<facet>`, `case:<matter>` or `risk:<type>`.
    pub on: String,
    /// How it is drawn: `table`, `card`, `figures` or `chart`.
    pub shape: String,
    /// Its columns.
    pub columns: Vec<ViewColumn>,
}

/// A column.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViewColumn {
    /// The field.
    pub field: String,
    /// Its heading.
    pub title: String,
}

impl ViewColumn {
    /// The columns of a view.
    #[must_use]
    pub fn all(view: &manifest::ViewDeclaration) -> Vec<Self> {
        let columns = view.columns.iter();
        let column = |column: &manifest::Column| Self {
            field: column.field.clone(),
            title: column.title.clone(),
        };
        columns.map(column).collect()
    }
}

/// What an action is done on, as the API writes it.
#[must_use]
pub fn target(on: &ActionTarget) -> String {
    match on {
        ActionTarget::Nothing => "none".into(),
        ActionTarget::Entity(facet) => format!("entity:{facet}"),
        ActionTarget::Case(matter) => format!("case:{matter}"),
        ActionTarget::Risk(risk) => format!("risk:{risk}"),
    }
}

/// Whether a person's unit does an action.
#[must_use]
pub fn does(person: &Person, action: &manifest::ActionDeclaration) -> bool {
    action.functions.is_empty()
        || action.functions.iter().any(|function| person.functions.contains(function))
}

impl Interface {
    /// What a person's console is drawn from.
    #[must_use]
    pub fn of(person: &Person, words: &Words) -> Self {
        let mut interface = Self {
            packs: Vec::new(),
            matters: Vec::new(),
            risk_types: Vec::new(),
            actions: Vec::new(),
            facets: Vec::new(),
            views: Vec::new(),
        };
        for pack in words.manifests() {
            interface.add(person, pack);
        }
        interface
    }

    fn add(&mut self, person: &Person, pack: &manifest::Manifest) {
        self.packs.push(PackTitle {
            name: pack.name.clone(),
            title: pack.title.clone(),
            version: pack.version.clone(),
            effective_from: pack.effective_from.clone(),
        });
        self.matters.extend(pack.matters.iter().map(|matter| {
            let title = |substages: &Vec<manifest::Substage>| {
                substages.iter().map(|one| one.title.clone()).collect()
            };
            MatterType {
                matter_type: matter.name.clone(),
                title: matter.title.clone(),
                substages: matter
                    .substages
                    .iter()
                    .map(|(stage, all)| (stage.name().to_owned(), title(all)))
                    .collect(),
                pack: pack.name.clone(),
            }
        }));
        self.risk_types.extend(pack.risks.iter().map(|risk| RiskType {
            risk_type: risk.name.clone(),
            title: risk.title.clone(),
            pack: pack.name.clone(),
        }));
        let mine = pack.actions.iter().filter(|action| does(person, action));
        self.actions.extend(mine.map(|action| declaration(pack, action)));
        self.facets.extend(pack.facets.iter().map(|facet| FacetDeclaration {
            name: facet.name.clone(),
            title: facet.title.clone(),
            kind: facet.on.name().to_owned(),
            schema: object(facet.schema.clone()),
        }));
        self.views.extend(pack.views.iter().map(|view| ViewDeclaration {
            name: view.name.clone(),
            title: view.title.clone(),
            pack: pack.name.clone(),
            on: target(&view.on),
            shape: view.shape.name().to_owned(),
            columns: ViewColumn::all(view),
        }));
    }
}

fn declaration(
    pack: &manifest::Manifest,
    action: &manifest::ActionDeclaration,
) -> ActionDeclaration {
    let purpose = pack.purposes.iter().find(|purpose| purpose.code == action.purpose);
    ActionDeclaration {
        pack: pack.name.clone(),
        name: action.name.clone(),
        title: action.title.clone(),
        on: target(&action.on),
        purpose: ActionPurpose {
            code: action.purpose.clone(),
            title: purpose.map(|purpose| purpose.title.clone()).unwrap_or_default(),
            ground: purpose.map(|purpose| purpose.ground.clone()).unwrap_or_default(),
        },
        article: action.article.clone(),
        form: FormDeclaration {
            schema: object(action.form.schema.clone()),
            layout: action
                .form
                .layout
                .iter()
                .map(|section| FormSection {
                    section: section.section.clone(),
                    cols: section.cols,
                    fields: section.fields.clone(),
                })
                .collect(),
        },
    }
}
