//! The rules once more, as loops over values: who reaches what, and as what it is shown. Nothing here knows SQL, a cache or
//! the policy engine.

use std::collections::BTreeSet;

use anshu_model::Id;
use anshu_model::clock::Unit;
use anshu_model::context::{OpContext, Principal};
use anshu_model::entity::{Entity, EntityKind};
use anshu_model::label::{Label, Level, Tag};
use anshu_model::org::Person;
use anshu_model::record::{Body, Kind, Record};

use super::world::{HOUR, World};
use super::{HIDDEN, NUMBERS};

const ADMINISTRATORS: [&str; 3] = ["administrator", "security", "auditor"];
const STAFF: [&str; 5] = ["clerk", "dispatcher", "supervisor", "coordinator", "handler"];

/// Somebody, as the rules see them.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) person: &'a Person,
    pub(super) serves: Option<&'a Id>,
}

impl<'a> Who<'a> {
    pub(super) fn of(context: &'a OpContext) -> Self {
        let Principal::Person(person) = &context.principal else { unreachable!() };
        Self { person, serves: context.purpose.serves.as_ref() }
    }

    /// The same person, for something else.
    pub(super) fn serving(self, serves: Option<&'a Id>) -> Self {
        Self { serves, ..self }
    }

    pub(super) fn is(self, role: &str) -> bool {
        self.person.roles.contains(role)
    }

    fn any(self, roles: &[&str]) -> bool {
        roles.iter().any(|role| self.is(role))
    }

    pub(super) fn administers(self) -> bool {
        self.any(&ADMINISTRATORS)
    }

    /// Whether what is internal is theirs to read.
    pub(super) fn works(self) -> bool {
        !self.administers() && (self.any(&STAFF) || self.any(&["importer", "grid-worker"]))
    }

    pub(super) fn handles(self) -> bool {
        self.any(&STAFF)
    }

    /// Whether they see everything in their division.
    pub(super) fn sees_place(self) -> bool {
        self.any(&STAFF[..4]) && !self.administers()
    }

    fn sees_unit(self) -> bool {
        (self.any(&STAFF) || self.any(&["access-approver", "grid-worker"])) && !self.administers()
    }

    /// A level, as far as they are cleared.
    pub(super) fn cleared(self, level: u8) -> u8 {
        level.min(number(self.person.clearance))
    }
}

impl World {
    pub(super) fn get(&self, id: &Id) -> Option<&Record> {
        self.records.iter().find(|record| record.head.id == *id)
    }

    /// Grid staff: open matters inside the own division alone.
    fn within_limits(who: Who<'_>, record: &Record) -> bool {
        let open = record.head.kind == Kind::Entity || record.is_open();
        !who.is("grid-worker") || open && who.person.division.contains(&record.head.division)
    }

    /// Whether lists, searches and counts find a record.
    pub(super) fn reaches(&self, who: Who<'_>, record: &Record) -> bool {
        let place = who.sees_place() && who.person.division.contains(&record.head.division);
        let unit = who.sees_unit() && units(record, &who.person.unit);
        (place || unit) && Self::within_limits(who, record)
    }

    /// One record by its id: also the parties of an open matter of the unit.
    pub(super) fn sees(&self, who: Who<'_>, record: &Record) -> bool {
        let names = |matter: &Record| {
            matter.is_open()
                && units(matter, &who.person.unit)
                && parties(matter).any(|party| *party == record.head.id)
        };
        let named =
            record.head.kind == Kind::Entity && who.sees_unit() && self.records.iter().any(names);
        self.reaches(who, record) || named && Self::within_limits(who, record)
    }

