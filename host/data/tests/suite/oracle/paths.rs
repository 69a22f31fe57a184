//! Single records: by id, by number, by what they name, through people and through packs.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::context::OpContext;
use anshu_model::entity::EntityKind;
use anshu_model::port::{Centre as _, Find, Snapshot};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};

use super::rules::{Who, is_protected, parties, shown, told, weight_of};
use super::world::World;
use super::{NOTE, NUMBERS};
use crate::centre::{Centre, again, division};
use crate::packs::through;

/// A record, what happened to it, what forms are filled with, and how it is protected.
pub(super) async fn records(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let (data, who) = (&centre.data, Who::of(context));
    for record in &world.records {
        let id = &record.head.id;
        let sees = world.sees(who, record);
        let expected = sees.then(|| world.shown(who, record));
        let seen = found(data.record(&again(context), id).await);
        assert_eq!(seen.as_ref().map(told), expected, "{post}: record {record:?}");

        let lines = found(data.timeline(&again(context), id).await);
        assert_eq!(lines.is_some(), sees, "{post}: timeline {record:?}");
        let noted = record.head.kind == Kind::Case && record.is_open();
        let read = lines.iter().flatten().any(|line| line.text == NOTE);
        assert_eq!(read, sees && noted && world.clear(who, record), "{post}: timeline {record:?}");

        let held = found(data.held_values(&again(context), id).await);
        let held = held.map(|held| held.into_iter().map(|one| one.value.to_string()).collect());
        assert_eq!(held, sees.then(|| values(world, who, record)), "{post}: held {record:?}");

        let access = found(data.access(&again(context), id).await);
        assert_eq!(access.is_some(), sees, "{post}: access {record:?}");
        let Some(access) = access else { continue };
        let protected = is_protected(record) || weight_of(record) > 3;
        assert_eq!(access.protected, protected, "{post}: protected {record:?}");
        let cases: BTreeSet<_> = access.cases.into_iter().map(|(case, _)| case).collect();
        assert_eq!(cases, openable(world, who, record), "{post}: cases to open {record:?}");
    }
}

