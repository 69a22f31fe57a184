//! Random worlds: who and what there is, filed through the real data layer and kept beside it as plain values.

use std::collections::BTreeSet;

use anshu_data::Data;
use anshu_model::basis::Basis;
use anshu_model::calendar::Calendar;
use anshu_model::case::{CaseStage, Party};
use anshu_model::clock::{Clock, Limit, Unit};
use anshu_model::context::{OpContext, Principal};
use anshu_model::decision::Decision;
use anshu_model::duty::Completion;
use anshu_model::effect::Change;
use anshu_model::label::{Label, Level, Mask, Tag};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::risk::{Assessment, RiskLevel, RiskStage};
use anshu_model::{Id, instant::Instant};
use proptest::prelude::*;

use super::{NOTE, NUMBERS, PLACES, UNITS};
use crate::centre::{
    Centre, EAST, NOW, WEST, case, change, citizen, create, duty, line, person, risk, room,
    room_facet, serving, unit,
};
use crate::packs::{action, commit, through};

pub(super) const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// The telephones of the rooms, before and after a pack's decision.
pub(super) const PHONES: [&str; 2] = ["13900001234", "13911112222"];

/// What there is, as plain values.
pub(super) struct World {
    /// Three people first, then eight cases, then what else there is.
    pub(super) records: Vec<Record>,
    /// What was opened: to whom, which record, for which case, and whether it was approved.
    pub(super) opened: Vec<(Id, Id, Id, bool)>,
    /// What a pack decided, with the records that each is about, oldest first.
    pub(super) decided: Vec<(Decision, BTreeSet<Id>)>,
}

/// A case that is drawn: place, unit, sharing units, label, closed, parties, clock, age.
pub(super) type DrawnCase = (usize, usize, u8, u8, bool, u8, u8, u8);
/// A risk and a duty that are drawn: place, unit, sharing units, which case or room, clock, stage, age.
pub(super) type DrawnWork = (usize, usize, u8, usize, u8, u8, u8);
/// Somebody who is drawn: post, clearance, serves what, which, opening.
pub(super) type DrawnPerson = (usize, u8, u8, usize, u8);

pub(super) fn cases() -> impl Strategy<Value = Vec<DrawnCase>> {
    let one = (0..3_usize, 0..3_usize, 0..8_u8, 0..5_u8, any::<bool>(), 0..8_u8, 0..7_u8, 0..4_u8);
    proptest::collection::vec(one, 8)
}

pub(super) fn work() -> impl Strategy<Value = Vec<DrawnWork>> {
    let one = (0..3_usize, 0..3_usize, 0..8_u8, 0..8_usize, 0..7_u8, 0..4_u8, 0..4_u8);
    proptest::collection::vec(one, 6)
}

pub(super) fn people() -> impl Strategy<Value = Vec<DrawnPerson>> {
    proptest::collection::vec((0..10_usize, 2..=4_u8, 0..4_u8, 0..8_usize, 0..4_u8), 12)
}

/// The east's clerks, cleared for everything: each at work on one of the cases, which is opened for them where it can be.
pub(super) fn at_work() -> impl Iterator<Item = DrawnPerson> {
    (0..8).map(|which| (0, 4, 2, which, 2))
}

fn chosen<T>(all: &[T], bits: u8) -> impl Iterator<Item = &T> {
    all.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1).map(|(_, one)| one)
}

/// When something was made: now, or some days ago.
fn made(age: u8) -> Instant {
    NOW.plus(-[0, 6 * DAY, 8 * DAY, 40 * DAY][usize::from(age)])
}

