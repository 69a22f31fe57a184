//! Accounts and what they are to become.

use std::collections::BTreeMap;

use anshu_data::{AccountChange, AccountHead, ChangeKind};
use anshu_model::Id;
use anshu_model::label::Level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Words;

/// Accounts, and what one may choose from in a proposal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountList {
    /// The accounts, by login name.
    pub accounts: Vec<AccountView>,
    /// The roles that there are.
    pub roles: Vec<Choice>,
    /// The units.
    pub units: Vec<Choice>,
    /// The levels.
    pub levels: Vec<String>,
}

/// Something to choose.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What it is called.
    pub title: String,
}

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountView {
    /// The name to sign in with.
    pub login: String,
    /// Whose it is.
    pub person: String,
    /// The person's name.
    pub name: String,
    /// The unit.
    pub unit: String,
    /// What the unit is called.
    pub unit_name: String,
    /// The roles.
    pub roles: Vec<String>,
    /// The highest level.
    #[schema(value_type = String)]
    pub clearance: Level,
    /// Whether it has a second factor.
    pub second_factor: bool,
    /// When it was closed.
    #[schema(format = DateTime)]
    pub closed_at: Option<String>,
    /// Until when nobody signs in with it.
    #[schema(format = DateTime)]
    pub locked_until: Option<String>,
}

impl AccountView {
    /// An account, as it is listed.
    #[must_use]
    pub fn of(head: AccountHead, words: &Words) -> Self {
        let AccountHead { login, person, closed_at, locked_until, second_factor } = head;
        Self {
            login,
            person: person.id.to_string(),
            unit_name: words.unit(&person.unit),
            name: person.name,
            unit: person.unit.to_string(),
            roles: person.roles.into_iter().collect(),
            clearance: person.clearance,
            second_factor,
            closed_at: closed_at.map(|at| words.at(at)),
            locked_until: locked_until.filter(|at| *at > words.now).map(|at| words.at(at)),
        }
    }
}

/// What is proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeChange {
    /// `open`, `post`, `close`, `reset`, `factors` or `unlock`.
    pub kind: String,
    /// The account.
    pub login: String,
    /// For a new account and a changed post.
    #[serde(default)]
    pub post: Option<PostChange>,
    /// Why.
    pub reason: String,
}

/// Who somebody is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostChange {
    /// The name.
    pub name: String,
    /// The unit.
    pub unit: String,
    /// The roles.
    pub roles: Vec<String>,
    /// The highest level.
    #[schema(value_type = String)]
    pub clearance: Level,
}

/// What came of a proposal.
#[derive(Clone, Serialize, ToSchema)]
pub struct Proposed {
    /// The change.
    pub id: String,
    /// The one-time password, shown this once; it holds when the change is agreed to.
    pub password: Option<String>,
}

impl std::fmt::Debug for Proposed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proposed").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An answer to a proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAnswer {
    /// With which words; a refusal needs some.
    #[serde(default)]
    pub answer: String,
}

/// A change, and how it was answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeView {
    /// The change.
    pub id: String,
    /// What is changed.
    pub kind: String,
    /// What that is called.
    pub kind_title: String,
    /// The account.
    pub login: String,
    /// The name as it is to be.
    pub name: String,
    /// What the unit as it is to be is called.
    pub unit_name: String,
    /// The roles as they are to be.
    pub roles: Vec<String>,
    /// The highest level as it is to be.
    #[schema(value_type = String)]
    pub clearance: Level,
    /// Why.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub proposed_at: String,
    /// `waiting`, `agreed`, `refused` or `withdrawn`.
    pub state: String,
    /// Who answered.
    pub decided_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub decided_at: Option<String>,
    /// With which words.
    pub answer: Option<String>,
    /// Whether the reader proposed it.
    pub own: bool,
}

impl ChangeView {
    /// A change, as a person reads it.
    #[must_use]
    pub fn of(
        change: AccountChange,
        reader: &Id,
        names: &BTreeMap<Id, String>,
        words: &Words,
    ) -> Self {
        let name = |id: &Id| names.get(id).cloned().unwrap_or_else(|| id.to_string());
        let AccountChange { person, kind, .. } = change;
        Self {
            id: change.id.to_string(),
            kind: kind.name().to_owned(),
            kind_title: ChangeKind::title(kind).to_owned(),
            login: change.login,
            unit_name: words.unit(&person.unit),
            name: person.name,
            roles: person.roles.into_iter().collect(),
            clearance: person.clearance,
            reason: change.reason,
            own: change.proposed_by == *reader,
            proposed_by: name(&change.proposed_by),
            proposed_at: words.at(change.proposed_at),
            state: change.state.name().to_owned(),
            decided_by: change.decided_by.as_ref().map(name),
            decided_at: change.decided_at.map(|at| words.at(at)),
            answer: change.answer,
        }
    }
}
