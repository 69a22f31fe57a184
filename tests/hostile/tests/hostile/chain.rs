//! Packs that wake each other for ever.

use anshu_model::context::{DutyPrincipal, Principal};
use anshu_model::decision::Input;
use anshu_model::{Error, Result};
use anshu_sandbox::{Call, Sandbox};
use serde_json::{Value, json};

use super::install::{component, manifest, pack_of};
use super::support::{World, context, grant};
use super::{attack, duty};

/// Two packs of the attacker's component: what one publishes the other hears, and answers.
pub(crate) fn pair() -> [Value; 2] {
    let beds = manifest()["topics"][0]["schema"].clone();
    [("hostile", "ping@1", "pong@1"), ("echo", "pong@1", "ping@1")].map(|(name, tells, hears)| {
        let text = manifest().to_string().replace("hostile", name);
        let mut manifest: Value = serde_json::from_str(&text).unwrap();
        manifest["topics"] = json!([{"name": tells, "title": "转告", "schema": beds}]);
        manifest["requests"]["publishes"] = json!([tells]);
        manifest["requests"]["hears"] = json!([hears]);
        manifest
    })
}

/// What the packs do with an event: each that was granted to hear it is called with its own duty.
async fn deliver(sandbox: &Sandbox, world: &World, event: &Input) -> Vec<Result<()>> {
    let Input::Event { topic, .. } = event else { return Vec::new() };
    let mut answers = Vec::new();
    for pack in sandbox.packs().iter().filter(|pack| pack.effective.hears.contains(topic)) {
        let mut context = context();
        let name = pack.reference.name.clone();
        context.principal = Principal::Duty(DutyPrincipal { pack: name.clone(), ..duty() });
        let call = Call { context, pack: name, input: event.clone() };
        answers.push(sandbox.invoke(&world.centre, call).await.map(|_| ()));
    }
    answers
}

#[tokio::test]
async fn a_loop_of_events_between_two_packs_ends_and_names_both() {
    let world = World::new();
    for manifest in pair() {
        world.sandbox.install(&pack_of(&component(), &manifest), &grant(&manifest)).unwrap();
    }
    world.sandbox.invoke(&world.centre, attack("ping")).await.unwrap();
    let mut refused = Vec::new();
    for _ in 0..100 {
        for event in world.centre.take_events() {
            let answers = deliver(&world.sandbox, &world, &event).await;
            refused.extend(answers.into_iter().filter_map(Result::err));
        }
    }
    // The first was published by a person's action; eight led to one another; the ninth was not published.
    assert_eq!(world.centre.decisions().len(), 8);
    assert!(world.centre.events().is_empty(), "nothing goes on");
    let [Error::OverQuota(text)] = refused.as_slice() else { panic!("{refused:?}") };
    for named in ["hostile", "echo", "hostile → echo", "循环"] {
        assert!(text.contains(named), "{text}");
    }
    // It is a mistake of how they were put together, and no fault of either: both go on.
    assert!(world.sandbox.quarantined().is_empty());
    world.room().await;
    let last = world.centre.decisions().last().cloned().unwrap();
    assert!(world.sandbox.replay(&world.centre, &last).await.unwrap().equal);
}
