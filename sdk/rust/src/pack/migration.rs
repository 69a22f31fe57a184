//! Open cases that pass from one version of a pack to another.

use crate::Id;
use crate::bindings::exports::anshu::governance::plugin as contract;

/// An open case that is to pass to this version of the pack.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The case.
    pub case: Id,
    /// The version that it was made under.
    pub from_version: String,
    /// This version.
    pub to_version: String,
}

impl Migration {
    pub(crate) fn from_contract(migration: contract::Migration) -> Self {
        let contract::Migration { case, from_version, to_version } = migration;
        Self { case: Id::from_host(case), from_version, to_version }
    }
}

/// Where a case stands under this version. A migration reads and answers; the host moves the case once people agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Migrated {
    note: String,
    substage: Option<String>,
    manual: Option<String>,
}

impl Migrated {
    /// One line for the case's timeline, in plain words with the article. The case stays where it stands.
    pub fn new(note: impl Into<String>) -> Self {
        Self { note: note.into(), substage: None, manual: None }
    }

    /// The substage of the case's stage that it has from now on; one that this version declares.
    pub fn substage(mut self, substage: impl Into<String>) -> Self {
        self.substage = Some(substage.into());
        self
    }

    /// A person must look at it first: why.
    pub fn manual(mut self, why: impl Into<String>) -> Self {
        self.manual = Some(why.into());
        self
    }

    pub(crate) fn into_contract(self) -> contract::Migrated {
        let Self { note, substage, manual } = self;
        contract::Migrated { substage, note, manual }
    }
}
