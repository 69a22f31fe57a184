//! The provisions that this pack carries out, as data: code, words, article, and from when until when they are in force.
//!
//! Whoever corrects a date or an article corrects it here and nowhere else. What is binding only as a local rule, as
//! practice or as a pilot says so (policy), and no number is invented: where the law says "at once", there is none.

use anshu_sdk::{Date, Reason, Rule};

/// Whether this is the version after the present one, in which local policy has set shorter limits. Everything that differs
/// between the two versions follows from this, or stands in `transition.rs`.
pub const NEXT: bool = cfg!(feature = "next-law");
/// Hours for sending registrations where local policy sets them.
pub const UPLOAD_HOURS: u32 = if NEXT { 2 } else { 3 };
/// Days for the review of a filing.
pub const REVIEW_DAYS: u32 = if NEXT { 7 } else { 10 };
/// The first day of this version's rules.
pub const IN_FORCE: &str = if NEXT { "2026-11-01" } else { "2026-01-01" };

/// A rule with its legal dates.
#[derive(Debug)]
pub struct Provision {
    /// The rule.
    pub rule: Rule,
    /// The first day on which it is in force, as YYYY-MM-DD.
    pub from: &'static str,
    /// The first day on which it no longer is.
    pub until: Option<&'static str>,
}

impl Provision {
    const fn statute(
        code: &'static str,
        text: &'static str,
        article: &'static str,
        from: &'static str,
    ) -> Self {
        Self { rule: Rule::statute(code, text, article), from, until: None }
    }

    const fn policy(
        code: &'static str,
        text: &'static str,
        article: &'static str,
        from: &'static str,
    ) -> Self {
        Self { rule: Rule::policy(code, text, article), from, until: None }
    }

    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, day: Date) -> bool {
        // Dates of this form sort as texts.
        let day = day.to_string();
        self.from <= day.as_str() && self.until.is_none_or(|until| day.as_str() < until)
    }

    /// As a reason of a decision.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.rule.reason()
    }

    /// As a reason, in words that fit the case.
    #[must_use]
    pub fn because(&self, text: impl Into<String>) -> Reason {
        Reason::new(text, self.rule.basis.clone())
    }
}

