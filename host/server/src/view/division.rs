//! Divisions, to choose from.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which divisions.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DivisionQuery {
    /// Only whose name contains this, or whose code begins so.
    pub q: Option<String>,
}

/// A division.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct DivisionView {
    /// Its code of twelve digits.
    pub code: String,
    /// What it is called, with what it lies in.
    pub name: String,
}
