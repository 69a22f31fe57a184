//! Sharing between units, as both of them see it. No natural person whose data is shared stands in any of it but in the rows.

mod catalogue;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::share::{Dispute, Outcome, Share, Side, Step, StepKind, Terms};
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Basis, Light, Words};

pub use catalogue::{
    PublishItem, ShareCatalogueView, ShareFieldView, ShareGroupView, ShareItemView, offering,
};
pub use rows::{
    ShareDeliveryView, ShareDetail, ShareFileRequest, ShareFileView, ShareReceiptRequest,
    ShareReceiveRequest, ShareReceivedView, ShareUseView, SharedRowView, SharedRowsQuery,
    SharedRowsView,
};

/// What is asked for: scope, term and purpose.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareTermsView {
    /// Which of the item's fields.
    pub fields: Vec<String>,
    /// Where: rows in these divisions and below, by code.
    pub divisions: Vec<String>,
    /// The purpose, by code.
    pub purpose: String,
    /// The legal ground: an article.
    pub ground: String,
    /// What it is needed for (应用场景).
    pub scenario: String,
    /// `in_place` or `file`.
    pub mode: String,
    /// `once`, `daily`, `weekly`, `monthly` or `on_demand`.
    pub frequency: String,
    /// The first instant at which nothing is read any more.
    #[schema(format = DateTime)]
    pub until: String,
    /// How many rows may be read in all.
    pub max_rows: u64,
    /// How many days the receiver may keep what it read.
    pub data_days: u32,
    /// Whether the providing unit may end it before its term.
    pub revocable: bool,
}

/// A request for an item.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareAskRequest {
    /// The catalogue's item.
    pub item: String,
    /// What is asked for.
    pub terms: ShareTermsView,
}

/// Other terms for a draft.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareReviseRequest {
    /// The version that the person saw.
    pub version: u64,
    /// What is asked for now.
    pub terms: ShareTermsView,
}

/// A step.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareStepRequest {
    /// `review`, `submit`, `answer`, `deliver`, `finish`, `revoke`, `destroy`, `dispute`, `coordinate` or `decide`.
    pub step: String,
    /// The version that the person saw.
    pub version: u64,
    /// For a review or an answer: whether the official agrees.
    pub agree: Option<bool>,
    /// Why. Mandatory for a refusal, an early end, a revocation, a dispute and what settles it.
    pub reason: Option<String>,
    /// For the proof of destruction: what was destroyed.
    pub what: Option<String>,
    /// And how.
    pub how: Option<String>,
    /// For a decision: `stands`, `answer_again` or `end`.
    pub outcome: Option<String>,
}

impl ShareStepRequest {
    /// As the model has it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a step that is none, or that lacks what it needs.
    pub fn step(self) -> Result<Step> {
        let agree = || {
            self.agree
                .ok_or_else(|| Error::invalid("/agree", "没有写明", "true 同意，false 不同意"))
        };
        let reason = self.reason.clone().unwrap_or_default();
        Ok(match self.step.as_str() {
            "review" => Step::Review { agree: agree()?, reason },
            "answer" => Step::Answer { agree: agree()?, reason },
            "finish" => Step::Finish { reason },
            "revoke" => Step::Revoke { reason },
            "destroy" => Step::Destroy {
                what: self.what.unwrap_or_default(),
                how: self.how.unwrap_or_default(),
            },
            "dispute" => Step::Dispute { about: reason },
            "coordinate" => Step::Coordinate { text: reason },
            "decide" => {
                let outcome: Outcome = named(
                    "/outcome",
                    self.outcome.as_deref().unwrap_or_default(),
                    "stands、answer_again 或 end",
                )?;
                Step::Decide { outcome, reason }
            }
            _ => {
                let right = "review、submit、answer、deliver、finish、revoke、destroy、dispute、coordinate 或 decide";
                return Err(Error::invalid("/step", "没有这一步", right));
            }
        })
    }
}

