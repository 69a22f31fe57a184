//! Transitions (新旧衔接): what a new version of a pack means for the cases that an older one opened.
//!
//! It owns the declaration, the four bins, and the pure functions that place a case in one of them and make the step that
//! moves it. It must not know storage, nor how a pack is called: what the pack itself answers arrives as a value.

mod bind;
mod check;
mod outlook;
mod place;

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

pub use outlook::{ClockOutlook, Missing, Outlook, Passage, Remapped, Step};
pub use place::{Answered, Facts, Moved, Placed, Shift, place};

use crate::Id;
use crate::basis::Basis;
use crate::case::CaseStage;
use crate::clock::Limit;
use crate::context::PackRef;
use crate::manifest::Manifest;
use crate::port;

/// What a pack's new version means for the open cases of one matter type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The matter type, one of the pack's own.
    pub matter: String,
    /// From which versions, as a requirement of semver such as `<0.2.0`.
    pub from: String,
    /// How far the new rule reaches.
    #[serde(default)]
    pub rule: Reach,
    /// The article that says so. [`Reach::Immediate`] cannot do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// In plain words, for the person who handles the case.
    pub note: String,
    /// Substages of the older versions, each with the one that takes its place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub substages: BTreeMap<String, String>,
    /// Limits that change, by the name that the clock has so far.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, NewLimit>,
    /// What must be filled in that was not asked before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<Required>,
    /// The function whose units handle such cases from now on, where that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Whether the new rule lowers a burden of the person or operator concerned: for [`Reach::Favourable`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub eases: bool,
    /// Whether the pack itself is asked about each case. Where not, this declaration decides alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks: bool,
}

/// How far a new rule reaches into cases that are open.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// New cases only: what is open ends under the rule that it began with.
    #[default]
    NewOnly,
    /// An open case from its next stage on.
    NextStage,
    /// Every open case, at once. An article must say so.
    Immediate,
    /// An open case only where it gives the person concerned more time or a lower burden (从旧兼从轻).
    Favourable,
    /// A person decides, case by case.
    Manual,
}

impl Reach {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NewOnly, Self::NextStage, Self::Immediate, Self::Favourable, Self::Manual];

    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NewOnly => "新案适用",
            Self::NextStage => "下一环节起适用",
            Self::Immediate => "立即适用",
            Self::Favourable => "有利于当事人的适用",
            Self::Manual => "逐案由人工确认",
        }
    }
}

/// A limit that takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLimit {
    /// The limit from now on.
    pub to: Limit,
    /// Whose time it is.
    #[serde(default)]
    pub whose: Whose,
}

/// Whose time a limit gives.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The authority's: longer means that the person concerned waits longer.
    #[default]
    Authority,
    /// The person's or operator's: longer is in their favour.
    Party,
}

/// A field that must be filled in from a stage on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Required {
    /// The form of the matter type.
    pub form: String,
    /// The field of it.
    pub field: String,
    /// From which stage on. A case that has not come so far is only told.
    pub from: CaseStage,
}

/// Where a plan puts a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bin {
    /// 不受影响: nothing that it owes changes; it only follows to the new version.
    Unaffected,
    /// 自动衔接: the declared transition moves it.
    Automatic,
    /// 需人工确认: a person must look.
    Person,
    /// 留在旧版: it ends under the version that it began with.
    Stays,
}

impl Bin {
    /// All bins, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Unaffected, Self::Automatic, Self::Person, Self::Stays];

    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unaffected => "不受影响",
            Self::Automatic => "自动衔接",
            Self::Person => "需人工确认",
            Self::Stays => "留在旧版",
        }
    }

    /// The name that columns and addresses use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unaffected => "unaffected",
            Self::Automatic => "automatic",
            Self::Person => "person",
            Self::Stays => "stays",
        }
    }

    /// The bin of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bin| bin.name() == name)
    }
}

/// What a pack answers that is asked about one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrated {
    /// The substage that the case has from now on; none where the declaration says it.
    pub substage: Option<String>,
    /// In plain words, for the timeline; may be empty.
    pub note: String,
    /// Why a person must look; none where nobody must.
    pub manual: Option<String>,
}

/// Who asks a pack about a case. The sandbox does; storage only knows that somebody can be asked.
pub trait Asks: Send + Sync {
    /// What the new version answers about a case. An error names the culprit; the case is then left for a person.
    fn ask<'a>(
        &'a self,
        case: &'a Id,
        from: &'a PackRef,
        to: &'a PackRef,
    ) -> port::Answer<'a, Migrated>;
}

impl Manifest {
    /// The transition that reaches cases of a matter type that a version opened: the first declared that fits.
    #[must_use]
    pub fn transition(&self, matter: &str, version: &str) -> Option<&Transition> {
        let version = Version::parse(version).ok()?;
        self.transitions.iter().find(|transition| {
            transition.matter == matter
                && VersionReq::parse(&transition.from).is_ok_and(|from| from.matches(&version))
        })
    }
}

/// Whether a version comes before another, or is another build of it.
#[must_use]
pub fn is_older(version: &str, than: &str) -> bool {
    matches!((Version::parse(version), Version::parse(than)), (Ok(version), Ok(than)) if version <= than)
}

/// Whether a later version may take an older one's place without a transition: semver calls them compatible.
fn compatible(old: &str, new: &str) -> bool {
    match (VersionReq::parse(&format!("^{old}")), Version::parse(new)) {
        (Ok(old), Ok(new)) => old.matches(&new),
        _ => false,
    }
}
