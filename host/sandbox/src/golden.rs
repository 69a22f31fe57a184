//! Golden cases (样例): situations with the outcome that the law wants, as data from a pack. Each runs on exactly one version
//! in a centre of its own in memory; the host runs them before it activates a version, the test kit whenever it is asked.
//!
//! Everything in a golden case is synthetic, so everything that differs may be shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::context::{DutyPrincipal, OpContext, PackRef, Principal, Purpose};
use anshu_model::decision::{Decision, Input};
use anshu_model::division::{self, Division};
use anshu_model::effect::Effect;
use anshu_model::entity::{Entity, EntityKind, Facet, Identifier};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::org::{Person, Unit};
use anshu_model::port::Centre as _;
use anshu_model::record::{Body, Head, Kind, Record};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compare::{Came, Compared, Showing, Tally, differences};
use crate::decide::Decided;
use crate::invoke::{Request, Stopped, check_input};
use crate::memory::{MemoryCentre, outline};
use crate::pack::Pack;
use crate::registry::Registry;
use crate::sandbox::Sandbox;

/// A case as packs write it.
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Expect {
    /// `ok`, or how it is refused; `ok` where it is not said.
    result: Option<String>,
    summary: Option<String>,
    articles: Vec<String>,
    opens: Vec<String>,
    reports: Vec<String>,
    publishes: Vec<String>,
    absent: Vec<String>,
    problems: Vec<String>,
}

/// How a version did in golden cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Golden {
    /// The version.
    pub pack: PackRef,
    /// How many cases there were.
    pub cases: u64,
    /// Those that did not come out as they say.
    pub wrong: Vec<Wrong>,
}

/// A golden case that did not come out as it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The case.
    pub case: String,
    /// Everything that is not as it should be.
    pub problems: Vec<String>,
}

impl Sandbox {
    /// Runs golden cases on one version, as the pack's custom section has them; none where there is none.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the version is not installed; [`Error::Invalid`] where the cases cannot be read.
    pub async fn golden(&self, pack: &PackRef, cases: &Value) -> Result<Golden> {
        let registry = self.inner.registry();
        let version = Arc::clone(registry.exact(pack)?);
        let mut wrong = Vec::new();
        let cases = read(cases)?;
        for case in &cases {
            let result = self.run_case(&registry, &version, case).await;
            let problems = match &result {
                Ok(result) => unlike(&case.expect, result),
                Err(text) => vec![text.clone()],
            };
            if !problems.is_empty() {
                wrong.push(Wrong { case: case.name.clone(), problems });
            }
        }
        Ok(Golden { pack: pack.clone(), cases: cases.len() as u64, wrong })
    }

    /// Runs golden cases on two versions and counts what differs.
    ///
    /// # Errors
    /// As [`Sandbox::golden`].
    pub async fn compare_golden(
        &self,
        old: &PackRef,
        new: &PackRef,
        cases: &Value,
    ) -> Result<Tally> {
        let registry = self.inner.registry();
        let (then, now) = (registry.exact(old)?, registry.exact(new)?);
        let showing = Showing {
            schemas: &registry.schemas,
            registry: &registry,
            pack: now,
            texts: true,
            all: true,
        };
        let mut tally = Tally::default();
        for case in read(cases)? {
            let then = self.run_case(&registry, then, &case).await;
            let now = self.run_case(&registry, now, &case).await;
            let (Ok(then), Ok(now)) = (then, now) else { continue };
            let differences = differences(&came(&then, old), &came(&now, new), &showing);
            let compared = Compared { differences, ..Compared::default() };
            tally.add_named(&case.name, instant(&case.now).unwrap_or_default(), compared);
        }
        Ok(tally)
    }

    /// Runs a case on exactly one version. An error says what is wrong with the case itself.
    async fn run_case(
        &self,
        registry: &Arc<Registry>,
        pack: &Arc<Pack>,
        case: &Case,
    ) -> Result<Result<Decision>, String> {
        let now = instant(&case.now).ok_or_else(|| format!("时刻“{}”无法识别", case.now))?;
        let mut scene = Scene::set(registry, pack, case, now)?;
        let request = scene.request(pack, case, now)?;
        Ok(self.run_request(registry, pack, &scene.centre, request).await)
    }

