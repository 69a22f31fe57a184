//! Lists: every filter alone, what is due, searches, the order, pages, and what a bulk export of a list would hold.

use anshu_data::{Column, ExportAsk, Format, List, Page};
use anshu_model::context::OpContext;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};

use super::NUMBERS;
use super::rules::{Who, due, number, parties, told};
use super::world::{HOUR, World};
use crate::centre::{Centre, NOW, again};

/// A record in a list, in words of the test's own: its place in the order, its end, which it is and what is shown of it.
type Line = ((i64, Id), Option<i64>, String);

const KINDS: [Kind; 4] = [Kind::Entity, Kind::Case, Kind::Risk, Kind::Duty];

pub(super) async fn lists(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let who = Who::of(context);
    let sees_no_register = world.levels(who, &Id::from_text("nothing")).1 == 0;
    for list in asked(world) {
        if list.facet.is_some() && sees_no_register {
            // That somebody is in a register is part of what the register says.
            let refused = centre.data.list(&again(context), &list).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{post}: {list:?}");
            continue;
        }
        let expected = expected(world, who, &list);
        let page = listed(centre, context, &list).await;
        assert_eq!(lines(&page), expected, "{post}: {list:?}");
        assert_eq!(page.next, None, "{post}: {list:?}");
    }
    for (kind, limit) in [(Kind::Entity, 2), (Kind::Case, 3), (Kind::Risk, 2), (Kind::Duty, 4)] {
        let whole = List { limit, ..List::of(kind) };
        pages(centre, world, context, &whole, post).await;
    }
    for party in [0, 2] {
        let party = Some(world.records[party].head.id.clone());
        pages(centre, world, context, &List { party, limit: 1, ..List::of(Kind::Case) }, post)
            .await;
    }
    cursors(centre, world, context, post).await;
    export(centre, world, context, post).await;
}

/// Every filter, on every kind of record.
fn asked(world: &World) -> Vec<List> {
    let first = &world.cases()[0].head.id;
    let mut asked = Vec::new();
    for kind in KINDS {
        let all = || List { limit: 200, ..List::of(kind) };
        let text = |text: &str| List { text: Some(text.into()), ..all() };
        asked.extend([
            all(),
            List { type_name: Some("demo.matter".into()), ..all() },
            List { state: Some("registered".into()), ..all() },
            List { due_before: Some(NOW), ..all() },
            List { due_before: Some(NOW.plus(10 * HOUR)), ..all() },
            List { facet: Some("demo.room".into()), ..all() },
            text("样例"),
            text("涉及样例的事项"),
            text(&format!("C-{first}")),
        ]);
    }
    let of = |kind| List { limit: 200, ..List::of(kind) };
    for party in &world.records[..3] {
        asked.push(List { party: Some(party.head.id.clone()), ..of(Kind::Case) });
    }
    for room in &world.records[11..13] {
        asked.push(List { subject: Some(room.head.id.clone()), ..of(Kind::Risk) });
    }
    asked.extend([
        List { about: Some(first.clone()), ..of(Kind::Duty) },
        List { level: Some("major".into()), ..of(Kind::Risk) },
        List { level: Some("major".into()), state: Some("disposing".into()), ..of(Kind::Risk) },
        List { text: Some("样例0".into()), ..of(Kind::Entity) },
        List { text: Some("样例".into()), facet: Some("demo.room".into()), ..of(Kind::Entity) },
        List { text: Some(NUMBERS[0].into()), ..of(Kind::Entity) },
        List { text: Some("样例".into()), due_before: Some(NOW), ..of(Kind::Case) },
    ]);
    asked
}

fn fits(who: Who<'_>, list: &List, record: &Record) -> bool {
    let (body, id) = (&record.body, |wanted: &Option<Id>, has: &dyn Fn(&Id) -> bool| {
        wanted.as_ref().is_none_or(has)
    });
    let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|one| one == is);
    let level = match body {
        Body::Risk(risk) => risk.level().map_or("", |level| level.name()),
        _ => "",
    };
    let facet =
        |name: &String| matches!(body, Body::Entity(entity) if entity.facets.contains_key(name));
    record.head.kind == list.kind
        && same(&list.type_name, &record.head.type_name)
        && same(&list.state, record.state())
        && same(&list.level, level)
        && list.facet.as_ref().is_none_or(facet)
        && list.text.as_ref().is_none_or(|text| called(who, record, text))
        && list.due_before.is_none_or(|at| due(record).1.is_some_and(|end| end < at.milliseconds()))
        && id(&list.subject, &|id| matches!(body, Body::Risk(risk) if risk.subject == *id))
        && id(&list.party, &|id| parties(record).any(|party| party == id))
        && id(&list.about, &|id| matches!(body, Body::Duty(duty) if duty.about == *id))
}