/// The clocks of a record: none, one that ran out, that ends today or later, at once, one that stands still, and two.
fn clocks(of: &Id, kind: u8) -> Vec<Clock> {
    let start = |number: u8, ago: i64, hours: u32| {
        let unit = if hours == 0 { Unit::Immediate } else { Unit::Hour };
        let limit = Limit::new("答复", hours, unit, Basis::policy("样例办法 第5条"));
        let id = Id::from_text(format!("{of}.clock-{number}"));
        Clock::start(id, "收到", NOW.plus(-ago * HOUR), limit, &Calendar::default()).unwrap()
    };
    match kind {
        0 => Vec::new(),
        1 => vec![start(0, 5, 2)],
        2 => vec![start(0, 1, 4)],
        3 => vec![start(0, 1, 51)],
        4 => vec![start(0, 1, 0)],
        5 => vec![start(0, 5, 1).stop(NOW).unwrap()],
        _ => vec![start(0, 1, 40), start(1, 2, 3)],
    }
}

fn a_case(drawn: &DrawnCase, people: &[Record]) -> Record {
    let (place, leader, joint, label, closed, parties, clock, age) = *drawn;
    let title = if age % 2 == 0 { "涉及样例的事项" } else { "样例来访" };
    let mut record = case(PLACES[place], UNITS[leader], title);
    record.head.joint = chosen(&UNITS, joint).map(|name| unit(name)).collect();
    record.head.created_at = made(age);
    let id = record.head.id.clone();
    let Body::Case(body) = &mut record.body else { unreachable!() };
    body.label = match label {
        0 => Label::of(Level::L1),
        1 => Label::of(Level::L2),
        2 => Label::personal(Level::L3, Mask::Omit),
        3 => Label { tags: BTreeSet::from([Tag::Minor]), ..Label::personal(Level::L3, Mask::Omit) },
        _ => Label::personal(Level::L4, Mask::Omit),
    };
    body.parties = chosen(people, parties)
        .map(|who| Party { entity: who.head.id.clone(), role: "当事人".into() })
        .collect();
    body.clocks = clocks(&id, clock);
    if closed {
        body.stage = CaseStage::Archived;
    }
    record
}

fn a_risk(drawn: &DrawnWork, rooms: &[Record]) -> Record {
    let (place, leader, joint, which, clock, stage, age) = *drawn;
    let mut record = risk(PLACES[place], UNITS[leader], &rooms[which % 2].head.id);
    record.head.joint = chosen(&UNITS, joint).map(|name| unit(name)).collect();
    record.head.created_at = made(age);
    let id = record.head.id.clone();
    let Body::Risk(body) = &mut record.body else { unreachable!() };
    body.clocks = clocks(&id, clock);
    body.stage = [RiskStage::Listed, RiskStage::Disposing, RiskStage::Closed, RiskStage::Found]
        [usize::from(stage)];
    if stage % 2 == 1 {
        let (reason, by) = ("样例".into(), "样例甲".into());
        body.assessments = vec![Assessment { level: RiskLevel::Major, reason, by, at: NOW }];
    }
    record
}

fn a_duty(drawn: &DrawnWork, cases: &[Record]) -> Record {
    let (place, leader, joint, which, clock, stage, _) = *drawn;
    let mut record = duty(PLACES[place], UNITS[leader], &cases[which].head.id);
    record.head.joint = chosen(&UNITS, joint).map(|name| unit(name)).collect();
    let id = record.head.id.clone();
    let Body::Duty(body) = &mut record.body else { unreachable!() };
    body.clocks = clocks(&id, clock);
    if stage == 0 {
        body.completion =
            Some(Completion { at: NOW, by: "样例甲".into(), evidence: "样例".into() });
    }
    record
}

/// Sees everything, and files it.
pub(super) fn everywhere() -> OpContext {
    person("city", "500000", &["clerk"], Level::L4)
}

