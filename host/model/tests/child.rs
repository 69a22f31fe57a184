//! Who counts as under 14, on which day: around birthdays, on 29 February, and at midnight of the centre's day.

#![expect(clippy::unwrap_used, reason = "what a test's own steps cannot do ends the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::Id;
use anshu_model::division::Division;
use anshu_model::entity::{Entity, EntityKind, Facet, Identifier};
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level, Mask, Tag};
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::schema::{Schema, Schemas};
use anshu_model::scope::{Levels, Names, Rows, Scope, Showing};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::json;

/// A number with a right checksum for a birth date.
fn resident_id(birth: Date) -> String {
    let body = format!("999999{:04}{:02}{:02}001", birth.year(), birth.month(), birth.day());
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        body.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    let check = (12 - sum % 11) % 11;
    format!("{body}{}", if check == 10 { "X".to_owned() } else { check.to_string() })
}

fn person(numbers: &[&str], facets: BTreeMap<String, Facet>) -> Entity {
    let number =
        |value: &&str| Identifier { scheme: "resident-id".into(), value: (*value).to_owned() };
    Entity {
        kind: EntityKind::Person,
        name: "样例丙".into(),
        identifiers: numbers.iter().map(number).collect(),
        facets,
    }
}

fn born(birth: Date) -> Entity {
    person(&[resident_id(birth).as_str()], BTreeMap::new())
}

/// The first moment of a day in the centre's zone, eight hours before midnight UTC.
fn midnight(day: Date) -> Instant {
    let utc = jiff::tz::Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap();
    Instant(utc.as_millisecond() - 8 * 3_600_000)
}

fn is_child(entity: &Entity, at: Instant) -> bool {
    Schemas::default().is_child(entity, at)
}

fn scope(event_at: Option<Instant>) -> Scope {
    Scope {
        rows: Rows { subtree: None, units: BTreeSet::new(), narrow: None },
        clear: Some(Level::L3),
        masked: Some(Level::L3),
        write: Some(Level::L3),
        collect: None,
        on: BTreeMap::new(),
        event_at,
        purpose: "handle".into(),
        hidden_tags: BTreeSet::new(),
        facets_read: Names::All,
        facets_write: Names::All,
        types_read: Names::All,
        types_write: Names::All,
        until: Instant(0),
        policy: String::new(),
    }
}

fn record(entity: Entity, made: Instant) -> Record {
    let head = Head {
        id: Id::from_text("child"),
        kind: Kind::Entity,
        type_name: "person".into(),
        division: Division::parse("500103").unwrap(),
        unit: Id::from_text("unit"),
        joint: BTreeSet::new(),
        version: 1,
        created_at: made,
        pack: None,
    };
    Record { head, body: Body::Entity(entity) }
}

#[test]
fn the_fourteenth_birthday_begins_at_the_centres_midnight() {
    let entity = born(date(2012, 6, 15));
    let birthday = midnight(date(2026, 6, 15));
    assert!(is_child(&entity, Instant(birthday.milliseconds() - 1)));
    assert!(!is_child(&entity, birthday));
    // At that moment it is still the day before in UTC: the offset decides.
    assert!(is_child(&entity, Instant(birthday.milliseconds() - 1000)));
}

#[test]
fn a_birthday_on_the_29th_of_february_is_completed_on_the_1st_of_march_of_a_common_year() {
    let entity = born(date(2012, 2, 29));
    assert!(is_child(&entity, midnight(date(2026, 2, 28))));
    assert!(!is_child(&entity, midnight(date(2026, 3, 1))));
}

#[test]
fn of_two_readings_the_younger_one_holds_and_others_than_persons_are_no_children() {
    let (old, young) = (resident_id(date(1990, 1, 1)), resident_id(date(2020, 1, 1)));
    let now = midnight(date(2026, 11, 27));
    assert!(is_child(&person(&[&old, &young], BTreeMap::new()), now));
    assert!(!is_child(&person(&[&old], BTreeMap::new()), now));
    assert!(!is_child(&person(&[], BTreeMap::new()), now), "nobody knows: the labels decide");
    let mut place = person(&[&young], BTreeMap::new());
    place.kind = EntityKind::Place;
    assert!(!is_child(&place, now));
}

