//! Attacks through the sandbox's front door. After each of them another pack works, nothing is half-written, and the message
//! names who did it. What is refused before it is ever called is in `host/sandbox/tests/all/install.rs`, unless it costs.

#![expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

#[path = "hostile/boundary.rs"]
mod boundary;
#[path = "hostile/centre.rs"]
mod centre;
#[path = "hostile/chain.rs"]
mod chain;
#[path = "hostile/compile.rs"]
mod compile;
#[path = "hostile/install.rs"]
mod install;
#[path = "hostile/share.rs"]
mod share;
#[path = "hostile/spill.rs"]
mod spill;
#[path = "hostile/sqlite.rs"]
mod sqlite;
#[path = "../../../host/sandbox/tests/all/support.rs"]
#[expect(dead_code, reason = "shared with the sandbox's own tests, which use all of it")]
mod support;

use std::sync::Arc;
use std::time::Duration;

use anshu_model::Error;
use anshu_model::context::{DutyPrincipal, Principal};
use anshu_model::decision::Input;
use anshu_model::label::Level;
use anshu_model::port::Centre;
use anshu_sandbox::{Call, Settings};
use serde_json::json;
use tokio::sync::Semaphore;

use centre::Stuck;
use install::{component, manifest, pack_of};
use support::{NOW, World, action, context, division, grant};

/// A world with the attacker beside the probe. Its pack is let go on after each fault.
fn world() -> World {
    world_of(&component())
}

fn world_of(component: &[u8]) -> World {
    let settings =
        Settings { deadline: Duration::from_millis(800), faults: 100, ..Settings::default() };
    let world = World::with(settings);
    let manifest = manifest();
    world.sandbox.install(&pack_of(component, &manifest), &grant(&manifest)).unwrap();
    world.centre.use_schemas(world.sandbox.schemas());
    world
}

fn attack(mode: &str) -> Call {
    attack_on(mode, "")
}

/// An attack on something that the attacker has heard of.
fn attack_on(mode: &str, id: &str) -> Call {
    let input = action("attack", None, json!({ "mode": mode, "id": id }));
    Call { context: context(), pack: "hostile".into(), input }
}

/// Runs an attack that must fail, and looks at what is left: nothing but the record that it failed.
async fn stopped_on(world: &World, centre: &dyn Centre, call: Call) -> Error {
    let before = (world.centre.records(), world.centre.decisions().len());
    let failures = world.centre.failures().len();
    let error = world.sandbox.invoke(centre, call).await.unwrap_err();
    assert_eq!((world.centre.records(), world.centre.decisions().len()), before, "half-written");
    assert!(world.centre.events().is_empty(), "an event got out");
    assert_eq!(
        world.centre.failures().get(failures..),
        Some(std::slice::from_ref(&error)),
        "the failure is recorded"
    );
    world.room().await;
    let _ = world.centre.take_events();
    error
}

async fn faults(mode: &str, says: &str) {
    faults_in(&world(), mode, says).await;
}

async fn faults_in(world: &World, mode: &str, says: &str) {
    let error = stopped_on(world, &world.centre, attack(mode)).await;
    let text = error.to_string();
    assert!(matches!(error, Error::Fault(_)), "{mode}: {text}");
    assert!(text.contains("hostile 1.0.0") && text.contains("attack"), "{mode}: {text}");
    assert!(text.contains(says), "{mode}: {text}");
}

#[tokio::test]
async fn an_endless_loop_is_cut() {
    faults("loop", "死循环").await;
}

#[tokio::test]
async fn waiting_in_a_host_call_counts_and_names_the_call() {
    let world = world();
    let error = stopped_on(
        &world,
        &Stuck::new(world.centre.clone(), Arc::new(Semaphore::new(0))),
        attack("wait"),
    )
    .await;
    assert!(matches!(&error, Error::Fault(text) if text.contains("等待宿主接口")), "{error}");
}

#[tokio::test]
async fn memory_ends_at_its_limit() {
    faults("memory", "线性内存").await;
}

#[tokio::test]
async fn deep_recursion_overflows_the_guest_alone() {
    faults("recursion", "调用栈耗尽").await;
}

#[tokio::test]
async fn what_crosses_the_boundary_is_bounded_before_it_is_copied() {
    faults("huge-text", "传给宿主的数据").await;
    faults("huge-list", "传给宿主的数据").await;
}

