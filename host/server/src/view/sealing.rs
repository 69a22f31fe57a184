//! Sealed records, as the keeper, who agrees and who supervises see them; and what a look-up on the statutory road shows.

use anshu_data::{
    SealTarget, SealedMatter, SealedMember, SealedRules, Sealing, SealingAsk, SealingKind,
    SealingPlan, Told,
};
use anshu_model::entity::EntityKind;
use anshu_model::org::Person;
use anshu_model::record::{Body, Kind};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;
use super::case::AnswerView;
use super::entity::FacetView;
use super::record::RecordRef;

/// Said with everything that the road shows.
const CONFIDENTIAL: &str =
    "查询结果依法保密，仅供提出查询的机关为所述目的使用，不得另作他用、不得扩散。";

/// Which record: exactly one way of naming it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealTargetInput {
    /// `record`, `code` or `number`.
    pub by: String,
    /// The record's id, the case's code, or the number.
    pub value: String,
    /// The scheme of a number, such as `resident-id`.
    pub scheme: Option<String>,
    /// What the number names: `person` by default.
    pub kind: Option<String>,
}

/// What the keeper asks.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealingRequest {
    /// `seal`, `unseal`, `query` or `informant`.
    pub kind: String,
    /// Which record.
    pub target: SealTargetInput,
    /// The purpose's code, of a look-up.
    pub purpose: Option<String>,
    /// Why.
    pub ground: String,
    /// On which article; of a look-up it is that of the purpose.
    #[serde(default)]
    pub article: String,
    /// The organ that asks.
    #[serde(default)]
    pub organ: String,
    /// The number of its document.
    #[serde(default)]
    pub document: String,
    /// Whether only to say what would be.
    #[serde(default)]
    pub dry_run: bool,
}

/// A page of what was asked.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SealingQuery {
    /// The last one that was seen.
    pub after: Option<String>,
    /// How many, at most 200.
    pub limit: Option<u32>,
}

/// A second person's answer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondWord {
    /// Whether they agree.
    pub agree: bool,
    /// Why; required of a refusal.
    #[serde(default)]
    pub reason: String,
}

/// Whose a number is that two records have.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleRequest {
    /// The unsealed record's; otherwise that of the one that was made meanwhile.
    pub to_unsealed: bool,
}

/// What an ask would do, or did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealingPlanView {
    /// What was asked; none for a dry run.
    pub id: Option<String>,
    /// What goes together, such as `事项 1 件`.
    pub covers: Vec<String>,
}

/// What was asked, and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealingView {
    /// It itself.
    pub id: String,
    /// `seal`, `unseal`, `query` or `informant`.
    pub kind: String,
    /// What that is called.
    pub kind_title: String,
    /// The record, where it was named by its id or resolved to one.
    pub record: Option<String>,
    /// What the purpose is called.
    pub purpose: Option<String>,
    /// Why.
    pub ground: String,
    /// On which article.
    pub article: String,
    /// The organ that asked.
    pub organ: String,
    /// The number of its document.
    pub document: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// `asked`, `agreed`, `refused`, `withdrawn` or `settled`.
    pub state: String,
    /// What that is called.
    pub state_title: String,
    /// Who answered.
    pub answered_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub answered_at: Option<String>,
    /// What they said.
    pub reason: Option<String>,
    /// Until when it may be looked at.
    #[schema(format = DateTime)]
    pub until: Option<String>,
    /// Whether it may be looked at now.
    pub open: bool,
    /// How many records it sealed or unsealed.
    pub records: u64,
    /// How many numbers another record had taken meanwhile.
    pub rivals: u64,
    /// Whether this person asked for it.
    pub own: bool,
}

/// A page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealingPage {
    /// What was asked, the latest first.
    pub items: Vec<SealingView>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// The purposes for which sealed records are looked up here.
    pub purposes: Vec<StatutoryPurposeView>,
    /// How many hours a look-up stays open. Local policy.
    pub hours: u32,
}

/// A purpose on the statutory road.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatutoryPurposeView {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The article.
    pub article: String,
}

/// What a look-up shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealedMatterView {
    /// What to heed.
    pub notice: String,
    /// The look-up.
    pub sealing: SealingView,
    /// The records.
    pub records: Vec<SealedRecordView>,
    /// What was sealed with them.
    pub with: Vec<String>,
}

