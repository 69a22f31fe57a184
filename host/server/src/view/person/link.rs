//! Whose account is whose own.

use anshu_data::SubjectLink;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::Words;

/// Binds an account to a person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectLinkRequest {
    /// The account.
    pub login: String,
    /// The document's scheme.
    pub scheme: String,
    /// Its number: looked up, and kept nowhere.
    pub number: String,
    /// How the identity was checked.
    pub proof: String,
}

/// An account that is a person's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubjectLinkView {
    /// The account.
    pub login: String,
    /// How the identity was checked.
    pub proof: String,
    /// When.
    #[schema(format = DateTime)]
    pub linked_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
}

impl SubjectLinkView {
    /// A link, in words: without whose record it is.
    #[must_use]
    pub fn of(link: &SubjectLink, words: &Words) -> Self {
        Self {
            login: link.login.clone(),
            proof: link.proof.clone(),
            linked_at: words.at(link.linked_at),
            ended_at: link.ended_at.map(|at| words.at(at)),
        }
    }
}
