//! How the model lives in SQLite and PostgreSQL: which facts an authorisation needs, row scopes as SQL, the guard through
//! which everything goes, one commit for effects and their leaves, and the audit log.
//!
//! It must not know HTTP, WebAssembly or any plugin. Nobody outside sees SQL: the crate's face is [`Data`], which is also
//! the [`anshu_model::port::Centre`] that the sandbox runs over. Every function that reads or writes records takes a
//! `Permit`, and only `guard.rs` makes one.

mod centre;
mod columns;
mod commit;
mod db;
mod guard;
mod jobs;
mod keys;
mod records;
mod snapshot;

pub mod log;

mod account;
mod budget;
mod calendar;
mod compliance;
mod disclosure;
mod emergency;
mod erasure;
mod export;
mod figure;
mod import;
mod informant;
mod notice;
mod opening;
mod org;
mod pack;
mod policy;
mod policy_notice;
mod prefill;
mod prf;
mod relabel;
mod request;
mod seal;
mod share;
mod signature;
mod trial;
mod upgrade;
mod vault;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use anshu_model::Result;
use anshu_model::calendar::Calendar;
use anshu_model::grant::Ceiling;
use anshu_model::schema::Schemas;

pub use account::{
    ADMINISTRATORS, Account, AccountChange, AccountHead, ChangeKind, ChangeState,
    Ending as SessionEnding, Factor, FactorKind, NewSession, Post, Proposal, ROLES, SessionHead,
    SessionRow, Ticket,
};
pub use anshu_authz::{
    Authority, Effect as PolicyEffect, Post as PolicyPost, Right as PolicyRight,
};
pub use budget::{Limits, Spent};
pub use compliance::{LawEntry, YearCounts};
pub use disclosure::{
    Deferral, DeferralState, Held, HeldDecision, HeldMatter, Look, LookPage, NewDeferral,
    SubjectLink,
};
pub use emergency::{Access as EmergencyAccess, EmergencyPolicy, Standing as EmergencyStanding};
pub use erasure::{
    Ending, EndingStep, ErasedCounts, Erasure, ErasureState, Hold, Outlook as ErasureOutlook,
};
pub use export::{
    Column, Drawn, Estimate, Export, ExportAsk, ExportPolicy, ExportState, Format, Suspect,
    Watermarked,
};
pub use figure::{Figure, FigureRow, STAGES as RISK_STAGES};
pub use import::{Batch, BatchInfo, Undone};
pub use jobs::{Delivery, TimerDue};
pub use keys::load_or_make as key;
pub use log::cosigned::{Asked, Standing, Witnessed};
pub use log::find::Wanted;
pub use log::verify::Verification;
pub use log::{verify_file, verify_sealed_file};
pub use notice::Notice;
pub use opening::{
    Access, Asked as OpeningAsked, Opening, OpeningPolicy, OpeningState, OpeningView,
};
pub use pack::{
    Activation, ActivationState, GrantAnswer, GrantRequest, InstalledPack, PackChange, PackHead,
    RequestState, Staging,
};
use policy::stored::Opened;
pub use policy::{
    PoliciesInForce, PolicyEffects, PolicyFile, PolicyReset, PolicySet, PolicyState,
    ProposedPolicies, ResetPlan, ResetTo, check_policies, shipped_policies,
};
pub use policy_notice::PolicyNotice;
pub use prefill::{HeldValue, Taken};
pub use records::{DecisionHead, Figures, List, Listed, Page, TimelineLine};
pub use relabel::{Relabel, RelabelAsk, RelabelState};
pub use request::{AtWindow, NewRequest};
pub use seal::{
    SealTarget, SealedMatter, SealedMember, SealedRules, Sealing, SealingAsk, SealingKind,
    SealingPlan, SealingState, StatutoryPurpose, Told,
};
pub use share::{Delivered, Received, SharedRow, SharedRows, Use, verify_share_file};
pub use signature::SignedPack;
pub use trial::{Recorded, ShadowCount, Trial, TrialKind, TrialState};
pub use upgrade::{Approval, ItemState, Progress, Upgrade, UpgradeItem, UpgradeState, UpgradeStep};
pub use vault::{
    Cipher, RetentionPolicy, RotationStep, SealStep, TokenSettings, VaultSettings, VaultStatus,
};

