//! What a change of a manifest asks of its number, and what is refused.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

use anshu_model::Error;
use anshu_model::compat::{Bump, check, compare, predecessor};
use anshu_model::manifest::Manifest;
use proptest::prelude::*;
use serde_json::{Value, json};

fn base() -> Value {
    let plain = |kind: &str| json!({"type": kind, "title": "栏", "x-anshu": {"level": "L1"}});
    let object = |properties: Value, required: Value| json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required});
    let sort = json!({"type": "string", "title": "类别", "x-anshu": {"level": "L1"}, "oneOf": [
        {"const": "a", "title": "甲"}, {"const": "b", "title": "乙"},
    ]});
    let beds = json!({"type": "integer", "title": "床位数", "minimum": 1, "maximum": 60, "x-anshu": {"level": "L1", "index": true}});
    let phone = json!({"type": "string", "title": "电话", "format": "phone-cn", "x-anshu": {
        "level": "L3", "tags": ["personal"], "mask": "phone", "purpose": "p", "ground": "g", "retention": "P3Y",
    }});
    let guests = json!({"type": "array", "title": "住客", "maxItems": 9, "items":
        object(json!({"name": plain("string")}), json!(["name"]))});
    let room = json!({"beds": beds, "phone": phone, "sort": sort, "guests": guests});
    let form = |name: &str| json!({"name": name, "title": "表", "schema": object(json!({"note": plain("string")}), json!([]))});
    json!({
        "name": "demo", "version": "1.0.0", "contract": "0.2.0", "title": "样例", "publisher": "样例单位",
        "effective_from": "2026-01-01", "selects": "occurred", "articles": ["样例条例 第1条"],
        "requests": {"imports": [], "reads": [], "writes": [], "publishes": [], "hears": [], "ceiling": "L1"},
        "duty": {"title": "值守", "article": "样例条例 第3条"},
        "purposes": [{"code": "p", "title": "登记", "ground": "g"}],
        "facets": [{"name": "demo.room", "title": "房间", "on": "place", "schema": object(room, json!(["beds"]))}],
        "matters": [{
            "name": "demo.filing", "title": "备案", "label": {"level": "L2"},
            "substages": {"handling": [{"name": "visit", "title": "上门"}]}, "forms": [form("intake")],
        }],
        "risks": [{"name": "demo.fire", "title": "火灾"}],
        "actions": [
            {"name": "file", "title": "登记", "on": "nothing", "purpose": "p", "article": "样例条例 第1条",
             "form": form("file"), "functions": ["police"]},
            {"name": "close", "title": "办结", "on": {"case": "demo.filing"}, "purpose": "p",
             "article": "样例条例 第1条", "form": form("close")},
        ],
        "topics": [{"name": "told@1", "title": "已告知", "schema": object(json!({"count": plain("integer")}), json!([]))}],
        "views": [{"name": "rooms", "title": "一览", "on": "nothing", "purpose": "p",
                   "columns": [{"field": "name", "title": "名称"}]}],
    })
}

fn read(manifest: &Value) -> Manifest {
    serde_json::from_value(manifest.clone()).unwrap()
}

/// What one change is found to be: all that it needs, where it stands and what is said of it.
fn found(change: impl FnOnce(&mut Value)) -> Vec<(Bump, String, String)> {
    let mut new = base();
    change(&mut new);
    let compat = compare(&read(&base()), &read(&new));
    assert_eq!(
        compat.needed,
        compat.changes.iter().map(|change| change.needs).max().unwrap_or(Bump::Patch)
    );
    compat.changes.into_iter().map(|change| (change.needs, change.at, change.text)).collect()
}

#[track_caller]
fn one(needs: Bump, at: &str, word: &str, change: impl FnOnce(&mut Value)) {
    let found = found(change);
    let [(is, place, text)] = found.as_slice() else { panic!("one change: {found:?}") };
    assert_eq!((*is, place.as_str()), (needs, at), "{text}");
    assert!(text.contains(word), "{text}");
}

const ROOM: &str = "/facets/0/schema/properties";

fn room(manifest: &mut Value) -> &mut Value {
    &mut manifest["facets"][0]["schema"]["properties"]
}

fn remove(list: &mut Value, index: usize) {
    list.as_array_mut().unwrap().remove(index);
}

#[test]
fn the_same_declaration_asks_for_nothing() {
    assert_eq!(found(|_| ()), []);
}

