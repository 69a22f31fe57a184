//! From a plugin's sources to a pack, with the compiler that this machine has.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::{Path, PathBuf};

use cargo_anshu::{BuildOptions, Built, GOLDEN_SECTION, MANIFEST_SECTION};

/// The fixture, built beside the workspace's own plugins so that the standard library is compiled once.
fn options(out: &Path) -> BuildOptions {
    BuildOptions {
        folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"),
        target: Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_path_buf()),
        out: Some(out.to_path_buf()),
        ..BuildOptions::default()
    }
}

fn build(out: &Path) -> Built {
    cargo_anshu::build(&options(out)).unwrap()
}

#[test]
fn a_pack_imports_only_what_its_plugin_uses() {
    let out = tempfile::tempdir().unwrap();
    let built = build(out.path());
    assert_eq!(built.path, out.path().join("fixture-0.1.0.wasm"));

    let pack = cargo_anshu::inspect(&built.path).unwrap();
    let functions: Vec<_> =
        pack.imports.iter().filter(|import| !import.contains("/types@")).collect();
    assert_eq!(functions, ["anshu:governance/calendar@0.1.0", "anshu:governance/log@0.1.0"]);
    assert_eq!(pack.exports, ["anshu:governance/plugin@0.1.0"]);
    assert_eq!(pack.contract.as_deref(), Some("0.1.0"));
}

#[test]
fn a_pack_carries_what_its_plugin_declares_and_no_path_of_the_machine() {
    let out = tempfile::tempdir().unwrap();
    let built = build(out.path());
    let pack = cargo_anshu::inspect(&built.path).unwrap();
    let sections: Vec<_> = pack.sections.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        sections.contains(&MANIFEST_SECTION) && sections.contains(&GOLDEN_SECTION),
        "{sections:?}"
    );
    assert_eq!(pack.manifest.unwrap().get("name").unwrap(), "fixture");
    assert_eq!(pack.golden, 2);
    assert_eq!(pack.digest, built.digest);

    let bytes = std::fs::read(&built.path).unwrap();
    let home = std::env::home_dir().unwrap();
    for private in
        [Path::new(env!("CARGO_MANIFEST_DIR")), &home.join(".cargo"), &home.join(".rustup")]
    {
        let private = private.to_str().unwrap().as_bytes();
        assert!(
            !bytes.windows(private.len()).any(|window| window == private),
            "{}",
            String::from_utf8_lossy(private)
        );
    }
}

#[test]
fn nothing_is_rebuilt_until_the_pack_or_a_source_changes() {
    let out = tempfile::tempdir().unwrap();
    let first = build(out.path());
    let second = build(out.path());
    assert!(second.unchanged);
    assert_eq!(second.digest, first.digest);

    std::fs::write(&first.path, "damaged").unwrap();
    let third = build(out.path());
    assert!(!third.unchanged);
    assert_eq!(third.digest, first.digest);
}

#[test]
fn an_import_from_outside_the_contract_is_refused_by_name() {
    let out = tempfile::tempdir().unwrap();
    let foreign = BuildOptions { features: vec!["foreign".to_owned()], ..options(out.path()) };
    let error = format!("{:#}", cargo_anshu::build(&foreign).unwrap_err());
    assert!(error.contains("wasi_snapshot_preview1"), "{error}");
    assert_eq!(
        std::fs::read_dir(out.path()).unwrap().count(),
        0,
        "nothing half-made is left behind"
    );
}

#[test]
fn translations_go_into_the_pack_and_are_checked_with_their_lines() {
    let (plugin, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy(&options(out.path()).folder, plugin.path());
    let options = BuildOptions { folder: plugin.path().to_owned(), ..options(out.path()) };
    let plain = cargo_anshu::build(&options).unwrap();
    assert!(cargo_anshu::inspect(&plain.path).unwrap().languages.is_empty());

    let folder = plugin.path().join("translations");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("en.json"), "{\n  \"/title\": \"Fixture\"\n}").unwrap();
    let built = cargo_anshu::build(&options).unwrap();
    assert!(!built.unchanged, "a file that was added is a change");
    assert_eq!(cargo_anshu::inspect(&built.path).unwrap().languages, ["en"]);
    assert!(cargo_anshu::build(&options).unwrap().unchanged);

    for (text, place) in [
        ("{\n  \"/title\": \"x\",\n  \"/titel\": \"x\"\n}", "en.json 第 3 行"),
        ("{\n  \"/title\": \"x\",\n  \"/title\": \"y\"\n}", "en.json 第 3 行"),
        ("{\n  \"/title\": 3\n}", "line 2"),
    ] {
        std::fs::write(folder.join("en.json"), text).unwrap();
        let error = format!("{:#}", cargo_anshu::build(&options).unwrap_err());
        assert!(error.contains(place), "{error}");
    }
}

/// Copies a plugin's sources under another crate name, as builds of one crate in one target folder know each other; the
/// contract is found from where it was.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else {
            let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("name = \"fixture\"", "name = \"translated\"");
            let text = text.replace("../../../../wit", contract.to_str().unwrap());
            std::fs::write(&target, text).unwrap();
        }
    }
}

#[test]
fn a_file_that_is_no_component_is_named_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, &[u8], &str); 2] = [
        ("text.wasm", b"not wasm", "不是有效的 WebAssembly"),
        ("core.wasm", b"\0asm\x01\0\0\0", "核心模块"),
    ];
    for (name, content, expected) in cases {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        let error = format!("{:#}", cargo_anshu::inspect(&file).unwrap_err());
        assert!(error.contains(expected), "{error}");
    }
}
