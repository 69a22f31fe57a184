//! Looks into a pack without compiling it: what it is, what it wants, and everything that is wrong with it.

use std::collections::BTreeSet;

use anshu_model::capability::Import;
use anshu_model::manifest::Manifest;
use anshu_model::translation::{self, Translations};
use anshu_model::{Error, Problem, Result};
use serde_json::Value;
use sha2::{Digest, Sha256};
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

use crate::contract;

/// The largest component that is looked at. Components with a language runtime inside reach 20 MB.
const MOST_BYTES: usize = 64 << 20;

/// Functions of all modules of a component together. A language runtime has some 20,000; compiling takes time for each.
const MOST_FUNCTIONS: u32 = 100_000;
/// Bytes of one function. The loop of an interpreter has some 200,000; the compiler takes more than in proportion.
const MOST_FUNCTION_BYTES: usize = 1 << 20;
/// Modules and components inside of a component, at every depth.
const MOST_NESTED: u32 = 256;

/// What is in a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// What the pack declares.
    pub manifest: Manifest,
    /// Its golden cases, where it brings any.
    pub golden: Option<Value>,
    /// Its titles in other languages, where it brings any.
    pub translations: Translations,
    /// The interfaces of the contract that it imports, whatever its manifest says.
    pub imports: BTreeSet<Import>,
    /// The version of the contract that it was built for.
    pub contract: String,
    /// SHA-256 of the file, in hex.
    pub digest: String,
    /// Bytes.
    pub size: usize,
}

impl Inspection {
    /// The interfaces that the component imports, as the component names them.
    #[must_use]
    pub fn imported(&self) -> Vec<String> {
        let imports = self.imports.iter();
        imports.map(|import| self.interface(import.name())).collect()
    }

    /// The interfaces that it exports.
    #[must_use]
    pub fn exported(&self) -> Vec<String> {
        vec![self.interface(contract::EXPORT)]
    }

    fn interface(&self, name: &str) -> String {
        format!("{}/{name}@{}", contract::PACKAGE, self.contract)
    }
}

/// Reads a pack.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Inspection> {
    let file = outline(bytes)?;
    let mut problems = file.problems;
    let translations = read_translations(file.translations, file.manifest, &mut problems);
    let manifest = read_manifest(file.manifest, &mut problems);
    let golden = file.golden.and_then(|json| match serde_json::from_slice(json) {
        Ok(golden) => Some(golden),
        Err(error) => {
            problems.push(wrong_json(Manifest::GOLDEN_SECTION, &error));
            None
        }
    });
    if let Some(manifest) = &manifest {
        let declared = &manifest.contract;
        if contract::version(declared).is_none() {
            problems.push(wrong_contract("清单 /contract", declared));
        }
        // A pack speaks one version of the contract, and the one that it says.
        problems.extend(file.versions.iter().filter(|(_, version)| version != declared).map(
            |(at, version)| {
                let found = format!("合约版本 {version}");
                let expected =
                    format!("清单 /contract 所写的 {declared}；请用同一版本的开发包重新构建");
                Problem::new(at, found, expected)
            },
        ));
    }
    match manifest {
        Some(manifest) if problems.is_empty() => Ok(Inspection {
            contract: manifest.contract.clone(),
            manifest,
            golden,
            translations,
            imports: file.imports,
            digest: Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            size: bytes.len(),
        }),
        _ => Err(Error::Invalid(problems)),
    }
}

/// The parts of a file that matter here.
#[derive(Default)]
struct Outline<'a> {
    manifest: Option<&'a [u8]>,
    golden: Option<&'a [u8]>,
    translations: Option<&'a [u8]>,
    imports: BTreeSet<Import>,
    exported: bool,
    /// Each interface of the contract with its version.
    versions: Vec<(String, String)>,
    problems: Vec<Problem>,
}

