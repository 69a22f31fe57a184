//! A compiler for `wasm32-unknown-unknown`, on whatever machine this is.
//!
//! An ordinary machine has rustup and may add the target. Where rustup may not or cannot download, Debian's own packages
//! build the standard library from source; the linker is the one that every rustup toolchain carries.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::environment;

/// The only target that plugins are built for: it offers nothing ambient.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages that build for the target.
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
/// The oldest release that compiles the workspace (`rust-version` in the root `Cargo.toml`).
const OLDEST: (u32, u32) = (1, 95);

/// A way to compile for `wasm32-unknown-unknown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The ordinary toolchain has the target's standard library.
    Installed,
    /// Debian's compiler in `/usr/bin`, which builds the standard library itself.
    Debian {
        /// A linker that makes WebAssembly modules.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// Finds a toolchain as it stands, without changing the machine.
    #[must_use]
    pub fn find(folder: &Path) -> Option<Self> {
        if has_target(folder) { Some(Self::Installed) } else { debian(folder).ok() }
    }

    /// Finds a toolchain, and lets rustup add the target where that is allowed.
    ///
    /// # Errors
    /// Says which commands would provide one.
    pub fn find_or_add(folder: &Path) -> Result<Self> {
        if has_target(folder) || (environment::rustup_may_install() && add_target(folder)) {
            return Ok(Self::Installed);
        }
        let debian = match debian(folder) {
            Ok(debian) => return Ok(debian),
            Err(reason) => reason,
        };
        bail!(
            "这台机器还不能编译 {TARGET}（{debian}）。请任选一种办法：\n  \
             1. 能够联网并且装有 rustup：rustup target add {TARGET}{}\n  \
             2. Debian（需要 root）：apt-get install --no-install-recommends {}\n  \
             3. 以 root 运行 cargo anshu toolchain --install，自动完成以上一种",
            if environment::rustup_may_install() {
                ""
            } else {
                "（环境变量 RUSTUP_AUTO_INSTALL=0 使我们没有自动这样做）"
            },
            DEBIAN_PACKAGES.join(" "),
        );
    }

    /// Finds a toolchain or installs one: by rustup, else by apt-get where that exists and may be used.
    ///
    /// # Errors
    /// Says what was tried and which commands would provide one.
    pub fn install(folder: &Path) -> Result<Self> {
        if let Ok(found) = Self::find_or_add(folder) {
            return Ok(found);
        }
        // Always with fresh lists: those of a machine that was just set up name a release that is too old, and installing
        // it succeeds. Where they cannot be had, what is listed may still do.
        refresh_apt();
        apt_install();
        Self::find_or_add(folder)
    }

    /// A `cargo rustc` that builds for the target in `folder`, its flags set; the caller adds what to build.
    pub(crate) fn cargo_rustc(&self, folder: &Path) -> Command {
        match self {
            Self::Installed => {
                let mut cargo = environment::chosen_toolchain("cargo", folder);
                cargo.args(["rustc", "--target", TARGET]);
                cargo
            }
            Self::Debian { linker } => {
                let mut cargo = environment::without_rustup(DEBIAN_CARGO, folder);
                cargo
                    .env("RUSTC", DEBIAN_RUSTC)
                    // The standard library is built by the compiler's own release, which counts as unstable use.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    .args(["rustc", "-Z", "build-std=std,panic_abort", "--target", TARGET]);
                cargo
            }
        }
    }

    /// Where the compiler keeps the standard library's sources, whose paths would otherwise stand in panic messages.
    pub(crate) fn sysroot(&self, folder: &Path) -> Option<PathBuf> {
        match self {
            Self::Installed => sysroot(environment::chosen_toolchain("rustc", folder)),
            Self::Debian { .. } => sysroot(environment::without_rustup(DEBIAN_RUSTC, folder)),
        }
    }

    /// One line for a person.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Installed => format!("已安装的 Rust 工具链（自带 {TARGET}）"),
            Self::Debian { linker } => {
                format!("Debian 的 {DEBIAN_RUSTC}（从源码构建标准库），链接器 {}", linker.display())
            }
        }
    }
}

fn has_target(folder: &Path) -> bool {
    let mut rustc = environment::chosen_toolchain("rustc", folder);
    let Some(libraries) = printed(rustc.args(["--print", "target-libdir", "--target", TARGET]))
    else {
        return false;
    };
    files(Path::new(&libraries)).any(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libcore-") && name.ends_with(".rlib")
    })
}

fn add_target(folder: &Path) -> bool {
    let mut rustup = environment::chosen_toolchain("rustup", folder);
    // A machine without rustup is an ordinary case, so no error is kept.
    rustup.args(["target", "add", TARGET]).status().is_ok_and(|status| status.success())
        && has_target(folder)
}

fn debian(folder: &Path) -> Result<Toolchain> {
    let version = printed(environment::without_rustup(DEBIAN_RUSTC, folder).arg("--version"))
        .with_context(|| format!("没有 {DEBIAN_RUSTC}"))?;
    let mut numbers = version.split([' ', '.']).skip(1).map(|number| number.parse().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if (major, minor) < OLDEST {
        bail!("{DEBIAN_RUSTC} 是 {version}，太旧；至少需要 {}.{}", OLDEST.0, OLDEST.1);
    }
    if !Path::new(DEBIAN_CARGO).exists() {
        bail!("没有 {DEBIAN_CARGO}");
    }
    let sysroot = sysroot(environment::without_rustup(DEBIAN_RUSTC, folder)).unwrap_or_default();
    if !sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").exists() {
        bail!("{DEBIAN_RUSTC} 没有标准库的源码");
    }
    let linker = linker(folder).context("没有能够链接 WebAssembly 的 rust-lld 或 wasm-ld")?;
    Ok(Toolchain::Debian { linker })
}

/// `rust-lld` of the present toolchain, of any rustup toolchain or of the distribution; else LLVM's `wasm-ld`.
fn linker(folder: &Path) -> Option<PathBuf> {
    let present = sysroot(environment::chosen_toolchain("rustc", folder));
    let others =
        environment::rustup_home().into_iter().flat_map(|home| files(&home.join("toolchains")));
    let rustlib =
        present.into_iter().chain(others).flat_map(|sysroot| files(&sysroot.join("lib/rustlib")));
    let llvm = files(Path::new("/usr/bin")).filter(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name == "rust-lld" || name == "wasm-ld" || name.starts_with("wasm-ld-")
    });
    rustlib
        .map(|host| host.join("bin/rust-lld"))
        .filter(|linker| linker.exists())
        .chain(llvm)
        .next()
}

fn sysroot(mut rustc: Command) -> Option<PathBuf> {
    printed(rustc.args(["--print", "sysroot"])).map(PathBuf::from)
}

/// What a command prints, where it succeeds.
fn printed(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The entries of a folder in a stable order; none where it cannot be read.
fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    found.sort();
    found.into_iter()
}

fn apt_install() -> bool {
    apt(&["install", "--yes", "--no-install-recommends"], &DEBIAN_PACKAGES)
}

fn refresh_apt() -> bool {
    apt(&["update"], &[])
}

fn apt(arguments: &[&str], packages: &[&str]) -> bool {
    let mut apt = environment::without_rustup("apt-get", Path::new("/"));
    apt.env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-qq", "-o", "Dpkg::Use-Pty=0"])
        .args(arguments)
        .args(packages);
    apt.status().is_ok_and(|status| status.success())
}
