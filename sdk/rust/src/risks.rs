//! Hazards in places, organisations, events and situations; never in a person.

use crate::bindings::anshu::governance::risks as host;
use crate::{Basis, Division, Id, Result, RiskLevel, RiskStage};

/// One rule that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code in its pack.
    pub rule: String,
    /// What is wrong, in plain words.
    pub text: String,
    /// Where the rule comes from.
    pub basis: Basis,
}

impl Finding {
    /// A finding.
    pub fn new(rule: impl Into<String>, text: impl Into<String>, basis: Basis) -> Self {
        Self { rule: rule.into(), text: text.into(), basis }
    }

    fn to_contract(&self) -> host::Finding {
        host::Finding {
            rule: self.rule.clone(),
            text: self.text.clone(),
            basis: self.basis.to_contract(),
        }
    }
}

/// A risk, as this call's scope shows it.
#[derive(Debug, Clone)]
pub struct Risk {
    /// Which.
    pub id: Id,
    /// Its risk type.
    pub risk_type: String,
    /// What the hazard is in.
    pub subject: Id,
    /// In one line.
    pub title: String,
    /// Where it stands in the closed loop.
    pub stage: RiskStage,
    /// What an official set; none until assessed.
    pub level: Option<RiskLevel>,
    /// What the pack advises.
    pub advised: RiskLevel,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Where it is.
    pub division: Division,
    /// Counts from 1.
    pub version: u64,
}

impl Risk {
    fn from_contract(risk: host::Risk) -> Self {
        let findings = risk.findings.into_iter().map(|finding| Finding {
            rule: finding.rule,
            text: finding.text,
            basis: Basis::from_contract(finding.basis),
        });
        Self {
            id: Id::from_host(risk.id),
            risk_type: risk.risk_type,
            subject: Id::from_host(risk.subject),
            title: risk.title,
            stage: risk.stage,
            level: risk.level,
            advised: risk.advised,
            findings: findings.collect(),
            division: risk.division.into(),
            version: risk.version,
        }
    }
}

/// One risk.
///
/// # Errors
/// [`crate::Error::NotFound`] where there is none, or where the actor may not learn that there is.
pub fn get(id: &Id) -> Result<Risk> {
    host::get(id.as_str()).map(Risk::from_contract)
}

/// The risks of a type that one subject has and that are not closed.
///
/// # Errors
/// [`crate::Error::Denied`].
pub fn open_of(subject: &Id, risk_type: &str) -> Result<Vec<Risk>> {
    Ok(host::of(subject.as_str(), risk_type, true)?.into_iter().map(Risk::from_contract).collect())
}

/// The risks of a type that one subject has or had.
///
/// # Errors
/// [`crate::Error::Denied`].
pub fn of(subject: &Id, risk_type: &str) -> Result<Vec<Risk>> {
    Ok(host::of(subject.as_str(), risk_type, false)?.into_iter().map(Risk::from_contract).collect())
}

/// A risk to be reported.
#[derive(Debug, Clone)]
#[must_use]
pub struct NewRisk(host::NewRisk);

impl NewRisk {
    /// A risk of a type in a place, an organisation or a thing, in one line; the function of the unit that owns it; and
    /// the level that the pack advises to the official who assesses.
    pub fn new(
        risk_type: &str,
        subject: &Id,
        title: impl Into<String>,
        function: &str,
        advised: RiskLevel,
    ) -> Self {
        Self(host::NewRisk {
            risk_type: risk_type.to_owned(),
            subject: subject.to_string(),
            title: title.into(),
            function: function.to_owned(),
            advised,
            findings: Vec::new(),
        })
    }

    /// What is wrong.
    pub fn finding(mut self, finding: &Finding) -> Self {
        self.0.findings.push(finding.to_contract());
        self
    }

    /// What is wrong, such as [`crate::Verdict::findings`].
    pub fn findings(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.0.findings.extend(findings.into_iter().map(|finding| finding.to_contract()));
        self
    }
}

/// Enters the list at stage "found" (排查).
///
/// # Errors
/// [`crate::Error::Invalid`] where the subject is a person, [`crate::Error::Denied`], [`crate::Error::NotFound`].
pub fn report(risk: &NewRisk) -> Result<Id> {
    host::report(&risk.0).map(Id::from_host)
}

/// New findings and advice on an open risk. The official's level stays until the official changes it.
///
/// # Errors
/// [`crate::Error::Conflict`] where it is closed.
pub fn revise(id: &Id, advised: RiskLevel, findings: &[Finding], note: &str) -> Result<()> {
    let findings: Vec<_> = findings.iter().map(Finding::to_contract).collect();
    host::revise(id.as_str(), advised, &findings, note)
}

/// Moves along the closed loop.
///
/// # Errors
/// [`crate::Error::Conflict`] where the loop does not allow the step.
pub fn move_to(id: &Id, stage: RiskStage, note: &str) -> Result<()> {
    host::move_(id.as_str(), stage, note)
}
