//! Golden cases (样例): situations with the outcome that the law wants. Everybody in them is invented; the area 999999 of
//! their numbers does not exist.

use anshu_sdk::prelude::*;

use crate::document::Document;
use crate::event::MinorUnaccompanied;
use crate::facets::{Room, Source};
use crate::forms::{InspectRoom, RecordRoom, RegisterGuests};
use crate::guests::{GuardianContact, GuestEntry, Sign, Verification};
use crate::inspection::{Facility, Letting};
use crate::regime::{Regime, Status};
use crate::{rooms as handlers, stays};

const DISTRICT: &str = "500103000000";
const POLICE: &str = "public-security";
const ADULT: &str = "999999198501010018";
const FIFTEEN: &str = "999999201010050028";
const SEVENTEEN: &str = "999999200806010035";

fn room(regime: Regime) -> Given {
    Given::place("room", "样例房源", DISTRICT).facet(&Room {
        code: Some("YL-1".into()),
        regime,
        letting: Letting::Entire,
        status: Status::Active,
        operator: None,
        beds: Some(2),
        capacity: 4,
        area: None,
        facilities: vec![Facility::SmokeAlarm, Facility::FireExtinguisher, Facility::FirstAidKit],
        gas: false,
        room_camera: Some(false),
        source: Source::OnSite,
        inspected_on: "2026-02-01".parse().unwrap_or_else(|_| Instant(0).date()),
        failed: Vec::new(),
    })
}

fn record(facilities: Vec<Facility>) -> RecordRoom {
    RecordRoom {
        code: "YL-2".into(),
        name: "样例房源二".into(),
        division: Division::from(DISTRICT),
        area: None,
        regime: Regime::Filed,
        letting: Letting::Entire,
        beds: Some(1),
        capacity: 2,
        facilities,
        gas: Some(false),
        room_camera: None,
        operator_account: Some("host-1".into()),
        source: Some("样例平台".into()),
    }
}

fn guest(number: &str) -> GuestEntry {
    GuestEntry {
        name: "样例甲".into(),
        document: Document::ResidentId,
        document_number: number.into(),
        verification: Verification::Manual,
        nationality: None,
        birth_date: None,
        phone: None,
        relation: None,
        guardian_name: None,
        guardian_phone: None,
        guardian_contact: None,
    }
}

fn minor(number: &str, contact: GuardianContact) -> GuestEntry {
    GuestEntry {
        guardian_name: Some("样例乙".into()),
        guardian_phone: Some("13900000000".into()),
        guardian_contact: Some(contact),
        ..guest(number)
    }
}

fn foreigner() -> GuestEntry {
    GuestEntry {
        document: Document::Passport,
        document_number: "TEST12345".into(),
        nationality: Some("FRA".into()),
        birth_date: "1990-01-01".parse().ok(),
        ..guest(ADULT)
    }
}

fn party(guests: Vec<GuestEntry>) -> RegisterGuests {
    RegisterGuests { guests, signs: None, planned_leave: None }
}

/// Rooms.
#[must_use]
pub fn rooms() -> Vec<Golden> {
    let all = vec![Facility::SmokeAlarm, Facility::FireExtinguisher, Facility::FirstAidKit];
    let at = "2026-03-01T10:00";
    vec![
        Golden::new("设施齐全的房源登记后没有风险", at)
            .unit("fire-rescue")
            .action(POLICE, "record-room", &record(all.clone()))
            .summary("各项安全要求均已达到")
            .without(handlers::SAFETY),
        Golden::new("没有烟雾报警器和灭火器的房源列为风险，建议不高于较大", at)
            .unit("fire-rescue")
            .action(POLICE, "record-room", &record(Vec::new()))
            .reports(handlers::SAFETY)
            .article("重庆市平安建设条例 第36条第三款")
            .summary("建议评估为“较大”"),
        Golden::new("客房内的摄像设备违反视频图像条例", at)
            .unit("fire-rescue")
            .given(room(Regime::Licensed))
            .action(
                POLICE,
                "inspect-room",
                &InspectRoom { facilities: all, gas: false, room_camera: true, remarks: None },
            )
            .on("room")
            .reports(handlers::SAFETY)
            .article("公共安全视频图像信息系统管理条例 第8条第一款"),
    ]
}

/// Guests.
#[must_use]
pub fn guests() -> Vec<Golden> {
    let at = "2026-03-01T20:00";
    let register = |name, guests| {
        Golden::new(name, at)
            .unit("fire-rescue")
            .given(room(Regime::Filed))
            .action(POLICE, "register-guests", &party(guests))
            .on("room")
    };
    vec![
        register(
            "17 周岁的人单独入住不因年龄被拒绝",
            vec![minor(SEVENTEEN, GuardianContact::Confirmed)],
        )
        .publishes::<MinorUnaccompanied>()
        .article("未成年人保护法 第57条")
        .summary("已登记 1 人入住"),
        register(
            "15 周岁的人单独入住且联系不上监护人，告知公安机关",
            vec![minor(FIFTEEN, GuardianContact::Unreached)],
        )
        .publishes::<MinorUnaccompanied>()
        .article("未成年人保护法 第21条")
        .article("预防未成年人犯罪法 第35条")
        .summary("联系不上监护人"),
        Golden::new("有可疑情形的立即报告公安机关", at)
            .unit("fire-rescue")
            .given(room(Regime::Filed))
            .action(
                POLICE,
                "register-guests",
                &RegisterGuests {
                    signs: Some(vec![Sign::Afraid]),
                    ..party(vec![minor(FIFTEEN, GuardianContact::Confirmed)])
                },
            )
            .on("room")
            .publishes::<MinorUnaccompanied>()
            .summary("立即报告公安机关"),
        register(
            "没有询问监护人联系方式的不予受理，并指明位置",
            vec![GuestEntry { guardian_phone: None, ..minor(FIFTEEN, GuardianContact::Confirmed) }],
        )
        .invalid("/guests/0/guardian_phone"),
        register("同一人在一次登记中重复", vec![guest(ADULT), guest(ADULT)])
            .invalid("/guests/1/document_number"),
        register(
            "身份未核实的不得提供住宿",
            vec![GuestEntry { verification: Verification::Refused, ..guest(ADULT) }],
        )
        .invalid("/guests/0/verification"),
        register("外国人住进备案房源，本人或者留宿人 24 小时内登记", vec![foreigner()])
            .article("出境入境管理法 第39条第二款")
            .without(stays::OVERDUE),
        Golden::new("外国人住进旅馆，旅馆 24 小时内报送", at)
            .unit("fire-rescue")
            .given(room(Regime::Licensed))
            .action(POLICE, "register-guests", &party(vec![foreigner()]))
            .on("room")
            .article("旅馆业治安管理办法 第6条"),
        register("逾 24 小时才补录的外国人住宿登记列为房源风险", vec![foreigner()])
            .occurred_at("2026-02-27T10:00")
            .reports(stays::OVERDUE),
    ]
}
