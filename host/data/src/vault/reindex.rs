//! Change of the key of the blind indexes, in batches, each with its leaf. Killed at any moment it goes on where it was.
//!
//! First the next generation's rows are made beside those there are (*filling*); the commit of the last batch lets look-ups use
//! them; then the former generation's rows are taken away (*clearing*), and with the last of them its key. [`super::blind`] says
//! why nothing is missed and no number is given twice in between. Asks about sealed records that name a number or a code by its
//! digest follow where a record answers to it; digests that the log vouches for as history stay what they were.

use std::collections::{BTreeMap, HashSet};

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Body, Record};
use anshu_model::schema::Schemas;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

use super::blind::{Blind, Other, State, file};
use crate::commit::{Facts, indexed};
use crate::db::{Bind, Query, Tx};
use crate::keys::{self, IndexKey};
use crate::log::kept::{self, Entry};
use crate::log::store::Appender;
use crate::log::verify::index::schemas;
use crate::{Data, guard, seal};

/// Records of one commit.
const BATCH: u64 = 200;

/// Where a change of the key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReindexStage {
    /// None is under way.
    Still,
    /// The next generation's rows are being made.
    Filling,
    /// The former generation's rows are being taken away.
    Clearing,
}

/// How far a change of the key has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReindexStep {
    /// The generation that look-ups use.
    pub generation: u64,
    /// The name of its key.
    pub key: String,
    /// What is being done.
    pub stage: ReindexStage,
    /// Records that were passed, over both stages.
    pub done: u64,
    /// Records to pass, over both stages: those that there were when it began. None where nothing is under way.
    pub all: u64,
}

impl Data {
    /// How the change of the key of the blind indexes stands.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not keep keys.
    pub async fn reindex_status(&self, context: &OpContext) -> Result<ReindexStep> {
        self.allow(context, "keep-keys", Action::Configure).await?;
        self.reindexed().await
    }

    /// Makes the next key of the blind indexes. Rows follow with [`Data::reindex_step`].
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not keep keys; [`Error::Conflict`] where the change before is not through;
    /// [`Error::Unavailable`] where the folder of keys cannot be written.
    pub async fn begin_reindex(&self, context: &OpContext) -> Result<ReindexStep> {
        self.allow(context, "keep-keys", Action::Configure).await?;
        let mut leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        "开始更换检索密钥".clone_into(&mut leaf.note);
        let (index, now) = (self.inner.index.clone(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let blind = index.all(tx).await?;
                if blind.other.is_some() {
                    return Err(Error::Conflict(
                        "上一次更换检索密钥还没有完成；运行中的系统会自行完成它，停机时可用 anshu vault reindex --resume".into(),
                    ));
                }
                let next = blind.serving.number + 1;
                // Killed before the commit the file stays, and the next attempt takes it.
                let key = IndexKey::new(&keys::load_or_make(index.folder(), &file(next))?)?;
                let records = records(tx).await?;
                let row = |generation: u64, key: &str, state: State| -> Vec<Bind> {
                    let (state, since) = (state.name().into(), now.into());
                    vec![generation.into(), key.into(), state, "".into(), 0_u64.into(), records.into(), since]
                };
                let rows = vec![
                    row(blind.serving.number, blind.serving.key.id(), State::Serving),
                    row(next, key.id(), State::Filling),
                ];
                let into = "INSERT INTO index_key (generation, key, state, reached, passed, records, since)";
                tx.insert(into, 7, rows, "ON CONFLICT (generation) DO NOTHING").await?;
                entries(tx, &[blind.serving.number, next]).await
            })
        });
        work.await?;
        self.reindexed().await
    }

    /// Goes on with the next records, in one commit with its leaf. Where nothing is under way it does nothing.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not keep keys; [`Error::Unavailable`] where a key is missing, or the former one
    /// cannot be taken away; [`Error::Conflict`] where it is not known what of a record is indexed.
    pub async fn reindex_step(&self, context: &OpContext) -> Result<ReindexStep> {
        self.allow(context, "keep-keys", Action::Configure).await?;
        let before = self.reindexed().await?;
        if before.stage == ReindexStage::Still {
            self.inner.index.tidy(&mut self.inner.db.read().await?).await?;
            return Ok(before);
        }
        let leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let work = self
            .inner
            .writer
            .run(None, move |tx| Box::pin(async move { step(tx, &facts, &appender, leaf).await }));
        if work.await? {
            self.inner.index.tidy(&mut self.inner.db.read().await?).await?;
        }
        self.reindexed().await
    }

    /// Whether a change of the key is under way, or a former key is left to be destroyed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn is_reindexing(&self) -> Result<bool> {
        let (index, mut tx) = (&self.inner.index, self.inner.db.read().await?);
        let moving = index.at(&mut tx).await?.other.is_some();
        Ok(moving || !index.left_over(&mut tx).await?.is_empty())
    }

    async fn reindexed(&self) -> Result<ReindexStep> {
        let mut tx = self.inner.db.read().await?;
        let blind = self.inner.index.at(&mut tx).await?;
        let (stage, done, all) = match &blind.other {
            None => (ReindexStage::Still, 0, 0),
            Some(Other { fills, passed, records, .. }) => {
                // Records that were made since are passed too.
                let passed = *passed.min(records);
                if *fills {
                    (ReindexStage::Filling, passed, 2 * records)
                } else {
                    (ReindexStage::Clearing, records + passed, 2 * records)
                }
            }
        };
        let key = blind.key().id().to_owned();
        Ok(ReindexStep { generation: blind.generation(), key, stage, done, all })
    }
}

