//! A batch: each unit is checked against what is there and against the units before it, in memory; what passes is
//! gathered as rows. A unit that is refused leaves nothing in the batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::decision::{Input, Read};
use anshu_model::effect::{Change, Effect};
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::schema::Schemas;
use anshu_model::{Error, Id, Result};

use super::index::indexed;
use super::load::Present;
use super::store::{Event, Line, Made, Timer, Version};
use super::vouch;
use super::{Facts, Unit, Work, lines, sealing};
use crate::keys::IndexKey;
use crate::log::note::hex;
use crate::{columns, guard};

/// The units of one transaction.
pub(super) struct Batch<'a> {
    pub(super) facts: &'a Facts,
    pub(super) schemas: Arc<Schemas>,
    pub(super) calendar: Arc<Calendar>,
    pub(super) present: Present,
    /// What passed, in order: one entry for each leaf.
    pub(super) made: Vec<Made<'a>>,
}

/// A record as one unit changes it.
struct Draft {
    /// What it was before. None: the unit makes it.
    before: Option<Record>,
    now: Record,
    /// Whether it gets a new version.
    changed: bool,
}

impl<'a> Batch<'a> {
    /// An empty batch.
    pub(super) fn new(facts: &'a Facts, present: Present) -> Self {
        let (schemas, calendar) = (facts.schemas.get(), facts.calendar.get());
        Self { facts, schemas, calendar, present, made: Vec::new() }
    }

    /// Takes leaves that stand for no change.
    pub(super) fn note(&mut self, leaves: &[Leaf]) {
        self.made.extend(leaves.iter().cloned().map(Made::leaf));
    }

    /// Takes a unit in, or refuses it whole.
    pub(super) fn take(&mut self, unit: &'a Unit) -> Result<()> {
        self.check_once(unit)?;
        self.check_reads(unit)?;
        self.check_rests(unit)?;
        let mut drafts = BTreeMap::new();
        let mut made = Made::default();
        for effect in unit.effects() {
            unit.permit.check(effect, &self.schemas)?;
            self.apply(unit, effect, &mut drafts, &mut made)?;
        }
        self.finish(unit, drafts, made)
    }

    /// Each operation, event and timer is committed once.
    fn check_once(&self, unit: &Unit) -> Result<()> {
        let done = |what: &str| Err(Error::Conflict(format!("{what}已经处理，不再重复处理")));
        if matches!(unit.work, Work::Decision { .. })
            && self.present.decisions.contains(&unit.context().id)
        {
            return done("该操作");
        }
        match unit.input() {
            Some((pack, Input::Event { id, .. }))
                if self.present.handled.contains(&(id.clone(), pack.to_owned())) =>
            {
                done("该事件")
            }
            Some((pack, Input::Timer { key, due, .. }))
                if self.present.timers.get(&(pack.to_owned(), key.clone())) != Some(due) =>
            {
                done("该定时任务")
            }
            _ => Ok(()),
        }
    }

    /// What was read by id or by an identifier is still what it was.
    fn check_reads(&self, unit: &Unit) -> Result<()> {
        let made: BTreeSet<&Id> = unit.effects().iter().filter_map(made_by).collect();
        let changed: BTreeSet<&Id> = unit.effects().iter().filter_map(changed_by).collect();
        for read in unit.reads() {
            let (Read::Get { found: Some(found), .. } | Read::Lookup { found: Some(found), .. }) =
                read
            else {
                continue;
            };
            if made.contains(&found.id) {
                continue;
            }
            let now = self.present.versions.get(&found.id).copied();
            // A call sees its own change as the next version.
            let own =
                changed.contains(&found.id) && now.is_some_and(|now| found.version == now + 1);
            if self.present.sealed.contains(&found.id) || now != Some(found.version) && !own {
                return Err(moved_on(found.kind, &found.id));
            }
        }
        Ok(())
    }

