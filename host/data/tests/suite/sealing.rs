//! Sealed records: absent for everybody but on the statutory road; two centres that differ only in them look the same.

use anshu_data::{
    Data, List, OpeningAsked, OpeningPolicy, SealTarget, SealedRules, SealingAsk, SealingKind,
    SealingState, StatutoryPurpose,
};
use anshu_model::case::Party;
use anshu_model::context::{OpContext, Principal};
use anshu_model::entity::EntityKind;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::{Centre as _, Count, Find};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, NOW, TOWN, WEST, again, case, citizen, clerk, create, division, duty, line,
    naming, on_both, person, room, serving, triage,
};
use crate::office::{leaves, operator};
use crate::packs::{TOPIC, action, commit, install, on_duty, publish, through};

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

async fn seal(data: &Data, record: &Record) {
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

/// What both worlds have, and what one of them has beside it.
struct Worlds {
    common: Vec<Record>,
    hidden: Vec<Record>,
}

fn worlds() -> Worlds {
    let mut common: Vec<Record> = (0..5)
        .map(|at| case(if at % 2 == 0 { EAST } else { TOWN }, "east", &format!("样例 {at}")))
        .collect();
    common.push(room(EAST, "east", "L-1", "13900001234"));
    common.push(citizen(EAST, "east", "样例乙", "999999199001020014"));
    let child = citizen(EAST, "east", "样例丙", NUMBER);
    let mut matter = case(EAST, "east", "样例 封存");
    let Body::Case(body) = &mut matter.body else { unreachable!() };
    body.parties.push(Party { entity: child.head.id.clone(), role: "当事人".into() });
    let owed = duty(EAST, "east", &matter.head.id);
    Worlds { common, hidden: vec![child, matter, owed] }
}

/// A world with the hidden records, and all of them sealed, or one without.
async fn make(centre: &Centre, worlds: &Worlds, with: bool) {
    let data = &centre.data;
    install(centre).await;
    data.subscribe("demo", &[TOPIC.to_owned()].into()).await.unwrap();
    data.use_sealed_rules(rules());
    let (common, hidden) = (&worlds.common, &worlds.hidden);
    let mut order: Vec<&Record> = common.iter().collect();
    if with {
        // Among the others, so that places in lists would tell.
        hidden.iter().enumerate().for_each(|(at, record)| order.insert(at + 1, record));
    }
    for record in order {
        data.act(&clerk(), vec![create(record)], "登记").await.unwrap();
    }
    if with {
        let [child, matter, _] = &hidden[..] else { unreachable!() };
        // What was decided and said beside it in another record is sealed with it.
        let decided =
            vec![line(matter, "样例决定"), line(&common[0], "同一次办理"), publish(matter)];
        commit(centre, &through(&clerk()), action(), vec![], decided).await.unwrap();
        seal(data, matter).await;
        seal(data, child).await;
    }
}

/// Everything that somebody who is not the keeper can learn, as text.
async fn seen(data: &Data, worlds: &Worlds, who: &OpContext) -> Vec<String> {
    let mut seen = Vec::new();
    let mut say = |what: &str, answer: String| seen.push(format!("{what}: {answer}"));
    let sealed = &worlds.hidden;
    for kind in [Kind::Case, Kind::Entity, Kind::Duty, Kind::Risk] {
        let mut after = None;
        loop {
            let list = List { limit: 2, after: after.take(), ..List::of(kind) };
            let page = data.list(&again(who), &list).await;
            say("list", format!("{page:?}"));
            match page.ok().and_then(|page| page.next) {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        for record in sealed {
            let list = List { after: Some(record.head.id.clone()), ..List::of(kind) };
            say("cursor", format!("{:?}", data.list(&again(who), &list).await));
            let list = List { about: Some(record.head.id.clone()), ..List::of(kind) };
            say("about", format!("{:?}", data.list(&again(who), &list).await));
            let list = List { party: Some(record.head.id.clone()), ..List::of(kind) };
            say("party", format!("{:?}", data.list(&again(who), &list).await));
        }
        for text in ["样例", "样例 封存", "样例丙"] {
            let list = List { text: Some(text.into()), ..List::of(kind) };
            say("search", format!("{:?}", data.list(&again(who), &list).await));
        }
    }
    let Body::Case(body) = &sealed[1].body else { unreachable!() };
    let list = List { text: Some(body.code.clone()), ..List::of(Kind::Case) };
    say("code", format!("{:?}", data.list(&again(who), &list).await));
    say("figures", format!("{:?}", data.figures(&again(who)).await));
    for record in sealed.iter().chain(&worlds.common) {
        let id = &record.head.id;
        say("record", format!("{:?}", data.record(&again(who), id).await));
        say("timeline", format!("{:?}", data.timeline(&again(who), id).await.map(texts)));
        say("decisions", format!("{:?}", data.decisions_about(&again(who), id).await));
    }
    for record in sealed {
        say(
            "line",
            format!("{:?}", data.act(&again(who), vec![line(record, "看看")], "备注").await),
        );
        say("step", format!("{:?}", data.act(&again(who), vec![triage(record, 1)], "分流").await));
        say("late", format!("{:?}", data.act(&again(who), vec![triage(record, 9)], "分流").await));
    }
    let mut snapshot = data.open(&through(who)).await.unwrap();
    for record in sealed {
        say("get", format!("{:?}", snapshot.get(&record.head.id).await));
    }
    say(
        "lookup",
        format!("{:?}", snapshot.lookup(EntityKind::Person, "resident-id", NUMBER).await),
    );
    let find = Find::Cases {
        matter: "demo.matter".into(),
        party: None,
        open_only: false,
        limit: 9,
        after: None,
    };
    say("find", format!("{:?}", snapshot.find(&find).await));
    let party = Some(sealed[0].head.id.clone());
    let find = Find::Cases {
        matter: "demo.matter".into(),
        party,
        open_only: false,
        limit: 9,
        after: None,
    };
    say("find", format!("{:?}", snapshot.find(&find).await));
    for by in ["none", "division", "stage"] {
        let (type_name, by) = ("demo.matter".to_owned(), by.to_owned());
        let count = Count { kind: Kind::Case, type_name, by, within: None };
        say("count", format!("{:?}", snapshot.count(&count).await));
    }
    drop(snapshot);
    say("events", format!("{}", data.next_events(NOW.plus(1_000_000), 10).await.unwrap().len()));
    // The number is entered again: that makes a record, and tells nothing.
    let rival = citizen(EAST, "east", "样例丙", NUMBER);
    say("again", format!("{:?}", data.act(&again(who), vec![create(&rival)], "登记").await));
    let twice = citizen(EAST, "east", "样例丙", NUMBER);
    say("twice", format!("{:?}", data.act(&again(who), vec![create(&twice)], "登记").await));
    seen
}

/// When and by which operation differs; what stands there does not.
fn texts(lines: Vec<anshu_data::TimelineLine>) -> Vec<String> {
    lines.into_iter().map(|line| format!("{} {} {:?}", line.by, line.text, line.pack)).collect()
}

/// The same script in two centres that differ only in sealed records: every answer is the same to the byte.
async fn look_alike(one: Centre, other: Centre) {
    let worlds = worlds();
    make(&one, &worlds, true).await;
    make(&other, &worlds, false).await;
    let (with, without) =
        (seen(&one.data, &worlds, &clerk()).await, seen(&other.data, &worlds, &clerk()).await);
    for (with, without) in with.iter().zip(&without) {
        assert_eq!(with, without);
    }
    assert_eq!(with.len(), without.len());
    // The keeper has no other sight than the road: to reads of every day they are a stranger.
    for who in [keeper(), approver()] {
        let sealed = one.data.record(&again(&who), &worlds.hidden[0].head.id).await;
        assert!(matches!(sealed, Err(Error::NotFound(_))), "{sealed:?}");
    }
    assert!(one.data.verify().await.unwrap().is_sound());
}

mod attack_25_two_worlds_that_differ_in_sealed_records_look_the_same {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        look_alike(Centre::sqlite().await, Centre::sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        look_alike(Centre::postgres().await, Centre::postgres().await).await;
    }
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
        let worlds = worlds();
        let [child, matter, _] = &worlds.hidden[..] else { unreachable!() };
        data.act(&clerk(), worlds.hidden.iter().map(create).collect(), "登记").await.unwrap();
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
        let worlds = worlds();
        make(&centre, &worlds, true).await;
        let child = &worlds.hidden[0];
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
        let code = match &worlds.hidden[1].body { Body::Case(body) => body.code.clone(), _ => unreachable!() };
        let id = done(data, SealingKind::Query, SealTarget::Code(code)).await;
        let found = data.sealed_matter(&again(&keeper()), &id).await.unwrap();
        assert_eq!(found.with.len(), 1);
        assert!(found.members[0].timeline.iter().any(|line| line.text == "样例决定"));
        let id = done(data, SealingKind::Query, SealTarget::Record(worlds.common[0].head.id.clone())).await;
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
