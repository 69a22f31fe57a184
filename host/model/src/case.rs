//! Cases (案件/事项) and the stages of the host's spine. A pack refines stages; it can remove none.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Clock;
use crate::instant::Instant;
use crate::label::Label;
use crate::{Error, Id, Result};

/// The spine of a case, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseStage {
    /// 登记: it has its code.
    Registered,
    /// 分流.
    Triaged,
    /// 受理.
    Accepted,
    /// 办理.
    Handling,
    /// 答复: the person was answered.
    Replied,
    /// 回访.
    Reviewed,
    /// 评价.
    Rated,
    /// 归档: closed.
    Archived,
}

impl CaseStage {
    /// All stages, in order.
    pub const ALL: [Self; 8] = [
        Self::Registered,
        Self::Triaged,
        Self::Accepted,
        Self::Handling,
        Self::Replied,
        Self::Reviewed,
        Self::Rated,
        Self::Archived,
    ];

    /// The stage's Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Registered => "登记",
            Self::Triaged => "分流",
            Self::Accepted => "受理",
            Self::Handling => "办理",
            Self::Replied => "答复",
            Self::Reviewed => "回访",
            Self::Rated => "评价",
            Self::Archived => "归档",
        }
    }

    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Triaged => "triaged",
            Self::Accepted => "accepted",
            Self::Handling => "handling",
            Self::Replied => "replied",
            Self::Reviewed => "reviewed",
            Self::Rated => "rated",
            Self::Archived => "archived",
        }
    }

    /// Where a case may go from here. A case may be worked again from any later stage (重新办理); nothing else goes back.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Registered => &[Self::Triaged, Self::Accepted],
            Self::Triaged => &[Self::Accepted],
            Self::Accepted => &[Self::Handling],
            Self::Handling => &[Self::Replied],
            Self::Replied => &[Self::Reviewed, Self::Archived, Self::Handling],
            Self::Reviewed => &[Self::Rated, Self::Archived, Self::Handling],
            Self::Rated => &[Self::Archived, Self::Handling],
            Self::Archived => &[Self::Handling],
        }
    }
}

/// Somebody or something that the case is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The entity.
    pub entity: Id,
    /// Its part, in the pack's words.
    pub role: String,
}

/// The answers to one form. They keep the schema that they were given under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The form, by its declared name.
    pub form: String,
    /// The schema, by digest.
    pub schema: String,
    /// The answers: a JSON object.
    pub data: Value,
}

/// A case's body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// 一案一码: the one code that the person and every unit use.
    pub code: String,
    /// What it is about, in one line.
    pub title: String,
    /// Classification of title, parties and timeline, from the matter type.
    pub label: Label,
    /// Where it stands.
    pub stage: CaseStage,
    /// The pack's refinement of the stage.
    #[serde(default)]
    pub substage: Option<String>,
    /// When the fact happened; it chooses the rule.
    pub occurred_at: Instant,
    /// When the person was answered.
    #[serde(default)]
    pub replied_at: Option<Instant>,
    /// Who and what it is about.
    #[serde(default)]
    pub parties: Vec<Party>,
    /// What was filled in.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// The case's clocks (时限).
    #[serde(default)]
    pub clocks: Vec<Clock>,
}

impl Case {
    /// Moves along the spine, or to a substage of the present stage.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the spine does not allow the step, above all archiving without an answer to the person.
    pub fn move_to(
        &mut self,
        stage: CaseStage,
        substage: Option<String>,
        at: Instant,
    ) -> Result<()> {
        if stage != self.stage && !self.stage.next().contains(&stage) {
            let next: Vec<_> = self.stage.next().iter().map(|stage| stage.title()).collect();
            return Err(Error::Conflict(format!(
                "事项现处“{}”环节，不能直接进入“{}”；可进入：{}",
                self.stage.title(),
                stage.title(),
                next.join("、")
            )));
        }
        if stage == CaseStage::Archived && self.replied_at.is_none() {
            return Err(Error::Conflict("尚未答复当事人，不能归档；请先答复".into()));
        }
        match stage {
            CaseStage::Replied if self.stage != CaseStage::Replied => self.replied_at = Some(at),
            // Worked again: it owes the person a new answer.
            CaseStage::Handling if self.stage > CaseStage::Handling => self.replied_at = None,
            CaseStage::Registered
            | CaseStage::Triaged
            | CaseStage::Accepted
            | CaseStage::Handling
            | CaseStage::Replied
            | CaseStage::Reviewed
            | CaseStage::Rated
            | CaseStage::Archived => {}
        }
        self.stage = stage;
        self.substage = substage;
        Ok(())
    }
}
