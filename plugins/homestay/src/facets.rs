//! What this pack adds to places, organisations, people and stays.
//!
//! A stay is two facets: how it stands (no personal data), and who is in it. So whoever may see that a room is taken need not
//! see by whom. Minors are kept apart from adults, at level 4.

use anshu_sdk::{Choice, Date, Facet, Id, Instant, Part};
use serde::{Deserialize, Serialize};

use crate::inspection::{Facility, Letting};
use crate::regime::{Regime, Status};

/// Where what is known of a room's equipment comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The operator or a platform says so.
    #[anshu(title = "经营者或者平台申报")]
    Declared,
    /// An inspector saw it.
    #[anshu(title = "现场检查")]
    OnSite,
}

/// A room that is let by the day.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(name = "homestay.room", on = "place", title = "房源")]
pub struct Room {
    /// The room's code (一房一码), or the code that it was recorded under.
    #[anshu(title = "房源编码", level = "L1", index, max = 64)]
    pub code: Option<String>,
    /// What it is in law.
    #[anshu(title = "管理类别", level = "L1", index)]
    pub regime: Regime,
    /// How it is let.
    #[anshu(title = "出租方式", level = "L1")]
    pub letting: Letting,
    /// Where it stands.
    #[anshu(title = "状态", level = "L1", index)]
    pub status: Status,
    /// Who runs it.
    #[anshu(title = "经营者", level = "L2", index)]
    pub operator: Option<Id>,
    /// Beds, where known.
    #[anshu(title = "床位数", level = "L1", min = 0, max = 200)]
    pub beds: Option<u16>,
    /// How many people it takes.
    #[anshu(title = "可住人数", level = "L1", min = 1, max = 200)]
    pub capacity: u16,
    /// Where it is, in words.
    #[anshu(title = "所在片区或者地址", level = "L2", max = 200)]
    pub area: Option<String>,
    /// What it is equipped with.
    #[anshu(title = "安全设施", level = "L1", max = 20)]
    pub facilities: Vec<Facility>,
    /// Whether gas is used.
    #[anshu(title = "使用燃气", level = "L1")]
    pub gas: bool,
    /// Whether there is a camera in a guest room. None: not known; nothing is assumed.
    #[anshu(title = "客房内有摄像设备", level = "L1")]
    pub room_camera: Option<bool>,
    /// Where the above comes from.
    #[anshu(title = "设施信息来源", level = "L1")]
    pub source: Source,
    /// When it was last compared with the rules.
    #[anshu(title = "最近核对日期", level = "L1")]
    pub inspected_on: Date,
    /// The rules that it did not meet then, by code.
    #[anshu(title = "未达到的要求", level = "L1", max = 20)]
    pub failed: Vec<String>,
}

/// An operator that is an organisation, or an account of which only a code is known.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(
    name = "homestay.operator",
    on = "organisation",
    title = "房源经营者（单位）",
    purpose = "room-filing",
    ground = "重庆市平安建设条例 第36条第三款",
    retention = "P3Y"
)]
pub struct Operator {
    /// Where it comes from.
    #[anshu(title = "来源", level = "L1", max = 60)]
    pub source: String,
    /// How to reach it.
    #[anshu(title = "联系电话", level = "L3", tags = "personal", mask = "phone", max = 20)]
    pub phone: Option<String>,
}

/// An operator who is a natural person.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(
    name = "homestay.operator-person",
    on = "person",
    title = "房源经营者（个人）",
    purpose = "room-filing",
    ground = "重庆市平安建设条例 第36条第三款",
    retention = "P3Y"
)]
pub struct OperatorPerson {
    /// How to reach them.
    #[anshu(title = "联系电话", level = "L3", tags = "personal", mask = "phone", max = 20)]
    pub phone: Option<String>,
}

/// How a stay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "kebab-case")]
pub enum StayState {
    /// Guests are there.
    #[anshu(title = "在住")]
    In,
    /// Guests have left.
    #[anshu(title = "已退房")]
    Out,
}

