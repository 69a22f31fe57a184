//! Mandatory reports from the first word to the closed file: the real component in the real sandbox.

use anshu_testkit::{Error, Id, Kit, Level, Person};
use serde_json::{Value, json};

const DISTRICT: &str = "500103000000";
const REPORT: &str = "minors.report";

fn centre(functions: &[&str]) -> (Kit, Person) {
    let mut kit = Kit::build(env!("CARGO_MANIFEST_DIR"));
    kit.clock("2026-03-01T20:00");
    for function in functions {
        kit.unit(function, DISTRICT);
    }
    let unit = kit.unit("governance-centre", DISTRICT);
    let clerk = kit.person("样例受理员").of(&unit).role("clerk").clearance(Level::L4);
    (kit, clerk)
}

const ALL: [&str; 6] =
    ["public-security", "civil-affairs", "education", "procuratorate", "health", "subdistrict"];

fn form(situation: &str) -> Value {
    json!({
        "division": DISTRICT, "situation": situation, "details": "样例情况，纯属虚构",
        "reporter_unit": "样例学校", "reporter_name": "样例报告人", "reporter_phone": "19900000000",
    })
}

fn duties(kit: &Kit) -> Vec<(Id, String, bool)> {
    let duties = kit.all_records().into_iter().filter_map(|record| {
        let body = serde_json::to_value(&record.body).ok()?;
        let title = body.get("title")?.as_str()?.to_owned();
        (body.get("kind")? == "duty").then(|| (record.head.id.clone(), title, record.is_open()))
    });
    duties.collect()
}

#[test]
fn all_nine_situations_are_reported_at_once_and_have_no_due_date() {
    for situation in [
        "private-injury",
        "sexual-under14",
        "sexual-from14",
        "abuse",
        "unnatural-harm",
        "abandoned",
        "missing-or-trafficked",
        "begging",
        "other",
    ] {
        let (mut kit, clerk) = centre(&ALL);
        let decision =
            kit.act(&clerk, "report", form(situation)).occurred_at("2026-03-01T18:30").expect_ok();
        assert!(
            decision.outcome.summary.contains("1 小时 30 分钟"),
            "{}",
            decision.outcome.summary
        );
        let case = kit.records(REPORT).remove(0);
        let clock = serde_json::to_value(&case.clocks()[0]).unwrap().to_string();
        assert!(clock.contains("\"immediate\"") && clock.contains("\"amount\":0"), "{clock}");
        assert_eq!(case.head.joint.len(), 5, "{situation} is shared by five organs");
        assert_eq!(duties(&kit).len(), 5);
        let body = serde_json::to_string(&case.body).unwrap();
        assert!(
            !body.contains("样例报告人") && !body.contains("样例学校"),
            "who reported stays out of the matter"
        );
        kit.replay_all();
    }
}

#[test]
fn a_report_goes_through_although_organs_are_missing() {
    let (mut kit, clerk) = centre(&["public-security", "health"]);
    let decision = kit.act(&clerk, "report", form("abuse")).expect_ok();
    let case = kit.records(REPORT).remove(0);
    assert_eq!(case.head.joint.len(), 1);
    assert!(decision.outcome.reasons.iter().any(|reason| reason.text.contains("不影响报告")));
    assert!(kit.lines(&case.head.id).iter().any(|line| line.contains("education")));
}

#[test]
fn without_police_the_reporter_is_told_to_call() {
    let (mut kit, clerk) = centre(&["health"]);
    kit.act(&clerk, "report", form("abuse")).fails_with("110");
}

#[test]
fn a_wrong_number_and_an_adult_are_told_in_their_places() {
    let (mut kit, clerk) = centre(&ALL);
    let places = |kit: &mut Kit, key: &str, value: &str| {
        let mut form = form("other");
        form[key] = json!(value);
        let error = kit.act(&clerk, "report", form).fails_with("");
        let Error::Invalid(problems) = error else { panic!("{error}") };
        assert!(!format!("{problems:?}").contains(value), "the value is not repeated");
        problems.into_iter().map(|problem| problem.at).collect::<Vec<_>>()
    };
    assert_eq!(places(&mut kit, "child_number", "999999201506010040"), ["/child_number"]);
    assert_eq!(places(&mut kit, "birth_date", "2026-03-02"), ["/birth_date"]);
    assert_eq!(places(&mut kit, "birth_date", "2008-03-01"), ["/birth_date"]);
    let mut young = form("other");
    young["birth_date"] = json!("2008-03-02");
    kit.act(&clerk, "report", young).expect_ok();
}

