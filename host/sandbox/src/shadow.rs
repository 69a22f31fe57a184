//! Versions that run beside the active one (影子运行): each gets what the active one decided, through a queue that never
//! holds up whoever decided. A queue that is full drops, and counts what it dropped.
//!
//! Only the queue is here. Whoever takes from it runs [`Sandbox::compare_shadow`] at a pace of their own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use anshu_model::context::PackRef;
use anshu_model::decision::Decision;
use anshu_model::{Error, Result};
use tokio::sync::mpsc;

use crate::sandbox::Sandbox;

/// All versions that run beside the active ones.
#[derive(Debug, Default)]
pub(crate) struct Shadows(RwLock<Vec<Arc<Seat>>>);

#[derive(Debug)]
struct Seat {
    pack: PackRef,
    queue: mpsc::Sender<Arc<Decision>>,
    dropped: AtomicU64,
}

impl Shadows {
    /// Hands a committed decision to those who run beside the version that made it. Never waits.
    pub(crate) fn offer(&self, decision: &Arc<Decision>) {
        let Some(by) = &decision.context.pack else { return };
        let seats = self.0.read().unwrap_or_else(PoisonError::into_inner);
        for seat in seats.iter().filter(|seat| seat.pack.name == by.name && seat.pack != *by) {
            if seat.queue.try_send(Arc::clone(decision)).is_err() {
                seat.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// A version's place beside the active one. Dropped, it is handed nothing more.
#[derive(Debug)]
pub struct Shadow {
    sandbox: Sandbox,
    seat: Arc<Seat>,
    decisions: mpsc::Receiver<Arc<Decision>>,
}

impl Sandbox {
    /// Begins to hand what the active version of a pack decides to another one. At most `room` decisions wait.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the version is not installed; [`Error::Conflict`] where it runs beside already;
    /// [`Error::Invalid`] without any room.
    pub fn shadow(&self, pack: &PackRef, room: usize) -> Result<Shadow> {
        self.inner.registry().exact(pack)?;
        if room == 0 {
            return Err(Error::invalid("room", "0", "至少 1"));
        }
        let (queue, decisions) = mpsc::channel(room);
        let seat = Arc::new(Seat { pack: pack.clone(), queue, dropped: AtomicU64::new(0) });
        let mut seats = self.inner.shadows.0.write().unwrap_or_else(PoisonError::into_inner);
        if seats.iter().any(|seat| seat.pack == *pack) {
            let text = format!("{} {} 已在影子运行；如需重来，请先停止", pack.name, pack.version);
            return Err(Error::Conflict(text));
        }
        seats.push(Arc::clone(&seat));
        drop(seats);
        Ok(Shadow { sandbox: self.clone(), seat, decisions })
    }
}

impl Shadow {
    /// The version that runs beside.
    #[must_use]
    pub fn pack(&self) -> &PackRef {
        &self.seat.pack
    }

    /// The next decision that the active version made; waits for it.
    pub async fn next(&mut self) -> Option<Arc<Decision>> {
        self.decisions.recv().await
    }

    /// How many decisions were dropped since this was last asked, as the queue was full.
    #[must_use]
    pub fn take_dropped(&self) -> u64 {
        self.seat.dropped.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Shadow {
    fn drop(&mut self) {
        let mut seats =
            self.sandbox.inner.shadows.0.write().unwrap_or_else(PoisonError::into_inner);
        seats.retain(|seat| !Arc::ptr_eq(seat, &self.seat));
    }
}
