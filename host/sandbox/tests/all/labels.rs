//! What a manifest must say of its data, and what no pack collects again or ever gets.

use anshu_model::Error;
use anshu_model::decision::Input;
use serde_json::{Value, json};

use crate::support::{World, grant, manifest, pack};

fn personal(more: Value) -> Value {
    let mut label = json!({
        "level": "L3", "tags": ["personal"], "purpose": "safety", "ground": "样例条例 第1条", "retention": "P1Y"
    });
    for (key, value) in more.as_object().unwrap() {
        label[key] = value.clone();
    }
    json!({"type": "string", "x-anshu": label})
}

/// A pack beside the probe, with one facet.
fn other(on: &str, attribute: &str, schema: Value) -> Value {
    let mut other = manifest();
    other["name"] = json!("other");
    for list in ["matters", "risks", "views", "actions", "topics"] {
        other[list] = json!([]);
    }
    other["requests"]["reads"] = json!(["other.thing"]);
    other["requests"]["writes"] = json!(["other.thing"]);
    other["requests"]["publishes"] = json!([]);
    other["requests"]["hears"] = json!([]);
    let properties = json!({ attribute: schema });
    other["facets"] = json!([{"name": "other.thing", "title": "样例", "on": on,
        "schema": {"type": "object", "additionalProperties": false, "properties": properties}}]);
    other
}

fn install(world: &World, manifest: &Value) -> Result<(), Error> {
    world.sandbox.install(&pack(manifest), &grant(manifest)).map(|_| ())
}

fn refused(manifest: &Value) -> String {
    install(&World::new(), manifest).unwrap_err().to_string()
}

#[test]
fn personal_data_states_a_declared_purpose_and_a_retention_that_is_one() {
    for place in ["facets", "matters", "actions", "topics"] {
        let mut changed = manifest();
        let schema = match place {
            "matters" => &mut changed["matters"][0]["forms"][0]["schema"],
            "actions" => &mut changed["actions"][0]["form"]["schema"],
            list => &mut changed[list][0]["schema"],
        };
        schema["properties"]["phone"] =
            personal(json!({"purpose": "marketing", "retention": "三年"}));
        let text = refused(&changed);
        assert!(
            text.contains("/properties/phone/x-anshu/retention") && text.contains("P3Y"),
            "{place}: {text}"
        );
        let schema = match place {
            "matters" => &mut changed["matters"][0]["forms"][0]["schema"],
            "actions" => &mut changed["actions"][0]["form"]["schema"],
            list => &mut changed[list][0]["schema"],
        };
        schema["properties"]["phone"] = personal(json!({"purpose": "marketing"}));
        let text = refused(&changed);
        assert!(
            text.contains("/properties/phone/x-anshu/purpose") && text.contains("safety"),
            "{place}: {text}"
        );
    }
    let mut view = manifest();
    view["views"][0]["purpose"] = json!("marketing");
    assert!(refused(&view).contains("/views/0/purpose"));
}

#[test]
fn what_must_never_enter_is_refused_in_words_wherever_it_hides() {
    for (schema, expected) in [
        (json!({"type": "string", "x-anshu": {"level": "Core"}}), "/x-anshu/level"),
        (
            json!({"type": "string", "x-anshu": {"level": "L1", "tags": ["state_secret"]}}),
            "/x-anshu/tags",
        ),
        (
            json!({"type": "string", "description": "填写宗 教", "x-anshu": {"level": "L1"}}),
            "/description",
        ),
        (json!({"type": "string", "enum": ["甲", "党员"], "x-anshu": {"level": "L1"}}), "/enum/1"),
        (
            json!({"type": "string", "oneOf": [{"const": "a", "title": "民-族"}], "x-anshu": {"level": "L1"}}),
            "/oneOf/0/title",
        ),
        (json!({"type": "string", "title": "信用 评分", "x-anshu": {"level": "L1"}}), "/title"),
        (personal(json!({"level": "L3", "floor": "L4"})), "/x-anshu/level"),
    ] {
        let mut changed = manifest();
        changed["facets"][0]["schema"]["properties"]["field"] = schema.clone();
        let text = refused(&changed);
        assert!(text.contains(&format!("/properties/field{expected}")), "{schema}: {text}");
    }
}

