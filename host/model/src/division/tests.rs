use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn code(text: &str) -> Division {
    Division::parse(text).unwrap()
}

fn row(code: &str, name: &str, kind: &str, from: &str, to: &str, successors: &str) -> Row {
    Row {
        code: code.into(),
        name: name.into(),
        kind: kind.into(),
        valid_from: from.into(),
        valid_to: to.into(),
        successors: successors.into(),
    }
}

/// The merger of 2025 with a few neighbours.
fn register() -> Register {
    Register::from_rows([
        row("500000", "重庆市", "直辖市", "1997", "", ""),
        row("500103", "渝中区", "市辖区", "1997", "", ""),
        row("500105", "江北区", "市辖区", "1997", "2025-11-06", "500157"),
        row("500105001", "华新街街道", "街道", "", "", ""),
        row("500109", "北碚区", "市辖区", "1997", "", ""),
        row("500112", "渝北区", "市辖区", "1997", "2025-11-06", "500157;500109"),
        row("500157", "两江新区", "市辖区", "2025-11-06", "", ""),
        row("500157001", "华新街街道", "街道", "2025-11-06", "", ""),
        row("500191", "高新区", "开发区", "", "", ""),
    ])
    .unwrap()
}

#[test]
fn a_code_knows_its_level_its_parent_and_its_subtree() {
    let county = code("500103");
    assert_eq!(county.as_str(), "500103000000");
    assert_eq!(county.level(), Level::County);
    assert_eq!(county.parent(), Some(code("500000")), "no sum row between county and municipality");
    assert_eq!(county.subtree(), ("500103000000".into(), "500103999999".into()));
    assert_eq!(code("500000").subtree(), ("500000000000".into(), "509999999999".into()));
    let village = code("500103001002");
    assert_eq!(village.level(), Level::Village);
    assert_eq!(
        village.path(),
        [code("500000"), county.clone(), code("500103001"), village.clone()]
    );
    assert_eq!(village.at(Level::Town), Some(code("500103001")));
    assert_eq!(county.at(Level::Town), None);
    assert!(county.contains(&village) && county.contains(&county));
    assert!(!village.contains(&county));
    assert_eq!(
        code("510104").parent(),
        Some(code("510100")),
        "elsewhere the prefecture is a level"
    );
    assert_eq!(code("000000000000").level(), Level::All);
    assert!(code("000000").contains(&village));
}

#[test]
fn what_is_no_code_is_refused_with_what_would_be_right() {
    for wrong in [
        "",
        "5001",
        "50010",
        "50010a",
        "500103000001",
        "000103",
        "５００１０３",
        "500103001002003",
        "5001é3",
    ] {
        let Err(Error::Invalid(problems)) = Division::parse(wrong) else {
            panic!("{wrong} must be refused")
        };
        assert!(!problems[0].expected.is_empty());
    }
    assert!(serde_json::from_str::<Division>("\"12345\"").is_err());
    assert_eq!(serde_json::to_string(&code("500103")).unwrap(), "\"500103000000\"");
}

#[test]
fn retired_codes_are_resolved_on_a_date() {
    let register = register();
    let (before, after) = (date(2025, 6, 1), date(2026, 1, 1));
    let old = register.resolve(&code("500105"), before).unwrap();
    assert_eq!((old.divisions, old.retired), (vec![code("500105")], false));
    let new = register.resolve(&code("500105"), after).unwrap();
    assert_eq!((new.divisions, new.retired, new.widened), (vec![code("500157")], true, false));
    let split = register.resolve(&code("500112"), after).unwrap();
    assert_eq!(split.divisions, [code("500109"), code("500157")]);
    let town = register.resolve(&code("500105001"), after).unwrap();
    assert_eq!((town.divisions, town.retired, town.widened), (vec![code("500157")], true, true));
    let unlisted = register.resolve(&code("500103099"), after).unwrap();
    assert_eq!(
        (unlisted.divisions, unlisted.retired, unlisted.widened),
        (vec![code("500103")], false, true)
    );
    assert!(register.resolve(&code("500157"), before).is_err(), "not yet founded");
    assert!(register.resolve(&code("500999"), after).is_err());
    assert!(register.resolve(&code("510000"), after).is_err());
}

