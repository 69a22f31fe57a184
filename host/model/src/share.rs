//! Sharing between units (数据共享): what a unit offers, what another asks for, who agrees, and how it ends, as one state
//! machine (regulation art. 44; 政务数据共享条例 as `rules.md` 3.7 has it).
//!
//! Pure: a step gives the next state or says which steps are legal now. Who may take a step by role is the policies' to say;
//! here is only what follows from the share itself: which of the two units a step belongs to, that nobody agrees to what they
//! asked for, and that what is agreed is never widened. How long an answer may take is local policy and comes in [`Policy`].
//! It must not know storage, nor which rows a share reaches.

mod item;
mod kind;
mod manifest;
mod step;
mod take;
mod terms;

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::clock::{Clock, Term};
use crate::instant::Instant;
use crate::label::{Label, Level, Tag};

pub use item::{Attribute, Frequency, Group, Item, Mode, NAME, Offering, shareable};
pub use kind::{Outcome, Side, StepKind};
pub use manifest::Manifest;
pub use step::Step;
pub use take::Actor;
pub use terms::Terms;

/// Where a share stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 起草: the asking unit writes it.
    Draft,
    /// 已内审: the asking unit's named official agreed to ask.
    InternalReviewed,
    /// 待答复: the providing unit must answer.
    Submitted,
    /// 已同意: to be delivered.
    Approved,
    /// 不同意: with the reason.
    Refused,
    /// 已交付: the manifest is signed, and waits for its receipt.
    Delivered,
    /// 使用中: the receiver reads within scope and term.
    InUse,
    /// 已到期, or given back before.
    Expired,
    /// 已撤销.
    Revoked,
    /// 已销毁: the receiver attested what was destroyed, and how.
    Destroyed,
}

impl State {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::InternalReviewed,
        Self::Submitted,
        Self::Approved,
        Self::Refused,
        Self::Delivered,
        Self::InUse,
        Self::Expired,
        Self::Revoked,
        Self::Destroyed,
    ];

    /// The name that columns and addresses use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InternalReviewed => "internal_reviewed",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Delivered => "delivered",
            Self::InUse => "in_use",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Destroyed => "destroyed",
        }
    }

    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Draft => "起草",
            Self::InternalReviewed => "已内审",
            Self::Submitted => "待答复",
            Self::Approved => "已同意，待交付",
            Self::Refused => "不同意",
            Self::Delivered => "已交付，待签收",
            Self::InUse => "使用中",
            Self::Expired => "已到期",
            Self::Revoked => "已撤销",
            Self::Destroyed => "已销毁",
        }
    }

    /// Whether the receiver may still come to read, or reads.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Approved | Self::Delivered | Self::InUse)
    }
}

/// Who did something, in which unit, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// The person's account.
    pub person: Id,
    /// The unit of the post.
    pub unit: Id,
    /// When.
    pub at: Instant,
}

/// One official's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Who. None: the rule itself, for what is shared unconditionally.
    pub by: Option<Hand>,
    /// Whether they agree.
    pub agree: bool,
    /// Why; never empty where they do not.
    pub reason: String,
}

/// What the receiver attested after the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destruction {
    /// Who.
    pub by: Hand,
    /// What was destroyed.
    pub what: String,
    /// How.
    pub how: String,
}

/// A dispute (争议): raised by one side, coordinated and decided by a third.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Who raised it.
    pub raised: Hand,
    /// What about.
    pub about: String,
    /// Who coordinated, and what both sides said.
    pub coordinated: Option<(Hand, String)>,
    /// Who decided, what, and why.
    pub decided: Option<(Hand, Outcome, String)>,
}

impl Dispute {
    /// Whether it waits for its decision.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.decided.is_none()
    }

    /// The words on screen.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match (&self.coordinated, &self.decided) {
            (_, Some(_)) => "已裁定",
            (Some(_), None) => "已协调，待裁定",
            (None, None) => "已提出，待协调",
        }
    }
}

/// A line of a share's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// The step.
    pub step: StepKind,
    /// Who; none for the host itself.
    pub by: Option<Hand>,
    /// What was said. It is for both units, and names no natural person whose data is shared.
    pub note: String,
}

/// How long each side may take. Local policy (本地政策): `rules.md` 3.7 could not verify the decree's terms. None: no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// For the providing unit's answer.
    #[serde(default)]
    pub answer: Option<Term>,
    /// For the delivery, after the answer.
    #[serde(default)]
    pub deliver: Option<Term>,
    /// For the proof of destruction, after the end.
    #[serde(default)]
    pub destroy: Option<Term>,
    /// For the decision of a dispute.
    #[serde(default)]
    pub dispute: Option<Term>,
}

