//! Attacks on the compiler, and on the code that it made.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anshu_model::Error;
use anshu_sandbox::{Compiler, Sandbox, Settings, StoredPack};
use serde_json::Value;
use wasm_encoder::{BlockType, CodeSection, Component, Function, FunctionSection, Module};
use wasm_encoder::{ModuleSection, TypeSection, ValType};

use super::install::{component, manifest, pack_of};
use super::support::{World, centre, grant};
use super::{attack, support};

const KEY: [u8; 32] = [7; 32];

fn apart() -> Settings {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_compile-worker"));
    Settings { compiler: Compiler::Apart { program, arguments: Vec::new() }, ..Settings::default() }
}

/// A component that is small, valid, and keeps the compiler busy for minutes: functions in which everything is alive
/// everywhere.
fn bomb() -> Vec<u8> {
    const FUNCTIONS: u32 = 60;
    const LOCALS: u32 = 600;
    let (mut types, mut declared, mut code) =
        (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    for _ in 0..FUNCTIONS {
        declared.function(0);
        let mut function = Function::new([(LOCALS, ValType::I64)]);
        let mut at = function.instructions();
        for local in 0..30_000_u32 {
            at.block(BlockType::Empty)
                .local_get(local % LOCALS)
                .local_get((local * 7 + 1) % LOCALS)
                .i64_add()
                .local_tee((local * 3 + 2) % LOCALS)
                .i64_eqz()
                .br_if(0)
                .local_get((local * 5) % LOCALS)
                .local_set((local * 11 + 3) % LOCALS)
                .end();
        }
        at.end();
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&code);
    let mut component = Component::new();
    component.section(&ModuleSection(&module));
    component.finish()
}

/// The attacker, carrying the bomb inside.
fn loaded() -> Vec<u8> {
    let mut carrier = component();
    // A nested component is a section like any other.
    let bomb = bomb();
    let mut length = Vec::new();
    let mut rest = bomb.len();
    loop {
        let byte = (rest & 127) as u8;
        rest >>= 7;
        length.push(if rest == 0 { byte } else { byte | 128 });
        if rest == 0 {
            break;
        }
    }
    carrier.push(4);
    carrier.extend(length);
    carrier.extend(bomb);
    pack_of(&carrier, &manifest())
}

#[test]
fn a_component_that_is_compiled_for_minutes_is_cut_and_the_host_goes_on() {
    let sandbox =
        Sandbox::new(Settings { compile_time: Duration::from_secs(2), ..apart() }).unwrap();
    let bytes = loaded();
    Sandbox::inspect(&bytes).unwrap();
    let begun = Instant::now();
    let error = sandbox.install(&bytes, &grant(&manifest())).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let text = error.to_string();
    assert!(text.contains("hostile 1.0.0") && text.contains("已中止"), "{text}");
    assert!(sandbox.packs().is_empty());
    let probe = support::manifest();
    sandbox.install(&support::pack(&probe), &grant(&probe)).unwrap();
}

#[test]
fn a_compiler_that_takes_too_much_memory_is_stopped() {
    let sandbox = Sandbox::new(Settings { compile_memory: 96 << 20, ..apart() }).unwrap();
    let error = sandbox.install(&loaded(), &grant(&manifest())).unwrap_err().to_string();
    assert!(error.contains("hostile 1.0.0") && error.contains("96 MiB"), "{error}");
}

#[test]
fn a_compiler_that_is_not_there_or_talks_nonsense_is_not_believed() {
    for (program, arguments) in [
        ("/nowhere/at/all", Vec::new()),
        ("/bin/echo", vec![OsString::from("+nonsense")]),
        ("/bin/false", Vec::new()),
    ] {
        let compiler = Compiler::Apart { program: program.into(), arguments };
        let sandbox = Sandbox::new(Settings { compiler, ..Settings::default() }).unwrap();
        let pack = pack_of(&component(), &manifest());
        let error = sandbox.install(&pack, &grant(&manifest())).unwrap_err();
        assert!(matches!(error, Error::Invalid(_) | Error::Unavailable(_)), "{program}: {error}");
        assert!(sandbox.packs().is_empty());
    }
}

/// Installs the attacker in a sandbox that keeps its code in a folder.
fn kept(folder: &Path, key: &[u8; 32]) -> (Sandbox, String) {
    let sandbox = Sandbox::keeping(apart(), folder, key).unwrap();
    let installed =
        sandbox.install(&pack_of(&component(), &manifest()), &grant(&manifest())).unwrap();
    (sandbox, installed.digest)
}

/// Starts anew over the folder. The pack's file is asked for only where its code is not taken.
fn started(folder: &Path, key: &[u8; 32], digest: &str) -> (World, bool) {
    let sandbox = Sandbox::keeping(apart(), folder, key).unwrap();
    let mut read = false;
    let grant = grant(&manifest());
    let bytes = || {
        read = true;
        Ok(pack_of(&component(), &manifest()))
    };
    let stored = StoredPack { digest: digest.to_owned(), grant, active: true, bytes };
    for answer in sandbox.restore(vec![stored]) {
        assert_eq!(answer.unwrap().digest, digest);
    }
    let world = World { sandbox, centre: centre() };
    (world, read)
}

async fn works(world: &World) {
    world.centre.use_schemas(world.sandbox.schemas());
    world.sandbox.invoke(&world.centre, attack("calm")).await.unwrap();
}

#[tokio::test]
async fn kept_code_is_taken_where_the_seal_holds_and_made_anew_where_not() {
    let folder = tempfile::tempdir().unwrap();
    let (_, digest) = kept(folder.path(), &KEY);
    let file = folder.path().join(format!("{digest}.code"));
    let whole = std::fs::read(&file).unwrap();

    let (world, read) = started(folder.path(), &KEY, &digest);
    assert!(!read, "the code was there");
    works(&world).await;

    // A byte anywhere: in the head, the seal, what it was made for, the note, the code, the last one; a byte too few.
    let places = [0, 7, 8, 39, 40, 71, 72, 80, 200, whole.len() / 2, whole.len() - 1];
    for place in places {
        let mut flipped = whole.clone();
        flipped[place] ^= 1;
        std::fs::write(&file, &flipped).unwrap();
        let (world, read) = started(folder.path(), &KEY, &digest);
        assert!(read, "byte {place}: changed code was taken");
        works(&world).await;
        assert_eq!(std::fs::read(&file).unwrap().len(), whole.len(), "it was written anew");
        assert!(!started(folder.path(), &KEY, &digest).1, "and is taken again");
    }
    std::fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    assert!(started(folder.path(), &KEY, &digest).1);
    std::fs::write(&file, b"").unwrap();
    assert!(started(folder.path(), &KEY, &digest).1);
    // Somebody else's seal, and another pack's code under this pack's name.
    kept(folder.path(), &KEY);
    assert!(started(folder.path(), &[8; 32], &digest).1);
    kept(folder.path(), &KEY);
    let other = "f".repeat(64);
    std::fs::copy(&file, folder.path().join(format!("{other}.code"))).unwrap();
    let sandbox = Sandbox::keeping(apart(), folder.path(), &KEY).unwrap();
    let stored = StoredPack {
        digest: other,
        grant: grant(&manifest()),
        active: true,
        bytes: || Ok(pack_of(&component(), &manifest())),
    };
    let error = sandbox.restore(vec![stored]).remove(0).unwrap_err().to_string();
    assert!(error.contains("hostile 1.0.0") && error.contains("摘要"), "{error}");
}

/// The note is under the seal, and what it says is checked against the grant all the same.
#[tokio::test]
async fn kept_code_gets_no_more_than_is_granted_now() {
    let folder = tempfile::tempdir().unwrap();
    let (_, digest) = kept(folder.path(), &KEY);
    let mut less: Value = manifest();
    less["requests"]["imports"] = serde_json::json!(["calendar", "log"]);
    let sandbox = Sandbox::keeping(apart(), folder.path(), &KEY).unwrap();
    let stored = StoredPack {
        digest,
        grant: grant(&less),
        active: true,
        bytes: || Err(Error::NotFound("never asked".into())),
    };
    let error = sandbox.restore(vec![stored]).remove(0).unwrap_err();
    assert!(matches!(&error, Error::Denied(text) if text.contains("entities")), "{error}");
    assert!(sandbox.packs().is_empty());
}
