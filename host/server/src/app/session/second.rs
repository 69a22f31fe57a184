//! The second factor: what is asked for, and whether what was brought is right. What is right once is not right again.

use anshu_data::{Factor, FactorKind, Ticket};
use anshu_model::context::{OpContext, Principal};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};
use webauthn_rs::prelude::{PasskeyAuthentication, PublicKeyCredential};

use super::{Opened, Proved, Signed, device::Device, failed, locked, open, passkey};
use crate::app::App;
use crate::secret;
use crate::view::security::{Proof, SecondFactor};

/// What a ticket is for: to sign in, or to prove again who one is.
pub(super) const SIGN_IN: &str = "second-factor";
pub(super) const CONFIRM: &str = "confirm";
/// How long somebody has for it.
const PATIENCE: i64 = 5 * 60_000;
/// What is said of a wrong one.
const WRONG: &str = "第二因素不正确";

/// What is kept with a ticket.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Asked {
    /// The challenge to the person's keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passkey: Option<PasskeyAuthentication>,
    /// Whether a password will do, as the person has nothing else.
    #[serde(default)]
    password: bool,
}

/// Asks a person for a second factor; none where they have none.
///
/// # Errors
/// Where storage does not answer.
pub(super) async fn ask(
    app: &App,
    person: &Person,
    kind: &'static str,
) -> Result<Option<SecondFactor>> {
    let factors = app.data.factors(&person.id).await?;
    if factors.iter().all(|factor| factor.kind == FactorKind::Recovery) {
        return Ok(None);
    }
    challenge(app, person, &factors, kind).await.map(Some)
}

/// Asks a person to prove again who they are: by a second factor, or by the password where they have none.
///
/// # Errors
/// Where storage does not answer.
pub(super) async fn ask_again(app: &App, person: &Person) -> Result<SecondFactor> {
    let factors = app.data.factors(&person.id).await?;
    challenge(app, person, &factors, CONFIRM).await
}

async fn challenge(
    app: &App,
    person: &Person,
    factors: &[Factor],
    kind: &'static str,
) -> Result<SecondFactor> {
    let mut methods: Vec<String> = Vec::new();
    let mut asked = Asked::default();
    let mut options = None;
    let keys = passkey::keys(factors)?;
    // A centre that has lost its address still takes codes.
    if let (false, Ok(checker)) = (keys.is_empty(), passkey::checker(app)) {
        let keys: Vec<_> = keys.into_iter().map(|(_, key)| key).collect();
        let (challenge, state) =
            checker.start_passkey_authentication(&keys).map_err(passkey::internal)?;
        options = Some(serde_json::to_value(challenge).map_err(passkey::internal)?);
        asked.passkey = Some(state);
        methods.push(FactorKind::Passkey.name().to_owned());
    }
    for kind in [FactorKind::Totp, FactorKind::Recovery] {
        if factors.iter().any(|factor| factor.kind == kind) {
            methods.push(kind.name().to_owned());
        }
    }
    if factors.is_empty() {
        asked.password = true;
        methods.push("password".into());
    }
    let token = secret::token()?;
    let state = serde_json::to_string(&asked).map_err(passkey::internal)?;
    let (now, ticket) =
        (app.settings.time.now(), Ticket { person: Some(person.id.clone()), state });
    app.data.put_ticket(secret::digest(&token), kind, &ticket, now, now.plus(PATIENCE)).await?;
    Ok(SecondFactor { ticket: token, methods, passkey: options })
}

/// Asks again for what a ticket asks for, as where a page was loaded anew: the ticket of before is worth nothing.
///
/// # Errors
/// [`Error::Denied`] where the time for it is over.
pub async fn begin(app: &App, ticket: &str) -> Result<SecondFactor> {
    let over = || Error::Denied("等待的时间已过，或尝试次数过多；请重新登录".into());
    let (token, now) = (secret::digest(ticket), app.settings.time.now());
    let found = app.data.try_ticket(token, SIGN_IN, now).await?.ok_or_else(over)?;
    let who = found.person.as_ref().ok_or_else(over)?;
    let (person, _, _) = account_of(app, who).await?.ok_or_else(over)?;
    if !app.data.take_ticket(token).await? {
        return Err(over());
    }
    ask(app, &person, SIGN_IN).await?.ok_or_else(over)
}

/// Opens the session of somebody who brings the second factor.
///
/// # Errors
/// [`Error::Denied`] where it is wrong, was used before, or the time for it is over.
pub async fn sign_in(app: &App, proof: Proof, device: &Device) -> Result<Opened> {
    let (person, login, factor) = prove(app, proof, SIGN_IN, None).await?;
    open(app, person, login, device, Proved::Second(factor)).await
}