#[test]
fn one_child_reported_twice_is_one_person() {
    let (mut kit, clerk) = centre(&ALL);
    let mut known = form("abandoned");
    known["child_number"] = json!("999999201506010046");
    known["child_name"] = json!("样例丙");
    kit.act(&clerk, "report", known.clone()).expect_ok();
    kit.act(&clerk, "report", known).expect_ok();
    assert_eq!((kit.records("minors.child").len(), kit.records(REPORT).len()), (1, 2));
    let title = serde_json::to_value(&kit.records(REPORT)[0].body).unwrap()["title"].clone();
    assert_eq!(title, "强制报告（第六种情形）", "a title says nothing of the child");
}

#[test]
fn protection_waits_for_no_receipt_and_the_file_closes_only_when_all_is_done() {
    let (mut kit, clerk) = centre(&ALL);
    kit.act(&clerk, "report", form("abuse")).expect_ok();
    let case = kit.records(REPORT).remove(0).head.id;
    let plan =
        json!({ "measures": ["psychology", "guardianship", "psychology"], "wishes": "样例意愿" });
    let planned = kit.act(&clerk, "protection-plan", plan.clone()).on(&case).expect_ok();
    assert!(planned.outcome.summary.contains("2 项"), "{}", planned.outcome.summary);
    assert!(
        kit.act(&clerk, "protection-plan", plan)
            .on(&case)
            .expect_ok()
            .outcome
            .summary
            .contains("没有新增")
    );

    let close = json!({ "result": "样例结果", "reporter": "told" });
    kit.act(&clerk, "close-out", close.clone()).on(&case).fails_with("回执");
    let refusal = json!({ "taken": "not-filed", "number": "样例-1", "station": "样例派出所" });
    kit.act(&clerk, "police-receipt", refusal).on(&case).fails_with("/reason");
    let receipt = json!({ "taken": "criminal", "number": "样例-1", "station": "样例派出所" });
    kit.act(&clerk, "police-receipt", receipt).on(&case).expect_ok();
    let stopped = serde_json::to_string(&kit.record(&case).clocks()[0]).unwrap();
    kit.act(&clerk, "follow-up", json!({ "condition": "safe" })).on(&case).expect_ok();
    kit.act(&clerk, "close-out", close.clone()).on(&case).fails_with("还有 7 项职责没有完成");
    assert_eq!(kit.record(&case).state(), "handling");
    assert_eq!(
        serde_json::to_string(&kit.record(&case).clocks()[0]).unwrap(),
        stopped,
        "the first receipt ends the counting"
    );
    kit.replay_all();
}

#[test]
fn danger_at_a_visit_is_reported_at_once() {
    let (mut kit, clerk) = centre(&ALL);
    kit.act(&clerk, "report", form("other")).expect_ok();
    let case = kit.records(REPORT).remove(0).head.id;
    kit.act(&clerk, "follow-up", json!({ "condition": "safe", "next_days": 7 }))
        .on(&case)
        .expect_ok();
    kit.act(&clerk, "follow-up", json!({ "condition": "danger" })).on(&case).expect_ok();
    let visits: Vec<_> =
        duties(&kit).into_iter().filter(|(_, title, _)| title.starts_with("回访")).collect();
    assert_eq!(visits.iter().filter(|(_, _, open)| *open).count(), 1, "one visit is always next");
    assert!(duties(&kit).iter().any(|(_, title, open)| *open && title.contains("新的侵害")));
}

#[test]
fn who_is_not_cleared_for_children_reports_nothing() {
    let (mut kit, clerk) = centre(&ALL);
    let mut named = form("other");
    named["child_name"] = json!("样例丙");
    let error = kit.act(&clerk.clearance(Level::L3), "report", named).fails_with("");
    assert!(matches!(error, Error::Denied(_)), "{error}");
}

#[test]
fn the_golden_cases_hold() {
    let (kit, _) = centre(&ALL);
    assert!(kit.run_golden() >= 9);
}

#[test]
fn the_views_count_open_reports_and_tell_nothing_of_a_child() {
    let (mut kit, clerk) = centre(&ALL);
    kit.act(&clerk, "report", form("abuse")).expect_ok();
    kit.act(&clerk, "report", form("abuse")).expect_ok();
    kit.act(&clerk, "report", form("begging")).expect_ok();
    let open = kit.view(&clerk, "open-matters", None).unwrap();
    assert_eq!(open[0]["count"], 3, "{open:?}");
    let situations = kit.view(&clerk, "situations", None).unwrap();
    let counts: Vec<_> = situations.iter().map(|row| row["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [2, 1], "{situations:?}");
    assert!(!serde_json::to_string(&situations).unwrap().contains("样例情况"));
}
