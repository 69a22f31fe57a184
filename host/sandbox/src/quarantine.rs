//! Quarantine: a pack that faults again and again is not called any more until somebody releases it. Its cases stay
//! visible, owned and timed on the host's spine.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How a pack version has been doing.
#[derive(Debug, Default)]
pub(crate) struct Health {
    closed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    faults: VecDeque<Instant>,
    reason: Option<String>,
}

impl Health {
    /// Why the pack is in quarantine. One atomic read where it is not.
    pub(crate) fn quarantined(&self) -> Option<String> {
        if self.closed.load(Ordering::Acquire) { self.lock().reason.clone() } else { None }
    }

    /// Notes a fault. Answers whether this one put the pack in quarantine.
    pub(crate) fn fault(&self, reason: &str, most: usize, window: Duration) -> bool {
        let mut state = self.lock();
        let now = Instant::now();
        state.faults.push_back(now);
        while state.faults.front().is_some_and(|fault| now.duration_since(*fault) > window) {
            state.faults.pop_front();
        }
        if state.reason.is_some() || state.faults.len() < most {
            return false;
        }
        state.reason = Some(format!(
            "{} 秒内发生 {} 次故障，最近一次：{reason}",
            window.as_secs(),
            state.faults.len()
        ));
        self.closed.store(true, Ordering::Release);
        true
    }

    /// Lets the pack be called again.
    pub(crate) fn release(&self) {
        *self.lock() = State::default();
        self.closed.store(false, Ordering::Release);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
