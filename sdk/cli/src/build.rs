//! The build of one plugin: compile, wrap, declare, write down.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::stamp::Stamp;
use crate::toolchain::{TARGET, Toolchain};
use crate::workspace::{Package, Workspace};
use crate::{environment, manifest, pack, stamp, translations};

/// What to build, and where to put it.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// A folder inside the workspace: the plugin's own, or any other together with `package`.
    pub folder: PathBuf,
    /// The plugin's crate; by default the one that stands in `folder`.
    pub package: Option<String>,
    /// The target folder; by default the workspace's own, which honours `CARGO_TARGET_DIR`.
    pub target: Option<PathBuf>,
    /// Where the pack goes; by default `<target>/packs`.
    pub out: Option<PathBuf>,
    /// Cargo features of the plugin to turn on.
    pub features: Vec<String>,
}

/// A pack on disk.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Built {
    /// The plugin's name, from its manifest.
    pub name: String,
    /// The plugin's version, from its manifest.
    pub version: String,
    /// `<out>/<name>-<version>.wasm`
    pub path: PathBuf,
    /// Bytes.
    pub size: usize,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// Interfaces of the contract that it imports.
    pub imports: Vec<String>,
    /// How long this took.
    #[serde(skip)]
    pub elapsed: Duration,
    /// Nothing had changed, so nothing was done.
    #[serde(skip)]
    pub unchanged: bool,
}

/// Builds one plugin into a pack, unless the pack that stands there is made of exactly the present sources.
///
/// Safe to call from several processes at once: they wait for each other.
///
/// # Errors
/// Where no compiler for the target is found, the plugin does not compile, its manifest is unusable, or the component wants
/// more than the contract. Every text says what to do.
pub fn build(options: &BuildOptions) -> Result<Built> {
    let workspace = read_workspace(options)?;
    build_package(
        &workspace,
        workspace.package(options.package.as_deref(), &options.folder)?,
        options,
    )
}

/// Builds every plugin of the workspace (`[package.metadata.anshu]`), one after the other, and gives each to `report`.
///
/// One at a time because cargo unifies the features of what it builds together, so that a pack's digest would depend on
/// which others were built with it.
///
/// # Errors
/// After the last plugin, names those that failed.
pub fn build_workspace(
    options: &BuildOptions,
    mut report: impl FnMut(&str, &Result<Built>),
) -> Result<()> {
    let workspace = read_workspace(options)?;
    let mut failed = Vec::new();
    for package in workspace.plugins() {
        let built = build_package(&workspace, package, options);
        report(&package.name, &built);
        if built.is_err() {
            failed.push(package.name.as_str());
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        bail!("{} 个插件没有构建成功：{}", failed.len(), failed.join("、"))
    }
}

fn read_workspace(options: &BuildOptions) -> Result<Workspace> {
    let mut workspace = Workspace::read(&options.folder)?;
    if let Some(target) = &options.target {
        workspace.target = std::path::absolute(target)?;
    }
    Ok(workspace)
}

fn build_package(
    workspace: &Workspace,
    package: &Package,
    options: &BuildOptions,
) -> Result<Built> {
    let start = Instant::now();
    let out = match &options.out {
        Some(out) => std::path::absolute(out)?,
        None => workspace.target.join("packs"),
    };
    let work = workspace.target.join("anshu");
    let _lock = lock(&work)?;
    let stamp = work.join("stamps").join(stamp_name(package, options));
    let translations = translations::files(package.folder())?;
    if let Some(present) = Stamp::still_true(&stamp)
        && present.covers(&translations)
        && present.built.path.parent() == Some(&out)
    {
        return Ok(Built { elapsed: start.elapsed(), unchanged: true, ..present.built });
    }

    let (module, mut inputs) = compile(workspace, package, options)?;
    let declared = manifest::ask(workspace, package, &options.features, &translations, &work)?;
    let bytes =
        pack::assemble(&module, &declared).with_context(|| format!("插件 {}", package.name))?;
    let inspection = pack::read(&bytes)?;

    let path = out.join(format!("{}-{}.wasm", declared.name, declared.version));
    write_whole(&path, &bytes)?;
    let built = Built {
        name: declared.name,
        version: declared.version,
        path,
        size: inspection.size,
        digest: inspection.digest,
        imports: inspection.imports,
        elapsed: start.elapsed(),
        unchanged: false,
    };
    inputs.extend(declared.inputs);
    inputs.extend(translations);
    inputs.retain(|input| !input.starts_with(&workspace.target));
    let manifests: Vec<_> = inputs.iter().filter_map(|input| cargo_toml_of(input)).collect();
    inputs.extend(manifests);
    let local = inputs
        .into_iter()
        .chain([workspace.root.join("Cargo.toml"), workspace.root.join("Cargo.lock")]);
    Stamp::new(built.clone(), local)?.write(&stamp)?;
    Ok(built)
}

/// The manifest of the crate that a source file belongs to: a feature that it turns on stands in no source.
fn cargo_toml_of(source: &Path) -> Option<PathBuf> {
    source
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("Cargo.toml"))
        .find(|manifest| manifest.exists())
}

