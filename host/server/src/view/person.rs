//! What a person sees of their own data, and what the desk sees of requests. Staff are never named to a person: units, posts,
//! and purposes in words.

use anshu_data::{Deferral, Held, Look, SubjectLink};
use anshu_model::Result;
use anshu_model::instant::Instant;
use anshu_model::leaf::Action;
use anshu_model::record::Kind;
use anshu_model::request::{Channel, PersonRequest, Stand, Step};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;
use super::decision::Reason;
use super::entity::FacetView;

/// Where a page of looks begins.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OwnAccessQuery {
    /// The position before which it begins; none for the newest.
    pub before: Option<u64>,
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
    pub fn of(page: anshu_data::LookPage, words: &Words) -> Self {
        Self {
            items: page.items.iter().map(|one| OwnAccessView::of(one, words)).collect(),
            next: page.next,
        }
    }
}

impl OwnAccessView {
    fn of(access: &Look, words: &Words) -> Self {
        let unit = access.unit.as_ref().map(|unit| words.unit(unit));
        let post = match &access.by_itself {
            Some(by) => match words.pack(by) {
                Some(pack) => {
                    format!("“{}”按“{}”职责自动办理", pack.manifest.title, pack.manifest.duty.title)
                }
                None => "系统自动办理".to_owned(),
            },
            None if access.roles.is_empty() => "工作人员".to_owned(),
            None => access.roles.iter().map(|role| role_title(role)).collect::<Vec<_>>().join("、"),
        };
        let pack = access.pack.as_ref().map(|pack| {
            let name = pack.split('@').next().unwrap_or(pack);
            words.pack(name).map_or_else(|| name.to_owned(), |found| found.manifest.title.clone())
        });
        let item = |(kind, name): &(Kind, String)| match kind {
            Kind::Case => format!("您所涉的事项（{}）", words.matter_title(name)),
            Kind::Entity | Kind::Risk | Kind::Duty => "您的档案".to_owned(),
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
            purpose: words.purpose(&access.purpose),
            pack,
            left: matches!(access.action, Action::Export | Action::Share),
            deferred: access.deferred.as_ref().map(|(ground, until)| {
                format!("依据{ground}延后告知，{} 起可以查到", words.at(*until))
            }),
        }
    }
}

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
        _ => "使用",
    }
}

/// What is held about a person: to be read by a machine, and printed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnData {
    /// Who holds it.
    pub centre: String,
    /// When the copy was made.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// The name.
    pub name: String,
    /// Numbers and codes, as they are.
    pub identifiers: Vec<OwnNumber>,
    /// Where.
    pub division: String,
    /// Which unit keeps the record.
    pub unit: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub since: String,
    /// What packs keep, with its classification.
    pub facets: Vec<FacetView>,
    /// The matters that name the person.
    pub matters: Vec<OwnMatter>,
    /// What was decided with a plugin's help.
    pub decisions: Vec<OwnDecision>,
    /// What is left out, in general, and on which ground. It is said whether or not there is any.
    pub left_out: Vec<String>,
}

/// A number or code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnNumber {
    /// The scheme.
    pub scheme: String,
    /// The value.
    pub value: String,
}

/// A matter that names a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnMatter {
    /// The matter.
    pub id: String,
    /// Its code.
    pub code: String,
    /// What kind of matter.
    pub matter: String,
    /// Where it stands.
    pub stage: String,
    /// Which unit leads.
    pub unit: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub since: String,
}

/// A decision about a person: an explanation can be asked for with its id.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnDecision {
    /// The decision.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The plugin.
    pub pack: String,
    /// Which unit.
    pub unit: String,
    /// The articles that it rests on.
    pub articles: Vec<String>,
}

/// What no copy holds, whoever asks.
const LEFT_OUT: [&str; 3] = [
    "依法封存的记录不在此列；查询封存记录须依照法定途径办理",
    "可能暴露举报人、报告人，或者影响他人个人权益的内容不在此列（个人信息保护法 第18条、第45条）",
    "告知将妨碍国家机关履行法定职责的，依法延后告知（个人信息保护法 第35条）；延后期满即可查到",
];

impl OwnData {
    /// What is held, in words.
    ///
    /// # Errors
    /// Where the record is no entity.
    pub fn of(held: &Held, centre: &str, words: &Words) -> Result<Self> {
        let record = &held.record;
        let entity = record.entity()?;
        let numbers = entity.identifiers.iter();
        Ok(Self {
            centre: centre.to_owned(),
            made_at: words.at(words.now),
            name: entity.name.clone(),
            identifiers: numbers
                .map(|number| OwnNumber {
                    scheme: number.scheme.clone(),
                    value: number.value.clone(),
                })
                .collect(),
            division: words.division(&record.head.division),
            unit: words.unit(&record.head.unit),
            since: words.at(record.head.created_at),
            facets: FacetView::all(record, words)?,
            matters: held
                .matters
                .iter()
                .map(|matter| OwnMatter {
                    id: matter.id.to_string(),
                    code: matter.code.clone(),
                    matter: words.matter_title(&matter.type_name),
                    stage: matter.stage.title().to_owned(),
                    unit: words.unit(&matter.unit),
                    since: words.at(matter.created_at),
                })
                .collect(),
            decisions: held.decisions.iter().map(|one| OwnDecision::of(one, words)).collect(),
            left_out: LEFT_OUT.map(str::to_owned).to_vec(),
        })
    }
}

