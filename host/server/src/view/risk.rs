//! Risks.

use anshu_model::Result;
use anshu_model::record::Record;
use anshu_model::risk::{Risk, RiskLevel, RiskStage};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::duty::DutyView;
use super::{ActionOffer, Basis, ClockView, DecisionRef, Light, StageMove, TimelineEntry, Words};

/// A risk's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LevelName {
    /// 一般.
    General,
    /// 较大.
    Larger,
    /// 重大.
    Major,
    /// 特别重大.
    Extraordinary,
}

impl From<RiskLevel> for LevelName {
    fn from(level: RiskLevel) -> Self {
        match level {
            RiskLevel::General => Self::General,
            RiskLevel::Larger => Self::Larger,
            RiskLevel::Major => Self::Major,
            RiskLevel::Extraordinary => Self::Extraordinary,
        }
    }
}

impl From<LevelName> for RiskLevel {
    fn from(level: LevelName) -> Self {
        match level {
            LevelName::General => Self::General,
            LevelName::Larger => Self::Larger,
            LevelName::Major => Self::Major,
            LevelName::Extraordinary => Self::Extraordinary,
        }
    }
}

/// Which risks.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RiskQuery {
    /// Only at this stage.
    pub stage: Option<String>,
    /// Only of this type.
    #[serde(rename = "type")]
    pub risk_type: Option<String>,
    /// Only at this level: the official's, or the advised one until there is one.
    pub level: Option<LevelName>,
    /// The last risk of the page before.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
}

/// An entity in a line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntityRef {
    /// The entity.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: String,
}

/// A risk in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RiskItem {
    /// The risk.
    pub id: String,
    /// In one line.
    pub title: String,
    /// The risk type.
    pub risk_type: String,
    /// What it is called.
    pub type_title: String,
    /// The stage.
    pub stage: String,
    /// The level that an official set.
    pub level: Option<LevelName>,
    /// The level that the pack advises.
    pub advised: LevelName,
    /// What the hazard is in.
    pub subject: EntityRef,
    /// Where.
    pub division_name: String,
    /// The unit that owns it.
    pub unit_name: String,
    /// The most pressing clock.
    pub light: Light,
}

/// A page of risks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RiskPage {
    /// The risks.
    pub items: Vec<RiskItem>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl RiskItem {
    /// A risk, as a list shows it.
    ///
    /// # Errors
    /// Where the record is no risk.
    pub fn of(record: &Record, subject: EntityRef, words: &Words) -> Result<Self> {
        let risk = record.risk()?;
        let head = &record.head;
        Ok(Self {
            id: head.id.to_string(),
            title: risk.title.clone(),
            risk_type: head.type_name.clone(),
            type_title: words.risk_title(&head.type_name),
            stage: risk.stage.name().to_owned(),
            level: risk.level().map(LevelName::from),
            advised: risk.advised.into(),
            subject,
            division_name: words.division(&head.division),
            unit_name: words.unit(&head.unit),
            light: Light::of_record(record, words),
        })
    }
}

/// A risk with everything around it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RiskDetail {
    /// As in a list.
    #[serde(flatten)]
    pub item: RiskItem,
    /// The version that a change must name.
    pub version: u64,
    /// What is wrong.
    pub findings: Vec<FindingView>,
    /// What happened.
    pub timeline: Vec<TimelineEntry>,
    /// Its clocks.
    pub clocks: Vec<ClockView>,
    /// Who must do what.
    pub duties: Vec<DutyView>,
    /// What could be done with packs.
    pub actions: Vec<ActionOffer>,
    /// Where it could go.
    pub stage_moves: Vec<StageMove>,
    /// What packs decided.
    pub decisions: Vec<DecisionRef>,
    /// The levels that officials set.
    pub level_history: Vec<LevelChange>,
}

/// A rule that is not met.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FindingView {
    /// The rule's code.
    pub rule: String,
    /// In plain words.
    pub text: String,
    /// Where it comes from.
    pub basis: Basis,
}

/// A level that an official set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LevelChange {
    /// The level.
    pub level: LevelName,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

/// The findings of a risk.
#[must_use]
pub fn findings(risk: &Risk) -> Vec<FindingView> {
    risk.findings
        .iter()
        .map(|finding| FindingView {
            rule: finding.rule.clone(),
            text: finding.text.clone(),
            basis: (&finding.basis).into(),
        })
        .collect()
}

/// The levels of a risk.
#[must_use]
pub fn level_history(risk: &Risk, words: &Words) -> Vec<LevelChange> {
    risk.assessments
        .iter()
        .map(|assessment| LevelChange {
            level: assessment.level.into(),
            reason: assessment.reason.clone(),
            by: assessment.by.clone(),
            at: words.at(assessment.at),
        })
        .collect()
}

/// The stages to which a risk could go.
#[must_use]
pub fn stage_moves(risk: &Risk) -> Vec<StageMove> {
    risk.stage
        .next()
        .iter()
        .map(|stage| {
            let why_not = (*stage == RiskStage::Assessed && risk.assessments.is_empty())
                .then(|| "请先由承办人评估定级，定级后自动进入本环节".to_owned());
            StageMove {
                stage: stage.name().to_owned(),
                title: stage.title().to_owned(),
                allowed: why_not.is_none(),
                why_not,
            }
        })
        .collect()
}

/// A level, set by an official.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskAssess {
    /// The level.
    pub level: LevelName,
    /// Why.
    pub reason: String,
    /// Under which article or standard.
    #[serde(default)]
    pub basis: Option<String>,
    /// The version that the person saw.
    pub version: u64,
}

/// A step along the loop.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskMove {
    /// Where to.
    pub stage: String,
    /// Why, for the timeline.
    pub note: String,
    /// The version that the person saw.
    pub version: u64,
}
