//! What a pack reads, decides, publishes and is woken for, through the port that the sandbox uses.

use std::collections::BTreeSet;
use std::sync::Arc;

use anshu_model::capability::Grant;
use anshu_model::context::{DutyPrincipal, OpContext, PackRef, Principal};
use anshu_model::decision::{Cell, Cost, Decision, Input, Outcome, Read};
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::org::Unit;
use anshu_model::port::{Centre as _, Count, Find, Snapshot};
use anshu_model::record::{Kind, Record};
use anshu_model::{Error, Id};
use serde_json::json;

use crate::centre::{
    Centre, EAST, NOW, TOWN, WEST, again, at_work_on, case, change, citizen, clerk, create,
    division, duty, handler, id, line, on_both, person, risk, room, room_facet, triage, unit,
};
use crate::office::{leaves, operator, pack};

pub(crate) const TOPIC: &str = "demo-found@1";

/// Installs the demo pack, allowed to read and write the demo types.
pub(crate) async fn install(centre: &Centre) -> Grant {
    let (manifest, mut grant, digest) = pack("1.0.0", b"demo");
    let names = ["demo.matter", "demo.hazard", "demo.room"].map(str::to_owned);
    grant.allows.reads = BTreeSet::from(names.clone());
    grant.allows.writes = BTreeSet::from(names);
    centre.data.put_pack(&operator(), b"demo", &manifest, &grant, &digest).await.unwrap();
    grant
}

/// The demo pack, acting for somebody.
pub(crate) fn through(context: &OpContext) -> OpContext {
    let pack = PackRef { name: "demo".into(), version: "1.0.0".into(), digest: "d".into() };
    OpContext { pack: Some(pack), ..again(context) }
}

/// The demo pack's own duty in the east.
pub(crate) fn on_duty() -> OpContext {
    let principal = Principal::Duty(DutyPrincipal {
        pack: "demo".into(),
        title: "样例职责".into(),
        unit: unit("east"),
        division: division(EAST),
        clearance: Level::L4,
    });
    through(&OpContext { principal, ..clerk() })
}

pub(crate) fn action() -> Input {
    Input::Action {
        name: "do".into(),
        subject: None,
        answers: json!({ "电话": "13900001234" }),
        occurred_at: NOW,
    }
}

async fn decide(
    centre: &Centre,
    context: &OpContext,
    input: Input,
    reads: Vec<Read>,
    effects: Vec<Effect>,
) -> Decision {
    let scope = centre.data.open(context).await.unwrap().scope().clone();
    Decision {
        context: context.clone(),
        scope,
        calendar: centre.data.calendar().version(),
        input,
        reads,
        outcome: Outcome {
            summary: "已办理".into(),
            subject: None,
            reasons: Vec::new(),
            burden: None,
        },
        effects,
        log: Vec::new(),
        cost: Cost::default(),
    }
}

pub(crate) async fn commit(
    centre: &Centre,
    context: &OpContext,
    input: Input,
    reads: Vec<Read>,
    effects: Vec<Effect>,
) -> Result<Decision, Error> {
    let decision = decide(centre, context, input, reads, effects).await;
    centre.data.commit(Arc::new(decision.clone())).await.map(|()| decision)
}

fn got(record: &Record) -> Read {
    Read::Get { id: record.head.id.clone(), found: Some(record.reference()) }
}

pub(crate) fn publish(about: &Record) -> Effect {
    Effect::Publish {
        id: id(),
        topic: TOPIC.into(),
        about: Some(about.head.id.clone()),
        payload: json!({ "n": 1 }),
    }
}

pub(crate) fn wake(key: &str, at: Instant) -> Effect {
    Effect::Wake { at, key: key.into(), payload: json!(key) }
}