#[test]
fn what_the_centre_holds_is_not_collected_again() {
    let world = World::new();
    let mut holder = manifest();
    holder["version"] = json!("1.1.0");
    holder["facets"][0]["schema"]["properties"]["owner"] = personal(json!({"item": "room-owner"}));
    install(&world, &holder).unwrap();
    let same = other("place", "landlord", personal(json!({"item": "room-owner"})));
    let text = install(&world, &same).unwrap_err().to_string();
    for expected in ["other.thing/properties/landlord/x-anshu", "probe", "probe.room"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    // On another kind it is another datum; read where it is held, or with a reason, it is admitted.
    install(&world, &other("person", "landlord", personal(json!({"item": "room-owner"})))).unwrap();
    let mut reads = same.clone();
    reads["requests"]["reads"] = json!(["other.thing", "probe.room"]);
    install(&world, &reads).unwrap();
    let stated = other(
        "place",
        "landlord",
        personal(json!({"item": "room-owner", "again": "样例：须现场核对"})),
    );
    install(&World::new(), &stated).unwrap();
    // An earlier version of the same pack is no other holder.
    holder["version"] = json!("1.2.0");
    install(&world, &holder).unwrap();
}

#[test]
fn the_numbers_that_name_a_person_are_the_hosts() {
    for (attribute, more) in [
        ("resident_id", json!({})),
        ("passport", json!({})),
        ("number", json!({"mask": "resident_id"})),
    ] {
        let text = refused(&other("person", attribute, personal(more)));
        assert!(
            text.contains(&format!("other.thing/properties/{attribute}/x-anshu"))
                && text.contains("综治中心"),
            "{text}"
        );
    }
    install(
        &World::new(),
        &other("person", "resident_id", personal(json!({"again": "样例：核验人证一致"}))),
    )
    .unwrap();
    install(&World::new(), &other("place", "resident_id", personal(json!({})))).unwrap();
    // A telephone number is nobody's alone, but is asked once.
    let world = World::new();
    install(&world, &other("person", "phone", personal(json!({"mask": "phone"})))).unwrap();
    let mut third = other("person", "mobile", personal(json!({"mask": "phone"})));
    third["name"] = json!("third");
    third["facets"][0]["name"] = json!("third.thing");
    third["requests"]["reads"] = json!(["third.thing"]);
    third["requests"]["writes"] = json!(["third.thing"]);
    let text = install(&world, &third).unwrap_err().to_string();
    assert!(text.contains("other.thing"), "{text}");
}

#[test]
fn who_told_stands_in_forms_of_actions_alone_and_is_never_required() {
    let informant = || personal(json!({"level": "L4", "tags": ["personal", "informant"]}));
    let mut facet = manifest();
    facet["facets"][0]["schema"]["properties"]["reporter"] = informant();
    assert!(refused(&facet).contains("probe.room/properties/reporter/x-anshu/tags"));
    let mut answer = manifest();
    answer["matters"][0]["forms"][0]["schema"]["properties"]["reporter"] = informant();
    assert!(refused(&answer).contains("/properties/reporter/x-anshu/tags"));
    let mut required = manifest();
    required["actions"][0]["form"]["schema"]["properties"]["reporter"] = informant();
    required["actions"][0]["form"]["schema"]["required"] = json!(["reporter"]);
    let text = refused(&required);
    assert!(text.contains("/properties/reporter") && text.contains("必填"), "{text}");
}

/// A pack cannot hand on what it never got: who told is in no input, effect or error of a call.
#[tokio::test]
async fn attack_06_a_pack_is_never_told_who_told() {
    let world = World::new();
    let mut changed = manifest();
    changed["version"] = json!("1.1.0");
    changed["requests"]["ceiling"] = json!("L4");
    let people = json!({"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
        "name": personal(json!({"level": "L4", "tags": ["personal", "informant"]}))}}});
    for action in changed["actions"].as_array_mut().unwrap() {
        let properties = &mut action["form"]["schema"]["properties"];
        properties["reporter"] =
            personal(json!({"level": "L4", "tags": ["personal", "informant"]}));
        properties["witnesses"] = people.clone();
    }
    world.install(changed);
    let answers = json!({"name": "样例房源", "beds": 2, "reporter": "样例举报人甲", "witnesses": [{"name": "样例举报人乙"}]});
    let decision = world.act("register", None, answers.clone()).await.unwrap();
    let Input::Action { answers: got, .. } = &decision.input else { unreachable!() };
    assert_eq!(*got, json!({"name": "样例房源", "beds": 2, "witnesses": [{}]}));
    assert!(!serde_json::to_string(&*decision).unwrap().contains("样例举报人"));
    let error = world.act("refuse", None, answers).await.unwrap_err();
    assert!(!error.to_string().contains("样例举报人"), "{error}");
    assert!(!format!("{:?}", world.centre.failures()).contains("样例举报人"));
}
