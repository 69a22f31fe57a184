//! Entities.

use anshu_model::Id;
use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Path, Query};
use crate::app::{App, entities as app};
use crate::view::entity::{EntityDetail, EntityPage, EntityQuery};

/// The entities that this person sees.
#[utoipa::path(get, path = "/entities", operation_id = "entities", params(EntityQuery),
    responses((status = 200, description = "A page.", body = EntityPage)))]
pub async fn list(
    State(state): State<App>,
    signed: SignedIn,
    Query(query): Query<EntityQuery>,
) -> Answer<Json<EntityPage>> {
    Ok(Json(app::list(&state, signed.person(), query).await?))
}

/// One entity.
#[utoipa::path(get, path = "/entities/{id}", operation_id = "entity",
    params(("id" = String, Path, description = "The entity")),
    responses((status = 200, description = "The entity.", body = EntityDetail)))]
pub async fn show(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<Json<EntityDetail>> {
    Ok(Json(app::show(&state, signed.person(), &Id::from_text(id)).await?))
}
