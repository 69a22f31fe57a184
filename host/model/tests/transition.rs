//! Upgrades of open cases: bins by every combination of facts, and the laws of clocks through any sequence of moves and undos.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test's own steps cannot do ends the test"
)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anshu_model::basis::Basis;
use anshu_model::calendar::Calendar;
use anshu_model::case::{Answer, Case, CaseStage};
use anshu_model::clock::{Act, Amendment, Clock, Limit, Term, Thresholds, Unit};
use anshu_model::context::{OpContext, PackRef, Principal, Purpose};
use anshu_model::effect::Change;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level};
use anshu_model::manifest::Manifest;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::transition::{
    Answered, Bin, Facts, Migrated, Moved, Passage, Reach, Shift, Transition, Whose, place,
};
use anshu_model::{Error, Id};
use proptest::prelude::*;
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;
/// 2026-03-02T10:00+08:00, a Monday.
const START: Instant = Instant(1_772_416_800_000);

fn pack(version: &str) -> PackRef {
    PackRef { name: "demo".into(), version: version.into(), digest: format!("digest-{version}") }
}

fn manifest(version: &str, transitions: Value) -> Manifest {
    let form = json!({ "name": "file", "title": "申报", "schema": { "type": "object", "properties": { "area": {}, "phone": {} } } });
    serde_json::from_value(json!({
        "name": "demo", "version": version, "contract": "0.1.0", "title": "样例", "publisher": "样例单位",
        "effective_from": "2026-01-01", "selects": "now", "articles": [], "requests": { "ceiling": "L4" }, "purposes": [],
        "duty": { "title": "样例职责", "article": "样例条款" },
        "matters": [{
            "name": "demo.matter", "title": "样例事项", "label": { "level": "L1" }, "forms": [form],
            "substages": { "handling": [{ "name": "check", "title": "核对" }, { "name": "visit", "title": "走访" }] },
        }],
        "transitions": transitions,
    }))
    .unwrap()
}

fn limit(amount: u32, unit: &str) -> Value {
    json!({ "name": "答复", "amount": amount, "unit": unit, "basis": { "article": "样例办法 第6条", "authority": "policy" } })
}

fn transition(rule: &str, more: Value) -> Value {
    let mut declared = json!({
        "matter": "demo.matter", "from": "<0.2.0", "rule": rule, "note": "样例规定自即日起施行",
        "basis": { "article": "样例办法 第9条", "authority": "policy" },
    });
    declared.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    declared
}

fn case(clocks: Vec<Clock>) -> Record {
    Record {
        head: Head {
            id: Id::from_text("case"),
            kind: Kind::Case,
            type_name: "demo.matter".into(),
            division: "500103000000".parse().unwrap(),
            unit: Id::from_text("unit"),
            joint: Default::default(),
            version: 1,
            created_at: START,
            pack: Some(pack("0.1.0")),
        },
        body: Body::Case(Case {
            code: "C-1".into(),
            title: "样例事项".into(),
            label: Label::of(Level::L1),
            stage: CaseStage::Handling,
            substage: Some("check".into()),
            occurred_at: START,
            replied_at: None,
            parties: Vec::new(),
            answers: Vec::new(),
            clocks,
        }),
    }
}

fn clock(amount: u32, unit: Unit) -> Clock {
    let limit = Limit::new("答复", amount, unit, Basis::policy("样例办法 第5条"));
    Clock::start(Id::from_text("case.clock"), "收到", START, limit, &calendar()).unwrap()
}

/// Years that are announced, as an estimated end is no ground for a breach.
fn calendar() -> Calendar {
    static KNOWN: LazyLock<Calendar> = LazyLock::new(|| {
        let mut calendar = Calendar::default();
        for year in 2026..2036 {
            let days =
                json!([{ "name": "元旦", "date": format!("{year}-01-01"), "isOffDay": true }]);
            calendar.import(&json!({ "year": year, "days": days }).to_string(), START).unwrap();
        }
        calendar
    });
    KNOWN.clone()
}

fn passage<'a>(
    to: &'a PackRef,
    manifest: &'a Manifest,
    calendar: &'a Calendar,
    at: Instant,
) -> Passage<'a> {
    Passage {
        to,
        manifest,
        notice: Some(Term::new(3, Unit::CalendarDay)),
        at,
        by: "版本衔接",
        calendar,
    }
}

