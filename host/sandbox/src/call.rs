//! The state of one call: the snapshot that it reads, its own writes over it, what it read and did, and what it used.

use std::collections::BTreeMap;
use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::{Cell, LogLine, Read};
use anshu_model::division::Division;
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::EntityKind;
use anshu_model::port::{Count, Find, Snapshot};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::engine::Taken;
use crate::error::Failure;
use crate::limit::Limit;
use crate::pack::Pack;
use crate::registry::Registry;
use crate::settings::Settings;

mod counted;
mod spill;
pub(crate) mod texts;

/// One call into a pack, as the host's side of it.
pub(crate) struct Call {
    pub(crate) pack: Arc<Pack>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) context: OpContext,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) taken: Taken,
    /// Looks at a computing guest that are left before it is stopped.
    pub(crate) ticks: u64,
    /// The import whose answer the call waits for.
    pub(crate) waiting_on: Option<&'static str>,
    pub(crate) host_calls: u64,
    pub(crate) reads: Vec<Read>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) log: Vec<LogLine>,
    pub(crate) dropped_lines: usize,
    snapshot: Box<dyn Snapshot>,
    /// Records by id as this call sees them: read from the snapshot, with the call's own writes applied.
    known: BTreeMap<Id, Option<Record>>,
    made: u64,
    answered: usize,
    events: usize,
    /// Whose events led to this call.
    via: Vec<String>,
    reads_only: bool,
    /// Whether it happens now: a replay uses up nobody's quota.
    live: bool,
    log_bytes: usize,
    /// The texts that it read.
    held: spill::Held,
}

impl Call {
    pub(crate) fn new(
        pack: Arc<Pack>,
        registry: Arc<Registry>,
        settings: Arc<Settings>,
        context: OpContext,
        snapshot: Box<dyn Snapshot>,
    ) -> Self {
        let calendar = snapshot.calendar();
        let ticks = settings.deadline.as_micros().div_ceil(settings.tick.as_micros().max(1));
        Self {
            taken: Taken::new(&settings),
            ticks: u64::try_from(ticks).unwrap_or(u64::MAX),
            pack,
            registry,
            settings,
            context,
            calendar,
            waiting_on: None,
            host_calls: 0,
            reads: Vec::new(),
            effects: Vec::new(),
            log: Vec::new(),
            dropped_lines: 0,
            snapshot,
            known: BTreeMap::new(),
            made: 0,
            answered: 0,
            events: 0,
            via: Vec::new(),
            reads_only: false,
            live: false,
            log_bytes: 0,
            held: spill::Held::default(),
        }
    }

    /// A call that happens now.
    pub(crate) fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// A call that may not change anything.
    pub(crate) fn reading(mut self) -> Self {
        self.reads_only = true;
        self
    }

    /// The next id of what this call makes.
    pub(crate) fn make_id(&mut self) -> Id {
        let id = Id::derived(&self.context.id, self.made);
        self.made += 1;
        id
    }

    pub(crate) fn snapshot(&self) -> &dyn Snapshot {
        &*self.snapshot
    }

    /// The snapshot of a call that is over.
    pub(crate) fn into_snapshot(self) -> Box<dyn Snapshot> {
        self.snapshot
    }

    /// A record as this call sees it, its own writes included. None: absent, or hidden.
    pub(crate) async fn look(&mut self, id: &Id) -> Result<Option<&Record>, Failure> {
        if !self.known.contains_key(id) {
            self.waiting_on = Some("按标识读取");
            let found = self.snapshot.get(id).await;
            self.waiting_on = None;
            let found = found?.and_then(|record| self.granted(record));
            self.hold(found.as_ref());
            self.reads
                .push(Read::Get { id: id.clone(), found: found.as_ref().map(Record::reference) });
            self.known.insert(id.clone(), found);
        }
        Ok(self.known.get(id).and_then(Option::as_ref))
    }