/// How many records there are.
async fn records(tx: &mut Tx) -> Result<u64> {
    let row = tx.row(Query::new("SELECT COUNT(*) FROM record")).await?;
    row.map_or(Ok(0), |row| row.count(0))
}

/// Rows of the keys, to be vouched for.
async fn entries(tx: &mut Tx, generations: &[u64]) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(generations.len());
    for generation in generations {
        entries.push(kept::INDEX_KEY.entry(tx, &generation.to_string()).await?);
    }
    Ok(entries)
}

/// Passes the next records. Answers whether this step has ended a generation: its key is to be destroyed.
async fn step(tx: &mut Tx, facts: &Facts, appender: &Appender, mut leaf: Leaf) -> Result<bool> {
    let index = facts.index.all(tx).await?;
    // Another process was quicker.
    let Some(moving) = Moving::of(&index) else { return Ok(false) };
    let query = Query::new(
        "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id > ",
    );
    let query = query.bind(moving.reached).push(" ORDER BY r.id LIMIT ").bind(BATCH);
    let rows = tx.rows(query).await?;
    let records = facts.vault.records(tx, &rows, 0).await?;
    // What was erased is found by nothing.
    let records: Vec<Record> = records.into_iter().flatten().collect();
    let schemas = schemas(tx, &facts.schemas.get()).await?;
    let known = records.iter().map(|record| moving.pairs(&schemas, record));
    let pairs = known.collect::<Result<Vec<_>>>()?;
    let mut bound = if moving.fills {
        fill(tx, &pairs).await?;
        Vec::new()
    } else {
        let retargeted = retarget(tx, &moving, &pairs).await?;
        clear(tx, &pairs).await?;
        retargeted
    };
    let passed = rows.len() as u64;
    let through = passed < BATCH;
    let last = rows.last().map(|row| row.id(1)).transpose()?;
    let turned = match last {
        Some(last) if !through => go_on(tx, &moving, &last, passed).await,
        Some(_) | None => turn(tx, &moving, leaf.at).await,
    };
    bound.extend(turned?);
    let what = if moving.fills { "写入新的检索索引" } else { "清除旧的检索索引" };
    leaf.note = format!("更换检索密钥：{what}，{} 条记录", rows.len());
    if through {
        let end = if moving.fills {
            "；查询改用新的密钥"
        } else {
            "；旧的检索密钥已销毁"
        };
        leaf.note.push_str(end);
    }
    appender.bind(tx, vec![leaf], Vec::new(), bound).await?;
    Ok(through && !moving.fills)
}

/// Keeps how far it has come.
async fn go_on(tx: &mut Tx, moving: &Moving<'_>, last: &Id, passed: u64) -> Result<Vec<Entry>> {
    let query = Query::new("UPDATE index_key SET reached = ").bind(last);
    let query = query.push(", passed = passed + ").bind(passed);
    tx.run(query.push(" WHERE generation = ").bind(moving.other)).await?;
    entries(tx, &[moving.other]).await
}

/// Ends a stage: the next generation serves and the former one is to be cleared, or the former one is over.
async fn turn(tx: &mut Tx, moving: &Moving<'_>, now: Instant) -> Result<Vec<Entry>> {
    let turns = if moving.fills {
        vec![(moving.other, State::Serving), (moving.serving, State::Clearing)]
    } else {
        vec![(moving.other, State::Destroyed)]
    };
    let records = records(tx).await?;
    let mut turned = Vec::new();
    for (generation, state) in turns {
        let query = Query::new("UPDATE index_key SET state = ").bind(state.name());
        let query = query.push(", reached = '', passed = 0, records = ").bind(records);
        let query = query.push(", since = ").bind(now).push(" WHERE generation = ");
        tx.run(query.bind(generation)).await?;
        turned.push(generation);
    }
    entries(tx, &turned).await
}

