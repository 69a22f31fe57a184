//! The records that the law asks for, and the report of a year that stands on the log.

use anshu_data::YearCounts;
use anshu_model::compliance::{Incident, LawRecord, Owed};
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::label::{Level, Tag};
use anshu_model::manifest::{Attribute, Manifest};
use anshu_model::org::Person;
use anshu_model::request::{Right, Stand};
use anshu_model::{Error, Id, Result};
use serde_json::Value;

use super::App;
use super::persons::end;
use crate::config::WithoutAssessment;
use crate::view::compliance::{
    ComplianceView, DeclaredProcessingView, IncidentRequest, IncidentStepBody, YearChapter,
    YearFigure, YearReport, partial,
};
use crate::view::inspection;

/// What the kinds of records are called in storage.
const KINDS: [&str; 4] = ["assessment", "processing", "incident", "audit"];

/// Everything that is kept.
///
/// # Errors
/// [`Error::Denied`] for anybody but the officer and auditors.
pub async fn show(app: &App, person: &Person) -> Result<ComplianceView> {
    let mut entries = Vec::new();
    for kind in KINDS {
        entries.extend(app.data.law_records(&app.context(person, None)?, kind).await?);
    }
    let words = app.words().await?;
    let mut declared = Vec::new();
    for pack in &words.packs {
        let manifest = &pack.manifest;
        let digest = pack.reference.digest.clone();
        declared.push(DeclaredProcessingView {
            pack: manifest.name.clone(),
            version: manifest.version.clone(),
            title: manifest.title.clone(),
            publisher: manifest.publisher.clone(),
            fields: inspection::personal(manifest),
            recipients: manifest.topics.iter().map(|topic| topic.title.clone()).collect(),
            sensitive: is_sensitive(manifest),
            assessment: app.data.assessment_of(&digest).await?.map(|id| id.to_string()),
            digest,
        });
    }
    Ok(ComplianceView::of(&entries, declared, &app.settings.persons, &words))
}

/// Keeps a record.
///
/// # Errors
/// [`Error::Denied`] for anybody but the officer; [`Error::Invalid`] where something is missing that the law asks for.
pub async fn keep(app: &App, person: &Person, record: LawRecord) -> Result<ComplianceView> {
    app.data.keep_record(&app.context(person, None)?, &record).await?;
    show(app, person).await
}

/// Registers an incident: its clocks run from when it was found.
///
/// # Errors
/// As [`keep`]; [`Error::Invalid`] where a rule is none, none was chosen, or it is to have been found in the future.
pub async fn register(
    app: &App,
    person: &Person,
    request: IncidentRequest,
) -> Result<ComplianceView> {
    let ctx = app.context(person, None)?;
    let discovered_at = match request.discovered_at.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => crate::time::instant("discovered_at", text)?,
        None => ctx.now,
    };
    if discovered_at > ctx.now {
        return Err(Error::invalid("discovered_at", "在将来", "发现事件的时间，不晚于现在"));
    }
    if request.rules.is_empty() && !app.settings.persons.incident_terms.is_empty() {
        return Err(Error::invalid("rules", "没有选择", "适用的报告规则；请对照各规则的适用情形"));
    }
    let mut owed = Vec::new();
    for code in &request.rules {
        let rules = &app.settings.persons.incident_terms;
        let rule = rules.iter().find(|rule| rule.code == *code).ok_or_else(|| {
            let known: Vec<_> = rules.iter().map(|rule| rule.code.as_str()).collect();
            Error::invalid("rules", code.as_str(), known.join("、"))
        })?;
        owed.push(Owed {
            code: rule.code.clone(),
            title: rule.title.clone(),
            to: rule.to.clone(),
            basis: rule.basis.clone(),
            certainty: rule.certainty,
            due: end(app, &rule.title, rule.term, &rule.basis, discovered_at)?,
        });
    }
    let IncidentRequest { title, scope, remedy, .. } = request;
    let incident = Incident {
        title,
        discovered_at,
        scope,
        remedy,
        owed,
        reports: Vec::new(),
        notice: None,
        closed: None,
    };
    keep(app, person, LawRecord::Incident(incident)).await
}

