//! What a version is tried on, what a trial leaves in the log, and what storage still knows of the past.

use std::collections::BTreeSet;

use anshu_data::{ShadowCount, TrialState};
use anshu_model::case::Party;
use anshu_model::context::{OpContext, PackRef};
use anshu_model::decision::Decision;
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::EntityKind;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::{Centre as _, Count, Find, Snapshot};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};
use serde_json::json;

use crate::centre::{
    Centre, EAST, NOW, again, case, change, citizen, clerk, create, duty, handler, line, on_both,
    person, risk, room, triage,
};
use crate::office::{leaves, operator, pack};
use crate::packs::{action, commit, through};

fn tried() -> PackRef {
    PackRef { name: "demo".into(), version: "2.0.0".into(), digest: "d2".into() }
}

fn admin(name: &str, role: &str) -> OpContext {
    person(name, EAST, &[role], Level::L1)
}

async fn install(centre: &Centre) {
    let (manifest, mut grant, digest) = pack("1.0.0", b"demo");
    let names = ["demo.matter", "demo.hazard", "demo.room"].map(str::to_owned);
    grant.allows.reads = BTreeSet::from(names.clone());
    grant.allows.writes = BTreeSet::from(names);
    centre.data.put_pack(&operator(), b"demo", &manifest, &grant, &digest).await.unwrap();
}

async fn decide(centre: &Centre, effects: Vec<Effect>) -> Decision {
    commit(centre, &through(&clerk()), action(), vec![], effects).await.unwrap()
}

async fn then(centre: &Centre, decision: &Decision) -> Box<dyn Snapshot> {
    centre.data.as_of(decision).await.unwrap()
}

fn version(record: Option<&Record>) -> Option<u64> {
    record.map(|record| record.head.version)
}

