//! The attacker's packs: what it declares, its component, and components that no compiler would make.

use std::sync::OnceLock;

use anshu_sandbox::Sandbox;
use serde_json::{Value, json};
use wasm_encoder::reencode::{Error as Broken, Reencode};
use wasm_encoder::{
    CodeSection, Component, Function, FunctionSection, MemorySection, MemoryType, Module,
    ModuleSection, RefType, TableSection, TableType, TypeSection,
};

use crate::support::{self, World, encode, grant, with_section};

/// What the attacker declares: the probe's own declarations under its name, and one action.
pub(crate) fn manifest() -> Value {
    let text = support::manifest().to_string().replace("probe", "hostile");
    let mut manifest: Value = serde_json::from_str(&text).unwrap();
    let form = json!({"name": "attack", "title": "办理", "schema": {
        "type": "object", "additionalProperties": false, "required": ["mode"],
        "properties": {"mode": {"type": "string", "x-anshu": {"level": "L1"}}},
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

fn changed(change: &mut impl Reencode<Error = std::convert::Infallible>) -> Vec<u8> {
    let mut made = Module::new();
    change.parse_core_module(&mut made, wasmparser::Parser::new(0), module()).unwrap();
    made.finish()
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