    async fn run_request(
        &self,
        registry: &Arc<Registry>,
        pack: &Arc<Pack>,
        centre: &MemoryCentre,
        request: Request,
    ) -> Result<Decision> {
        check_input(pack, registry, &request)?;
        let decided = async {
            let call = self.begin(centre, registry, pack, &request.context).await?;
            let scope = call.snapshot().scope().clone();
            let calendar = self.inner.calendar_version(&call.calendar);
            Ok((scope, calendar, self.decide(call, &request.input).await?))
        };
        let (scope, calendar, decided) = decided.await.map_err(|stopped| match stopped {
            Stopped::Failed(error) | Stopped::Denied(error) | Stopped::Conflict(error) => error,
        })?;
        let Decided { outcome, effects, reads, log, cost } = decided;
        let Request { context, input, .. } = request;
        let decision =
            Decision { context, scope, calendar, input, reads, outcome, effects, log, cost };
        // What the centre would refuse counts as refused.
        centre.commit(Arc::new(decision.clone())).await?;
        Ok(decision)
    }
}

fn came<'a>(result: &'a Result<Decision>, by: &'a PackRef) -> Came<'a> {
    match result {
        Ok(decision) => {
            Came::Decided { outcome: &decision.outcome, effects: &decision.effects, by }
        }
        Err(error) => Came::Refused(error),
    }
}

fn read(cases: &Value) -> Result<Vec<Case>> {
    if cases.is_null() {
        return Ok(Vec::new());
    }
    serde_json::from_value(cases.clone()).map_err(|error| {
        Error::invalid("样例", format!("无法识别：{error}"), "由 cargo anshu build 写入的样例")
    })
}

/// The centre that a case stands in.
struct Scene {
    centre: MemoryCentre,
    city: Division,
    ids: BTreeMap<String, Id>,
    made: u64,
}

impl Scene {
    fn set(registry: &Registry, pack: &Pack, case: &Case, now: Instant) -> Result<Self, String> {
        let grant = pack.grant.clone();
        let centre = MemoryCentre::new(Calendar::default().estimating(), move |context| {
            outline(context, std::slice::from_ref(&grant))
        });
        centre.use_schemas(Arc::clone(&registry.schemas));
        let stands = match case.given.first() {
            Some(given) => parse(&given.division)?,
            None => pack.grant.duty_division.clone(),
        };
        let city = stands.at(division::Level::City).unwrap_or(stands);
        let mut scene = Self { centre, city, ids: BTreeMap::new(), made: 0 };
        for given in &case.given {
            let record = given.record(scene.next_id(), registry, pack, now)?;
            scene.ids.insert(format!("@{}", given.entity), record.head.id.clone());
            scene.centre.put(record);
        }
        for function in &case.units {
            scene.unit(function);
        }
        Ok(scene)
    }

    fn next_id(&mut self) -> Id {
        self.made += 1;
        Id::derived(&Id::from_text("golden"), self.made)
    }

    fn unit(&mut self, function: &str) -> Unit {
        let unit = Unit {
            id: self.next_id(),
            name: format!("样例单位（{function}）"),
            division: self.city.clone(),
            functions: BTreeSet::from([function.to_owned()]),
        };
        self.centre.add_unit(unit.clone());
        unit
    }

