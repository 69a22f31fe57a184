//! `anshu pack`.

mod file;
mod inspect;

use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::context::OpContext;
use anshu_model::{Error, Result};
use clap::{Args, Subcommand};

use super::{say, trial};
use crate::app::App;
use crate::app::packs;
use crate::app::packs::life::{self, Step, Which};
use crate::app::provenance::Offer;
use crate::app::trials;
use crate::config::Settings;
use crate::grant::GrantFile;
use crate::run::Centre;
use crate::view::pack::{PackOutcome, PackView};

/// `anshu pack …`.
#[derive(Debug, Subcommand)]
pub(super) enum PackCommand {
    #[command(flatten)]
    File(file::FileCommand),
    /// 存入一个版本及其申请的授权；经批准并启用后才会被调用
    Stage {
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
        #[command(flatten)]
        how: How,
    },
    /// 查看一个版本比现行版本多要求了什么
    Diff(One),
    /// 同意一个版本申请的授权
    Approve(Signed),
    /// 不同意一个版本申请的授权
    Refuse(Signed),
    /// 启用一个版本：立即，或在指定时刻
    Activate {
        #[command(flatten)]
        one: One,
        /// 启用的时刻，如 2026-12-01T00:00:00+08:00
        #[arg(long, value_name = "时刻")]
        at: Option<String>,
        /// 取消已安排的启用
        #[arg(long)]
        cancel: bool,
        #[command(flatten)]
        how: How,
    },
    /// 撤回最新的启用版本，由上一版本恢复办理
    Rollback {
        /// 插件名
        name: String,
        #[command(flatten)]
        how: How,
    },
    /// 停用一个版本
    Withdraw(Changed),
    /// 移除一个版本；其事项和历史保留
    Remove(Changed),
    /// 解除隔离
    Release(Changed),
    /// 列出存入的版本
    List,
    /// 查看一个插件各版本的变更记录
    History {
        /// 插件名
        name: String,
    },
    /// 启用之前，在样例和近期的决定上比对新旧版本
    Trial(trial::TrialCommand),
    /// 同意启用一个经比对有所放宽的版本：由安全管理岗位的人同意
    Agree {
        /// 插件名
        name: String,
        /// 版本
        version: String,
        /// 由谁同意：登录名
        #[arg(long = "as", value_name = "登录名")]
        login: String,
    },
    /// 在现行版本旁边试运行一个版本
    #[command(subcommand)]
    Shadow(trial::ShadowCommand),
}

/// A version.
#[derive(Debug, Args)]
pub(super) struct One {
    /// 插件名
    name: String,
    /// 版本；默认最后存入的版本
    version: Option<String>,
}

/// Who does something, why, and whether it is only rehearsed.
#[derive(Debug, Args)]
pub(super) struct How {
    /// 由谁办理：登录名；默认由运维人员
    #[arg(long = "as", value_name = "登录名")]
    login: Option<String>,
    /// 理由
    #[arg(long, default_value = "", value_name = "文字")]
    reason: String,
    /// 只说明将会怎样，不作任何改变
    #[arg(long)]
    dry_run: bool,
}

/// An answer: a person gives it.
#[derive(Debug, Args)]
pub(super) struct Signed {
    #[command(flatten)]
    one: One,
    /// 由谁答复：登录名
    #[arg(long = "as", value_name = "登录名")]
    login: String,
    /// 理由
    #[arg(long, default_value = "", value_name = "文字")]
    reason: String,
    /// 只说明将会怎样，不作任何改变
    #[arg(long)]
    dry_run: bool,
}

/// Something that is done to a version.
#[derive(Debug, Args)]
pub(super) struct Changed {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    how: How,
}

impl From<One> for Which {
    fn from(One { name, version }: One) -> Self {
        Self { name, version }
    }
}

