//! What the API shows, as plain data: every answer's shape, and how it is made from the model.
//!
//! The OpenAPI document, and through it the console's client, comes from these types. No rule is decided here.

pub mod account;
pub mod audit;
pub mod case;
pub mod catalogue;
pub mod compliance;
pub mod decision;
pub mod division;
pub mod duty;
pub mod emergency;
pub mod entity;
pub mod export;
pub mod figure;
pub mod inspection;
pub mod interface;
pub mod opening;
pub mod pack;
pub mod person;
pub mod policy;
pub mod prefill;
pub mod provenance;
pub mod record;
pub mod risk;
pub mod sealing;
pub mod security;
pub mod session;
pub mod share;
pub mod table;
pub mod trial;
pub mod upgrade;
pub mod vault;
mod words;

use anshu_model::basis;
use anshu_model::clock::{Clock, LightState, Thresholds};
use anshu_model::record::Record;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use words::Words;

/// A JSON object.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// An object out of JSON; anything else is empty.
#[must_use]
pub fn object(value: serde_json::Value) -> Object {
    match value {
        serde_json::Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// Where a rule comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Basis {
    /// The article.
    pub article: String,
    /// Statute or local policy.
    pub authority: Authority,
}

/// Whether a rule comes from a statute or is set locally.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// 法定.
    Statute,
    /// 政策.
    Policy,
}

impl From<&basis::Basis> for Basis {
    fn from(basis: &basis::Basis) -> Self {
        let authority = match basis.authority {
            basis::Authority::Statute => Authority::Statute,
            basis::Authority::Policy => Authority::Policy,
        };
        Self { article: basis.article.clone(), authority }
    }
}

/// What a light says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LightName {
    /// In time.
    Normal,
    /// The end is near.
    Soon,
    /// Too late.
    Overdue,
    /// To be done at once.
    Immediate,
    /// No clock.
    None,
    /// Paused.
    Paused,
    /// Stopped.
    Stopped,
}

impl From<LightState> for LightName {
    fn from(state: LightState) -> Self {
        match state {
            LightState::None => Self::None,
            LightState::Stopped => Self::Stopped,
            LightState::Normal => Self::Normal,
            LightState::Paused => Self::Paused,
            LightState::Soon => Self::Soon,
            LightState::Immediate => Self::Immediate,
            LightState::Overdue => Self::Overdue,
        }
    }
}

/// A clock at a glance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Light {
    /// What it says.
    pub state: LightName,
    /// In words.
    pub text: String,
    /// The last instant within the limit.
    #[schema(format = DateTime)]
    pub due: Option<String>,
}

impl Light {
    fn of(clock: &Clock, words: &Words) -> (LightState, Self) {
        let light = clock.light(&words.calendar, words.now, Thresholds::default());
        let mut text = match light.state {
            LightState::None | LightState::Paused => light.state.label().to_owned(),
            LightState::Stopped if light.breached => "已停止，曾逾期".to_owned(),
            LightState::Stopped => light.state.label().to_owned(),
            LightState::Immediate if light.elapsed < 60_000 => {
                "立即办理，已过不到 1 分钟".to_owned()
            }
            LightState::Immediate => format!("立即办理，已过 {}", span(light.elapsed)),
            LightState::Overdue => {
                format!("已逾期 {}", span(light.remaining.unwrap_or(0).saturating_neg()))
            }
            LightState::Normal | LightState::Soon => {
                format!("剩 {}", span(light.remaining.unwrap_or(0)))
            }
        };
        if light.estimated {
            text.push_str("（估算）");
        }
        (
            light.state,
            Self { state: light.state.into(), text, due: light.due.map(|at| words.at(at)) },
        )
    }

    /// The light of a record: its most pressing clock's.
    #[must_use]
    pub fn of_record(record: &Record, words: &Words) -> Self {
        record
            .clocks()
            .iter()
            .map(|clock| Self::of(clock, words))
            .max_by_key(|(state, light)| (*state, std::cmp::Reverse(light.due.clone())))
            .map_or_else(
                || Self { state: LightName::None, text: String::new(), due: None },
                |(_, light)| light,
            )
    }
}

