//! Emergency access and notices.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path};
use crate::app::{App, emergency as app};
use crate::view::emergency::{
    BeginEmergency, EmergencyState, EmergencyView, NoticeView, ReviewEmergency,
};

/// Where one stands with emergency access.
#[utoipa::path(get, path = "/emergency", operation_id = "emergency",
    responses((status = 200, description = "One's own.", body = EmergencyState)))]
pub async fn show(State(state): State<App>, signed: SignedIn) -> Answer<Body<EmergencyState>> {
    Ok(Body(app::state(&state, signed.person()).await?))
}

/// Begins emergency access. It asks for a fresh proof of who one is, holds at once, and is reviewed.
#[utoipa::path(post, path = "/emergency", operation_id = "begin_emergency", request_body = BeginEmergency,
    responses((status = 200, description = "It has begun.", body = EmergencyState)))]
pub async fn begin(
    State(state): State<App>,
    signed: SignedIn,
    Json(asked): Json<BeginEmergency>,
) -> Answer<Body<EmergencyState>> {
    signed.require_fresh(&state)?;
    Ok(Body(app::begin(&state, signed.person(), asked).await?))
}

/// Ends one's emergency access.
#[utoipa::path(delete, path = "/emergency", operation_id = "end_emergency",
    responses((status = 204, description = "It has ended.")))]
pub async fn end(State(state): State<App>, signed: SignedIn) -> Answer<StatusCode> {
    app::end(&state, signed.person()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Accesses to be reviewed, and those that were.
#[utoipa::path(get, path = "/emergencies", operation_id = "emergencies",
    responses((status = 200, description = "The accesses.", body = [EmergencyView])))]
pub async fn list(State(state): State<App>, signed: SignedIn) -> Answer<Body<Vec<EmergencyView>>> {
    Ok(Body(app::list(&state, signed.person()).await?))
}

/// Reviews an access.
#[utoipa::path(post, path = "/emergencies/{id}/review", operation_id = "review_emergency",
    params(("id" = String, Path, description = "The access")), request_body = ReviewEmergency,
    responses((status = 204, description = "Reviewed.")))]
pub async fn review(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(review): Json<ReviewEmergency>,
) -> Answer<StatusCode> {
    app::review(&state, signed.person(), &id, review).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's notices.
#[utoipa::path(get, path = "/notices", operation_id = "notices",
    responses((status = 200, description = "The latest first.", body = [NoticeView])))]
pub async fn notices(State(state): State<App>, signed: SignedIn) -> Answer<Body<Vec<NoticeView>>> {
    Ok(Body(app::notices(&state, signed.person()).await?))
}

/// Notes that one has read the notices up to one.
#[utoipa::path(post, path = "/notices/{id}/read", operation_id = "read_notices",
    params(("id" = String, Path, description = "The latest that was read")),
    responses((status = 204, description = "Noted.")))]
pub async fn read(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    app::read(&state, signed.person(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