/// Runs a command.
pub(super) async fn run(settings: Settings, command: PackCommand) -> Result<ExitCode> {
    match command {
        PackCommand::File(command) => return file::run(&settings, command).await,
        PackCommand::Trial(command) => return trial::trial(settings, &command).await,
        PackCommand::Shadow(command) => return trial::shadow(settings, command).await,
        other => {
            let centre = Centre::open(settings).await?;
            let done = Box::pin(obey(&centre.app, other)).await;
            centre.close().await;
            done?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Does what needs an open centre.
async fn obey(app: &App, command: PackCommand) -> Result<()> {
    let outcome = match command {
        PackCommand::Stage { file, grant, signatures, confirm_name, how } => {
            let ctx = by(app, how.login.as_deref()).await?;
            let (_, signatures) = file::signatures(&file, signatures.as_deref())?;
            let name = grant.display().to_string();
            let grant = GrantFile::parse(&name, &crate::file::text(&grant)?)?;
            let grant = grant.resolve(app, &name).await?;
            let bytes = crate::file::bytes(&file)?;
            let confirmed = confirm_name.as_deref();
            let offer = Offer { bytes: &bytes, signatures: &signatures, confirmed };
            life::stage(app, &ctx, &offer, &grant, how.dry_run).await?
        }
        PackCommand::Approve(Signed { one, login, reason, dry_run }) => {
            let ctx = by(app, Some(&login)).await?;
            life::answer(app, &ctx, &one.into(), true, &reason, dry_run).await?
        }
        PackCommand::Refuse(Signed { one, login, reason, dry_run }) => {
            let ctx = by(app, Some(&login)).await?;
            life::answer(app, &ctx, &one.into(), false, &reason, dry_run).await?
        }
        PackCommand::Activate { one, cancel: true, how, .. } => {
            life::cancel(app, &by(app, how.login.as_deref()).await?, &one.into(), how.dry_run)
                .await?
        }
        PackCommand::Activate { one, at, how, .. } => {
            let ctx = by(app, how.login.as_deref()).await?;
            let at = at.map(|at| crate::time::instant("--at", &at)).transpose()?;
            life::activate(app, &ctx, &one.into(), at, how.dry_run).await?
        }
        PackCommand::Rollback { name, how } => {
            let ctx = by(app, how.login.as_deref()).await?;
            life::roll_back(app, &ctx, &name, &how.reason, how.dry_run).await?
        }
        PackCommand::Withdraw(changed) => change(app, changed, Step::Withdraw).await?,
        PackCommand::Remove(changed) => change(app, changed, Step::Remove).await?,
        PackCommand::Release(changed) => change(app, changed, Step::Release).await?,
        PackCommand::Agree { name, version, login } => {
            let ctx = by(app, Some(&login)).await?;
            let pack = trials::stored(app, &name, &version)?.reference.clone();
            let agreed = trials::agree(app, &ctx, &pack).await?;
            say(format!("已同意启用 {name} {version}，尽管："));
            agreed.why.iter().for_each(|why| say(format!("  {why}")));
            return Ok(());
        }
        PackCommand::Diff(one) => return diff(app, one).await,
        PackCommand::List => return list(app).await,
        PackCommand::History { name } => return history(app, &name).await,
        PackCommand::File(_) | PackCommand::Trial(_) | PackCommand::Shadow(_) => {
            return Ok(());
        }
    };
    if outcome.dry_run {
        say("演练，未作任何改变：");
    }
    outcome.lines.iter().for_each(say);
    Ok(())
}

async fn change(app: &App, changed: Changed, step: Step) -> Result<PackOutcome> {
    let Changed { one, how } = changed;
    let ctx = by(app, how.login.as_deref()).await?;
    life::step(app, &ctx, &one.into(), step, &how.reason, how.dry_run).await
}

async fn diff(app: &App, one: One) -> Result<()> {
    let views = packs::views(app, &app.operator("pack-diff")?).await?;
    let fits = |view: &&PackView| {
        view.name == one.name && one.version.as_ref().is_none_or(|version| *version == view.version)
    };
    let Some(view) = views.iter().rfind(fits) else {
        return Err(Error::NotFound(format!("没有存入插件 {}", one.name)));
    };
    say(format!("{} {}（{}）", view.name, view.version, view.state_title));
    let Some(request) = &view.request else { return Ok(()) };
    for line in &request.more {
        let why = line.sensitive.as_ref().map(|why| format!("（{why}）")).unwrap_or_default();
        say(format!("  ＋ {}{why}", line.text));
    }
    request.less.iter().for_each(|line| say(format!("  － {}", line.text)));
    if let Some(version) = &request.refers_to {
        say(format!("没有超出 {version} 的请求，沿用其已批准的授权"));
    }
    for answer in &request.answers {
        let word = if answer.approved { "同意" } else { "不同意" };
        say(format!(
            "  {} {} {word}  {}  {}",
            answer.role.title, answer.name, answer.at, answer.reason
        ));
    }
    request.awaited.iter().for_each(|role| say(format!("  待{}批准", role.title)));
    Ok(())
}

async fn list(app: &App) -> Result<()> {
    for view in packs::views(app, &app.operator("pack-list")?).await? {
        say(format!(
            "{} {}  {}  {}  {}",
            view.name, view.version, view.state_title, view.digest, view.title
        ));
        if let Some(reason) = &view.reason {
            say(format!("  {reason}"));
        }
        if let Some(activation) = &view.activation {
            say(format!("  定时启用 {}  {}", activation.at, activation.state));
        }
    }
    Ok(())
}

async fn history(app: &App, name: &str) -> Result<()> {
    for change in packs::show(app, &app.operator("pack-history")?, name).await?.history {
        let reason = change.reason.unwrap_or_default();
        say(format!("{}  {}  {}  {reason}", change.at, change.version, change.state_title));
    }
    Ok(())
}

/// The context of a person, or of the operator.
async fn by(app: &App, login: Option<&str>) -> Result<OpContext> {
    let Some(login) = login else { return app.operator("pack") };
    let account = app.data.account(login).await?;
    let account =
        account.ok_or_else(|| Error::invalid("--as", "没有这个账号", "已建立的登录名"))?;
    app.context(&account.person, None)
}
