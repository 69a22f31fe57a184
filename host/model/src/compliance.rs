//! The records that the law asks a centre to keep about its own processing: impact assessments (个人信息保护法 art. 55, 56),
//! processing records, incidents with their clocks (art. 57), and yearly audits (art. 54; 未成年人网络保护条例 art. 37).
//!
//! Pure values with their checks. It must not know where they are stored or how long a report may take: terms come from the
//! centre's configuration, each with its source and how certain it is, and stay with the incident that they were applied to.

use serde::{Deserialize, Serialize};

use crate::instant::Instant;
use crate::request::text;
use crate::{Error, Result};

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum LawRecord {
    /// An impact assessment.
    Assessment(Assessment),
    /// A processing activity that no pack declares.
    Processing(Processing),
    /// An incident.
    Incident(Incident),
    /// An audit of a year.
    Audit(Audit),
}

/// A personal information impact assessment (个人信息保护影响评估): the three things that art. 56 asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// What was assessed.
    pub title: String,
    /// The pack version, by SHA-256 of its component in hex, where it is one.
    #[serde(default)]
    pub digest: Option<String>,
    /// Whether purpose and means are lawful, legitimate and necessary.
    pub necessity: String,
    /// The effect on persons and the risk.
    pub impact: String,
    /// Whether the measures are lawful, effective and fit the risk.
    pub measures: String,
    /// Whether the processing may begin.
    pub acceptable: bool,
    /// Who answers for it, by name and post.
    pub assessor: String,
}

/// A processing record (处理情况记录).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processing {
    /// What is done.
    pub title: String,
    /// What for.
    pub purpose: String,
    /// The article.
    pub ground: String,
    /// Which kinds of data of whom.
    pub categories: String,
    /// Who receives it; empty where nobody does.
    #[serde(default)]
    pub recipients: String,
    /// How long it is kept.
    pub retention: String,
}

/// A yearly audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
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
    /// To whom it was reported, and the paper's number.
    pub reported: String,
}

/// How certain a configured term is: a term that nobody checked against the text is shown as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Checked against the official text.
    Verified,
    /// From a reprint.
    Reprint,
    /// From general knowledge; to be checked before it is relied on.
    Unchecked,
    /// Set by the centre.
    Policy,
}

impl Certainty {
    /// In words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Verified => "已核对原文",
            Self::Reprint => "据转载文本，待核对原文",
            Self::Unchecked => "未核对原文",
            Self::Policy => "本地政策",
        }
    }
}

/// A report that an incident owes, with its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// The rule's code.
    pub code: String,
    /// What is to be reported.
    pub title: String,
    /// To whom.
    pub to: String,
    /// The article or paper that says so.
    pub basis: String,
    /// How certain that is.
    pub certainty: Certainty,
    /// By when.
    pub due: Instant,
}

/// A report that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The rule's code.
    pub code: String,
    /// When it was made.
    pub at: Instant,
    /// The paper's number, or who took it.
    pub reference: String,
}

/// Whether the persons concerned were told, or why they need not be (art. 57).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Whether they were told.
    pub told: bool,
    /// How; or why not.
    pub how: String,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// What happened, in a line and without personal data.
    pub title: String,
    /// When it was found: what its clocks start from.
    pub discovered_at: Instant,
    /// Which kinds of data, why, and what it may do to persons (art. 57).
    pub scope: String,
    /// What was done at once.
    pub remedy: String,
    /// What must be reported.
    pub owed: Vec<Owed>,
    /// What was.
    #[serde(default)]
    pub reports: Vec<Report>,
    /// Whether persons were told; none: not decided yet.
    #[serde(default)]
    pub notice: Option<Notice>,
    /// When it was closed, and with which words.
    #[serde(default)]
    pub closed: Option<(Instant, String)>,
}

/// What happens to an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum IncidentStep {
    /// A report was made.
    Report {
        /// The rule's code.
        code: String,
        /// The paper's number, or who took it.
        reference: String,
    },
    /// It was decided whether persons are told.
    Notify(Notice),
    /// Nothing is left to do.
    Close {
        /// The summary.
        summary: String,
    },
}

