//! The desk as a clerk meets it: the real component in the real sandbox, over a centre in memory.

use anshu_testkit::{Kit, Level, Person};
use serde_json::{Value, json};

const STREET: &str = "500103001000";
const RETURN: &str = "lost-and-found.return";

fn desk() -> (Kit, Person) {
    let mut kit = Kit::build(env!("CARGO_MANIFEST_DIR"));
    kit.clock("2026-03-02T10:00");
    let unit = kit.unit("reception", STREET);
    let clerk = kit.person("样例窗口人员").of(&unit).role("clerk").clearance(Level::L3);
    (kit, clerk)
}

fn umbrella(found_on: &str) -> Value {
    json!({ "name": "样例雨伞", "sort": "other", "look": "黑色长柄", "proof": "伞柄内侧刻有样例字样", "found_on": found_on, "division": STREET })
}

#[test]
fn what_is_handed_in_becomes_a_matter_with_its_reasons() {
    let (mut kit, clerk) = desk();
    let decision = kit.act(&clerk, "hand-in", umbrella("2026-03-01")).expect_ok();
    assert_eq!((kit.records(RETURN).len(), kit.records("lost-and-found.item").len()), (1, 1));
    let explanation = kit.explain(&decision);
    assert!(
        explanation.text.contains("登记拾得物") && explanation.text.contains("民法典 第316条"),
        "{}",
        explanation.text
    );
    assert!(explanation.remedy.contains("复核"));
    kit.replay_all();
}

#[test]
fn nothing_is_left_of_what_is_refused() {
    let (mut kit, clerk) = desk();
    kit.act(&clerk, "hand-in", umbrella("2026-03-03")).fails_with("晚于今天");
    let stranger = kit.person("样例外单位人员").role("clerk").clearance(Level::L3);
    kit.act(&stranger, "hand-in", umbrella("2026-03-01")).fails_with("职能");
    let mut extra = umbrella("2026-03-01");
    extra["unknown"] = json!("x");
    kit.act(&clerk, "hand-in", extra).fails_with("未声明的属性");
}

#[test]
fn the_announcement_is_due_when_nobody_came() {
    let (mut kit, clerk) = desk();
    let case = kit
        .act(&clerk, "hand-in", umbrella("2026-03-01"))
        .expect_ok()
        .outcome
        .subject
        .clone()
        .unwrap();
    assert!(kit.advance(24).is_empty(), "two working days are not over");
    assert_eq!(kit.advance(72).len(), 1);
    assert!(
        kit.lines(&case).iter().any(|line| line.contains("招领公告")),
        "{:?}",
        kit.lines(&case)
    );
    assert!(kit.advance(1000).is_empty(), "a timer fires once");
    kit.replay_all();
}

#[test]
fn the_list_shows_what_is_kept() {
    let (mut kit, clerk) = desk();
    kit.act(&clerk, "hand-in", umbrella("2026-02-28")).expect_ok();
    let rows = kit.view(&clerk, "kept", None).unwrap();
    assert_eq!((&rows[0]["name"], &rows[0]["days"]), (&json!("样例雨伞"), &json!(2)));
}

#[test]
fn a_pack_that_is_granted_less_than_it_imports_does_not_load() {
    let (mut kit, _) = desk();
    let refused =
        kit.grant("lost-and-found", |grant| grant.allows.imports.clear()).unwrap_err().to_string();
    assert!(refused.contains("entities") && refused.contains("calendar"), "{refused}");
}

#[test]
fn the_golden_cases_hold() {
    let (kit, _) = desk();
    assert_eq!(kit.run_golden(), 2);
}
