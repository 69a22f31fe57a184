//! Entities.

use anshu_model::Result;
use anshu_model::record::{Kind, Record};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::case::CaseItem;
use super::duty::DutyView;
use super::opening::AccessView;
use super::risk::{EntityRef, RiskItem};
use super::table::ViewOffer;
use super::{ActionOffer, Object, Words, object};

/// Which entities.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EntityQuery {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only with this facet.
    pub facet: Option<String>,
    /// Only whose name begins so.
    pub q: Option<String>,
    /// The last entity of the page before.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
}

/// An entity in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntityItem {
    /// The entity.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// What it is called, as far as it may be shown.
    pub name: String,
    /// Where.
    pub division_name: String,
    /// What packs keep about it, by what it is called.
    pub facets_shown: Vec<String>,
}

/// A page of entities.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntityPage {
    /// The entities.
    pub items: Vec<EntityItem>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl EntityItem {
    /// An entity, as a list shows it.
    ///
    /// # Errors
    /// Where the record is no entity.
    pub fn of(record: &Record, words: &Words) -> Result<Self> {
        let entity = record.entity()?;
        Ok(Self {
            id: record.head.id.to_string(),
            kind: entity.kind.name().to_owned(),
            name: entity.name.clone(),
            division_name: words.division(&record.head.division),
            facets_shown: entity.facets.keys().map(|name| words.facet_title(name)).collect(),
        })
    }
}

impl EntityRef {
    /// An entity, in a line.
    ///
    /// # Errors
    /// Where the record is no entity.
    pub fn of(record: &Record) -> Result<Self> {
        let entity = record.entity()?;
        Ok(Self {
            id: record.head.id.to_string(),
            name: entity.name.clone(),
            kind: entity.kind.name().to_owned(),
        })
    }

    /// An entity whose data were erased.
    #[must_use]
    pub fn erased(id: &anshu_model::Id) -> Self {
        Self { name: "（已依法销毁）".into(), ..Self::unseen(id) }
    }

    /// An entity that this person does not see: of no kind that one could learn from it.
    #[must_use]
    pub fn unseen(id: &anshu_model::Id) -> Self {
        Self {
            id: id.to_string(),
            name: "（不在可见范围）".into(),
            kind: Kind::Entity.name().into(),
        }
    }
}

/// An entity with everything around it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntityDetail {
    /// As in a list.
    #[serde(flatten)]
    pub item: EntityItem,
    /// Its numbers and codes, through their masks.
    pub identifiers: Vec<IdentifierView>,
    /// What packs keep about it.
    pub facets: Vec<FacetView>,
    /// Cases with it as a party.
    pub cases: Vec<CaseItem>,
    /// Risks in it.
    pub risks: Vec<RiskItem>,
    /// What must be done about it.
    pub duties: Vec<DutyView>,
    /// What packs show about it.
    pub views: Vec<ViewOffer>,
    /// What could be done with packs.
    pub actions: Vec<ActionOffer>,
    /// How it is protected from this person; none where it is not.
    pub access: Option<AccessView>,
}

/// A number or code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IdentifierView {
    /// The scheme.
    pub scheme: String,
    /// The value through its mask.
    pub masked: String,
}

/// A facet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FacetView {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its attributes, as far as they may be shown.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub data: Object,
    /// Its schema.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub schema: Object,
    /// The classification of each attribute, by name.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub labels: Object,
}

impl FacetView {
    /// The facets of an entity.
    ///
    /// # Errors
    /// Where the record is no entity.
    pub fn all(record: &Record, words: &Words) -> Result<Vec<Self>> {
        let entity = record.entity()?;
        Ok(entity
            .facets
            .iter()
            .map(|(name, facet)| {
                let schema = object(words.schema(&facet.schema));
                Self {
                    name: name.clone(),
                    title: words.facet_title(name),
                    data: object(facet.data.clone()),
                    labels: labels(&schema),
                    schema,
                }
            })
            .collect())
    }
}

/// What `x-anshu` says of each property.
fn labels(schema: &Object) -> Object {
    let properties = schema.get("properties").and_then(serde_json::Value::as_object);
    properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| Some((name.clone(), property.get("x-anshu")?.clone())))
        .collect()
}

impl IdentifierView {
    /// The numbers of an entity. A number that the scope shows is masked here all the same: a page is not the place to copy
    /// it from.
    ///
    /// # Errors
    /// Where the record is no entity.
    pub fn all(record: &Record) -> Result<Vec<Self>> {
        let entity = record.entity()?;
        Ok(entity
            .identifiers
            .iter()
            .map(|number| Self {
                scheme: number.scheme.clone(),
                masked: if number.value.contains('*') {
                    number.value.clone()
                } else {
                    anshu_model::identifier::mask(&number.scheme, &number.value)
                },
            })
            .collect())
    }
}
