//! A pack decides: what it reads, what it does, what is kept.

use std::sync::Arc;

use anshu_model::Error;
use anshu_model::case::CaseStage;
use anshu_model::context::{DutyPrincipal, OpContext, Principal};
use anshu_model::decision::{Decision, Input};
use anshu_model::label::Level;
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::record::Kind;
use anshu_model::risk::RiskStage;
use anshu_sandbox::Call;
use anshu_sandbox::memory::MemoryCentre;
use serde_json::json;

use crate::support::{NOW, World, action, context, division};

#[tokio::test]
async fn one_call_commits_records_events_and_timers_together() {
    let world = World::new();
    let decision =
        world.act("register", None, json!({"name": "样例房源", "beds": 2})).await.unwrap();
    let room = decision.outcome.subject.clone().unwrap();
    let record = world.centre.record(&room).unwrap();
    assert_eq!(record.head.version, 1);
    assert_eq!(record.head.unit.as_str(), "unit-town");
    assert_eq!(record.head.pack.as_ref().unwrap().version, "1.0.0");
    assert_eq!(
        record.entity().unwrap().facets["probe.room"].data,
        json!({"licence": "有", "beds": 2})
    );
    let events = world.centre.events();
    assert!(
        matches!(&events[0], Input::Event { topic, about, .. }
            if topic == "room-registered@1" && about.as_ref() == Some(&room)),
        "{events:?}"
    );
    let day = NOW.plus(86_400_000);
    assert!(world.centre.due_timers(day.plus(-1)).is_empty());
    assert_eq!(world.centre.due_timers(day)[0].0, "probe");
    assert_eq!(decision.effects.len(), 3);
    assert_eq!(decision.context.pack.as_ref().unwrap().digest.len(), 64);
    assert!(
        decision.cost.micros > 0 && decision.cost.memory > 0 && decision.cost.host_calls == 4,
        "{:?}",
        decision.cost
    );
}

#[tokio::test]
async fn a_hazard_is_found_and_listed_and_belongs_to_the_unit_with_the_function() {
    let world = World::new();
    let room = world.room().await;
    let decision = world.act("inspect", Some(&room), json!({})).await.unwrap();
    let risk = world.centre.record(decision.outcome.subject.as_ref().unwrap()).unwrap();
    assert_eq!(risk.head.unit.as_str(), "unit-county");
    assert_eq!(risk.head.version, 1, "made and moved in one commit");
    assert_eq!(risk.risk().unwrap().stage, RiskStage::Listed);
    assert_eq!(world.centre.lines(&risk.head.id), ["已列入清单"]);
}

#[tokio::test]
async fn a_matter_has_its_code_its_clock_and_the_units_that_share_it() {
    let world = World::new();
    let room = world.room().await;
    let decision = world.act("open", Some(&room), json!({})).await.unwrap();
    let record = world.centre.record(decision.outcome.subject.as_ref().unwrap()).unwrap();
    let case = record.case().unwrap();
    assert_eq!(case.stage, CaseStage::Triaged);
    assert!(case.code.starts_with("50010320260302") && case.code.len() == 23, "{}", case.code);
    assert_eq!(record.head.unit.as_str(), "unit-town");
    assert!(record.head.joint.iter().any(|unit| unit.as_str() == "unit-county"));
    assert_eq!(
        case.answers[0].schema.len(),
        64,
        "answers keep the schema that they were given under"
    );
    assert_eq!(case.clocks[0].pauses().len(), 1);
    assert_eq!(world.centre.lines(&record.head.id), ["分流", "第一条记录"]);
    let duties = world.records(Kind::Duty);
    assert_eq!(duties.len(), 2, "the joint duty and the assigned one");
    assert_eq!(duties.iter().filter(|duty| duty.state() == "done").count(), 1);
    assert!(decision.outcome.summary.contains("快照中有 0 项"), "queries see the snapshot");
}

#[tokio::test]
async fn reads_by_id_see_own_writes_and_queries_see_the_snapshot() {
    let world = World::new();
    let room = world.room().await;
    let decision = world.act("own-writes", Some(&room), json!({})).await.unwrap();
    assert_eq!(decision.outcome.summary, "按标识看到 7，查询到 0 个");
}

