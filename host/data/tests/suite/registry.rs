//! The registry of data items, `host/data/labels.csv`: every column of the database and every field of a record in the contract
//! has a row that says its level and what may be done with it at each stage (regulation art. 44). A column or field that is added
//! without one fails here.
//!
//! `labelled` stands where each attribute inside has a label of its own, by the schema that a pack declared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sqlx::Connection as _;

use crate::centre::Centre;

const COLUMNS: &str = "where,entity,path,level,tags,store,use,provide,publish,retention,source";
const LEVELS: [&str; 6] = ["L1", "L2", "L3", "L4", "Important", "labelled"];
const TAGS: [&str; 9] = [
    "personal",
    "sensitive",
    "under14",
    "minor",
    "health",
    "location",
    "finance",
    "sealed",
    "informant",
];

/// Where something is kept, by (`db` or `wit`, entity, path), with the other columns of its row.
fn rows() -> BTreeMap<(String, String, String), Vec<String>> {
    let text = include_str!("../../labels.csv");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(COLUMNS));
    let mut rows = BTreeMap::new();
    for line in lines {
        let cells = cells(line);
        let [place, entity, path, rest @ ..] = &cells[..] else { panic!("{line}") };
        assert_eq!(rest.len(), 8, "{line}");
        let key = (place.clone(), entity.clone(), path.clone());
        assert!(rows.insert(key, rest.to_vec()).is_none(), "twice: {line}");
    }
    rows
}

/// The cells of a line; one with a comma stands in quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}

#[tokio::test]
async fn every_column_has_a_row_in_the_registry() {
    let centre = Centre::sqlite().await;
    centre.data.close().await;
    let mut database = sqlx::SqliteConnection::connect(&centre.url).await.unwrap();
    let found: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' \
         AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY 1, 2",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    let there: BTreeSet<_> = found.into_iter().collect();
    let known: BTreeSet<_> = rows()
        .into_keys()
        .filter(|(place, ..)| place == "db")
        .map(|(_, table, column)| (table, column))
        .collect();
    let missing: Vec<_> = there.difference(&known).collect();
    assert!(missing.is_empty(), "without a row in host/data/labels.csv: {missing:#?}");
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(gone.is_empty(), "in host/data/labels.csv, and in no table: {gone:#?}");
}

/// The newest contract's folder.
fn contract() -> PathBuf {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let folders = std::fs::read_dir(wit).unwrap().flatten().map(|entry| entry.path());
    let versions = folders.filter(|path| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with(|first: char| first.is_ascii_digit())
    });
    versions.max().unwrap()
}

/// The fields of the records of an interface text, as (interface.record, field).
fn fields(text: &str) -> BTreeSet<(String, String)> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = BTreeSet::new();
    let (mut interface, mut rest) = (String::new(), code.as_str());
    while let Some(at) = rest.find(['{']) {
        let words: Vec<_> =
            rest[..at].split([';', '}']).next_back().unwrap().split_whitespace().collect();
        rest = &rest[at + 1..];
        match words[..] {
            ["interface", name] => interface = name.to_owned(),
            ["record", name] => {
                let end = rest.find('}').unwrap();
                for field in rest[..end].split(',').filter_map(|field| field.split_once(':')) {
                    let field = field.0.trim().trim_start_matches('%').to_owned();
                    found.insert((format!("{interface}.{}", name.trim_start_matches('%')), field));
                }
                rest = &rest[end..];
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_field_of_the_contract_has_a_row_in_the_registry() {
    let mut there = BTreeSet::new();
    for entry in std::fs::read_dir(contract()).unwrap().flatten() {
        there.extend(fields(&std::fs::read_to_string(entry.path()).unwrap()));
    }
    assert!(there.len() > 40, "{there:?}");
    let known: BTreeSet<_> = rows()
        .into_keys()
        .filter(|(place, ..)| place == "wit")
        .map(|(_, record, field)| (record, field))
        .collect();
    let missing: Vec<_> = there.difference(&known).collect();
    assert!(missing.is_empty(), "without a row in host/data/labels.csv: {missing:#?}");
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(
        gone.is_empty(),
        "in host/data/labels.csv, and in no record of the contract: {gone:#?}"
    );
}

#[test]
fn every_row_says_what_may_be_done_at_each_stage() {
    for (key, cells) in rows() {
        let [level, tags, store, used, provide, publish, retention, source] = &cells[..] else {
            panic!("{key:?}")
        };
        assert!(LEVELS.contains(&level.as_str()), "{key:?}: {level}");
        assert!(tags.split_whitespace().all(|tag| TAGS.contains(&tag)), "{key:?}: {tags}");
        for said in [store, used, provide, publish, retention, source] {
            assert!(!said.trim().is_empty(), "{key:?} is silent about a stage");
        }
        // What is sealed and who told is provided to nobody, and nothing personal is published as it is.
        if tags.contains("sealed") || tags.contains("informant") {
            assert_eq!((level.as_str(), provide.as_str()), ("L4", "never"), "{key:?}");
        }
        if !tags.is_empty() || matches!(level.as_str(), "L3" | "L4" | "labelled") {
            assert_eq!(publish, "never", "{key:?}");
        }
        if matches!(level.as_str(), "L3" | "L4")
            && key.1 != "account"
            && key.1 != "timeline"
            && key.1 != "session"
        {
            assert_ne!(store, "plain", "{key:?}");
        }
    }
}
