//! The access policies and the centre's own sets of them.

use std::collections::BTreeMap;

use anshu_data::{
    PolicyEffects, PolicyFile, PolicyPost, PolicyReset, PolicyRight, PolicySet, ROLES,
};
use anshu_model::Id;
use anshu_model::context::Principal;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Words;
use crate::app::policies::diff::{Line, diff};
use crate::http::problem::ProblemItem;

/// A policy file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyFileView {
    /// Its name.
    pub name: String,
    /// Its text, in Cedar.
    pub text: String,
}

/// The policies that hold, and the centre's own sets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PoliciesView {
    /// What names those in force in scopes and in the log.
    pub digest: String,
    /// Whether they are those that the program came with.
    pub shipped: bool,
    /// Since when they hold.
    #[schema(format = DateTime)]
    pub since: Option<String>,
    /// The set by which they came into force; none where the centre began with them.
    pub by: Option<PolicySetView>,
    /// Their files.
    pub files: Vec<PolicyFileView>,
    /// The centre's own sets, the latest first.
    pub sets: Vec<PolicySetView>,
    /// Resets while the centre stood still, the latest first.
    pub resets: Vec<PolicyResetView>,
    /// Whether the person may propose a set.
    pub proposes: bool,
    /// Whether the person may put a set of somebody else in force.
    pub approves: bool,
}

/// A policy set of the centre's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicySetView {
    /// The proposal.
    pub id: String,
    /// What names it.
    pub digest: String,
    /// `proposed`, `in_force`, `refused` or `replaced`.
    pub state: String,
    /// Whether it is whatever the program ships, now and after each upgrade.
    pub follows: bool,
    /// Whether it came into force by a reset, by one person.
    pub reset: bool,
    /// What it is to change.
    pub reason: String,
    /// Files that differ from those in force, by name.
    pub changed: Vec<String>,
    /// Who proposed it.
    pub proposed_by: String,
    /// Whether that is who asks: nobody approves their own.
    pub own: bool,
    /// When it was proposed.
    #[schema(format = DateTime)]
    pub proposed_at: String,
    /// Who answered.
    pub decided_by: Option<String>,
    /// When it was answered.
    #[schema(format = DateTime)]
    pub decided_at: Option<String>,
    /// Why it was refused.
    pub answer: Option<String>,
}

/// A set with its files, and what it would change beside what holds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyDetail {
    /// The set.
    pub set: PolicySetView,
    /// Its files.
    pub files: Vec<PolicyFileView>,
    /// What it would change.
    pub report: PolicyReport,
}

/// What files would be as policies.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyReport {
    /// What the checks found; empty where it may hold.
    pub problems: Vec<ProblemItem>,
    /// What differs from those in force, file by file.
    pub differences: Vec<PolicyFileDifference>,
    /// What it would change in practice; none where it cannot be read as policies.
    pub effects: Option<PolicyEffectsView>,
}

/// What differs in a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyFileDifference {
    /// The file.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: String,
    /// Lines that are new.
    pub added: usize,
    /// Lines that are gone.
    pub removed: usize,
    /// The lines.
    pub lines: Vec<PolicyDifferenceLine>,
}

/// A line of a difference.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyDifferenceLine {
    /// `same`, `added`, `removed`, or `gap`: lines that are left out.
    pub kind: String,
    /// Its number in those in force.
    pub before: Option<usize>,
    /// Its number in the set.
    pub after: Option<usize>,
    /// Its text; of a gap, how many lines it is.
    pub text: String,
}

/// What a set would change in practice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyEffectsView {
    /// Each post for which something changes. Posts are counted; nobody is named.
    pub posts: Vec<PolicyPostEffect>,
    /// Whether some post could do more than before; what cannot be told counts as more.
    pub widens: bool,
    /// Changed policies that do nothing for any post, by their places.
    pub idle: Vec<String>,
    /// Policies that name a single person, duty or job and are new, changed or gone, by their places: that is not seen here.
    pub named: Vec<String>,
}

/// What a post would gain and lose.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyPostEffect {
    /// The post.
    pub title: String,
    /// How many accounts have it.
    pub accounts: u64,
    /// What it could do then.
    pub gains: Vec<String>,
    /// What it could not do any more.
    pub loses: Vec<String>,
}

/// The policies were reset while the centre stood still, because those in force passed the checks no more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyResetView {
    /// Its number among the policy sets that were in force.
    pub number: u64,
    /// What named those that failed.
    pub was: String,
    /// What names those that hold since.
    pub digest: String,
    /// The set that holds since.
    pub set: String,
    /// Who did it.
    pub by: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Why.
    pub reason: String,
    /// Why those before did not pass.
    pub problems: Vec<ProblemItem>,
    /// Whether some post can do more than before; none where nobody could tell.
    pub wider: Option<bool>,
    /// Which security administrator has seen it.
    pub security_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub security_at: Option<String>,
    /// Which auditor has seen it.
    pub auditor_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub auditor_at: Option<String>,
}

/// What may be proposed: files, a set of before, or what the program ships; one of the three.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDraft {
    /// All of its files.
    pub files: Option<Vec<PolicyFileView>>,
    /// A set of before.
    pub set: Option<String>,
    /// What the program ships, now and after each upgrade.
    #[serde(default)]
    pub shipped: bool,
}

/// A set that is proposed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyProposal {
    /// All of its files.
    pub files: Option<Vec<PolicyFileView>>,
    /// A set of before.
    pub set: Option<String>,
    /// What the program ships, now and after each upgrade.
    #[serde(default)]
    pub shipped: bool,
    /// What it is to change.
    pub reason: String,
}

