//! Packs that take what all of them share.

use std::sync::Arc;
use std::time::Duration;

use anshu_model::Error;
use anshu_sandbox::Settings;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::attack;
use super::centre::Stuck;
use super::install::{component, manifest, pack_of};
use super::support::{World, grant};

fn world_with(settings: Settings) -> World {
    let world = World::with(Settings { faults: 100, ..settings });
    world.sandbox.install(&pack_of(&component(), &manifest()), &grant(&manifest())).unwrap();
    world
}

/// Calls into the attacker that wait for storage, and hold their turns meanwhile.
async fn stuck(world: &Arc<World>, calls: u32) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let waiting = Arc::new(Semaphore::new(0));
    for _ in 0..calls {
        let (world, waiting) = (Arc::clone(world), Arc::clone(&waiting));
        tasks.spawn(async move {
            let centre = Stuck::new(world.centre.clone(), waiting);
            world.sandbox.invoke(&centre, attack("wait")).await.unwrap_err();
        });
    }
    drop(waiting.acquire_many(calls).await.unwrap());
    tasks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_noisy_pack_waits_for_itself_and_the_others_go_on() {
    let world = Arc::new(world_with(Settings {
        concurrency: 4,
        pack_concurrency: 3,
        wait: Duration::from_millis(200),
        deadline: Duration::from_secs(3),
        ..Settings::default()
    }));
    let tasks = stuck(&world, 3).await;
    let error = world.sandbox.invoke(&world.centre, attack("calm")).await.unwrap_err();
    let Error::Unavailable(text) = &error else { panic!("{error}") };
    assert!(text.contains("hostile 1.0.0") && text.contains("3 个"), "{text}");
    for _ in 0..20 {
        world.room().await;
    }
    tasks.join_all().await;
    // It was told to come again, and may.
    world.sandbox.invoke(&world.centre, attack("calm")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_pool_is_waited_for_and_then_said_so() {
    let world = Arc::new(world_with(Settings {
        concurrency: 2,
        pack_concurrency: 2,
        wait: Duration::from_millis(200),
        deadline: Duration::from_secs(3),
        ..Settings::default()
    }));
    let tasks = stuck(&world, 2).await;
    let begun = std::time::Instant::now();
    let error = world.act("register", None, json!({"name": "样例", "beds": 1})).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(text) if text.contains("2 个")), "{error}");
    assert!(begun.elapsed() >= Duration::from_millis(200), "it was waited for");
    tasks.join_all().await;
    world.room().await;
}

#[tokio::test]
async fn events_of_a_minute_are_counted_for_the_pack_and_for_all() {
    let world = world_with(Settings {
        events_a_minute: 150,
        all_events_a_minute: 160,
        ..Settings::default()
    });
    // The storm is a hundred events, and ends as a fault. What it took is gone for this minute.
    world.sandbox.invoke(&world.centre, attack("storm")).await.unwrap_err();
    let error = world.sandbox.invoke(&world.centre, attack("storm")).await.unwrap_err();
    let Error::Unavailable(text) = &error else { panic!("{error}") };
    assert!(text.contains("hostile 1.0.0") && text.contains("150 个"), "{text}");
    for _ in 0..10 {
        world.room().await;
    }
    // The centre's ceiling holds for those who are not to blame, too.
    let error = world.act("register", None, json!({"name": "样例", "beds": 1})).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(text) if text.contains("160 个")), "{error}");
    // What needs no event goes on.
    world.act("count", None, json!({})).await.unwrap();
}

#[tokio::test]
async fn log_is_cut_by_bytes_and_by_the_minute() {
    let world = world_with(Settings {
        log_bytes: 20_000,
        log_bytes_a_minute: 30_000,
        ..Settings::default()
    });
    let kept = |decision: &anshu_model::decision::Decision| decision.log.len() - 1;
    let first = world.sandbox.invoke(&world.centre, attack("flood")).await.unwrap();
    assert_eq!(kept(&first), 19);
    let second = world.sandbox.invoke(&world.centre, attack("flood")).await.unwrap();
    assert_eq!(kept(&second), 10, "the minute's share is used up");
    let last = &second.log.last().unwrap().text;
    assert!(last.contains("990 行"), "{last}");
}
