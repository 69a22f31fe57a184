//! A leaf of the audit log: one touch, with who, what, why and how it ended. It holds no personal data.

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::instant::Instant;
use crate::record::RecordRef;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Signed in, or tried to.
    SignIn,
    /// Signed out.
    SignOut,
    /// Read.
    Read,
    /// Changed records, without a pack or through one.
    Write,
    /// A pack decided.
    Decide,
    /// A pack failed, and nothing was kept.
    Fault,
    /// Records were taken in from a file, or that was undone.
    Import,
    /// A pack was installed, activated or removed.
    Pack,
    /// A grant was given or withdrawn.
    Grant,
    /// A decision was replayed.
    Replay,
    /// Accounts, policies, calendars and the like.
    Configure,
    /// Somebody read the log itself.
    Audit,
    /// A protected record was asked for, opened for a while by a named approver, or refused.
    Open,
    /// A record was sealed (封存), unsealed, or asked for on the statutory road.
    Seal,
    /// A classification was raised or lowered.
    Relabel,
    /// A person's key was destroyed, or processing was stopped because the retention had ended.
    Erase,
    /// A share between units moved on: asked, reviewed, answered, delivered, used, ended.
    Share,
    /// Data left in bulk.
    Export,
    /// Emergency access (紧急访问) began, ended or was reviewed.
    Emergency,
    /// A person was told what is held about them and who looked, or was refused with the reason.
    Disclose,
    /// What the law asks to be kept on record: impact assessments, processing, incidents, reports.
    Record,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Done.
    Allowed,
    /// Refused.
    Denied,
    /// Tried, and failed.
    Failed,
}

/// One touch. Its JSON, with fields in this order, is what the log hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// When, by the host's clock.
    pub at: Instant,
    /// The operation.
    pub operation: Id,
    /// Who: a person's or duty's id and unit, not a name.
    pub actor: String,
    /// The pack that acted for the actor, as name@version#digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// What was done.
    pub action: Action,
    /// How it ended.
    pub verdict: Verdict,
    /// The purpose's code and ground.
    pub purpose: String,
    /// The case, task or share that it served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<Id>,
    /// What was touched; of long lists the first, and all of them in `digest`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<RecordRef>,
    /// SHA-256, in hex, of what the leaf stands for: the decision, the list of records, the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// SHA-256, in hex, over every row that storage wrote with the leaf; empty where it wrote none. Storage fills it in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rows: String,
    /// In a few words, without personal data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// SHA-256, in hex, over the rows of the index 谁看过我的数据 that storage wrote with the leaf; empty where it touched no
    /// person. Storage fills it in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub persons: String,
    /// What was touched beyond what the leaf names. The log does not hold it: `digest` stands for it, and storage makes the
    /// persons' index from it.
    #[serde(skip)]
    pub beyond: Vec<RecordRef>,
}

impl Leaf {
    /// References that a leaf names at most.
    pub const NAMED: usize = 16;

    /// The same leaf with what it touched: the first are named, all of them count.
    #[must_use]
    pub fn touching(mut self, records: impl IntoIterator<Item = RecordRef>) -> Self {
        let mut records = records.into_iter();
        self.touched = records.by_ref().take(Self::NAMED).collect();
        self.beyond = records.collect();
        self
    }
}