/// Checks what somebody brings for a ticket: who they are, and what they proved it with. Where somebody is signed in, the
/// ticket must be theirs.
///
/// # Errors
/// As [`sign_in`].
pub(super) async fn prove(
    app: &App,
    proof: Proof,
    kind: &'static str,
    signed: Option<&Signed>,
) -> Result<(Person, String, &'static str)> {
    let ctx = app.operator("sign-in")?;
    let over = || Error::Denied("等待的时间已过，或尝试次数过多；请重新开始".into());
    let token = secret::digest(&proof.ticket);
    let ticket = app.data.try_ticket(token, kind, ctx.now).await?.ok_or_else(over)?;
    let who = ticket.person.as_ref().ok_or_else(over)?;
    if signed.is_some_and(|signed| signed.person.id != *who) {
        return Err(over());
    }
    let heads = account_of(app, who).await?;
    let (person, login, hash) = heads.ok_or_else(over)?;
    locked(app, &ctx, &login).await?;
    let asked: Asked = serde_json::from_str(&ticket.state).map_err(passkey::internal)?;
    let Some(right) = check(app, &ctx, &person, (&login, hash), proof, asked).await? else {
        return Err(failed(app, &ctx, &login, WRONG, "第二因素不正确").await?);
    };
    // Whoever takes the ticket is let in; a second one who brings the same is not.
    if !app.data.take_ticket(token).await? {
        return Err(over());
    }
    Ok((person, login, right))
}

/// An open account by its person.
async fn account_of(app: &App, id: &Id) -> Result<Option<(Person, String, String)>> {
    let Some(login) = app.data.login_of(id).await? else { return Ok(None) };
    let account = app.data.account(&login).await?;
    Ok(account.map(|account| (account.person, login, account.password_hash)))
}

/// Whether what was brought is right: what it was, or none.
async fn check(
    app: &App,
    ctx: &OpContext,
    person: &Person,
    (_login, hash): (&str, String),
    proof: Proof,
    asked: Asked,
) -> Result<Option<&'static str>> {
    let factors = app.data.factors(&person.id).await?;
    let own = OpContext { principal: Principal::Person(Box::new(person.clone())), ..ctx.clone() };
    if let Some(code) = proof.code {
        return code_fits(app, &own, &factors, &code).await;
    }
    if let Some(code) = proof.recovery {
        return recovers(app, &own, &factors, &code).await;
    }
    if let (Some(credential), Some(state)) = (proof.passkey, asked.passkey) {
        return answers(app, &own, &factors, credential, &state).await;
    }
    if let (Some(password), true) = (proof.password, asked.password && factors.is_empty()) {
        return Ok(secret::verify(password, Some(hash)).await?.then_some("口令"));
    }
    Ok(None)
}

async fn code_fits(
    app: &App,
    ctx: &OpContext,
    factors: &[Factor],
    code: &str,
) -> Result<Option<&'static str>> {
    let seconds = u64::try_from(ctx.now.0 / 1000).unwrap_or(0);
    for factor in factors.iter().filter(|factor| factor.kind == FactorKind::Totp) {
        let Some(step) = generator(&factor.body, "", "")?.check(code.trim(), seconds) else {
            continue;
        };
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        app.data.use_factor(ctx, factor, step, None).await?;
        return Ok(Some(factor.kind.title()));
    }
    Ok(None)
}

async fn recovers(
    app: &App,
    ctx: &OpContext,
    factors: &[Factor],
    code: &str,
) -> Result<Option<&'static str>> {
    let code = secret::normal(code);
    for factor in factors.iter().filter(|factor| factor.kind == FactorKind::Recovery) {
        if secret::verify(code.clone(), Some(factor.body.clone())).await? {
            app.data.use_factor(ctx, factor, ctx.now.0, None).await?;
            return Ok(Some(factor.kind.title()));
        }
    }
    Ok(None)
}

async fn answers(
    app: &App,
    ctx: &OpContext,
    factors: &[Factor],
    credential: serde_json::Value,
    state: &PasskeyAuthentication,
) -> Result<Option<&'static str>> {
    let Ok(credential) = serde_json::from_value::<PublicKeyCredential>(credential) else {
        return Err(Error::invalid("/passkey", "不是安全密钥的应答", "浏览器返回的应答"));
    };
    let result = match passkey::checker(app)?.finish_passkey_authentication(&credential, state) {
        Ok(result) => result,
        Err(error) => {
            tracing::info!(%error, "a passkey's answer was refused");
            return Ok(None);
        }
    };
    for (factor, mut key) in passkey::keys(factors)? {
        // A counter that goes back is refused by the checker: the key was copied.
        if let Some(changed) = key.update_credential(&result) {
            let body = changed.then(|| serde_json::to_string(&key)).transpose();
            let body = body.map_err(passkey::internal)?;
            app.data.use_factor(ctx, factor, ctx.now.0, body).await?;
            return Ok(Some(factor.kind.title()));
        }
    }
    Ok(None)
}

/// What makes the codes of a secret: SHA-1, six digits, thirty seconds, as every authenticator does.
///
/// # Errors
/// [`Error::Internal`] where the secret is none.
pub(super) fn generator(secret: &str, issuer: &str, account: &str) -> Result<Totp> {
    let secret = Secret::try_from_base32(secret)
        .map_err(|error| Error::Internal(format!("time codes: {error}")))?;
    // A colon separates the two in the address that is drawn.
    let named = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_secret(secret)
        .with_account_name(named(account))
        .with_issuer((!issuer.is_empty()).then(|| named(issuer)))
        .build()
        .map_err(|error| Error::Internal(format!("time codes: {error}")))
}
