//! From old and light: a fact of before under the law of then and that of now, and which one decides.

use std::sync::Arc;

use anshu_model::Error;
use anshu_model::decision::Decision;
use anshu_model::instant::Instant;
use anshu_model::record::Kind;
use serde_json::{Value, json};

use crate::law::{act, action, install, manifest};
use crate::support::{NOW, World};

const DAY: i64 = 86_400_000;
/// 2026-02-28T09:00 and 2026-03-02T09:00 in the centre.
const BEFORE: Instant = NOW.plus(-2 * DAY);

/// A version whose law says that a fact of before is judged by the more lenient.
fn lenient(version: &str, from: &str) -> Value {
    let mut manifest = manifest(version, from);
    manifest["lenient"] = json!(true);
    manifest["lenient_basis"] = json!({"article": "样例条例 第93条", "authority": "statute"});
    manifest
}

/// The old law until the end of February, the new one from March, now the second of March.
fn world(old: &str, new: &str) -> World {
    let world = World::new();
    install(&world, old, &manifest("1.0.0", "2026-01-01"));
    install(&world, new, &lenient("2.0.0", "2026-03-01"));
    world
}

async fn judged(world: &World, answers: Value, at: Instant) -> anshu_model::Result<Arc<Decision>> {
    act(world, action("punish", answers, at)).await
}

fn by(decision: &Decision) -> &str {
    &decision.context.pack.as_ref().unwrap().version
}

/// Whose effects were kept, oldest first.
fn kept(world: &World) -> Vec<String> {
    let things = world.records(Kind::Entity);
    things.iter().map(|thing| thing.entity().unwrap().name.clone()).collect()
}

#[tokio::test]
async fn the_law_of_now_decides_where_it_weighs_less() {
    let world = world("harsh", "mild");
    let decision = judged(&world, json!({}), BEFORE).await.unwrap();
    assert_eq!((by(&decision), decision.outcome.burden), ("2.0.0", Some(10)));
    assert_eq!(kept(&world), ["mild"], "nothing of the other is kept");
    let [own, host] = decision.outcome.reasons.as_slice() else { panic!("{decision:?}") };
    assert_eq!((own.beside.as_ref(), host.basis.article.as_str()), (None, "样例条例 第93条"));
    assert_eq!(host.beside.as_ref().unwrap().version, "1.0.0");
    assert_eq!(
        host.text,
        "从旧兼从轻：按行为时的 law 1.0.0，结论会是“按 harsh 处理”（负担 30）；适用现行的 law 2.0.0（负担 10）"
    );
    assert_eq!(world.centre.decisions().len(), 1);
}

#[tokio::test]
async fn the_law_of_then_decides_where_now_is_harder_as_hard_or_silent() {
    for (old, new, answers, others) in [
        ("mild", "harsh", json!({}), "负担 30"),
        ("harsh", "mild", json!({"same": "both"}), "负担 20"),
        ("harsh", "mild", json!({"silent": "mild"}), "未说明负担"),
        ("harsh", "mild", json!({"silent": "harsh"}), "负担 10"),
        ("harsh", "mild", json!({"silent": "both"}), "未说明负担"),
    ] {
        let world = world(old, new);
        let decision = judged(&world, answers.clone(), BEFORE).await.unwrap();
        assert_eq!(by(&decision), "1.0.0", "{answers}");
        assert_eq!(kept(&world), [old]);
        let reason = decision.outcome.reasons.last().unwrap();
        assert_eq!(reason.beside.as_ref().unwrap().version, "2.0.0");
        assert!(reason.text.contains(others) && reason.text.contains("适用行为时的"), "{reason:?}");
    }
}

#[tokio::test]
async fn the_record_replays_by_its_own_reads_and_is_explained_with_the_comparison() {
    let world = world("harsh", "mild");
    for answers in [json!({}), json!({"same": "both"})] {
        let decision = judged(&world, answers, BEFORE).await.unwrap();
        let written = serde_json::to_string(&*decision).unwrap();
        let stored: Decision = serde_json::from_str(&written).unwrap();
        let replay = world.sandbox.replay(&world.centre, &stored).await.unwrap();
        assert!(replay.equal, "{replay:?}");
        let explained = world.sandbox.explain(&world.centre, &stored).await.unwrap();
        assert!(explained.reasons.last().unwrap().text.contains("从旧兼从轻"), "{explained:?}");
        let mut forged = stored;
        forged.outcome.burden = Some(1);
        assert!(!world.sandbox.replay(&world.centre, &forged).await.unwrap().equal);
    }
}