impl OwnDecision {
    fn of(decision: &anshu_data::HeldDecision, words: &Words) -> Self {
        let mut articles: Vec<String> =
            decision.reasons.iter().map(|reason| reason.basis.article.clone()).collect();
        articles.sort_unstable();
        articles.dedup();
        Self {
            id: decision.id.to_string(),
            at: words.at(decision.at),
            pack: decision
                .pack
                .as_ref()
                .map_or_else(|| "（无插件）".to_owned(), |pack| words.pack_title(pack).0),
            unit: decision.unit.as_ref().map_or_else(|| "系统".to_owned(), |unit| words.unit(unit)),
            articles,
        }
    }
}

/// What the desk needs to answer a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonRequestData {
    /// The request.
    pub request: PersonRequestView,
    /// What would be handed out.
    pub data: OwnData,
    /// The decisions with the words of their packs, for the explanation that the officer writes.
    pub explanations: Vec<OwnDecisionWords>,
    /// What the pack says of the decision that the request is about.
    pub explained: Option<String>,
}

/// A decision in words. They may speak of others: the officer writes the answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnDecisionWords {
    /// The decision.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The plugin.
    pub pack: String,
    /// The named official, or the duty that it was.
    pub official: String,
    /// The answer in one line.
    pub summary: String,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl PersonRequestData {
    /// A request and what is held, in words.
    ///
    /// # Errors
    /// Where the record is no entity.
    pub fn of(request: &PersonRequest, held: &Held, centre: &str, words: &Words) -> Result<Self> {
        let explanations = held.decisions.iter().map(|one| OwnDecisionWords {
            id: one.id.to_string(),
            at: words.at(one.at),
            pack: one.pack.as_ref().map_or_else(String::new, |pack| words.pack_title(pack).0),
            official: one.official.clone(),
            summary: one.summary.clone(),
            reasons: Reason::all(&one.reasons),
        });
        Ok(Self {
            request: PersonRequestView::of(request, words, true),
            data: OwnData::of(held, centre, words)?,
            explanations: explanations.collect(),
            explained: None,
        })
    }
}

/// Which requests the desk lists.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PersonRequestQuery {
    /// With those that are done.
    pub all: Option<bool>,
}

/// A request that a person files.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRequestBody {
    /// `access`, `correct`, `delete`, `explain`, `stop` or `complain`.
    pub right: String,
    /// In the person's own words.
    pub wish: String,
    /// A decision or an earlier request that it is about.
    pub about: Option<String>,
}

/// A request that an officer files at the window.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonWindowRequest {
    /// The document's scheme.
    pub scheme: String,
    /// Its number: looked up, and kept nowhere.
    pub number: String,
    /// How the identity was checked.
    pub proof: String,
    /// As in [`PersonRequestBody`].
    pub right: String,
    /// In the person's own words.
    pub wish: String,
}

/// A step of a request.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonStepBody {
    /// `accept`, `ask`, `supplement`, `extend`, `hand_over`, `answer`, `refuse` or `withdraw`.
    pub step: String,
    /// What is said: the answer, the reason, what is asked for, where it went.
    pub text: Option<String>,
    /// For an answer: whether everything was done that was asked.
    pub whole: Option<bool>,
    /// For a refusal: what the person can do about it.
    pub remedy: Option<String>,
}

/// A request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonRequestView {
    /// The request.
    pub id: String,
    /// What is asked.
    pub right: String,
    /// The same in words.
    pub right_title: String,
    /// Where it stands in the law.
    pub article: String,
    /// Where the request stands.
    pub stand: String,
    /// The same in words.
    pub stand_title: String,
    /// Whether it came in at the window.
    pub window: bool,
    /// In the person's own words.
    pub wish: String,
    /// What it is about.
    pub about: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub filed_at: String,
    /// By when it must be answered; none while it waits for the person.
    #[schema(format = DateTime)]
    pub due_at: Option<String>,
    /// Whether it is, or was, late.
    pub late: bool,
    /// Whether nothing follows.
    pub done: bool,
    /// How the identity was checked; for the desk alone.
    pub proof: Option<String>,
    /// What happened, oldest first.
    pub steps: Vec<PersonStepView>,
    /// What can follow.
    pub next: Vec<String>,
}

/// What happened to a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonStepView {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// What.
    pub title: String,
    /// What was said.
    pub text: Option<String>,
    /// What the person can do about a refusal.
    pub remedy: Option<String>,
}

