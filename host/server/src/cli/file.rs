//! `anshu import`.

use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};
use clap::{Args, Subcommand};

use super::say;
use crate::config::Settings;
use crate::import::{Job, Mapping, Report, TOLD, import, undo};
use crate::run::Centre;

/// `anshu import …`.
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    about: Option<About>,
    /// CSV 文件（UTF-8，带表头）
    file: Option<PathBuf>,
    /// 映射文件（TOML）
    #[arg(long, value_name = "文件")]
    mapping: Option<PathBuf>,
    /// 由谁负责：登录名
    #[arg(long = "as", value_name = "登录名")]
    login: Option<String>,
    /// 只检查：经过插件和权限，但不保存任何内容
    #[arg(long)]
    dry_run: bool,
    /// 有不能识别的行时，仍导入其余各行
    #[arg(long)]
    partly: bool,
    /// 把全部问题写入这个文件（CSV，可用电子表格打开）
    #[arg(long, value_name = "文件")]
    problems: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum About {
    /// 列出历次导入及其批次编号
    List,
    /// 撤销一次导入
    Undo {
        /// 批次编号
        batch: String,
        /// 由谁负责：登录名
        #[arg(long = "as", value_name = "登录名")]
        login: String,
    },
}

/// Runs the command.
pub(super) async fn run(settings: Settings, command: Import) -> Result<ExitCode> {
    match command.about {
        Some(About::List) => return list(settings).await,
        Some(About::Undo { batch, login }) => return take_back(settings, &batch, &login).await,
        None => {}
    }
    let missing = |what: &str| {
        Error::invalid(what, "缺失", "anshu import --mapping 映射.toml --as 登录名 文件.csv")
    };
    let file = command.file.ok_or_else(|| missing("CSV 文件"))?;
    let mapping_file = command.mapping.ok_or_else(|| missing("--mapping"))?;
    let login = command.login.ok_or_else(|| missing("--as"))?;
    let text = crate::file::text(&mapping_file)?;
    let mapping_name = mapping_file.display().to_string();
    let mapping = Mapping::parse(&mapping_name, &text)?;
    let centre = Centre::open(settings).await?;
    let done = async {
        let person = person(&centre, &login).await?;
        let job = Job {
            file,
            mapping,
            mapping_name,
            person,
            dry: command.dry_run,
            partly: command.partly,
            problems: command.problems,
        };
        import(&centre.app, job).await
    }
    .await;
    centre.close().await;
    let report = done?;
    tell(&report, command.dry_run);
    Ok(if report.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Lists the batches: whoever was interrupted finds the one that is to be undone.
async fn list(settings: Settings) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let (batches, words) = (centre.app.data.batches().await, centre.app.words().await);
    centre.close().await;
    let (batches, words) = (batches?, words?);
    if batches.is_empty() {
        say("还没有导入过文件");
    }
    for batch in batches {
        let undone = batch.undone_at.map(|at| format!("  已于 {} 撤销", words.at(at)));
        say(format!(
            "{}  {}  {}  映射 {}{}",
            batch.id,
            words.at(batch.begun_at),
            batch.info.file,
            batch.info.mapping,
            undone.unwrap_or_default()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn take_back(settings: Settings, batch: &str, login: &str) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let done = async {
        let person = person(&centre, login).await?;
        undo(&centre.app, &person, &Id::from_text(batch)).await
    }
    .await;
    centre.close().await;
    let done = done?;
    say(format!("已撤销：删除 {} 条记录", done.removed));
    for kept in &done.kept {
        say(format!("  保留 {kept}：导入之后又有变动"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The person behind a login name.
pub(super) async fn person(centre: &Centre, login: &str) -> Result<Person> {
    let account = centre.app.data.account(login).await?;
    account
        .map(|account| account.person)
        .ok_or_else(|| Error::invalid("--as", "没有这个账号", "已建立的登录名"))
}

/// Prints what came of an import.
fn tell(report: &Report, dry: bool) {
    for problem in &report.problems {
        say(format!("  {problem}"));
    }
    if report.found > report.problems.len() as u64 {
        say(format!(
            "  ……只列出前 {TOLD} 处，共 {} 处；加 --problems 文件.csv 可得到全部",
            report.found
        ));
    }
    let word = if dry { "可以导入" } else { "已导入" };
    say(format!(
        "共 {} 行，{word} {} 行，不能导入 {} 行",
        report.rows, report.taken, report.refused
    ));
    if let Some(batch) = &report.batch {
        say(format!(
            "批次 {batch}；需要撤销时：anshu import --data 数据目录 undo {batch} --as 登录名"
        ));
    }
}