#[test]
fn a_birth_date_is_read_where_the_schema_says_that_it_is_one() {
    let attribute = |role: Option<&str>| {
        let mut label = json!({ "level": "L4", "tags": ["personal"], "purpose": "p", "ground": "g", "retention": "P1Y" });
        if let Some(role) = role {
            label["role"] = json!(role);
        }
        json!({ "type": "object", "additionalProperties": false,
            "properties": { "day": { "type": "string", "format": "date", "x-anshu": label } } })
    };
    let now = midnight(date(2026, 11, 27));
    for (role, child) in [(Some("birth-date"), true), (None, false)] {
        let schema = Arc::new(Schema::parse("样例.表", &attribute(role)).unwrap());
        let mut schemas = Schemas::default();
        schemas.insert(schema.clone());
        let facet =
            Facet { schema: schema.digest().to_owned(), data: json!({ "day": "2015-01-01" }) };
        let entity = person(&[], BTreeMap::from([("样例.表".to_owned(), facet)]));
        assert_eq!(schemas.is_child(&entity, now), child);
    }
    assert!(Schema::parse("样例.表", &attribute(Some("age"))).is_err());
}

#[test]
fn all_personal_data_of_a_child_is_hidden_from_who_reads_ordinary_personal_data() {
    let event = midnight(date(2026, 11, 27));
    let child = born(date(2013, 11, 28));
    let mut shown = record(child.clone(), event);
    Schemas::default().show(&mut shown, &scope(None));
    let text = serde_json::to_string(&shown).unwrap();
    assert!(!text.contains("样例丙") && !text.contains("20131128"), "{text}");
    // Made when the person was a child, looked at years later without a case: still a child's record.
    let schemas = Schemas::default();
    let made = record(child.clone(), event);
    let name = Label::personal(Level::L3, Mask::Name);
    assert_eq!(schemas.sight(&made, &scope(None)).showing(&name), Showing::Hidden);
    // The event of the case that is served was after the birthday.
    let grown = midnight(date(2027, 11, 28));
    assert_eq!(schemas.sight(&made, &scope(Some(grown))).showing(&name), Showing::Clear);
    // What is public about it stays so.
    let public = Label::of(Level::L1);
    assert_eq!(schemas.sight(&made, &scope(None)).showing(&public), Showing::Clear);
    // Opened for this record, it is shown.
    let mut opened = scope(None);
    let levels = Levels { clear: Some(Level::L4), masked: Some(Level::L4), write: None };
    opened.on.insert(made.head.id.clone(), levels);
    assert_eq!(schemas.sight(&made, &opened).showing(&name), Showing::Clear);
}

#[test]
fn what_is_bound_to_a_purpose_is_read_for_no_other() {
    let label =
        Label { bound: Some("anti-fraud".into()), ..Label::personal(Level::L3, Mask::Phone) };
    assert_eq!(scope(None).showing(&label), Showing::Hidden);
    assert!(!scope(None).making().writes(&label));
    let bound = Scope { purpose: "anti-fraud".into(), ..scope(None) };
    assert_eq!(bound.showing(&label), Showing::Clear);
    assert!(bound.making().writes(&label));
    // However it was opened.
    let id = Id::from_text("r");
    let mut opened = scope(None);
    let levels = Levels { clear: Some(Level::Important), ..Levels::default() };
    opened.on.insert(id.clone(), levels);
    assert_eq!(opened.on(&id).showing(&label), Showing::Hidden);
    let set = Label::of(Level::L1).join(&label);
    assert_eq!(set.bound.as_deref(), Some("anti-fraud"), "a set that holds it is bound too");
    let unpurposed = json!({ "type": "object", "additionalProperties": false,
        "properties": { "a": { "type": "string", "x-anshu": { "level": "L1", "bound": true } } } });
    assert!(Schema::parse("样例.表", &unpurposed).is_err());
}

fn level() -> impl Strategy<Value = Option<Level>> {
    let known = [Level::L1, Level::L2, Level::L3, Level::L4, Level::Important];
    prop_oneof![Just(None), proptest::sample::select(known.to_vec()).prop_map(Some)]
}

