//! A new plugin's folder.

use std::path::Path;

use cargo_anshu::{ScaffoldOptions, scaffold};

fn options(name: &str, folder: &Path) -> ScaffoldOptions {
    // The workspace that these tests belong to has the SDK.
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust");
    ScaffoldOptions {
        name: name.to_owned(),
        folder: folder.to_path_buf(),
        path: None,
        sdk: Some(sdk),
    }
}

#[test]
fn a_new_plugin_stands_alone_against_a_given_sdk() {
    let folder = tempfile::tempdir().unwrap();
    let made = scaffold(&options("fire-safety", folder.path())).unwrap();
    assert_eq!(made, folder.path().join("fire-safety"));

    let manifest = std::fs::read_to_string(made.join("Cargo.toml")).unwrap();
    assert!(
        manifest.contains("name = \"fire-safety\"")
            && manifest.contains("[package.metadata.anshu]"),
        "{manifest}"
    );
    let source = std::fs::read_to_string(made.join("src/lib.rs")).unwrap();
    assert!(!manifest.contains("{{") && !source.contains("{{"), "nothing is left to fill in");
}

#[test]
fn an_existing_folder_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let made = scaffold(&options("fire-safety", folder.path())).unwrap();
    std::fs::write(made.join("src/lib.rs"), "mine").unwrap();
    let error = scaffold(&options("fire-safety", folder.path())).unwrap_err().to_string();
    assert!(error.contains("已经存在"), "{error}");
    assert_eq!(std::fs::read_to_string(made.join("src/lib.rs")).unwrap(), "mine");
}

#[test]
fn a_name_that_could_not_be_a_file_or_a_crate_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "../up", "Fire", "fire_safety", "1st", "fire-", "消防"] {
        assert!(scaffold(&options(name, folder.path())).is_err(), "{name}");
    }
}

#[test]
fn without_a_workspace_or_an_sdk_the_answer_says_what_to_give() {
    let folder = tempfile::tempdir().unwrap();
    let lost = ScaffoldOptions { sdk: None, ..options("fire-safety", folder.path()) };
    let error = scaffold(&lost).unwrap_err().to_string();
    assert!(error.contains("--sdk"), "{error}");
}
