//! How a record is shown through a scope: masked where the scope says so, and without what it hides.

use serde_json::Value;

use super::{Schema, Schemas, Step, dotted};
use crate::entity::{Entity, EntityKind};
use crate::identifier;
use crate::label::{Label, Level, Mask};
use crate::record::{Body, Record};
use crate::scope::{Scope, Showing, Sight};

/// What stands where a text is hidden.
pub const HIDDEN: &str = "（按分级保护不显示）";

impl Schemas {
    /// Shows a record through a scope.
    pub fn show(&self, record: &mut Record, scope: &Scope) {
        let sight = self.sight(record, scope);
        match &mut record.body {
            Body::Entity(entity) => self.show_entity(entity, sight),
            Body::Case(case) => {
                if sight.showing(&case.label) != Showing::Clear {
                    HIDDEN.clone_into(&mut case.title);
                }
                if sight.showing(&case.label) == Showing::Hidden {
                    case.parties.clear();
                    case.answers.clear();
                }
                for answer in &mut case.answers {
                    self.show_data(&answer.schema, &mut answer.data, sight);
                }
            }
            // Hazards and duties speak of places and organisations; their texts are for everyone who has the row.
            Body::Risk(_) | Body::Duty(_) => {}
        }
    }

    fn show_entity(&self, entity: &mut Entity, sight: Sight<'_>) {
        let name = entity.kind.name_label();
        match sight.showing(&name) {
            Showing::Clear => {}
            Showing::Masked => entity.name = masked(&entity.name, name.mask),
            Showing::Hidden => HIDDEN.clone_into(&mut entity.name),
        }
        let numbers = match entity.kind {
            EntityKind::Person => Label::personal(Level::L3, Mask::Omit),
            EntityKind::Organisation | EntityKind::Place | EntityKind::Thing => {
                Label::of(Level::L1)
            }
        };
        match sight.showing(&numbers) {
            Showing::Clear => {}
            Showing::Masked => {
                for number in &mut entity.identifiers {
                    number.value = identifier::mask(&number.scheme, &number.value);
                }
            }
            Showing::Hidden => entity.identifiers.clear(),
        }
        entity.facets.retain(|name, _| sight.scope().facets_read.has(name));
        for facet in entity.facets.values_mut() {
            self.show_data(&facet.schema, &mut facet.data, sight);
        }
    }

    /// Takes away the attribute groups of which nothing is shown through a scope: that somebody is in a register is part of what
    /// the register says.
    pub fn leave_out(&self, record: &mut Record, scope: &Scope) {
        let sight = self.sight(record, scope);
        if let Body::Entity(entity) = &mut record.body {
            entity.facets.retain(|_, facet| {
                self.get(&facet.schema).is_none_or(|schema| !schema.is_hidden(sight))
            });
        }
    }

    /// Whether nothing of a facet, in any version of it, is shown of records of which nothing more is known.
    #[must_use]
    pub fn hides(&self, facet: &str, scope: &Scope) -> bool {
        let mut versions = self.by_digest.values().filter(|schema| schema.name == facet).peekable();
        versions.peek().is_some() && versions.all(|schema| schema.is_hidden(scope.at_large()))
    }

    /// Whether a record holds something that is read only after a named approver agreed, if its event was on the day that the
    /// scope says.
    #[must_use]
    pub fn protects(&self, record: &Record, scope: &Scope) -> bool {
        let guarded = |digest: &str| {
            self.get(digest).is_some_and(|schema| {
                schema.attributes.iter().any(|(_, attribute)| attribute.label().is_protected())
            })
        };
        match &record.body {
            Body::Entity(entity) => {
                self.is_child(entity, scope.day_for(record.head.created_at))
                    || entity.facets.values().any(|facet| guarded(&facet.schema))
            }
            Body::Case(case) => {
                case.label.is_protected()
                    || case.answers.iter().any(|answer| guarded(&answer.schema))
            }
            Body::Risk(_) | Body::Duty(_) => false,
        }
    }

    /// Shows data that was checked against a schema. Without the schema nothing can be classified, so nothing is shown.
    pub fn show_data(&self, digest: &str, data: &mut Value, sight: Sight<'_>) {
        match self.get(digest) {
            Some(schema) => schema.show(data, sight),
            None => *data = Value::Object(serde_json::Map::new()),
        }
    }
}

impl Schema {
    /// Whether there are attributes, and none of them is shown.
    fn is_hidden(&self, sight: Sight<'_>) -> bool {
        let mut labels = self.attributes.iter().map(|(_, attribute)| attribute.label()).peekable();
        labels.peek().is_some() && labels.all(|label| sight.showing(&label) == Showing::Hidden)
    }

    /// Takes away every attribute but those that are wanted, by their dotted names: what leaves under a share is no more than
    /// was agreed, whatever the scope would show.
    pub fn keep_only(&self, data: &mut Value, wanted: impl Fn(&str) -> bool) {
        for (path, _) in self.attributes.iter().filter(|(path, _)| !wanted(&dotted(path))) {
            change(data, path, &mut |_| None);
        }
    }

    fn show(&self, data: &mut Value, sight: Sight<'_>) {
        for (path, attribute) in &self.attributes {
            match sight.showing(&attribute.label()) {
                Showing::Clear => {}
                Showing::Masked => change(data, path, &mut |value| match value {
                    Value::String(text) if attribute.mask != Mask::Omit => {
                        Some(Value::String(masked(text, attribute.mask)))
                    }
                    _ => None,
                }),
                Showing::Hidden => change(data, path, &mut |_| None),
            }
        }
    }
}

/// Replaces each value at a path, or takes it away.
fn change(value: &mut Value, path: &[Step], to: &mut impl FnMut(&Value) -> Option<Value>) {
    match (path, value) {
        ([Step::Key(key)], Value::Object(object)) => {
            if let Some(old) = object.get(key) {
                match to(old) {
                    Some(new) => {
                        object.insert(key.clone(), new);
                    }
                    None => {
                        object.remove(key);
                    }
                }
            }
        }
        ([Step::Each], Value::Array(values)) => *values = values.iter().filter_map(to).collect(),
        ([Step::Key(key), rest @ ..], Value::Object(object)) => {
            if let Some(value) = object.get_mut(key) {
                change(value, rest, to);
            }
        }
        ([Step::Each, rest @ ..], Value::Array(values)) => {
            for value in values {
                change(value, rest, to);
            }
        }
        _ => {}
    }
}

/// A text through a mask.
fn masked(text: &str, mask: Mask) -> String {
    match mask {
        Mask::Omit => HIDDEN.to_owned(),
        Mask::Name => identifier::mask("name", text),
        Mask::ResidentId => identifier::mask("resident-id", text),
        Mask::Phone => identifier::mask("phone", text),
        Mask::Address => {
            let shown: String = text.chars().take(6).collect();
            format!("{shown}…")
        }
        Mask::Year => text.chars().take(4).collect(),
    }
}
