//! The section `[persons]`: what the centre decides about answering persons and about the records that the law asks for.
//!
//! Everything here is local policy, but for the floors: a length below what the law asks for is refused. Terms of incident
//! reports are data, each with its source and how certain it is.

use anshu_model::clock::{Term, Unit};
use anshu_model::compliance::Certainty;
use anshu_model::{Error, Problem, Result};
use serde::{Deserialize, Serialize};

/// The least that records of processing are kept, in years (个人信息保护法 art. 56).
const LEAST_RECORDS: u32 = 3;
/// The least that records of providing and entrusting are kept, in years (网络数据安全管理条例 art. 12).
const LEAST_SHARES: u32 = 3;
/// The least that the network's logs are kept, in months (网络安全法).
const LEAST_LOG: u32 = 6;

/// Years of age until which a guardian's account asks about a child: below them the law wants a guardian's consent
/// (个人信息保护法 art. 31). Later years, up to adulthood, are the centre's policy.
const GUARDIAN_AGE: u16 = 14;
/// Adulthood (民法典 art. 17).
const ADULT: u16 = 18;

/// `[persons]`, as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// How long an answer to a person may take. 15 working days where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Term>,
    /// For how many days telling a person may be put off, all in all. 90 where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferral_days: Option<u32>,
    /// Until the child completes how many years a guardian's account may ask about it: from 14, the law's line and what holds
    /// where it is not said, to 18. More than 14 is local policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardian_age: Option<u16>,
    /// What a pack with sensitive personal data and without an impact assessment meets when it is activated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment: Option<WithoutAssessment>,
    /// How many years records of processing are kept: three at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records_years: Option<u32>,
    /// How many years records of shares are kept: three at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares_years: Option<u32>,
    /// How many months the log is kept: six at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_months: Option<u32>,
    /// What an incident must be reported as, to whom, and by when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incident_terms: Vec<IncidentTerm>,
}

/// What happens without an impact assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutAssessment {
    /// It is activated, and what is missing is said and in the log.
    Warn,
    /// It is not activated.
    Block,
}

/// A rule for reporting incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentTerm {
    /// Its code.
    pub code: String,
    /// What is reported.
    pub title: String,
    /// To whom.
    pub to: String,
    /// When it applies, in words.
    pub applies: String,
    /// From the discovery on.
    pub term: Term,
    /// The article or paper.
    pub basis: String,
    /// How certain that is.
    pub certainty: Certainty,
}

/// What the centre decides, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persons {
    /// How long an answer may take.
    pub answer: Term,
    /// For how many days telling may be put off.
    pub deferral_days: u32,
    /// Until the child completes how many years a guardian's account may ask about it.
    pub guardian_age: u16,
    /// What happens without an impact assessment.
    pub assessment: WithoutAssessment,
    /// How long records of processing, shares and the log are kept: years, years, months.
    pub keeps: (u32, u32, u32),
    /// Rules for reporting incidents.
    pub incident_terms: Vec<IncidentTerm>,
}

impl Default for Persons {
    fn default() -> Self {
        Self {
            answer: Term::new(15, Unit::WorkingDay),
            deferral_days: 90,
            guardian_age: GUARDIAN_AGE,
            assessment: WithoutAssessment::Warn,
            keeps: (LEAST_RECORDS, LEAST_SHARES, LEAST_LOG),
            incident_terms: Vec::new(),
        }
    }
}

impl Persons {
    /// On what the age of [`Persons::guardian_age`] rests.
    #[must_use]
    pub fn guardian_basis(&self) -> &'static str {
        if self.guardian_age == GUARDIAN_AGE {
            "个人信息保护法 第31条"
        } else {
            "本地政策"
        }
    }
}

impl Section {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Checks it, and fills in what is not said.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every value that makes no sense or lies below what the law asks for.
    pub fn resolve(self) -> Result<Persons> {
        let usual = Persons::default();
        let persons = Persons {
            answer: self.answer.unwrap_or(usual.answer),
            deferral_days: self.deferral_days.unwrap_or(usual.deferral_days),
            guardian_age: self.guardian_age.unwrap_or(usual.guardian_age),
            assessment: self.assessment.unwrap_or(usual.assessment),
            keeps: (
                self.records_years.unwrap_or(LEAST_RECORDS),
                self.shares_years.unwrap_or(LEAST_SHARES),
                self.log_months.unwrap_or(LEAST_LOG),
            ),
            incident_terms: self.incident_terms,
        };
        let mut problems = Vec::new();
        let mut floor = |at: &str, found: u32, least: u32, unit: &str, law: &str| {
            if found < least {
                problems.push(Problem::new(
                    format!("persons.{at}"),
                    found.to_string(),
                    format!("不少于 {least} {unit}（{law}）"),
                ));
            }
        };
        let (records, shares, log) = persons.keeps;
        floor("records_years", records, LEAST_RECORDS, "年", "个人信息保护法 第56条");
        floor("shares_years", shares, LEAST_SHARES, "年", "网络数据安全管理条例 第12条");
        floor("log_months", log, LEAST_LOG, "个月", "网络安全法");
        floor("deferral_days", persons.deferral_days, 1, "天", "本地政策");
        if !(GUARDIAN_AGE..=ADULT).contains(&persons.guardian_age) {
            problems.push(Problem::new(
                "persons.guardian_age",
                persons.guardian_age.to_string(),
                format!("{GUARDIAN_AGE}（个人信息保护法 第31条）至 {ADULT}（成年）"),
            ));
        }
        let terms = persons
            .incident_terms
            .iter()
            .map(|one| (format!("persons.incident_terms.{}", one.code), one.term));
        for (at, term) in terms.chain([("persons.answer".to_owned(), persons.answer)]) {
            if term.amount == 0 || term.amount > term.unit.most() {
                problems.push(Problem::new(
                    at,
                    term.amount.to_string(),
                    format!("1 至 {}", term.unit.most()),
                ));
            }
        }
        for (at, one) in persons.incident_terms.iter().enumerate() {
            if persons.incident_terms.iter().take(at).any(|other| other.code == one.code) {
                problems.push(Problem::new(
                    "persons.incident_terms",
                    format!("代码 {} 重复", one.code),
                    "每条规则有自己的代码",
                ));
            }
        }
        if problems.is_empty() { Ok(persons) } else { Err(Error::Invalid(problems)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_the_law_is_refused_at_once_and_all_together() {
        let section = Section {
            records_years: Some(2),
            shares_years: Some(1),
            log_months: Some(5),
            guardian_age: Some(13),
            ..Section::default()
        };
        let error = section.resolve().unwrap_err().to_string();
        for at in ["records_years", "shares_years", "log_months", "guardian_age"] {
            assert!(error.contains(at), "{error}");
        }
        assert_eq!(Section::default().resolve().unwrap(), Persons::default());
    }
}