    /// What the scope was made by is still so: a case that was closed or handed over since gives no rights any more.
    fn check_rests(&self, unit: &Unit) -> Result<()> {
        match unit.permit.rests_on() {
            Some((id, version)) if self.present.versions.get(id) != Some(version) => {
                Err(Error::Conflict("所办事项在此期间已有变动；请刷新后重试".into()))
            }
            _ => Ok(()),
        }
    }

    fn apply(
        &self,
        unit: &Unit,
        effect: &Effect,
        drafts: &mut BTreeMap<Id, Draft>,
        made: &mut Made<'a>,
    ) -> Result<()> {
        let context = unit.context();
        match effect {
            Effect::Create { record } => self.create(unit, record, drafts, made),
            Effect::Change { kind, id, base, change } => {
                let draft = self.draft(*kind, id, drafts)?;
                unit.permit.check_on(change, &draft.now.head, &columns::titled(&draft.now).1)?;
                self.is_processed(id)?;
                let stored = draft.now.head.version;
                if *base != stored && !(draft.changed && *base == stored + 1) {
                    return Err(moved_on(*kind, id));
                }
                let line = lines::of(change, &draft.now);
                match (change, &draft.now.body) {
                    // What the caller did not see of the facet survives what it wrote.
                    (Change::SetFacet { name, facet }, Body::Entity(_)) => {
                        let facet =
                            unit.permit.write_facet(&draft.now, name, facet, &self.schemas)?;
                        let change = Change::SetFacet { name: name.clone(), facet };
                        draft.now.apply(&change, context)?;
                    }
                    _ => draft.now.apply(change, context)?,
                }
                draft.changed = true;
                if let Change::AddParty { party } = change {
                    made.links.insert((party.entity.clone(), "party", id.clone()));
                }
                if let Some(line) = line {
                    made.lines.push(Line { about: id.clone(), host: true, text: line });
                }
                Ok(())
            }
            Effect::Line { about, text } => {
                let record = match drafts.get(about) {
                    Some(draft) => &draft.now,
                    None => self.present.records.get(about).ok_or_else(|| absent(about))?,
                };
                unit.permit.check_line(&record.head, &columns::titled(record).1)?;
                self.is_processed(about)?;
                made.lines.push(Line { about: about.clone(), host: false, text: text.clone() });
                Ok(())
            }
            Effect::Publish { id, topic, about, payload } => {
                made.events.push(Event {
                    id: id.clone(),
                    topic: topic.clone(),
                    about: about.clone(),
                    payload: payload.to_string(),
                    via: via(unit)?,
                    subscribers: self.present.subscribers.get(topic).cloned().unwrap_or_default(),
                });
                Ok(())
            }
            Effect::Wake { at, key, payload } => {
                let pack = context.pack.as_ref().map(|pack| pack.name.clone()).unwrap_or_default();
                made.timers.retain(|timer| timer.key != *key);
                made.timers.push(Timer {
                    pack,
                    key: key.clone(),
                    due: *at,
                    payload: payload.to_string(),
                });
                Ok(())
            }
        }
    }

    fn create(
        &self,
        unit: &Unit,
        record: &Record,
        drafts: &mut BTreeMap<Id, Draft>,
        made: &mut Made<'a>,
    ) -> Result<()> {
        let id = &record.head.id;
        if record.head.version != 1 || kind_of(&record.body) != record.head.kind {
            return Err(Error::Internal(format!("new record {id} has a wrong head")));
        }
        if self.present.versions.contains_key(id) || drafts.contains_key(id) {
            return Err(Error::Conflict(format!("{} {id} 已经存在", record.head.kind.title())));
        }
        match &record.body {
            Body::Entity(entity) => {
                for number in &entity.identifiers {
                    let index = &self.present.index;
                    let digest =
                        |key: &IndexKey| key.identifier(entity.kind, &number.scheme, &number.value);
                    if let Some(owner) = self.present.keys.get(&digest(index.key())) {
                        return Err(self.taken(unit, &number.scheme, owner));
                    }
                    for key in index.of(id).map(digest) {
                        if made.keys.insert(key, id.clone()).is_some_and(|owner| owner != *id) {
                            return Err(Error::Conflict(format!(
                                "同一身份标识（{}）重复登记",
                                number.scheme
                            )));
                        }
                    }
                }
            }
            Body::Case(case) => {
                made.links.extend(
                    case.parties.iter().map(|party| (party.entity.clone(), "party", id.clone())),
                );
            }
            Body::Risk(risk) => {
                made.links.insert((risk.subject.clone(), "subject", id.clone()));
            }
            Body::Duty(duty) => {
                made.links.insert((duty.about.clone(), "about", id.clone()));
            }
        }
        made.lines.push(Line { about: id.clone(), host: true, text: lines::made(record) });
        drafts.insert(id.clone(), Draft { before: None, now: record.clone(), changed: true });
        Ok(())
    }

