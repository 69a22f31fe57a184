//! What a person fills in, and what a case keeps. Everything about a child is level 4; a report needs next to nothing.

use anshu_sdk::{Choice, Date, Division, Facet, Form, Id};
use serde::{Deserialize, Serialize};

use crate::measure::Measure;
use crate::situation::Situation;

/// A child whom a report is about. It says who, and nothing of what happened.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(
    name = "minors.child",
    on = "person",
    title = "受保护的未成年人",
    purpose = "minor-protection",
    ground = "未成年人保护法 第11条",
    retention = "P10Y"
)]
pub struct Child {
    /// The birth date, where known.
    #[anshu(title = "出生日期", level = "L4", tags = "personal minor", mask = "year")]
    pub birth_date: Option<Date>,
}

/// A report. Only the situation and a few words are needed; who the child is may be unknown.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "report",
    title = "强制报告",
    purpose = "minor-protection",
    ground = "未成年人保护法 第11条",
    retention = "P10Y"
)]
pub struct Report {
    /// Where.
    #[anshu(
        section = "发现的情况（疑似即应报告，不必先查实）",
        title = "发现地",
        level = "L1",
        format = "division"
    )]
    pub division: Division,
    /// What.
    #[anshu(title = "属于哪种情形", level = "L4", tags = "personal minor")]
    pub situation: Situation,
    /// In words.
    #[anshu(title = "发现了什么", level = "L4", tags = "personal minor", min = 1, max = 2000)]
    pub details: String,
    /// Where the child is now.
    #[anshu(
        title = "未成年人现在何处、是否安全",
        level = "L4",
        tags = "personal minor",
        max = 200
    )]
    pub whereabouts: Option<String>,
    /// The child's name.
    #[anshu(
        section = "未成年人（知道多少填多少）",
        cols = 2,
        title = "姓名",
        level = "L4",
        tags = "personal minor",
        mask = "name",
        max = 60
    )]
    pub child_name: Option<String>,
    /// The child's resident number.
    #[anshu(
        title = "居民身份证号码",
        level = "L4",
        tags = "personal minor",
        mask = "resident_id",
        max = 40
    )]
    pub child_number: Option<String>,
    /// The child's birth date.
    #[anshu(title = "出生日期", level = "L4", tags = "personal minor", mask = "year")]
    pub birth_date: Option<Date>,
    /// The reporter's unit. Who reported is kept from everybody who works on the matter.
    #[anshu(
        section = "报告人（保密，不随事项流转）",
        cols = 2,
        title = "报告单位",
        level = "L4",
        tags = "personal informant",
        max = 60
    )]
    pub reporter_unit: Option<String>,
    /// The reporter's name.
    #[anshu(title = "报告人", level = "L4", tags = "personal informant", max = 60)]
    pub reporter_name: Option<String>,
    /// How to reach the reporter.
    #[anshu(title = "报告人电话", level = "L4", tags = "personal informant", max = 20)]
    pub reporter_phone: Option<String>,
}

/// What the case keeps of a report: not who reported.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "situation",
    title = "报告内容",
    purpose = "minor-protection",
    ground = "未成年人保护法 第11条",
    retention = "P10Y"
)]
pub struct Reported {
    /// What.
    #[anshu(title = "情形", level = "L4", tags = "personal minor")]
    pub situation: Situation,
    /// In words.
    #[anshu(title = "发现了什么", level = "L4", tags = "personal minor", max = 2000)]
    pub details: String,
    /// Where the child is now.
    #[anshu(
        title = "未成年人现在何处、是否安全",
        level = "L4",
        tags = "personal minor",
        max = 200
    )]
    pub whereabouts: Option<String>,
    /// Completed years on the day, where known.
    #[anshu(title = "当日周岁", level = "L4", tags = "personal minor", min = 0, max = 17)]
    pub age: Option<u16>,
}

/// The clock of a case, so that it can be stopped.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "clock", title = "计时")]
pub struct Running {
    /// The clock.
    #[anshu(title = "时限", level = "L1", format = "clock-ref", max = 120)]
    pub clock: String,
}

/// How the police took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Taken {
    /// Received.
    #[anshu(title = "已接报受理")]
    Received,
    /// An administrative case.
    #[anshu(title = "作为行政案件办理")]
    Administrative,
    /// A criminal case.
    #[anshu(title = "刑事立案")]
    Criminal,
    /// Not filed.
    #[anshu(title = "不予立案（说明理由）")]
    NotFiled,
    /// Transferred to the police that have jurisdiction.
    #[anshu(title = "移送有管辖权的公安机关")]
    Transferred,
}

/// The police's receipt. When it came is the time of the fact.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "police-receipt", title = "公安机关接报回执")]
pub struct PoliceReceipt {
    /// How they took it.
    #[anshu(title = "处理", level = "L2")]
    pub taken: Taken,
    /// Its number.
    #[anshu(title = "接报、受案或者立案编号", level = "L2", min = 1, max = 64)]
    pub number: String,
    /// Who took it.
    #[anshu(title = "接报单位", level = "L2", min = 1, max = 60)]
    pub station: String,
    /// Why not, where it was not filed.
    #[anshu(title = "理由", help = "不予立案、移送的填写", level = "L2", max = 500)]
    pub reason: Option<String>,
}

