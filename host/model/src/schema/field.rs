//! A schema's attributes one by one, as a catalogue lists them and as a form asks for them.

use serde_json::Value;

use super::{Schema, Step, dotted};
use crate::label::Label;

/// An attribute of a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its dotted name: the keys on its path.
    pub name: String,
    /// What it is called; its name where the schema does not say.
    pub title: String,
    /// Its classification.
    pub label: Label,
    /// Its declaration.
    pub declared: Value,
    /// Where it stands once in an object: as a value, or as one list of plain values. What repeats with the rows of a list has
    /// no one value.
    pub single: bool,
}

impl Field {
    /// The format that it is checked against, if any.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        self.declared.get("format").and_then(Value::as_str)
    }

    /// Its value in some data, where it has one.
    #[must_use]
    pub fn value<'a>(&self, data: &'a Value) -> Option<&'a Value> {
        if !self.single {
            return None;
        }
        self.name
            .split('.')
            .try_fold(data, |value, key| value.get(key))
            .filter(|value| !value.is_null())
    }
}

impl Schema {
    /// Every attribute, in the order of paths.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        self.attributes
            .iter()
            .map(|(path, attribute)| {
                let declared = declared(&self.json, path).cloned().unwrap_or(Value::Null);
                let name = dotted(path);
                let title = declared.get("title").and_then(Value::as_str);
                let lists = path.iter().filter(|step| matches!(step, Step::Each)).count();
                let plain_list = lists == 1 && matches!(path.last(), Some(Step::Each));
                Field {
                    title: title.unwrap_or(&name).to_owned(),
                    name,
                    label: attribute.label(),
                    declared,
                    single: lists == 0 || plain_list,
                }
            })
            .collect()
    }
}

/// The declaration at a path: of a list of plain values, the list's own, which has the title.
fn declared<'a>(schema: &'a Value, path: &[Step]) -> Option<&'a Value> {
    match path {
        [] | [Step::Each] => Some(schema),
        [Step::Key(key), rest @ ..] => declared(schema.get("properties")?.get(key)?, rest),
        [Step::Each, rest @ ..] => declared(schema.get("items")?, rest),
    }
}
