//! Remembering the log outside the database, so that one that is put back to an earlier state is noticed.
//!
//! What is remembered is what a thief of the database cannot take back; the longer it is ago, the more could be cut off
//! unseen. So it is done once a minute while the log grows, and how long ago it was can be watched.

use std::sync::{Mutex, PoisonError};

use anshu_model::Result;
use anshu_model::instant::Instant;

use super::App;

/// How long the log may grow before it is remembered again, in milliseconds.
const EVERY: i64 = 60_000;

/// What was last remembered of the log.
#[derive(Debug, Default)]
pub struct Witnessed(Mutex<Option<Seen>>);

/// The log, as it was at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// When.
    pub at: Instant,
    /// How many entries it had.
    pub size: u64,
}

impl Witnessed {
    /// What was last remembered; none before the first time.
    #[must_use]
    pub fn last(&self) -> Option<Seen> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, seen: Seen) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }
}

/// Remembers the log where it has grown and the last time is a minute ago. Answers whether it did.
///
/// # Errors
/// [`anshu_model::Error::Unavailable`] where the file beside the keys cannot be written, or storage does not answer.
pub async fn now_and_then(app: &App) -> Result<bool> {
    let now = app.settings.time.now();
    let last = app.witnessed.last();
    if last.is_some_and(|seen| now < seen.at.plus(EVERY)) {
        return Ok(false);
    }
    let (size, _) = app.data.log_head().await?;
    let grown = last.is_none_or(|seen| seen.size != size);
    if grown {
        app.data.witness().await?;
    }
    // Where nothing was added, what is remembered is still the whole log.
    app.witnessed.note(Seen { at: now, size });
    Ok(grown)
}
