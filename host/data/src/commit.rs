//! The one writer. It gathers what waits to be committed, checks each unit against what is there by then, writes all of
//! them with their leaves in one transaction, flushes once, and only then answers everybody.
//!
//! A unit that conflicts fails alone: it is checked, together with those before it in the batch, before anything of it is
//! written. Where the database itself refuses a batch, its units are tried one by one, so that one cannot spoil others.

mod batch;
mod index;
mod lines;
mod load;
pub(crate) mod remove;
mod sealing;
mod store;
mod unit;
mod vouch;

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::calendar::Calendar;
use anshu_model::leaf::Leaf;
use anshu_model::schema::Schemas;
use anshu_model::{Error, Result};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use batch::Batch;
pub(crate) use index::indexed;
use load::Present;
pub(crate) use unit::{Unit, Work};

use crate::Shared;
use crate::db::{Db, Tx};
use crate::log::kept::Entry;
use crate::log::store::Appender;
use crate::vault::Vault;
use crate::vault::blind::IndexKeys;

/// Units that wait. More than this, and callers wait to enqueue: that is the back-pressure.
const QUEUE: usize = 1024;
/// Units of one transaction.
const BATCH: usize = 256;

/// What a single write answers inside its transaction.
type Step<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;
/// A write that has a transaction of its own. It answers the states for which its leaf vouches.
type Alone = Box<dyn for<'t> FnOnce(&'t mut Tx) -> Step<'t, Vec<Entry>> + Send>;
/// Who waits for the flush.
type Caller = oneshot::Sender<Result<()>>;

/// What the writer uses beside the database.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The schemas in force: they say which attributes are indexed.
    pub(crate) schemas: Arc<Shared<Schemas>>,
    /// The holiday data in force: the ends of clocks are counted with it.
    pub(crate) calendar: Arc<Shared<Calendar>>,
    /// The keys of the blind indexes.
    pub(crate) index: Arc<IndexKeys>,
    /// What seals bodies.
    pub(crate) vault: Arc<Vault>,
}

/// The way to the writer.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
    appender: Appender,
    task: TaskTracker,
}

enum Job {
    /// May share a transaction with others.
    Task(Task, Option<Caller>),
    /// Has one of its own.
    Alone(Option<Box<Leaf>>, Alone, Caller),
    Close,
}

/// What may share a transaction with others.
enum Task {
    Unit(Box<Unit>),
    Leaves(Vec<Leaf>),
}

impl Writer {
    /// Starts the writer.
    pub(crate) fn new(db: Arc<Db>, appender: Appender, facts: Facts) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let task = TaskTracker::new();
        let scribe = Scribe { db, appender: appender.clone(), facts };
        // On a thread of its own: a batch is dozens of short statements, and in the queue of the others' tasks each of its
        // answers would wait behind whatever guests compute there.
        task.spawn_blocking(move || Handle::current().block_on(scribe.work(jobs)));
        task.close();
        Self { queue, appender, task }
    }

    /// Commits a unit: all of it, or nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] where something has changed; what the checks refuse; [`Error::Unavailable`] while closing.
    pub(crate) async fn commit(&self, unit: Unit) -> Result<()> {
        let (caller, answer) = oneshot::channel();
        self.enqueue(Job::Task(Task::Unit(Box::new(unit)), Some(caller)), answer).await
    }

    /// Puts leaves into the log, and answers when they are there to stay: before that, no byte may leave.
    pub(crate) async fn leaves(&self, leaves: Vec<Leaf>) -> Result<()> {
        let (caller, answer) = oneshot::channel();
        self.enqueue(Job::Task(Task::Leaves(leaves), Some(caller)), answer).await
    }

    /// Puts a leaf into the log without waiting for the disk.
    pub(crate) async fn note(&self, leaf: Leaf) -> Result<()> {
        self.queue.send(Job::Task(Task::Leaves(vec![leaf]), None)).await.map_err(|_| closing())
    }

    /// Writes something else in a transaction of its own, with its leaf, and answers after the flush. For what the log does
    /// not vouch for, or where the work appends leaves itself.
    pub(crate) async fn run<T, F>(&self, leaf: Option<Leaf>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Step<'t, T> + Send + 'static,
    {
        let made = Arc::new(Mutex::new(None));
        let slot = made.clone();
        let alone: Alone = Box::new(move |tx| {
            let step = work(tx);
            Box::pin(async move {
                let value = step.await?;
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                Ok(Vec::new())
            })
        });
        let (caller, answer) = oneshot::channel();
        self.enqueue(Job::Alone(leaf.map(Box::new), alone, caller), answer).await?;
        let value = made.lock().unwrap_or_else(PoisonError::into_inner).take();
        value.ok_or_else(|| Error::Internal("a write answered nothing".into()))
    }

    /// Writes what administrators keep, in a transaction of its own: the leaf vouches for the states that the work answers.
    pub(crate) async fn keep<F>(&self, leaf: Leaf, work: F) -> Result<()>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Step<'t, Vec<Entry>> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        self.enqueue(Job::Alone(Some(Box::new(leaf)), Box::new(work), caller), answer).await
    }

    /// What appends leaves, for a write that must know the position of its own leaf.
    pub(crate) fn appender(&self) -> &Appender {
        &self.appender
    }

    /// Commits what waits, then ends.
    pub(crate) async fn close(&self) {
        // A writer that ended already needs no word.
        let _ = self.queue.send(Job::Close).await;
        self.task.wait().await;
    }

    async fn enqueue(&self, job: Job, answer: oneshot::Receiver<Result<()>>) -> Result<()> {
        self.queue.send(job).await.map_err(|_| closing())?;
        answer.await.map_err(|_| closing())?
    }
}

