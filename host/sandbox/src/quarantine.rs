//! Quarantine: a pack that faults again and again is not called any more until somebody releases it. Its cases stay
//! visible, owned and timed on the host's spine.
//!
//! A version has a budget of faults. Each fault spends from it; it is whole again after a healthy period, in which the
//! version answered and did not fault. That it is in quarantine is kept by who embeds the sandbox.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How a pack version has been doing.
#[derive(Debug, Default)]
pub(crate) struct Health {
    closed: AtomicBool,
    /// Whether something was spent from the budget: only then answers are noted.
    hurt: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    spent: usize,
    last: Option<Instant>,
    /// Whether it has answered since the last fault.
    answered: bool,
    reason: Option<String>,
}

impl Health {
    /// Why the pack is in quarantine. One atomic read where it is not.
    pub(crate) fn quarantined(&self) -> Option<String> {
        if self.closed.load(Ordering::Acquire) { self.lock().reason.clone() } else { None }
    }

    /// Notes that the version answered. One atomic read where it never faulted.
    pub(crate) fn answered(&self) {
        if self.hurt.load(Ordering::Acquire) {
            self.lock().answered = true;
        }
    }

    /// Notes a fault. Answers whether this one put the pack in quarantine.
    pub(crate) fn fault(&self, reason: &str, budget: usize, healthy: Duration) -> bool {
        let mut state = self.lock();
        let now = Instant::now();
        let rested = state.last.is_some_and(|last| now.duration_since(last) > healthy);
        if rested && state.answered {
            state.spent = 0;
        }
        state.spent += 1;
        state.last = Some(now);
        state.answered = false;
        self.hurt.store(true, Ordering::Release);
        if state.reason.is_some() || state.spent < budget {
            return false;
        }
        state.reason = Some(format!("接连发生 {} 次故障，最近一次：{reason}", state.spent));
        self.closed.store(true, Ordering::Release);
        true
    }

    /// Closes it for a reason that was known before.
    pub(crate) fn close(&self, reason: &str) {
        self.lock().reason = Some(reason.to_owned());
        self.closed.store(true, Ordering::Release);
    }

    /// Lets the pack be called again, with its whole budget.
    pub(crate) fn release(&self) {
        *self.lock() = State::default();
        self.hurt.store(false, Ordering::Release);
        self.closed.store(false, Ordering::Release);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn faults_add_up_until_a_healthy_period() {
        let health = Health::default();
        assert!(!health.fault("一", 3, LONG));
        health.answered();
        // Answers in between are not yet a healthy period.
        assert!(!health.fault("二", 3, LONG));
        health.answered();
        // Nor is a period without an answer.
        let short = Duration::ZERO;
        std::thread::sleep(Duration::from_millis(2));
        assert!(!health.fault("三", 3, short), "the budget was whole again");
        assert!(!health.fault("四", 3, short) && health.fault("五", 3, short));
        assert!(health.quarantined().unwrap().contains("五"));
        health.release();
        assert!(health.quarantined().is_none() && !health.fault("六", 3, LONG));
    }

    #[test]
    fn who_is_put_back_after_a_restart_keeps_the_reason() {
        let health = Health::default();
        health.close("此前的故障");
        assert_eq!(health.quarantined().as_deref(), Some("此前的故障"));
    }
}