fn context(now: Instant) -> OpContext {
    OpContext {
        id: Id::from_text("operation"),
        principal: Principal::System { job: "test".into() },
        pack: None,
        purpose: Purpose { code: "work".into(), ground: String::new(), serves: None },
        now,
    }
}

fn after(hours: i64) -> Instant {
    START.plus(hours * HOUR)
}

fn end(record: &Record, now: Instant) -> Option<Instant> {
    record.clocks()[0].light(&calendar(), now, Thresholds::default()).due
}

#[test]
fn a_shorter_limit_leaves_the_notice_and_the_timeline_says_why() {
    let (to, calendar) = (pack("0.2.0"), calendar());
    let declared = transition(
        "immediate",
        json!({ "limits": { "答复": { "to": limit(2, "calendar_day") } } }),
    );
    let manifest = manifest("0.2.0", json!([declared]));
    let record = case(vec![clock(10, Unit::CalendarDay)]);
    let now = after(24 * 8);
    let (outlook, step) =
        passage(&to, &manifest, &calendar, now).outlook(&record, None, false).unwrap();
    assert_eq!((outlook.bin, outlook.deferred), (Bin::Automatic, false));
    assert!(outlook.new_due.unwrap() >= now, "not overdue at once");
    assert!(outlook.new_due <= outlook.old_due);
    let mut moved = record.clone();
    moved.apply(&step.change, &context(now)).unwrap();
    assert_eq!(moved.head.pack, Some(to.clone()));
    assert_eq!(end(&moved, now), outlook.new_due);
    let Some(Amendment::Change(change)) = moved.clocks()[0].amendments().last() else {
        panic!("kept")
    };
    assert_eq!(change.old_due.at(), outlook.old_due, "the old end stays visible");
    let Change::Rebind { note, .. } = &step.change else { panic!("a move") };
    for part in [
        "0.1.0 → 0.2.0",
        "立即适用",
        "样例办法 第9条（政策）",
        "样例规定自即日起施行",
        "10 日 改为 2 日",
    ] {
        assert!(note.contains(part), "{part} in {note}");
    }
}

#[test]
fn without_a_notice_nothing_is_shortened_by_itself() {
    let (to, calendar) = (pack("0.2.0"), calendar());
    let declared = transition(
        "immediate",
        json!({ "limits": { "答复": { "to": limit(2, "calendar_day") } } }),
    );
    let manifest = manifest("0.2.0", json!([declared]));
    let record = case(vec![clock(10, Unit::CalendarDay)]);
    let passage = Passage { notice: None, ..passage(&to, &manifest, &calendar, after(1)) };
    let (outlook, _) = passage.outlook(&record, None, false).unwrap();
    assert_eq!(outlook.bin, Bin::Person);
    assert!(outlook.reason.contains("提前告知"), "{}", outlook.reason);
}

#[test]
fn the_favourable_rule_moves_only_what_is_in_favour() {
    let (to, calendar) = (pack("0.2.0"), calendar());
    let outlook = |more: Value| {
        let manifest = manifest("0.2.0", json!([transition("favourable", more)]));
        let record = case(vec![clock(10, Unit::CalendarDay)]);
        passage(&to, &manifest, &calendar, after(5)).outlook(&record, None, false).unwrap().0
    };
    let limits = |amount, whose| json!({ "limits": { "答复": { "to": limit(amount, "calendar_day"), "whose": whose } } });
    assert_eq!(outlook(limits(20, "party")).bin, Bin::Automatic);
    assert_eq!(outlook(limits(5, "party")).bin, Bin::Stays);
    assert_eq!(outlook(limits(20, "authority")).bin, Bin::Stays, "the person would wait longer");
    assert_eq!(outlook(limits(5, "authority")).bin, Bin::Stays, "nothing for the person");
    assert_eq!(
        outlook(json!({ "eases": true })).bin,
        Bin::Unaffected,
        "lighter, and nothing in it changes"
    );
    let asks_more = json!({ "eases": true, "required": [{ "form": "file", "field": "phone", "from": "accepted" }] });
    assert_eq!(outlook(asks_more).bin, Bin::Stays);
}