#[tokio::test]
async fn an_event_and_a_timer_act_once_with_the_packs_duty() {
    let world = World::new();
    let room = world.room().await;
    let heard = world.centre.events().remove(0);
    let duty = || {
        let mut context = context();
        context.principal = Principal::Duty(DutyPrincipal {
            pack: "probe".into(),
            title: "探针值守".into(),
            unit: anshu_model::Id::from_text("unit-county"),
            division: division("500103000000"),
            clearance: Level::L3,
        });
        context
    };
    let call = |input: Input| Call { context: duty(), pack: "probe".into(), input };
    let decision = world.sandbox.invoke(&world.centre, call(heard.clone())).await.unwrap();
    assert_eq!(decision.log[0].text, "heard room-registered@1");
    assert_eq!(world.records(Kind::Case).len(), 1);
    let again = world.sandbox.invoke(&world.centre, call(heard)).await.unwrap_err();
    assert!(matches!(again, Error::Conflict(_)), "{again}");
    assert_eq!(world.records(Kind::Case).len(), 1, "exactly once");

    let (_, due) = world.centre.due_timers(NOW.plus(86_400_000)).remove(0);
    world.sandbox.invoke(&world.centre, call(due)).await.unwrap();
    assert_eq!(
        world.centre.record(&room).unwrap().entity().unwrap().facets["probe.room"].data["licence"],
        "逾期"
    );
    assert!(world.centre.due_timers(NOW.plus(86_400_000)).is_empty());
}

/// A centre in which everybody who opens a snapshot lets the others do so too, before anybody goes on.
struct Crowded(MemoryCentre);

impl Centre for Crowded {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let snapshot = self.0.open(context).await;
            tokio::task::yield_now().await;
            snapshot
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
async fn a_conflict_is_run_again_and_both_changes_are_kept() {
    let world = World::new();
    let room = world.room().await;
    let crowded = Crowded(world.centre.clone());
    let call = || Call {
        context: context(),
        pack: "probe".into(),
        input: action("touch", Some(&room), json!({})),
    };
    let calls = (0..4).map(|_| world.sandbox.invoke(&crowded, call())).collect();
    let mut attempts = 0;
    for decision in join(calls).await {
        attempts = attempts.max(decision.unwrap().cost.attempts);
    }
    assert_eq!(world.centre.record(&room).unwrap().head.version, 5);
    assert!(attempts > 1, "the calls met at the same record");
}

async fn join<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, slot) in futures.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *slot = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn what_the_pack_refuses_is_told_and_recorded_and_leaves_nothing() {
    let world = World::new();
    let before = world.centre.decisions().len();
    let error = world.act("refuse", None, json!({})).await.unwrap_err();
    assert_eq!(error, Error::Conflict("不予受理".into()));
    assert_eq!(world.centre.failures()[0], error);
    assert_eq!(world.centre.decisions().len(), before);
    assert!(world.sandbox.quarantined().is_empty(), "a refusal is no fault");
}

#[tokio::test]
async fn a_view_reads_declared_columns_and_changes_nothing() {
    let world = World::new();
    world.room().await;
    let rows = world
        .sandbox
        .view(&world.centre, context(), "probe", "rooms", None, json!({}))
        .await
        .unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["name"], "样例房源");
    assert!(rows[0].get("secret").is_none(), "what was not declared is not drawn");
    let refused =
        world.sandbox.view(&world.centre, context(), "probe", "writing", None, json!({})).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    assert_eq!(world.centre.events().len(), 1);
}

#[tokio::test]
async fn a_decision_is_explained_by_the_version_that_made_it() {
    let world = World::new();
    let decision = world
        .invoke(action("register", None, json!({"name": "样例房源", "beds": 2})))
        .await
        .unwrap();
    let explanation = world.sandbox.explain(&world.centre, &decision).await.unwrap();
    assert_eq!(explanation.text, "因为：已登记");
    assert_eq!(explanation.reasons[0].basis.article, "样例条例 第2条");
    world.sandbox.remove("probe", "1.0.0");
    let error = world.sandbox.explain(&world.centre, &decision).await.unwrap_err();
    assert!(error.to_string().contains("1.0.0"), "{error}");
}