    /// What comes in, and from whom.
    fn request(&mut self, pack: &Pack, case: &Case, now: Instant) -> Result<Request, String> {
        let mut input = case.input.clone().ok_or("没有说明输入")?;
        named(&mut input, &self.ids);
        let text = |key: &str| input.get(key).and_then(Value::as_str).map(str::to_owned);
        let given = |key: &str| input.get(key).cloned().unwrap_or_default();
        let purposes = &pack.manifest.purposes;
        let (principal, purpose, input) = match (text("action"), text("topic")) {
            (Some(name), _) => {
                let declared = pack.manifest.actions.iter().find(|action| action.name == name);
                let declared = declared.ok_or_else(|| format!("没有操作“{name}”"))?;
                let unit = self.unit(&text("function").unwrap_or_default());
                let mut answers = given("answers");
                without_nulls(&mut answers);
                let occurred_at = match text("occurred_at") {
                    Some(at) => instant(&at).ok_or_else(|| format!("时刻“{at}”无法识别"))?,
                    None => now,
                };
                let subject = text("subject").map(Id::from_text);
                let input = Input::Action { name, subject, answers, occurred_at };
                (Principal::Person(Box::new(person(&unit))), declared.purpose.clone(), input)
            }
            (None, Some(topic)) => {
                let input = Input::Event {
                    id: self.next_id(),
                    topic,
                    about: text("about").map(Id::from_text),
                    payload: given("payload"),
                    published_at: now,
                    via: Vec::new(),
                };
                let purpose = purposes.first().map(|purpose| purpose.code.clone());
                (Principal::Duty(duty(pack)), purpose.unwrap_or_default(), input)
            }
            (None, None) => return Err("输入既不是操作也不是事件".to_owned()),
        };
        let ground = purposes.iter().find(|declared| declared.code == purpose);
        let ground = ground.map(|declared| declared.ground.clone()).unwrap_or_default();
        let context = OpContext {
            id: self.next_id(),
            principal,
            pack: Some(pack.reference.clone()),
            purpose: Purpose { code: purpose, ground, serves: None },
            now,
        };
        Ok(Request { context, pack: pack.reference.name.clone(), input })
    }
}

fn person(unit: &Unit) -> Person {
    Person {
        id: Id::from_text("golden-person"),
        name: "样例办理人".to_owned(),
        unit: unit.id.clone(),
        division: unit.division.clone(),
        roles: ["clerk", "handler"].map(str::to_owned).into(),
        clearance: Level::Important,
        functions: unit.functions.clone(),
    }
}

fn duty(pack: &Pack) -> DutyPrincipal {
    DutyPrincipal {
        pack: pack.reference.name.clone(),
        title: pack.manifest.duty.title.clone(),
        unit: pack.grant.duty_unit.clone(),
        division: pack.grant.duty_division.clone(),
        clearance: pack.grant.allows.ceiling,
    }
}

impl Given {
    fn record(
        &self,
        id: Id,
        registry: &Registry,
        pack: &Pack,
        now: Instant,
    ) -> Result<Record, String> {
        let facet = |(name, data): (&String, &Value)| {
            let declared = registry.facet(pack, name);
            let declared = declared.ok_or_else(|| format!("没有声明属性组“{name}”"))?;
            let schema = declared.checker.schema.digest().to_owned();
            Ok((name.clone(), Facet { schema, data: data.clone() }))
        };
        let identifiers = self
            .identifiers
            .iter()
            .map(|(scheme, value)| Identifier { scheme: scheme.clone(), value: value.clone() });
        Ok(Record {
            head: Head {
                id,
                kind: Kind::Entity,
                type_name: self.kind.name().to_owned(),
                division: parse(&self.division)?,
                unit: pack.grant.duty_unit.clone(),
                joint: BTreeSet::new(),
                version: 1,
                created_at: now,
                pack: None,
            },
            body: Body::Entity(Entity {
                kind: self.kind,
                name: self.name.clone(),
                identifiers: identifiers.collect(),
                facets: self.facets.iter().map(facet).collect::<Result<_, String>>()?,
            }),
        })
    }
}

fn parse(division: &str) -> Result<Division, String> {
    Division::parse(division).map_err(|error| format!("区划“{division}”：{error}"))
}

/// `2026-03-01T10:00`, at UTC+8 unless it says otherwise.
fn instant(text: &str) -> Option<Instant> {
    let forms = [text.to_owned(), format!("{text}+08:00"), format!("{text}:00+08:00")];
    forms.iter().find_map(|form| form.parse().ok())
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

/// Takes nulls out of answers: an `Option` that is `None` is an answer that was not given.
pub fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(without_nulls);
        }
        Value::Array(values) => values.iter_mut().for_each(without_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is not as the case says.
fn unlike(expect: &Expect, result: &Result<Decision>) -> Vec<String> {
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
