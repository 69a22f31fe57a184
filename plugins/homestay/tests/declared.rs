//! What the pack declares: the manifest itself, and the event that other packs read by its shared schema.

#![expect(clippy::unwrap_used, reason = "what a test's own steps cannot do ends the test")]

use serde_json::Value;

fn manifest() -> Value {
    serde_json::from_str(&homestay::manifest_json()).unwrap()
}

#[test]
fn the_event_is_the_shared_one() {
    let shared = include_str!("../../../wit/events/minor-unaccompanied@1.json");
    let shared: Value = serde_json::from_str(shared).unwrap();
    let manifest = manifest();
    let topics = manifest["topics"].as_array().unwrap();
    let declared = topics.iter().find(|topic| topic["name"] == "minor-unaccompanied@1").unwrap();
    assert_eq!(declared["schema"], shared, "{:#}", declared["schema"]);
}

#[test]
fn personal_attributes_are_never_below_level_3_and_minors_are_at_4() {
    fn walk(value: &Value, at: &str) {
        if let Some(class) = value.get("x-anshu") {
            let (level, tags) = (class["level"].as_str().unwrap(), class["tags"].to_string());
            if tags.contains("personal") {
                assert!(level >= "L3", "{at}: {class}");
            }
            if tags.contains("minor") {
                assert_eq!(level, "L4", "{at}: {class}");
            }
        }
        match value {
            Value::Object(object) => {
                object.iter().for_each(|(key, value)| walk(value, &format!("{at}/{key}")))
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, at)),
            _ => {}
        }
    }
    walk(&manifest(), "");
}

#[test]
fn there_are_golden_cases() {
    let golden: Vec<Value> = serde_json::from_str(&homestay::golden_json()).unwrap();
    assert!(golden.len() >= 6);
}
