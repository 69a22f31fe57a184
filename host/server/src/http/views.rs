//! Declared views.

use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Path, Query};
use crate::app::{App, views as app};
use crate::view::table::{ViewOffer, ViewQuery, ViewTable};

/// The views about a record, or those about none.
#[utoipa::path(get, path = "/views", operation_id = "views", params(ViewQuery),
    responses((status = 200, description = "The views.", body = [ViewOffer])))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<ViewQuery>,
) -> Answer<Json<Vec<ViewOffer>>> {
    Ok(Json(app::list(&state, signed.person(), query).await?))
}

/// One view's rows, read through this person's scope.
#[utoipa::path(get, path = "/views/{pack}/{view}", operation_id = "view",
    params(("pack" = String, Path, description = "The pack"), ("view" = String, Path, description = "The view"), ViewQuery),
    responses((status = 200, description = "The rows.", body = ViewTable)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path((pack, view)): Path<(String, String)>,
    Query(query): Query<ViewQuery>,
) -> Answer<Json<ViewTable>> {
    Ok(Json(app::show(&state, signed.person(), &pack, &view, query).await?))
}
