//! Rooms as those meet them who record and inspect them: the real component in the real sandbox.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test's own steps cannot do ends the test"
)]

use anshu_testkit::{Error, Id, Kit, Level, Person, Record};
use serde_json::{Value, json};

const DISTRICT: &str = "500103000000";
const SAFETY: &str = "homestay.room-safety";
const ROOM: &str = "homestay.room";

fn centre() -> (Kit, Person) {
    let mut kit = Kit::build(env!("CARGO_MANIFEST_DIR"));
    for function in ["fire-rescue", "housing", "market-regulation"] {
        kit.unit(function, DISTRICT);
    }
    let police = kit.unit("public-security", DISTRICT);
    let officer = kit.person("样例民警").of(&police).role("clerk").clearance(Level::L4);
    (kit, officer)
}

fn room(code: &str, facilities: &[&str]) -> Value {
    json!({
        "code": code, "name": "样例房源", "division": DISTRICT, "regime": "filed", "letting": "entire", "capacity": 4,
        "facilities": facilities, "operator_account": "e05f8dfe94", "source": "样例平台",
    })
}

fn risk(record: &Record) -> (String, Vec<String>) {
    let body = serde_json::to_value(&record.body).unwrap();
    let findings = body["findings"].as_array().unwrap();
    let articles = findings
        .iter()
        .map(|finding| finding["basis"]["article"].as_str().unwrap().to_owned())
        .collect();
    (body["advised"].as_str().unwrap().to_owned(), articles)
}

const SAFE: [&str; 3] = ["smoke-alarm", "fire-extinguisher", "first-aid-kit"];

#[test]
fn a_failing_room_becomes_a_risk_with_articles_and_never_above_larger() {
    let (mut kit, officer) = centre();
    let decision = kit.act(&officer, "record-room", room("YL-1", &[])).expect_ok();
    let risks = kit.records(SAFETY);
    assert_eq!(risks.len(), 1);
    let (advised, articles) = risk(&risks[0]);
    assert_eq!(advised, "larger");
    assert_eq!(articles.len(), 3);
    assert!(
        decision
            .outcome
            .reasons
            .iter()
            .any(|reason| reason.basis.article == "重庆市平安建设条例 第36条第三款")
    );
    assert!(
        decision.outcome.reasons.iter().any(|reason| reason.text.contains("须现场核实")),
        "an unknown camera is no finding"
    );
    kit.replay_all();
}

#[test]
fn the_same_code_updates_the_room_and_looks_at_it_again() {
    let (mut kit, officer) = centre();
    kit.act(&officer, "record-room", room("YL-1", &[])).expect_ok();
    let again = kit.act(&officer, "record-room", room("YL-1", &SAFE)).expect_ok();
    assert!(again.outcome.summary.contains("已更新房源"));
    assert_eq!(
        (
            kit.records(ROOM).len(),
            kit.records("homestay.operator").len(),
            kit.records(SAFETY).len()
        ),
        (1, 1, 1)
    );
    assert_eq!(
        risk(&kit.records(SAFETY)[0]).1,
        [""; 0],
        "nothing is found any more, but an official closes the risk"
    );
    let lines = kit.lines(&kit.records(SAFETY)[0].head.id.clone());
    assert!(lines.iter().any(|line| line.contains("建议核销")), "{lines:?}");
    let other = kit.act(&officer, "record-room", room("YL-2", &SAFE)).expect_ok();
    assert!(other.outcome.summary.contains("已登记房源"));
    assert_eq!(
        (kit.records(ROOM).len(), kit.records("homestay.operator").len()),
        (2, 1),
        "one operator, two rooms"
    );
    kit.replay_all();
}

#[test]
fn a_camera_in_a_guest_room_fails_on_site_and_the_room_rectifies() {
    let (mut kit, officer) = centre();
    let place = subject(&mut kit, &officer, &SAFE);
    let found = json!({ "facilities": SAFE, "gas": false, "room_camera": true });
    let decision = kit.act(&officer, "inspect-room", found).on(&place).expect_ok();
    let camera = |article: &str| article.contains("公共安全视频图像信息系统管理条例");
    assert!(decision.outcome.reasons.iter().any(|reason| camera(&reason.basis.article)));
    let facet: Value = kit.facet(&place, ROOM);
    assert_eq!(
        (&facet["status"], &facet["failed"]),
        (&json!("rectifying"), &json!(["no-room-camera"]))
    );
    let explanation = kit.explain(&decision);
    assert!(
        explanation.text.contains("图像") && explanation.remedy.contains("复核"),
        "{explanation:?}"
    );
}

