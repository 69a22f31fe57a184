//! Trials of a version before it is activated: golden cases, recorded decisions on old and new, and what both say about
//! activating it. Shadow runs are in [`shadow`].

pub mod shadow;
mod work;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anshu_data::{ShadowCount, Trial};
use anshu_model::context::{OpContext, PackRef};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};
use anshu_sandbox::Pack;
use anshu_sandbox::compare::{Example, Kind, Leaning, Tally};
use anshu_sandbox::golden::Golden;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::App;

/// Days that a trial looks back where nobody says.
pub const DAYS: u32 = 30;
/// Days that it looks back at most.
pub const MOST_DAYS: u32 = 3_660;
/// Trials that run at the same time: each takes what the processor has.
const AT_ONCE: usize = 1;

/// What runs for trials in this process.
#[derive(Debug, Default)]
pub struct Trials {
    running: Mutex<BTreeMap<Id, Running>>,
    shadows: Mutex<BTreeMap<PackRef, CancellationToken>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Trials {
    /// Ends what runs, and waits for it.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// A replay that runs.
#[derive(Debug, Clone)]
pub struct Running {
    /// The version that is tried.
    pub pack: PackRef,
    /// How many days it looks back.
    pub days: u32,
    /// Who began it, and when.
    pub context: OpContext,
    /// How far it is.
    pub progress: Arc<Progress>,
}

/// How far a replay is; and the way to end it.
#[derive(Debug, Default)]
pub struct Progress {
    total: AtomicU64,
    done: AtomicU64,
    cancel: CancellationToken,
}

impl Progress {
    /// Progress that ends with something else.
    fn under(stop: &CancellationToken) -> Self {
        Self { cancel: stop.child_token(), ..Self::default() }
    }

    /// Decisions that were looked at, and how many there are.
    #[must_use]
    pub fn state(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Ends it soon. What it has seen is kept, as of a trial that was cut short.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

/// What a replay showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The version in force that it was compared with; none where the pack is new.
    pub old: Option<PackRef>,
    /// The new version's own golden cases on the new version.
    pub golden: Golden,
    /// The old version's golden cases on both.
    pub golden_of_old: Tally,
    /// Recorded decisions on both.
    pub replay: Tally,
    /// Decisions that not even the version that made them decides again as it did.
    pub unsound: Unsound,
    /// Decisions whose version is not stored any more: they were compared with their record alone.
    pub unmatched: u64,
    /// What the new version may read that the old one may not: the decisions' scopes did not show it.
    pub newly_read: Vec<String>,
}

/// Decisions that the version that made them does not repeat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsound {
    /// How many.
    pub count: u64,
    /// A few of them.
    pub examples: Vec<Example>,
}

/// What trials say about activating a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether one administrator alone may not activate it.
    pub needs_second_role: bool,
    /// Why not, each reason in Chinese.
    pub why: Vec<String>,
    /// Why it must not be activated at all: its own golden cases fail.
    pub blocked: Vec<String>,
}

impl Verdict {
    fn doubt(&mut self, why: impl Into<String>) {
        self.needs_second_role = true;
        self.why.push(why.into());
    }
}

/// A stored version of a pack, by name and version.
///
/// # Errors
/// [`Error::NotFound`] where it is not stored.
pub fn stored(app: &App, name: &str, version: &str) -> Result<Arc<Pack>> {
    let mut packs = app.sandbox.stored().into_iter().map(|(pack, _)| pack);
    let found =
        packs.rfind(|pack| pack.reference.name == name && pack.reference.version == version);
    found.ok_or_else(|| {
        Error::NotFound(format!(
            "没有存入插件 {name} {version}；请先存入该版本（anshu pack install）"
        ))
    })
}

/// The version that decides now, beside one that is tried; none where the pack is new.
#[must_use]
pub fn present(app: &App, tried: &PackRef) -> Option<Arc<Pack>> {
    let offset = app.sandbox.settings().offset;
    let today = app.settings.time.now().date(offset).to_string();
    let others: Vec<_> = app
        .sandbox
        .packs()
        .into_iter()
        .filter(|pack| pack.reference.name == tried.name && pack.reference != *tried)
        .collect();
    let in_force = others.iter().rfind(|pack| pack.manifest.effective_from <= today);
    in_force.or(others.first()).cloned()
}

/// Tries a version on its golden cases and on the decisions of the last days, and keeps what that showed.
///
/// # Errors
/// [`Error::Denied`] where the actor may not; [`Error::Invalid`] where the days make no sense; where storage does not answer.
pub async fn run(
    app: &App,
    context: &OpContext,
    pack: &PackRef,
    days: u32,
    progress: &Arc<Progress>,
) -> Result<Trial> {
    let report = work::report(app, context, pack, checked(days)?, progress).await?;
    let whole = !progress.cancel.is_cancelled();
    let shown =
        serde_json::to_value(&report).map_err(|error| Error::Internal(error.to_string()))?;
    let now = app.settings.time.now();
    app.data.put_replay(context, pack, days, whole, &shown, now).await
}

fn checked(days: u32) -> Result<u32> {
    if (1..=MOST_DAYS).contains(&days) {
        return Ok(days);
    }
    Err(Error::invalid("/days", days.to_string(), format!("1 至 {MOST_DAYS} 天")))
}

/// Begins a replay that runs in the background.
///
/// # Errors
/// [`Error::Denied`] where the person may not; [`Error::NotFound`] where the version is not stored;
/// [`Error::Unavailable`] where another replay runs.
pub async fn begin(
    app: &App,
    person: &Person,
    name: &str,
    version: &str,
    days: u32,
) -> Result<Running> {
    let context = app.context(person, None)?;
    app.data.allows(&context, "manage-packs").await?;
    let pack = stored(app, name, version)?.reference.clone();
    let progress = Arc::new(Progress::under(&app.trials.stop));
    let running = Running { pack, days: checked(days)?, context, progress };
    {
        let mut all = app.trials.running.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= AT_ONCE {
            return Err(Error::Unavailable("另一次比对正在进行，请等它结束或先取消".into()));
        }
        all.insert(running.context.id.clone(), running.clone());
    }
    let (app, begun) = (app.clone(), running.clone());
    app.trials.clone().tasks.spawn(async move {
        let Running { pack, days, context, progress } = begun;
        if let Err(error) = run(&app, &context, &pack, days, &progress).await {
            tracing::error!(pack = %pack.name, version = %pack.version, %error, "trial failed");
        }
        app.trials.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&context.id);
    });
    Ok(running)
}

