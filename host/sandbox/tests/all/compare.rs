//! Recorded decisions on another version: what differs is told by kind, and nothing is told that is not for everybody.

use std::sync::{Arc, OnceLock};

use anshu_model::context::{OpContext, PackRef};
use anshu_model::decision::Decision;
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::{Error, Id};
use anshu_sandbox::compare::{Change, Compared, Kind, Leaning, Tally};
use serde_json::{Value, json};

use crate::support::{World, core_module, encode, grant, manifest, with_section};

/// The probe with another rule.
pub(crate) fn changed(rule: u8, manifest: &Value) -> Vec<u8> {
    static MODULE: OnceLock<Vec<u8>> = OnceLock::new();
    let mut module = MODULE.get_or_init(core_module).clone();
    let (old, new) = (b"rule:1", format!("rule:{rule}"));
    let places: Vec<_> = module
        .windows(old.len())
        .enumerate()
        .filter(|(_, bytes)| bytes == old)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(places.len(), 1, "the rule's word stands in the module once");
    module[places[0]..places[0] + old.len()].copy_from_slice(new.as_bytes());
    with_section(&encode(&module), "anshu:manifest", manifest.to_string().as_bytes())
}

/// A manifest of the next version.
pub(crate) fn later(mut manifest: Value) -> Value {
    manifest["version"] = json!("2.0.0");
    manifest
}

pub(crate) fn install(world: &World, rule: u8, manifest: &Value) -> PackRef {
    let bytes = changed(rule, manifest);
    let pack = world.sandbox.stage(&bytes, &grant(manifest)).unwrap();
    world.centre.use_schemas(world.sandbox.schemas());
    pack
}

async fn decided(world: &World) -> (Id, Arc<Decision>) {
    let room = world.room().await;
    let decision = world.act("rule", Some(&room), json!({})).await.unwrap();
    (room, decision)
}

async fn compared(world: &World, rule: u8, decision: &Decision) -> Compared {
    let new = install(world, rule, &later(manifest()));
    world.sandbox.compare(&world.centre, decision, &new).await.unwrap()
}

fn groups(compared: &Compared) -> Vec<(Kind, Leaning)> {
    compared.differences.iter().map(|found| (found.kind, found.leaning)).collect()
}

fn change(at: &str, old: &str, new: &str) -> Change {
    Change { at: at.into(), old: old.into(), new: new.into() }
}

#[tokio::test]
async fn a_version_that_decides_the_same_shows_no_difference_long_after() {
    let world = World::new();
    let (room, decision) = decided(&world).await;
    for _ in 0..3 {
        world.act("touch", Some(&room), json!({})).await.unwrap();
    }
    let compared = compared(&world, 8, &decision).await;
    assert_eq!(compared, Compared::default());
    assert_eq!(world.centre.decisions().len(), 5, "a comparison commits nothing");
}

#[tokio::test]
async fn a_lower_level_is_that_difference_and_no_other_and_loosens() {
    let world = World::new();
    let (_, decision) = decided(&world).await;
    let compared = compared(&world, 2, &decision).await;
    assert_eq!(groups(&compared), [(Kind::Level, Leaning::Loosens)]);
    let told = change("新建风险“probe.fire”：建议等级", "较大", "一般");
    assert_eq!(compared.differences[0].changes, [told]);
}

#[tokio::test]
async fn what_is_not_made_any_more_and_what_has_more_time_loosens() {
    let world = World::new();
    let (_, decision) = decided(&world).await;
    let without = compared(&world, 4, &decision).await;
    let created = without.differences.iter().find(|found| found.kind == Kind::Created).unwrap();
    assert_eq!(created.leaning, Leaning::Loosens);
    assert_eq!(created.changes.len(), 2, "risk and duty: {created:?}");
    let longer = compared(&world, 7, &decision).await;
    assert_eq!(groups(&longer), [(Kind::Limit, Leaning::Loosens)]);
    assert_eq!(longer.differences[0].changes, [change("新建职责“probe”：时限长度", "5", "10")]);
    // The other way round it tightens.
    let world = World::new();
    let old = install(&world, 4, &manifest());
    world.sandbox.activate(&old).unwrap();
    let room = world.room().await;
    let decision = world.act("rule", Some(&room), json!({})).await.unwrap();
    assert_eq!(decision.context.pack, Some(old));
    let more = compared(&world, 1, &decision).await;
    assert!(groups(&more).contains(&(Kind::Created, Leaning::Tightens)), "{more:?}");
}