impl PersonRequestView {
    /// A request, in words; for the desk with what the person need not be told about themselves.
    #[must_use]
    pub fn of(request: &PersonRequest, words: &Words, desk: bool) -> Self {
        Self {
            id: request.id.to_string(),
            right: request.right.name().to_owned(),
            right_title: request.right.title().to_owned(),
            article: request.right.article().to_owned(),
            stand: request.stand.name().to_owned(),
            stand_title: request.stand.title().to_owned(),
            window: request.channel == Channel::Window,
            wish: request.wish.clone(),
            about: request.about.as_ref().map(ToString::to_string),
            filed_at: words.at(request.filed_at),
            due_at: request.due_at.map(|due| words.at(due)),
            late: request.is_late(words.now),
            done: request.stand.is_final(),
            proof: desk.then(|| request.proof.clone()),
            steps: request
                .steps
                .iter()
                .map(|one| PersonStepView::of(one.at, &one.step, words))
                .collect(),
            next: next(request, desk),
        }
    }
}

/// The steps that can follow, for buttons; whether one may take them is decided when it is tried.
fn next(request: &PersonRequest, desk: bool) -> Vec<String> {
    let window = request.channel == Channel::Window;
    let steps: &[&str] = match (request.stand, desk) {
        (Stand::Filed, true) if window => &["accept", "withdraw"],
        (Stand::Filed, true) => &["accept"],
        (Stand::Accepted, true) => &["answer", "refuse", "ask", "extend", "hand_over"],
        (Stand::HandedOver, true) => &["answer", "refuse", "extend"],
        (Stand::Asked, true) if window => &["supplement", "withdraw"],
        (Stand::Asked, false) if !window => &["supplement", "withdraw"],
        (Stand::Filed | Stand::Accepted | Stand::HandedOver, false) => &["withdraw"],
        _ => &[],
    };
    steps.iter().map(|step| (*step).to_owned()).collect()
}

impl PersonStepView {
    fn of(at: Instant, step: &Step, words: &Words) -> Self {
        let (text, remedy) = match step {
            Step::Accept | Step::Withdraw => (None, None),
            Step::Ask { what: text } | Step::Supplement { text } | Step::Answer { text, .. } => {
                (Some(text.clone()), None)
            }
            Step::HandOver { to } => (Some(to.clone()), None),
            Step::Extend { until, reason } => {
                (Some(format!("延长至 {}：{reason}", words.at(*until))), None)
            }
            Step::Refuse { reason, remedy } => (Some(reason.clone()), Some(remedy.clone())),
        };
        Self { at: words.at(at), title: step.title().to_owned(), text, remedy }
    }
}

/// Binds an account to a person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectLinkRequest {
    /// The account.
    pub login: String,
    /// The document's scheme.
    pub scheme: String,
    /// Its number: looked up, and kept nowhere.
    pub number: String,
    /// How the identity was checked.
    pub proof: String,
}

/// An account that is a person's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubjectLinkView {
    /// The account.
    pub login: String,
    /// How the identity was checked.
    pub proof: String,
    /// When.
    #[schema(format = DateTime)]
    pub linked_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
}

impl SubjectLinkView {
    /// A link, in words: without whose record it is.
    #[must_use]
    pub fn of(link: &SubjectLink, words: &Words) -> Self {
        Self {
            login: link.login.clone(),
            proof: link.proof.clone(),
            linked_at: words.at(link.linked_at),
            ended_at: link.ended_at.map(|at| words.at(at)),
        }
    }
}

/// Asks that a party of a matter is told later.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeferralRequest {
    /// The matter.
    pub matter: String,
    /// Which of its parties.
    pub subject: String,
    /// The article that allows it.
    pub ground: String,
    /// Why telling would impede the duty.
    pub reason: String,
    /// For how many days.
    pub days: u32,
}

/// The word of an approver.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideDeferral {
    /// Whether it is approved.
    pub approve: bool,
    /// Why.
    pub answer: String,
}

/// A deferral.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeferralView {
    /// The deferral.
    pub id: String,
    /// The matter.
    pub matter: String,
    /// The article.
    pub ground: String,
    /// Why.
    pub reason: String,
    /// For how many days.
    pub days: u32,
    /// The unit that asked.
    pub unit: String,
    /// When.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// Where it stands.
    pub state: String,
    /// The same in words.
    pub state_title: String,
    /// What the approver said.
    pub answer: Option<String>,
    /// Until when the looks are not told.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

impl DeferralView {
    /// A deferral, in words.
    #[must_use]
    pub fn of(deferral: &Deferral, words: &Words) -> Self {
        Self {
            id: deferral.id.to_string(),
            matter: deferral.matter.to_string(),
            ground: deferral.ground.clone(),
            reason: deferral.reason.clone(),
            days: deferral.days,
            unit: words.unit(&deferral.unit),
            asked_at: words.at(deferral.asked_at),
            state: deferral.state.name().to_owned(),
            state_title: deferral.state.title().to_owned(),
            answer: deferral.answer.clone(),
            until: deferral.until.map(|at| words.at(at)),
        }
    }
}
