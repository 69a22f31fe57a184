//! Trials, as an administrator sees them: kinds of differences, counts, and fields that may be shown.

use anshu_data::{ShadowCount, Trial, TrialKind, TrialState};
use anshu_model::Result;
use anshu_sandbox::compare::{Example, Group, Kind, Leaning, Tally};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;
use crate::app::trials::shadow::Shown;
use crate::app::trials::{Report, Running, Verdict, report};

/// A version that is to be tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialRequest {
    /// The pack.
    pub pack: String,
    /// The version.
    pub version: String,
    /// How many days of recorded decisions; 30 where it is not said.
    #[serde(default)]
    pub days: Option<u32>,
}

/// A version about which trials were read.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementRequest {
    /// The pack.
    pub pack: String,
    /// The version.
    pub version: String,
}

/// A version that is to run beside the active one.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShadowRequest {
    /// The pack.
    pub pack: String,
    /// The version.
    pub version: String,
    /// How many decisions it is to see before one person alone may turn it off; 100 where it is not said.
    #[serde(default)]
    pub needed: Option<u32>,
}

/// Which trials.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TrialQuery {
    /// Of this pack only.
    #[serde(default)]
    pub pack: Option<String>,
}

/// A trial.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrialView {
    /// The trial.
    pub id: String,
    /// `replay` or `shadow`.
    pub kind: String,
    /// The pack.
    pub pack: String,
    /// The version that is tried.
    pub version: String,
    /// SHA-256 of its component.
    pub digest: String,
    /// Of a replay, the days of decisions; of a shadow, how many decisions it is to see.
    pub span: u32,
    /// Who began it.
    pub by: String,
    /// `running`, `done`, `cancelled` or `stopped`.
    pub state: String,
    /// When it began.
    #[schema(format = DateTime)]
    pub begun_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// How far it is, where it runs.
    pub progress: Option<TrialProgress>,
    /// What it showed, where it is a replay that ended.
    pub report: Option<ReportView>,
    /// What all trials of the version say about activating it.
    pub verdict: Option<VerdictView>,
}

/// How far a replay is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TrialProgress)]
pub struct TrialProgress {
    /// Decisions that were looked at.
    pub done: u64,
    /// Decisions in all.
    pub total: u64,
}

/// What a replay showed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportView {
    /// The version that it was compared with.
    pub old_version: Option<String>,
    /// How many golden cases the new version brings.
    pub golden_cases: u64,
    /// Those that do not come out as they say.
    pub golden_wrong: Vec<GoldenWrong>,
    /// The old version's golden cases on both.
    pub golden_of_old: TallyView,
    /// Recorded decisions on both.
    pub replay: TallyView,
    /// Decisions that not even their own version repeats.
    pub unsound: u64,
    /// A few of them.
    pub unsound_examples: Vec<String>,
    /// Decisions whose own version is not stored any more.
    pub unmatched: u64,
    /// What the new version may read beyond the old one, which recorded scopes do not show.
    pub newly_read: Vec<String>,
}

/// A golden case that fails.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GoldenWrong {
    /// The case.
    pub case: String,
    /// What is not as it should be.
    pub problems: Vec<String>,
}

/// What many comparisons showed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TallyView {
    /// How many were compared.
    pub decisions: u64,
    /// Those without a difference.
    pub equal: u64,
    /// Those whose subject has been erased since.
    pub erased: u64,
    /// The differences.
    pub groups: Vec<DifferenceGroup>,
}

/// Differences of one kind and leaning.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DifferenceGroup {
    /// The kind's name.
    pub kind: String,
    /// The kind in Chinese.
    pub title: String,
    /// `loosens`, `tightens`, `neither`.
    pub leaning: String,
    /// The leaning in Chinese.
    pub leaning_title: String,
    /// In how many decisions.
    pub count: u64,
    /// A few of them.
    pub examples: Vec<DifferenceExample>,
}

