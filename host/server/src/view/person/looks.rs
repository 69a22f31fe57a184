//! Who looked at a person's data. Staff are never named to a person: units, posts, and purposes in words.

use anshu_data::Look;
use anshu_model::leaf::Action;
use anshu_model::record::Kind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::Words;

/// Where a page of looks begins.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OwnAccessQuery {
    /// The position before which it begins; none for the newest.
    pub before: Option<u64>,
    /// A child, by the guardian's link; none for oneself.
    pub ward: Option<String>,
}

/// A page of looks, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnAccessPage {
    /// The looks.
    pub items: Vec<OwnAccessView>,
    /// Where the next page begins.
    pub next: Option<u64>,
}

/// One look at a person's data.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnAccessView {
    /// Its place in the log: what the proof is asked for with.
    pub position: u64,
    /// The entry's hash, from which the proof starts.
    pub hash: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Which unit, and in which post; never who.
    pub who: String,
    /// What was done, in plain words.
    pub what: String,
    /// Which kinds of data, without values.
    pub items: Vec<String>,
    /// What for, with its legal ground.
    pub purpose: String,
    /// Through which plugin.
    pub pack: Option<String>,
    /// Whether data left the unit by it.
    pub left: bool,
    /// Why it is told only now.
    pub deferred: Option<String>,
}

impl OwnAccessPage {
    /// A page, in words.
    #[must_use]
    pub fn of(page: anshu_data::LookPage, ward: bool, words: &Words) -> Self {
        Self {
            items: page.items.iter().map(|one| OwnAccessView::of(one, ward, words)).collect(),
            next: page.next,
        }
    }
}

impl OwnAccessView {
    fn of(access: &Look, ward: bool, words: &Words) -> Self {
        // A guardian belongs to no unit, whatever their account hangs on.
        let guardian = access.roles.iter().any(|role| role == CITIZEN);
        let unit = access.unit.as_ref().filter(|_| !guardian).map(|unit| words.unit(unit));
        let post = match &access.by_itself {
            Some(by) => match words.pack(by) {
                Some(pack) => {
                    format!("“{}”按“{}”职责自动办理", pack.manifest.title, pack.manifest.duty.title)
                }
                None => "系统自动办理".to_owned(),
            },
            None if guardian => "监护人".to_owned(),
            None if access.roles.is_empty() => "工作人员".to_owned(),
            None => access.roles.iter().map(|role| role_title(role)).collect::<Vec<_>>().join("、"),
        };
        let pack = access.pack.as_ref().map(|pack| {
            let name = pack.split('@').next().unwrap_or(pack);
            words.pack(name).map_or_else(|| name.to_owned(), |found| found.manifest.title.clone())
        });
        let whose = if ward { "被监护人" } else { "您" };
        let item = |(kind, name): &(Kind, String)| match kind {
            Kind::Case => format!("{whose}所涉的事项（{}）", words.matter_title(name)),
            Kind::Entity | Kind::Risk | Kind::Duty => format!("{whose}的档案"),
        };
        Self {
            position: access.position,
            hash: access.hash.clone(),
            at: words.at(access.at),
            who: match unit {
                Some(unit) => format!("{unit} · {post}"),
                None => post,
            },
            what: done(access.action).to_owned(),
            items: access.items.iter().map(item).collect(),
            purpose: match access.action {
                Action::Disclose => "行使个人信息保护法规定的权利".to_owned(),
                _ => words.purpose(&access.purpose),
            },
            pack,
            left: matches!(access.action, Action::Export | Action::Share),
            deferred: access.deferred.as_ref().map(|(ground, until)| {
                format!("依据{ground}延后告知，{} 起可以查到", words.at(*until))
            }),
        }
    }
}

/// The role of accounts that are persons' own.
const CITIZEN: &str = "citizen";

/// A role as a person outside understands it.
fn role_title(role: &str) -> &str {
    match role {
        "clerk" => "受理岗位",
        "dispatcher" => "调度岗位",
        "supervisor" => "督办岗位",
        "coordinator" => "协调岗位",
        "handler" => "经办岗位",
        "importer" => "数据录入岗位",
        "access-approver" => "审批岗位",
        "sealed-keeper" => "封存档案保管岗位",
        "privacy-officer" => "个人信息保护岗位",
        "grid-worker" => "网格员",
        "department-lead" => "部门负责人",
        _ => "工作人员",
    }
}

/// What was done to somebody's data, in plain words.
fn done(action: Action) -> &'static str {
    match action {
        Action::Read => "查看",
        Action::Write => "登记或修改",
        Action::Decide => "办理业务时使用",
        Action::Replay => "复核决定时使用",
        Action::Import => "批量导入",
        Action::Open => "申请、批准查阅受保护信息",
        Action::Seal => "封存管理",
        Action::Relabel => "调整分级",
        Action::Erase => "停止处理或销毁",
        Action::Share => "向其他单位提供",
        Action::Export => "批量导出",
        Action::Emergency => "紧急查阅",
        Action::Disclose => "查阅、复制，或者办理监护关联",
        _ => "使用",
    }
}
