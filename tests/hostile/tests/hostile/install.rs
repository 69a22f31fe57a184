//! The attacker's packs: what it declares, its component, and components that no compiler would make.

use std::sync::OnceLock;

use anshu_sandbox::Sandbox;
use serde_json::{Value, json};
use wasm_encoder::reencode::{Error as Broken, Reencode};
use wasm_encoder::{
    CodeSection, Component, ExportSection, Function, FunctionSection, MemorySection, MemoryType,
    Module, ModuleSection, RefType, SectionId, StartSection, TableSection, TableType, TypeSection,
};

use crate::support::{self, World, encode, grant, with_section};
use crate::{faults_in, world_of};

/// What the attacker declares: the probe's own declarations under its name, and one action.
pub(crate) fn manifest() -> Value {
    let text = support::manifest().to_string().replace("probe", "hostile");
    let mut manifest: Value = serde_json::from_str(&text).unwrap();
    let form = json!({"name": "attack", "title": "办理", "schema": {
        "type": "object", "additionalProperties": false, "required": ["mode"],
        "properties": {
            "mode": {"type": "string", "x-anshu": {"level": "L1"}},
            "id": {"type": "string", "x-anshu": {"level": "L1"}},
            "said": {"type": "string", "x-anshu": {"level": "L1"}},
            "told": {"type": "string", "x-anshu": {"level": "L3", "tags": ["personal"], "purpose": "safety",
                "ground": "样例条例 第1条", "retention": "P1Y"}},
        },
    }});
    manifest["actions"] = json!([{
        "name": "attack", "title": "办理", "on": "nothing", "purpose": "safety",
        "article": "样例条例 第1条", "form": form,
    }]);
    manifest
}

pub(crate) fn pack_of(component: &[u8], manifest: &Value) -> Vec<u8> {
    with_section(component, "anshu:manifest", manifest.to_string().as_bytes())
}

pub(crate) fn component() -> Vec<u8> {
    encode(module())
}

/// The attacker's core module, built once.
fn module() -> &'static [u8] {
    static MODULE: OnceLock<Vec<u8>> = OnceLock::new();
    MODULE.get_or_init(|| support::build(&support::root().join("tests/hostile/guest"), "hostile"))
}

/// The attacker with three more memories, each below the limit and together above.
pub(crate) fn memories() -> Vec<u8> {
    struct More;
    impl Reencode for More {
        type Error = std::convert::Infallible;
        fn parse_memory_section(
            &mut self,
            memories: &mut MemorySection,
            section: wasmparser::MemorySectionReader<'_>,
        ) -> Result<(), Broken<Self::Error>> {
            wasm_encoder::reencode::utils::parse_memory_section(self, memories, section)?;
            for _ in 0..3 {
                memories.memory(MemoryType {
                    minimum: 400,
                    maximum: None,
                    memory64: false,
                    shared: false,
                    page_size_log2: None,
                });
            }
            Ok(())
        }
    }
    encode(&changed(&mut More))
}

/// The attacker with two more tables, likewise.
pub(crate) fn tables() -> Vec<u8> {
    struct More;
    impl Reencode for More {
        type Error = std::convert::Infallible;
        fn parse_table_section(
            &mut self,
            tables: &mut TableSection,
            section: wasmparser::TableSectionReader<'_>,
        ) -> Result<(), Broken<Self::Error>> {
            wasm_encoder::reencode::utils::parse_table_section(self, tables, section)?;
            for _ in 0..2 {
                tables.table(TableType {
                    element_type: RefType::FUNCREF,
                    minimum: 15_000,
                    maximum: None,
                    table64: false,
                    shared: false,
                });
            }
            Ok(())
        }
    }
    encode(&changed(&mut More))
}

pub(crate) fn changed(change: &mut impl Reencode<Error = std::convert::Infallible>) -> Vec<u8> {
    let mut made = Module::new();
    change.parse_core_module(&mut made, wasmparser::Parser::new(0), module()).unwrap();
    made.finish()
}

/// The attacker with one of its functions in the place of another that the host calls.
pub(crate) fn instead(function: &'static str, of: &'static str) -> Vec<u8> {
    struct Renamed(&'static str, &'static str);
    impl Reencode for Renamed {
        type Error = std::convert::Infallible;
        fn parse_export(
            &mut self,
            exports: &mut ExportSection,
            export: wasmparser::Export<'_>,
        ) -> Result<(), Broken<Self::Error>> {
            let name = match export.name {
                name if name == self.0 => self.1,
                name if name == self.1 => return Ok(()),
                name => name,
            };
            exports.export(name, self.export_kind(export.kind)?, export.index);
            Ok(())
        }
    }
    encode(&changed(&mut Renamed(function, of)))
}

