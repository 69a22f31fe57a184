//! Shadow runs (影子运行): a stored version beside the active one, on live traffic. One task for each version takes what was
//! decided, at its own pace, counts what differs, and keeps the counts. It commits nothing and publishes nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anshu_data::{ShadowCount, Trial};
use anshu_model::context::{OpContext, PackRef};
use anshu_model::decision::Decision;
use anshu_model::{Id, Result};
use anshu_sandbox::Shadow;
use anshu_sandbox::compare::Compared;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::stored;
use crate::app::App;

/// Decisions that a shadow is to see where nobody says.
pub const NEEDED: u32 = 100;
/// Decisions that wait for one shadow. More are dropped, and counted.
const ROOM: usize = 256;
/// How often counts are kept.
const KEEP: Duration = Duration::from_millis(500);
/// Decisions after which they are kept at the latest.
const MOST: u64 = 500;
/// Ids that one count keeps.
const EXAMPLES: usize = 5;

/// Turns a version's shadow on.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the actor may not; [`anshu_model::Error::NotFound`] where the version is not stored; [`anshu_model::Error::Conflict`]
/// where it is active, or runs beside already.
pub async fn start(
    app: &App,
    context: &OpContext,
    name: &str,
    version: &str,
    needed: u32,
) -> Result<Trial> {
    app.data.allows(context, "manage-packs").await?;
    let pack = stored(app, name, version)?.reference.clone();
    let trial = app.data.start_shadow(context, &pack, needed).await?;
    attend(app, &pack);
    Ok(trial)
}

/// Turns a version's shadow off; see [`anshu_data::Data::stop_shadow`] for who may.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the actor may not; [`anshu_model::Error::NotFound`] where it does not run.
pub async fn stop(app: &App, context: &OpContext, name: &str, version: &str) -> Result<Trial> {
    let mut running = app.data.shadows().await?.into_iter().map(|trial| trial.pack);
    let found = running.find(|pack| pack.name == name && pack.version == version);
    // A version that does not run is refused by storage, and only to those who may know.
    let pack = found.unwrap_or_else(|| PackRef {
        name: name.to_owned(),
        version: version.to_owned(),
        digest: String::new(),
    });
    let trial = app.data.stop_shadow(context, &pack).await?;
    let task = app.trials.shadows.lock().unwrap_or_else(PoisonError::into_inner).remove(&pack);
    if let Some(task) = task {
        task.cancel();
    }
    Ok(trial)
}

/// What a version's shadow showed so far.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The version.
    pub pack: PackRef,
    /// Its run, where it has had one.
    pub trial: Option<Trial>,
    /// The counts, day by day.
    pub days: Vec<ShadowCount>,
    /// The counts over all days.
    pub sums: Vec<ShadowCount>,
}

/// Tells what a version's shadow showed.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the actor may not; [`anshu_model::Error::NotFound`] where the version is not stored.
pub async fn show(app: &App, context: &OpContext, name: &str, version: &str) -> Result<Shown> {
    app.data.allows(context, "manage-packs").await?;
    let pack = stored(app, name, version)?.reference.clone();
    let (_, trial) = app.data.last_trials(&pack).await?;
    let days = app.data.shadow_counts(&pack.digest).await?;
    let sums = app.data.shadow_sums(&pack.digest).await?;
    Ok(Shown { pack, trial, days, sums })
}

/// Takes up the shadows that ran when the program ended.
///
/// # Errors
/// Where storage does not answer.
pub async fn resume(app: &App) -> Result<()> {
    for trial in app.data.shadows().await? {
        attend(app, &trial.pack);
    }
    Ok(())
}

/// Begins to hand a version what the active one decides. Where that cannot be, the operator hears of it: the active version
/// is none the worse.
fn attend(app: &App, pack: &PackRef) {
    let shadow = match app.sandbox.shadow(pack, ROOM) {
        Ok(shadow) => shadow,
        Err(error) => {
            tracing::error!(pack = %pack.name, version = %pack.version, %error, "no shadow run");
            return;
        }
    };
    let stop = app.trials.stop.child_token();
    let mut shadows = app.trials.shadows.lock().unwrap_or_else(PoisonError::into_inner);
    shadows.insert(pack.clone(), stop.clone());
    drop(shadows);
    let app = app.clone();
    app.trials.clone().tasks.spawn(async move { follow(&app, shadow, &stop).await });
}

/// Compares until it is stopped, and keeps what it counted.
async fn follow(app: &App, mut shadow: Shadow, stop: &CancellationToken) {
    let pack = shadow.pack().clone();
    let mut book = Book::default();
    let mut keep = tokio::time::interval(KEEP);
    keep.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            decision = shadow.next() => {
                let Some(decision) = decision else { break };
                look(app, &pack, &decision, &mut book).await;
                if book.since >= MOST {
                    book.keep(app, &pack).await;
                }
            }
            _ = keep.tick() => {
                book.dropped(shadow.take_dropped(), today(app));
                book.keep(app, &pack).await;
            }
        }
    }
    book.dropped(shadow.take_dropped(), today(app));
    book.keep(app, &pack).await;
}

fn today(app: &App) -> String {
    app.settings.time.now().date(app.sandbox.settings().offset).to_string()
}

/// Compares one decision. What goes wrong here is the shadow's own affair.
async fn look(app: &App, pack: &PackRef, decision: &Arc<Decision>, book: &mut Book) {
    match app.sandbox.compare_shadow(&app.data, decision, pack).await {
        Ok(compared) => book.count(decision, compared, today(app)),
        Err(error) => {
            tracing::warn!(pack = %pack.name, version = %pack.version, %error, "shadow not compared");
            book.dropped(1, today(app));
        }
    }
}

/// Counts that are not kept yet, by day, kind and leaning.
#[derive(Debug, Default)]
struct Book {
    counts: BTreeMap<(String, &'static str, &'static str), (u64, Vec<Id>)>,
    since: u64,
}

impl Book {
    fn count(&mut self, decision: &Decision, compared: Compared, day: String) {
        self.add(&day, ShadowCount::SEEN, "", 1, None);
        if compared.erased {
            self.add(&day, "erased", "", 1, None);
        } else if compared.differences.is_empty() {
            self.add(&day, "equal", "", 1, None);
        }
        for difference in compared.differences {
            let (kind, leaning) = (difference.kind.name(), difference.leaning.name());
            self.add(&day, kind, leaning, 1, Some(&decision.context.id));
        }
    }

    fn dropped(&mut self, count: u64, day: String) {
        if count > 0 {
            self.add(&day, "dropped", "", count, None);
        }
    }

    fn add(
        &mut self,
        day: &str,
        kind: &'static str,
        leaning: &'static str,
        count: u64,
        example: Option<&Id>,
    ) {
        self.since += count;
        let (known, examples) = self.counts.entry((day.to_owned(), kind, leaning)).or_default();
        *known += count;
        if examples.len() < EXAMPLES {
            examples.extend(example.cloned());
        }
    }

    /// Keeps them. Where storage does not answer, they are kept with the next.
    async fn keep(&mut self, app: &App, pack: &PackRef) {
        if self.counts.is_empty() {
            return;
        }
        let counts =
            self.counts.iter().map(|((day, kind, leaning), (count, examples))| ShadowCount {
                day: day.clone(),
                kind: (*kind).to_owned(),
                leaning: (*leaning).to_owned(),
                count: *count,
                examples: examples.clone(),
            });
        match app.data.count_shadow(&pack.digest, counts.collect()).await {
            Ok(()) => *self = Self::default(),
            Err(error) => tracing::warn!(%error, "shadow counts not kept yet"),
        }
    }
}
