//! A naive reference monitor as an oracle: the rules once more, as loops over rows, without SQL, cache or policy engine. Every
//! read path is compared with it in random worlds, on both databases. Where they differ, one of them is wrong.

use std::collections::{BTreeMap, BTreeSet};

use anshu_data::{List, OpeningAsked, OpeningPolicy};
use anshu_model::case::{CaseStage, Party};
use anshu_model::context::{OpContext, Principal};
use anshu_model::entity::EntityKind;
use anshu_model::label::{Label, Level, Mask, Tag};
use anshu_model::port::{Centre as _, Find};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::centre::{
    Centre, EAST, TOWN, WEST, again, case, citizen, create, duty, line, on_both, person, risk,
    room, serving, unit,
};
use crate::packs::{install, through};

const HIDDEN: &str = "（按分级保护不显示）";
const NOTE: &str = "样例来电内容";
const WORLDS: usize = 5;
const ADMINISTRATORS: [&str; 3] = ["administrator", "security", "auditor"];
const STAFF: [&str; 5] = ["clerk", "dispatcher", "supervisor", "coordinator", "handler"];
/// Numbers with right checksums: of two adults and a child.
const NUMBERS: [&str; 3] = ["999999199001010019", "999999199001020014", "999999201401010015"];
const PLACES: [&str; 3] = [EAST, TOWN, WEST];
const UNITS: [&str; 3] = ["east", "police", "west"];

struct World {
    records: Vec<Record>,
    /// What was opened: to whom, which record, for which case, and whether it was approved.
    opened: Vec<(Id, Id, Id, bool)>,
}

/// Somebody, as the rules see them.
struct Who<'a> {
    person: &'a anshu_model::org::Person,
    serves: Option<&'a Id>,
}

impl World {
    fn get(&self, id: &Id) -> Option<&Record> {
        self.records.iter().find(|record| record.head.id == *id)
    }

    fn units(record: &Record, unit: &Id) -> bool {
        record.head.unit == *unit || record.head.joint.contains(unit)
    }

    /// Grid staff: open matters inside the own division alone.
    fn within_limits(who: &Who<'_>, record: &Record) -> bool {
        let open = record.head.kind == Kind::Entity || record.is_open();
        !who.is("grid-worker") || open && who.person.division.contains(&record.head.division)
    }

    fn reaches(&self, who: &Who<'_>, record: &Record) -> bool {
        if who.any(&ADMINISTRATORS) {
            return false;
        }
        let place = who.any(&STAFF[..4]) && who.person.division.contains(&record.head.division);
        let unit = who.sees_unit() && Self::units(record, &who.person.unit);
        (place || unit) && Self::within_limits(who, record)
    }

    /// One record by its id: also the parties of an open matter of the unit.
    fn sees(&self, who: &Who<'_>, record: &Record) -> bool {
        let party = |matter: &&Record| match &matter.body {
            Body::Case(case) => {
                matter.is_open()
                    && Self::units(matter, &who.person.unit)
                    && case.parties.iter().any(|party| party.entity == record.head.id)
            }
            _ => false,
        };
        let named = record.head.kind == Kind::Entity
            && who.sees_unit()
            && self.records.iter().any(|matter| party(&matter));
        self.reaches(who, record) || named && Self::within_limits(who, record)
    }

    /// Whether a matter that is open and in reach names a record.
    fn serves(&self, who: &Who<'_>, matter: &Id, record: &Id) -> bool {
        let Some(matter) = self.get(matter) else { return false };
        let names = matter.head.id == *record
            || match &matter.body {
                Body::Case(case) => case.parties.iter().any(|party| party.entity == *record),
                Body::Risk(risk) => risk.subject == *record,
                _ => false,
            };
        names && matter.is_open() && self.reaches(who, matter)
    }

