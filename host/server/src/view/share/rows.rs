//! What is handed over under a share: deliveries, rows, files, and the record of each use.

use anshu_data::{Delivered, Received, SharedRow, SharedRows, Use};
use anshu_model::share::Manifest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{Object, Words};
use super::{ShareView, name_of};

/// A share with what was handed over and read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareDetail {
    /// The share.
    pub share: ShareView,
    /// Deliveries, the latest first.
    pub deliveries: Vec<ShareDeliveryView>,
    /// Uses (使用记录), the latest first. Both units see the same.
    pub uses: Vec<ShareUseView>,
}

/// A delivery.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareDeliveryView {
    /// The delivery.
    pub artefact: String,
    /// When it was signed.
    #[schema(format = DateTime)]
    pub at: String,
    /// How many rows it is.
    pub rows: u64,
    /// SHA-256 of the rows' references.
    pub sha256: String,
    /// The position of its leaf in the log.
    pub leaf: u64,
    /// When the receiver confirmed it.
    #[schema(format = DateTime)]
    pub accepted_at: Option<String>,
    /// The signed note.
    pub manifest: String,
}

/// A use.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareUseView {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Whose staff.
    pub unit_name: String,
    /// For what.
    pub purpose_title: String,
    /// How many rows.
    pub rows: u64,
    /// `in_place` or `file`.
    pub mode: String,
}

/// Which rows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SharedRowsQuery {
    /// Only these of the agreed fields, with commas between.
    pub fields: Option<String>,
    /// The last row of the page before.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
}

/// A page of rows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedRowsView {
    /// The rows.
    pub items: Vec<SharedRowView>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// How many rows were read so far, this page included.
    pub used: u64,
    /// Of how many.
    pub max_rows: u64,
}

/// A row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedRowView {
    /// The record, by id. It opens nothing else.
    pub record: String,
    /// Its version.
    pub version: u64,
    /// Where it is.
    pub division_name: String,
    /// The agreed fields, as far as this post shows them.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub values: Object,
}

/// A receipt.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareReceiptRequest {
    /// The signed note, as it was delivered.
    pub manifest: String,
}

/// Which delivery is taken as a file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareFileRequest {
    /// The delivery.
    pub artefact: String,
}

/// A file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareFileView {
    /// Its text.
    pub file: String,
}

/// A file of another centre.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareReceiveRequest {
    /// Its text.
    pub file: String,
}

/// What was in a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShareReceivedView {
    /// The centre that sent it.
    pub centre: String,
    /// The delivery.
    pub artefact: String,
    /// For what.
    pub purpose: String,
    /// Under which article.
    pub ground: String,
    /// When the use ends.
    #[schema(format = DateTime)]
    pub until: String,
    /// How it was agreed to be handed over.
    pub mode: String,
    /// The rows.
    pub items: Vec<SharedRowView>,
}

impl ShareDetail {
    /// A share with what was handed over and read.
    #[must_use]
    pub fn of(share: ShareView, deliveries: &[Delivered], uses: &[Use], words: &Words) -> Self {
        let deliveries = deliveries.iter().map(|one| {
            let Manifest { artefact, rows, sha256, leaf, at, .. } = &one.manifest;
            ShareDeliveryView {
                artefact: artefact.to_string(),
                at: words.at(*at),
                rows: *rows,
                sha256: sha256.clone(),
                leaf: *leaf,
                accepted_at: one.accepted.as_ref().map(|(_, at)| words.at(*at)),
                manifest: one.note.clone(),
            }
        });
        let uses = uses.iter().map(|one| ShareUseView {
            at: words.at(one.at),
            unit_name: words.unit(&one.unit),
            purpose_title: words.purpose(&one.purpose),
            rows: one.rows,
            mode: one.mode.clone(),
        });
        Self { share, deliveries: deliveries.collect(), uses: uses.collect() }
    }
}

impl SharedRowsView {
    /// A page.
    #[must_use]
    pub fn of(page: &SharedRows, words: &Words) -> Self {
        Self {
            items: page.rows.iter().map(|row| SharedRowView::of(row, words)).collect(),
            next: page.next.as_ref().map(ToString::to_string),
            used: page.share.used,
            max_rows: page.share.terms.max_rows,
        }
    }
}

impl SharedRowView {
    fn of(row: &SharedRow, words: &Words) -> Self {
        Self {
            record: row.record.id.to_string(),
            version: row.record.version,
            division_name: words.division(&row.division),
            values: row.values.clone(),
        }
    }
}

impl ShareReceivedView {
    /// What was in a file.
    #[must_use]
    pub fn of(received: &Received, words: &Words) -> Self {
        let manifest = &received.manifest;
        Self {
            centre: manifest.centre.clone(),
            artefact: manifest.artefact.to_string(),
            purpose: manifest.purpose.clone(),
            ground: manifest.ground.clone(),
            until: words.at(manifest.until),
            mode: name_of(&manifest.mode),
            items: received.rows.iter().map(|row| SharedRowView::of(row, words)).collect(),
        }
    }
}