on_both! {
    /// Another version looks at the same moment, through its own grant.
    async fn a_snapshot_shows_the_same_moment_to_another_operation(centre) {
        install(&centre).await;
        let matter = case(EAST, "east", "事");
        centre.data.act(&clerk(), vec![create(&matter)], "登记").await.unwrap();
        let id = &matter.head.id;
        let mut then = centre.data.open(&through(&handler("east"))).await.unwrap();
        assert_eq!(then.get(id).await.unwrap().unwrap().head.version, 1);
        centre.data.act(&clerk(), vec![triage(&matter, 1)], "分流").await.unwrap();

        let mut same = then.through(&through(&clerk())).await.unwrap();
        assert_eq!(same.get(id).await.unwrap().unwrap().head.version, 1, "what came since does not show");
        let (manifest, mut grant, digest) = pack("2.0.0", b"demo again");
        grant.allows.reads = BTreeSet::new();
        centre.data.put_pack(&operator(), b"demo again", &manifest, &grant, &digest).await.unwrap();
        let mut context = through(&clerk());
        context.pack = Some(PackRef { name: "demo".into(), version: "2.0.0".into(), digest });
        let mut less = same.through(&context).await.unwrap();
        assert_eq!(less.get(id).await.unwrap(), None, "this version was granted less");
        let mut now = centre.data.open(&through(&clerk())).await.unwrap();
        assert_eq!(now.get(id).await.unwrap().unwrap().head.version, 2);
    }
}

