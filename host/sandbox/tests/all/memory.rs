//! The ports over plain maps: what the test kit runs packs on, and what a first embedding can start from.
//!
//! It keeps every version, answers from consistent snapshots, commits optimistically, and shows records through scopes
//! as storage does. It knows no policies: scopes are given by the test. By default everybody sees and writes everything
//! that the acting pack was granted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use anshu_model::calendar::Calendar;
use anshu_model::capability::Capabilities;
use anshu_model::context::{OpContext, Principal};
use anshu_model::decision::Decision;
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::org::Unit;
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::record::{Kind, Record};
use anshu_model::schema::Schemas;
use anshu_model::scope::{Names, Rows, Scope};
use anshu_model::{Error, Id, Result};
use serde_json::Value;

mod commit;
mod rows;
mod snapshot;

use snapshot::Window;

/// A centre in memory. Cheap to clone: every clone is the same centre.
#[derive(Debug, Clone, Default)]
pub struct MemoryCentre {
    state: Arc<RwLock<State>>,
}

/// What happened beside records.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The event.
    pub id: Id,
    /// Its topic.
    pub topic: String,
    /// What it is about.
    pub about: Option<Id>,
    /// Its payload.
    pub payload: Value,
    /// When.
    pub at: Instant,
    /// The pack that published it.
    pub pack: String,
}

/// A timer that a pack set.
#[derive(Debug, Clone, PartialEq)]
pub struct Timer {
    /// The pack.
    pub pack: String,
    /// Its key.
    pub key: String,
    /// When it is due.
    pub at: Instant,
    /// What the pack gets back.
    pub payload: Value,
}

/// One version of a record, and the commit that made it.
#[derive(Debug, Clone)]
struct Version {
    commit: u64,
    record: Arc<Record>,
}

#[derive(Debug, Default)]
struct State {
    commit: u64,
    history: BTreeMap<Id, Vec<Version>>,
    units: Vec<Unit>,
    calendar: Arc<Calendar>,
    schemas: Arc<Schemas>,
    grants: BTreeMap<String, Capabilities>,
    scopes: BTreeMap<String, Scope>,
    lines: Vec<(Id, String)>,
    events: Vec<Published>,
    timers: BTreeMap<(String, String), Timer>,
    done: BTreeSet<(String, String)>,
    decisions: Vec<Arc<Decision>>,
    failures: Vec<(OpContext, Error)>,
}

impl MemoryCentre {
    /// An empty centre that counts by a calendar.
    #[must_use]
    pub fn new(calendar: Calendar) -> Self {
        let centre = Self::default();
        centre.write().calendar = Arc::new(calendar);
        centre
    }

    /// Counts by another calendar from now on.
    pub fn use_calendar(&self, calendar: Calendar) {
        self.write().calendar = Arc::new(calendar);
    }

    /// Classifies by these schemas, as `Sandbox::schemas` gives them.
    pub fn use_schemas(&self, schemas: Arc<Schemas>) {
        self.write().schemas = schemas;
    }

    /// Narrows what a pack may touch to its grant, as the guard would.
    pub fn use_grant(&self, pack: &str, effective: Capabilities) {
        self.write().grants.insert(pack.to_owned(), effective);
    }

    /// Gives a principal this scope instead of the default. The key is a person's id, a duty's pack or a job's name.
    pub fn use_scope(&self, principal: &str, scope: Scope) {
        self.write().scopes.insert(principal.to_owned(), scope);
    }

    /// The scope that a principal has by default: everything that its pack was granted.
    #[must_use]
    pub fn default_scope(&self, context: &OpContext) -> Scope {
        self.read().default_scope(context)
    }

    /// Adds a unit.
    pub fn put_unit(&self, unit: Unit) {
        self.write().units.push(unit);
    }

    /// Puts a record, as it is, at its next version.
    pub fn put(&self, record: Record) -> Id {
        let id = record.head.id.clone();
        let mut state = self.write();
        state.commit += 1;
        let commit = state.commit;
        let versions = state.history.entry(id.clone()).or_default();
        let mut record = record;
        record.head.version = versions.len() as u64 + 1;
        versions.push(Version { commit, record: Arc::new(record) });
        id
    }

    /// Destroys every version of a record, as erasure does.
    pub fn erase(&self, id: &Id) {
        self.write().history.remove(id);
    }

    /// A record as it is now, unmasked.
    #[must_use]
    pub fn record(&self, id: &Id) -> Option<Record> {
        let state = self.read();
        state
            .history
            .get(id)
            .and_then(|versions| versions.last())
            .map(|version| Record::clone(&version.record))
    }