#[tokio::test]
async fn a_lighter_burden_loosens() {
    let world = World::new();
    let (_, decision) = decided(&world).await;
    let burdened = |burden| {
        let mut decision = Decision::clone(&decision);
        decision.outcome.burden = burden;
        decision
    };
    // The probe's contract has no word for a burden: what the record says is compared with nothing.
    let unsaid = compared(&world, 8, &burdened(Some(3))).await;
    assert_eq!(groups(&unsaid), [(Kind::Burden, Leaning::Neither)]);
    assert_eq!(unsaid.differences[0].changes, [change("负担轻重", "3", "无")]);
    assert_eq!(compared(&world, 8, &burdened(None)).await, Compared::default());
}

#[tokio::test]
async fn a_refusal_that_lets_a_hazard_through_loosens() {
    let world = World::new();
    let (_, decision) = decided(&world).await;
    let compared = compared(&world, 6, &decision).await;
    assert_eq!(groups(&compared), [(Kind::Verdict, Leaning::Loosens)]);
    let told = &compared.differences[0].changes[0];
    assert!(told.new.contains("状态冲突") && told.new.contains("不再办理"), "{told:?}");
}

#[tokio::test]
async fn a_version_that_traps_is_counted_and_nothing_else_happens() {
    let world = World::new();
    let (room, decision) = decided(&world).await;
    let new = install(&world, 3, &later(manifest()));
    for _ in 0..5 {
        let compared = world.sandbox.compare(&world.centre, &decision, &new).await.unwrap();
        assert_eq!(groups(&compared), [(Kind::Fault, Leaning::Neither)]);
        assert!(compared.differences[0].changes[0].new.contains("probe 2.0.0"), "{compared:?}");
    }
    assert_eq!(world.sandbox.quarantined(), []);
    assert!(world.centre.failures().is_empty());
    world.act("rule", Some(&room), json!({})).await.unwrap();
}

#[tokio::test]
async fn what_was_not_read_then_is_answered_as_it_was_then() {
    let world = World::new();
    let (_, decision) = decided(&world).await;
    for _ in 0..3 {
        world.room().await;
    }
    let compared = compared(&world, 5, &decision).await;
    assert_eq!(groups(&compared), [(Kind::Outcome, Leaning::Neither)]);
    assert_eq!(
        compared.differences[0].changes,
        [change("结果", "发现隐患", "发现隐患，同类 1 间")]
    );
}

/// A centre that keeps no past.
struct Forgetful<'a>(&'a World);

impl Centre for Forgetful<'_> {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        self.0.centre.open(context)
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let inner = self.0.centre.reopen(decision).await?;
            Ok(Box::new(VersionsOnly(inner)) as Box<dyn Snapshot>)
        })
    }

    fn commit<'a>(&'a self, _: Arc<Decision>) -> Answer<'a, ()> {
        panic!("a comparison commits nothing")
    }

    fn failed<'a>(&'a self, _: &'a OpContext, _: &'a Error) -> Answer<'a, ()> {
        panic!("a comparison is nobody's failure")
    }
}

struct VersionsOnly(Box<dyn Snapshot>);

fn unknown<'a, T: Send + 'a>() -> Answer<'a, T> {
    Box::pin(async { Err(Error::Unavailable("那时的状态无法得知".into())) })
}

impl Snapshot for VersionsOnly {
    fn scope(&self) -> &anshu_model::scope::Scope {
        self.0.scope()
    }
    fn through<'a>(self: Box<Self>, _: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        unknown()
    }
    fn calendar(&self) -> Arc<anshu_model::calendar::Calendar> {
        self.0.calendar()
    }
    fn get<'a>(&'a mut self, _: &'a Id) -> Answer<'a, Option<anshu_model::record::Record>> {
        unknown()
    }
    fn lookup<'a>(
        &'a mut self,
        _: anshu_model::entity::EntityKind,
        _: &'a str,
        _: &'a str,
    ) -> Answer<'a, Option<anshu_model::record::Record>> {
        unknown()
    }
    fn find<'a>(
        &'a mut self,
        _: &'a anshu_model::port::Find,
    ) -> Answer<'a, Vec<anshu_model::record::Record>> {
        unknown()
    }
    fn count<'a>(
        &'a mut self,
        _: &'a anshu_model::port::Count,
    ) -> Answer<'a, Vec<anshu_model::decision::Cell>> {
        unknown()
    }
    fn unit<'a>(
        &'a mut self,
        _: &'a str,
        _: &'a anshu_model::division::Division,
    ) -> Answer<'a, Option<Id>> {
        unknown()
    }
    fn version<'a>(
        &'a mut self,
        reference: &'a anshu_model::record::RecordRef,
    ) -> Answer<'a, anshu_model::record::Record> {
        self.0.version(reference)
    }
    fn check(&self, effect: &anshu_model::effect::Effect) -> anshu_model::Result<()> {
        self.0.check(effect)
    }
}

