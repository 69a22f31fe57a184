//! The command line: parsed into a low form, resolved with file and environment, run.

mod account;
mod audit;
mod decision;
mod export;
mod file;
mod pack;
mod policy;
mod report;
mod serve;
mod setup;
mod share;
mod trial;
mod upgrade;
mod vault;
mod witness;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::{Error, Result};
use anshu_sandbox::Compiler;
use clap::{Args, Parser, Subcommand};

use crate::config::{LogFormat, Settings, Stated};
use crate::{http, process};

/// The hidden command by which this program is its own compiler.
const COMPILE_WORKER: &str = "compile-worker";

/// 安枢：社会治安综合治理中心的插件平台。
#[derive(Debug, Parser)]
#[command(name = "anshu", version, about)]
struct Line {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command may say.
#[derive(Debug, Args)]
struct Common {
    /// 数据目录（数据库、密钥和 anshu.toml 都在其中）
    #[arg(long, global = true, value_name = "目录")]
    data: Option<PathBuf>,
    /// 监听地址，如 127.0.0.1:8650
    #[arg(long, global = true, value_name = "地址:端口")]
    listen: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 启动中心
    Serve,
    /// 启动演示中心：首次运行时按样例建立单位、账号和数据
    Demo(serve::Demo),
    /// 首次设置：设立系统管理员、安全管理员和安全审计员，之后不能再次运行
    Setup(setup::Setup),
    /// 导入 CSV，或撤销一次导入
    Import(file::Import),
    /// 重放一个决定，比较效果是否逐字节相同
    Replay(decision::One),
    /// 用白话说明一个决定及其依据
    Explain(decision::One),
    /// 审计日志
    #[command(subcommand)]
    Audit(audit::Audit),
    /// 见证方：为其他中心的审计日志共签（独立程序，使用自己的目录和密钥）
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
    /// 插件包
    #[command(subcommand)]
    Pack(pack::PackCommand),
    /// 新旧衔接：插件升级后在办事项怎么办
    #[command(subcommand)]
    Upgrade(upgrade::UpgradeCommand),
    /// 报告
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// 访问策略：写出、检查、提出和批准；停机时重置
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// 密钥：状态、轮换、加密原先的数据
    #[command(subcommand)]
    Vault(vault::VaultCommand),
    /// 保存期限：处理已届满的个人信息
    Retention(vault::RetentionCommand),
    /// 批量导出：列出，或由外泄的片段追查来源
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// 单位之间的数据共享
    #[command(subcommand)]
    Share(share::ShareCommand),
    /// 账号
    #[command(subcommand)]
    Account(account::Account),
    /// 输出接口文档（OpenAPI）
    Openapi,
    /// 编译一个组件：由本程序自己启动，从标准输入读取组件，向标准输出写出代码
    #[command(hide = true, name = COMPILE_WORKER)]
    CompileWorker {
        /// 内存上限（字节）
        memory: u64,
        /// 处理器时间上限（秒）
        seconds: u64,
    },
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let line = Line::parse();
    // Before any key is read, and any file written.
    if let Err(error) = process::confine() {
        complain(&error);
        return ExitCode::FAILURE;
    }
    match run(line) {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(line: Line) -> Result<ExitCode> {
    if let Command::CompileWorker { memory, seconds } = line.command {
        // Before anything is read or opened: it works on what may be hostile.
        return Ok(anshu_sandbox::compile_worker(memory, seconds));
    }
    if matches!(line.command, Command::Openapi) {
        let text = http::document_text().map_err(|error| Error::Internal(error.to_string()))?;
        say(text.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let line = match line.command {
        // It is no part of this centre, and reads nothing of its configuration.
        Command::Witness(command) => {
            return witness::run(line.common.data, line.common.listen, command);
        }
        command => Line { command, ..line },
    };
    let compiler = Some(compiler()?);
    let mut stated = Stated { data: line.common.data, listen: line.common.listen, compiler };
    if let Command::Demo(demo) = &line.command
        && let Some(port) = demo.port
    {
        stated.listen = Some(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    let settings = Settings::read(&stated)?;
    let serves = matches!(line.command, Command::Serve | Command::Demo(_));
    trace(&settings, serves);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Unavailable(format!("不能启动：{error}")))?;
    runtime.block_on(async {
        match line.command {
            Command::Serve => serve::serve(settings).await,
            Command::Demo(demo) => serve::demo(settings, &stated, &demo).await,
            Command::Setup(setup) => setup::run(settings, setup).await,
            Command::Import(import) => file::run(settings, import).await,
            Command::Replay(one) => decision::replay(settings, &one).await,
            Command::Explain(one) => decision::explain(settings, &one).await,
            Command::Audit(command) => audit::run(settings, command).await,
            Command::Pack(command) => pack::run(settings, command).await,
            Command::Upgrade(command) => upgrade::run(settings, command).await,
            Command::Report(command) => report::run(settings, command).await,
            Command::Policy(command) => policy::run(settings, command).await,
            Command::Vault(command) => vault::run(settings, command).await,
            Command::Retention(command) => vault::retention(settings, command).await,
            Command::Export(command) => export::run(settings, command).await,
            Command::Share(command) => share::run(settings, command).await,
            Command::Account(command) => account::run(settings, command).await,
            Command::Openapi | Command::Witness(_) | Command::CompileWorker { .. } => {
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

/// This program again, in a process of its own for each pack.
fn compiler() -> Result<Compiler> {
    let program = std::env::current_exe().map_err(|error| {
        Error::Unavailable(format!("找不到程序自身的文件（{error}），不能编译插件"))
    })?;
    Ok(Compiler::Apart { program, arguments: vec![COMPILE_WORKER.into()] })
}

/// Lines for operators go to standard error. A command that is no server only warns.
fn trace(settings: &Settings, serves: bool) {
    let directives = if serves { settings.log.as_str() } else { "warn" };
    let filter =
        tracing_subscriber::EnvFilter::try_new(directives).unwrap_or_else(|_| "info".into());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber in one process (tests) keeps the first.
    let _ = match settings.log_format {
        LogFormat::Text => builder.compact().try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// A line for the person at the terminal. Where nobody reads any more, as after `| head`, what was begun goes on all the same.
pub(crate) fn say(text: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout(), "{}", text.as_ref());
}

#[expect(clippy::print_stderr, reason = "the program's last words")]
fn complain(error: &Error) {
    match error {
        Error::Invalid(problems) => {
            eprintln!("内容有误，共 {} 处：", problems.len());
            for problem in problems {
                eprintln!("  {problem}");
            }
        }
        Error::Internal(text) => eprintln!("内部错误：{text}"),
        other => eprintln!("{other}"),
    }
}
