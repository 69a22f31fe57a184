//! Sharing between units.

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path, Query};
use crate::app::{App, share as app};
use crate::view::share::{
    PublishItem, ShareAskRequest, ShareCatalogueView, ShareDetail, ShareFileRequest, ShareFileView,
    ShareItemView, ShareReceiptRequest, ShareReceiveRequest, ShareReceivedView, ShareReviseRequest,
    ShareStepRequest, ShareView, SharedRowsQuery, SharedRowsView,
};

/// The catalogue (共享目录), and what this person's unit could put into it.
#[utoipa::path(get, path = "/share-items", operation_id = "share_items",
    responses((status = 200, description = "The catalogue.", body = ShareCatalogueView)))]
pub async fn items(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<ShareCatalogueView>> {
    Ok(axum::Json(app::items(&state, signed.person()).await?))
}

/// Publishes what this person's unit offers, or changes how it is shared.
#[utoipa::path(post, path = "/share-items", operation_id = "publish_item", request_body = PublishItem,
    responses((status = 200, description = "The item.", body = ShareItemView)))]
pub async fn publish(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<PublishItem>,
) -> Answer<axum::Json<ShareItemView>> {
    Ok(axum::Json(app::publish(&state, signed.person(), request).await?))
}

/// The shares in which this person's unit takes part, the latest first.
#[utoipa::path(get, path = "/shares", operation_id = "shares",
    responses((status = 200, description = "The shares.", body = [ShareView])))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
) -> Answer<axum::Json<Vec<ShareView>>> {
    Ok(axum::Json(app::list(&state, signed.person()).await?))
}

/// Asks for an item: a draft, which the asking unit's named official reviews.
#[utoipa::path(post, path = "/shares", operation_id = "ask_share", request_body = ShareAskRequest,
    responses((status = 200, description = "The draft.", body = ShareDetail)))]
pub async fn ask(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<ShareAskRequest>,
) -> Answer<axum::Json<ShareDetail>> {
    Ok(axum::Json(app::ask(&state, signed.person(), request).await?))
}

/// Takes in a signed file of another centre, once.
#[utoipa::path(post, path = "/shares/received", operation_id = "receive_share", request_body = ShareReceiveRequest,
    responses((status = 200, description = "What was in it.", body = ShareReceivedView)))]
pub async fn receive(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<ShareReceiveRequest>,
) -> Answer<axum::Json<ShareReceivedView>> {
    Ok(axum::Json(app::receive(&state, signed.person(), &request.file).await?))
}

/// One share with its deliveries and its uses. Both units see the same.
#[utoipa::path(get, path = "/shares/{id}", operation_id = "share", params(("id" = String, Path, description = "The share")),
    responses((status = 200, description = "The share.", body = ShareDetail)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<ShareDetail>> {
    Ok(axum::Json(app::show(&state, signed.person(), &Id::from_text(id)).await?))
}

/// Puts other terms in a draft. A review of before no longer counts.
#[utoipa::path(post, path = "/shares/{id}/terms", operation_id = "revise_share", request_body = ShareReviseRequest,
    params(("id" = String, Path, description = "The share")),
    responses((status = 200, description = "The draft.", body = ShareDetail)))]
pub async fn revise(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(request): Json<ShareReviseRequest>,
) -> Answer<axum::Json<ShareDetail>> {
    let id = Id::from_text(id);
    let found = app::revise(&state, signed.person(), &id, request.version, request.terms).await?;
    Ok(axum::Json(found))
}

/// Takes a step: review, submit, answer, deliver, finish, revoke, destroy, dispute, coordinate or decide.
#[utoipa::path(post, path = "/shares/{id}/steps", operation_id = "step_share", request_body = ShareStepRequest,
    params(("id" = String, Path, description = "The share")),
    responses((status = 200, description = "The share.", body = ShareDetail)))]
pub async fn step(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(request): Json<ShareStepRequest>,
) -> Answer<axum::Json<ShareDetail>> {
    Ok(axum::Json(app::step(&state, signed.person(), &Id::from_text(id), request).await?))
}

/// Confirms that a delivery's signed manifest was received.
#[utoipa::path(post, path = "/shares/{id}/receipt", operation_id = "accept_share", request_body = ShareReceiptRequest,
    params(("id" = String, Path, description = "The share")),
    responses((status = 200, description = "The share.", body = ShareDetail)))]
pub async fn accept(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(request): Json<ShareReceiptRequest>,
) -> Answer<axum::Json<ShareDetail>> {
    let id = Id::from_text(id);
    Ok(axum::Json(app::accept(&state, signed.person(), &id, &request.manifest).await?))
}

/// Reads rows under a share: the agreed fields of the agreed rows. Each use is kept for both units.
#[utoipa::path(get, path = "/shares/{id}/rows", operation_id = "share_rows",
    params(("id" = String, Path, description = "The share"), SharedRowsQuery),
    responses((status = 200, description = "A page.", body = SharedRowsView)))]
pub async fn rows(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<SharedRowsQuery>,
) -> Answer<axum::Json<SharedRowsView>> {
    Ok(axum::Json(app::rows(&state, signed.person(), &Id::from_text(id), query).await?))
}

/// Takes an accepted delivery as a signed file, once.
#[utoipa::path(post, path = "/shares/{id}/file", operation_id = "share_file", request_body = ShareFileRequest,
    params(("id" = String, Path, description = "The share")),
    responses((status = 200, description = "The file.", body = ShareFileView)))]
pub async fn file(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(request): Json<ShareFileRequest>,
) -> Answer<axum::Json<ShareFileView>> {
    let id = Id::from_text(id);
    let file = app::file(&state, signed.person(), &id, request.artefact).await?;
    Ok(axum::Json(ShareFileView { file }))
}