    /// What a matter that is open and in reach names, and whether it is opened one look at a time.
    fn matter(&self, who: Who<'_>, id: &Id) -> Option<(BTreeSet<Id>, bool)> {
        let open = |record: &&Record| record.is_open() && self.reaches(who, record);
        let matter = self.get(id).filter(open)?;
        let mut names = BTreeSet::from([id.clone()]);
        names.extend(parties(matter).cloned());
        let mut protected = is_protected(matter);
        match &matter.body {
            Body::Risk(risk) => {
                names.insert(risk.subject.clone());
            }
            Body::Duty(duty) => {
                names.insert(duty.about.clone());
                if let Some(target) = self.get(&duty.about).filter(open) {
                    names.extend(parties(target).cloned());
                    protected = is_protected(target);
                }
            }
            Body::Entity(_) | Body::Case(_) => {}
        }
        Some((names, protected))
    }

    /// Up to which level a record is shown as it is, and through masks.
    pub(super) fn levels(&self, who: Who<'_>, record: &Id) -> (u8, u8) {
        if !who.works() {
            return (0, 0);
        }
        let (mut clear, mut masked) = (who.cleared(2), who.cleared(3));
        if who.is("grid-worker") {
            return (clear, masked);
        }
        // A protected matter lifts no mask before it is opened.
        let served = who.serves.and_then(|id| self.matter(who, id));
        if served.is_some_and(|(names, protected)| !protected && names.contains(record)) {
            clear = clear.max(who.cleared(3));
        }
        for (person, opened, matter, approved) in &self.opened {
            let Some((names, protected)) = self.matter(who, matter) else { continue };
            let covers = names.contains(record) && (opened == matter || opened == record);
            if *person == who.person.id && covers {
                masked = masked.max(who.cleared(4));
                clear = match () {
                    () if *approved => clear.max(who.cleared(4)),
                    () if !protected => clear.max(who.cleared(3)),
                    () => clear,
                };
            }
        }
        (clear, masked)
    }

    /// The same through a pack that acts for them: what a pack reads, no person sees by that.
    pub(super) fn levels_of_pack(who: Who<'_>) -> (u8, u8) {
        match () {
            () if !who.works() => (0, 0),
            () if who.is("grid-worker") => (who.cleared(2), who.cleared(3)),
            () => (who.cleared(4), who.cleared(4)),
        }
    }

    /// What is seen of a record.
    pub(super) fn shown(&self, who: Who<'_>, record: &Record) -> String {
        shown(record, self.levels(who, &record.head.id))
    }

    /// Whether what was written about a record is seen as it is.
    pub(super) fn clear(&self, who: Who<'_>, record: &Record) -> bool {
        weight_of(record) <= self.levels(who, &record.head.id).0
    }
}

/// A record as it is seen up to one level as it is and up to another through masks, in words of the test's own: its title or
/// name with its number, and whom or what is in it.
pub(super) fn shown(record: &Record, (clear, masked): (u8, u8)) -> String {
    let see = |level: u8, whole: &str, mask: &str| match () {
        () if level <= clear => whole.to_owned(),
        () if level <= masked => mask.to_owned(),
        () => HIDDEN.to_owned(),
    };
    match &record.body {
        Body::Case(case) => {
            let level = weight(&case.label);
            let parties = if level <= masked { case.parties.len() } else { 0 };
            format!("{} {parties}", see(level, &case.title, HIDDEN))
        }
        Body::Entity(entity) if entity.kind == EntityKind::Person => {
            let (level, value) = (weight_of(record), numbered(entity));
            let mask = format!("{}{}{}", &value[..3], "*".repeat(14), &value[17..]);
            let number = see(level, value, &mask).replace(HIDDEN, "");
            format!("{} {number}", see(level, &entity.name, "样*"))
        }
        Body::Entity(entity) => {
            let phone = phone(entity);
            let mask = format!("{}****{}", &phone[..3], &phone[7..]);
            let phone = see(3, phone, &mask).replace(HIDDEN, "");
            // Through no level at all not even what is public is shown.
            let licence = see(1, "L-1", "").replace(HIDDEN, "");
            format!("{} {licence} {phone}", see(1, &entity.name, &entity.name))
        }
        Body::Risk(risk) => risk.title.clone(),
        Body::Duty(duty) => duty.title.clone(),
    }
}

