use jiff::civil::date;
use proptest::prelude::*;

use super::*;

/// New Year and Spring Festival 2026 as the State Council announced them.
pub(crate) const HOLIDAYS_2026: &str = r#"{
  "year": 2026,
  "papers": ["https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm"],
  "days": [
    {"name": "元旦", "date": "2026-01-01", "isOffDay": true},
    {"name": "元旦", "date": "2026-01-02", "isOffDay": true},
    {"name": "元旦", "date": "2026-01-03", "isOffDay": true},
    {"name": "元旦", "date": "2026-01-04", "isOffDay": false},
    {"name": "春节", "date": "2026-02-14", "isOffDay": false},
    {"name": "春节", "date": "2026-02-15", "isOffDay": true},
    {"name": "春节", "date": "2026-02-16", "isOffDay": true},
    {"name": "春节", "date": "2026-02-17", "isOffDay": true},
    {"name": "春节", "date": "2026-02-18", "isOffDay": true},
    {"name": "春节", "date": "2026-02-19", "isOffDay": true},
    {"name": "春节", "date": "2026-02-20", "isOffDay": true},
    {"name": "春节", "date": "2026-02-21", "isOffDay": true},
    {"name": "春节", "date": "2026-02-22", "isOffDay": true},
    {"name": "春节", "date": "2026-02-23", "isOffDay": true},
    {"name": "春节", "date": "2026-02-28", "isOffDay": false}
  ]
}"#;

/// A calendar that knows 2026 alone.
pub(crate) fn calendar_2026() -> Calendar {
    let mut calendar = Calendar::new(Offset::default());
    calendar.import(HOLIDAYS_2026, Instant(0)).unwrap();
    calendar
}

#[test]
fn make_up_days_are_worked_and_holidays_are_not() {
    let calendar = calendar_2026();
    let worked = |month, day| calendar.is_working_day(date(2026, month, day)).unwrap();
    assert!(worked(2, 13));
    assert!(worked(2, 14), "a Saturday that is worked (调休)");
    assert!(!worked(2, 16), "a Monday in the Spring Festival");
    assert!(!worked(2, 23));
    assert!(worked(2, 24));
    assert!(worked(2, 28), "a Saturday that is worked (调休)");
    assert!(!worked(3, 1), "an ordinary Sunday");
}

#[test]
fn a_year_that_is_not_announced_is_an_error_or_a_marked_estimate() {
    let mut calendar = calendar_2026();
    let empty = r#"{"year": 2027, "papers": [], "days": []}"#;
    assert_eq!(calendar.import(empty, Instant(1)).unwrap(), Imported::NotAnnounced { year: 2027 });
    let unknown = calendar.is_working_day(date(2027, 1, 4)).unwrap_err();
    assert!(unknown.to_string().contains("2027 年的节假日安排尚未公布"));
    assert!(matches!(Error::from(unknown), Error::Unavailable(_)));
    assert!(calendar.day(date(2027, 1, 4)).is_err());

    let estimating = calendar.estimating();
    assert_eq!(
        estimating.day(date(2027, 1, 4)).unwrap(),
        Day { working: true, estimated: true, holiday: None }
    );
    assert!(!estimating.day(date(2027, 1, 3)).unwrap().working);
    assert!(
        !estimating.day(date(2026, 2, 16)).unwrap().estimated,
        "what is announced is never an estimate"
    );
    assert!(
        estimating.is_working_day(date(2027, 1, 4)).is_err(),
        "the strict question stays strict"
    );
}

#[test]
fn an_empty_file_does_not_take_back_what_was_announced() {
    let mut calendar = calendar_2026();
    let before = calendar.clone();
    calendar.import(r#"{"year": 2026, "days": []}"#, Instant(1)).unwrap();
    assert_eq!(calendar, before);
}

#[test]
fn a_december_day_in_the_next_years_announcement_counts() {
    let mut calendar = calendar_2026();
    assert!(calendar.is_working_day(date(2026, 12, 31)).unwrap());
    let next =
        r#"{"year": 2027, "days": [{"name": "元旦", "date": "2026-12-31", "isOffDay": true}]}"#;
    calendar.import(next, Instant(1)).unwrap();
    assert!(!calendar.is_working_day(date(2026, 12, 31)).unwrap());
}

#[test]
fn bad_files_name_every_problem_and_change_nothing() {
    let mut calendar = calendar_2026();
    let before = calendar.clone();
    let bad = r#"{"year": 2027, "days": [
        {"name": "甲", "date": "2027-02-30", "isOffDay": true},
        {"name": "乙", "date": "2025-05-01", "isOffDay": true},
        {"name": "丙", "date": "2027-05-01", "isOffDay": true},
        {"name": "丙", "date": "2027-05-01", "isOffDay": false}]}"#;
    let Err(Error::Invalid(problems)) = calendar.import(bad, Instant(1)) else {
        panic!("must be refused")
    };
    assert_eq!(
        problems.iter().map(|p| p.at.as_str()).collect::<Vec<_>>(),
        ["/days/0/date", "/days/1/date", "/days/3/date"]
    );
    for text in ["", "[]", "{\"days\": []}", "{\"year\": 20260, \"days\": []}", "{\"year\": 99999}"]
    {
        assert!(calendar.import(text, Instant(1)).is_err(), "{text}");
    }
    assert_eq!(calendar, before);
}

#[test]
fn the_version_follows_the_days_alone_and_survives_serde() {
    let calendar = calendar_2026();
    let mut later = Calendar::new(Offset::default());
    later.import(HOLIDAYS_2026, Instant(99)).unwrap();
    assert_eq!(calendar.version(), later.version());
    assert_eq!(calendar.version(), calendar.estimating().version());
    assert_ne!(calendar.version(), Calendar::default().version());
    let text = serde_json::to_string(&calendar).unwrap();
    assert!(text.contains("\"2026-02-14\":\"春节\""), "{text}");
    assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text: String) {
        let _ = Calendar::default().import(&text, Instant(0));
    }
}
