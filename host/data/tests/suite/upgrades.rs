//! Upgrade plans: placed, approved by two, applied in batches, taken back; and killed in the middle.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use anshu_data::{Confirmation, Data, ItemState, List, UpgradeState};
use anshu_model::basis::Basis;
use anshu_model::calendar::Calendar;
use anshu_model::case::CaseStage;
use anshu_model::clock::{Clock, Limit, Term, Unit};
use anshu_model::context::{OpContext, PackRef, Principal};
use anshu_model::effect::Change;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::manifest::Manifest;
use anshu_model::org::Person;
use anshu_model::port::Answer;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::transition::{Asks, Bin, Migrated};
use anshu_model::{Error, Id};
use serde_json::{Value, json};

use crate::centre::{
    Centre, EAST, NOW, again, case, change, clerk, create, line, on_both, open, person,
};
use crate::office::{leaves, operator, pack};

const DAY: i64 = 24 * 3_600_000;

/// Nobody is asked, but about one case, whose answer is a fault.
struct Trap(Option<Id>);

impl Asks for Trap {
    fn ask<'a>(&'a self, case: &'a Id, _: &'a PackRef, to: &'a PackRef) -> Answer<'a, Migrated> {
        Box::pin(async move {
            if self.0.as_ref() == Some(case) {
                return Err(Error::Fault(format!("插件 {} {} 陷入", to.name, to.version)));
            }
            Ok(Migrated { substage: None, note: String::new(), manual: None })
        })
    }
}

const NOBODY: Trap = Trap(None);

/// Stores a version of the demo pack and answers its reference.
async fn put(data: &Data, version: &str, transitions: Value) -> PackRef {
    let (manifest, mut grant, digest) = pack(version, version.as_bytes());
    grant.allows.writes.insert("demo.matter".into());
    let mut declared = serde_json::to_value(manifest).unwrap();
    declared["matters"] =
        json!([{ "name": "demo.matter", "title": "样例事项", "label": { "level": "L1" } }]);
    declared["transitions"] = transitions;
    let manifest: Manifest = serde_json::from_value(declared).unwrap();
    data.put_pack(&operator(), version.as_bytes(), &manifest, &grant, &digest).await.unwrap();
    PackRef { name: "demo".into(), version: version.into(), digest }
}

fn shorter(rule: &str, asks: bool) -> Value {
    let basis = json!({ "article": "样例办法 第9条", "authority": "policy" });
    let limit = json!({ "name": "答复", "amount": 7, "unit": "calendar_day", "basis": basis, "rolls_over": false });
    json!([{
        "matter": "demo.matter", "from": "<0.2.0", "rule": rule, "note": "样例时限改为 7 日", "basis": basis,
        "limits": { "答复": { "to": limit } }, "asks": asks,
    }])
}

/// Opens cases under a version, each with a clock of ten days.
async fn cases(data: &Data, version: &PackRef, count: usize) -> Vec<Record> {
    let mut limit = Limit::new("答复", 10, Unit::CalendarDay, Basis::policy("样例办法 第5条"));
    // So that the ends need no holidays, which this centre does not know.
    limit.rolls_over = false;
    let mut made = Vec::with_capacity(count);
    for _ in 0..count {
        let mut record = case(EAST, "east", "样例事项");
        record.head.pack = Some(version.clone());
        let id = Id::from_text(format!("{}.clock", record.head.id));
        let clock = Clock::start(id, "收到", NOW, limit.clone(), &Calendar::default()).unwrap();
        let Body::Case(body) = &mut record.body else { unreachable!() };
        body.clocks.push(clock);
        made.push(record);
    }
    for some in made.chunks(250) {
        data.act(&again(&clerk()), some.iter().map(create).collect(), "登记").await.unwrap();
    }
    made
}

fn named(name: &str, roles: &[&str]) -> OpContext {
    let mut context = person("east", EAST, roles, Level::L4);
    let Principal::Person(person) = &mut context.principal else { unreachable!() };
    **person = Person { id: Id::from_text(name), ..(**person).clone() };
    context
}

