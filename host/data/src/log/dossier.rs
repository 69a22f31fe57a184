//! A dossier (证据卷宗): one matter's evidence in one sealed file that whoever holds the log's public key verifies on any
//! machine, without this centre. It names records by ids and digests and holds no personal data: whoever has a record's
//! stored text can compute its digest and find it here.
//!
//! The file is a C2SP signed note under the log's key. Its text is UTF-8, one item a line, each line JSON in one form:
//! - `anshu.dossier/v1`, the first line, is no item;
//! - `head`: log, matter, who made it and when, the public keys, and these words;
//! - `record`: the matter and its parties, with how many versions each has;
//! - `version`, `decision`, `line`: what was written, with the leaf that vouches for it. A `line` that persons wrote may be
//!   personal: then it is a `covered`, by its hash alone;
//! - `leaf`: a leaf's bytes, as they are hashed, and the hashes of all rows that it vouches for;
//! - `export`: the leaf that says that this very file left: its `digest` is SHA-256 over everything above it;
//! - `proof`: for each leaf, in order, a C2SP tlog-proof with the checkpoint and its cosignatures.
//!
//! `gather` fills it from the database, [`check`] verifies it and needs none.

mod check;
mod gather;

use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};

pub use check::{Report, verify};
pub use gather::{Draft, Outline};

/// The first line.
pub(super) const HEAD: &str = "anshu.dossier/v1";

/// The most leaves of a dossier: one matter has some hundreds.
pub(super) const MOST: u64 = 20_000;

/// What stands in the head, for who opens the file without this program.
const WORDS: [&str; 7] = [
    "本文件是签名文本（C2SP signed-note）：空行以上为正文，末行为日志密钥的签名。",
    "正文每行一项 JSON；记录只列编号、版本和 SHA-256 摘要，不含个人信息。",
    "leaf 的 bytes 是日志条目原文；其 rows 字段等于下列各 rows 哈希排序后相接的 SHA-256。",
    "version、decision、line 按日志的约定各算出一个哈希，应在所指 leaf 的 rows 之中；covered 只列哈希。",
    "export 是“导出本卷宗”的日志条目，其 digest 等于它以上全部内容的 SHA-256。",
    "proof 是 C2SP tlog-proof：证明各条目在签名的检查点之内。",
    "校验：anshu audit verify --dossier 文件 --key 公钥（或 --policy 策略文件）。",
];

/// One line of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "item", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Item {
    /// What it is.
    Head {
        /// The log's name.
        origin: String,
        /// The matter.
        matter: String,
        /// When it was made, in milliseconds since 1970.
        made_at: i64,
        /// Who made it, as the log has it.
        made_by: String,
        /// Public keys: the log's, and those of the witnesses whose cosignatures it may hold.
        keys: Vec<String>,
        /// The format, in words.
        words: Vec<String>,
    },
    /// A record that it is about.
    Record {
        /// The record.
        id: String,
        /// Its kind.
        kind: String,
        /// How many versions it has.
        versions: u64,
    },
    /// A version of a record.
    Version {
        /// The record.
        id: String,
        /// Which.
        version: u64,
        /// SHA-256 of what is stored, in hex.
        digest: String,
        /// The operation that wrote it.
        operation: String,
        /// The leaf that vouches for it.
        leaf: u64,
    },
    /// A decision of a pack about the matter.
    Decision {
        /// The decision.
        id: String,
        /// When.
        at: i64,
        /// The pack.
        pack: String,
        /// What it served.
        serves: Option<String>,
        /// SHA-256 of what is stored, in hex.
        digest: String,
        /// The leaf that vouches for it.
        leaf: u64,
    },
    /// A line that the host wrote into the matter's timeline.
    Line {
        /// The record.
        about: String,
        /// Which of the leaf's lines.
        ordinal: i64,
        /// When.
        at: i64,
        /// Which official, by name and post, or which duty.
        by: String,
        /// The pack that acted.
        pack: Option<String>,
        /// What happened.
        text: String,
        /// The operation.
        operation: String,
        /// The leaf that vouches for it.
        leaf: u64,
    },
    /// A line that a person or a pack wrote: it may be personal.
    Covered {
        /// The record.
        about: String,
        /// Which of the leaf's lines.
        ordinal: i64,
        /// Its hash, in hex.
        hash: String,
        /// The leaf that vouches for it.
        leaf: u64,
    },
    /// A leaf of the log.
    Leaf {
        /// Its place.
        index: u64,
        /// As it is hashed.
        bytes: String,
        /// The hashes of the rows that it vouches for, in hex, sorted.
        rows: Vec<String>,
    },
    /// The leaf that says that this dossier left.
    Export {
        /// Its place.
        index: u64,
        /// As it is hashed.
        bytes: String,
    },
    /// That a leaf is in the log.
    Proof {
        /// The proof's text.
        proof: String,
    },
}

impl Item {
    /// The line, with its end.
    pub(super) fn line(&self) -> Result<String> {
        serde_json::to_string(self)
            .map(|line| line + "\n")
            .map_err(|error| Error::Internal(format!("dossier: {error}")))
    }
}