#[test]
fn required_fields_bite_from_their_stage_on() {
    let (to, calendar) = (pack("0.2.0"), calendar());
    let outlook = |from: &str, answers: Vec<Answer>| {
        let more = json!({ "required": [{ "form": "file", "field": "phone", "from": from }] });
        let manifest = manifest("0.2.0", json!([transition("immediate", more)]));
        let mut record = case(Vec::new());
        let Body::Case(body) = &mut record.body else { unreachable!() };
        body.answers = answers;
        passage(&to, &manifest, &calendar, after(1)).outlook(&record, None, false).unwrap().0
    };
    let filled = |data: Value| vec![Answer { form: "file".into(), schema: "s".into(), data }];
    assert_eq!(outlook("accepted", Vec::new()).bin, Bin::Person);
    assert_eq!(outlook("accepted", filled(json!({ "phone": "" }))).missing.len(), 1);
    assert_eq!(outlook("accepted", filled(json!({ "phone": "x" }))).bin, Bin::Unaffected);
    let later = outlook("replied", Vec::new());
    assert_eq!((later.bin, later.upcoming.len()), (Bin::Unaffected, 1));
}

#[test]
fn a_pack_that_fails_or_doubts_leaves_the_case_to_a_person() {
    let (to, calendar) = (pack("0.2.0"), calendar());
    let manifest = manifest("0.2.0", json!([transition("immediate", json!({ "asks": true }))]));
    let record = case(Vec::new());
    let passage = passage(&to, &manifest, &calendar, after(1));
    assert!(passage.asks(&record));
    let trapped = Err(Error::Fault("插件 demo 0.2.0 在 migrate 中陷入".into()));
    let (outlook, _) = passage.outlook(&record, Some(&trapped), false).unwrap();
    assert_eq!(outlook.bin, Bin::Person);
    assert!(outlook.reason.contains("demo 0.2.0"), "{}", outlook.reason);
    let answer = |substage: Option<&str>, manual: Option<&str>| {
        Ok(Migrated {
            substage: substage.map(str::to_owned),
            note: "已核".into(),
            manual: manual.map(str::to_owned),
        })
    };
    let doubts = passage.outlook(&record, Some(&answer(None, Some("材料不全"))), false).unwrap().0;
    assert!(doubts.bin == Bin::Person && doubts.reason.contains("材料不全"));
    let (goes_on, step) =
        passage.outlook(&record, Some(&answer(Some("visit"), None)), false).unwrap();
    assert_eq!(goes_on.bin, Bin::Automatic);
    assert!(
        matches!(&step.change, Change::Rebind { substage: Some(new), note, .. } if new == "visit" && note.ends_with("已核"))
    );
    let lost = passage.outlook(&record, Some(&answer(Some("nowhere"), None)), false).unwrap().0;
    assert_eq!(lost.bin, Bin::Person);
}

#[test]
fn what_is_not_declared_stays_unless_it_is_compatible() {
    let calendar = calendar();
    let bin = |version: &str| {
        let (to, manifest) = (pack(version), manifest(version, json!([])));
        passage(&to, &manifest, &calendar, after(1))
            .outlook(&case(Vec::new()), None, false)
            .unwrap()
            .0
            .bin
    };
    assert_eq!(bin("0.1.1"), Bin::Unaffected);
    assert_eq!(bin("0.2.0"), Bin::Stays);
    assert_eq!(bin("1.0.0"), Bin::Stays);
}

#[test]
fn a_declaration_is_refused_with_everything_that_is_wrong() {
    let wrong = json!([
        { "matter": "demo.other", "from": "older", "rule": "immediate", "note": " " },
        {
            "matter": "demo.matter", "from": "<0.2.0", "note": "样例",
            "substages": { "old": "nowhere" }, "limits": { "答复": { "to": limit(0, "hour") } },
            "required": [
                { "form": "file", "field": "absent", "from": "handling" },
                { "form": "absent", "field": "phone", "from": "handling" },
            ],
        },
    ]);
    let problems = manifest("0.2.0", wrong).transition_problems();
    let places: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(
        places,
        [
            "/transitions/0/from",
            "/transitions/0/note",
            "/transitions/0/basis",
            "/transitions/0/matter",
            "/transitions/1/substages/old",
            "/transitions/1/required/0/field",
            "/transitions/1/required/1/form",
            "/transitions/1/limits/答复/to/amount",
        ]
    );
    assert!(
        manifest("0.2.0", json!([transition("immediate", json!({}))]))
            .transition_problems()
            .is_empty()
    );
}