/// The host's own job, some days later.
fn job(days: i64) -> OpContext {
    OpContext { now: NOW.plus(days * DAY), ..again(&operator()) }
}

async fn plan(data: &Data, by: &OpContext, to: &PackRef, asks: &dyn Asks) -> Id {
    let notice = Some(Term::new(3, Unit::CalendarDay));
    let id = data.begin_upgrade(&again(by), to, notice).await.unwrap();
    while data.place_upgrade(&job(0), &id, asks).await.unwrap().more {}
    id
}

async fn approve(data: &Data, id: &Id) {
    data.approve_upgrade(&named("tiao", &["coordinator"]), id).await.unwrap();
    data.approve_upgrade(&named("an", &["security"]), id).await.unwrap();
}

async fn apply(data: &Data, id: &Id, asks: &dyn Asks) {
    data.start_upgrade(&again(&operator()), id).await.unwrap();
    while data.apply_upgrade(&job(1), id, asks).await.unwrap().more {}
}

async fn record(data: &Data, id: &Id) -> Record {
    data.record(&again(&clerk()), id).await.unwrap()
}

fn body(record: &Record) -> String {
    serde_json::to_string(&record.body).unwrap()
}

async fn sound(data: &Data) {
    let found = data.verify().await.unwrap();
    assert_eq!((found.wrong, found.unchecked), (None, vec![]));
}

/// A plan that was approved and applied, with one case.
pub(crate) async fn applied(data: &Data) {
    let old = put(data, "2.0.0", json!([])).await;
    cases(data, &old, 1).await;
    let mut declared = shorter("immediate", false);
    declared[0]["from"] = json!("<3.0.0");
    let new = put(data, "3.0.0", declared).await;
    let id = plan(data, &operator(), &new, &NOBODY).await;
    approve(data, &id).await;
    apply(data, &id, &NOBODY).await;
}

