//! Which bin a case belongs in: a pure function of a few facts and the declared transition.

use serde::{Deserialize, Serialize};

use super::{Bin, Reach, Transition, Whose};

/// What placing a case rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Whether semver calls the case's version and the new one compatible.
    pub compatible: bool,
    /// Running clocks whose limit another takes the place of.
    pub ends: Vec<Moved>,
    /// The substage that the case is in and that the new version neither has nor maps.
    pub lost_substage: Option<String>,
    /// Whether the case goes to another substage.
    pub remapped: bool,
    /// What must be filled in by now and is not, in words.
    pub missing: Vec<String>,
    /// The function whose units are to handle it instead.
    pub handed_to: Option<String>,
    /// Whether the centre has said how much notice a shorter limit leaves.
    pub notice_known: bool,
    /// Whether the case has gone to another stage since the plan was made.
    pub next_stage: bool,
    /// What the pack answered.
    pub answered: Answered,
    /// A clock that cannot be changed, in words.
    pub stuck: Option<String>,
}

/// How a limit's end moves, and whose time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moved {
    /// Whose time it is.
    pub whose: Whose,
    /// Which way.
    pub shift: Shift,
}

/// Which way an end moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// It comes earlier.
    Sooner,
    /// It stays.
    Same,
    /// It comes later.
    Later,
}

/// What the pack said that was asked about a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Answered {
    /// It was not asked.
    #[default]
    NotAsked,
    /// The case may go on.
    GoesOn,
    /// A person must look, and why.
    Manual(String),
    /// It failed; the words name the culprit.
    Failed(String),
}

/// Where a case belongs, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The bin.
    pub bin: Bin,
    /// In words.
    pub reason: String,
    /// Whether it is moved only when it goes to its next stage.
    pub deferred: bool,
}

/// Places a case. What is in doubt is a person's to decide; what would burden the person concerned under
/// [`Reach::Favourable`] stays as it is.
#[must_use]
pub fn place(facts: &Facts, transition: Option<&Transition>) -> Placed {
    let Some(transition) = transition else { return undeclared(facts) };
    match transition.rule {
        Reach::NewOnly => {
            return put(Bin::Stays, said(transition, "只适用于新收事项，本事项按原版本办结"));
        }
        Reach::Manual => return put(Bin::Person, said(transition, "须由承办人逐案确认")),
        Reach::Favourable => {
            if let Some(why) = not_in_favour(facts, transition) {
                return put(Bin::Stays, said(transition, why));
            }
        }
        Reach::NextStage | Reach::Immediate => {}
    }
    if let Some(doubt) = doubt(facts) {
        return put(Bin::Person, doubt);
    }
    let deferred = transition.rule == Reach::NextStage && !facts.next_stage;
    if deferred {
        let reason = said(transition, "进入下一环节时衔接");
        return Placed { bin: Bin::Automatic, reason, deferred };
    }
    if facts.remapped || !facts.ends.is_empty() {
        put(Bin::Automatic, said(transition, "按声明自动衔接"))
    } else {
        put(Bin::Unaffected, said(transition, "本事项的时限、环节和材料不变，只改由新版本办理"))
    }
}

/// No declared transition reaches the case.
fn undeclared(facts: &Facts) -> Placed {
    if !facts.compatible {
        let reason = "插件没有声明此类事项的衔接方式，按原版本办结（默认只适用于新案）";
        return put(Bin::Stays, reason.into());
    }
    match doubt(facts) {
        Some(doubt) => put(Bin::Person, doubt),
        None => {
            put(Bin::Unaffected, "兼容升级：本事项的时限、环节和材料不变，只改由新版本办理".into())
        }
    }
}

/// Why a person must look.
fn doubt(facts: &Facts) -> Option<String> {
    match &facts.answered {
        Answered::Failed(why) => return Some(format!("逐案询问插件时出现故障，须人工确认：{why}")),
        Answered::Manual(why) => return Some(format!("插件认为须人工确认：{why}")),
        Answered::NotAsked | Answered::GoesOn => {}
    }
    if let Some(why) = &facts.stuck {
        return Some(format!("时限不能自动改计：{why}"));
    }
    if let Some(substage) = &facts.lost_substage {
        return Some(format!("现处的子环节“{substage}”在新版本中没有对应"));
    }
    if !facts.missing.is_empty() {
        return Some(format!("新规定要求的材料尚缺：{}", facts.missing.join("、")));
    }
    if let Some(function) = &facts.handed_to {
        return Some(format!("承办职能改为“{function}”，须人工移交"));
    }
    let sooner = facts.ends.iter().any(|end| end.shift == Shift::Sooner);
    if sooner && !facts.notice_known {
        return Some("时限将缩短，而本中心没有设定最短提前告知期（方案的 notice）".into());
    }
    None
}

/// Why the new rule is not in favour of the person concerned; none where it is.
fn not_in_favour(facts: &Facts, transition: &Transition) -> Option<&'static str> {
    let any = |whose, shift| facts.ends.contains(&Moved { whose, shift });
    if any(Whose::Party, Shift::Sooner) {
        Some("会缩短当事人的时间，按原版本办结")
    } else if any(Whose::Authority, Shift::Later) {
        Some("会让当事人等候更久，按原版本办结")
    } else if !facts.missing.is_empty() {
        Some("会要求当事人补交材料，按原版本办结")
    } else if !transition.eases && !any(Whose::Party, Shift::Later) {
        Some("对当事人没有更有利之处，按原版本办结")
    } else {
        None
    }
}

fn put(bin: Bin, reason: String) -> Placed {
    Placed { bin, reason, deferred: false }
}

fn said(transition: &Transition, words: &str) -> String {
    match &transition.basis {
        Some(basis) => format!("{}（依据：{basis}）：{words}", transition.rule.title()),
        None => format!("{}：{words}", transition.rule.title()),
    }
}
