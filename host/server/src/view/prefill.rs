//! What a form need not ask again: values that the centre holds, each with where it comes from and how old it is.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What the form is about.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PrefillQuery {
    /// The record that the action is done on.
    pub subject: Option<String>,
}

/// A value that the centre holds for a field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PrefillView {
    /// The form's field.
    pub field: String,
    /// What it is called.
    pub title: String,
    /// The value.
    pub value: serde_json::Value,
    /// Where it comes from, in words: the pack and the unit.
    pub source: String,
    /// Since when it stands so.
    #[schema(format = DateTime)]
    pub since: String,
    /// Whole days since then.
    pub days: u64,
    /// Its level.
    pub level: String,
    /// What a submission that uses it must bring along.
    pub reference: SourceReference,
}

/// Which value of which record an answer was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceReference {
    /// The form's field.
    pub field: String,
    /// The record.
    pub record: String,
    /// Its version.
    pub version: u64,
    /// What of it.
    pub item: String,
}