    /// Every record of a kind as it is now, ordered by id.
    #[must_use]
    pub fn records(&self, kind: Kind) -> Vec<Record> {
        let state = self.read();
        let newest = state.history.values().filter_map(|versions| versions.last());
        newest
            .filter(|version| version.record.head.kind == kind)
            .map(|version| Record::clone(&version.record))
            .collect()
    }

    /// The timeline of a record.
    #[must_use]
    pub fn lines(&self, about: &Id) -> Vec<String> {
        let state = self.read();
        state
            .lines
            .iter()
            .filter(|(record, _)| record == about)
            .map(|(_, line)| line.clone())
            .collect()
    }

    /// Everything that was published, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Published> {
        self.read().events.clone()
    }

    /// The timers that are set, by pack and key.
    #[must_use]
    pub fn timers(&self) -> Vec<Timer> {
        self.read().timers.values().cloned().collect()
    }

    /// The decisions that were committed, oldest first.
    #[must_use]
    pub fn decisions(&self) -> Vec<Arc<Decision>> {
        self.read().decisions.clone()
    }

    /// The calls that failed, oldest first.
    #[must_use]
    pub fn failures(&self) -> Vec<(OpContext, Error)> {
        self.read().failures.clone()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Centre for MemoryCentre {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let window = Window::open(self, context);
            Ok(Box::new(window) as Box<dyn Snapshot>)
        })
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let window = Window::reopen(self, decision.scope.clone());
            Ok(Box::new(window) as Box<dyn Snapshot>)
        })
    }

    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()> {
        Box::pin(async move { self.write().commit(decision) })
    }

    fn failed<'a>(&'a self, context: &'a OpContext, error: &'a Error) -> Answer<'a, ()> {
        Box::pin(async move {
            self.write().failures.push((context.clone(), error.clone()));
            Ok(())
        })
    }
}

impl State {
    fn scope(&self, context: &OpContext) -> Scope {
        let key = match &context.principal {
            Principal::Person(person) => person.id.as_str(),
            Principal::Duty(duty) => &duty.pack,
            Principal::System { job } => job,
        };
        self.scopes.get(key).cloned().unwrap_or_else(|| self.default_scope(context))
    }

    fn default_scope(&self, context: &OpContext) -> Scope {
        let grant = context.pack.as_ref().and_then(|pack| self.grants.get(&pack.name));
        let reads = grant.map_or(Names::All, |grant| Names::Only(grant.reads.clone()));
        let writes = grant.map_or(Names::All, |grant| Names::Only(grant.writes.clone()));
        Scope {
            rows: Rows { subtree: everywhere(), units: BTreeSet::new() },
            clear: Some(Level::Important),
            masked: Some(Level::Important),
            write: Some(Level::Important),
            hidden_tags: BTreeSet::new(),
            facets_read: reads.clone(),
            facets_write: writes.clone(),
            types_read: reads,
            types_write: writes,
            until: context.now.plus(3_600_000),
            policy: "memory".to_owned(),
        }
    }

    /// Whether a row is in a scope. Ports filter rows, nobody else does.
    fn in_rows(&self, record: &Record, rows: &Rows) -> bool {
        let head = &record.head;
        rows.subtree.as_ref().is_some_and(|subtree| in_subtree(subtree, &head.division))
            || rows.units.contains(&head.unit)
            || head.joint.iter().any(|unit| rows.units.contains(unit))
    }
}

/// The whole country.
fn everywhere() -> Option<Division> {
    Division::parse(EVERYWHERE).ok()
}

/// Not a division of any register: it stands for all.
const EVERYWHERE: &str = "000000000000";

fn in_subtree(subtree: &Division, division: &Division) -> bool {
    subtree.as_str() == EVERYWHERE || subtree.contains(division)
}

fn denied(effect: &Effect, what: &str) -> Error {
    let step = match effect {
        Effect::Create { .. } => "新建",
        Effect::Change { .. } => "修改",
        Effect::Line { .. } => "记录",
        Effect::Publish { .. } => "发布",
        Effect::Wake { .. } => "定时",
    };
    Error::Denied(format!("{step}：{what}"))
}

/// Whether a commit that this one depends on came first. Nothing is written then.
fn conflict(id: &Id) -> Result<()> {
    Err(Error::Conflict(format!("记录 {id} 在读取之后已被他人修改；请重新办理")))
}
