//! A record: the head that every primitive shares, and its body. Scopes, lists and lights use the head alone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::clock::Clock;
use crate::division::Division;
use crate::duty::Duty;
use crate::entity::Entity;
use crate::instant::Instant;
use crate::risk::Risk;
use crate::{Error, Id, Result};

/// Which primitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An entity.
    Entity,
    /// A case.
    Case,
    /// A risk.
    Risk,
    /// A duty.
    Duty,
}

impl Kind {
    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Case => "case",
            Self::Risk => "risk",
            Self::Duty => "duty",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Entity, Self::Case, Self::Risk, Self::Duty]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    /// The primitive's Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Entity => "实体",
            Self::Case => "事项",
            Self::Risk => "风险",
            Self::Duty => "职责",
        }
    }
}

/// What every primitive has without any plugin: an id, an owner, a place, a state, a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The record.
    pub id: Id,
    /// Which primitive.
    pub kind: Kind,
    /// The entity kind, matter type or risk type; for a duty, the pack that assigned it.
    pub type_name: String,
    /// Where it is.
    pub division: Division,
    /// The unit that leads.
    pub unit: Id,
    /// Units that share it (联办).
    #[serde(default)]
    pub joint: BTreeSet<Id>,
    /// Counts from 1; each commit that changes the record adds one.
    pub version: u64,
    /// When it was made.
    pub created_at: Instant,
    /// The pack version that made it, and that its rules stay with.
    #[serde(default)]
    pub pack: Option<crate::context::PackRef>,
}

/// A primitive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// An entity.
    Entity(Entity),
    /// A case.
    Case(Case),
    /// A risk.
    Risk(Risk),
    /// A duty.
    Duty(Duty),
}

/// A head and its body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What every primitive has.
    pub head: Head,
    /// The primitive.
    pub body: Body,
}

/// A record at a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordRef {
    /// Which primitive.
    pub kind: Kind,
    /// The record.
    pub id: Id,
    /// Its version.
    pub version: u64,
}

impl Record {
    /// The record at its present version.
    #[must_use]
    pub fn reference(&self) -> RecordRef {
        RecordRef { kind: self.head.kind, id: self.head.id.clone(), version: self.head.version }
    }

    /// The record's clocks. An entity has none.
    #[must_use]
    pub fn clocks(&self) -> &[Clock] {
        match &self.body {
            Body::Entity(_) => &[],
            Body::Case(case) => &case.clocks,
            Body::Risk(risk) => &risk.clocks,
            Body::Duty(duty) => &duty.clocks,
        }
    }

    /// The record's clocks, to change.
    pub fn clocks_mut(&mut self) -> Option<&mut Vec<Clock>> {
        match &mut self.body {
            Body::Entity(_) => None,
            Body::Case(case) => Some(&mut case.clocks),
            Body::Risk(risk) => Some(&mut risk.clocks),
            Body::Duty(duty) => Some(&mut duty.clocks),
        }
    }

    /// The state that lists filter on: the stage, or for a duty whether it is done.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match &self.body {
            Body::Entity(_) => "present",
            Body::Case(case) => case.stage.name(),
            Body::Risk(risk) => risk.stage.name(),
            Body::Duty(duty) if duty.completion.is_some() => "done",
            Body::Duty(_) => "open",
        }
    }

    /// Whether somebody still has work with it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state(), "archived" | "closed" | "done" | "present")
    }

    /// The entity.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is another primitive: to the caller there is no such entity.
    pub fn entity(&self) -> Result<&Entity> {
        match &self.body {
            Body::Entity(entity) => Ok(entity),
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => Err(self.is_no(Kind::Entity)),
        }
    }

    /// The case.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is another primitive.
    pub fn case(&self) -> Result<&Case> {
        match &self.body {
            Body::Case(case) => Ok(case),
            Body::Entity(_) | Body::Risk(_) | Body::Duty(_) => Err(self.is_no(Kind::Case)),
        }
    }

    /// The risk.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is another primitive.
    pub fn risk(&self) -> Result<&Risk> {
        match &self.body {
            Body::Risk(risk) => Ok(risk),
            Body::Entity(_) | Body::Case(_) | Body::Duty(_) => Err(self.is_no(Kind::Risk)),
        }
    }

    /// The duty.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is another primitive.
    pub fn duty(&self) -> Result<&Duty> {
        match &self.body {
            Body::Duty(duty) => Ok(duty),
            Body::Entity(_) | Body::Case(_) | Body::Risk(_) => Err(self.is_no(Kind::Duty)),
        }
    }

    fn is_no(&self, kind: Kind) -> Error {
        Error::NotFound(format!("{} {}", kind.title(), self.head.id))
    }
}
