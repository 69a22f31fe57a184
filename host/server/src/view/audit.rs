//! The log, as an auditor reads it.

use anshu_data::log::dossier::Outline;
use anshu_data::{PolicyNotice, Verification};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::Kind;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;

/// Which part of the log.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// The index before the first entry that is wanted; none for the newest.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
    /// Who: a person's number, or `duty:<pack>` or `system:<job>`.
    pub actor: Option<String>,
    /// A record that was touched or served.
    pub record: Option<String>,
    /// What was done, by its code, such as `read`.
    pub action: Option<String>,
    /// How it ended: `allow`, `deny` or `fail`.
    pub verdict: Option<String>,
    /// The purpose's code.
    pub purpose: Option<String>,
    /// From when on, with an offset.
    pub from: Option<String>,
    /// Until before when, with an offset.
    pub until: Option<String>,
}

/// A page of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditPage {
    /// How many entries the log has.
    pub size: u64,
    /// The root of its tree.
    pub root: String,
    /// Entries, newest first.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// One touch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its place in the log.
    pub index: u64,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who, and through which pack.
    pub actor: String,
    /// What.
    pub action: String,
    /// How it ended: `allow`, `deny` or `fail`.
    pub verdict: String,
    /// What was touched.
    pub target: String,
    /// Why.
    pub purpose: String,
}

/// One entry, with everything that its leaf says. No leaf holds personal data.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditDetail {
    /// In words.
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// The operation.
    pub operation: String,
    /// The case, task or share that it served.
    pub serves: Option<String>,
    /// The records that it touched; of long lists the first.
    pub touched: Vec<AuditRecord>,
    /// SHA-256 of what the leaf stands for, in hex; empty where it stands for itself.
    pub digest: String,
    /// SHA-256 over all rows that were written with it, in hex; empty where none were.
    pub rows: String,
    /// In a few words.
    pub note: String,
    /// The leaf as JSON, as it is hashed.
    pub leaf: String,
    /// That it is in the log: C2SP tlog-proof.
    pub proof: String,
}

/// A record that a leaf names.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditRecord {
    /// What it is, in words.
    pub kind: String,
    /// Which.
    pub id: String,
    /// Which version.
    pub version: u64,
}

impl AuditDetail {
    /// A leaf with its proof.
    ///
    /// # Errors
    /// Never in practice: a leaf is plain data.
    pub fn of(index: u64, leaf: &Leaf, proof: String, words: &Words) -> Result<Self> {
        let json = serde_json::to_string(leaf)
            .map_err(|error| Error::Internal(format!("leaf as JSON: {error}")))?;
        let touched = leaf.touched.iter().map(|record| AuditRecord {
            kind: kind(record.kind).to_owned(),
            id: record.id.to_string(),
            version: record.version,
        });
        Ok(Self {
            entry: AuditEntry::of(index, leaf, words),
            operation: leaf.operation.to_string(),
            serves: leaf.serves.as_ref().map(Id::to_string),
            touched: touched.collect(),
            digest: leaf.digest.clone(),
            rows: leaf.rows.clone(),
            note: leaf.note.clone(),
            leaf: json,
            proof,
        })
    }
}

/// How it stands with the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditStatus {
    /// How many entries the log has.
    pub size: u64,
    /// The root of its tree.
    pub root: String,
    /// The log's name.
    pub origin: String,
    /// The public keys that verify it: Ed25519 and, where it is signed so, SM2.
    pub public_keys: Vec<String>,
    /// How many witnesses must have cosigned; local policy.
    pub at_least: usize,
    /// How many cosigned what they were shown last.
    pub cosigned: usize,
    /// The witnesses.
    pub witnesses: Vec<WitnessView>,
    /// Policy sets, oldest first; the last one is in force.
    pub policies: Vec<PolicyNoticeView>,
    /// Whether a verification runs.
    pub verifying: bool,
    /// What the last one found since the centre was started.
    pub verified: Option<VerifiedView>,
    /// Why the last one could not be made.
    pub verify_failed: Option<String>,
}

/// A witness.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WitnessView {
    /// What people call it.
    pub name: String,
    /// Its public key.
    pub public_key: String,
    /// How large the log was when it cosigned last; 0 before the first time.
    pub size: u64,
    /// When that was.
    #[schema(format = DateTime)]
    pub at: Option<String>,
    /// `well`, `waiting`, `unreachable`, `refused`, `cut` or `forked`.
    pub standing: String,
    /// Whether that is evidence that the log was tampered with.
    pub alarm: bool,
    /// What is the matter.
    pub problem: Option<String>,
}

