//! The one error of the workspace. Exactly one file maps it to HTTP (`server`) and one to the contract (`sandbox`).

use serde::{Deserialize, Serialize};

/// The workspace's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done. Every text but [`Error::Internal`]'s is for a person to act on: it says what was wrong,
/// where, and what would be right, in Chinese.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "error", content = "detail", rename_all = "snake_case")]
pub enum Error {
    /// The actor, the grant, the purpose or the data's classification forbids it, and the actor may know that it exists.
    #[error("不允许：{0}")]
    Denied(String),
    /// Values that were refused, all at once.
    #[error("内容有误：{}", Problem::join(.0))]
    Invalid(Vec<Problem>),
    /// There is no such thing, or the actor may not learn that there is.
    #[error("未找到：{0}")]
    NotFound(String),
    /// It has changed since it was read, or its state does not allow the step.
    #[error("状态冲突：{0}")]
    Conflict(String),
    /// A limit was reached.
    #[error("超出限额：{0}")]
    OverQuota(String),
    /// Something that is needed is not there now.
    #[error("暂不可用：{0}")]
    Unavailable(String),
    /// A plugin broke its contract: it trapped, or ran past a limit. Names the pack.
    #[error("插件故障：{0}")]
    Fault(String),
    /// A defect or a broken machine. The text is for the operator's log and is never shown to a caller.
    #[error("内部错误")]
    Internal(String),
}

impl Error {
    /// One refused value.
    pub fn invalid(
        at: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![Problem::new(at, found, expected)])
    }
}

/// A value that was refused: where it stands, what was found, what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A JSON pointer, a column, or the name of a field.
    pub at: String,
    /// What was found there; never the value itself where that is personal.
    pub found: String,
    /// What would be right.
    pub expected: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(
        at: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { at: at.into(), found: found.into(), expected: expected.into() }
    }

    fn join(problems: &[Self]) -> String {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("；")
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}：{}，应为{}", self.at, self.found, self.expected)
    }
}