    /// A record as the host itself looks at it: no read of the pack's.
    pub(crate) async fn peek(&mut self, id: &Id) -> Result<Option<Record>> {
        let found = self.snapshot.get(id).await?;
        Ok(found.and_then(|record| self.granted(record)))
    }

    /// A record that must be there.
    pub(crate) async fn record(&mut self, kind: Kind, id: &Id) -> Result<&Record, Failure> {
        match self.look(id).await? {
            Some(record) if record.head.kind == kind => Ok(record),
            _ => Err(Error::NotFound(format!("{} {id}", kind.title())).into()),
        }
    }

    /// The entity with an exact identifier.
    pub(crate) async fn lookup(
        &mut self,
        kind: EntityKind,
        scheme: &str,
        value: &str,
    ) -> Result<Option<&Record>, Failure> {
        self.waiting_on = Some("entities.lookup");
        let found = self.snapshot.lookup(kind, scheme, value).await;
        self.waiting_on = None;
        let found = found?.and_then(|record| self.granted(record));
        self.hold(found.as_ref());
        let asked = asked_lookup(&self.context.id, kind, scheme, value);
        self.reads.push(Read::Lookup { asked, found: found.as_ref().map(Record::reference) });
        Ok(found.map(|record| self.keep(record)))
    }

    /// The records that a query finds in the snapshot, as this call sees them.
    pub(crate) async fn find(
        &mut self,
        on: &'static str,
        query: &Find,
    ) -> Result<Vec<&Record>, Failure> {
        self.waiting_on = Some(on);
        let found = self.snapshot.find(query).await;
        self.waiting_on = None;
        let found: Vec<_> = found?.into_iter().filter_map(|record| self.granted(record)).collect();
        let references: Vec<_> = found.iter().map(Record::reference).collect();
        let ids: Vec<_> = references.iter().map(|reference| reference.id.clone()).collect();
        self.reads.push(Read::Find { asked: asked(query), found: references });
        for record in found {
            self.hold(Some(&record));
            self.keep(record);
        }
        Ok(ids.iter().filter_map(|id| self.known.get(id).and_then(Option::as_ref)).collect())
    }

    /// Notes what a record that was read brings.
    fn hold(&mut self, record: Option<&Record>) {
        if let Some(record) = record {
            self.held.read(&self.registry.schemas, record);
        }
    }

    /// Figures.
    pub(crate) async fn count(&mut self, query: &Count) -> Result<Vec<Cell>, Failure> {
        self.waiting_on = Some("data.count");
        let cells = self.snapshot.count(query).await;
        self.waiting_on = None;
        let cells = cells?;
        self.reads.push(Read::Count { asked: asked(query), cells: cells.clone() });
        Ok(cells)
    }

    /// The unit that has a function where something is.
    pub(crate) async fn unit(
        &mut self,
        function: &str,
        division: &Division,
    ) -> Result<Id, Failure> {
        self.waiting_on = Some("查找职能单位");
        let found = self.snapshot.unit(function, division).await;
        self.waiting_on = None;
        let found = found?;
        self.reads.push(Read::Unit { function: function.to_owned(), found: found.clone() });
        found.ok_or_else(|| {
            let text = format!(
                "在区划 {division} 及其上级，没有承担“{function}”职能的单位；请先在机构设置中登记"
            );
            Error::NotFound(text).into()
        })
    }

    /// The unit that stands behind the caller.
    pub(crate) fn own_unit(&self) -> Result<Id, Failure> {
        self.context.principal.unit().cloned().ok_or_else(|| {
            Error::Denied("主机作业不属于任何单位，不能新建记录；请由人员或插件的职责办理".into())
                .into()
        })
    }

    /// Adds an effect after the guard has checked it.
    pub(crate) fn add(&mut self, effect: Effect) -> Result<(), Failure> {
        self.may_add()?;
        self.snapshot.check(&effect)?;
        self.stays(&effect)?;
        self.effects.push(effect);
        Ok(())
    }

