//! What a question to the policies depends on, and nothing else: so people in like posts share the answer.

use std::collections::BTreeSet;
use std::fmt;

use anshu_model::Id;

/// What was stated and approved for the record that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Look {
    /// The purpose's matter names the record.
    pub(crate) served: bool,
    /// A ground was stated for it.
    pub(crate) stated: bool,
    /// A named approver agreed.
    pub(crate) approved: bool,
    /// Emergency access is in force.
    pub(crate) emergency: bool,
}

/// Everything on which an answer depends: so people in like posts share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) who: Who,
    pub(crate) code: String,
    pub(crate) grounded: bool,
    pub(crate) serves: bool,
    pub(crate) acts: bool,
    pub(crate) ceiling: i64,
    pub(crate) look: Look,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// By post; by name too where a policy names somebody.
    Person(BTreeSet<String>, i64, Option<Id>),
    Duty(i64, Option<String>),
    System(Option<String>),
}

/// What is done to a class of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    Read,
    Glimpse,
    Write,
    Collect,
}

impl Touch {
    pub(crate) const ALL: [Self; 4] = [Self::Read, Self::Glimpse, Self::Write, Self::Collect];

    /// As policies call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Glimpse => "glimpse",
            Self::Write => "write",
            Self::Collect => "collect",
        }
    }
}

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "读取",
            Self::Glimpse => "以遮盖形式读取",
            Self::Write => "改写",
            Self::Collect => "收集",
        })
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(roles, clearance, _) => {
                let roles: Vec<_> = roles.iter().map(String::as_str).collect();
                write!(f, "岗位 {}（密级 {clearance}）", roles.join("、"))
            }
            Self::Duty(clearance, _) => write!(f, "插件职责（密级 {clearance}）"),
            Self::System(_) => f.write_str("系统任务"),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |yes: bool, word: &'static str| if yes { word } else { "" };
        write!(
            f,
            "{}{}{}{}{}{}{}",
            if self.grounded { "有依据" } else { "无依据" },
            word(self.serves, "、称为所办事项"),
            word(self.look.served, "、所办事项在办且涉及该记录"),
            word(self.look.stated, "、已说明查阅依据"),
            word(self.look.approved, "、已批准"),
            word(self.look.emergency, "、紧急访问"),
            if self.acts {
                format!("、通过获准 {} 级的插件", self.ceiling)
            } else {
                String::new()
            },
        )
    }
}

impl Key {
    /// Somebody with a ground who serves nothing, without a pack.
    pub(crate) fn plain(who: &Who) -> Self {
        Self {
            who: who.clone(),
            code: "probe".into(),
            grounded: true,
            serves: false,
            acts: false,
            ceiling: 0,
            look: Look::default(),
        }
    }
}
