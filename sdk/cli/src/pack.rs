//! A pack as a file: the component, and around it what the plugin declares.

use std::borrow::Cow;
use std::path::Path;

use anshu_model::translation::Translations;
use anyhow::{Context as _, Result, bail};
use wasm_encoder::{ComponentSection as _, CustomSection};
use wasmparser::{Encoding, Parser, Payload};

use crate::manifest::Declared;

/// The custom section that holds the manifest, as JSON.
pub const MANIFEST_SECTION: &str = "anshu:manifest";
/// The custom section that holds the golden cases, as a JSON array. It may be absent.
pub const GOLDEN_SECTION: &str = "anshu:golden";
/// The custom section that holds the titles in other languages, as JSON. It may be absent.
pub const TRANSLATIONS_SECTION: &str = anshu_model::translation::SECTION;

/// Every import belongs to the contract. A plugin that wants anything else (WASI, above all) is no pack.
const CONTRACT: &str = "anshu:governance/";

/// What a pack is made of, as far as can be read without running it.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Bytes of the whole file.
    pub size: usize,
    /// SHA-256 of the whole file, in hexadecimal: the pack's address.
    pub digest: String,
    /// The version of the contract that it was built for, such as `0.1.0`.
    pub contract: Option<String>,
    /// Interfaces that it imports, as the component names them.
    pub imports: Vec<String>,
    /// Interfaces that it exports.
    pub exports: Vec<String>,
    /// Custom sections of the component itself, with their sizes in bytes.
    pub sections: Vec<(String, usize)>,
    /// The manifest, where there is one.
    pub manifest: Option<serde_json::Value>,
    /// How many golden cases it brings.
    pub golden: usize,
    /// The languages that its titles are translated into.
    pub languages: Vec<String>,
}

/// Wraps a core module, as the compiler made it, into a component and adds what the plugin declares.
pub(crate) fn assemble(module: &[u8], declared: &Declared) -> Result<Vec<u8>> {
    let mut pack = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .context(
            "不能做成组件。插件只能使用合同（wit/）提供的接口：若错误提到 wasi 或其他模块，请去掉引入它的依赖",
        )?;
    let manifest = with_imports(&declared.manifest, &read(&pack)?.imports)?;
    let mut append = |name: &'static str, json: &str| {
        let section =
            CustomSection { name: Cow::Borrowed(name), data: Cow::Borrowed(json.as_bytes()) };
        section.append_to_component(&mut pack);
    };
    append(MANIFEST_SECTION, &manifest);
    if let Some(golden) = &declared.golden {
        append(GOLDEN_SECTION, golden);
    }
    if let Some(translations) = &declared.translations {
        append(TRANSLATIONS_SECTION, translations);
    }
    let inspection = read(&pack)?;
    let foreign: Vec<_> =
        inspection.imports.iter().filter(|import| !import.starts_with(CONTRACT)).cloned().collect();
    if !foreign.is_empty() {
        bail!("组件要求合同以外的接口：{}。请去掉引入它们的依赖", foreign.join("、"));
    }
    Ok(pack)
}

/// Where the manifest's requests name no interfaces, those that the component really imports: no more can be granted to
/// a pack than it uses, and its author need not keep a list in step with the code.
fn with_imports(manifest: &str, imports: &[String]) -> Result<String> {
    let mut manifest: serde_json::Value = serde_json::from_str(manifest)?;
    if let Some(requests) = manifest.get_mut("requests").and_then(serde_json::Value::as_object_mut)
        && !requests.contains_key("imports")
    {
        let name = |import: &String| {
            let interface = import.strip_prefix(CONTRACT)?.split('@').next()?;
            // The shared words have no functions: there is nothing to grant.
            (interface != "types").then(|| interface.to_owned())
        };
        let names: std::collections::BTreeSet<_> = imports.iter().filter_map(name).collect();
        requests.insert("imports".to_owned(), serde_json::json!(names));
    }
    Ok(manifest.to_string())
}

/// Reads what a pack says about itself.
///
/// # Errors
/// Where the file cannot be read, is no component, or its manifest is no JSON.
pub fn inspect(path: &Path) -> Result<Inspection> {
    let bytes = std::fs::read(path).with_context(|| format!("读不到 {}", path.display()))?;
    read(&bytes).with_context(|| format!("{} 不是一个插件包", path.display()))
}

pub(crate) fn read(bytes: &[u8]) -> Result<Inspection> {
    let mut found = Inspection {
        size: bytes.len(),
        digest: crate::stamp::digest(bytes),
        contract: None,
        imports: Vec::new(),
        exports: Vec::new(),
        sections: Vec::new(),
        manifest: None,
        golden: 0,
        languages: Vec::new(),
    };
    // Modules and components inside the component have sections of their own, which say nothing about the pack.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.context("不是有效的 WebAssembly")? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => {
                bail!("这是一个核心模块，不是组件；请用 cargo anshu build 构建");
            }
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    found.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    found.exports.push(export?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) if depth == 1 => {
                found.sections.push((section.name().to_owned(), section.data().len()));
                match section.name() {
                    MANIFEST_SECTION => {
                        found.manifest =
                            Some(serde_json::from_slice(section.data()).context("清单不是 JSON")?);
                    }
                    GOLDEN_SECTION => {
                        let cases: Vec<serde_json::Value> =
                            serde_json::from_slice(section.data()).context("样例不是 JSON 数组")?;
                        found.golden = cases.len();
                    }
                    TRANSLATIONS_SECTION => {
                        let translations: Translations =
                            serde_json::from_slice(section.data()).context("翻译不是 JSON 对象")?;
                        found.languages = translations.into_keys().collect();
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let names = found.exports.iter().chain(&found.imports);
    found.contract = names
        .filter(|name| name.starts_with(CONTRACT))
        .find_map(|name| name.split_once('@').map(|(_, version)| version.to_owned()));
    Ok(found)
}
