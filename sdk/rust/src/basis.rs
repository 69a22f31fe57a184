//! Law as data: where a rule comes from, what it says, and tables of checks.

use std::borrow::Cow;

use serde::Serialize;

use crate::bindings::anshu::governance::types as contract;
use crate::risks::Finding;
use crate::{Reason, RiskLevel};

/// Whether a rule comes from a statute or is set locally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// A statute, regulation or rule (法定).
    Statute,
    /// A local policy, a target that the centre set for itself (政策).
    Policy,
}

/// Where a rule comes from. Statute and policy are always told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Basis {
    article: Cow<'static, str>,
    authority: Authority,
}

impl Basis {
    /// A statute's article, such as "未成年人保护法 第11条".
    #[must_use]
    pub const fn statute(article: &'static str) -> Self {
        Self { article: Cow::Borrowed(article), authority: Authority::Statute }
    }

    /// A local policy's clause.
    #[must_use]
    pub const fn policy(article: &'static str) -> Self {
        Self { article: Cow::Borrowed(article), authority: Authority::Policy }
    }

    /// The article.
    #[must_use]
    pub fn article(&self) -> &str {
        &self.article
    }

    /// Statute or policy.
    #[must_use]
    pub const fn authority(&self) -> Authority {
        self.authority
    }

    pub(crate) fn to_contract(&self) -> contract::Basis {
        contract::Basis {
            article: self.article.clone().into_owned(),
            authority: match self.authority {
                Authority::Statute => contract::Authority::Statute,
                Authority::Policy => contract::Authority::Policy,
            },
        }
    }

    pub(crate) fn from_contract(basis: contract::Basis) -> Self {
        Self {
            article: Cow::Owned(basis.article),
            authority: match basis.authority {
                contract::Authority::Statute => Authority::Statute,
                contract::Authority::Policy => Authority::Policy,
            },
        }
    }
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let authority = match self.authority {
            Authority::Statute => "法定",
            Authority::Policy => "政策",
        };
        write!(f, "{}（{authority}）", self.article)
    }
}

/// One rule of the pack, as a constant: its code, what it says in plain words, where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The rule's code, unique in the pack.
    pub code: &'static str,
    /// What it says, in plain words. For a [`Check`], what is wrong where it is not met.
    pub text: &'static str,
    /// Where it comes from.
    pub basis: Basis,
}

impl Rule {
    /// A rule of a statute.
    #[must_use]
    pub const fn statute(code: &'static str, text: &'static str, article: &'static str) -> Self {
        Self { code, text, basis: Basis::statute(article) }
    }

    /// A rule of a local policy.
    #[must_use]
    pub const fn policy(code: &'static str, text: &'static str, article: &'static str) -> Self {
        Self { code, text, basis: Basis::policy(article) }
    }

    /// As a reason of a decision.
    #[must_use]
    pub fn reason(&self) -> Reason {
        Reason::new(self.text, self.basis.clone())
    }

    /// As a finding on a risk.
    #[must_use]
    pub fn finding(&self) -> Finding {
        Finding::new(self.code, self.text, self.basis.clone())
    }
}

/// A row of a table of rules: when a rule is not met by a `T`, and how grave that is.
///
/// ```
/// use anshu_sdk::{Check, RiskLevel, Rule};
/// struct Room { alarm: bool }
/// const ROOM: &[Check<Room>] = &[Check {
///     rule: Rule::policy("smoke-alarm", "客房没有感烟报警器", "示例办法 第3条"),
///     level: RiskLevel::Larger,
///     broken: |room| !room.alarm,
/// }];
/// let verdict = Check::run(ROOM, &Room { alarm: false });
/// assert_eq!(verdict.level(), Some(RiskLevel::Larger));
/// ```
#[derive(Debug, Clone)]
pub struct Check<T: 'static> {
    /// The rule.
    pub rule: Rule,
    /// What level a breach alone advises.
    pub level: RiskLevel,
    /// Whether it is broken.
    pub broken: fn(&T) -> bool,
}

impl<T: 'static> Check<T> {
    /// Runs a table in its order.
    pub fn run<'a>(table: &'a [Self], subject: &T) -> Verdict<'a> {
        let broken = table.iter().filter(|check| (check.broken)(subject));
        Verdict { broken: broken.map(|check| (&check.rule, check.level)).collect() }
    }
}

/// What a table of checks found.
#[derive(Debug, Clone)]
pub struct Verdict<'a> {
    broken: Vec<(&'a Rule, RiskLevel)>,
}

impl<'a> Verdict<'a> {
    /// Whether every rule is met.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.broken.is_empty()
    }

    /// The rules that are not met, in the table's order.
    pub fn broken(&self) -> impl Iterator<Item = &'a Rule> + '_ {
        self.broken.iter().map(|(rule, _)| *rule)
    }

    /// The gravest level that any of them advises; none where every rule is met.
    #[must_use]
    pub fn level(&self) -> Option<RiskLevel> {
        self.broken.iter().map(|(_, level)| *level).max()
    }

    /// As findings on a risk.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.broken().map(Rule::finding).collect()
    }

    /// As reasons of a decision.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        self.broken().map(Rule::reason).collect()
    }
}
