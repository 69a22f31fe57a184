//! One operation has one context, built once at the edge and passed first.

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::division::Division;
use crate::instant::Instant;
use crate::label::Level;
use crate::org::Person;

/// Who stands behind an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "principal", rename_all = "snake_case")]
pub enum Principal {
    /// A signed-in person.
    Person(Box<Person>),
    /// A pack's own named duty (职责): what timers and events act with.
    Duty(DutyPrincipal),
    /// A job of the host itself. Audited like the rest.
    System {
        /// Which job.
        job: String,
    },
}

/// A pack's named duty, with the reach that the integrator gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyPrincipal {
    /// The pack that owns the duty.
    pub pack: String,
    /// What the duty is called, with its article.
    pub title: String,
    /// The unit that owes it: what the duty makes belongs to this unit.
    pub unit: Id,
    /// The rows that it reaches: everything in this division.
    pub division: Division,
    /// The highest level that it is cleared for.
    pub clearance: Level,
}

impl Principal {
    /// The unit that stands behind the principal. The host's own jobs have none.
    #[must_use]
    pub fn unit(&self) -> Option<&Id> {
        match self {
            Self::Person(person) => Some(&person.unit),
            Self::Duty(duty) => Some(&duty.unit),
            Self::System { .. } => None,
        }
    }

    /// How the principal is called on screen and in timelines.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Duty(duty) => &duty.title,
            Self::System { job } => job,
        }
    }
}

/// A pack version, by its digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackRef {
    /// The pack's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the component file, in hex.
    pub digest: String,
}

/// Why data is touched: a coded ground, plus what it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// The purpose's code, as a manifest or the centre declares it.
    pub code: String,
    /// The legal ground: an article.
    pub ground: String,
    /// The case, task or share that it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<Id>,
}

/// The context of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpContext {
    /// The operation itself; what it makes is derived from it.
    pub id: Id,
    /// Who stands behind it.
    pub principal: Principal,
    /// The pack that acts for the principal. Allowed is only what both are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<PackRef>,
    /// Why.
    pub purpose: Purpose,
    /// The one instant at which the operation happens.
    pub now: Instant,
}
