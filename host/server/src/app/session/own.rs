//! What a person keeps for themselves: the password and the list of sessions.

use anshu_data::{FactorKind, SessionEnding};
use anshu_model::{Error, Id, Result};

use super::{Signed, failed, locked, milliseconds};
use crate::app::App;
use crate::secret;
use crate::view::security::{FactorView, OwnSecurity, PasswordChange, SessionView};

/// The person's own security: factors and sessions.
///
/// # Errors
/// Where storage does not answer.
pub async fn show(app: &App, signed: &Signed) -> Result<OwnSecurity> {
    let words = app.words().await?;
    let idle = milliseconds(app.settings.idle);
    let factors = app.data.factors(&signed.person.id).await?;
    let sessions = app.data.sessions_of(&signed.person.id, &signed.token, words.now, idle).await?;
    let recovery = factors.iter().filter(|one| one.kind == FactorKind::Recovery).count();
    let shown = factors.iter().filter(|one| one.kind != FactorKind::Recovery);
    Ok(OwnSecurity {
        factors: shown.map(|factor| FactorView::of(factor, &words)).collect(),
        recovery_left: recovery as u64,
        sessions: sessions
            .into_iter()
            .map(|(head, own)| SessionView {
                id: head.id.to_string(),
                device: head.device,
                factor: head.factor,
                opened_at: words.at(head.opened_at),
                seen_at: words.at(head.seen_at),
                own,
            })
            .collect(),
        most_sessions: app.settings.sign_in.sessions,
        passkeys_at: app.settings.sign_in.public_url.clone(),
    })
}

/// Puts another password in place of the person's own.
///
/// # Errors
/// [`Error::Denied`] where the old one is wrong; [`Error::Invalid`] where the new one is weak.
pub async fn change_password(app: &App, signed: &Signed, change: PasswordChange) -> Result<()> {
    let ctx = app.context(&signed.person, None)?;
    locked(app, &ctx, &signed.login).await?;
    let account = app.data.account(&signed.login).await?;
    let hash = account.map(|account| account.password_hash);
    if !secret::verify(change.old.clone(), hash).await? {
        let told = "原口令不正确";
        return Err(failed(app, &ctx, &signed.login, told, "修改口令时原口令不正确").await?);
    }
    if change.old == change.new {
        return Err(Error::invalid("/new", "与原口令相同", "另一个口令"));
    }
    secret::fit(&change.new, &signed.login)?;
    let hash = secret::hash(change.new).await?;
    let who = (signed.login.as_str(), &signed.person.id);
    app.data.set_own_password(&ctx, who, &hash, signed.token).await
}

/// Ends one of the person's sessions.
///
/// # Errors
/// [`Error::NotFound`] where the person has no such session.
pub async fn end_session(app: &App, signed: &Signed, id: &str) -> Result<()> {
    let ctx = app.context(&signed.person, None)?;
    let which = SessionEnding::One(Id::from_text(id));
    match app.data.end_sessions(&ctx, &signed.person.id, which).await? {
        0 => Err(Error::NotFound("会话".into())),
        _ => Ok(()),
    }
}

/// Ends all of the person's other sessions.
///
/// # Errors
/// Where storage does not answer.
pub async fn end_others(app: &App, signed: &Signed) -> Result<()> {
    let ctx = app.context(&signed.person, None)?;
    let which = SessionEnding::Others(signed.token);
    app.data.end_sessions(&ctx, &signed.person.id, which).await.map(|_| ())
}
