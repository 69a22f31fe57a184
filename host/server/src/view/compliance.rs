//! The records that the law asks for, and the report of a year, as officers and auditors read and print them.

use anshu_data::LawEntry;
use anshu_model::Result;
use anshu_model::compliance::{
    Assessment, Audit, Incident, IncidentStep, LawRecord, Notice, Processing,
};
use anshu_model::instant::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Words;
use super::inspection::PersonalField;
use crate::config::{IncidentTerm, Persons};

/// Everything that is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComplianceView {
    /// Impact assessments, newest first.
    pub assessments: Vec<AssessmentView>,
    /// What packs declare that they process.
    pub declared: Vec<DeclaredProcessingView>,
    /// Other processing, newest first.
    pub processing: Vec<ProcessingView>,
    /// Incidents, newest first.
    pub incidents: Vec<IncidentView>,
    /// Yearly audits, newest first.
    pub audits: Vec<YearAuditView>,
    /// Rules for reporting incidents.
    pub rules: Vec<IncidentRuleView>,
    /// How long records are kept, in words.
    pub kept: Vec<String>,
}

/// A record's frame.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LawFrame {
    /// The record.
    pub id: String,
    /// When it was first written.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub changed_at: String,
}

impl LawFrame {
    fn of(entry: &LawEntry, words: &Words) -> Self {
        Self {
            id: entry.id.to_string(),
            made_at: words.at(entry.first_at),
            changed_at: words.at(entry.at),
        }
    }
}

/// An impact assessment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentView {
    /// Its frame.
    #[serde(flatten)]
    pub frame: LawFrame,
    /// What it says.
    #[serde(flatten)]
    pub body: AssessmentBody,
}

/// What an impact assessment says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentBody {
    /// What was assessed.
    pub title: String,
    /// The pack version, by SHA-256 of its component.
    pub digest: Option<String>,
    /// Whether purpose and means are lawful, legitimate and necessary.
    pub necessity: String,
    /// The effect on persons and the risk.
    pub impact: String,
    /// The measures.
    pub measures: String,
    /// Whether the processing may begin.
    pub acceptable: bool,
    /// Who answers for it.
    pub assessor: String,
}

impl From<AssessmentBody> for LawRecord {
    fn from(body: AssessmentBody) -> Self {
        let AssessmentBody { title, digest, necessity, impact, measures, acceptable, assessor } =
            body;
        let digest = digest.filter(|digest| !digest.trim().is_empty());
        Self::Assessment(Assessment {
            title,
            digest,
            necessity,
            impact,
            measures,
            acceptable,
            assessor,
        })
    }
}

/// What one pack declares that it processes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeclaredProcessingView {
    /// The pack.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// Who answers for it.
    pub publisher: String,
    /// SHA-256 of its component.
    pub digest: String,
    /// The personal data that it collects, each with purpose, ground and how long it is kept.
    pub fields: Vec<PersonalField>,
    /// Topics by which other packs hear of it.
    pub recipients: Vec<String>,
    /// Whether it asks for sensitive personal data.
    pub sensitive: bool,
    /// The impact assessment that says that it may.
    pub assessment: Option<String>,
}

/// Processing that no pack declares.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProcessingView {
    /// Its frame.
    #[serde(flatten)]
    pub frame: LawFrame,
    /// What it says.
    #[serde(flatten)]
    pub body: ProcessingBody,
}

/// What a processing record says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcessingBody {
    /// What is done.
    pub title: String,
    /// What for.
    pub purpose: String,
    /// The article.
    pub ground: String,
    /// Which kinds of data of whom.
    pub categories: String,
    /// Who receives it.
    pub recipients: String,
    /// How long it is kept.
    pub retention: String,
}

impl From<ProcessingBody> for LawRecord {
    fn from(body: ProcessingBody) -> Self {
        let ProcessingBody { title, purpose, ground, categories, recipients, retention } = body;
        Self::Processing(Processing { title, purpose, ground, categories, recipients, retention })
    }
}

/// A yearly audit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearAuditView {
    /// Its frame.
    #[serde(flatten)]
    pub frame: LawFrame,
    /// What it says.
    #[serde(flatten)]
    pub body: YearAuditBody,
}