on_both! {
    /// From the dry run to the undo, with everything that is refused on the way.
    async fn a_plan_is_reviewed_applied_and_taken_back(centre) {
        let data = &centre.data;
        let (old, made) = (put(data, "0.1.0", json!([])).await, named("jian", &["administrator", "coordinator"]));
        let all = cases(data, &old, 5).await;
        let new = put(data, "0.2.0", shorter("immediate", false)).await;
        assert!(matches!(data.begin_upgrade(&again(&clerk()), &new, None).await, Err(Error::Denied(_))));
        let id = plan(data, &made, &new, &NOBODY).await;
        let found = data.upgrade(&again(&made), &id).await.unwrap();
        assert_eq!((found.state, found.in_bin(Bin::Automatic), found.done, found.total), (UpgradeState::Proposed, 5, 5, 5));
        for case in &all {
            assert_eq!(record(data, &case.head.id).await, *case, "a preview changes nothing");
        }
        let items = data.upgrade_items(&again(&made), &id, (Some(Bin::Automatic), None), None, 10).await.unwrap();
        let outlook = &items[0].outlook;
        assert_eq!(outlook.old_due.unwrap().since(outlook.new_due.unwrap()), 3 * DAY);
        assert!(data.upgrade_items(&again(&clerk()), &id, (None, None), None, 10).await.is_err());

        // Two roles, two people, and neither of them made it.
        assert!(matches!(data.start_upgrade(&again(&operator()), &id).await, Err(Error::Conflict(_))));
        for wrong in [again(&made), again(&clerk()), again(&operator())] {
            assert!(matches!(data.approve_upgrade(&wrong, &id).await, Err(Error::Denied(_))));
        }
        let both = named("tiao", &["coordinator", "security"]);
        data.approve_upgrade(&both, &id).await.unwrap();
        assert!(matches!(data.approve_upgrade(&again(&both), &id).await, Err(Error::Denied(_))));
        let same_role = named("tong", &["coordinator"]);
        assert!(matches!(data.approve_upgrade(&same_role, &id).await, Err(Error::Conflict(_))));
        let found = data.approve_upgrade(&named("an", &["security"]), &id).await.unwrap();
        assert_eq!(found.state, UpgradeState::Approved);
        apply(data, &id, &NOBODY).await;
        let found = data.upgrade(&again(&made), &id).await.unwrap();
        assert_eq!((found.state, found.in_state(ItemState::Applied)), (UpgradeState::Applied, 5));
        for case in &all {
            let moved = record(data, &case.head.id).await;
            assert_eq!((moved.head.version, moved.head.pack.as_ref()), (2, Some(&new)));
            assert_eq!((&moved.head.unit, moved.clocks().len()), (&case.head.unit, 1));
            let lines = data.timeline(&again(&clerk()), &case.head.id).await.unwrap();
            let told: Vec<_> = lines.iter().filter(|line| line.text.starts_with("新旧衔接")).collect();
            assert_eq!(told.len(), 1);
            assert!(told[0].text.contains("样例办法 第9条（政策）") && told[0].text.contains("10 日 改为 7 日"), "{}", told[0].text);
        }

        // One is put back as it was; one that somebody has written about is not; a stranger's word is needed for neither.
        let undoer = named("tiao", &["coordinator", "clerk"]);
        assert!(matches!(data.undo_case(&again(&clerk()), &id, &all[0].head.id).await, Err(Error::Denied(_))));
        data.undo_case(&undoer, &id, &all[0].head.id).await.unwrap();
        let back = record(data, &all[0].head.id).await;
        assert_eq!((back.head.version, body(&back), back.head.pack), (3, body(&all[0]), Some(old.clone())));
        assert!(matches!(data.undo_case(&again(&undoer), &id, &all[0].head.id).await, Err(Error::Conflict(_))));
        data.act(&again(&clerk()), vec![line(&all[1], "已电话核实")], "记录").await.unwrap();
        let refused = data.undo_case(&again(&undoer), &id, &all[1].head.id).await.unwrap_err();
        assert!(refused.to_string().contains("在衔接之后已有办理"), "{refused}");
        data.act(&again(&clerk()), vec![change(&all[2], 2, Change::MoveCase { stage: CaseStage::Triaged, substage: None })], "分流")
            .await
            .unwrap();
        data.start_undo(&again(&undoer), &id).await.unwrap();
        while data.undo_upgrade(&job(2), &id).await.unwrap().more {}
        let found = data.upgrade(&again(&made), &id).await.unwrap();
        assert_eq!(found.state, UpgradeState::Undone);
        assert_eq!((found.in_state(ItemState::Undone), found.in_state(ItemState::Kept)), (3, 2));
        for case in &all[3..] {
            let back = record(data, &case.head.id).await;
            assert_eq!((body(&back), back.head.pack), (body(case), Some(old.clone())));
        }
        assert_eq!(record(data, &all[1].head.id).await.head.pack, Some(new));
        assert!(data.upgrade_journal(&again(&made), &id).await.unwrap().len() >= 8);
        assert!(leaves(data, Action::Pack).await.iter().filter(|leaf| leaf.serves.as_ref() == Some(&id)).count() >= 8);
        sound(data).await;
    }

    /// Nobody binds a case to another version but a plan: no person, no operator.
    async fn only_a_plan_moves_a_case(centre) {
        let data = &centre.data;
        let old = put(data, "0.1.0", json!([])).await;
        let all = cases(data, &old, 1).await;
        let rebind = || Change::Rebind { pack: old.clone(), substage: None, clocks: Vec::new(), note: "自行".into() };
        let unbind = || Change::Unbind { pack: None, body: Box::new(all[0].body.clone()), note: "自行".into() };
        for by in [clerk(), operator(), named("an", &["administrator", "security", "coordinator"])] {
            for step in [rebind(), unbind()] {
                let refused = data.act(&again(&by), vec![change(&all[0], 1, step)], "自行").await;
                assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
            }
        }
        assert_eq!(record(data, &all[0].head.id).await, all[0]);
    }

    /// A case that somebody works on between plan and application is placed anew: moved where its bin is the same, left for
    /// a person where it is not, and left alone where it is closed.
    async fn what_moved_meanwhile_is_placed_anew(centre) {
        let data = &centre.data;
        let old = put(data, "0.1.0", json!([])).await;
        let all = cases(data, &old, 3).await;
        let new = put(data, "0.2.0", shorter("immediate", false)).await;
        let id = plan(data, &operator(), &new, &NOBODY).await;
        approve(data, &id).await;
        let triage = change(&all[0], 1, Change::MoveCase { stage: CaseStage::Triaged, substage: None });
        data.act(&again(&clerk()), vec![triage], "分流").await.unwrap();
        let stopped = all[1].clocks()[0].stop(NOW).unwrap();
        let stop = change(&all[1], 1, Change::Clock { clock: Box::new(stopped) });
        data.act(&again(&clerk()), vec![stop], "停止").await.unwrap();
        let on = |stage, base| change(&all[2], base, Change::MoveCase { stage, substage: None });
        let steps = [CaseStage::Accepted, CaseStage::Handling, CaseStage::Replied, CaseStage::Archived];
        for (base, stage) in (1..).zip(steps) {
            data.act(&again(&clerk()), vec![on(stage, base)], "办理").await.unwrap();
        }
        apply(data, &id, &NOBODY).await;
        let items = data.upgrade_items(&again(&operator()), &id, (None, None), None, 10).await.unwrap();
        let of = |case: &Record| items.iter().find(|item| item.case == case.head.id).unwrap();
        assert_eq!(of(&all[0]).state, ItemState::Applied);
        assert_eq!(of(&all[1]).state, ItemState::Person);
        assert!(of(&all[1]).reason.as_ref().unwrap().contains("情况有变"));
        assert_eq!(of(&all[2]).state, ItemState::Gone);
        let moved = record(data, &all[0].head.id).await;
        assert_eq!((moved.head.version, moved.head.pack), (3, Some(new)));
        assert_eq!(record(data, &all[1].head.id).await.head.pack, Some(old));
        sound(data).await;
    }

    /// What waits for its next stage is moved when it gets there.
    async fn a_case_follows_at_its_next_stage(centre) {
        let data = &centre.data;
        let old = put(data, "0.1.0", json!([])).await;
        let all = cases(data, &old, 2).await;
        let new = put(data, "0.2.0", shorter("next_stage", false)).await;
        let id = plan(data, &operator(), &new, &NOBODY).await;
        approve(data, &id).await;
        apply(data, &id, &NOBODY).await;
        assert_eq!(data.follow_upgrades(&job(1)).await.unwrap(), 0);
        assert_eq!(record(data, &all[0].head.id).await, all[0]);
        let triage = change(&all[0], 1, Change::MoveCase { stage: CaseStage::Triaged, substage: None });
        data.act(&again(&clerk()), vec![triage], "分流").await.unwrap();
        assert_eq!(data.follow_upgrades(&job(1)).await.unwrap(), 1);
        assert_eq!(data.upgrades_at_work().await.unwrap(), [(id.clone(), UpgradeState::Applying)]);
        while data.apply_upgrade(&job(1), &id, &NOBODY).await.unwrap().more {}
        assert_eq!(record(data, &all[0].head.id).await.head.pack, Some(new));
        assert_eq!(record(data, &all[1].head.id).await.head.pack, Some(old));
        sound(data).await;
    }

    /// A pack that fails on one case leaves that one to a person, with the culprit named; the others go on.
    async fn a_fault_in_one_case_stops_no_other(centre) {
        let data = &centre.data;
        let old = put(data, "0.1.0", json!([])).await;
        let all = cases(data, &old, 3).await;
        let new = put(data, "0.2.0", shorter("immediate", true)).await;
        let trap = Trap(Some(all[1].head.id.clone()));
        let id = plan(data, &operator(), &new, &trap).await;
        let found = data.upgrade_items(&again(&operator()), &id, (Some(Bin::Person), None), None, 10).await.unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].outlook.reason.contains("插件 demo 0.2.0 陷入"), "{}", found[0].outlook.reason);
        approve(data, &id).await;
        // It fails on another one by the time that it is applied.
        apply(data, &id, &Trap(Some(all[2].head.id.clone()))).await;
        let found = data.upgrade(&again(&operator()), &id).await.unwrap();
        assert_eq!((found.in_state(ItemState::Applied), found.in_state(ItemState::Person)), (1, 2));
        assert_eq!(record(data, &all[2].head.id).await, all[2]);
    }

    /// What a plan leaves to a person goes over, or stays, on the word of somebody who handles it in the unit that leads it;
    /// the word is in the timeline with its reason, and the move is taken back like any other.
    async fn a_handler_decides_what_a_plan_left_to_a_person(centre) {
        let data = &centre.data;
        let old = put(data, "0.1.0", json!([])).await;
        let all = cases(data, &old, 3).await;
        let new = put(data, "0.2.0", shorter("manual", false)).await;
        let id = plan(data, &operator(), &new, &NOBODY).await;
        let handler = named("jing", &["handler"]);
        let word = |accepts| Confirmation { accepts, reason: "已与当事人核实".into() };
        let confirm = |by: &OpContext, at: usize, word: Confirmation| {
            let (by, case, id) = (again(by), all[at].head.id.clone(), id.clone());
            async move { data.confirm_case(&by, &id, &case, word, &NOBODY).await }
        };
        assert!(data.unconfirmed(&again(&handler), None, 10).await.unwrap().is_empty(), "the plan is not agreed to");
        let early = confirm(&handler, 0, word(true)).await;
        assert!(matches!(early, Err(Error::Conflict(_))), "{early:?}");
        approve(data, &id).await;
        apply(data, &id, &NOBODY).await;
        assert_eq!(data.unconfirmed(&again(&handler), None, 10).await.unwrap().len(), 3);
        let one = data.unconfirmed(&again(&handler), Some(&all[1].head.id), 10).await.unwrap();
        assert_eq!((one.len(), &one[0].item.case, &one[0].to), (1, &all[1].head.id, &new));

        // Of the same place, but of another unit; who handles nothing; and the host's own job.
        let mut other = named("lin", &["handler"]);
        let Principal::Person(person) = &mut other.principal else { unreachable!() };
        person.unit = Id::from_text("north");
        assert!(data.unconfirmed(&again(&other), None, 10).await.unwrap().is_empty());
        for by in [other, named("shen", &["supervisor"]), operator()] {
            let refused = confirm(&by, 0, word(true)).await;
            assert!(matches!(refused, Err(Error::Denied(_) | Error::NotFound(_))), "{refused:?}");
        }
        let silent = confirm(&handler, 0, Confirmation { reason: " ".into(), ..word(true) }).await;
        assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
        assert_eq!(record(data, &all[0].head.id).await, all[0], "nothing was done yet");

        confirm(&handler, 0, word(true)).await.unwrap();
        confirm(&handler, 1, word(false)).await.unwrap();
        confirm(&handler, 2, word(true)).await.unwrap();
        let moved = record(data, &all[0].head.id).await;
        assert_eq!((moved.head.version, moved.head.pack.as_ref(), moved.clocks()[0].amendments().len()), (2, Some(&new), 1));
        assert_eq!(record(data, &all[1].head.id).await.head.pack, Some(old.clone()));
        for (at, said) in [(0, "同意衔接到 0.2.0 版本"), (1, "不衔接到 0.2.0 版本")] {
            let lines = data.timeline(&again(&clerk()), &all[at].head.id).await.unwrap();
            let told = lines.iter().find(|line| line.text.contains(said)).unwrap();
            assert!(!told.host && told.text.contains("已与当事人核实"), "{}", told.text);
        }
        let twice = confirm(&handler, 1, word(true)).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        assert!(data.unconfirmed(&again(&handler), None, 10).await.unwrap().is_empty());
        let found = data.upgrade(&again(&operator()), &id).await.unwrap();
        assert_eq!((found.in_state(ItemState::Applied), found.in_state(ItemState::Stays), found.in_bin(Bin::Person)), (2, 1, 3));
        let journal = data.upgrade_journal(&again(&operator()), &id).await.unwrap();
        let said: Vec<_> = journal.iter().filter(|step| step.actor == "jing").collect();
        assert_eq!(said.len(), 3);
        assert!(said.iter().all(|step| !step.text.contains("核实")), "the reason stands with the case alone");
        let items = data.upgrade_items(&again(&operator()), &id, (None, None), None, 10).await.unwrap();
        assert!(items.iter().all(|item| item.reason.as_ref().is_none_or(|reason| !reason.contains("核实"))));

        data.undo_case(&named("tiao", &["coordinator"]), &id, &all[2].head.id).await.unwrap();
        let back = record(data, &all[2].head.id).await;
        assert_eq!((body(&back), back.head.pack), (body(&all[2]), Some(old)));
        sound(data).await;
    }

    /// A breach is written down before the limit changes, and no undo takes it back.
    async fn a_breach_survives_upgrade_and_undo(centre) {
        let data = &centre.data;
        let old = put(data, "0.1.0", json!([])).await;
        let all = cases(data, &old, 1).await;
        let new = put(data, "0.2.0", shorter("immediate", false)).await;
        let id = data.begin_upgrade(&job(20), &new, Some(Term::new(1, Unit::CalendarDay))).await.unwrap();
        while data.place_upgrade(&job(20), &id, &NOBODY).await.unwrap().more {}
        let found = data.upgrade(&again(&operator()), &id).await.unwrap();
        // The end that has passed does not move: nothing is automatic about it but the version.
        assert_eq!(found.in_bin(Bin::Automatic), 1, "{found:?}");
        approve(data, &id).await;
        data.start_upgrade(&job(20), &id).await.unwrap();
        while data.apply_upgrade(&job(20), &id, &NOBODY).await.unwrap().more {}
        let moved = record(data, &all[0].head.id).await;
        assert_eq!(moved.clocks()[0].breaches().len(), 1);
        assert_eq!(moved.head.version, 3, "the breach has a version of its own");
        data.undo_case(&named("tiao", &["coordinator"]), &id, &all[0].head.id).await.unwrap();
        let back = record(data, &all[0].head.id).await;
        assert_eq!((back.clocks()[0].breaches().len(), back.clocks()[0].amendments().len()), (1, 0));
        sound(data).await;
    }

    /// Through any sequence of upgrades, undos, removals, people's acts and restarts, no case is without its owner, stage
    /// and clock, and the log vouches for all of it.
    async fn no_sequence_loses_a_case(centre) {
        let first = put(&centre.data, "0.1.0", json!([])).await;
        let all = cases(&centre.data, &first, 12).await;
        let (mut random, mut last, mut number) = (0x9e37_79b9_u64, None::<Id>, 1);
        for step in 0..24 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let pick = (random >> 33) % 6;
            let case = &all[usize::try_from((random >> 40) % 12).unwrap()];
            let data = &centre.data;
            match pick {
                0 | 1 => {
                    number += 1;
                    let mut declared = shorter("immediate", false);
                    declared[0]["from"] = json!("*");
                    declared[0]["limits"]["答复"]["to"]["amount"] = json!(5 + number);
                    let new = put(data, &format!("0.{number}.0"), declared).await;
                    let id = plan(data, &operator(), &new, &NOBODY).await;
                    approve(data, &id).await;
                    data.start_upgrade(&again(&operator()), &id).await.unwrap();
                    // Sometimes the centre stops in the middle of it.
                    data.apply_upgrade(&job(1), &id, &NOBODY).await.unwrap();
                    if pick == 1 {
                        centre.restart().await;
                    }
                    while centre.data.apply_upgrade(&job(1), &id, &NOBODY).await.unwrap().more {}
                    last = Some(id);
                }
                2 => {
                    if let Some(id) = last.take() {
                        data.start_undo(&named("tiao", &["coordinator"]), &id).await.unwrap();
                        while data.undo_upgrade(&job(1), &id).await.unwrap().more {}
                    }
                }
                3 => {
                    let now = record(data, &case.head.id).await;
                    if now.case().unwrap().stage == CaseStage::Registered {
                        let on = Change::MoveCase { stage: CaseStage::Triaged, substage: None };
                        let on = change(case, now.head.version, on);
                        data.act(&again(&clerk()), vec![on], "分流").await.unwrap();
                    }
                }
                4 => data.act(&again(&clerk()), vec![line(case, "记录")], "记录").await.unwrap(),
                _ => centre.restart().await,
            }
            for case in &all {
                let now = record(&centre.data, &case.head.id).await;
                assert_eq!((&now.head.unit, now.clocks().len()), (&case.head.unit, 1), "step {step}");
                assert!(now.head.pack.is_some() && now.is_open());
                assert!(now.clocks()[0].due(&Calendar::default(), NOW.plus(DAY)).unwrap().at().is_some());
            }
        }
        for version in centre.data.pack_heads(&operator()).await.unwrap() {
            centre.data.remove_pack(&again(&operator()), &version.digest, "样例").await.unwrap();
        }
        for case in &all {
            assert_eq!(record(&centre.data, &case.head.id).await.clocks().len(), 1);
        }
        sound(&centre.data).await;
    }

    /// Killed again and again while cases are moved: it goes on where it was, and every case is moved exactly once.
    async fn a_killed_application_goes_on_where_it_was(centre) {
        let old = put(&centre.data, "0.1.0", json!([])).await;
        let count = cases(&centre.data, &old, 1000).await.len();
        let new = put(&centre.data, "0.2.0", shorter("immediate", false)).await;
        let id = plan(&centre.data, &operator(), &new, &NOBODY).await;
        approve(&centre.data, &id).await;
        centre.data.start_upgrade(&again(&operator()), &id).await.unwrap();
        let (url, folder, plan) = (centre.url.clone(), centre.folder.path().to_owned(), id.to_string());
        centre.data.close().await;
        let batches = tokio::task::spawn_blocking(move || {
            (0..2).map(|_| kill_a_worker(&url, folder.as_os_str().to_owned(), &plan)).sum::<usize>()
        });
        assert!(batches.await.unwrap() >= 2);
        centre.restart().await;
        let data = &centre.data;
        let before = data.upgrade(&again(&operator()), &id).await.unwrap();
        assert!(before.in_state(ItemState::Applied) > 0 && before.in_state(ItemState::Ready) > 0, "{before:?}");
        while data.apply_upgrade(&job(1), &id, &NOBODY).await.unwrap().more {}
        let after = data.upgrade(&again(&operator()), &id).await.unwrap();
        assert_eq!(after.in_state(ItemState::Applied), count as u64);
        let (mut after, mut seen) = (None, 0);
        loop {
            let list = List { limit: 200, after: after.take(), ..List::of(Kind::Case) };
            let page = data.list(&again(&clerk()), &list).await.unwrap();
            for listed in &page.records {
                let head = &listed.record.head;
                assert_eq!((head.version, head.pack.as_ref()), (2, Some(&new)), "{}", head.id);
                seen += 1;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, count);
        sound(data).await;
    }
}

