//! Where a plan stands, and what was done with each of its cases.

use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpgradeState {
    /// Cases are being placed.
    Planning,
    /// It can be reviewed and approved.
    Proposed,
    /// Both have agreed.
    Approved,
    /// Cases are being moved.
    Applying,
    /// All that could be moved are; those that wait for their next stage follow.
    Applied,
    /// Cases are being put back.
    Undoing,
    /// All that could be put back are.
    Undone,
}

impl UpgradeState {
    const ALL: [Self; 7] = [
        Self::Planning,
        Self::Proposed,
        Self::Approved,
        Self::Applying,
        Self::Applied,
        Self::Undoing,
        Self::Undone,
    ];

    /// The name that columns and addresses use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Planning => "预演中",
            Self::Proposed => "待审批",
            Self::Approved => "已批准",
            Self::Applying => "实施中",
            Self::Applied => "已实施",
            Self::Undoing => "撤回中",
            Self::Undone => "已撤回",
        }
    }

    pub(super) fn from_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| Error::Internal(format!("upgrade state {name}")))
    }
}

/// What was done with a case of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// It will be moved.
    Ready,
    /// It will be moved when it goes to its next stage.
    Waiting,
    /// A person must look.
    Person,
    /// It stays under its version.
    Stays,
    /// It was moved.
    Applied,
    /// It was closed, or moved by something else, before its turn came.
    Gone,
    /// It was moved and put back.
    Undone,
    /// It was moved, and could not be put back.
    Kept,
}

impl ItemState {
    const ALL: [Self; 8] = [
        Self::Ready,
        Self::Waiting,
        Self::Person,
        Self::Stays,
        Self::Applied,
        Self::Gone,
        Self::Undone,
        Self::Kept,
    ];

    /// The name that columns and addresses use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Person => "person",
            Self::Stays => "stays",
            Self::Applied => "applied",
            Self::Gone => "gone",
            Self::Undone => "undone",
            Self::Kept => "kept",
        }
    }

    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ready => "待衔接",
            Self::Waiting => "待进入下一环节",
            Self::Person => "待人工确认",
            Self::Stays => "不衔接",
            Self::Applied => "已衔接",
            Self::Gone => "无需衔接",
            Self::Undone => "已撤回",
            Self::Kept => "不能撤回",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}
