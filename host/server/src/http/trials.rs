//! Trials of versions before they are activated.

use anshu_model::{Id, Result};
use axum::extract::State;
use axum::http::StatusCode;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::App;
use crate::app::trials::{self as app, shadow};
use crate::view::trial::{
    AgreementRequest, ShadowRequest, ShadowView, TrialQuery, TrialRequest, TrialView, VerdictView,
};

/// Trials, the latest first; those that run here before all others.
#[utoipa::path(get, path = "/trials", operation_id = "trials", params(TrialQuery),
    responses((status = 200, description = "The trials, without their reports' verdicts.", body = [TrialView])))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<TrialQuery>,
) -> Answer<axum::Json<Vec<TrialView>>> {
    let context = state.context(signed.person(), None)?;
    let kept = state.data.trials(&context, query.pack.as_deref()).await?;
    let words = state.words().await?;
    let running = app::running(&state);
    let running = running
        .iter()
        .filter(|running| query.pack.as_ref().is_none_or(|pack| running.pack.name == *pack))
        .map(|running| Ok(TrialView::running(running, &words)));
    let kept = kept.iter().map(|trial| TrialView::of(trial, &words));
    Ok(axum::Json(running.chain(kept).collect::<Result<_>>()?))
}

/// Tries a version on its golden cases and on the decisions of the last days, in the background.
#[utoipa::path(post, path = "/trials", operation_id = "beginTrial", request_body = TrialRequest,
    responses((status = 202, description = "It runs.", body = TrialView)))]
pub async fn begin(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<TrialRequest>,
) -> Answer<(StatusCode, axum::Json<TrialView>)> {
    let days = request.days.unwrap_or(app::DAYS);
    let running =
        app::begin(&state, signed.person(), &request.pack, &request.version, days).await?;
    let view = TrialView::running(&running, &state.words().await?);
    Ok((StatusCode::ACCEPTED, axum::Json(view)))
}

/// A trial: how far it is, or what it showed, with what all trials of the version say.
#[utoipa::path(get, path = "/trials/{id}", operation_id = "trial",
    params(("id" = String, Path, description = "The trial")),
    responses((status = 200, description = "The trial.", body = TrialView)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<TrialView>> {
    let (context, id) = (state.context(signed.person(), None)?, Id::from_text(id));
    state.data.allows(&context, "see-packs").await?;
    let words = state.words().await?;
    if let Some(running) = app::running(&state).iter().find(|running| running.context.id == id) {
        return Ok(axum::Json(TrialView::running(running, &words)));
    }
    let trial = state.data.trial(&context, &id).await?;
    let verdict = app::verdict(&state, &trial.pack).await?;
    let view = TrialView { verdict: Some(verdict.into()), ..TrialView::of(&trial, &words)? };
    Ok(axum::Json(view))
}

/// Ends a replay that runs. What it has seen is kept.
#[utoipa::path(delete, path = "/trials/{id}", operation_id = "cancelTrial",
    params(("id" = String, Path, description = "The trial")),
    responses((status = 204, description = "It ends soon.")))]
pub async fn cancel(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    app::cancel(&state, signed.person(), &Id::from_text(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs a version beside the active one, on live traffic. It changes nothing.
#[utoipa::path(post, path = "/trials/shadows", operation_id = "startShadow", request_body = ShadowRequest,
    responses((status = 200, description = "It runs.", body = TrialView)))]
pub async fn start_shadow(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<ShadowRequest>,
) -> Answer<axum::Json<TrialView>> {
    let context = state.context(signed.person(), None)?;
    let needed = request.needed.unwrap_or(shadow::NEEDED);
    let trial = shadow::start(&state, &context, &request.pack, &request.version, needed).await?;
    Ok(axum::Json(TrialView::of(&trial, &state.words().await?)?))
}

/// What a version showed beside the active one.
#[utoipa::path(get, path = "/trials/shadows/{pack}/{version}", operation_id = "shadow",
    params(("pack" = String, Path, description = "The pack"), ("version" = String, Path, description = "The version")),
    responses((status = 200, description = "Counts by kind and day.", body = ShadowView)))]
pub async fn show_shadow(
    State(state): State<App>,
    signed: SignedIn,
    Path((pack, version)): Path<(String, String)>,
) -> Answer<axum::Json<ShadowView>> {
    let context = state.context(signed.person(), None)?;
    let shown = shadow::show(&state, &context, &pack, &version).await?;
    let verdict = app::verdict(&state, &shown.pack).await?;
    Ok(axum::Json(ShadowView::of(&shown, verdict)))
}

/// Turns a shadow off. Before it has seen enough this takes the security role, and not the person who turned it on.
#[utoipa::path(delete, path = "/trials/shadows/{pack}/{version}", operation_id = "stopShadow",
    params(("pack" = String, Path, description = "The pack"), ("version" = String, Path, description = "The version")),
    responses((status = 200, description = "It is off.", body = TrialView)))]
pub async fn stop_shadow(
    State(state): State<App>,
    signed: SignedIn,
    Path((pack, version)): Path<(String, String)>,
) -> Answer<axum::Json<TrialView>> {
    let context = state.context(signed.person(), None)?;
    let trial = shadow::stop(&state, &context, &pack, &version).await?;
    Ok(axum::Json(TrialView::of(&trial, &state.words().await?)?))
}

/// Agrees, in the security role, to activate a version although trials show that it loosens.
#[utoipa::path(post, path = "/trials/agreements", operation_id = "agreeToTrial", request_body = AgreementRequest,
    responses((status = 200, description = "What trials say, agreed to.", body = VerdictView)))]
pub async fn agree(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<AgreementRequest>,
) -> Answer<axum::Json<VerdictView>> {
    let context = state.context(signed.person(), None)?;
    state.data.allows(&context, "loosen").await?;
    let pack = app::stored(&state, &request.pack, &request.version)?.reference.clone();
    Ok(axum::Json(app::agree(&state, &context, &pack).await?.into()))
}