/// What an answer shows of a record, in the same words.
pub(super) fn told(record: &Record) -> String {
    match &record.body {
        Body::Case(case) => format!("{} {}", case.title, case.parties.len()),
        Body::Entity(entity) if entity.kind == EntityKind::Person => {
            format!("{} {}", entity.name, numbered(entity))
        }
        Body::Entity(entity) => {
            let held = |name: &str| {
                let facet = entity.facets.get("demo.room");
                facet.and_then(|facet| facet.data[name].as_str()).unwrap_or_default()
            };
            format!("{} {} {}", entity.name, held("licence"), held("phone"))
        }
        Body::Risk(risk) => risk.title.clone(),
        Body::Duty(duty) => duty.title.clone(),
    }
}

/// Whether personal data of a record are shown as they are up to a level: what budgets count. Of what packs read, places do
/// not count.
pub(super) fn reveals(record: &Record, clear: u8, pack: bool) -> bool {
    match &record.body {
        Body::Case(case) => number(case.label.level) > 2 && weight(&case.label) <= clear,
        Body::Entity(entity) if entity.kind == EntityKind::Person => weight_of(record) <= clear,
        Body::Entity(_) => clear > 2 && !pack,
        Body::Risk(_) | Body::Duty(_) => false,
    }
}

fn numbered(entity: &Entity) -> &str {
    entity.identifiers.first().map_or("", |number| &number.value)
}

pub(super) fn phone(entity: &Entity) -> &str {
    entity.facets["demo.room"].data["phone"].as_str().unwrap()
}

fn units(record: &Record, unit: &Id) -> bool {
    record.head.unit == *unit || record.head.joint.contains(unit)
}

pub(super) fn parties(matter: &Record) -> impl Iterator<Item = &Id> {
    let parties = match &matter.body {
        Body::Case(case) => case.parties.as_slice(),
        Body::Entity(_) | Body::Risk(_) | Body::Duty(_) => &[],
    };
    parties.iter().map(|party| &party.entity)
}

pub(super) fn is_protected(matter: &Record) -> bool {
    matches!(&matter.body, Body::Case(case) if weight(&case.label) > 3)
}

/// When a record comes in lists: the earliest end of a running clock, "at once" since it began, and else never. And the
/// earliest end alone.
pub(super) fn due(record: &Record) -> (i64, Option<i64>) {
    let (mut order, mut next) = (i64::MAX, None::<i64>);
    if !record.is_open() {
        return (order, next);
    }
    for clock in record.clocks().iter().filter(|clock| clock.stopped().is_none()) {
        let (start, limit) = (clock.started().milliseconds(), clock.limit());
        match limit.unit {
            Unit::Immediate => order = order.min(start),
            _ => {
                let end = start + i64::from(limit.amount) * HOUR;
                next = Some(next.map_or(end, |least| least.min(end)));
                order = order.min(end);
            }
        }
    }
    (order, next)
}

pub(super) fn number(level: Level) -> u8 {
    match level {
        Level::L1 => 1,
        Level::L2 => 2,
        Level::L3 => 3,
        Level::L4 => 4,
        Level::Important => 5,
    }
}

/// What is about children weighs as L4.
pub(super) fn weight(label: &Label) -> u8 {
    if label.tags.contains(&Tag::Minor) { number(label.level).max(4) } else { number(label.level) }
}

/// What the title or name of a record weighs.
pub(super) fn weight_of(record: &Record) -> u8 {
    match &record.body {
        Body::Case(case) => weight(&case.label),
        Body::Entity(entity) if entity.kind == EntityKind::Person => {
            if numbered(entity) == NUMBERS[2] { 4 } else { 3 }
        }
        Body::Entity(_) | Body::Risk(_) | Body::Duty(_) => 1,
    }
}
