//! The log in the tlog-tiles format, for auditors' own tools. It holds digests and leaves, so it is no public file here.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::guard::SignedIn;
use super::problem::{Answer, Path};
use crate::app::{App, audit as app};

/// The signed checkpoint.
#[utoipa::path(get, path = "/log/checkpoint", operation_id = "log_checkpoint",
    responses((status = 200, description = "A signed note.", body = String, content_type = "text/plain")))]
pub async fn checkpoint(State(state): State<App>, signed: SignedIn) -> Answer<Response> {
    let note = app::checkpoint(&state, signed.person()).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}

/// A tile of hashes, as `<level>/<index>` with `.p/<width>` for a partial one.
#[utoipa::path(get, path = "/log/tile/{*tile}", operation_id = "log_tile",
    params(("tile" = String, Path, description = "Level and index, as in tlog-tiles")),
    responses((status = 200, description = "Hashes.", body = Vec<u8>, content_type = "application/octet-stream")))]
pub async fn tile(
    State(state): State<App>,
    signed: SignedIn,
    Path(tile): Path<String>,
) -> Answer<Response> {
    let bytes = app::tile(&state, signed.person(), &tile).await?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}