/// A span in the largest two units that matter.
fn span(milliseconds: i64) -> String {
    let minutes = milliseconds.max(0) / 60_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => "不到 1 分钟".into(),
        (0, 0, minutes) => format!("{minutes} 分钟"),
        (0, hours, 0) => format!("{hours} 小时"),
        (0, hours, minutes) => format!("{hours} 小时 {minutes} 分钟"),
        (days, 0, _) => format!("{days} 天"),
        (days, hours, _) => format!("{days} 天 {hours} 小时"),
    }
}

/// A clock with its arithmetic.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClockView {
    /// The clock.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// At a glance.
    pub light: Light,
    /// When it started.
    #[schema(format = DateTime)]
    pub start: String,
    /// How many units; none where it is to be done at once.
    pub amount: Option<u32>,
    /// The unit's code.
    pub unit: String,
    /// The unit's name.
    pub unit_title: String,
    /// The last instant within the limit.
    #[schema(format = DateTime)]
    pub due: Option<String>,
    /// Under which article.
    pub basis: Basis,
    /// The count, line by line.
    pub arithmetic: Vec<String>,
    /// Times that are not counted.
    pub pauses: Vec<PauseView>,
}

/// A time that is not counted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PauseView {
    /// Since when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when; none while it lasts.
    #[schema(format = DateTime)]
    pub until: Option<String>,
    /// Who.
    pub who: String,
    /// Why.
    pub reason: String,
}

impl ClockView {
    /// A clock, as it stands now.
    #[must_use]
    pub fn of(clock: &Clock, words: &Words) -> Self {
        let (_, light) = Light::of(clock, words);
        let limit = clock.limit();
        let immediate = limit.unit == anshu_model::clock::Unit::Immediate;
        Self {
            id: clock.id.to_string(),
            name: limit.name.clone(),
            due: light.due.clone(),
            light,
            start: words.at(clock.started()),
            amount: (!immediate).then_some(limit.amount),
            unit: serde_json::to_value(limit.unit)
                .ok()
                .and_then(|unit| unit.as_str().map(str::to_owned))
                .unwrap_or_default(),
            unit_title: limit.unit.label().to_owned(),
            basis: (&limit.basis).into(),
            arithmetic: clock.arithmetic(&words.calendar, words.now),
            pauses: clock
                .pauses()
                .iter()
                .map(|pause| PauseView {
                    from: words.at(pause.act.at),
                    until: pause.until.map(|at| words.at(at)),
                    who: pause.act.by.clone(),
                    reason: pause.act.reason.clone(),
                })
                .collect(),
        }
    }
}

/// One line of a record's timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who.
    pub who: String,
    /// What.
    pub text: String,
    /// Which sort of step it was.
    pub kind: String,
    /// The decision behind it.
    pub decision: Option<String>,
}

/// A declared action that could be done here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActionOffer {
    /// The pack.
    pub pack: String,
    /// The action.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Whether this person's unit does it.
    pub allowed: bool,
    /// Why not.
    pub why_not: Option<String>,
}

/// A stage to which the record could go.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StageMove {
    /// The stage.
    pub stage: String,
    /// What it is called.
    pub title: String,
    /// Whether the record may go there now.
    pub allowed: bool,
    /// Why not.
    pub why_not: Option<String>,
}

/// A decision, in a line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionRef {
    /// The decision.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// What was answered.
    pub summary: String,
}

/// A line of text.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The text.
    pub text: String,
}

/// Where a page begins and how long it is.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// The last item of the page before.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
}

/// How long a page may be.
pub const MAX_PAGE: u32 = 200;

/// The length of a page that was asked for.
#[must_use]
pub fn page_length(limit: Option<u32>) -> u32 {
    limit.unwrap_or(50).clamp(1, MAX_PAGE)
}

/// Figures of the desk.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FiguresView {
    /// Cases with work left.
    pub open_cases: u64,
    /// Cases and duties past their limit.
    pub overdue: u64,
    /// Those that end today.
    pub due_today: u64,
    /// Risks that nobody assessed yet.
    pub new_risks: u64,
    /// Duties that are not done; 200 stands for as many or more.
    pub open_duties: u64,
}
