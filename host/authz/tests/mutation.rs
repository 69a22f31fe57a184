//! Mutation of the shipped policies: each one is taken out, and each is turned into its opposite. Something that a reviewer or a
//! test looks at must change every time, or nobody would notice a policy that is not there.

#![expect(clippy::unwrap_used, reason = "what a test's own steps cannot do ends the test")]

use std::collections::BTreeSet;

use anshu_authz::{Authority, Facts, Opened, Serving};
use anshu_model::Id;
use anshu_model::capability::{Capabilities, Grant};
use anshu_model::context::{DutyPrincipal, OpContext, PackRef, Principal, Purpose};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::org::Person;

/// The files whose policies speak of data, rows, openings and what is done to the centre.
const FILES: [&str; 4] = ["rows.cedar", "classes.cedar", "opening.cedar", "verbs.cedar"];
const LEVELS: [Level; 3] = [Level::L2, Level::L4, Level::Important];

/// The policies of a file, each with what stands before it.
fn policies(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut policy = String::new();
    for line in text.lines() {
        policy.push_str(line);
        policy.push('\n');
        if line.trim_end().ends_with(';') && !line.trim_start().starts_with("//") {
            found.push(std::mem::take(&mut policy));
        }
    }
    found
}

/// The other way round.
fn flipped(policy: &str) -> String {
    if policy.contains("\nforbid (") {
        policy.replacen("\nforbid (", "\npermit (", 1)
    } else {
        policy.replacen("\npermit (", "\nforbid (", 1)
    }
}

/// Every text between quotes that could be a role.
fn roles(files: &[(&str, String)]) -> BTreeSet<String> {
    let mut roles = BTreeSet::from(["nobody".to_owned()]);
    for (_, text) in files {
        for list in text.split("containsAny([").skip(1).chain(text.split("contains(").skip(1)) {
            let list = list.split([']', ')']).next().unwrap();
            roles.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    roles
}

fn verbs() -> Vec<String> {
    let actions = Authority::schema().lines().filter(|line| line.starts_with("action "));
    let names = actions.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned));
    let of_data =
        ["read", "glimpse", "write", "collect", "see-subtree", "see-unit", "see-narrowly"];
    names.filter(|name| !of_data.contains(&name.as_str())).collect()
}

fn principals(roles: &BTreeSet<String>) -> Vec<Principal> {
    let person = |roles: BTreeSet<String>, clearance| {
        Principal::Person(Box::new(Person {
            id: Id::from_text("p"),
            name: "样例甲".into(),
            unit: Id::from_text("u"),
            division: Division::parse("500103").unwrap(),
            roles,
            clearance,
            functions: BTreeSet::new(),
        }))
    };
    let mut all = vec![Principal::System { job: "sample".into() }];
    for clearance in LEVELS {
        all.push(Principal::Duty(DutyPrincipal {
            pack: "sample".into(),
            title: "样例职责".into(),
            unit: Id::from_text("u"),
            division: Division::parse("500103").unwrap(),
            clearance,
        }));
    }
    for role in roles {
        for level in [Level::L2, Level::Important] {
            all.push(person(BTreeSet::from([role.clone()]), level));
        }
        for other in ["administrator", "auditor", "grid-worker"] {
            let both = BTreeSet::from([role.clone(), other.to_owned()]);
            all.push(person(both, Level::Important));
        }
    }
    all
}

/// All that a policy set says, in one text.
fn grid(authority: &Authority, principals: &[Principal], verbs: &[String]) -> String {
    let records = BTreeSet::from([Id::from_text("case")]);
    let served = Some(Serving { records: records.clone(), event_at: None, protected: false });
    let opened = |approved| vec![Opened { records: records.clone(), approved, protected: false }];
    let facts = [
        Facts::default(),
        Facts { served: served.clone(), ..Facts::default() },
        Facts { served: served.clone(), opened: opened(false), ..Facts::default() },
        Facts { served: served.clone(), opened: opened(true), ..Facts::default() },
        Facts { served, emergency: true, ..Facts::default() },
    ];
    let grant = |ceiling| Grant {
        pack: "sample".into(),
        allows: Capabilities {
            imports: BTreeSet::new(),
            reads: BTreeSet::new(),
            writes: BTreeSet::new(),
            publishes: BTreeSet::new(),
            hears: BTreeSet::new(),
            ceiling,
        },
        duty_division: Division::parse("500103").unwrap(),
        duty_unit: Id::from_text("u"),
        purposes: BTreeSet::from(["work".to_owned()]),
        approved_by: Id::from_text("a"),
        approved_at: Instant(0),
    };
    let mut grid = String::new();
    for principal in principals {
        let context = |pack: bool| OpContext {
            id: Id::from_text("op"),
            principal: principal.clone(),
            pack: pack.then(|| PackRef {
                name: "sample".into(),
                version: "0.1.0".into(),
                digest: "d".into(),
            }),
            purpose: Purpose {
                code: "work".into(),
                ground: "样例条例 第1条".into(),
                serves: Some(Id::from_text("case")),
            },
            now: Instant(0),
        };
        for facts in &facts {
            let scope = authority.scope_with(&context(false), None, facts).map(|scope| {
                let on = scope.on(&Id::from_text("case")).levels();
                format!("{:?} {:?} {:?} {on:?}", scope.rows, scope.levels(), scope.collect)
            });
            grid.push_str(&format!("{scope:?}\n"));
        }
        for ceiling in [Level::L3, Level::Important] {
            let scope = authority.scope(&context(true), Some(&grant(ceiling)));
            let scope = scope.map(|scope| format!("{:?} {:?}", scope.levels(), scope.collect));
            grid.push_str(&format!("{scope:?}\n"));
        }
        for pack in [false, true] {
            let may = verbs.iter().map(|verb| authority.allows(&context(pack), verb).is_ok());
            grid.extend(may.map(|may| if may { '1' } else { '0' }));
        }
        grid.push('\n');
    }
    grid
}

#[test]
fn whichever_policy_is_deleted_or_turned_round_is_noticed() {
    let files: Vec<(&str, String)> =
        Authority::shipped_files().iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    let (principals, verbs) = (principals(&roles(&files)), verbs());
    let of = |files: &[(&str, String)]| {
        let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        Authority::new(Authority::schema(), &files).map(|set| grid(&set, &principals, &verbs))
    };
    let shipped = of(&files).unwrap();
    let (mut unnoticed, mut mutants) = (Vec::new(), 0);
    for (at, (name, text)) in files.iter().enumerate() {
        if !FILES.contains(name) {
            continue;
        }
        for policy in policies(text) {
            for (how, other) in [("deleted", String::new()), ("turned round", flipped(&policy))] {
                let mut mutant = files.clone();
                mutant[at].1 = text.replacen(&policy, &other, 1);
                assert_ne!(&mutant[at].1, text, "{policy}");
                mutants += 1;
                if of(&mutant).unwrap() == shipped {
                    let id = policy.split('"').nth(1).unwrap_or_default().to_owned();
                    unnoticed.push(format!("{name}/{id} {how}"));
                }
            }
        }
    }
    assert!(mutants > 60, "{mutants} mutants");
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}
