//! Where a rule comes from (依据). Limits from a statute and limits that are set locally are always told apart.

use serde::{Deserialize, Serialize};

/// Whether a rule comes from a statute or is set locally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// A statute, regulation or rule (法定).
    Statute,
    /// A local policy, a target that the centre set for itself (政策).
    Policy,
}

impl Authority {
    /// The word on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Statute => "法定",
            Self::Policy => "政策",
        }
    }
}

/// Where a rule comes from, as the rule's author cites it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Basis {
    /// The instrument and article, such as "样例法 第1条".
    pub article: String,
    /// Statute or policy.
    pub authority: Authority,
}

impl Basis {
    /// A statute's article.
    pub fn statute(article: impl Into<String>) -> Self {
        Self { article: article.into(), authority: Authority::Statute }
    }

    /// A local policy's clause.
    pub fn policy(article: impl Into<String>) -> Self {
        Self { article: article.into(), authority: Authority::Policy }
    }
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}（{}）", self.article, self.authority.label())
    }
}