/// What a data folder or database needs to be opened.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite:<file>` or `postgres://…`.
    pub url: String,
    /// Whether a commit waits for the disk.
    pub durability: Durability,
    /// The folder with the log's signing key and the index key. They are made where they are missing.
    pub keys: PathBuf,
    /// The log's origin line: which centre it belongs to.
    pub origin: String,
    /// Figures below this are not stated (小数抑制). Local policy; the usual value is [`Config::SMALLEST_FIGURE`].
    pub smallest_figure: u64,
}

impl Config {
    /// Below this figures are not stated, unless the centre decides otherwise.
    pub const SMALLEST_FIGURE: u64 = 10;
}

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It does: what was answered survives a power cut.
    Full,
    /// It does not. For measurements only.
    Off,
}

/// The centre's storage. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Data {
    inner: Arc<Inner>,
}

/// What all clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    /// The connections.
    pub(crate) db: Arc<db::Db>,
    /// The only road to records.
    pub(crate) guard: guard::Guard,
    /// The one writer.
    pub(crate) writer: commit::Writer,
    /// The schemas in force.
    pub(crate) schemas: Arc<Shared<Schemas>>,
    /// The holiday data in force.
    pub(crate) calendar: Arc<Shared<Calendar>>,
    /// The holiday data of before.
    pub(crate) calendars: calendar::Remembered,
    /// The key of the blind indexes.
    pub(crate) index: Arc<keys::IndexKey>,
    /// The key of what is kept apart: who told.
    pub(crate) apart: informant::Keeper,
    /// What the centre allows of sealed records.
    pub(crate) sealed: Shared<SealedRules>,
    /// Labels that differ from what packs declare.
    pub(crate) relabels: relabel::Known,
    /// What seals bodies.
    pub(crate) vault: Arc<vault::Vault>,
    /// The folder of keys.
    pub(crate) keys: PathBuf,
    /// What this machine has seen of the log.
    pub(crate) witness: log::witness::Witness,
    /// Units and divisions.
    pub(crate) org: org::Org,
    /// What figures are made with.
    pub(crate) figures: figure::Keeper,
    /// What was spent of which budget.
    pub(crate) budgets: budget::Budgets,
    /// What exports are marked and kept with.
    pub(crate) exports: export::Keeper,
    /// The key of the second factors' secrets.
    pub(crate) factors: account::FactorKey,
    /// Why the policy set in force does not hold, in a centre that is being repaired; else empty.
    pub(crate) failing: Vec<anshu_model::Problem>,
    /// Resets of the policies that somebody has still to see.
    pub(crate) resets: Shared<Vec<PolicyReset>>,
}

/// A value that is swapped as a whole while others read the old one.
#[derive(Debug)]
pub(crate) struct Shared<T>(RwLock<Arc<T>>);

impl<T> Shared<T> {
    /// Starts with a value.
    pub(crate) fn new(value: T) -> Self {
        Self(RwLock::new(Arc::new(value)))
    }