/// An incident's next step.
///
/// # Errors
/// As [`anshu_data::Data::incident_step`].
pub async fn step(
    app: &App,
    person: &Person,
    id: &Id,
    body: IncidentStepBody,
) -> Result<ComplianceView> {
    app.data.incident_step(&app.context(person, None)?, id, body.step()?).await?;
    show(app, person).await
}

/// Before a pack is activated: whether an impact assessment covers what it asks for (个人信息保护法 art. 55). Answers what is to be
/// said where the centre lets it pass without.
///
/// # Errors
/// [`Error::Conflict`] where there is none and the centre's policy asks for one.
pub async fn assessed(app: &App, manifest: &Manifest, digest: &str) -> Result<Option<String>> {
    if !is_sensitive(manifest) || app.data.assessment_of(digest).await?.is_some() {
        return Ok(None);
    }
    let what = format!(
        "{} {} 处理敏感个人信息，但没有通过的个人信息保护影响评估（个人信息保护法 第55条）；请由个人信息保护负责人在“合规登记”中登记，摘要 {digest}",
        manifest.title, manifest.version
    );
    match app.settings.persons.assessment {
        WithoutAssessment::Block => Err(Error::Conflict(what)),
        WithoutAssessment::Warn => Ok(Some(what)),
    }
}

/// Whether a pack asks for sensitive personal data: anything at L4, or tagged so.
fn is_sensitive(manifest: &Manifest) -> bool {
    let facets = manifest.facets.iter().map(|facet| &facet.schema);
    let forms = manifest.matters.iter().flat_map(|matter| &matter.forms).map(|form| &form.schema);
    let actions = manifest.actions.iter().map(|action| &action.form.schema);
    facets.chain(forms).chain(actions).any(holds_sensitive)
}

fn holds_sensitive(schema: &Value) -> bool {
    let attribute = schema.get("x-anshu").cloned().map(serde_json::from_value::<Attribute>);
    let own = matches!(attribute, Some(Ok(attribute)) if attribute.level >= Level::L4 || attribute.tags.contains(&Tag::Sensitive));
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    own || properties.map(|(_, property)| property).chain(schema.get("items")).any(holds_sensitive)
}

/// The report of a year, for the officer or an auditor.
///
/// # Errors
/// [`Error::Denied`] for anybody else; [`Error::Invalid`] for a year that is none or has not begun.
pub async fn yearly(app: &App, ctx: &OpContext, year: i16, published: bool) -> Result<YearReport> {
    let offset = app.data.calendar().offset();
    let first = |year: i16| {
        let date = jiff::civil::Date::new(year, 1, 1);
        date.map(|date| Instant::start_of(date, offset)).map_err(|_| no_year(year))
    };
    let (from, to) = (first(year)?, first(year.saturating_add(1))?);
    if !(2000..=2999).contains(&year) || from > ctx.now {
        return Err(no_year(year));
    }
    let counts = app.data.year_counts(ctx, year, from, to).await?;
    let words = app.words().await?;
    let least = published.then_some(anshu_data::Config::SMALLEST_FIGURE);
    Ok(YearReport {
        centre: app.settings.centre_name.clone(),
        year,
        made_at: words.at(ctx.now),
        partial: partial(ctx.now, to),
        suppressed_below: least,
        log_size: counts.log_size,
        log_root: counts.log_root.clone(),
        first_entry: counts.leaves.0,
        end_entry: counts.leaves.1,
        chapters: chapters(&counts, least),
    })
}

fn no_year(year: i16) -> Error {
    Error::invalid("year", year.to_string(), "已经开始的年份，如 2026")
}

