//! What is there now, as far as a batch touches it: loaded with a few queries for all of its units, and kept up to date
//! while one unit after the other is taken.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anshu_model::decision::{Input, Read};
use anshu_model::effect::Effect;
use anshu_model::instant::Instant;
use anshu_model::record::{Body, Record};
use anshu_model::{Id, Result};

use super::{Facts, Unit, Work};
use crate::db::{Query, Tx};
use crate::vault::blind::Blind;
use crate::vault::ring::{Ring, rests_on};

/// Values of one `IN`.
const MOST: usize = 1024;

/// What is there now.
#[derive(Debug)]
pub(super) struct Present {
    /// The keys of the blind indexes.
    pub(super) index: Blind,
    /// Records that are changed or written about, with their bodies.
    pub(super) records: HashMap<Id, Record>,
    /// The versions of these and of all that was read.
    pub(super) versions: HashMap<Id, u64>,
    /// Those of them that are sealed: to a unit they are not there, and what read them before runs again.
    pub(super) sealed: HashSet<Id>,
    /// Who has the numbers that new entities bring.
    pub(super) keys: HashMap<Vec<u8>, Id>,
    /// Decisions that were committed already.
    pub(super) decisions: HashSet<Id>,
    /// Events that were handled already, with who did.
    pub(super) handled: HashSet<(Id, String)>,
    /// Timers that are set.
    pub(super) timers: HashMap<(String, String), Instant>,
    /// Who hears a topic.
    pub(super) subscribers: BTreeMap<String, Vec<String>>,
    /// The keys of all that is written or written about.
    pub(super) ring: Ring,
}

impl Present {
    /// Loads what the units touch.
    pub(super) async fn load(
        tx: &mut Tx,
        units: impl Iterator<Item = &Unit>,
        facts: &Facts,
    ) -> Result<Self> {
        let mut present = Self::empty(facts.index.all(tx).await?);
        let wanted = Wanted::of(units, facts, &present.index);
        present.bodies(tx, facts, &wanted.bodies).await?;
        let versions: BTreeSet<&Id> = wanted.versions.difference(&wanted.bodies).copied().collect();
        for ids in chunks(&versions) {
            let ids = ids.copied();
            for row in tx
                .rows(Query::new("SELECT id, version, sealed FROM record WHERE id IN ").list(ids))
                .await?
            {
                present.versions.insert(row.id(0)?, row.count(1)?);
                if row.int(2)? == 1 {
                    present.sealed.insert(row.id(0)?);
                }
            }
        }
        for keys in chunks(&wanted.keys) {
            for row in tx
                .rows(
                    Query::new("SELECT key, id FROM record_key WHERE key IN ").list(keys.cloned()),
                )
                .await?
            {
                present.keys.insert(row.bytes(0)?, row.id(1)?);
            }
        }
        // Rarely any: who has a number already, to tell the one who may see them from the one who may not.
        let owners: BTreeSet<Id> = present.keys.values().cloned().collect();
        present.bodies(tx, facts, &owners.iter().collect()).await?;
        for ids in chunks(&wanted.decisions) {
            let ids = ids.copied();
            for row in tx.rows(Query::new("SELECT id FROM decision WHERE id IN ").list(ids)).await?
            {
                present.decisions.insert(row.id(0)?);
            }
        }
        for ids in chunks(&wanted.events) {
            let ids = ids.copied();
            let query =
                Query::new("SELECT event, pack FROM delivery WHERE state = 'done' AND event IN ")
                    .list(ids);
            for row in tx.rows(query).await? {
                present.handled.insert((row.id(0)?, row.text(1)?));
            }
        }
        for (pack, key) in wanted.timers {
            let query = Query::new("SELECT due FROM timer WHERE pack = ")
                .bind(pack)
                .push(" AND key = ")
                .bind(key);
            if let Some(row) = tx.row(query).await? {
                present.timers.insert((pack.to_owned(), key.to_owned()), row.instant(0)?);
            }
        }
        if !wanted.topics.is_empty() {
            let query = Query::new("SELECT topic, pack FROM subscription WHERE topic IN ")
                .list(wanted.topics);
            for row in tx.rows(query.push(" ORDER BY pack")).await? {
                present.subscribers.entry(row.text(0)?).or_default().push(row.text(1)?);
            }
        }
        let mut subjects = wanted.subjects;
        // What is changed may rest on something that no unit names.
        subjects.extend(present.records.values().filter_map(rests_on).cloned());
        present.ring = Ring::load(tx, &facts.vault, &subjects).await?;
        Ok(present)
    }

