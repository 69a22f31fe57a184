//! A version is asked where an open case of another version stands; it answers and changes nothing.

use anshu_model::Error;
use anshu_model::context::PackRef;
use anshu_model::record::Kind;
use anshu_model::transition::Migrated;
use serde_json::json;

use crate::law;
use crate::support::{World, context, manifest};

fn laws(world: &World) -> (PackRef, PackRef) {
    let old = law::install(world, "harsh", &law::manifest("1.0.0", "2026-01-01"));
    // Not in force yet: a plan is made before the day.
    let new = law::install(world, "mild", &law::manifest("2.0.0", "2027-01-01"));
    (old, new)
}

#[tokio::test]
async fn a_case_is_placed_under_the_version_that_is_asked() {
    let world = World::new();
    let (old, new) = laws(&world);
    let case = law::open(&world, "普通").await;
    let code = world.centre.record(&case).unwrap().case().unwrap().code.clone();
    let decisions = world.centre.decisions().len();
    let migrated =
        world.sandbox.migrate(&world.centre, context(), &old, &new, &case).await.unwrap();
    let note = format!("{code} 自 1.0.0 转入 2.0.0");
    assert_eq!(migrated, Migrated { substage: Some("visit".into()), note, manual: None });
    let case = law::open(&world, "人工").await;
    let migrated =
        world.sandbox.migrate(&world.centre, context(), &old, &new, &case).await.unwrap();
    assert_eq!(migrated.manual.as_deref(), Some("须由人员确认"));
    assert_eq!(world.centre.record(&case).unwrap().head.version, 1);
    assert_eq!(world.centre.decisions().len(), decisions + 1, "a migration is no decision");
    assert!(world.centre.failures().is_empty());
}

#[tokio::test]
async fn a_migration_that_writes_traps_or_lies_leaves_nothing() {
    let world = World::new();
    let (old, new) = laws(&world);
    for (title, expected) in [("写", "只能读取"), ("崩", "migrate（自 1.0.0）"), ("错", "nowhere")]
    {
        let case = law::open(&world, title).await;
        let error =
            world.sandbox.migrate(&world.centre, context(), &old, &new, &case).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{title}: {error}");
        assert_eq!(matches!(error, Error::Fault(_)), title != "写", "{error:?}");
        assert_eq!(world.centre.record(&case).unwrap().head.version, 1);
        assert!(world.centre.lines(&case).is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_said() {
    let world = World::new();
    let (old, new) = laws(&world);
    let ask = async |from: &PackRef, to: &PackRef, case| {
        world.sandbox.migrate(&world.centre, context(), from, to, case).await.unwrap_err()
    };
    let room = world.room().await;
    assert!(matches!(ask(&old, &new, &room).await, Error::NotFound(_)), "a room is no case");
    let case = law::open(&world, "普通").await;
    let probe = world.sandbox.packs()[2].reference.clone();
    assert_eq!(probe.name, "probe");
    assert!(matches!(ask(&probe, &new, &case).await, Error::Invalid(_)));
    let unknown = PackRef { version: "9.9.9".into(), ..new.clone() };
    assert!(matches!(ask(&old, &unknown, &case).await, Error::NotFound(_)));
    let mut without = law::manifest("3.0.0", "2027-01-01");
    without["matters"] = json!([]);
    let third = law::install(&world, "mild", &without);
    let error = ask(&old, &third, &case).await;
    assert!(matches!(&error, Error::Conflict(text) if text.contains("law.matter")), "{error}");
}

#[tokio::test]
async fn a_pack_of_the_first_contract_says_what_it_found_and_leaves_the_case_where_it_is() {
    let world = World::new();
    let room = world.room().await;
    let opened = world.act("open", Some(&room), json!({})).await.unwrap();
    let case = opened.outcome.subject.clone().unwrap();
    let mut newer = manifest();
    newer["version"] = json!("1.1.0");
    world.install(newer);
    let [from, to] = ["1.0.0", "1.1.0"].map(|version| {
        let packs = world.sandbox.packs();
        packs.iter().find(|pack| pack.reference.version == version).unwrap().reference.clone()
    });
    let migrated = world.sandbox.migrate(&world.centre, context(), &from, &to, &case).await;
    let note = "自 1.0.0 转入：来访登记".to_owned();
    assert_eq!(migrated.unwrap(), Migrated { substage: None, note, manual: None });
    let writing = PackRef { version: "0.0.1".into(), ..from };
    let before = world.records(Kind::Case);
    let error = world.sandbox.migrate(&world.centre, context(), &writing, &to, &case).await;
    assert!(matches!(error, Err(Error::Denied(_))), "{error:?}");
    assert_eq!(world.records(Kind::Case), before);
}
