//! The provisions that this pack carries out, as data. Most limits here are "at once": they have no number, so none is given;
//! what the centre sets for itself says that it is policy.

use anshu_sdk::Rule;

/// Who spots harm, or the danger of it, reports at once.
pub static REPORT: Rule = Rule::statute(
    "report-at-once",
    "发现未成年人身心健康受到侵害、疑似受到侵害或者面临其他危险情形的，应当立即向公安、民政、教育等部门报告；\
     疑似即应报告，不以查实为前提；法律没有规定小时数，只计已用时间",
    "未成年人保护法 第11条",
);
/// Which situations that means in the joint opinion of nine organs.
pub static SITUATIONS: Rule = Rule::statute(
    "nine-situations",
    "属于应当报告的情形，报告对象为公安机关，不得由单位内部先行调查后再决定是否报告",
    "未成年人保护法 第11条；关于建立侵害未成年人案件强制报告制度的意见（试行） 第4条",
);
/// Failing to report has consequences.
pub static FAILURE: Rule = Rule::statute(
    "failure-to-report",
    "应当报告而不报告，造成严重后果的，对直接负责的主管人员和其他直接责任人员依法给予处分",
    "未成年人保护法 第117条",
);
/// The reporter's own authority is told as well.
pub static SUPERIOR: Rule = Rule::policy(
    "superior",
    "向公安机关报告的同时，报本单位主管部门备案；备案不能代替报告，也不是报告的前提",
    "关于建立侵害未成年人案件强制报告制度的意见（试行）（备案要求）",
);
/// The one who reported is told how it went on, and stays unknown to others.
pub static TELL_REPORTER: Rule = Rule::statute(
    "tell-reporter",
    "有关部门接到报告后应当依法及时受理、处置，并以适当方式将处理结果告知报告的单位和人员",
    "未成年人保护法 第11条第三款",
);
/// No identifying disclosure.
pub static NO_DISCLOSURE: Rule = Rule::statute(
    "no-disclosure",
    "不得披露未成年人的姓名、影像、住所、就读学校以及其他可能识别其身份的信息",
    "未成年人保护法 第103条",
);
/// Under 14 everything about the child is sensitive.
pub static UNDER_14: Rule = Rule::statute(
    "under-14",
    "不满十四周岁未成年人的个人信息为敏感个人信息，仅限办理本事项所必需",
    "个人信息保护法 第28条",
);
/// How a child is heard.
pub static INTERVIEW: Rule = Rule::statute(
    "interview",
    "询问未成年被害人应当通知法定代理人或者合适成年人到场，女性由女性工作人员进行，同步录音录像，尽量一次完成",
    "未成年人保护法 第110条至第112条",
);
/// The procuratorate supervises.
pub static PROCURATORATE: Rule = Rule::statute(
    "procuratorate",
    "人民检察院对涉及未成年人的诉讼活动等依法进行监督",
    "未成年人保护法 第105条",
);
/// Lodging: suspicion is reported at once, and the guardian contacted.
pub static LODGING: Rule = Rule::statute(
    "lodging",
    "接待未成年人入住应当询问监护人联系方式和同住关系；发现有违法犯罪嫌疑的，应当立即向公安机关报告，并及时联系监护人",
    "未成年人保护法 第57条",
);
/// Under 16 nobody lives apart from a guardian.
pub static UNDER_16: Rule = Rule::statute(
    "under-16",
    "监护人不得使未满 16 周岁的未成年人脱离监护单独生活，应当核实监护情况",
    "未成年人保护法 第21条",
);
/// Whoever takes in a minor who left home contacts the guardian or the school, otherwise the police.
pub static SHELTER: Rule = Rule::statute(
    "shelter",
    "收留离家出走、夜不归宿的未成年人，应当及时联系监护人或者学校；无法取得联系的，应当及时向公安机关报告",
    "预防未成年人犯罪法 第35条",
);
/// The state steps in as guardian for a time.
pub static TEMPORARY_GUARDIANSHIP: Rule = Rule::statute(
    "temporary-guardianship",
    "暂时查找不到监护人，或者监护人不能、不履行监护职责，或者未成年人须与侵害人隔离等情形，由民政部门临时监护",
    "未成年人保护法 第92条",
);
/// The rhythm of visits is the centre's own.
pub static FOLLOW_UP: Rule = Rule::policy(
    "follow-up",
    "回访间隔由本中心确定，未另行指定时为 30 日；法律没有规定回访期限",
    "未成年人保护事项回访间隔（本中心政策）",
);
/// A closed case is kept apart.
pub static SEALED: Rule = Rule::statute(
    "sealed",
    "办结后档案单独保管，依法应当封存的予以封存，非经法定程序不得查询、使用",
    "未成年人保护法 第103条",
);

/// All rules, for tests and for whoever looks them up.
pub static ALL: [&Rule; 15] = [
    &REPORT,
    &SITUATIONS,
    &FAILURE,
    &SUPERIOR,
    &TELL_REPORTER,
    &NO_DISCLOSURE,
    &UNDER_14,
    &INTERVIEW,
    &PROCURATORATE,
    &LODGING,
    &UNDER_16,
    &SHELTER,
    &TEMPORARY_GUARDIANSHIP,
    &FOLLOW_UP,
    &SEALED,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_articles_are_stated() {
        let codes: std::collections::BTreeSet<_> = ALL.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), ALL.len());
        assert!(ALL.iter().all(|rule| !rule.basis.article().is_empty()));
    }

    #[test]
    fn what_the_law_leaves_open_is_policy() {
        for rule in [&FOLLOW_UP, &SUPERIOR] {
            assert_eq!(rule.basis.authority(), anshu_sdk::Authority::Policy);
        }
        assert_eq!(REPORT.basis.authority(), anshu_sdk::Authority::Statute);
    }
}
