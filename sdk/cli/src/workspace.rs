//! What cargo knows about the workspace that a plugin stands in: its packages, its target folder.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// The workspace around a folder, as `cargo metadata --no-deps` tells it.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    /// Honours `CARGO_TARGET_DIR` and `build.target-dir`.
    #[serde(rename = "target_directory")]
    pub(crate) target: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    targets: Vec<Target>,
    metadata: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Workspace {
    /// Reads the workspace that `folder` stands in. Fails outside of a cargo workspace.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let chosen_target = std::env::var_os("CARGO_TARGET_DIR");
        let mut command = crate::environment::chosen_toolchain("cargo", folder);
        if let Some(target) = chosen_target {
            command.env("CARGO_TARGET_DIR", target);
        }
        let output = command
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("无法运行 cargo：请确认 Rust 已经安装，并且 cargo 在 PATH 里")?;
        if !output.status.success() {
            bail!(
                "{} 不在一个 cargo 工作区里：\n{}",
                folder.display(),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        serde_json::from_slice(&output.stdout).context("看不懂 cargo metadata 的输出")
    }

    /// The plugins: packages that say `[package.metadata.anshu]`, by name.
    pub(crate) fn plugins(&self) -> Vec<&Package> {
        let mut plugins: Vec<_> =
            self.packages.iter().filter(|package| package.is_plugin()).collect();
        plugins.sort_by(|a, b| a.name.cmp(&b.name));
        plugins
    }

    /// The package of that name, or without a name the one whose folder this is.
    pub(crate) fn package(&self, name: Option<&str>, folder: &Path) -> Result<&Package> {
        let found = match name {
            Some(name) => self.packages.iter().find(|package| package.name == name),
            None => {
                let here = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
                self.packages.iter().find(|package| package.folder() == here)
            }
        };
        let plugins = || {
            self.plugins()
                .iter()
                .map(|package| package.name.as_str())
                .collect::<Vec<_>>()
                .join("、")
        };
        match (found, name) {
            (Some(package), _) => Ok(package),
            (None, Some(name)) => bail!("工作区里没有叫 {name} 的包；现有的插件：{}", plugins()),
            (None, None) => {
                bail!(
                    "{} 不是一个插件的目录；请用 --package 指明插件，或者用 --workspace 构建全部：{}",
                    folder.display(),
                    plugins()
                )
            }
        }
    }
}

impl Package {
    /// The folder of its `Cargo.toml`.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// The name under which Rust code imports its library. Fails where there is no library that Rust code can import:
    /// the component is made from it, and its manifest is asked of it.
    pub(crate) fn library(&self) -> Result<&str> {
        let importable = |kind: &String| matches!(kind.as_str(), "lib" | "rlib");
        let Some(target) =
            self.targets.iter().find(|target| target.crate_types.iter().any(importable))
        else {
            bail!(
                "{} 没有可用的库：需要 src/lib.rs，并且 Cargo.toml 的 crate-type（若写明）要包含 rlib",
                self.name
            );
        };
        Ok(&target.name)
    }

    fn is_plugin(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.get("anshu").is_some())
    }
}
