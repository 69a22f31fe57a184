//! Guardians of children: the desk, and the children whom a guardian may choose.

use anshu_model::Id;
use axum::extract::State;

use super::super::guard::SignedIn;
use super::super::problem::{Answer, Json, Path};
use crate::app::{App, persons::guardians as app};
use crate::view::person::{
    EndGuardianRequest, GuardianLinkRequest, GuardiansView, ReleaseRequest, WardView,
    WithheldMatterView,
};

/// The children whose guardian is signed in.
#[utoipa::path(get, path = "/me/wards", operation_id = "wards",
    responses((status = 200, description = "The children.", body = [WardView])))]
pub async fn wards(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<Vec<WardView>>> {
    Ok(axum::Json(app::wards(&state, signed.person()).await?))
}

/// Which guardians' accounts may ask about children.
#[utoipa::path(get, path = "/guardians", operation_id = "guardians",
    responses((status = 200, description = "The links, and what a new one may say.", body = GuardiansView)))]
pub async fn list(State(state): State<App>, signed: SignedIn) -> Answer<axum::Json<GuardiansView>> {
    Ok(axum::Json(app::list(&state, signed.person()).await?))
}

/// Lets a guardian's account ask about a child.
#[utoipa::path(post, path = "/guardians", operation_id = "link_guardian", request_body = GuardianLinkRequest,
    responses((status = 200, description = "The links.", body = GuardiansView)))]
pub async fn link(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<GuardianLinkRequest>,
) -> Answer<axum::Json<GuardiansView>> {
    Ok(axum::Json(app::link(&state, signed.person(), body).await?))
}

/// Ends a link.
#[utoipa::path(post, path = "/guardians/{id}/end", operation_id = "end_guardian", request_body = EndGuardianRequest,
    params(("id" = String, Path, description = "The link")),
    responses((status = 200, description = "The links.", body = GuardiansView)))]
pub async fn end(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(body): Json<EndGuardianRequest>,
) -> Answer<axum::Json<GuardiansView>> {
    let id = Id::from_text(id);
    Ok(axum::Json(app::end(&state, signed.person(), &id, &body.reason).await?))
}

/// What is withheld from a guardian, by some rule.
#[utoipa::path(get, path = "/guardians/{id}/matters", operation_id = "withheld_matters",
    params(("id" = String, Path, description = "The link")),
    responses((status = 200, description = "The matters, newest first.", body = [WithheldMatterView])))]
pub async fn withheld(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<Vec<WithheldMatterView>>> {
    Ok(axum::Json(app::withheld(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Releases a withheld matter to one guardian.
#[utoipa::path(post, path = "/guardians/{id}/matters/{matter}", operation_id = "release_matter", request_body = ReleaseRequest,
    params(("id" = String, Path, description = "The link"), ("matter" = String, Path, description = "The matter")),
    responses((status = 200, description = "The matters.", body = [WithheldMatterView])))]
pub async fn release(
    State(state): State<App>,
    signed: SignedIn,
    Path((id, matter)): Path<(String, String)>,
    Json(body): Json<ReleaseRequest>,
) -> Answer<axum::Json<Vec<WithheldMatterView>>> {
    let (id, matter) = (Id::from_text(id), Id::from_text(matter));
    let found = app::release(&state, signed.person(), &id, &matter, &body.reason).await?;
    Ok(axum::Json(found))
}

/// Takes a release back.
#[utoipa::path(delete, path = "/guardians/{id}/matters/{matter}", operation_id = "withhold_matter",
    params(("id" = String, Path, description = "The link"), ("matter" = String, Path, description = "The matter")),
    responses((status = 200, description = "The matters.", body = [WithheldMatterView])))]
pub async fn withhold(
    State(state): State<App>,
    signed: SignedIn,
    Path((id, matter)): Path<(String, String)>,
) -> Answer<axum::Json<Vec<WithheldMatterView>>> {
    let (id, matter) = (Id::from_text(id), Id::from_text(matter));
    Ok(axum::Json(app::withhold(&state, signed.person(), &id, &matter).await?))
}
