//! `anshu audit`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anshu_data::log::note::Verifier;
use anshu_data::log::policy::Policy;
use anshu_model::context::OpContext;
use anshu_model::{Error, Id, Result};
use clap::{Args, Subcommand};

use super::{file, say};
use crate::app::audit::{self as app, verify_stopped};
use crate::config::Settings;
use crate::run::Centre;

/// `anshu audit …`.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// 校验整个日志以及与之绑定的每条记录；或只凭文件校验导出的日志、证据卷宗
    Verify(Verify),
    /// 输出签名的检查点
    Checkpoint,
    /// 导出整个日志（C2SP tlog-tiles 文件），可在别处校验
    Export {
        /// 空目录
        folder: PathBuf,
        /// 由谁负责：审计员的登录名
        #[arg(long = "as", value_name = "登录名")]
        login: String,
    },
    /// 输出一条日志的包含证明（C2SP tlog-proof）
    Proof {
        /// 日志序号
        index: u64,
    },
    /// 导出一件事项的证据卷宗：只凭本程序和公钥即可在任何机器上校验
    Dossier {
        /// 案件或风险的编号
        matter: String,
        /// 写入哪个文件
        #[arg(long, value_name = "文件", required_unless_present = "dry_run")]
        out: Option<PathBuf>,
        /// 只列出卷宗会有什么
        #[arg(long)]
        dry_run: bool,
        /// 由谁负责：审计员的登录名
        #[arg(long = "as", value_name = "登录名")]
        login: String,
    },
}

/// `anshu audit verify`.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// 日志公钥，或存有公钥的文件（校验本机数据时缺省使用数据目录中的密钥）
    #[arg(long, value_name = "公钥")]
    key: Option<String>,
    /// 策略文件（C2SP tlog-policy）：哪些日志、哪些见证方、至少几个共签
    #[arg(long, value_name = "文件", conflicts_with = "key")]
    policy: Option<PathBuf>,
    /// 校验导出的日志：文件所在目录
    #[arg(long, value_name = "目录")]
    tiles: Option<PathBuf>,
    /// 校验证据卷宗：不需要数据目录和数据库
    #[arg(long, value_name = "文件", conflicts_with = "tiles")]
    dossier: Option<PathBuf>,
    /// 以前保存的检查点：导出的日志必须由它增长而来（可多次给出）
    #[arg(long, value_name = "文件", requires = "tiles")]
    seen: Vec<PathBuf>,
}

/// Runs the command.
pub(super) async fn run(settings: Settings, command: Audit) -> Result<ExitCode> {
    match command {
        Audit::Verify(verify) => self::verify(&settings, &verify).await,
        Audit::Checkpoint => {
            let centre = Centre::open(settings).await?;
            let note = centre.app.data.checkpoint().await;
            centre.close().await;
            say(note?.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Audit::Export { folder, login } => {
            let centre = Centre::open(settings).await?;
            let done = async {
                let ctx = auditor(&centre, &login).await?;
                app::export(&centre.app, &ctx, &folder).await
            }
            .await;
            centre.close().await;
            say(done?.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Audit::Proof { index } => {
            let centre = Centre::open(settings).await?;
            let proof = centre.app.data.proof(index).await;
            centre.close().await;
            say(proof?.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Audit::Dossier { matter, out, dry_run, login } => {
            let centre = Centre::open(settings).await?;
            let done = dossier(&centre, &matter, out.as_deref().filter(|_| !dry_run), &login).await;
            centre.close().await;
            done.map(|()| ExitCode::SUCCESS)
        }
    }
}

async fn auditor(centre: &Centre, login: &str) -> Result<OpContext> {
    centre.app.context(&file::person(centre, login).await?, None)
}

async fn dossier(centre: &Centre, matter: &str, out: Option<&Path>, login: &str) -> Result<()> {
    let ctx = auditor(centre, login).await?;
    let matter = Id::from_text(matter);
    let Some(out) = out else {
        let outline = app::outline(&centre.app, &ctx, &matter).await?;
        say(format!(
            "卷宗将有：记录 {} 个共 {} 版，决定 {} 个，时间线 {} 行（其中 {} 行只列哈希），日志 {} 条；不含个人信息",
            outline.records,
            outline.versions,
            outline.decisions,
            outline.lines,
            outline.covered,
            outline.leaves
        ));
        return Ok(());
    };
    if out.exists() {
        return Err(Error::Conflict(format!("{} 已经存在；请换一个文件名", out.display())));
    }
    let text = app::dossier(&centre.app, &ctx, &matter).await?;
    std::fs::write(out, text)
        .map_err(|error| Error::Unavailable(format!("不能写入 {}：{error}", out.display())))?;
    say(format!("已写入 {}；校验：anshu audit verify --dossier {0} --key 公钥", out.display()));
    Ok(())
}

async fn verify(settings: &Settings, verify: &Verify) -> Result<ExitCode> {
    let (sound, lines) = if let Some(file) = &verify.dossier {
        let report = app::verify_dossier(file, &policy(verify)?)?;
        (report.is_sound(), report.told())
    } else if let Some(folder) = &verify.tiles {
        let kept = verify.seen.iter().map(|file| crate::file::text(file));
        let kept = kept.collect::<Result<Vec<_>>>()?;
        let found = app::verify_exported(folder, &policy(verify)?, &kept)?;
        (found.is_sound(), found.lines())
    } else if verify.policy.is_some() {
        return Err(Error::invalid(
            "--policy",
            "没有 --tiles 或 --dossier",
            "与导出的日志或卷宗一起使用",
        ));
    } else {
        let key = verify.key.as_deref().map(key).transpose()?;
        let found = verify_stopped(settings, key.as_deref()).await?;
        (found.is_sound(), found.lines())
    };
    for line in lines {
        say(line);
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn policy(verify: &Verify) -> Result<Policy> {
    let policy = verify.policy.as_ref().map(|file| crate::file::text(file)).transpose()?;
    let key = verify.key.as_deref().map(key).transpose()?;
    app::believe(key.as_deref(), policy.as_deref())
}

/// A key as it was stated, or out of the file that was.
fn key(stated: &str) -> Result<String> {
    if Verifier::parse(stated).is_err() && Path::new(stated).is_file() {
        return crate::file::text(Path::new(stated));
    }
    Ok(stated.to_owned())
}
