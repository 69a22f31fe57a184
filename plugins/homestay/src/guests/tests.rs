//! The party's rules, without a host.

use super::*;
use crate::regime::Regime;

/// A synthetic resident number: area 999999 does not exist.
fn resident(birth: &str, order: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("999999{birth}{order}");
    let sum: u32 =
        body.chars().zip(WEIGHTS).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    format!("{body}{}", "10X98765432".chars().nth((sum % 11) as usize).unwrap())
}

fn guest(birth: &str) -> GuestEntry {
    GuestEntry {
        name: "样例甲".into(),
        document: Document::ResidentId,
        document_number: resident(birth, "001"),
        verification: Verification::Manual,
        nationality: None,
        birth_date: None,
        phone: None,
        relation: None,
        guardian_name: None,
        guardian_phone: None,
        guardian_contact: None,
    }
}

fn child(birth: &str) -> GuestEntry {
    GuestEntry {
        guardian_name: Some("样例乙".into()),
        guardian_phone: Some("13900000000".into()),
        guardian_contact: Some(GuardianContact::Confirmed),
        ..guest(birth)
    }
}

fn day() -> Date {
    "2026-03-01".parse().unwrap()
}

fn at(guests: &[GuestEntry]) -> Vec<String> {
    match check(guests, Regime::Filed.duties(), day()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.at).collect(),
    }
}

#[test]
fn a_17_year_old_alone_is_not_barred() {
    let guests = [child("20080302")];
    let checked = check(&guests, Regime::Filed.duties(), day()).unwrap();
    assert_eq!(checked.members[0].1.age, 17);
    assert!(checked.unaccompanied());
    assert!(!checked.under_16_alone());
    assert!(checked.guardians_know());
}

#[test]
fn age_is_taken_on_the_day_of_check_in() {
    let guests = [guest("20080301")];
    let checked = check(&guests, Regime::Filed.duties(), day()).unwrap();
    assert_eq!(checked.members[0].1.age, 18, "the birthday itself completes the year");
    assert!(!checked.unaccompanied());
    let guests = [child("20100302")];
    assert!(check(&guests, Regime::Filed.duties(), day()).unwrap().under_16_alone());
    let guests = [child("20100301")];
    assert!(!check(&guests, Regime::Filed.duties(), day()).unwrap().under_16_alone());
}

#[test]
fn the_guardian_is_asked_and_recorded() {
    let silent = GuestEntry { guardian_phone: None, ..child("20110101") };
    assert_eq!(at(&[silent]), ["/guests/0/guardian_phone"]);
    let unasked = GuestEntry { guardian_contact: None, ..child("20110101") };
    assert_eq!(at(&[unasked]), ["/guests/0/guardian_contact"]);
}

#[test]
fn a_child_who_knows_no_number_is_not_turned_away() {
    let lost = GuestEntry {
        guardian_name: None,
        guardian_phone: None,
        guardian_contact: Some(GuardianContact::Unknown),
        ..child("20110101")
    };
    let guests = [lost];
    assert!(!check(&guests, Regime::Filed.duties(), day()).unwrap().guardians_know());
}

#[test]
fn a_parent_in_the_party_is_the_contact_and_the_relation_is_recorded() {
    let with_parent = GuestEntry {
        relation: Some(Relation::Parent),
        document_number: resident("20110101", "002"),
        ..guest("20110101")
    };
    let guests = [guest("19850101"), with_parent.clone()];
    let checked = check(&guests, Regime::Filed.duties(), day()).unwrap();
    assert!(checked.guardians_know() && !checked.unaccompanied());
    let unsaid = GuestEntry { relation: None, ..with_parent.clone() };
    assert!(at(&[guest("19850101"), unsaid]).contains(&"/guests/1/relation".to_owned()));
    // Two minors cannot be each other's parent.
    assert!(
        at(&[child("20090101"), with_parent]).contains(&"/guests/1/guardian_contact".to_owned())
    );
}

#[test]
fn a_guest_is_registered_once_however_the_number_is_spelt() {
    let first = guest("19850101");
    let spelt = first.document_number.chars().map(|c| format!("{c} ")).collect::<String>();
    assert_eq!(
        at(&[first.clone(), GuestEntry { document_number: spelt, ..first }]),
        ["/guests/1/document_number"]
    );
}

#[test]
fn wrong_numbers_and_future_births_are_told_at_once_and_in_their_places() {
    let right = resident("19850101", "001");
    let check = if right.ends_with('0') { '1' } else { '0' };
    let digits: String = right.chars().take(17).collect();
    let wrong = GuestEntry { document_number: format!("{digits}{check}"), ..guest("19850101") };
    let unborn = guest("20270101");
    let foreign = GuestEntry {
        document: Document::Passport,
        document_number: "TEST12345".into(),
        nationality: Some("FRA".into()),
        birth_date: Some("2026-03-02".parse().unwrap()),
        ..guest("19850101")
    };
    let blank = GuestEntry { birth_date: None, nationality: None, ..foreign.clone() };
    assert_eq!(
        at(&[wrong, unborn, foreign, blank]),
        [
            "/guests/0/document_number",
            "/guests/1/document_number",
            "/guests/2/birth_date",
            "/guests/3/nationality",
            "/guests/3/birth_date"
        ]
    );
}

#[test]
fn whoever_is_not_identified_is_not_lodged() {
    for verification in [Verification::NotVerified, Verification::Refused] {
        assert_eq!(
            at(&[GuestEntry { verification, ..guest("19850101") }]),
            ["/guests/0/verification"]
        );
    }
    assert!(
        at(&[GuestEntry { verification: Verification::Police, ..guest("19850101") }]).is_empty()
    );
}
