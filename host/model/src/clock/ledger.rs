//! What happened to a clock. Entries are only ever added.

use serde::{Deserialize, Serialize};

use super::limit::{Due, Limit, Term};
use crate::instant::Instant;

/// Who did something to a clock, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: Instant,
    /// The person, or the pack that acted for one.
    pub by: String,
    /// Why, in words that will be shown.
    pub reason: String,
}

impl Act {
    /// An act.
    pub fn new(at: Instant, by: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { at, by: by.into(), reason: reason.into() }
    }
}

/// A time that is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Who paused it, since when, why.
    pub act: Act,
    /// Until when; none while it lasts.
    pub until: Option<Instant>,
    /// Who let it run again.
    pub resumed_by: Option<String>,
    /// Whether this is the time between a stop and a reopening.
    #[serde(default)]
    pub reopened: bool,
}

/// More time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Who allowed it, when, why.
    pub act: Act,
    /// How much.
    pub term: Term,
    /// Under which article.
    pub article: String,
    /// When the clock ended before it.
    pub old_due: Due,
}

/// Another limit in place of the old one; time that has passed stays passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who, when, why.
    pub act: Act,
    /// The limit until then.
    pub from: Limit,
    /// The limit since.
    pub to: Limit,
    /// When the clock ended before; it stays visible.
    pub old_due: Due,
    /// A shorter limit bites no sooner than this after the change.
    pub notice: Term,
}

/// Other holiday data in place of the old: a year was announced, or the State Council changed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recount {
    /// Who, when, why.
    pub act: Act,
    /// The version of the calendar until then.
    pub from: String,
    /// The version since.
    pub to: String,
    /// When the clock ended before; it stays visible.
    pub old_due: Due,
    /// An earlier end bites no sooner than this after the change.
    pub notice: Term,
}

/// A step that moved the end of a clock, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "amendment", rename_all = "snake_case")]
pub enum Amendment {
    /// More time.
    Extension(Extension),
    /// Another limit.
    Change(Box<Change>),
    /// Another calendar.
    Recount(Recount),
}

impl Amendment {
    /// Who, when, why.
    #[must_use]
    pub const fn act(&self) -> &Act {
        match self {
            Self::Extension(extension) => &extension.act,
            Self::Change(change) => &change.act,
            Self::Recount(recount) => &recount.act,
        }
    }
}

/// A limit was not kept. Nothing takes this back: not an extension, nor another limit, nor a reopening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// The limit that was not kept, as it stood.
    pub limit: Limit,
    /// The last instant that would have been in time.
    pub due: Instant,
    /// When it was seen.
    pub observed: Instant,
}
