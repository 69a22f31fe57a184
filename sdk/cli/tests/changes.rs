//! A newer pack against an older one.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anshu_model::compat::Bump;
use cargo_anshu::{MANIFEST_SECTION, changes};
use serde_json::{Value, json};
use wasm_encoder::{Component, CustomSection};

/// A component with nothing in it but a manifest.
fn pack(folder: &Path, manifest: &Value) -> PathBuf {
    let mut component = Component::new();
    let json = manifest.to_string();
    component.section(&CustomSection {
        name: Cow::Borrowed(MANIFEST_SECTION),
        data: Cow::Borrowed(json.as_bytes()),
    });
    let path =
        folder.join(format!("{}-{}.wasm", manifest["name"], manifest["version"]).replace('"', ""));
    std::fs::write(&path, component.finish()).unwrap();
    path
}

fn manifest(version: &str, risks: Value) -> Value {
    json!({
        "name": "demo", "version": version, "contract": "0.2.0", "title": "样例", "publisher": "样例单位",
        "effective_from": "2026-01-01", "selects": "occurred", "articles": [],
        "requests": {"imports": [], "reads": [], "writes": [], "publishes": [], "hears": [], "ceiling": "L1"},
        "duty": {"title": "值守", "article": "样例条例 第3条"}, "purposes": [], "risks": risks,
    })
}

#[test]
fn a_pack_is_compared_with_the_one_that_it_follows() {
    let folder = tempfile::tempdir().unwrap();
    let fire = json!([{"name": "demo.fire", "title": "火灾"}]);
    let old = pack(folder.path(), &manifest("1.0.0", fire));
    let minor = pack(folder.path(), &manifest("1.1.0", json!([])));
    let major = pack(folder.path(), &manifest("2.0.0", json!([])));

    let found = changes(&old, &minor).unwrap();
    assert_eq!((found.compat.needed, found.compat.changes.len()), (Bump::Major, 1));
    let refused = found.admitted.unwrap_err().to_string();
    assert!(refused.contains("/risks/0") && refused.contains("2.0.0"), "{refused}");
    assert!(changes(&old, &major).unwrap().admitted.is_ok());

    // One number stands for one content.
    let elsewhere = tempfile::tempdir().unwrap();
    let again = pack(elsewhere.path(), &manifest("1.0.0", json!([])));
    let told = changes(&old, &again).unwrap_err().to_string();
    assert!(told.contains("demo") && told.contains("1.0.0"), "{told}");
    assert!(changes(&old, &old).unwrap().admitted.is_ok());

    let mut other = manifest("2.0.0", json!([]));
    other["name"] = json!("other");
    let other = pack(folder.path(), &other);
    assert!(format!("{:#}", changes(&old, &other).unwrap_err()).contains("不是同一个插件"));
    let text = folder.path().join("text.wasm");
    std::fs::write(&text, "no pack").unwrap();
    assert!(changes(&old, &text).is_err());
}