/// The chapters. A count about persons that is small is not stated where the report is published; zero is.
fn chapters(counts: &YearCounts, least: Option<u64>) -> Vec<YearChapter> {
    let about_persons = |title: String, count: u64| YearFigure {
        title,
        count: (count == 0 || least.is_none_or(|least| count >= least)).then_some(count),
    };
    let touched = |title: &str, action: &'static str, verdict: &'static str| {
        about_persons(
            title.to_owned(),
            counts.touches.get(&(action, verdict)).copied().unwrap_or(0),
        )
    };
    let plain =
        |title: &str, count: u64| YearFigure { title: title.to_owned(), count: Some(count) };
    let mut requests = Vec::new();
    for right in Right::ALL {
        let of = |stands: &[Stand]| -> u64 {
            let key = |stand: &Stand| (right.name().to_owned(), stand.name().to_owned());
            stands.iter().filter_map(|stand| counts.requests.get(&key(stand))).sum()
        };
        for (word, stands) in [
            ("已答复", &[Stand::Answered][..]),
            ("不予办理", &[Stand::Refused][..]),
            ("撤回", &[Stand::Withdrawn][..]),
            ("办理中", &[Stand::Filed, Stand::Accepted, Stand::Asked, Stand::HandedOver][..]),
        ] {
            requests.push(about_persons(format!("{}：{word}", right.title()), of(stands)));
        }
    }
    let deferred = |title: &str, states: &[&str]| {
        about_persons(
            title.to_owned(),
            states.iter().filter_map(|state| counts.deferrals.get(*state)).sum(),
        )
    };
    let records = |kind: &str| counts.records.get(kind).copied().unwrap_or(0);
    let chapter = |title: &str, basis: &str, lines: Vec<YearFigure>| YearChapter {
        title: title.to_owned(),
        basis: basis.to_owned(),
        lines,
    };
    vec![
        chapter("本人请求", "个人信息保护法 第44条至第50条", requests),
        chapter(
            "延后告知",
            "个人信息保护法 第18条、第35条",
            vec![
                deferred("批准", &["approved", "ended", "expired"]),
                deferred("其中已公开", &["ended", "expired"]),
                deferred("不同意", &["refused"]),
            ],
        ),
        chapter(
            "受保护记录的查阅",
            "未成年人网络保护条例 第36条",
            vec![
                touched("申请和批准的步骤", "open", "allowed"),
                touched("不批准、被拒绝", "open", "denied"),
                touched("紧急访问的步骤（含复核）", "emergency", "allowed"),
                touched("紧急访问被拒绝", "emergency", "denied"),
                touched("封存、解封和依法查询", "seal", "allowed"),
                touched("封存查询被拒绝", "seal", "denied"),
            ],
        ),
        chapter(
            "提供、导出和销毁",
            "个人信息保护法 第23条、第47条；网络数据安全管理条例 第12条",
            vec![
                touched("数据共享的步骤", "share", "allowed"),
                touched("数据共享被拒绝", "share", "denied"),
                touched("批量导出", "export", "allowed"),
                touched("批量导出被拒绝", "export", "denied"),
                touched("停止处理和销毁", "erase", "allowed"),
                touched("分级调整", "relabel", "allowed"),
            ],
        ),
        chapter(
            "影响评估、安全事件和审计",
            "个人信息保护法 第54条至第57条；未成年人网络保护条例 第37条",
            vec![
                plain("影响评估", records("assessment")),
                plain("登记的处理活动", records("processing")),
                plain("安全事件", records("incident")),
                plain("其中报告超过期限", counts.late_incidents),
                plain("未成年人个人信息合规审计（本年度）", counts.child_audits),
                plain(
                    "审计员查阅日志",
                    counts.touches.get(&("audit", "allowed")).copied().unwrap_or(0),
                ),
            ],
        ),
        chapter(
            "访问情况",
            "网络安全等级保护；本地政策",
            vec![
                plain("本年度日志条数", counts.leaves.1 - counts.leaves.0),
                plain("允许的操作", total(counts, "allowed")),
                plain("拒绝的操作", total(counts, "denied")),
                plain("失败的操作", total(counts, "failed")),
            ],
        ),
    ]
}

fn total(counts: &YearCounts, verdict: &str) -> u64 {
    counts.touches.iter().filter(|((_, ended), _)| *ended == verdict).map(|(_, count)| count).sum()
}
