//! `anshu pack trial` and `anshu pack shadow`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anshu_model::Result;
use anshu_model::context::{OpContext, PackRef};
use anshu_sandbox::compare::Tally;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{file, say};
use crate::app::App;
use crate::app::trials::{self, DAYS, Progress, Report, Verdict, shadow};
use crate::config::Settings;
use crate::run::Centre;

/// `anshu pack trial …`.
#[derive(Debug, Args)]
pub(super) struct TrialCommand {
    /// 插件名称
    name: String,
    /// 要试的版本
    version: String,
    /// 在近多少天的决定上比对
    #[arg(long, default_value_t = DAYS, value_name = "天数")]
    days: u32,
}

/// `anshu pack shadow …`.
#[derive(Debug, Subcommand)]
pub(super) enum ShadowCommand {
    /// 让一个版本在现行版本旁边试运行，不产生任何变更
    Start {
        /// 插件名称
        name: String,
        /// 版本
        version: String,
        /// 至少观察多少个决定；提前停止需要第二个角色
        #[arg(long, default_value_t = shadow::NEEDED, value_name = "个数")]
        needed: u32,
        /// 由谁负责：登录名
        #[arg(long = "as", value_name = "登录名")]
        login: Option<String>,
    },
    /// 停止试运行
    Stop {
        /// 插件名称
        name: String,
        /// 版本
        version: String,
        /// 由谁负责：登录名；提前停止须由安全管理角色、且不是开启的人
        #[arg(long = "as", value_name = "登录名")]
        login: Option<String>,
    },
    /// 查看试运行显示的差异
    Show {
        /// 插件名称
        name: String,
        /// 版本
        version: String,
    },
}

/// Tries a version; the exit code says whether one administrator alone may activate it.
pub(super) async fn trial(settings: Settings, command: &TrialCommand) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let told = tell(&centre.app, command).await;
    centre.close().await;
    told
}

async fn tell(app: &App, command: &TrialCommand) -> Result<ExitCode> {
    let context = app.operator("pack-trial")?;
    let pack = trials::stored(app, &command.name, &command.version)?.reference.clone();
    let progress = Arc::new(Progress::default());
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("比对 {pos}/{len} {bar:40} {elapsed}") {
        bar.set_style(style);
    }
    let mut run = std::pin::pin!(trials::run(app, &context, &pack, command.days, &progress));
    let trial = loop {
        tokio::select! {
            trial = &mut run => break trial?,
            // What was seen until then is kept and shown.
            _ = tokio::signal::ctrl_c() => progress.cancel(),
            () = tokio::time::sleep(Duration::from_millis(100)) => {
                let (done, total) = progress.state();
                bar.set_length(total);
                bar.set_position(done);
            }
        }
    };
    bar.finish_and_clear();
    show(&pack, command.days, &trials::report(&trial)?);
    let verdict = trials::verdict(app, &pack).await?;
    judged(&verdict);
    let clear = !verdict.needs_second_role && verdict.blocked.is_empty();
    Ok(if clear { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(pack: &PackRef, days: u32, report: &Report) {
    let old = report.old.as_ref().map_or("（没有现行版本）", |old| old.version.as_str());
    say(format!("{} {old} → {}", pack.name, pack.version));
    let golden = &report.golden;
    say(format!("新版本的样例：{} 个，不符 {} 个", golden.cases, golden.wrong.len()));
    for wrong in &golden.wrong {
        say(format!("  “{}”：{}", wrong.case, wrong.problems.join("；")));
    }
    tally("旧版本的样例在新旧版本上", &report.golden_of_old);
    tally(&format!("近 {days} 天的决定"), &report.replay);
    if report.unsound.count > 0 {
        say(format!("原版本不能重复自己的决定：{} 个", report.unsound.count));
    }
    if report.unmatched > 0 {
        say(format!("原版本已不在本机、只与记录比对的决定：{} 个", report.unmatched));
    }
    if !report.newly_read.is_empty() {
        say(format!("新版本还会读取、当时不可见的内容：{}", report.newly_read.join("、")));
    }
}

fn tally(title: &str, tally: &Tally) {
    let Tally { decisions, equal, erased, groups } = tally;
    say(format!("{title}：{decisions} 个，相同 {equal} 个，对象已清除而无法比对 {erased} 个"));
    for group in groups {
        say(format!("  {}（{}）：{} 个", group.kind.title(), group.leaning.title(), group.count));
        for example in &group.examples {
            for change in &example.changes {
                let of = &example.of;
                say(format!("    {of}  {}：{} → {}", change.at, change.old, change.new));
            }
        }
    }
}

fn judged(verdict: &Verdict) {
    for blocked in &verdict.blocked {
        say(format!("不能启用：{blocked}"));
    }
    if verdict.needs_second_role {
        say(if verdict.agreed {
            "启用须由第二个角色同意，已经同意："
        } else {
            "启用须由第二个角色同意（anshu pack agree）："
        });
        for why in &verdict.why {
            say(format!("  {why}"));
        }
    } else if verdict.blocked.is_empty() {
        say("没有发现放宽：一名管理员即可启用");
    }
}

/// Turns a shadow on or off, or tells what it showed.
pub(super) async fn shadow(settings: Settings, command: ShadowCommand) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let done = act(&centre, command).await;
    centre.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(centre: &Centre, command: ShadowCommand) -> Result<()> {
    let app = &centre.app;
    match command {
        ShadowCommand::Start { name, version, needed, login } => {
            let context = context(centre, login.as_deref(), "pack-shadow").await?;
            shadow::start(app, &context, &name, &version, needed).await?;
            say(format!("{name} {version} 将在中心运行时试运行，至少观察 {needed} 个决定"));
        }
        ShadowCommand::Stop { name, version, login } => {
            let context = context(centre, login.as_deref(), "pack-shadow").await?;
            shadow::stop(app, &context, &name, &version).await?;
            say(format!("已停止 {name} {version} 的试运行"));
        }
        ShadowCommand::Show { name, version } => {
            let context = app.operator("pack-shadow")?;
            let shown = shadow::show(app, &context, &name, &version).await?;
            for sum in &shown.sums {
                let title = anshu_sandbox::compare::Kind::from_name(&sum.kind);
                let word = match sum.kind.as_str() {
                    "seen" => "已观察",
                    "equal" => "相同",
                    "erased" => "对象已清除",
                    "dropped" => "未及观察",
                    _ => title.map_or("其他", anshu_sandbox::compare::Kind::title),
                };
                let leaning = anshu_sandbox::compare::Leaning::from_name(&sum.leaning);
                let leaning =
                    leaning.map_or_else(String::new, |leaning| format!("（{}）", leaning.title()));
                say(format!("{word}{leaning}：{} 个", sum.count));
                for id in &sum.examples {
                    say(format!("    {id}"));
                }
            }
            judged(&trials::verdict(app, &shown.pack).await?);
        }
    }
    Ok(())
}

/// Who acts: a named person, or the operator at the machine.
async fn context(centre: &Centre, login: Option<&str>, job: &str) -> Result<OpContext> {
    match login {
        Some(login) => centre.app.context(&file::person(centre, login).await?, None),
        None => centre.app.operator(job),
    }
}
