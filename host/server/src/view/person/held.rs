//! What is held about a person, as it is told to them, and to the desk that answers.

use anshu_data::Held;
use anshu_model::Result;
use anshu_model::request::PersonRequest;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::Words;
use super::super::decision::Reason;
use super::super::entity::FacetView;
use super::request::PersonRequestView;

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

/// What a guardian is not told beside that. It is the same for every guardian, whether or not there is any.
const NOT_TO_GUARDIANS: [&str; 2] = [
    "为保护未成年人，受保护的事项、监护人本人也是当事人的事项，以及不能归于可以告知的事项的查看和资料，不直接在这里告知监护人；     可以提出查阅请求，由个人信息保护负责人核对后答复（个人信息保护法 第31条，最有利于未成年人原则）",
    "未成年人自己或者其他监护人提出的请求不在此列",
];

impl OwnData {
    /// What is held, in words; for a guardian with what is not told to one.
    ///
    /// # Errors
    /// Where the record is no entity.
    pub fn of(held: &Held, guardian: bool, centre: &str, words: &Words) -> Result<Self> {
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
            left_out: LEFT_OUT
                .iter()
                .chain(NOT_TO_GUARDIANS.iter().filter(|_| guardian))
                .map(|line| (*line).to_owned())
                .collect(),
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
            request: PersonRequestView::of(request, None, words, true),
            data: OwnData::of(held, request.guardian.is_some(), centre, words)?,
            explanations: explanations.collect(),
            explained: None,
        })
    }
}
