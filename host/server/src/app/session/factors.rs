//! Adding and removing second factors. A factor counts from the moment at which its owner has shown that it works.

use anshu_data::{Factor, FactorKind, Ticket};
use anshu_model::context::OpContext;
use anshu_model::{Error, Id, Result};
use totp_rs::Secret;
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential};

use super::{Signed, passkey, second};
use crate::app::App;
use crate::secret;
use crate::view::security::{FactorAdded, FactorFinish, PasskeyOffer, TotpOffer};

/// What tickets are for.
const TOTP: &str = "add-totp";
const PASSKEY: &str = "add-passkey";
/// How long somebody has to show that it works.
const PATIENCE: i64 = 10 * 60_000;
/// How many recovery codes are given.
const CODES: usize = 8;

/// Offers a secret for time codes.
///
/// # Errors
/// Where storage does not answer.
pub async fn offer_totp(app: &App, signed: &Signed) -> Result<TotpOffer> {
    let bytes: [u8; 20] = secret::random()?;
    let secret = Secret::from(bytes.as_slice()).to_base32();
    let uri = second::generator(&secret, &app.settings.centre_name, &signed.login)?
        .to_url()
        .map_err(|error| Error::Internal(format!("time codes: {error}")))?;
    let ticket = keep(app, signed, TOTP, secret.clone()).await?;
    Ok(TotpOffer { ticket, uri, secret })
}

/// Adds time codes, as the person brings a right one.
///
/// # Errors
/// [`Error::Denied`] where the code is wrong or the time for it is over; [`Error::Invalid`] where the name is none.
pub async fn add_totp(app: &App, signed: &Signed, finish: FactorFinish) -> Result<FactorAdded> {
    let ctx = app.context(&signed.person, None)?;
    let secret = taken(app, signed, TOTP, &finish.ticket, ctx.now).await?;
    let seconds = u64::try_from(ctx.now.0 / 1000).unwrap_or(0);
    let code = finish.code.as_deref().unwrap_or_default();
    let Some(step) = second::generator(&secret, "", "")?.check(code.trim(), seconds) else {
        return Err(Error::invalid("/code", "验证码不正确", "验证器上现在显示的六位数字"));
    };
    // The code that was shown is used up by that.
    let used = i64::try_from(step).ok();
    add(app, &ctx, signed, (FactorKind::Totp, finish.name, secret, used), &finish.ticket).await
}

/// Asks the person's browser for a key.
///
/// # Errors
/// [`Error::Conflict`] where the centre does not know its own address.
pub async fn offer_passkey(app: &App, signed: &Signed) -> Result<PasskeyOffer> {
    let person = &signed.person;
    let factors = app.data.factors(&person.id).await?;
    let held = passkey::keys(&factors)?.into_iter().map(|(_, key)| key.cred_id().clone()).collect();
    let (challenge, state) = passkey::checker(app)?
        .start_passkey_registration(
            passkey::handle(person),
            &signed.login,
            &person.name,
            Some(held),
        )
        .map_err(passkey::internal)?;
    let state = serde_json::to_string(&state).map_err(passkey::internal)?;
    let ticket = keep(app, signed, PASSKEY, state).await?;
    let options = serde_json::to_value(challenge).map_err(passkey::internal)?;
    Ok(PasskeyOffer { ticket, options })
}

/// Adds a key, as the person's browser brings it.
///
/// # Errors
/// [`Error::Denied`] where the time for it is over; [`Error::Invalid`] where the answer is none to what was asked.
pub async fn add_passkey(app: &App, signed: &Signed, finish: FactorFinish) -> Result<FactorAdded> {
    let ctx = app.context(&signed.person, None)?;
    let state = taken(app, signed, PASSKEY, &finish.ticket, ctx.now).await?;
    let state: PasskeyRegistration = serde_json::from_str(&state).map_err(passkey::internal)?;
    let wrong = || Error::invalid("/passkey", "不是所要求的应答", "浏览器对本次要求的应答");
    let credential = finish.passkey.ok_or_else(wrong)?;
    let credential: RegisterPublicKeyCredential =
        serde_json::from_value(credential).map_err(|_| wrong())?;
    let key = passkey::checker(app)?.finish_passkey_registration(&credential, &state).map_err(
        |error| {
            tracing::info!(%error, "a passkey was not registered");
            wrong()
        },
    )?;
    let body = serde_json::to_string(&key).map_err(passkey::internal)?;
    add(app, &ctx, signed, (FactorKind::Passkey, finish.name, body, None), &finish.ticket).await
}

