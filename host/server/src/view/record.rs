//! A record of any kind, in a line.

use anshu_model::Id;
use anshu_model::record::{Body, Record};
use serde::Serialize;
use utoipa::ToSchema;

use super::Words;
use super::case::title_of;

/// A record of any kind, in a line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordRef {
    /// The record.
    pub id: String,
    /// `entity`, `case`, `risk` or `duty`; none where this person does not see it.
    pub kind: Option<String>,
    /// What it is called, as far as it may be shown.
    pub title: String,
}

impl RecordRef {
    /// A record, as the scope shows it.
    #[must_use]
    pub fn of(record: &Record, words: &Words) -> Self {
        let title = match &record.body {
            Body::Entity(entity) => entity.name.clone(),
            Body::Case(case) => title_of(&record.head.type_name, case, words),
            Body::Risk(risk) => risk.title.clone(),
            Body::Duty(duty) => duty.title.clone(),
        };
        Self {
            id: record.head.id.to_string(),
            kind: Some(record.head.kind.name().to_owned()),
            title,
        }
    }

    /// A record that this person does not see.
    #[must_use]
    pub fn unseen(id: &Id) -> Self {
        Self { id: id.to_string(), kind: None, title: "（不在可见范围）".into() }
    }
}
