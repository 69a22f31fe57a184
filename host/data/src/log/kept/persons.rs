//! What is kept for the person whose data it is: whose account it is, deferrals, requests, erasures and holds, and the records that the law asks for.

use super::Column::{Int, Text};
use super::Table;

/// Which account is which person's, by account.
pub(crate) static ACCOUNT_SUBJECT: Table = Table::of(
    "account-subject",
    "账号与本人档案的关联",
    "account_subject",
    "person",
    &[
        ("subject", Text),
        ("proof", Text),
        ("linked_by", Text),
        ("linked_at", Int),
        ("ended_at", Int),
    ],
);

/// Which guardian's account may ask about which child.
pub(crate) static GUARDIAN: Table = Table::of(
    "guardian",
    "监护人账号与未成年人档案的关联",
    "guardian",
    "id",
    &[
        ("account", Text),
        ("subject", Text),
        ("number", Text),
        ("relation", Text),
        ("document", Text),
        ("ground", Text),
        ("article", Text),
        ("age", Int),
        ("until", Int),
        ("linked_by", Text),
        ("linked_at", Int),
        ("ended_at", Int),
        ("ended_by", Text),
        ("ended_why", Text),
    ],
);

/// Withheld matters that were released to a guardian.
pub(crate) static GUARDIAN_RELEASE: Table = Table::of(
    "guardian-release",
    "向监护人告知的核准",
    "guardian_release",
    "id",
    &[
        ("guardian", Text),
        ("matter", Text),
        ("reason", Text),
        ("released_by", Text),
        ("released_at", Int),
        ("ended_at", Int),
        ("ended_by", Text),
    ],
);

/// Requests that a guardian filed.
pub(crate) static REQUEST_GUARDIAN: Table = Table::of(
    "request-guardian",
    "监护人提出的请求",
    "request_guardian",
    "request",
    &[("guardian", Text)],
);

/// Which erasure answers which request.
pub(crate) static REQUEST_ERASURE: Table = Table::of(
    "request-erasure",
    "销毁登记所答复的请求",
    "request_erasure",
    "erasure",
    &[("request", Text)],
);

/// What is told to a person later.
pub(crate) static DEFERRAL: Table = Table::of(
    "deferral",
    "延后告知",
    "disclosure_deferral",
    "id",
    &[
        ("subject", Text),
        ("matter", Text),
        ("ground", Text),
        ("reason", Text),
        ("days", Int),
        ("unit", Text),
        ("asked_by", Text),
        ("asked_at", Int),
        ("state", Text),
        ("decided_by", Text),
        ("decided_at", Int),
        ("answer", Text),
        ("until", Int),
        ("ended_at", Int),
    ],
);

/// What persons asked for about their data.
pub(crate) static PERSON_REQUEST: Table = Table::of(
    "person-request",
    "本人请求",
    "person_request",
    "id",
    &[
        ("subject", Text),
        ("kind", Text),
        ("state", Text),
        ("filed_at", Int),
        ("due_at", Int),
        ("step", Int),
        ("body", Text),
    ],
);

/// What the law asks to be kept on record, by record and number.
pub(crate) static LAW_RECORD: Table = Table::of(
    "law-record",
    "合规登记",
    "law_record",
    "id || '/' || CAST(number AS TEXT)",
    &[("kind", Text), ("body", Text), ("person", Text), ("at", Int)],
);

/// Erasures.
pub(crate) static ERASURE: Table = Table::of(
    "erasure",
    "销毁登记",
    "erasure",
    "id",
    &[
        ("subject", Text),
        ("ground", Text),
        ("article", Text),
        ("state", Text),
        ("asked_by", Text),
        ("asked_at", Int),
        ("answered_by", Text),
        ("answered_at", Int),
        ("reason", Text),
        ("counts", Text),
    ],
);

/// Legal holds.
pub(crate) static LEGAL_HOLD: Table = Table::of(
    "legal-hold",
    "依法留存",
    "legal_hold",
    "id",
    &[
        ("subject", Text),
        ("ground", Text),
        ("placed_by", Text),
        ("placed_at", Int),
        ("lifted_by", Text),
        ("lifted_at", Int),
    ],
);
