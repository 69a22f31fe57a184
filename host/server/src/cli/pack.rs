//! `anshu pack`.

use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::{Error, Result};
use clap::Subcommand;

use super::{say, trial};
use crate::app::{App, packs};
use crate::config::Settings;
use crate::file;
use crate::grant::GrantFile;
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
    /// 启用之前，在样例和近期的决定上比对新旧版本
    Trial(trial::TrialCommand),
    /// 在现行版本旁边试运行一个版本
    #[command(subcommand)]
    Shadow(trial::ShadowCommand),
}

/// Runs a command.
pub(super) async fn run(settings: Settings, command: PackCommand) -> Result<ExitCode> {
    match command {
        PackCommand::Inspect { file } => {
            let inspection = anshu_sandbox::Sandbox::inspect(&file::bytes(&file)?)?;
            let text = serde_json::to_string_pretty(&inspection.manifest)
                .map_err(|error| Error::Internal(error.to_string()))?;
            say(format!("摘要 {}", inspection.digest));
            say(text);
        }
        PackCommand::Install { file, grant } => {
            let bytes = file::bytes(&file)?;
            let name = grant.display().to_string();
            let grant = GrantFile::parse(&name, &file::text(&grant)?)?;
            // What is wrong with the file itself is told before anything is opened.
            anshu_sandbox::Sandbox::inspect(&bytes)?;
            let centre = Centre::open(settings).await?;
            let installed = install(&centre.app, &name, grant, &bytes).await;
            centre.close().await;
            say(format!("已安装并启用 {}", installed?));
        }
        PackCommand::Trial(command) => return trial::trial(settings, &command).await,
        PackCommand::Shadow(command) => return trial::shadow(settings, command).await,
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

/// Installs a pack with the grant that a file states.
async fn install(app: &App, name: &str, grant: GrantFile, bytes: &[u8]) -> Result<String> {
    let ctx = app.operator("pack-install")?;
    let grant = grant.resolve(app, name).await?;
    packs::install(app, &ctx, bytes, &grant).await?;
    Ok(grant.pack)
}
