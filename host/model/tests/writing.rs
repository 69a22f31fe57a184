//! Writing data through a scope, attribute by attribute.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test's own steps cannot do ends the test"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use anshu_model::Error;
use anshu_model::entity::Facet;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::schema::{Schema, Schemas};
use anshu_model::scope::{Names, Rows, Scope};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const LEVELS: [Level; 4] = [Level::L1, Level::L2, Level::L3, Level::L4];

fn scope(clear: Level, masked: Level, write: Level) -> Scope {
    Scope {
        rows: Rows { subtree: None, units: BTreeSet::new(), narrow: None },
        clear: Some(clear),
        masked: Some(masked),
        write: Some(write),
        collect: None,
        on: std::collections::BTreeMap::new(),
        event_at: None,
        purpose: String::new(),
        hidden_tags: BTreeSet::new(),
        facets_read: Names::All,
        facets_write: Names::All,
        types_read: Names::All,
        types_write: Names::All,
        until: Instant(i64::MAX),
        policy: String::new(),
    }
}

fn attribute(level: &str, kind: &str) -> Value {
    json!({ "type": kind, "x-anshu": {
        "level": level, "tags": ["personal"], "mask": "phone", "purpose": "p", "ground": "g", "retention": "P1Y",
    } })
}

fn object(properties: Value) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// One attribute of each level, in an object, in a list of plain values and in a list of objects.
fn schemas() -> (Schemas, String) {
    let levels = ["L1", "L2", "L3", "L4"];
    let plain: Map<String, Value> =
        levels.iter().map(|level| ((*level).to_owned(), attribute(level, "string"))).collect();
    let mut properties = plain.clone();
    let mut numbers = attribute("L3", "array");
    numbers["items"] = json!({ "type": "string" });
    properties.insert("numbers".into(), numbers);
    properties.insert("inner".into(), object(Value::Object(plain.clone())));
    let list = json!({ "type": "array", "items": object(Value::Object(plain)) });
    properties.insert("list".into(), list);
    let schema = Schema::parse("样例.表", &object(Value::Object(properties))).unwrap();
    let digest = schema.digest().to_owned();
    let mut schemas = Schemas::default();
    schemas.insert(Arc::new(schema));
    (schemas, digest)
}

fn facet(digest: &str, data: Value) -> Facet {
    Facet { schema: digest.to_owned(), data }
}

fn shown(schemas: &Schemas, scope: &Scope, facet: &Facet) -> Facet {
    let mut shown = facet.clone();
    schemas.show_data(&facet.schema, &mut shown.data, scope.at_large());
    shown
}

fn attributes() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop::option::of("1[0-9]{10}");
    prop::array::uniform4(value).prop_map(|values| {
        let named = ["L1", "L2", "L3", "L4"].into_iter().zip(values);
        named.filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect()
    })
}

fn data() -> impl Strategy<Value = Value> {
    let numbers = prop::collection::vec("1[0-9]{10}", 0..3);
    let list = prop::collection::vec(attributes(), 0..4);
    (attributes(), numbers, attributes(), list).prop_map(|(mut plain, numbers, inner, list)| {
        plain.insert("numbers".into(), json!(numbers));
        plain.insert("inner".into(), Value::Object(inner));
        plain.insert("list".into(), json!(list));
        Value::Object(plain)
    })
}

/// Scopes in which what is clear is masked at least, and what is written may be any.
fn scopes() -> impl Strategy<Value = Scope> {
    (0..4_usize, 0..4_usize, 0..4_usize).prop_map(|(clear, masked, write)| {
        scope(LEVELS[clear], LEVELS[clear.max(masked)], LEVELS[write])
    })
}

proptest! {
    /// What was shown, handed back as it is, changes nothing, whatever the scope.
    #[test]
    fn what_was_shown_can_be_handed_back(scope in scopes(), data in data()) {
        let (schemas, digest) = schemas();
        let stored = facet(&digest, data);
        let given = shown(&schemas, &scope, &stored);
        let written = schemas.write(scope.at_large(), "样例.表", Some(&stored), &given).unwrap();
        prop_assert_eq!(&written.data, &stored.data);
        // Judged by what was shown alone, as a call judges it, it passes too.
        prop_assert!(schemas.write(scope.at_large(), "样例.表", Some(&given), &given).is_ok());
    }

    /// Whatever is given: where it is taken, every value above what may be written is what it was.
    #[test]
    fn nothing_above_the_level_changes(scope in scopes(), before in data(), after in data()) {
        let (schemas, digest) = schemas();
        let (stored, given) = (facet(&digest, before), facet(&digest, after));
        if let Ok(written) = schemas.write(scope.at_large(), "样例.表", Some(&stored), &given) {
            for (name, level) in ["L1", "L2", "L3", "L4"].into_iter().zip(LEVELS) {
                if scope.write < Some(level) {
                    let all = |data: &Value| {
                        let mut all = vec![data[name].clone(), data["inner"][name].clone()];
                        let list = data["list"].as_array().cloned().unwrap_or_default();
                        let mut rest: Vec<String> = list.iter().filter_map(|entry| entry.get(name)).map(Value::to_string).collect();
                        rest.sort();
                        all.push(json!(rest));
                        all
                    };
                    prop_assert_eq!(all(&written.data), all(&stored.data));
                }
            }
            if scope.write < Some(Level::L3) {
                prop_assert_eq!(&written.data["numbers"], &stored.data["numbers"]);
            }
        }
    }

    /// Who reads and writes everything gets what was given.
    #[test]
    fn with_full_rights_it_is_what_was_given(before in data(), after in data()) {
        let (schemas, digest) = schemas();
        let full = scope(Level::L4, Level::L4, Level::L4);
        let (stored, given) = (facet(&digest, before), facet(&digest, after));
        let written = schemas.write(full.at_large(), "样例.表", Some(&stored), &given).unwrap();
        prop_assert_eq!(written.data, given.data);
        prop_assert!(written.kept.is_empty());
    }

    /// New data need the rights for what they say, and for nothing else.
    #[test]
    fn new_data_are_judged_by_what_they_say(scope in scopes(), data in data()) {
        let (schemas, digest) = schemas();
        let said = |name: &str| {
            let in_list = data["list"].as_array().into_iter().flatten().any(|entry| entry.get(name).is_some());
            data.get(name).is_some() || data["inner"].get(name).is_some() || in_list
                || (name == "L3" && data["numbers"].as_array().is_some_and(|numbers| !numbers.is_empty()))
        };
        let above = ["L1", "L2", "L3", "L4"].into_iter().zip(LEVELS).any(|(name, level)| scope.write < Some(level) && said(name));
        let judged = schemas.check_values(scope.at_large(), "样例.表", &digest, &data);
        prop_assert_eq!(judged.is_err(), above);
    }
}