on_both! {
    /// Another version may ask for what the one that decided did not: it is told what was so then, or that nobody knows.
    async fn the_past_is_told_as_it_was_or_not_at_all(centre) {
        install(&centre).await;
        let data = &centre.data;
        let place = room(EAST, "east", "L-1", "13900001234");
        let who = citizen(EAST, "east", "样例丙", "999999199001010019");
        let mut matter = case(EAST, "east", "样例事项");
        if let Body::Case(case) = &mut matter.body {
            case.parties.push(Party { entity: place.head.id.clone(), role: "地点".into() });
        }
        let first = decide(&centre, vec![create(&place), create(&who)]).await;
        let hazard = risk(EAST, "east", &place.head.id);
        let owed = duty(EAST, "east", &matter.head.id);
        let effects = vec![create(&matter), create(&hazard), create(&owed)];
        let second = decide(&centre, effects).await;
        let third = decide(&centre, vec![line(&matter, "样例决定")]).await;
        data.act(&again(&clerk()), vec![triage(&matter, 1)], "分流").await.unwrap();
        let late = Party { entity: who.head.id.clone(), role: "后来的".into() };
        data.act(&again(&clerk()), vec![change(&matter, 2, Change::AddParty { party: late })], "补充").await.unwrap();

        let risks = Find::Risks { subject: place.head.id.clone(), risk_type: "demo.hazard".into(), open_only: true };
        let duties = Find::Duties { about: matter.head.id.clone() };
        let cases = |party: &Record, limit: u32| Find::Cases {
            matter: "demo.matter".into(), party: Some(party.head.id.clone()), open_only: true, limit, after: None,
        };

        let mut before = then(&centre, &first).await;
        assert_eq!(version(before.get(&place.head.id).await.unwrap().as_ref()), None);
        let mut before = then(&centre, &second).await;
        assert_eq!(version(before.get(&place.head.id).await.unwrap().as_ref()), Some(1));
        assert!(before.find(&risks).await.unwrap().is_empty(), "the risk came with this decision");
        assert!(before.find(&duties).await.unwrap().is_empty());
        let number = before.lookup(EntityKind::Person, "resident-id", "999999199001010019").await.unwrap();
        assert_eq!(number.unwrap().head.id, who.head.id);
        let nobody = before.lookup(EntityKind::Person, "resident-id", "999999199001010027").await.unwrap();
        assert!(nobody.is_none());

        let mut before = then(&centre, &third).await;
        assert_eq!(version(before.get(&matter.head.id).await.unwrap().as_ref()), Some(1), "it has moved on since");
        assert_eq!(before.find(&risks).await.unwrap().len(), 1);
        assert_eq!(before.find(&duties).await.unwrap().len(), 1);
        assert_eq!(before.find(&cases(&place, 10)).await.unwrap().len(), 1);
        assert!(before.find(&cases(&place, 0)).await.unwrap().is_empty());
        assert!(before.find(&cases(&who, 10)).await.unwrap().is_empty(), "the party was added later");

        // What only indexes of today could tell is not told.
        let rooms = Find::Entities {
            kind: EntityKind::Place, facet: "demo.room".into(), conditions: vec![("licence".into(), "L-1".into())],
            within: None, limit: 10, after: None,
        };
        let all = Find::Cases { matter: "demo.matter".into(), party: None, open_only: false, limit: 10, after: None };
        let count = Count { kind: Kind::Case, type_name: "demo.matter".into(), by: "none".into(), within: None };
        assert!(matches!(before.find(&rooms).await, Err(Error::Unavailable(_))));
        assert!(matches!(before.find(&all).await, Err(Error::Unavailable(_))));
        assert!(matches!(before.count(&count).await, Err(Error::Unavailable(_))));
        // And of a decision that is not recorded, nothing is.
        let mut never = third.clone();
        never.context.id = Id::from_text("never");
        assert!(matches!(then(&centre, &never).await.get(&place.head.id).await, Err(Error::Unavailable(_))));
    }

    /// What the decision's own scope did not show then is not shown now.
    async fn the_past_has_the_scope_that_the_decision_had(centre) {
        install(&centre).await;
        let place = room(EAST, "east", "L-1", "13900001234");
        let hidden = room(EAST, "north", "L-2", "13900005678");
        decide(&centre, vec![create(&place), create(&hidden)]).await;
        let mut decision = decide(&centre, vec![line(&place, "样例决定")]).await;
        decision.scope.rows.subtree = None;
        decision.scope.rows.units = BTreeSet::from([crate::centre::unit("east")]);
        let mut before = then(&centre, &decision).await;
        assert!(before.get(&place.head.id).await.unwrap().is_some());
        assert!(before.get(&hidden.head.id).await.unwrap().is_none());
    }

    /// Decisions come in the order of time, each once, page by page, and to nobody but who keeps packs.
    async fn recorded_decisions_come_page_by_page(centre) {
        install(&centre).await;
        let place = room(EAST, "east", "L-1", "13900001234");
        let mut made = vec![decide(&centre, vec![create(&place)]).await.context.id];
        for _ in 0..6 {
            made.push(decide(&centre, vec![line(&place, "样例")]).await.context.id);
        }
        let data = &centre.data;
        let mut recorded = data.recorded(&operator(), "demo", NOW).await.unwrap();
        assert_eq!(recorded.total(), 7);
        let mut found = Vec::new();
        loop {
            let page = recorded.next(3).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= 3);
            found.extend(page.into_iter().map(|decision| decision.context.id));
        }
        assert_eq!(found, made);
        assert_eq!(data.recorded(&operator(), "demo", NOW.plus(1)).await.unwrap().total(), 0);
        assert_eq!(data.recorded(&operator(), "other", NOW).await.unwrap().total(), 0);
        assert!(data.recorded(&clerk(), "demo", NOW).await.is_err());
        assert!(data.recorded(&handler("west"), "demo", NOW).await.is_err());
    }

    /// A replay leaves one leaf and what it showed.
    async fn a_replay_is_kept_with_one_leaf(centre) {
        let data = &centre.data;
        let administrator = admin("admin", "administrator");
        let before = leaves(data, Action::Replay).await.len();
        let report = json!({ "decisions": 3 });
        let kept = data.put_replay(&administrator, &tried(), 30, true, &report, NOW.plus(5)).await.unwrap();
        assert_eq!(data.trial(&again(&administrator), &kept.id).await.unwrap(), kept);
        let listed = data.trials(&again(&administrator), Some("demo")).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&kept));
        assert!(data.trials(&again(&administrator), Some("other")).await.unwrap().is_empty());
        let (replay, shadow) = data.last_trials(&tried()).await.unwrap();
        assert_eq!((replay, shadow), (Some(kept), None));
        let written = leaves(data, Action::Replay).await;
        assert_eq!(written.len(), before + 1);
        let leaf = written.last().unwrap();
        assert!(leaf.actor.starts_with("person:person-admin") && leaf.note.contains("30 天"), "{leaf:?}");
        assert_eq!(leaf.pack.as_deref(), Some("demo@2.0.0#d2"));
        // One that was cut short is kept, and proves nothing.
        data.put_replay(&again(&administrator), &PackRef { digest: "d3".into(), ..tried() }, 7, false, &report, NOW).await.unwrap();
        let other = PackRef { digest: "d3".into(), ..tried() };
        assert_eq!(data.last_trials(&other).await.unwrap(), (None, None));
        let refused = data.put_replay(&clerk(), &tried(), 30, true, &report, NOW).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let denied = leaves(data, Action::Replay).await;
        assert_eq!(denied.last().unwrap().verdict, Verdict::Denied);
        assert_eq!(data.verify().await.unwrap().wrong, None);
    }

    /// Who turned a shadow on does not turn it off before it has seen enough, nor does the same role.
    async fn a_shadow_is_cut_short_by_a_second_role_only(centre) {
        let data = &centre.data;
        let administrator = admin("admin", "administrator");
        data.start_shadow(&administrator, &tried(), 10).await.unwrap();
        let twice = data.start_shadow(&again(&administrator), &tried(), 10).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        assert_eq!(data.shadows().await.unwrap().len(), 1);
        let seen = |count| vec![ShadowCount {
            day: "2026-11-26".into(), kind: ShadowCount::SEEN.into(), leaning: String::new(), count, examples: vec![],
        }];
        data.count_shadow("d2", seen(4)).await.unwrap();
        for refused in [&administrator, &admin("clerk", "clerk"), &operator()] {
            let stopped = data.stop_shadow(&again(refused), &tried()).await;
            assert!(matches!(stopped, Err(Error::Denied(_))), "{stopped:?}");
        }
        let both = person("admin", EAST, &["administrator", "security"], Level::L1);
        let own = data.stop_shadow(&both, &tried()).await;
        assert!(matches!(&own, Err(Error::Denied(text)) if text.contains("开启")), "{own:?}");
        let stopped = data.stop_shadow(&admin("guard", "security"), &tried()).await.unwrap();
        assert_eq!(stopped.state, TrialState::Stopped);
        assert_eq!(stopped.report[0]["count"], 4);
        let leaf = leaves(data, Action::Pack).await.pop().unwrap();
        assert!(leaf.note.contains("提前停止") && leaf.note.contains("4 个决定"), "{leaf:?}");
        // What has seen enough is turned off by whoever keeps packs.
        data.start_shadow(&again(&administrator), &tried(), 10).await.unwrap();
        data.count_shadow("d2", seen(6)).await.unwrap();
        data.stop_shadow(&again(&administrator), &tried()).await.unwrap();
        assert!(data.shadows().await.unwrap().is_empty());
        let gone = data.stop_shadow(&again(&administrator), &tried()).await;
        assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
        assert_eq!(data.verify().await.unwrap().wrong, None);
    }

    /// Counts add up over writes and days, and name a few decisions only.
    async fn shadow_counts_add_up(centre) {
        let data = &centre.data;
        let count = |day: &str, kind: &str, count: u64, ids: std::ops::Range<u32>| ShadowCount {
            day: day.into(), kind: kind.into(), leaning: "loosens".into(), count,
            examples: ids.map(|id| Id::from_text(format!("d{id}"))).collect(),
        };
        data.count_shadow("d2", vec![count("2026-11-25", "level", 3, 0..3), count("2026-11-25", "limit", 1, 0..1)]).await.unwrap();
        data.count_shadow("d2", vec![count("2026-11-25", "level", 4, 3..7), count("2026-11-26", "level", 2, 7..9)]).await.unwrap();
        data.count_shadow("d9", vec![count("2026-11-25", "level", 100, 0..1)]).await.unwrap();
        let days = data.shadow_counts("d2").await.unwrap();
        assert_eq!(days.iter().map(|day| day.count).collect::<Vec<_>>(), [7, 1, 2]);
        assert_eq!(days[0].examples.len(), 5);
        let sums = data.shadow_sums("d2").await.unwrap();
        assert_eq!(sums.iter().map(|sum| (sum.kind.as_str(), sum.count)).collect::<Vec<_>>(), [("level", 9), ("limit", 1)]);
        assert_eq!(sums[0].examples.len(), 5);
    }
}
