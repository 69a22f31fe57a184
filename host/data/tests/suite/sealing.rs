//! Sealed records: absent for everybody but on the statutory road. That two centres which differ only in them
//! look the same is `two_worlds.rs`.

use anshu_data::{
    Data, OpeningAsked, OpeningPolicy, SealTarget, SealedRules, SealingAsk, SealingKind,
    SealingState, StatutoryPurpose,
};
use anshu_model::context::{OpContext, Principal};
use anshu_model::entity::EntityKind;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::Centre as _;
use anshu_model::record::{Body, Record};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, NOW, WEST, again, case, citizen, clerk, create, division, duty, line, naming,
    on_both, person, serving,
};
use crate::office::{leaves, operator};
use crate::packs::{action, commit, install, on_duty, through};

const NUMBER: &str = "999999199001010016";

pub(crate) fn keeper() -> OpContext {
    person("keeper", EAST, &["sealed-keeper"], Level::L4)
}

pub(crate) fn approver() -> OpContext {
    person("approver", EAST, &["access-approver"], Level::L4)
}

fn ask(kind: SealingKind, target: SealTarget) -> SealingAsk {
    SealingAsk {
        kind,
        target,
        purpose: Some("court".into()),
        ground: "样例：依法封存".into(),
        article: "样例条款".into(),
        organ: "样例法院".into(),
        document: "样字〔2026〕1号".into(),
    }
}

pub(crate) fn rules() -> SealedRules {
    let court = StatutoryPurpose {
        code: "court".into(),
        title: "办案需要".into(),
        article: "样例条款 第1条".into(),
    };
    SealedRules { purposes: vec![court], hours: Some(2) }
}

/// Asks for something.
pub(crate) async fn asked(data: &Data, kind: SealingKind, target: SealTarget) -> Id {
    let plan = data.ask_sealing(&again(&keeper()), &ask(kind, target), false).await.unwrap();
    plan.sealing.unwrap()
}

/// Asks for something, and lets the second person agree.
pub(crate) async fn done(data: &Data, kind: SealingKind, target: SealTarget) -> Id {
    let id = asked(data, kind, target).await;
    data.answer_sealing(&again(&approver()), &id, true, "").await.unwrap();
    id
}

pub(crate) async fn seal(data: &Data, record: &Record) {
    done(data, SealingKind::Seal, SealTarget::Record(record.head.id.clone())).await;
}

fn number() -> SealTarget {
    let (scheme, value) = ("resident-id".to_owned(), NUMBER.to_owned());
    SealTarget::Number { kind: EntityKind::Person, scheme, value }
}

/// A sealed person, who told about something, and a re-graded attribute: for whoever changes rows behind the host.
pub(crate) async fn furnish(centre: &Centre) {
    let data = &centre.data;
    let sealed = citizen(EAST, "east", "样例戊", "999999199001020014");
    data.act(&clerk(), vec![create(&sealed)], "登记").await.unwrap();
    seal(data, &sealed).await;
    crate::labels::told(data, &clerk()).await;
    crate::labels::raise(data).await;
}

/// A child, an open matter that names them, and a duty about it.
fn sealed_ones() -> [Record; 3] {
    let child = citizen(EAST, "east", "样例丙", NUMBER);
    let matter = naming(case(EAST, "east", "样例 封存"), &[&child]);
    let owed = duty(EAST, "east", &matter.head.id);
    [child, matter, owed]
}

