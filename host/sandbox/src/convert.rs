//! Between the contract's words and the model's. Only shapes change here; rules are where effects are made.

use anshu_model::basis::{Authority, Basis};
use anshu_model::case::CaseStage;
use anshu_model::clock::{Limit, Unit};
use anshu_model::decision::{Input, Outcome, Reason};
use anshu_model::entity::EntityKind;
use anshu_model::record::Record;
use anshu_model::risk::{Finding, RiskLevel, RiskStage};
use anshu_model::{Error, Id, Result};

use crate::contract::{calendar, cases, duties, entities, plugin, risks, types};

/// Pairs each word of the contract with the model's.
macro_rules! words {
    ($($to:ident, $from:ident: $wit:ty = $model:ty { $($word:ident = $own:ident),* $(,)? })*) => {$(
        pub(crate) fn $to(word: $wit) -> $model {
            match word { $(<$wit>::$word => <$model>::$own),* }
        }
        pub(crate) fn $from(word: $model) -> $wit {
            match word { $(<$model>::$own => <$wit>::$word),* }
        }
    )*};
}

words! {
    kind, kind_out: types::EntityKind = EntityKind {
        Person = Person, Organisation = Organisation, Place = Place, Thing = Thing,
    }
    level, level_out: types::RiskLevel = RiskLevel {
        General = General, Larger = Larger, Major = Major, Extraordinary = Extraordinary,
    }
    authority, authority_out: types::Authority = Authority { Statute = Statute, Policy = Policy }
    case_stage, case_stage_out: cases::Stage = CaseStage {
        Registered = Registered, Triaged = Triaged, Accepted = Accepted, Handling = Handling, Replied = Replied,
        Reviewed = Reviewed, Rated = Rated, Archived = Archived,
    }
    risk_stage, risk_stage_out: risks::Stage = RiskStage {
        Monitored = Monitored, Found = Found, Listed = Listed, Assessed = Assessed, Warned = Warned,
        Assigned = Assigned, Disposing = Disposing, FedBack = FedBack, Verified = Verified, Closed = Closed,
    }
}

fn unit(unit: calendar::Unit) -> Unit {
    match unit {
        calendar::Unit::Immediate => Unit::Immediate,
        calendar::Unit::Hour => Unit::Hour,
        calendar::Unit::CalendarDay => Unit::CalendarDay,
        calendar::Unit::WorkingDay => Unit::WorkingDay,
        calendar::Unit::Month => Unit::Month,
        calendar::Unit::Year => Unit::Year,
    }
}

pub(crate) fn basis(basis: types::Basis) -> Basis {
    Basis { article: basis.article, authority: authority(basis.authority) }
}

fn basis_out(basis: &Basis) -> types::Basis {
    types::Basis { article: basis.article.clone(), authority: authority_out(basis.authority) }
}

pub(crate) fn limit(limit: calendar::Limit) -> Limit {
    Limit::new(limit.name, limit.amount, unit(limit.unit), basis(limit.basis))
}

pub(crate) fn finding(finding: risks::Finding) -> Finding {
    Finding { rule: finding.rule, text: finding.text, basis: basis(finding.basis) }
}

fn text_of(id: &Id) -> String {
    id.as_str().to_owned()
}

/// An entity for the guest.
pub(crate) fn entity_out(record: &Record) -> Result<entities::Entity> {
    let entity = record.entity()?;
    let facets = entity
        .facets
        .iter()
        .map(|(name, facet)| {
            Ok(entities::Facet { name: name.clone(), data: json_out(&facet.data)? })
        })
        .collect::<Result<_>>()?;
    Ok(entities::Entity {
        id: text_of(&record.head.id),
        kind: kind_out(entity.kind),
        name: entity.name.clone(),
        division: record.head.division.as_str().to_owned(),
        version: record.head.version,
        identifiers: entity
            .identifiers
            .iter()
            .map(|number| entities::Identifier {
                scheme: number.scheme.clone(),
                value: number.value.clone(),
            })
            .collect(),
        facets,
    })
}

