//! `anshu serve` and `anshu demo`.

use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::Result;
use clap::Args;

use super::say;
use crate::app::provenance;
use crate::config::{Settings, Stated};
use crate::demo;
use crate::run::Centre;

/// `anshu demo`.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// 插件包所在目录
    #[arg(long, value_name = "目录")]
    pub packs: PathBuf,
    /// 样例所在目录
    #[arg(long, value_name = "目录")]
    pub sample: PathBuf,
    /// 端口（仅限本机访问）
    #[arg(long)]
    pub port: Option<u16>,
}

/// Serves a centre until Ctrl-C or a signal to end.
pub(super) async fn serve(settings: Settings) -> Result<ExitCode> {
    let running = Centre::open(settings).await?.serve().await?;
    say(format!("中心已启动：http://{}", running.address));
    if let Some(loud) = provenance::warn(&running.app().settings.provenance) {
        say(loud);
    }
    ended().await;
    say("正在停止：先办完已收到的请求……");
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Sets a demonstration up where there is none yet, and serves it.
pub(super) async fn demo(settings: Settings, stated: &Stated, demo: &Demo) -> Result<ExitCode> {
    let sample = demo::Sample::read(&demo.sample)?;
    let settings = sample.configure(settings, stated)?;
    let centre = Centre::open(settings).await?;
    demo::set_up(&centre.app, &sample, &demo.packs).await?;
    let running = centre.serve().await?;
    for line in sample.welcome(running.address) {
        say(line);
    }
    ended().await;
    say("正在停止：先办完已收到的请求……数据保留在数据目录中。");
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn ended() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
    #[cfg(not(unix))]
    {
        let _ = interrupted.await;
    }
}