#[test]
fn a_scope_takes_in_what_was_merged_whole_but_not_what_was_split() {
    let register = register();
    let after = date(2026, 1, 1);
    assert_eq!(register.scope(&code("500157"), after), [code("500157"), code("500105")]);
    assert_eq!(register.scope(&code("500109"), after), [code("500109")]);
    assert_eq!(register.scope(&code("500157"), date(2025, 1, 1)), [code("500157")]);
    assert_eq!(
        register.scope(&code("500000"), after),
        [code("500000")],
        "retired codes already lie in the city"
    );
}

#[test]
fn zones_are_kept_but_are_no_divisions() {
    let register = register();
    let day = date(2026, 1, 1);
    let counties: Vec<_> =
        register.divisions(Level::County, day).map(|entry| entry.name.as_str()).collect();
    assert_eq!(counties, ["渝中区", "北碚区", "两江新区"]);
    assert_eq!(
        register.zones(day).map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
        ["高新区"]
    );
    assert_eq!(register.children(&code("500000"), day).count(), 4);
    assert_eq!(register.divisions(Level::County, date(2025, 1, 1)).count(), 4);
}

#[test]
fn a_bad_register_names_every_problem_by_row_and_column() {
    let Err(Error::Invalid(problems)) = Register::from_rows([
        row("5001", "甲", "县", "", "", ""),
        row("500101", "", "县", "昨天", "", ""),
        row("500102", "丙", "县", "2020", "2019", ""),
    ]) else {
        panic!("must be refused")
    };
    let places: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(places, ["第 1 行 code", "第 2 行 valid_from", "第 2 行 name", "第 3 行 valid_to"]);
    let twice =
        [row("500101", "甲", "县", "", "", ""), row("500101", "乙", "县", "", "", "500999")];
    let Err(Error::Invalid(problems)) = Register::from_rows(twice) else {
        panic!("must be refused")
    };
    assert_eq!(problems.len(), 2);
}

#[test]
fn a_ring_of_successors_ends() {
    let ring = Register::from_rows([
        row("500101", "甲", "县", "", "2020", "500102;500102"),
        row("500102", "乙", "县", "", "2020", "500101"),
    ])
    .unwrap();
    assert!(ring.resolve(&code("500101"), date(2026, 1, 1)).is_err());
}

#[test]
fn a_register_survives_serde() {
    let register = register();
    let text = serde_json::to_string(&register).unwrap();
    assert_eq!(serde_json::from_str::<Register>(&text).unwrap(), register);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text: String) {
        if let Ok(division) = Division::parse(&text) {
            prop_assert_eq!(division.as_str().len(), 12);
        }
    }

    #[test]
    fn the_subtree_is_exactly_what_is_contained(a in "50[01]0[0-2](000|[01]0[01])(000|00[12])", b in "50[01]0[0-2]([0-2])[0-9]{5}") {
        if let (Ok(a), Ok(b)) = (Division::parse(&a.chars().take(12).collect::<String>()), Division::parse(&b.chars().take(12).collect::<String>())) {
            let (low, high) = a.subtree();
            prop_assert_eq!(a.contains(&b), *low <= *b.as_str() && *b.as_str() <= *high);
        }
    }

    #[test]
    fn every_parent_contains_its_child(text in "[1-6][0-9]{5}([0-9]{3}){0,2}") {
        if let Ok(division) = Division::parse(&text) {
            for above in division.path() {
                prop_assert!(above.contains(&division));
                prop_assert!(above.level() <= division.level());
            }
        }
    }
}
