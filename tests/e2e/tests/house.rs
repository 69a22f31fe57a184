//! The house's arrows (design, "The house"): who may import whom, who may touch the big dependencies, and that the host
//! names no department. Over `cargo metadata`, so that no tool beside cargo is needed.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "what fails here fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anshu_e2e::repository;
use serde_json::Value;

struct Crate {
    name: String,
    folder: PathBuf,
    /// Crates that it needs to run; what only its tests need is no arrow of the house.
    needs: BTreeSet<String>,
}

fn crates() -> Vec<Crate> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(repository())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| Crate {
            name: package["name"].as_str().expect("a name").to_owned(),
            folder: Path::new(package["manifest_path"].as_str().expect("a path"))
                .parent()
                .expect("a folder")
                .to_owned(),
            needs: package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| dependency["name"].as_str().expect("a name").to_owned())
                .collect(),
        })
        .collect()
}

/// Our crates that each of ours may import. A new crate must be written in here.
fn arrows() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("anshu-model", &[][..]),
        ("anshu-authz", &["anshu-model"]),
        ("anshu-data", &["anshu-model", "anshu-authz"]),
        ("anshu-artifact", &["anshu-model"]),
        ("anshu-sandbox", &["anshu-model", "anshu-artifact"]),
        ("anshu-server", &["anshu-model", "anshu-data", "anshu-sandbox"]),
        ("anshu-derive", &[]),
        ("anshu-sdk", &["anshu-derive"]),
        ("anshu-testkit", &["anshu-model", "anshu-sandbox", "anshu-sdk", "cargo-anshu"]),
        ("cargo-anshu", &["anshu-model", "anshu-sandbox"]),
        (
            "anshu-bench",
            &[
                "anshu-model",
                "anshu-authz",
                "anshu-data",
                "anshu-sandbox",
                "anshu-server",
                "cargo-anshu",
            ],
        ),
        ("anshu-e2e", &["anshu-server"]),
        ("anshu-hostile", &["anshu-sandbox"]),
        ("xtask", &["cargo-anshu"]),
    ])
}

