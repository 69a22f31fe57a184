//! Signing in and out. Every attempt is in the log, by account and never by password.
//!
//! A right password opens a session, or, where the person has a second factor, a ticket for it ([`second`]). What a person
//! keeps for themselves stands beside: [`own`] (password, sessions), [`factors`], and [`confirm`] (proving again who one is).
//! [`oidc`] is the road through a city's own identity server.

pub mod confirm;
pub mod device;
pub mod factors;
pub mod oidc;
pub mod own;
mod passkey;
pub mod second;

use anshu_data::{ADMINISTRATORS, NewSession};
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::org::Person;
use anshu_model::{Error, Result};

use super::App;
use crate::config::SecondFactor as Policy;
use crate::secret;
use crate::view::security::SecondFactor;
use crate::view::session::{EmergencyRef, PersonRef, PurposeRef, Session, SignIn, UnitRef};
use device::Device;

/// A session that was opened: the token is for the cookie alone.
#[derive(Debug)]
pub struct Opened {
    /// The token.
    pub token: String,
    /// What the person sees of it.
    pub session: Session,
}

/// What a right password leads to.
#[derive(Debug)]
pub enum Step {
    /// The session.
    In(Box<Opened>),
    /// A second factor is asked for.
    Second(Box<SecondFactor>),
}

/// What a session must do before it may do anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// Prove again who one is: the browser is not the one that signed in.
    Confirm,
    /// Set a password of one's own.
    Password,
    /// Add a second factor.
    Factor,
    /// See that the policies were reset while the centre stood still.
    Policies,
}

impl Must {
    /// As the interface names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Password => "password",
            Self::Factor => "second-factor",
            Self::Policies => "policies",
        }
    }
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
    /// When the person last proved who they are.
    pub confirmed_at: Option<Instant>,
    /// Whether the person has a second factor.
    pub second_factor: bool,
    /// What it must do first.
    pub must: Option<Must>,
}

/// What a sign-in proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proved {
    /// A password.
    Password,
    /// A password, or an identity server's word, and one of these.
    Second(&'static str),
    /// The word of an identity server that asks for a second factor itself.
    Elsewhere,
    /// The word of an identity server that does not.
    ElsewhereOnce,
}

/// How a session is marked whose second factor was proved to the identity server.
const ELSEWHERE: &str = "统一身份认证（含第二因素）";

impl Proved {
    fn words(self) -> String {
        match self {
            Self::Password => "口令".into(),
            Self::Second(factor) => format!("第二因素：{factor}"),
            Self::Elsewhere => ELSEWHERE.into(),
            Self::ElsewhereOnce => "统一身份认证".into(),
        }
    }
}

/// Why a sign-in failed, without telling whether the account exists.
const REFUSED: &str = "账号或口令不正确";

/// Checks a password: then opens a session, or asks for the second factor.
///
/// # Errors
/// [`Error::Denied`] with a wrong name or password, or while the account is locked.
pub async fn sign_in(app: &App, input: SignIn, device: &Device) -> Result<Step> {
    let ctx = app.operator("sign-in")?;
    let SignIn { login, password } = input;
    let login = login.trim().to_owned();
    if login.is_empty() || login.chars().count() > 64 {
        return Err(Error::Denied(REFUSED.into()));
    }
    locked(app, &ctx, &login).await?;
    let account = app.data.account(&login).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let right = secret::verify(password, hash).await?;
    let Some(account) = account.filter(|_| right) else {
        return Err(failed(app, &ctx, &login, REFUSED, "口令不正确").await?);
    };
    if let Some(asked) = second::ask(app, &account.person, second::SIGN_IN).await? {
        return Ok(Step::Second(Box::new(asked)));
    }
    Ok(Step::In(Box::new(open(app, account.person, login, device, Proved::Password).await?)))
}

/// Refuses while a name is locked. Locked or not, a name that is nobody's answers alike.
async fn locked(app: &App, ctx: &OpContext, login: &str) -> Result<()> {
    let until = app.data.locked_until(login).await?.filter(|until| *until > ctx.now);
    let Some(until) = until else { return Ok(()) };
    app.data.note_failure(ctx, login, None).await?;
    let minutes = until.since(ctx.now) / 60_000 + 1;
    Err(Error::Denied(format!(
        "连续输错口令，账号已锁定；请在 {minutes} 分钟后再试，或联系本单位管理员解锁"
    )))
}

