//! What passed, as rows: a few statements for the whole batch.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::decision::Input;
use anshu_model::instant::Instant;
use anshu_model::leaf::Leaf;
use anshu_model::record::Record;
use anshu_model::{Error, Id, Result};

use super::batch::Batch;
use super::{Unit, vouch};
use crate::columns::{self, Columns};
use crate::db::{Bind, Query, Tx};
use crate::disclosure::index::Fresh;
use crate::log::bind;
use crate::log::store::Appender;
use crate::vault::ring::{Kept, Used};
use crate::vault::{KeyRow, key_rows};

/// What one unit made: the rows that belong to one leaf.
#[derive(Default)]
pub(super) struct Made<'a> {
    /// Whose it is. None: a leaf alone.
    pub(super) unit: Option<&'a Unit>,
    pub(super) leaf: Option<Leaf>,
    pub(super) versions: Vec<Version>,
    pub(super) lines: Vec<Line>,
    /// Which records a decision is about.
    pub(super) abouts: BTreeSet<Id>,
    pub(super) events: Vec<Event>,
    pub(super) timers: Vec<Timer>,
    /// (target, relation, record)
    pub(super) links: BTreeSet<(Id, &'static str, Id)>,
    pub(super) keys: BTreeMap<Vec<u8>, Id>,
    pub(super) indexed: BTreeSet<(Vec<u8>, Id)>,
    pub(super) unindexed: BTreeSet<(Vec<u8>, Id)>,
    /// The decision as it is stored, and the SHA-256 of exactly these bytes.
    pub(super) decision: Option<(String, [u8; 32])>,
    /// The keys that it wrote with.
    pub(super) kept: Option<Kept>,
    pub(super) used: Used,
}

/// A new version of a record.
pub(super) struct Version {
    pub(super) record: Record,
    pub(super) json: String,
    pub(super) digest: [u8; 32],
}

/// A line in a record's timeline.
pub(super) struct Line {
    pub(super) about: Id,
    pub(super) host: bool,
    pub(super) text: String,
}

/// An event, with those who hear it.
pub(super) struct Event {
    pub(super) id: Id,
    pub(super) topic: String,
    pub(super) about: Option<Id>,
    pub(super) payload: String,
    /// Whose events led to it, as JSON.
    pub(super) via: String,
    pub(super) subscribers: Vec<String>,
}

/// A timer that is set.
pub(super) struct Timer {
    pub(super) pack: String,
    pub(super) key: String,
    pub(super) due: Instant,
    pub(super) payload: String,
}

impl Made<'_> {
    /// A leaf alone.
    pub(super) fn leaf(leaf: Leaf) -> Self {
        Self { leaf: Some(leaf), ..Self::default() }
    }
}

/// The rows of a batch, by table.
#[derive(Default)]
struct Rows {
    records: BTreeMap<Id, Vec<Bind>>,
    units: BTreeMap<(Id, Id), Vec<Bind>>,
    versions: Vec<Vec<Bind>>,
    keys: Vec<Vec<Bind>>,
    indexed: Vec<Vec<Bind>>,
    unindexed: Vec<(Vec<u8>, Id)>,
    links: Vec<Vec<Bind>>,
    lines: Vec<Vec<Bind>>,
    decisions: Vec<Vec<Bind>>,
    abouts: Vec<Vec<Bind>>,
    events: Vec<Vec<Bind>>,
    deliveries: Vec<Vec<Bind>>,
    handled: Vec<Vec<Bind>>,
    fired: Vec<(String, String)>,
    timers: BTreeMap<(String, String), Vec<Bind>>,
    /// Keys with the leaf that made them, and how often they were used.
    data_keys: BTreeMap<(Id, u32), (KeyRow, u64, i64)>,
}

