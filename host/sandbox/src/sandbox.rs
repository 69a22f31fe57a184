//! The sandbox itself: the engine, the installed packs, and the turns that calls take.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anshu_model::calendar::Calendar;
use anshu_model::capability::Grant;
use anshu_model::context::PackRef;
use anshu_model::schema::Schemas;
use anshu_model::{Error, Result};
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Engine;

use crate::inspect::{self, Inspection};
use crate::pack::Pack;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::shadow::Shadows;
use crate::{engine, install};

/// Installed packs and the machine that runs them. Cheap to clone: every clone is the same sandbox.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) settings: Arc<Settings>,
    registry: RwLock<Arc<Registry>>,
    turns: Semaphore,
    /// Who runs beside the active versions.
    pub(crate) shadows: Shadows,
    /// The calendar that was used last, with its version: counting the version anew would cost more than a call.
    calendar: Mutex<Option<(Arc<Calendar>, String)>>,
}

impl Sandbox {
    /// A sandbox without packs.
    ///
    /// # Errors
    /// [`Error::Internal`] where the machine cannot give what the settings ask, such as address space for the pool.
    pub fn new(settings: Settings) -> Result<Self> {
        let inner = Inner {
            engine: engine::engine(&settings)?,
            turns: Semaphore::new(settings.concurrency as usize),
            registry: RwLock::default(),
            shadows: Shadows::default(),
            calendar: Mutex::default(),
            settings: Arc::new(settings),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Looks into a pack without compiling it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong: no component, no manifest, a manifest that is no JSON (with the
    /// line), a contract out of range, imports beyond the contract.
    pub fn inspect(bytes: &[u8]) -> Result<Inspection> {
        inspect::inspect(bytes)
    }

    /// Installs a pack version beside those that are there, or replaces the same version. Calls in flight end on what
    /// they began with.
    ///
    /// # Errors
    /// [`Error::Denied`] with every interface that it wants and was not granted; [`Error::Invalid`] as
    /// [`Sandbox::inspect`], and where names or schemas break the rules. Nothing is installed then.
    pub fn install(&self, bytes: &[u8], grant: &Grant) -> Result<PackRef> {
        let pack = install::install(&self.inner.engine, bytes, grant)?;
        let reference = pack.reference.clone();
        let mut registry = self.inner.registry.write().unwrap_or_else(PoisonError::into_inner);
        *registry = Arc::new(registry.with(pack)?);
        Ok(reference)
    }

    /// Removes a pack version. Its schemas stay, as data was checked against them.
    pub fn remove(&self, name: &str, version: &str) {
        let mut registry = self.inner.registry.write().unwrap_or_else(PoisonError::into_inner);
        *registry = Arc::new(registry.without(name, version));
    }

    /// The packs in quarantine, each with the reason.
    #[must_use]
    pub fn quarantined(&self) -> Vec<(PackRef, String)> {
        let registry = self.inner.registry();
        registry
            .packs()
            .filter_map(|pack| Some((pack.reference.clone(), pack.health.quarantined()?)))
            .collect()
    }

    /// Lets every version of a pack be called again.
    pub fn release(&self, name: &str) {
        for pack in self.inner.registry().packs().filter(|pack| pack.reference.name == name) {
            pack.health.release();
        }
    }

    /// Every installed version.
    #[must_use]
    pub fn packs(&self) -> Vec<Arc<Pack>> {
        self.inner.registry().packs().cloned().collect()
    }

    /// The schemas of all packs that are or were installed.
    #[must_use]
    pub fn schemas(&self) -> Arc<Schemas> {
        Arc::clone(&self.inner.registry().schemas)
    }

    /// The limits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }
}

impl Inner {
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for a turn, not for ever: a pool that is full is told as such.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        if let Ok(permit) = self.turns.try_acquire() {
            return Ok(permit);
        }
        match tokio::time::timeout(self.settings.wait, self.turns.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Error::Unavailable(format!(
                "同时办理的插件调用已达上限（{} 个），等待 {} 秒仍未轮到；请稍后重试",
                self.settings.concurrency,
                self.settings.wait.as_secs()
            ))),
        }
    }

    /// The version of a calendar.
    pub(crate) fn calendar_version(&self, calendar: &Arc<Calendar>) -> String {
        let mut last = self.calendar.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, version)) if Arc::ptr_eq(known, calendar) => version.clone(),
            _ => {
                let version = calendar.version();
                *last = Some((Arc::clone(calendar), version.clone()));
                version
            }
        }
    }
}