on_both! {
    /// An event reaches each pack that hears its topic, and what a pack does with it happens once, however often it is tried.
    async fn events_are_handled_once(centre) {
        install(&centre).await;
        let data = &centre.data;
        data.subscribe("demo", &BTreeSet::from([TOPIC.to_owned()])).await.unwrap();
        data.subscribe("other", &BTreeSet::from([TOPIC.to_owned(), "else@1".to_owned()])).await.unwrap();
        let matter = case(EAST, "east", "样例事项");
        commit(&centre, &through(&clerk()), action(), vec![], vec![create(&matter), publish(&matter)]).await.unwrap();
        let waiting = data.next_events(NOW, 10).await.unwrap();
        assert_eq!(waiting.iter().map(|one| one.subscriber.as_str()).collect::<Vec<_>>(), ["demo", "other"]);
        let event = waiting[0].event.clone();
        assert!(matches!(&event, Input::Event { about, .. } if about.as_ref() == Some(&matter.head.id)));
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let effects = vec![line(&matter, "听到一次")];
            let decision = decide(&centre, &on_duty(), event.clone(), vec![], effects).await;
            let data = data.clone();
            workers.spawn(async move { data.commit(Arc::new(decision)).await });
        }
        let done = workers.join_all().await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
        let late = commit(&centre, &on_duty(), event, vec![], vec![line(&matter, "听到一次")]).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        let lines = data.timeline(&again(&clerk()), &matter.head.id).await.unwrap();
        assert_eq!(lines.iter().filter(|line| line.text == "听到一次").count(), 1);
        let waiting = data.next_events(NOW, 10).await.unwrap();
        assert_eq!(waiting.iter().map(|one| one.subscriber.as_str()).collect::<Vec<_>>(), ["other"]);
    }

    /// A delivery that fails is put off for longer each time, and in the end left for a person.
    async fn failing_deliveries_wait_and_are_parked(centre) {
        install(&centre).await;
        let data = &centre.data;
        data.subscribe("demo", &BTreeSet::from([TOPIC.to_owned()])).await.unwrap();
        let matter = case(EAST, "east", "样例事项");
        commit(&centre, &through(&clerk()), action(), vec![], vec![create(&matter), publish(&matter)]).await.unwrap();
        let (mut now, mut tries) = (NOW, 0);
        for _ in 0..2000 {
            if let Some(delivery) = data.next_events(now, 1).await.unwrap().first() {
                assert_eq!(delivery.attempts, tries);
                tries += 1;
                data.postpone(delivery, &Error::Unavailable("样例".into()), now).await.unwrap();
                assert!(data.next_events(now, 1).await.unwrap().is_empty());
            }
            now = now.plus(1_000);
        }
        assert_eq!(tries, 8);
    }

    /// A timer fires once; set again under its key it moves, and the old time is void.
    async fn timers_fire_once_and_move(centre) {
        install(&centre).await;
        let data = &centre.data;
        let effects = vec![wake("a", NOW.plus(1_000)), wake("b", NOW.plus(1_000))];
        commit(&centre, &through(&clerk()), action(), vec![], effects).await.unwrap();
        assert!(data.due_timers(NOW, 10).await.unwrap().is_empty());
        let due = data.due_timers(NOW.plus(1_000), 10).await.unwrap();
        assert_eq!(due.iter().map(|timer| timer.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        commit(&centre, &through(&clerk()), action(), vec![], vec![wake("b", NOW.plus(9_000))]).await.unwrap();
        let moved = commit(&centre, &on_duty(), due[1].timer.clone(), vec![], vec![]).await;
        assert!(matches!(moved, Err(Error::Conflict(_))), "{moved:?}");
        commit(&centre, &on_duty(), due[0].timer.clone(), vec![], vec![]).await.unwrap();
        let twice = commit(&centre, &on_duty(), due[0].timer.clone(), vec![], vec![]).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        let due = data.due_timers(NOW.plus(9_000), 10).await.unwrap();
        assert_eq!(due.iter().map(|timer| timer.key.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    /// A decision that rests on something that has changed is refused whole; run again on what is there, it passes.
    async fn stale_reads_are_conflicts(centre) {
        install(&centre).await;
        let matter = case(EAST, "east", "样例事项");
        let data = &centre.data;
        data.act(&clerk(), vec![create(&matter)], "登记").await.unwrap();
        let context = through(&clerk());
        let mut snapshot = data.open(&context).await.unwrap();
        let seen = snapshot.get(&matter.head.id).await.unwrap().unwrap();
        data.act(&clerk(), vec![triage(&matter, 1)], "分流").await.unwrap();
        let unchanged = snapshot.get(&matter.head.id).await.unwrap().unwrap();
        assert_eq!(unchanged.head.version, 1, "a snapshot sees one moment");
        drop(snapshot);
        let other = case(EAST, "east", "另一事项");
        let stale = commit(&centre, &context, action(), vec![got(&seen)], vec![create(&other)]).await;
        assert!(matches!(stale, Err(Error::Conflict(_))), "{stale:?}");
        assert!(matches!(data.record(&clerk(), &other.head.id).await, Err(Error::NotFound(_))));
        let now = data.record(&clerk(), &matter.head.id).await.unwrap();
        commit(&centre, &context, action(), vec![got(&now)], vec![create(&other)]).await.unwrap();
        let twice = commit(&centre, &context, action(), vec![], vec![]).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "an operation is committed once: {twice:?}");
    }

    /// Steps on one record in one call make one version; a record made in the call stays at its first.
    async fn a_call_makes_one_version(centre) {
        install(&centre).await;
        let (old, new) = (case(EAST, "east", "旧"), case(EAST, "east", "新"));
        centre.data.act(&clerk(), vec![create(&old)], "登记").await.unwrap();
        let accept = Change::MoveCase { stage: anshu_model::case::CaseStage::Accepted, substage: None };
        let effects = vec![
            create(&new), triage(&new, 1), change(&new, 1, accept.clone()),
            triage(&old, 1), change(&old, 1, accept),
        ];
        commit(&centre, &through(&clerk()), action(), vec![], effects).await.unwrap();
        let version = async |record: &Record| centre.data.record(&clerk(), &record.head.id).await.unwrap().head.version;
        assert_eq!((version(&new).await, version(&old).await), (1, 2));
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    /// What was not granted is neither read nor written, and a pack without a grant does nothing at all.
    async fn grants_bound_a_pack(centre) {
        let nobody = centre.data.open(&through(&clerk())).await.err();
        assert!(matches!(nobody, Some(Error::Denied(_))), "{nobody:?}");
        assert_eq!(leaves(&centre.data, Action::Decide).await.last().unwrap().verdict, Verdict::Denied);
        let mut grant = install(&centre).await;
        let place = room(EAST, "east", "L-1", "13900001234");
        let (matter, hazard) = (case(EAST, "east", "样例事项"), risk(EAST, "east", &place.head.id));
        centre.data.act(&clerk(), vec![create(&matter), create(&place), create(&hazard)], "登记").await.unwrap();
        let (manifest, _, digest) = pack("1.0.0", b"demo");
        grant.allows.reads = BTreeSet::from(["demo.matter".to_owned()]);
        grant.allows.writes = BTreeSet::from(["demo.hazard".to_owned()]);
        centre.data.put_pack(&operator(), b"demo", &manifest, &grant, &digest).await.unwrap();
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        assert!(snapshot.get(&matter.head.id).await.unwrap().is_some());
        assert!(snapshot.get(&hazard.head.id).await.unwrap().is_none(), "a risk type that was not granted");
        let shown = snapshot.get(&place.head.id).await.unwrap().unwrap();
        assert!(shown.entity().unwrap().facets.is_empty(), "a facet that was not granted");
        let find = Find::Risks { subject: place.head.id.clone(), risk_type: "demo.hazard".into(), open_only: false };
        assert!(matches!(snapshot.find(&find).await, Err(Error::Denied(_))));
        assert!(matches!(snapshot.check(&triage(&matter, 1)), Err(Error::Denied(_))));
        assert!(matches!(snapshot.check(&create(&case(EAST, "east", "新"))), Err(Error::Denied(_))));
        assert!(matches!(snapshot.check(&create(&case(WEST, "west", "新"))), Err(Error::Denied(_))));
        drop(snapshot);
        let set = Change::SetFacet { name: "demo.room".into(), facet: room_facet("L-2", "1", 1) };
        for effect in [triage(&matter, 1), change(&place, 1, set)] {
            let refused = commit(&centre, &through(&clerk()), action(), vec![], vec![effect]).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        assert_eq!(leaves(&centre.data, Action::Decide).await.last().unwrap().verdict, Verdict::Denied);
    }

    /// A pack advises on a risk's level; only an official sets it.
    async fn packs_do_not_assess(centre) {
        install(&centre).await;
        let place = room(EAST, "east", "L-1", "1");
        let hazard = risk(EAST, "east", &place.head.id);
        centre.data.act(&clerk(), vec![create(&place), create(&hazard)], "登记").await.unwrap();
        let assess = Change::Assess { assessment: anshu_model::risk::Assessment {
            level: anshu_model::risk::RiskLevel::Larger, reason: "现场核实".into(), by: "样例甲".into(), at: NOW,
        } };
        let refused = commit(&centre, &through(&clerk()), action(), vec![], vec![change(&hazard, 1, assess.clone())]).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        centre.data.act(&clerk(), vec![change(&hazard, 1, assess)], "评定").await.unwrap();
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        let level = Count { kind: Kind::Risk, type_name: "demo.hazard".into(), by: "level".into(), within: None };
        let cells = snapshot.count(&level).await.unwrap();
        assert_eq!(cells.len(), 5, "all levels, and none");
        assert!(cells.contains(&Cell { key: "larger".into(), count: None }));
    }

    /// Entities are found by number and by indexed attributes, cases by party, risks by subject, duties by what they serve.
    async fn queries_find_what_is_linked(centre) {
        install(&centre).await;
        let who = citizen(EAST, "east", "样例丙", "999999199001010019");
        let mut rooms: Vec<_> = (0..5).map(|beds| room(if beds < 3 { EAST } else { TOWN }, "east", "L-1", &beds.to_string())).collect();
        rooms.push(room(EAST, "east", "L-2", "9"));
        let mut matter = case(EAST, "east", "样例事项");
        let anshu_model::record::Body::Case(body) = &mut matter.body else { unreachable!() };
        body.parties.push(anshu_model::case::Party { entity: who.head.id.clone(), role: "当事人".into() });
        let hazard = risk(EAST, "east", &rooms[0].head.id);
        let task = duty(EAST, "east", &matter.head.id);
        let far = room(WEST, "west", "L-1", "8");
        let mut effects: Vec<_> = rooms.iter().map(create).collect();
        effects.extend([create(&who), create(&matter), create(&hazard), create(&task)]);
        centre.data.act(&clerk(), effects, "登记").await.unwrap();
        centre.data.act(&handler("west"), vec![create(&far)], "登记").await.unwrap();

        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        let found = snapshot.lookup(EntityKind::Person, "resident-id", "999999199001010019").await.unwrap();
        assert_eq!(found.map(|record| record.head.id), Some(who.head.id.clone()));
        assert!(snapshot.lookup(EntityKind::Person, "resident-id", "999999199001010000").await.unwrap().is_none());
        let licensed = |licence: &str, within: Option<&str>, limit, after: Option<Id>| Find::Entities {
            kind: EntityKind::Place,
            facet: "demo.room".into(),
            conditions: vec![("licence".into(), licence.into())],
            within: within.map(division),
            limit,
            after,
        };
        let first = ids(snapshot.as_mut(), &licensed("L-1", None, 3, None)).await;
        let rest = ids(snapshot.as_mut(), &licensed("L-1", None, 3, first.last().cloned())).await;
        assert_eq!((first.len(), rest.len()), (3, 2));
        assert!(first.iter().chain(&rest).is_sorted());
        assert_eq!(ids(snapshot.as_mut(), &licensed("L-1", Some(TOWN), 9, None)).await.len(), 2);
        assert_eq!(ids(snapshot.as_mut(), &licensed("L-2", None, 9, None)).await, [rooms[5].head.id.clone()]);
        let all = Find::Entities { kind: EntityKind::Place, facet: "demo.room".into(), conditions: vec![], within: None, limit: 9, after: None };
        assert_eq!(ids(snapshot.as_mut(), &all).await.len(), 6);
        let cases = Find::Cases { matter: "demo.matter".into(), party: Some(who.head.id.clone()), open_only: true, limit: 9, after: None };
        assert_eq!(ids(snapshot.as_mut(), &cases).await, [matter.head.id.clone()]);
        let risks = Find::Risks { subject: rooms[0].head.id.clone(), risk_type: "demo.hazard".into(), open_only: true };
        assert_eq!(ids(snapshot.as_mut(), &risks).await, std::slice::from_ref(&hazard.head.id));
        assert_eq!(ids(snapshot.as_mut(), &Find::Duties { about: matter.head.id.clone() }).await, std::slice::from_ref(&task.head.id));
        drop(snapshot);

        // A changed attribute is found by its new value only.
        let set = Change::SetFacet { name: "demo.room".into(), facet: room_facet("L-3", "9", 1) };
        let at_work = at_work_on(&centre, &[&rooms[5]]).await;
        centre.data.act(&at_work, vec![change(&rooms[5], 1, set)], "更新").await.unwrap();
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        assert!(ids(snapshot.as_mut(), &licensed("L-2", None, 9, None)).await.is_empty());
        assert_eq!(ids(snapshot.as_mut(), &licensed("L-3", None, 9, None)).await, [rooms[5].head.id.clone()]);
        // What is not shown clear cannot be asked for.
        let phone = Find::Entities { kind: EntityKind::Place, facet: "demo.room".into(), conditions: vec![("phone".into(), "8".into())], within: None, limit: 9, after: None };
        let low = person("east", EAST, &["clerk"], Level::L2);
        let mut snapshot = centre.data.open(&through(&low)).await.unwrap();
        assert!(matches!(snapshot.find(&phone).await, Err(Error::Denied(_))));
    }

    /// Small figures are not stated, nor what would tell them.
    async fn small_figures_are_suppressed(centre) {
        install(&centre).await;
        let mut effects: Vec<_> = (0..12).map(|_| create(&case(EAST, "east", "东"))).collect();
        effects.extend((0..15).map(|_| create(&case("500105", "north", "北"))));
        effects.extend((0..3).map(|_| create(&case(WEST, "west", "西"))));
        let city = person("city", "500000", &["clerk"], Level::L4);
        centre.data.act(&city, effects, "登记").await.unwrap();
        let mut snapshot = centre.data.open(&through(&city)).await.unwrap();
        let count = |by: &str, within: Option<&str>| Count {
            kind: Kind::Case, type_name: "demo.matter".into(), by: by.into(), within: within.map(division),
        };
        let stated = async |snapshot: &mut dyn Snapshot, by: &str, within: Option<&str>| {
            let cells = snapshot.count(&count(by, within)).await.unwrap();
            cells.into_iter().filter_map(|cell| Some((cell.key, cell.count?))).collect::<Vec<_>>()
        };
        let snapshot = snapshot.as_mut();
        let all = stated(snapshot, "none", None).await;
        assert!(all[0].1.abs_diff(30) <= 6, "{all:?}");
        assert_eq!(stated(snapshot, "none", None).await, all, "the same records are the same figure");
        assert_eq!(stated(snapshot, "none", Some(WEST)).await, []);
        // All are registered: the same records again, through another table.
        assert_eq!(stated(snapshot, "stage", None).await, [("registered".to_owned(), all[0].1)]);
        let by_county = stated(snapshot, "division", None).await;
        assert!(by_county.iter().all(|(county, _)| county != "500104000000"), "{by_county:?}");
    }

    /// The unit with a function is the nearest at or above a place.
    async fn the_nearest_unit_answers(centre) {
        install(&centre).await;
        for (name, code) in [("city", "500000"), ("county", EAST), ("town", TOWN)] {
            let functions = BTreeSet::from([if name == "town" { "other" } else { "keeps-order" }.to_owned()]);
            let place = Unit { id: unit(name), name: name.into(), division: division(code), functions };
            centre.data.put_unit(&operator(), &place).await.unwrap();
        }
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        let mut nearest = async |function: &str, code: &str| snapshot.unit(function, &division(code)).await.unwrap();
        assert_eq!(nearest("keeps-order", TOWN).await, Some(unit("county")));
        assert_eq!(nearest("other", TOWN).await, Some(unit("town")));
        assert_eq!(nearest("keeps-order", WEST).await, Some(unit("city")));
        assert_eq!(nearest("unknown", TOWN).await, None);
    }

    /// A decision is shown as far as its records are; only a replay gets it whole, and sees what the decision saw.
    async fn decisions_are_shown_and_replayed(centre) {
        install(&centre).await;
        let data = &centre.data;
        let place = room(EAST, "east", "L-1", "13900001234");
        data.act(&clerk(), vec![create(&place)], "登记").await.unwrap();
        let context = through(&clerk());
        let set = Change::SetFacet { name: "demo.room".into(), facet: room_facet("L-2", "13911112222", 3) };
        let decision = commit(&centre, &context, action(), vec![got(&place)], vec![change(&place, 1, set)]).await.unwrap();
        let heads = data.decisions_about(&clerk(), &place.head.id).await.unwrap();
        assert_eq!(heads.iter().map(|head| &head.id).collect::<Vec<_>>(), [&context.id]);
        let at_large = OpContext { purpose: anshu_model::context::Purpose { serves: None, ..clerk().purpose }, ..clerk() };
        let shown = serde_json::to_string(&data.decision(&at_large, &context.id).await.unwrap()).unwrap();
        assert!(shown.contains("139****2222") && !shown.contains("13911112222") && !shown.contains("13900001234"), "{shown}");
        assert!(matches!(data.decision(&handler("west"), &context.id).await, Err(Error::NotFound(_))));
        let auditor = person("audit", EAST, &["auditor"], Level::L4);
        assert!(matches!(data.decision_in_full(&auditor, &context.id).await, Err(Error::Denied(_))));
        assert_eq!(data.decision_in_full(&clerk(), &context.id).await.unwrap(), decision);
        assert_eq!(leaves(data, Action::Replay).await.len(), 2);
        let mut then = data.reopen(&decision).await.unwrap();
        let seen = then.version(&place.reference()).await.unwrap();
        assert_eq!(seen.entity().unwrap().facets["demo.room"].data["licence"], "L-1");
        // What the replay does again is checked against the scope of then, whatever has been withdrawn since.
        assert!(then.check(&create(&case(EAST, "east", "新"))).is_ok(), "checked against the scope of then");
        assert!(matches!(then.check(&create(&case(WEST, "west", "新"))), Err(Error::Denied(_))));
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// A call that failed is in the log, with nothing else.
    async fn failures_are_in_the_log(centre) {
        install(&centre).await;
        let context = through(&clerk());
        centre.data.failed(&context, &Error::Fault("demo".into())).await.unwrap();
        let fault = leaves(&centre.data, Action::Fault).await.pop().unwrap();
        assert_eq!((fault.operation, fault.verdict), (context.id, Verdict::Failed));
    }
}

async fn ids(snapshot: &mut dyn Snapshot, find: &Find) -> Vec<Id> {
    snapshot.find(find).await.unwrap().into_iter().map(|record| record.head.id).collect()
}
