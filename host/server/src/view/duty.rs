//! Duties.

use anshu_model::Result;
use anshu_model::record::Record;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::record::RecordRef;
use super::{Basis, Light, Words};

/// Which duties.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DutyQuery {
    /// Only those that are not done (true), or only those that are (false).
    pub open: Option<bool>,
    /// Only those that are past their limit (true).
    pub overdue: Option<bool>,
    /// The last duty of the page before.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
}

/// A duty.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DutyView {
    /// The duty.
    pub id: String,
    /// What must be done.
    pub title: String,
    /// What it serves.
    pub about: RecordRef,
    /// The unit that owes it.
    pub unit_name: String,
    /// Under which article.
    pub basis: Basis,
    /// By when.
    #[schema(format = DateTime)]
    pub due: Option<String>,
    /// Whether it is done.
    pub done: bool,
    /// What shows that it is done.
    pub evidence: Option<String>,
    /// The clock at a glance.
    pub light: Light,
    /// The version that a change must name.
    pub version: u64,
}

/// A page of duties.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DutyPage {
    /// The duties.
    pub items: Vec<DutyView>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl DutyView {
    /// A duty.
    ///
    /// # Errors
    /// Where the record is no duty.
    pub fn of(record: &Record, about: RecordRef, words: &Words) -> Result<Self> {
        let duty = record.duty()?;
        let light = Light::of_record(record, words);
        Ok(Self {
            id: record.head.id.to_string(),
            title: duty.title.clone(),
            about,
            unit_name: words.unit(&record.head.unit),
            basis: (&duty.basis).into(),
            due: light.due.clone(),
            done: duty.completion.is_some(),
            evidence: duty.completion.as_ref().map(|completion| completion.evidence.clone()),
            light,
            version: record.head.version,
        })
    }
}

/// That a duty is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// What shows it.
    pub evidence: String,
    /// The version that the person saw.
    pub version: u64,
}
