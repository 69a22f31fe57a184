//! `[share]`: how long each side of a share may take, and whose files are taken in.
//!
//! The terms are local policy (本地政策): the decree's own could not be verified, so none is built in.

use anshu_data::log::note::Verifier;
use anshu_model::basis::Basis;
use anshu_model::clock::{Limit, Term};
use anshu_model::share::Policy;
use anshu_model::{Error, Problem, Result};
use serde::{Deserialize, Serialize};

/// `[share]`, as it may be stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareSection {
    /// For the providing unit's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Term>,
    /// For the delivery, after the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver: Option<Term>,
    /// For the proof of destruction, after the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destroy: Option<Term>,
    /// For the decision of a dispute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispute: Option<Term>,
    /// Other centres whose files are taken in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Peer>,
}

/// Another centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// What it is called.
    pub name: String,
    /// The public key of its log, in the text form of the note format.
    pub public_key: String,
}

/// `[share]`, resolved.
#[derive(Debug, Clone, Default)]
pub struct Sharing {
    /// How long each side may take.
    pub policy: Policy,
    /// The keys of other centres whose files are taken in.
    pub trusted: Vec<String>,
}

impl ShareSection {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn resolve(self) -> Result<Sharing> {
        let mut problems = Vec::new();
        for (name, term) in [
            ("answer", self.answer),
            ("deliver", self.deliver),
            ("destroy", self.destroy),
            ("dispute", self.dispute),
        ] {
            let Some(term) = term else { continue };
            let limit = Limit::new(name, term.amount, term.unit, Basis::policy("[share]"));
            if let Err(error) = limit.check() {
                problems.push(Problem::new(format!("share.{name}"), error.to_string(), "一段时间"));
            }
        }
        let mut trusted = Vec::new();
        for peer in self.peers {
            match Verifier::parse(&peer.public_key) {
                Ok(_) => trusted.push(peer.public_key),
                Err(error) => problems.push(Problem::new(
                    format!("share.peers（{}）", peer.name),
                    error.to_string(),
                    "该中心日志的公钥：名称+标识+Base64",
                )),
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let Self { answer, deliver, destroy, dispute, .. } = self;
        Ok(Sharing { policy: Policy { answer, deliver, destroy, dispute }, trusted })
    }
}
