//! The catalogue of what is held (数据目录): every attribute of every pack in force, with its level, what it is collected for and
//! on which ground, how long it is kept, and how its level changed.

use anshu_data::{Relabel, RelabelAsk};
use anshu_model::instant::Instant;
use anshu_model::label::{Level, Mask};
use anshu_model::manifest::Manifest;
use anshu_model::org::Person;
use anshu_model::retention::Period;
use anshu_model::schema::{Schema, Schemas};
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Words;
use super::inspection::tag_words;

/// The catalogue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogueView {
    /// Every attribute.
    pub items: Vec<CatalogueItem>,
    /// Every re-grading, the latest first.
    pub relabels: Vec<RelabelView>,
}

/// An attribute.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogueItem {
    /// The pack that collects it.
    pub pack: String,
    /// What the pack is called.
    pub pack_title: String,
    /// The department that answers for it.
    pub publisher: String,
    /// The facet, form or topic.
    pub schema: String,
    /// What that is called.
    pub schema_title: String,
    /// `facet`, `answer`, `form` or `topic`.
    pub place: String,
    /// The attribute, by its dotted name.
    pub attribute: String,
    /// What it is called.
    pub title: String,
    /// The level in force.
    pub level: String,
    /// The level that the pack declares.
    pub declared: String,
    /// The level below which no re-grading goes, where a law fixes one.
    pub floor: Option<String>,
    /// What it is about.
    pub tags: Vec<String>,
    /// How it is shown to those who may know of it but not read it.
    pub mask: String,
    /// What it is collected for.
    pub purpose: Option<String>,
    /// The legal ground.
    pub ground: Option<String>,
    /// How long it is kept.
    pub retention: Option<String>,
    /// Its code in the catalogue.
    pub item: Option<String>,
    /// Why it is collected although the centre holds it.
    pub again: Option<String>,
    /// Whether it is looked up by its exact value.
    pub indexed: bool,
}

/// A re-grading.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RelabelView {
    /// It itself.
    pub id: String,
    /// The facet, form or topic.
    pub schema: String,
    /// The attribute.
    pub attribute: String,
    /// The level that it had.
    pub old: String,
    /// The level that it gets.
    pub new: String,
    /// Why.
    pub ground: String,
    /// From when on.
    #[schema(format = DateTime)]
    pub since: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// `asked`, `agreed`, `refused` or `withdrawn`.
    pub state: String,
    /// What that is called.
    pub state_title: String,
    /// Who answered.
    pub answered_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub answered_at: Option<String>,
    /// What they said.
    pub reason: Option<String>,
    /// Whether this person asked for it.
    pub own: bool,
}

/// What is asked.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelabelRequest {
    /// The facet, form or topic.
    pub schema: String,
    /// The attribute, by its dotted name.
    pub attribute: String,
    /// `L1`, `L2`, `L3`, `L4` or `Important`.
    pub level: String,
    /// Why.
    pub ground: String,
    /// From when on; from the agreement on where nothing is said.
    #[schema(format = DateTime)]
    pub since: Option<String>,
    /// Whether only to say what would be.
    #[serde(default)]
    pub dry_run: bool,
}

impl RelabelRequest {
    /// As storage is asked.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a level or an instant is none.
    pub fn ask(&self) -> Result<RelabelAsk> {
        let level: Level = serde_json::from_value(self.level.as_str().into())
            .map_err(|_| Error::invalid("/level", "没有这个级别", "L1、L2、L3、L4 或 Important"))?;
        let since = self.since.as_deref().filter(|since| !since.is_empty());
        let since: Option<Instant> = since
            .map(|text| {
                text.parse().map_err(|_| {
                    Error::invalid("/since", "无法识别的时刻", "如 2026-12-01T00:00:00+08:00")
                })
            })
            .transpose()?;
        Ok(RelabelAsk {
            schema: self.schema.clone(),
            attribute: self.attribute.clone(),
            level,
            ground: self.ground.clone(),
            since,
        })
    }
}

impl CatalogueView {
    /// The catalogue of the packs in force.
    #[must_use]
    pub fn of(words: &Words, relabels: &[Relabel], person: &Person) -> Self {
        let mut items = Vec::new();
        for manifest in words.manifests() {
            for (place, name, title, json) in declared(manifest) {
                // What cannot be read was never installed.
                let Ok(schema) = Schema::parse(&name, json) else { continue };
                items.extend(of_schema(manifest, place, title, &schema, &words.schemas));
            }
        }
        let relabels = relabels.iter().map(|one| RelabelView::of(one, person, words)).collect();
        Self { items, relabels }
    }
}