#[test]
fn what_is_optional_or_only_shown_is_a_patch() {
    let optional = json!({"type": "string", "title": "备注", "x-anshu": {"level": "L1"}});
    one(Bump::Patch, &format!("{ROOM}/remark"), "新增", |m| room(m)["remark"] = optional);
    one(Bump::Patch, &format!("{ROOM}/beds"), "显示", |m| {
        room(m)["beds"]["title"] = json!("床位")
    });
    one(Bump::Patch, &format!("{ROOM}/sort"), "改了名称", |m| {
        room(m)["sort"]["oneOf"][0]["title"] = json!("甲类")
    });
    one(Bump::Patch, &format!("{ROOM}/phone/x-anshu/index"), "查询", |m| {
        room(m)["phone"]["x-anshu"]["index"] = json!(true)
    });
    one(Bump::Patch, "/actions/0/form", "排列", |m| {
        m["actions"][0]["form"]["title"] = json!("登记表")
    });
    one(Bump::Patch, "/duty", "职责", |m| m["duty"]["title"] = json!("另一职责"));
}

#[test]
fn what_is_new_to_learn_is_a_minor() {
    let text = json!({"type": "string", "title": "编号", "x-anshu": {"level": "L1"}});
    one(Bump::Minor, &format!("{ROOM}/number"), "编号", |m| {
        room(m)["number"] = text;
        m["facets"][0]["schema"]["required"] = json!(["beds", "number"]);
    });
    one(Bump::Minor, "/actions/2", "动作", |m| {
        let mut action = m["actions"][0].clone();
        action["name"] = json!("again");
        action["title"] = json!("再登记");
        m["actions"].as_array_mut().unwrap().push(action);
    });
    one(Bump::Minor, &format!("{ROOM}/sort"), "丙", |m| {
        let options = room(m)["sort"]["oneOf"].as_array_mut().unwrap();
        options.push(json!({"const": "c", "title": "丙"}));
    });
    one(Bump::Minor, &format!("{ROOM}/beds/maximum"), "放宽", |m| {
        room(m)["beds"]["maximum"] = json!(80)
    });
    one(Bump::Minor, &format!("{ROOM}/beds"), "选填", |m| {
        m["facets"][0]["schema"]["required"] = json!([])
    });
    one(Bump::Minor, &format!("{ROOM}/phone/x-anshu/retention"), "延长", |m| {
        room(m)["phone"]["x-anshu"]["retention"] = json!("P60M")
    });
    one(Bump::Minor, "/actions/0/functions", "更多", |m| {
        m["actions"][0]["functions"] = json!(["police", "civil"])
    });
    one(Bump::Minor, "/matters/0/substages/handling/1", "复查", |m| {
        m["matters"][0]["substages"]["handling"]
            .as_array_mut()
            .unwrap()
            .push(json!({"name": "again", "title": "复查"}));
    });
    one(Bump::Minor, "/views/0", "一览", |m| m["views"] = json!([]));
}

#[test]
fn what_went_is_a_major() {
    one(Bump::Major, &format!("{ROOM}/beds"), "床位数", |m| {
        room(m).as_object_mut().unwrap().remove("beds");
    });
    one(Bump::Major, "/facets/0", "房间", |m| m["facets"] = json!([]));
    one(Bump::Major, "/matters/0", "备案", |m| m["matters"] = json!([]));
    one(Bump::Major, "/matters/0/substages/handling/0", "上门", |m| {
        m["matters"][0]["substages"] = json!({});
    });
    one(Bump::Major, "/matters/0/forms/0/schema/properties/note", "栏", |m| {
        m["matters"][0]["forms"][0]["schema"]["properties"] = json!({});
    });
    one(Bump::Major, "/risks/0", "火灾", |m| m["risks"] = json!([]));
    one(Bump::Major, "/actions/1", "办结", |m| remove(&mut m["actions"], 1));
    one(Bump::Major, "/topics/0/schema/properties/count", "栏", |m| {
        m["topics"][0]["schema"]["properties"] = json!({});
    });
    one(Bump::Major, &format!("{ROOM}/sort"), "乙", |m| {
        remove(&mut room(m)["sort"]["oneOf"], 1);
    });
    one(Bump::Major, &format!("{ROOM}/beds/x-anshu/index"), "查询", |m| {
        room(m)["beds"]["x-anshu"]["index"] = json!(false)
    });
}

