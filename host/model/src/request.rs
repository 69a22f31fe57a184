//! Requests of persons about their own data (本人请求): what the law gives a person (个人信息保护法 art. 44 to 50), and the steps
//! that one request takes until it is answered. A refusal always says why and what can be done about it (art. 50).
//!
//! A pure machine: a request is a value, a step gives the next state or says why not. It must not know who may take a step,
//! where requests are stored, or how long an answer may take: that is policy, and arrives with the step.

use serde::{Deserialize, Serialize};

use crate::instant::Instant;
use crate::{Error, Id, Result};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// To see and copy what is held (art. 45).
    Access,
    /// To correct or complete it (art. 46).
    Correct,
    /// To delete it (art. 47).
    Delete,
    /// To have an automated decision explained (art. 24, 48).
    Explain,
    /// To stop or limit processing (art. 44).
    Stop,
    /// To complain.
    Complain,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Access, Self::Correct, Self::Delete, Self::Explain, Self::Stop, Self::Complain];

    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Correct => "correct",
            Self::Delete => "delete",
            Self::Explain => "explain",
            Self::Stop => "stop",
            Self::Complain => "complain",
        }
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Access => "查阅、复制",
            Self::Correct => "更正、补充",
            Self::Delete => "删除",
            Self::Explain => "对自动化决定的说明",
            Self::Stop => "停止或限制处理",
            Self::Complain => "投诉",
        }
    }

    /// Where it stands in the law.
    #[must_use]
    pub fn article(self) -> &'static str {
        match self {
            Self::Access => "个人信息保护法 第45条",
            Self::Correct => "个人信息保护法 第46条",
            Self::Delete => "个人信息保护法 第47条",
            Self::Explain => "个人信息保护法 第24条、第48条",
            Self::Stop => "个人信息保护法 第44条",
            Self::Complain => "个人信息保护法 第50条",
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// 已提出: nobody has taken it yet.
    Filed,
    /// 办理中.
    Accepted,
    /// 待补正: the person must add something; the time to answer stands still.
    Asked,
    /// 已转办: another desk works on it, such as the one for erasure.
    HandedOver,
    /// 已答复.
    Answered,
    /// 不予办理: with its reason and what can be done about it.
    Refused,
    /// 已撤回 by the person.
    Withdrawn,
}

impl Stand {
    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Accepted => "accepted",
            Self::Asked => "asked",
            Self::HandedOver => "handed_over",
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Filed => "已提出，待受理",
            Self::Accepted => "办理中",
            Self::Asked => "待本人补充",
            Self::HandedOver => "已转有关部门办理",
            Self::Answered => "已答复",
            Self::Refused => "不予办理",
            Self::Withdrawn => "已撤回",
        }
    }

    /// Whether nothing follows.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Answered | Self::Refused | Self::Withdrawn)
    }
}

/// How it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Through the person's own account.
    Account,
    /// At the window, for somebody without an account.
    Window,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Taken on.
    Accept,
    /// The person is asked to add something.
    Ask {
        /// What, in words for the person.
        what: String,
    },
    /// The person added it.
    Supplement {
        /// What the person says.
        text: String,
    },
    /// More time, once.
    Extend {
        /// Until when.
        until: Instant,
        /// Why.
        reason: String,
    },
    /// Another desk works on it.
    HandOver {
        /// Which desk, or the paper that went there.
        to: String,
    },
    /// Answered, wholly or in part.
    Answer {
        /// Whether everything was done that was asked.
        whole: bool,
        /// The answer, in words for the person; what was left out, and on which ground.
        text: String,
    },
    /// Not done.
    Refuse {
        /// Why, with the ground (art. 50).
        reason: String,
        /// What the person can do about it.
        remedy: String,
    },
    /// The person takes it back.
    Withdraw,
}

impl Step {
    /// In a word, for the log: it holds nothing that a person said.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Accept => "受理",
            Self::Ask { .. } => "要求补充",
            Self::Supplement { .. } => "本人补充",
            Self::Extend { .. } => "延长答复期限",
            Self::HandOver { .. } => "转办",
            Self::Answer { whole: true, .. } => "答复",
            Self::Answer { whole: false, .. } => "部分答复",
            Self::Refuse { .. } => "不予办理",
            Self::Withdraw => "本人撤回",
        }
    }

    /// Whether it is the person's own step.
    #[must_use]
    pub fn is_own(&self) -> bool {
        matches!(self, Self::Supplement { .. } | Self::Withdraw)
    }
}

