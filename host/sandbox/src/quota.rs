//! What one pack may take of what all packs share: turns at the same time, and events and log in a minute. A noisy pack
//! waits for itself, and is told so; the others go on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anshu_model::{Error, Result};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::pack::Pack;
use crate::settings::Settings;

/// The time that budgets are for.
const MINUTE: Duration = Duration::from_secs(60);

/// All quotas of a sandbox.
#[derive(Debug)]
pub(crate) struct Quotas {
    /// Turns of all packs together: as many calls as the pool has room for.
    turns: Semaphore,
    all: Arc<Budgets>,
    /// By pack, for all its versions together.
    packs: Mutex<BTreeMap<String, Arc<Quota>>>,
}

/// The quota of one pack.
#[derive(Debug)]
pub(crate) struct Quota {
    turns: Semaphore,
    own: Budgets,
    all: Arc<Budgets>,
}

/// What is counted by the minute.
#[derive(Debug)]
struct Budgets {
    events: Budget,
    log: Budget,
}

/// So much in a minute.
#[derive(Debug)]
struct Budget {
    most: usize,
    /// When the minute began, and what was used since.
    used: Mutex<(Instant, usize)>,
}

/// The right to run now, given back when it is dropped.
pub(crate) struct Turn<'a> {
    _of_pack: SemaphorePermit<'a>,
    _of_all: SemaphorePermit<'a>,
}

impl Quotas {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            turns: Semaphore::new(settings.concurrency as usize),
            all: Arc::new(Budgets::new(
                settings.all_events_a_minute,
                settings.all_log_bytes_a_minute,
            )),
            packs: Mutex::default(),
        }
    }

    /// The quota of a pack, the same one for every version.
    pub(crate) fn of(&self, pack: &str, settings: &Settings) -> Arc<Quota> {
        let mut packs = self.packs.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            Arc::new(Quota {
                turns: Semaphore::new(settings.pack_concurrency.min(settings.concurrency) as usize),
                own: Budgets::new(settings.events_a_minute, settings.log_bytes_a_minute),
                all: Arc::clone(&self.all),
            })
        };
        Arc::clone(packs.entry(pack.to_owned()).or_insert_with(made))
    }

    /// Waits for a turn, not for ever: first for one of the pack's own, so that those who wait for a noisy pack hold
    /// nothing that others need, then for one of all.
    pub(crate) async fn turn<'a>(
        &'a self,
        pack: &'a Pack,
        settings: &Settings,
    ) -> Result<Turn<'a>> {
        let until = tokio::time::Instant::now() + settings.wait;
        let _of_pack = acquire(&pack.quota.turns, until).await.ok_or_else(|| {
            Error::Unavailable(format!(
                "插件 {} 同时办理的调用已达其上限（{} 个），等待 {} 秒仍未轮到；其他插件不受影响，请稍后重试",
                pack.title(),
                settings.pack_concurrency.min(settings.concurrency),
                settings.wait.as_secs_f64()
            ))
        })?;
        let _of_all = acquire(&self.turns, until).await.ok_or_else(|| {
            Error::Unavailable(format!(
                "同时办理的插件调用已达上限（{} 个），等待 {} 秒仍未轮到；请稍后重试",
                settings.concurrency,
                settings.wait.as_secs_f64()
            ))
        })?;
        Ok(Turn { _of_pack, _of_all })
    }
}

async fn acquire(turns: &Semaphore, until: tokio::time::Instant) -> Option<SemaphorePermit<'_>> {
    if let Ok(permit) = turns.try_acquire() {
        return Some(permit);
    }
    tokio::time::timeout_at(until, turns.acquire()).await.ok()?.ok()
}

impl Quota {
    /// Counts an event. What is over is no fault: the call ends, and may be made again later.
    pub(crate) fn event(&self, pack: &Pack) -> Result<()> {
        if !self.own.events.take(1) {
            return Err(Error::Unavailable(format!(
                "插件 {} 一分钟内发布的事件超过 {} 个，本次调用没有留下任何变更；请稍后重试，并核对该插件是否重复发布",
                pack.title(),
                self.own.events.most
            )));
        }
        if !self.all.events.take(1) {
            return Err(Error::Unavailable(format!(
                "全部插件一分钟内发布的事件超过 {} 个，插件 {} 的本次调用没有留下任何变更；请稍后重试",
                self.all.events.most,
                pack.title()
            )));
        }
        Ok(())
    }

    /// Whether so many bytes more may be logged.
    pub(crate) fn log(&self, bytes: usize) -> bool {
        self.own.log.take(bytes) && self.all.log.take(bytes)
    }
}

impl Budgets {
    fn new(events: usize, log: usize) -> Self {
        Self { events: Budget::new(events), log: Budget::new(log) }
    }
}

impl Budget {
    fn new(most: usize) -> Self {
        Self { most, used: Mutex::new((Instant::now(), 0)) }
    }

    /// Takes an amount where it is left.
    fn take(&self, amount: usize) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.0.elapsed() >= MINUTE {
            *used = (Instant::now(), 0);
        }
        let after = used.1.saturating_add(amount);
        if after > self.most {
            return false;
        }
        used.1 = after;
        true
    }
}
