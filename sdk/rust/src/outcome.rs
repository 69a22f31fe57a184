//! What a handler answers: advice with its reasons to a named official.

use crate::bindings::exports::anshu::governance::plugin as contract;
use crate::{Basis, Id};

/// One reason, in plain words, with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In plain words.
    pub text: String,
    /// Where it comes from.
    pub basis: Basis,
}

impl Reason {
    /// A reason.
    pub fn new(text: impl Into<String>, basis: Basis) -> Self {
        Self { text: text.into(), basis }
    }

    pub(crate) fn from_contract(reason: contract::Reason) -> Self {
        Self { text: reason.text, basis: Basis::from_contract(reason.basis) }
    }

    fn into_contract(self) -> contract::Reason {
        contract::Reason { text: self.text, basis: self.basis.to_contract() }
    }
}

/// The result of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// In one line.
    pub summary: String,
    /// The record that the person should look at next.
    pub subject: Option<Id>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// How heavily it weighs on the person or operator concerned.
    pub burden: Option<u32>,
}

impl Outcome {
    /// An outcome, in one line.
    pub fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), subject: None, reasons: Vec::new(), burden: None }
    }

    /// What the person should look at next.
    #[must_use]
    pub fn subject(mut self, id: &Id) -> Self {
        self.subject = Some(id.clone());
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn reason(mut self, text: impl Into<String>, basis: Basis) -> Self {
        self.reasons.push(Reason::new(text, basis));
        self
    }

    /// Adds reasons, such as those of a [`crate::Rule`] or a [`crate::Verdict`].
    #[must_use]
    pub fn reasons(mut self, reasons: impl IntoIterator<Item = Reason>) -> Self {
        self.reasons.extend(reasons);
        self
    }

    /// How heavily it weighs on the person or operator concerned, in whatever unit the plugin counts: yuan, days. Lower is
    /// more lenient. Where the pack is [`crate::Pack::lenient`], the lower of then and now decides.
    #[must_use]
    pub fn burden(mut self, burden: u32) -> Self {
        self.burden = Some(burden);
        self
    }

    pub(crate) fn from_contract(outcome: contract::Outcome) -> Self {
        Self {
            summary: outcome.summary,
            subject: outcome.subject.map(Id::from_host),
            reasons: outcome.reasons.into_iter().map(Reason::from_contract).collect(),
            burden: outcome.burden,
        }
    }

    pub(crate) fn into_contract(self) -> contract::Outcome {
        contract::Outcome {
            summary: self.summary,
            subject: self.subject.map(|id| id.to_string()),
            reasons: self.reasons.into_iter().map(Reason::into_contract).collect(),
            burden: self.burden,
        }
    }
}

/// A decision in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was decided, for the person whom it concerns.
    pub text: String,
    /// Why.
    pub reasons: Vec<Reason>,
    /// How it can be challenged.
    pub remedy: String,
}

impl Explanation {
    pub(crate) fn into_contract(self) -> contract::Explanation {
        contract::Explanation {
            text: self.text,
            reasons: self.reasons.into_iter().map(Reason::into_contract).collect(),
            remedy: self.remedy,
        }
    }
}
