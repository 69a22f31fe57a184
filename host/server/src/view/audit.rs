//! The log, as an auditor reads it.

use anshu_model::Id;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::Kind;
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
