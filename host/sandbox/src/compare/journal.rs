//! The reads of a recorded decision, for a version that may ask in another order, for less, or for more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::{Cell, Decision, Read};
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::entity::EntityKind;
use anshu_model::port::{self, Count, Find, Snapshot};
use anshu_model::record::{Body, Record, RecordRef};
use anshu_model::schema::Schemas;
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};

use super::harmless;
use crate::call::{asked, asked_lookup};

/// What a comparison must know of how its reads went, when the call is over.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    erased: bool,
    unread: Option<String>,
    /// Whether a record was handed out whose values are not for everybody.
    delicate: bool,
    seen: BTreeSet<RecordRef>,
}

impl Notes {
    /// Whether something that was read has been erased since.
    pub(super) fn erased(&self) -> bool {
        self.lock().erased
    }

    /// What was asked for that nobody can tell any more.
    pub(super) fn unread(&self) -> Option<String> {
        self.lock().unread.clone()
    }

    /// Whether nothing was read, then or now, that may stand in a text and is not for everybody.
    pub(super) fn texts_may_show(&self, decision: &Decision) -> bool {
        let state = self.lock();
        // What only the old version read was not looked at: its text may speak of it.
        !state.delicate && references(decision).all(|reference| state.seen.contains(reference))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every version that a decision read.
fn references(decision: &Decision) -> impl Iterator<Item = &RecordRef> {
    decision.reads.iter().flat_map(|read| match read {
        Read::Get { found, .. } | Read::Lookup { found, .. } => found.as_slice(),
        Read::Find { found, .. } => found.as_slice(),
        Read::Count { .. } | Read::Unit { .. } => &[],
    })
}

/// Answers what was read then as it was; else as the centre was then; else not at all.
pub(super) struct Journal {
    inner: Box<dyn Snapshot>,
    scope: Scope,
    call: Id,
    schemas: Arc<Schemas>,
    notes: Notes,
    gets: BTreeMap<Id, Option<RecordRef>>,
    lookups: BTreeMap<String, Option<RecordRef>>,
    finds: BTreeMap<String, Vec<RecordRef>>,
    counts: BTreeMap<String, Vec<Cell>>,
    /// The record does not say where a unit was looked for: the same function again gets the next answer.
    units: BTreeMap<String, VecDeque<Option<Id>>>,
}

impl Journal {
    /// The reads of a decision over a snapshot of then.
    pub(super) fn new(
        inner: Box<dyn Snapshot>,
        decision: &Decision,
        schemas: Arc<Schemas>,
        notes: Notes,
    ) -> Self {
        let mut journal = Self {
            scope: inner.scope().clone(),
            inner,
            call: decision.context.id.clone(),
            schemas,
            notes,
            gets: BTreeMap::new(),
            lookups: BTreeMap::new(),
            finds: BTreeMap::new(),
            counts: BTreeMap::new(),
            units: BTreeMap::new(),
        };
        for reference in references(decision) {
            journal.gets.insert(reference.id.clone(), Some(reference.clone()));
        }
        for read in decision.reads.iter().cloned() {
            match read {
                Read::Get { id, found } => {
                    journal.gets.insert(id, found);
                }
                Read::Lookup { asked, found } => {
                    journal.lookups.insert(asked, found);
                }
                Read::Find { asked, found } => {
                    journal.finds.insert(asked, found);
                }
                Read::Count { asked, cells } => {
                    journal.counts.insert(asked, cells);
                }
                Read::Unit { function, found } => {
                    journal.units.entry(function).or_default().push_back(found);
                }
            }
        }
        journal
    }

    async fn recorded(&mut self, reference: Option<RecordRef>) -> Result<Option<Record>> {
        let Some(reference) = reference else { return Ok(None) };
        match self.inner.version(&reference).await {
            Ok(record) => {
                self.show(&record);
                self.notes.lock().seen.insert(reference);
                Ok(Some(record))
            }
            Err(Error::NotFound(_)) => {
                self.notes.lock().erased = true;
                Err(Error::Internal("a version was erased".into()))
            }
            Err(error) => Err(error),
        }
    }

    /// What the centre of then says, or that it cannot say it.
    fn then<T>(&mut self, what: String, found: Result<T>) -> Result<T> {
        match found {
            // Not for the guest: what it would do without an answer tells nothing of what it would have done with one.
            Err(Error::Unavailable(_) | Error::Denied(_)) => {
                self.notes.lock().unread.get_or_insert(what);
                Err(Error::Internal("a read of then cannot be answered".into()))
            }
            found => found,
        }
    }

    /// Looks at what is handed out.
    fn show(&mut self, record: &Record) {
        let labels = |digest: &str| harmless(&self.schemas.label(digest));
        let shown = match &record.body {
            Body::Entity(entity) => {
                harmless(&entity.kind.name_label())
                    && entity.facets.values().all(|facet| labels(&facet.schema))
            }
            Body::Case(case) => {
                harmless(&case.label) && case.answers.iter().all(|answer| labels(&answer.schema))
            }
            Body::Risk(_) | Body::Duty(_) => true,
        };
        self.notes.lock().delicate |= !shown;
    }
}

impl Snapshot for Journal {
    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn through<'a>(self: Box<Self>, _: &'a OpContext) -> port::Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async { Err(Error::Internal("a comparison has one scope".into())) })
    }

    fn calendar(&self) -> Arc<Calendar> {
        self.inner.calendar()
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> port::Answer<'a, Option<Record>> {
        Box::pin(async move {
            if let Some(found) = self.gets.get(id).cloned() {
                return self.recorded(found).await;
            }
            let found = self.inner.get(id).await;
            let found = self.then("按标识读取的记录".into(), found)?;
            found.iter().for_each(|record| self.show(record));
            Ok(found)
        })
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> port::Answer<'a, Option<Record>> {
        Box::pin(async move {
            let asked = asked_lookup(&self.call, kind, scheme, value);
            if let Some(found) = self.lookups.get(&asked).cloned() {
                return self.recorded(found).await;
            }
            let found = self.inner.lookup(kind, scheme, value).await;
            let found = self.then("按证件号码查找的实体".into(), found)?;
            found.iter().for_each(|record| self.show(record));
            Ok(found)
        })
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> port::Answer<'a, Vec<Record>> {
        Box::pin(async move {
            if let Some(references) = self.finds.get(&asked(query)).cloned() {
                let mut records = Vec::with_capacity(references.len());
                for reference in references {
                    records.extend(self.recorded(Some(reference)).await?);
                }
                return Ok(records);
            }
            let found = self.inner.find(query).await;
            let found = self.then(format!("查询：{}", asked_for(query)), found)?;
            found.iter().for_each(|record| self.show(record));
            Ok(found)
        })
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> port::Answer<'a, Vec<Cell>> {
        Box::pin(async move {
            if let Some(cells) = self.counts.get(&asked(query)) {
                return Ok(cells.clone());
            }
            let found = self.inner.count(query).await;
            self.then(format!("统计“{}”", query.type_name), found)
        })
    }

    fn unit<'a>(
        &'a mut self,
        function: &'a str,
        division: &'a Division,
    ) -> port::Answer<'a, Option<Id>> {
        Box::pin(async move {
            if let Some(found) = self.units.get_mut(function) {
                // The last one stays: most look for a function in one place.
                let next = if found.len() > 1 { found.pop_front() } else { found.front().cloned() };
                return Ok(next.flatten());
            }
            let found = self.inner.unit(function, division).await;
            self.then(format!("承担“{function}”职能的单位"), found)
        })
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> port::Answer<'a, Record> {
        self.inner.version(reference)
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        self.inner.check(effect)
    }
}

/// A query in a few words, without any value.
fn asked_for(query: &Find) -> String {
    match query {
        Find::Entities { facet, .. } => format!("具有“{facet}”的实体"),
        Find::Cases { matter, .. } => format!("“{matter}”类事项"),
        Find::Risks { risk_type, .. } => format!("“{risk_type}”类风险"),
        Find::Duties { .. } => "职责".to_owned(),
    }
}
