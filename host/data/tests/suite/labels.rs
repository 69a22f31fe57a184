//! Who told is kept apart; levels change by two people, at once in every scope, and never below what a law fixes.

use anshu_data::{Data, RelabelAsk, RelabelState, SealTarget, SealingKind};
use anshu_model::Error;
use anshu_model::context::OpContext;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::port::Centre as _;
use anshu_model::schema::Apart;
use serde_json::{Value, json};

use crate::centre::{
    Centre, EAST, NOW, again, case, clerk, create, line, on_both, person, room, schemas,
};
use crate::office::{leaves, operator};
use crate::packs::{action, commit, install, through};
use crate::sealing::{approver, done, keeper, rules};

const CANARY: &str = "样例举报人甲";

fn security() -> OpContext {
    person("security", EAST, &["security"], Level::L1)
}

fn apart() -> Vec<Apart> {
    vec![Apart {
        attribute: "reporter_name".into(), title: "报告人".into(), value: json!(CANARY)
    }]
}

/// Keeps apart who told, for an operation of somebody.
pub(crate) async fn told(data: &Data, who: &OpContext) {
    data.keep_apart(&again(who), &apart()).await.unwrap();
}

fn phone(level: Level) -> RelabelAsk {
    RelabelAsk {
        schema: "demo.room".into(),
        attribute: "phone".into(),
        level,
        ground: "样例：年度复核".into(),
        since: None,
    }
}

/// Raises the demo attribute, by two people.
pub(crate) async fn raise(data: &Data) {
    let asked = data.ask_relabel(&again(&security()), &phone(Level::L4), false).await.unwrap();
    data.answer_relabel(&again(&approver()), &asked.id, true, "").await.unwrap();
}

