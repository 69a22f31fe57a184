//! `anshu pack`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anshu_model::capability::Grant;
use anshu_model::{Error, Result};
use clap::Subcommand;

use super::say;
use crate::app::packs;
use crate::config::{Settings, toml_of};
use crate::run::Centre;

/// `anshu pack …`.
#[derive(Debug, Subcommand)]
pub(super) enum PackCommand {
    /// 查看插件包：清单、请求的能力和摘要
    Inspect {
        /// 插件包文件
        file: PathBuf,
    },
    /// 安装插件包并启用
    Install {
        /// 插件包文件
        file: PathBuf,
        /// 授权文件（TOML）
        #[arg(long, value_name = "文件")]
        grant: PathBuf,
    },
    /// 列出已安装的插件包
    List,
}

/// Runs a command.
pub(super) async fn run(settings: Settings, command: PackCommand) -> Result<ExitCode> {
    match command {
        PackCommand::Inspect { file } => {
            let inspection = anshu_sandbox::Sandbox::inspect(&bytes(&file)?)?;
            let text = serde_json::to_string_pretty(&inspection.manifest)
                .map_err(|error| Error::Internal(error.to_string()))?;
            say(format!("摘要 {}", inspection.digest));
            say(text);
        }
        PackCommand::Install { file, grant } => {
            let bytes = bytes(&file)?;
            let grant: Grant = toml_of(&grant.display().to_string(), &text(&grant)?)?;
            let centre = Centre::open(settings).await?;
            let ctx = centre.app.operator("pack-install")?;
            let installed = packs::install(&centre.app, &ctx, &bytes, &grant).await;
            centre.close().await;
            installed?;
            say(format!("已安装并启用 {}", grant.pack));
        }
        PackCommand::List => {
            let centre = Centre::open(settings).await?;
            let packs = centre.app.data.packs().await;
            centre.close().await;
            for pack in packs? {
                say(format!(
                    "{} {}  {}  {}",
                    pack.manifest.name, pack.manifest.version, pack.digest, pack.manifest.title
                ));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn bytes(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file)
        .map_err(|error| Error::Unavailable(format!("不能读取 {}：{error}", file.display())))
}

fn text(file: &Path) -> Result<String> {
    std::fs::read_to_string(file)
        .map_err(|error| Error::Unavailable(format!("不能读取 {}：{error}", file.display())))
}