/// A policy set that was in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyNoticeView {
    /// Which one, from 1.
    pub number: u64,
    /// What names it.
    pub digest: String,
    /// From when on.
    #[schema(format = DateTime)]
    pub since: String,
    /// When an auditor saw it; none while nobody has.
    #[schema(format = DateTime)]
    pub seen_at: Option<String>,
}

impl PolicyNoticeView {
    /// As an auditor reads it.
    #[must_use]
    pub fn of(set: &PolicyNotice, words: &Words) -> Self {
        Self {
            number: set.number,
            digest: set.digest.clone(),
            since: words.at(set.since),
            seen_at: set.seen.as_ref().map(|(_, at)| words.at(*at)),
        }
    }
}

/// What a verification found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerifiedView {
    /// When it ended.
    #[schema(format = DateTime)]
    pub at: String,
    /// Whether everything holds.
    pub sound: bool,
    /// In words, line by line.
    pub lines: Vec<String>,
}

impl VerifiedView {
    /// As an auditor reads it.
    #[must_use]
    pub fn of(at: Instant, found: &Verification, words: &Words) -> Self {
        Self { at: words.at(at), sound: found.is_sound(), lines: found.lines() }
    }
}

/// What a dossier of a matter would hold.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct DossierOutline {
    /// The matter and its parties.
    pub records: u64,
    /// Their versions.
    pub versions: u64,
    /// Decisions of packs about the matter.
    pub decisions: u64,
    /// Lines of its timeline.
    pub lines: u64,
    /// How many of them by hash alone, as persons wrote them.
    pub covered: u64,
    /// Entries of the log.
    pub leaves: u64,
}

impl From<Outline> for DossierOutline {
    fn from(outline: Outline) -> Self {
        let Outline { records, versions, decisions, lines, covered, leaves } = outline;
        Self { records, versions, decisions, lines, covered, leaves }
    }
}

impl AuditEntry {
    /// A leaf, as an auditor reads it.
    #[must_use]
    pub fn of(index: u64, leaf: &Leaf, words: &Words) -> Self {
        let who = actor(&leaf.actor, words);
        let actor = match &leaf.pack {
            Some(pack) => format!("{who}，经插件 {}", pack.split('#').next().unwrap_or(pack)),
            None => who,
        };
        let target = match leaf.touched.as_slice() {
            [] => leaf.note.clone(),
            [first] => format!("{} {}", kind(first.kind), first.id),
            [first, rest @ ..] => {
                format!("{} {} 等 {} 条", kind(first.kind), first.id, rest.len() + 1)
            }
        };
        Self {
            index,
            at: words.at(leaf.at),
            actor,
            action: action(leaf.action).to_owned(),
            verdict: match leaf.verdict {
                Verdict::Allowed => "allow",
                Verdict::Denied => "deny",
                Verdict::Failed => "fail",
            }
            .to_owned(),
            target,
            purpose: words.purpose(&leaf.purpose),
        }
    }
}

/// Who acted, with the unit's name. The log names nobody: a person stands there by account.
fn actor(actor: &str, words: &Words) -> String {
    let (who, unit) = match actor.split_once('@') {
        Some((who, unit)) => (who, Some(words.unit(&Id::from_text(unit)))),
        None => (actor, None),
    };
    let who = match who.split_once(':') {
        Some(("person", id)) => format!("人员 {id}"),
        Some(("duty", pack)) => format!("插件职责 {pack}"),
        Some(("system", job)) => format!("系统 {job}"),
        _ => who.to_owned(),
    };
    match unit {
        Some(unit) => format!("{who}（{unit}）"),
        None => who,
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Entity => "实体",
        Kind::Case => "案件",
        Kind::Risk => "风险",
        Kind::Duty => "职责",
    }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::SignIn => "登录",
        Action::SignOut => "退出",
        Action::Read => "读取",
        Action::Write => "写入",
        Action::Decide => "插件决定",
        Action::Fault => "插件故障",
        Action::Import => "导入",
        Action::Pack => "插件管理",
        Action::Grant => "授权",
        Action::Replay => "重放",
        Action::Configure => "配置",
        Action::Audit => "查看日志",
        Action::Open => "批准查阅",
        Action::Seal => "封存与查询",
        Action::Relabel => "调整分级",
        Action::Erase => "停止处理与销毁",
        Action::Share => "数据共享",
        Action::Export => "批量导出",
        Action::Emergency => "紧急访问",
        Action::Disclose => "告知本人",
        Action::Record => "合规登记",
    }
}
