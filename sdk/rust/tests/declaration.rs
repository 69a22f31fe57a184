//! What a plugin's types and declaration become: schema, form, manifest. The host reads exactly this.

#![expect(clippy::unwrap_used, reason = "what a test's own steps cannot do ends the test")]

use anshu_sdk::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(name = "desk.item", on = "thing", title = "物品")]
#[anshu(purpose = "return", ground = "示例法 第1条", retention = "P2Y")]
struct Item {
    #[anshu(title = "类别", level = "L1", index)]
    sort: Sort,
    #[anshu(
        title = "电话",
        level = "L3",
        tags = "personal",
        mask = "phone",
        format = "phone-cn",
        help = "手机或座机"
    )]
    phone: Option<String>,
    #[anshu(title = "密文", level = "L2", required)]
    proof: Option<String>,
    #[anshu(title = "部件", max = 5)]
    parts: Vec<Piece>,
    #[anshu(title = "标签", level = "L1", max = 3)]
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Part)]
struct Piece {
    #[anshu(title = "重量（克）", level = "L1", min = 1, max = 2000)]
    grams: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "snake_case")]
enum Sort {
    #[anshu(title = "证件")]
    IdPapers,
    #[anshu(title = "其他")]
    Other,
}

#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "hand-in", title = "登记")]
#[serde(rename_all = "camelCase")]
struct HandIn {
    #[anshu(title = "经办日期", level = "L1")]
    handed_on: Date,
    #[anshu(section = "物品", cols = 2)]
    #[serde(flatten)]
    item: Item,
    #[anshu(section = "备注", title = "备注", level = "L1", default = "无")]
    note: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Topic)]
#[anshu(name = "item-found@1", title = "拾得物品")]
struct Found {
    #[anshu(title = "件数", level = "L1")]
    count: u8,
}

#[derive(Debug, Serialize, Row)]
struct Line {
    id: Id,
    #[anshu(title = "名称")]
    name: String,
}

struct Desk;

impl Plugin for Desk {
    fn pack() -> Pack {
        Pack::new("desk", "1.2.3")
            .title("窗口")
            .publisher("示例单位")
            .effective_from("2026-01-01")
            .article("示例法 第1条")
            .duty("保管", "示例法 第2条")
            .purpose(Purpose::new("return", "发还", "示例法 第1条"))
            .facet::<Item>()
            .matter(
                Matter::new("desk.return", "发还")
                    .substage(CaseStage::Handling, "told", "已通知")
                    .form::<HandIn>(),
            )
            .risk("desk.crowd", "拥挤")
            .action(
                Action::new("hand-in", hand_in)
                    .purpose("return")
                    .article("示例法 第1条")
                    .function("reception"),
            )
            .publishes::<Found>()
            .hears::<Found>(on_found)
            .timer("tell/", tell)
            .view(View::new("kept", "保管中", kept).on_entity::<Item>().purpose("return"))
            .reads("other.thing")
    }
}

fn hand_in(_: Action<HandIn>) -> Result<Outcome> {
    Ok(Outcome::new("好"))
}
fn on_found(_: Event<Found>) -> Result<Outcome> {
    Ok(Outcome::new("好"))
}
fn tell(_: Timer) -> Result<Outcome> {
    Ok(Outcome::new("好"))
}
fn kept(_: ViewRequest) -> Result<Vec<Line>> {
    Ok(Vec::new())
}

mod packed {
    anshu_sdk::pack!(super::Desk);
}

fn manifest() -> Value {
    serde_json::from_str(&packed::manifest_json()).unwrap()
}

#[test]
fn a_facet_becomes_a_closed_classified_schema() {
    let facet = &manifest()["facets"][0];
    assert_eq!((&facet["name"], &facet["on"]), (&json!("desk.item"), &json!("thing")));
    let schema = &facet["schema"];
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["additionalProperties"], false);
    // The list may be left out because serde fills it in; the proof is required although a scope may hide it.
    assert_eq!(schema["required"], json!(["sort", "proof", "parts"]));
    assert_eq!(
        schema["properties"]["sort"],
        json!({
            "type": "string", "title": "类别", "x-anshu": { "level": "L1", "index": true },
            "oneOf": [{ "const": "id_papers", "title": "证件" }, { "const": "other", "title": "其他" }]
        })
    );
    assert_eq!(
        schema["properties"]["phone"],
        json!({
            "type": "string", "title": "电话", "description": "手机或座机", "format": "phone-cn",
            "x-anshu": {
                "level": "L3", "tags": ["personal"], "mask": "phone",
                "purpose": "return", "ground": "示例法 第1条", "retention": "P2Y"
            }
        })
    );
}

#[test]
fn a_list_of_parts_is_classified_inside_and_a_list_of_texts_as_one() {
    let schema = &manifest()["facets"][0]["schema"]["properties"];
    let parts = &schema["parts"];
    assert_eq!((&parts["type"], &parts["maxItems"]), (&json!("array"), &json!(5)));
    assert!(parts.get("x-anshu").is_none());
    let grams = &parts["items"]["properties"]["grams"];
    assert_eq!((&grams["minimum"], &grams["maximum"]), (&json!(1), &json!(2000)));
    assert_eq!(grams["x-anshu"]["level"], "L1");
    assert_eq!(schema["labels"]["x-anshu"]["level"], "L1");
    assert!(schema["labels"]["items"].get("x-anshu").is_none());
}