/// The schemas of a manifest: where each stands, its name, what it is called.
fn declared(manifest: &Manifest) -> Vec<(&'static str, String, &str, &serde_json::Value)> {
    let mut found = Vec::new();
    for facet in &manifest.facets {
        found.push(("facet", facet.name.clone(), facet.title.as_str(), &facet.schema));
    }
    for matter in &manifest.matters {
        for form in &matter.forms {
            let name = format!("{}/{}", matter.name, form.name);
            found.push(("answer", name, form.title.as_str(), &form.schema));
        }
    }
    for action in &manifest.actions {
        let name = format!("{}.{}", manifest.name, action.form.name);
        found.push(("form", name, action.title.as_str(), &action.form.schema));
    }
    for topic in &manifest.topics {
        found.push(("topic", topic.name.clone(), topic.title.as_str(), &topic.schema));
    }
    found
}

fn of_schema<'a>(
    manifest: &'a Manifest,
    place: &'static str,
    title: &'a str,
    schema: &'a Schema,
    in_force: &'a Schemas,
) -> impl Iterator<Item = CatalogueItem> + 'a {
    schema.items().map(move |item| {
        let attribute = item.attribute;
        let name = item.name();
        let level = in_force
            .get(schema.digest())
            .and_then(|schema| schema.attribute(&name))
            .map_or(attribute.level, |label| label.level);
        let purpose = attribute.purpose.as_deref().map(|code| {
            let known = manifest.purposes.iter().find(|purpose| purpose.code == code);
            known.map_or_else(|| code.to_owned(), |purpose| purpose.title.clone())
        });
        let retention = attribute.retention.as_deref().map(|text| {
            Period::parse(text).map_or_else(|| text.to_owned(), |known| known.to_string())
        });
        CatalogueItem {
            pack: manifest.name.clone(),
            pack_title: manifest.title.clone(),
            publisher: manifest.publisher.clone(),
            schema: schema.name().to_owned(),
            schema_title: title.to_owned(),
            place: place.to_owned(),
            title: item.title(),
            level: level_name(level),
            declared: level_name(attribute.level),
            floor: attribute.floor.map(level_name),
            tags: attribute.tags.iter().map(|tag| tag_words(*tag).to_owned()).collect(),
            mask: mask_words(attribute.mask).to_owned(),
            purpose,
            ground: attribute.ground.clone(),
            retention,
            item: attribute.item.clone(),
            again: attribute.again.clone(),
            indexed: attribute.index,
            attribute: name,
        }
    })
}

impl RelabelView {
    /// A re-grading.
    #[must_use]
    pub fn of(relabel: &Relabel, person: &Person, words: &Words) -> Self {
        let state_title = match relabel.state.name() {
            "asked" => "待批准",
            "agreed" if words.now < relabel.since => "已批准，尚未生效",
            "agreed" => "已生效",
            "refused" => "不同意",
            _ => "已撤回",
        };
        Self {
            id: relabel.id.to_string(),
            schema: relabel.schema.clone(),
            attribute: relabel.attribute.clone(),
            old: level_name(relabel.old),
            new: level_name(relabel.new),
            ground: relabel.ground.clone(),
            since: words.at(relabel.since),
            asked_by: relabel.asker.clone(),
            asked_at: words.at(relabel.asked_at),
            state: relabel.state.name().to_owned(),
            state_title: state_title.to_owned(),
            answered_by: relabel.answerer.clone(),
            answered_at: relabel.answered_at.map(|at| words.at(at)),
            reason: relabel.reason.clone(),
            own: relabel.asked_by == person.id,
        }
    }
}

pub(super) fn level_name(level: Level) -> String {
    format!("{level:?}")
}

fn mask_words(mask: Mask) -> &'static str {
    match mask {
        Mask::Omit => "不显示",
        Mask::Name => "姓氏加星号",
        Mask::ResidentId => "前三位和末位",
        Mask::Phone => "前三位和后四位",
        Mask::Address => "到社区",
        Mask::Year => "只显示年份",
    }
}