/// What happened to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Who, by id: shown to the desk and to auditors, never to the person.
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub step: Step,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRequest {
    /// The request.
    pub id: Id,
    /// Whose data it is about.
    pub subject: Id,
    /// What is asked.
    pub right: Right,
    /// How it came in.
    pub channel: Channel,
    /// What the person wants, in their own words.
    pub wish: String,
    /// What it is about, such as a decision or an earlier request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Id>,
    /// How the identity was checked.
    pub proof: String,
    /// Who filed it: the person's own account, a guardian's, or an officer at the window.
    pub filed_by: Id,
    /// Under which link of a guardian it was filed; none where nobody filed it for a child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian: Option<Id>,
    /// When.
    pub filed_at: Instant,
    /// By when it must be answered; none while it waits for the person.
    pub due_at: Option<Instant>,
    /// When waiting for the person began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<Instant>,
    /// What is left of the time to answer while it waits, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// Where it stands.
    pub stand: Stand,
    /// What happened to it, oldest first.
    pub steps: Vec<Entry>,
}

impl PersonRequest {
    /// Characters of a text that a person or an officer writes.
    pub const TEXT: usize = 4000;

    /// The request after a step.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it does not stand so that the step can follow; [`Error::Invalid`] where a text is missing
    /// that the law asks for, or is too long.
    pub fn after(&self, step: Step, by: &str, at: Instant) -> Result<Self> {
        self.follows(&step)?;
        check(&step)?;
        let mut next = self.clone();
        match &step {
            Step::Accept => next.stand = Stand::Accepted,
            Step::Ask { .. } => {
                next.stand = Stand::Asked;
                next.waits_since = Some(at);
                next.left = self.due_at.map(|due| due.since(at));
                next.due_at = None;
            }
            Step::Supplement { .. } => {
                next.stand = Stand::Accepted;
                next.waits_since = None;
                next.due_at = self.left.map(|left| at.plus(left));
                next.left = None;
            }
            Step::Extend { until, .. } => match self.due_at {
                Some(due) if *until > due => next.due_at = Some(*until),
                _ => return Err(Error::invalid("until", "不晚于原期限", "晚于原答复期限的时间")),
            },
            Step::HandOver { .. } => next.stand = Stand::HandedOver,
            Step::Answer { .. } => next.stand = Stand::Answered,
            Step::Refuse { .. } => next.stand = Stand::Refused,
            Step::Withdraw => next.stand = Stand::Withdrawn,
        }
        if next.stand.is_final() {
            (next.waits_since, next.left) = (None, None);
        }
        next.steps.push(Entry { at, by: by.to_owned(), step });
        Ok(next)
    }

    /// Whether it was answered or refused too late, or is late now.
    #[must_use]
    pub fn is_late(&self, now: Instant) -> bool {
        let until =
            if self.stand.is_final() { self.steps.last().map_or(now, |last| last.at) } else { now };
        self.stand != Stand::Withdrawn && self.due_at.is_some_and(|due| until > due)
    }

    fn follows(&self, step: &Step) -> Result<()> {
        let open = matches!(self.stand, Stand::Accepted | Stand::HandedOver);
        let fits = match step {
            Step::Accept => self.stand == Stand::Filed,
            Step::Ask { .. } | Step::HandOver { .. } => self.stand == Stand::Accepted,
            Step::Supplement { .. } => self.stand == Stand::Asked,
            Step::Extend { .. } => {
                let extended = self.steps.iter().any(|one| matches!(one.step, Step::Extend { .. }));
                if open && extended {
                    return Err(Error::Conflict("答复期限已经延长过一次，不能再次延长".into()));
                }
                open
            }
            Step::Answer { .. } | Step::Refuse { .. } => open,
            Step::Withdraw => !self.stand.is_final(),
        };
        if fits {
            return Ok(());
        }
        Err(Error::Conflict(format!("请求“{}”，不能{}", self.stand.title(), step.title())))
    }
}

/// Texts that the law or the person needs are there.
fn check(step: &Step) -> Result<()> {
    match step {
        Step::Accept | Step::Withdraw => Ok(()),
        Step::Ask { what } => text("what", what, "需要本人补充什么"),
        Step::Supplement { text: said } => text("text", said, "补充的内容"),
        Step::Extend { reason, .. } => text("reason", reason, "延长的理由"),
        Step::HandOver { to } => text("to", to, "转往哪个部门或哪份文书"),
        Step::Answer { text: said, .. } => {
            text("text", said, "给本人的答复；部分答复的，写明未提供的部分及依据")
        }
        Step::Refuse { reason, remedy } => {
            text("reason", reason, "不予办理的理由和依据（个人信息保护法 第50条）")?;
            text("remedy", remedy, "本人可以采取的救济途径")
        }
    }
}

/// A text that somebody wrote: there, and not longer than a page.
///
/// # Errors
/// [`Error::Invalid`] where it is empty or too long.
pub fn text(at: &str, text: &str, expected: &str) -> Result<()> {
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Err(Error::invalid(at, "空", expected));
    }
    if length > PersonRequest::TEXT {
        return Err(Error::invalid(
            at,
            format!("{length} 个字"),
            format!("不超过 {} 个字", PersonRequest::TEXT),
        ));
    }
    Ok(())
}
