//! Guests as an operator's desk or the police register them, with what follows for others.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test's own steps cannot do ends the test"
)]

use anshu_testkit::{Effect, Error, Id, Kit, Level, Person};
use serde_json::{Value, json};

const DISTRICT: &str = "500103000000";
const OVERDUE: &str = "homestay.registration-overdue";
const ADULT: &str = "999999198501010018";
const OTHER_ADULT: &str = "999999199001010059";
/// Born 2010-10-05: 15 in March 2026.
const FIFTEEN: &str = "999999201010050028";
/// Born 2008-06-01: 17 in March 2026.
const SEVENTEEN: &str = "999999200806010035";

struct Desk {
    kit: Kit,
    officer: Person,
    room: Id,
    other: Id,
}

fn desk(regime: &str) -> Desk {
    let mut kit = Kit::build(env!("CARGO_MANIFEST_DIR"));
    kit.clock("2026-03-01T20:00");
    let police = kit.unit("public-security", DISTRICT);
    let officer = kit.person("样例民警").of(&police).role("clerk").clearance(Level::L4);
    let mut room = |code: &str| {
        let form = json!({
            "code": code, "name": "样例房源", "division": DISTRICT, "regime": regime, "letting": "entire", "capacity": 3,
            "facilities": ["smoke-alarm", "fire-extinguisher", "first-aid-kit"],
        });
        kit.act(&officer, "record-room", form).expect_ok().outcome.subject.clone().unwrap()
    };
    let (one, two) = (room("YL-1"), room("YL-2"));
    Desk { kit, officer, room: one, other: two }
}

fn guest(number: &str) -> Value {
    json!({ "name": "样例甲", "document": "resident-id", "document_number": number, "verification": "manual" })
}

fn minor(number: &str, contact: &str) -> Value {
    let mut guest = guest(number);
    guest["guardian_name"] = json!("样例乙");
    guest["guardian_phone"] = json!("19900000000");
    guest["guardian_contact"] = json!(contact);
    guest
}

fn foreigner() -> Value {
    json!({
        "name": "Sample Guest", "document": "passport", "document_number": "TEST12345", "verification": "manual",
        "nationality": "FRA", "birth_date": "1990-01-01",
    })
}

fn party(guests: &[Value]) -> Value {
    json!({ "guests": guests })
}

impl Desk {
    fn register(&mut self, guests: &[Value]) -> std::sync::Arc<anshu_testkit::Decision> {
        self.kit.act(&self.officer, "register-guests", party(guests)).on(&self.room).expect_ok()
    }

    fn refused(&mut self, guests: &[Value]) -> Vec<String> {
        let error = self
            .kit
            .act(&self.officer, "register-guests", party(guests))
            .on(&self.room)
            .fails_with("");
        let Error::Invalid(problems) = error else { panic!("{error}") };
        problems.into_iter().map(|problem| problem.at).collect()
    }

    fn duties(&self) -> Vec<(String, bool)> {
        let duties = self.kit.all_records().into_iter().filter_map(|record| {
            let body = serde_json::to_value(&record.body).unwrap();
            (body["kind"] == "duty")
                .then(|| (body["title"].as_str().unwrap().to_owned(), record.is_open()))
        });
        duties.collect()
    }
}

fn published(decision: &anshu_testkit::Decision) -> Vec<Value> {
    let events = decision.effects.iter().filter_map(|effect| match effect {
        Effect::Publish { topic, payload, .. } if topic == "minor-unaccompanied@1" => {
            Some(payload.clone())
        }
        _ => None,
    });
    events.collect()
}

#[test]
fn a_15_year_old_alone_is_not_refused_and_the_others_are_told() {
    let mut desk = desk("filed");
    let decision = desk.register(&[minor(FIFTEEN, "unreached")]);
    let event = &published(&decision)[0];
    assert_eq!((&event["guardian"], &event["minors"][0]["age"]), (&json!("unreached"), &json!(15)));
    assert!(
        !event.to_string().contains(FIFTEEN) && !event.to_string().contains("样例"),
        "no name, no number: {event}"
    );
    let articles: Vec<_> =
        decision.outcome.reasons.iter().map(|reason| reason.basis.article.as_str()).collect();
    assert!(
        articles.contains(&"未成年人保护法 第21条")
            && articles.contains(&"预防未成年人犯罪法 第35条"),
        "{articles:?}"
    );
    assert!(desk.duties().iter().any(|(title, open)| *open && title.contains("监护人")));
    desk.kit.replay_all();
}