impl Batch<'_> {
    /// Writes everything that passed, with its leaves, into the open transaction.
    pub(super) async fn write(&mut self, tx: &mut Tx, appender: &Appender) -> Result<()> {
        let leaves: Vec<Leaf> = self.made.iter_mut().filter_map(|made| made.leaf.take()).collect();
        if leaves.is_empty() {
            return Ok(());
        }
        let made = self.made.iter().flat_map(|made| &made.versions);
        let links = self.made.iter().flat_map(|made| &made.links);
        let fresh = Fresh::new(made.map(|version| &version.record), links);
        let first = appender.append_with(tx, &leaves, &fresh).await?.first;
        let mut rows = Rows::default();
        for (leaf, made) in (first..).zip(std::mem::take(&mut self.made)) {
            let Some(unit) = made.unit else { continue };
            let leaf =
                i64::try_from(leaf).map_err(|error| Error::Internal(format!("leaf: {error}")))?;
            self.unit(&mut rows, unit, made, leaf);
        }
        rows.write(tx).await
    }

    fn unit(&self, rows: &mut Rows, unit: &Unit, made: Made<'_>, leaf: i64) {
        let context = unit.context();
        for Version { record, json, digest } in made.versions {
            let id = &record.head.id;
            rows.versions.push(vec![
                id.into(),
                record.head.version.into(),
                json.into(),
                digest.into(),
                (&context.id).into(),
                leaf.into(),
            ]);
            let columns = Columns::of(&record, &self.calendar, context.now);
            for unit in &record.head.joint {
                let row = vec![
                    unit.into(),
                    id.into(),
                    record.head.kind.name().into(),
                    columns.due.into(),
                ];
                rows.units.insert((unit.clone(), id.clone()), row);
            }
            let columns = columns.binds(&record);
            rows.records.insert(record.head.id, columns);
        }
        rows.keys.extend(made.keys.into_iter().map(|(key, id)| vec![key.into(), (&id).into()]));
        for (key, id) in made.unindexed {
            // What an earlier unit of the batch brought, this one takes away again.
            let row: Vec<Bind> = vec![key.clone().into(), (&id).into()];
            rows.indexed.retain(|other| *other != row);
            rows.unindexed.push((key, id));
        }
        rows.indexed
            .extend(made.indexed.into_iter().map(|(key, id)| vec![key.into(), (&id).into()]));
        rows.links.extend(
            made.links.into_iter().map(|(target, relation, id)| {
                vec![(&target).into(), relation.into(), (&id).into()]
            }),
        );
        let pack = context.pack.as_ref().map(|pack| pack.name.as_str());
        for (ordinal, line) in (0_i64..).zip(made.lines) {
            let sum = bind::short(&vouch::line(unit, ordinal, &line).hash());
            rows.lines.push(vec![
                (&line.about).into(),
                leaf.into(),
                ordinal.into(),
                context.now.into(),
                context.principal.title().into(),
                pack.into(),
                line.host.into(),
                line.text.into(),
                (&context.id).into(),
                sum.into(),
            ]);
        }
        for event in made.events {
            let sum = bind::short(&vouch::event(unit, &event).hash());
            rows.deliveries.extend(event.subscribers.into_iter().map(|subscriber| {
                vec![
                    (&event.id).into(),
                    subscriber.into(),
                    "waiting".into(),
                    0_i64.into(),
                    context.now.into(),
                    leaf.into(),
                ]
            }));
            rows.events.push(vec![
                (&event.id).into(),
                event.topic.into(),
                event.about.as_ref().into(),
                event.payload.into(),
                context.now.into(),
                leaf.into(),
                sum.into(),
                event.via.into(),
            ]);
        }
        match unit.input() {
            Some((pack, Input::Event { id, .. })) => rows.handled.push(vec![
                id.into(),
                pack.into(),
                "done".into(),
                0_i64.into(),
                0_i64.into(),
                leaf.into(),
                leaf.into(),
            ]),
            Some((pack, Input::Timer { key, .. })) => {
                rows.timers.remove(&(pack.to_owned(), key.clone()));
                rows.fired.push((pack.to_owned(), key.clone()));
            }
            Some((_, Input::Action { .. })) | None => {}
        }
        for timer in made.timers {
            let row = vec![
                timer.pack.as_str().into(),
                timer.key.as_str().into(),
                timer.due.into(),
                timer.payload.into(),
                "waiting".into(),
                0_i64.into(),
                timer.due.into(),
            ];
            rows.timers.insert((timer.pack, timer.key), row);
        }
        for key in made.used.made {
            rows.data_keys.insert((key.subject.clone(), key.generation), (key, 0, leaf));
        }
        for (name, (key, uses)) in made.used.uses {
            rows.data_keys.entry(name).or_insert((key, 0, leaf)).1 += uses;
        }
        let Some((json, digest)) = made.decision else { return };
        rows.abouts.extend(
            made.abouts.iter().map(|about| vec![about.into(), leaf.into(), (&context.id).into()]),
        );
        rows.decisions.push(vec![
            (&context.id).into(),
            context.now.into(),
            pack.unwrap_or_default().into(),
            context.purpose.serves.as_ref().into(),
            json.into(),
            digest.into(),
            leaf.into(),
        ]);
    }
}

