//! `anshu replay` and `anshu explain`.

use std::process::ExitCode;

use anshu_model::{Id, Result};
use clap::Args;

use super::say;
use crate::config::Settings;
use crate::run::Centre;

/// A decision.
#[derive(Debug, Args)]
pub(super) struct One {
    /// 决定编号
    decision: String,
}

/// Runs a decision again; the exit code says whether the same came out.
pub(super) async fn replay(settings: Settings, one: &One) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let ctx = centre.app.operator("replay")?;
    let replayed = async {
        let decision =
            centre.app.data.decision_in_full(&ctx, &Id::from_text(one.decision.clone())).await?;
        centre.app.sandbox.replay(&centre.app.data, &decision).await
    }
    .await;
    centre.close().await;
    let replayed = replayed?;
    say(if replayed.equal { "相同：效果与当时逐字节一致" } else { "不同" });
    for difference in &replayed.differences {
        say(format!("  {difference}"));
    }
    Ok(if replayed.equal { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Explains a decision with its articles.
pub(super) async fn explain(settings: Settings, one: &One) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let ctx = centre.app.operator("explain")?;
    let explained = async {
        let decision =
            centre.app.data.decision_in_full(&ctx, &Id::from_text(one.decision.clone())).await?;
        let explanation = centre.app.sandbox.explain(&centre.app.data, &decision).await?;
        Ok::<_, anshu_model::Error>((decision, explanation))
    }
    .await;
    centre.close().await;
    let (decision, explanation) = explained?;
    say(format!("{}（{}）", decision.outcome.summary, decision.context.now));
    say(&explanation.text);
    for reason in &explanation.reasons {
        say(format!(
            "  依据 {}［{}］：{}",
            reason.basis.article,
            reason.basis.authority.label(),
            reason.text
        ));
    }
    if !explanation.remedy.is_empty() {
        say(format!("救济途径：{}", explanation.remedy));
    }
    Ok(ExitCode::SUCCESS)
}
