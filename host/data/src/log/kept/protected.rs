//! What is kept of protected data: what is sealed and as what it was vouched for, informants, gradings, openings, policy sets.

use super::Column::{Bytes, Int, Text};
use super::Table;

/// What the keeper of sealed records asked for, with the second person's answer.
pub(crate) static SEALING: Table = Table::of(
    "sealing",
    "封存事项",
    "sealing",
    "id",
    &[
        ("kind", Text),
        ("target", Text),
        ("division", Text),
        ("purpose", Text),
        ("ground", Text),
        ("article", Text),
        ("organ", Text),
        ("document", Text),
        ("asked_by", Text),
        ("asked_unit", Text),
        ("asked_at", Int),
        ("state", Text),
        ("answered_by", Text),
        ("answered_at", Int),
        ("reason", Text),
        ("until", Int),
        ("records", Int),
        ("rivals", Int),
    ],
);

/// Which records are sealed.
pub(crate) static SEALED_RECORD: Table = Table::of(
    "sealed-record",
    "封存记录",
    "sealed_record",
    "id",
    &[("sealing", Text), ("at", Int), ("lifted", Text), ("lifted_at", Int)],
);

/// Versions of records that were sealed after they were written.
pub(crate) static SEALED_VERSION: Table = Table::of(
    "sealed-version",
    "后加密的记录版本",
    "record_version",
    "id || '/' || CAST(version AS TEXT)",
    &[("record", Text), ("was", Bytes)],
)
.only("was IS NOT NULL");

/// Decisions that were sealed after they were written.
pub(crate) static SEALED_DECISION: Table = Table::of(
    "sealed-decision",
    "后加密的决定",
    "decision",
    "id",
    &[("decision", Text), ("was", Bytes)],
)
.only("was IS NOT NULL");

/// Lines of timelines that were sealed after they were written.
pub(crate) static SEALED_LINE: Table = Table::of(
    "sealed-line",
    "后加密的时间线",
    "timeline",
    "about || '/' || CAST(leaf AS TEXT) || '/' || CAST(ordinal AS TEXT)",
    &[("text", Text), ("was", Bytes)],
)
.only("was IS NOT NULL");

/// Events that were sealed after they were published.
pub(crate) static SEALED_EVENT: Table =
    Table::of("sealed-event", "后加密的事件", "event", "id", &[("payload", Text), ("was", Bytes)])
        .only("was IS NOT NULL");

/// Who told, by operation and attribute.
pub(crate) static INFORMANT: Table = Table::of(
    "informant",
    "单独存放的举报人信息",
    "informant",
    "operation || '/' || attribute",
    &[("title", Text), ("value", Bytes), ("at", Int), ("state", Text)],
);

/// Labels that differ from what packs declare.
pub(crate) static RELABEL: Table = Table::of(
    "relabel",
    "数据级别调整",
    "relabel",
    "id",
    &[
        ("schema", Text),
        ("attribute", Text),
        ("old_level", Text),
        ("new_level", Text),
        ("ground", Text),
        ("since", Int),
        ("asked_by", Text),
        ("asked_at", Int),
        ("state", Text),
        ("answered_by", Text),
        ("answered_at", Int),
        ("reason", Text),
    ],
);

/// Openings of protected records.
pub(crate) static OPENING: Table = Table::of(
    "opening",
    "查阅依据与批准",
    "opening",
    "id",
    &[
        ("record", Text),
        ("serves", Text),
        ("person", Text),
        ("unit", Text),
        ("purpose", Text),
        ("ground", Text),
        ("reason", Text),
        ("minutes", Int),
        ("state", Text),
        ("asked_at", Int),
        ("until", Int),
        ("decided_by", Text),
        (
            "\
              decided_at",
            Int,
        ),
        ("answer", Text),
        ("ended_at", Int),
    ],
);

/// Policy sets, by number.
pub(crate) static POLICY_NOTICE: Table = Table::of(
    "policy-notice",
    "策略集",
    "policy_notice",
    "CAST(number AS TEXT)",
    &[("digest", Text), ("since", Int), ("seen_by", Text), ("seen_at", Int)],
);

/// The centre's own policy sets.
pub(crate) static POLICY_SET: Table = Table::of(
    "policy-set",
    "访问策略",
    "policy_set",
    "id",
    &[
        ("digest", Text),
        ("files", Text),
        ("state", Text),
        ("reason", Text),
        ("proposed_by", Text),
        ("proposed_at", Int),
        ("decided_by", Text),
        ("decided_at", Int),
        ("answer", Text),
    ],
);

/// The keys of the blind indexes, and how far a change of them has come.
pub(crate) static INDEX_KEY: Table = Table::of(
    "index-key",
    "检索密钥",
    "index_key",
    "CAST(generation AS TEXT)",
    &[
        ("key", Text),
        ("state", Text),
        ("reached", Text),
        ("passed", Int),
        ("records", Int),
        ("since", Int),
    ],
);

/// Resets of the policies while the centre stood still, by number.
pub(crate) static POLICY_RESET: Table = Table::of(
    "policy-reset",
    "策略重置",
    "policy_reset",
    "CAST(number AS TEXT)",
    &[
        ("was", Text),
        ("was_digest", Text),
        ("set_id", Text),
        ("digest", Text),
        ("done_by", Text),
        ("reason", Text),
        ("problems", Text),
        ("wider", Int),
        ("done_at", Int),
        ("security_by", Text),
        ("security_at", Int),
        ("audit_by", Text),
        ("audit_at", Int),
    ],
);