/// A decision that shows a difference.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DifferenceExample {
    /// The decision, or the golden case's name.
    pub of: String,
    /// When, where it is known.
    #[schema(format = DateTime)]
    pub at: Option<String>,
    /// The fields that differ.
    pub changes: Vec<FieldChange>,
}

/// A field, old and new. Values that may not be shown are "不同".
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldChange {
    /// Which.
    pub at: String,
    /// What the old version made of it.
    pub old: String,
    /// What the new version makes of it.
    pub new: String,
}

/// What trials say about activating a version.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerdictView {
    /// Whether one administrator alone may not.
    pub needs_second_role: bool,
    /// Whether the second role has agreed.
    pub agreed: bool,
    /// Why not.
    pub why: Vec<String>,
    /// Why it must not be activated at all.
    pub blocked: Vec<String>,
}

/// What a shadow version showed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShadowView {
    /// The pack.
    pub pack: String,
    /// The version.
    pub version: String,
    /// SHA-256 of its component.
    pub digest: String,
    /// Whether it runs.
    pub running: bool,
    /// How many decisions it is to see.
    pub needed: u32,
    /// How many it has seen.
    pub seen: u64,
    /// Of them, without a difference.
    pub equal: u64,
    /// Of them, whose subject was erased in between.
    pub erased: u64,
    /// How many it did not see, as its queue was full.
    pub dropped: u64,
    /// The differences over all days.
    pub groups: Vec<DifferenceGroup>,
    /// The same day by day.
    pub days: Vec<ShadowDay>,
    /// What all trials of the version say about activating it.
    pub verdict: VerdictView,
}

/// Differences of one day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShadowDay {
    /// The day.
    #[schema(format = Date)]
    pub day: String,
    /// The differences.
    pub groups: Vec<DifferenceGroup>,
}

impl TrialView {
    /// A trial that was kept.
    ///
    /// # Errors
    /// [`anshu_model::Error::Internal`] where its report cannot be read.
    pub fn of(trial: &Trial, words: &Words) -> Result<Self> {
        let report = match trial.kind {
            TrialKind::Replay => Some(ReportView::of(&report(trial)?, words)),
            TrialKind::Shadow | TrialKind::Agreement => None,
        };
        Ok(Self {
            id: trial.id.to_string(),
            kind: match trial.kind {
                TrialKind::Replay => "replay".into(),
                TrialKind::Shadow => "shadow".into(),
                TrialKind::Agreement => "agreement".into(),
            },
            pack: trial.pack.name.clone(),
            version: trial.pack.version.clone(),
            digest: trial.pack.digest.clone(),
            span: trial.span,
            by: trial.by.clone(),
            state: match trial.state {
                TrialState::Running => "running".into(),
                TrialState::Done => "done".into(),
                TrialState::Cancelled => "cancelled".into(),
                TrialState::Stopped => "stopped".into(),
            },
            begun_at: words.at(trial.begun_at),
            ended_at: trial.ended_at.map(|at| words.at(at)),
            progress: None,
            report,
            verdict: None,
        })
    }

    /// A replay that runs.
    #[must_use]
    pub fn running(running: &Running, words: &Words) -> Self {
        let (done, total) = running.progress.state();
        Self {
            id: running.context.id.to_string(),
            kind: "replay".into(),
            pack: running.pack.name.clone(),
            version: running.pack.version.clone(),
            digest: running.pack.digest.clone(),
            span: running.days,
            by: running.context.principal.title().to_owned(),
            state: "running".into(),
            begun_at: words.at(running.context.now),
            ended_at: None,
            progress: Some(TrialProgress { done, total }),
            report: None,
            verdict: None,
        }
    }
}