#[test]
fn a_form_has_a_flattened_facet_and_keeps_the_order_of_its_fields() {
    let form = &manifest()["actions"][0]["form"];
    assert_eq!(form["name"], "hand-in");
    assert_eq!(form["schema"]["properties"]["note"]["default"], "无");
    assert_eq!(
        form["layout"],
        json!([
            { "section": "登记", "cols": 1, "fields": ["handedOn"] },
            { "section": "物品", "cols": 2, "fields": ["sort", "phone", "proof", "parts", "labels"] },
            { "section": "备注", "cols": 1, "fields": ["note"] }
        ])
    );
    let written = serde_json::to_value(HandIn {
        handed_on: "2026-03-01".parse().unwrap(),
        item: Item {
            sort: Sort::Other,
            phone: None,
            proof: None,
            parts: Vec::new(),
            labels: Vec::new(),
        },
        note: "无".into(),
    })
    .unwrap();
    for field in written.as_object().unwrap().keys() {
        assert!(
            form["schema"]["properties"].get(field).is_some(),
            "serde writes {field}, the schema does not know it"
        );
    }
}

#[test]
fn requests_follow_from_the_declaration() {
    let requests = &manifest()["requests"];
    assert_eq!(requests["reads"], json!(["desk.crowd", "desk.item", "desk.return", "other.thing"]));
    assert_eq!(requests["writes"], json!(["desk.crowd", "desk.item", "desk.return"]));
    assert_eq!(
        (&requests["publishes"], &requests["hears"]),
        (&json!(["item-found@1"]), &json!(["item-found@1"]))
    );
    assert_eq!(requests["ceiling"], "L3", "as high as its highest attribute");
    assert!(requests.get("imports").is_none(), "cargo anshu writes what the component imports");
}

#[test]
fn views_matters_and_topics_are_declared() {
    let manifest = manifest();
    assert_eq!(manifest["views"][0]["on"], json!({ "entity": "desk.item" }));
    assert_eq!(manifest["views"][0]["columns"], json!([{ "field": "name", "title": "名称" }]));
    assert_eq!(
        manifest["matters"][0]["substages"],
        json!({ "handling": [{ "name": "told", "title": "已通知" }] })
    );
    assert_eq!(manifest["matters"][0]["label"], json!({ "level": "L2", "mask": "omit" }));
    assert_eq!(manifest["topics"][0]["name"], "item-found@1");
    assert_eq!(manifest["actions"][0]["on"], "nothing");
}

#[test]
fn a_law_that_ends_or_is_lenient_says_so_and_others_say_nothing() {
    let plain = manifest();
    for absent in ["effective_until", "lenient", "lenient_basis", "transitions"] {
        assert!(plain.get(absent).is_none(), "{absent}");
    }
    let basis = Basis::statute("示例法 第93条");
    let pack = Desk::pack().effective_until("2028-12-31").lenient(basis).manifest();
    let manifest = serde_json::to_value(pack).unwrap();
    assert_eq!(manifest["contract"], "0.2.0");
    assert_eq!(manifest["effective_until"], "2028-12-31");
    assert_eq!(manifest["lenient"], true);
    let basis = json!({ "article": "示例法 第93条", "authority": "statute" });
    assert_eq!(manifest["lenient_basis"], basis);
    let wrong = Desk::pack().effective_until("2025-12-31").lenient(Basis::policy("示例办法 第1条"));
    let problems = wrong.selects(Selects::Now).problems().join("\n");
    assert!(problems.contains("2025-12-31") && problems.contains("从旧兼从轻"), "{problems}");
}

#[test]
fn what_was_forgotten_is_told_at_once() {
    let problems = Pack::new("desk", "1.0.0")
        .effective_from("2026-02-30")
        .risk("other.crowd", "拥挤")
        .risk("other.crowd", "拥挤")
        .action(Action::new("hand-in", hand_in).on_case("desk.unknown").purpose("none"))
        .problems()
        .join("\n");
    for expected in [
        ".title",
        ".publisher",
        ".duty",
        "2026-02-30",
        "desk.",
        "声明了两次",
        "none",
        "desk.unknown",
        ".article",
    ] {
        assert!(problems.contains(expected), "{expected} in:\n{problems}");
    }
}

#[test]
fn the_worst_breach_advises_the_level() {
    const CHECKS: &[Check<u8>] = &[
        Check {
            rule: Rule::policy("few", "少", "示例办法 第1条"),
            level: RiskLevel::General,
            broken: |n| *n < 3,
        },
        Check {
            rule: Rule::statute("none", "无", "示例法 第1条"),
            level: RiskLevel::Major,
            broken: |n| *n == 0,
        },
    ];
    assert!(Check::run(CHECKS, &5).passed());
    assert_eq!(Check::run(CHECKS, &1).level(), Some(RiskLevel::General));
    let worst = Check::run(CHECKS, &0);
    assert_eq!(worst.level(), Some(RiskLevel::Major));
    assert_eq!(
        worst.findings().iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(),
        ["few", "none"]
    );
}
