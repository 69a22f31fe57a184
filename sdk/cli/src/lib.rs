//! `cargo anshu`: from a plugin's crate to its pack, one file that the host installs.
//!
//! A pack is a WebAssembly component without any WASI import, with the plugin's manifest, golden cases and translations in
//! custom sections. This crate knows how to find a compiler for `wasm32-unknown-unknown` on any machine, and what a pack
//! looks like on disk. It must not know the host or the sandbox, and what a manifest says only through the model's own
//! comparison of two of them: the sandbox checks a pack when it is installed.

mod build;
mod changes;
mod environment;
mod manifest;
mod pack;
mod scaffold;
mod stamp;
mod toolchain;
mod translations;
mod wit;
mod workspace;

pub use build::{BuildOptions, Built, build, build_workspace};
pub use changes::{Changes, changes};
pub use pack::{GOLDEN_SECTION, Inspection, MANIFEST_SECTION, TRANSLATIONS_SECTION, inspect};
pub use scaffold::{ScaffoldOptions, scaffold};
pub use toolchain::Toolchain;
pub use wit::check_wit;