/// The manifest of a pack, read without looking at anything else: for those who must know whose it is before they spend
/// more on it.
pub(crate) fn manifest(bytes: &[u8]) -> Result<Manifest> {
    check_start(bytes)?;
    let (mut section, mut depth) = (None, 0_u32);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| broken(&error))? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(found) if depth == 1 && found.name() == Manifest::SECTION => {
                section = Some(found.data());
            }
            _ => {}
        }
    }
    let mut problems = Vec::new();
    read_manifest(section, &mut problems).ok_or(Error::Invalid(problems))
}

/// Refuses what is no component at all.
fn check_start(bytes: &[u8]) -> Result<()> {
    if bytes.len() > MOST_BYTES {
        return Err(Error::invalid(
            "文件",
            format!("{} 字节", bytes.len()),
            format!("不超过 {MOST_BYTES} 字节"),
        ));
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(Error::invalid(
            "文件",
            "不是 WebAssembly 文件",
            "由 cargo anshu build 生成的 .wasm 组件",
        ));
    }
    if !Parser::is_component(bytes) {
        return Err(Error::invalid(
            "文件",
            "是 WebAssembly 核心模块，不是组件",
            "WebAssembly 组件；请用 cargo anshu build 构建",
        ));
    }
    Ok(())
}

fn broken(error: &wasmparser::BinaryReaderError) -> Error {
    Error::invalid(
        format!("文件第 {} 字节处", error.offset()),
        format!("组件已损坏或不完整（{}）", error.message()),
        "完整的 WebAssembly 组件；请重新构建或重新下载",
    )
}

fn outline(bytes: &[u8]) -> Result<Outline<'_>> {
    check_start(bytes)?;
    check_effort(bytes).map_err(|error| broken(&error))??;
    Validator::new_with_features(WasmFeatures::default() | WasmFeatures::MULTI_MEMORY)
        .validate_all(bytes)
        .map_err(|error| broken(&error))?;

    let mut file = Outline::default();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| broken(&error))? {
            Payload::Version { encoding: Encoding::Component | Encoding::Module, .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            // Only the outermost component speaks for the pack.
            _ if depth > 1 => {}
            Payload::CustomSection(section) if section.name() == Manifest::SECTION => {
                let second = file.manifest.replace(section.data()).is_some();
                file.once(second, section.name());
            }
            Payload::CustomSection(section) if section.name() == Manifest::GOLDEN_SECTION => {
                let second = file.golden.replace(section.data()).is_some();
                file.once(second, section.name());
            }
            Payload::CustomSection(section) if section.name() == translation::SECTION => {
                file.translations = Some(section.data());
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    file.import(import.map_err(|error| broken(&error))?.name.name);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    file.export(export.map_err(|error| broken(&error))?.name.name);
                }
            }
            _ => {}
        }
    }
    if !file.exported {
        file.problems.push(Problem::new(
            "导出",
            "没有插件接口",
            format!("{}/{}@{}", contract::PACKAGE, contract::EXPORT, contract::supported()),
        ));
    }
    Ok(file)
}

/// Refuses what would keep the compiler, or the validator, busy for minutes. It counts, and looks into nothing.
fn check_effort(bytes: &[u8]) -> wasmparser::Result<Result<()>> {
    let refuse = |at: &str, found: String, expected: String| {
        Ok(Err(Error::invalid(
            at,
            found,
            format!("{expected}；请拆成几个插件，或用 cargo anshu build 优化"),
        )))
    };
    let (mut functions, mut nested) = (0_u32, 0_u32);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { .. } => nested += 1,
            Payload::CodeSectionStart { count, .. } => functions = functions.saturating_add(count),
            Payload::CodeSectionEntry(body) if body.range().len() > MOST_FUNCTION_BYTES => {
                let found = format!("{} 字节", body.range().len());
                return refuse(
                    "组件中的函数",
                    found,
                    format!("每个不超过 {MOST_FUNCTION_BYTES} 字节"),
                );
            }
            _ => {}
        }
        if functions > MOST_FUNCTIONS {
            let found = format!("{functions} 个");
            return refuse("组件中的函数", found, format!("不超过 {MOST_FUNCTIONS} 个"));
        }
        if nested > MOST_NESTED {
            let found = format!("超过 {MOST_NESTED} 个");
            return refuse("组件中的模块", found, format!("不超过 {MOST_NESTED} 个"));
        }
    }
    Ok(Ok(()))
}

