//! Queries over records in memory.

use std::collections::BTreeMap;

use anshu_model::decision::Cell;
use anshu_model::division::Level;
use anshu_model::port::{Count, Find};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::schema::Schemas;

/// Counts below this say too much about somebody.
const FEW: u64 = 10;

/// Whether a query finds a record.
pub(super) fn finds(query: &Find, record: &Record, schemas: &Schemas) -> bool {
    match (query, &record.body) {
        (Find::Entities { kind, facet, conditions, within, after, .. }, Body::Entity(entity)) => {
            let Some(data) = entity.facets.get(facet) else { return false };
            let indexed = schemas.indexed(&data.schema, &data.data);
            entity.kind == *kind
                && after.as_ref().is_none_or(|after| record.head.id > *after)
                && within.as_ref().is_none_or(|within| within.contains(&record.head.division))
                && conditions.iter().all(|condition| indexed.contains(condition))
        }
        (Find::Cases { matter, party, open_only, after, .. }, Body::Case(case)) => {
            record.head.type_name == *matter
                && after.as_ref().is_none_or(|after| record.head.id > *after)
                && (!open_only || record.is_open())
                && party
                    .as_ref()
                    .is_none_or(|party| case.parties.iter().any(|known| known.entity == *party))
        }
        (Find::Risks { subject, risk_type, open_only }, Body::Risk(risk)) => {
            risk.subject == *subject
                && record.head.type_name == *risk_type
                && (!open_only || record.is_open())
        }
        (Find::Duties { about }, Body::Duty(duty)) => duty.about == *about,
        _ => false,
    }
}

/// Counts records, and states no count that is too small.
pub(super) fn count(query: &Count, records: &[Record]) -> Vec<Cell> {
    let mut cells: BTreeMap<String, u64> = BTreeMap::new();
    for record in records.iter().filter(|record| counts(query, record)) {
        let key = match (query.by.as_str(), &record.body) {
            ("division", _) => {
                let county = record.head.division.at(Level::County);
                county.as_ref().unwrap_or(&record.head.division).as_str().to_owned()
            }
            ("stage", _) => record.state().to_owned(),
            ("level", Body::Risk(risk)) => {
                risk.level().map_or("none", |level| level.name()).to_owned()
            }
            _ => String::new(),
        };
        *cells.entry(key).or_default() += 1;
    }
    cells
        .into_iter()
        .map(|(key, count)| Cell { key, count: (count >= FEW).then_some(count) })
        .collect()
}

fn counts(query: &Count, record: &Record) -> bool {
    let typed = match (&record.body, query.kind) {
        (Body::Entity(entity), Kind::Entity) => entity.facets.contains_key(&query.type_name),
        (Body::Case(_), Kind::Case) | (Body::Risk(_), Kind::Risk) => {
            record.head.type_name == query.type_name
        }
        (Body::Duty(_), Kind::Duty) => true,
        _ => false,
    };
    typed && query.within.as_ref().is_none_or(|within| within.contains(&record.head.division))
}
