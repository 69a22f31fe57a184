//! Where a stored version of a pack stands in its life.

use serde::{Deserialize, Serialize};

/// Where a version stands. It is stored as its [`Standing::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Stored and compiled; nothing calls it.
    Staged,
    /// Legal time may choose it.
    Active,
    /// Staged, and run beside the active ones with its effects thrown away.
    Shadow,
    /// Was active, and is not called after repeated faults until somebody releases it.
    Quarantined,
    /// Rolled back: time chooses it no longer; it answers for what it decided.
    Withdrawn,
    /// Taken out. Component and history are kept: decisions are explained by them.
    Removed,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Staged,
        Self::Active,
        Self::Shadow,
        Self::Quarantined,
        Self::Withdrawn,
        Self::Removed,
    ];

    /// As it is stored and as interfaces name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Active => "active",
            Self::Shadow => "shadow",
            Self::Quarantined => "quarantined",
            Self::Withdrawn => "withdrawn",
            Self::Removed => "removed",
        }
    }

    /// The standing with a name. None: there is no such standing.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }

    /// What it is called on screen.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Staged => "待启用",
            Self::Active => "已启用",
            Self::Shadow => "试运行",
            Self::Quarantined => "已隔离",
            Self::Withdrawn => "已撤回",
            Self::Removed => "已移除",
        }
    }
}