    fn empty(index: Blind) -> Self {
        Self {
            index,
            records: HashMap::new(),
            versions: HashMap::new(),
            sealed: HashSet::new(),
            keys: HashMap::new(),
            decisions: HashSet::new(),
            handled: HashSet::new(),
            timers: HashMap::new(),
            subscribers: BTreeMap::new(),
            ring: Ring::default(),
        }
    }

    async fn bodies(&mut self, tx: &mut Tx, facts: &Facts, ids: &BTreeSet<&Id>) -> Result<()> {
        for ids in chunks(ids) {
            let query = Query::new(
                "SELECT v.record, v.id, v.version, r.sealed FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id IN ",
            );
            let rows = tx.rows(query.list(ids.copied())).await?;
            let records = facts.vault.records(tx, &rows, 0).await?;
            for (row, record) in rows.iter().zip(records) {
                let Some(record) = record else { continue };
                self.versions.insert(record.head.id.clone(), record.head.version);
                if row.int(3)? == 1 {
                    self.sealed.insert(record.head.id);
                    continue;
                }
                self.records.insert(record.head.id.clone(), record);
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Wanted<'a> {
    bodies: BTreeSet<&'a Id>,
    versions: BTreeSet<&'a Id>,
    keys: BTreeSet<Vec<u8>>,
    decisions: BTreeSet<&'a Id>,
    events: BTreeSet<&'a Id>,
    timers: BTreeSet<(&'a str, &'a str)>,
    topics: BTreeSet<&'a str>,
    /// Whose keys may seal something.
    subjects: BTreeSet<Id>,
}

impl<'a> Wanted<'a> {
    fn of(units: impl Iterator<Item = &'a Unit>, facts: &Facts, index: &Blind) -> Self {
        let mut wanted = Self::default();
        for unit in units {
            if let Work::Decision { decision, .. } = &unit.work {
                wanted.decisions.insert(&decision.context.id);
            }
            match unit.input() {
                Some((_, Input::Event { id, .. })) => {
                    wanted.events.insert(id);
                }
                Some((pack, Input::Timer { key, .. })) => {
                    wanted.timers.insert((pack, key));
                }
                Some((_, Input::Action { .. })) | None => {}
            }
            for read in unit.reads() {
                if let Read::Get { found: Some(found), .. }
                | Read::Lookup { found: Some(found), .. } = read
                {
                    wanted.versions.insert(&found.id);
                }
                if let Read::Find { found, .. } = read {
                    wanted.subjects.extend(found.iter().map(|found| found.id.clone()));
                }
            }
            wanted.versions.extend(unit.permit.rests_on().map(|(id, _)| id));
            for effect in unit.effects() {
                wanted.effect(effect, index);
            }
            wanted.subjects.extend(unit.named().cloned());
            wanted.subjects.insert(unit.month(&facts.calendar.get()));
        }
        wanted.subjects.extend(wanted.versions.union(&wanted.bodies).map(|id| (*id).clone()));
        wanted
    }

    fn effect(&mut self, effect: &'a Effect, index: &Blind) {
        match effect {
            Effect::Create { record } => {
                self.versions.insert(&record.head.id);
                self.subjects.extend(rests_on(record).cloned());
                if let Body::Entity(entity) = &record.body {
                    self.keys.extend(entity.identifiers.iter().map(|number| {
                        index.key().identifier(entity.kind, &number.scheme, &number.value)
                    }));
                }
            }
            Effect::Change { id, .. } => {
                self.bodies.insert(id);
            }
            Effect::Line { about, .. } => {
                self.bodies.insert(about);
            }
            Effect::Publish { topic, .. } => {
                self.topics.insert(topic);
            }
            Effect::Wake { .. } => {}
        }
    }
}

/// The values of a set, so many at a time.
fn chunks<T>(values: &BTreeSet<T>) -> impl Iterator<Item = impl Iterator<Item = &T>> {
    let count = values.len().div_ceil(MOST);
    (0..count).map(move |at| values.iter().skip(at * MOST).take(MOST))
}
