//! What a golden case expects, and what is not so.

use anshu_model::decision::Decision;
use anshu_model::effect::Effect;
use anshu_model::record::Kind;
use anshu_model::{Error, Result};
use serde::Deserialize;

/// What a case says that comes of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Expect {
    /// `ok`, or how it is refused; `ok` where it is not said.
    pub(super) result: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) articles: Vec<String>,
    pub(super) opens: Vec<String>,
    pub(super) reports: Vec<String>,
    pub(super) publishes: Vec<String>,
    pub(super) absent: Vec<String>,
    pub(super) problems: Vec<String>,
}

/// What is not as the case says.
pub(super) fn unlike(expect: &Expect, result: &Result<Decision>) -> Vec<String> {
    let wanted = expect.result.as_deref().unwrap_or("ok");
    match result {
        Err(error) if wanted == "ok" => vec![format!("应当办成，却被拒绝：{error}")],
        Err(error) => refused(expect, wanted, error),
        Ok(decision) if wanted != "ok" => {
            vec![format!("应当被拒绝（{wanted}），却办成了：{}", decision.outcome.summary)]
        }
        Ok(decision) => decided(expect, decision),
    }
}

fn refused(expect: &Expect, wanted: &str, error: &Error) -> Vec<String> {
    let (kind, places) = match error {
        Error::Denied(_) => ("denied", Vec::new()),
        Error::Invalid(problems) => {
            ("invalid", problems.iter().map(|problem| problem.at.clone()).collect())
        }
        Error::NotFound(_) => ("not-found", Vec::new()),
        Error::Conflict(_) => ("conflict", Vec::new()),
        Error::OverQuota(_) => ("over-quota", Vec::new()),
        Error::Unavailable(_) => ("unavailable", Vec::new()),
        Error::Fault(_) => ("fault", Vec::new()),
        Error::Internal(_) => ("internal", Vec::new()),
    };
    if kind != wanted {
        return vec![format!("应当以 {wanted} 被拒绝，实际是：{error}")];
    }
    let missing = expect
        .problems
        .iter()
        .filter(|at| !places.iter().any(|place: &String| place.ends_with(at.as_str())));
    missing.map(|at| format!("应当指出 {at}，实际是：{error}")).collect()
}

fn decided(expect: &Expect, decision: &Decision) -> Vec<String> {
    let mut wrong = Vec::new();
    let outcome = &decision.outcome;
    if let Some(part) = expect.summary.as_deref().filter(|part| !outcome.summary.contains(part)) {
        wrong.push(format!("结论应含“{part}”，实际是“{}”", outcome.summary));
    }
    for article in &expect.articles {
        if !outcome.reasons.iter().any(|reason| reason.basis.article.contains(article.as_str())) {
            let found: Vec<_> =
                outcome.reasons.iter().map(|reason| reason.basis.article.as_str()).collect();
            wrong.push(format!("理由应依据“{article}”，实际是：{}", found.join("、")));
        }
    }
    let made = |kind: Kind| {
        let records = decision.effects.iter().filter_map(move |effect| match effect {
            Effect::Create { record } if record.head.kind == kind => {
                Some(record.head.type_name.clone())
            }
            _ => None,
        });
        records.collect::<Vec<_>>()
    };
    let published: Vec<_> = decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Publish { topic, .. } => Some(topic.clone()),
            _ => None,
        })
        .collect();
    let (cases, risks) = (made(Kind::Case), made(Kind::Risk));
    for (what, wanted, found) in [
        ("开立事项", &expect.opens, &cases),
        ("报告风险", &expect.reports, &risks),
        ("发布", &expect.publishes, &published),
    ] {
        let missing = wanted.iter().filter(|name| !found.contains(name));
        wrong
            .extend(missing.map(|name| format!("应当{what} {name}，实际是：{}", found.join("、"))));
    }
    for name in &expect.absent {
        if cases.contains(name) || risks.contains(name) || published.contains(name) {
            wrong.push(format!("不应当出现 {name}"));
        }
    }
    wrong
}