/// What a yearly audit says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearAuditBody {
    /// Of which year.
    pub year: i16,
    /// Whether it is the audit about children.
    pub children: bool,
    /// Who audited.
    pub auditor: String,
    /// What was found.
    pub findings: String,
    /// What was done about it.
    pub measures: String,
    /// To whom it was reported.
    pub reported: String,
}

impl From<YearAuditBody> for LawRecord {
    fn from(body: YearAuditBody) -> Self {
        let YearAuditBody { year, children, auditor, findings, measures, reported } = body;
        Self::Audit(Audit { year, children, auditor, findings, measures, reported })
    }
}

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
    fn of(entry: &LawEntry, incident: &Incident, words: &Words) -> Self {
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

impl ComplianceView {
    /// Puts what is kept together.
    #[must_use]
    pub fn of(
        entries: &[LawEntry],
        declared: Vec<DeclaredProcessingView>,
        persons: &Persons,
        words: &Words,
    ) -> Self {
        let (records, shares, log) = persons.keeps;
        let mut all = Self {
            assessments: Vec::new(),
            declared,
            processing: Vec::new(),
            incidents: Vec::new(),
            audits: Vec::new(),
            rules: persons.incident_terms.iter().map(IncidentRuleView::from).collect(),
            kept: vec![
                format!("影响评估报告和处理情况记录至少保存 {records} 年（个人信息保护法 第56条）"),
                format!("提供、委托处理的记录至少保存 {shares} 年（网络数据安全管理条例 第12条）"),
                format!("网络日志至少保存 {log} 个月（网络安全法）；审计日志只增不删"),
            ],
        };
        for entry in entries {
            let frame = LawFrame::of(entry, words);
            match entry.record.clone() {
                LawRecord::Assessment(Assessment {
                    title,
                    digest,
                    necessity,
                    impact,
                    measures,
                    acceptable,
                    assessor,
                }) => {
                    let body = AssessmentBody {
                        title,
                        digest,
                        necessity,
                        impact,
                        measures,
                        acceptable,
                        assessor,
                    };
                    all.assessments.push(AssessmentView { frame, body });
                }
                LawRecord::Processing(Processing {
                    title,
                    purpose,
                    ground,
                    categories,
                    recipients,
                    retention,
                }) => {
                    let body = ProcessingBody {
                        title,
                        purpose,
                        ground,
                        categories,
                        recipients,
                        retention,
                    };
                    all.processing.push(ProcessingView { frame, body });
                }
                LawRecord::Audit(Audit {
                    year,
                    children,
                    auditor,
                    findings,
                    measures,
                    reported,
                }) => {
                    let body =
                        YearAuditBody { year, children, auditor, findings, measures, reported };
                    all.audits.push(YearAuditView { frame, body });
                }
                LawRecord::Incident(incident) => {
                    all.incidents.push(IncidentView::of(entry, &incident, words))
                }
            }
        }
        all
    }
}

/// How a report is made.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct YearReportQuery {
    /// Whether it leaves the centre: small counts about persons are not stated then.
    pub published: Option<bool>,
}

/// The report of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearReport {
    /// The centre.
    pub centre: String,
    /// The year.
    pub year: i16,
    /// When it was made.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// Whether the year is not over.
    pub partial: bool,
    /// Whether small counts about persons are left out, and below which number.
    pub suppressed_below: Option<u64>,
    /// How many entries the log had when it was made.
    pub log_size: u64,
    /// The root over them.
    pub log_root: String,
    /// The year's first entry.
    pub first_entry: u64,
    /// The entry after its last.
    pub end_entry: u64,
    /// The chapters.
    pub chapters: Vec<YearChapter>,
}

/// A chapter of a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearChapter {
    /// Its heading.
    pub title: String,
    /// The article that it answers to, or where it is policy.
    pub basis: String,
    /// Its lines.
    pub lines: Vec<YearFigure>,
}

/// A line: of what, and how many.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearFigure {
    /// Of what.
    pub title: String,
    /// How many; none where there are too few to state.
    pub count: Option<u64>,
}

/// When a report was made, against the year that it is about.
#[must_use]
pub fn partial(now: Instant, to: Instant) -> bool {
    now < to
}