#[tokio::test]
async fn nothing_is_compared_where_one_law_holds_or_none_asks_for_it() {
    // Both the fact and now under the new law: midnight in the centre is 16:00 of the day before in UTC.
    let midnight = NOW.plus(-33 * 3_600_000);
    let laws = world("harsh", "mild");
    let decision = judged(&laws, json!({}), midnight).await.unwrap();
    assert_eq!((by(&decision), decision.outcome.reasons.len()), ("2.0.0", 1));
    let decision = judged(&laws, json!({"same": "both"}), midnight.plus(-1)).await.unwrap();
    assert_eq!((by(&decision), decision.outcome.reasons.len()), ("1.0.0", 2));

    // A version that does not ask for it, and one that does but is not in force yet.
    let world = World::new();
    install(&world, "harsh", &manifest("1.0.0", "2026-01-01"));
    install(&world, "mild", &manifest("2.0.0", "2026-03-01"));
    install(&world, "mild", &lenient("3.0.0", "2026-03-03"));
    let decision = judged(&world, json!({}), BEFORE).await.unwrap();
    assert_eq!((by(&decision), decision.outcome.reasons.len()), ("1.0.0", 1));
}

#[tokio::test]
async fn what_the_law_of_now_refuses_is_told_and_what_it_breaks_stops_the_call() {
    let laws = world("harsh", "mild");
    let decision = judged(&laws, json!({"refuse": "mild"}), BEFORE).await.unwrap();
    let reason = decision.outcome.reasons.last().unwrap();
    assert_eq!(by(&decision), "1.0.0");
    assert!(reason.text.contains("mild 不予处罚"), "{reason:?}");
    assert!(laws.sandbox.replay(&laws.centre, &decision).await.unwrap().equal);

    // What the law of then refuses is refused.
    let error = judged(&laws, json!({"refuse": "harsh"}), BEFORE).await.unwrap_err();
    assert_eq!(error, Error::Conflict("harsh 不予处罚".into()));

    let before = laws.centre.decisions().len();
    for _ in 0..3 {
        let error = judged(&laws, json!({"trap": "mild"}), BEFORE).await.unwrap_err();
        assert!(matches!(&error, Error::Fault(text) if text.contains("law 2.0.0")), "{error}");
    }
    let error = judged(&laws, json!({}), BEFORE).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(text) if text.contains("law 2.0.0")), "{error}");
    assert_eq!(laws.centre.decisions().len(), before, "half a comparison decides nothing");
}

#[tokio::test]
async fn a_form_that_the_law_of_now_has_not_any_more_leaves_the_law_of_then() {
    let world = World::new();
    install(&world, "harsh", &manifest("1.0.0", "2026-01-01"));
    let mut without = lenient("2.0.0", "2026-03-01");
    without["actions"].as_array_mut().unwrap().remove(0);
    install(&world, "mild", &without);
    let decision = judged(&world, json!({}), BEFORE).await.unwrap();
    assert_eq!(by(&decision), "1.0.0");
    assert!(decision.outcome.reasons.last().unwrap().text.contains("没有动作"), "{decision:?}");
}

#[tokio::test]
async fn leniency_has_its_article_and_compares_by_the_time_of_the_fact() {
    let world = World::new();
    let mut wrong = manifest("1.0.0", "2026-01-01");
    wrong["lenient"] = json!(true);
    wrong["selects"] = json!("now");
    wrong["effective_until"] = json!("2025-12-31");
    let bytes = crate::support::with_section(
        crate::law::component("mild"),
        "anshu:manifest",
        wrong.to_string().as_bytes(),
    );
    let error = world.sandbox.install(&bytes, &crate::support::grant(&wrong)).unwrap_err();
    let text = error.to_string();
    for place in ["/lenient_basis", "/selects", "/effective_until"] {
        assert!(text.contains(place), "{place}: {text}");
    }
}