/// A stay, without who is in it.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(name = "homestay.stay", on = "thing", title = "住宿登记")]
pub struct Stay {
    /// The room.
    #[anshu(title = "房源", level = "L2", format = "place-ref", index)]
    pub room: Id,
    /// How it stands.
    #[anshu(title = "状态", level = "L2", index)]
    pub state: StayState,
    /// When the guests came.
    #[anshu(title = "入住时间", level = "L2")]
    pub checked_in_at: Instant,
    /// When they left.
    #[anshu(title = "退房时间", level = "L2")]
    pub checked_out_at: Option<Instant>,
    /// How many they are.
    #[anshu(title = "人数", level = "L2", min = 1, max = 20)]
    pub guests: u16,
    /// The receipt for the registration that was sent to the police.
    #[anshu(title = "登记报送回执", level = "L2", max = 64)]
    pub uploaded: Option<String>,
    /// Whether the 24 hours for guests from abroad apply to it.
    #[anshu(title = "有须在 24 小时内登记的住客", level = "L2")]
    pub abroad: bool,
    /// The receipt for those.
    #[anshu(title = "境外人员住宿登记回执", level = "L2", max = 64)]
    pub abroad_registered: Option<String>,
}

/// Who is in a stay.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(name = "homestay.party", on = "thing", title = "同住人员")]
pub struct Party {
    /// The adults.
    #[anshu(title = "成年住客", max = 20)]
    pub adults: Vec<Occupant>,
    /// Those under 18.
    #[anshu(title = "未成年住客", max = 20)]
    pub minors: Vec<MinorOccupant>,
}

/// An adult in a stay. A stay tells where somebody was: location data.
#[derive(Debug, Clone, Serialize, Deserialize, Part)]
#[anshu(purpose = "lodging-registration", ground = "反恐怖主义法 第21条", retention = "P3Y")]
pub struct Occupant {
    /// The person.
    #[anshu(
        title = "人员",
        level = "L3",
        tags = "personal location",
        format = "person-ref",
        index
    )]
    pub person: Id,
    /// What the others are to them, in words.
    #[anshu(title = "与同住人员关系", level = "L3", tags = "personal", max = 40)]
    pub relation: Option<String>,
}

/// A minor in a stay.
#[derive(Debug, Clone, Serialize, Deserialize, Part)]
#[anshu(purpose = "minor-protection", ground = "未成年人保护法 第57条", retention = "P3Y")]
pub struct MinorOccupant {
    /// The person.
    #[anshu(
        title = "人员",
        level = "L4",
        tags = "personal minor location",
        format = "person-ref",
        index
    )]
    pub person: Id,
    /// Years of age on the day of check-in.
    #[anshu(title = "入住日周岁", level = "L4", tags = "personal minor", min = 0, max = 17)]
    pub age: u16,
    /// What the others are to them, in words.
    #[anshu(title = "与同住人员关系", level = "L4", tags = "personal minor", max = 40)]
    pub relation: Option<String>,
    /// Father, mother or other guardian.
    #[anshu(title = "监护人姓名", level = "L4", tags = "personal minor", mask = "name", max = 60)]
    pub guardian_name: Option<String>,
    /// How to reach the guardian.
    #[anshu(title = "监护人电话", level = "L4", tags = "personal minor", mask = "phone", max = 20)]
    pub guardian_phone: Option<String>,
    /// Whether the guardian was reached, in words.
    #[anshu(title = "与监护人联系情况", level = "L4", tags = "personal minor", max = 40)]
    pub guardian_contact: Option<String>,
}

/// An adult who was registered as a guest.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(
    name = "homestay.guest",
    on = "person",
    title = "住客",
    purpose = "lodging-registration",
    ground = "反恐怖主义法 第21条",
    retention = "P3Y"
)]
pub struct Guest {
    /// The birth date.
    #[anshu(title = "出生日期", level = "L3", tags = "personal", mask = "year")]
    pub birth_date: Date,
    /// The nationality, by its three letters (GB/T 2659); none for residents of the mainland.
    #[anshu(title = "国籍代码", level = "L3", tags = "personal", max = 3)]
    pub nationality: Option<String>,
    /// How to reach them.
    #[anshu(title = "联系电话", level = "L3", tags = "personal", mask = "phone", max = 20)]
    pub phone: Option<String>,
}

/// A minor who was registered as a guest.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(
    name = "homestay.minor-guest",
    on = "person",
    title = "未成年住客",
    purpose = "minor-protection",
    ground = "未成年人保护法 第57条",
    retention = "P3Y"
)]
pub struct MinorGuest {
    /// The birth date.
    #[anshu(title = "出生日期", level = "L4", tags = "personal minor", mask = "year")]
    pub birth_date: Date,
    /// The nationality, by its three letters; none for residents of the mainland.
    #[anshu(title = "国籍代码", level = "L4", tags = "personal minor", max = 3)]
    pub nationality: Option<String>,
}
