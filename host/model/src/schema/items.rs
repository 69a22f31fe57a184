//! The attributes of schemas one by one, for a catalogue of what is held; and re-grading (动态更新): schemas as they are, with
//! other levels.

use std::sync::Arc;

use super::{Schema, Schemas, Step, dotted};
use crate::label::{Label, Level};
use crate::manifest::Attribute;

/// An attribute of a schema.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    schema: &'a Schema,
    path: &'a [Step],
    /// What its schema says of it.
    pub attribute: &'a Attribute,
}

impl Item<'_> {
    /// Its dotted name.
    #[must_use]
    pub fn name(&self) -> String {
        dotted(self.path)
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self) -> String {
        self.schema.title(self.path)
    }

    /// Where it stands in its schema, as a JSON pointer.
    #[must_use]
    pub fn pointer(&self) -> String {
        let steps = self.path.iter().map(|step| match step {
            Step::Key(key) => format!("/properties/{key}"),
            Step::Each => "/items".to_owned(),
        });
        // A list of plain values is classified as a whole.
        let last = self.path.len().saturating_sub(1);
        let whole = matches!(self.path.last(), Some(Step::Each));
        steps.enumerate().filter(|(at, _)| !(whole && *at == last)).map(|(_, step)| step).collect()
    }

    /// The format that its values have, such as `date`.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        let mut schema = &self.schema.json;
        for step in self.path {
            schema = match step {
                Step::Key(key) => schema.get("properties")?.get(key)?,
                Step::Each => schema.get("items")?,
            };
        }
        schema.get("format")?.as_str()
    }
}

/// A level that an attribute has instead of the one that its schema says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regraded {
    /// The facet, form or topic.
    pub schema: String,
    /// The attribute, by its dotted name.
    pub attribute: String,
    /// The level.
    pub level: Level,
}

impl Schema {
    /// Its attributes, in the schema's order.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.attributes.iter().map(|(path, attribute)| Item { schema: self, path, attribute })
    }

    /// The same with other levels. Its digest stays: it names what data was checked against, which is the same.
    fn regraded(&self, levels: &[&Regraded]) -> Self {
        let mut schema = self.clone();
        for (path, attribute) in &mut schema.attributes {
            let name = dotted(path);
            if let Some(found) = levels.iter().rev().find(|level| level.attribute == name) {
                // What a law fixes is not undercut, whoever says so.
                attribute.level =
                    attribute.floor.map_or(found.level, |floor| found.level.max(floor));
            }
        }
        schema.label = schema
            .attributes
            .iter()
            .fold(Label::default(), |label, (_, attribute)| label.join(&attribute.label()));
        schema
    }
}

impl Schemas {
    /// All schemas, by digest.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Schema>> {
        self.by_digest.values()
    }

    /// The same schemas with other levels. Of several for one attribute the last holds.
    #[must_use]
    pub fn regraded(&self, levels: &[Regraded]) -> Self {
        let mut regraded = self.clone();
        for schema in regraded.by_digest.values_mut() {
            let own: Vec<_> = levels.iter().filter(|level| level.schema == schema.name).collect();
            if !own.is_empty() {
                *schema = Arc::new(schema.regraded(&own));
            }
        }
        regraded
    }
}
