//! How a person proves who they are: second factors, sessions, passwords. No secret is printed by `Debug`.

use anshu_data::Factor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Words;

/// What is asked for beside the password.
#[derive(Clone, Serialize, ToSchema)]
pub struct SecondFactor {
    /// What the answer carries. It is worth five minutes and five tries.
    pub ticket: String,
    /// What will do: `passkey`, `totp`, `recovery`, or `password` where the person has nothing else.
    pub methods: Vec<String>,
    /// For the browser's key (`navigator.credentials.get`).
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
}

/// A ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketOnly {
    /// The ticket.
    pub ticket: String,
}

/// What is brought: one of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The ticket.
    pub ticket: String,
    /// A time code.
    #[serde(default)]
    pub code: Option<String>,
    /// A recovery code.
    #[serde(default)]
    pub recovery: Option<String>,
    /// The answer of the browser's key.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
    /// The password, where nothing else is there.
    #[serde(default)]
    pub password: Option<String>,
}

/// A secret for time codes.
#[derive(Clone, Serialize, ToSchema)]
pub struct TotpOffer {
    /// What the answer carries.
    pub ticket: String,
    /// The `otpauth` address, to be drawn for the authenticator.
    pub uri: String,
    /// The secret, to be typed where nothing can be scanned.
    pub secret: String,
}

/// What the browser is asked for to make a key.
#[derive(Clone, Serialize, ToSchema)]
pub struct PasskeyOffer {
    /// What the answer carries.
    pub ticket: String,
    /// For the browser (`navigator.credentials.create`).
    #[schema(value_type = Object)]
    pub options: Value,
}

/// That a factor works.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorFinish {
    /// The ticket.
    pub ticket: String,
    /// What the person calls it.
    pub name: String,
    /// A time code.
    #[serde(default)]
    pub code: Option<String>,
    /// The answer of the browser's key.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
}

/// What comes with a factor.
#[derive(Clone, Serialize, ToSchema)]
pub struct FactorAdded {
    /// Recovery codes, shown once; none where the person has some.
    pub recovery_codes: Vec<String>,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The one before.
    pub old: String,
    /// The one from now on.
    pub new: String,
}

/// Prints a type's name and nothing in it.
macro_rules! silent {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

silent!(
    SecondFactor,
    TicketOnly,
    Proof,
    TotpOffer,
    PasskeyOffer,
    FactorFinish,
    FactorAdded,
    PasswordChange
);

/// A person's own security.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnSecurity {
    /// Second factors.
    pub factors: Vec<FactorView>,
    /// Recovery codes that are left.
    pub recovery_left: u64,
    /// Sessions that last.
    pub sessions: Vec<SessionView>,
    /// How many there are at most. Local policy.
    pub most_sessions: u32,
    /// The address to which keys are bound; none where keys cannot be used.
    pub passkeys_at: Option<String>,
}

/// A second factor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FactorView {
    /// What names it.
    pub id: String,
    /// `totp` or `passkey`.
    pub kind: String,
    /// What that is called.
    pub kind_title: String,
    /// What the person calls it.
    pub name: String,
    /// When it was added.
    #[schema(format = DateTime)]
    pub added_at: String,
}

impl FactorView {
    /// A factor, without its secret.
    #[must_use]
    pub fn of(factor: &Factor, words: &Words) -> Self {
        Self {
            id: factor.id.to_string(),
            kind: factor.kind.name().to_owned(),
            kind_title: factor.kind.title().to_owned(),
            name: factor.name.clone(),
            added_at: words.at(factor.added_at),
        }
    }
}

/// A session that lasts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionView {
    /// What names it.
    pub id: String,
    /// The device in a few words.
    pub device: String,
    /// What was proved when it was opened.
    pub factor: String,
    /// When it was opened.
    #[schema(format = DateTime)]
    pub opened_at: String,
    /// When it was last used, within some minutes.
    #[schema(format = DateTime)]
    pub seen_at: String,
    /// Whether it is this one.
    pub own: bool,
}

/// How one may sign in here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignInWays {
    /// What the centre is called.
    pub centre_name: String,
    /// What the identity server is called, where there is one.
    pub oidc: Option<String>,
}

/// What an identity server sends a browser back with.
#[derive(Deserialize, ToSchema, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OidcAnswer {
    /// What the browser was sent with.
    #[serde(default)]
    pub state: String,
    /// The code.
    #[serde(default)]
    pub code: Option<String>,
    /// Who answers.
    #[serde(default)]
    pub iss: Option<String>,
    /// Why there is no code.
    #[serde(default)]
    pub error: Option<String>,
}

silent!(OidcAnswer);
