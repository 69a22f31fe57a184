//! Emergency access and notices.

use std::collections::BTreeMap;

use anshu_data::{EmergencyAccess, Notice};
use anshu_model::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Words;

/// Where a person stands with emergency access.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmergencyState {
    /// The one that lasts.
    pub current: Option<EmergencyView>,
    /// Why none may begin; none where one may.
    pub why_not: Option<String>,
    /// How many are not reviewed yet.
    pub unreviewed: u64,
    /// For how many minutes at most. Local policy.
    pub minutes: u32,
    /// How many records it shows at most. Local policy.
    pub records: u32,
    /// Within how many hours it is reviewed. Local policy.
    pub review_hours: u32,
    /// The reasons that may be given.
    pub reasons: Vec<ReasonChoice>,
}

/// A reason.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReasonChoice {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: String,
}

/// An emergency access.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmergencyView {
    /// The access.
    pub id: String,
    /// Who took it.
    pub person: String,
    /// In which unit.
    pub unit_name: String,
    /// The case.
    pub case: String,
    /// The unit that leads it.
    pub lead_unit_name: String,
    /// The reason.
    pub reason: String,
    /// The reason in words.
    pub words: String,
    /// When it began.
    #[schema(format = DateTime)]
    pub begun_at: String,
    /// When it ends by itself.
    #[schema(format = DateTime)]
    pub until: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// How many records it may show.
    pub most: u64,
    /// How many it has shown.
    pub used: u64,
    /// Until when it must be reviewed.
    #[schema(format = DateTime)]
    pub review_by: String,
    /// Whether it should have been.
    pub overdue: bool,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub reviewed_at: Option<String>,
    /// Whether it was found justified.
    pub justified: Option<bool>,
    /// With which words.
    pub answer: Option<String>,
    /// Whether the reader reviews it.
    pub mine: bool,
}

impl EmergencyView {
    /// An access, as a person reads it.
    #[must_use]
    pub fn of(
        access: EmergencyAccess,
        mine: bool,
        reasons: &[ReasonChoice],
        names: &BTreeMap<Id, String>,
        words: &Words,
    ) -> Self {
        let name = |id: &Id| names.get(id).cloned().unwrap_or_else(|| id.to_string());
        let reason = reasons.iter().find(|one| one.code == access.reason);
        Self {
            id: access.id.to_string(),
            person: name(&access.person),
            unit_name: words.unit(&access.unit),
            case: access.case.to_string(),
            lead_unit_name: words.unit(&access.lead_unit),
            reason: reason.map_or_else(|| access.reason.clone(), |one| one.title.clone()),
            words: access.words,
            begun_at: words.at(access.begun_at),
            until: words.at(access.until),
            ended_at: access.ended_at.map(|at| words.at(at)),
            most: access.most,
            used: access.used,
            review_by: words.at(access.review_by),
            overdue: access.reviewed_at.is_none() && access.review_by < words.now,
            reviewed_by: access.reviewed_by.as_ref().map(name),
            reviewed_at: access.reviewed_at.map(|at| words.at(at)),
            justified: access.justified,
            answer: access.answer,
            mine: mine && access.reviewed_at.is_none(),
        }
    }
}

/// Emergency access that is to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginEmergency {
    /// The case.
    pub case: String,
    /// The reason's code.
    pub reason: String,
    /// The reason in words.
    pub words: String,
    /// For how many minutes.
    pub minutes: u32,
}

/// A review.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewEmergency {
    /// Whether it was justified.
    pub justified: bool,
    /// With which words.
    pub answer: String,
}

/// A notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeView {
    /// The notice.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// What it is about: `device` or `emergency`.
    pub kind: String,
    /// What it says.
    pub text: String,
    /// Whether it was read.
    pub read: bool,
}

impl NoticeView {
    /// A notice, as its person reads it.
    #[must_use]
    pub fn of(notice: Notice, words: &Words) -> Self {
        Self {
            id: notice.id.to_string(),
            at: words.at(notice.at),
            kind: notice.kind,
            text: notice.text,
            read: notice.read_at.is_some(),
        }
    }
}
