//! The decision record: enough to replay and to explain a call.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Id;
use crate::basis::Basis;
use crate::context::{OpContext, PackRef};
use crate::effect::Effect;
use crate::instant::Instant;
use crate::record::RecordRef;
use crate::scope::Scope;

/// What a pack is called with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    /// A person's declared action.
    Action {
        /// The action.
        name: String,
        /// What it is done on.
        subject: Option<Id>,
        /// The answers to its form.
        answers: Value,
        /// When the fact happened.
        occurred_at: Instant,
    },
    /// An event that the pack may hear.
    Event {
        /// The event.
        id: Id,
        /// Its topic.
        topic: String,
        /// What it is about.
        about: Option<Id>,
        /// Its payload.
        payload: Value,
        /// When it was published.
        published_at: Instant,
        /// Whose events led to it, the first cause first; the last one published it. For the host alone: a pack that
        /// hears something does not learn from whom.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        via: Vec<String>,
    },
    /// A timer that the pack set.
    Timer {
        /// The pack's key.
        key: String,
        /// What the pack gave.
        payload: Value,
        /// When it was due.
        due: Instant,
    },
}

impl Input {
    /// Whose events led to what a pack publishes on this input.
    #[must_use]
    pub fn via(&self, pack: &str) -> Vec<String> {
        let before = match self {
            Self::Event { via, .. } => via.as_slice(),
            Self::Action { .. } | Self::Timer { .. } => &[],
        };
        before.iter().cloned().chain([pack.to_owned()]).collect()
    }
}

/// One reason of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// In plain words.
    pub text: String,
    /// Where it comes from.
    pub basis: Basis,
    /// The version that was run beside the one that decided, where this is the host's word on what that one would have said.
    /// None: the pack's own reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<PackRef>,
}

/// What the pack answered: advice with reasons, to a named official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// In one line.
    pub summary: String,
    /// What the person should look at next.
    pub subject: Option<Id>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// How heavily it weighs on the person or operator concerned, in the pack's own unit; lower is more lenient. None
    /// where the pack does not say, and in every record from before packs could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burden: Option<u32>,
}

impl Outcome {
    /// What the pack itself answered: without the host's word on what another version would have.
    #[must_use]
    pub fn own(&self) -> Self {
        let mut own = self.clone();
        own.reasons.retain(|reason| reason.beside.is_none());
        own
    }
}

/// One read, in the order in which the pack made it, with the digest of its arguments: a replay answers the same reads
/// with the same versions, and notices where the pack reads something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "read", rename_all = "snake_case")]
pub enum Read {
    /// By id. None: there was nothing, or nothing that the scope shows.
    Get {
        /// What was asked for.
        id: Id,
        /// What was found.
        found: Option<RecordRef>,
    },
    /// By an exact identifier.
    Lookup {
        /// SHA-256 of scheme and value, in hex, keyed by the decision's id.
        asked: String,
        /// What was found.
        found: Option<RecordRef>,
    },
    /// A query.
    Find {
        /// SHA-256 of the query, in hex.
        asked: String,
        /// What was found, in order.
        found: Vec<RecordRef>,
    },
    /// Figures.
    Count {
        /// SHA-256 of the query, in hex.
        asked: String,
        /// The answer.
        cells: Vec<Cell>,
    },
    /// Which unit has a function.
    Unit {
        /// The function.
        function: String,
        /// The unit that was found.
        found: Option<Id>,
    },
}

/// One figure. None: too few to state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The group.
    pub key: String,
    /// How many.
    pub count: Option<u64>,
}

/// What a call cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Wall-clock microseconds.
    pub micros: u64,
    /// Calls into the host.
    pub host_calls: u64,
    /// Bytes of all linear memories together.
    pub memory: u64,
    /// How often the call ran: more than once after a conflict.
    pub attempts: u32,
}

/// What the pack wrote for its engineers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// debug, info or warn.
    pub level: String,
    /// The line.
    pub text: String,
}

/// A decision. The context's id is the decision's id; the context's pack is the version that decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Who, for whom, why and when.
    pub context: OpContext,
    /// What the scope was.
    pub scope: Scope,
    /// The holiday data that limits were counted with.
    pub calendar: String,
    /// What came in.
    pub input: Input,
    /// What was read.
    pub reads: Vec<Read>,
    /// What was answered.
    pub outcome: Outcome,
    /// What was done.
    pub effects: Vec<Effect>,
    /// What the pack logged.
    #[serde(default)]
    pub log: Vec<LogLine>,
    /// What it cost.
    pub cost: Cost,
}