/// The two keys of a change under way.
struct Moving<'b> {
    serving: u64,
    other: u64,
    old: (u64, &'b IndexKey),
    new: (u64, &'b IndexKey),
    fills: bool,
    reached: &'b str,
}

/// What one record is found by: each digest by the old key with the same by the new one.
struct Pairs {
    id: Id,
    numbers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The code of a case, which is among the others too.
    code: Option<(Vec<u8>, Vec<u8>)>,
    old: Vec<Vec<u8>>,
    new: Vec<Vec<u8>>,
}

impl<'b> Moving<'b> {
    fn of(index: &'b Blind) -> Option<Self> {
        let Other { number, key, fills, reached, .. } = index.other.as_ref()?;
        let other = (*number, key.as_deref()?);
        let serving = (index.serving.number, &*index.serving.key);
        let (old, new) = if *fills { (serving, other) } else { (other, serving) };
        Some(Self { serving: serving.0, other: other.0, old, new, fills: *fills, reached })
    }

    fn pairs(&self, schemas: &Schemas, record: &Record) -> Result<Pairs> {
        let both = |of: &dyn Fn(&IndexKey) -> Vec<u8>| (of(self.old.1), of(self.new.1));
        let (mut numbers, mut code) = (Vec::new(), None);
        match &record.body {
            Body::Entity(entity) => {
                let unknown =
                    entity.facets.values().find(|facet| schemas.get(&facet.schema).is_none());
                if let Some(facet) = unknown {
                    return Err(Error::Conflict(format!(
                        "记录 {} 的属性组“{}”不属于任何已登记的插件，不知道它按哪些属性检索；请先安装声明它的插件，再继续",
                        record.head.id, facet.schema
                    )));
                }
                for number in &entity.identifiers {
                    numbers.push(both(&|key| {
                        key.identifier(entity.kind, &number.scheme, &number.value)
                    }));
                }
            }
            Body::Case(case) => code = Some(both(&|key| key.code(&case.code))),
            Body::Risk(_) | Body::Duty(_) => {}
        }
        let of = |key: &IndexKey| indexed(key, schemas, record).into_iter().collect();
        let (old, new) = (of(self.old.1), of(self.new.1));
        Ok(Pairs { id: record.head.id.clone(), numbers, code, old, new })
    }
}

/// Makes the new rows. A number's goes where the old one is: apart, where it is that of a sealed record.
async fn fill(tx: &mut Tx, records: &[Pairs]) -> Result<()> {
    let old: Vec<&Vec<u8>> =
        records.iter().flat_map(|pairs| &pairs.numbers).map(|(old, _)| old).collect();
    let mut open = HashSet::new();
    for some in old.chunks(1024) {
        let query = Query::new("SELECT key, id FROM record_key WHERE key IN ");
        for row in tx.rows(query.list(some.iter().map(|key| (*key).clone()))).await? {
            open.insert((row.bytes(0)?, row.id(1)?));
        }
    }
    let (mut numbers, mut apart, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
    for Pairs { id, numbers: pairs, new, .. } in records {
        for (old, new) in pairs {
            let row: Vec<Bind> = vec![new.clone().into(), id.into()];
            if open.contains(&(old.clone(), id.clone())) {
                numbers.push(row);
            } else {
                apart.push(row);
            }
        }
        attributes
            .extend(new.iter().map(|key| -> Vec<Bind> { vec![key.clone().into(), id.into()] }));
    }
    // No conflict is passed over: a row that is there already would be one that no record called for.
    tx.insert("INSERT INTO record_key (key, id)", 2, numbers, "").await?;
    tx.insert("INSERT INTO sealed_key (key, id)", 2, apart, "").await?;
    tx.insert("INSERT INTO record_attribute (key, id)", 2, attributes, "").await
}

/// Takes the old rows away.
async fn clear(tx: &mut Tx, records: &[Pairs]) -> Result<()> {
    let delete = |from: &'static str, keys: Vec<Vec<u8>>, id: &Id| {
        Query::new(from).list(keys).push(" AND id = ").bind(id)
    };
    for Pairs { id, numbers, old, .. } in records {
        if !numbers.is_empty() {
            let keys = || numbers.iter().map(|(old, _)| old.clone()).collect();
            tx.run(delete("DELETE FROM record_key WHERE key IN ", keys(), id)).await?;
            tx.run(delete("DELETE FROM sealed_key WHERE key IN ", keys(), id)).await?;
        }
        if !old.is_empty() {
            tx.run(delete("DELETE FROM record_attribute WHERE key IN ", old.clone(), id)).await?;
        }
    }
    Ok(())
}

/// Lets asks about sealed records follow that name a record by a digest of the old key.
async fn retarget(tx: &mut Tx, moving: &Moving<'_>, records: &[Pairs]) -> Result<Vec<Entry>> {
    let asks = seal::digests(tx).await?;
    if asks.is_empty() {
        return Ok(Vec::new());
    }
    let mut same = BTreeMap::new();
    for pairs in records {
        for (of, digests) in [
            (seal::number_target as fn(u64, &[u8]) -> String, pairs.numbers.as_slice()),
            (seal::code_target, pairs.code.as_slice()),
        ] {
            same.extend(
                digests.iter().map(|(old, new)| (of(moving.old.0, old), of(moving.new.0, new))),
            );
        }
    }
    let mut entries = Vec::new();
    for (id, target) in asks {
        if let Some(new) = same.get(&target) {
            entries.push(seal::retarget(tx, &id, new.clone()).await?);
        }
    }
    Ok(entries)
}
