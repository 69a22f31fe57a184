//! What the shipped policies allow of sealed records and of levels: as a grid that a reviewer can read.

#![expect(clippy::unwrap_used, reason = "what a test's own steps cannot do ends the test")]

use std::collections::BTreeSet;

use anshu_authz::Authority;
use anshu_model::context::{DutyPrincipal, OpContext, PackRef, Principal, Purpose};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::org::Person;
use anshu_model::{Error, Id};

const VERBS: [&str; 7] = [
    "seal",
    "agree-seal",
    "see-sealing",
    "read-sealed",
    "see-catalogue",
    "relabel",
    "agree-relabel",
];
const ROLES: [&str; 14] = [
    "clerk",
    "dispatcher",
    "supervisor",
    "coordinator",
    "handler",
    "importer",
    "administrator",
    "security",
    "auditor",
    "department-lead",
    "access-approver",
    "sealed-keeper",
    "privacy-officer",
    "grid-worker",
];

fn person(roles: &[&str]) -> Principal {
    Principal::Person(Box::new(Person {
        id: Id::from_text("p1"),
        name: "样例甲".into(),
        unit: Id::from_text("u1"),
        division: Division::parse("500103").unwrap(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        clearance: Level::L4,
        functions: BTreeSet::new(),
    }))
}

/// On the road: a ground, something that it serves, and no pack.
fn context(principal: Principal) -> OpContext {
    OpContext {
        id: Id::from_text("op"),
        principal,
        pack: None,
        purpose: Purpose {
            code: "judicial".into(),
            ground: "样例条款".into(),
            serves: Some(Id::from_text("ask")),
        },
        now: Instant(0),
    }
}

fn allowed(authority: &Authority, context: &OpContext, verb: &str) -> bool {
    match authority.allows(context, verb) {
        Ok(()) => true,
        Err(Error::Denied(_)) => false,
        Err(error) => unreachable!("{verb}: {error}"),
    }
}

#[test]
fn sealing_and_levels_as_a_grid() {
    let authority = Authority::shipped().unwrap();
    let mut grid = String::from("role → what it may\n");
    for role in ROLES {
        let context = context(person(&[role]));
        let may: Vec<_> =
            VERBS.into_iter().filter(|verb| allowed(&authority, &context, verb)).collect();
        grid.push_str(&format!("{role:16} → {}\n", may.join(" ")));
    }
    insta::assert_snapshot!(grid);
}

#[test]
fn nothing_beside_the_statutory_road_reads_what_is_sealed() {
    let authority = Authority::shipped().unwrap();
    let road = context(person(&["sealed-keeper"]));
    assert!(allowed(&authority, &road, "read-sealed"));
    let pack = PackRef { name: "sample".into(), version: "1.0.0".into(), digest: "d".into() };
    let mut beside = vec![
        OpContext { pack: Some(pack), ..road.clone() },
        OpContext {
            purpose: Purpose { ground: " ".into(), ..road.purpose.clone() },
            ..road.clone()
        },
        OpContext { purpose: Purpose { serves: None, ..road.purpose.clone() }, ..road.clone() },
        context(Principal::System { job: "any".into() }),
        context(Principal::Duty(DutyPrincipal {
            pack: "sample".into(),
            title: "样例职责".into(),
            unit: Id::from_text("u1"),
            division: Division::parse("500103").unwrap(),
            clearance: Level::L4,
        })),
    ];
    // Whoever holds one of the three administrators' keys holds none here, whatever else they hold.
    beside.extend(
        ["administrator", "security", "auditor"]
            .map(|role| context(person(&["sealed-keeper", role]))),
    );
    beside.extend(
        ROLES.iter().filter(|role| **role != "sealed-keeper").map(|role| context(person(&[role]))),
    );
    for context in &beside {
        assert!(!allowed(&authority, context, "read-sealed"), "{context:?}");
    }
}

#[test]
fn nobody_holds_both_keys() {
    let authority = Authority::shipped().unwrap();
    for one in ROLES {
        for other in ROLES {
            let context = context(person(&[one, other]));
            let both = |a: &str, b: &str| {
                allowed(&authority, &context, a) && allowed(&authority, &context, b)
            };
            assert!(!both("seal", "agree-seal"), "{one} {other}");
            assert!(!both("relabel", "agree-relabel"), "{one} {other}");
        }
    }
}
