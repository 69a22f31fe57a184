//! Budgets.

use axum::Json;
use axum::extract::State;

use super::guard::SignedIn;
use super::problem::Answer;
use crate::app::{App, budgets as app};
use crate::view::figure::BudgetsView;

/// What was spent of the day's budgets, for those who supervise.
#[utoipa::path(get, path = "/budgets", operation_id = "budgets",
    responses((status = 200, description = "Who was shown how much today.", body = BudgetsView)))]
pub async fn list(State(state): State<App>, signed: SignedIn) -> Answer<Json<BudgetsView>> {
    Ok(Json(app::list(&state, signed.person()).await?))
}
