//! A version beside the active one: what it is handed, what it is not, and whom it never troubles.

use anshu_model::Error;
use anshu_sandbox::compare::{Kind, Leaning};
use serde_json::json;

use crate::compare::{install, later};
use crate::support::{World, manifest};

#[tokio::test]
async fn a_shadow_gets_what_was_committed_and_its_own_work_is_discarded() {
    let world = World::new();
    let new = install(&world, 2, &later(manifest()));
    let mut shadow = world.sandbox.shadow(&new, 8).unwrap();
    let room = world.room().await;
    world.act("rule", Some(&room), json!({})).await.unwrap();
    world.act("refuse", None, json!({})).await.unwrap_err();
    let before = (world.centre.records(), world.centre.decisions().len());
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let decision = shadow.next().await.unwrap();
        let compared = world.sandbox.compare_shadow(&world.centre, &decision, &new).await.unwrap();
        kinds.extend(compared.differences.iter().map(|found| (found.kind, found.leaning)));
    }
    assert_eq!(kinds, [(Kind::Level, Leaning::Loosens)]);
    assert_eq!((world.centre.records(), world.centre.decisions().len()), before);
    assert_eq!(world.centre.events().len(), 1, "the shadow published nothing");
    assert_eq!(shadow.take_dropped(), 0);
}

#[tokio::test]
async fn a_full_queue_drops_and_counts_and_holds_nobody_up() {
    let world = World::new();
    let new = install(&world, 2, &later(manifest()));
    let mut shadow = world.sandbox.shadow(&new, 2).unwrap();
    // Nobody takes from the queue: whoever waited for it would wait for ever.
    for _ in 0..7 {
        world.room().await;
    }
    assert_eq!(world.centre.decisions().len(), 7);
    assert_eq!(shadow.take_dropped(), 5);
    shadow.next().await.unwrap();
    world.room().await;
    assert_eq!(shadow.take_dropped(), 0, "there is room again");
}

#[tokio::test]
async fn a_shadow_that_traps_is_quarantined_alone() {
    let world = World::new();
    let new = install(&world, 3, &later(manifest()));
    let room = world.room().await;
    let decision = world.act("rule", Some(&room), json!({})).await.unwrap();
    let mut last = None;
    for _ in 0..4 {
        last = Some(world.sandbox.compare_shadow(&world.centre, &decision, &new).await);
    }
    assert!(
        matches!(&last, Some(Err(Error::Unavailable(text))) if text.contains("2.0.0")),
        "{last:?}"
    );
    let quarantined = world.sandbox.quarantined();
    assert_eq!(quarantined.iter().map(|(pack, _)| pack).collect::<Vec<_>>(), [&new]);
    world.act("rule", Some(&room), json!({})).await.unwrap();
    assert_eq!(world.centre.failures(), []);
}

#[tokio::test]
async fn a_version_runs_beside_once_and_until_it_is_let_go() {
    let world = World::new();
    let new = install(&world, 2, &later(manifest()));
    let shadow = world.sandbox.shadow(&new, 1).unwrap();
    assert!(matches!(world.sandbox.shadow(&new, 1), Err(Error::Conflict(_))));
    drop(shadow);
    let mut shadow = world.sandbox.shadow(&new, 1).unwrap();
    world.room().await;
    shadow.next().await.unwrap();
    let mut gone = new.clone();
    gone.version = "9.0.0".into();
    assert!(matches!(world.sandbox.shadow(&gone, 1), Err(Error::NotFound(_))));
}
