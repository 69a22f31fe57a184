//! A window on the centre as of one commit, through one scope.

use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::Cell;
use anshu_model::division::Division;
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::EntityKind;
use anshu_model::port::{Answer, Count, Find, Snapshot};
use anshu_model::record::{Body, Kind, Record, RecordRef};
use anshu_model::schema::Schemas;
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};

use super::rows::{count, finds};
use super::{MemoryCentre, State, denied};

/// A consistent view: what was committed later does not show.
pub(super) struct Window {
    centre: MemoryCentre,
    commit: u64,
    scope: Scope,
    calendar: Arc<Calendar>,
    schemas: Arc<Schemas>,
}

impl Window {
    pub(super) fn open(centre: &MemoryCentre, context: &OpContext) -> Self {
        let state = centre.read();
        let scope = state.scope(context);
        Self::of(centre, &state, scope)
    }

    pub(super) fn reopen(centre: &MemoryCentre, scope: Scope) -> Self {
        Self::of(centre, &centre.read(), scope)
    }

    fn of(centre: &MemoryCentre, state: &State, scope: Scope) -> Self {
        Self {
            centre: centre.clone(),
            commit: state.commit,
            scope,
            calendar: Arc::clone(&state.calendar),
            schemas: Arc::clone(&state.schemas),
        }
    }

    /// A record through the scope.
    fn shown(&self, record: &Record) -> Record {
        let mut record = record.clone();
        self.schemas.show(&mut record, &self.scope);
        record
    }

    /// Calls back with every record in scope, ordered by id.
    fn each(&self, mut each: impl FnMut(&Record)) {
        let state = self.centre.read();
        for record in state.history.keys().filter_map(|id| state.at(id, self.commit)) {
            if self.sees(&state, record) {
                each(record);
            }
        }
    }

    fn sees(&self, state: &State, record: &Record) -> bool {
        let typed = matches!(record.head.kind, Kind::Case | Kind::Risk);
        state.in_rows(record, &self.scope.rows)
            && (!typed || self.scope.types_read.has(&record.head.type_name))
    }
}

impl State {
    /// A record as of a commit.
    fn at(&self, id: &Id, commit: u64) -> Option<&Record> {
        let versions = self.history.get(id)?;
        versions
            .iter()
            .rev()
            .find(|version| version.commit <= commit)
            .map(|version| &*version.record)
    }
}

impl Snapshot for Window {
    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.calendar)
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> Answer<'a, Option<Record>> {
        Box::pin(async move {
            let state = self.centre.read();
            Ok(state
                .at(id, self.commit)
                .filter(|record| self.sees(&state, record))
                .map(|record| self.shown(record)))
        })
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> Answer<'a, Option<Record>> {
        Box::pin(async move {
            let mut found = None;
            self.each(|record| {
                if let Body::Entity(entity) = &record.body
                    && entity.kind == kind
                    && entity
                        .identifiers
                        .iter()
                        .any(|number| number.scheme == scheme && number.value == value)
                {
                    found.get_or_insert_with(|| self.shown(record));
                }
            });
            Ok(found)
        })
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> Answer<'a, Vec<Record>> {
        Box::pin(async move {
            let (limit, after) = match query {
                Find::Entities { limit, after, .. } | Find::Cases { limit, after, .. } => {
                    (*limit, after.as_ref())
                }
                Find::Risks { .. } | Find::Duties { .. } => (u32::MAX, None),
            };
            let mut found = Vec::new();
            self.each(|record| {
                if found.len() < limit as usize
                    && after.is_none_or(|after| record.head.id > *after)
                    && finds(query, record, &self.schemas)
                {
                    found.push(self.shown(record));
                }
            });
            Ok(found)
        })
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> Answer<'a, Vec<Cell>> {
        Box::pin(async move {
            let mut records = Vec::new();
            self.each(|record| records.push(record.clone()));
            Ok(count(query, &records))
        })
    }

    fn unit<'a>(&'a mut self, function: &'a str, division: &'a Division) -> Answer<'a, Option<Id>> {
        Box::pin(async move {
            let state = self.centre.read();
            let nearest = state
                .units
                .iter()
                .filter(|unit| {
                    unit.functions.contains(function) && super::in_subtree(&unit.division, division)
                })
                .max_by_key(|unit| {
                    (unit.division.path().len(), std::cmp::Reverse(unit.id.clone()))
                });
            Ok(nearest.map(|unit| unit.id.clone()))
        })
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> Answer<'a, Record> {
        Box::pin(async move {
            let state = self.centre.read();
            let index =
                usize::try_from(reference.version).ok().and_then(|version| version.checked_sub(1));
            let versions = state.history.get(&reference.id);
            let version = versions.zip(index).and_then(|(versions, index)| versions.get(index));
            match version {
                Some(version) => Ok(self.shown(&version.record)),
                None => {
                    Err(Error::NotFound(format!("{} {}", reference.kind.title(), reference.id)))
                }
            }
        })
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        let writes = |facet: &str, label: &anshu_model::label::Label| {
            self.scope.facets_write.has(facet) && self.scope.writes(label)
        };
        match effect {
            Effect::Create { record } => {
                if !self.centre.read().in_rows(record, &self.scope.rows) {
                    return Err(denied(effect, "不在可办理的区划或单位内"));
                }
                match &record.body {
                    Body::Entity(entity) => {
                        let refused = entity.facets.iter().find(|(name, facet)| {
                            !writes(name, &self.schemas.label(&facet.schema))
                        });
                        match refused {
                            Some((name, _)) => Err(denied(effect, &format!("无权写入“{name}”"))),
                            None => Ok(()),
                        }
                    }
                    Body::Case(_) | Body::Risk(_)
                        if !self.scope.types_write.has(&record.head.type_name) =>
                    {
                        Err(denied(effect, &format!("无权写入“{}”", record.head.type_name)))
                    }
                    Body::Case(_) | Body::Risk(_) | Body::Duty(_) => Ok(()),
                }
            }
            Effect::Change { change: Change::SetFacet { name, facet }, .. }
                if !writes(name, &self.schemas.label(&facet.schema)) =>
            {
                Err(denied(effect, &format!("无权写入“{name}”")))
            }
            Effect::Change { .. }
            | Effect::Line { .. }
            | Effect::Publish { .. }
            | Effect::Wake { .. } => Ok(()),
        }
    }
}
