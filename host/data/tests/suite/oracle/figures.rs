//! Figures: those of the desk, registered cubes, and what packs count.

use std::collections::BTreeMap;

use anshu_data::Figure;
use anshu_model::context::OpContext;
use anshu_model::figure::{Axis, Cube, Noise, Protection};
use anshu_model::label::{Label, Level, Mask, Tag};
use anshu_model::port::{Centre as _, Count};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, division::Division};

use super::rules::{Who, due};
use super::world::{HOUR, World};
use crate::centre::{Centre, EAST, NOW, TOWN, WEST, again, case, clerk, create, division, on_both};
use crate::packs::{install, through};

const CITY: &str = "500000";
/// Who may ask for figures.
const ASK: [&str; 9] = [
    "clerk",
    "dispatcher",
    "supervisor",
    "coordinator",
    "handler",
    "department-lead",
    "access-approver",
    "privacy-officer",
    "grid-worker",
];

/// Small enough for a small world: from one on, and from two where it is sensitive, give or take one.
fn protection() -> Protection {
    Protection { smallest: 1, smallest_sensitive: 2, noise: Noise::even(1) }
}

/// The cubes of the world's types: matters are as sensitive as the most sensitive of them.
pub(super) fn register(centre: &Centre) {
    centre.data.use_protection(protection());
    let kinds = [
        (Kind::Case, "demo.matter", Level::L4),
        (Kind::Risk, "demo.hazard", Level::L1),
        (Kind::Duty, "demo", Level::L1),
        (Kind::Entity, "demo.room", Level::L3),
    ];
    let cubes =
        kinds.into_iter().flat_map(|(kind, name, level)| Cube::of(kind, name, "样例", level));
    centre.data.use_cubes(cubes.collect());
}

/// What waits, at a glance: over the rows that lists find, and exact for that.
pub(super) async fn desk(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let who = Who::of(context);
    let open =
        || world.records.iter().filter(|record| record.is_open() && world.reaches(who, record));
    let now = NOW.milliseconds();
    let count = |fits: &dyn Fn(&Record) -> bool| open().filter(|one| fits(one)).count() as u64;
    let ends = |from: i64, to: i64| {
        count(&|record| due(record).1.is_some_and(|end| (from..to).contains(&end)))
    };
    let new = |record: &Record| {
        record.head.kind == Kind::Risk
            && record.head.created_at.milliseconds() >= now - 7 * 24 * HOUR
    };
    let figures = centre.data.figures(&again(context)).await.unwrap();
    let seen = (figures.open_cases, figures.overdue, figures.due_today, figures.new_risks);
    let expected = (
        count(&|record| record.head.kind == Kind::Case),
        ends(i64::MIN, now),
        ends(now, now + 24 * HOUR),
        count(&new),
    );
    assert_eq!(seen, expected, "{post}: figures of the desk");
}

fn is_of(record: &Record, kind: Kind, type_name: &str) -> bool {
    record.head.kind == kind
        && match &record.body {
            Body::Entity(entity) => entity.facets.contains_key(type_name),
            Body::Case(_) | Body::Risk(_) | Body::Duty(_) => record.head.type_name == type_name,
        }
}

/// The column of a record: its stage, its level in force, or the month in which it was made.
fn column(record: &Record, axis: Axis) -> String {
    match axis {
        Axis::None => String::new(),
        Axis::State => record.state().to_owned(),
        Axis::Level => match &record.body {
            Body::Risk(risk) => risk.level().map_or("none", |level| level.name()).to_owned(),
            _ => unreachable!(),
        },
        Axis::Month => record.head.created_at.date(Default::default()).to_string()[..7].to_owned(),
    }
}

/// The part of an area in which a record lies: the county of a city, the town of a county.
fn part(record: &Record, area: &str) -> Division {
    let code = record.head.division.as_str();
    let digits = if area == CITY { 6 } else { 9 };
    division(&format!("{:0<12}", &code[..digits]))
}

/// A stated figure, against the truth: exact, or near it and of enough.
fn holds(stated: Option<u64>, truth: u64, protected: Option<Level>) -> bool {
    let Some(level) = protected else { return stated == Some(truth) };
    let (smallest, least) = if level >= Level::L4 { (2, 3) } else { (1, 2) };
    match stated {
        Some(stated) => truth >= smallest && stated >= least && stated.abs_diff(truth) <= 1,
        None => truth < least + 1,
    }
}

pub(super) async fn cubes(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let who = Who::of(context);
    let asks = ASK.iter().any(|role| who.is(role));
    let cubes = match centre.data.cubes(&again(context)).await {
        Ok(cubes) => cubes,
        Err(Error::Denied(_)) => {
            assert!(!asks, "{post}: cubes");
            return;
        }
        Err(error) => panic!("{post}: {error}"),
    };
    assert!(asks, "{post}: cubes");
    for cube in cubes.iter() {
        for area in [CITY, EAST, TOWN, WEST] {
            let place = division(area);
            let stands = &who.person.division;
            let near = stands.contains(&place) || place.contains(stands);
            let exact = who.sees_place()
                && !who.is("grid-worker")
                && stands.contains(&place)
                && who.cleared(2) >= super::rules::number(cube.level);
            match centre.data.figure(&again(context), &cube.name(), &place).await {
                Ok(figure) => {
                    assert_eq!((near, figure.exact), (true, exact), "{post}: {figure:?}");
                    let protected = (!exact).then_some(cube.level);
                    cells(world, &figure, area, protected, post);
                }
                Err(Error::Denied(_)) => assert!(!near, "{post}: {} of {area}", cube.name()),
                Err(error) => panic!("{post}: {error}"),
            }
        }
    }
}

