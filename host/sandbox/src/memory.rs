//! The ports over plain maps: for the test kit, for benches, and as the reference of what storage must do.
//!
//! Everything is checked that storage checks: scopes by row and column, versions, unique identifiers, events exactly once.
//! Nothing survives the process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::{Decision, Input, Read};
use anshu_model::division::Division;
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::Facet;
use anshu_model::instant::Instant;
use anshu_model::org::Unit;
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::record::{Body, Record};
use anshu_model::schema::Schemas;
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};

mod snapshot;

/// Makes the scope of an operation. The centre's policies do this in earnest; a test says what it wants to try.
type ScopeOf = Box<dyn Fn(&OpContext) -> Result<Scope> + Send + Sync>;

/// A centre in memory. Cheap to clone; clones share what is in it.
#[derive(Clone)]
pub struct MemoryCentre(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    scope_of: ScopeOf,
}

#[derive(Default)]
struct State {
    schemas: Arc<Schemas>,
    calendar: Arc<Calendar>,
    units: Vec<Unit>,
    records: BTreeMap<Id, Vec<Record>>,
    lines: Vec<(Id, String)>,
    events: VecDeque<Input>,
    timers: BTreeMap<(String, String), (Instant, serde_json::Value)>,
    heard: BTreeSet<(String, Id)>,
    decisions: Vec<Arc<Decision>>,
    failures: Vec<Error>,
}

impl MemoryCentre {
    /// An empty centre with a calendar and a rule for scopes.
    pub fn new(
        calendar: Calendar,
        scope_of: impl Fn(&OpContext) -> Result<Scope> + Send + Sync + 'static,
    ) -> Self {
        let state = State { calendar: Arc::new(calendar), ..State::default() };
        Self(Arc::new(Shared { state: Mutex::new(state), scope_of: Box::new(scope_of) }))
    }

    /// The schemas by which values are masked; as [`crate::Sandbox::schemas`] has them.
    pub fn use_schemas(&self, schemas: Arc<Schemas>) {
        self.state().schemas = schemas;
    }

    /// Adds a unit.
    pub fn add_unit(&self, unit: Unit) {
        self.state().units.push(unit);
    }

    /// Puts a record there, as if it had always been.
    pub fn put(&self, record: Record) {
        self.state().records.entry(record.head.id.clone()).or_default().push(record);
    }

    /// All records at their newest version, unmasked.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.state().records.values().filter_map(|versions| versions.last()).cloned().collect()
    }

    /// The lines of a record's timeline.
    #[must_use]
    pub fn lines(&self, about: &Id) -> Vec<String> {
        self.state()
            .lines
            .iter()
            .filter(|(id, _)| id == about)
            .map(|(_, line)| line.clone())
            .collect()
    }

    /// Events that were published and not taken yet, oldest first. Each is taken once.
    #[must_use]
    pub fn take_events(&self) -> Vec<Input> {
        self.state().events.drain(..).collect()
    }

    /// Timers that are due, each with its pack. They stay until a call on them is committed.
    #[must_use]
    pub fn due_timers(&self, now: Instant) -> Vec<(String, Input)> {
        self.state()
            .timers
            .iter()
            .filter(|(_, (due, _))| *due <= now)
            .map(|((pack, key), (due, payload))| {
                (
                    pack.clone(),
                    Input::Timer { key: key.clone(), payload: payload.clone(), due: *due },
                )
            })
            .collect()
    }

    /// Every decision, oldest first.
    #[must_use]
    pub fn decisions(&self) -> Vec<Arc<Decision>> {
        self.state().decisions.clone()
    }

    /// Every call that failed, oldest first.
    #[must_use]
    pub fn failures(&self) -> Vec<Error> {
        self.state().failures.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryCentre {
    /// A centre whose every scope is closed.
    fn default() -> Self {
        Self::new(Calendar::default(), |_| Err(Error::Denied("没有任何权限".into())))
    }
}

impl std::fmt::Debug for MemoryCentre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryCentre").finish_non_exhaustive()
    }
}

impl Centre for MemoryCentre {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let scope = (self.0.scope_of)(context)?;
            let calendar = Arc::clone(&self.state().calendar);
            Ok(Box::new(snapshot::MemorySnapshot { centre: self.clone(), scope, calendar })
                as Box<dyn Snapshot>)
        })
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let scope = decision.scope.clone();
            let calendar = Arc::clone(&self.state().calendar);
            Ok(Box::new(snapshot::MemorySnapshot { centre: self.clone(), scope, calendar })
                as Box<dyn Snapshot>)
        })
    }

    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()> {
        Box::pin(async move { self.state().commit(decision) })
    }

    fn failed<'a>(&'a self, _: &'a OpContext, error: &'a Error) -> Answer<'a, ()> {
        Box::pin(async move {
            self.state().failures.push(error.clone());
            Ok(())
        })
    }
}

