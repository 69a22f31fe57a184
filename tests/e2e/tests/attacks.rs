//! The list of attacks (`tests/attacks.csv`) against the tests that there are: each attack is answered by a test that exists, or
//! says why no program can try it; and no test of an attack is missing from the list.

#![expect(clippy::expect_used, reason = "what fails here fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anshu_e2e::repository;

/// How many attacks the list has.
const ATTACKS: u32 = 66;

struct Attack {
    tests: BTreeSet<String>,
    remark: String,
}

fn listed() -> BTreeMap<u32, Attack> {
    let text = std::fs::read_to_string(repository().join("tests/attacks.csv")).expect("the list");
    let rows = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    rows.map(|line| {
        let mut cells = line.splitn(4, ',');
        let mut next = || cells.next().expect("four cells").trim().to_owned();
        let number = next().parse().expect("a number");
        let _attack = next();
        let tests = next().split(';').map(str::to_owned).filter(|name| !name.is_empty()).collect();
        (number, Attack { tests, remark: next() })
    })
    .collect()
}

/// The names of all functions in the sources of tests.
fn functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["host", "sdk", "tests", "plugins"] {
        gather(&repository().join(folder), &mut names);
    }
    names
}

fn gather(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if name != "target" && name != "node_modules" && name != "dist" {
                gather(&path, names);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            for line in text.lines() {
                let words = line.trim_start();
                // A test that is one body for both databases is a module of two.
                let rest =
                    ["async fn ", "fn ", "mod "].iter().find_map(|kind| words.strip_prefix(kind));
                // A test over both databases is the argument of a macro.
                let named = rest.or_else(|| words.starts_with("attack_").then_some(words));
                if let Some(rest) = named {
                    let name: String = rest
                        .chars()
                        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                        .collect();
                    names.insert(name);
                }
            }
        }
    }
}

#[test]
fn every_attack_has_its_test_or_its_reason() {
    let (attacks, functions) = (listed(), functions());
    let mut wrong = Vec::new();
    for number in 1..=ATTACKS {
        match attacks.get(&number) {
            None => wrong.push(format!("第 {number} 种攻击不在表中")),
            Some(attack) if attack.tests.is_empty() && !attack.remark.starts_with("manual") => {
                wrong.push(format!("第 {number} 种攻击没有测试"));
            }
            Some(attack) => {
                for test in attack.tests.difference(&functions) {
                    wrong.push(format!("第 {number} 种攻击：没有测试 {test}"));
                }
            }
        }
    }
    let known: BTreeSet<_> = attacks.values().flat_map(|attack| attack.tests.clone()).collect();
    for name in functions.iter().filter(|name| name.starts_with("attack_") && *name != "attack_on")
    {
        if !known.contains(name) {
            wrong.push(format!("测试 {name} 不在表中"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