/// Tells the child which centre and plan it is to work on.
const URL: &str = "ANSHU_TEST_UPGRADE_URL";
const FOLDER: &str = "ANSHU_TEST_UPGRADE_FOLDER";
const PLAN: &str = "ANSHU_TEST_UPGRADE_PLAN";

/// Runs a worker until it has done a batch, kills it in the middle of the next, and says how many it did.
fn kill_a_worker(url: &str, folder: OsString, plan: &str) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["upgrades::worker", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(URL, url)
        .env(FOLDER, folder)
        .env(PLAN, plan)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut batches = 0;
    for line in output.lines().map_while(Result::ok) {
        if line == "batch" {
            batches += 1;
            if batches == 1 {
                break;
            }
        }
    }
    std::thread::sleep(std::time::Duration::from_millis(15));
    child.kill().unwrap();
    child.wait().unwrap();
    batches
}

/// The child: applies a plan until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by a_killed_application_goes_on_where_it_was"]
async fn worker() {
    let (Some(url), Some(folder)) = (std::env::var_os(URL), std::env::var_os(FOLDER)) else {
        return;
    };
    let id = Id::from_text(std::env::var_os(PLAN).unwrap().into_string().unwrap());
    let data = open(&url.into_string().unwrap(), folder.as_ref()).await;
    while data.apply_upgrade(&job(1), &id, &NOBODY).await.unwrap().more {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "\nbatch").unwrap();
        stdout.flush().unwrap();
    }
}
