//! Who was under 14 when it mattered: all personal data of such a person is sensitive (个人信息保护法 arts. 28, 31).
//!
//! The birth date comes from a number whose scheme holds one, and from attributes that their schema marks as birth dates.
//! Where they disagree, the younger reading holds. It must not know who asks.

use jiff::civil::Date;

use super::{Schema, Schemas, collect};
use crate::entity::{Entity, EntityKind};
use crate::identifier::{age_on, birthday, check};
use crate::instant::{Instant, Offset};
use crate::manifest::AttributeRole;
use crate::record::{Body, Record};
use crate::scope::{Scope, Sight};

/// Years of age from which personal data is not sensitive by age alone.
const FOURTEEN: u16 = 14;

impl Schemas {
    /// A scope as it looks at a record.
    #[must_use]
    pub fn sight<'a>(&self, record: &Record, scope: &'a Scope) -> Sight<'a> {
        let sight = scope.on(&record.head.id);
        match &record.body {
            Body::Entity(entity) => {
                sight.of_child(self.is_child(entity, scope.day_for(record.head.created_at)))
            }
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => sight,
        }
    }

    /// Whether an entity is a person who was under 14 at an instant, or not yet born.
    #[must_use]
    pub fn is_child(&self, entity: &Entity, at: Instant) -> bool {
        if entity.kind != EntityKind::Person {
            return false;
        }
        let day = at.date(Offset::default());
        let young = |birth| age_on(birth, day).is_none_or(|age| age < FOURTEEN);
        self.birth_dates(entity).any(young)
    }

    /// When a person completes so many years, at an offset; none where no birth date is known. Where birth dates disagree, the
    /// earliest: what somebody else may do for a child ends too early rather than too late.
    #[must_use]
    pub fn comes_of(&self, entity: &Entity, years: u16, offset: Offset) -> Option<Instant> {
        let births = self.birth_dates(entity);
        births
            .filter_map(|birth| birthday(birth, years))
            .map(|day| Instant::start_of(day, offset))
            .min()
    }

    fn birth_dates<'a>(&'a self, entity: &'a Entity) -> impl Iterator<Item = Date> + 'a {
        // Read as of the last day that there is: who was born after the event is young, not unknown.
        let numbers = entity.identifiers.iter();
        let numbers = numbers
            .filter_map(|number| check(&number.scheme, &number.value, Date::MAX).ok()?.birth);
        let stated = entity.facets.values().filter_map(|facet| {
            let schema = self.get(&facet.schema)?;
            Some(schema.birth_dates(&facet.data))
        });
        numbers.chain(stated.flatten())
    }
}

impl Schema {
    /// The birth dates in some data.
    fn birth_dates(&self, data: &serde_json::Value) -> Vec<Date> {
        let marked = |role: Option<AttributeRole>| role == Some(AttributeRole::BirthDate);
        let mut dates = Vec::new();
        for (path, _) in self.attributes.iter().filter(|(_, attribute)| marked(attribute.role)) {
            collect(data, path, &mut |value| {
                dates.extend(value.as_str().and_then(|text| text.parse::<Date>().ok()));
            });
        }
        dates
    }
}
