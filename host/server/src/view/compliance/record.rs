//! Assessments, processing and audits, as they are kept and written.

use anshu_model::compliance::{Assessment, Audit, LawRecord, Processing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::inspection::PersonalField;
use super::LawFrame;

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
