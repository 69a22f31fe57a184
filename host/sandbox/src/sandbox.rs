//! The sandbox itself: the engine, the installed packs, and the turns that calls take.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anshu_model::Result;
use anshu_model::calendar::Calendar;
use anshu_model::capability::Grant;
use anshu_model::context::PackRef;
use anshu_model::manifest::Manifest;
use anshu_model::schema::Schemas;

use crate::compile::Maker;
use crate::inspect::{self, Inspection};
use crate::pack::Pack;
use crate::quota::Quotas;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::shadow::Shadows;
use crate::{install, parallel};

/// Installed packs and the machine that runs them. Cheap to clone: every clone is the same sandbox.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) maker: Maker,
    pub(crate) settings: Arc<Settings>,
    registry: RwLock<Arc<Registry>>,
    pub(crate) quotas: Quotas,
    /// Who runs beside the active versions.
    pub(crate) shadows: Shadows,
    /// The calendar that was used last, with its version: counting the version anew would cost more than a call.
    calendar: Mutex<Option<(Arc<Calendar>, String)>>,
}

/// A pack that was installed before.
#[derive(Debug)]
pub struct StoredPack<F> {
    /// SHA-256 of its file, in hex.
    pub digest: String,
    /// What it was allowed.
    pub grant: Grant,
    /// Whether legal time may choose it.
    pub active: bool,
    /// Reads its file.
    pub bytes: F,
}

impl Sandbox {
    /// A sandbox without packs.
    ///
    /// # Errors
    /// [`Error::Internal`] where the machine cannot give what the settings ask, such as address space for the pool.
    pub fn new(settings: Settings) -> Result<Self> {
        Self::made(settings, None)
    }

    /// A sandbox without packs that keeps compiled code in a folder, under a seal that is made with the key: the next start
    /// compiles nothing. Whoever knows the key can have any code executed.
    ///
    /// # Errors
    /// As [`Sandbox::new`]; [`Error::Unavailable`] where the folder cannot be made.
    pub fn keeping(settings: Settings, folder: &Path, key: &[u8; 32]) -> Result<Self> {
        Self::made(settings, Some((folder, key)))
    }

