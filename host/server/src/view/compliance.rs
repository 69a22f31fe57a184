//! The records that the law asks for, and the report of a year, as officers and auditors read and print them.

mod incident;
mod record;
mod year;

use anshu_data::LawEntry;
use anshu_model::compliance::{Assessment, Audit, LawRecord, Processing};
use serde::Serialize;
use utoipa::ToSchema;

pub use incident::{
    IncidentNoticeBody, IncidentOwedView, IncidentReportBody, IncidentRequest, IncidentRuleView,
    IncidentStepBody, IncidentView,
};
pub use record::{
    AssessmentBody, AssessmentView, DeclaredProcessingView, ProcessingBody, ProcessingView,
    YearAuditBody, YearAuditView,
};
pub use year::{YearChapter, YearFigure, YearReport, YearReportQuery, partial};

use super::Words;
use crate::config::Persons;

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
