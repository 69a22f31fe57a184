//! What happens without anybody asking: events reach the packs that hear them, timers wake the packs that set them.
//!
//! One loop looks for work and hands it to tracked tasks; it looks less often while there is none. What was done is marked
//! in the commit of the decision itself, so that a crash in between repeats nothing.

use std::sync::Arc;
use std::time::Duration;

use anshu_data::{Delivery, TimerDue};
use anshu_model::context::{DutyPrincipal, OpContext, Principal, Purpose};
use anshu_model::decision::Input;
use anshu_model::{Error, Result};
use anshu_sandbox::{Call, Pack};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, emergency, packs, persons, share, vault, witness};

/// Calls at the same time: persons come first, so jobs take a part of the sandbox only.
const AT_ONCE: usize = 8;
/// How many are fetched at a time.
const BATCH: u32 = 32;
/// The shortest and the longest pause between looks.
const BUSY: Duration = Duration::from_millis(50);
const IDLE: Duration = Duration::from_secs(1);
/// How long after a failure the log is not tried to be remembered again.
const REST: Duration = Duration::from_secs(60);

/// Works until it is stopped, and finishes what it began.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let tasks = TaskTracker::new();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut pause = BUSY;
    // What could not be remembered is tried again with the patience of a minute, not with that of this loop.
    let mut failed: Option<std::time::Instant> = None;
    loop {
        if failed.is_none_or(|at| at.elapsed() > REST)
            && let Err(error) = witness::now_and_then(&app).await
        {
            tracing::error!(%error, "the log could not be remembered outside the database");
            failed = Some(std::time::Instant::now());
        }
        let found = match round(&app, &tasks, &turns).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "jobs: storage does not answer");
                0
            }
        };
        // A round's work is done before the next look, so that nothing is fetched twice.
        tasks.close();
        tasks.wait().await;
        tasks.reopen();
        pause = if found > 0 { BUSY } else { (pause * 2).min(IDLE) };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn round(app: &App, tasks: &TaskTracker, turns: &Arc<Semaphore>) -> Result<usize> {
    packs::life::keep_quarantines(app).await?;
    emergency::tend(app).await?;
    let activated = packs::life::activate_due(app).await?;
    let ended = share::keep(app).await? + vault::daily(app).await?;
    let now = app.settings.time.now();
    app.data.refresh_labels(now).await?;
    app.data.keep_charges(now).await?;
    let deliveries = app.data.next_events(now, BATCH).await?;
    let timers = app.data.due_timers(now, BATCH).await?;
    let released = persons::release_deferrals(app).await?;
    let found = deliveries.len() + timers.len() + activated + ended + released;
    for delivery in deliveries {
        let (app, turns) = (app.clone(), turns.clone());
        tasks.spawn(async move {
            let _turn = turns.acquire_owned().await;
            deliver(&app, &delivery).await;
        });
    }
    for timer in timers {
        let (app, turns) = (app.clone(), turns.clone());
        tasks.spawn(async move {
            let _turn = turns.acquire_owned().await;
            wake(&app, &timer).await;
        });
    }
    Ok(found)
}

async fn deliver(app: &App, delivery: &Delivery) {
    let done = call(app, &delivery.subscriber, delivery.event.clone()).await;
    let Err(error) = done else { return };
    tracing::warn!(pack = delivery.subscriber, attempts = delivery.attempts, %error, "event not taken");
    if let Err(error) = app.data.postpone(delivery, &error, app.settings.time.now()).await {
        tracing::error!(%error, "event not postponed");
    }
}

async fn wake(app: &App, timer: &TimerDue) {
    let done = call(app, &timer.pack, timer.timer.clone()).await;
    let Err(error) = done else { return };
    tracing::warn!(pack = timer.pack, %error, "timer not taken");
    if let Err(error) = app.data.postpone_timer(timer, &error, app.settings.time.now()).await {
        tracing::error!(%error, "timer not postponed");
    }
}

/// Calls a pack with its own named duty.
async fn call(app: &App, pack: &str, input: Input) -> Result<()> {
    let found = app.sandbox.packs().into_iter().rev().find(|found| found.reference.name == pack);
    let Some(found) = found else {
        return Err(Error::Unavailable(format!("插件 {pack} 没有启用")));
    };
    let context = context(app, &found)?;
    app.sandbox.invoke(&app.data, Call { context, pack: pack.to_owned(), input }).await.map(|_| ())
}

/// The context of a pack's own duty: as far as its grant reaches, for the first purpose that it was granted.
pub(crate) fn context(app: &App, pack: &Pack) -> Result<OpContext> {
    let (manifest, grant) = (&pack.manifest, &pack.grant);
    let purpose = manifest
        .purposes
        .iter()
        .find(|purpose| grant.purposes.contains(&purpose.code))
        .ok_or_else(|| {
        Error::Denied(format!("插件 {} 没有获准任何目的，不能自行办理", manifest.name))
    })?;
    let duty = DutyPrincipal {
        pack: manifest.name.clone(),
        title: manifest.duty.title.clone(),
        unit: grant.duty_unit.clone(),
        division: grant.duty_division.clone(),
        clearance: grant.allows.ceiling,
    };
    let purpose =
        Purpose { code: purpose.code.clone(), ground: purpose.ground.clone(), serves: None };
    app.context_for(Principal::Duty(duty), purpose)
}
