//! Keys, erasures and what retention ends, as those see them who keep, ask and agree. No key and no name is in them.

use anshu_data::{Ending, Erasure, ErasureOutlook, Hold, ReindexStage, ReindexStep, VaultStatus};
use anshu_model::instant::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;

/// The vault at a glance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VaultView {
    /// Who keeps the master key: `file` or `pkcs11`.
    pub provider: String,
    /// The cipher of what is sealed from now on.
    pub cipher: String,
    /// The id of the master key that wraps.
    pub master: String,
    /// Data keys by the master key that wraps them.
    pub masters: Vec<MasterView>,
    /// Data keys that a rotation has left to do.
    pub outdated: u64,
    /// How far the last rotation is, in hundredths.
    pub rotated_percent: u64,
    /// The key of the blind indexes.
    pub index: IndexKeyView,
    /// What keeps a change of keys from going on, where something does.
    pub problem: Option<String>,
    /// Subjects whose processing was stopped.
    pub restricted: u64,
    /// Subjects whose keys were destroyed.
    pub destroyed: u64,
    /// How often a data key seals before the next generation is made.
    pub key_uses: u64,
    /// Days between the end of a period and erasure. Local policy.
    pub grace_days: u32,
}

/// The key of the blind indexes, by which numbers and codes are looked up exactly.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IndexKeyView {
    /// How often it was changed, and one.
    pub generation: u64,
    /// Its id.
    pub key: String,
    /// Whether it is being changed.
    pub changing: bool,
    /// Whether the indexes by the new key are made, and the former ones are being taken away.
    pub clearing: bool,
    /// How far the last change is, in hundredths.
    pub changed_percent: u64,
}

impl IndexKeyView {
    fn of(step: &ReindexStep) -> Self {
        Self {
            generation: step.generation,
            key: step.key.clone(),
            changing: step.stage != ReindexStage::Still,
            clearing: step.stage == ReindexStage::Clearing,
            changed_percent: hundredths(step.done, step.all),
        }
    }
}

/// How much of it is done; all of nothing is.
fn hundredths(done: u64, all: u64) -> u64 {
    done.saturating_mul(100).checked_div(all).unwrap_or(100)
}

/// A master key.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MasterView {
    /// Its id.
    pub id: String,
    /// How many data keys it wraps.
    pub keys: u64,
}

impl VaultView {
    /// As it is shown.
    #[must_use]
    pub fn of(
        status: VaultStatus,
        index: &ReindexStep,
        problem: Option<String>,
        grace_days: u32,
    ) -> Self {
        let all: u64 = status.masters.iter().map(|(_, keys)| keys).sum();
        let done = all.saturating_sub(status.outdated);
        Self {
            rotated_percent: hundredths(done, all),
            provider: status.provider,
            cipher: status.cipher,
            master: status.master,
            masters: status.masters.into_iter().map(|(id, keys)| MasterView { id, keys }).collect(),
            outdated: status.outdated,
            index: IndexKeyView::of(index),
            problem,
            restricted: status.restricted,
            destroyed: status.destroyed,
            key_uses: status.uses,
            grace_days,
        }
    }
}

/// An erasure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErasureView {
    /// Which one.
    pub id: String,
    /// Whose data, by the record's id.
    pub subject: String,
    /// Why.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
    /// Where it stands: `asked`, `refused`, `restricted`, `lifted` or `erased`.
    pub state: String,
    /// The same in words.
    pub state_title: String,
    /// Who asked: an id, or the job.
    pub asked_by: String,
    /// When.
    pub asked_at: String,
    /// Who answered.
    pub answered_by: Option<String>,
    /// When.
    pub answered_at: Option<String>,
    /// Why so.
    pub reason: Option<String>,
    /// What became unreadable.
    pub counts: CountsView,
    /// The request of a person that it answers.
    pub request: Option<String>,
    /// Whether this person may answer it: nobody answers their own.
    pub answerable: bool,
}