on_both! {
    /// Who told is in no body, decision, timeline or leaf; the keeper learns it after a second person agreed; what came to
    /// nothing is given up.
    async fn informants_are_apart_from_what_they_told(centre) {
        let data = &centre.data;
        data.use_sealed_rules(rules());
        install(&centre).await;
        let matter = case(EAST, "east", "样例事项");
        data.act(&clerk(), vec![create(&matter)], "登记").await.unwrap();
        let context = through(&clerk());
        data.keep_apart(&context, &apart()).await.unwrap();
        commit(&centre, &context, action(), vec![], vec![line(&matter, "收到报告")]).await.unwrap();
        let lost = through(&clerk());
        data.keep_apart(&lost, &apart()).await.unwrap();
        data.drop_apart(&lost).await.unwrap();
        let target = || SealTarget::Record(matter.head.id.clone());
        let ask = done(data, SealingKind::Informant, target()).await;
        let (_, told) = data.informants(&again(&keeper()), &ask).await.unwrap();
        assert_eq!(told.iter().map(|one| (one.title.as_str(), one.value.as_str())).collect::<Vec<_>>(), [("报告人", CANARY)]);
        for who in [clerk(), approver(), operator(), person("other", EAST, &["sealed-keeper"], Level::L4)] {
            assert!(data.informants(&again(&who), &ask).await.is_err());
        }
        let mut seen = format!("{:?}", data.record(&clerk(), &matter.head.id).await.unwrap());
        seen += &format!("{:?}", data.timeline(&clerk(), &matter.head.id).await.unwrap());
        seen += &format!("{:?}", data.decision(&clerk(), &context.id).await.unwrap());
        seen += &format!("{:?}", leaves(data, Action::Seal).await);
        assert!(!seen.contains(CANARY));
        // An ask for the sealed record itself does not tell it either.
        done(data, SealingKind::Seal, target()).await;
        let query = done(data, SealingKind::Query, target()).await;
        let found = format!("{:?}", data.sealed_matter(&again(&keeper()), &query).await.unwrap());
        assert!(found.contains("收到报告") && !found.contains(CANARY), "{found}");
        // After a power cut, what never came to a decision is found and given up.
        told_of_nothing(data).await;
        let later = OpContext { now: NOW.plus(48 * 3_600_000), ..operator() };
        assert_eq!((data.sweep_informants(&later).await.unwrap(), data.sweep_informants(&later).await.unwrap()), (1, 0));
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// A level is proposed by security and agreed by somebody else; from then on every scope shows by it.
    async fn a_regraded_attribute_is_shown_by_its_new_level(centre) {
        let data = &centre.data;
        let place = room(EAST, "east", "L-1", "13900001234");
        data.act(&clerk(), vec![create(&place)], "登记").await.unwrap();
        let reader = person("reader", EAST, &["clerk"], Level::L3);
        let seen = async || {
            let record = data.record(&again(&reader), &place.head.id).await.unwrap();
            record.entity().unwrap().facets["demo.room"].data.get("phone").cloned().unwrap_or_default()
        };
        // Personal data without a matter that it serves is shown through its mask.
        assert_eq!(seen().await, json!("139****1234"));
        for who in [clerk(), approver(), operator(), person("p", EAST, &["privacy-officer"], Level::L3)] {
            let refused = data.ask_relabel(&again(&who), &phone(Level::L4), false).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        let same = data.ask_relabel(&security(), &phone(Level::L3), true).await;
        assert!(matches!(same, Err(Error::Invalid(_))), "{same:?}");
        let bare = RelabelAsk { ground: " ".into(), since: Some(NOW.plus(-1)), ..phone(Level::L1) };
        let refused = data.ask_relabel(&security(), &bare, true).await.unwrap_err().to_string();
        assert!(refused.contains("/ground") && refused.contains("/since"), "{refused}");
        let other = RelabelAsk { attribute: "colour".into(), ..phone(Level::L4) };
        assert!(matches!(data.ask_relabel(&security(), &other, true).await, Err(Error::NotFound(_))));
        let asked = data.ask_relabel(&again(&security()), &phone(Level::L4), false).await.unwrap();
        let twice = data.ask_relabel(&again(&security()), &phone(Level::L4), false).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        for who in [security(), clerk(), person("approver", EAST, &["access-approver", "security"], Level::L4)] {
            let refused = data.answer_relabel(&again(&who), &asked.id, true, "").await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        assert_eq!(seen().await, json!("139****1234"));
        let agreed = data.answer_relabel(&again(&approver()), &asked.id, true, "").await.unwrap();
        assert_eq!((agreed.state, agreed.old, agreed.new), (RelabelState::Agreed, Level::L3, Level::L4));
        assert_eq!(seen().await, Value::Null);
        // What holds now holds after a restart, from its first moment; and packs that are loaded again do not undo it.
        data.use_schemas(std::sync::Arc::new(schemas()));
        assert_eq!(seen().await, Value::Null);
        // Lowered again, but only from an instant on.
        let later = RelabelAsk { since: Some(NOW.plus(1_000)), ..phone(Level::L2) };
        let next = OpContext { now: NOW.plus(1), ..again(&security()) };
        let asked = data.ask_relabel(&next, &later, false).await.unwrap();
        data.answer_relabel(&again(&approver()), &asked.id, true, "").await.unwrap();
        assert_eq!(seen().await, Value::Null);
        data.refresh_labels(NOW.plus(1_000)).await.unwrap();
        assert_eq!(seen().await, json!("13900001234"));
        let history = data.relabels(&approver()).await.unwrap();
        assert_eq!(history.iter().map(|one| one.new).collect::<Vec<_>>(), [Level::L2, Level::L4]);
        assert!(data.relabels(&clerk()).await.is_err());
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// After a start, before anybody has told the time, a raised level holds already.
    async fn a_raised_level_holds_from_the_first_moment_after_a_start(centre) {
        raise(&centre.data).await;
        let level = |data: &Data| data.schemas().attribute("demo.room", "phone").unwrap().level;
        assert_eq!(level(&centre.data), Level::L4);
        centre.restart().await;
        assert_eq!(level(&centre.data), Level::L4);
        centre.data.refresh_labels(NOW).await.unwrap();
        assert_eq!(level(&centre.data), Level::L4);
    }
}

async fn told_of_nothing(data: &Data) {
    told(data, &clerk()).await;
}
