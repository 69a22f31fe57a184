//! The log, for auditors.

use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Query};
use crate::app::{App, audit as app};
use crate::view::audit::{AuditPage, AuditQuery};

/// The log, newest first.
#[utoipa::path(get, path = "/audit", operation_id = "audit", params(AuditQuery),
    responses((status = 200, description = "A page.", body = AuditPage)))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<AuditQuery>,
) -> Answer<Json<AuditPage>> {
    Ok(Json(app::list(&state, signed.person(), query).await?))
}