/// Counts a failure and answers what the person is told.
async fn failed(
    app: &App,
    ctx: &OpContext,
    login: &str,
    told: &str,
    noted: &'static str,
) -> Result<Error> {
    let limit = app.settings.failures;
    let lock = ctx.now.plus(milliseconds(app.settings.lockout));
    let failures = app.data.note_failure_of(ctx, login, Some((limit, lock)), noted).await?;
    if failures < limit {
        return Ok(Error::Denied(told.into()));
    }
    let minutes = app.settings.lockout.as_secs() / 60;
    Ok(Error::Denied(format!("{told}；已连续输错 {failures} 次，账号锁定 {minutes} 分钟")))
}

/// Opens a session for somebody who has proved who they are.
pub(crate) async fn open(
    app: &App,
    person: Person,
    login: String,
    device: &Device,
    proved: Proved,
) -> Result<Opened> {
    let now = app.settings.time.now();
    let until = now.plus(milliseconds(app.settings.session));
    let (token, new) = fresh(app, device, proved.words(), until)?;
    app.data.open_session(&person.id, new, now).await?;
    let signed = resume(app, &token, device).await?;
    let signed = signed.ok_or_else(|| Error::Unavailable(format!("{login} 的会话没有建立")))?;
    let session = show(app, &signed).await?;
    Ok(Opened { token, session })
}

/// A token, and the session to be stored for it.
fn fresh(
    app: &App,
    device: &Device,
    factor: String,
    until: Instant,
) -> Result<(String, NewSession)> {
    let token = secret::token()?;
    let new = NewSession {
        token: secret::digest(&token),
        device: (device.digest, device.words.clone()),
        factor,
        until,
        most: app.settings.sign_in.sessions,
    };
    Ok((token, new))
}

/// The session of a token, while it lasts. What is checked beside the token is what the browser says of itself: a cookie that
/// turns up elsewhere must prove again who holds it. The TLS connection is not: it ends at the proxy in front.
///
/// # Errors
/// Where storage does not answer.
pub async fn resume(app: &App, token: &str, device: &Device) -> Result<Option<Signed>> {
    let digest = secret::digest(token);
    let now = app.settings.time.now();
    let idle = milliseconds(app.settings.idle);
    let Some(row) = app.data.session(&digest, now, idle).await? else { return Ok(None) };
    let asked = match app.settings.sign_in.second_factor {
        Policy::Off => false,
        Policy::Administrators => {
            ADMINISTRATORS.iter().any(|(role, _)| row.person.roles.contains(*role))
        }
        Policy::All => true,
    };
    let must = if row.device != device.digest {
        Some(Must::Confirm)
    } else if row.password_once {
        Some(Must::Password)
    } else if asked && !row.second_factor && row.factor != ELSEWHERE {
        Some(Must::Factor)
    } else if sees_reset(app, &row.person)? {
        Some(Must::Policies)
    } else {
        None
    };
    Ok(Some(Signed {
        person: row.person,
        login: row.login,
        csrf: row.csrf,
        token: digest,
        confirmed_at: row.confirmed_at,
        second_factor: row.second_factor,
        must,
    }))
}

/// Whether the person has to see a reset of the policies first. Of most centres nothing waits, ever.
fn sees_reset(app: &App, person: &Person) -> Result<bool> {
    Ok(app.data.resets_wait() && !app.data.resets_to_see(&app.context(person, None)?).is_empty())
}

/// Whether the person proved lately enough who they are for what cannot wait for a doubt: emergency access, erasure, keys,
/// policies, accounts.
#[must_use]
pub fn is_fresh(app: &App, signed: &Signed) -> bool {
    let span = milliseconds(app.settings.sign_in.fresh);
    signed.confirmed_at.is_some_and(|at| app.settings.time.now().since(at) <= span)
}

/// What a person sees of the session.
///
/// # Errors
/// Where storage does not answer.
pub async fn show(app: &App, signed: &Signed) -> Result<Session> {
    let words = app.words().await?;
    let person = &signed.person;
    let standing = app.data.emergency(&person.id, words.now).await?;
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
        must: signed.must.map(|must| must.name().to_owned()),
        second_factor: signed.second_factor,
        unread: app.data.unread_notices(&person.id).await?,
        emergency: standing.current.map(|access| EmergencyRef {
            case: access.case.to_string(),
            until: words.at(access.until),
        }),
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