#[test]
fn what_got_another_name_or_another_type_is_a_major() {
    one(Bump::Major, &format!("{ROOM}/beds"), "由 beds 改名为 places", |m| {
        let beds = room(m).as_object_mut().unwrap().remove("beds").unwrap();
        room(m)["places"] = beds;
        m["facets"][0]["schema"]["required"] = json!(["places"]);
    });
    one(Bump::Major, "/risks/0", "改名为 demo.blaze", |m| {
        m["risks"][0]["name"] = json!("demo.blaze")
    });
    one(Bump::Major, &format!("{ROOM}/beds"), "由 integer 改为 number", |m| {
        room(m)["beds"]["type"] = json!("number")
    });
    one(
        Bump::Major,
        &format!("{ROOM}/guests/items/properties/name"),
        "由 string 改为 boolean",
        |m| {
            room(m)["guests"]["items"]["properties"]["name"]["type"] = json!("boolean");
        },
    );
    one(Bump::Major, "/facets/0/on", "实体种类", |m| m["facets"][0]["on"] = json!("thing"));
    one(Bump::Major, "/actions/0/on", "办理对象", |m| {
        m["actions"][0]["on"] = json!({"entity": "demo.room"})
    });
}

#[test]
fn what_became_stricter_or_is_protected_otherwise_is_a_major() {
    one(Bump::Major, &format!("{ROOM}/beds/minimum"), "收紧为 2", |m| {
        room(m)["beds"]["minimum"] = json!(2)
    });
    one(Bump::Major, &format!("{ROOM}/guests/maxItems"), "收紧为 3", |m| {
        room(m)["guests"]["maxItems"] = json!(3)
    });
    one(Bump::Major, "/topics/0/schema/properties/count/maximum", "新限定", |m| {
        m["topics"][0]["schema"]["properties"]["count"]["maximum"] = json!(9);
    });
    one(Bump::Major, &format!("{ROOM}/sort"), "必填", |m| {
        m["facets"][0]["schema"]["required"] = json!(["beds", "sort"])
    });
    one(Bump::Major, &format!("{ROOM}/phone/format"), "id-cn", |m| {
        room(m)["phone"]["format"] = json!("id-cn")
    });
    one(Bump::Major, &format!("{ROOM}/phone/x-anshu"), "分级", |m| {
        room(m)["phone"]["x-anshu"]["level"] = json!("L2")
    });
    one(Bump::Major, &format!("{ROOM}/phone/x-anshu/retention"), "缩短为 P35M", |m| {
        room(m)["phone"]["x-anshu"]["retention"] = json!("P35M")
    });
    one(Bump::Major, &format!("{ROOM}/phone/x-anshu/purpose"), "目的", |m| {
        room(m)["phone"]["x-anshu"]["purpose"] = json!("q")
    });
    one(Bump::Major, "/matters/0/label", "分级", |m| {
        m["matters"][0]["label"]["level"] = json!("L1")
    });
    one(Bump::Major, "/actions/1/functions", "不能再办理", |m| {
        m["actions"][1]["functions"] = json!(["police"])
    });
    one(Bump::Major, "/selects", "时间", |m| m["selects"] = json!("now"));
}

/// Checks a change under a number, with transitions for some matters.
fn admitted(
    from: &str,
    to: &str,
    matters: &[&str],
    change: impl FnOnce(&mut Value),
) -> anshu_model::Result<()> {
    let (mut old, mut new) = (base(), base());
    old["version"] = json!(from);
    new["version"] = json!(to);
    change(&mut new);
    let say = |matter: &&str| json!({"matter": matter, "from": "<9.0.0", "note": "按新规定衔接"});
    new["transitions"] = matters.iter().map(say).collect();
    check([&read(&old)], &read(&new))
}

