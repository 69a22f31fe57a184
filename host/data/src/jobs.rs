//! What waits to be done without a person: events for their subscribers, and timers. Doing it is marked in the commit of
//! what was done, so it happens once however often it is tried.

use std::collections::BTreeSet;

use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::decision::Input;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};

use crate::db::{Bind, Query, Tx};
use crate::guard::unsealed;
use crate::log::kept;
use crate::vault::envelope::Place;
use crate::{Data, guard};

/// How often something is tried before a person must look at it.
const TRIES: i64 = 8;
/// The first wait after a failure, in milliseconds; each later one is twice as long.
const FIRST_WAIT: i64 = 2_000;

/// An event for one subscriber.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The event, as the subscriber is called with it.
    pub event: Input,
    /// The event's id.
    pub id: Id,
    /// The pack that hears it.
    pub subscriber: String,
    /// How often it failed so far.
    pub attempts: u32,
}

/// A timer that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct TimerDue {
    /// The timer, as the pack is called with it.
    pub timer: Input,
    /// The pack's key.
    pub key: String,
    /// The pack that set it.
    pub pack: String,
    /// How often it failed so far.
    pub attempts: u32,
}

impl Data {
    /// Events that wait for a subscriber, in the order in which they were published.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn next_events(&self, now: Instant, limit: u32) -> Result<Vec<Delivery>> {
        let query = Query::new(
            "SELECT e.id, e.topic, e.about, e.payload, e.published_at, d.pack, d.attempts, e.via \
             FROM delivery d JOIN event e ON e.id = d.event WHERE d.state = 'waiting' AND d.not_before <= ",
        );
        // What a pack in quarantine should hear waits for it.
        let query = query
            .bind(now)
            .push(" AND NOT EXISTS (SELECT 1 FROM pack q WHERE q.name = d.pack AND q.state = 'quarantined')")
            // What tells of a sealed record waits until it is unsealed.
            .push(" AND NOT EXISTS (SELECT 1 FROM record ss WHERE ss.sealed = 1 AND ss.id = e.about)")
            .push(unsealed!("e.leaf"));
        let query = query.push(" ORDER BY d.leaf, d.event, d.pack LIMIT ").bind(limit);
        let mut tx = self.inner.db.read().await?;
        let mut found = Vec::new();
        let rows = tx.rows(query).await?;
        let payloads = rows.iter().map(|row| row.text(3)).collect::<Result<Vec<_>>>()?;
        let keys = self.inner.vault.keys(&mut tx, payloads.iter().map(String::as_str)).await?;
        for (row, payload) in rows.iter().zip(&payloads) {
            let id = row.id(0)?;
            // Nobody is told of what was erased; the erasure itself takes it off the list.
            let Some(payload) = keys.json(Place::event(id.as_str()), payload)? else { continue };
            let event = Input::Event {
                id: id.clone(),
                topic: row.text(1)?,
                about: row.maybe_text(2)?.map(Id::from_text),
                payload,
                published_at: row.instant(4)?,
                via: row.json(7)?,
            };
            found.push(Delivery {
                event,
                id,
                subscriber: row.text(5)?,
                attempts: tries(row.int(6)?),
            });
        }
        Ok(found)
    }

    /// From now on a pack hears these topics and no others. What was published before stays as it was.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn subscribe(&self, pack: &str, topics: &BTreeSet<String>) -> Result<()> {
        let (pack, topics) = (pack.to_owned(), topics.clone());
        self.inner.writer.run(None, move |tx| Box::pin(subscribe(tx, pack, topics))).await
    }

    /// Timers that are due.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn due_timers(&self, now: Instant, limit: u32) -> Result<Vec<TimerDue>> {
        let query = Query::new(
            "SELECT pack, key, payload, due, attempts FROM timer WHERE state = 'waiting' AND not_before <= ",
        );
        let query = query.bind(now).push(" ORDER BY due, pack, key LIMIT ").bind(limit);
        let mut tx = self.inner.db.read().await?;
        let mut found = Vec::new();
        let rows = tx.rows(query).await?;
        let payloads = rows.iter().map(|row| row.text(2)).collect::<Result<Vec<_>>>()?;
        let keys = self.inner.vault.keys(&mut tx, payloads.iter().map(String::as_str)).await?;
        for (row, payload) in rows.iter().zip(&payloads) {
            let (pack, key, due) = (row.text(0)?, row.text(1)?, row.instant(3)?);
            let place = format!("{pack}/{key}");
            let at = u64::try_from(due.milliseconds()).unwrap_or_default();
            let Some(payload) = keys.json(Place::timer(&place, at), payload)? else { continue };
            let timer = Input::Timer { key: key.clone(), payload, due };
            found.push(TimerDue { timer, key, pack, attempts: tries(row.int(4)?) });
        }
        Ok(found)
    }

    /// Puts a delivery that failed off: it is tried again later, each time after a longer wait, and in the end parked
    /// with its reason until a person looks. That it was parked is in the log.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn postpone(&self, delivery: &Delivery, error: &Error, now: Instant) -> Result<()> {
        let query = put_off(Query::new("UPDATE delivery SET "), delivery.attempts, error, now)
            .push(" WHERE event = ")
            .bind(&delivery.id)
            .push(" AND pack = ")
            .bind(delivery.subscriber.as_str())
            .push(" AND state = 'waiting'");
        let key = format!("{}/{}", delivery.id, delivery.subscriber);
        if is_last(delivery.attempts) {
            let leaf = parked(&key, &delivery.subscriber, delivery.attempts, now);
            let work = self.inner.writer.keep(leaf, move |tx| {
                Box::pin(async move {
                    match tx.run(query).await? {
                        0 => Err(Error::Conflict("该事件已经处理".into())),
                        _ => Ok(vec![kept::PARKED.entry(tx, &key).await?]),
                    }
                })
            });
            return match work.await {
                // Somebody has done with it meanwhile: then there is nothing to put off.
                Err(Error::Conflict(_)) => Ok(()),
                done => done,
            };
        }
        self.inner
            .writer
            .run(None, move |tx| Box::pin(async move { tx.run(query).await.map(|_| ()) }))
            .await
    }

    /// Puts a timer that failed off, as [`Data::postpone`] does.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn postpone_timer(
        &self,
        timer: &TimerDue,
        error: &Error,
        now: Instant,
    ) -> Result<()> {
        let query = put_off(Query::new("UPDATE timer SET "), timer.attempts, error, now)
            .push(" WHERE pack = ")
            .bind(timer.pack.as_str())
            .push(" AND key = ")
            .bind(timer.key.as_str())
            .push(" AND state = 'waiting'");
        self.inner
            .writer
            .run(None, move |tx| Box::pin(async move { tx.run(query).await.map(|_| ()) }))
            .await
    }
}