/// Terms as the model has them.
///
/// # Errors
/// [`Error::Invalid`] at the field that is wrong.
pub fn terms(given: ShareTermsView) -> Result<Terms> {
    let divisions = given.divisions.iter().enumerate().map(|(at, code)| {
        code.parse().map_err(|_| {
            Error::invalid(format!("/terms/divisions/{at}"), code, "行政区划代码，如 500103")
        })
    });
    let until: Instant = given
        .until
        .parse()
        .map_err(|_| Error::invalid("/terms/until", "不是时刻", "如 2026-12-31T00:00:00+08:00"))?;
    Ok(Terms {
        fields: given.fields.into_iter().collect(),
        divisions: divisions.collect::<Result<_>>()?,
        purpose: given.purpose,
        ground: given.ground,
        scenario: given.scenario,
        mode: named("/terms/mode", &given.mode, "in_place 或 file")?,
        frequency: named(
            "/terms/frequency",
            &given.frequency,
            "once、daily、weekly、monthly 或 on_demand",
        )?,
        until,
        max_rows: given.max_rows,
        data_days: given.data_days,
        revocable: given.revocable,
    })
}

/// One of the model's words, by its name.
fn named<T: serde::de::DeserializeOwned>(at: &str, name: &str, right: &str) -> Result<T> {
    serde_json::from_value(name.into()).map_err(|_| Error::invalid(at, "没有这一项", right))
}

/// The name of one of the model's words.
fn name_of(word: &impl Serialize) -> String {
    serde_json::to_value(word)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// A share.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareView {
    /// The share.
    pub id: String,
    /// The catalogue's item.
    pub item: String,
    /// What the rows are, as it is called.
    pub title: String,
    /// The agreed fields, as they are called.
    pub field_titles: Vec<String>,
    /// Who provides.
    pub provider: String,
    /// What the unit is called.
    pub provider_name: String,
    /// Who asks.
    pub asking: String,
    /// What the unit is called.
    pub asking_name: String,
    /// The highest level.
    pub level: String,
    /// Whether two officials of two units must agree.
    pub needs_two: bool,
    /// What is asked for.
    pub terms: ShareTermsView,
    /// What the divisions are called.
    pub division_names: Vec<String>,
    /// What the purpose is called.
    pub purpose_title: String,
    /// Where it stands.
    pub state: String,
    /// In words.
    pub state_title: String,
    /// Which side this person's unit is on: `asking`, `providing` or `third`.
    pub side: String,
    /// When it was asked for.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// The clock that runs (本地政策); none where the centre has set none.
    pub light: Option<Light>,
    /// What the clock is for.
    pub clock: Option<String>,
    /// Where its limit comes from.
    pub basis: Option<Basis>,
    /// The answers.
    pub answers: Vec<ShareAnswerView>,
    /// How many rows were read.
    pub used: u64,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// Whether the proof of destruction is owed.
    pub owes_destruction: bool,
    /// The dispute.
    pub dispute: Option<ShareDisputeView>,
    /// What may be done next, each with why not.
    pub steps: Vec<ShareStepView>,
    /// What happened, oldest first.
    pub history: Vec<ShareMomentView>,
    /// The version that a step must name.
    pub version: u64,
}

/// An answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareAnswerView {
    /// Whose official; none where the rule answered.
    pub unit_name: Option<String>,
    /// Whether they agree.
    pub agree: bool,
    /// Why.
    pub reason: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: Option<String>,
}

/// A dispute.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareDisputeView {
    /// In words.
    pub state_title: String,
    /// Who raised it.
    pub raised_by: String,
    /// What about.
    pub about: String,
    /// What both sides said.
    pub coordinated: Option<String>,
    /// What was decided.
    pub outcome: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// A step that is legal now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareStepView {
    /// The step.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Whether this person may take it.
    pub allowed: bool,
    /// Why not.
    pub why_not: Option<String>,
}

/// A line of the history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareMomentView {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The step.
    pub step_title: String,
    /// Whose staff; none for the host itself.
    pub unit_name: Option<String>,
    /// The person, by id.
    pub person: Option<String>,
    /// What was said.
    pub note: String,
}

