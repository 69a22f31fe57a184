//! What is committed together or not at all.

use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::{Decision, Input, Read};
use anshu_model::effect::Effect;
use anshu_model::{Error, Id, Result};

use crate::guard::Permit;
use crate::vault;

/// What one operation commits.
#[derive(Debug)]
pub(crate) struct Unit {
    /// What it may do, by the policies and grants of now.
    pub(crate) permit: Permit,
    /// What it does.
    pub(crate) work: Work,
}

/// Through a pack, or by the host's own actions.
#[derive(Debug)]
pub(crate) enum Work {
    /// A pack's decision.
    Decision {
        /// The decision.
        decision: Arc<Decision>,
        /// As JSON: made by the caller's task, not by the writer's, who seals it.
        json: String,
    },
    /// A person's action.
    Act {
        /// What it does.
        effects: Vec<Effect>,
        /// In a few words, for the log.
        note: String,
    },
}

impl Unit {
    /// A decision's unit.
    pub(crate) fn decision(permit: Permit, decision: Arc<Decision>) -> Result<Self> {
        let json = serde_json::to_string(&*decision)
            .map_err(|error| Error::Internal(format!("decision as JSON: {error}")))?;
        Ok(Self { permit, work: Work::Decision { decision, json } })
    }

    /// The operation.
    pub(crate) fn context(&self) -> &OpContext {
        self.permit.context()
    }

    /// What it does.
    pub(crate) fn effects(&self) -> &[Effect] {
        match &self.work {
            Work::Decision { decision, .. } => &decision.effects,
            Work::Act { effects, .. } => effects,
        }
    }

    /// What it rests on.
    pub(crate) fn reads(&self) -> &[Read] {
        match &self.work {
            Work::Decision { decision, .. } => &decision.reads,
            Work::Act { .. } => &[],
        }
    }

    /// The subject of what is about nobody.
    pub(crate) fn month(&self, calendar: &Calendar) -> Id {
        vault::month(self.context().now, calendar.offset())
    }

    /// The records that a pack was called on and points to.
    pub(crate) fn named(&self) -> impl Iterator<Item = &Id> {
        let decision = match &self.work {
            Work::Decision { decision, .. } => Some(decision),
            Work::Act { .. } => None,
        };
        decision.into_iter().flat_map(|decision| {
            let on = match &decision.input {
                Input::Action { subject, .. } => subject.as_ref(),
                Input::Event { about, .. } => about.as_ref(),
                Input::Timer { .. } => None,
            };
            on.into_iter().chain(&decision.outcome.subject)
        })
    }

    /// What a pack was called with, with the pack's name.
    pub(crate) fn input(&self) -> Option<(&str, &Input)> {
        match (&self.work, &self.context().pack) {
            (Work::Decision { decision, .. }, Some(pack)) => Some((&pack.name, &decision.input)),
            _ => None,
        }
    }
}