async fn subscribe(tx: &mut Tx, pack: String, topics: BTreeSet<String>) -> Result<()> {
    tx.run(Query::new("DELETE FROM subscription WHERE pack = ").bind(pack.as_str())).await?;
    let rows =
        topics.into_iter().map(|topic| vec![topic.into(), Bind::from(pack.as_str())]).collect();
    tx.insert("INSERT INTO subscription (topic, pack)", 2, rows, "").await
}

fn put_off(query: Query, attempts: u32, error: &Error, now: Instant) -> Query {
    let attempts = i64::from(attempts) + 1;
    let wait = FIRST_WAIT.saturating_mul(1 << attempts.min(16));
    query
        .push("attempts = ")
        .bind(attempts)
        .push(", state = ")
        .bind(if attempts < TRIES { "waiting" } else { "parked" })
        .push(", not_before = ")
        .bind(now.plus(wait))
        .push(", error = ")
        .bind(error.to_string())
}

/// Whether a failure after so many is the last one.
fn is_last(attempts: u32) -> bool {
    i64::from(attempts) + 1 >= TRIES
}

/// The leaf of a delivery that is left for a person.
fn parked(key: &str, pack: &str, attempts: u32, now: Instant) -> Leaf {
    let context = OpContext {
        id: Id::derived(&Id::from_text(key), u64::from(attempts)),
        principal: Principal::System { job: "deliver".into() },
        pack: None,
        purpose: Purpose { code: "deliver".into(), ground: String::new(), serves: None },
        now,
    };
    let mut leaf = guard::leaf(&context, Action::Fault, Verdict::Failed);
    leaf.note = format!("事件多次投递失败，停放待人工处理：插件 {pack}");
    leaf
}

fn tries(attempts: i64) -> u32 {
    u32::try_from(attempts).unwrap_or(u32::MAX)
}