    fn made(settings: Settings, shelf: Option<(&Path, &[u8; 32])>) -> Result<Self> {
        let inner = Inner {
            maker: Maker::new(&settings, shelf)?,
            quotas: Quotas::new(&settings),
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

    /// Stores a pack version, compiled and linked, beside those that are there: it is called only by its digest until it
    /// is activated. A build that is there already gets the grant, and stays active where it was.
    ///
    /// # Errors
    /// [`Error::Denied`] with every interface that it wants and was not granted; [`Error::Invalid`] as
    /// [`Sandbox::inspect`], and where names or schemas break the rules. Nothing is stored then.
    pub fn stage(&self, bytes: &[u8], grant: &Grant) -> Result<PackRef> {
        let pack = install::install(&self.inner, bytes, grant)?;
        let reference = pack.reference.clone();
        self.inner.change(|registry| registry.with(pack))?;
        Ok(reference)
    }

    /// Whether [`Sandbox::stage`] would store a pack: everything is done but storing it.
    ///
    /// # Errors
    /// As [`Sandbox::stage`].
    pub fn check(&self, bytes: &[u8], grant: &Grant) -> Result<PackRef> {
        let pack = install::install(&self.inner, bytes, grant)?;
        let reference = pack.reference.clone();
        self.inner.registry().with(pack)?;
        Ok(reference)
    }

    /// Whether [`Sandbox::activate`] would do it.
    ///
    /// # Errors
    /// As [`Sandbox::activate`].
    pub fn may_activate(&self, pack: &PackRef) -> Result<()> {
        self.inner.registry().activated(pack).map(drop)
    }

    /// Remembers what a version declared that is not stored any more: data was checked against its schemas, and records bear
    /// its names.
    pub fn remember(&self, manifest: &Manifest) {
        let schemas = install::schemas(manifest);
        let mut registry = self.inner.registry.write().unwrap_or_else(PoisonError::into_inner);
        *registry = Arc::new(registry.remembering(manifest, schemas));
    }

    /// Lets legal time choose a stored version from now on. Calls in flight end on what they began with.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is not stored; [`Error::Invalid`] where another active pack uses one of its topics
    /// with another meaning.
    pub fn activate(&self, pack: &PackRef) -> Result<()> {
        self.inner.change(|registry| registry.activated(pack))
    }

    /// Lets legal time choose a version no longer: the one before decides again. It stays stored, and answers for what
    /// it decided.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is not stored.
    pub fn withdraw(&self, pack: &PackRef) -> Result<()> {
        self.inner.change(|registry| registry.withdrawn(pack))
    }

    /// Stores a pack version and activates it, in one step.
    ///
    /// # Errors
    /// As [`Sandbox::stage`].
    pub fn install(&self, bytes: &[u8], grant: &Grant) -> Result<PackRef> {
        let pack = install::install(&self.inner, bytes, grant)?;
        let reference = pack.reference.clone();
        self.inner.change(|registry| registry.with(pack)?.activated(&reference))?;
        Ok(reference)
    }

    /// Puts packs that were stored before back in their places, all of them together and on every core: the answers are in
    /// their order. Where compiled code was kept, a pack's file is not even read.
    ///
    /// # Errors
    /// For each pack as [`Sandbox::install`]; [`anshu_model::Error::Invalid`] where its file is not the one with its digest.
    pub fn restore<F>(&self, packs: Vec<StoredPack<F>>) -> Vec<Result<PackRef>>
    where
        F: FnOnce() -> Result<Vec<u8>> + Send,
    {
        let made = parallel::map(packs, |StoredPack { digest, grant, active, bytes }| {
            Ok((install::restore(&self.inner, &digest, &grant, bytes)?, active))
        });
        let mut registry = self.inner.registry.write().unwrap_or_else(PoisonError::into_inner);
        let (next, answers) = registry.with_all(made);
        *registry = Arc::new(next);
        answers
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
            .stored()
            .filter_map(|(pack, _)| Some((pack.reference.clone(), pack.health.quarantined()?)))
            .collect()
    }

    /// Puts a version in quarantine, as after its faults: for one that was there before a restart.
    ///
    /// # Errors
    /// [`anshu_model::Error::NotFound`] where it is not stored.
    pub fn quarantine(&self, pack: &PackRef, reason: &str) -> Result<()> {
        self.inner.registry().exact(pack)?.health.close(reason);
        Ok(())
    }

    /// Lets every version of a pack be called again.
    pub fn release(&self, name: &str) {
        for (pack, _) in
            self.inner.registry().stored().filter(|(pack, _)| pack.reference.name == name)
        {
            pack.health.release();
        }
    }

    /// Every active version, by name, oldest law first.
    #[must_use]
    pub fn packs(&self) -> Vec<Arc<Pack>> {
        self.inner.registry().active().cloned().collect()
    }

    /// Every stored version, by name, oldest law first; with each, whether it is active.
    #[must_use]
    pub fn stored(&self) -> Vec<(Arc<Pack>, bool)> {
        let registry = self.inner.registry();
        registry.stored().map(|(pack, active)| (Arc::clone(pack), active)).collect()
    }

    /// What versions declared that are not stored any more, the latest removed last.
    #[must_use]
    pub fn gone(&self) -> Vec<Arc<Manifest>> {
        self.inner.registry().gone.clone()
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
    /// Puts another registry in the place of the one in force, or leaves it.
    fn change(&self, make: impl FnOnce(&Registry) -> Result<Registry>) -> Result<()> {
        let mut registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        *registry = Arc::new(make(&registry)?);
        Ok(())
    }

    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(PoisonError::into_inner))
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
