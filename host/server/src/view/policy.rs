//! The access policies and the centre's own sets of them.

use anshu_data::{PoliciesInForce, PolicyFile, PolicySet, PolicyState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Words;

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
    /// Their files.
    pub files: Vec<PolicyFileView>,
    /// The centre's own sets, the latest first.
    pub sets: Vec<PolicySetView>,
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
    /// What it is to change.
    pub reason: String,
    /// Files that differ from those in force, by name.
    pub changed: Vec<String>,
    /// When it was proposed.
    #[schema(format = DateTime)]
    pub proposed_at: String,
    /// When it was answered.
    #[schema(format = DateTime)]
    pub decided_at: Option<String>,
    /// Why it was refused.
    pub answer: Option<String>,
}

/// A set that is proposed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyProposal {
    /// All of its files.
    pub files: Vec<PolicyFileView>,
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

impl PoliciesView {
    /// What holds, with the sets.
    #[must_use]
    pub fn of(now: &PoliciesInForce, sets: &[PolicySet], words: &Words) -> Self {
        Self {
            digest: now.digest.clone(),
            shipped: now.shipped,
            files: now.files.iter().map(PolicyFileView::from).collect(),
            sets: sets.iter().map(|set| PolicySetView::of(set, &now.files, words)).collect(),
        }
    }
}

impl PolicySetView {
    fn of(set: &PolicySet, now: &[PolicyFile], words: &Words) -> Self {
        let new = set.files.iter().filter(|file| !now.contains(file));
        let gone = now.iter().filter(|file| set.files.iter().all(|other| other.name != file.name));
        let mut changed: Vec<_> = new.chain(gone).map(|file| file.name.clone()).collect();
        changed.sort_unstable();
        Self {
            id: set.id.to_string(),
            digest: set.digest.clone(),
            state: match set.state {
                PolicyState::Proposed => "proposed",
                PolicyState::InForce => "in_force",
                PolicyState::Refused => "refused",
                PolicyState::Replaced => "replaced",
            }
            .to_owned(),
            reason: set.reason.clone(),
            changed,
            proposed_at: words.at(set.proposed_at),
            decided_at: set.decided_at.map(|at| words.at(at)),
            answer: set.answer.clone(),
        }
    }
}
