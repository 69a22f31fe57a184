//! Risks (风险隐患): a hazard in a place, organisation, event or situation, on the closed loop of article 15. Never a
//! person, and never a score.

use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::clock::Clock;
use crate::instant::Instant;
use crate::{Error, Id, Result};

/// The four levels (regulation art. 18 names 重大 and above), lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// 一般.
    General,
    /// 较大.
    Larger,
    /// 重大.
    Major,
    /// 特别重大.
    Extraordinary,
}

impl RiskLevel {
    /// All levels, lowest first.
    pub const ALL: [Self; 4] = [Self::General, Self::Larger, Self::Major, Self::Extraordinary];

    /// The level's Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::General => "一般",
            Self::Larger => "较大",
            Self::Major => "重大",
            Self::Extraordinary => "特别重大",
        }
    }

    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Larger => "larger",
            Self::Major => "major",
            Self::Extraordinary => "extraordinary",
        }
    }

    /// Whether the coordinating body itself must take it on (重大以上; art. 18).
    #[must_use]
    pub fn goes_to_coordinator(self) -> bool {
        self >= Self::Major
    }
}

/// The closed loop, in order (arts. 15, 18, 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskStage {
    /// 监测.
    Monitored,
    /// 排查发现.
    Found,
    /// 列入清单.
    Listed,
    /// 评估.
    Assessed,
    /// 预警.
    Warned,
    /// 交办.
    Assigned,
    /// 处置.
    Disposing,
    /// 反馈.
    FedBack,
    /// 核销.
    Verified,
    /// 销号.
    Closed,
}

impl RiskStage {
    /// All stages, in order.
    pub const ALL: [Self; 10] = [
        Self::Monitored,
        Self::Found,
        Self::Listed,
        Self::Assessed,
        Self::Warned,
        Self::Assigned,
        Self::Disposing,
        Self::FedBack,
        Self::Verified,
        Self::Closed,
    ];

    /// The stage's Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Monitored => "监测",
            Self::Found => "排查",
            Self::Listed => "列入清单",
            Self::Assessed => "评估",
            Self::Warned => "预警",
            Self::Assigned => "交办",
            Self::Disposing => "处置",
            Self::FedBack => "反馈",
            Self::Verified => "核销",
            Self::Closed => "销号",
        }
    }

    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Monitored => "monitored",
            Self::Found => "found",
            Self::Listed => "listed",
            Self::Assessed => "assessed",
            Self::Warned => "warned",
            Self::Assigned => "assigned",
            Self::Disposing => "disposing",
            Self::FedBack => "fed_back",
            Self::Verified => "verified",
            Self::Closed => "closed",
        }
    }

    /// Where a risk may go from here. Only the warning may be left out, and feedback may be sent back.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Monitored => &[Self::Found],
            Self::Found => &[Self::Listed],
            Self::Listed => &[Self::Assessed],
            Self::Assessed => &[Self::Warned, Self::Assigned],
            Self::Warned => &[Self::Assigned],
            Self::Assigned => &[Self::Disposing],
            Self::Disposing => &[Self::FedBack],
            Self::FedBack => &[Self::Verified, Self::Disposing],
            Self::Verified => &[Self::Closed],
            Self::Closed => &[Self::Found],
        }
    }
}

/// One rule that is not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's code in its pack.
    pub rule: String,
    /// What is wrong, in plain words.
    pub text: String,
    /// Where the rule comes from.
    pub basis: Basis,
}

/// A level that an official set. Levels are superseded, never overwritten (动态调整).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The level.
    pub level: RiskLevel,
    /// Why.
    pub reason: String,
    /// Who, by name and post.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// A risk's body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// What the hazard is in; an entity that is no person.
    pub subject: Id,
    /// In one line.
    pub title: String,
    /// Where it stands.
    pub stage: RiskStage,
    /// What the pack advises. Advice only: an official assesses.
    pub advised: RiskLevel,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The levels that officials set, oldest first.
    #[serde(default)]
    pub assessments: Vec<Assessment>,
    /// The risk's clocks.
    #[serde(default)]
    pub clocks: Vec<Clock>,
}

impl Risk {
    /// The level in force: the last that an official set.
    #[must_use]
    pub fn level(&self) -> Option<RiskLevel> {
        self.assessments.last().map(|assessment| assessment.level)
    }

    /// Moves along the closed loop. No stage is skipped.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the loop does not allow the step.
    pub fn move_to(&mut self, stage: RiskStage) -> Result<()> {
        if !self.stage.next().contains(&stage) {
            let next: Vec<_> = self.stage.next().iter().map(|stage| stage.title()).collect();
            return Err(Error::Conflict(format!(
                "风险现处“{}”环节，不能直接进入“{}”；可进入：{}",
                self.stage.title(),
                stage.title(),
                next.join("、")
            )));
        }
        if stage == RiskStage::Assessed && self.assessments.is_empty() {
            return Err(Error::Conflict(
                "尚未由承办人评定等级，不能进入“评估”之后的环节；请先评估定级".into(),
            ));
        }
        self.stage = stage;
        Ok(())
    }

    /// Sets the level. From the list it moves the risk to "assessed"; later it is an adjustment, and the old level is kept.
    ///
    /// # Errors
    /// [`Error::Conflict`] before the risk is on the list, or after it was closed; [`Error::Invalid`] without a reason.
    pub fn assess(&mut self, assessment: Assessment) -> Result<()> {
        if assessment.reason.trim().is_empty() {
            return Err(Error::invalid("/reason", "空", "评定等级的理由"));
        }
        if self.stage < RiskStage::Listed || self.stage >= RiskStage::Verified {
            return Err(Error::Conflict(format!(
                "风险现处“{}”环节，不能评定等级；应在列入清单之后、核销之前",
                self.stage.title()
            )));
        }
        self.assessments.push(assessment);
        if self.stage == RiskStage::Listed {
            self.stage = RiskStage::Assessed;
        }
        Ok(())
    }
}
