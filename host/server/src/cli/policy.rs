//! `anshu policy`: the access policies as files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anshu_data::{Authority, PolicyFile, PolicyState, check_policies, shipped_policies};
use anshu_model::context::OpContext;
use anshu_model::{Error, Id, Result};
use clap::Subcommand;

use super::say;
use crate::app::App;
use crate::config::Settings;
use crate::run::Centre;

/// The folder of a centre's own policies, in its data folder.
const FOLDER: &str = "policies";

/// `anshu policy …`.
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// 写出现行策略文件，供查看和修改
    Export {
        /// 写到哪个目录；默认数据目录下的 policies
        #[arg(long, value_name = "目录")]
        out: Option<PathBuf>,
        /// 写出随程序发布的策略，而不是现行策略
        #[arg(long)]
        shipped: bool,
    },
    /// 检查一个目录中的策略：语法、模式和不可放宽的底线；不改变任何内容
    Check {
        /// 目录；默认数据目录下的 policies
        folder: Option<PathBuf>,
    },
    /// 提出一个目录中的策略；须由第二个人批准后生效
    Put {
        /// 目录；默认数据目录下的 policies
        folder: Option<PathBuf>,
        /// 要改变什么
        #[arg(long, value_name = "说明")]
        reason: String,
        /// 由谁提出：登录名（安全管理角色）
        #[arg(long = "as", value_name = "登录名")]
        login: String,
        /// 只检查，不提出
        #[arg(long)]
        dry_run: bool,
    },
    /// 批准提出的策略，立即生效：须由另一名安全管理员或审计员办理
    Approve {
        /// 策略集编号
        set: String,
        /// 由谁批准：登录名
        #[arg(long = "as", value_name = "登录名")]
        login: String,
        /// 只检查，不批准
        #[arg(long)]
        dry_run: bool,
    },
    /// 不批准提出的策略
    Refuse {
        /// 策略集编号
        set: String,
        /// 理由
        #[arg(long, value_name = "理由")]
        reason: String,
        /// 由谁答复：登录名
        #[arg(long = "as", value_name = "登录名")]
        login: String,
    },
    /// 列出提出过的策略
    List,
}

/// Runs one of the commands.
pub(super) async fn run(settings: Settings, command: PolicyCommand) -> Result<ExitCode> {
    let own = settings.folder.join(FOLDER);
    // Looking at files needs no centre: it also works while one is running.
    match &command {
        PolicyCommand::Check { folder } => {
            let files = read(folder.as_deref().unwrap_or(&own))?;
            say(format!("可用：{}", check_policies(&files)?.digest()));
            return Ok(ExitCode::SUCCESS);
        }
        PolicyCommand::Export { out, shipped: true } => {
            write(out.as_deref().unwrap_or(&own), &shipped_policies())?;
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let centre = Centre::open(settings).await?;
    let done = told(&centre.app, &own, command).await;
    centre.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn told(app: &App, own: &Path, command: PolicyCommand) -> Result<()> {
    match command {
        PolicyCommand::Check { .. } => {}
        PolicyCommand::Export { out, .. } => {
            let policies = app.data.policies(&app.operator("policy-export")?).await?;
            write(out.as_deref().unwrap_or(own), &policies.files)?;
        }
        PolicyCommand::Put { folder, reason, login, dry_run } => {
            let files = read(folder.as_deref().unwrap_or(own))?;
            let digest = check_policies(&files)?.digest().to_owned();
            if dry_run {
                say(format!("可用：{digest}；没有提出，现行策略不变"));
                return Ok(());
            }
            let set = app.data.propose_policies(&by(app, &login).await?, files, &reason).await?;
            say(format!("已提出 {}（{digest}）；由第二个人批准后生效：", set.id));
            say(format!("  anshu policy approve {} --as <登录名>", set.id));
        }
        PolicyCommand::Approve { set, login, dry_run } => {
            let (context, id) = (by(app, &login).await?, Id::from_text(set));
            if dry_run {
                let sets = app.data.policy_sets(&context).await?;
                let found = sets.iter().find(|set| set.id == id);
                let found = found.ok_or_else(|| Error::NotFound(format!("策略集 {id}")))?;
                check_policies(&found.files)?;
                say(format!("可用：{}；没有批准，现行策略不变", found.digest));
                return Ok(());
            }
            let set = app.data.approve_policies(&context, &id).await?;
            say(format!("已生效：{}", set.digest));
        }
        PolicyCommand::Refuse { set, reason, login } => {
            let context = by(app, &login).await?;
            app.data.refuse_policies(&context, &Id::from_text(set), &reason).await?;
            say("未批准；现行策略不变");
        }
        PolicyCommand::List => {
            let context = app.operator("policy-list")?;
            let now = app.data.policies(&context).await?;
            let from = if now.shipped { "随程序发布" } else { "本中心" };
            say(format!("现行：{}（{from}）", now.digest));
            for set in app.data.policy_sets(&context).await? {
                let state = match set.state {
                    PolicyState::Proposed => "待批准",
                    PolicyState::InForce => "现行",
                    PolicyState::Refused => "未批准",
                    PolicyState::Replaced => "已替换",
                };
                say(format!("{}  {}  {state}  {}", set.id, set.digest, set.reason));
            }
        }
    }
    Ok(())
}

async fn by(app: &App, login: &str) -> Result<OpContext> {
    let account = app.data.account(login).await?;
    let account =
        account.ok_or_else(|| Error::invalid("--as", "没有这个账号", "已建立的登录名"))?;
    app.context(&account.person, None)
}

/// The policy files of a folder, by name.
fn read(folder: &Path) -> Result<Vec<PolicyFile>> {
    let failed = |error: std::io::Error| {
        Error::Unavailable(format!("不能读取 {}：{error}", folder.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != "cedar") {
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let text = crate::file::text(&path)?;
        files.push(PolicyFile { name: name.unwrap_or_default(), text });
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

fn write(folder: &Path, files: &[PolicyFile]) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::Unavailable(format!("不能写入 {}：{error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for file in files {
        std::fs::write(folder.join(&file.name), &file.text).map_err(failed)?;
    }
    let schema = folder.join("anshu.cedarschema");
    // To be read beside them; it is no centre's to change.
    std::fs::write(&schema, Authority::schema()).map_err(failed)?;
    say(format!("{} 个策略文件和模式已写入 {}", files.len(), folder.display()));
    Ok(())
}
