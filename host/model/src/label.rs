//! Classification (分类分级): the level and tags that every attribute carries (regulation art. 44; 数据安全法 art. 21).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// How much harm a leak would do, lowest first. Core data and state secrets have no level: they are refused.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Level {
    /// Public, or no harm.
    #[default]
    L1,
    /// General harm; inside the organisation.
    L2,
    /// Serious harm; ordinary personal data.
    L3,
    /// Especially serious harm; sensitive personal data, children.
    L4,
    /// Important data (重要数据).
    Important,
}

/// From how many persons on a set is handled one level higher than its members (点面结合). Local policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregation {
    /// Ordinary personal data of so many persons is handled as sensitive.
    pub sensitive: u64,
    /// Personal data of so many persons is handled as important data.
    pub important: u64,
}

impl Default for Aggregation {
    fn default() -> Self {
        Self { sensitive: 1_000, important: 10_000_000 }
    }
}

/// The level at which a set of data is handled: that of its highest member, or higher where it tells of many persons.
#[must_use]
pub fn of_set(level: Level, persons: u64, policy: &Aggregation) -> Level {
    let by_count = match level {
        // Neither public data nor what stays inside becomes personal by being many.
        Level::L1 | Level::L2 => level,
        Level::L3 | Level::L4 | Level::Important if persons >= policy.important => Level::Important,
        Level::L3 if persons >= policy.sensitive => Level::L4,
        Level::L3 | Level::L4 | Level::Important => level,
    };
    by_count.max(level)
}

/// What an attribute is about, beside its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Personal information.
    Personal,
    /// Sensitive personal information (个人信息保护法 art. 28).
    Sensitive,
    /// A person under 14.
    Under14,
    /// A person under 18.
    Minor,
    /// Health.
    Health,
    /// Whereabouts, such as a stay.
    Location,
    /// Accounts and money.
    Finance,
    /// A sealed record: it does not exist but for the statutory road.
    Sealed,
    /// Who told.
    Informant,
}

/// How a masked value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Not shown at all.
    #[default]
    Omit,
    /// Surname and stars.
    Name,
    /// First three and last one.
    ResidentId,
    /// First three and last four.
    Phone,
    /// Down to the community.
    Address,
    /// The year only.
    Year,
}

/// The classification of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Label {
    /// The level.
    pub level: Level,
    /// The tags.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Tag>,
    /// How it is shown to those who may know of it but not read it.
    #[serde(default)]
    pub mask: Mask,
    /// The one purpose, by code, for which it may be read at all, where a law binds it to one. The host knows purposes only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<String>,
}

impl Label {
    /// A label without tags.
    #[must_use]
    pub fn of(level: Level) -> Self {
        Self { level, ..Self::default() }
    }

    /// Personal data of a level.
    #[must_use]
    pub fn personal(level: Level, mask: Mask) -> Self {
        Self { level, tags: BTreeSet::from([Tag::Personal]), mask, bound: None }
    }

    /// The level that decides who reads it: data of children weigh as L4 whatever their level, so that each look at them is
    /// approved.
    #[must_use]
    pub fn weight(&self) -> Level {
        if self.tags.contains(&Tag::Minor) || self.tags.contains(&Tag::Under14) {
            self.level.max(Level::L4)
        } else {
            self.level
        }
    }

    /// Whether it is read only after a ground was stated and a named approver agreed.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.weight() >= Level::L4
    }

    /// The same data of somebody who was under 14: all personal data counts as sensitive (个人信息保护法 arts. 28, 31).
    #[must_use]
    pub fn of_child(&self) -> Self {
        if self.level < Level::L3 && !self.tags.contains(&Tag::Personal) {
            return self.clone();
        }
        let mut label = self.clone();
        label.level = label.level.max(Level::L4);
        label.tags.insert(Tag::Under14);
        label
    }

    /// The label of a set that holds both: as high as its highest member (就高从严).
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let mask = if other.level > self.level { other.mask } else { self.mask };
        Self {
            level: self.level.max(other.level),
            tags: self.tags.union(&other.tags).copied().collect(),
            mask,
            bound: self.bound.clone().or_else(|| other.bound.clone()),
        }
    }
}