#[test]
fn what_an_older_version_had_must_be_mapped() {
    let mut older = manifest("0.1.0", json!([]));
    let matter = older.matters.first_mut().unwrap();
    matter
        .substages
        .entry(CaseStage::Handling)
        .or_default()
        .push(serde_json::from_value(json!({ "name": "phone", "title": "电话核实" })).unwrap());
    let newer = |transitions: Value| manifest("0.2.0", transitions).unmapped_from(&older);
    assert_eq!(newer(json!([])).len(), 1);
    assert_eq!(newer(json!([transition("immediate", json!({}))])).len(), 1);
    assert!(
        newer(json!([transition("immediate", json!({ "substages": { "phone": "visit" } }))]))
            .is_empty()
    );
    assert!(newer(json!([transition("new_only", json!({}))])).is_empty(), "open cases stay");
}

fn shifts() -> impl Strategy<Value = Vec<Moved>> {
    let one = (any::<bool>(), 0..3_u8).prop_map(|(party, shift)| Moved {
        whose: if party { Whose::Party } else { Whose::Authority },
        shift: [Shift::Sooner, Shift::Same, Shift::Later][usize::from(shift)],
    });
    proptest::collection::vec(one, 0..3)
}

fn facts() -> impl Strategy<Value = Facts> {
    let words = |present: bool, word: &str| present.then(|| word.to_owned());
    let answers = prop_oneof![
        Just(Answered::NotAsked),
        Just(Answered::GoesOn),
        Just(Answered::Manual("样例".into())),
        Just(Answered::Failed("样例".into())),
    ];
    let flags = proptest::collection::vec(any::<bool>(), 8);
    (flags, shifts(), answers).prop_map(move |(flags, ends, answered)| Facts {
        compatible: flags[0],
        ends,
        lost_substage: words(flags[1], "旧"),
        remapped: flags[2],
        missing: words(flags[3], "file.phone").into_iter().collect(),
        handed_to: words(flags[4], "housing"),
        notice_known: flags[5],
        next_stage: flags[6],
        stuck: words(flags[7], "样例"),
        answered,
    })
}

fn declared(rule: Reach, eases: bool) -> Transition {
    Transition {
        matter: "demo.matter".into(),
        from: "*".into(),
        rule,
        basis: Some(Basis::policy("样例办法 第9条")),
        note: "样例".into(),
        substages: BTreeMap::new(),
        limits: BTreeMap::new(),
        required: Vec::new(),
        function: None,
        eases,
        asks: false,
    }
}

proptest! {
    /// Whatever the facts are, a bin follows, and says why; and what the bins promise holds.
    #[test]
    fn bins_keep_their_promises(facts in facts(), rule in 0..5_usize, eases in any::<bool>()) {
        let rule = Reach::ALL[rule];
        let placed = place(&facts, Some(&declared(rule, eases)));
        prop_assert!(!placed.reason.is_empty());
        prop_assert_eq!(placed.deferred, placed.deferred && rule == Reach::NextStage && placed.bin == Bin::Automatic);
        let doubtful = facts.lost_substage.is_some() || !facts.missing.is_empty() || facts.handed_to.is_some()
            || facts.stuck.is_some() || matches!(facts.answered, Answered::Manual(_) | Answered::Failed(_));
        let moves = matches!(placed.bin, Bin::Automatic | Bin::Unaffected);
        prop_assert!(!(moves && doubtful), "nobody is asked about a doubt: {placed:?}");
        let sooner = facts.ends.iter().any(|end| end.shift == Shift::Sooner);
        prop_assert!(!(moves && sooner && !facts.notice_known), "shortened without a notice: {placed:?}");
        match rule {
            Reach::NewOnly => prop_assert_eq!(placed.bin, Bin::Stays),
            Reach::Manual => prop_assert_eq!(placed.bin, Bin::Person),
            Reach::Favourable if moves => {
                let against = |end: &Moved| matches!(
                    (end.whose, end.shift), (Whose::Party, Shift::Sooner) | (Whose::Authority, Shift::Later)
                );
                prop_assert!(!facts.ends.iter().any(against));
                let gives = |end: &Moved| (end.whose, end.shift) == (Whose::Party, Shift::Later);
                prop_assert!(eases || facts.ends.iter().any(gives));
            }
            Reach::Favourable | Reach::NextStage | Reach::Immediate => {}
        }
        if placed.bin == Bin::Unaffected {
            prop_assert!(facts.ends.is_empty() && !facts.remapped);
        }
        if !facts.compatible {
            prop_assert_eq!(place(&facts, None).bin, Bin::Stays);
        }
    }
}