/// A search compares with what is neither personal nor above what the person reads of any record; and with codes.
fn called(who: Who<'_>, record: &Record, text: &str) -> bool {
    let (title, level) = match &record.body {
        Body::Case(case) if case.code == text => return true,
        Body::Case(case) if case.label.tags.is_empty() => (&case.title, number(case.label.level)),
        Body::Entity(entity) if entity.identifiers.is_empty() => (&entity.name, 1),
        Body::Risk(risk) => (&risk.title, 1),
        Body::Duty(duty) => (&duty.title, 1),
        Body::Case(_) | Body::Entity(_) => return false,
    };
    who.works() && level <= who.cleared(2) && title.starts_with(text)
}

fn expected(world: &World, who: Who<'_>, list: &List) -> Vec<Line> {
    let mut expected: Vec<Line> = world
        .records
        .iter()
        .filter(|record| fits(who, list, record) && world.reaches(who, record))
        .map(|record| {
            let (order, next) = due(record);
            ((order, record.head.id.clone()), next, world.shown(who, record))
        })
        .collect();
    expected.sort();
    expected
}

/// Through the records that the list itself answers: where they stand in it is the answer's own order.
fn lines(page: &Page) -> Vec<Line> {
    let line = |listed: &anshu_data::Listed| {
        let (order, _) = due(&listed.record);
        let next = listed.next_due.map(|at| at.milliseconds());
        ((order, listed.record.head.id.clone()), next, told(&listed.record))
    };
    page.records.iter().map(line).collect()
}

async fn listed(centre: &Centre, context: &OpContext, list: &List) -> Page {
    centre.data.list(&again(context), list).await.unwrap()
}

/// The pages of a list are the whole of it, each record once and in order, none longer than asked for; and the last one says
/// that it is.
async fn pages(centre: &Centre, world: &World, context: &OpContext, list: &List, post: &str) {
    let expected = expected(world, Who::of(context), list);
    let (mut all, mut list) = (Vec::new(), list.clone());
    loop {
        let page = listed(centre, context, &list).await;
        let left = expected.len() - all.len();
        assert_eq!(page.records.len(), left.min(list.limit as usize), "{post}: {list:?}");
        all.extend(lines(&page));
        let last = page.records.last().map(|listed| listed.record.head.id.clone());
        let more = all.len() < expected.len();
        assert_eq!(page.next, last.filter(|_| more), "{post}: {list:?}");
        list.after = page.next;
        if list.after.is_none() {
            break;
        }
    }
    assert_eq!(all, expected, "{post}: pages of {list:?}");
}

/// A page begins after what the person reaches, and after nothing else: a hidden record is no cursor, like one that never was.
async fn cursors(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let absent = Id::from_text("absent");
    for record in world.cases().iter().map(|record| &record.head.id).chain([&absent]) {
        let list = List { after: Some(record.clone()), ..List::of(Kind::Case) };
        let page = centre.data.list(&again(context), &list).await;
        let reached =
            world.get(record).is_some_and(|record| world.reaches(Who::of(context), record));
        match page {
            Ok(page) => {
                let place = due(world.get(record).unwrap()).0;
                let mut after = expected(world, Who::of(context), &List::of(Kind::Case));
                after.retain(|(at, ..)| *at > (place, record.clone()));
                assert_eq!((reached, lines(&page)), (true, after), "{post}: after {record}");
            }
            Err(Error::Invalid(problems)) => {
                assert!(!reached && problems[0].found == "没有这一条记录", "{post}: {problems:?}");
            }
            Err(error) => panic!("{post}: {error}"),
        }
    }
}

/// What an export of a list would hold is what the list holds.
async fn export(centre: &Centre, world: &World, context: &OpContext, post: &str) {
    let who = Who::of(context);
    let list = List { state: Some("registered".into()), ..List::of(Kind::Case) };
    let ask = ExportAsk {
        list: list.clone(),
        columns: vec![Column::Title],
        format: Format::Csv,
        purpose: context.purpose.clone(),
        reason: "核对样例".into(),
    };
    let asks = who.handles() && !who.administers() && !who.is("access-approver");
    match centre.data.rehearse_export(&again(context), &ask).await {
        Ok(estimate) => {
            let rows = expected(world, who, &list).len() as u64;
            assert_eq!((asks, estimate.rows), (true, rows), "{post}: export");
        }
        Err(Error::Denied(text)) => assert!(!asks, "{post}: {text}"),
        Err(error) => panic!("{post}: {error}"),
    }
}
