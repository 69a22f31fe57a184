//! Passkeys (WebAuthn). Keys are bound to the address under which browsers reach the centre.

use anshu_data::{Factor, FactorKind};
use anshu_model::org::Person;
use anshu_model::{Error, Result};
use webauthn_rs::prelude::{Passkey, Url, Uuid, Webauthn, WebauthnBuilder};

use crate::app::App;

/// What checks passkeys.
///
/// # Errors
/// [`Error::Conflict`] where the centre does not know its own address.
pub(super) fn checker(app: &App) -> Result<Webauthn> {
    let policy = &app.settings.sign_in;
    let unknown = || {
        Error::Conflict(
            "本中心没有配置对外地址，不能使用安全密钥；请在 [sign_in] public_url 中填写".into(),
        )
    };
    let origin = policy.public_url.as_deref().ok_or_else(unknown)?;
    let origin = Url::parse(origin).map_err(internal)?;
    let host = origin.host_str().ok_or_else(unknown)?.to_owned();
    WebauthnBuilder::new(&host, &origin)
        .map(|builder| builder.rp_name(&app.settings.centre_name).allow_any_port(policy.any_port))
        .and_then(WebauthnBuilder::build)
        .map_err(internal)
}

/// The handle under which keys know a person: derived from the account's id, so that it tells nothing.
pub(super) fn handle(person: &Person) -> Uuid {
    let digest = crate::secret::digest(&format!("passkey/{}", person.id));
    let (bytes, _) = digest.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
    Uuid::from_bytes(*bytes)
}

/// A person's keys, each with the factor in which it is kept.
///
/// # Errors
/// [`Error::Internal`] where one cannot be read.
pub(super) fn keys(factors: &[Factor]) -> Result<Vec<(&Factor, Passkey)>> {
    factors
        .iter()
        .filter(|factor| factor.kind == FactorKind::Passkey)
        .map(|factor| Ok((factor, serde_json::from_str(&factor.body).map_err(internal)?)))
        .collect()
}

pub(super) fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("passkey: {error}"))
}
