//! Golden cases on one version, and on two.

use anshu_sandbox::compare::{Kind, Leaning};
use serde_json::{Value, json};

use crate::compare::{install, later};
use crate::support::{World, manifest};

fn cases() -> Value {
    json!([
        {
            "name": "没有烟感的房间", "now": "2026-03-01T10:00",
            "given": [{"entity": "room", "kind": "place", "name": "样例房间", "division": "500103001000",
                "facets": {"probe.room": {"licence": "有", "beds": 2}}}],
            "units": ["fire"],
            "input": {"action": "rule", "function": "mediation", "answers": {}, "subject": "@room"},
            "expect": {"result": "ok", "summary": "发现隐患", "articles": ["第2条"], "reports": ["probe.fire"]},
        },
        {
            "name": "拒绝的", "now": "2026-03-01T10:00:00+08:00",
            "input": {"action": "refuse", "function": "mediation", "answers": {"name": null}},
            "expect": {"result": "conflict"},
        },
        {
            "name": "听到的", "now": "2026-03-01T10:00",
            "given": [{"entity": "room", "kind": "place", "name": "样例房间", "division": "500103001000", "facets": {}}],
            "units": ["fire", "mediation"],
            "input": {"topic": "room-registered@1", "about": "@room", "payload": {"beds": 1}},
            "expect": {"result": "ok", "opens": ["probe.matter"], "absent": ["probe.fire"]},
        },
    ])
}

#[tokio::test]
async fn a_version_is_held_to_its_golden_cases() {
    let world = World::new();
    let old = world.sandbox.packs()[0].reference.clone();
    let golden = world.sandbox.golden(&old, &cases()).await.unwrap();
    assert_eq!((golden.cases, golden.wrong), (3, vec![]));
    let new = install(&world, 4, &later(manifest()));
    let golden = world.sandbox.golden(&new, &cases()).await.unwrap();
    assert_eq!(golden.wrong.len(), 1);
    assert_eq!(golden.wrong[0].case, "没有烟感的房间");
    assert!(golden.wrong[0].problems[0].contains("probe.fire"), "{golden:?}");
    assert!(world.centre.decisions().is_empty() && world.centre.records().is_empty());
}

#[tokio::test]
async fn old_cases_show_what_a_new_version_does_otherwise() {
    let world = World::new();
    let old = world.sandbox.packs()[0].reference.clone();
    let new = install(&world, 2, &later(manifest()));
    let tally = world.sandbox.compare_golden(&old, &new, &cases()).await.unwrap();
    assert_eq!((tally.decisions, tally.equal), (3, 2));
    let group = &tally.groups[0];
    assert_eq!((group.kind, group.leaning, group.count), (Kind::Level, Leaning::Loosens, 1));
    assert_eq!(group.examples[0].of, "没有烟感的房间");
    assert_eq!(world.sandbox.compare_golden(&old, &old, &cases()).await.unwrap().equal, 3);
}

#[tokio::test]
async fn cases_that_cannot_be_read_or_run_are_told() {
    let world = World::new();
    let pack = world.sandbox.packs()[0].reference.clone();
    assert!(world.sandbox.golden(&pack, &json!({"not": "a list"})).await.is_err());
    assert_eq!(world.sandbox.golden(&pack, &Value::Null).await.unwrap().cases, 0);
    let mut cases = cases();
    cases[0]["input"]["action"] = json!("gone");
    cases[1]["now"] = json!("昨天");
    let golden = world.sandbox.golden(&pack, &cases).await.unwrap();
    assert_eq!(golden.wrong.len(), 2, "{golden:?}");
}
