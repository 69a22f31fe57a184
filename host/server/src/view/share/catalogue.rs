//! The catalogue (共享目录).

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::basis;
use anshu_model::entity::EntityKind;
use anshu_model::label::{Label, Tag};
use anshu_model::schema::Schema;
use anshu_model::share::{Group, Item, NAME, Offering};
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{Basis, Words};
use super::{name_of, named, set};

/// The catalogue, and what a unit could put into it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareCatalogueView {
    /// What units offer.
    pub items: Vec<ShareItemView>,
    /// Whether this person publishes for their unit.
    pub may_publish: bool,
    /// What packs declare, to choose from.
    pub groups: Vec<ShareGroupView>,
}

/// A facet or a matter type that a pack declares.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareGroupView {
    /// `facet` or `matter`.
    pub of: String,
    /// Its name.
    pub name: String,
    /// Of a facet, the kind of entity.
    pub on: Option<String>,
    /// What it is called.
    pub title: String,
    /// The pack that declares it.
    pub pack_title: String,
    /// Its fields. What is sealed or tells of an informant is not among them.
    pub fields: Vec<ShareFieldView>,
}

/// A field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareFieldView {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its level.
    pub level: String,
    /// Whether it is personal.
    pub personal: bool,
}

/// An item.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareItemView {
    /// The item.
    pub id: String,
    /// Who provides it.
    pub provider: String,
    /// What the unit is called.
    pub provider_name: String,
    /// `facet` or `matter`.
    pub of: String,
    /// The facet or the matter type.
    pub content: String,
    /// What that is called.
    pub title: String,
    /// Which fields.
    pub fields: Vec<ShareFieldView>,
    /// `unconditional`, `conditional` or `withheld`.
    pub attribute: String,
    /// In words.
    pub attribute_title: String,
    /// The law that forbids sharing.
    pub basis: Option<Basis>,
    /// On which conditions.
    pub conditions: String,
    /// In which form.
    pub format: String,
    /// How often it is brought up to date.
    pub frequency: String,
    /// In words.
    pub frequency_title: String,
    /// `in_place` or `file`.
    pub mode: String,
    /// In words.
    pub mode_title: String,
    /// The highest level of its fields.
    pub level: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub changed_at: Option<String>,
}

/// What a unit offers.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishItem {
    /// `facet` or `matter`.
    pub of: String,
    /// The facet or the matter type.
    pub name: String,
    /// Of a facet, the kind of entity.
    pub on: Option<String>,
    /// Which fields.
    pub fields: Vec<String>,
    /// `unconditional`, `conditional` or `withheld`.
    pub attribute: String,
    /// The article that forbids sharing; for `withheld` only.
    pub basis: Option<String>,
    /// On which conditions; for `conditional` only.
    pub conditions: Option<String>,
    /// In which form.
    pub format: Option<String>,
    /// `once`, `daily`, `weekly`, `monthly` or `on_demand`.
    pub frequency: String,
    /// `in_place` or `file`.
    pub mode: String,
    /// Why it is changed; for the first time it may be left out.
    pub reason: Option<String>,
}

/// An offering as the model has it.
///
/// # Errors
/// [`anshu_model::Error::Invalid`] at the field that is wrong.
pub fn offering(given: PublishItem) -> Result<Offering> {
    let group = match given.of.as_str() {
        "matter" => Group::Matter { name: given.name },
        "facet" => {
            let right = "person、organisation、place 或 thing";
            let on: EntityKind = named("/on", given.on.as_deref().unwrap_or_default(), right)?;
            Group::Facet { name: given.name, on }
        }
        _ => return Err(Error::invalid("/of", "没有这一项", "facet 或 matter")),
    };
    let basis = given.basis.filter(|article| !article.trim().is_empty());
    Ok(Offering {
        group,
        fields: set(given.fields),
        attribute: named("/attribute", &given.attribute, "unconditional、conditional 或 withheld")?,
        basis: basis.map(basis::Basis::statute),
        conditions: given.conditions.unwrap_or_default(),
        format: given.format.unwrap_or_default(),
        frequency: named(
            "/frequency",
            &given.frequency,
            "once、daily、weekly、monthly 或 on_demand",
        )?,
        mode: named("/mode", &given.mode, "in_place 或 file")?,
    })
}

