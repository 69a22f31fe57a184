//! A scope: what one actor chain may touch for one purpose, made once and only ever narrowed.
//!
//! What a purpose serves is bound to records: beside the levels that hold everywhere, a scope holds the few records for which
//! more is allowed, because an open case names them or a named approver opened them. A [`Sight`] is a scope as it looks at one
//! record. Nothing here knows where these facts come from.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::division::Division;
use crate::instant::Instant;
use crate::label::{Label, Level, Tag};

/// Which rows. Storage turns it into SQL; nobody filters rows after the fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Every row in this division and below, whichever unit has it.
    pub subtree: Option<Division>,
    /// Rows that one of these units leads or shares.
    pub units: BTreeSet<Id>,
    /// Where stated, of all these only open matters inside this division: narrower than the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrow: Option<Division>,
}

/// How one attribute is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Showing {
    /// Not selected at all.
    Hidden,
    /// Through its mask.
    Masked,
    /// As it is.
    Clear,
}

/// Names that are granted: everything, or a closed list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// No limit of its own (a person without a plugin).
    All,
    /// Only these.
    Only(BTreeSet<String>),
}

impl Names {
    /// Whether a name is in.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }
}

/// Up to which level data is read and written; none where nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Levels {
    /// Read as it is.
    pub clear: Option<Level>,
    /// Read through its mask.
    pub masked: Option<Level>,
    /// Written over what is there.
    pub write: Option<Level>,
}

impl Levels {
    /// The higher of two, each way.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            clear: self.clear.max(other.clear),
            masked: self.masked.max(other.masked),
            write: self.write.max(other.write),
        }
    }

    /// The lower of two, each way.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            clear: self.clear.min(other.clear),
            masked: self.masked.min(other.masked),
            write: self.write.min(other.write),
        }
    }
}

/// What one actor chain may touch for one purpose: person ∩ plugin ∩ purpose ∩ classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The rows that may be read and changed.
    pub rows: Rows,
    /// Up to this level attributes of any record are read as they are; none where nothing is.
    pub clear: Option<Level>,
    /// Up to this level attributes of any record are read through their masks.
    pub masked: Option<Level>,
    /// Up to this level attributes of any record are written.
    pub write: Option<Level>,
    /// Up to this level new records are made, where that is more: collecting is not looking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect: Option<Level>,
    /// Records with levels of their own: what the purpose serves, and what was opened.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub on: BTreeMap<Id, Levels>,
    /// When the event happened that the purpose serves: ages are taken on that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_at: Option<Instant>,
    /// The purpose, by code: data that a law binds to one is read for no other.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// Tags whose attributes are hidden whatever their level.
    pub hidden_tags: BTreeSet<Tag>,
    /// Facets that may be read.
    pub facets_read: Names,
    /// Facets that may be written.
    pub facets_write: Names,
    /// Matter and risk types that may be read.
    pub types_read: Names,
    /// Matter and risk types that may be written.
    pub types_write: Names,
    /// When the scope ends.
    pub until: Instant,
    /// The policy set that made it, by digest.
    pub policy: String,
}

/// A scope as it looks at one record.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    scope: &'a Scope,
    levels: Levels,
    child: bool,
}

impl Scope {
    /// The levels that hold for every record.
    #[must_use]
    pub fn levels(&self) -> Levels {
        Levels { clear: self.clear, masked: self.masked, write: self.write }
    }

    /// As it looks at records of which nothing more is known: conditions of queries are judged by this.
    #[must_use]
    pub fn at_large(&self) -> Sight<'_> {
        Sight { scope: self, levels: self.levels(), child: false }
    }

    /// As it looks at a record.
    #[must_use]
    pub fn on(&self, record: &Id) -> Sight<'_> {
        let levels = self.levels();
        let levels = self.on.get(record).map_or(levels, |more| levels.or(*more));
        Sight { levels, ..self.at_large() }
    }

    /// As it looks at a record that is only being made.
    #[must_use]
    pub fn making(&self) -> Sight<'_> {
        let levels = Levels { write: self.write.max(self.collect), ..self.levels() };
        Sight { levels, ..self.at_large() }
    }

    /// The day on which the age of somebody counts whose record was made at an instant: that of the event that is served.
    /// Without one it is the making, as nobody looks before it: so the person is as young as can be.
    #[must_use]
    pub fn day_for(&self, made_at: Instant) -> Instant {
        self.event_at.unwrap_or(made_at)
    }

    /// How an attribute with this label is shown of a record of which nothing more is known.
    #[must_use]
    pub fn showing(&self, label: &Label) -> Showing {
        self.at_large().showing(label)
    }

    /// The part of this scope that another person's eyes share: what a pack reads for a person, as far as the person reads it
    /// without the pack. Nothing is written through it.
    #[must_use]
    pub fn shown_to(self, eyes: &Self) -> Self {
        let both = self.levels().and(eyes.levels());
        let on = eyes.on.iter().map(|(id, more)| {
            let seen = self.on(id).levels.and(eyes.levels().or(*more));
            (id.clone(), Levels { write: None, ..seen })
        });
        Self {
            clear: both.clear,
            masked: both.masked,
            write: None,
            collect: None,
            on: on.collect(),
            event_at: eyes.event_at,
            hidden_tags: self.hidden_tags.union(&eyes.hidden_tags).copied().collect(),
            until: self.until.min(eyes.until),
            ..self
        }
    }
}

impl<'a> Sight<'a> {
    /// As it looks at a record about somebody who was under 14.
    #[must_use]
    pub fn of_child(self, child: bool) -> Self {
        Self { child, ..self }
    }

    /// The scope.
    #[must_use]
    pub fn scope(self) -> &'a Scope {
        self.scope
    }

    /// The levels that hold here.
    #[must_use]
    pub fn levels(self) -> Levels {
        self.levels
    }

    /// How an attribute with this label is shown.
    #[must_use]
    pub fn showing(self, label: &Label) -> Showing {
        if self.withholds(label) {
            return Showing::Hidden;
        }
        let level = self.weight(label);
        if self.levels.clear.is_some_and(|clear| level <= clear) {
            Showing::Clear
        } else if self.levels.masked.is_some_and(|masked| level <= masked) {
            Showing::Masked
        } else {
            Showing::Hidden
        }
    }

    /// Whether an attribute with this label may be written.
    #[must_use]
    pub fn writes(self, label: &Label) -> bool {
        // What is bound to a purpose is written for that one alone, too: that is how it is collected.
        !self.withholds(label) && self.levels.write.is_some_and(|write| self.weight(label) <= write)
    }

    fn weight(self, label: &Label) -> Level {
        if self.child { label.of_child().weight() } else { label.weight() }
    }

    fn withholds(self, label: &Label) -> bool {
        label.tags.iter().any(|tag| self.scope.hidden_tags.contains(tag))
            || label.bound.as_ref().is_some_and(|purpose| *purpose != self.scope.purpose)
    }
}