#[tokio::test]
async fn calls_events_effects_and_timers_are_counted() {
    faults("chatty", "访问宿主接口超过").await;
    faults("storm", "事件超过").await;
    faults("hoard", "变更超过").await;
    faults("wakes", "变更超过").await;
}

#[tokio::test]
async fn invalid_utf8_and_panics_are_told_apart() {
    faults("utf8", "UTF-8").await;
    faults("panic", "主动中止").await;
}

#[tokio::test]
async fn oversize_values_are_refused_with_their_place() {
    let places = [
        ("long-text", "/name"),
        ("big-json", "/facets/hostile.room"),
        ("deep-json", "/facets/hostile.room"),
    ];
    for (mode, at) in places {
        let world = world();
        let error = stopped_on(&world, &world.centre, attack(mode)).await;
        assert!(
            matches!(&error, Error::Invalid(problems) if problems[0].at.contains(at)),
            "{error}"
        );
    }
    for (mode, says) in [("big-outcome", "/outcome/summary"), ("many-reasons", "/outcome/reasons")]
    {
        let world = world();
        let error = stopped_on(&world, &world.centre, attack(mode)).await;
        let text = error.to_string();
        assert!(text.contains("hostile 1.0.0") && text.contains(says), "{text}");
    }
    faults("huge-outcome", "1024 KiB").await;
}

#[tokio::test]
async fn nothing_is_written_outside_the_grant_or_in_anothers_name() {
    for (mode, says) in [("other-facet", "probe.room"), ("other-topic", "not-mine@1")] {
        let world = world();
        let error = stopped_on(&world, &world.centre, attack(mode)).await;
        assert!(matches!(&error, Error::Denied(text) if text.contains(says)), "{mode}: {error}");
    }
    let world = world();
    let error = stopped_on(&world, &world.centre, attack("forged-id")).await;
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    let error = stopped_on(&world, &world.centre, attack("forged-subject")).await;
    assert!(matches!(&error, Error::Fault(text) if text.contains("不存在的记录")), "{error}");
    // What belongs to another pack is not touched, and whether it is there is not told.
    let room = world.room().await;
    let case =
        world.act("open", Some(&room), json!({})).await.unwrap().outcome.subject.clone().unwrap();
    let clock = world.centre.record(&case).unwrap().clocks()[0].id.clone();
    let _ = world.centre.take_events();
    for (mode, id) in [
        ("forged-clock", "nobody.clock"),
        ("forged-clock", clock.as_str()),
        ("others-case", case.as_str()),
        ("others-facet", room.as_str()),
    ] {
        let error = stopped_on(&world, &world.centre, attack_on(mode, id)).await;
        assert!(matches!(error, Error::NotFound(_) | Error::Denied(_)), "{mode}: {error}");
    }
    // Who acts comes from the call, never from the guest: a duty of another pack is refused before the guest runs.
    let mut forged = attack("calm");
    forged.context.principal = Principal::Duty(DutyPrincipal { pack: "probe".into(), ..duty() });
    let error = stopped_on(&world, &world.centre, forged).await;
    assert!(matches!(error, Error::Denied(_)), "{error}");
}

#[tokio::test]
async fn a_flood_of_log_lines_is_cut_and_not_punished() {
    let world = world();
    let decision = world.sandbox.invoke(&world.centre, attack("flood")).await.unwrap();
    assert_eq!(decision.log.len(), 201);
    assert!(decision.log.iter().all(|line| line.text.chars().count() <= 1_001));
    assert!(decision.log[200].text.contains("800 行"), "{}", decision.log[200].text);
}

