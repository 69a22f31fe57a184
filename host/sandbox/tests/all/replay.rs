//! A decision can be run again from its record, long after the records have moved on.

use anshu_model::decision::Decision;
use serde_json::json;

use crate::support::{World, manifest};

#[tokio::test]
async fn every_decision_replays_byte_for_byte_after_the_records_moved_on() {
    let world = World::new();
    let room = world.room().await;
    for name in ["touch", "inspect", "open", "own-writes", "touch"] {
        world.act(name, Some(&room), json!({})).await.unwrap();
    }
    world.act("count", None, json!({})).await.unwrap();
    for decision in world.centre.decisions() {
        // As it comes back from storage.
        let stored: Decision =
            serde_json::from_str(&serde_json::to_string(&*decision).unwrap()).unwrap();
        let replay = world.sandbox.replay(&world.centre, &stored).await.unwrap();
        assert!(replay.equal, "{:?}: {:?}", decision.input, replay.differences);
    }
    assert_eq!(world.centre.decisions().len(), 7, "a replay commits nothing");
}

#[tokio::test]
async fn a_record_that_was_tampered_with_does_not_replay() {
    let world = World::new();
    let room = world.room().await;
    let decision = world.act("touch", Some(&room), json!({})).await.unwrap();
    let mut forged = Decision::clone(&decision);
    forged.outcome.summary = "另一个结果".into();
    let replay = world.sandbox.replay(&world.centre, &forged).await.unwrap();
    assert!(!replay.equal && replay.differences[0].contains("结果"), "{replay:?}");

    let mut forged = Decision::clone(&decision);
    forged.effects.clear();
    let replay = world.sandbox.replay(&world.centre, &forged).await.unwrap();
    assert!(replay.differences[0].contains("变更"), "{replay:?}");

    let mut forged = Decision::clone(&decision);
    forged.reads.clear();
    let replay = world.sandbox.replay(&world.centre, &forged).await.unwrap();
    assert!(replay.differences[0].contains("读取"), "{replay:?}");
}

#[tokio::test]
async fn a_subject_that_was_erased_is_named() {
    let world = World::new();
    let room = world.room().await;
    let decision = world.act("touch", Some(&room), json!({})).await.unwrap();
    world.centre.erase(&room);
    let replay = world.sandbox.replay(&world.centre, &decision).await.unwrap();
    assert!(!replay.equal);
    assert!(
        replay.differences[0].contains("销毁") && replay.differences[0].contains(room.as_str()),
        "{replay:?}"
    );
}

#[tokio::test]
async fn the_version_that_decided_is_needed() {
    let world = World::new();
    let room = world.room().await;
    let decision = world.act("touch", Some(&room), json!({})).await.unwrap();
    let mut other = manifest();
    other["title"] = json!("另一个文件，同一版本号");
    world.install(other);
    let error = world.sandbox.replay(&world.centre, &decision).await.unwrap_err();
    assert!(error.to_string().contains("摘要"), "{error}");
}