/// A refusal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyRefusal {
    /// Why not.
    pub reason: String,
}

impl From<&PolicyFile> for PolicyFileView {
    fn from(file: &PolicyFile) -> Self {
        Self { name: file.name.clone(), text: file.text.clone() }
    }
}

/// Who works here, by name, and who asks.
#[derive(Debug)]
pub struct Staff {
    names: BTreeMap<Id, String>,
    asks: Option<Id>,
}

impl Staff {
    /// Names of staff, and who asks.
    #[must_use]
    pub fn new(names: BTreeMap<Id, String>, asks: &Principal) -> Self {
        let asks = match asks {
            Principal::Person(person) => Some(person.id.clone()),
            Principal::Duty(_) | Principal::System { .. } => None,
        };
        Self { names, asks }
    }

    fn name(&self, id: &Id) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_string())
    }
}

impl PolicySetView {
    /// A set, beside the files that hold.
    #[must_use]
    pub fn of(
        set: &PolicySet,
        now: &[PolicyFile],
        resets: &[PolicyReset],
        staff: &Staff,
        words: &Words,
    ) -> Self {
        let new = set.files.iter().filter(|file| !now.contains(file));
        let gone = now.iter().filter(|file| set.files.iter().all(|other| other.name != file.name));
        let mut changed: Vec<_> = new.chain(gone).map(|file| file.name.clone()).collect();
        changed.sort_unstable();
        Self {
            id: set.id.to_string(),
            digest: set.digest.clone(),
            state: set.state.name().to_owned(),
            follows: set.follows,
            reset: resets.iter().any(|reset| reset.set.0 == set.id),
            reason: set.reason.clone(),
            changed,
            proposed_by: staff.name(&set.proposed_by),
            own: staff.asks.as_ref() == Some(&set.proposed_by),
            proposed_at: words.at(set.proposed_at),
            decided_by: set.decided_by.as_ref().map(|by| staff.name(by)),
            decided_at: set.decided_at.map(|at| words.at(at)),
            answer: set.answer.clone(),
        }
    }
}

impl PolicyResetView {
    /// A reset.
    #[must_use]
    pub fn of(reset: &PolicyReset, staff: &Staff, words: &Words) -> Self {
        let name = |seen: &Option<(Id, Instant)>| seen.as_ref().map(|(by, _)| staff.name(by));
        let at = |seen: &Option<(Id, Instant)>| seen.as_ref().map(|(_, at)| words.at(*at));
        Self {
            number: reset.number,
            was: reset.was.1.clone(),
            digest: reset.set.1.clone(),
            set: reset.set.0.to_string(),
            by: staff.name(&reset.by),
            at: words.at(reset.at),
            reason: reset.reason.clone(),
            problems: reset.problems.iter().cloned().map(Into::into).collect(),
            wider: reset.wider,
            security_by: name(&reset.security),
            security_at: at(&reset.security),
            auditor_by: name(&reset.auditor),
            auditor_at: at(&reset.auditor),
        }
    }
}

impl PolicyFileDifference {
    /// What differs between two states of a file; none where nothing does.
    #[must_use]
    pub fn of(name: &str, before: Option<String>, after: Option<String>) -> Option<Self> {
        let change = match (&before, &after) {
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            _ => "changed",
        };
        if before == after {
            return None;
        }
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let lines: Vec<_> = diff(&before, &after).iter().map(PolicyDifferenceLine::of).collect();
        let count = |kind: &str| lines.iter().filter(|line| line.kind == kind).count();
        let (added, removed) = (count("added"), count("removed"));
        Some(Self { name: name.to_owned(), change: change.to_owned(), added, removed, lines })
    }
}

impl PolicyDifferenceLine {
    fn of(line: &Line<'_>) -> Self {
        let (kind, before, after, text) = match line {
            Line::Same(before, after, text) => ("same", Some(*before), Some(*after), *text),
            Line::Added(after, text) => ("added", None, Some(*after), *text),
            Line::Removed(before, text) => ("removed", Some(*before), None, *text),
            Line::Gap(lines) => {
                let text = format!("{lines} 行相同");
                return Self { kind: "gap".into(), before: None, after: None, text };
            }
        };
        Self { kind: kind.into(), before, after, text: text.to_owned() }
    }
}

impl PolicyEffectsView {
    /// What would change, in words.
    #[must_use]
    pub fn of(effects: &PolicyEffects) -> Self {
        let texts = |rights: &[PolicyRight]| rights.iter().map(ToString::to_string).collect();
        let posts = effects.posts.iter().map(|(effect, accounts)| PolicyPostEffect {
            title: post_title(&effect.post),
            accounts: *accounts,
            gains: texts(&effect.gains),
            loses: texts(&effect.loses),
        });
        Self {
            posts: posts.collect(),
            widens: effects.widens(),
            idle: effects.idle.clone(),
            named: effects.named.clone(),
        }
    }
}

/// What a post is called.
fn post_title(post: &PolicyPost) -> String {
    match post {
        PolicyPost::Duty => "插件职责".into(),
        PolicyPost::System => "系统任务".into(),
        PolicyPost::Person { roles, clearance } => {
            let title = |role: &String| {
                let known = ROLES.iter().find(|(known, _)| known == role);
                known.map_or_else(
                    || format!("“{role}”（没有这个岗位）"),
                    |(_, title)| (*title).to_owned(),
                )
            };
            let roles: Vec<_> = roles.iter().map(title).collect();
            let cleared = match clearance {
                Level::Important => "不限".to_owned(),
                level => super::catalogue::level_name(*level),
            };
            format!("{}（密级 {cleared}）", roles.join("、"))
        }
    }
}