#[test]
fn each_refused_attribute_is_named() {
    let (schemas, digest) = schemas();
    let scope = scope(Level::L2, Level::L3, Level::L2);
    let stored = facet(&digest, json!({ "L1": "a", "L3": "13900001234", "L4": "13900005678" }));
    let given = facet(
        &digest,
        json!({ "L1": "b", "L3": "13911111111", "L4": "x", "inner": { "L4": "y" } }),
    );
    let Err(Error::Denied(text)) =
        schemas.write(scope.at_large(), "样例.表", Some(&stored), &given)
    else {
        panic!()
    };
    for named in ["样例.表", "“L3”", "“L4”", "“inner.L4”"] {
        assert!(text.contains(named), "{named}: {text}");
    }
    assert!(!text.contains("“L1”") && !text.contains("139"), "{text}");
}

#[test]
fn an_entry_of_a_list_is_known_by_what_is_shown_of_it() {
    let (schemas, digest) = schemas();
    let list = |entries: Value| facet(&digest, json!({ "list": entries }));
    let one = json!({ "L1": "a", "L3": "13900001234" });
    let two = json!({ "L1": "b", "L3": "13900005678" });
    let stored = list(json!([one, two]));
    let masks = scope(Level::L2, Level::L3, Level::L2);
    let write = |scope: &Scope, entries: Value| {
        schemas.write(scope.at_large(), "样例.表", Some(&stored), &list(entries))
    };
    let (first, second) =
        (json!({ "L1": "a", "L3": "139****1234" }), json!({ "L1": "b", "L3": "139****5678" }));
    // Moved, each keeps its own; beside a new one too.
    let moved = write(&masks, json!([second, first, { "L1": "c" }])).unwrap().data;
    assert_eq!(moved["list"], json!([two, one, { "L1": "c" }]));
    // Changed beside its mask it is still the same.
    let changed = write(&masks, json!([{ "L1": "z", "L3": "139****1234" }, second])).unwrap().data;
    assert_eq!(changed["list"][0], json!({ "L1": "z", "L3": "13900001234" }));
    // Without its mask nobody can tell, and taking it away takes the right to write what is in it.
    for entries in [json!([{ "L1": "z" }, second]), json!([second]), json!([])] {
        let refused = write(&masks, entries.clone());
        assert!(
            matches!(&refused, Err(Error::Denied(text)) if text.contains("list.L3")),
            "{entries}: {refused:?}"
        );
    }
    let writes = scope(Level::L2, Level::L3, Level::L3);
    assert_eq!(write(&writes, json!([second])).unwrap().data["list"], json!([two]));
    assert_eq!(write(&writes, json!([])).unwrap().data["list"], json!([]));
    // Left out altogether where all of it is unseen, it stays.
    let blind = scope(Level::L1, Level::L1, Level::L1);
    let secret = facet(&digest, json!({ "list": [{ "L3": "13900001234" }], "numbers": ["1"] }));
    let written = schemas
        .write(blind.at_large(), "样例.表", Some(&secret), &facet(&digest, json!({})))
        .unwrap_err();
    assert!(
        matches!(written, Error::Denied(_)),
        "the entry has attributes that are clear: {written}"
    );
    let two_alike = list(json!([{ "L3": "13900001234" }, { "L3": "13911111234" }]));
    let one_left = list(json!([{ "L3": "139****1234" }]));
    assert!(
        schemas.write(writes.at_large(), "样例.表", Some(&two_alike), &one_left).is_err(),
        "which one is to go?"
    );
}

#[test]
fn data_of_an_older_schema_are_put_aside_only_by_those_who_may() {
    let (mut schemas, digest) = schemas();
    let older = Schema::parse(
        "样例.表",
        &object(json!({ "L1": attribute("L1", "string"), "old": attribute("L4", "string") })),
    )
    .unwrap();
    let stored = facet(older.digest(), json!({ "L1": "a", "old": "13900001234" }));
    schemas.insert(Arc::new(older));
    let given = facet(&digest, json!({ "L1": "b" }));
    let low = scope(Level::L2, Level::L2, Level::L2);
    let refused = schemas.write(low.at_large(), "样例.表", Some(&stored), &given);
    assert!(matches!(&refused, Err(Error::Denied(text)) if text.contains("“old”")), "{refused:?}");
    let full = scope(Level::L4, Level::L4, Level::L4);
    assert_eq!(
        schemas.write(full.at_large(), "样例.表", Some(&stored), &given).unwrap().data,
        given.data
    );
}