#[tokio::test]
async fn a_trap_in_any_export_is_a_fault_of_that_export() {
    let world = world();
    let calm = world.sandbox.invoke(&world.centre, attack("calm")).await.unwrap();
    let error = world.sandbox.explain(&world.centre, &calm).await.unwrap_err();
    assert!(error.to_string().contains("explain"), "{error}");
    for (view, says) in [("rooms", "主动中止"), ("writing", "JSON")] {
        let view = world.sandbox.view(&world.centre, context(), "hostile", view, None, json!({}));
        let error = view.await.unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let timer = Input::Timer { key: "t".into(), payload: json!({}), due: NOW };
    let event = Input::Event {
        id: anshu_model::Id::from_text("e"),
        topic: "room-registered@1".into(),
        about: None,
        payload: json!({"beds": 1}),
        published_at: NOW,
        via: Vec::new(),
    };
    for (input, says) in [(timer, "due（定时“t”）"), (event, "decide（事件“room-registered@1”）")]
    {
        let mut call = Call { context: context(), pack: "hostile".into(), input };
        call.context.principal = Principal::Duty(duty());
        let error = stopped_on(&world, &world.centre, call).await;
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn no_call_sees_another_and_the_same_call_gives_the_same_bits() {
    let world = world();
    let first = world.sandbox.invoke(&world.centre, attack("calm")).await.unwrap();
    let second = world.sandbox.invoke(&world.centre, attack("calm")).await.unwrap();
    assert!(first.outcome.summary.starts_with("1 "), "{}", first.outcome.summary);
    assert_eq!(first.outcome.summary, second.outcome.summary);
    assert!(world.sandbox.replay(&world.centre, &first).await.unwrap().equal);
}

/// The order of a hash table is the only one that Rust leaves open. Nothing that a guest could draw its seed from is there, so
/// that it is the same in every run; and a record that says otherwise is noticed, effect by effect.
#[tokio::test]
async fn the_order_of_a_map_is_the_same_in_every_run_and_another_is_noticed() {
    let world = world();
    let decision = world.sandbox.invoke(&world.centre, attack("map-order")).await.unwrap();
    assert!(world.sandbox.replay(&world.centre, &decision).await.unwrap().equal);
    let mut other = (*decision).clone();
    other.effects.swap(3, 17);
    let replay = world.sandbox.replay(&world.centre, &other).await.unwrap();
    assert_eq!(replay.differences, ["第 4 项变更与当时不同", "第 18 项变更与当时不同"]);
    let mut fewer = (*decision).clone();
    fewer.effects.pop();
    assert!(!world.sandbox.replay(&world.centre, &fewer).await.unwrap().equal);
}

#[tokio::test]
async fn a_trap_in_migrate_half_way_through_leaves_the_case_as_it_was() {
    let world = world();
    let opened = world.sandbox.invoke(&world.centre, attack("open")).await.unwrap();
    let case = opened.outcome.subject.clone().unwrap();
    let mut newer = manifest();
    newer["version"] = json!("1.1.0");
    let old = opened.context.pack.clone().unwrap();
    let new = world.sandbox.install(&pack_of(&component(), &newer), &grant(&newer)).unwrap();
    let before = (world.centre.records(), world.centre.lines(&case));
    let error =
        world.sandbox.migrate(&world.centre, context(), &old, &new, &case).await.unwrap_err();
    let Error::Fault(text) = &error else { panic!("{error}") };
    assert!(text.contains("hostile 1.1.0") && text.contains("migrate"), "{text}");
    assert_eq!((world.centre.records(), world.centre.lines(&case)), before, "half migrated");
    world.room().await;
}

#[tokio::test]
async fn many_memories_are_summed_and_so_are_tables() {
    for (bomb, says) in [(install::memories(), "线性内存"), (install::tables(), "函数表")] {
        let world = world_of(&bomb);
        let error = stopped_on(&world, &world.centre, attack("calm")).await;
        let text = error.to_string();
        assert!(text.contains("hostile 1.0.0") && text.contains(says), "{text}");
    }
}

#[tokio::test]
async fn a_pack_that_faults_again_and_again_is_not_called_any_more() {
    let world = World::new();
    let manifest = manifest();
    world.sandbox.install(&pack_of(&component(), &manifest), &grant(&manifest)).unwrap();
    for _ in 0..3 {
        let error = stopped_on(&world, &world.centre, attack("panic")).await;
        assert!(matches!(error, Error::Fault(_)), "{error}");
    }
    let error = stopped_on(&world, &world.centre, attack("calm")).await;
    assert!(matches!(&error, Error::Unavailable(text) if text.contains("hostile")), "{error}");
    assert_eq!(world.sandbox.quarantined()[0].0.name, "hostile");
    world.sandbox.release("hostile");
    world.sandbox.invoke(&world.centre, attack("calm")).await.unwrap();
}

fn duty() -> DutyPrincipal {
    DutyPrincipal {
        pack: "hostile".into(),
        title: "值守".into(),
        unit: anshu_model::Id::from_text("unit-county"),
        division: division("500103000000"),
        clearance: Level::L3,
    }
}
