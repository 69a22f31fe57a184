//! The log, for auditors.

use anshu_model::Id;
use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::guard::SignedIn;
use super::problem::{Answer, Path, Query};
use crate::app::{App, audit as app, verify as checks};
use crate::view::audit::{AuditDetail, AuditPage, AuditQuery, AuditStatus, DossierOutline};

/// The log, newest first, as far as it fits what is looked for.
#[utoipa::path(get, path = "/audit", operation_id = "audit", params(AuditQuery),
    responses((status = 200, description = "A page.", body = AuditPage)))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<AuditQuery>,
) -> Answer<Json<AuditPage>> {
    Ok(Json(app::list(&state, signed.person(), query).await?))
}

/// How it stands with the log: witnesses, verification, policy sets.
#[utoipa::path(get, path = "/audit/status", operation_id = "audit_status",
    responses((status = 200, description = "Its standing.", body = AuditStatus)))]
pub async fn status(State(state): State<App>, signed: SignedIn) -> Answer<Json<AuditStatus>> {
    Ok(Json(app::status(&state, signed.person()).await?))
}

/// Begins a verification of the whole log and every row bound to it.
#[utoipa::path(post, path = "/audit/verify", operation_id = "audit_verify",
    responses((status = 200, description = "It has begun.", body = AuditStatus)))]
pub async fn verify(State(state): State<App>, signed: SignedIn) -> Answer<Json<AuditStatus>> {
    checks::begin(&state, signed.person()).await?;
    Ok(Json(app::status(&state, signed.person()).await?))
}

/// One entry with its proof.
#[utoipa::path(get, path = "/audit/entries/{index}", operation_id = "audit_entry",
    params(("index" = u64, Path, description = "Its place in the log")),
    responses((status = 200, description = "The entry.", body = AuditDetail)))]
pub async fn entry(
    State(state): State<App>,
    signed: SignedIn,
    Path(index): Path<u64>,
) -> Answer<Json<AuditDetail>> {
    Ok(Json(app::entry(&state, signed.person(), index).await?))
}

/// The proof that an entry is in the log, as a file (C2SP tlog-proof).
#[utoipa::path(get, path = "/audit/entries/{index}/proof", operation_id = "audit_proof",
    params(("index" = u64, Path, description = "Its place in the log")),
    responses((status = 200, description = "The proof.", body = String, content_type = "text/plain")))]
pub async fn proof(
    State(state): State<App>,
    signed: SignedIn,
    Path(index): Path<u64>,
) -> Answer<Response> {
    let text = app::proof(&state, signed.person(), index).await?;
    Ok(file(text, &format!("{index}.tlog-proof")))
}

/// An auditor has seen that a policy set came into force.
#[utoipa::path(post, path = "/audit/policies/{number}/seen", operation_id = "audit_policies_seen",
    params(("number" = u64, Path, description = "Which set")),
    responses((status = 200, description = "Noted.", body = AuditStatus)))]
pub async fn see_policies(
    State(state): State<App>,
    signed: SignedIn,
    Path(number): Path<u64>,
) -> Answer<Json<AuditStatus>> {
    app::see_policies(&state, signed.person(), number).await?;
    Ok(Json(app::status(&state, signed.person()).await?))
}

/// What a dossier of a matter would hold.
#[utoipa::path(get, path = "/audit/dossiers/{matter}", operation_id = "audit_dossier_outline",
    params(("matter" = String, Path, description = "The case or risk")),
    responses((status = 200, description = "Its contents, counted.", body = DossierOutline)))]
pub async fn outline(
    State(state): State<App>,
    signed: SignedIn,
    Path(matter): Path<String>,
) -> Answer<Json<DossierOutline>> {
    let ctx = state.context(signed.person(), None)?;
    Ok(Json(app::outline(&state, &ctx, &Id::from_text(matter)).await?))
}

/// A matter's dossier, as a sealed file.
#[utoipa::path(post, path = "/audit/dossiers/{matter}", operation_id = "audit_dossier",
    params(("matter" = String, Path, description = "The case or risk")),
    responses((status = 200, description = "The dossier.", body = String, content_type = "text/plain")))]
pub async fn dossier(
    State(state): State<App>,
    signed: SignedIn,
    Path(matter): Path<String>,
) -> Answer<Response> {
    let ctx = state.context(signed.person(), None)?;
    let text = app::dossier(&state, &ctx, &Id::from_text(&matter)).await?;
    Ok(file(text, "matter.dossier"))
}

/// Text to be kept as a file. The name is ours: nothing of a request stands in a header.
fn file(text: String, name: &str) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, text).into_response()
}
