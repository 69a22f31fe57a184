//! What protects a child after the report, and who owes it.

use anshu_sdk::{Choice, Rule};
use serde::{Deserialize, Serialize};

/// A measure of a protection plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Treatment.
    #[anshu(title = "医疗救治")]
    Treatment,
    /// Psychological help.
    #[anshu(title = "心理干预")]
    Psychology,
    /// Legal aid.
    #[anshu(title = "法律援助、司法救助")]
    LegalAid,
    /// Another school.
    #[anshu(title = "转学安置")]
    School,
    /// Economic help.
    #[anshu(title = "经济救助")]
    Economy,
    /// Guardianship for a time.
    #[anshu(title = "临时监护")]
    Guardianship,
    /// A court's protection order.
    #[anshu(title = "申请人身安全保护令")]
    ProtectionOrder,
    /// The guardian is warned and taught.
    #[anshu(title = "训诫监护人、责令接受家庭教育指导")]
    FamilyGuidance,
    /// Guardianship is taken away.
    #[anshu(title = "申请撤销监护人资格")]
    Revocation,
    /// Visits.
    #[anshu(title = "走访关爱")]
    Visits,
}

static TREATMENT: Rule =
    Rule::statute("treatment", "对未成年被害人及时救治", "未成年人保护法 第111条");
static PSYCHOLOGY: Rule = Rule::statute(
    "psychology",
    "对未成年被害人及其家庭实施必要的心理干预",
    "未成年人保护法 第111条",
);
static LEGAL_AID: Rule = Rule::statute(
    "legal-aid",
    "对需要法律援助或者司法救助的未成年人给予帮助",
    "未成年人保护法 第104条",
);
static SCHOOL: Rule =
    Rule::statute("school", "对未成年被害人给予转学安置等保护", "未成年人保护法 第111条");
static ECONOMY: Rule =
    Rule::statute("economy", "对未成年被害人及其家庭给予必要的经济救助", "未成年人保护法 第111条");
static ORDER: Rule = Rule::statute(
    "protection-order",
    "可以代为向人民法院申请人身安全保护令",
    "反家庭暴力法 第23条",
);
static GUIDANCE: Rule = Rule::statute(
    "guidance",
    "对不依法履行监护职责的予以训诫，可以责令接受家庭教育指导",
    "未成年人保护法 第118条",
);
static REVOCATION: Rule = Rule::statute(
    "revocation",
    "监护人严重侵害的，可以依法申请撤销监护人资格",
    "未成年人保护法 第108条",
);
static VISITS: Rule =
    Rule::statute("visits", "专人专岗负责未成年人保护工作，协助走访关爱", "未成年人保护法 第43条");

impl Measure {
    /// The function of the unit that owes it.
    #[must_use]
    pub fn function(self) -> &'static str {
        match self {
            Self::Treatment | Self::Psychology => "health",
            Self::LegalAid => "procuratorate",
            Self::School => "education",
            Self::Economy | Self::Guardianship | Self::Revocation => "civil-affairs",
            Self::ProtectionOrder | Self::FamilyGuidance => "public-security",
            Self::Visits => "subdistrict",
        }
    }

    /// Where it comes from.
    #[must_use]
    pub fn rule(self) -> &'static Rule {
        match self {
            Self::Treatment => &TREATMENT,
            Self::Psychology => &PSYCHOLOGY,
            Self::LegalAid => &LEGAL_AID,
            Self::School => &SCHOOL,
            Self::Economy => &ECONOMY,
            Self::Guardianship => &crate::law::TEMPORARY_GUARDIANSHIP,
            Self::ProtectionOrder => &ORDER,
            Self::FamilyGuidance => &GUIDANCE,
            Self::Revocation => &REVOCATION,
            Self::Visits => &VISITS,
        }
    }
}