impl State {
    fn current(&self, id: &Id) -> Option<&Record> {
        self.records.get(id)?.last()
    }

    /// Everything or nothing: drafts are made first, and kept only when all of them could be.
    fn commit(&mut self, decision: Arc<Decision>) -> Result<()> {
        self.check_reads(&decision)?;
        let context = &decision.context;
        let pack = context.pack.as_ref().map(|pack| pack.name.clone()).unwrap_or_default();
        if let Input::Event { id, .. } = &decision.input
            && self.heard.contains(&(pack.clone(), id.clone()))
        {
            return Err(Error::Conflict("该事件已经处理".into()));
        }
        let mut drafts: BTreeMap<Id, Record> = BTreeMap::new();
        let mut lines = Vec::new();
        let mut events = Vec::new();
        let mut timers = Vec::new();
        for effect in &decision.effects {
            match effect {
                Effect::Create { record } => {
                    self.check_unique(record, &drafts)?;
                    drafts.insert(record.head.id.clone(), (**record).clone());
                }
                Effect::Change { id, base, change, .. } => {
                    if !drafts.contains_key(id) {
                        let now = self.current(id).filter(|now| now.head.version == *base);
                        let mut draft = now.cloned().ok_or_else(|| moved_on(id))?;
                        draft.head.version += 1;
                        drafts.insert(id.clone(), draft);
                    }
                    if let Some(draft) = drafts.get_mut(id) {
                        match (change, &draft.body) {
                            // What the caller did not see of the facet survives what it wrote.
                            (Change::SetFacet { name, facet }, Body::Entity(entity)) => {
                                let stored = entity.facets.get(name);
                                let (scope, schema) = (&decision.scope, facet.schema.clone());
                                let data = self.schemas.write(scope, name, stored, facet)?.data;
                                let facet = Facet { schema, data };
                                let change = Change::SetFacet { name: name.clone(), facet };
                                draft.apply(&change, context)?;
                            }
                            _ => draft.apply(change, context)?,
                        }
                    }
                }
                Effect::Line { about, text } => lines.push((about.clone(), text.clone())),
                Effect::Publish { id, topic, about, payload } => events.push(Input::Event {
                    id: id.clone(),
                    topic: topic.clone(),
                    about: about.clone(),
                    payload: payload.clone(),
                    published_at: context.now,
                }),
                Effect::Wake { at, key, payload } => {
                    timers.push(((pack.clone(), key.clone()), (*at, payload.clone())));
                }
            }
        }
        match &decision.input {
            Input::Event { id, .. } => {
                self.heard.insert((pack, id.clone()));
            }
            Input::Timer { key, .. } => {
                self.timers.remove(&(pack, key.clone()));
            }
            Input::Action { .. } => {}
        }
        for (id, draft) in drafts {
            self.records.entry(id).or_default().push(draft);
        }
        self.lines.extend(lines);
        self.events.extend(events);
        self.timers.extend(timers);
        self.decisions.push(decision);
        Ok(())
    }

    fn check_reads(&self, decision: &Decision) -> Result<()> {
        let own: BTreeSet<_> = decision
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Create { record } => Some(&record.head.id),
                _ => None,
            })
            .collect();
        for read in &decision.reads {
            let (Read::Get { found: Some(found), .. } | Read::Lookup { found: Some(found), .. }) =
                read
            else {
                continue;
            };
            let now = self.current(&found.id).map(|record| record.head.version);
            if now != Some(found.version) && !own.contains(&found.id) {
                return Err(moved_on(&found.id));
            }
        }
        Ok(())
    }

    /// An identifier names one entity of a kind.
    fn check_unique(&self, record: &Record, drafts: &BTreeMap<Id, Record>) -> Result<()> {
        let Body::Entity(new) = &record.body else { return Ok(()) };
        let there =
            self.records.values().filter_map(|versions| versions.last()).chain(drafts.values());
        for other in there {
            if let Body::Entity(entity) = &other.body
                && entity.kind == new.kind
                && entity
                    .identifiers
                    .iter()
                    .any(|number| number.scheme != "phone" && new.identifiers.contains(number))
            {
                return Err(Error::Conflict("已有相同编号的实体；请先按编号查找".into()));
            }
        }
        Ok(())
    }

    fn unit(&self, function: &str, division: &Division) -> Option<Id> {
        let mut at = Some(division.clone());
        while let Some(here) = at {
            if let Some(unit) = self
                .units
                .iter()
                .find(|unit| unit.division == here && unit.functions.contains(function))
            {
                return Some(unit.id.clone());
            }
            at = here.parent();
        }
        None
    }
}

fn moved_on(id: &Id) -> Error {
    Error::Conflict(format!("记录 {id} 已被他人更新"))
}
