//! The records that the law asks for, and the report of a year.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, compliance as app};
use crate::view::compliance::{
    AssessmentBody, ComplianceView, IncidentRequest, IncidentStepBody, ProcessingBody,
    YearAuditBody, YearReport, YearReportQuery,
};

/// Everything that is kept.
#[utoipa::path(get, path = "/compliance", operation_id = "compliance",
    responses((status = 200, description = "The records.", body = ComplianceView)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<ComplianceView>> {
    Ok(axum::Json(app::show(&state, signed.person()).await?))
}

/// Keeps an impact assessment.
#[utoipa::path(post, path = "/compliance/assessments", operation_id = "keep_assessment", request_body = AssessmentBody,
    responses((status = 200, description = "The records.", body = ComplianceView)))]
pub async fn assess(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<AssessmentBody>,
) -> Answer<axum::Json<ComplianceView>> {
    Ok(axum::Json(app::keep(&state, signed.person(), body.into()).await?))
}

/// Keeps a processing record.
#[utoipa::path(post, path = "/compliance/processing", operation_id = "keep_processing", request_body = ProcessingBody,
    responses((status = 200, description = "The records.", body = ComplianceView)))]
pub async fn process(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<ProcessingBody>,
) -> Answer<axum::Json<ComplianceView>> {
    Ok(axum::Json(app::keep(&state, signed.person(), body.into()).await?))
}

/// Keeps a yearly audit.
#[utoipa::path(post, path = "/compliance/audits", operation_id = "keep_audit", request_body = YearAuditBody,
    responses((status = 200, description = "The records.", body = ComplianceView)))]
pub async fn audit(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<YearAuditBody>,
) -> Answer<axum::Json<ComplianceView>> {
    Ok(axum::Json(app::keep(&state, signed.person(), body.into()).await?))
}

/// Registers an incident.
#[utoipa::path(post, path = "/compliance/incidents", operation_id = "register_incident", request_body = IncidentRequest,
    responses((status = 200, description = "The records.", body = ComplianceView)))]
pub async fn register(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<IncidentRequest>,
) -> Answer<axum::Json<ComplianceView>> {
    Ok(axum::Json(app::register(&state, signed.person(), body).await?))
}

/// An incident's next step.
#[utoipa::path(post, path = "/compliance/incidents/{id}/step", operation_id = "incident_step", request_body = IncidentStepBody,
    params(("id" = String, Path, description = "The incident")),
    responses((status = 200, description = "The records.", body = ComplianceView)))]
pub async fn step(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(body): Json<IncidentStepBody>,
) -> Answer<axum::Json<ComplianceView>> {
    Ok(axum::Json(app::step(&state, signed.person(), &Id::from_text(id), body).await?))
}

/// The report of a year.
#[utoipa::path(get, path = "/reports/yearly/{year}", operation_id = "yearly_report",
    params(("year" = i16, Path, description = "The year"), YearReportQuery),
    responses((status = 200, description = "The report.", body = YearReport)))]
pub async fn yearly(
    State(state): State<App>,
    signed: SignedIn,
    Path(year): Path<i16>,
    Query(query): Query<YearReportQuery>,
) -> Answer<axum::Json<YearReport>> {
    let ctx = state.context(signed.person(), None)?;
    Ok(axum::Json(app::yearly(&state, &ctx, year, query.published.unwrap_or(false)).await?))
}