/// What happens to a case some hours after the last.
#[derive(Debug, Clone)]
enum Event {
    Pause,
    Resume,
    Stop,
    Reopen,
    Upgrade(u32, &'static str, bool),
    Undo,
    Reply,
    Rework,
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let units = prop_oneof![Just("hour"), Just("calendar_day"), Just("working_day"), Just("month")];
    let event = prop_oneof![
        2 => Just(Event::Pause),
        2 => Just(Event::Resume),
        1 => Just(Event::Stop),
        1 => Just(Event::Reopen),
        5 => (1..30_u32, units, any::<bool>()).prop_map(|(amount, unit, notice)| Event::Upgrade(amount, unit, notice)),
        3 => Just(Event::Undo),
        1 => Just(Event::Reply),
        1 => Just(Event::Rework),
    ];
    proptest::collection::vec((0_i64..200, event), 1..16)
}

/// A case with the moves that could be taken back.
struct History {
    record: Record,
    moves: Vec<(Option<PackRef>, Body)>,
    version: u32,
    now: Instant,
}

impl History {
    fn step(&mut self, event: &Event) {
        let (now, calendar) = (self.now, calendar());
        let act = || Act::new(now, "样例甲", "样例");
        let turned = |clock: &Clock| match event {
            Event::Pause => clock.pause(act()),
            Event::Resume => clock.resume(act()),
            Event::Stop => clock.stop(now),
            _ => clock.reopen(act()),
        };
        let change = match event {
            Event::Pause | Event::Resume | Event::Stop | Event::Reopen => {
                match turned(&self.record.clocks()[0]) {
                    Ok(clock) => Change::Clock { clock: Box::new(clock) },
                    Err(_) => return,
                }
            }
            Event::Reply => Change::MoveCase { stage: CaseStage::Replied, substage: None },
            Event::Rework => {
                Change::MoveCase { stage: CaseStage::Handling, substage: Some("check".into()) }
            }
            Event::Upgrade(amount, unit, notice) => {
                return self.upgrade(*amount, unit, *notice, &calendar);
            }
            Event::Undo => return self.undo(),
        };
        if self.record.apply(&change, &context(now)).is_ok() {
            // A person has acted: what was moved before can no longer be taken back.
            self.moves.clear();
        }
    }

    fn upgrade(&mut self, amount: u32, unit: &str, notice: bool, calendar: &Calendar) {
        self.version += 1;
        let version = format!("0.{}.0", self.version);
        let more = json!({ "from": "*", "limits": { "答复": { "to": limit(amount, unit) } } });
        let (to, manifest) =
            (pack(&version), manifest(&version, json!([transition("immediate", more)])));
        let mut passage = passage(&to, &manifest, calendar, self.now);
        if !notice {
            passage.notice = None;
        }
        let before = self.record.clone();
        let (outlook, step) = passage.outlook(&self.record, None, false).unwrap();
        if !matches!(outlook.bin, Bin::Automatic | Bin::Unaffected) {
            return;
        }
        for change in step.first.iter().chain([&step.change]) {
            if std::ptr::eq(change, &step.change) {
                self.moves.push((self.record.head.pack.clone(), self.record.body.clone()));
            } else {
                self.moves.clear();
            }
            self.record.apply(change, &context(self.now)).unwrap();
        }
        self.check_move(&before, &outlook.old_due);
    }

    /// The laws of one move.
    fn check_move(&self, before: &Record, old_due: &Option<Instant>) {
        for (old, new) in before.clocks().iter().zip(self.record.clocks()) {
            assert!(new.follows(old), "a ledger is only continued");
            assert_eq!(new.pauses(), old.pauses());
            assert_eq!(
                new.elapsed(self.now),
                old.elapsed(self.now),
                "elapsed time is not counted anew"
            );
            if old.stopped().is_some() {
                assert_eq!(new, old, "what is stopped is not turned");
                continue;
            }
            let (was, is) = (end(before, self.now), end(&self.record, self.now));
            if was.is_none_or(|was| was >= self.now) {
                assert!(
                    is.is_none_or(|is| is >= self.now),
                    "overdue at once: {is:?} at {:?}",
                    self.now
                );
            }
            if new.amendments().len() > old.amendments().len() {
                let Some(Amendment::Change(change)) = new.amendments().last() else {
                    panic!("a change")
                };
                assert_eq!(change.old_due.at(), *old_due, "the old end stays visible");
            }
        }
    }

