//! Whether what was shown of a record tells, as it is, what is classified. Compared with what is stored, so that it holds
//! however a scope came to show it.

use serde_json::Value;

use super::{Schema, Schemas, collect};
use crate::entity::{Entity, EntityKind, Facet};
use crate::label::Level;
use crate::record::{Body, Record};

impl Schemas {
    /// Whether a record may hold anything of a level or above: others need not be compared.
    #[must_use]
    pub fn holds(&self, record: &Record, from: Level) -> bool {
        match &record.body {
            Body::Entity(entity) => {
                entity.kind.name_label().level >= from
                    || entity.facets.values().any(|facet| self.label(&facet.schema).level >= from)
            }
            Body::Case(case) => {
                case.label.level >= from
                    || case.answers.iter().any(|answer| self.label(&answer.schema).level >= from)
            }
            Body::Risk(_) | Body::Duty(_) => false,
        }
    }

    /// Whether `shown`, which was made of `stored`, holds a value of a level or above as it is: neither masked nor left out.
    #[must_use]
    pub fn reveals(&self, stored: &Record, shown: &Record, from: Level) -> bool {
        match (&stored.body, &shown.body) {
            (Body::Entity(stored), Body::Entity(shown)) => self.reveals_entity(stored, shown, from),
            (Body::Case(stored), Body::Case(shown)) => {
                let answers = stored.answers.iter().zip(&shown.answers);
                (stored.label.level >= from && stored.title == shown.title)
                    || answers.into_iter().any(|(stored, shown)| {
                        self.reveals_data(&stored.schema, &stored.data, &shown.data, from)
                    })
            }
            _ => false,
        }
    }

    fn reveals_entity(&self, stored: &Entity, shown: &Entity, from: Level) -> bool {
        let named = stored.kind.name_label().level >= from && stored.name == shown.name;
        let numbered = stored.kind == EntityKind::Person
            && shown.identifiers.iter().any(|number| stored.identifiers.contains(number));
        let facet = |(name, shown): (&String, &Facet)| {
            stored.facets.get(name).is_some_and(|stored| {
                self.reveals_data(&stored.schema, &stored.data, &shown.data, from)
            })
        };
        named || numbered || shown.facets.iter().any(facet)
    }

    fn reveals_data(&self, digest: &str, stored: &Value, shown: &Value, from: Level) -> bool {
        self.get(digest).is_some_and(|schema| schema.reveals(stored, shown, from))
    }
}

impl Schema {
    fn reveals(&self, stored: &Value, shown: &Value, from: Level) -> bool {
        self.attributes.iter().filter(|(_, attribute)| attribute.level >= from).any(|(path, _)| {
            let mut known = Vec::new();
            collect(stored, path, &mut |value| known.push(value.clone()));
            let mut told = false;
            collect(shown, path, &mut |value| told |= !value.is_null() && known.contains(value));
            told
        })
    }
}