    /// The value now.
    pub(crate) fn get(&self) -> Arc<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another in its place.
    pub(crate) fn set(&self, value: Arc<T>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

impl Data {
    /// Opens the storage, brings its schema up to date and starts the writer. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`anshu_model::Error::Invalid`] where the address is none; [`anshu_model::Error::Unavailable`] where the database
    /// does not answer; [`anshu_model::Error::Internal`] where it cannot be brought up to date.
    pub async fn open(config: &Config, authority: Authority) -> Result<Self> {
        Self::open_sealed(config, &VaultSettings::default(), authority).await
    }

    /// The same, sealing as the centre has decided.
    ///
    /// # Errors
    /// As [`Data::open`]; [`anshu_model::Error::Unavailable`] where a master key is missing, or its keeper does not answer.
    pub async fn open_sealed(
        config: &Config,
        sealing: &VaultSettings,
        authority: Authority,
    ) -> Result<Self> {
        Self::open_as(config, sealing, authority, Opened::ToWork).await
    }

    /// The same, to look at the policies and to reset them: it also opens where the set in force passes no more. What is done so
    /// is decided by the policies that are given.
    ///
    /// # Errors
    /// As [`Data::open_sealed`].
    pub async fn open_to_repair(
        config: &Config,
        sealing: &VaultSettings,
        authority: Authority,
    ) -> Result<Self> {
        Self::open_as(config, sealing, authority, Opened::ToRepair).await
    }

    async fn open_as(
        config: &Config,
        sealing: &VaultSettings,
        authority: Authority,
        opened: Opened,
    ) -> Result<Self> {
        let signer = log::note::Signer::open(&config.keys, &config.origin)?;
        let db = Arc::new(db::Db::open(&config.url, config.durability).await?);
        let witness = log::witness::Witness::new(&config.keys);
        witness.check(&mut db.read().await?, &signer.verifier()).await?;
        let vault = Arc::new(vault::Vault::open(&config.keys, sealing)?);
        vault.check(&mut db.read().await?).await?;
        let start = policy::stored::start(&db, authority, opened).await?;
        let guard = guard::Guard::new(start.authority);
        for (version, grant) in pack::grants(&db).await? {
            guard.use_grant(&version, grant);
        }
        let facts = commit::Facts {
            schemas: Arc::new(Shared::new(Schemas::default())),
            calendar: Arc::new(Shared::new(calendar::current(&db).await?)),
            index: Arc::new(keys::IndexKey::open(&config.keys)?),
            vault,
        };
        let relabels = relabel::Known::load(&db).await?;
        let resets = policy::reset::unseen(&db).await?;
        let commit::Facts { schemas, calendar, index, vault } = facts.clone();
        let figures = figure::Keeper::new(&index, config.smallest_figure)?;
        let budgets = budget::Budgets::open(&db, &index).await?;
        let exports = export::Keeper::new(&index)?;
        let writer = commit::Writer::new(db.clone(), log::store::Appender::new(signer), facts);
        let data = Self {
            inner: Arc::new(Inner {
                db,
                guard,
                writer,
                schemas,
                calendar,
                calendars: calendar::Remembered::default(),
                index,
                apart: informant::Keeper::open(&config.keys)?,
                sealed: Shared::new(SealedRules::default()),
                relabels,
                vault,
                keys: config.keys.clone(),
                witness,
                org: org::Org::default(),
                figures,
                budgets,
                exports,
                factors: account::FactorKey::open_file(&config.keys)?,
                failing: start.failing,
                resets: Shared::new(resets),
            }),
        };
        // Before anything is served: what was erased stays so, whatever database this is.
        erasure::shred::replay(&data).await?;
        Ok(data)
    }

    /// What the writer uses, for work in a transaction of its own.
    pub(crate) fn facts(&self) -> commit::Facts {
        commit::Facts {
            schemas: self.inner.schemas.clone(),
            calendar: self.inner.calendar.clone(),
            index: self.inner.index.clone(),
            vault: self.inner.vault.clone(),
        }
    }

    /// Answers what waits to be committed, then closes all connections.
    pub async fn close(&self) {
        // A clock that is wrong loses no more than what it was charged in the last second.
        if let Err(error) = self.keep_charges(anshu_model::instant::Instant(0)).await {
            tracing::warn!(%error, "the last charges were not kept");
        }
        self.inner.writer.close().await;
        // Where it cannot be noted, the one before stays: it is only older.
        if let Err(error) = self.witness().await {
            tracing::warn!(%error, "the log was not witnessed");
        }
        self.inner.db.close().await;
    }

    /// From now on no pack reaches beyond a ceiling, whatever it was granted.
    pub fn use_ceiling(&self, ceiling: Ceiling) {
        self.inner.guard.use_ceiling(ceiling);
    }

    /// Puts the schemas of the installed packs in place of the ones before, with the levels to which attributes were
    /// re-graded.
    pub fn use_schemas(&self, schemas: Arc<Schemas>) {
        self.inner.schemas.set(self.inner.relabels.over(schemas));
    }
}
