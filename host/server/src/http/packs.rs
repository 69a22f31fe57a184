//! Packs.

use anshu_model::Error;
use anshu_model::instant::Instant;
use anshu_sandbox::provenance;
use axum::Json as Shown;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path};
use crate::app::packs::life::{self, Step, Which};
use crate::app::provenance::Offer;
use crate::app::{App, packs as app};
use crate::grant::GrantFile;
use crate::view::pack::{PackDetail, PackOutcome, PackStage, PackStep, PackView};

/// The stored versions with what they ask for and what they were granted.
#[utoipa::path(get, path = "/packs", operation_id = "packs",
    responses((status = 200, description = "The packs.", body = [PackView])))]
pub async fn list(State(state): State<App>, signed: SignedIn) -> Answer<Shown<Vec<PackView>>> {
    Ok(Shown(app::list(&state, signed.person()).await?))
}

/// One pack: its versions and its history.
#[utoipa::path(get, path = "/packs/{name}", operation_id = "pack", params(("name" = String, Path, description = "The pack")),
    responses((status = 200, description = "The pack.", body = PackDetail)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(name): Path<String>,
) -> Answer<Shown<PackDetail>> {
    let ctx = state.context(signed.person(), None)?;
    Ok(Shown(app::show(&state, &ctx, &name).await?))
}

/// Stores a version with what it asks for. It is called only after its grant was approved and it was activated.
#[utoipa::path(post, path = "/packs", operation_id = "stage_pack", request_body = PackStage,
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn stage(
    State(state): State<App>,
    signed: SignedIn,
    Json(input): Json<PackStage>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    state.data.allows(&ctx, "stage-pack").await?;
    let bytes = BASE64
        .decode(&input.component)
        .map_err(|_| Error::invalid("/component", "不是 Base64", "插件文件的 Base64"))?;
    let grant = GrantFile::parse("/grant", &input.grant)?.resolve(&state, "/grant").await?;
    let signatures = match input.signatures.trim() {
        "" => Vec::new(),
        text => provenance::signatures("/signatures", text.as_bytes())?,
    };
    let confirmed = input.confirm_name.as_deref();
    let offer = Offer { bytes: &bytes, signatures: &signatures, confirmed };
    Ok(Shown(life::stage(&state, &ctx, &offer, &grant, input.dry_run).await?))
}

/// Withdraws the newest version, so that the one before decides again.
#[utoipa::path(post, path = "/packs/{name}/rollback", operation_id = "roll_back_pack", request_body = PackStep,
    params(("name" = String, Path, description = "The pack")),
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn roll_back(
    State(state): State<App>,
    signed: SignedIn,
    Path(name): Path<String>,
    Json(step): Json<PackStep>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    Ok(Shown(life::roll_back(&state, &ctx, &name, &step.reason, step.dry_run).await?))
}

/// Agrees to what a version asks for.
#[utoipa::path(post, path = "/packs/{name}/{version}/approve", operation_id = "approve_pack", request_body = PackStep,
    params(("name" = String, Path, description = "The pack"), ("version" = String, Path, description = "Its version")),
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn approve(
    State(state): State<App>,
    signed: SignedIn,
    Path((name, version)): Path<(String, String)>,
    Json(step): Json<PackStep>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    let which = Which { name, version: Some(version) };
    Ok(Shown(life::answer(&state, &ctx, &which, true, &step.reason, step.dry_run).await?))
}

/// Does not agree to what a version asks for.
#[utoipa::path(post, path = "/packs/{name}/{version}/refuse", operation_id = "refuse_pack", request_body = PackStep,
    params(("name" = String, Path, description = "The pack"), ("version" = String, Path, description = "Its version")),
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn refuse(
    State(state): State<App>,
    signed: SignedIn,
    Path((name, version)): Path<(String, String)>,
    Json(step): Json<PackStep>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    let which = Which { name, version: Some(version) };
    Ok(Shown(life::answer(&state, &ctx, &which, false, &step.reason, step.dry_run).await?))
}

/// Lets legal time choose a version, now or from an instant on.
#[utoipa::path(post, path = "/packs/{name}/{version}/activate", operation_id = "activate_pack", request_body = PackStep,
    params(("name" = String, Path, description = "The pack"), ("version" = String, Path, description = "Its version")),
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn activate(
    State(state): State<App>,
    signed: SignedIn,
    Path((name, version)): Path<(String, String)>,
    Json(step): Json<PackStep>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    let which = Which { name, version: Some(version) };
    Ok(Shown(life::activate(&state, &ctx, &which, at(&step)?, step.dry_run).await?))
}

/// Takes back that a version is to be activated at an instant.
#[utoipa::path(post, path = "/packs/{name}/{version}/cancel", operation_id = "cancel_pack", request_body = PackStep,
    params(("name" = String, Path, description = "The pack"), ("version" = String, Path, description = "Its version")),
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn cancel(
    State(state): State<App>,
    signed: SignedIn,
    Path((name, version)): Path<(String, String)>,
    Json(step): Json<PackStep>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    let which = Which { name, version: Some(version) };
    Ok(Shown(life::cancel(&state, &ctx, &which, step.dry_run).await?))
}

/// Takes a version out of what legal time chooses from.
#[utoipa::path(post, path = "/packs/{name}/{version}/withdraw", operation_id = "withdraw_pack", request_body = PackStep,
    params(("name" = String, Path, description = "The pack"), ("version" = String, Path, description = "Its version")),
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn withdraw(
    State(state): State<App>,
    signed: SignedIn,
    Path((name, version)): Path<(String, String)>,
    Json(step): Json<PackStep>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    let which = Which { name, version: Some(version) };
    Ok(Shown(life::step(&state, &ctx, &which, Step::Withdraw, &step.reason, step.dry_run).await?))
}

/// Removes a version; its cases and its history stay.
#[utoipa::path(post, path = "/packs/{name}/{version}/remove", operation_id = "remove_pack", request_body = PackStep,
    params(("name" = String, Path, description = "The pack"), ("version" = String, Path, description = "Its version")),
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn remove(
    State(state): State<App>,
    signed: SignedIn,
    Path((name, version)): Path<(String, String)>,
    Json(step): Json<PackStep>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    let which = Which { name, version: Some(version) };
    Ok(Shown(life::step(&state, &ctx, &which, Step::Remove, &step.reason, step.dry_run).await?))
}

/// Lets a version out of quarantine.
#[utoipa::path(post, path = "/packs/{name}/{version}/release", operation_id = "release_pack", request_body = PackStep,
    params(("name" = String, Path, description = "The pack"), ("version" = String, Path, description = "Its version")),
    responses((status = 200, description = "What was done, or would be.", body = PackOutcome)))]
pub async fn release(
    State(state): State<App>,
    signed: SignedIn,
    Path((name, version)): Path<(String, String)>,
    Json(step): Json<PackStep>,
) -> Answer<Shown<PackOutcome>> {
    let ctx = state.context(signed.person(), None)?;
    let which = Which { name, version: Some(version) };
    Ok(Shown(life::step(&state, &ctx, &which, Step::Release, &step.reason, step.dry_run).await?))
}

/// The instant of an activation, where one is stated.
fn at(step: &PackStep) -> Result<Option<Instant>, Error> {
    let at = step.at.as_deref().filter(|at| !at.is_empty());
    at.map(|at| crate::time::instant("/at", at)).transpose()
}
