//! Effects: what a call asks the host to do. They are checked as they are made and committed all together or not at all.
//!
//! A change of a record is a step, not a new body: the caller saw the record through its scope, perhaps masked, and what
//! it did not see must survive what it does. [`Record::apply`] is the one place where a step changes a body.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::{Answer, CaseStage, Party};
use crate::clock::Clock;
use crate::context::{OpContext, PackRef};
use crate::duty::Completion;
use crate::entity::Facet;
use crate::instant::Instant;
use crate::record::{Body, Kind, Record};
use crate::risk::{Assessment, Finding, RiskLevel, RiskStage};
use crate::{Error, Id, Result};

/// One thing that a call does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// A new record, at version 1.
    Create {
        /// All of it.
        record: Box<Record>,
    },
    /// A step on a record that exists.
    Change {
        /// Which primitive.
        kind: Kind,
        /// The record.
        id: Id,
        /// The version that the caller saw. The commit is refused where it has moved on.
        base: u64,
        /// The step.
        change: Change,
    },
    /// A line in a record's timeline.
    Line {
        /// The record.
        about: Id,
        /// The line.
        text: String,
    },
    /// Something that other packs may hear, delivered to each once.
    Publish {
        /// The event's id.
        id: Id,
        /// The topic.
        topic: String,
        /// What it is about.
        about: Option<Id>,
        /// Its payload, checked against the topic's schema.
        payload: Value,
    },
    /// Wakes the pack at an instant. The same key again moves it.
    Wake {
        /// When.
        at: Instant,
        /// The pack's key.
        key: String,
        /// What the pack gets back.
        payload: Value,
    },
}

/// A step on a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Change {
    /// Sets one facet of an entity.
    SetFacet {
        /// The facet's name.
        name: String,
        /// Its schema and data.
        facet: Facet,
    },
    /// Moves a case along its spine.
    MoveCase {
        /// Where to.
        stage: CaseStage,
        /// The refinement.
        substage: Option<String>,
    },
    /// Adds the answers to a form. Earlier answers stay.
    Answer {
        /// The answers.
        answer: Answer,
    },
    /// Adds a party to a case.
    AddParty {
        /// The party.
        party: Party,
    },
    /// Moves a risk along its loop.
    MoveRisk {
        /// Where to.
        stage: RiskStage,
    },
    /// An official sets a risk's level.
    Assess {
        /// The level with its reason.
        assessment: Assessment,
    },
    /// A pack's new findings and advice.
    ReviseRisk {
        /// The advice.
        advised: RiskLevel,
        /// What is wrong now.
        findings: Vec<Finding>,
    },
    /// A duty is done.
    Complete {
        /// How.
        completion: Completion,
    },
    /// Starts a clock, or replaces the one with the same id by its next state.
    Clock {
        /// The clock.
        clock: Box<Clock>,
    },
    /// Binds a case to a version of its pack. Only an approved upgrade makes this step; no pack and no person can.
    Rebind {
        /// The version.
        pack: PackRef,
        /// The refinement of the present stage from now on.
        substage: Option<String>,
        /// The next states of clocks whose limits change.
        clocks: Vec<Clock>,
        /// The line in the timeline: what changed, under which article.
        note: String,
    },
    /// Takes a [`Change::Rebind`] back: what the case was before it, byte for byte. Only the undo of an upgrade makes it.
    Unbind {
        /// The version that it was bound to.
        pack: Option<PackRef>,
        /// What it was.
        body: Box<Body>,
        /// The line in the timeline.
        note: String,
    },
}

impl Record {
    /// Applies a step.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the record's state does not allow it; [`Error::Invalid`] where it is no step for this
    /// primitive. The record is unchanged then.
    pub fn apply(&mut self, change: &Change, context: &OpContext) -> Result<()> {
        if let Change::Clock { clock } = change {
            let Some(clocks) = self.clocks_mut() else {
                return Err(Error::invalid("/clock", "实体没有时限", "事项、风险或职责"));
            };
            match clocks.iter_mut().find(|old| old.id == clock.id) {
                Some(old) if clock.follows(old) => *old = (**clock).clone(),
                Some(_) => {
                    return Err(Error::Conflict("时限台账只能续写，不能改写已有记录".into()));
                }
                None => clocks.push((**clock).clone()),
            }
            return Ok(());
        }
        match change {
            Change::Rebind { pack, substage, clocks, .. } => {
                return self.rebind(pack, substage.as_ref(), clocks);
            }
            Change::Unbind { pack, body, .. } => return self.unbind(pack.as_ref(), body),
            _ => {}
        }
        match (&mut self.body, change) {
            (Body::Entity(entity), Change::SetFacet { name, facet }) => {
                entity.facets.insert(name.clone(), facet.clone());
                Ok(())
            }
            (Body::Case(case), Change::MoveCase { stage, substage }) => {
                case.move_to(*stage, substage.clone(), context.now)
            }
            (Body::Case(case), Change::Answer { answer }) => {
                case.answers.push(answer.clone());
                Ok(())
            }
            (Body::Case(case), Change::AddParty { party }) => {
                if !case.parties.contains(party) {
                    case.parties.push(party.clone());
                }
                Ok(())
            }
            (Body::Risk(risk), Change::MoveRisk { stage }) => risk.move_to(*stage),
            (Body::Risk(risk), Change::Assess { assessment }) => risk.assess(assessment.clone()),
            (Body::Risk(risk), Change::ReviseRisk { advised, findings }) => {
                if risk.stage == RiskStage::Closed {
                    return Err(Error::Conflict("风险已销号；再次发现的应另行登记".into()));
                }
                risk.advised = *advised;
                risk.findings.clone_from(findings);
                Ok(())
            }
            (Body::Duty(duty), Change::Complete { completion }) => {
                if duty.completion.is_some() {
                    return Err(Error::Conflict("该职责已经完成".into()));
                }
                duty.completion = Some(completion.clone());
                for clock in &mut duty.clocks {
                    *clock = clock.stop(context.now)?;
                }
                Ok(())
            }
            (body, _) => Err(Error::invalid(
                "/step",
                "该操作不适用于此类记录",
                match body {
                    Body::Entity(_) => "实体的操作",
                    Body::Case(_) => "事项的操作",
                    Body::Risk(_) => "风险的操作",
                    Body::Duty(_) => "职责的操作",
                },
            )),
        }
    }
}
