//! `anshu policy`: the access policies as files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anshu_data::{Authority, PolicyFile, ProposedPolicies, check_policies, shipped_policies};
use anshu_model::context::OpContext;
use anshu_model::{Error, Id, Problem, Result};
use clap::Subcommand;

use super::say;
use crate::app::{App, policies};
use crate::config::Settings;
use crate::http::problem::ProblemItem;
use crate::run::Centre;
use crate::view::policy::{PolicyEffectsView, PolicyReport};

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
        /// 写出提出过的某一套，而不是现行策略
        #[arg(long, value_name = "编号", conflicts_with = "shipped")]
        set: Option<String>,
    },
    /// 检查一个目录中的策略：语法、模式和不可放宽的底线；不改变任何内容
    Check {
        /// 目录；默认数据目录下的 policies
        folder: Option<PathBuf>,
    },
    /// 提出一个目录中的策略，或恢复从前的一套；须由第二个人批准后生效
    Put {
        /// 目录；默认数据目录下的 policies
        folder: Option<PathBuf>,
        /// 恢复提出过的某一套
        #[arg(long, value_name = "编号", conflicts_with = "folder")]
        set: Option<String>,
        /// 恢复随程序发布的策略；升级后随之更新
        #[arg(long, conflicts_with_all = ["folder", "set"])]
        shipped: bool,
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
    /// 列出提出过的策略和停机时的重置
    List,
    /// 一套策略与现行策略的差别：谁提出和批准、逐行差异、对各岗位的影响
    Show {
        /// 策略集编号
        set: String,
    },
    /// 现行策略不能通过检查、中心不能启动时，退回能用的一套（先停止中心）；不加 --apply 只预演
    Reset {
        /// 退回哪一套：shipped（随程序发布），或从前由两人启用过的编号
        #[arg(long, value_name = "shipped|编号")]
        to: String,
        /// 由谁办理：登录名（系统管理员或安全管理员）
        #[arg(long = "as", value_name = "登录名")]
        login: String,
        /// 为什么
        #[arg(long, value_name = "理由")]
        reason: String,
        /// 执行；不加时只预演，不改变任何内容
        #[arg(long)]
        apply: bool,
        /// 知道并接受有的岗位权限会变大（或无法判断）
        #[arg(long)]
        accept_wider: bool,
    },
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
        PolicyCommand::Export { out, shipped: true, .. } => {
            write(out.as_deref().unwrap_or(&own), &shipped_policies())?;
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    // Looking and resetting must work where the policies in force keep the centre from starting.
    let repairs = matches!(
        command,
        PolicyCommand::List
            | PolicyCommand::Show { .. }
            | PolicyCommand::Export { .. }
            | PolicyCommand::Reset { .. }
    );
    let centre = if repairs {
        Centre::open_to_repair(settings).await?
    } else {
        Centre::open(settings).await?
    };
    let done = told(&centre.app, &own, command).await;
    centre.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn told(app: &App, own: &Path, command: PolicyCommand) -> Result<()> {
    match command {
        PolicyCommand::Check { .. } => {}
        PolicyCommand::Export { out, set, .. } => {
            let context = app.operator("policy-export")?;
            let files = match set {
                Some(set) => app.data.policy_set(&context, &Id::from_text(set)).await?.files,
                None => app.data.policies(&context).await?.files,
            };
            write(out.as_deref().unwrap_or(own), &files)?;
        }
        PolicyCommand::Put { folder, set, shipped, reason, login, dry_run } => {
            let proposed = match set {
                _ if shipped => ProposedPolicies::Shipped,
                Some(set) => ProposedPolicies::Earlier(Id::from_text(set)),
                None => ProposedPolicies::Files(read(folder.as_deref().unwrap_or(own))?),
            };
            let context = by(app, &login).await?;
            let report = policies::report(app, &context, proposed.clone()).await?;
            tell(&report);
            if !report.problems.is_empty() {
                let problem = |item: ProblemItem| Problem::new(item.at, item.found, item.expected);
                return Err(Error::Invalid(report.problems.into_iter().map(problem).collect()));
            }
            if dry_run {
                say("可用；没有提出，现行策略不变");
                return Ok(());
            }
            let set = app.data.propose_policies(&context, proposed, &reason).await?;
            say(format!("已提出 {}（{}）；由第二个人批准后生效：", set.id, set.digest));
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
        PolicyCommand::List => list(app).await?,
        PolicyCommand::Show { set } => show(app, &Id::from_text(set)).await?,
        PolicyCommand::Reset { to, login, reason, apply, accept_wider } => {
            reset(app, &to, &login, &reason, apply, accept_wider).await?;
        }
    }
    Ok(())
}

async fn list(app: &App) -> Result<()> {
    let context = app.operator("policy-list")?;
    let shown = policies::shown(app, &context).await?;
    let now = app.data.policies(&context).await?;
    let from = if now.shipped { "随程序发布" } else { "本中心" };
    let since = shown.since.map(|since| format!("，{since} 起")).unwrap_or_default();
    say(format!("现行：{}（{from}{since}）", now.digest));
    if !now.failing.is_empty() {
        say(format!("  不能通过检查，中心不能启动，共 {} 处：", now.failing.len()));
        for problem in &now.failing {
            say(format!("  {problem}"));
        }
    }
    for set in &shown.sets {
        let state = match (set.state.as_str(), set.reset) {
            ("proposed", _) => "待批准",
            ("in_force", true) => "现行（停机时重置）",
            ("in_force", false) => "现行",
            ("refused", _) => "未批准",
            _ => "已替换",
        };
        let answer = match (&set.decided_by, &set.answer) {
            (Some(by), Some(answer)) => format!("；{by} 答复：{answer}"),
            (Some(by), None) => format!("；{by} 批准"),
            _ => String::new(),
        };
        let follows = if set.follows { "（随程序发布）" } else { "" };
        let (id, digest, reason) = (&set.id, &set.digest, &set.reason);
        say(format!(
            "{id}  {digest}{follows}  {state}  {} 提出：{reason}{answer}",
            set.proposed_by
        ));
    }
    for reset in &shown.resets {
        let seen = |by: &Option<String>| by.clone().unwrap_or_else(|| "尚未".into());
        let (security, auditor) = (seen(&reset.security_by), seen(&reset.auditor_by));
        say(format!(
            "重置  {}  {} → {}  {} 办理：{}；安全管理员确认：{security}，审计员确认：{auditor}",
            reset.at, reset.was, reset.digest, reset.by, reset.reason
        ));
    }
    say(
        "看差别：anshu policy show <编号>；恢复从前的一套：anshu policy put --set <编号>（或 --shipped）",
    );
    Ok(())
}

async fn show(app: &App, id: &Id) -> Result<()> {
    let context = app.operator("policy-show")?;
    let detail = policies::detail(app, &context, id).await?;
    let set = &detail.set;
    say(format!("{}（{}）：{} 提出，{}", set.id, set.digest, set.proposed_by, set.proposed_at));
    say(format!("  {}", set.reason));
    if let (Some(by), Some(at)) = (&set.decided_by, &set.decided_at) {
        let answer = set.answer.as_deref().unwrap_or("批准");
        say(format!("  {by} 答复，{at}：{answer}"));
    }
    tell(&detail.report);
    for problem in &detail.report.problems {
        say(format!("不能通过检查  {}：{}，应为{}", problem.at, problem.found, problem.expected));
    }
    Ok(())
}

/// What a set would change, line by line and post by post.
fn tell(report: &PolicyReport) {
    if report.differences.is_empty() {
        say("文件与现行策略相同");
    }
    for file in &report.differences {
        say(format!("--- {}（+{} −{}）", file.name, file.added, file.removed));
        for line in &file.lines {
            let sign = match line.kind.as_str() {
                "added" => '+',
                "removed" => '-',
                "gap" => '…',
                _ => ' ',
            };
            let number = line.after.or(line.before).map(|number| number.to_string());
            say(format!("{sign}{:>5} {}", number.unwrap_or_default(), line.text));
        }
    }
    let Some(effects) = &report.effects else {
        say("对各岗位的影响：无法判断（有一方不能作为策略读取）");
        return;
    };
    effects_told(effects);
}

fn effects_told(effects: &PolicyEffectsView) {
    if effects.posts.is_empty() {
        say("对各岗位的影响：没有");
    }
    for post in &effects.posts {
        say(format!("{}，{} 个账号：", post.title, post.accounts));
        for (sign, rights) in [('+', &post.gains), ('-', &post.loses)] {
            for right in rights {
                say(format!("  {sign} {right}"));
            }
        }
    }
    for policy in &effects.idle {
        say(format!("注意：{policy} 对任何岗位都不起作用，请核对岗位名"));
    }
    for policy in &effects.named {
        say(format!("注意：{policy} 点名到具体的人、职责或任务，其影响不在上面"));
    }
}

async fn reset(
    app: &App,
    to: &str,
    login: &str,
    reason: &str,
    apply: bool,
    accept_wider: bool,
) -> Result<()> {
    let plan = policies::plan_reset(app, to).await?;
    say(format!("现行 {} 不能通过检查，共 {} 处：", plan.was.digest, plan.problems.len()));
    for problem in &plan.problems {
        say(format!("  {problem}"));
    }
    let what =
        if plan.follows { "随程序发布的策略" } else { "从前由两人启用过的策略" };
    say(format!("将改用 {}（{what}）。差别：", plan.digest));
    tell(&PolicyReport {
        problems: Vec::new(),
        differences: policies::differences(&plan.was.files, &plan.files),
        effects: plan.effects.as_ref().map(PolicyEffectsView::of),
    });
    let wider = plan.widens();
    if wider {
        say("注意：有的岗位权限会变大（上面以 + 标出），或无法判断；执行须加 --accept-wider");
    }
    if !apply {
        say("这是预演，没有改变任何内容；核对后加 --apply 执行");
        return Ok(());
    }
    if wider && !accept_wider {
        return Err(Error::Conflict(
            "有的岗位权限会变大，或无法判断；没有执行。核对上面的差别，确需执行的加 --accept-wider"
                .into(),
        ));
    }
    let done = policies::reset(app, plan, login, reason).await?;
    say(format!("已改用 {}，并记入日志；现在可以启动中心：anshu serve", done.set.1));
    say(
        "安全管理员和审计员（经办人以外）下次登录须先确认这次重置；原来那套仍可用 anshu policy list 查到",
    );
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
