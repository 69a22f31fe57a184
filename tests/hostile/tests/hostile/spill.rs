//! Attacks that carry what a pack may read to where others may read it, or that guess at what it may not.

use std::collections::BTreeMap;

use anshu_model::entity::{Entity, EntityKind, Identifier};
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::{Error, Id};
use serde_json::json;

use super::support::{NOW, World, action, context, division};
use super::{Call, attack, attack_on, stopped_on, world};

/// A name and a number that nobody has: the number's birth date is in the future of every person.
const NAME: &str = "样例某某";
const NUMBER: &str = "50010321990101001X";

/// A world with a person whom the attacker may read.
fn with_person() -> (World, Id) {
    let world = world();
    let id = Id::from_text("person-record");
    let head = Head {
        id: id.clone(),
        kind: Kind::Entity,
        type_name: EntityKind::Person.name().into(),
        division: division("500103001000"),
        unit: Id::from_text("unit-town"),
        joint: Default::default(),
        version: 1,
        created_at: NOW,
        pack: None,
    };
    let entity = Entity {
        kind: EntityKind::Person,
        name: NAME.into(),
        identifiers: vec![Identifier { scheme: "resident-id".into(), value: NUMBER.into() }],
        facets: BTreeMap::new(),
    };
    world.centre.put(Record { head, body: Body::Entity(entity) });
    (world, id)
}

#[tokio::test]
async fn attack_05_what_was_read_high_is_not_written_low() {
    let (world, person) = with_person();
    for (mode, place) in [
        ("copy-name", "名称"),
        ("copy-part", "名称"),
        ("copy-number", "属性组"),
        ("copy-title", "事项标题"),
        ("copy-role", "当事人的身份"),
        ("copy-joint", "职责依据"),
        ("copy-limit", "时限"),
        ("copy-key", "定时的名称"),
        ("copy-payload", "定时的内容"),
    ] {
        let error = stopped_on(&world, &world.centre, attack_on(mode, person.as_str())).await;
        let text = error.to_string();
        assert!(matches!(error, Error::Denied(_)) && text.contains(place), "{mode}: {text}");
        assert!(!text.contains(NAME) && !text.contains(NUMBER), "{mode}: {text}");
    }
    // Nor what a form asks for at L3: whoever wrote it hears it again, and no place below it does.
    let told = |mode: &str| {
        let input = action("attack", None, json!({"mode": mode, "told": NAME}));
        Call { context: context(), pack: "hostile".into(), input }
    };
    let error = stopped_on(&world, &world.centre, told("copy-told")).await;
    assert!(matches!(error, Error::Denied(_)) && !error.to_string().contains(NAME), "{error}");
    let heard = world.sandbox.invoke(&world.centre, told("say-told")).await.unwrap();
    assert_eq!(heard.outcome.summary, format!("收到 {NAME}"));
    // What the person at the desk said themselves in an open field is theirs to write.
    let input = action(
        "attack",
        None,
        json!({"mode": "tell-said", "id": person.as_str(), "said": format!("登记人 {NAME}")}),
    );
    let call = Call { context: context(), pack: "hostile".into(), input };
    world.sandbox.invoke(&world.centre, call).await.unwrap();
}

#[tokio::test]
async fn attack_06_no_error_trap_or_log_line_carries_what_was_read() {
    let (world, person) = with_person();
    for mode in ["refuse-with-name", "panic-with-name"] {
        let error = stopped_on(&world, &world.centre, attack_on(mode, person.as_str())).await;
        assert!(!format!("{error:?} {error}").contains(NAME), "{mode}: {error}");
    }
    let call = attack_on("log-name", person.as_str());
    let decision = world.sandbox.invoke(&world.centre, call).await.unwrap();
    let line = &decision.log[0].text;
    assert!(line.starts_with("看到了 （按分级保护"), "{line}");
    // Nor does the answer to whoever asked.
    let call = attack_on("say-name", person.as_str());
    let said = world.sandbox.invoke(&world.centre, call).await.unwrap();
    assert!(said.outcome.summary.starts_with("就是 （按分级保护"), "{}", said.outcome.summary);
    for failure in world.centre.failures() {
        assert!(!format!("{failure:?}").contains(NAME), "{failure}");
    }
}

/// There are no handles in the contract: a guest names records by ids, and each is asked for anew.
#[tokio::test]
async fn attack_01_guessed_ids_name_nothing() {
    let world = world();
    world.room().await;
    let decision = world.sandbox.invoke(&world.centre, attack("guess")).await.unwrap();
    assert_eq!(decision.outcome.summary, "猜中 0 个");
}

/// Spinning takes no time that a guest could see: the operation's instant is the only one there is.
#[tokio::test]
async fn attack_07_a_guest_cannot_measure_time() {
    let world = world();
    let decision = world.sandbox.invoke(&world.centre, attack("clock")).await.unwrap();
    assert_eq!(decision.outcome.summary, "过了 0 毫秒");
}

/// An instance's memory is given to the next one, and nothing with it.
#[tokio::test]
async fn attack_14_no_instance_finds_what_another_left_in_memory() {
    let world = world();
    for _ in 0..4 {
        world.sandbox.invoke(&world.centre, attack("litter")).await.unwrap();
        let found = world.sandbox.invoke(&world.centre, attack("search")).await.unwrap();
        let longest = found.outcome.summary.rsplit(' ').next().unwrap().parse::<u32>().unwrap();
        assert!(longest < 16, "{}", found.outcome.summary);
    }
}

/// Whoever hears an event acts with its own duty; and nobody is sent to a record that the teller does not see.
#[tokio::test]
async fn attack_04_an_event_about_what_its_teller_does_not_see_is_refused() {
    let world = world();
    let error =
        stopped_on(&world, &world.centre, attack_on("publish-about", "somebody-elses")).await;
    assert!(matches!(error, Error::NotFound(_)), "{error}");
}