impl World {
    /// Files a world: people, rooms, cases about them, risks and duties; then a note in each open case, a clock that is
    /// stopped, and what a pack decides.
    pub(super) async fn filed(centre: &Centre, cases: &[DrawnCase], work: &[DrawnWork]) -> Self {
        let people: Vec<_> = NUMBERS
            .iter()
            .enumerate()
            .map(|(at, number)| citizen(PLACES[at], UNITS[at], &format!("样例{at}"), number))
            .collect();
        let cases: Vec<_> = cases.iter().map(|drawn| a_case(drawn, &people)).collect();
        let rooms: Vec<_> =
            [EAST, WEST].iter().map(|place| room(place, "east", "L-1", PHONES[0])).collect();
        let risks: Vec<_> = work.iter().map(|drawn| a_risk(drawn, &rooms)).collect();
        let duties: Vec<_> = work.iter().map(|drawn| a_duty(drawn, &cases)).collect();
        let records = [people, cases, rooms, risks, duties].concat();
        let mut world = Self { records, opened: Vec::new(), decided: Vec::new() };
        let all = world.records.iter().map(create).collect();
        centre.data.act(&everywhere(), all, "登记").await.unwrap();
        world.note(&centre.data).await;
        world.stop_a_clock(&centre.data).await;
        world.decide(centre).await;
        world
    }

    pub(super) fn cases(&self) -> &[Record] {
        &self.records[3..11]
    }

    fn room(&self) -> usize {
        11
    }

    async fn note(&self, data: &Data) {
        for record in self.cases().iter().filter(|record| record.is_open()) {
            let context = serving(&everywhere(), record);
            data.act(&context, vec![line(record, NOTE)], "备注").await.unwrap();
        }
    }

    /// Lists that several units share have an order of their own, which follows when a clock stops.
    async fn stop_a_clock(&mut self, data: &Data) {
        let runs = |record: &&mut Record| {
            record.head.kind == Kind::Case
                && record.is_open()
                && record.clocks().iter().any(|clock| clock.stopped().is_none())
        };
        let Some(record) = self.records.iter_mut().find(runs) else { return };
        let clock = record.clocks()[0].stop(NOW).unwrap();
        let stop = Change::Clock { clock: Box::new(clock.clone()) };
        let context = serving(&everywhere(), record);
        data.act(&context, vec![change(record, 1, stop)], "停止计时").await.unwrap();
        let Body::Case(body) = &mut record.body else { unreachable!() };
        body.clocks[0] = clock;
        record.head.version += 1;
    }

    /// What a pack decides: about a case alone, about a case and a room in another district, and about a room.
    async fn decide(&mut self, centre: &Centre) {
        let room = self.room();
        let (first, second) = (self.cases()[0].clone(), self.cases()[1].clone());
        let (place, other) = (self.records[room].clone(), self.records[room + 1].clone());
        let set = |record: &Record| {
            let facet = room_facet("L-1", PHONES[1], 2);
            let name = "demo.room".to_owned();
            change(record, record.head.version, Change::SetFacet { name, facet })
        };
        let all = [
            (vec![line(&first, "样例决定")], vec![&first]),
            (vec![line(&second, "样例决定"), set(&other)], vec![&second, &other]),
            (vec![set(&place)], vec![&place]),
            (
                vec![line(&first, "样例决定"), line(&self.records[2], "样例决定")],
                vec![&first, &self.records[2]],
            ),
        ];
        let mut decided = Vec::new();
        for (effects, about) in all {
            let context = through(&everywhere());
            let decision = commit(centre, &context, action(), vec![], effects).await.unwrap();
            decided.push((decision, about.iter().map(|record| record.head.id.clone()).collect()));
        }
        self.decided = decided;
        for at in [room, room + 1] {
            let record = &mut self.records[at];
            record.head.version += 1;
            let Body::Entity(body) = &mut record.body else { unreachable!() };
            body.facets.insert("demo.room".into(), room_facet("L-1", PHONES[1], 2));
        }
    }
}

/// Somebody of the posts that there are.
pub(super) fn somebody(name: &str, post: usize, clearance: u8) -> OpContext {
    let (unit_name, code, roles) = super::POSTS[post];
    let clearance = [Level::L2, Level::L3, Level::L4][usize::from(clearance) - 2];
    let mut context = person(unit_name, code, roles, clearance);
    let Principal::Person(one) = &mut context.principal else { unreachable!() };
    one.id = Id::from_text(name);
    context
}