/// A sealed record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealedRecordView {
    /// The record.
    #[serde(flatten)]
    pub record: RecordRef,
    /// The case's code.
    pub code: Option<String>,
    /// Where it is.
    pub division: String,
    /// The unit that leads.
    pub unit: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Its numbers: what was asked for by one is shown with it.
    pub identifiers: Vec<SealedNumber>,
    /// Its facets.
    pub facets: Vec<FacetView>,
    /// The answers of a case.
    pub answers: Vec<AnswerView>,
    /// What happened.
    pub timeline: Vec<SealedLine>,
}

/// A number of a sealed entity.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealedNumber {
    /// The scheme.
    pub scheme: String,
    /// The number.
    pub value: String,
}

/// A line in a sealed record's timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealedLine {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who.
    pub who: String,
    /// What.
    pub text: String,
}

/// Who told about a matter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InformantView {
    /// What to heed.
    pub notice: String,
    /// The look-up.
    pub sealing: SealingView,
    /// What they told of themselves.
    pub told: Vec<ToldView>,
}

/// Something that an informant told of themselves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ToldView {
    /// What the form calls it.
    pub title: String,
    /// The value.
    pub value: String,
    /// When it was told.
    #[schema(format = DateTime)]
    pub at: String,
}

impl SealingRequest {
    /// As storage is asked.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a kind or a target is none.
    pub fn ask(&self) -> Result<SealingAsk> {
        let kind = SealingKind::from_name(&self.kind).ok_or_else(|| {
            let known: Vec<_> = SealingKind::ALL.iter().map(|kind| kind.name()).collect();
            Error::invalid("/kind", "没有这种事项", known.join("、"))
        })?;
        Ok(SealingAsk {
            kind,
            target: self.target.target()?,
            purpose: self.purpose.clone().filter(|purpose| !purpose.is_empty()),
            ground: self.ground.clone(),
            article: self.article.clone(),
            organ: self.organ.clone(),
            document: self.document.clone(),
        })
    }
}

impl SealTargetInput {
    fn target(&self) -> Result<SealTarget> {
        let value = self.value.trim();
        if value.is_empty() {
            return Err(Error::invalid(
                "/target/value",
                "空",
                "记录的编号、案号，或完整的证件号码",
            ));
        }
        match self.by.as_str() {
            "record" => Ok(SealTarget::Record(Id::from_text(value))),
            "code" => Ok(SealTarget::Code(value.to_owned())),
            "number" => {
                let kinds = [
                    EntityKind::Person,
                    EntityKind::Organisation,
                    EntityKind::Place,
                    EntityKind::Thing,
                ];
                let named = self.kind.as_deref().unwrap_or(EntityKind::Person.name());
                let kind =
                    kinds.into_iter().find(|kind| kind.name() == named).ok_or_else(|| {
                        Error::invalid(
                            "/target/kind",
                            "没有这个类别",
                            kinds.map(EntityKind::name).join("、"),
                        )
                    })?;
                let scheme = self.scheme.clone().unwrap_or_else(|| "resident-id".into());
                Ok(SealTarget::Number { kind, scheme, value: value.to_owned() })
            }
            _ => Err(Error::invalid("/target/by", "没有这种指定方式", "record、code 或 number")),
        }
    }
}

impl SealingPlanView {
    /// What an ask would do.
    #[must_use]
    pub fn of(plan: &SealingPlan) -> Self {
        let kinds = [Kind::Case, Kind::Entity, Kind::Risk, Kind::Duty];
        let covers = kinds.into_iter().filter_map(|kind| {
            let count = plan.covers.iter().filter(|one| one.kind == kind).count();
            (count > 0).then(|| format!("{} {count} 件", kind.title()))
        });
        Self { id: plan.sealing.as_ref().map(Id::to_string), covers: covers.collect() }
    }
}

