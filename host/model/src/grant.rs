//! Granting: how far a version of a pack reaches under the host's ceiling, what it asks beyond the version before, and
//! who has to agree.
//!
//! Pure comparisons. What is asked is said in plain Chinese, as the approver reads it. It must not know how approvals are
//! stored or who may give them: policies decide that.

mod difference;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use difference::difference;

use crate::capability::{Capabilities, Grant, Import};
use crate::label::Level;
use crate::manifest::Manifest;

/// What no pack reaches beyond on this host, whatever is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceiling {
    /// Interfaces of the contract.
    pub imports: BTreeSet<Import>,
    /// The highest level.
    pub level: Level,
    /// Topics that may be published and heard. None: all.
    pub topics: Option<BTreeSet<String>>,
}

impl Default for Ceiling {
    /// Everything.
    fn default() -> Self {
        Self { imports: Import::ALL.into(), level: Level::Important, topics: None }
    }
}

impl Ceiling {
    /// What of some capabilities stays below the ceiling.
    #[must_use]
    pub fn limit(&self, allows: &Capabilities) -> Capabilities {
        let topics = |named: &BTreeSet<String>| match &self.topics {
            None => named.clone(),
            Some(allowed) => named.intersection(allowed).cloned().collect(),
        };
        Capabilities {
            imports: allows.imports.intersection(&self.imports).copied().collect(),
            reads: allows.reads.clone(),
            writes: allows.writes.clone(),
            publishes: topics(&allows.publishes),
            hears: topics(&allows.hears),
            ceiling: allows.ceiling.min(self.level),
        }
    }
}

/// What a grant comes to for a version: what it asks for, as far as it was granted and the host allows it.
#[must_use]
pub fn effective(manifest: &Manifest, grant: &Grant, ceiling: &Ceiling) -> Grant {
    let declared = manifest.purposes.iter().map(|purpose| purpose.code.clone());
    Grant {
        allows: ceiling.limit(&manifest.requests.intersection(&grant.allows)),
        purposes: declared.filter(|code| grant.purposes.contains(code)).collect(),
        ..grant.clone()
    }
}

/// Who has to agree to a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approver {
    /// Who answers for the security of the centre.
    Security,
    /// Who leads the department that the pack serves.
    DepartmentLead,
}

impl Approver {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Security, Self::DepartmentLead];

    /// The role, as accounts and policies name it.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::DepartmentLead => "department-lead",
        }
    }

    /// The approver with a role.
    #[must_use]
    pub fn of(role: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|approver| approver.role() == role)
    }

    /// What the role is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Security => "安全管理员",
            Self::DepartmentLead => "部门负责人",
        }
    }
}

/// What a line of a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// An interface of the contract.
    Import,
    /// A type that is read.
    Read,
    /// A type that is written.
    Write,
    /// A topic that is published.
    Publish,
    /// A topic that is heard.
    Hear,
    /// The highest level.
    Level,
    /// A purpose.
    Purpose,
    /// The named duty: what it is, who owes it, where it reaches.
    Duty,
    /// An attribute that is collected although the centre holds it already.
    Again,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is about.
    pub subject: Subject,
    /// Its code: an interface, a type, a topic, a level, a purpose.
    pub code: String,
    /// In plain words.
    pub text: String,
    /// Why two people have to agree, where they have to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<String>,
}

/// What a version may do beyond the one before, and what no longer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Difference {
    /// Beyond it.
    pub more: Vec<Line>,
    /// No longer.
    pub less: Vec<Line>,
}

impl Difference {
    /// Whether somebody has to agree.
    #[must_use]
    pub fn asks_more(&self) -> bool {
        !self.more.is_empty()
    }

    /// Whether the department has to agree beside the centre's security.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.more.iter().any(|line| line.sensitive.is_some())
    }

    /// Who has to agree, each a different person; nobody where nothing more is asked.
    #[must_use]
    pub fn approvers(&self) -> &'static [Approver] {
        match (self.asks_more(), self.is_sensitive()) {
            (false, _) => &[],
            (true, false) => &[Approver::Security],
            (true, true) => &Approver::ALL,
        }
    }
}

#[cfg(test)]
mod tests;