impl ShareView {
    /// A share, with the steps that this person may or may not take.
    #[must_use]
    pub fn of(
        share: &Share,
        steps: Vec<(StepKind, Option<String>)>,
        ctx: &OpContext,
        groups: &BTreeMap<String, ShareGroupView>,
        words: &Words,
    ) -> Self {
        let group = groups.get(&share.group.key());
        let title =
            group.map_or_else(|| share.group.name().to_owned(), |group| group.title.clone());
        let running = share.running();
        let side = ctx.principal.unit().and_then(|unit| share.side(unit)).unwrap_or(Side::Third);
        Self {
            id: share.id.to_string(),
            item: share.item.to_string(),
            title,
            field_titles: catalogue::titles(&share.terms.fields, group),
            provider: share.provider.to_string(),
            provider_name: words.unit(&share.provider),
            asking: share.asking.to_string(),
            asking_name: words.unit(&share.asking),
            level: format!("{:?}", share.label.level),
            needs_two: share.needs_two(),
            terms: terms_view(&share.terms, words),
            division_names: share.terms.divisions.iter().map(|one| words.division(one)).collect(),
            purpose_title: words.purpose(&share.terms.purpose),
            state: share.state.name().to_owned(),
            state_title: share.state.title().to_owned(),
            side: name_of(&side),
            asked_at: words.at(share.asked.at),
            light: running.map(|clock| Light::of(clock, words).1),
            clock: running.map(|clock| clock.limit().name.clone()),
            basis: running.map(|clock| (&clock.limit().basis).into()),
            answers: share
                .answers
                .iter()
                .map(|answer| ShareAnswerView {
                    unit_name: answer.by.as_ref().map(|hand| words.unit(&hand.unit)),
                    agree: answer.agree,
                    reason: answer.reason.clone(),
                    at: answer.by.as_ref().map(|hand| words.at(hand.at)),
                })
                .collect(),
            used: share.used,
            ended_at: share.ended_at.map(|at| words.at(at)),
            owes_destruction: share.owes_destruction(),
            dispute: share.dispute.as_ref().map(|dispute| dispute_view(dispute, words)),
            steps: steps
                .into_iter()
                .map(|(kind, why_not)| ShareStepView {
                    name: kind.name().to_owned(),
                    title: kind.title().to_owned(),
                    allowed: why_not.is_none(),
                    why_not,
                })
                .collect(),
            history: share
                .history
                .iter()
                .map(|moment| ShareMomentView {
                    at: words.at(moment.at),
                    step_title: moment.step.title().to_owned(),
                    unit_name: moment.by.as_ref().map(|hand| words.unit(&hand.unit)),
                    person: moment.by.as_ref().map(|hand| hand.person.to_string()),
                    note: moment.note.clone(),
                })
                .collect(),
            version: share.version,
        }
    }
}

fn terms_view(terms: &Terms, words: &Words) -> ShareTermsView {
    ShareTermsView {
        fields: terms.fields.iter().cloned().collect(),
        divisions: terms.divisions.iter().map(ToString::to_string).collect(),
        purpose: terms.purpose.clone(),
        ground: terms.ground.clone(),
        scenario: terms.scenario.clone(),
        mode: name_of(&terms.mode),
        frequency: name_of(&terms.frequency),
        until: words.at(terms.until),
        max_rows: terms.max_rows,
        data_days: terms.data_days,
        revocable: terms.revocable,
    }
}

fn dispute_view(dispute: &Dispute, words: &Words) -> ShareDisputeView {
    ShareDisputeView {
        state_title: dispute.title().to_owned(),
        raised_by: words.unit(&dispute.raised.unit),
        about: dispute.about.clone(),
        coordinated: dispute.coordinated.as_ref().map(|(_, text)| text.clone()),
        outcome: dispute.decided.as_ref().map(|(_, outcome, _)| outcome.title().to_owned()),
        reason: dispute.decided.as_ref().map(|(_, _, reason)| reason.clone()),
    }
}

/// A set out of a list.
fn set(list: Vec<String>) -> BTreeSet<String> {
    list.into_iter().collect()
}
