//! `anshu upgrade`.

use std::process::ExitCode;

use anshu_data::{Upgrade, UpgradeState};
use anshu_model::clock::{Term, Unit};
use anshu_model::context::OpContext;
use anshu_model::{Error, Id, Result};
use clap::Subcommand;

use super::say;
use crate::app::{App, upgrades};
use crate::config::Settings;
use crate::run::Centre;
use crate::view::upgrade::{UpgradeItemQuery, UpgradeItemView, UpgradeView};

/// `anshu upgrade …`.
#[derive(Debug, Subcommand)]
pub(super) enum UpgradeCommand {
    /// 预演：新版本对每件在办事项意味着什么；不改变任何事项
    Plan {
        /// 插件名
        pack: String,
        /// 衔接到哪个版本；默认已安装的最新版本
        #[arg(long, value_name = "版本")]
        to: Option<String>,
        /// 缩短时限时最少提前告知的工作日数；默认按本中心的设定
        #[arg(long, value_name = "工作日")]
        notice: Option<u32>,
        /// 由谁提出：登录名；默认由运维人员
        #[arg(long = "as", value_name = "登录名")]
        login: Option<String>,
    },
    /// 查看方案和其中的事项
    Show {
        /// 方案编号
        plan: String,
        /// 只列出一类：unaffected、automatic、person 或 stays
        #[arg(long, value_name = "类别")]
        bin: Option<String>,
        /// 最多列出多少件
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// 审批方案：须由两个岗位的两个人同意
    Approve {
        /// 方案编号
        plan: String,
        /// 由谁审批：登录名
        #[arg(long = "as", value_name = "登录名")]
        login: String,
    },
    /// 实施已批准的方案；中断后再次运行即从中断处继续
    Apply {
        /// 方案编号
        plan: String,
    },
    /// 撤回衔接：一件，或全部还能撤回的
    Undo {
        /// 方案编号
        plan: String,
        /// 只撤回这一件：事项的编码（一案一码）或编号
        #[arg(long, value_name = "事项")]
        case: Option<String>,
        /// 由谁撤回：登录名
        #[arg(long = "as", value_name = "登录名")]
        login: String,
    },
    /// 列出所有方案
    List,
}

/// Runs a command.
pub(super) async fn run(settings: Settings, command: UpgradeCommand) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let done = Box::pin(obey(&centre.app, command)).await;
    centre.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn obey(app: &App, command: UpgradeCommand) -> Result<()> {
    match command {
        UpgradeCommand::Plan { pack, to, notice, login } => {
            let ctx = match login {
                Some(login) => by(app, &login).await?,
                None => app.operator("upgrade-plan")?,
            };
            let notice = notice.map(|days| Term::new(days, Unit::WorkingDay));
            let id = upgrades::begin(app, &ctx, &pack, to.as_deref(), notice).await?;
            work(app, &id, UpgradeState::Planning, "预演").await?;
            tell(&upgrades::view(app, &app.operator("upgrade-plan")?, &id).await?);
        }
        UpgradeCommand::Show { plan, bin, limit } => {
            let (ctx, id) = (app.operator("upgrade-show")?, Id::from_text(plan));
            tell(&upgrades::view(app, &ctx, &id).await?);
            let query = UpgradeItemQuery { bin, limit: Some(limit), ..UpgradeItemQuery::default() };
            for item in upgrades::items_of(app, &ctx, &id, query).await?.items {
                tell_item(&item);
            }
        }
        UpgradeCommand::Approve { plan, login } => {
            let (ctx, id) = (by(app, &login).await?, Id::from_text(plan));
            let plan = app.data.approve_upgrade(&ctx, &id).await?;
            say(match plan.awaited().as_slice() {
                [] => "已批准，可以实施：anshu upgrade apply".to_owned(),
                awaited => format!("已同意，还须由“{}”岗位审批", awaited.join("、")),
            });
        }
        UpgradeCommand::Apply { plan } => {
            let (ctx, id) = (app.operator("upgrade-apply")?, Id::from_text(plan));
            if app.data.upgrade(&ctx, &id).await?.state != UpgradeState::Applying {
                app.data.start_upgrade(&ctx, &id).await?;
            }
            work(app, &id, UpgradeState::Applying, "实施").await?;
            tell(&upgrades::view(app, &ctx, &id).await?);
        }
        UpgradeCommand::Undo { plan, case, login } => {
            let (ctx, id) = (by(app, &login).await?, Id::from_text(plan));
            if let Some(case) = case {
                app.data.undo_case(&ctx, &id, &case_of(app, &ctx, &id, case).await?).await?;
                say("已撤回：该事项与衔接之前完全一致");
                return Ok(());
            }
            let Upgrade { state, .. } = app.data.upgrade(&ctx, &id).await?;
            if state != UpgradeState::Undoing {
                app.data.start_undo(&ctx, &id).await?;
            }
            work(app, &id, UpgradeState::Undoing, "撤回").await?;
            tell(&upgrades::view(app, &ctx, &id).await?);
        }
        UpgradeCommand::List => {
            for plan in app.data.upgrades(&app.operator("upgrade-list")?).await? {
                say(format!(
                    "{}  {} → {}  {}  {}/{}",
                    plan.id,
                    plan.to.name,
                    plan.to.version,
                    plan.state.title(),
                    plan.done,
                    plan.total
                ));
            }
        }
    }
    Ok(())
}

/// Does a plan's work to its end, and says how far it is.
async fn work(app: &App, id: &Id, state: UpgradeState, what: &str) -> Result<()> {
    loop {
        let progress = upgrades::advance(app, id, state).await?;
        say(format!("{what} {}/{} 件", progress.done, progress.total));
        if !progress.more {
            return Ok(());
        }
    }
}

/// The case of a plan that a person names: by its code, as lists show it, or by its id.
async fn case_of(app: &App, ctx: &OpContext, plan: &Id, named: String) -> Result<Id> {
    let mut after = None;
    loop {
        let query = UpgradeItemQuery { bin: None, state: None, after, limit: Some(200) };
        let page = upgrades::items_of(app, ctx, plan, query).await?;
        if let Some(item) = page.items.iter().find(|item| item.code == named) {
            return Ok(Id::from_text(item.case.as_str()));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(Id::from_text(named)),
        }
    }
}

/// The context of a named person.
async fn by(app: &App, login: &str) -> Result<OpContext> {
    let account = app.data.account(login).await?;
    let account =
        account.ok_or_else(|| Error::invalid("--as", "没有这个账号", "已建立的登录名"))?;
    app.context(&account.person, None)
}

fn tell(plan: &UpgradeView) {
    say(format!("方案 {}：{} → {}，{}", plan.id, plan.pack_title, plan.version, plan.state_title));
    match &plan.notice {
        Some(notice) => say(format!("缩短时限时最少提前告知 {notice}")),
        None => say("没有设定最短提前告知期：会缩短时限的事项须人工确认"),
    }
    for bin in &plan.bins {
        say(format!("  {}  {} 件", bin.title, bin.count));
    }
    for item in &plan.items {
        say(format!("    其中{}  {} 件", item.title, item.count));
    }
    for approval in &plan.approvals {
        say(format!("  {}岗位已同意（{}）", approval.role_title, approval.at));
    }
    if !plan.awaited.is_empty() && plan.state == "proposed" {
        say(format!(
            "  还须由“{}”岗位审批：anshu upgrade approve {} --as 登录名",
            plan.awaited.join("、"),
            plan.id
        ));
    }
    for note in &plan.notes {
        say(format!("  {note}"));
    }
}

fn tell_item(item: &UpgradeItemView) {
    say(format!("{}  {}  {}  {}", item.code, item.division, item.bin_title, item.state_title));
    say(format!("    {}", item.reason));
    for clock in &item.clocks {
        let due = |at: &Option<String>| at.clone().unwrap_or_else(|| "立即".into());
        say(format!(
            "    时限“{}”：{} → {}，到期 {} → {}",
            clock.name,
            clock.old_limit,
            clock.new_limit,
            due(&clock.old_due),
            due(&clock.new_due)
        ));
    }
    for missing in &item.missing {
        say(format!("    缺：{}.{}", missing.form, missing.field));
    }
    if let Some(left) = &item.left {
        say(format!("    {left}"));
    }
}
