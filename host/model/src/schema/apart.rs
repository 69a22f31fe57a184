//! What is taken out of data before anybody works with it: who told (举报人). It is kept apart from what was told.

use serde_json::Value;

use super::{Schema, Step, dotted};
use crate::label::Tag;

/// A value that was taken out.
#[derive(Debug, Clone, PartialEq)]
pub struct Apart {
    /// The attribute, by its dotted name; of several values with their places.
    pub attribute: String,
    /// What the form calls it.
    pub title: String,
    /// The value.
    pub value: Value,
}

impl Schema {
    /// Takes out of data what informants told of themselves.
    pub fn take_apart(&self, data: &mut Value) -> Vec<Apart> {
        let mut found = Vec::new();
        for (path, attribute) in &self.attributes {
            if !attribute.tags.contains(&Tag::Informant) {
                continue;
            }
            let mut taken = Vec::new();
            take(data, path, &mut taken);
            let (name, title) = (dotted(path), self.title(path));
            let one = taken.len() == 1;
            found.extend(taken.into_iter().enumerate().map(|(at, value)| Apart {
                attribute: if one { name.clone() } else { format!("{name}#{}", at + 1) },
                title: title.clone(),
                value,
            }));
        }
        found
    }

    /// What an attribute is called: its own title, or its name.
    pub(super) fn title(&self, path: &[Step]) -> String {
        let mut schema = Some(&self.json);
        let mut title = None;
        for step in path {
            schema = schema.and_then(|schema| match step {
                Step::Key(key) => schema.get("properties")?.get(key),
                Step::Each => schema.get("items"),
            });
            title = schema.and_then(|schema| schema.get("title")).and_then(Value::as_str).or(title);
        }
        title.map_or_else(|| dotted(path), str::to_owned)
    }
}

/// Takes each value at a path away.
fn take(value: &mut Value, path: &[Step], taken: &mut Vec<Value>) {
    match (path, value) {
        ([Step::Key(key)], Value::Object(object)) => taken.extend(object.remove(key)),
        ([Step::Each], Value::Array(values)) => taken.append(values),
        ([Step::Key(key), rest @ ..], Value::Object(object)) => {
            if let Some(value) = object.get_mut(key) {
                take(value, rest, taken);
            }
        }
        ([Step::Each, rest @ ..], Value::Array(values)) => {
            for value in values {
                take(value, rest, taken);
            }
        }
        _ => {}
    }
}
