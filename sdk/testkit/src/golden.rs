//! Golden cases (样例): each in a centre of its own, as data from the pack.

use std::collections::BTreeMap;
use std::sync::Arc;

use anshu_model::decision::{Decision, Input};
use anshu_model::effect::Effect;
use anshu_model::entity::{Entity, EntityKind, Facet, Identifier};
use anshu_model::label::Level;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::schema::Schema;
use anshu_model::{Error, Id};
use serde::Deserialize;
use serde_json::Value;

use crate::kit::{Kit, division};
use crate::{build, fail, must};

#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    now: String,
    #[serde(default)]
    given: Vec<Given>,
    #[serde(default)]
    units: Vec<String>,
    input: Option<Value>,
    expect: Expect,
}

#[derive(Debug, Deserialize)]
struct Given {
    entity: String,
    kind: EntityKind,
    name: String,
    division: String,
    #[serde(default)]
    identifiers: Vec<(String, String)>,
    facets: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
struct Expect {
    result: String,
    summary: Option<String>,
    articles: Vec<String>,
    opens: Vec<String>,
    reports: Vec<String>,
    publishes: Vec<String>,
    absent: Vec<String>,
    problems: Vec<String>,
}

impl Default for Expect {
    fn default() -> Self {
        let none = Vec::new;
        Self {
            result: "ok".into(),
            summary: None,
            articles: none(),
            opens: none(),
            reports: none(),
            publishes: none(),
            absent: none(),
            problems: none(),
        }
    }
}

impl Kit {
    /// Runs the golden cases of every installed pack, and ends the test with all that did not come out as they say.
    /// Answers how many there were.
    #[track_caller]
    pub fn run_golden(&self) -> usize {
        let mut wrong = Vec::new();
        let mut count = 0;
        for pack in self.packs() {
            let Value::Array(cases) = &pack.golden else { continue };
            for case in cases {
                let case: Case = must("样例", serde_json::from_value(case.clone()));
                count += 1;
                for problem in run(self.empty_again(), &pack.manifest.name, &case) {
                    wrong.push(format!("“{}”：{problem}", case.name));
                }
            }
        }
        if !wrong.is_empty() {
            fail(&format!("{} 个样例中有不符：\n  {}", count, wrong.join("\n  ")));
        }
        count
    }
}

/// Runs a case and tells what is wrong.
#[track_caller]
fn run(mut kit: Kit, pack: &str, case: &Case) -> Vec<String> {
    kit.clock(&case.now);
    let mut ids = BTreeMap::new();
    for given in &case.given {
        let record = given.record(&kit.next_id(), &kit, pack);
        ids.insert(format!("@{}", given.entity), record.head.id.clone());
        kit.centre().put(record);
    }
    for function in &case.units {
        kit.unit(function, build::CITY);
    }
    let Some(mut input) = case.input.clone() else { return vec!["没有说明输入".into()] };
    named(&mut input, &ids);
    let text = |key: &str| input.get(key).and_then(Value::as_str).map(str::to_owned);
    let result = match (text("action"), text("topic")) {
        (Some(action), _) => {
            let unit = kit.unit(&text("function").unwrap_or_default(), build::CITY);
            let person = kit
                .person("样例办理人")
                .of(&unit)
                .role("clerk")
                .role("handler")
                .clearance(Level::Important);
            let answers = input.get("answers").cloned().unwrap_or_default();
            let mut act = kit.act(&person, &format!("{pack}/{action}"), answers);
            if let Some(subject) = text("subject") {
                act = act.on(&Id::from_text(subject));
            }
            if let Some(occurred) = text("occurred_at") {
                act = act.occurred_at(&occurred);
            }
            act.result()
        }
        (None, Some(topic)) => {
            let event = Input::Event {
                id: kit.next_id(),
                topic,
                about: text("about").map(Id::from_text),
                payload: input.get("payload").cloned().unwrap_or_default(),
                published_at: kit.now(),
                via: Vec::new(),
            };
            kit.wake(pack, event)
        }
        (None, None) => return vec!["输入既不是操作也不是事件".into()],
    };
    differences(&case.expect, &result)
}

impl Given {
    #[track_caller]
    fn record(&self, id: &Id, kit: &Kit, pack: &str) -> Record {
        let declared = |name: &str| {
            let facets = kit.packs().iter().flat_map(|pack| &pack.manifest.facets);
            facets.into_iter().find(|facet| facet.name == name)
        };
        let facet = |(name, data): (&String, &Value)| {
            let Some(declaration) = declared(name) else {
                fail(&format!("插件 {pack} 没有“{name}”"))
            };
            let schema = must(name, Schema::parse(name, &declaration.schema)).digest().to_owned();
            (name.clone(), Facet { schema, data: data.clone() })
        };
        let identifiers = self
            .identifiers
            .iter()
            .map(|(scheme, value)| Identifier { scheme: scheme.clone(), value: value.clone() });
        Record {
            head: Head {
                id: id.clone(),
                kind: Kind::Entity,
                type_name: self.kind.name().to_owned(),
                division: division(&self.division),
                unit: build::duty_unit(),
                joint: std::iter::empty().collect(),
                version: 1,
                created_at: kit.now(),
                pack: None,
            },
            body: Body::Entity(Entity {
                kind: self.kind,
                name: self.name.clone(),
                identifiers: identifiers.collect(),
                facets: self.facets.iter().map(facet).collect(),
            }),
        }
    }
}

/// Puts ids where the case names an entity.
fn named(value: &mut Value, ids: &BTreeMap<String, Id>) {
    match value {
        Value::String(text) => {
            if let Some(id) = ids.get(text.as_str()) {
                *text = id.to_string();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| named(value, ids)),
        Value::Object(object) => object.values_mut().for_each(|value| named(value, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn differences(expect: &Expect, result: &Result<Arc<Decision>, Error>) -> Vec<String> {
    match result {
        Err(error) if expect.result == "ok" => vec![format!("应当办成，却被拒绝：{error}")],
        Err(error) => refused(expect, error),
        Ok(decision) if expect.result != "ok" => {
            vec![format!("应当被拒绝（{}），却办成了：{}", expect.result, decision.outcome.summary)]
        }
        Ok(decision) => decided(expect, decision),
    }
}

fn refused(expect: &Expect, error: &Error) -> Vec<String> {
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
    if kind != expect.result {
        return vec![format!("应当以 {} 被拒绝，实际是：{error}", expect.result)];
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