    /// Up to which level a record is shown as it is, and through masks.
    fn levels(&self, who: &Who<'_>, record: &Id) -> (u8, u8) {
        let cleared = |level: u8| level.min(number(who.person.clearance));
        if who.any(&ADMINISTRATORS) || !who.works() {
            return (0, 0);
        }
        let (mut clear, mut masked) = (cleared(2), cleared(3));
        let grid = who.is("grid-worker");
        // A protected matter lifts no mask before it is opened.
        let protected = |matter: &Id| matches!(self.get(matter).map(|found| &found.body), Some(Body::Case(case)) if weight(&case.label) > 3);
        if !grid
            && who
                .serves
                .is_some_and(|matter| !protected(matter) && self.serves(who, matter, record))
        {
            clear = clear.max(cleared(3));
        }
        for (person, opened, matter, approved) in &self.opened {
            let covers = if opened == matter {
                self.serves(who, matter, record)
            } else {
                opened == record && self.serves(who, matter, record)
            };
            if *person == who.person.id && covers && !grid {
                masked = masked.max(cleared(4));
                clear = match () {
                    () if *approved => clear.max(cleared(4)),
                    () if !protected(matter) => clear.max(cleared(3)),
                    () => clear,
                };
            }
        }
        (clear, masked)
    }

    /// What is seen of a record: its title or name, and its number.
    fn shown(&self, who: &Who<'_>, record: &Record) -> String {
        let (clear, masked) = self.levels(who, &record.head.id);
        let see = |level: u8, whole: &str, mask: &str| match () {
            () if level <= clear => whole.to_owned(),
            () if level <= masked => mask.to_owned(),
            () => HIDDEN.to_owned(),
        };
        match &record.body {
            Body::Case(case) => see(weight(&case.label), &case.title, HIDDEN),
            Body::Entity(entity) if entity.kind == EntityKind::Person => {
                let value = entity.identifiers[0].value.as_str();
                let level = if value == NUMBERS[2] { 4 } else { 3 };
                let mask = format!("{}{}{}", &value[..3], "*".repeat(14), &value[17..]);
                let number = see(level, value, &mask).replace(HIDDEN, "");
                format!("{} {number}", see(level, &entity.name, "样*"))
            }
            Body::Entity(entity) => see(1, &entity.name, &entity.name),
            Body::Risk(risk) => risk.title.clone(),
            Body::Duty(duty) => duty.title.clone(),
        }
    }
}

impl<'a> Who<'a> {
    fn of(context: &'a OpContext) -> Self {
        let Principal::Person(person) = &context.principal else { unreachable!() };
        Self { person, serves: context.purpose.serves.as_ref() }
    }

    fn is(&self, role: &str) -> bool {
        self.person.roles.contains(role)
    }

    fn any(&self, roles: &[&str]) -> bool {
        roles.iter().any(|role| self.is(role))
    }

    fn works(&self) -> bool {
        self.any(&STAFF) || self.any(&["importer", "grid-worker"])
    }

    fn sees_unit(&self) -> bool {
        (self.any(&STAFF) || self.any(&["access-approver", "grid-worker"]))
            && !self.any(&ADMINISTRATORS)
    }
}

fn number(level: Level) -> u8 {
    match level {
        Level::L1 => 1,
        Level::L2 => 2,
        Level::L3 => 3,
        Level::L4 => 4,
        Level::Important => 5,
    }
}

fn weight(label: &Label) -> u8 {
    if label.tags.contains(&Tag::Minor) { number(label.level).max(4) } else { number(label.level) }
}

/// What the answer shows of a record, in the oracle's words.
fn told(record: &Record) -> String {
    match &record.body {
        Body::Case(case) => case.title.clone(),
        Body::Entity(entity) if entity.kind == EntityKind::Person => {
            let number = entity.identifiers.first().map_or("", |number| &number.value);
            format!("{} {number}", entity.name)
        }
        Body::Entity(entity) => entity.name.clone(),
        Body::Risk(risk) => risk.title.clone(),
        Body::Duty(duty) => duty.title.clone(),
    }
}

type Draw = (Vec<(usize, usize, u8, u8, bool, u8)>, Vec<(usize, u8, u8, usize, u8)>);

/// Cases as (place, unit, sharing units, label, closed, parties); people as (post, clearance, serves what, which, opening).
fn draw() -> impl Strategy<Value = Draw> {
    let cases = proptest::collection::vec(
        (0..3_usize, 0..3_usize, 0..8_u8, 0..4_u8, any::<bool>(), 0..8_u8),
        8,
    );
    let people =
        proptest::collection::vec((0..10_usize, 2..=4_u8, 0..3_u8, 0..8_usize, 0..3_u8), 12);
    (cases, people)
}

fn chosen<T>(all: &[T], bits: u8) -> impl Iterator<Item = &T> {
    all.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1).map(|(_, one)| one)
}