impl Outline<'_> {
    /// Of two sections with one name, each reader might take another.
    fn once(&mut self, second: bool, section: &str) {
        if second {
            let at = format!("自定义段 {section}");
            self.problems.push(Problem::new(
                at,
                "出现了不止一次",
                "恰好一个；请用 cargo anshu build 重新构建",
            ));
        }
    }

    fn import(&mut self, name: &str) {
        match interface(name) {
            Some((contract::WORDS, version)) => self.version(&format!("导入 {name}"), version),
            Some((interface, version)) => match contract::import(interface) {
                Some(import) => {
                    self.imports.insert(import);
                    self.version(&format!("导入 {name}"), version);
                }
                None => self.unknown_import(name),
            },
            None => self.unknown_import(name),
        }
    }

    fn unknown_import(&mut self, name: &str) {
        let known: Vec<_> = Import::ALL.iter().map(|import| import.name()).collect();
        self.problems.push(Problem::new(
            format!("导入 {name}"),
            "合约以外的接口",
            format!("只导入 {} 的 {}", contract::PACKAGE, known.join("、")),
        ));
    }

    fn export(&mut self, name: &str) {
        if let Some((contract::EXPORT, version)) = interface(name) {
            self.exported = true;
            self.version(&format!("导出 {name}"), version);
        }
    }

    fn version(&mut self, at: &str, version: &str) {
        if contract::version(version).is_none() {
            self.problems.push(wrong_contract(at, version));
        } else {
            self.versions.push((at.to_owned(), version.to_owned()));
        }
    }
}

/// The interface and version of a name in the contract's package.
fn interface(name: &str) -> Option<(&str, &str)> {
    let (package, rest) = name.split_once('/')?;
    let (interface, version) = rest.split_once('@')?;
    (package == contract::PACKAGE).then_some((interface, version))
}

fn wrong_contract(at: &str, found: &str) -> Problem {
    Problem::new(
        at,
        format!("合约版本 {found} 不受支持"),
        format!("{} {}；请用相应版本的开发包重新构建", contract::PACKAGE, contract::supported()),
    )
}

fn read_manifest(section: Option<&[u8]>, problems: &mut Vec<Problem>) -> Option<Manifest> {
    let Some(json) = section else {
        problems.push(Problem::new(
            format!("自定义段 {}", Manifest::SECTION),
            "缺失",
            "插件清单；请用 cargo anshu build 构建",
        ));
        return None;
    };
    match serde_json::from_slice(json) {
        Ok(manifest) => Some(manifest),
        Err(error) => {
            problems.push(wrong_json(Manifest::SECTION, &error));
            None
        }
    }
}

fn read_translations(
    section: Option<&[u8]>,
    manifest: Option<&[u8]>,
    problems: &mut Vec<Problem>,
) -> Translations {
    let Some(json) = section else { return Translations::new() };
    let translations: Translations = match serde_json::from_slice(json) {
        Ok(translations) => translations,
        Err(error) => {
            problems.push(wrong_json(translation::SECTION, &error));
            return Translations::new();
        }
    };
    let manifest = manifest.and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default();
    problems.extend(
        translation::check(&translations, &manifest).into_iter().map(|(_, _, problem)| problem),
    );
    translations
}

fn wrong_json(section: &str, error: &serde_json::Error) -> Problem {
    Problem::new(
        format!("自定义段 {section} 第 {} 行第 {} 列", error.line(), error.column()),
        error.to_string(),
        "符合格式的 JSON；请用 cargo anshu build 重新生成",
    )
}
