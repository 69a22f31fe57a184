//! Decisions: shown, explained, replayed.

use anshu_model::org::Person;
use anshu_model::{Id, Result};

use super::App;
use crate::view::decision::{DecisionDetail, ExplanationView, Reason, ReplayResult};

/// A decision, explained by the pack that made it.
///
/// # Errors
/// [`anshu_model::Error::NotFound`] where there is none, or none that the person sees.
pub async fn show(app: &App, person: &Person, id: &Id) -> Result<DecisionDetail> {
    let ctx = app.context(person, Some(id.clone()))?;
    let decision = app.data.decision(&ctx, id).await?;
    let words = app.words().await?;
    let explanation = match app.sandbox.explain(&app.data, &decision).await {
        Ok(explanation) => ExplanationView {
            text: explanation.text,
            reasons: Reason::all(&explanation.reasons),
            remedy: explanation.remedy,
        },
        // The record stands without the pack's words: the pack may be gone, or may need values that this person is not shown.
        Err(error) => {
            tracing::info!(%error, "decision not explained by its pack");
            ExplanationView {
                text: "插件现在不能说明这个决定；以下为办理当时的理由".into(),
                reasons: Reason::all(&decision.outcome.reasons),
                remedy: String::new(),
            }
        }
    };
    let mut detail = DecisionDetail::of(&decision, explanation, &words);
    // What the pack came across may be out of this person's reach, or sealed since: of that there is no trace.
    let read = detail.reads.iter().map(|read| Id::from_text(&read.id)).collect();
    let reached = app.data.within_reach(&ctx, &read).await?;
    detail.reads.retain(|read| reached.contains(&Id::from_text(&read.id)));
    Ok(detail)
}

/// Runs a decision again on what it read, and compares.
///
/// # Errors
/// [`anshu_model::Error::NotFound`] where there is none, or what it read has been erased since.
pub async fn replay(app: &App, person: &Person, id: &Id) -> Result<ReplayResult> {
    let ctx = app.context(person, Some(id.clone()))?;
    let decision = app.data.decision_in_full(&ctx, id).await?;
    let replay = app.sandbox.replay(&app.data, &decision).await?;
    let detail = if replay.equal {
        "效果与当时逐字节一致".into()
    } else {
        replay.differences.join("；")
    };
    Ok(ReplayResult { equal: replay.equal, detail })
}
