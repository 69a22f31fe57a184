//! What the office keeps: accounts and their factors, emergency access, units, registers, calendars, imports.

use super::Column::{Int, Text};
use super::Table;

/// Accounts, by login name.
pub(crate) static ACCOUNT: Table = Table::of(
    "account",
    "帐户",
    "account",
    "login",
    &[
        ("person", Text),
        ("name", Text),
        ("unit", Text),
        ("roles", Text),
        ("clearance", Text),
        ("password_hash", Text),
        ("closed_at", Int),
    ],
);

/// Whether passwords serve only to set another one, by login name.
pub(crate) static PASSWORD: Table = Table::of(
    "password-state",
    "口令状态",
    "password_state",
    "login",
    &[("once", Int), ("set_at", Int)],
);

/// Second factors.
pub(crate) static FACTOR: Table = Table::of(
    "factor",
    "第二因素",
    "factor",
    "id",
    &[
        ("person", Text),
        ("kind", Text),
        ("name", Text),
        ("body", Text),
        ("used", Int),
        ("added_at", Int),
        ("ended_at", Int),
    ],
);

/// Changes of accounts.
pub(crate) static ACCOUNT_CHANGE: Table = Table::of(
    "account-change",
    "账号变更",
    "account_change",
    "id",
    &[
        ("kind", Text),
        ("login", Text),
        ("person", Text),
        ("password_hash", Text),
        ("reason", Text),
        ("proposed_by", Text),
        ("proposed_at", Int),
        ("state", Text),
        ("decided_by", Text),
        ("decided_at", Int),
        ("answer", Text),
    ],
);

/// Emergency access. How many records it has shown is counted by the machine as it goes.
pub(crate) static EMERGENCY: Table = Table::of(
    "emergency",
    "紧急访问",
    "emergency",
    "id",
    &[
        ("person", Text),
        ("unit", Text),
        ("case_id", Text),
        ("lead_unit", Text),
        ("reason", Text),
        ("words", Text),
        ("begun_at", Int),
        ("until", Int),
        ("most", Int),
        ("ended_at", Int),
        ("review_by", Int),
        ("overdue", Int),
        ("reviewed_by", Text),
        ("reviewed_at", Int),
        ("justified", Int),
        ("answer", Text),
    ],
);

/// Units with their functions.
pub(crate) static UNIT: Table =
    Table::of("unit", "单位", "unit", "id", &[("name", Text), ("division", Text)])
        .with("SELECT function FROM unit_function WHERE unit = ");

/// Registers of divisions, by number.
pub(crate) static REGISTER: Table = Table::of(
    "register",
    "行政区划表",
    "division_register",
    "CAST(number AS TEXT)",
    &[("register", Text), ("digest", Text), ("installed_at", Int)],
);

/// Holiday data, by number.
pub(crate) static CALENDAR: Table = Table::of(
    "calendar",
    "节假日安排",
    "calendar",
    "CAST(number AS TEXT)",
    &[("version", Text), ("calendar", Text), ("installed_at", Int)],
);

/// Imports.
pub(crate) static BATCH: Table = Table::of(
    "batch",
    "导入批次",
    "import_batch",
    "id",
    &[
        ("person", Text),
        ("division", Text),
        ("file", Text),
        ("mapping", Text),
        ("sha256", Text),
        ("begun_at", Int),
        ("undone_at", Int),
    ],
);
