//! The person's side, and the desk that answers.

pub mod guardians;

use anshu_model::Id;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, persons as app};
use crate::view::person::{
    DecideDeferral, DeferralRequest, DeferralView, OwnAccessPage, OwnAccessQuery, OwnData,
    PersonRequestBody, PersonRequestData, PersonRequestQuery, PersonRequestView, PersonStepBody,
    PersonWindowRequest, RequestErasureBody, SubjectLinkRequest, SubjectLinkView, WardQuery,
};

/// Who looked at the data of whoever is signed in, newest first.
#[utoipa::path(get, path = "/me/accesses", operation_id = "own_accesses", params(OwnAccessQuery),
    responses((status = 200, description = "A page.", body = OwnAccessPage)))]
pub async fn accesses(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<OwnAccessQuery>,
) -> Answer<axum::Json<OwnAccessPage>> {
    Ok(axum::Json(app::accesses(&state, signed.person(), query).await?))
}

/// The proof that a look is in the log, in the form of C2SP tlog-proof.
#[utoipa::path(get, path = "/me/accesses/{position}/proof", operation_id = "own_access_proof",
    params(("position" = u64, Path, description = "The look's place in the log"), WardQuery),
    responses((status = 200, description = "The proof.", body = String, content_type = "text/plain")))]
pub async fn proof(
    State(state): State<App>,
    signed: SignedIn,
    Path(position): Path<u64>,
    Query(query): Query<WardQuery>,
) -> Answer<Response> {
    let proof = app::proof(&state, signed.person(), position, query).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], proof).into_response())
}

/// What is held about whoever is signed in, or about a child whose guardian is.
#[utoipa::path(get, path = "/me/data", operation_id = "own_data", params(WardQuery),
    responses((status = 200, description = "The copy.", body = OwnData)))]
pub async fn own_data(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<WardQuery>,
) -> Answer<axum::Json<OwnData>> {
    Ok(axum::Json(app::own_data(&state, signed.person(), query).await?))
}

/// The requests of whoever is signed in.
#[utoipa::path(get, path = "/me/requests", operation_id = "own_requests", params(WardQuery),
    responses((status = 200, description = "The requests, newest first.", body = [PersonRequestView])))]
pub async fn own_requests(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<WardQuery>,
) -> Answer<axum::Json<Vec<PersonRequestView>>> {
    Ok(axum::Json(app::own_requests(&state, signed.person(), query).await?))
}

/// Files a request about one's own data.
#[utoipa::path(post, path = "/me/requests", operation_id = "file_own_request", request_body = PersonRequestBody,
    responses((status = 200, description = "The request.", body = PersonRequestView)))]
pub async fn file_own(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<PersonRequestBody>,
) -> Answer<axum::Json<PersonRequestView>> {
    Ok(axum::Json(app::file_own(&state, signed.person(), body).await?))
}

/// Supplements or withdraws one's own request.
#[utoipa::path(post, path = "/me/requests/{id}/step", operation_id = "own_request_step", request_body = PersonStepBody,
    params(("id" = String, Path, description = "The request"), WardQuery),
    responses((status = 200, description = "The request.", body = PersonRequestView)))]
pub async fn own_step(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<WardQuery>,
    Json(body): Json<PersonStepBody>,
) -> Answer<axum::Json<PersonRequestView>> {
    let id = Id::from_text(id);
    Ok(axum::Json(app::own_step(&state, signed.person(), &id, query, body).await?))
}

/// The receipt of the erasure that answered one's own request.
#[utoipa::path(get, path = "/me/requests/{id}/receipt", operation_id = "own_request_receipt",
    params(("id" = String, Path, description = "The request"), WardQuery),
    responses((status = 200, description = "The receipt.", body = String, content_type = "text/plain")))]
pub async fn own_receipt(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<WardQuery>,
) -> Answer<String> {
    Ok(app::own_receipt(&state, signed.person(), &Id::from_text(id), query).await?)
}

/// Requests for the desk.
#[utoipa::path(get, path = "/requests", operation_id = "requests", params(PersonRequestQuery),
    responses((status = 200, description = "Those that wait, or the latest.", body = [PersonRequestView])))]
pub async fn requests(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<PersonRequestQuery>,
) -> Answer<axum::Json<Vec<PersonRequestView>>> {
    Ok(axum::Json(app::requests(&state, signed.person(), query).await?))
}

/// Files a request for somebody at the window.
#[utoipa::path(post, path = "/requests", operation_id = "file_request", request_body = PersonWindowRequest,
    responses((status = 200, description = "The request.", body = PersonRequestView)))]
pub async fn file_at_window(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<PersonWindowRequest>,
) -> Answer<axum::Json<PersonRequestView>> {
    Ok(axum::Json(app::file_at_window(&state, signed.person(), body).await?))
}

