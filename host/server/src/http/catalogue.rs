//! The catalogue of what is held (数据目录), and re-grading (动态更新).

use anshu_model::Id;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path};
use crate::app::{App, catalogue as app};
use crate::view::catalogue::{CatalogueView, RelabelRequest, RelabelView};
use crate::view::sealing::SecondWord;

/// Every attribute of every pack in force, with every re-grading.
#[utoipa::path(get, path = "/catalogue", operation_id = "catalogue",
    responses((status = 200, description = "The catalogue.", body = CatalogueView)))]
pub async fn show(State(state): State<App>, signed: SignedIn) -> Answer<axum::Json<CatalogueView>> {
    Ok(axum::Json(app::show(&state, signed.person()).await?))
}

/// Proposes another level for an attribute; with `dry_run` nothing is kept.
#[utoipa::path(post, path = "/catalogue/relabels", operation_id = "ask_relabel", request_body = RelabelRequest,
    responses((status = 200, description = "What was proposed.", body = RelabelView)))]
pub async fn ask(
    State(state): State<App>,
    signed: SignedIn,
    Json(request): Json<RelabelRequest>,
) -> Answer<axum::Json<RelabelView>> {
    Ok(axum::Json(app::ask(&state, signed.person(), request).await?))
}

/// The second person's answer.
#[utoipa::path(post, path = "/catalogue/relabels/{id}/answer", operation_id = "answer_relabel", request_body = SecondWord,
    params(("id" = String, Path, description = "The proposal")),
    responses((status = 200, description = "The proposal, answered.", body = RelabelView)))]
pub async fn answer(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(word): Json<SecondWord>,
) -> Answer<axum::Json<RelabelView>> {
    Ok(axum::Json(app::answer(&state, signed.person(), &Id::from_text(id), word).await?))
}

/// Takes a proposal back.
#[utoipa::path(post, path = "/catalogue/relabels/{id}/withdraw", operation_id = "withdraw_relabel",
    params(("id" = String, Path, description = "The proposal")),
    responses((status = 200, description = "The proposal, taken back.", body = RelabelView)))]
pub async fn withdraw(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<axum::Json<RelabelView>> {
    Ok(axum::Json(app::withdraw(&state, signed.person(), &Id::from_text(id)).await?))
}
