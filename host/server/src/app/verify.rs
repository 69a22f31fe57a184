//! Verification of the running centre: every night by itself, and whenever an auditor asks. It reads in one snapshot and
//! stops nobody's work.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anshu_data::Verification;
use anshu_model::instant::Instant;
use anshu_model::org::Person;
use anshu_model::{Error, Result};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::App;

/// How often it happens by itself, in milliseconds.
const EVERY: i64 = 24 * 3600 * 1000;
/// How often is looked whether it is time.
const LOOK: Duration = Duration::from_secs(600);

/// What the last verification found.
#[derive(Debug, Default)]
pub struct Verified {
    state: Mutex<State>,
    /// Wakes the loop when somebody asks.
    asked: Notify,
}

/// How it stands with verification.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Whether one runs.
    pub running: bool,
    /// When the last one ended, and what it found.
    pub last: Option<(Instant, Verification)>,
    /// Why the last one could not be made.
    pub failed: Option<String>,
}

impl Verified {
    /// How it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the turn; false where somebody has it.
    fn begin(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut state.running, true)
    }

    fn end(&self, now: Instant, found: Result<Verification>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running = false;
        match found {
            Ok(found) => {
                state.last = Some((now, found));
                state.failed = None;
            }
            Err(error) => state.failed = Some(error.to_string()),
        }
    }
}

/// Verifies at start, once a day, and when somebody asks, until the server stops.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let mut beat = tokio::time::interval(LOOK);
    loop {
        let turn = tokio::select! {
            () = stop.cancelled() => return,
            // Whoever asked has taken the turn.
            () = app.verified.asked.notified() => true,
            _ = beat.tick() => {
                let now = app.settings.time.now();
                let last = app.verified.state().last;
                last.is_none_or(|(at, _)| now >= at.plus(EVERY)) && app.verified.begin()
            }
        };
        if turn && stop.run_until_cancelled(once(&app)).await.is_none() {
            return;
        }
    }
}

async fn once(app: &App) {
    let found = app.data.verify().await;
    match &found {
        Ok(found) => {
            if let Some(wrong) = &found.wrong {
                tracing::error!(wrong, "the audit log does not verify");
            }
        }
        Err(error) => tracing::error!(%error, "the audit log could not be verified"),
    }
    app.verified.end(app.settings.time.now(), found);
}

/// An auditor asks for a verification now. It goes on by itself.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor; [`Error::Conflict`] while one runs.
pub async fn begin(app: &App, person: &Person) -> Result<()> {
    app.data.allows(&app.context(person, None)?, "read-audit").await?;
    if !app.verified.begin() {
        return Err(Error::Conflict("校验正在进行；请稍候查看结果".into()));
    }
    app.verified.asked.notify_one();
    Ok(())
}