/// Files a world: people, cases about them, rooms with risks, duties, and a note in each open case.
async fn world(centre: &Centre, cases: &[(usize, usize, u8, u8, bool, u8)]) -> World {
    let everywhere = person("city", "500000", &["clerk"], Level::L4);
    let people: Vec<_> = NUMBERS
        .iter()
        .enumerate()
        .map(|(at, number)| citizen(PLACES[at], UNITS[at], &format!("样例{at}"), number))
        .collect();
    let mut records = people.clone();
    for (place, leader, joint, label, closed, parties) in cases {
        let mut record = case(PLACES[*place], UNITS[*leader], "涉及样例的事项");
        record.head.joint = chosen(&UNITS, *joint).map(|name| unit(name)).collect();
        let Body::Case(body) = &mut record.body else { unreachable!() };
        body.label = match label {
            0 => Label::of(Level::L1),
            1 => Label::personal(Level::L3, Mask::Omit),
            2 => Label {
                tags: BTreeSet::from([Tag::Minor]),
                ..Label::personal(Level::L3, Mask::Omit)
            },
            _ => Label::personal(Level::L4, Mask::Omit),
        };
        body.parties = chosen(&people, *parties)
            .map(|who| Party { entity: who.head.id.clone(), role: "当事人".into() })
            .collect();
        if *closed {
            body.stage = CaseStage::Archived;
        }
        records.push(record);
    }
    for place in [EAST, WEST] {
        let place_record = room(place, "east", "L-1", "13900000000");
        records.push(risk(place, "police", &place_record.head.id));
        records.push(duty(place, "west", &records[3].head.id));
        records.push(place_record);
    }
    centre.data.act(&everywhere, records.iter().map(create).collect(), "登记").await.unwrap();
    for record in records.iter().filter(|record| record.head.kind == Kind::Case && record.is_open())
    {
        centre
            .data
            .act(&serving(&everywhere, record), vec![line(record, NOTE)], "备注")
            .await
            .unwrap();
    }
    World { records, opened: Vec::new() }
}

/// Compares every read path for somebody.
async fn compare(centre: &Centre, world: &World, context: &OpContext) {
    let who = Who::of(context);
    let post = format!(
        "{:?} {} {:?} serves {:?}",
        who.person.roles, who.person.unit, who.person.clearance, who.serves
    );
    for record in &world.records {
        let id = &record.head.id;
        let seen = match centre.data.record(&again(context), id).await {
            Ok(found) => Some(told(&found)),
            Err(Error::NotFound(_)) => None,
            Err(error) => panic!("{post}: {error}"),
        };
        let expected = world.sees(&who, record).then(|| world.shown(&who, record));
        assert_eq!(seen, expected, "{post}: record {record:?}");
        let Ok(lines) = centre.data.timeline(&again(context), id).await else {
            assert!(expected.is_none(), "{post}: timeline {record:?}");
            continue;
        };
        let noted = record.head.kind == Kind::Case && record.is_open();
        let read = lines.iter().any(|line| line.text == NOTE);
        let clear = matches!(&record.body, Body::Case(case) if weight(&case.label) <= world.levels(&who, id).0);
        assert_eq!(read, noted && clear, "{post}: timeline {record:?}");
    }
    let first_case = &world.records[3];
    for kind in [Kind::Entity, Kind::Case, Kind::Risk, Kind::Duty] {
        let all = List { limit: 200, ..List::of(kind) };
        let code = format!("C-{}", first_case.head.id);
        let lists = [
            (all.clone(), 0),
            (List { state: Some("registered".into()), ..all.clone() }, 1),
            (List { party: Some(world.records[2].head.id.clone()), ..all.clone() }, 2),
            (List { text: Some(code), ..all.clone() }, 3),
            (List { about: Some(first_case.head.id.clone()), ..all.clone() }, 4),
            (List { facet: Some("demo.room".into()), ..all.clone() }, 5),
        ];
        for (list, what) in lists {
            let nothing = world.levels(&who, &Id::from_text("nothing")).1 == 0;
            let page = match centre.data.list(&again(context), &list).await {
                // Who sees nothing of a register does not get the list of those in it.
                Err(Error::Denied(_)) if what == 5 && nothing => continue,
                page => page.unwrap(),
            };
            let seen: BTreeMap<_, _> = page
                .records
                .iter()
                .map(|one| (one.record.head.id.clone(), told(&one.record)))
                .collect();
            let fits = |record: &&Record| {
                record.head.kind == kind
                    && match (what, &record.body) {
                        (0, _) => true,
                        (1, _) => record.state() == "registered",
                        (2, Body::Case(case)) => case
                            .parties
                            .iter()
                            .any(|party| party.entity == world.records[2].head.id),
                        (3, _) => record.head.id == first_case.head.id,
                        (4, Body::Duty(duty)) => duty.about == first_case.head.id,
                        (5, Body::Entity(entity)) => entity.facets.contains_key("demo.room"),
                        _ => false,
                    }
            };
            let expected: BTreeMap<_, _> = world
                .records
                .iter()
                .filter(fits)
                .filter(|record| world.reaches(&who, record))
                .map(|record| (record.head.id.clone(), world.shown(&who, record)))
                .collect();
            assert_eq!(seen, expected, "{post}: list {list:?}");
        }
    }
    // Through a pack: the same rows, whatever it was granted.
    let mut snapshot = centre.data.open(&through(context)).await.unwrap();
    let party = Some(world.records[2].head.id.clone());
    let find = Find::Cases {
        matter: "demo.matter".into(),
        party: party.clone(),
        open_only: true,
        limit: 200,
        after: None,
    };
    let found: BTreeSet<_> =
        snapshot.find(&find).await.unwrap().into_iter().map(|record| record.head.id).collect();
    let names = |record: &&Record| matches!(&record.body, Body::Case(case) if record.is_open() && case.parties.iter().any(|one| Some(&one.entity) == party.as_ref()));
    let expected: BTreeSet<_> = world
        .records
        .iter()
        .filter(names)
        .filter(|record| world.reaches(&who, record))
        .map(|record| record.head.id.clone())
        .collect();
    assert_eq!(found, expected, "{post}: find");
    let looked = snapshot.lookup(EntityKind::Person, "resident-id", NUMBERS[1]).await.unwrap();
    assert_eq!(looked.is_some(), world.reaches(&who, &world.records[1]), "{post}: lookup");
}

