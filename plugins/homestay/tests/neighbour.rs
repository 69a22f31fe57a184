//! Two packs that do not know each other, in one centre: what one tells, the other takes up. The event is all they share.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test's own steps cannot do ends the test"
)]

use anshu_testkit::{Id, Kit, Level, Person};
use serde_json::{Value, json};

const DISTRICT: &str = "500103000000";
const MATTER: &str = "minors.unaccompanied";
const REPORT: &str = "minors.report";
/// Born 2010-10-05: 15 in March 2026.
const FIFTEEN: &str = "999999201010050028";
/// Born 2008-06-01: 17.
const SEVENTEEN: &str = "999999200806010035";

struct Town {
    kit: Kit,
    clerk: Person,
    rooms: Vec<Id>,
}

fn town() -> Town {
    let mut kit = Kit::build(env!("CARGO_MANIFEST_DIR"));
    kit.install(concat!(env!("CARGO_MANIFEST_DIR"), "/../minors"));
    kit.clock("2026-03-01T20:00");
    for function in
        ["public-security", "civil-affairs", "education", "procuratorate", "health", "subdistrict"]
    {
        kit.unit(function, DISTRICT);
    }
    let unit = kit.unit("governance-centre", DISTRICT);
    let clerk = kit.person("样例受理员").of(&unit).role("clerk").clearance(Level::L4);
    let mut rooms = Vec::new();
    for code in ["YL-1", "YL-2"] {
        let form = json!({
            "code": code, "name": "样例房源", "division": DISTRICT, "regime": "filed", "letting": "entire", "capacity": 3,
            "facilities": ["smoke-alarm", "fire-extinguisher", "first-aid-kit"],
        });
        rooms.push(
            kit.act(&clerk, "record-room", form).expect_ok().outcome.subject.clone().unwrap(),
        );
    }
    Town { kit, clerk, rooms }
}

fn minor(number: &str, contact: &str) -> Value {
    json!({
        "name": "样例甲", "document": "resident-id", "document_number": number, "verification": "manual", "relation": "friend",
        "guardian_name": "样例乙", "guardian_phone": "19900000000", "guardian_contact": contact,
    })
}

impl Town {
    fn stays(&mut self, room: usize, guests: &[Value]) -> Id {
        let room = self.rooms[room].clone();
        let form = json!({ "guests": guests });
        let decision = self.kit.act(&self.clerk, "register-guests", form).on(&room).expect_ok();
        decision.outcome.subject.clone().unwrap()
    }

    fn leaves(&mut self, stay: &Id) {
        self.kit.advance(1);
        self.kit.act(&self.clerk, "check-out", json!({})).on(stay).expect_ok();
    }

    fn duties(&self) -> Vec<(Id, String)> {
        let open = self.kit.all_records().into_iter().filter(|record| record.is_open());
        let duties = open.filter_map(|record| {
            let body = serde_json::to_value(&record.body).unwrap();
            (body["kind"] == "duty").then(|| {
                (body["about"].as_str().unwrap().into(), body["title"].as_str().unwrap().to_owned())
            })
        });
        duties.map(|(about, title): (String, String)| (Id::from_text(about), title)).collect()
    }
}

#[test]
fn a_minor_alone_opens_a_matter_of_several_organs_with_a_clock_that_only_counts() {
    let mut town = town();
    town.stays(0, &[minor(FIFTEEN, "unreached")]);
    let heard = town.kit.deliver_events();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].outcome.reasons.iter().any(|reason| reason.basis.article.contains("第92条")));
    let matter = town.kit.records(MATTER).remove(0);
    assert_eq!(matter.head.joint.len(), 3);
    let clock = serde_json::to_string(&matter.clocks()[0]).unwrap();
    assert!(clock.contains("\"immediate\""), "{clock}");
    let body = serde_json::to_value(&matter.body).unwrap();
    assert_eq!(body["title"], "未成年人单独入住（1 人）");
    assert_eq!(body["parties"].as_array().unwrap().len(), 2, "the minor and the place");
    assert!(
        town.duties()
            .iter()
            .any(|(about, title)| *about == matter.head.id && title == "查找并联系监护人")
    );
    town.kit.replay_all();
}

#[test]
fn a_child_with_an_open_matter_gets_no_second_one() {
    let mut town = town();
    let stay = town.stays(0, &[minor(FIFTEEN, "confirmed")]);
    town.kit.deliver_events();
    town.leaves(&stay);
    town.stays(1, &[minor(FIFTEEN, "confirmed")]);
    let joined = town.kit.deliver_events();
    assert!(joined[0].outcome.summary.contains("已并入"));
    assert_eq!(town.kit.records(MATTER).len(), 1);
    let matter = town.kit.records(MATTER).remove(0).head.id;
    assert!(town.kit.lines(&matter).iter().any(|line| line.contains("再次单独入住")));
}

#[test]
fn a_friend_who_comes_along_later_gets_a_matter_of_their_own() {
    let mut town = town();
    let stay = town.stays(0, &[minor(FIFTEEN, "confirmed")]);
    town.kit.deliver_events();
    town.leaves(&stay);
    town.stays(1, &[minor(FIFTEEN, "confirmed"), minor(SEVENTEEN, "confirmed")]);
    town.kit.deliver_events();
    assert_eq!(town.kit.records(MATTER).len(), 2);
}

#[test]
fn the_matter_ends_when_somebody_answers_for_the_minor() {
    let mut town = town();
    town.stays(0, &[minor(SEVENTEEN, "unreached")]);
    town.kit.deliver_events();
    let matter = town.kit.records(MATTER).remove(0).head.id;
    let close = json!({ "result": "样例结果" });
    town.kit
        .act(&town.clerk, "close-stay", close.clone())
        .on(&matter)
        .fails_with("还没有监护人联系结果");
    town.kit
        .act(&town.clerk, "guardian-result", json!({ "reached": "unreached" }))
        .on(&matter)
        .expect_ok();
    assert!(town.duties().iter().any(|(_, title)| title.contains("临时监护")));
    town.kit
        .act(&town.clerk, "close-stay", close.clone())
        .on(&matter)
        .fails_with("临时监护没有落实");
    town.kit
        .act(&town.clerk, "guardian-result", json!({ "reached": "collected" }))
        .on(&matter)
        .expect_ok();
    town.kit.act(&town.clerk, "close-stay", close.clone()).on(&matter).expect_ok();
    assert_eq!(town.kit.record(&matter).state(), "archived");
    town.kit.act(&town.clerk, "close-stay", close).on(&matter).fails_with("已办结归档");
    town.kit.replay_all();
}

#[test]
fn harm_that_is_found_becomes_a_report_of_its_own_at_once() {
    let mut town = town();
    town.stays(0, &[minor(FIFTEEN, "confirmed")]);
    town.kit.deliver_events();
    let matter = town.kit.records(MATTER).remove(0).head.id;
    let found = town
        .kit
        .act(&town.clerk, "guardian-result", json!({ "reached": "harm" }))
        .on(&matter)
        .expect_ok();
    let report = town.kit.records(REPORT).remove(0);
    assert_eq!(found.outcome.subject.as_ref(), Some(&report.head.id));
    let body = serde_json::to_value(&report.body).unwrap();
    assert_eq!(body["parties"].as_array().unwrap().len(), 2);
    town.kit.replay_all();
}