impl Incident {
    /// The incident after a step.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is closed, was reported already, or something that it owes is missing; [`Error::Invalid`]
    /// where a text is missing or the report is none that it owes.
    pub fn after(&self, step: IncidentStep, now: Instant) -> Result<Self> {
        if self.closed.is_some() {
            return Err(Error::Conflict("事件已经办结，不能再补记".into()));
        }
        let mut next = self.clone();
        match step {
            IncidentStep::Report { code, reference } => {
                text("reference", &reference, "报告的文号，或者接收人")?;
                if !self.owed.iter().any(|owed| owed.code == code) {
                    let known: Vec<_> = self.owed.iter().map(|owed| owed.code.as_str()).collect();
                    return Err(Error::invalid("code", code, known.join("、")));
                }
                if self.is_reported(&code) {
                    return Err(Error::Conflict("该项报告已经登记".into()));
                }
                next.reports.push(Report { code, at: now, reference });
            }
            IncidentStep::Notify(notice) => {
                text(
                    "how",
                    &notice.how,
                    "告知个人的方式；不告知的，写明理由（个人信息保护法 第57条）",
                )?;
                next.notice = Some(notice);
            }
            IncidentStep::Close { summary } => {
                text("summary", &summary, "处置情况总结")?;
                let missing: Vec<_> = self
                    .owed
                    .iter()
                    .filter(|owed| !self.is_reported(&owed.code))
                    .map(|owed| owed.title.as_str())
                    .collect();
                if !missing.is_empty() {
                    return Err(Error::Conflict(format!("还没有登记：{}", missing.join("、"))));
                }
                if self.notice.is_none() {
                    return Err(Error::Conflict("还没有登记是否告知个人，或者不告知的理由".into()));
                }
                next.closed = Some((now, summary));
            }
        }
        Ok(next)
    }

    /// When a report was made.
    #[must_use]
    pub fn report(&self, code: &str) -> Option<&Report> {
        self.reports.iter().find(|report| report.code == code)
    }

    fn is_reported(&self, code: &str) -> bool {
        self.report(code).is_some()
    }

    /// Whether any report is late, or was.
    #[must_use]
    pub fn is_late(&self, now: Instant) -> bool {
        self.owed
            .iter()
            .any(|owed| self.report(&owed.code).map_or(now, |report| report.at) > owed.due)
    }
}

impl LawRecord {
    /// The name that columns use.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Assessment(_) => "assessment",
            Self::Processing(_) => "processing",
            Self::Incident(_) => "incident",
            Self::Audit(_) => "audit",
        }
    }

    /// What staff call it.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Assessment(_) => "影响评估",
            Self::Processing(_) => "处理记录",
            Self::Incident(_) => "安全事件",
            Self::Audit(_) => "年度审计",
        }
    }

    /// Whether everything is there that the law asks for.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what is missing.
    pub fn check(&self) -> Result<()> {
        let wanted: Vec<(&str, &str, &str)> = match self {
            Self::Assessment(one) => vec![
                ("title", &one.title, "评估的处理活动"),
                (
                    "necessity",
                    &one.necessity,
                    "目的、方式是否合法、正当、必要（个人信息保护法 第56条）",
                ),
                ("impact", &one.impact, "对个人权益的影响及安全风险（个人信息保护法 第56条）"),
                (
                    "measures",
                    &one.measures,
                    "保护措施是否合法、有效并与风险相适应（个人信息保护法 第56条）",
                ),
                ("assessor", &one.assessor, "评估负责人的姓名和岗位"),
            ],
            Self::Processing(one) => vec![
                ("title", &one.title, "处理活动"),
                ("purpose", &one.purpose, "目的"),
                ("ground", &one.ground, "法律依据"),
                ("categories", &one.categories, "个人信息的种类和涉及的人群"),
                ("retention", &one.retention, "保存期限"),
            ],
            Self::Incident(one) => vec![
                ("title", &one.title, "事件概述（不写个人信息）"),
                (
                    "scope",
                    &one.scope,
                    "涉及的信息种类、原因和可能造成的危害（个人信息保护法 第57条）",
                ),
                ("remedy", &one.remedy, "已采取的补救措施（个人信息保护法 第57条）"),
            ],
            Self::Audit(one) => vec![
                ("auditor", &one.auditor, "审计的单位或人员"),
                ("findings", &one.findings, "审计发现"),
                ("measures", &one.measures, "整改情况"),
                ("reported", &one.reported, "报送的机关和文号"),
            ],
        };
        for (at, found, expected) in wanted {
            text(at, found, expected)?;
        }
        match self {
            Self::Assessment(Assessment { digest: Some(digest), .. }) => {
                let hex = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
                if hex {
                    Ok(())
                } else {
                    Err(Error::invalid("digest", "不是 SHA-256", "插件文件的 64 位十六进制摘要"))
                }
            }
            _ => Ok(()),
        }
    }
}