impl ShareGroupView {
    /// What a pack declares: schemas, of a matter each with its form's name and title.
    #[must_use]
    pub fn of(
        group: &Group,
        title: &str,
        pack_title: &str,
        schemas: impl Iterator<Item = (Option<(String, String)>, Schema)>,
    ) -> Self {
        let mut fields = Vec::new();
        let on = match group {
            Group::Facet { on, .. } => {
                fields.push(field(NAME.into(), "名称".into(), &on.name_label()));
                Some(on.name().to_owned())
            }
            Group::Matter { .. } => None,
        };
        for (form, schema) in schemas {
            for one in schema.fields() {
                let never = [Tag::Sealed, Tag::Informant];
                if never.iter().any(|tag| one.label.tags.contains(tag)) {
                    continue;
                }
                let (name, title) = match &form {
                    Some((form, form_title)) => {
                        (format!("{form}/{}", one.name), format!("{form_title}：{}", one.title))
                    }
                    None => (one.name, one.title),
                };
                fields.push(field(name, title, &one.label));
            }
        }
        Self {
            of: kind(group).to_owned(),
            name: group.name().to_owned(),
            on,
            title: title.to_owned(),
            pack_title: pack_title.to_owned(),
            fields,
        }
    }
}

impl ShareItemView {
    /// An item.
    #[must_use]
    pub fn of(item: &Item, groups: &BTreeMap<String, ShareGroupView>, words: &Words) -> Self {
        let offering = &item.offering;
        let group = groups.get(&offering.group.key());
        let known = group.map(|group| group.fields.as_slice()).unwrap_or_default();
        let fields = offering.fields.iter().map(|name| {
            known.iter().find(|field| field.name == *name).cloned().unwrap_or_else(|| {
                // No pack that is in force declares it any more.
                field(name.clone(), name.clone(), &item.label)
            })
        });
        Self {
            id: item.id.to_string(),
            provider: item.provider.to_string(),
            provider_name: words.unit(&item.provider),
            of: kind(&offering.group).to_owned(),
            content: offering.group.name().to_owned(),
            title: group
                .map_or_else(|| offering.group.name().to_owned(), |group| group.title.clone()),
            fields: fields.collect(),
            attribute: name_of(&offering.attribute),
            attribute_title: offering.attribute.title().to_owned(),
            basis: offering.basis.as_ref().map(Into::into),
            conditions: offering.conditions.clone(),
            format: offering.format.clone(),
            frequency: name_of(&offering.frequency),
            frequency_title: offering.frequency.title().to_owned(),
            mode: name_of(&offering.mode),
            mode_title: offering.mode.title().to_owned(),
            level: format!("{:?}", item.label.level),
            changed_at: item.history.last().map(|(hand, _)| words.at(hand.at)),
        }
    }
}

/// What fields are called.
pub(super) fn titles(fields: &BTreeSet<String>, group: Option<&ShareGroupView>) -> Vec<String> {
    let known = group.map(|group| group.fields.as_slice()).unwrap_or_default();
    let title = |name: &String| {
        known
            .iter()
            .find(|field| field.name == *name)
            .map_or_else(|| name.clone(), |field| field.title.clone())
    };
    fields.iter().map(title).collect()
}

fn field(name: String, title: String, label: &Label) -> ShareFieldView {
    let personal = label.tags.contains(&Tag::Personal);
    ShareFieldView { name, title, level: format!("{:?}", label.level), personal }
}

fn kind(group: &Group) -> &'static str {
    match group {
        Group::Facet { .. } => "facet",
        Group::Matter { .. } => "matter",
    }
}