/// Every cell, row and total, against all there is in the area, whoever asks.
fn cells(world: &World, figure: &Figure, area: &str, protected: Option<Level>, post: &str) {
    let cube = &figure.cube;
    let inside: Vec<&Record> = world
        .records
        .iter()
        .filter(|record| is_of(record, cube.kind, &cube.type_name))
        .filter(|record| figure.area.contains(&record.head.division))
        .collect();
    let count = |place: Option<&Division>, key: Option<&str>| {
        let fits = |record: &&&Record| {
            place.is_none_or(|place| part(record, area) == *place)
                && key.is_none_or(|key| column(record, cube.axis) == key)
        };
        inside.iter().filter(fits).count() as u64
    };
    let check = |stated, truth, what: &str| {
        assert!(
            holds(stated, truth, protected),
            "{post}: {what} {stated:?} of {truth}: {figure:?}"
        );
    };
    for row in &figure.rows {
        for (key, stated) in figure.columns.iter().zip(&row.cells) {
            check(*stated, count(Some(&row.division), Some(key)), key);
        }
        check(row.total, count(Some(&row.division), None), "row");
    }
    for (key, stated) in figure.columns.iter().zip(&figure.totals) {
        check(*stated, count(None, Some(key)), key);
    }
    check(figure.total, count(None, None), "total");
    // No part that must be stated is left out.
    let mut parts: BTreeMap<Division, u64> = BTreeMap::new();
    for record in &inside {
        *parts.entry(part(record, area)).or_default() += 1;
    }
    for (place, truth) in parts {
        let shown = figure.rows.iter().any(|row| row.division == place);
        assert!(shown || holds(None, truth, protected), "{post}: {place} of {truth}: {figure:?}");
    }
}

/// What packs count is never exact, and of the rows of the person that they act for.
pub(super) async fn counts(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let who = Who::of(context);
    let mut snapshot = centre.data.open(&through(context)).await.unwrap();
    let kinds = [
        (Kind::Case, "demo.matter", Level::L4),
        (Kind::Risk, "demo.hazard", Level::L1),
        (Kind::Duty, "demo", Level::L1),
        (Kind::Entity, "demo.room", Level::L3),
    ];
    for (kind, type_name, level) in kinds {
        for by in ["none", "division", "stage", "level"] {
            if by == "level" && kind != Kind::Risk || by == "stage" && kind == Kind::Entity {
                continue;
            }
            for within in [None, Some(division(EAST))] {
                let count = Count {
                    kind,
                    type_name: type_name.into(),
                    by: by.into(),
                    within: within.clone(),
                };
                let cells = snapshot.count(&count).await.unwrap();
                let mut truth: BTreeMap<String, u64> = BTreeMap::new();
                for record in &world.records {
                    let inside =
                        within.as_ref().is_none_or(|place| place.contains(&record.head.division));
                    if inside && is_of(record, kind, type_name) && world.reaches(who, record) {
                        let key = match by {
                            "division" => format!("{:0<12}", &record.head.division.as_str()[..6]),
                            "stage" => column(record, Axis::State),
                            "level" => column(record, Axis::Level),
                            _ => String::new(),
                        };
                        *truth.entry(key).or_default() += 1;
                    }
                }
                for cell in &cells {
                    let counted = truth.remove(&cell.key).unwrap_or_default();
                    assert!(
                        holds(cell.count, counted, Some(level)),
                        "{post}: {count:?} {cell:?} of {counted}"
                    );
                }
                let left = truth.into_values().all(|counted| holds(None, counted, Some(level)));
                assert!(left, "{post}: {count:?} {cells:?}");
            }
        }
    }
}

on_both! {
    /// Twenty-five matters about children are too few to be stated to a pack, as they are to a person: their columns say L3, and
    /// what they weigh is L4.
    async fn a_pack_is_told_no_small_figure_of_children(centre) {
        install(&centre).await;
        centre.data.use_cubes(Cube::of(Kind::Case, "demo.matter", "样例", Level::L4));
        let child = |_| {
            let mut record = case(EAST, "east", "涉及样例的事项");
            let Body::Case(body) = &mut record.body else { unreachable!() };
            body.label = Label::personal(Level::L3, Mask::Omit);
            body.label.tags.insert(Tag::Minor);
            create(&record)
        };
        centre.data.act(&again(&clerk()), (0..25).map(child).collect(), "登记").await.unwrap();
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        let (type_name, by) = ("demo.matter".to_owned(), "none".to_owned());
        let count = Count { kind: Kind::Case, type_name, by, within: None };
        let cells = snapshot.count(&count).await.unwrap();
        assert!(cells.iter().all(|cell| cell.count.is_none()), "{cells:?}");
    }
}
