//! Telling a person later.

use anshu_data::Deferral;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::Words;

/// Asks that a party of a matter is told later.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeferralRequest {
    /// The matter.
    pub matter: String,
    /// Which of its parties.
    pub subject: String,
    /// The article that allows it.
    pub ground: String,
    /// Why telling would impede the duty.
    pub reason: String,
    /// For how many days.
    pub days: u32,
}

/// The word of an approver.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideDeferral {
    /// Whether it is approved.
    pub approve: bool,
    /// Why.
    pub answer: String,
}

/// A deferral.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeferralView {
    /// The deferral.
    pub id: String,
    /// The matter.
    pub matter: String,
    /// Which of its parties.
    pub subject: String,
    /// The article.
    pub ground: String,
    /// Why.
    pub reason: String,
    /// For how many days.
    pub days: u32,
    /// The unit that asked.
    pub unit: String,
    /// When.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// Where it stands.
    pub state: String,
    /// The same in words.
    pub state_title: String,
    /// What the approver said.
    pub answer: Option<String>,
    /// Until when the looks are not told.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

impl DeferralView {
    /// A deferral, in words.
    #[must_use]
    pub fn of(deferral: &Deferral, words: &Words) -> Self {
        Self {
            id: deferral.id.to_string(),
            matter: deferral.matter.to_string(),
            subject: deferral.subject.to_string(),
            ground: deferral.ground.clone(),
            reason: deferral.reason.clone(),
            days: deferral.days,
            unit: words.unit(&deferral.unit),
            asked_at: words.at(deferral.asked_at),
            state: deferral.state.name().to_owned(),
            state_title: deferral.state.title().to_owned(),
            answer: deferral.answer.clone(),
            until: deferral.until.map(|at| words.at(at)),
        }
    }
}

/// What a case page says of telling later.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseDeferrals {
    /// Whether this post may ask for it.
    pub asks: bool,
    /// Those that are asked for or in force, as far as this post may see them.
    pub items: Vec<DeferralView>,
}

impl CaseDeferrals {
    /// In words.
    #[must_use]
    pub fn of(asks: bool, deferrals: &[Deferral], words: &Words) -> Self {
        Self { asks, items: deferrals.iter().map(|one| DeferralView::of(one, words)).collect() }
    }
}