on_both! {
    async fn every_read_path_answers_as_the_naive_monitor(centre) {
        install(&centre).await;
        let mut runner = TestRunner::deterministic();
        let policy = OpeningPolicy::default();
        let posts: [(&str, &str, &[&str]); 10] = [
            ("east", EAST, &["clerk"]), ("town", TOWN, &["clerk", "handler"]), ("police", WEST, &["handler"]), ("west", WEST, &["supervisor"]),
            ("police", EAST, &["grid-worker"]), ("east", TOWN, &["grid-worker", "clerk"]), ("police", EAST, &["access-approver"]),
            ("east", EAST, &["auditor", "clerk"]), ("east", EAST, &["importer"]), ("east", EAST, &[]),
        ];
        let (cases, _) = draw().new_tree(&mut runner).unwrap().current();
        let mut world = world(&centre, &cases).await;
        for round in 0..WORLDS {
            let (_, people) = draw().new_tree(&mut runner).unwrap().current();
            for (at, (post, clearance, serves, which, opening)) in people.into_iter().enumerate() {
                let (unit_name, code, roles) = posts[post];
                let clearance = [Level::L2, Level::L3, Level::L4][usize::from(clearance) - 2];
                let mut context = person(unit_name, code, roles, clearance);
                let Principal::Person(one) = &mut context.principal else { unreachable!() };
                one.id = Id::from_text(format!("somebody-{round}-{at}"));
                let matter = world.records[3 + which].clone();
                context.purpose.serves = match serves { 0 => None, 1 => Some(Id::from_text("task")), _ => Some(matter.head.id.clone()) };
                let asked = OpeningAsked { record: matter.head.id.clone(), serves: matter.head.id.clone(), reason: "样例".into(), minutes: None };
                if opening > 0 && let Ok(stated) = centre.data.state_opening(&again(&context), &asked, policy).await {
                    let city = person("city", "500000", &["access-approver", "supervisor"], Level::L4);
                    let approved = opening > 1 && centre.data.approve_opening(&city, &stated.id, None, policy).await.is_ok();
                    world.opened.push((Who::of(&context).person.id.clone(), asked.record, asked.serves, approved));
                }
                compare(&centre, &world, &context).await;
            }
        }
    }
}
