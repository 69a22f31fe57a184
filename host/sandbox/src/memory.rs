//! The ports over plain maps: for the test kit, for benches and the sandbox's own tests, and as the reference of what
//! storage must do.
//!
//! Everything is checked that storage checks, as far as the model says it: scopes by row, column and level, versions,
//! unique identifiers, events exactly once; snapshots are consistent. Policies are not known here: a scope is what whoever
//! made the centre says. Nothing survives the process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::{Decision, Input};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::org::Unit;
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::record::Record;
use anshu_model::schema::{Apart, Schemas};
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};

mod check;
mod commit;
mod outline;
mod rows;
mod snapshot;

pub use outline::outline;
use snapshot::MemorySnapshot;

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
    /// How many commits there were.
    commits: u64,
    records: BTreeMap<Id, Vec<Version>>,
    lines: Vec<(Id, String)>,
    events: VecDeque<Input>,
    timers: BTreeMap<(String, String), (Instant, serde_json::Value)>,
    heard: BTreeSet<(String, Id)>,
    decisions: Vec<Arc<Decision>>,
    failures: Vec<Error>,
}

/// One version of a record, and the commit that made it.
struct Version {
    commit: u64,
    record: Record,
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

    /// Counts by other holiday data from now on.
    pub fn use_calendar(&self, calendar: Calendar) {
        self.state().calendar = Arc::new(calendar);
    }

    /// Adds a unit.
    pub fn add_unit(&self, unit: Unit) {
        self.state().units.push(unit);
    }

    /// Puts a record there, as if it had always been.
    pub fn put(&self, record: Record) {
        let mut state = self.state();
        let commit = state.commits;
        state.records.entry(record.head.id.clone()).or_default().push(Version { commit, record });
    }

    /// Destroys every version of a record, as erasure does.
    pub fn erase(&self, id: &Id) {
        self.state().records.remove(id);
    }

    /// A record at its newest version, unmasked.
    #[must_use]
    pub fn record(&self, id: &Id) -> Option<Record> {
        self.state().current(id).cloned()
    }

    /// All records at their newest version, unmasked, ordered by id.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let state = self.state();
        let newest = state.records.values().filter_map(|versions| versions.last());
        newest.map(|version| version.record.clone()).collect()
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

    /// Events that were published and not taken yet, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Input> {
        self.state().events.iter().cloned().collect()
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
            Ok(Box::new(MemorySnapshot::new(self, context, scope)) as Box<dyn Snapshot>)
        })
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let scope = decision.scope.clone();
            Ok(Box::new(MemorySnapshot::new(self, &decision.context, scope)) as Box<dyn Snapshot>)
        })
    }

    fn as_of<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let scope = decision.scope.clone();
            let before = self.state().before(&decision.context.id)?;
            let snapshot = MemorySnapshot::new(self, &decision.context, scope).at(before);
            Ok(Box::new(snapshot) as Box<dyn Snapshot>)
        })
    }

    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()> {
        Box::pin(async move { self.state().commit(decision) })
    }

    /// Nobody in here asks who told: it is taken out, and gone.
    fn keep_apart<'a>(&'a self, _: &'a OpContext, _: &'a [Apart]) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn failed<'a>(&'a self, _: &'a OpContext, error: &'a Error) -> Answer<'a, ()> {
        Box::pin(async move {
            self.state().failures.push(error.clone());
            Ok(())
        })
    }
}

impl State {
    /// A record as it is now.
    fn current(&self, id: &Id) -> Option<&Record> {
        Some(&self.records.get(id)?.last()?.record)
    }

    /// How many commits there were before a decision.
    fn before(&self, decision: &Id) -> Result<u64> {
        let found = self.decisions.iter().position(|known| known.context.id == *decision);
        let before = found.and_then(|place| u64::try_from(place).ok());
        before.ok_or_else(|| Error::Unavailable(format!("没有决定 {decision} 的记录")))
    }

    /// A record as it was after so many commits.
    fn at(&self, id: &Id, commit: u64) -> Option<&Record> {
        let versions = self.records.get(id)?;
        let version = versions.iter().rev().find(|version| version.commit <= commit)?;
        Some(&version.record)
    }

    /// The nearest unit with a function at or above a division.
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
