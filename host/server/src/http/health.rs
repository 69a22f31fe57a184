//! Probes, figures for Prometheus, and the OpenAPI document.

use std::sync::OnceLock;
use std::time::Duration;

use anshu_model::Error;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::problem::{Answer, Failure};
use crate::app::App;

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts to gather figures. Once for the whole program.
pub(crate) fn gather() {
    METRICS.get_or_init(|| match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => Some(handle),
        Err(error) => {
            tracing::warn!(%error, "no metrics");
            None
        }
    });
}

/// How often gathered times are put into their summaries.
const TENDED: Duration = Duration::from_secs(5);

/// Puts gathered times into their summaries until the server stops. Without it every request's time is kept until somebody
/// asks for the figures, and where nobody does, forever.
pub(crate) async fn tend(stop: CancellationToken) {
    let Some(handle) = METRICS.get().and_then(Option::as_ref) else { return };
    while stop.run_until_cancelled(tokio::time::sleep(TENDED)).await.is_some() {
        handle.run_upkeep();
    }
}

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The centre can work.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// Always true: where it cannot, the answer is a problem.
    ready: bool,
    /// What was last remembered of the log outside the database; none in the first moments.
    checkpoint: Option<CheckpointAge>,
}

/// How long ago the log was remembered outside the database.
#[derive(Debug, Serialize)]
struct CheckpointAge {
    /// Seconds since then. It grows beyond some two minutes only where the file cannot be written.
    age_seconds: i64,
    /// How many entries the log had.
    log_size: u64,
}

/// The age of the last checkpoint.
fn checkpoint(state: &App) -> Option<CheckpointAge> {
    let seen = state.witnessed.last()?;
    let age = state.settings.time.now().milliseconds() - seen.at.milliseconds();
    Some(CheckpointAge { age_seconds: age.max(0) / 1000, log_size: seen.size })
}

/// The centre can work: storage answers.
///
/// # Errors
/// Where it does not.
pub async fn ready(State(state): State<App>) -> Answer<Json<Ready>> {
    state.data.units().await?;
    Ok(Json(Ready { ready: true, checkpoint: checkpoint(&state) }))
}

/// Figures, in Prometheus' text format. No personal data: counts and times only.
pub async fn metrics(State(state): State<App>) -> Response {
    let quarantined = state.sandbox.quarantined().len();
    metrics::gauge!("anshu_packs_quarantined").set(u32::try_from(quarantined).unwrap_or(u32::MAX));
    metrics::gauge!("anshu_packs_active")
        .set(u32::try_from(state.sandbox.packs().len()).unwrap_or(u32::MAX));
    if let Some(age) = checkpoint(&state) {
        let seconds = u32::try_from(age.age_seconds).unwrap_or(u32::MAX);
        metrics::gauge!("anshu_checkpoint_age_seconds").set(seconds);
    }
    let text =
        METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// The OpenAPI document.
///
/// # Errors
/// Never in practice.
pub async fn openapi() -> Answer<Response> {
    let text = super::document_text().map_err(|error| Error::Internal(error.to_string()))?;
    Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
}

/// There is no such route: the API never answers with the console's page.
pub async fn no_route() -> Failure {
    Failure::Model(Error::NotFound("没有这个接口".into()))
}
