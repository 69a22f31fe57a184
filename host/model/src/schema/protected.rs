//! Which texts of a record are protected: what is read at L3 or above must not come out in a place of a lower level.

use serde_json::Value;

use super::{Schema, Schemas, Step, collect};
use crate::entity::EntityKind;
use crate::label::Level;
use crate::record::{Body, Record};

/// From this level on a text is somebody's.
const PROTECTED: Level = Level::L3;
/// Shorter texts are in every sentence; a name of two Chinese characters is not.
const SHORTEST: usize = 4;
const SHORTEST_CHINESE: usize = 2;
/// Shorter numbers are amounts and years; a telephone or account number is not.
const SHORTEST_NUMBER: usize = 7;

impl Schemas {
    /// The protected texts of a record: names and numbers of persons, and values of attributes from L3 on that were written
    /// freely. A choice from a list tells of nobody by itself.
    pub fn protected(&self, record: &Record, each: &mut impl FnMut(&str)) {
        let mut tell = |text: &str| {
            if is_telling(text) {
                each(text);
            }
        };
        match &record.body {
            Body::Entity(entity) => {
                if entity.kind == EntityKind::Person {
                    tell(&entity.name);
                    entity.identifiers.iter().for_each(|number| tell(&number.value));
                }
                for facet in entity.facets.values() {
                    self.protected_values(&facet.schema, &facet.data, &mut tell);
                }
            }
            Body::Case(case) => {
                if case.label.level >= PROTECTED {
                    tell(&case.title);
                }
                for answer in &case.answers {
                    self.protected_values(&answer.schema, &answer.data, &mut tell);
                }
            }
            Body::Risk(_) | Body::Duty(_) => {}
        }
    }

    fn protected_values(&self, digest: &str, data: &Value, each: &mut impl FnMut(&str)) {
        // Without its schema nothing of the data was shown.
        if let Some(schema) = self.get(digest) {
            schema.protected(data, each);
        }
    }

    /// The texts of some data that stand in a place below L3, whoever may read them.
    pub fn unprotected(&self, digest: &str, data: &Value, each: &mut impl FnMut(&str)) {
        if let Some(schema) = self.get(digest) {
            schema.texts(data, |level| level < PROTECTED, each);
        }
    }
}

impl Schema {
    /// The texts of some data that stand in a place from L3 on, written freely.
    pub fn protected(&self, data: &Value, each: &mut impl FnMut(&str)) {
        self.texts(data, |level| level >= PROTECTED, &mut |text| {
            if is_telling(text) {
                each(text);
            }
        });
    }

    /// The texts of some data that stand in a place below L3, whoever may read them.
    pub fn unprotected(&self, data: &Value, each: &mut impl FnMut(&str)) {
        self.texts(data, |level| level < PROTECTED, each);
    }

    fn texts(&self, data: &Value, wanted: impl Fn(Level) -> bool, each: &mut impl FnMut(&str)) {
        for (path, attribute) in &self.attributes {
            if wanted(attribute.level) && !is_choice(&self.json, path) {
                collect(data, path, &mut |value| match value {
                    Value::String(text) => each(text),
                    Value::Number(number) => {
                        let digits = number.to_string();
                        if digits.len() >= SHORTEST_NUMBER {
                            each(&digits);
                        }
                    }
                    _ => {}
                });
            }
        }
    }
}

/// Whether a text could be told from others: what is shorter stands in any sentence.
fn is_telling(text: &str) -> bool {
    let length = text.chars().count();
    length >= SHORTEST
        || length >= SHORTEST_CHINESE
            && text.chars().all(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

/// Whether the property at a path is a choice among declared values.
fn is_choice(schema: &Value, path: &[Step]) -> bool {
    let property = path.iter().try_fold(schema, |schema, step| match step {
        Step::Key(key) => schema.get("properties")?.get(key),
        Step::Each => schema.get("items"),
    });
    property.is_some_and(|property| {
        ["enum", "const", "oneOf"].iter().any(|keyword| property.get(keyword).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::is_telling;

    #[test]
    fn a_name_of_two_characters_tells_and_a_short_code_does_not() {
        assert!(is_telling("样例"));
        assert!(is_telling("13800000000"));
        assert!(!is_telling("L4"));
        assert!(!is_telling("男"));
    }
}
