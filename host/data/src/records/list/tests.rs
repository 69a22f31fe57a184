use std::collections::BTreeSet;

use anshu_authz::Authority;
use anshu_model::context::{Principal, Purpose};
use anshu_model::division::Division;
use anshu_model::org::Person;

use super::*;
use crate::records::open;
use crate::{Config, Durability};

/// Somebody in the county 500103, with roles.
fn somebody(roles: &[&str], code: &str) -> OpContext {
    OpContext {
        id: Id::from_text("op"),
        principal: Principal::Person(Box::new(Person {
            id: Id::from_text("person"),
            name: "样例甲".into(),
            unit: Id::from_text("unit"),
            division: Division::parse(code).unwrap(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            clearance: Level::L4,
            functions: BTreeSet::new(),
        })),
        pack: None,
        purpose: Purpose {
            code: "handle".into(),
            ground: "测试依据".into(),
            serves: Some(Id::from_text("task")),
        },
        now: Instant(1_795_000_000_000),
    }
}

/// What the engine says that it will do.
async fn plan(data: &Data, query: Query) -> Vec<String> {
    let mut tx = data.inner.db.read().await.unwrap();
    let rows = tx.rows(query).await.unwrap();
    rows.iter().map(|row| row.text(3).unwrap()).collect()
}

/// A page of a list costs what is on the page, however many records there are: no table is read through, and nothing
/// but a page of each way into the scope is sorted.
#[tokio::test]
async fn no_list_reads_a_table_through_or_sorts_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        url: format!("sqlite:{}", folder.path().join("centre.db").display()),
        durability: Durability::Off,
        keys: folder.path().to_owned(),
        origin: "centre.test/log".into(),
        smallest_figure: 10,
    };
    let data = Data::open(&config, Authority::shipped().unwrap()).await.unwrap();
    let id = || Some(Id::from_text("x"));
    let of = List::of;
    // The list, and whether what it selects (the links of one record, what is called so) is sorted by when it is due.
    let lists = [
        (of(Kind::Case), false),
        (List { type_name: Some("a.b".into()), ..of(Kind::Case) }, false),
        (List { state: Some("handling".into()), ..of(Kind::Case) }, false),
        (List { due_before: Some(Instant(5)), ..of(Kind::Risk) }, false),
        (List { level: Some("major".into()), ..of(Kind::Risk) }, false),
        (List { facet: Some("a.b".into()), ..of(Kind::Entity) }, false),
        (List { text: Some("样例".into()), ..of(Kind::Entity) }, true),
        (List { text: Some("样例".into()), facet: Some("a.b".into()), ..of(Kind::Entity) }, false),
        (List { party: id(), ..of(Kind::Case) }, true),
        (List { subject: id(), ..of(Kind::Risk) }, true),
        (List { about: id(), ..of(Kind::Duty) }, true),
    ];
    let people = [
        somebody(&["clerk"], "500000000000"),
        somebody(&["clerk"], "500103000000"),
        somebody(&["clerk"], "500103001000"),
        somebody(&["handler"], "500103000000"),
    ];
    let after = (7, Id::from_text("y"));
    for context in &people {
        let permit = data.inner.guard.permit(context).unwrap();
        let index = data.inner.index.at(&mut data.inner.db.read().await.unwrap()).await.unwrap();
        for (list, sorts) in &lists {
            for after in [None, Some(&after)] {
                let query = Query::new("EXPLAIN QUERY PLAN ");
                let plan = plan(&data, select(query, &permit, index.key(), list, after, 51)).await;
                let through = |step: &&String| {
                    ["SCAN r", "SCAN c", "SCAN a", "SCAN n", "SCAN l", "SCAN j"]
                        .iter()
                        .any(|table| *step == table || step.starts_with(&format!("{table} ")))
                };
                assert_eq!(plan.iter().find(through), None, "{list:?}: {plan:#?}");
                let sorted = plan.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
                assert!(*sorts || !sorted, "{list:?}: {plan:#?}");
            }
        }
        let query = Query::new("EXPLAIN QUERY PLAN SELECT COUNT(*) FROM (");
        let plan = plan(&data, open(query, &permit).push(") r")).await;
        // Whatever is open in the scope, by the indexes that hold nothing else.
        let indexed = |step: &&String| step.contains(" r USING") && !step.contains("record_open");
        let shared = plan.iter().any(|step| step.contains("SEARCH j"));
        assert!(plan.iter().find(indexed).is_none() || shared, "{plan:#?}");
    }
    data.close().await;
}