/// An answer about one record: none where it is absent or hidden.
fn found<T>(answer: Result<T, Error>) -> Option<T> {
    match answer {
        Ok(found) => Some(found),
        Err(Error::NotFound(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

/// What the centre holds of a record and shows as it is.
fn values(world: &World, who: Who<'_>, record: &Record) -> BTreeSet<String> {
    let (clear, _) = world.levels(who, &record.head.id);
    let Body::Entity(entity) = &record.body else { return BTreeSet::new() };
    let mut values = BTreeSet::new();
    if weight_of(record) <= clear {
        values.extend(entity.identifiers.iter().map(|number| format!("\"{}\"", number.value)));
    }
    if let Some(facet) = entity.facets.get("demo.room") {
        let levels = [("licence", 1), ("beds", 1), ("phone", 3)];
        let seen = levels.into_iter().filter(|(_, level)| *level <= clear);
        values.extend(seen.map(|(name, _)| facet.data[name].to_string()));
    }
    values
}

/// For which cases a protected record may be opened.
fn openable(world: &World, who: Who<'_>, record: &Record) -> BTreeSet<Id> {
    if !(is_protected(record) || weight_of(record) > 3) {
        return BTreeSet::new();
    }
    let names = |case: &&Record| {
        case.is_open()
            && match record.head.kind {
                Kind::Case => case.head.id == record.head.id,
                Kind::Entity | Kind::Risk | Kind::Duty => {
                    parties(case).any(|party| *party == record.head.id) && world.reaches(who, case)
                }
            }
    };
    world.cases().iter().filter(names).map(|case| case.head.id.clone()).collect()
}

/// Through a pack: the same rows, whatever it was granted; and what it only shows is what the person sees.
pub(super) async fn packs(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let who = Who::of(context);
    let acting = centre.data.open(&through(context)).await.unwrap();
    let levels = |_: &Record| World::levels_of_pack(who);
    snapshot(acting, world, who, &levels, &format!("{post}, acting")).await;
    let showing = centre.data.open_to_show(&through(context)).await.unwrap();
    let levels = |record: &Record| {
        let (own, pack) = (world.levels(who, &record.head.id), World::levels_of_pack(who));
        (own.0.min(pack.0), own.1.min(pack.1))
    };
    snapshot(showing, world, who, &levels, &format!("{post}, showing")).await;
}

async fn snapshot(
    mut snapshot: Box<dyn Snapshot>,
    world: &World,
    who: Who<'_>,
    levels: &(dyn Fn(&Record) -> (u8, u8) + Sync),
    post: &str,
) {
    for record in &world.records {
        let seen = snapshot.get(&record.head.id).await.unwrap();
        let expected = world.sees(who, record).then(|| shown(record, levels(record)));
        assert_eq!(seen.as_ref().map(told), expected, "{post}: get {record:?}");
    }
    for (at, number) in NUMBERS.iter().enumerate() {
        let record = &world.records[at];
        let seen = snapshot.lookup(EntityKind::Person, "resident-id", number).await.unwrap();
        let expected = world.reaches(who, record).then(|| shown(record, levels(record)));
        assert_eq!(seen.as_ref().map(told), expected, "{post}: lookup {record:?}");
    }
    let person = &world.records[2].head.id;
    let (subject, about) = (&world.records[11].head.id, &world.cases()[0].head.id);
    for open_only in [false, true] {
        for party in [None, Some(person)] {
            let fits = |record: &Record| match &record.body {
                Body::Case(_) => {
                    party.is_none_or(|party| parties(record).any(|one| one == party))
                        && (record.is_open() || !open_only)
                }
                _ => false,
            };
            let find = |limit: u32, after: Option<Id>| {
                let (matter, party) = ("demo.matter".to_owned(), party.cloned());
                Find::Cases { matter, party, open_only, limit, after }
            };
            finds(&mut *snapshot, world, who, levels, &fits, find(200, None), post).await;
            // Page by page it is the same, in the same order.
            let whole: Vec<_> = ids(&mut *snapshot, &find(200, None)).await;
            let (mut pages, mut after) = (Vec::new(), None);
            loop {
                let page = ids(&mut *snapshot, &find(3, after.take())).await;
                after = page.last().cloned();
                pages.extend(page);
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(pages, whole, "{post}: pages of {party:?}");
        }
        let find =
            Find::Risks { subject: subject.clone(), risk_type: "demo.hazard".into(), open_only };
        let fits = |record: &Record| matches!(&record.body, Body::Risk(risk) if risk.subject == *subject && (record.is_open() || !open_only));
        finds(&mut *snapshot, world, who, levels, &fits, find, post).await;
    }
    let fits = |record: &Record| matches!(&record.body, Body::Duty(duty) if duty.about == *about);
    let find = Find::Duties { about: about.clone() };
    finds(&mut *snapshot, world, who, levels, &fits, find, post).await;
    for within in [None, Some(division(super::PLACES[0]))] {
        let fits = |record: &Record| {
            matches!(&record.body, Body::Entity(entity) if entity.facets.contains_key("demo.room"))
                && within.as_ref().is_none_or(|place| place.contains(&record.head.division))
        };
        let find = Find::Entities {
            kind: EntityKind::Place,
            facet: "demo.room".into(),
            conditions: vec![],
            within: within.clone(),
            limit: 200,
            after: None,
        };
        finds(&mut *snapshot, world, who, levels, &fits, find, post).await;
    }
}

async fn ids(snapshot: &mut dyn Snapshot, find: &Find) -> Vec<Id> {
    snapshot.find(find).await.unwrap().into_iter().map(|record| record.head.id).collect()
}

async fn finds(
    snapshot: &mut dyn Snapshot,
    world: &World,
    who: Who<'_>,
    levels: &(dyn Fn(&Record) -> (u8, u8) + Sync),
    fits: &(dyn Fn(&Record) -> bool + Sync),
    find: Find,
    post: &str,
) {
    let found = snapshot.find(&find).await.unwrap();
    let found: Vec<_> = found.iter().map(|record| (record.head.id.clone(), told(record))).collect();
    // In the order of ids.
    let expected: BTreeMap<_, _> = world
        .records
        .iter()
        .filter(|record| fits(record) && world.reaches(who, record))
        .map(|record| (record.head.id.clone(), shown(record, levels(record))))
        .collect();
    assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{post}: {find:?}");
}