#[test]
fn a_dwelling_without_a_licence_cannot_be_suspended() {
    let (mut kit, officer) = centre();
    let mut own = room("YL-3", &SAFE);
    own["regime"] = json!("own-dwelling");
    let place = kit.act(&officer, "record-room", own).expect_ok().outcome.subject.clone().unwrap();
    let suspend = json!({ "status": "suspended", "reason": "样例" });
    kit.act(&officer, "change-status", suspend)
        .on(&place)
        .fails_with("可变更为：督促整改、停止出租");
    kit.act(&officer, "change-status", json!({ "status": "exited", "reason": "样例" }))
        .on(&place)
        .expect_ok();
}

fn subject(kit: &mut Kit, officer: &Person, facilities: &[&str]) -> Id {
    kit.act(officer, "record-room", room("YL-9", facilities))
        .expect_ok()
        .outcome
        .subject
        .clone()
        .unwrap()
}

fn filing(number: &str) -> Value {
    json!({
        "name": "样例新房源", "division": DISTRICT, "address": "样例路 1 号", "letting": "entire", "beds": 2, "capacity": 4,
        "facilities": SAFE, "gas": false, "room_camera": false, "owners_agreed": false, "operator_kind": "person",
        "operator_name": "样例房东", "operator_number": number, "operator_phone": "19900000000",
    })
}

#[test]
fn a_filing_runs_on_a_policy_clock_until_its_review() {
    let (mut kit, officer) = centre();
    let decision = kit.act(&officer, "file-room", filing("999999198501010018")).expect_ok();
    assert!(
        decision
            .outcome
            .reasons
            .iter()
            .any(|reason| reason.basis.article.contains("民法典 第279条"))
    );
    let case = kit.records("homestay.filing").remove(0);
    let clock = &case.clocks()[0];
    let written = serde_json::to_string(clock).unwrap();
    assert!(written.contains("\"policy\"") && written.contains("calendar_day"), "{written}");

    let housing = kit.unit("housing", DISTRICT);
    let reviewer = kit.person("样例复核").of(&housing).role("clerk").clearance(Level::L4);
    let approve =
        |code: Option<&str>| json!({ "result": "approve", "code": code, "opinion": "样例意见" });
    kit.act(&reviewer, "review-filing", approve(None)).on(&case.head.id).fails_with("/code");
    kit.act(&reviewer, "review-filing", approve(Some("YZ-0001"))).on(&case.head.id).expect_ok();
    let facet: Value = kit.facet(&kit.records(ROOM)[0].head.id.clone(), ROOM);
    assert_eq!((&facet["status"], &facet["code"]), (&json!("active"), &json!("YZ-0001")));
    kit.act(&reviewer, "review-filing", approve(Some("YZ-0002")))
        .on(&case.head.id)
        .fails_with("已经复核过");
    // What was filed is found by its code from then on.
    kit.act(&officer, "record-room", room("YZ-0001", &SAFE)).expect_ok();
    assert_eq!(kit.records(ROOM).len(), 1);
    kit.replay_all();
}

#[test]
fn an_operators_wrong_number_is_told_in_its_place() {
    let (mut kit, officer) = centre();
    let error = kit.act(&officer, "file-room", filing("999999198501010010")).fails_with("");
    let Error::Invalid(problems) = error else { panic!("{error}") };
    assert_eq!(problems[0].at, "/operator_number");
    assert!(!format!("{problems:?}").contains("19850101"));
}

#[test]
fn the_golden_cases_hold() {
    let (kit, _) = centre();
    assert!(kit.run_golden() >= 12);
}

#[test]
fn rooms_that_somebody_should_look_at_are_listed_with_why_the_worst_first() {
    let (mut kit, officer) = centre();
    kit.act(&officer, "record-room", room("YL-1", &SAFE)).expect_ok();
    kit.act(&officer, "record-room", room("YL-2", &["smoke-alarm", "first-aid-kit"])).expect_ok();
    let rows = kit.view(&officer, "rooms-due", None).unwrap();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[0]["why"].as_str().unwrap().contains("灭火"), "{rows:?}");
    assert!(rows[1]["why"].as_str().unwrap().contains("只有申报"), "{rows:?}");
    assert!(rows.iter().all(|row| row["id"].is_string()));
    let hazards = kit.view(&officer, "hazards", None).unwrap();
    assert_eq!(hazards[0]["stage"], "排查", "{hazards:?}");
}
