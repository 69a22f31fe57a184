//! Accounts. What changes them asks for a fresh proof of who one is.

use axum::Json as Body;
use axum::extract::State;
use axum::http::StatusCode;

use super::guard::SignedIn;
use super::problem::{Answer, Json, Path};
use crate::app::{App, accounts as app};
use crate::view::account::{AccountList, ChangeAnswer, ChangeView, ProposeChange, Proposed};

/// All accounts.
#[utoipa::path(get, path = "/accounts", operation_id = "accounts",
    responses((status = 200, description = "The accounts.", body = AccountList)))]
pub async fn list(State(state): State<App>, signed: SignedIn) -> Answer<Body<AccountList>> {
    Ok(Body(app::list(&state, signed.person()).await?))
}

/// Changes of accounts, those that wait first.
#[utoipa::path(get, path = "/accounts/changes", operation_id = "account_changes",
    responses((status = 200, description = "The changes.", body = [ChangeView])))]
pub async fn changes(State(state): State<App>, signed: SignedIn) -> Answer<Body<Vec<ChangeView>>> {
    Ok(Body(app::changes(&state, signed.person()).await?))
}

/// Proposes a change. It holds when somebody in the second role agrees.
#[utoipa::path(post, path = "/accounts/changes", operation_id = "propose_account_change", request_body = ProposeChange,
    responses((status = 200, description = "Proposed.", body = Proposed)))]
pub async fn propose(
    State(state): State<App>,
    signed: SignedIn,
    Json(asked): Json<ProposeChange>,
) -> Answer<Body<Proposed>> {
    signed.require_fresh(&state)?;
    Ok(Body(app::propose(&state, signed.person(), asked).await?))
}

/// Agrees to a change.
#[utoipa::path(post, path = "/accounts/changes/{id}/agree", operation_id = "agree_account_change",
    params(("id" = String, Path, description = "The change")), request_body = ChangeAnswer,
    responses((status = 204, description = "It holds.")))]
pub async fn agree(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(answer): Json<ChangeAnswer>,
) -> Answer<StatusCode> {
    signed.require_fresh(&state)?;
    app::decide(&state, signed.person(), &id, true, &answer.answer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses a change.
#[utoipa::path(post, path = "/accounts/changes/{id}/refuse", operation_id = "refuse_account_change",
    params(("id" = String, Path, description = "The change")), request_body = ChangeAnswer,
    responses((status = 204, description = "Refused.")))]
pub async fn refuse(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
    Json(answer): Json<ChangeAnswer>,
) -> Answer<StatusCode> {
    signed.require_fresh(&state)?;
    app::decide(&state, signed.person(), &id, false, &answer.answer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a change back.
#[utoipa::path(post, path = "/accounts/changes/{id}/withdraw", operation_id = "withdraw_account_change",
    params(("id" = String, Path, description = "The change")),
    responses((status = 204, description = "Taken back.")))]
pub async fn withdraw(
    State(state): State<App>,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    app::withdraw(&state, signed.person(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
