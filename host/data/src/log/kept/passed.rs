//! What is kept of data that are passed on: exports, shares, and where the answers of a form came from.

use super::Column::{Bytes, Int, Text};
use super::Table;

/// Bulk exports, with the prints of the rows that left.
pub(crate) static EXPORT: Table = Table::of(
    "export",
    "批量导出",
    "export",
    "id",
    &[
        ("person", Text),
        ("unit", Text),
        ("ask", Text),
        ("state", Text),
        ("level", Int),
        ("estimate", Int),
        ("approval", Int),
        ("decided_by", Text),
        ("answer", Text),
        ("asked_at", Int),
        ("decided_at", Int),
        ("row_count", Int),
        ("nobody", Int),
        ("sha256", Text),
        ("ready_at", Int),
        ("taken_at", Int),
        ("prints", Bytes),
    ],
);

/// What units offer each other, by item.
pub(crate) static SHARE_ITEM: Table = Table::of(
    "share-item",
    "共享目录项",
    "share_item",
    "id",
    &[("provider", Text), ("content", Text), ("body", Text), ("version", Int)],
);

/// Shares between units.
pub(crate) static SHARE: Table = Table::of(
    "share",
    "数据共享",
    "data_share",
    "id",
    &[
        ("provider", Text),
        ("asking", Text),
        ("state", Text),
        ("ends_at", Int),
        ("body", Text),
        ("version", Int),
        ("made_at", Int),
        ("duty", Text),
    ],
);

/// Deliveries under shares, with their receipts.
pub(crate) static SHARE_MANIFEST: Table = Table::of(
    "share-manifest",
    "共享交付清单",
    "share_manifest",
    "artefact",
    &[
        ("share", Text),
        ("receiver", Text),
        ("nonce", Text),
        ("note", Text),
        ("row_count", Int),
        ("sha256", Text),
        ("made_at", Int),
        ("made_by", Text),
        ("accepted_by", Text),
        ("accepted_at", Int),
    ],
);

/// Uses of shares.
pub(crate) static SHARE_USE: Table = Table::of(
    "share-use",
    "共享使用记录",
    "share_use",
    "id",
    &[
        ("share", Text),
        ("at", Int),
        ("unit", Text),
        ("purpose", Text),
        ("row_count", Int),
        ("mode", Text),
        ("digest", Text),
    ],
);

/// Deliveries of other centres.
pub(crate) static SHARE_RECEIVED: Table = Table::of(
    "share-received",
    "外来共享交付",
    "share_received",
    "artefact",
    &[
        ("centre", Text),
        ("receiver", Text),
        ("nonce", Text),
        ("note", Text),
        ("ends_at", Int),
        ("received_at", Int),
        ("received_by", Text),
    ],
);

/// Where answers of forms were taken from.
pub(crate) static ANSWER_SOURCE: Table = Table::of(
    "answer-source",
    "填报来源",
    "answer_source",
    "key",
    &[
        ("operation", Text),
        ("field", Text),
        ("record", Text),
        ("version", Int),
        ("item", Text),
        ("corrected", Int),
    ],
);
