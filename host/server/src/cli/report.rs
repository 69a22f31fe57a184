//! `anshu report`.

use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::{Error, Result};
use clap::Subcommand;

use super::say;
use crate::app::{App, compliance};
use crate::config::Settings;
use crate::run::Centre;

/// `anshu report …`.
#[derive(Debug, Subcommand)]
pub(super) enum ReportCommand {
    /// 年度报告：本人请求、查阅批准、导出和共享、销毁、安全事件、评估和审计，附所依据的日志规模和根
    Yearly {
        /// 年份
        year: i16,
        /// 由谁生成：登录名（个人信息保护负责人或审计员）
        #[arg(long = "as", value_name = "登录名")]
        login: String,
        /// 写入文件（JSON）；不给出时逐行显示
        #[arg(long, value_name = "文件")]
        out: Option<PathBuf>,
        /// 对外公布：涉及个人的小数不列出
        #[arg(long)]
        published: bool,
    },
}

/// Runs a command.
pub(super) async fn run(settings: Settings, command: ReportCommand) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let done = work(&centre.app, command).await;
    centre.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn work(app: &App, command: ReportCommand) -> Result<()> {
    let ReportCommand::Yearly { year, login, out, published } = command;
    let account = app.data.account(&login).await?;
    let account =
        account.ok_or_else(|| Error::invalid("--as", "没有这个账号", "已建立的登录名"))?;
    let ctx = app.context(&account.person, None)?;
    let report = compliance::yearly(app, &ctx, year, published).await?;
    if let Some(out) = out {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|error| Error::Internal(error.to_string()))?;
        std::fs::write(&out, text + "\n")
            .map_err(|error| Error::Unavailable(format!("不能写入 {}：{error}", out.display())))?;
        say(format!("已写入 {}", out.display()));
        return Ok(());
    }
    say(format!(
        "{} {year} 年个人信息保护年度报告{}",
        report.centre,
        if report.partial { "（年度未结束）" } else { "" }
    ));
    for chapter in &report.chapters {
        say(format!("{}（{}）", chapter.title, chapter.basis));
        for line in &chapter.lines {
            let count =
                line.count.map_or_else(|| "数量较少，不列出".to_owned(), |count| count.to_string());
            say(format!("  {}：{count}", line.title));
        }
    }
    say(format!(
        "依据日志：共 {} 条，根 {}；本年度第 {} 条起至第 {} 条前",
        report.log_size, report.log_root, report.first_entry, report.end_entry
    ));
    Ok(())
}