impl Rows {
    async fn write(self, tx: &mut Tx) -> Result<()> {
        tx.insert(
            columns::INSERT,
            columns::COUNT,
            self.records.into_values().collect(),
            columns::REPLACE,
        )
        .await?;
        let into = "INSERT INTO record_unit (unit, id, kind, due)";
        let moved = "ON CONFLICT (unit, id) DO UPDATE SET due = excluded.due";
        tx.insert(into, 4, self.units.into_values().collect(), moved).await?;
        let keys = self.data_keys.into_values();
        let keys = keys.map(|(key, uses, leaf)| key.binds(uses, leaf)).collect();
        tx.insert(key_rows::INSERT, key_rows::COLUMNS, keys, key_rows::USED).await?;
        let into = "INSERT INTO record_version (id, version, record, digest, operation, leaf)";
        tx.insert(into, 6, self.versions, "").await?;
        tx.insert("INSERT INTO record_key (key, id)", 2, self.keys, "").await?;
        for (key, id) in self.unindexed {
            let query = Query::new("DELETE FROM record_attribute WHERE key = ")
                .bind(key)
                .push(" AND id = ")
                .bind(&id);
            tx.run(query).await?;
        }
        tx.insert(
            "INSERT INTO record_attribute (key, id)",
            2,
            self.indexed,
            "ON CONFLICT DO NOTHING",
        )
        .await?;
        tx.insert(
            "INSERT INTO record_link (target, relation, id)",
            3,
            self.links,
            "ON CONFLICT DO NOTHING",
        )
        .await?;
        let into =
            "INSERT INTO timeline (about, leaf, ordinal, at, by, pack, host, text, operation, sum)";
        tx.insert(into, 10, self.lines, "").await?;
        let into = "INSERT INTO decision (id, at, pack, serves, decision, digest, leaf)";
        tx.insert(into, 7, self.decisions, "").await?;
        tx.insert("INSERT INTO decision_about (about, leaf, decision)", 3, self.abouts, "").await?;
        let into = "INSERT INTO event (id, topic, about, payload, published_at, leaf, sum, via)";
        tx.insert(into, 8, self.events, "").await?;
        let into = "INSERT INTO delivery (event, pack, state, attempts, not_before, leaf)";
        tx.insert(into, 6, self.deliveries, "").await?;
        let into = "INSERT INTO delivery (event, pack, state, attempts, not_before, leaf, ended)";
        let done = "ON CONFLICT (event, pack) DO UPDATE SET state = excluded.state, error = NULL, \
                    ended = excluded.ended";
        tx.insert(into, 7, self.handled, done).await?;
        for (pack, key) in self.fired {
            let query = Query::new("DELETE FROM timer WHERE pack = ")
                .bind(pack)
                .push(" AND key = ")
                .bind(key);
            tx.run(query).await?;
        }
        let into = "INSERT INTO timer (pack, key, due, payload, state, attempts, not_before)";
        let moved = "ON CONFLICT (pack, key) DO UPDATE SET due = excluded.due, payload = excluded.payload, \
                     state = excluded.state, attempts = excluded.attempts, not_before = excluded.not_before, error = NULL";
        tx.insert(into, 7, self.timers.into_values().collect(), moved).await
    }
}