fn levels() -> impl Strategy<Value = Levels> {
    (level(), level(), level()).prop_map(|(clear, masked, write)| Levels { clear, masked, write })
}

/// What somebody else may do for a child ends on the birthday, at the centre's midnight, as [`is_child`] counts it; of birth dates
/// that disagree the earlier holds, and without one nobody knows.
#[test]
fn a_child_comes_of_an_age_at_midnight_of_the_earliest_birthday() {
    let offset = anshu_model::instant::Offset::default();
    let comes = |entity: &Entity| Schemas::default().comes_of(entity, 14, offset);
    for (birth, day) in [
        (date(2013, 11, 20), date(2027, 11, 20)),
        // No such day in 2026: the child stays one until the day is over.
        (date(2012, 2, 29), date(2026, 3, 1)),
        (date(2016, 2, 29), date(2030, 3, 1)),
    ] {
        let child = born(birth);
        let end = comes(&child).unwrap();
        assert_eq!(end, midnight(day));
        assert!(is_child(&child, end.plus(-1)) && !is_child(&child, end), "{birth}");
    }
    let both = [resident_id(date(2014, 1, 2)), resident_id(date(2013, 1, 2))];
    let disputed = person(&both.each_ref().map(String::as_str), BTreeMap::new());
    assert_eq!(comes(&disputed), Some(midnight(date(2027, 1, 2))));
    assert_eq!(comes(&person(&[], BTreeMap::new())), None);
}

proptest! {
    /// Somebody is a child on each day before the one on which the fourteenth year is completed, and on none after.
    #[test]
    fn a_child_grows_up_once(days in 0_i32..20_000, age in 0_i64..9_000) {
        let birth = date(1975, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let day = birth.checked_add(jiff::Span::new().days(age)).unwrap();
        let entity = born(birth);
        let completed = i32::from(day.year() - birth.year())
            - i32::from((day.month(), day.day()) < (birth.month(), birth.day()));
        for hour in [0, 7, 8, 12, 23] {
            let at = Instant(midnight(day).milliseconds() + hour * 3_600_000);
            prop_assert_eq!(is_child(&entity, at), completed < 14, "{} on {}", birth, day);
        }
    }

    /// A child's label is never lower, and what weighs more is never shown better.
    #[test]
    fn a_childs_data_is_never_shown_better(clear in level(), masked in level(), of in level(), personal: bool) {
        let Some(of) = of else { return Ok(()) };
        let mut label = Label::of(of);
        if personal { label.tags.insert(Tag::Personal); }
        let mut scope = scope(None);
        scope.clear = clear;
        scope.masked = masked.max(clear);
        prop_assert!(label.of_child().weight() >= label.weight());
        let (child, other) = (scope.at_large().of_child(true), scope.at_large());
        prop_assert!(child.showing(&label) <= other.showing(&label));
        prop_assert!(!child.writes(&label) || other.writes(&label));
    }

    /// What a pack shows to a person is never more than the person sees without it, on any record; and nothing is written.
    #[test]
    fn what_is_shown_is_never_more_than_is_seen(
        pack in levels(), own in levels(), on in levels(), of in level(), minor: bool,
    ) {
        let Some(of) = of else { return Ok(()) };
        let mut label = Label::of(of);
        if minor { label.tags.insert(Tag::Minor); }
        let with = |levels: Levels| Scope {
            clear: levels.clear, masked: levels.masked, write: levels.write, ..scope(None)
        };
        let id = Id::from_text("r");
        let mut eyes = with(own);
        eyes.on.insert(id.clone(), on);
        let through = with(pack);
        let shown = through.clone().shown_to(&eyes);
        for record in [id, Id::from_text("other")] {
            let seen = shown.on(&record).showing(&label);
            prop_assert!(seen <= eyes.on(&record).showing(&label).max(Showing::Hidden));
            prop_assert!(seen <= through.on(&record).showing(&label));
            prop_assert!(!shown.on(&record).writes(&label) && !shown.making().writes(&label));
        }
    }
}
