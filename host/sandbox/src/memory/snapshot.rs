//! Reading the centre in memory through a scope.

use std::collections::BTreeMap;
use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::decision::Cell;
use anshu_model::division::Division;
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::EntityKind;
use anshu_model::port::{Answer, Count, Find, Snapshot};
use anshu_model::record::{Body, Kind, Record, RecordRef};
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};

use super::MemoryCentre;

/// Counts below this are not stated.
const FEW: u64 = 10;

/// A view through one scope. It reads what is there now; a commit notices what has changed since.
pub(super) struct MemorySnapshot {
    pub(super) centre: MemoryCentre,
    pub(super) scope: Scope,
    pub(super) calendar: Arc<Calendar>,
}

impl MemorySnapshot {
    /// Whether the scope reaches a row.
    fn reaches(&self, record: &Record) -> bool {
        let head = &record.head;
        let rows = &self.scope.rows;
        let row = rows.subtree.as_ref().is_some_and(|subtree| subtree.contains(&head.division))
            || rows.units.contains(&head.unit)
            || rows.units.iter().any(|unit| head.joint.contains(unit));
        let of_type = match head.kind {
            Kind::Case | Kind::Risk => self.scope.types_read.has(&head.type_name),
            Kind::Entity | Kind::Duty => true,
        };
        row && of_type
    }

    fn show(&self, record: &Record) -> Option<Record> {
        if !self.reaches(record) {
            return None;
        }
        let mut shown = record.clone();
        let schemas = Arc::clone(&self.centre.state().schemas);
        schemas.show(&mut shown, &self.scope);
        Some(shown)
    }

    fn all(&self) -> Vec<Record> {
        self.centre.records().iter().filter_map(|record| self.show(record)).collect()
    }
}

fn ready<'a, T: Send + 'a>(answer: Result<T>) -> Answer<'a, T> {
    Box::pin(std::future::ready(answer))
}

impl Snapshot for MemorySnapshot {
    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.calendar)
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> Answer<'a, Option<Record>> {
        let record = self.centre.state().current(id).cloned();
        ready(Ok(record.and_then(|record| self.show(&record))))
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> Answer<'a, Option<Record>> {
        let found = self.centre.records().into_iter().find(|record| match &record.body {
            Body::Entity(entity) => {
                entity.kind == kind
                    && entity
                        .identifiers
                        .iter()
                        .any(|number| number.scheme == scheme && number.value == value)
            }
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => false,
        });
        ready(Ok(found.and_then(|record| self.show(&record))))
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> Answer<'a, Vec<Record>> {
        let schemas = Arc::clone(&self.centre.state().schemas);
        // Conditions look at what is stored, as an index does; what is shown is masked afterwards.
        let stored: BTreeMap<Id, Record> = self
            .centre
            .records()
            .into_iter()
            .map(|record| (record.head.id.clone(), record))
            .collect();
        let matches = |record: &Record| match (query, &record.body) {
            (
                Find::Entities { kind, facet, conditions, within, after, .. },
                Body::Entity(entity),
            ) => {
                entity.kind == *kind
                    && after.as_ref().is_none_or(|after| record.head.id > *after)
                    && within.as_ref().is_none_or(|within| within.contains(&record.head.division))
                    && entity.facets.get(facet).is_some_and(|facet| {
                        let indexed = schemas.indexed(&facet.schema, &facet.data);
                        conditions.iter().all(|condition| indexed.contains(condition))
                    })
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
                record.head.type_name == *risk_type
                    && risk.subject == *subject
                    && (!open_only || record.is_open())
            }
            (Find::Duties { about }, Body::Duty(duty)) => duty.about == *about,
            _ => false,
        };
        let limit = match query {
            Find::Entities { limit, .. } | Find::Cases { limit, .. } => {
                usize::try_from(*limit).unwrap_or(usize::MAX)
            }
            Find::Risks { .. } | Find::Duties { .. } => usize::MAX,
        };
        let found =
            stored.values().filter(|record| matches(record)).filter_map(|record| self.show(record));
        ready(Ok(found.take(limit).collect()))
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> Answer<'a, Vec<Cell>> {
        let mut cells: BTreeMap<String, u64> = BTreeMap::new();
        for record in self.all() {
            let head = &record.head;
            let of_type = match &record.body {
                Body::Entity(entity) => entity.facets.contains_key(&query.type_name),
                Body::Case(_) | Body::Risk(_) | Body::Duty(_) => head.type_name == query.type_name,
            };
            if head.kind != query.kind
                || !of_type
                || query.within.as_ref().is_some_and(|within| !within.contains(&head.division))
            {
                continue;
            }
            let key = match query.by.as_str() {
                "division" => head.division.as_str().chars().take(6).collect(),
                "stage" => record.state().to_owned(),
                "level" => match &record.body {
                    Body::Risk(risk) => {
                        risk.level().map_or("none", |level| level.name()).to_owned()
                    }
                    Body::Entity(_) | Body::Case(_) | Body::Duty(_) => "none".to_owned(),
                },
                _ => String::new(),
            };
            *cells.entry(key).or_default() += 1;
        }
        ready(Ok(cells
            .into_iter()
            .map(|(key, count)| Cell { key, count: (count >= FEW).then_some(count) })
            .collect()))
    }

    fn unit<'a>(&'a mut self, function: &'a str, division: &'a Division) -> Answer<'a, Option<Id>> {
        let unit = self.centre.state().unit(function, division);
        ready(Ok(unit))
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> Answer<'a, Record> {
        let record = self
            .centre
            .state()
            .records
            .get(&reference.id)
            .and_then(|versions| {
                versions.iter().find(|record| record.head.version == reference.version)
            })
            .cloned();
        ready(record.and_then(|record| self.show(&record)).ok_or_else(|| {
            Error::NotFound(format!("记录 {} 第 {} 版", reference.id, reference.version))
        }))
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        let schemas = Arc::clone(&self.centre.state().schemas);
        let may_set = |name: &str| {
            if self.scope.facets_write.has(name) {
                return Ok(());
            }
            Err(Error::Denied(format!("没有写入“{name}”的权限")))
        };
        match effect {
            Effect::Create { record } => match &record.body {
                Body::Entity(entity) => {
                    if !self.scope.writes(&entity.kind.name_label()) {
                        return Err(Error::Denied("没有登记此类实体的权限".into()));
                    }
                    entity.facets.iter().try_for_each(|(name, facet)| {
                        may_set(name)?;
                        schemas.check_values(&self.scope, name, &facet.schema, &facet.data)
                    })
                }
                Body::Case(_) | Body::Risk(_) => {
                    if self.scope.types_write.has(&record.head.type_name) {
                        Ok(())
                    } else {
                        Err(Error::Denied(format!("没有写入“{}”的权限", record.head.type_name)))
                    }
                }
                Body::Duty(_) => Ok(()),
            },
            // Attribute by attribute it is judged where what is stored is at hand: in the commit.
            Effect::Change { change: Change::SetFacet { name, .. }, .. } => may_set(name),
            Effect::Change { .. }
            | Effect::Line { .. }
            | Effect::Publish { .. }
            | Effect::Wake { .. } => Ok(()),
        }
    }
}