/// Who supervises lodging of this kind, and the filing that the city explores (condition of everything here).
pub static SUPERVISION: Provision = Provision::statute(
    "supervision",
    "民宿、日租房和网约房由商务、公安、住房城乡建设、文化旅游、市场监管、消防救援等部门按职责分工监管，经营者负治安安全责任",
    "重庆市平安建设条例 第36条第三款",
    "2026-01-01",
);
/// Identity is checked before lodging; whoever cannot or will not be identified is not lodged.
pub static IDENTITY: Provision = Provision::statute(
    "identity",
    "提供住宿前须查验身份；身份不明或者拒绝查验的，不得提供住宿",
    "反恐怖主义法 第21条",
    "2016-01-01",
);
/// A licensed hotel registers everybody who stays.
pub static REGISTER_HOTEL: Provision = Provision::statute(
    "register-every-guest",
    "每一名住宿旅客都要凭有效身份证件如实登记，不能只登记订房人",
    "旅馆业治安管理办法 第6条",
    "1987-11-10",
);
/// The same where no hotel licence exists: the duty to identify reaches every person who is lodged.
pub static REGISTER_OTHER: Provision = Provision::statute(
    "register-every-guest",
    "对每一名实际入住的人查验身份并登记，不能只登记订房人",
    "反恐怖主义法 第21条",
    "2016-01-01",
);
/// Guests from outside the mainland in a licensed hotel.
pub static FOREIGN_HOTEL: Provision = Provision::statute(
    "foreign-24h",
    "旅馆接待境外旅客，应当在 24 小时内向公安机关报送住宿登记",
    "旅馆业治安管理办法 第6条",
    "1987-11-10",
);
/// Foreigners in any other dwelling.
pub static FOREIGN_OTHER: Provision = Provision::statute(
    "foreign-24h",
    "外国人在旅馆以外的住所居住或者住宿，应当在入住后 24 小时内由本人或者留宿人到公安机关登记",
    "出境入境管理法 第39条第二款",
    "2013-07-01",
);
/// Upload in real time: how the hotel registration systems are run. There is no number.
pub static UPLOAD_HOTEL: Provision = Provision::policy(
    "upload",
    "住宿登记信息应当实时报送公安机关，只计已用时间，不设期限",
    "旅馆业实名、实数、实情、实时登记要求",
    "1987-11-10",
);
/// Upload elsewhere: set locally.
pub static UPLOAD_OTHER: Provision = Provision::policy(
    "upload",
    if NEXT {
        "网约房、自有住房的住宿登记信息报送时间由本地确定，本中心自 2026 年 11 月 1 日起定为 2 小时"
    } else {
        "网约房、自有住房的住宿登记信息报送时间由本地确定，本中心暂定 3 小时"
    },
    "网约房住宿登记本地要求（报送时限为政策值）",
    "2024-12-01",
);
/// What must be asked when a minor stays, alone or with adults.
pub static MINOR_ASK: Provision = Provision::statute(
    "minor-ask",
    "接待未成年人入住，应当询问父母或者其他监护人的联系方式以及同住人员的身份关系，并作记录",
    "未成年人保护法 第57条",
    "2021-06-01",
);
/// Suspicion: report at once and contact the guardian.
pub static MINOR_SUSPICION: Provision = Provision::statute(
    "minor-suspicion",
    "发现未成年人有遭受侵害等违法犯罪嫌疑的，应当立即向公安机关报告，并及时联系其父母或者其他监护人",
    "未成年人保护法 第57条",
    "2021-06-01",
);
/// Patrols and visitors during the stay: ministry's practice, the fourth of five.
pub static MINOR_PATROL: Provision = Provision::policy(
    "minor-patrol",
    "未成年人入住期间加强安全巡查和访客管理",
    "公安部旅馆接待未成年人“五必须”要求（第四项）",
    "2021-06-01",
);
/// Under 16 nobody lives apart from a guardian: the guardian's duty, not a ban on lodging.
pub static UNDER_16: Provision = Provision::statute(
    "under-16",
    "监护人不得使未满 16 周岁的未成年人脱离监护单独生活；这是监护人的义务，应当联系监护人核实，不是拒绝入住的理由",
    "未成年人保护法 第21条",
    "2021-06-01",
);
/// Whoever takes in a minor who left home contacts guardian or school in time, otherwise the police.
pub static SHELTER: Provision = Provision::statute(
    "shelter",
    "收留夜不归宿、离家出走的未成年人，应当及时联系其监护人或者所在学校；无法取得联系的，应当及时向公安机关报告",
    "预防未成年人犯罪法 第35条",
    "2021-06-01",
);
/// 16 and 17: there is no rule that bars them.
pub static NOT_BARRED: Provision = Provision::statute(
    "not-barred",
    "法律没有禁止 16、17 周岁的人入住，不得仅因年龄拒绝；询问、记录和联系监护人的义务照常履行",
    "未成年人保护法 第57条",
    "2021-06-01",
);
/// No cameras where guests sleep.
pub static NO_ROOM_CAMERA: Provision = Provision::statute(
    "no-room-camera",
    "客房内部不得安装图像采集设备",
    "公共安全视频图像信息系统管理条例 第8条第一款",
    "2025-04-01",
);
/// Fire equipment of a unit.
pub static FIRE_SMOKE_UNIT: Provision = Provision::statute(
    "smoke-alarm",
    "没有配置火灾报警器（烟雾报警器）",
    "消防法 第16条",
    "2009-05-01",
);
/// Fire equipment of a unit.
pub static FIRE_EXTINGUISHER_UNIT: Provision =
    Provision::statute("fire-extinguisher", "没有配置灭火器材", "消防法 第16条", "2009-05-01");
