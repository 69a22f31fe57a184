//! Signing in and out. Every attempt is in the log, by account and never by password.

use anshu_model::org::Person;
use anshu_model::{Error, Result};

use super::App;
use crate::secret;
use crate::view::session::{PersonRef, PurposeRef, Session, SignIn, UnitRef};

/// A session that was opened: the token is for the cookie alone.
#[derive(Debug)]
pub struct Opened {
    /// The token.
    pub token: String,
    /// What the person sees of it.
    pub session: Session,
}

/// A request's session.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Who.
    pub person: Person,
    /// The account.
    pub login: String,
    /// The token that unsafe requests carry.
    pub csrf: String,
    /// What is stored of the cookie's token.
    pub token: [u8; 32],
}

/// Why a sign-in failed, without telling whether the account exists.
const REFUSED: &str = "账号或口令不正确";

/// Opens a session.
///
/// # Errors
/// [`Error::Denied`] with a wrong name or password, or while the account is locked.
pub async fn sign_in(app: &App, input: SignIn) -> Result<Opened> {
    let ctx = app.operator("sign-in")?;
    let SignIn { login, password } = input;
    let login = login.trim().to_owned();
    if login.is_empty() || login.chars().count() > 64 {
        return Err(Error::Denied(REFUSED.into()));
    }
    // Locked or not, a name that is nobody's answers alike.
    if let Some(until) = app.data.locked_until(&login).await?.filter(|until| *until > ctx.now) {
        app.data.note_failure(&ctx, &login, None).await?;
        let minutes = until.since(ctx.now) / 60_000 + 1;
        return Err(Error::Denied(format!(
            "连续输错口令，账号已锁定；请在 {minutes} 分钟后再试，或联系本单位管理员解锁"
        )));
    }
    let account = app.data.account(&login).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let right = secret::verify(password, hash).await?;
    let Some(account) = account.filter(|_| right) else {
        let limit = app.settings.failures;
        let lock = ctx.now.plus(milliseconds(app.settings.lockout));
        let failures = app.data.note_failure(&ctx, &login, Some((limit, lock))).await?;
        if failures >= limit {
            let minutes = app.settings.lockout.as_secs() / 60;
            return Err(Error::Denied(format!(
                "{REFUSED}；已连续输错 {failures} 次，账号锁定 {minutes} 分钟"
            )));
        }
        return Err(Error::Denied(REFUSED.into()));
    };
    let token = secret::token()?;
    let csrf = secret::token()?;
    let until = ctx.now.plus(milliseconds(app.settings.session));
    app.data
        .open_session(&secret::digest(&token), &account.person.id, &csrf, ctx.now, until)
        .await?;
    let signed = Signed { person: account.person, login, csrf, token: secret::digest(&token) };
    let session = show(app, &signed).await?;
    Ok(Opened { token, session })
}

/// The session of a token, while it lasts.
///
/// # Errors
/// Where storage does not answer.
pub async fn resume(app: &App, token: &str) -> Result<Option<Signed>> {
    let digest = secret::digest(token);
    let now = app.settings.time.now();
    let idle = milliseconds(app.settings.idle);
    let found = app.data.session(&digest, now, idle).await?;
    Ok(found.map(|row| Signed {
        person: row.person,
        login: row.login,
        csrf: row.csrf,
        token: digest,
    }))
}

/// What a person sees of the session.
///
/// # Errors
/// Where storage does not answer.
pub async fn show(app: &App, signed: &Signed) -> Result<Session> {
    let words = app.words().await?;
    let person = &signed.person;
    Ok(Session {
        person: PersonRef {
            id: person.id.to_string(),
            name: person.name.clone(),
            login: signed.login.clone(),
        },
        unit: UnitRef {
            id: person.unit.to_string(),
            name: words.unit(&person.unit),
            division: person.division.to_string(),
        },
        division_name: words.division(&person.division),
        roles: person.roles.iter().cloned().collect(),
        csrf: signed.csrf.clone(),
        centre_name: app.settings.centre_name.clone(),
        purposes: app
            .settings
            .purposes
            .iter()
            .map(|purpose| PurposeRef { code: purpose.code.clone(), title: purpose.title.clone() })
            .collect(),
    })
}

/// Ends a session.
///
/// # Errors
/// Where storage does not answer.
pub async fn sign_out(app: &App, signed: &Signed) -> Result<()> {
    let ctx = app.context(&signed.person, None)?;
    app.data.close_session(&ctx, &signed.token).await
}

/// A span in milliseconds, as instants count.
fn milliseconds(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