    /// Makes a record.
    pub(crate) fn create(&mut self, record: Record) -> Result<(), Failure> {
        let effect = Effect::Create { record: Box::new(record.clone()) };
        self.add(effect)?;
        self.known.insert(record.head.id.clone(), Some(record));
        Ok(())
    }

    /// Makes a step on a record that exists, or that this call made.
    pub(crate) async fn change(
        &mut self,
        kind: Kind,
        id: &Id,
        change: Change,
    ) -> Result<(), Failure> {
        self.may_add()?;
        let base = self.record(kind, id).await?.head.version;
        let effect = Effect::Change { kind, id: id.clone(), base, change };
        self.snapshot.check(&effect)?;
        self.stays(&effect)?;
        // The state machine decides on the overlay, so that several steps in one call follow one another.
        if let (Effect::Change { change, .. }, Some(Some(record))) =
            (&effect, self.known.get_mut(id))
        {
            record.apply(change, &self.context)?;
        }
        self.effects.push(effect);
        Ok(())
    }

    /// A line in a record's timeline. An empty text leaves none.
    pub(crate) fn line(&mut self, about: &Id, text: &str) -> Result<(), Failure> {
        if text.trim().is_empty() {
            return Ok(());
        }
        self.add(Effect::Line { about: about.clone(), text: text.to_owned() })
    }

    /// Refuses a name that the pack may not read.
    pub(crate) fn may_read(&self, name: &str) -> Result<(), Failure> {
        self.may(self.pack.effective.reads.contains(name), "读取", name)
    }

    /// Refuses a name that the pack may not write.
    pub(crate) fn may_write(&self, name: &str) -> Result<(), Failure> {
        self.may(self.pack.effective.writes.contains(name), "写入", name)
    }

    /// Refuses a topic that the pack may not publish.
    pub(crate) fn may_publish(&self, topic: &str) -> Result<(), Failure> {
        self.may(self.pack.effective.publishes.contains(topic), "发布", topic)
    }

    fn may(&self, allowed: bool, verb: &str, name: &str) -> Result<(), Failure> {
        if allowed {
            return Ok(());
        }
        let text = format!(
            "插件 {} 未获授权{verb}“{name}”；请在清单中申请并由集成人员批准",
            self.pack.title()
        );
        Err(Error::Denied(text).into())
    }

    fn may_add(&self) -> Result<(), Failure> {
        if self.reads_only {
            return Err(Error::Denied(
                "视图、说明和衔接只能读取，不能产生任何变更；请在动作中办理".into(),
            )
            .into());
        }
        if self.effects.len() >= self.settings.effects {
            return Err(Limit::Effects { most: self.settings.effects }.into());
        }
        Ok(())
    }

    /// What the pack's own grant leaves of a record. The scope has been applied by then; this holds even where it was
    /// made too wide.
    fn granted(&self, mut record: Record) -> Option<Record> {
        let reads = &self.pack.effective.reads;
        match &mut record.body {
            Body::Entity(entity) => entity.facets.retain(|name, _| reads.contains(name)),
            Body::Case(_) | Body::Risk(_) if !reads.contains(&record.head.type_name) => {
                return None;
            }
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => {}
        }
        Some(record)
    }

    /// Keeps what a query found, unless the call has changed it since.
    fn keep(&mut self, record: Record) -> &Record {
        let slot = self.known.entry(record.head.id.clone()).or_default();
        &*slot.get_or_insert(record)
    }
}

/// What a look-up asked, without the number itself, and in no two calls the same.
pub(crate) fn asked_lookup(call: &Id, kind: EntityKind, scheme: &str, value: &str) -> String {
    let mut hash = Sha256::new();
    for part in [call.as_str(), kind.name(), scheme, value] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(hash)
}

/// What a query asked.
pub(crate) fn asked(query: &impl Serialize) -> String {
    let mut hash = Sha256::new();
    // A query is plain data; where it could not be written it would be asked as nothing, and a replay would notice.
    hash.update(serde_json::to_vec(query).unwrap_or_default());
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or('0');
    hash.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
