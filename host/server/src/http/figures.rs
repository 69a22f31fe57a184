//! Figures of the desk, and registered figures.

use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::{Answer, Path, Query};
use crate::app::{App, figures as app};
use crate::view::FiguresView;
use crate::view::figure::{CubeQuery, CubeView, FigureView};

/// What waits for this person's eyes.
#[utoipa::path(get, path = "/figures", operation_id = "figures",
    responses((status = 200, description = "The figures.", body = FiguresView)))]
pub async fn show(State(state): State<App>, signed: SignedIn) -> Answer<Json<FiguresView>> {
    Ok(Json(app::show(&state, signed.person()).await?))
}

/// The registered cubes: tables with fixed cells. Nothing else is counted for those who do not see the rows.
#[utoipa::path(get, path = "/cubes", operation_id = "cubes",
    responses((status = 200, description = "The cubes.", body = [CubeView])))]
pub async fn cubes(State(state): State<App>, signed: SignedIn) -> Answer<Json<Vec<CubeView>>> {
    Ok(Json(app::cubes(&state, signed.person()).await?))
}

/// One cube over an area.
#[utoipa::path(get, path = "/cubes/{name}", operation_id = "cube",
    params(("name" = String, Path, description = "The cube"), CubeQuery),
    responses((status = 200, description = "The figures, protected unless every row is the person's to see.", body = FigureView)))]
pub async fn cube(
    State(state): State<App>,
    signed: SignedIn,
    Path(name): Path<String>,
    Query(query): Query<CubeQuery>,
) -> Answer<Json<FigureView>> {
    Ok(Json(app::cube(&state, signed.person(), &name, query).await?))
}
