//! What is committed together or not at all.

use std::sync::Arc;

use anshu_model::context::OpContext;
use anshu_model::decision::{Decision, Input, Read};
use anshu_model::effect::Effect;
use anshu_model::{Error, Result};
use sha2::{Digest, Sha256};

use crate::guard::Permit;

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
        /// As JSON, and the SHA-256 of exactly these bytes: made by the caller's task, not by the writer's.
        json: String,
        /// See above.
        digest: [u8; 32],
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
        let digest = Sha256::digest(json.as_bytes()).into();
        Ok(Self { permit, work: Work::Decision { decision, json, digest } })
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

    /// What a pack was called with, with the pack's name.
    pub(crate) fn input(&self) -> Option<(&str, &Input)> {
        match (&self.work, &self.context().pack) {
            (Work::Decision { decision, .. }, Some(pack)) => Some((&pack.name, &decision.input)),
            _ => None,
        }
    }
}