/// The desk's step of a request.
#[utoipa::path(post, path = "/requests/{id}/step", operation_id = "request_step", request_body = PersonStepBody,
    params(("id" = String, Path, description = "The request")),
    responses((status = 200, description = "The request.", body = PersonRequestView)))]
pub async fn request_step(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(body): Json<PersonStepBody>,
) -> Answer<axum::Json<PersonRequestView>> {
    Ok(axum::Json(app::request_step(&state, signed.person(), &Id::from_text(id), body).await?))
}

/// Hands a request over to the erasure desk, or stops processing at once.
#[utoipa::path(post, path = "/requests/{id}/erasure", operation_id = "request_erasure", request_body = RequestErasureBody,
    params(("id" = String, Path, description = "The request")),
    responses((status = 200, description = "The request.", body = PersonRequestView)))]
pub async fn request_erasure(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(body): Json<RequestErasureBody>,
) -> Answer<axum::Json<PersonRequestView>> {
    signed.require_fresh(&state)?;
    let id = Id::from_text(id);
    Ok(axum::Json(app::request_erasure(&state, signed.person(), &id, body).await?))
}

/// What is held about the person of a request that is being worked on.
#[utoipa::path(get, path = "/requests/{id}/data", operation_id = "request_data",
    params(("id" = String, Path, description = "The request")),
    responses((status = 200, description = "The copy and the decisions in words.", body = PersonRequestData)))]
pub async fn request_data(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<PersonRequestData>> {
    Ok(axum::Json(app::request_data(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Which accounts are persons' own.
#[utoipa::path(get, path = "/subjects", operation_id = "subject_links",
    responses((status = 200, description = "The accounts.", body = [SubjectLinkView])))]
pub async fn links(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<Vec<SubjectLinkView>>> {
    Ok(axum::Json(app::links(&state, signed.person()).await?))
}

/// Binds an account to the person whose document was checked.
#[utoipa::path(post, path = "/subjects", operation_id = "link_subject", request_body = SubjectLinkRequest,
    responses((status = 200, description = "The accounts.", body = [SubjectLinkView])))]
pub async fn link(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<SubjectLinkRequest>,
) -> Answer<axum::Json<Vec<SubjectLinkView>>> {
    Ok(axum::Json(app::link(&state, signed.person(), body).await?))
}

/// Ends that an account is a person's own.
#[utoipa::path(delete, path = "/subjects/{login}", operation_id = "unlink_subject",
    params(("login" = String, Path, description = "The account")),
    responses((status = 200, description = "The accounts.", body = [SubjectLinkView])))]
pub async fn unlink(
    State(state): State<App>,
    signed: SignedIn,
    Path(login): Path<String>,
) -> Answer<axum::Json<Vec<SubjectLinkView>>> {
    Ok(axum::Json(app::unlink(&state, signed.person(), &login).await?))
}

/// Deferrals: a unit's own, or all for whoever keeps or audits the records of the law.
#[utoipa::path(get, path = "/deferrals", operation_id = "deferrals",
    responses((status = 200, description = "The deferrals, newest first.", body = [DeferralView])))]
pub async fn deferrals(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<Vec<DeferralView>>> {
    Ok(axum::Json(app::deferrals(&state, signed.person()).await?))
}

/// Asks that looks of a matter be told to a party later.
#[utoipa::path(post, path = "/deferrals", operation_id = "ask_deferral", request_body = DeferralRequest,
    responses((status = 200, description = "The deferrals.", body = [DeferralView])))]
pub async fn ask_deferral(
    State(state): State<App>,
    signed: SignedIn,
    Json(body): Json<DeferralRequest>,
) -> Answer<axum::Json<Vec<DeferralView>>> {
    Ok(axum::Json(app::ask_deferral(&state, signed.person(), body).await?))
}

/// Approves or refuses a deferral.
#[utoipa::path(post, path = "/deferrals/{id}/decide", operation_id = "decide_deferral", request_body = DecideDeferral,
    params(("id" = String, Path, description = "The deferral")),
    responses((status = 200, description = "The deferral.", body = DeferralView)))]
pub async fn decide_deferral(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(body): Json<DecideDeferral>,
) -> Answer<axum::Json<DeferralView>> {
    Ok(axum::Json(app::decide_deferral(&state, signed.person(), &Id::from_text(id), body).await?))
}

/// Ends a deferral before its time.
#[utoipa::path(post, path = "/deferrals/{id}/end", operation_id = "end_deferral",
    params(("id" = String, Path, description = "The deferral")),
    responses((status = 200, description = "The deferral.", body = DeferralView)))]
pub async fn end_deferral(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<DeferralView>> {
    Ok(axum::Json(app::end_deferral(&state, signed.person(), &Id::from_text(id)).await?))
}
