//! `cargo anshu`: from a plugin's crate to its pack, one file that the host installs.
//!
//! A pack is a WebAssembly component without any WASI import, with the plugin's manifest, golden cases and translations in
//! custom sections. This crate knows how to find a compiler for `wasm32-unknown-unknown` on any machine, and what a pack looks like
//! on disk. It must not know the host, the sandbox, or what a manifest says beyond its name, its version and
//! where its titles stand: the sandbox checks a pack when it is installed.

mod build;
mod compat;
mod environment;
mod manifest;
mod pack;
mod scaffold;
mod stamp;
mod toolchain;
mod translations;
mod workspace;

pub use build::{BuildOptions, Built, build, build_workspace};
pub use compat::{check_pack, check_wit};
pub use pack::{GOLDEN_SECTION, Inspection, MANIFEST_SECTION, TRANSLATIONS_SECTION, inspect};
pub use scaffold::{ScaffoldOptions, scaffold};
pub use toolchain::Toolchain;