    /// A number names one entity. Where another has it, a call that looked before it was there runs again; one that may
    /// not see it is told so, as running again would not help.
    fn taken(&self, unit: &Unit, scheme: &str, owner: &Id) -> Error {
        match self.present.records.get(owner) {
            Some(record) if !unit.permit.covers(&record.head) => Error::Denied(format!(
                "该身份标识（{scheme}）已由其他单位建档；请通过数据共享申请使用，不能重复建档"
            )),
            _ => Error::Conflict(format!("该身份标识（{scheme}）刚刚由他人建档")),
        }
    }

    /// Nothing is written about somebody whose processing was stopped. It is said to those alone who reach the record.
    fn is_processed(&self, id: &Id) -> Result<()> {
        if self.present.ring.is_restricted(id) {
            return Err(Error::Denied(
                "该对象的信息已依法停止处理，只能由个人信息保护负责人答复本人".into(),
            ));
        }
        Ok(())
    }

    fn draft<'d>(
        &self,
        kind: Kind,
        id: &Id,
        drafts: &'d mut BTreeMap<Id, Draft>,
    ) -> Result<&'d mut Draft> {
        if !drafts.contains_key(id) {
            let before =
                self.present.records.get(id).filter(|record| record.head.kind == kind).cloned();
            let before = before.ok_or_else(|| absent(id))?;
            drafts.insert(
                id.clone(),
                Draft { now: before.clone(), before: Some(before), changed: false },
            );
        }
        drafts.get_mut(id).ok_or_else(|| absent(id))
    }

    /// Everything passed: versions, digests, the leaf, and from now on this is what is there.
    fn finish(
        &mut self,
        unit: &'a Unit,
        drafts: BTreeMap<Id, Draft>,
        mut made: Made<'a>,
    ) -> Result<()> {
        for (id, Draft { before, mut now, changed }) in drafts {
            if !changed {
                continue;
            }
            if let Some(before) = &before {
                now.head.version = before.head.version + 1;
            }
            let json = serde_json::to_string(&now)
                .map_err(|error| Error::Internal(format!("record {id} as JSON: {error}")))?;
            self.index(before.as_ref(), &now, &mut made);
            made.versions.push(Version { record: now, json, digest: [0; 32] });
        }
        made.abouts = vouch::abouts(unit, &made);
        sealing::seal(self, unit, &mut made)?;
        let rows = vouch::rows(unit, &made);
        let written = made.versions.iter().map(|version| version.record.reference());
        let found = unit.reads().iter().filter_map(|read| match read {
            Read::Get { found, .. } | Read::Lookup { found, .. } => found.as_ref(),
            Read::Find { .. } | Read::Count { .. } | Read::Unit { .. } => None,
        });
        // What a query found comes last: of a long list the leaf names what was asked for by itself.
        let listed = unit.reads().iter().flat_map(|read| match read {
            Read::Find { found, .. } => found.as_slice(),
            Read::Get { .. } | Read::Lookup { .. } | Read::Count { .. } | Read::Unit { .. } => &[],
        });
        let touched = written.chain(found.chain(listed).cloned());
        made.leaf = Some(match &unit.work {
            Work::Decision { .. } => Leaf {
                digest: made.decision.as_ref().map(|(_, digest)| hex(digest)).unwrap_or_default(),
                rows,
                ..guard::leaf(unit.context(), Action::Decide, Verdict::Allowed).touching(touched)
            },
            Work::Act { note, .. } => Leaf {
                rows,
                note: note.clone(),
                ..guard::leaf(unit.context(), Action::Write, Verdict::Allowed).touching(touched)
            },
        });
        made.unit = Some(unit);
        self.remember(unit, &made);
        if let Some(kept) = made.kept.take() {
            made.used = self.present.ring.keep(kept);
        }
        self.made.push(made);
        Ok(())
    }

    /// Which blind indexes come and go with a change of an entity.
    fn index(&self, before: Option<&Record>, now: &Record, made: &mut Made<'a>) {
        let old = before.map(|record| self.attributes(record)).unwrap_or_default();
        let new = self.attributes(now);
        made.indexed.extend(new.difference(&old).map(|key| (key.clone(), now.head.id.clone())));
        made.unindexed.extend(old.difference(&new).map(|key| (key.clone(), now.head.id.clone())));
    }

    fn attributes(&self, record: &Record) -> BTreeSet<Vec<u8>> {
        let keys = self.present.index.of(&record.head.id);
        keys.flat_map(|key| indexed(key, &self.schemas, record)).collect()
    }

    /// What the next units of the batch meet.
    fn remember(&mut self, unit: &Unit, made: &Made<'a>) {
        let present = &mut self.present;
        for Version { record, .. } in &made.versions {
            present.versions.insert(record.head.id.clone(), record.head.version);
            present.records.insert(record.head.id.clone(), record.clone());
        }
        present.keys.extend(made.keys.iter().map(|(key, id)| (key.clone(), id.clone())));
        if matches!(unit.work, Work::Decision { .. }) {
            present.decisions.insert(unit.context().id.clone());
        }
        match unit.input() {
            Some((pack, Input::Event { id, .. })) => {
                present.handled.insert((id.clone(), pack.to_owned()));
            }
            Some((pack, Input::Timer { key, .. })) => {
                present.timers.remove(&(pack.to_owned(), key.clone()));
            }
            Some((_, Input::Action { .. })) | None => {}
        }
        for timer in &made.timers {
            present.timers.insert((timer.pack.clone(), timer.key.clone()), timer.due);
        }
    }
}