/// What became, or would become, unreadable.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CountsView {
    /// Versions of records.
    pub versions: u64,
    /// Lines of timelines.
    pub lines: u64,
    /// Decisions.
    pub decisions: u64,
    /// Matters that go too.
    pub cases: u64,
    /// Matters that stay because of others.
    pub cases_left: u64,
}

impl CountsView {
    fn of(counts: anshu_data::ErasedCounts) -> Self {
        let anshu_data::ErasedCounts { versions, lines, decisions, cases, cases_left } = counts;
        Self { versions, lines, decisions, cases, cases_left }
    }
}

impl ErasureView {
    /// As one person sees it.
    #[must_use]
    pub fn of(erasure: &Erasure, me: &str, words: &Words) -> Self {
        let at = |instant: Instant| words.at(instant);
        Self {
            id: erasure.id.to_string(),
            subject: erasure.subject.to_string(),
            ground: erasure.ground.clone(),
            article: erasure.article.clone(),
            state: erasure.state.name().to_owned(),
            state_title: erasure.state.title().to_owned(),
            asked_by: erasure.asked_by.clone(),
            asked_at: at(erasure.asked_at),
            answered_by: erasure.answered_by.clone(),
            answered_at: erasure.answered_at.map(at),
            reason: erasure.reason.clone(),
            counts: CountsView::of(erasure.counts),
            request: erasure.request.as_ref().map(ToString::to_string),
            answerable: erasure.state == anshu_data::ErasureState::Asked && erasure.asked_by != me,
        }
    }
}

/// What an erasure would do, and what forbids it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutlookView {
    /// What would become unreadable.
    pub counts: CountsView,
    /// What the law keeps; empty where nothing forbids it.
    pub holds: Vec<String>,
}

impl OutlookView {
    /// As it is shown.
    #[must_use]
    pub fn of(outlook: ErasureOutlook) -> Self {
        Self { counts: CountsView::of(outlook.counts), holds: outlook.holds }
    }
}

/// A hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HoldView {
    /// Which one.
    pub id: String,
    /// Whose data.
    pub subject: String,
    /// Why they are kept.
    pub ground: String,
    /// Who placed it.
    pub placed_by: String,
    /// When.
    pub placed_at: String,
}

impl HoldView {
    /// As it is shown.
    #[must_use]
    pub fn of(hold: &Hold, words: &Words) -> Self {
        Self {
            id: hold.id.to_string(),
            subject: hold.subject.to_string(),
            ground: hold.ground.clone(),
            placed_by: hold.placed_by.clone(),
            placed_at: words.at(hold.placed_at),
        }
    }
}

/// Somebody whose last period of retention has ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EndingView {
    /// Who, by the record's id.
    pub subject: String,
    /// When it ended.
    pub ended_at: String,
    /// What the next run does: `restrict`, `wait`, `erase` or `hold`.
    pub step: String,
    /// The same in words.
    pub step_title: String,
    /// Why.
    pub why: String,
}

impl EndingView {
    /// As it is shown.
    #[must_use]
    pub fn of(ending: &Ending, words: &Words) -> Self {
        Self {
            subject: ending.subject.to_string(),
            ended_at: words.at(ending.ended_at),
            step: ending.step.name().to_owned(),
            step_title: ending.step.title().to_owned(),
            why: ending.why.clone(),
        }
    }
}

/// What an erasure is asked for with, or processing is stopped with.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureRequest {
    /// Whose data: the record's id.
    pub subject: String,
    /// Why.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
    /// Whether processing is only stopped, and nothing destroyed.
    #[serde(default)]
    pub restrict: bool,
}

/// An answer, with its reason.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureAnswer {
    /// Whether it is agreed to.
    pub agree: bool,
    /// Why.
    pub reason: String,
}

/// A reason.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftRequest {
    /// Why.
    pub reason: String,
}

/// A hold that is to be placed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// Whose data: the record's id.
    pub subject: String,
    /// Why they are kept: the authority and its paper.
    pub ground: String,
}

/// Which page.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ErasureQuery {
    /// After this one, where a page before ended.
    pub before: Option<String>,
}