#[test]
fn a_17_year_old_alone_is_not_barred() {
    let mut desk = desk("licensed");
    let decision = desk.register(&[minor(SEVENTEEN, "confirmed")]);
    assert!(decision.outcome.reasons.iter().any(|reason| reason.text.contains("不得仅因年龄拒绝")));
    assert_eq!(published(&decision).len(), 1);
}

#[test]
fn with_a_parent_nobody_is_alarmed_but_the_visit_is_recorded() {
    let mut desk = desk("filed");
    let mut child = guest(FIFTEEN);
    child["relation"] = json!("parent");
    let decision = desk.register(&[guest(ADULT), child]);
    assert!(published(&decision).is_empty());
    let party: Value = desk.kit.facet(&decision.outcome.subject.clone().unwrap(), "homestay.party");
    assert_eq!(
        (party["adults"].as_array().unwrap().len(), &party["minors"][0]["relation"]),
        (1, &json!("父母"))
    );
    assert!(desk.duties().iter().any(|(title, _)| title.contains("访客")));
}

#[test]
fn signs_of_concern_are_reported_at_once_without_a_number() {
    let mut desk = desk("filed");
    let mut form = party(&[minor(SEVENTEEN, "confirmed")]);
    form["signs"] = json!(["afraid"]);
    desk.kit.act(&desk.officer, "register-guests", form).on(&desk.room).expect_ok();
    let duty = desk.kit.all_records().into_iter().find(|record| {
        serde_json::to_string(&record.body).unwrap().contains("可疑情形，同时联系监护人")
    });
    let clock = serde_json::to_value(&duty.unwrap().clocks()[0]).unwrap().to_string();
    assert!(clock.contains("\"immediate\""), "{clock}");
}

#[test]
fn every_problem_of_every_guest_is_told_in_its_place() {
    let mut desk = desk("filed");
    let mut unasked = minor(FIFTEEN, "confirmed");
    unasked["guardian_phone"] = Value::Null;
    assert_eq!(desk.refused(&[unasked]), ["/guests/0/guardian_phone"]);
    assert_eq!(desk.refused(&[guest(ADULT), guest(ADULT)]), ["/guests/1/document_number"]);
    assert_eq!(desk.refused(&[guest("999999198501010010")]), ["/guests/0/document_number"]);
    let mut unborn = foreigner();
    unborn["birth_date"] = json!("2027-01-01");
    assert_eq!(desk.refused(&[unborn]), ["/guests/0/birth_date"]);
    let mut hidden = guest(ADULT);
    hidden["verification"] = json!("refused");
    assert_eq!(desk.refused(&[hidden]), ["/guests/0/verification"]);
    // What only the host checks is told in the same places.
    let mut short = foreigner();
    short["document_number"] = json!("AB1");
    assert_eq!(desk.refused(&[guest(ADULT), short]), ["/guests/1/document_number"]);
    assert!(desk.kit.records("homestay.stay").is_empty());
}

#[test]
fn nobody_stays_in_two_places_at_a_time() {
    let mut desk = desk("filed");
    let stay = desk.register(&[guest(ADULT)]).outcome.subject.clone().unwrap();
    desk.kit.clock("2026-03-02T09:00");
    let again = party(&[guest(OTHER_ADULT), guest(ADULT)]);
    let error = desk
        .kit
        .act(&desk.officer, "register-guests", again.clone())
        .on(&desk.other)
        .fails_with("第 2 名住客");
    assert!(matches!(error, Error::Conflict(_)) && !error.to_string().contains("样例"), "{error}");
    desk.kit
        .act(&desk.officer, "check-out", json!({}))
        .on(&stay)
        .occurred_at("2026-03-02T08:00")
        .expect_ok();
    desk.kit.act(&desk.officer, "check-out", json!({})).on(&stay).fails_with("已经退房");
    // While they were there they cannot have come elsewhere; after that they can.
    let before = desk.kit.act(&desk.officer, "register-guests", again.clone()).on(&desk.other);
    before.occurred_at("2026-03-02T07:00").fails_with("时间重叠");
    desk.kit.act(&desk.officer, "register-guests", again).on(&desk.other).expect_ok();
    assert_eq!(desk.kit.records("homestay.guest").len(), 2, "each person once");
    desk.kit.replay_all();
}