#[test]
fn every_arrow_of_the_house_points_the_right_way() {
    let crates = crates();
    let ours: BTreeSet<_> = crates.iter().map(|one| one.name.clone()).collect();
    let arrows = arrows();
    let mut wrong = Vec::new();
    for one in &crates {
        // A department's pack and an example know the SDK alone.
        let allowed: BTreeSet<&str> = match arrows.get(one.name.as_str()) {
            Some(allowed) => allowed.iter().copied().collect(),
            None if one.folder.starts_with(repository().join("plugins")) => {
                BTreeSet::from(["anshu-sdk"])
            }
            None if one.folder.starts_with(repository().join("examples")) => {
                BTreeSet::from(["anshu-sdk"])
            }
            None => {
                wrong.push(format!("{} 不在 house.rs 的表中：写明它可以依赖谁", one.name));
                continue;
            }
        };
        for needed in one
            .needs
            .iter()
            .filter(|needed| ours.contains(*needed) && !allowed.contains(needed.as_str()))
        {
            wrong.push(format!("{} 不得依赖 {needed}", one.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_big_dependency_has_one_owner() {
    let owners: [(&str, &[&str]); 14] = [
        ("sqlx", &["anshu-data", "anshu-bench"]),
        ("wasmtime", &["anshu-sandbox", "anshu-artifact", "anshu-bench"]),
        ("cedar-policy", &["anshu-authz"]),
        ("axum", &["anshu-server"]),
        ("utoipa", &["anshu-server"]),
        ("tower-http", &["anshu-server"]),
        ("oci-client", &["anshu-server"]),
        ("sm2", &["anshu-sandbox", "anshu-data"]),
        ("aes-gcm", &["anshu-data"]),
        ("cryptoki", &["anshu-data"]),
        ("webauthn-rs", &["anshu-server"]),
        ("openidconnect", &["anshu-server"]),
        ("totp-rs", &["anshu-server"]),
        ("ed25519-dalek", &["anshu-sandbox", "anshu-data"]),
    ];
    let mut wrong = Vec::new();
    for one in crates() {
        for (dependency, owners) in owners {
            if one.needs.contains(dependency) && !owners.contains(&one.name.as_str()) {
                wrong.push(format!(
                    "{} 不得依赖 {dependency}（只有 {}）",
                    one.name,
                    owners.join("、")
                ));
            }
        }
        // The vocabulary stays pure.
        if one.name == "anshu-model" {
            for runtime in ["tokio", "tracing", "async-trait", "reqwest", "hyper"] {
                if one.needs.contains(runtime) {
                    wrong.push(format!("anshu-model 不得依赖 {runtime}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_takes_lints_and_versions_from_the_workspace() {
    let mut wrong = Vec::new();
    for one in crates() {
        let text = std::fs::read_to_string(one.folder.join("Cargo.toml")).expect("a manifest");
        let mut section = String::new();
        let mut lints = false;
        for line in
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = name.to_owned();
                continue;
            }
            lints |= section == "lints" && line.replace(' ', "") == "workspace=true";
            let dependencies = section.split('.').any(|part| part.ends_with("dependencies"));
            if dependencies
                && !line.contains("workspace")
                && (line.contains("version") || line.contains("= \""))
            {
                wrong.push(format!(
                    "{}：{line}（写 workspace = true，版本写在根 Cargo.toml）",
                    one.name
                ));
            }
        }
        // The one crate with an `unsafe` in it repeats the lints, and forbids it everywhere but there.
        if one.name == "anshu-artifact" {
            wrong.extend(missing_lints(&text));
        } else if !lints {
            wrong.push(format!("{}：缺少 [lints] workspace = true", one.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The workspace's lints that a crate's own table does not have.
fn missing_lints(manifest: &str) -> Vec<String> {
    let root = std::fs::read_to_string(repository().join("Cargo.toml")).expect("a manifest");
    let table = |text: &str, name: &str| -> BTreeSet<String> {
        let lines = text.lines().skip_while(|line| *line != name).skip(1);
        let lines =
            lines.take_while(|line| !line.starts_with('[')).filter(|line| line.contains('='));
        lines.map(str::to_owned).collect()
    };
    let mut missing = Vec::new();
    for tool in ["rust", "rustdoc", "clippy"] {
        let own = table(manifest, &format!("[lints.{tool}]"));
        let all = table(&root, &format!("[workspace.lints.{tool}]"));
        assert!(!all.is_empty(), "no lints of {tool} in the workspace");
        let all = all.iter().filter(|line| *line != "unsafe_code = \"forbid\"");
        missing.extend(
            all.filter(|line| !own.contains(*line))
                .map(|line| format!("anshu-artifact：缺少 {line}")),
        );
    }
    missing
}

#[test]
fn one_function_of_the_host_is_unsafe() {
    let mut found = Vec::new();
    let mut folders = vec![repository().join("host")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != "node_modules" && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a file");
                let code = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
                let kinds =
                    ["unsafe {", "unsafe fn", "unsafe impl", "unsafe trait", "unsafe extern"];
                let lines = code.filter(|line| kinds.iter().any(|kind| line.contains(kind)));
                found.extend(lines.map(|line| format!("{}: {line}", path.display())));
            }
        }
    }
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("artifact/src/compiled.rs"), "{found:#?}");
}

/// Words of departments, trades and statutes. What a pack is called comes from `plugins/` itself.
const WORDS: [&str; 40] = [
    "公安",
    "民政",
    "司法局",
    "信访",
    "城管",
    "消防",
    "卫健",
    "教育局",
    "市场监管",
    "应急管理局",
    "检察院",
    "法院",
    "妇联",
    "网信",
    "民宿",
    "旅馆",
    "酒店",
    "网约",
    "食品",
    "餐饮",
    "药品",
    "燃气",
    "铁路",
    "电梯",
    "校园",
    "反诈",
    "诈骗",
    "涉黑",
    "扫黑",
    "矫正",
    "精神障碍",
    "未成年人保护",
    "强制报告",
    "住宿登记",
    "police",
    "hotel",
    "lodging",
    "restaurant",
    "tenant screening",
    "guest room",
];

#[test]
fn the_host_names_no_department() {
    let root = repository();
    let mut words: BTreeSet<String> = WORDS.iter().map(|word| word.to_lowercase()).collect();
    for entry in std::fs::read_dir(root.join("plugins")).expect("plugins").flatten() {
        if entry.path().is_dir() {
            // A pack's name may be an everyday word; as a name it stands in quotes or before its own parts.
            let pack = entry.file_name().to_string_lossy().to_lowercase();
            words.extend([
                format!("\"{pack}"),
                format!("'{pack}"),
                format!("{pack}@"),
                format!("{pack}-"),
            ]);
        }
    }
    let mut found = Vec::new();
    for folder in ["authz", "data", "model", "sandbox", "server", "console"] {
        search(&root.join("host").join(folder), &words, &mut found);
    }
    assert!(found.is_empty(), "host/ 中出现了部门或行业的名称：\n{}", found.join("\n"));
}

fn search(path: &Path, words: &BTreeSet<String>, found: &mut Vec<String>) {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if path.is_dir() {
        // What is built, what is fetched, and tests, which must try real words.
        if ["node_modules", "dist", "tests", "e2e", "target", "__generated__", "test-results"]
            .contains(&name.as_str())
        {
            return;
        }
        for entry in std::fs::read_dir(path).expect("a folder").flatten() {
            search(&entry.path(), words, found);
        }
        return;
    }
    let shown = ["rs", "sql", "ts", "tsx", "css", "html", "cedar", "cedarschema", "toml", "json"];
    let kind = path
        .extension()
        .map(|extension| extension.to_string_lossy().into_owned())
        .unwrap_or_default();
    if !shown.contains(&kind.as_str())
        || name == "tests.rs"
        || name.contains(".test.")
        || name == "package-lock.json"
    {
        return;
    }
    let Ok(text) = std::fs::read_to_string(path) else { return };
    // Unit tests at the end of a file may say what the code must not.
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    for (number, line) in code.lines().enumerate() {
        let lower = line.to_lowercase();
        for word in words {
            if lower.contains(word.as_str()) {
                found.push(format!("{}:{} “{word}”：{}", path.display(), number + 1, line.trim()));
            }
        }
    }
}
