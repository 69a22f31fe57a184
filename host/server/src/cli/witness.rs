//! `anshu witness`: a program of its own in the same binary, for a machine that the centre's administrators do not own. It
//! has its own folder and key, opens no database, and reads no configuration of a centre.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anshu_data::log::cosigner::{Answer, Cosigner, Witness};
use anshu_model::{Error, Result};
use clap::{Args, Subcommand};

use super::say;
use crate::lock::Lock;
use crate::{file, witness};

/// `anshu witness …`.
#[derive(Debug, Subcommand)]
pub(super) enum WitnessCommand {
    /// 输出见证方的公钥；首次使用时建立密钥
    Key {
        /// 见证方的名称，如 witness.example/w1（首次使用时必填）
        #[arg(long, value_name = "名称")]
        name: Option<String>,
    },
    /// 在网络上接受检查点并共签（C2SP tlog-witness）
    Serve(Logs),
    /// 为一份请求共签：用于不联网的机器，请求和共签由介质传递
    Once {
        /// 请求文件（add-checkpoint 的内容）
        file: PathBuf,
        #[command(flatten)]
        logs: Logs,
    },
}

/// Which logs are witnessed.
#[derive(Debug, Args)]
pub(super) struct Logs {
    /// 所见证的日志的公钥，或存有公钥的文件（可多次给出）
    #[arg(long = "log", value_name = "公钥", required = true)]
    logs: Vec<String>,
    /// 见证方的名称（首次使用时必填）
    #[arg(long, value_name = "名称")]
    name: Option<String>,
}

/// Runs the command in a folder.
pub(super) fn run(
    folder: Option<PathBuf>,
    listen: Option<SocketAddr>,
    command: WitnessCommand,
) -> Result<ExitCode> {
    let folder = folder.unwrap_or_else(|| PathBuf::from("anshu-witness"));
    let lock = Lock::take(&folder)?;
    let done = match command {
        WitnessCommand::Key { name } => {
            say(Cosigner::open(&folder, name.as_deref())?.verifier().to_text());
            Ok(ExitCode::SUCCESS)
        }
        WitnessCommand::Serve(logs) => serve(open(&folder, &logs)?, listen),
        WitnessCommand::Once { file, logs } => once(&open(&folder, &logs)?, &file),
    };
    drop(lock);
    done
}

fn open(folder: &Path, logs: &Logs) -> Result<Witness> {
    let keys = logs.logs.iter().map(|stated| {
        let path = Path::new(stated);
        if path.is_file() { file::text(path) } else { Ok(stated.clone()) }
    });
    witness::open(folder, logs.name.as_deref(), &keys.collect::<Result<Vec<_>>>()?)
}

fn serve(found: Witness, listen: Option<SocketAddr>) -> Result<ExitCode> {
    let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8660)));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Unavailable(format!("不能启动：{error}")))?;
    runtime.block_on(async {
        let running = witness::serve(found, listen).await?;
        say(format!("见证方已启动：http://{}/add-checkpoint", running.address));
        say(format!("公钥：{}", running.key));
        for (origin, size) in &running.seen {
            say(format!("已见证 {origin}：{size} 条"));
        }
        super::serve::ended().await;
        running.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

fn once(found: &Witness, request: &Path) -> Result<ExitCode> {
    let refused = |why: String| Err(Error::Denied(format!("没有共签：{why}")));
    match found.add(&file::text(request)?, witness::seconds())? {
        Answer::Cosigned(line) => {
            say(line.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Answer::Malformed => refused("不是 add-checkpoint 请求".into()),
        Answer::UnknownLog => refused("不认识这个日志；请用 --log 给出它的公钥".into()),
        Answer::Untrusted => refused("检查点不是所给公钥签名的".into()),
        Answer::Seen(size) => refused(format!(
            "见证过 {size} 条，请求不是由它增长而来；条数变少或根不同时，说明日志被删改"
        )),
        Answer::Inconsistent => refused("与见证过的日志不一致：日志被整个改写".into()),
    }
}
