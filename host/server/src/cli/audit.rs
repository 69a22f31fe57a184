//! `anshu audit`.

use std::process::ExitCode;

use anshu_model::Result;
use clap::Subcommand;

use super::say;
use crate::app::audit::verify_stopped;
use crate::config::Settings;
use crate::lock::Lock;

/// `anshu audit …`.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// 校验整个日志以及与之绑定的每条记录；发现改动时指出位置
    Verify {
        /// 日志公钥（缺省时使用数据目录中的密钥）
        #[arg(long, value_name = "公钥")]
        key: Option<String>,
    },
    /// 输出签名的检查点
    Checkpoint,
}

/// Works on a centre that is stopped.
pub(super) async fn run(settings: &Settings, command: Audit) -> Result<ExitCode> {
    let code = match command {
        Audit::Verify { key } => {
            let found = verify_stopped(settings, key.as_deref()).await?;
            for line in found.lines() {
                say(line);
            }
            if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Audit::Checkpoint => {
            let lock = Lock::take(&settings.folder)?;
            let config = crate::run::storage(settings);
            let authority = anshu_data::Authority::shipped()?;
            let data = anshu_data::Data::open_sealed(&config, &settings.vault, authority).await?;
            let note = data.checkpoint().await;
            data.close().await;
            drop(lock);
            say(note?.trim_end());
            ExitCode::SUCCESS
        }
    };
    Ok(code)
}
