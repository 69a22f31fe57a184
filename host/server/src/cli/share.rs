//! `anshu share`.

use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::{Error, Id, Result};
use clap::Subcommand;

use super::say;
use crate::app::share as app;
use crate::config::Settings;
use crate::file;
use crate::run::Centre;
use crate::view::share::ShareDetail;

/// `anshu share …`.
#[derive(Debug, Subcommand)]
pub(super) enum ShareCommand {
    /// 列出各单位之间的共享
    List,
    /// 查看一项共享：范围、经过、交付和使用记录
    Show {
        /// 共享编号
        share: String,
    },
    /// 离线校验一个共享交付文件：只需要签发中心的公钥，不需要数据目录
    Verify {
        /// 文件
        file: PathBuf,
        /// 签发中心的日志公钥（名称+标识+Base64）
        #[arg(long, value_name = "公钥")]
        key: String,
    },
}

/// Runs a command.
pub(super) async fn run(settings: Settings, command: ShareCommand) -> Result<ExitCode> {
    if let ShareCommand::Verify { file, key } = command {
        return verify(&file::text(&file)?, &key);
    }
    let centre = Centre::open(settings).await?;
    let done = obey(&centre, command).await;
    centre.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn obey(centre: &Centre, command: ShareCommand) -> Result<()> {
    let ctx = centre.app.operator("share-show")?;
    match command {
        ShareCommand::List => {
            let words = centre.app.words().await?;
            let shares = centre.app.data.shares(&ctx).await?;
            if shares.is_empty() {
                say("还没有共享申请");
            }
            for share in shares {
                say(format!(
                    "{}  {} → {}  {}  {}  读取 {}/{} 行，至 {}",
                    share.id,
                    words.unit(&share.provider),
                    words.unit(&share.asking),
                    share.group.name(),
                    share.state.title(),
                    share.used,
                    share.terms.max_rows,
                    words.at(share.terms.until)
                ));
            }
        }
        ShareCommand::Show { share } => {
            tell(&app::detail(&centre.app, &ctx, &Id::from_text(share)).await?);
        }
        ShareCommand::Verify { .. } => {}
    }
    Ok(())
}

fn tell(detail: &ShareDetail) {
    let share = &detail.share;
    say(format!("共享 {}：{}，{}", share.id, share.title, share.state_title));
    say(format!("  {} 提供，{} 使用", share.provider_name, share.asking_name));
    say(format!("  数据项：{}（最高 {}）", share.field_titles.join("、"), share.level));
    say(format!("  区划：{}", share.division_names.join("、")));
    say(format!("  目的：{}；依据：{}", share.purpose_title, share.terms.ground));
    say(format!(
        "  至 {}；已读取 {}/{} 行；读取后最多保存 {} 日",
        share.terms.until, share.used, share.terms.max_rows, share.terms.data_days
    ));
    if let (Some(clock), Some(light)) = (&share.clock, &share.light) {
        say(format!("  {clock}（本地政策）：{}", light.text));
    }
    for moment in &share.history {
        let unit = moment.unit_name.as_deref().unwrap_or("系统");
        say(format!("  {}  {unit}  {}  {}", moment.at, moment.step_title, moment.note));
    }
    for delivery in &detail.deliveries {
        let accepted = delivery.accepted_at.as_deref().unwrap_or("尚未签收");
        say(format!(
            "  交付 {}：{} 行，日志第 {} 条，签收 {accepted}",
            delivery.artefact, delivery.rows, delivery.leaf
        ));
    }
    for one in &detail.uses {
        say(format!("  使用 {}：{}，{} 行", one.at, one.unit_name, one.rows));
    }
}

fn verify(file: &str, key: &str) -> Result<ExitCode> {
    match anshu_data::verify_share_file(file.trim_end(), key) {
        Ok(received) => {
            let manifest = received.manifest;
            say(format!("校验通过：{} 签发，{} 行", manifest.centre, manifest.rows));
            say(format!(
                "  用途 {}；依据 {}；至 {}",
                manifest.purpose, manifest.ground, manifest.until
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(Error::Invalid(problems)) => {
            for problem in problems {
                say(format!("校验不通过：{problem}"));
            }
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error),
    }
}