    fn undo(&mut self) {
        let Some((pack, body)) = self.moves.pop() else { return };
        let breaches: Vec<_> =
            self.record.clocks().iter().map(|clock| clock.breaches().to_vec()).collect();
        let change = Change::Unbind {
            pack: pack.clone(),
            body: Box::new(body.clone()),
            note: "撤回".into(),
        };
        self.record.apply(&change, &context(self.now)).unwrap();
        let (now, then) = (serde_json::to_string(&self.record.body), serde_json::to_string(&body));
        assert_eq!(now.unwrap(), then.unwrap(), "byte for byte");
        assert_eq!(self.record.head.pack, pack);
        for (clock, kept) in self.record.clocks().iter().zip(breaches) {
            assert_eq!(clock.breaches(), kept, "no breach is erased");
        }
    }
}

proptest! {
    /// Through any sequence of moves, undos and people's acts: nobody's time is counted again, no pause is lost, no breach
    /// is erased, and every case has its owner, its stage and its clock, whose end can be counted from its ledger.
    #[test]
    fn the_laws_of_clocks_hold_through_upgrades(amount in 1..40_u32, events in events()) {
        let record = case(vec![clock(amount, Unit::CalendarDay)]);
        let mut history = History { record, moves: Vec::new(), version: 1, now: START };
        let (mut pauses, mut breaches, mut elapsed) = (0, 0, 0);
        for (hours, event) in &events {
            history.now = history.now.plus(hours * HOUR);
            history.step(event);
            let record = &history.record;
            prop_assert_eq!(record.clocks().len(), 1);
            prop_assert!(record.head.pack.is_some() && !record.head.unit.as_str().is_empty() && record.is_open());
            let clock = &record.clocks()[0];
            prop_assert!(clock.pauses().len() >= pauses, "a pause was lost");
            prop_assert!(clock.breaches().len() >= breaches, "a breach was erased");
            prop_assert!(clock.elapsed(history.now) >= elapsed, "elapsed time shrank");
            (pauses, breaches) = (clock.pauses().len(), clock.breaches().len());
            elapsed = clock.elapsed(history.now);
            let again: Clock = serde_json::from_str(&serde_json::to_string(clock).unwrap()).unwrap();
            prop_assert_eq!(
                again.due(&calendar(), history.now).unwrap(),
                clock.due(&calendar(), history.now).unwrap()
            );
            prop_assert!(clock.arithmetic(&calendar(), history.now).len() >= 5, "the end can be counted by hand");
        }
    }

    /// A ledger that was written anew is no move, and nothing changes.
    #[test]
    fn a_move_cannot_smuggle_anything_else(hours in 1_i64..400, which in 0..5_u8) {
        let mut record = case(vec![clock(10, Unit::CalendarDay)]);
        let before = record.clone();
        let now = after(hours);
        let other = match which {
            0 => clock(9, Unit::CalendarDay),
            1 => before.clocks()[0].pause(Act::new(now, "甲", "样例")).unwrap(),
            2 => before.clocks()[0].stop(now).unwrap(),
            3 => before.clocks()[0].extend(Act::new(now, "甲", "样例"), Term::new(1, Unit::Hour), "条", &calendar()).unwrap(),
            _ => {
                let mut other = clock(10, Unit::CalendarDay);
                other.id = Id::from_text("other");
                other
            }
        };
        let change = Change::Rebind { pack: pack("0.2.0"), substage: None, clocks: vec![other], note: String::new() };
        prop_assert!(matches!(record.apply(&change, &context(now)), Err(Error::Conflict(_))));
        let elsewhere = PackRef { name: "other".into(), ..pack("0.2.0") };
        let change = Change::Rebind { pack: elsewhere, substage: None, clocks: Vec::new(), note: String::new() };
        prop_assert!(matches!(record.apply(&change, &context(now)), Err(Error::Conflict(_))));
        prop_assert_eq!(record, before);
    }
}
