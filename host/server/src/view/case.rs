//! Cases.

use anshu_model::Result;
use anshu_model::case::{Case, CaseStage};
use anshu_model::record::Record;
use anshu_model::schema::HIDDEN;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::duty::DutyView;
use super::opening::AccessView;
use super::person::CaseDeferrals;
use super::{
    ActionOffer, ClockView, DecisionRef, Light, LightName, Object, StageMove, TimelineEntry, Words,
    object,
};

/// Which cases.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    /// Only at this stage.
    pub stage: Option<String>,
    /// Only of this matter type.
    pub matter: Option<String>,
    /// Only with this light.
    #[param(inline = false)]
    pub light: Option<LightName>,
    /// Only whose title begins so, or with this code.
    pub q: Option<String>,
    /// The last case of the page before.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
}

/// A case in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseItem {
    /// The case.
    pub id: String,
    /// 一案一码.
    pub code: String,
    /// In one line.
    pub title: String,
    /// The matter type.
    pub matter: String,
    /// What it is called.
    pub matter_title: String,
    /// The stage.
    pub stage: String,
    /// The pack's refinement of it.
    pub substage: Option<String>,
    /// Where.
    pub division: String,
    /// What the place is called.
    pub division_name: String,
    /// The unit that leads.
    pub unit_name: String,
    /// When it was opened.
    #[schema(format = DateTime)]
    pub opened_at: String,
    /// The most pressing clock.
    pub light: Light,
}

/// A page of cases.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CasePage {
    /// The cases.
    pub items: Vec<CaseItem>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl CaseItem {
    /// A case, as a list shows it.
    ///
    /// # Errors
    /// Where the record is no case.
    pub fn of(record: &Record, words: &Words) -> Result<Self> {
        let case = record.case()?;
        let head = &record.head;
        Ok(Self {
            id: head.id.to_string(),
            code: case.code.clone(),
            title: title_of(&head.type_name, case, words),
            matter: head.type_name.clone(),
            matter_title: words.matter_title(&head.type_name),
            stage: case.stage.name().to_owned(),
            substage: substage(&head.type_name, case, words),
            division: head.division.to_string(),
            division_name: words.division(&head.division),
            unit_name: words.unit(&head.unit),
            opened_at: words.at(head.created_at),
            light: Light::of_record(record, words),
        })
    }
}

/// What a case is called where this person may read it. Where not, its type still tells one from another.
pub(super) fn title_of(matter: &str, case: &Case, words: &Words) -> String {
    if case.title == HIDDEN {
        return format!("{}（标题受保护）", words.matter_title(matter));
    }
    case.title.clone()
}

fn substage(matter: &str, case: &Case, words: &Words) -> Option<String> {
    let code = case.substage.as_ref()?;
    let declared = words.matter(matter).and_then(|(_, matter)| matter.substages.get(&case.stage));
    let title =
        declared.and_then(|substages| substages.iter().find(|substage| substage.name == *code));
    Some(title.map_or_else(|| code.clone(), |substage| substage.title.clone()))
}

/// A case with everything around it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseDetail {
    /// As in a list.
    #[serde(flatten)]
    pub item: CaseItem,
    /// The version that a change must name.
    pub version: u64,
    /// When the fact happened.
    #[schema(format = DateTime)]
    pub occurred_at: String,
    /// Who and what it is about.
    pub parties: Vec<PartyView>,
    /// What was filled in.
    pub answers: Vec<AnswerView>,
    /// What happened.
    pub timeline: Vec<TimelineEntry>,
    /// Its clocks.
    pub clocks: Vec<ClockView>,
    /// Who must do what.
    pub duties: Vec<DutyView>,
    /// What could be done with packs.
    pub actions: Vec<ActionOffer>,
    /// Where it could go.
    pub stage_moves: Vec<StageMove>,
    /// What packs decided.
    pub decisions: Vec<DecisionRef>,
    /// The pack whose rules it stays with.
    pub pack: CasePack,
    /// How it is protected from this person; none where it is not.
    pub access: Option<AccessView>,
    /// Whose telling is put off, for those who may know.
    pub deferrals: CaseDeferrals,
}

/// A party.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartyView {
    /// The entity.
    pub entity: String,
    /// Its part.
    pub role: String,
    /// What it is called, as far as it may be shown.
    pub name: String,
    /// What it is.
    pub kind: String,
}

/// Answers to a form, with the schema that they were given under.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnswerView {
    /// The form.
    pub form: String,
    /// What it is called.
    pub title: String,
    /// The answers.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub data: Object,
    /// The schema.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub schema: Object,
}

impl AnswerView {
    /// The answers of a case.
    #[must_use]
    pub fn all(case: &Case, words: &Words) -> Vec<Self> {
        case.answers
            .iter()
            .map(|answer| Self {
                form: answer.form.clone(),
                title: words.form_title(&answer.form),
                data: object(answer.data.clone()),
                schema: object(words.schema(&answer.schema)),
            })
            .collect()
    }
}

/// The pack of a case.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CasePack {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// Whether it answers now. The case stays visible, owned and timed without it.
    pub available: bool,
}

/// The stages to which a case could go.
#[must_use]
pub fn stage_moves(case: &Case) -> Vec<StageMove> {
    let unanswered = case.replied_at.is_none();
    case.stage
        .next()
        .iter()
        .map(|stage| {
            let why_not = (*stage == CaseStage::Archived && unanswered)
                .then(|| "尚未答复当事人，不能归档；请先答复".to_owned());
            StageMove {
                stage: stage.name().to_owned(),
                title: stage.title().to_owned(),
                allowed: why_not.is_none(),
                why_not,
            }
        })
        .collect()
}

/// A step along the spine.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseMove {
    /// Where to.
    pub stage: String,
    /// The pack's refinement.
    #[serde(default)]
    pub substage: Option<String>,
    /// Why, for the timeline.
    pub note: String,
    /// The version that the person saw.
    pub version: u64,
}