impl SealingView {
    /// What was asked.
    #[must_use]
    pub fn of(sealing: &Sealing, person: &Person, rules: &SealedRules, words: &Words) -> Self {
        let open = sealing.until.is_some_and(|until| words.now < until);
        let open = open && sealing.state.name() == "agreed";
        let purpose = sealing.purpose.as_deref().map(|code| {
            let known = rules.purposes.iter().find(|purpose| purpose.code == code);
            known.map_or_else(|| code.to_owned(), |purpose| purpose.title.clone())
        });
        let state_title = match (sealing.state.name(), sealing.until) {
            ("asked", _) => "待批准",
            ("agreed", Some(_)) if !open => "已过期",
            ("agreed", Some(_)) => "可查询",
            ("agreed", None) if sealing.rivals > 0 => "已办，待归一",
            ("agreed", None) => "已办",
            ("refused", _) => "不同意",
            ("withdrawn", _) => "已撤回",
            _ => "已归一",
        };
        Self {
            id: sealing.id.to_string(),
            kind: sealing.kind.name().to_owned(),
            kind_title: sealing.kind.title().to_owned(),
            record: sealing.record.as_ref().map(Id::to_string),
            purpose,
            ground: sealing.ground.clone(),
            article: sealing.article.clone(),
            organ: sealing.organ.clone(),
            document: sealing.document.clone(),
            asked_by: sealing.asker.clone(),
            asked_at: words.at(sealing.asked_at),
            state: sealing.state.name().to_owned(),
            state_title: state_title.to_owned(),
            answered_by: sealing.answerer.clone(),
            answered_at: sealing.answered_at.map(|at| words.at(at)),
            reason: sealing.reason.clone(),
            until: sealing.until.map(|until| words.at(until)),
            open,
            records: sealing.records,
            rivals: sealing.rivals,
            own: sealing.asked_by == person.id,
        }
    }
}

impl SealingPage {
    /// A page.
    #[must_use]
    pub fn of(
        found: &[Sealing],
        limit: u32,
        person: &Person,
        rules: &SealedRules,
        words: &Words,
    ) -> Self {
        let full = found.len() == usize::try_from(limit).unwrap_or(usize::MAX);
        let purposes = rules.purposes.iter().map(|purpose| StatutoryPurposeView {
            code: purpose.code.clone(),
            title: purpose.title.clone(),
            article: purpose.article.clone(),
        });
        Self {
            items: found
                .iter()
                .map(|sealing| SealingView::of(sealing, person, rules, words))
                .collect(),
            next: found.last().filter(|_| full).map(|last| last.id.to_string()),
            purposes: purposes.collect(),
            hours: rules.life_hours(),
        }
    }
}

impl SealedMatterView {
    /// What a look-up shows.
    ///
    /// # Errors
    /// Never in practice: a record is what its kind says.
    pub fn of(
        matter: &SealedMatter,
        person: &Person,
        rules: &SealedRules,
        words: &Words,
    ) -> Result<Self> {
        Ok(Self {
            notice: CONFIDENTIAL.to_owned(),
            sealing: SealingView::of(&matter.sealing, person, rules, words),
            records: matter
                .members
                .iter()
                .map(|member| SealedRecordView::of(member, words))
                .collect::<Result<_>>()?,
            with: matter
                .with
                .iter()
                .map(|one| format!("{} {}", one.kind.title(), one.id))
                .collect(),
        })
    }
}

impl SealedRecordView {
    fn of(member: &SealedMember, words: &Words) -> Result<Self> {
        let record = &member.record;
        let (mut code, mut answers, mut facets, mut identifiers) =
            (None, Vec::new(), Vec::new(), Vec::new());
        match &record.body {
            Body::Case(case) => {
                code = Some(case.code.clone());
                answers = AnswerView::all(case, words);
            }
            Body::Entity(entity) => {
                facets = FacetView::all(record, words)?;
                identifiers.extend(entity.identifiers.iter().map(|number| SealedNumber {
                    scheme: number.scheme.clone(),
                    value: number.value.clone(),
                }));
            }
            Body::Risk(_) | Body::Duty(_) => {}
        }
        let timeline = member.timeline.iter().map(|line| SealedLine {
            at: words.at(line.at),
            who: line.by.clone(),
            text: line.text.clone(),
        });
        Ok(Self {
            record: RecordRef::of(record, words),
            code,
            division: words.division(&record.head.division),
            unit: words.unit(&record.head.unit),
            created_at: words.at(record.head.created_at),
            identifiers,
            facets,
            answers,
            timeline: timeline.collect(),
        })
    }
}

impl InformantView {
    /// Who told about a matter.
    #[must_use]
    pub fn of(told: &[Told], sealing: SealingView, words: &Words) -> Self {
        let told = told.iter().map(|one| ToldView {
            title: one.title.clone(),
            value: one.value.clone(),
            at: words.at(one.at),
        });
        Self { notice: CONFIDENTIAL.to_owned(), sealing, told: told.collect() }
    }
}