/// Gives the person other recovery codes; those before are worth nothing from then on.
///
/// # Errors
/// [`Error::Conflict`] where the person has no second factor to recover from.
pub async fn renew_recovery(app: &App, signed: &Signed) -> Result<FactorAdded> {
    if !signed.second_factor {
        return Err(Error::Conflict("请先添加动态口令或安全密钥".into()));
    }
    let ctx = app.context(&signed.person, None)?;
    let (codes, factors) = recovery(&ctx).await?;
    app.data.add_factors(&ctx, &signed.person.id, factors).await?;
    Ok(FactorAdded { recovery_codes: codes })
}

/// Removes a factor of the person's own.
///
/// # Errors
/// [`Error::NotFound`] where the person has no such factor.
pub async fn remove(app: &App, signed: &Signed, id: &str) -> Result<()> {
    let ctx = app.context(&signed.person, None)?;
    app.data.end_factor(&ctx, &signed.person.id, &Id::from_text(id)).await
}

async fn add(
    app: &App,
    ctx: &OpContext,
    signed: &Signed,
    (kind, name, body, used): (FactorKind, String, String, Option<i64>),
    ticket: &str,
) -> Result<FactorAdded> {
    let known = app.data.factors(&signed.person.id).await?;
    let first = !known.iter().any(|factor| factor.kind == FactorKind::Recovery);
    let mut factors = vec![Factor { id: secret::id()?, kind, name, body, used, added_at: ctx.now }];
    let mut codes = Vec::new();
    if first {
        let (made, recovery) = recovery(ctx).await?;
        codes = made;
        factors.extend(recovery);
    }
    if !app.data.take_ticket(secret::digest(ticket)).await? {
        return Err(over());
    }
    app.data.add_factors(ctx, &signed.person.id, factors).await?;
    Ok(FactorAdded { recovery_codes: codes })
}

/// Recovery codes: as they are shown once, and as they are kept.
async fn recovery(ctx: &OpContext) -> Result<(Vec<String>, Vec<Factor>)> {
    let (mut codes, mut factors) = (Vec::with_capacity(CODES), Vec::with_capacity(CODES));
    for number in 1..=CODES {
        let code = secret::code::<10>(5)?;
        factors.push(Factor {
            id: secret::id()?,
            kind: FactorKind::Recovery,
            name: format!("恢复码 {number}"),
            body: secret::hash_code(secret::normal(&code)).await?,
            used: None,
            added_at: ctx.now,
        });
        codes.push(code);
    }
    Ok((codes, factors))
}

async fn keep(app: &App, signed: &Signed, kind: &'static str, state: String) -> Result<String> {
    let token = secret::token()?;
    let ticket = Ticket { person: Some(signed.person.id.clone()), state };
    let now = app.settings.time.now();
    app.data.put_ticket(secret::digest(&token), kind, &ticket, now, now.plus(PATIENCE)).await?;
    Ok(token)
}

async fn taken(
    app: &App,
    signed: &Signed,
    kind: &'static str,
    ticket: &str,
    now: anshu_model::instant::Instant,
) -> Result<String> {
    let found = app.data.try_ticket(secret::digest(ticket), kind, now).await?;
    found
        .filter(|found| found.person.as_ref() == Some(&signed.person.id))
        .map(|found| found.state)
        .ok_or_else(over)
}

fn over() -> Error {
    Error::Denied("等待的时间已过，或尝试次数过多；请重新开始".into())
}
