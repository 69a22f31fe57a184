//! What a schema may ask for, and how values are shown through a scope.

#![expect(clippy::panic, reason = "what a test's own steps cannot do ends the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::entity::{Entity, EntityKind, Facet, Identifier};
use anshu_model::instant::Instant;
use anshu_model::label::{Level, Tag};
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::schema::{Schema, Schemas};
use anshu_model::scope::{Names, Rows, Scope};
use anshu_model::{Error, Id, division::Division};
use serde_json::{Value, json};

fn schema(properties: Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

fn problems(properties: Value) -> String {
    match Schema::parse("样例.表", &schema(properties)) {
        Err(Error::Invalid(problems)) => {
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        other => panic!("应被拒绝：{other:?}"),
    }
}

fn personal(level: &str) -> Value {
    json!({"level": level, "tags": ["personal"], "mask": "phone", "purpose": "p", "ground": "g", "retention": "P1Y"})
}

fn scope(clear: Level, masked: Level, hidden: &[Tag]) -> Scope {
    Scope {
        rows: Rows { subtree: None, units: BTreeSet::new(), narrow: None },
        clear: Some(clear),
        masked: Some(masked),
        write: None,
        collect: None,
        on: BTreeMap::new(),
        event_at: None,
        purpose: String::new(),
        hidden_tags: hidden.iter().copied().collect(),
        facets_read: Names::All,
        facets_write: Names::All,
        types_read: Names::All,
        types_write: Names::All,
        until: Instant(0),
        policy: String::new(),
    }
}

#[test]
fn what_must_never_be_collected_is_refused_by_name_and_by_title() {
    let label = json!({"level": "L1"});
    assert!(
        problems(json!({"religion": {"type": "string", "x-anshu": label}})).contains("宗教信仰")
    );
    assert!(
        problems(json!({"group": {"type": "string", "title": "民族", "x-anshu": label}}))
            .contains("民族")
    );
    assert!(
        problems(json!({"credit_score": {"type": "number", "x-anshu": label}})).contains("评分")
    );
}

#[test]
fn every_problem_is_named_at_once_where_it_stands() {
    let text = problems(json!({
        "name": {"type": "string"},
        "phone": {"type": "string", "x-anshu": {"level": "L3", "tags": ["personal"]}},
        "code": {"type": "string", "pattern": "(a+)+$", "x-anshu": {"level": "L1"}},
    }));
    for expected in [
        "/properties/name/x-anshu",
        "/properties/phone/x-anshu/retention",
        "/properties/code/pattern",
    ] {
        assert!(text.contains(expected), "{expected} is missing in:\n{text}");
    }
}

#[test]
fn a_set_is_as_high_as_its_highest_member() {
    let parsed = Schema::parse(
        "样例.表",
        &schema(json!({"a": {"type": "string", "x-anshu": {"level": "L1"}}, "b": {"type": "string", "x-anshu": personal("L3")}})),
    )
    .unwrap();
    assert_eq!(parsed.label().level, Level::L3);
    assert!(parsed.label().tags.contains(&Tag::Personal));
}

#[test]
fn values_are_shown_masked_or_not_at_all() {
    let parsed = Arc::new(
        Schema::parse(
            "样例.表",
            &schema(json!({
                "beds": {"type": "integer", "x-anshu": {"level": "L1"}},
                "phone": {"type": "string", "x-anshu": personal("L3")},
                "guests": {"type": "array", "items": {
                    "type": "object", "additionalProperties": false,
                    "properties": {"note": {"type": "string", "x-anshu": personal("L4")}}}},
            })),
        )
        .unwrap(),
    );
    let mut schemas = Schemas::default();
    schemas.insert(parsed.clone());
    let data = json!({"beds": 2, "phone": "13800138000", "guests": [{"note": "甲"}]});
    let facet = Facet { schema: parsed.digest().to_owned(), data };
    let mut record = Record {
        head: Head {
            id: Id::from_text("e"),
            kind: Kind::Entity,
            type_name: "person".into(),
            division: Division::parse("500103").unwrap(),
            unit: Id::from_text("u"),
            joint: BTreeSet::new(),
            version: 1,
            created_at: Instant(0),
            pack: None,
        },
        body: Body::Entity(Entity {
            kind: EntityKind::Person,
            name: "样例甲".into(),
            identifiers: vec![Identifier {
                scheme: "resident-id".into(),
                value: "11010519491231002X".into(),
            }],
            facets: BTreeMap::from([("样例.表".to_owned(), facet)]),
        }),
    };
    let mut hidden = record.clone();
    schemas.show(&mut record, &scope(Level::L2, Level::L3, &[]));
    let entity = record.entity().unwrap();
    assert_eq!(entity.name, "样*");
    assert_eq!(entity.identifiers[0].value, "110**************X");
    assert_eq!(
        entity.facets["样例.表"].data,
        json!({"beds": 2, "phone": "138****8000", "guests": [{}]})
    );

    schemas.show(&mut hidden, &scope(Level::L2, Level::L2, &[]));
    let text = serde_json::to_string(&hidden).unwrap();
    for secret in ["样例甲", "1949", "8000", "甲\""] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    // Without the schema nothing can be classified, so nothing is shown.
    Schemas::default().show(&mut hidden, &scope(Level::L4, Level::L4, &[]));
    assert_eq!(hidden.entity().unwrap().facets["样例.表"].data, json!({}));
}

/// A set is never handled below its highest member, nor lower for having more persons (点面结合).
#[test]
fn more_persons_and_higher_members_never_lower_a_set() {
    use anshu_model::label::{Aggregation, of_set};
    let levels = [Level::L1, Level::L2, Level::L3, Level::L4, Level::Important];
    let counts = [0, 1, 2, 999, 1_000, 1_001, 9_999_999, 10_000_000, u64::MAX];
    for policy in [
        Aggregation::default(),
        Aggregation { sensitive: 2, important: 1_000 },
        // A centre that states them the wrong way round is still on the safe side.
        Aggregation { sensitive: 1_000, important: 2 },
        Aggregation { sensitive: 0, important: u64::MAX },
    ] {
        for (at, level) in levels.iter().enumerate() {
            for (place, count) in counts.iter().enumerate() {
                let set = of_set(*level, *count, &policy);
                assert!(set >= *level);
                for lower in &levels[..at] {
                    assert!(of_set(*lower, *count, &policy) <= set, "{lower:?} {level:?} {count}");
                }
                for fewer in &counts[..place] {
                    assert!(of_set(*level, *fewer, &policy) <= set, "{level:?} {fewer} {count}");
                }
            }
        }
    }
    assert_eq!(of_set(Level::L3, 999, &Aggregation::default()), Level::L3);
    assert_eq!(of_set(Level::L3, 1_000, &Aggregation::default()), Level::L4);
    assert_eq!(of_set(Level::L2, u64::MAX, &Aggregation::default()), Level::L2);
}
