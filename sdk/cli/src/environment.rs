//! Commands that start as if no cargo stood around us.
//!
//! `cargo xtask` and `cargo test` set dozens of variables for what they run. A cargo started from there would take another
//! compiler, other flags, or rebuild because a variable that a build script watches has changed.

use std::path::Path;
use std::process::Command;

/// What an outer cargo or rustup sets, or a person sets for the host's own build, that must not reach a plugin's build.
const REMOVED: &[&str] = &[
    "CARGO",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_CRATE_NAME",
    "CARGO_ENCODED_RUSTDOCFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_DIR",
    "CARGO_TARGET_TMPDIR",
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "LD_LIBRARY_PATH",
    "MAKEFLAGS",
    "MFLAGS",
    "OUT_DIR",
    "RUSTC",
    "RUSTC_BOOTSTRAP",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "RUST_RECURSION_COUNT",
    "__CARGO_DEFAULT_LIB_METADATA",
];

/// Families of such variables.
const REMOVED_PREFIXES: &[&str] = &[
    "CARGO_PKG_",
    "CARGO_BIN_",
    "CARGO_MANIFEST_",
    "CARGO_CFG_",
    "CARGO_FEATURE_",
    "CARGO_PROFILE_",
    "DEP_",
];

/// A command of the toolchain that the person chose (`RUSTUP_TOOLCHAIN` stays), otherwise untouched by an outer cargo.
pub(crate) fn chosen_toolchain(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for name in REMOVED {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| REMOVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        {
            command.env_remove(&name);
        }
    }
    command
}

/// A command that rustup has no say in.
pub(crate) fn without_rustup(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = chosen_toolchain(program, folder);
    command.env_remove("RUSTUP_TOOLCHAIN");
    command.env_remove("RUSTUP_TOOLCHAIN_SOURCE");
    command
}

/// The folder where cargo keeps downloaded sources.
pub(crate) fn cargo_home() -> Option<std::path::PathBuf> {
    folder_from("CARGO_HOME").or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// The folder where rustup keeps its toolchains.
pub(crate) fn rustup_home() -> Option<std::path::PathBuf> {
    folder_from("RUSTUP_HOME").or_else(|| Some(std::env::home_dir()?.join(".rustup")))
}

fn folder_from(variable: &str) -> Option<std::path::PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(Into::into)
}

/// Whether the machine's owner told rustup not to download anything by itself.
pub(crate) fn rustup_may_install() -> bool {
    std::env::var_os("RUSTUP_AUTO_INSTALL").is_none_or(|value| value != "0")
}
