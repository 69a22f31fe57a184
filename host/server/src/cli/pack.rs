//! `anshu pack`.

mod file;
mod inspect;

use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::Result;
use anshu_model::provenance::Provenance;
use clap::Subcommand;

use super::{say, trial};
use crate::app::provenance::Offer;
use crate::app::{App, packs};
use crate::config::Settings;
use crate::grant::GrantFile;
use crate::run::Centre;

/// `anshu pack …`.
#[derive(Debug, Subcommand)]
pub(super) enum PackCommand {
    #[command(flatten)]
    File(file::FileCommand),
    /// 安装插件包并启用
    Install {
        /// 插件包文件
        file: PathBuf,
        /// 授权文件（TOML）
        #[arg(long, value_name = "文件")]
        grant: PathBuf,
        /// 签名文件；默认是插件包旁边的 .sig
        #[arg(long, value_name = "文件")]
        signatures: Option<PathBuf>,
        /// 名称与已安装的插件相似时，核实后重写一遍插件名以确认
        #[arg(long, value_name = "插件名")]
        confirm_name: Option<String>,
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
        PackCommand::File(command) => return file::run(&settings, command).await,
        PackCommand::Install { file, grant, signatures, confirm_name } => {
            let bytes = crate::file::bytes(&file)?;
            let (_, signatures) = file::signatures(&file, signatures.as_deref())?;
            let name = grant.display().to_string();
            let grant = GrantFile::parse(&name, &crate::file::text(&grant)?)?;
            // What is wrong with the file itself is told before anything is opened.
            anshu_sandbox::Sandbox::inspect(&bytes)?;
            let centre = Centre::open(settings).await?;
            let confirmed = confirm_name.as_deref();
            let offer = Offer { bytes: &bytes, signatures: &signatures, confirmed };
            let installed = install(&centre.app, &name, grant, &offer).await;
            centre.close().await;
            let installed = installed?;
            say(format!("已安装并启用 {}", installed.claim.title()));
            for found in &installed.signatures {
                say(format!("  {}", found.line()));
            }
            if let Some(warning) = installed.warning() {
                say(warning);
            }
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
async fn install(app: &App, name: &str, grant: GrantFile, offer: &Offer<'_>) -> Result<Provenance> {
    let ctx = app.operator("pack-install")?;
    let grant = grant.resolve(app, name).await?;
    packs::install(app, &ctx, offer, &grant).await
}
