//! The source tree: where it is, and how its programs are built and started.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

/// The source tree and its target folder.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    cargo: PathBuf,
}

impl Tree {
    /// Finds the tree that this program was started in.
    pub(crate) fn find() -> Result<Self> {
        let here = std::env::current_dir().context("当前目录不可用")?;
        let started_from =
            std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| here.clone(), PathBuf::from);
        let root = started_from
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").exists() && folder.join("wit").exists())
            .with_context(|| format!("{} 不在安枢的源码目录里", started_from.display()))?;
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => here.join(target),
            None => root.join("target"),
        };
        let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        Ok(Self { root: root.to_path_buf(), target, cargo })
    }

    /// A command in the root of the tree, as a person would start it there.
    ///
    /// The cargo that started us left variables behind; build scripts watch some of them (ring's does), and would build
    /// again each time that somebody changes between `cargo` and `cargo xtask`.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("LD_LIBRARY_PATH");
        for (name, _) in std::env::vars_os() {
            let of_cargo =
                |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
            if name.to_str().is_some_and(of_cargo) {
                command.env_remove(&name);
            }
        }
        command
    }

    /// The cargo that started us.
    pub(crate) fn cargo(&self) -> Command {
        self.command(&self.cargo)
    }

    /// Builds one program of the workspace and returns its path.
    ///
    /// `--workspace` so that every crate is built with the features that the tests use too: what the demo builds, the tests
    /// need not build again.
    pub(crate) fn build_binary(&self, name: &str) -> Result<PathBuf> {
        // One small test is asked for beside it: with a test among the targets, cargo resolves the features that the test
        // run has, so that wasmtime and the other heavy crates are built once and not twice.
        run(self.cargo().args(["build", "--workspace", "--bin", name, "--test", "spine"]))?;
        Ok(self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
    }
}

/// Runs a command to its end. Fails where it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    let status = command.status().with_context(|| format!("无法运行 {line}"))?;
    if !status.success() {
        bail!("{line} 没有成功（{status}）");
    }
    Ok(())
}

/// What a command prints on its standard output, where it succeeds.
pub(crate) fn printed(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Becomes the command, so that Ctrl-C and every other signal reach it alone and its end is ours.
#[cfg(unix)]
pub(crate) fn finish(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    let line = line(command);
    Err(command.exec()).with_context(|| format!("无法运行 {line}"))
}

/// Runs the command to its end and hands on its result.
#[cfg(not(unix))]
pub(crate) fn finish(command: &mut Command) -> Result<ExitCode> {
    run(command).map(|()| ExitCode::SUCCESS)
}

/// The command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let program =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// The first of these programs that the machine has in its PATH.
pub(crate) fn program(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let found = |name: &&str| {
        folders
            .iter()
            .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
            .find(|path| path.is_file())
    };
    names.iter().find_map(found)
}