/// The attacker with a function that runs before anything is called.
pub(crate) fn starting_with(function: &str) -> Vec<u8> {
    struct Started(u32);
    impl Reencode for Started {
        type Error = std::convert::Infallible;
        fn intersperse_section_hook(
            &mut self,
            module: &mut Module,
            after: Option<SectionId>,
            _: Option<SectionId>,
        ) -> Result<(), Broken<Self::Error>> {
            if after == Some(SectionId::Export) {
                module.section(&StartSection { function_index: self.0 });
            }
            Ok(())
        }
    }
    let mut found = None;
    for payload in wasmparser::Parser::new(0).parse_all(module()) {
        if let wasmparser::Payload::ExportSection(section) = payload.unwrap() {
            let exports = section.into_iter().map(Result::unwrap);
            found =
                exports.filter(|export| export.name == function).map(|export| export.index).last();
        }
    }
    encode(&changed(&mut Started(found.unwrap())))
}

/// A component with a core module of so many functions of so many instructions.
fn bomb(functions: u32, instructions: usize) -> Vec<u8> {
    let (mut types, mut declared, mut code) =
        (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    for _ in 0..functions {
        declared.function(0);
        let mut function = Function::new([]);
        for _ in 0..instructions {
            function.instructions().nop();
        }
        function.instructions().end();
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&code);
    let mut component = Component::new();
    component.section(&ModuleSection(&module));
    component.finish()
}

fn refused(bytes: &[u8]) -> String {
    Sandbox::inspect(bytes).unwrap_err().to_string()
}

#[test]
fn a_component_that_would_be_compiled_for_minutes_is_refused_before_it_is_compiled() {
    assert!(refused(&bomb(100_001, 0)).contains("100001 个"));
    assert!(refused(&bomb(1, 2 << 20)).contains("每个不超过"));
    let mut large = bomb(1, 0);
    large.resize((64 << 20) + 1, 0);
    assert!(refused(&large).contains("字节"));
}

#[test]
fn a_manifest_that_lies_about_its_imports_gets_none_of_them() {
    let world = World::new();
    let mut lying = manifest();
    lying["requests"]["imports"] = json!(["calendar", "log"]);
    // The integrator approved everything; the pack did not ask for it.
    let error =
        world.sandbox.install(&pack_of(&component(), &lying), &grant(&manifest())).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("hostile") && text.contains("entities") && text.contains("events"),
        "{text}"
    );
    assert_eq!(world.sandbox.packs().len(), 1);
}

#[test]
fn a_pack_with_two_manifests_is_refused() {
    let twice = pack_of(&pack_of(&component(), &manifest()), &support::manifest());
    assert!(refused(&twice).contains("不止一次"));
}

/// Every text of one length in a component, in the place of another of the same length.
fn patched(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut component = component();
    let mut at = 0;
    while at + from.len() <= component.len() {
        if component[at..].starts_with(from.as_bytes()) {
            component[at..at + from.len()].copy_from_slice(to.as_bytes());
        }
        at += 1;
    }
    component
}

#[test]
fn a_component_that_imports_what_the_contract_does_not_have_is_refused() {
    let world = World::new();
    let refused = |component: &[u8], manifest: &Value| {
        let pack = pack_of(component, manifest);
        let error = world.sandbox.install(&pack, &grant(manifest)).unwrap_err().to_string();
        assert_eq!(world.sandbox.packs().len(), 1, "{error}");
        error
    };
    // A function, in an interface that there is; a field of what the host gives; the name of an interface; a version.
    for (from, to) in [
        ("publish", "deliver"),
        ("identifiers", "identifierz"),
        ("governance/events", "governance/eventz"),
        ("@0.1.0", "@7.1.0"),
    ] {
        let error = refused(&patched(from, to), &manifest());
        assert!(error.contains(to) || error.contains("hostile 1.0.0"), "{to}: {error}");
    }
    // A field that no manifest of this contract has.
    let mut newer = manifest();
    newer["actions"][0]["surprise"] = json!(3);
    let error = refused(&component(), &newer);
    assert!(error.contains("surprise"), "{error}");
}

/// What it exports is looked at when it is called first.
#[tokio::test]
async fn a_component_that_answers_in_other_words_than_the_contracts_is_at_fault() {
    for (from, to) in [("published-at", "published-on"), ("summary", "verdict")] {
        let world = world_of(&patched(from, to));
        faults_in(&world, "calm", "违反合约").await;
    }
}
