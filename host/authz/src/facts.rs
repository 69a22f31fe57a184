//! What storage knows of an operation beside its context, as values. Where they come from is not known here.

use std::collections::BTreeSet;

use anshu_model::Id;
use anshu_model::instant::Instant;

/// What holds for a person's operation at its moment. None of it is ever taken from what the person says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// What the purpose serves, where that is open and in the person's reach.
    pub served: Option<Serving>,
    /// What was opened to the person, or for what they stated a ground, and is in force.
    pub opened: Vec<Opened>,
    /// Whether the person's emergency access is in force: it stands in for the approver.
    pub emergency: bool,
    /// When the first of these ends by itself.
    pub until: Option<Instant>,
}

/// A matter that the purpose serves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Serving {
    /// The matter itself and the records that it names.
    pub records: BTreeSet<Id>,
    /// When its event happened.
    pub event_at: Option<Instant>,
    /// Whether it is protected itself: then serving it lifts no mask, of whom it names neither, until it is opened.
    pub protected: bool,
}

/// Protected records for which a ground was stated (逐次批准查阅, 未成年人网络保护条例 art. 36).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opened {
    /// The records.
    pub records: BTreeSet<Id>,
    /// Whether a named approver agreed.
    pub approved: bool,
    /// Whether the matter that they were opened for is protected itself.
    pub protected: bool,
}