/// One stamp for each package and choice of features.
fn stamp_name(package: &Package, options: &BuildOptions) -> String {
    let parts: Vec<_> =
        std::iter::once(&package.name).chain(&options.features).map(String::as_str).collect();
    format!("{}.json", parts.join("+").replace(['/', '\\'], "_"))
}

/// Compiles the plugin to a core module. Returns it with the local files that went into it.
fn compile(
    workspace: &Workspace,
    package: &Package,
    options: &BuildOptions,
) -> Result<(Vec<u8>, BTreeSet<PathBuf>)> {
    let library = package.library()?;
    let folder = package.folder();
    let toolchain = Toolchain::find_or_add(folder)?;
    let target = workspace.target.join("wasm");
    let mut cargo = toolchain.cargo_rustc(folder);
    cargo
        .env("CARGO_ENCODED_RUSTFLAGS", remapped_paths(&toolchain, folder))
        // Said here, not in the plugin's Cargo.toml: a native cdylib cannot be linked, as the contract's export names are
        // no names to a native linker, and `cargo test` would try.
        .args([
            "--release",
            "--lib",
            "--crate-type",
            "cdylib",
            "--package",
            &package.name,
            "--target-dir",
        ])
        .arg(&target);
    if !options.features.is_empty() {
        cargo.args(["--features", &options.features.join(",")]);
    }
    let status =
        cargo.status().with_context(|| format!("无法运行 {}", cargo.get_program().display()))?;
    if !status.success() {
        bail!("{} 没有编译成功；错误见上", package.name);
    }
    let made = target.join(TARGET).join("release").join(library.replace('-', "_"));
    let module = made.with_extension("wasm");
    let bytes = std::fs::read(&module).with_context(|| format!("读不到 {}", module.display()))?;
    Ok((bytes, stamp::dependencies(&made.with_extension("d"))?.into_iter().collect()))
}

/// Panic messages name source files. The same sources shall give the same pack on every machine, and a pack shall not tell
/// where its author's home is. The workspace's own files need no flag, as cargo names them relative to its root; and one set
/// of flags for all workspaces means one standard library in a shared target folder.
fn remapped_paths(toolchain: &Toolchain, folder: &Path) -> String {
    let registry = environment::cargo_home().map(|home| (home, "/cargo"));
    let library = toolchain.sysroot(folder).map(|sysroot| {
        let sources = sysroot.join("lib/rustlib/src/rust");
        (sources.canonicalize().unwrap_or(sources), "/rust")
    });
    let flags = [registry, library].into_iter().flatten();
    // Cargo's separator between flags, so that a path may hold spaces.
    flags
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
        .collect::<Vec<_>>()
        .join("\x1f")
}

/// Holds off other builds in the same target folder until dropped.
fn lock(work: &Path) -> Result<std::fs::File> {
    std::fs::create_dir_all(work).with_context(|| format!("建不了目录 {}", work.display()))?;
    let file = std::fs::File::create(work.join("lock"))?;
    file.lock().context("等不到另一个 cargo anshu 结束")?;
    Ok(file)
}

/// Writes a file so that a reader sees the old one or the new one, never half of one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).with_context(|| format!("建不了目录 {}", folder.display()))?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, path))
        .with_context(|| format!("写不了 {}", path.display()))?;
    Ok(())
}
