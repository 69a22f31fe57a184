//! What is refused before it is ever called, and how it is said.

use anshu_model::Error;
use anshu_sandbox::{Sandbox, Settings};
use serde_json::{Value, json};

use crate::support::{World, component, core_module, grant, manifest, pack, with_section};

fn refused(bytes: &[u8]) -> String {
    Sandbox::inspect(bytes).unwrap_err().to_string()
}

fn not_installed(change: impl FnOnce(&mut Value)) -> Error {
    let world = World::new();
    let mut manifest = manifest();
    change(&mut manifest);
    let before = world.sandbox.packs().len();
    let error = world.sandbox.install(&pack(&manifest), &grant(&manifest)).unwrap_err();
    assert_eq!(world.sandbox.packs().len(), before, "nothing is half installed");
    error
}

#[test]
fn a_pack_is_looked_into_without_compiling_it() {
    let bytes = with_section(&pack(&manifest()), "anshu:golden", b"[{\"case\":1}]");
    let inspection = Sandbox::inspect(&bytes).unwrap();
    assert_eq!(inspection.manifest.name, "probe");
    assert_eq!(inspection.contract, "0.1.0");
    assert_eq!(inspection.imports.len(), 8);
    assert_eq!(inspection.golden, Some(json!([{"case": 1}])));
    assert_eq!((inspection.digest.len(), inspection.size), (64, bytes.len()));
}

#[test]
fn what_is_no_component_is_named_as_what_it_is() {
    assert!(refused(b"hello").contains("不是 WebAssembly"));
    assert!(refused(b"").contains("不是 WebAssembly"));
    assert!(refused(&core_module()).contains("核心模块"));
    let whole = pack(&manifest());
    assert!(refused(&whole[..whole.len() / 2]).contains("损坏"));
    let mut flipped = whole.clone();
    for byte in flipped.iter_mut().skip(100).take(4_000).step_by(7) {
        *byte ^= 0xff;
    }
    assert!(refused(&flipped).contains("损坏"));
}

#[test]
fn a_manifest_that_is_missing_or_wrong_is_told_with_its_line() {
    assert!(refused(component()).contains("缺失"));
    let broken =
        with_section(component(), "anshu:manifest", b"{\n  \"name\": \"probe\",\n  oops\n}");
    assert!(refused(&broken).contains("第 3 行"), "{}", refused(&broken));
    let mut unknown = manifest();
    unknown["surprise"] = json!(1);
    assert!(refused(&pack(&unknown)).contains("surprise"));
    let golden = with_section(&pack(&manifest()), "anshu:golden", b"[");
    assert!(refused(&golden).contains("anshu:golden"));
}

#[test]
fn a_contract_out_of_range_is_told_with_the_range() {
    for version in ["0.0.9", "0.1.1", "0.2.0-rc.1", "0.3.0", "9.0.0", "one"] {
        let mut manifest = manifest();
        manifest["contract"] = json!(version);
        let text = refused(&pack(&manifest));
        assert!(text.contains(version) && text.contains("0.1.0 至 0.2.0"), "{text}");
    }
}

#[test]
fn a_pack_speaks_the_contract_that_its_manifest_says() {
    let mut manifest = manifest();
    manifest["contract"] = json!("0.2.0");
    let text = refused(&pack(&manifest));
    assert!(text.contains("导出") && text.contains("0.1.0") && text.contains("0.2.0"), "{text}");
}

#[test]
fn an_import_beyond_the_grant_is_named() {
    let sandbox = Sandbox::new(Settings::default()).unwrap();
    let manifest = manifest();
    let mut less = grant(&manifest);
    less.allows.imports.remove(&anshu_model::capability::Import::Risks);
    less.allows.imports.remove(&anshu_model::capability::Import::Data);
    let error = sandbox.install(&pack(&manifest), &less).unwrap_err();
    assert!(
        matches!(&error, Error::Denied(text) if text.contains("data") && text.contains("risks")),
        "{error}"
    );
    assert!(sandbox.packs().is_empty());
}

#[test]
fn names_belong_to_their_pack() {
    for (list, name) in [
        ("facets", "other.room"),
        ("matters", "matter"),
        ("risks", "probe."),
        ("facets", "probe.A"),
    ] {
        let error = not_installed(|manifest| manifest[list][0]["name"] = json!(name));
        assert!(error.to_string().contains(&format!("/{list}/0/name")), "{error}");
    }
    let error = not_installed(|manifest| {
        let twice = manifest["facets"][0].clone();
        manifest["facets"].as_array_mut().unwrap().push(twice);
    });
    assert!(error.to_string().contains("重复"), "{error}");
}

#[test]
fn a_topic_means_the_same_to_everybody() {
    let world = World::new();
    let mut other = manifest();
    other["name"] = json!("other");
    for list in ["facets", "matters", "risks", "views"] {
        other[list] = json!([]);
    }
    other["actions"] = json!([]);
    world.sandbox.install(&pack(&other), &grant(&other)).unwrap();
    other["version"] = json!("1.0.1");
    other["topics"][0]["schema"]["properties"]["beds"]["maximum"] = json!(3);
    let error = world.sandbox.install(&pack(&other), &grant(&other)).unwrap_err();
    assert!(
        error.to_string().contains("room-registered@1") && error.to_string().contains("probe"),
        "{error}"
    );
}

#[test]
fn a_schema_that_breaks_its_rules_is_refused_with_every_problem() {
    let error = not_installed(|manifest| {
        let properties = &mut manifest["facets"][0]["schema"]["properties"];
        properties["religion"] = json!({"type": "string", "x-anshu": {"level": "L1"}});
        properties["plain"] = json!({"type": "string"});
        properties["phone"] =
            json!({"type": "string", "x-anshu": {"level": "L3", "tags": ["personal"]}});
    });
    let text = error.to_string();
    for expected in ["宗教信仰", "/properties/plain/x-anshu", "/purpose", "/retention"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn an_action_states_a_purpose_that_the_pack_declares() {
    let error = not_installed(|manifest| manifest["actions"][0]["purpose"] = json!("other"));
    assert!(error.to_string().contains("/actions/0/purpose"), "{error}");
    let error = not_installed(|manifest| {
        manifest["version"] = json!("one");
        manifest["effective_from"] = json!("2026-02-30");
    });
    assert!(
        error.to_string().contains("/version") && error.to_string().contains("/effective_from"),
        "{error}"
    );
}
