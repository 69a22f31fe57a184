//! `anshu export`: which exports there are, and whose copy a leaked part is.

use std::path::PathBuf;
use std::process::ExitCode;

use anshu_model::{Error, Result};
use clap::Subcommand;

use super::say;
use crate::app::exports::rows;
use crate::config::Settings;
use crate::run::Centre;

/// Bytes of a leaked part that are looked at.
const MOST: u64 = 256 << 20;

/// `anshu export …`.
#[derive(Debug, Subcommand)]
pub(super) enum ExportCommand {
    /// 列出批量导出
    List,
    /// 由外泄的文件或其片段追查是谁的那一份
    Identify {
        /// 文件（CSV 或 JSON），可以只是其中一部分
        file: PathBuf,
    },
}

/// Works on a centre that is stopped.
pub(super) async fn run(settings: Settings, command: ExportCommand) -> Result<ExitCode> {
    let part = match &command {
        ExportCommand::Identify { file } => {
            let unreadable = |error: std::io::Error| {
                Error::Unavailable(format!("不能读取 {}：{error}", file.display()))
            };
            if std::fs::metadata(file).map_err(unreadable)?.len() > MOST {
                return Err(Error::invalid("文件", "过大", "不超过 256 MiB 的片段"));
            }
            rows(&std::fs::read(file).map_err(unreadable)?)?
        }
        ExportCommand::List => Vec::new(),
    };
    let centre = Centre::open(settings).await?;
    let done = match command {
        ExportCommand::List => list(&centre).await,
        ExportCommand::Identify { .. } => identify(&centre, &part).await,
    };
    centre.close().await;
    done
}

async fn list(centre: &Centre) -> Result<ExitCode> {
    let app = &centre.app;
    let exports = app.data.exports(&app.operator("export")?).await?;
    if exports.is_empty() {
        say("没有批量导出");
    }
    for export in exports {
        say(format!(
            "{}  {}  {}  {} 行  {:?} 级  申请人 {}",
            export.ticket(),
            export.asked_at,
            export.state.title(),
            export.rows.max(export.estimate),
            export.level,
            export.person
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn identify(centre: &Centre, part: &[Vec<String>]) -> Result<ExitCode> {
    let app = &centre.app;
    let suspects = app.data.identify_export(&app.operator("export")?, part).await?;
    let words = app.words().await?;
    let sure = suspects.iter().any(|suspect| suspect.sure);
    say(format!("片段共 {} 行；与 {} 次批量导出有相同的行", part.len(), suspects.len()));
    for suspect in suspects.iter().take(10) {
        let export = &suspect.export;
        let person = app.data.person(&export.person).await?;
        let name = person.map_or_else(|| export.person.to_string(), |person| person.name);
        say(format!(
            "{} {}：{}（{}），{} 下载，{} 行相同，标记行 {}，次序相符 {}/{}",
            if suspect.sure { "【认定】" } else { "【可能】" },
            export.ticket(),
            name,
            words.unit(&export.unit),
            export.taken_at.map_or_else(|| "未".to_owned(), |at| words.at(at)),
            suspect.rows,
            suspect.nobody,
            suspect.ordered,
            suspect.pairs
        ));
    }
    if !sure {
        say("没有足以认定来源的标记行或次序；请提供更大的片段，保留原有次序和记录编号列");
    }
    Ok(if sure { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