/// Fire equipment where only guidance speaks of it.
pub static FIRE_SMOKE: Provision = Provision::policy(
    "smoke-alarm",
    "客房没有烟雾报警器",
    "网约房安全巡查要点（参照农家乐（民宿）建筑防火导则（试行））",
    "2017-02-27",
);
/// Fire equipment where only guidance speaks of it.
pub static FIRE_EXTINGUISHER: Provision = Provision::policy(
    "fire-extinguisher",
    "房源没有灭火器",
    "网约房安全巡查要点（参照农家乐（民宿）建筑防火导则（试行））",
    "2017-02-27",
);
/// Gas in the room.
pub static CARBON_MONOXIDE: Provision = Provision::policy(
    "carbon-monoxide-alarm",
    "使用燃气而没有一氧化碳报警器",
    "网约房安全巡查要点（本地）",
    "2024-12-01",
);
/// First aid.
pub static FIRST_AID: Provision = Provision::policy(
    "first-aid-kit",
    "房源没有急救包",
    "网约房安全巡查要点（本地）",
    "2024-12-01",
);
/// A door that can be locked, where rooms are let singly.
pub static DOOR_LOCK: Provision = Provision::policy(
    "door-lock",
    "单间出租而客房门不能单独上锁",
    "网约房安全巡查要点（本地）",
    "2024-12-01",
);
/// The review of a filing. Only one district's pilot is known; whether its days are working days is not.
pub static REVIEW: Provision = Provision::policy(
    "filing-review",
    if NEXT {
        "房源备案复核自 2026 年 11 月 1 日起由 10 日改为 7 日（本中心内部办理要求，不是法定期限）"
    } else {
        "房源备案复核参照渝中区试点为 10 日；单位（日或者工作日）未核实，其他区县以本地规定为准"
    },
    if NEXT {
        "样例市综治中心房源备案办理要求（政策值，样例）"
    } else {
        "渝中区网约房管理试行办法（试点，仅适用于渝中区）"
    },
    "2024-12-01",
);
/// A dwelling is turned to business use.
pub static OWNERS_AGREE: Provision = Provision::statute(
    "owners-agree",
    "将住宅改变为经营性用房，应当经有利害关系的业主一致同意",
    "民法典 第279条",
    "2021-01-01",
);

/// Every provision, for tests and for whoever looks them up.
pub static ALL: [&Provision; 24] = [
    &SUPERVISION,
    &IDENTITY,
    &REGISTER_HOTEL,
    &REGISTER_OTHER,
    &FOREIGN_HOTEL,
    &FOREIGN_OTHER,
    &UPLOAD_HOTEL,
    &UPLOAD_OTHER,
    &MINOR_ASK,
    &MINOR_SUSPICION,
    &MINOR_PATROL,
    &UNDER_16,
    &SHELTER,
    &NOT_BARRED,
    &NO_ROOM_CAMERA,
    &FIRE_SMOKE_UNIT,
    &FIRE_EXTINGUISHER_UNIT,
    &FIRE_SMOKE,
    &FIRE_EXTINGUISHER,
    &CARBON_MONOXIDE,
    &FIRST_AID,
    &DOOR_LOCK,
    &REVIEW,
    &OWNERS_AGREE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provision_has_an_article_and_real_dates() {
        for provision in ALL {
            assert!(!provision.rule.basis.article().is_empty());
            let from: Date = provision.from.parse().unwrap();
            if let Some(until) = provision.until {
                assert!(until.parse::<Date>().unwrap() > from);
            }
        }
    }

    #[test]
    fn a_provision_holds_from_its_first_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(!NO_ROOM_CAMERA.in_force(day("2025-03-31")));
        assert!(NO_ROOM_CAMERA.in_force(day("2025-04-01")));
    }
}
