//! From a component to something that can be linked: compiled here or apart, or taken from the shelf, where what was made
//! once is kept under a seal with what was found in the pack then.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use anshu_artifact::{Compiled, Limits, Shelf, Worker};
use anshu_model::capability::Import;
use anshu_model::manifest::Manifest;
use anshu_model::{Error, Problem, Result};
use serde::{Deserialize, Serialize};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine;
use crate::settings::{Compiler, Settings};

/// Bytes of compiled code. The largest component that is looked at has 64 MiB.
const MOST_CODE: u64 = 512 << 20;

/// What is known of a component without looking into it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) manifest: Manifest,
    pub(crate) imports: BTreeSet<Import>,
}

/// Makes code of components.
#[derive(Debug)]
pub(crate) struct Maker {
    pub(crate) engine: Engine,
    /// None: compiles here.
    worker: Option<Worker>,
    shelf: Option<Shelf>,
}

impl Maker {
    pub(crate) fn new(settings: &Settings, shelf: Option<(&Path, &[u8; 32])>) -> Result<Self> {
        let engine = engine::engine(settings)?;
        let worker = match &settings.compiler {
            Compiler::Here => None,
            Compiler::Apart { program, arguments } => Some(Worker {
                program: program.clone(),
                arguments: arguments.clone(),
                limits: Limits {
                    memory: settings.compile_memory,
                    // Two threads may compile until the deadline.
                    seconds: settings.compile_time.as_secs().max(1) * 2,
                    deadline: settings.compile_time,
                    code: MOST_CODE,
                },
            }),
        };
        let shelf = shelf.map(|(folder, key)| Shelf::open(folder, key, &engine)).transpose()?;
        Ok(Self { engine, worker, shelf })
    }

    /// A component that was made before, with what is known of it. None: it must be made.
    pub(crate) fn kept(&self, digest: &str) -> Option<(Component, Known)> {
        let kept = self.shelf.as_ref()?.take(digest)?;
        // What an older host noted in another form, or code that this engine does not take, is made anew.
        let known = serde_json::from_slice(&kept.note).ok()?;
        let component = kept.code.load(&self.engine).ok()?;
        Some((component, known))
    }

    /// Compiles a component, and keeps the code.
    ///
    /// # Errors
    /// [`Error::Invalid`], which names the pack, where the compiler does not take it or broke a limit over it.
    pub(crate) fn make(&self, bytes: &[u8], digest: &str, known: &Known) -> Result<Component> {
        let made = match &self.worker {
            None => Compiled::here(&self.engine, bytes),
            Some(worker) => worker.compile(bytes),
        };
        let compiled = made.map_err(|error| of_pack(&known.manifest, error))?;
        let component =
            compiled.load(&self.engine).map_err(|error| of_pack(&known.manifest, error))?;
        if let Some(shelf) = &self.shelf
            && let Err(error) = keep(shelf, digest, &compiled, known)
        {
            // The pack works without; the next start is slower.
            tracing::warn!(pack = known.manifest.name, %error, "compiled code not kept");
        }
        Ok(component)
    }
}

fn keep(shelf: &Shelf, digest: &str, compiled: &Compiled, known: &Known) -> Result<()> {
    let note = serde_json::to_vec(known)
        .map_err(|error| Error::Internal(format!("note of compiled code: {error}")))?;
    shelf.put(digest, compiled, &note)
}

/// Says of which pack something is wrong.
pub(crate) fn of_pack(manifest: &Manifest, error: Error) -> Error {
    let Error::Invalid(problems) = error else { return error };
    let named = |problem: Problem| {
        let at = format!("插件 {} {} 的{}", manifest.name, manifest.version, problem.at);
        Problem { at, ..problem }
    };
    Error::Invalid(problems.into_iter().map(named).collect())
}

/// What the program of [`Compiler::Apart`] does: limits itself to so many bytes and seconds, reads one component, writes its
/// code.
pub fn compile_worker(memory: u64, seconds: u64) -> ExitCode {
    anshu_artifact::serve(memory, seconds, engine::compiling)
}