on_both! {
    /// Nothing is sealed by one person, nor by anybody who is not the keeper; and a refusal has its reason.
    async fn sealing_takes_the_keeper_and_a_second_person(centre) {
        let (data, record) = (&centre.data, case(EAST, "east", "样例事项"));
        data.act(&clerk(), vec![create(&record)], "登记").await.unwrap();
        let target = || SealTarget::Record(record.head.id.clone());
        let by = |roles: &[&str]| person("other", EAST, roles, Level::L4);
        for roles in [&["clerk"][..], &["administrator"], &["security"], &["auditor"], &["access-approver"], &["supervisor"]] {
            let refused = data.ask_sealing(&by(roles), &ask(SealingKind::Seal, target()), false).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{roles:?} {refused:?}");
        }
        let dry = data.ask_sealing(&keeper(), &ask(SealingKind::Seal, target()), true).await.unwrap();
        assert_eq!((dry.sealing, dry.covers.len()), (None, 1));
        assert!(data.sealings(&keeper(), None, 10).await.unwrap().is_empty());
        let id = data.ask_sealing(&keeper(), &ask(SealingKind::Seal, target()), false).await.unwrap().sealing.unwrap();
        let twice = data.ask_sealing(&keeper(), &ask(SealingKind::Seal, target()), false).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        // The same person with both posts agrees to nothing; nor does one of the three administrators.
        let both = person("keeper", EAST, &["sealed-keeper", "access-approver"], Level::L4);
        for context in [both, by(&["clerk"]), by(&["access-approver", "administrator"])] {
            let refused = data.answer_sealing(&again(&context), &id, true, "").await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        let elsewhere = person("approver", WEST, &["access-approver"], Level::L4);
        assert!(matches!(data.answer_sealing(&elsewhere, &id, true, "").await, Err(Error::NotFound(_))));
        assert!(matches!(data.answer_sealing(&approver(), &id, false, " ").await, Err(Error::Invalid(_))));
        assert!(data.record(&clerk(), &record.head.id).await.is_ok());
        let refused = data.answer_sealing(&approver(), &id, false, "依据不足").await.unwrap();
        assert_eq!((refused.state, refused.reason.as_deref()), (SealingState::Refused, Some("依据不足")));
        assert!(matches!(data.answer_sealing(&approver(), &id, true, "").await, Err(Error::Conflict(_))));
        seal(data, &record).await;
        assert!(matches!(data.record(&clerk(), &record.head.id).await, Err(Error::NotFound(_))));
        done(data, SealingKind::Unseal, target()).await;
        assert!(data.record(&clerk(), &record.head.id).await.is_ok());
        assert!(data.verify().await.unwrap().is_sound());
        // Every step is in the log, and none says what the record is called.
        let log = format!("{:?}", leaves(data, Action::Seal).await);
        assert!(log.contains("封存：同意") && log.contains("解除封存：同意") && !log.contains("样例事项"), "{log}");
    }

    /// A person is not sealed while a matter that names them is not.
    async fn a_person_is_sealed_after_the_matters_that_name_them(centre) {
        let data = &centre.data;
        let ones = sealed_ones();
        let [child, matter, _] = &ones;
        data.act(&clerk(), ones.iter().map(create).collect(), "登记").await.unwrap();
        let refused = data.ask_sealing(&keeper(), &ask(SealingKind::Seal, number()), true).await;
        assert!(matches!(&refused, Err(Error::Conflict(text)) if text.contains(matter.head.id.as_str())), "{refused:?}");
        let code = match &matter.body { Body::Case(body) => body.code.clone(), _ => unreachable!() };
        let plan = data.ask_sealing(&keeper(), &ask(SealingKind::Seal, SealTarget::Code(code.clone())), true).await.unwrap();
        // The duty goes with its matter.
        assert_eq!(plan.covers.len(), 2);
        seal(data, matter).await;
        seal(data, child).await;
        let gone = data.ask_sealing(&keeper(), &ask(SealingKind::Seal, SealTarget::Code(code)), true).await;
        assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    }

    /// The road: a configured purpose, an organ and its document, another person's word, a term, and the keeper who asked.
    async fn attack_25_the_statutory_road_is_the_only_one(centre) {
        let data = &centre.data;
        install(&centre).await;
        data.use_sealed_rules(rules());
        let (ones, open) = (sealed_ones(), case(EAST, "east", "样例事项"));
        let [child, matter, _] = &ones;
        data.act(&clerk(), ones.iter().chain([&open]).map(create).collect(), "登记").await.unwrap();
        let decided = vec![line(matter, "样例决定")];
        commit(&centre, &through(&clerk()), action(), vec![], decided).await.unwrap();
        seal(data, matter).await;
        seal(data, child).await;
        let nothing = SealingAsk { purpose: Some("curiosity".into()), ..ask(SealingKind::Query, number()) };
        assert!(matches!(data.ask_sealing(&keeper(), &nothing, true).await, Err(Error::Invalid(_))));
        let bare = SealingAsk { organ: String::new(), document: " ".into(), ..ask(SealingKind::Query, number()) };
        let refused = data.ask_sealing(&keeper(), &bare, true).await.unwrap_err().to_string();
        assert!(refused.contains("/organ") && refused.contains("/document"), "{refused}");
        let plan = data.ask_sealing(&again(&keeper()), &ask(SealingKind::Query, number()), false).await.unwrap();
        // Whether there is anything is not told before somebody agreed.
        assert!(plan.covers.is_empty());
        let id = plan.sealing.unwrap();
        assert!(matches!(data.sealed_matter(&keeper(), &id).await, Err(Error::Conflict(_))));
        data.answer_sealing(&approver(), &id, true, "").await.unwrap();
        let found = data.sealed_matter(&again(&keeper()), &id).await.unwrap();
        assert_eq!(found.members.len(), 1);
        assert_eq!(found.members[0].record.head.id, child.head.id);
        assert_eq!(found.members[0].record.entity().unwrap().name, "样例丙");
        assert!(!found.members[0].timeline.is_empty());
        // Not by another keeper, an approver, a clerk; not after its time; not after it was given up.
        let other = person("other", EAST, &["sealed-keeper"], Level::L4);
        assert!(matches!(data.sealed_matter(&other, &id).await, Err(Error::NotFound(_))));
        for context in [approver(), clerk(), operator()] {
            assert!(matches!(data.sealed_matter(&context, &id).await, Err(Error::Denied(_))));
        }
        // Nor by the keeper who was moved to another district since.
        let mut moved = keeper();
        let Principal::Person(elsewhere) = &mut moved.principal else { unreachable!() };
        elsewhere.division = division(WEST);
        assert!(matches!(data.sealed_matter(&moved, &id).await, Err(Error::NotFound(_))));
        let late = OpContext { now: NOW.plus(2 * 3_600_000), ..again(&keeper()) };
        assert!(matches!(data.sealed_matter(&late, &id).await, Err(Error::Conflict(_))));
        data.withdraw_sealing(&again(&keeper()), &id).await.unwrap();
        assert!(matches!(data.sealed_matter(&again(&keeper()), &id).await, Err(Error::Conflict(_))));
        // A matter by its code, with what was sealed with it; one that is not sealed is not found here.
        let code = match &matter.body { Body::Case(body) => body.code.clone(), _ => unreachable!() };
        let id = done(data, SealingKind::Query, SealTarget::Code(code)).await;
        let found = data.sealed_matter(&again(&keeper()), &id).await.unwrap();
        assert_eq!(found.with.len(), 1);
        assert!(found.members[0].timeline.iter().any(|line| line.text == "样例决定"));
        let id = done(data, SealingKind::Query, SealTarget::Record(open.head.id.clone())).await;
        assert!(matches!(data.sealed_matter(&again(&keeper()), &id).await, Err(Error::NotFound(_))));
        // A purpose that the centre took away closes what it opened.
        let id = done(data, SealingKind::Query, number()).await;
        data.use_sealed_rules(SealedRules::default());
        assert!(data.sealed_matter(&again(&keeper()), &id).await.is_err());
        let read = leaves(data, Action::Seal).await;
        let looked = read.iter().filter(|leaf| leaf.note.ends_with("查阅") && leaf.verdict == Verdict::Allowed);
        assert!(looked.clone().any(|leaf| leaf.touched.iter().any(|one| one.id == child.head.id)), "{read:?}");
        assert!(looked.into_iter().all(|leaf| leaf.serves.is_some() && leaf.purpose.contains("样例条款 第1条")));
        let text = format!("{read:?}");
        assert!(!text.contains(NUMBER) && !text.contains("样例丙"), "{text}");
        // Who supervises sees what was asked, by whom and for whom; not the number.
        let supervisor = person("chief", EAST, &["supervisor"], Level::L4);
        let listed = format!("{:?}", data.sealings(&supervisor, None, 50).await.unwrap());
        assert!(listed.contains("样例法院") && !listed.contains(NUMBER) && !listed.contains("样例丙"), "{listed}");
        assert!(data.sealings(&clerk(), None, 50).await.is_err());
    }

    /// A child was opened for one matter, and another names it too. When the first is sealed the child's page does not point at
    /// it, and whoever reads what a pack decided is not told that the pack came across it.
    async fn attack_25_a_matter_that_was_sealed_is_in_no_pointer(centre) {
        let data = &centre.data;
        let child = citizen(EAST, "east", "样例丙", "999999201401010015");
        let (gone, stays) = (naming(case(EAST, "east", "甲"), &[&child]), naming(case(EAST, "east", "乙"), &[&child]));
        data.act(&clerk(), [&child, &gone, &stays].map(create).to_vec(), "登记").await.unwrap();
        let asked = OpeningAsked { record: child.head.id.clone(), serves: gone.head.id.clone(), reason: "核实".into(), minutes: None };
        data.state_opening(&serving(&clerk(), &gone), &asked, OpeningPolicy::default()).await.unwrap();
        let pointer = async || data.access(&serving(&clerk(), &stays), &child.head.id).await.unwrap();
        assert!(pointer().await.opening.is_some());
        let both = [gone.head.id.clone(), stays.head.id.clone()].into();
        assert_eq!(data.within_reach(&again(&clerk()), &both).await.unwrap(), both);
        seal(data, &gone).await;
        assert!(pointer().await.protected && pointer().await.opening.is_none());
        assert_eq!(data.within_reach(&again(&clerk()), &both).await.unwrap(), [stays.head.id.clone()].into());
        let far = person("west", WEST, &["clerk", "handler"], Level::L4);
        assert!(data.within_reach(&far, &both).await.unwrap().is_empty());
    }

    /// Somebody entered the number meanwhile: unsealing leaves both records, and the keeper says whose it is.
    async fn attack_26_unsealing_with_a_rival_leaves_both_and_a_task(centre) {
        let data = &centre.data;
        install(&centre).await;
        let (first, second) = (citizen(EAST, "east", "样例丙", NUMBER), citizen(EAST, "east", "样例丙", NUMBER));
        data.act(&clerk(), vec![create(&first)], "登记").await.unwrap();
        seal(data, &first).await;
        data.act(&clerk(), vec![create(&second)], "登记").await.unwrap();
        let lookup = async || {
            let mut snapshot = data.open(&through(&clerk())).await.unwrap();
            let found = snapshot.lookup(EntityKind::Person, "resident-id", NUMBER).await.unwrap();
            found.map(|record| record.head.id)
        };
        assert_eq!(lookup().await.as_ref(), Some(&second.head.id));
        let id = done(data, SealingKind::Unseal, SealTarget::Record(first.head.id.clone())).await;
        let found = data.sealings(&again(&keeper()), None, 50).await.unwrap();
        assert_eq!(found.iter().find(|one| one.id == id).map(|one| one.rivals), Some(1));
        assert_eq!(lookup().await.as_ref(), Some(&second.head.id));
        assert!(data.record(&clerk(), &first.head.id).await.is_ok());
        assert!(data.verify().await.unwrap().is_sound());
        let settled = data.settle_sealing(&again(&keeper()), &id, true).await.unwrap();
        assert_eq!(settled.state, SealingState::Settled);
        assert_eq!(lookup().await.as_ref(), Some(&first.head.id));
        assert!(data.verify().await.unwrap().is_sound());
        assert!(matches!(data.settle_sealing(&again(&keeper()), &id, false).await, Err(Error::Conflict(_))));
    }

    /// What a pack read before a record was sealed, it does not commit after; nor does a duty hear of it.
    async fn what_was_read_before_runs_again(centre) {
        let data = &centre.data;
        install(&centre).await;
        let record = case(EAST, "east", "样例事项");
        data.act(&clerk(), vec![create(&record)], "登记").await.unwrap();
        let read = anshu_model::decision::Read::Get { id: record.head.id.clone(), found: Some(record.reference()) };
        seal(data, &record).await;
        let refused = commit(&centre, &through(&clerk()), action(), vec![read], vec![]).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let refused = commit(&centre, &on_duty(), action(), vec![], vec![line(&record, "听到")]).await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    }
}