/// A share: a request, its answers, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The share. It is what reads under it serve.
    pub id: Id,
    /// The catalogue's item.
    pub item: Id,
    /// Who provides.
    pub provider: Id,
    /// Who asks, and receives.
    pub asking: Id,
    /// What the rows are.
    pub group: Group,
    /// As high as the highest field that is asked for.
    pub label: Label,
    /// What is asked for. Fixed once it is reviewed.
    pub terms: Terms,
    /// Where it stands.
    pub state: State,
    /// Who asked.
    pub asked: Hand,
    /// Who reviewed it in the asking unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Hand>,
    /// The answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// How many deliveries there were, how many of them the receiver has confirmed, and the last one's time.
    #[serde(default)]
    pub deliveries: u32,
    /// See above.
    #[serde(default)]
    pub receipts: u32,
    /// See above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Instant>,
    /// How many rows were read under it.
    #[serde(default)]
    pub used: u64,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// What was attested of the destruction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destruction: Option<Destruction>,
    /// The dispute about it, the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispute: Option<Dispute>,
    /// Its clocks (本地政策).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// What happened, oldest first.
    pub history: Vec<Moment>,
    /// Counts from 1; each step but a use adds one.
    pub version: u64,
}

impl Share {
    /// A draft.
    #[must_use]
    pub fn draft(id: Id, item: &Item, label: Label, terms: Terms, asked: Hand) -> Self {
        let first = Moment {
            at: asked.at,
            step: StepKind::Revise,
            by: Some(asked.clone()),
            note: "起草".to_owned(),
        };
        Self {
            id,
            item: item.id.clone(),
            provider: item.provider.clone(),
            asking: asked.unit.clone(),
            group: item.offering.group.clone(),
            label,
            terms,
            state: State::Draft,
            asked,
            reviewed: None,
            answers: Vec::new(),
            deliveries: 0,
            receipts: 0,
            delivered_at: None,
            used: 0,
            ended_at: None,
            destruction: None,
            dispute: None,
            clocks: Vec::new(),
            history: vec![first],
            version: 1,
        }
    }

    /// Whether rows may be read under it at an instant. The term's end is the first instant at which they may not.
    #[must_use]
    pub fn in_force(&self, now: Instant) -> bool {
        self.state == State::InUse && now < self.terms.until
    }

    /// Whether its term has run out though nobody has said so yet.
    #[must_use]
    pub fn has_run_out(&self, now: Instant) -> bool {
        self.state.is_live() && now >= self.terms.until
    }

    /// Whether the receiver still owes the proof that what it had is destroyed.
    #[must_use]
    pub fn owes_destruction(&self) -> bool {
        matches!(self.state, State::Expired | State::Revoked) && self.deliveries > 0
    }

    /// Whether two officials of two units must agree: L4, important data, and everything about children (`article-44.md` 2.2).
    #[must_use]
    pub fn needs_two(&self) -> bool {
        self.label.level >= Level::L4
            || self.label.tags.contains(&Tag::Minor)
            || self.label.tags.contains(&Tag::Under14)
    }

    /// Which side a unit is on.
    #[must_use]
    pub fn side(&self, unit: &Id) -> Option<Side> {
        if *unit == self.asking {
            Some(Side::Asking)
        } else if *unit == self.provider {
            Some(Side::Providing)
        } else {
            None
        }
    }

    /// What may be done next, whoever does it.
    #[must_use]
    pub fn legal(&self) -> Vec<StepKind> {
        let mut legal = self.state.steps().to_vec();
        match &self.dispute {
            Some(dispute) if dispute.is_open() => {
                legal.retain(|step| *step != StepKind::Dispute);
                legal.push(match dispute.coordinated {
                    None => StepKind::Coordinate,
                    Some(_) => StepKind::Decide,
                });
            }
            Some(_) | None => {}
        }
        if self.receipts >= self.deliveries {
            legal.retain(|step| *step != StepKind::Accept);
        }
        if matches!(self.state, State::Expired | State::Revoked) && self.deliveries == 0 {
            legal.retain(|step| *step != StepKind::Destroy);
        }
        legal
    }

    /// The clock that runs now.
    #[must_use]
    pub fn running(&self) -> Option<&Clock> {
        self.clocks.iter().rev().find(|clock| clock.stopped().is_none())
    }
}