impl ReportView {
    fn of(report: &Report, words: &Words) -> Self {
        let unsound = report.unsound.examples.iter();
        Self {
            old_version: report.old.as_ref().map(|old| old.version.clone()),
            golden_cases: report.golden.cases,
            golden_wrong: report
                .golden
                .wrong
                .iter()
                .map(|wrong| GoldenWrong {
                    case: wrong.case.clone(),
                    problems: wrong.problems.clone(),
                })
                .collect(),
            golden_of_old: TallyView::of(&report.golden_of_old, words),
            replay: TallyView::of(&report.replay, words),
            unsound: report.unsound.count,
            unsound_examples: unsound.map(|example| example.of.clone()).collect(),
            unmatched: report.unmatched,
            newly_read: report.newly_read.clone(),
        }
    }
}

impl TallyView {
    fn of(tally: &Tally, words: &Words) -> Self {
        // In the order in which they are told: the gravest first.
        let mut groups: Vec<&Group> = tally.groups.iter().collect();
        let place = |kind: Kind| Kind::ALL.iter().position(|known| *known == kind);
        groups.sort_by_key(|group| (group.leaning, place(group.kind)));
        Self {
            decisions: tally.decisions,
            equal: tally.equal,
            erased: tally.erased,
            groups: groups.into_iter().map(|group| DifferenceGroup::of(group, words)).collect(),
        }
    }
}

impl DifferenceGroup {
    fn of(group: &Group, words: &Words) -> Self {
        let example = |example: &Example| DifferenceExample {
            of: example.of.clone(),
            at: Some(words.at(example.at)),
            changes: example
                .changes
                .iter()
                .map(|change| FieldChange {
                    at: change.at.clone(),
                    old: change.old.clone(),
                    new: change.new.clone(),
                })
                .collect(),
        };
        let examples = group.examples.iter().map(example).collect();
        Self { examples, ..Self::titled(group.kind, group.leaning, group.count) }
    }

    fn titled(kind: Kind, leaning: Leaning, count: u64) -> Self {
        Self {
            kind: kind.name().into(),
            title: kind.title().into(),
            leaning: leaning.name().into(),
            leaning_title: leaning.title().into(),
            count,
            examples: Vec::new(),
        }
    }

    /// A count of a shadow; none where it counts no difference.
    fn counted(count: &ShadowCount) -> Option<Self> {
        let kind = Kind::from_name(&count.kind)?;
        let leaning = Leaning::from_name(&count.leaning)?;
        let example = |id: &anshu_model::Id| DifferenceExample {
            of: id.to_string(),
            at: None,
            changes: Vec::new(),
        };
        let examples = count.examples.iter().map(example).collect();
        Some(Self { examples, ..Self::titled(kind, leaning, count.count) })
    }
}

impl From<Verdict> for VerdictView {
    fn from(verdict: Verdict) -> Self {
        let Verdict { needs_second_role, agreed, why, blocked } = verdict;
        Self { needs_second_role, agreed, why, blocked }
    }
}

impl ShadowView {
    /// What a shadow showed.
    #[must_use]
    pub fn of(shown: &Shown, verdict: Verdict) -> Self {
        let sum = |kind: &str| -> u64 {
            shown.sums.iter().filter(|sum| sum.kind == kind).map(|sum| sum.count).sum()
        };
        let mut days: Vec<ShadowDay> = Vec::new();
        for count in &shown.days {
            let Some(group) = DifferenceGroup::counted(count) else { continue };
            match days.last_mut() {
                Some(day) if day.day == count.day => day.groups.push(group),
                _ => days.push(ShadowDay { day: count.day.clone(), groups: vec![group] }),
            }
        }
        let state = shown.trial.as_ref().map(|trial| trial.state);
        Self {
            pack: shown.pack.name.clone(),
            version: shown.pack.version.clone(),
            digest: shown.pack.digest.clone(),
            running: state == Some(TrialState::Running),
            needed: shown.trial.as_ref().map(|trial| trial.span).unwrap_or_default(),
            seen: sum(ShadowCount::SEEN),
            equal: sum("equal"),
            erased: sum("erased"),
            dropped: sum("dropped"),
            groups: shown.sums.iter().filter_map(DifferenceGroup::counted).collect(),
            days,
            verdict: verdict.into(),
        }
    }
}