/// Commits units inside a transaction that somebody else began, so that what belongs to them is written with them. Says how it
/// ended for each; a unit that was refused leaves nothing.
pub(crate) async fn within(
    tx: &mut Tx,
    facts: &Facts,
    appender: &Appender,
    units: &[Unit],
) -> Result<Vec<Result<()>>> {
    let mut batch = Batch::new(facts, Present::load(tx, units.iter(), facts).await?);
    let verdicts = units.iter().map(|unit| batch.take(unit)).collect();
    batch.write(tx, appender).await?;
    Ok(verdicts)
}

fn closing() -> Error {
    Error::Unavailable("系统正在停止，请稍后再试".into())
}

/// The task behind [`Writer`].
struct Scribe {
    db: Arc<Db>,
    appender: Appender,
    facts: Facts,
}

impl Scribe {
    async fn work(self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.recv().await {
            // Those who are about to ask get the moment to do so: one flush for all of them.
            tokio::task::yield_now().await;
            let (mut tasks, mut callers) = (Vec::new(), Vec::new());
            let mut last = None;
            let mut next = Some(first);
            while let Some(job) = next {
                let Job::Task(task, caller) = job else {
                    last = Some(job);
                    break;
                };
                tasks.push(task);
                callers.push(caller);
                next = if tasks.len() < BATCH { jobs.try_recv().ok() } else { None };
            }
            if !tasks.is_empty() {
                for (verdict, caller) in self.commit(&tasks).await.into_iter().zip(callers) {
                    // Where nobody waits any more, it is committed all the same.
                    let _ = caller.map(|caller| caller.send(verdict));
                }
            }
            match last {
                Some(Job::Alone(leaf, alone, caller)) => {
                    let _ = caller.send(self.alone(leaf, alone).await);
                }
                Some(Job::Close) => return,
                Some(Job::Task(..)) | None => {}
            }
        }
    }

    async fn alone(&self, leaf: Option<Box<Leaf>>, alone: Alone) -> Result<()> {
        let mut tx = self.db.write().await?;
        let entries = alone(&mut tx).await?;
        let leaves = leaf.into_iter().map(|leaf| *leaf).collect();
        self.appender.bind(&mut tx, leaves, Vec::new(), entries).await?;
        tx.commit().await
    }

    /// Commits tasks together; where the database refuses that, one by one.
    async fn commit(&self, tasks: &[Task]) -> Vec<Result<()>> {
        let error = match self.write(tasks).await {
            Ok(verdicts) => return verdicts,
            Err(error) => error,
        };
        tracing::warn!(detail = ?error, tasks = tasks.len(), "a batch was not committed");
        if tasks.len() == 1 || matches!(error, Error::Unavailable(_)) {
            return tasks.iter().map(|_| Err(error.clone())).collect();
        }
        let mut verdicts = Vec::with_capacity(tasks.len());
        for task in tasks {
            let verdict = self.write(std::slice::from_ref(task)).await;
            verdicts.push(verdict.and_then(|mut one| one.pop().unwrap_or(Ok(()))));
        }
        verdicts
    }

    /// One transaction. An error means that nothing of it was kept; the answer says how it ended for each task.
    async fn write(&self, tasks: &[Task]) -> Result<Vec<Result<()>>> {
        let mut tx = self.db.write().await?;
        let units = tasks.iter().filter_map(|task| match task {
            Task::Unit(unit) => Some(&**unit),
            Task::Leaves(_) => None,
        });
        let mut batch = Batch::new(&self.facts, Present::load(&mut tx, units, &self.facts).await?);
        let verdicts = tasks
            .iter()
            .map(|task| match task {
                Task::Unit(unit) => batch.take(unit),
                Task::Leaves(leaves) => {
                    batch.note(leaves);
                    Ok(())
                }
            })
            .collect();
        batch.write(&mut tx, &self.appender).await?;
        tx.commit().await?;
        Ok(verdicts)
    }
}
