//! Limits of the host's own; guests that break them on purpose are in `tests/hostile`.

use std::sync::Arc;
use std::time::Duration;

use anshu_model::context::OpContext;
use anshu_model::decision::Decision;
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::{Error, Result};
use anshu_sandbox::memory::MemoryCentre;
use anshu_sandbox::{Call, Settings};
use serde_json::json;

use crate::support::{World, action, context};

/// A centre whose snapshots take their time.
struct Slow(MemoryCentre, Duration);

impl Centre for Slow {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            tokio::time::sleep(self.1).await;
            self.0.open(context).await
        })
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        self.0.reopen(decision)
    }

    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()> {
        self.0.commit(decision)
    }

    fn failed<'a>(&'a self, context: &'a OpContext, error: &'a Error) -> Answer<'a, ()> {
        self.0.failed(context, error)
    }
}

#[tokio::test]
async fn opening_a_snapshot_takes_no_turn() {
    let settings =
        Settings { concurrency: 1, wait: Duration::from_millis(300), ..Settings::default() };
    let world = World::with(settings);
    // Longer than a turn is waited for: were the turn taken before, the second call would be refused.
    let slow = Slow(world.centre.clone(), Duration::from_millis(900));
    let call = || Call {
        context: context(),
        pack: "probe".into(),
        input: action("count", None, json!({})),
    };
    let (a, b): (Result<_>, Result<_>) =
        tokio::join!(world.sandbox.invoke(&slow, call()), world.sandbox.invoke(&slow, call()));
    a.unwrap();
    b.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_share_few_turns() {
    let world = Arc::new(World::with(Settings { concurrency: 2, ..Settings::default() }));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            world.act("register", None, json!({"name": "样例", "beds": 1})).await.map(|_| ())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(world.centre.decisions().len(), 200);
}