#[test]
fn a_number_that_promises_less_than_it_changes_is_refused_with_every_line() {
    let stricter = |m: &mut Value| {
        room(m)["beds"]["maximum"] = json!(9);
        m["risks"] = json!([]);
    };
    for (from, to) in
        [("1.0.0", "1.0.1"), ("1.0.0", "1.4.0"), ("0.1.0", "0.1.1"), ("1.9.9", "1.10.0")]
    {
        let error = admitted(from, to, &[], stricter).unwrap_err();
        let Error::Invalid(problems) = &error else { panic!("{error}") };
        let at: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
        assert_eq!(at, [&format!("{ROOM}/beds/maximum"), "/risks/0"]);
    }
    let error = admitted("1.2.3", "1.3.0", &[], stricter).unwrap_err().to_string();
    assert!(error.contains("2.0.0") && error.contains("1.3.0"), "{error}");
    let error = admitted("0.2.3", "0.2.4", &[], stricter).unwrap_err().to_string();
    assert!(error.contains("0.3.0"), "{error}");
    for (from, to) in
        [("1.0.0", "2.0.0"), ("0.1.0", "0.2.0"), ("0.0.1", "0.0.2"), ("0.9.0", "1.0.0")]
    {
        admitted(from, to, &[], stricter).unwrap();
    }
    let more = |m: &mut Value| room(m)["beds"]["maximum"] = json!(99);
    assert!(admitted("1.0.0", "1.0.1", &[], more).is_err());
    admitted("1.0.0", "1.1.0", &[], more).unwrap();
    admitted("0.1.0", "0.1.1", &[], more).unwrap();
}

#[test]
fn a_major_change_needs_a_transition_for_the_matter_that_it_concerns() {
    for change in [
        (|m: &mut Value| m["matters"][0]["substages"] = json!({})) as fn(&mut Value),
        |m| remove(&mut m["actions"], 1),
        |m| m["matters"][0]["forms"] = json!([]),
    ] {
        let error = admitted("1.0.0", "2.0.0", &["demo.other"], change).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("/transitions") && text.contains("demo.filing"), "{text}");
        admitted("1.0.0", "2.0.0", &["demo.filing"], change).unwrap();
        assert!(admitted("1.0.0", "1.1.0", &["demo.filing"], change).is_err());
    }
    admitted("1.0.0", "2.0.0", &[], |m| m["facets"] = json!([])).unwrap();
}

#[test]
fn a_version_follows_the_nearest_lower_number() {
    let numbered = |number: &str| {
        let mut manifest = base();
        manifest["version"] = json!(number);
        read(&manifest)
    };
    let stored = ["1.0.0", "1.9.0", "1.10.0", "3.0.0"].map(numbered);
    let before =
        |number: &str| predecessor(&stored, &numbered(number)).map(|old| old.version.clone());
    assert_eq!(before("1.10.1").as_deref(), Some("1.10.0"));
    assert_eq!(before("1.9.5").as_deref(), Some("1.9.0"));
    assert_eq!(before("1.0.0"), None);
    assert_eq!(before("9.0.0").as_deref(), Some("3.0.0"));
    let mut other = base();
    other["name"] = json!("other");
    assert_eq!(predecessor(&stored, &read(&other)), None);
    check(&stored, &read(&other)).unwrap();
}

proptest! {
    /// Whatever bound a value has, moving it one way is stricter and moving it back is not.
    #[test]
    fn a_bound_that_moves_is_stricter_in_one_direction_only(was in 0_u32..100, is in 0_u32..100, upper: bool) {
        let keyword = if upper { "maximum" } else { "minimum" };
        let with = |bound: u32| {
            let mut manifest = base();
            room(&mut manifest)["beds"][keyword] = json!(bound);
            read(&manifest)
        };
        let stricter = if upper { is < was } else { is > was };
        let needed = compare(&with(was), &with(is)).needed;
        let back = compare(&with(is), &with(was)).needed;
        let (expected, reverse) = match (was == is, stricter) {
            (true, _) => (Bump::Patch, Bump::Patch),
            (false, true) => (Bump::Major, Bump::Minor),
            (false, false) => (Bump::Minor, Bump::Major),
        };
        prop_assert_eq!((needed, back), (expected, reverse));
    }

    /// Every number that is refused names one that would do, and that one is admitted.
    #[test]
    fn the_number_that_is_named_is_enough(major in 0_u64..3, minor in 0_u64..4, patch in 0_u64..4) {
        let from = format!("{major}.{minor}.{patch}");
        let to = format!("{major}.{minor}.{}", patch + 1);
        let change = |m: &mut Value| m["risks"] = json!([]);
        if let Err(Error::Invalid(problems)) = admitted(&from, &to, &[], change) {
            let named = problems[0].expected.split("不低于 ").nth(1).unwrap();
            let named = named.split('，').next().unwrap();
            prop_assert!(admitted(&from, named, &[], change).is_ok(), "{} {}", from, named);
        } else {
            prop_assert_eq!((major, minor), (0, 0));
        }
    }
}
