//! What a person fills in.

use anshu_sdk::{Choice, Date, Division, Form};
use serde::{Deserialize, Serialize};

use crate::guests::{GuestEntry, Sign};
use crate::inspection::{Facility, Letting};
use crate::regime::{Regime, Status};

/// Whether an operator is an organisation or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum OperatorKind {
    /// A company, or an individual business with a credit code.
    #[anshu(title = "单位或者个体工商户")]
    Organisation,
    /// A natural person.
    #[anshu(title = "个人")]
    Person,
}

/// A new room is filed.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "file-room",
    title = "申报房源备案",
    purpose = "room-filing",
    ground = "重庆市平安建设条例 第36条第三款",
    retention = "P3Y"
)]
pub struct FileRoom {
    /// What it is called.
    #[anshu(section = "房源", cols = 2, title = "房源名称", level = "L1", min = 1, max = 60)]
    pub name: String,
    /// Where it is.
    #[anshu(title = "所在区划", level = "L1", format = "division")]
    pub division: Division,
    /// The address.
    #[anshu(title = "详细地址", level = "L2", min = 1, max = 200)]
    pub address: String,
    /// How it is let.
    #[anshu(title = "出租方式", level = "L1")]
    pub letting: Letting,
    /// Beds.
    #[anshu(title = "床位数", level = "L1", min = 0, max = 200)]
    pub beds: u16,
    /// How many people it takes.
    #[anshu(title = "可住人数", level = "L1", min = 1, max = 200)]
    pub capacity: u16,
    /// What it is equipped with.
    #[anshu(section = "安全", cols = 2, title = "安全设施", level = "L1", max = 20)]
    pub facilities: Vec<Facility>,
    /// Whether gas is used.
    #[anshu(title = "使用燃气", level = "L1")]
    pub gas: bool,
    /// Whether there is a camera in a guest room.
    #[anshu(title = "客房内有摄像设备", level = "L1")]
    pub room_camera: bool,
    /// Whether the owners concerned agreed, where a dwelling is used for business.
    #[anshu(
        title = "有利害关系的业主已一致同意",
        help = "将住宅改变为经营性用房的须取得（民法典第279条）",
        level = "L1"
    )]
    pub owners_agreed: bool,
    /// Who runs it.
    #[anshu(section = "经营者", cols = 2, title = "经营者类型", level = "L1")]
    pub operator_kind: OperatorKind,
    /// The operator's name.
    #[anshu(
        title = "经营者名称或者姓名",
        level = "L3",
        tags = "personal",
        mask = "name",
        min = 1,
        max = 60
    )]
    pub operator_name: String,
    /// Credit code or resident number.
    #[anshu(
        title = "统一社会信用代码或者居民身份证号码",
        level = "L3",
        tags = "personal",
        mask = "resident_id",
        min = 1,
        max = 40
    )]
    pub operator_number: String,
    /// How to reach the operator.
    #[anshu(title = "经营者电话", level = "L3", tags = "personal", mask = "phone", max = 20)]
    pub operator_phone: Option<String>,
}

/// What a filing's case keeps: the declaration without the operator's numbers, which stay with the operator.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "filing", title = "备案申报内容")]
pub struct Filing {
    /// The address.
    #[anshu(title = "详细地址", level = "L2", max = 200)]
    pub address: String,
    /// Whether the owners concerned agreed.
    #[anshu(title = "有利害关系的业主已一致同意", level = "L1")]
    pub owners_agreed: bool,
    /// The clock that the review runs on.
    #[anshu(title = "复核时限", level = "L1", max = 80)]
    pub clock: Option<String>,
}

/// How a review ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Review {
    /// It is filed and gets its code.
    #[anshu(title = "准予备案，赋房源编码")]
    Approve,
    /// It goes back, with what is missing.
    #[anshu(title = "退回，一次告知补正内容")]
    Return,
}

/// A filing is reviewed.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "review-filing", title = "复核房源备案")]
pub struct ReviewFiling {
    /// How it ends.
    #[anshu(title = "复核结果", level = "L1")]
    pub result: Review,
    /// The room's code.
    #[anshu(title = "房源编码", help = "准予备案时填写", level = "L1", max = 64)]
    pub code: Option<String>,
    /// Why, or what is missing.
    #[anshu(title = "意见", level = "L2", min = 1, max = 500)]
    pub opinion: String,
}

