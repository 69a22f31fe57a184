//! Duties (职责): who must do what under which article, by when.

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::basis::Basis;
use crate::clock::Clock;
use crate::instant::Instant;

/// A duty's body. The unit that owes it leads the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    /// What must be done.
    pub title: String,
    /// The case, risk or entity that it serves.
    pub about: Id,
    /// Under which article.
    pub basis: Basis,
    /// By when.
    #[serde(default)]
    pub clocks: Vec<Clock>,
    /// How it was done.
    #[serde(default)]
    pub completion: Option<Completion>,
}

/// How a duty was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: String,
    /// What shows it.
    pub evidence: String,
}
