//! Actions and decisions.

use anshu_model::decision::{Decision, Input, Outcome, Read};
use anshu_model::effect::{Change, Effect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Basis, Object, Words};

/// A declared action, to be done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionRequest {
    /// What it is done on.
    #[serde(default)]
    pub subject: Option<String>,
    /// The answers to the action's form.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub answers: Object,
    /// When the fact happened; now, where it is not said.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub occurred_at: Option<String>,
    /// Why.
    pub purpose: ActionPurposeGiven,
    /// Which answers were taken from what the centre held, as the prefill gave them. What was corrected stays named.
    #[serde(default)]
    pub sources: Vec<super::prefill::SourceReference>,
}

/// Why data is touched.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionPurposeGiven {
    /// The purpose's code.
    pub code: String,
    /// The case that it serves.
    #[serde(default)]
    pub case: Option<String>,
}

/// What came of an action.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActionResult {
    /// The decision.
    pub decision: String,
    /// In one line.
    pub summary: String,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What to look at next.
    pub subject: Option<SubjectRef>,
}

/// A reason.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reason {
    /// In plain words.
    pub text: String,
    /// Where it comes from.
    pub basis: Basis,
}

impl Reason {
    /// Reasons of an outcome or an explanation.
    #[must_use]
    pub fn all(reasons: &[anshu_model::decision::Reason]) -> Vec<Self> {
        reasons
            .iter()
            .map(|reason| Self { text: reason.text.clone(), basis: (&reason.basis).into() })
            .collect()
    }
}

/// A record to look at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubjectRef {
    /// Which primitive.
    pub kind: String,
    /// The record.
    pub id: String,
}

/// A decision record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionDetail {
    /// The decision.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The pack.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component.
    pub digest: String,
    /// Who stood behind it.
    pub actor: String,
    /// What came in.
    pub input: serde_json::Value,
    /// What was answered.
    pub outcome: OutcomeView,
    /// In plain words.
    pub explanation: ExplanationView,
    /// What was read.
    pub reads: Vec<ReadView>,
    /// What was done.
    pub effects: Vec<EffectView>,
    /// What it cost.
    pub cost: CostView,
}

/// What a pack answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutcomeView {
    /// In one line.
    pub summary: String,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl From<&Outcome> for OutcomeView {
    fn from(outcome: &Outcome) -> Self {
        Self { summary: outcome.summary.clone(), reasons: Reason::all(&outcome.reasons) }
    }
}

/// A decision in plain words.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplanationView {
    /// The words.
    pub text: String,
    /// The articles.
    pub reasons: Vec<Reason>,
    /// What the person concerned can do against it.
    pub remedy: String,
}

/// A record that was read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReadView {
    /// Which primitive.
    pub kind: String,
    /// The record.
    pub id: String,
    /// At which version.
    pub version: u64,
}

/// Something that was done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EffectView {
    /// In a line.
    pub text: String,
}

/// What a call cost.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CostView {
    /// Microseconds.
    pub micros: u64,
    /// Calls into the host.
    pub host_calls: u64,
    /// Bytes of memory.
    pub memory: u64,
    /// Runs, more than one after a conflict.
    pub attempts: u32,
}

/// What came of a replay.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReplayResult {
    /// Whether the same effects came out.
    pub equal: bool,
    /// In words.
    pub detail: String,
}

impl DecisionDetail {
    /// A decision with its explanation.
    #[must_use]
    pub fn of(decision: &Decision, explanation: ExplanationView, words: &Words) -> Self {
        let pack = decision.context.pack.as_ref();
        Self {
            id: decision.context.id.to_string(),
            at: words.at(decision.context.now),
            pack: pack.map(|pack| words.pack_title(pack).0).unwrap_or_default(),
            version: pack.map(|pack| pack.version.clone()).unwrap_or_default(),
            digest: pack.map(|pack| pack.digest.clone()).unwrap_or_default(),
            actor: decision.context.principal.title().to_owned(),
            input: input(&decision.input, words),
            outcome: (&decision.outcome).into(),
            explanation,
            reads: reads(&decision.reads),
            effects: decision
                .effects
                .iter()
                .map(|effect| EffectView { text: describe(effect, words) })
                .collect(),
            cost: CostView {
                micros: decision.cost.micros,
                host_calls: decision.cost.host_calls,
                memory: decision.cost.memory,
                attempts: decision.cost.attempts,
            },
        }
    }
}

/// What came in, without the answers' values: they stand, through the scope, in the records that they became.
fn input(input: &Input, words: &Words) -> serde_json::Value {
    match input {
        Input::Action { name, subject, answers, occurred_at } => serde_json::json!({
            "action": name,
            "subject": subject,
            "occurred_at": words.at(*occurred_at),
            "fields": answers.as_object().map(|answers| answers.keys().cloned().collect::<Vec<_>>()).unwrap_or_default(),
        }),
        Input::Event { id, topic, about, published_at, .. } => serde_json::json!({
            "event": topic, "id": id, "about": about, "published_at": words.at(*published_at),
        }),
        Input::Timer { key, due, .. } => serde_json::json!({ "timer": key, "due": words.at(*due) }),
    }
}

fn reads(reads: &[Read]) -> Vec<ReadView> {
    let found = reads.iter().flat_map(|read| match read {
        Read::Get { found, .. } | Read::Lookup { found, .. } => found.iter().collect::<Vec<_>>(),
        Read::Find { found, .. } => found.iter().collect(),
        Read::Count { .. } | Read::Unit { .. } => Vec::new(),
    });
    found
        .map(|reference| ReadView {
            kind: reference.kind.name().to_owned(),
            id: reference.id.to_string(),
            version: reference.version,
        })
        .collect()
}

/// An effect in a line, without personal data.
fn describe(effect: &Effect, words: &Words) -> String {
    match effect {
        Effect::Create { record } => {
            let head = &record.head;
            let what = match head.kind {
                anshu_model::record::Kind::Case => words.matter_title(&head.type_name),
                anshu_model::record::Kind::Risk => words.risk_title(&head.type_name),
                anshu_model::record::Kind::Entity | anshu_model::record::Kind::Duty => {
                    String::new()
                }
            };
            format!("新建{}{}，由{}负责", head.kind.title(), quoted(&what), words.unit(&head.unit))
        }
        Effect::Change { kind, change, .. } => format!("{}：{}", kind.title(), step(change, words)),
        Effect::Line { .. } => "在时间线中记录一行".into(),
        Effect::Publish { topic, .. } => format!("发布事件 {topic}"),
        Effect::Wake { at, key, .. } => format!("设定 {} 的提醒 {key}", words.at(*at)),
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("“{text}”") }
}

fn step(change: &Change, words: &Words) -> String {
    match change {
        Change::SetFacet { name, .. } => {
            format!("更新属性组“{}”", words.facet_title(name))
        }
        Change::MoveCase { stage, .. } => format!("进入“{}”环节", stage.title()),
        Change::Answer { answer } => format!("收到表单“{}”", words.form_title(&answer.form)),
        Change::AddParty { party } => format!("增加当事人（{}）", party.role),
        Change::MoveRisk { stage } => format!("进入“{}”环节", stage.title()),
        Change::Assess { assessment } => format!("评定为“{}”", assessment.level.title()),
        Change::ReviseRisk { advised, findings } => {
            format!("更新排查结果：{} 项，建议等级“{}”", findings.len(), advised.title())
        }
        Change::Complete { .. } => "职责完成".into(),
        Change::Clock { clock } => format!("时限“{}”", clock.limit().name),
        Change::Rebind { note, .. } | Change::Unbind { note, .. } => note.clone(),
    }
}
