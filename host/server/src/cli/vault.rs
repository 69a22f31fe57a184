//! `anshu vault` and `anshu retention`: the keys, and what periods have ended for.

use std::process::ExitCode;

use anshu_data::ReindexStage;
use anshu_model::Result;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::say;
use crate::app::vault;
use crate::config::Settings;
use crate::run::Centre;

/// `anshu vault …`.
#[derive(Debug, Subcommand)]
pub(super) enum VaultCommand {
    /// 主密钥和数据密钥的状态（不显示任何密钥）
    Status,
    /// 更换主密钥，并以新的主密钥重新包裹全部数据密钥；可随时中断
    Rotate {
        /// 只说明将做什么，不更换
        #[arg(long)]
        dry_run: bool,
        /// 继续上一次没有完成的轮换，不再更换
        #[arg(long)]
        resume: bool,
    },
    /// 更换检索密钥（证件号码、电话、案号等精确查询所用），并重做全部检索索引；可随时中断
    Reindex {
        /// 只说明将做什么，不更换
        #[arg(long)]
        dry_run: bool,
        /// 继续上一次没有完成的更换，不再更换
        #[arg(long)]
        resume: bool,
    },
    /// 加密原先未加密的数据（例如由旧版本写入的）；可随时中断，再次执行即继续
    Encrypt,
}

/// `anshu retention …`.
#[derive(Debug, Args)]
pub(super) struct RetentionCommand {
    /// 只列出保存期限已届满的对象及将做的处理，不改动
    #[arg(long)]
    dry_run: bool,
}

fn bar(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{msg} {pos}/{len} {bar:40} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

/// Works on a centre that is stopped.
pub(super) async fn run(settings: Settings, command: VaultCommand) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let done = act(&centre, command).await;
    centre.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(centre: &Centre, command: VaultCommand) -> Result<()> {
    let app = &centre.app;
    match command {
        VaultCommand::Status => vault::lines(app).await?.into_iter().for_each(say),
        VaultCommand::Rotate { dry_run: true, resume } => {
            vault::lines(app).await?.into_iter().for_each(say);
            say(if resume {
                "将以当前主密钥重新包裹其余的数据密钥；未作任何改动"
            } else {
                "将产生新的主密钥，并重新包裹全部数据密钥；正文不变。未作任何改动"
            });
        }
        VaultCommand::Rotate { dry_run: false, resume } => {
            let mut left = u64::MAX;
            if !resume {
                let begun = vault::rotate(app, true).await?;
                say(format!("新的主密钥 {}", begun.master));
                left = begun.left;
            }
            let bar = bar(if left == u64::MAX { 0 } else { left }, "重新包裹数据密钥");
            let mut wrapped = 0;
            loop {
                let step = vault::rotate(app, false).await?;
                wrapped += step.wrapped;
                bar.set_length(wrapped + step.left);
                bar.set_position(wrapped);
                if step.left == 0 {
                    break;
                }
            }
            bar.finish_and_clear();
            say(format!("已重新包裹 {wrapped} 个数据密钥；旧的主密钥已不再需要，可移出密钥文件夹"));
        }
        VaultCommand::Reindex { dry_run: true, resume } => {
            vault::lines(app).await?.into_iter().for_each(say);
            say(if resume {
                "将继续写入新的检索索引、清除旧的，最后销毁旧的检索密钥；未作任何改动"
            } else {
                "将产生新的检索密钥，为全部记录写入新的检索索引，再清除旧的，最后销毁旧的检索密钥；正文不变。统计、预算、水印和导出文件所用的密钥不变。未作任何改动"
            });
        }
        VaultCommand::Reindex { dry_run: false, resume } => {
            if !resume {
                vault::reindex(app, true).await?;
                say("新的检索密钥已产生；在完成之前，请同时备份密钥文件夹中新旧两个检索密钥");
            }
            let bar = bar(0, "重做检索索引");
            let last = loop {
                let step = vault::reindex(app, false).await?;
                if step.stage == ReindexStage::Still {
                    break step;
                }
                bar.set_length(step.all);
                bar.set_position(step.done);
            };
            bar.finish_and_clear();
            say(format!(
                "检索密钥现为第 {} 代 {}；更早的已销毁。此前的数据库备份须与同期的密钥备份一起保存",
                last.generation, last.key
            ));
        }
        VaultCommand::Encrypt => {
            let bar = bar(0, "加密原先的数据");
            let (mut records, mut sealed, mut after) = (0, 0, String::new());
            loop {
                let step = vault::seal(app, &after).await?;
                records += step.records;
                sealed += step.sealed;
                bar.set_length(records);
                bar.set_position(records);
                match step.next {
                    Some(next) => after = next,
                    None => break,
                }
            }
            bar.finish_and_clear();
            say(format!("查看了 {records} 条记录，加密了 {sealed} 行"));
        }
    }
    Ok(())
}

/// Runs the retention once, or tells what it would do.
pub(super) async fn retention(settings: Settings, command: RetentionCommand) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let done = ended(&centre, &command).await;
    centre.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn ended(centre: &Centre, command: &RetentionCommand) -> Result<()> {
    let app = &centre.app;
    let context = app.operator("retention")?;
    let offset = app.data.calendar().offset();
    let found = vault::retention(app, &context, command.dry_run, usize::MAX).await?;
    for ending in &found {
        let (subject, on) = (&ending.subject, ending.ended_at.date(offset));
        say(format!("{subject}  {on} 届满  {}：{}", ending.step.title(), ending.why));
    }
    let days = app.settings.retention.grace_days;
    let said = if command.dry_run { "未作任何改动" } else { "已处理" };
    say(format!("共 {} 个对象的保存期限已届满；宽限 {days} 天（本地政策）；{said}", found.len()));
    Ok(())
}