/// The replays that run here.
#[must_use]
pub fn running(app: &App) -> Vec<Running> {
    app.trials.running.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
}

/// Ends a replay that runs.
///
/// # Errors
/// [`Error::Denied`] where the person may not; [`Error::NotFound`] where it does not run.
pub async fn cancel(app: &App, person: &Person, id: &Id) -> Result<()> {
    app.data.allows(&app.context(person, None)?, "manage-packs").await?;
    let found = running(app).into_iter().find(|running| running.context.id == *id);
    found.ok_or_else(|| Error::NotFound(format!("正在进行的比对 {id}")))?.progress.cancel();
    Ok(())
}

/// The report of a replay that was kept.
///
/// # Errors
/// [`Error::Internal`] where it cannot be read.
pub fn report(trial: &Trial) -> Result<Report> {
    serde_json::from_value(trial.report.clone())
        .map_err(|error| Error::Internal(format!("trial report: {error}")))
}

/// What trials so far say about activating a version. What only tightens, one administrator activates; what loosens, or
/// was never tried, takes the second role.
///
/// # Errors
/// Where storage does not answer.
pub async fn verdict(app: &App, pack: &PackRef) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let Some(present) = present(app, pack) else { return Ok(verdict) };
    let (replay, shadow) = app.data.last_trials(pack).await?;
    match replay.as_ref().map(report).transpose()? {
        None => verdict.doubt("尚未在近期的决定上比对新旧版本"),
        Some(report) => judge(&report, &present.reference, &mut verdict),
    }
    if let Some(shadow) = shadow {
        let sums = app.data.shadow_sums(&pack.digest).await?;
        judge_shadow(&shadow, &sums, &mut verdict);
    }
    Ok(verdict)
}

fn judge(report: &Report, present: &PackRef, verdict: &mut Verdict) {
    for wrong in &report.golden.wrong {
        verdict.blocked.push(format!("样例“{}”不符：{}", wrong.case, wrong.problems.join("；")));
    }
    if report.old.as_ref() != Some(present) {
        verdict.doubt(format!("比对之后现行版本已换为 {}，请重新比对", present.version));
    }
    for (tally, what) in [(&report.golden_of_old, "旧版样例"), (&report.replay, "决定")] {
        for group in tally.loosening() {
            let title = group.kind.title();
            verdict.doubt(format!("放宽：{title}，{} 个{what}", group.count));
        }
        for kind in [Kind::Fault, Kind::Unread] {
            let count = tally.of_kind(kind);
            if count > 0 {
                verdict.doubt(format!("{}：{count} 个{what}，无从判断宽严", kind.title()));
            }
        }
    }
}

fn judge_shadow(shadow: &Trial, sums: &[ShadowCount], verdict: &mut Verdict) {
    let of = |kind: &str| -> u64 {
        sums.iter().filter(|sum| sum.kind == kind).map(|sum| sum.count).sum()
    };
    let seen = of(ShadowCount::SEEN);
    if seen < u64::from(shadow.span) {
        verdict.doubt(format!("影子运行只观察了 {seen} 个决定，应观察 {} 个", shadow.span));
    }
    for sum in sums.iter().filter(|sum| sum.leaning == Leaning::Loosens.name()) {
        let title = Kind::from_name(&sum.kind).map_or("其他", Kind::title);
        verdict.doubt(format!("影子运行显示放宽：{title}，{} 个决定", sum.count));
    }
    let faults = of(Kind::Fault.name());
    if faults > 0 {
        verdict.doubt(format!("影子运行中出错 {faults} 次"));
    }
}

#[cfg(test)]
mod tests;