#[tokio::test]
async fn what_nobody_can_tell_any_more_is_said_to_be_needed() {
    let world = World::new();
    let (_, decision) = decided(&world).await;
    let new = install(&world, 5, &later(manifest()));
    let compared = world.sandbox.compare(&Forgetful(&world), &decision, &new).await.unwrap();
    assert_eq!(groups(&compared), [(Kind::Unread, Leaning::Neither)]);
    assert!(compared.differences[0].changes[0].new.contains("probe.room"), "{compared:?}");
    // What was read then needs nobody's memory.
    let same = install(&world, 2, &later(manifest()));
    let compared = world.sandbox.compare(&Forgetful(&world), &decision, &same).await.unwrap();
    assert_eq!(groups(&compared), [(Kind::Level, Leaning::Loosens)]);
}

#[tokio::test]
async fn an_erased_subject_is_counted_apart() {
    let world = World::new();
    let (room, decision) = decided(&world).await;
    world.centre.erase(&room);
    let compared = compared(&world, 2, &decision).await;
    assert!(compared.erased && compared.differences.is_empty(), "{compared:?}");
    let mut tally = Tally::default();
    tally.add(&decision, compared);
    assert_eq!((tally.decisions, tally.erased, tally.equal), (1, 1, 0));
}

#[tokio::test]
async fn personal_values_and_texts_that_may_speak_of_them_are_never_told() {
    let mut personal = manifest();
    personal["facets"][0]["schema"]["properties"]["licence"]["x-anshu"] = json!({
        "level": "L3", "tags": ["personal"], "index": true,
        "purpose": "safety", "ground": "样例条例 第1条", "retention": "P1Y",
    });
    let world = World::new();
    world.install(personal.clone());
    let (_, decision) = decided(&world).await;
    let new = install(&world, 5, &later(personal));
    let compared = world.sandbox.compare(&world.centre, &decision, &new).await.unwrap();
    assert_eq!(groups(&compared), [(Kind::Outcome, Leaning::Neither)]);
    assert_eq!(compared.differences[0].changes, [change("结果", "不同", "不同")]);
}

#[tokio::test]
async fn the_order_of_a_map_gives_the_same_twice_and_another_order_is_noticed() {
    let world = World::new();
    let room = world.room().await;
    let decision = world.act("shuffle", Some(&room), json!({})).await.unwrap();
    for _ in 0..3 {
        // No pack has a source of randomness, not even its maps.
        let replay = world.sandbox.replay(&world.centre, &decision).await.unwrap();
        assert!(replay.equal, "{:?}", replay.differences);
    }
    // What a pack whose maps were random would have recorded.
    let mut other = Decision::clone(&decision);
    other.effects.reverse();
    let replay = world.sandbox.replay(&world.centre, &other).await.unwrap();
    assert!(!replay.equal && !replay.differences.is_empty());
}

#[tokio::test]
async fn a_tally_does_not_grow_with_what_it_counts() {
    let world = World::new();
    let (_, decision) = decided(&world).await;
    let compared = compared(&world, 2, &decision).await;
    let mut tally = Tally::default();
    for count in 0..1_000 {
        let mut decision = Decision::clone(&decision);
        decision.context.id = Id::from_bits(count);
        tally.add(&decision, compared.clone());
    }
    assert_eq!((tally.groups.len(), tally.of_kind(Kind::Level)), (1, 1_000));
    assert_eq!(tally.groups[0].examples.len(), anshu_sandbox::compare::EXAMPLES);
}
