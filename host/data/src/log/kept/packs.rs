//! What is kept of packs: their versions, signatures, grants, trials, and the upgrades of what they handle.

use super::Column::{Bytes, Int, Text};
use super::Table;

/// Packs, by the digest of their component.
pub(crate) static PACK: Table = Table::of(
    "pack",
    "插件",
    "pack",
    "digest",
    &[
        ("name", Text),
        ("version", Text),
        ("manifest", Text),
        ("bytes", Bytes),
        ("allowed", Text),
        ("state", Text),
        ("reason", Text),
        ("installed_at", Int),
        ("changed_at", Int),
    ],
);

/// What packs were, by digest and number.
pub(crate) static PACK_HISTORY: Table = Table::of(
    "pack-history",
    "插件变更记录",
    "pack_history",
    "digest || '/' || CAST(number AS TEXT)",
    &[("state", Text), ("reason", Text), ("allowed", Text), ("at", Int), ("operation", Text)],
);

/// Who signed packs, by the digest of their component.
pub(crate) static PACK_SIGNATURE: Table = Table::of(
    "pack-signature",
    "插件签名",
    "pack_signature",
    "digest",
    &[
        ("signatures", Text),
        ("provenance", Text),
        ("imitates", Text),
        ("at", Int),
        ("operation", Text),
    ],
);

/// What versions asked for, by digest and number.
pub(crate) static GRANT_REQUEST: Table = Table::of(
    "grant-request",
    "授权申请",
    "grant_request",
    "digest || '/' || CAST(number AS TEXT)",
    &[
        ("asked", Text),
        ("shown", Text),
        ("refers_to", Text),
        ("asked_by", Text),
        ("asked_at", Int),
        ("state", Text),
        ("decided_at", Int),
    ],
);

/// Who answered, by digest, number and role.
pub(crate) static GRANT_ANSWER: Table = Table::of(
    "grant-answer",
    "授权答复",
    "grant_answer",
    "digest || '/' || CAST(number AS TEXT) || '/' || role",
    &[("person", Text), ("decision", Text), ("reason", Text), ("at", Int), ("operation", Text)],
);

/// Activations at an instant.
pub(crate) static ACTIVATION: Table = Table::of(
    "pack-activation",
    "定时启用",
    "pack_activation",
    "id",
    &[
        ("digest", Text),
        ("at", Int),
        ("asked_by", Text),
        ("asked_at", Int),
        ("state", Text),
        ("reason", Text),
        ("ended_at", Int),
    ],
);

/// Trials of versions.
pub(crate) static TRIAL: Table = Table::of(
    "trial",
    "试运行记录",
    "trial",
    "id",
    &[
        ("kind", Text),
        ("pack", Text),
        ("version", Text),
        ("digest", Text),
        ("span", Int),
        ("person", Text),
        ("state", Text),
        ("report", Text),
        ("begun_at", Int),
        ("ended_at", Int),
    ],
);

/// Deliveries that were left for a person, by event and subscriber.
pub(crate) static PARKED: Table = Table::of(
    "delivery",
    "停放的事件投递",
    "delivery",
    "event || '/' || pack",
    &[("state", Text), ("attempts", Int), ("error", Text)],
)
.only("state = 'parked'");

/// Upgrade plans.
pub(crate) static UPGRADE: Table = Table::of(
    "upgrade",
    "衔接方案",
    "upgrade",
    "id",
    &[
        ("pack", Text),
        ("version", Text),
        ("digest", Text),
        ("state", Text),
        ("notice", Text),
        ("made_by", Text),
        ("made_at", Int),
        ("done", Int),
        ("total", Int),
        ("place", Text),
    ],
);

/// Who agreed to a plan, by plan and role.
pub(crate) static UPGRADE_APPROVAL: Table = Table::of(
    "upgrade-approval",
    "衔接方案的审批",
    "upgrade_approval",
    "key",
    &[("plan_id", Text), ("role", Text), ("person", Text), ("at", Int)],
);

/// Cases of a plan, by plan and case.
pub(crate) static UPGRADE_ITEM: Table = Table::of(
    "upgrade-item",
    "衔接方案的事项",
    "upgrade_item",
    "key",
    &[
        ("plan_id", Text),
        ("case_id", Text),
        ("code", Text),
        ("division", Text),
        ("bin", Text),
        ("state", Text),
        ("stage", Text),
        ("base", Int),
        ("old_body", Text),
        ("applied", Int),
        ("new_body", Text),
        ("outlook", Text),
        ("reason", Text),
    ],
);

/// What was done for a plan, by plan and number.
pub(crate) static UPGRADE_JOURNAL: Table = Table::of(
    "upgrade-journal",
    "衔接方案的实施记录",
    "upgrade_journal",
    "key",
    &[
        ("plan_id", Text),
        ("number", Int),
        ("at", Int),
        ("actor", Text),
        ("text", Text),
        ("operation", Text),
    ],
);
