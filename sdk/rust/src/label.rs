//! Classification (分类分级): the level and tags of every attribute (regulation art. 44), as the manifest writes them.

use serde::Serialize;

/// How much harm a leak would do, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Level {
    /// Public, or no harm.
    L1,
    /// General harm; inside the organisation.
    L2,
    /// Serious harm; ordinary personal data.
    L3,
    /// Especially serious harm; sensitive personal data, minors.
    L4,
    /// Important data (重要数据).
    Important,
}

/// What an attribute is about, beside its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
    /// A sealed record.
    Sealed,
    /// Who told.
    Informant,
}

/// How a value is shown to those who may know of it but not read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Not shown at all.
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

/// The classification of a matter type's title, parties and timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    level: Level,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    mask: Mask,
}

impl Label {
    /// A level without tags.
    #[must_use]
    pub fn of(level: Level) -> Self {
        Self { level, tags: Vec::new(), mask: Mask::Omit }
    }

    /// With a tag.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        if !self.tags.contains(&tag) {
            self.tags.push(tag);
            self.tags.sort();
        }
        self
    }

    /// With a mask.
    #[must_use]
    pub fn mask(mut self, mask: Mask) -> Self {
        self.mask = mask;
        self
    }

    pub(crate) fn level(&self) -> Level {
        self.level
    }
}