/// A room that is already known elsewhere is recorded; imports use it. The same code again updates the room.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "record-room", title = "登记已有房源")]
pub struct RecordRoom {
    /// The code.
    #[anshu(section = "房源", cols = 2, title = "房源编码", level = "L1", min = 1, max = 64)]
    pub code: String,
    /// What it is called.
    #[anshu(title = "房源名称", level = "L1", min = 1, max = 60)]
    pub name: String,
    /// Where it is.
    #[anshu(title = "所在区划", level = "L1", format = "division")]
    pub division: Division,
    /// Where it is, in words.
    #[anshu(title = "所在片区或者地址", level = "L2", max = 200)]
    pub area: Option<String>,
    /// What it is in law.
    #[anshu(title = "管理类别", level = "L1")]
    pub regime: Regime,
    /// How it is let.
    #[anshu(title = "出租方式", level = "L1")]
    pub letting: Letting,
    /// Beds, where known.
    #[anshu(title = "床位数", level = "L1", min = 0, max = 200)]
    pub beds: Option<u16>,
    /// How many people it takes.
    #[anshu(title = "可住人数", level = "L1", min = 1, max = 200)]
    pub capacity: u16,
    /// What it is equipped with.
    #[anshu(section = "安全", cols = 2, title = "安全设施", level = "L1", max = 60)]
    pub facilities: Vec<Facility>,
    /// Whether gas is used.
    #[anshu(title = "使用燃气", level = "L1")]
    pub gas: Option<bool>,
    /// Whether there is a camera in a guest room, where known.
    #[anshu(title = "客房内有摄像设备", level = "L1")]
    pub room_camera: Option<bool>,
    /// Under which code the operator is known.
    #[anshu(section = "经营者", cols = 2, title = "经营者外部编号", level = "L1", max = 64)]
    pub operator_account: Option<String>,
    /// Where the operator's code comes from.
    #[anshu(title = "来源", level = "L1", max = 60)]
    pub source: Option<String>,
}

/// A room is inspected on site.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "inspect-room", title = "现场检查房源")]
pub struct InspectRoom {
    /// What is there.
    #[anshu(title = "现场有的安全设施", level = "L1", max = 20)]
    pub facilities: Vec<Facility>,
    /// Whether gas is used.
    #[anshu(title = "使用燃气", level = "L1")]
    pub gas: bool,
    /// Whether there is a camera in a guest room.
    #[anshu(title = "客房内有摄像设备", level = "L1")]
    pub room_camera: bool,
    /// What else was seen.
    #[anshu(title = "检查情况", level = "L2", max = 500)]
    pub remarks: Option<String>,
}

/// A room changes its state.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "change-status", title = "变更房源状态")]
pub struct ChangeStatus {
    /// The new state.
    #[anshu(title = "变更为", level = "L1")]
    pub status: Status,
    /// Why.
    #[anshu(title = "理由", level = "L2", min = 1, max = 500)]
    pub reason: String,
}

/// Guests are registered. When they came is the time of the fact.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(
    name = "register-guests",
    title = "登记入住",
    purpose = "minor-protection",
    ground = "未成年人保护法 第57条",
    retention = "P3Y"
)]
pub struct RegisterGuests {
    /// Every occupant.
    #[anshu(section = "实际入住的每一个人", title = "住客", min = 1, max = 20)]
    pub guests: Vec<GuestEntry>,
    /// Signs of concern.
    #[anshu(
        section = "有未成年人时",
        title = "可疑情形",
        help = "没有则不选；选了任何一项，都应当立即报告公安机关",
        level = "L4",
        tags = "personal minor",
        max = 6
    )]
    pub signs: Option<Vec<Sign>>,
    /// When they mean to leave.
    #[anshu(section = "其他", title = "预计退房日期", level = "L2")]
    pub planned_leave: Option<Date>,
}

/// Guests leave. When is the time of the fact.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "check-out", title = "登记退房")]
pub struct CheckOut {
    /// Anything left behind, for example.
    #[anshu(title = "备注", level = "L2", max = 200)]
    pub remarks: Option<String>,
}

/// Which registration a receipt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// Sending the registration to the police.
    #[anshu(title = "住宿登记信息报送")]
    Upload,
    /// The 24-hour registration of guests from abroad.
    #[anshu(title = "境外人员（外国人）住宿登记")]
    Abroad,
}

/// A registration was received by the police.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "registration-receipt", title = "记录登记回执")]
pub struct RegistrationReceipt {
    /// Which.
    #[anshu(title = "登记种类", level = "L1")]
    pub registration: Registration,
    /// The receipt's number.
    #[anshu(title = "回执编号", level = "L2", min = 1, max = 64)]
    pub receipt: String,
}
