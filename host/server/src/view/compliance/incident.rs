//! Security incidents, and what must be reported of them.

use anshu_data::LawEntry;
use anshu_model::Result;
use anshu_model::compliance::{Incident, IncidentStep, Notice};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::Words;
use super::LawFrame;
use crate::config::IncidentTerm;

/// Registers an incident.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentRequest {
    /// In a line, without personal data.
    pub title: String,
    /// When it was found, as RFC 3339: what its clocks start from. By default now.
    #[schema(format = DateTime)]
    pub discovered_at: Option<String>,
    /// Kinds of data, cause, what it may do to persons.
    pub scope: String,
    /// What was done at once.
    pub remedy: String,
    /// The codes of the rules that apply.
    pub rules: Vec<String>,
}

/// An incident's next step: exactly one of the three.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentStepBody {
    /// A report, by its rule's code.
    pub report: Option<IncidentReportBody>,
    /// Whether persons were told.
    pub notice: Option<IncidentNoticeBody>,
    /// The summary that closes it.
    pub close: Option<String>,
}

/// A report that was made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentReportBody {
    /// The rule's code.
    pub code: String,
    /// The paper's number, or who took it.
    pub reference: String,
}

/// Whether persons were told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentNoticeBody {
    /// Whether.
    pub told: bool,
    /// How; or why not.
    pub how: String,
}

impl IncidentStepBody {
    /// The step.
    ///
    /// # Errors
    /// [`anshu_model::Error::Invalid`] where it says none, or several.
    pub fn step(self) -> Result<IncidentStep> {
        match (self.report, self.notice, self.close) {
            (Some(IncidentReportBody { code, reference }), None, None) => {
                Ok(IncidentStep::Report { code, reference })
            }
            (None, Some(IncidentNoticeBody { told, how }), None) => {
                Ok(IncidentStep::Notify(Notice { told, how }))
            }
            (None, None, Some(summary)) => Ok(IncidentStep::Close { summary }),
            _ => Err(anshu_model::Error::invalid(
                "请求体",
                "没有或者有多个步骤",
                "report、notice、close 中的一个",
            )),
        }
    }
}

/// An incident.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IncidentView {
    /// Its frame.
    #[serde(flatten)]
    pub frame: LawFrame,
    /// In a line.
    pub title: String,
    /// When it was found.
    #[schema(format = DateTime)]
    pub discovered_at: String,
    /// Kinds of data, cause, what it may do to persons.
    pub scope: String,
    /// What was done at once.
    pub remedy: String,
    /// What must be reported.
    pub owed: Vec<IncidentOwedView>,
    /// Whether persons were told.
    pub notice: Option<IncidentNoticeBody>,
    /// The summary that closed it.
    pub closed: Option<String>,
    /// Whether any report is late, or was.
    pub late: bool,
}

/// A report that is owed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IncidentOwedView {
    /// The rule's code.
    pub code: String,
    /// What.
    pub title: String,
    /// To whom.
    pub to: String,
    /// The article or paper.
    pub basis: String,
    /// How certain that is.
    pub certainty: String,
    /// By when.
    #[schema(format = DateTime)]
    pub due: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub reported_at: Option<String>,
    /// The paper's number, or who took it.
    pub reference: Option<String>,
    /// Whether it is late, or was.
    pub late: bool,
}

impl IncidentView {
    pub(super) fn of(entry: &LawEntry, incident: &Incident, words: &Words) -> Self {
        let owed = incident.owed.iter().map(|owed| {
            let report = incident.report(&owed.code);
            IncidentOwedView {
                code: owed.code.clone(),
                title: owed.title.clone(),
                to: owed.to.clone(),
                basis: owed.basis.clone(),
                certainty: owed.certainty.title().to_owned(),
                due: words.at(owed.due),
                reported_at: report.map(|report| words.at(report.at)),
                reference: report.map(|report| report.reference.clone()),
                late: report.map_or(words.now, |report| report.at) > owed.due,
            }
        });
        Self {
            frame: LawFrame::of(entry, words),
            title: incident.title.clone(),
            discovered_at: words.at(incident.discovered_at),
            scope: incident.scope.clone(),
            remedy: incident.remedy.clone(),
            owed: owed.collect(),
            notice: incident
                .notice
                .as_ref()
                .map(|notice| IncidentNoticeBody { told: notice.told, how: notice.how.clone() }),
            closed: incident.closed.as_ref().map(|(_, summary)| summary.clone()),
            late: incident.is_late(words.now),
        }
    }
}

/// A rule for reporting incidents.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IncidentRuleView {
    /// Its code.
    pub code: String,
    /// What is reported.
    pub title: String,
    /// To whom.
    pub to: String,
    /// When it applies.
    pub applies: String,
    /// How long, in words.
    pub term: String,
    /// The article or paper.
    pub basis: String,
    /// How certain that is.
    pub certainty: String,
}

impl From<&IncidentTerm> for IncidentRuleView {
    fn from(rule: &IncidentTerm) -> Self {
        Self {
            code: rule.code.clone(),
            title: rule.title.clone(),
            to: rule.to.clone(),
            applies: rule.applies.clone(),
            term: format!("{} {}", rule.term.amount, rule.term.unit.label()),
            basis: rule.basis.clone(),
            certainty: rule.certainty.title().to_owned(),
        }
    }
}
