//! Who is signed in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The account.
    pub login: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

/// A session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Session {
    /// Who.
    pub person: PersonRef,
    /// In which post.
    pub unit: UnitRef,
    /// What the unit's division is called.
    pub division_name: String,
    /// The post's roles.
    pub roles: Vec<String>,
    /// The token that every unsafe request carries in `x-anshu-csrf`.
    pub csrf: String,
    /// What the centre is called.
    pub centre_name: String,
    /// What work without a pack may be for.
    pub purposes: Vec<PurposeRef>,
    /// What must be done before anything else: `confirm`, `password`, `second-factor` or `policies`.
    pub must: Option<String>,
    /// Whether the person has a second factor.
    pub second_factor: bool,
    /// How many notices are not read.
    pub unread: u64,
    /// The person's emergency access, while it lasts.
    pub emergency: Option<EmergencyRef>,
}

/// An emergency access that lasts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmergencyRef {
    /// The case.
    pub case: String,
    /// When it ends by itself.
    #[schema(format = DateTime)]
    pub until: String,
}

/// A person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonRef {
    /// The account's id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The login.
    pub login: String,
}

/// A unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnitRef {
    /// The unit.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where it works.
    pub division: String,
}

/// A purpose.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PurposeRef {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: String,
}
