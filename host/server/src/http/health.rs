//! Probes, figures for Prometheus, and the OpenAPI document.

use std::sync::OnceLock;
use std::time::Duration;

use anshu_model::Error;
use anshu_model::instant::Instant;
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
    /// How it stands with each witness elsewhere. None of them stops work.
    witnesses: Vec<WitnessAge>,
}

/// A witness, as far as whoever watches the machine needs to know.
#[derive(Debug, Serialize)]
struct WitnessAge {
    name: String,
    /// `well`, `waiting`, `unreachable`, `refused`, `cut` or `forked`; the last two are evidence of tampering.
    standing: &'static str,
    /// Seconds since it cosigned; none before the first time.
    age_seconds: Option<i64>,
    /// How many entries the log had.
    log_size: u64,
}

async fn witnesses(state: &App) -> Result<Vec<WitnessAge>, Error> {
    let now = state.settings.time.now().milliseconds();
    let age = |at: Instant| (now - at.milliseconds()).max(0) / 1000;
    let seen = crate::app::audit::witnesses(state).await?;
    let seen = seen.into_iter().map(|seen| WitnessAge {
        name: seen.name,
        standing: seen.standing,
        age_seconds: seen.at.map(age),
        log_size: seen.size,
    });
    Ok(seen.collect())
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
    let witnesses = witnesses(&state).await?;
    Ok(Json(Ready { ready: true, checkpoint: checkpoint(&state), witnesses }))
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
    audit_metrics(&state).await;
    let text =
        METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Figures of the log: witnesses, the last verification, policy sets that no auditor has seen. Where storage does not answer,
/// they are left as they were: that it does not is in other figures.
async fn audit_metrics(state: &App) {
    for WitnessAge { name, standing, age_seconds, .. } in witnesses(state).await.unwrap_or_default()
    {
        let labels = [("witness", name)];
        let alarm = f64::from(u8::from(matches!(standing, "cut" | "forked")));
        metrics::gauge!("anshu_witness_alarm", &labels).set(alarm);
        metrics::gauge!("anshu_witness_well", &labels).set(f64::from(u8::from(standing == "well")));
        if let Some(age) = age_seconds {
            let seconds = u32::try_from(age).unwrap_or(u32::MAX);
            metrics::gauge!("anshu_witness_age_seconds", &labels).set(seconds);
        }
    }
    if let Some((_, found)) = state.verified.state().last {
        metrics::gauge!("anshu_log_sound").set(f64::from(u8::from(found.is_sound())));
    }
    if let Ok(sets) = state.data.policy_notices().await {
        let unseen = sets.iter().filter(|set| set.seen.is_none()).count();
        metrics::gauge!("anshu_policies_unseen").set(u32::try_from(unseen).unwrap_or(u32::MAX));
    }
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