/// A case for the guest.
pub(crate) fn case_out(record: &Record) -> Result<cases::Case> {
    let case = record.case()?;
    let answers = case
        .answers
        .iter()
        .map(|answer| {
            Ok(cases::FormAnswer { form: answer.form.clone(), data: json_out(&answer.data)? })
        })
        .collect::<Result<_>>()?;
    Ok(cases::Case {
        id: text_of(&record.head.id),
        code: case.code.clone(),
        matter: record.head.type_name.clone(),
        title: case.title.clone(),
        stage: case_stage_out(case.stage),
        substage: case.substage.clone(),
        division: record.head.division.as_str().to_owned(),
        opened_at: record.head.created_at.milliseconds(),
        occurred_at: case.occurred_at.milliseconds(),
        version: record.head.version,
        parties: case
            .parties
            .iter()
            .map(|party| cases::Party { entity: text_of(&party.entity), role: party.role.clone() })
            .collect(),
        answers,
    })
}

/// A risk for the guest.
pub(crate) fn risk_out(record: &Record) -> Result<risks::Risk> {
    let risk = record.risk()?;
    Ok(risks::Risk {
        id: text_of(&record.head.id),
        risk_type: record.head.type_name.clone(),
        subject: text_of(&risk.subject),
        title: risk.title.clone(),
        stage: risk_stage_out(risk.stage),
        level: risk.level().map(level_out),
        advised: level_out(risk.advised),
        findings: risk
            .findings
            .iter()
            .map(|finding| risks::Finding {
                rule: finding.rule.clone(),
                text: finding.text.clone(),
                basis: basis_out(&finding.basis),
            })
            .collect(),
        division: record.head.division.as_str().to_owned(),
        version: record.head.version,
    })
}

/// A duty for the guest.
pub(crate) fn duty_out(record: &Record, due: Option<i64>) -> Result<duties::Duty> {
    let duty = record.duty()?;
    Ok(duties::Duty {
        id: text_of(&record.head.id),
        title: duty.title.clone(),
        about: text_of(&duty.about),
        done: duty.completion.is_some(),
        due,
        version: record.head.version,
    })
}

/// What a person's action or an event is to the guest. A timer goes another way.
pub(crate) enum Entry {
    Decide(plugin::Input),
    Due(plugin::Timer),
}

/// An input for the guest.
pub(crate) fn entry(input: &Input) -> Result<Entry> {
    Ok(match input {
        Input::Action { name, subject, answers, occurred_at } => {
            Entry::Decide(plugin::Input::Action(plugin::Action {
                name: name.clone(),
                subject: subject.as_ref().map(text_of),
                answers: json_out(answers)?,
                occurred_at: occurred_at.milliseconds(),
            }))
        }
        Input::Event { id, topic, about, payload, published_at, via: _ } => {
            Entry::Decide(plugin::Input::Event(plugin::Event {
                id: text_of(id),
                topic: topic.clone(),
                about: about.as_ref().map(text_of),
                payload: json_out(payload)?,
                published_at: published_at.milliseconds(),
            }))
        }
        Input::Timer { key, payload, due } => Entry::Due(plugin::Timer {
            key: key.clone(),
            payload: json_out(payload)?,
            due: due.milliseconds(),
        }),
    })
}

pub(crate) fn outcome(outcome: plugin::Outcome) -> Outcome {
    Outcome {
        summary: outcome.summary,
        subject: outcome.subject.map(Id::from_text),
        reasons: reasons(outcome.reasons),
        burden: outcome.burden,
    }
}

pub(crate) fn outcome_out(outcome: &Outcome) -> plugin::Outcome {
    plugin::Outcome {
        summary: outcome.summary.clone(),
        subject: outcome.subject.as_ref().map(text_of),
        reasons: outcome
            .reasons
            .iter()
            .map(|reason| plugin::Reason {
                text: reason.text.clone(),
                basis: basis_out(&reason.basis),
            })
            .collect(),
        burden: outcome.burden,
    }
}

pub(crate) fn reasons(reasons: Vec<plugin::Reason>) -> Vec<Reason> {
    reasons
        .into_iter()
        .map(|reason| Reason { text: reason.text, basis: basis(reason.basis), beside: None })
        .collect()
}

/// A JSON value as text.
pub(crate) fn json_out(value: &serde_json::Value) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(format!("json: {error}")))
}
