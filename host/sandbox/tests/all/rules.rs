//! The rules that the host holds while effects are made.

use anshu_model::Error;
use anshu_model::record::Kind;
use serde_json::json;

use crate::support::{World, action, context, grant, manifest, pack};

fn problems(error: Error) -> Vec<(String, String, String)> {
    match error {
        Error::Invalid(problems) => {
            problems.into_iter().map(|p| (p.at, p.found, p.expected)).collect()
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_forms_answers_are_checked_before_the_pack_is_entered_and_every_problem_is_told_at_once()
{
    let world = World::new();
    let answers = json!({"name": 5, "beds": "两张秘密的床", "other": 1});
    let found = problems(world.act("register", None, answers).await.unwrap_err());
    let at: Vec<_> = found.iter().map(|(at, ..)| at.as_str()).collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(at.contains(&"/name") && at.contains(&"/beds") && at.contains(&"/other"), "{at:?}");
    assert!(!format!("{found:?}").contains("秘密"), "values are not echoed");
}

#[tokio::test]
async fn a_facet_is_checked_against_its_schema() {
    let world = World::new();
    let room = world.room().await;
    for (data, at) in [
        ("{\"licence\":\"x\",\"beds\":99}", "/facet/beds"),
        ("{\"licence\":\"x\"}", "/facet/beds"),
        ("{\"licence\":\"x\",\"beds\":1,\"more\":1}", "/facet/more"),
        ("{\"licence\":", "/facet"),
        ("[]", "/facet"),
    ] {
        let found =
            problems(world.act("raw-facet", Some(&room), json!({"name": data})).await.unwrap_err());
        assert_eq!(found[0].0, at, "{data}: {found:?}");
    }
    assert_eq!(world.centre.record(&room).unwrap().head.version, 1);
}

#[tokio::test]
async fn a_person_is_no_risk_and_no_stage_is_skipped() {
    let world = World::new();
    let found = problems(world.act("person-risk", None, json!({})).await.unwrap_err());
    assert_eq!(found[0].0, "/subject");
    assert!(world.records(Kind::Entity).is_empty(), "nothing is left of the call");
    let room = world.room().await;
    let error = world.act("skip", Some(&room), json!({})).await.unwrap_err();
    assert!(matches!(&error, Error::Conflict(text) if text.contains("归档")), "{error}");
    assert!(world.records(Kind::Case).is_empty());
}

#[tokio::test]
async fn an_action_has_its_subject_its_purpose_and_its_time() {
    let world = World::new();
    let room = world.room().await;
    for (name, subject) in [("touch", None), ("register", Some(&room))] {
        assert_eq!(
            problems(world.act(name, subject, json!({})).await.unwrap_err())[0].0,
            "/subject"
        );
    }
    let unknown = anshu_model::Id::from_text("nobody");
    let error = world.act("touch", Some(&unknown), json!({})).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    let error = world.act("no-such", None, json!({})).await.unwrap_err();
    assert!(error.to_string().contains("register"), "says which there are: {error}");

    let mut call = anshu_sandbox::Call {
        context: context(),
        pack: "probe".into(),
        input: action("count", None, json!({})),
    };
    call.context.purpose.code = "curiosity".into();
    let error = world.sandbox.invoke(&world.centre, call.clone()).await.unwrap_err();
    assert!(matches!(error, Error::Denied(_)), "{error}");
    call.context = context();
    call.context.now = call.context.now.plus(-1);
    let error = world.sandbox.invoke(&world.centre, call).await.unwrap_err();
    assert_eq!(problems(error)[0].0, "/occurred_at");
}

#[tokio::test]
async fn a_pack_writes_only_what_it_was_granted() {
    let world = World::new();
    let room = world.room().await;
    let manifest = manifest();
    for (kind, name, step) in [
        ("writes", "probe.room", "touch"),
        ("writes", "probe.fire", "inspect"),
        ("writes", "probe.matter", "open"),
        ("publishes", "room-registered@1", "register"),
    ] {
        let mut less = grant(&manifest);
        match kind {
            "writes" => less.allows.writes.remove(name),
            _ => less.allows.publishes.remove(name),
        };
        world.sandbox.install(&pack(&manifest), &less).unwrap();
        let (subject, answers) = if step == "register" {
            (None, json!({"name": "二", "beds": 1}))
        } else {
            (Some(&room), json!({}))
        };
        let error = world.act(step, subject, answers).await.unwrap_err();
        assert!(matches!(&error, Error::Denied(text) if text.contains(name)), "{step}: {error}");
    }
}

#[tokio::test]
async fn a_missing_function_is_named_with_its_place() {
    let world = World::new();
    let error = {
        let far = json!({"name": "远处", "division": "500101001000", "beds": 1});
        let room = world.act("register", None, far).await.unwrap().outcome.subject.clone().unwrap();
        world.act("inspect", Some(&room), json!({})).await.unwrap_err()
    };
    assert!(
        matches!(&error, Error::NotFound(text) if text.contains("fire") && text.contains("500101001000")),
        "{error}"
    );
}

#[tokio::test]
async fn limits_count_working_days_and_say_when_a_year_is_unknown() {
    let world = World::new();
    let decision = world.act("due", None, json!({})).await.unwrap();
    // Monday the 2nd; Thursday the 5th is off, Saturday the 7th is worked: 3, 4, 6, 7, 9.
    assert_eq!(decision.outcome.summary, "2026-03-09");
    world.centre.use_calendar(anshu_model::calendar::Calendar::new(Default::default()));
    let error = world.act("due", None, json!({})).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(text) if text.contains("2026")), "{error}");
}

#[tokio::test]
async fn small_counts_are_not_stated_and_wrong_numbers_are_refused() {
    let world = World::new();
    world.room().await;
    let decision = world.act("count", None, json!({})).await.unwrap();
    assert_eq!(decision.outcome.summary, "[None]");
    let found = problems(
        world.act("lookup", None, json!({"name": "91110000000000000X"})).await.unwrap_err(),
    );
    assert_eq!(found[0].0, "/identifier/value");
}