fn kind_of(body: &Body) -> Kind {
    match body {
        Body::Entity(_) => Kind::Entity,
        Body::Case(_) => Kind::Case,
        Body::Risk(_) => Kind::Risk,
        Body::Duty(_) => Kind::Duty,
    }
}

/// Whose events led to what a unit publishes, as JSON. The host's own acts lead to nothing.
fn via(unit: &Unit) -> Result<String> {
    let via = unit.input().map(|(pack, input)| input.via(pack)).unwrap_or_default();
    serde_json::to_string(&via).map_err(|error| Error::Internal(format!("chain as JSON: {error}")))
}

fn made_by(effect: &Effect) -> Option<&Id> {
    match effect {
        Effect::Create { record } => Some(&record.head.id),
        Effect::Change { .. }
        | Effect::Line { .. }
        | Effect::Publish { .. }
        | Effect::Wake { .. } => None,
    }
}

fn changed_by(effect: &Effect) -> Option<&Id> {
    match effect {
        Effect::Change { id, .. } => Some(id),
        Effect::Create { .. }
        | Effect::Line { .. }
        | Effect::Publish { .. }
        | Effect::Wake { .. } => None,
    }
}

fn moved_on(kind: Kind, id: &Id) -> Error {
    Error::Conflict(format!("{} {id} 在读取之后已有变动；请刷新后重试", kind.title()))
}

fn absent(id: &Id) -> Error {
    Error::NotFound(format!("记录 {id}"))
}
