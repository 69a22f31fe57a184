//! The server's one source of time. Tests move it; nothing else does.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anshu_model::instant::Instant;
use anshu_model::{Error, Result};

/// The wall clock, plus what a test moved it by.
#[derive(Debug, Clone, Default)]
pub struct Time {
    ahead: Arc<AtomicI64>,
}

impl Time {
    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(jiff::Timestamp::now().as_millisecond()).plus(self.ahead.load(Ordering::Relaxed))
    }

    /// Moves time forward by some milliseconds, for every clone of this clock.
    pub fn advance(&self, milliseconds: i64) {
        self.ahead.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

/// An instant that somebody stated.
///
/// # Errors
/// [`Error::Invalid`] at the place where it was stated.
pub(crate) fn instant(at: &str, text: &str) -> Result<Instant> {
    text.parse().map_err(|_: Error| {
        Error::invalid(at, format!("“{text}”"), "带时区的时刻，如 2026-12-01T00:00:00+08:00")
    })
}