/// What is to be done for the child.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "protection-plan",
    title = "制定保护方案",
    purpose = "minor-protection",
    ground = "未成年人保护法 第111条",
    retention = "P10Y"
)]
pub struct ProtectionPlan {
    /// Measures.
    #[anshu(title = "保护措施", level = "L4", tags = "personal minor", min = 1, max = 10)]
    pub measures: Vec<Measure>,
    /// What the child wants, where the child can say so.
    #[anshu(title = "未成年人本人意愿", level = "L4", tags = "personal minor", max = 500)]
    pub wishes: Option<String>,
}

/// How the child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Safe.
    #[anshu(title = "安全，照料落实")]
    Safe,
    /// Measures do not reach.
    #[anshu(title = "措施没有落实，需要调整")]
    Lacking,
    /// In danger.
    #[anshu(title = "面临新的侵害或者危险")]
    Danger,
}

/// Somebody looked after the child.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "follow-up",
    title = "回访",
    purpose = "minor-protection",
    ground = "未成年人保护法 第11条",
    retention = "P10Y"
)]
pub struct FollowUp {
    /// How the child is.
    #[anshu(title = "回访情况", level = "L4", tags = "personal minor")]
    pub condition: Condition,
    /// In words.
    #[anshu(title = "说明", level = "L4", tags = "personal minor", max = 1000)]
    pub details: Option<String>,
    /// Days until the next visit.
    #[anshu(
        title = "下次回访间隔（日）",
        help = "不填写时为 30 日（本中心政策）",
        level = "L1",
        min = 1,
        max = 365
    )]
    pub next_days: Option<u16>,
}

/// Whether the reporter was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum ReporterTold {
    /// Told.
    #[anshu(title = "已以适当方式告知报告人")]
    Told,
    /// Nobody left a name.
    #[anshu(title = "匿名报告，无法告知")]
    Anonymous,
}

/// The matter ends.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "close-out",
    title = "办结归档",
    purpose = "minor-protection",
    ground = "未成年人保护法 第11条",
    retention = "P10Y"
)]
pub struct CloseOut {
    /// What came of it.
    #[anshu(title = "办理结果", level = "L4", tags = "personal minor", min = 1, max = 1000)]
    pub result: String,
    /// Whether the reporter was told.
    #[anshu(title = "告知报告人", level = "L2")]
    pub reporter: ReporterTold,
}

/// What a case of an unaccompanied stay keeps.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "stay",
    title = "单独入住情况",
    purpose = "minor-protection",
    ground = "未成年人保护法 第57条",
    retention = "P3Y"
)]
pub struct StayHeard {
    /// Where.
    #[anshu(title = "场所", level = "L2")]
    pub place: Id,
    /// How many.
    #[anshu(title = "未成年人数", level = "L2", min = 1, max = 20)]
    pub count: u16,
    /// The youngest, in completed years.
    #[anshu(title = "最小周岁", level = "L4", tags = "personal minor", min = 0, max = 17)]
    pub youngest: u16,
    /// Whether the guardian knows, in words.
    #[anshu(title = "与监护人联系情况", level = "L2", max = 40)]
    pub guardian: String,
    /// Signs of concern, in words.
    #[anshu(title = "可疑情形", level = "L4", tags = "personal minor", max = 20)]
    pub signs: Vec<String>,
}

/// How contact with the guardian went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Reached {
    /// Came.
    #[anshu(title = "监护人已接回")]
    Collected,
    /// Knows and sees to it.
    #[anshu(title = "监护人知情并已安排照料")]
    Arranged,
    /// Still not reached.
    #[anshu(title = "仍未联系上监护人")]
    Unreached,
    /// Harm was found.
    #[anshu(title = "发现或者疑似遭受侵害")]
    Harm,
}

/// The guardian was contacted.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "guardian-result",
    title = "监护人联系结果",
    purpose = "minor-protection",
    ground = "未成年人保护法 第57条",
    retention = "P3Y"
)]
pub struct GuardianResult {
    /// How it went.
    #[anshu(title = "结果", level = "L4", tags = "personal minor")]
    pub reached: Reached,
    /// In words.
    #[anshu(title = "说明", level = "L4", tags = "personal minor", max = 1000)]
    pub details: Option<String>,
}

/// The matter of an unaccompanied stay ends.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "close-stay",
    title = "办结单独入住事项",
    purpose = "minor-protection",
    ground = "未成年人保护法 第57条",
    retention = "P3Y"
)]
pub struct CloseStay {
    /// What came of it, and who was told.
    #[anshu(
        title = "处理结果和告知情况",
        level = "L4",
        tags = "personal minor",
        min = 1,
        max = 1000
    )]
    pub result: String,
}
