//! Reading the centre in memory through a scope.

use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::Cell;
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::entity::EntityKind;
use anshu_model::port::{Answer, Count, Find, Snapshot};
use anshu_model::record::{Body, Kind, Record, RecordRef};
use anshu_model::schema::Schemas;
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};

use super::MemoryCentre;
use super::check::{Checks, covers};
use super::rows::{count, finds};

/// A consistent view through one scope: what was committed later does not show.
pub(super) struct MemorySnapshot {
    centre: MemoryCentre,
    commit: u64,
    context: OpContext,
    scope: Scope,
    calendar: Arc<Calendar>,
    schemas: Arc<Schemas>,
}

impl MemorySnapshot {
    /// A view of the centre as it is now.
    pub(super) fn new(centre: &MemoryCentre, context: &OpContext, scope: Scope) -> Self {
        let state = centre.state();
        Self {
            centre: centre.clone(),
            commit: state.commits,
            context: context.clone(),
            scope,
            calendar: Arc::clone(&state.calendar),
            schemas: Arc::clone(&state.schemas),
        }
    }

    /// The same view of the centre as it was after so many commits.
    pub(super) fn at(self, commit: u64) -> Self {
        Self { commit, ..self }
    }

    /// Whether the scope reaches a row.
    fn reaches(&self, record: &Record) -> bool {
        let head = &record.head;
        let of_type = match head.kind {
            Kind::Case | Kind::Risk => self.scope.types_read.has(&head.type_name),
            Kind::Entity | Kind::Duty => true,
        };
        of_type && covers(&self.scope, head)
    }

    fn show(&self, mut record: Record) -> Record {
        self.schemas.show(&mut record, &self.scope);
        record
    }

    /// The records in scope that fit, ordered by id. Conditions look at what is stored, as an index does; what is shown is
    /// masked afterwards.
    fn all(&self, fits: impl Fn(&Record) -> bool) -> Vec<Record> {
        let state = self.centre.state();
        let records = state.records.keys().filter_map(|id| state.at(id, self.commit));
        records.filter(|record| self.reaches(record) && fits(record)).cloned().collect()
    }
}

fn ready<'a, T: Send + 'a>(answer: Result<T>) -> Answer<'a, T> {
    Box::pin(std::future::ready(answer))
}

impl Snapshot for MemorySnapshot {
    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn through<'a>(self: Box<Self>, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        ready((self.centre.0.scope_of)(context).map(|scope| {
            Box::new(Self { context: context.clone(), scope, ..*self }) as Box<dyn Snapshot>
        }))
    }

    fn calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.calendar)
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> Answer<'a, Option<Record>> {
        let found = self.centre.state().at(id, self.commit).cloned();
        let found = found.filter(|record| self.reaches(record));
        ready(Ok(found.map(|record| self.show(record))))
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> Answer<'a, Option<Record>> {
        let found = self.all(|record| match &record.body {
            Body::Entity(entity) => {
                entity.kind == kind
                    && entity
                        .identifiers
                        .iter()
                        .any(|number| number.scheme == scheme && number.value == value)
            }
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => false,
        });
        ready(Ok(found.into_iter().next().map(|record| self.show(record))))
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> Answer<'a, Vec<Record>> {
        let limit = match query {
            Find::Entities { limit, .. } | Find::Cases { limit, .. } => {
                usize::try_from(*limit).unwrap_or(usize::MAX)
            }
            Find::Risks { .. } | Find::Duties { .. } => usize::MAX,
        };
        let found = self.all(|record| finds(query, record, &self.schemas));
        ready(Ok(found.into_iter().take(limit).map(|record| self.show(record)).collect()))
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> Answer<'a, Vec<Cell>> {
        ready(Ok(count(query, &self.all(|_| true))))
    }

    fn unit<'a>(&'a mut self, function: &'a str, division: &'a Division) -> Answer<'a, Option<Id>> {
        let unit = self.centre.state().unit(function, division);
        ready(Ok(unit))
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> Answer<'a, Record> {
        let found = self.centre.state().records.get(&reference.id).and_then(|versions| {
            let version =
                versions.iter().find(|version| version.record.head.version == reference.version);
            version.map(|version| version.record.clone())
        });
        let found = found.filter(|record| self.reaches(record)).map(|record| self.show(record));
        ready(found.ok_or_else(|| {
            Error::NotFound(format!("记录 {} 第 {} 版", reference.id, reference.version))
        }))
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        let checks = Checks { context: &self.context, scope: &self.scope, schemas: &self.schemas };
        let (Effect::Change { id: on, .. } | Effect::Line { about: on, .. }) = effect else {
            return checks.check(effect, None);
        };
        let state = self.centre.state();
        checks.check(effect, state.at(on, self.commit))
    }
}
