//! Proving again who one is, for what must not be done from a browser that was left open. The session gets another token.

use anshu_model::{Error, Result};

use super::device::Device;
use super::{Opened, Signed, fresh, resume, second, show};
use crate::app::App;
use crate::view::security::{Proof, SecondFactor};

/// What the person is asked for.
///
/// # Errors
/// Where storage does not answer.
pub async fn ask(app: &App, signed: &Signed) -> Result<SecondFactor> {
    second::ask_again(app, &signed.person).await
}

/// Takes what the person brings, and gives the session another token.
///
/// # Errors
/// [`Error::Denied`] where it is wrong, was used before, or the time for it is over.
pub async fn confirm(app: &App, signed: &Signed, proof: Proof, device: &Device) -> Result<Opened> {
    let (person, _, factor) = second::prove(app, proof, second::CONFIRM, Some(signed)).await?;
    let now = app.settings.time.now();
    // Its end stays where it was; the row keeps it.
    let (token, new) = fresh(app, device, factor.to_owned(), now)?;
    app.data.renew_session(&person, signed.token, new, now).await?;
    let signed = resume(app, &token, device).await?;
    let signed = signed.ok_or_else(|| Error::Conflict("会话已经结束，请重新登录".into()))?;
    let session = show(app, &signed).await?;
    Ok(Opened { token, session })
}
