//! Openings of protected records, and how a record is protected from the person who looks at it.

use anshu_data::{Access, Opening, OpeningState, OpeningView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;
use crate::config::{CentrePurpose, OpeningSettings};

/// Which openings.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OpeningQuery {
    /// Those that this person may approve, instead of the person's own.
    #[serde(default)]
    pub to_approve: bool,
}

/// A ground that is stated.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpeningRequest {
    /// The record to be opened.
    pub record: String,
    /// The open case that it serves; absent: the record is that case.
    #[serde(default)]
    pub case: Option<String>,
    /// The purpose, by code.
    pub purpose: String,
    /// Why, in the person's words. It is read by the approver, and decides nothing.
    pub reason: String,
    /// For how many minutes; the usual ones where nothing is said.
    #[serde(default)]
    pub minutes: Option<u32>,
}

/// A word of the approver.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpeningApproval {
    /// For how many minutes; those that were asked for where nothing is said.
    #[serde(default)]
    pub minutes: Option<u32>,
}

/// A refusal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpeningRefusal {
    /// Why not. Who asked is told.
    pub reason: String,
}

/// An opening.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpeningItem {
    /// The opening.
    pub id: String,
    /// What is opened.
    pub record: String,
    /// The case that it serves.
    pub case: String,
    /// The case's code; none where the case is not in reach any more.
    pub case_code: Option<String>,
    /// The case's matter type, as it is called.
    pub matter_title: Option<String>,
    /// Whether it opens more than the case itself: a party of it.
    pub of_party: bool,
    /// Who asks, by name.
    pub person_name: String,
    /// In which unit.
    pub unit_name: String,
    /// For which purpose, as it is called.
    pub purpose_title: String,
    /// Its legal ground.
    pub ground: String,
    /// In the person's words.
    pub reason: String,
    /// For how many minutes.
    pub minutes: u32,
    /// `stated`, `approved`, `refused`, `withdrawn` or `ended`.
    pub state: String,
    /// When it was asked for.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// When it ends by itself.
    #[schema(format = DateTime)]
    pub until: String,
    /// Who answered, by name.
    pub decided_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub decided_at: Option<String>,
    /// Why not.
    pub answer: Option<String>,
}

/// How a record is protected from the person who looks at it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccessView {
    /// `hidden`: a ground is to be stated. `stated`: masks are shown until an approver answers. `open`: it is shown as it is.
    /// `closed`: no open case names it. `barred`: the post cannot ask.
    pub state: String,
    /// The rule, with its article, as the centre states it.
    pub basis: String,
    /// What the person stated for it.
    pub opening: Option<OpeningBrief>,
    /// The open cases that it could serve.
    pub cases: Vec<AccessCase>,
    /// Purposes with a ground.
    pub purposes: Vec<AccessPurpose>,
    /// Minutes for which it is opened unless something else is said (local policy).
    pub usual_minutes: u32,
    /// The most minutes (local policy).
    pub most_minutes: u32,
}

/// An opening in a line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpeningBrief {
    /// The opening.
    pub id: String,
    /// `stated`, `approved` or `refused`.
    pub state: String,
    /// When it ends by itself.
    #[schema(format = DateTime)]
    pub until: String,
    /// Why it was refused.
    pub answer: Option<String>,
}

/// A case that an opening could serve.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccessCase {
    /// The case.
    pub id: String,
    /// Its code.
    pub code: String,
}

/// A purpose for which a record may be opened.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccessPurpose {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// Its legal ground.
    pub ground: String,
}

impl OpeningItem {
    /// An opening, with what it is called by.
    #[must_use]
    pub fn of(view: &OpeningView, words: &Words) -> Self {
        let opening = &view.opening;
        let case = view.case.as_ref();
        Self {
            id: opening.id.to_string(),
            record: opening.record.to_string(),
            case: opening.serves.to_string(),
            case_code: case.map(|(code, _)| code.clone()),
            matter_title: case.map(|(_, matter)| words.matter_title(matter)),
            of_party: opening.record != opening.serves,
            person_name: view.person_name.clone(),
            unit_name: words.unit(&opening.unit),
            purpose_title: words.purpose(&opening.purpose),
            ground: opening.ground.clone(),
            reason: opening.reason.clone(),
            minutes: opening.minutes,
            state: state(opening, words).to_owned(),
            asked_at: words.at(opening.asked_at),
            until: words.at(opening.until),
            decided_by: view.decided_by_name.clone(),
            decided_at: opening.decided_at.map(|at| words.at(at)),
            answer: opening.answer.clone(),
        }
    }
}

impl AccessView {
    /// How a record is protected; none where it is not.
    #[must_use]
    pub fn of(
        access: &Access,
        settings: &OpeningSettings,
        purposes: &[CentrePurpose],
        words: &Words,
    ) -> Option<Self> {
        if !access.protected {
            return None;
        }
        let stated = access.opening.as_ref().filter(|opening| opening.in_force(words.now));
        let state = match stated.map(|opening| opening.state) {
            _ if access.clear => "open",
            _ if access.cases.is_empty() => "closed",
            Some(_) => "stated",
            None if !access.may_state => "barred",
            None => "hidden",
        };
        let grounded = purposes.iter().filter(|purpose| !purpose.ground.trim().is_empty());
        let policy = settings.policy;
        Some(Self {
            state: state.to_owned(),
            basis: settings.basis.clone(),
            opening: access.opening.as_ref().map(|opening| OpeningBrief {
                id: opening.id.to_string(),
                state: self::state(opening, words).to_owned(),
                until: words.at(opening.until),
                answer: opening.answer.clone(),
            }),
            cases: access
                .cases
                .iter()
                .map(|(id, code)| AccessCase { id: id.to_string(), code: code.clone() })
                .collect(),
            purposes: grounded
                .map(|purpose| AccessPurpose {
                    code: purpose.code.clone(),
                    title: purpose.title.clone(),
                    ground: purpose.ground.clone(),
                })
                .collect(),
            usual_minutes: policy.usual,
            most_minutes: policy.most,
        })
    }
}

fn state(opening: &Opening, words: &Words) -> &'static str {
    match opening.state {
        OpeningState::Refused => "refused",
        OpeningState::Withdrawn => "withdrawn",
        _ if !opening.in_force(words.now) => "ended",
        OpeningState::Stated => "stated",
        OpeningState::Approved => "approved",
    }
}