#[test]
fn a_foreigners_24_hours_end_in_a_risk_of_the_room_unless_they_are_registered() {
    let mut desk = desk("filed");
    let decision = desk.register(&[foreigner()]);
    assert!(
        decision
            .outcome
            .reasons
            .iter()
            .any(|reason| reason.basis.article.contains("出境入境管理法"))
    );
    assert!(desk.kit.advance(23).is_empty());
    let fired = desk.kit.advance(2);
    assert_eq!((fired.len(), desk.kit.records(OVERDUE).len()), (1, 1));
    let stay = decision.outcome.subject.clone().unwrap();
    let receipt = json!({ "registration": "abroad", "receipt": "样例-1" });
    desk.kit.act(&desk.officer, "registration-receipt", receipt.clone()).on(&stay).expect_ok();
    desk.kit.act(&desk.officer, "registration-receipt", receipt).on(&stay).fails_with("已经记录");
    assert!(desk.duties().iter().any(|(title, open)| title == "境外人员住宿登记" && !open));
    desk.kit.replay_all();
}

#[test]
fn registered_in_time_the_24_hours_leave_nothing() {
    let mut desk = desk("licensed");
    let decision = desk.register(&[foreigner()]);
    assert!(
        decision
            .outcome
            .reasons
            .iter()
            .any(|reason| reason.basis.article.contains("旅馆业治安管理办法"))
    );
    let stay = decision.outcome.subject.clone().unwrap();
    let receipt = json!({ "registration": "abroad", "receipt": "样例-2" });
    desk.kit.act(&desk.officer, "registration-receipt", receipt).on(&stay).expect_ok();
    desk.kit.advance(48);
    assert!(desk.kit.records(OVERDUE).is_empty());
}

#[test]
fn a_hotel_uploads_at_once_and_a_dwelling_by_local_policy() {
    let upload = |regime: &str| {
        let mut desk = desk(regime);
        desk.register(&[guest(ADULT)]);
        let duty = desk.kit.all_records().into_iter().find(|record| {
            serde_json::to_value(&record.body).unwrap()["title"] == "报送住宿登记信息"
        });
        serde_json::to_string(&duty.unwrap().clocks()[0]).unwrap()
    };
    assert!(upload("licensed").contains("\"immediate\""));
    let own = upload("own-dwelling");
    assert!(own.contains("\"hour\"") && own.contains("\"policy\""), "{own}");
}

#[test]
fn a_room_that_takes_no_guests_registers_none() {
    let mut desk = desk("filed");
    let suspend = json!({ "status": "suspended", "reason": "样例" });
    desk.kit.act(&desk.officer, "change-status", suspend).on(&desk.room).expect_ok();
    desk.kit
        .act(&desk.officer, "register-guests", party(&[guest(ADULT)]))
        .on(&desk.room)
        .fails_with("暂停接待");
}

#[test]
fn the_list_of_stays_names_nobody() {
    let mut desk = desk("filed");
    desk.register(&[foreigner()]);
    let rows = desk.kit.view(&desk.officer, "stays", Some(&desk.room)).unwrap();
    assert_eq!((&rows[0]["guests"], &rows[0]["abroad"]), (&json!(1), &json!("无回执")));
    assert!(!serde_json::to_string(&rows).unwrap().contains("Sample"));
}

#[test]
fn a_desk_that_is_not_cleared_for_minors_registers_adults_only() {
    let mut desk = desk("filed");
    desk.officer = desk.officer.clone().clearance(Level::L3);
    desk.register(&[guest(ADULT)]);
    let form = party(&[minor(FIFTEEN, "confirmed")]);
    let error = desk.kit.act(&desk.officer, "register-guests", form).on(&desk.other).fails_with("");
    assert!(matches!(error, Error::Denied(_)), "{error}");
}
