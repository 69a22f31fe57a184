//! A step of a share, with what it says.

use serde::{Deserialize, Serialize};

use super::{Attribute, Outcome, StepKind, Terms};

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Other terms, which storage has checked against the item. A review of before no longer counts.
    Revise {
        /// The terms.
        terms: Box<Terms>,
        /// Their classification.
        label: crate::label::Label,
    },
    /// The asking unit's named official agrees to ask, or sends it back.
    Review {
        /// Whether they agree.
        agree: bool,
        /// Why, where not.
        reason: String,
    },
    /// It goes to the providing unit. What the item says now decides whether the rule answers.
    Submit {
        /// How the item is shared now.
        attribute: Attribute,
    },
    /// A named official answers.
    Answer {
        /// Whether they agree.
        agree: bool,
        /// Why. Mandatory where not.
        reason: String,
    },
    /// The manifest was signed.
    Deliver,
    /// The receiver confirms that it has the manifest.
    Accept,
    /// Rows are read.
    Use {
        /// How many.
        rows: u64,
    },
    /// The receiver needs it no longer.
    Finish {
        /// Why.
        reason: String,
    },
    /// The providing unit ends it.
    Revoke {
        /// Why.
        reason: String,
    },
    /// Its term has run out.
    Expire,
    /// The receiver attests that what it had is destroyed.
    Destroy {
        /// What.
        what: String,
        /// How.
        how: String,
    },
    /// One side disputes.
    Dispute {
        /// What about.
        about: String,
    },
    /// A third brought both together.
    Coordinate {
        /// What both said.
        text: String,
    },
    /// A third decides.
    Decide {
        /// What.
        outcome: Outcome,
        /// Why.
        reason: String,
    },
}

impl Step {
    /// Which step.
    #[must_use]
    pub const fn kind(&self) -> StepKind {
        match self {
            Self::Revise { .. } => StepKind::Revise,
            Self::Review { .. } => StepKind::Review,
            Self::Submit { .. } => StepKind::Submit,
            Self::Answer { .. } => StepKind::Answer,
            Self::Deliver => StepKind::Deliver,
            Self::Accept => StepKind::Accept,
            Self::Use { .. } => StepKind::Use,
            Self::Finish { .. } => StepKind::Finish,
            Self::Revoke { .. } => StepKind::Revoke,
            Self::Expire => StepKind::Expire,
            Self::Destroy { .. } => StepKind::Destroy,
            Self::Dispute { .. } => StepKind::Dispute,
            Self::Coordinate { .. } => StepKind::Coordinate,
            Self::Decide { .. } => StepKind::Decide,
        }
    }

    /// What must be written and is not, at its pointer.
    pub(super) fn texts(&self) -> Vec<(&'static str, &str, bool)> {
        match self {
            Self::Review { agree, reason } | Self::Answer { agree, reason } => {
                vec![("/reason", reason.as_str(), !agree)]
            }
            Self::Finish { reason } | Self::Revoke { reason } | Self::Decide { reason, .. } => {
                vec![("/reason", reason.as_str(), true)]
            }
            Self::Destroy { what, how } => {
                vec![("/what", what.as_str(), true), ("/how", how.as_str(), true)]
            }
            Self::Dispute { about: text } | Self::Coordinate { text } => {
                vec![("/reason", text.as_str(), true)]
            }
            Self::Revise { .. } | Self::Submit { .. } | Self::Deliver | Self::Accept => Vec::new(),
            Self::Use { .. } | Self::Expire => Vec::new(),
        }
    }
}
