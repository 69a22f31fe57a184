//! A number that says "compatible" over a change that is not.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::{Path, PathBuf};

use cargo_anshu::check_wit;

fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")
}

/// A copy of the contract's first version under another number, with one text put in the place of another.
fn changed(version: &str, from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut found = from.is_empty();
    for entry in std::fs::read_dir(wit().join("0.1.0")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        found |= text.contains(from);
        let text = text.replace("governance@0.1.0", &format!("governance@{version}"));
        let text = if from.is_empty() { text } else { text.replace(from, to) };
        std::fs::write(folder.path().join(path.file_name().unwrap()), text).unwrap();
    }
    assert!(found, "{from}");
    folder
}

fn checked(version: &str, from: &str, to: &str) -> Result<(), String> {
    let newer = changed(version, from, to);
    check_wit(&wit().join("0.1.0"), newer.path()).map_err(|error| format!("{error:#}"))
}

const FIELD: (&str, &str) = ("record action {", "record action {\n        urgent: bool,");
const FUNCTION: (&str, &str) =
    ("interface calendar {", "interface calendar {\n    again: func() -> u32;");

#[test]
fn a_changed_record_under_a_compatible_number_is_refused_with_the_number_it_needs() {
    let told = checked("0.1.1", FIELD.0, FIELD.1).unwrap_err();
    assert!(told.contains("0.1.0 → 0.1.1") && told.contains("0.2.0"), "{told}");
    checked("0.2.0", FIELD.0, FIELD.1).unwrap();
}

#[test]
fn what_is_only_added_is_compatible_but_never_in_a_released_version() {
    checked("0.1.1", FUNCTION.0, FUNCTION.1).unwrap();
    checked("0.1.0", "", "").unwrap();
    let told = checked("0.1.0", FUNCTION.0, FUNCTION.1).unwrap_err();
    assert!(told.contains("已经发布"), "{told}");
}

#[test]
fn a_lost_function_a_lost_world_and_a_number_that_goes_back_are_refused() {
    let told = checked("0.1.1", "now: func", "later: func").unwrap_err();
    assert!(told.contains("0.2.0"), "{told}");
    let told = checked("0.1.1", "world department", "world bureau").unwrap_err();
    assert!(told.contains("department"), "{told}");
    assert!(checked("0.0.9", "", "").unwrap_err().contains("退到"));
}

/// Each released contract against the one before it, as it stands in the repository.
#[test]
fn the_contracts_own_versions_keep_what_their_numbers_promise() {
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<semver::Version>().ok();
    let mut released: Vec<_> = std::fs::read_dir(wit())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| number(path).is_some())
        .collect();
    released.sort_by_key(number);
    assert!(!released.is_empty());
    for pair in released.windows(2) {
        check_wit(&pair[0], &pair[1]).unwrap();
    }
}
