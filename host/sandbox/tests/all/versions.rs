//! Several versions of one pack live side by side; legal time chooses.

use anshu_model::Error;
use anshu_model::context::PackRef;
use anshu_model::decision::Input;
use anshu_model::instant::Instant;
use anshu_sandbox::Call;
use serde_json::{Value, json};

use crate::support::{NOW, World, context, grant, manifest, pack};

fn version(number: &str, from: &str, selects: &str) -> Value {
    let mut manifest = manifest();
    manifest["version"] = json!(number);
    manifest["effective_from"] = json!(from);
    manifest["selects"] = json!(selects);
    manifest
}

const DAY: i64 = 86_400_000;

async fn decided_by(world: &World, occurred_at: Instant) -> anshu_model::Result<String> {
    let input = Input::Action {
        name: "register".into(),
        subject: None,
        answers: json!({"name": "样例房源", "beds": 1}),
        occurred_at,
    };
    let call = Call { context: context(), pack: "probe".into(), input };
    let decision = world.sandbox.invoke(&world.centre, call).await?;
    Ok(decision.context.pack.as_ref().unwrap().version.clone())
}

#[tokio::test]
async fn the_version_is_that_of_the_time_of_the_fact() {
    let world = World::new();
    world.install(version("2.0.0", "2026-03-01", "occurred"));
    world.install(version("3.0.0", "2026-04-01", "occurred"));
    assert_eq!(decided_by(&world, NOW).await.unwrap(), "2.0.0");
    assert_eq!(decided_by(&world, NOW.plus(-2 * DAY)).await.unwrap(), "1.0.0");
    let error = decided_by(&world, NOW.plus(-90 * DAY)).await.unwrap_err();
    assert!(matches!(&error, Error::NotFound(text) if text.contains("2026-01-01")), "{error}");
}

#[tokio::test]
async fn the_centres_date_counts_not_utc() {
    let world = World::new();
    world.install(version("2.0.0", "2026-03-02", "occurred"));
    // 2026-03-02T00:00 in the centre is still the 1st in UTC.
    assert_eq!(decided_by(&world, NOW.plus(-9 * 3_600_000)).await.unwrap(), "2.0.0");
    assert_eq!(decided_by(&world, NOW.plus(-9 * 3_600_000 - 1)).await.unwrap(), "1.0.0");
}

#[tokio::test]
async fn where_now_chooses_the_newest_in_force_decides() {
    let world = World::new();
    world.install(version("2.0.0", "2026-03-01", "now"));
    assert_eq!(decided_by(&world, NOW.plus(-30 * DAY)).await.unwrap(), "2.0.0");
    world.sandbox.remove("probe", "2.0.0");
    assert_eq!(decided_by(&world, NOW).await.unwrap(), "1.0.0");
}

#[tokio::test]
async fn where_acceptance_chooses_an_open_matter_keeps_its_version() {
    let world = World::new();
    let room = world.room().await;
    world.install(version("1.0.0", "2026-01-01", "accepted"));
    world.install(version("2.0.0", "2026-03-03", "accepted"));
    let mut context = context();
    context.now = NOW.plus(5 * DAY);
    let input = Input::Action {
        name: "touch".into(),
        subject: Some(room),
        answers: json!({}),
        occurred_at: NOW,
    };
    let call = Call { context, pack: "probe".into(), input };
    let decision = world.sandbox.invoke(&world.centre, call).await.unwrap();
    assert_eq!(decision.context.pack.as_ref().unwrap().version, "1.0.0");
}

/// What a case began with, it goes on with, whatever time chooses for everything else; where that version is gone, time
/// chooses for it too.
#[tokio::test]
async fn a_call_about_a_case_runs_on_the_version_that_it_is_bound_to() {
    let counts_on_a_case = |number: &str, from: &str| {
        let mut manifest = version(number, from, "occurred");
        let actions = manifest["actions"].as_array_mut().unwrap();
        let count = actions.iter_mut().find(|action| action["name"] == "count").unwrap();
        count["on"] = json!({"case": "probe.matter"});
        manifest
    };
    let world = World::new();
    world.install(counts_on_a_case("1.0.0", "2026-01-01"));
    let room = world.room().await;
    let case = world.act("open", Some(&room), json!({})).await.unwrap().outcome.subject.clone();
    world.install(counts_on_a_case("2.0.0", "2026-03-01"));
    let counted = async || {
        let decision = world.act("count", case.as_ref(), json!({})).await.unwrap();
        assert!(world.sandbox.replay(&world.centre, &decision).await.unwrap().equal);
        decision.context.pack.as_ref().unwrap().version.clone()
    };
    assert_eq!(decided_by(&world, NOW).await.unwrap(), "2.0.0");
    assert_eq!(counted().await, "1.0.0");
    world.sandbox.remove("probe", "1.0.0");
    assert_eq!(counted().await, "2.0.0");
}

#[tokio::test]
async fn a_pack_that_is_not_installed_is_named() {
    let world = World::new();
    world.sandbox.remove("probe", "1.0.0");
    let error = world.act("register", None, json!({})).await.unwrap_err();
    assert!(matches!(&error, Error::NotFound(text) if text.contains("probe")), "{error}");
}

/// Stages a version that came into force before any call here.
fn stage(world: &World, number: &str) -> PackRef {
    let manifest = version(number, "2026-02-01", "occurred");
    world.sandbox.stage(&pack(&manifest), &grant(&manifest)).unwrap()
}

#[tokio::test]
async fn time_chooses_among_active_versions_only() {
    let world = World::new();
    let second = stage(&world, "2.0.0");
    assert_eq!(decided_by(&world, NOW).await.unwrap(), "1.0.0", "staged only");
    world.sandbox.activate(&second).unwrap();
    assert_eq!(decided_by(&world, NOW).await.unwrap(), "2.0.0");
    world.sandbox.withdraw(&second).unwrap();
    assert_eq!(decided_by(&world, NOW).await.unwrap(), "1.0.0", "the one before decides again");
    let stored = world.sandbox.stored();
    assert_eq!(
        stored.iter().filter(|(pack, active)| pack.reference == second && !active).count(),
        1
    );
}

#[tokio::test]
async fn another_build_takes_the_place_of_an_active_version_only_when_it_is_activated() {
    let world = World::new();
    let mut manifest = version("1.0.0", "2026-01-01", "occurred");
    manifest["title"] = json!("另一构建");
    let other = world.sandbox.stage(&pack(&manifest), &grant(&manifest)).unwrap();
    let active = |world: &World| world.sandbox.packs()[0].reference.clone();
    assert_ne!(active(&world), other);
    world.sandbox.activate(&other).unwrap();
    assert_eq!((active(&world), world.sandbox.stored().len()), (other, 1));
}

#[tokio::test]
async fn a_pack_whose_only_version_waits_says_so() {
    let world = World::new();
    world.sandbox.remove("probe", "1.0.0");
    let unknown = PackRef { name: "probe".into(), version: "9.0.0".into(), digest: "00".into() };
    assert!(matches!(world.sandbox.activate(&unknown), Err(Error::NotFound(_))));
    stage(&world, "2.0.0");
    let error = decided_by(&world, NOW).await.unwrap_err();
    assert!(matches!(&error, Error::NotFound(text) if text.contains("没有启用")), "{error}");
}
