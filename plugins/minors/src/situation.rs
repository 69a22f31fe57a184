//! The nine situations that must be reported (强制报告), and who shares the work in each. Nobody has to be sure: 疑似 is enough.

use anshu_sdk::Choice;
use serde::{Deserialize, Serialize};

/// A situation that must be reported. They describe what happened to a child, never what a child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Situation {
    /// The first.
    #[anshu(title = "一、生殖器官或者隐私部位有非正常损伤")]
    PrivateInjury,
    /// The second.
    #[anshu(title = "二、不满 14 周岁的女孩遭受或者疑似遭受性侵害、怀孕、流产")]
    SexualUnder14,
    /// The third.
    #[anshu(title = "三、14 周岁以上的女孩因性侵害（含疑似）怀孕、流产")]
    SexualFrom14,
    /// The fourth.
    #[anshu(
        title = "四、多处受伤、严重营养不良、意识不清，疑似遭受家庭暴力、欺凌、虐待、殴打或者被人麻醉"
    )]
    Abuse,
    /// The fifth.
    #[anshu(title = "五、自杀、自残、工伤、中毒、被人麻醉、殴打等非正常原因致伤残、死亡")]
    UnnaturalHarm,
    /// The sixth.
    #[anshu(title = "六、被遗弃或者长期无人照料")]
    Abandoned,
    /// The seventh.
    #[anshu(title = "七、来源不明、失踪，或者被拐卖、收买")]
    MissingOrTrafficked,
    /// The eighth.
    #[anshu(title = "八、被组织乞讨")]
    Begging,
    /// The ninth.
    #[anshu(title = "九、其他严重侵害身心健康，或者正面临不法侵害危险")]
    Other,
}

/// What another organ does in a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Its function.
    pub function: &'static str,
    /// What it does.
    pub title: &'static str,
    /// Under which article.
    pub article: &'static str,
}

const SUPERVISES: Share = Share {
    function: "procuratorate",
    title: "对案件办理依法监督",
    article: "未成年人保护法 第105条",
};
const TREATS: Share = Share {
    function: "health",
    title: "救治伤情，提供心理干预，协助固定证据",
    article: "未成年人保护法 第111条",
};
const SCHOOLS: Share = Share {
    function: "education",
    title: "在校保护和心理辅导，必要时安排转学",
    article: "未成年人保护法 第111条",
};
const LEARNS: Share = Share {
    function: "education",
    title: "核实就学情况，保障受教育权利",
    article: "未成年人保护法 第28条",
};
const GUARDS: Share = Share {
    function: "civil-affairs",
    title: "评估监护状况，符合条件的临时监护",
    article: "未成年人保护法 第92条",
};
const SHELTERS: Share = Share {
    function: "civil-affairs",
    title: "评估监护状况，需要安置的送临时庇护场所、救助机构",
    article: "反家庭暴力法 第15条；未成年人保护法 第92条",
};
const CARES: Share = Share {
    function: "subdistrict",
    title: "由儿童主任了解家庭情况，协助照料和走访",
    article: "未成年人保护法 第43条",
};

impl Situation {
    /// Who shares the work beside the police, who lead.
    #[must_use]
    pub fn shares(self) -> &'static [Share] {
        match self {
            Self::PrivateInjury
            | Self::SexualUnder14
            | Self::SexualFrom14
            | Self::UnnaturalHarm => &[SUPERVISES, TREATS, SCHOOLS, GUARDS, CARES],
            Self::Abuse => &[SUPERVISES, TREATS, SCHOOLS, SHELTERS, CARES],
            Self::Abandoned | Self::MissingOrTrafficked | Self::Begging => {
                &[SUPERVISES, GUARDS, LEARNS, TREATS, CARES]
            }
            Self::Other => &[SUPERVISES, GUARDS, SCHOOLS, TREATS, CARES],
        }
    }

    /// Its number, for titles: a number says nothing about the child.
    #[must_use]
    pub fn number(self) -> &'static str {
        self.title().split('、').next().unwrap_or_default()
    }

    /// What does not fit the child's age, in words. It is a hint for the police; it holds nothing up.
    #[must_use]
    pub fn hint(self, age: u16) -> Option<&'static str> {
        match self {
            Self::SexualUnder14 if age >= 14 => {
                Some("按所填年龄已满 14 周岁，请一并核对是否属于第三种情形")
            }
            Self::SexualFrom14 if age < 14 => {
                Some("按所填年龄不满 14 周岁，属于第二种情形：不论是否自愿都应当报告")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_nine_and_each_is_shared_by_several_organs() {
        assert_eq!(Situation::ALL.len(), 9);
        for situation in Situation::ALL {
            let functions: Vec<_> = situation.shares().iter().map(|share| share.function).collect();
            for function in ["procuratorate", "civil-affairs", "education", "health"] {
                assert!(functions.contains(&function), "{situation:?} {function}");
            }
            assert!(!functions.contains(&"public-security"), "the police lead");
            assert_eq!(situation.number().chars().count(), 1);
        }
    }

    #[test]
    fn an_age_that_does_not_fit_is_a_hint() {
        assert!(Situation::SexualFrom14.hint(13).is_some());
        assert!(Situation::SexualFrom14.hint(14).is_none());
        assert!(Situation::SexualUnder14.hint(14).is_some());
    }
}
