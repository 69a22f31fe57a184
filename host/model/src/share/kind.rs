//! Which steps there are, whose they are, and from where each is legal.

use serde::{Deserialize, Serialize};

use super::State;

/// Whose step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The unit that asks and receives.
    Asking,
    /// The unit that provides.
    Providing,
    /// A unit that is neither.
    Third,
}

impl Side {
    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Asking => "申请单位",
            Self::Providing => "提供单位",
            Self::Third => "双方以外的单位",
        }
    }
}

/// A step, without what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// 修改.
    Revise,
    /// 内部审核.
    Review,
    /// 提交.
    Submit,
    /// 答复.
    Answer,
    /// 交付.
    Deliver,
    /// 签收.
    Accept,
    /// 使用.
    Use,
    /// 提前结束.
    Finish,
    /// 撤销.
    Revoke,
    /// 到期.
    Expire,
    /// 报送销毁证明.
    Destroy,
    /// 提出争议.
    Dispute,
    /// 协调争议.
    Coordinate,
    /// 裁定争议.
    Decide,
}

impl StepKind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Revise,
        Self::Review,
        Self::Submit,
        Self::Answer,
        Self::Deliver,
        Self::Accept,
        Self::Use,
        Self::Finish,
        Self::Revoke,
        Self::Expire,
        Self::Destroy,
        Self::Dispute,
        Self::Coordinate,
        Self::Decide,
    ];

    /// The name that addresses use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revise => "revise",
            Self::Review => "review",
            Self::Submit => "submit",
            Self::Answer => "answer",
            Self::Deliver => "deliver",
            Self::Accept => "accept",
            Self::Use => "use",
            Self::Finish => "finish",
            Self::Revoke => "revoke",
            Self::Expire => "expire",
            Self::Destroy => "destroy",
            Self::Dispute => "dispute",
            Self::Coordinate => "coordinate",
            Self::Decide => "decide",
        }
    }

    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Revise => "修改",
            Self::Review => "内部审核",
            Self::Submit => "提交",
            Self::Answer => "答复",
            Self::Deliver => "交付",
            Self::Accept => "签收",
            Self::Use => "查用",
            Self::Finish => "提前结束",
            Self::Revoke => "撤销",
            Self::Expire => "到期",
            Self::Destroy => "报送销毁证明",
            Self::Dispute => "提出争议",
            Self::Coordinate => "协调争议",
            Self::Decide => "裁定争议",
        }
    }

    /// Whose step it is; empty where the host alone takes it.
    #[must_use]
    pub const fn sides(self) -> &'static [Side] {
        match self {
            Self::Revise | Self::Review | Self::Submit => &[Side::Asking],
            Self::Accept | Self::Use | Self::Finish | Self::Destroy => &[Side::Asking],
            Self::Answer => &[Side::Providing, Side::Third],
            Self::Deliver | Self::Revoke => &[Side::Providing],
            Self::Dispute => &[Side::Asking, Side::Providing],
            Self::Coordinate | Self::Decide => &[Side::Third],
            Self::Expire => &[],
        }
    }
}

impl State {
    /// The steps that are legal from here, but for those of a dispute that is open.
    #[must_use]
    pub const fn steps(self) -> &'static [StepKind] {
        use StepKind as Kind;
        match self {
            Self::Draft => &[Kind::Revise, Kind::Review],
            Self::InternalReviewed => &[Kind::Revise, Kind::Submit],
            Self::Submitted => &[Kind::Answer],
            Self::Refused => &[Kind::Dispute],
            Self::Approved => &[Kind::Deliver, Kind::Revoke, Kind::Expire, Kind::Dispute],
            Self::Delivered => &[Kind::Accept, Kind::Revoke, Kind::Expire, Kind::Dispute],
            Self::InUse => &[
                Kind::Use,
                Kind::Deliver,
                Kind::Accept,
                Kind::Finish,
                Kind::Revoke,
                Kind::Expire,
                Kind::Dispute,
            ],
            Self::Expired | Self::Revoked => &[Kind::Destroy],
            Self::Destroyed => &[],
        }
    }
}

/// How a dispute is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It stays as it is.
    Stands,
    /// The providing side must answer again.
    AnswerAgain,
    /// The share ends, revocable or not.
    End,
}

impl Outcome {
    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Stands => "维持现状",
            Self::AnswerAgain => "重新答复",
            Self::End => "终止共享",
        }
    }
}
