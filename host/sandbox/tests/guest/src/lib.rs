//! A department that registers rooms, inspects them, opens matters and tells others. It does what its action is called.
//! It stays on contract 0.1.0: that it keeps working is the proof that old packs do.

use std::collections::HashMap;

use serde_json::{Value, json};

wit_bindgen::generate!({ path: "../../../../wit/0.1.0", world: "department" });

use anshu::governance::types::{Authority, Basis, EntityKind, Error, Problem, RiskLevel};
use anshu::governance::{calendar, cases, data, duties, entities, events, log, risks};
use exports::anshu::governance::plugin::{
    Action, Decision, Explanation, Guest, Input, Migration, Outcome, Reason, Timer, ViewRequest,
};

struct Probe;
export!(Probe);

impl Guest for Probe {
    fn decide(input: Input) -> Result<Outcome, Error> {
        match input {
            Input::Action(action) => act(action),
            Input::Event(event) => {
                log::write(log::Level::Info, &format!("heard {}", event.topic));
                let room = event.about.clone().ok_or(Error::NotFound("about".into()))?;
                let case = cases::open(&new_case("听到的", vec![(room, "地点")]))?;
                outcome("听到事件并立案", Some(case))
            }
        }
    }

    fn due(timer: Timer) -> Result<Outcome, Error> {
        let payload: Value = serde_json::from_str(&timer.payload).map_err(bad)?;
        let room = payload["room"].as_str().unwrap_or_default().to_owned();
        set(&room, json!({"licence": "逾期", "beds": 1}))?;
        outcome("到期复查", Some(room))
    }

    fn view(request: ViewRequest) -> Result<String, Error> {
        if request.name == "writing" {
            events::publish("room-registered@1", None, "{\"beds\":1}")?;
        }
        let found = entities::find(&rooms(None, 200))?;
        let rows: Vec<_> = found
            .iter()
            .map(|room| json!({"id": room.id, "name": room.name, "secret": "未声明的列"}))
            .collect();
        Ok(Value::from(rows).to_string())
    }

    fn explain(decision: Decision) -> Result<Explanation, Error> {
        let text = format!("因为：{}", decision.outcome.summary);
        Ok(Explanation { text, reasons: decision.outcome.reasons, remedy: "申请复核".into() })
    }

    fn migrate(migration: Migration) -> Result<Outcome, Error> {
        let case = cases::get(&migration.case)?;
        if migration.from_version == "0.0.1" {
            cases::note(&case.id, "不应写入")?;
        }
        outcome(&format!("自 {} 转入：{}", migration.from_version, case.title), Some(case.id))
    }
}

fn act(action: Action) -> Result<Outcome, Error> {
    let answers: Value = serde_json::from_str(&action.answers).map_err(bad)?;
    let subject = action.subject.clone().unwrap_or_default();
    match action.name.as_str() {
        "register" => register(&answers),
        // One read, one effect: what the bench measures.
        "touch" => {
            let room = entities::get(&subject)?;
            let licence = format!("v{}", room.version);
            set(&subject, json!({"licence": licence, "beds": 2}))?;
            outcome("已更新", Some(subject))
        }
        "inspect" => {
            let room = entities::get(&subject)?;
            let id = risks::report(&risks::NewRisk {
                risk_type: "probe.fire".into(),
                subject: subject.clone(),
                title: format!("{}没有烟感", room.name),
                function: "fire".into(),
                advised: RiskLevel::Larger,
                findings: vec![risks::Finding {
                    rule: "smoke".into(),
                    text: "没有烟感".into(),
                    basis: basis(),
                }],
            })?;
            risks::move_(&id, risks::Stage::Listed, "已列入清单")?;
            outcome("发现隐患", Some(id))
        }
        "open" => {
            let id = cases::open(&new_case("来访登记", vec![(subject.clone(), "地点")]))?;
            let clock = calendar::start(&id, &limit(), calendar::now())?;
            calendar::pause(&clock, "等待材料")?;
            calendar::resume(&clock)?;
            cases::move_(&id, cases::Stage::Triaged, None, "分流")?;
            cases::note(&id, "第一条记录")?;
            let duty = duties::assign(&duties::NewDuty {
                title: "回访".into(),
                about: id.clone(),
                function: "fire".into(),
                basis: basis(),
                limit: Some(limit()),
                starts: calendar::now(),
            })?;
            let mine = duties::of(&id)?;
            duties::complete(&duty, "已电话回访")?;
            outcome(&format!("已立案，快照中有 {} 项职责", mine.len()), Some(id))
        }
        "rule" => rule(subject),
        // What a careless plugin does: it writes in the order of a map.
        "shuffle" => {
            let words: HashMap<_, _> = (0..20).map(|n| (format!("词{n}"), n)).collect();
            for word in words.keys() {
                tell_and_wake(&subject, word)?;
            }
            outcome("已写", Some(subject))
        }
        "skip" => {
            let id = cases::open(&new_case("越级", vec![(subject, "地点")]))?;
            cases::move_(&id, cases::Stage::Archived, None, "")?;
            outcome("不应成功", Some(id))
        }
        "own-writes" => {
            set(&subject, json!({"licence": "新的", "beds": 7}))?;
            let room = entities::get(&subject)?;
            let seen: Value = serde_json::from_str(&room.facets[0].data).map_err(bad)?;
            let queried = entities::find(&rooms(Some("新的"), 10))?;
            outcome(
                &format!("按标识看到 {}，查询到 {} 个", seen["beds"], queried.len()),
                Some(subject),
            )
        }
        "count" => {
            let cells = data::count(&data::Query {
                subject: data::Subject::Entities,
                type_: "probe.room".into(),
                by: data::Group::None,
                within: None,
            })?;
            outcome(&format!("{:?}", cells.iter().map(|cell| cell.count).collect::<Vec<_>>()), None)
        }
        "due" => match calendar::due(calendar::now(), &limit()) {
            Ok(at) => outcome(&format!("{}", calendar::date_of(at.unwrap_or_default())), None),
            Err(error) => Err(error),
        },
        "lookup" => {
            let number = answers["name"].as_str().unwrap_or_default().to_owned();
            let identifier = entities::Identifier { scheme: "credit-code".into(), value: number };
            let found = entities::lookup(EntityKind::Place, &identifier)?;
            outcome(&format!("找到：{}", found.is_some()), found.map(|found| found.id))
        }
        "refuse" => Err(Error::Conflict("不予受理".into())),
        "raw-facet" => {
            let data = answers["name"].as_str().unwrap_or_default().to_owned();
            entities::set_facet(&subject, &entities::Facet { name: "probe.room".into(), data })?;
            outcome("已写入", Some(subject))
        }
        "person-risk" => {
            let person = entities::create(&entities::NewEntity {
                kind: EntityKind::Person,
                name: "样例甲".into(),
                division: "500103001000".into(),
                identifiers: vec![],
                facets: vec![],
            })?;
            risks::report(&risks::NewRisk {
                risk_type: "probe.fire".into(),
                subject: person,
                title: "人".into(),
                function: "fire".into(),
                advised: RiskLevel::General,
                findings: vec![],
            })?;
            outcome("不应成功", None)
        }
        other => Err(Error::NotFound(other.into())),
    }
}

/// One rule, whose word a test replaces in the built module: so there are versions that decide otherwise.
fn rule(subject: String) -> Result<Outcome, Error> {
    let word = std::hint::black_box("rule:1");
    let room = entities::get(&subject)?;
    if word == "rule:3" {
        panic!("no such rule");
    }
    if word == "rule:6" {
        return Err(Error::Conflict("不再办理".into()));
    }
    if word == "rule:4" {
        return outcome("发现隐患", Some(subject));
    }
    let id = risks::report(&risks::NewRisk {
        risk_type: "probe.fire".into(),
        subject: subject.clone(),
        title: format!("{}没有烟感", room.name),
        function: "fire".into(),
        advised: if word == "rule:2" { RiskLevel::General } else { RiskLevel::Larger },
        findings: vec![risks::Finding {
            rule: "smoke".into(),
            text: "没有烟感".into(),
            basis: basis(),
        }],
    })?;
    let days = if word == "rule:7" { 10 } else { 5 };
    duties::assign(&duties::NewDuty {
        title: "整改".into(),
        about: id.clone(),
        function: "fire".into(),
        basis: basis(),
        limit: Some(calendar::Limit { amount: days, ..limit() }),
        starts: calendar::now(),
    })?;
    let summary = match word {
        "rule:5" => format!("发现隐患，同类 {} 间", entities::find(&rooms(None, 100))?.len()),
        _ => "发现隐患".to_owned(),
    };
    outcome(&summary, Some(id))
}

fn tell_and_wake(room: &str, word: &str) -> Result<(), Error> {
    events::publish("room-registered@1", Some(room), &json!({"beds": word.len()}).to_string())?;
    calendar::wake(calendar::now() + 86_400_000, word, &json!({"room": room}).to_string())
}

fn register(answers: &Value) -> Result<Outcome, Error> {
    let facet = json!({"licence": "有", "beds": answers["beds"]});
    let room = entities::create(&entities::NewEntity {
        kind: EntityKind::Place,
        name: answers["name"].as_str().unwrap_or_default().into(),
        division: answers["division"].as_str().unwrap_or("500103001000").into(),
        identifiers: vec![],
        facets: vec![entities::Facet { name: "probe.room".into(), data: facet.to_string() }],
    })?;
    events::publish(
        "room-registered@1",
        Some(&room),
        &json!({"beds": answers["beds"]}).to_string(),
    )?;
    calendar::wake(calendar::now() + 86_400_000, &room, &json!({"room": room}).to_string())?;
    outcome("已登记", Some(room))
}

fn set(id: &str, data: Value) -> Result<(), Error> {
    entities::set_facet(id, &entities::Facet { name: "probe.room".into(), data: data.to_string() })
}

fn rooms(licence: Option<&str>, limit: u32) -> entities::Query {
    let condition =
        |value: &str| entities::Condition { attribute: "licence".into(), value: value.into() };
    entities::Query {
        kind: EntityKind::Place,
        facet: "probe.room".into(),
        where_: licence.map(condition).into_iter().collect(),
        within: None,
        limit,
        after: None,
    }
}

fn new_case(title: &str, parties: Vec<(String, &str)>) -> cases::NewCase {
    cases::NewCase {
        matter: "probe.matter".into(),
        title: title.into(),
        division: "500103001000".into(),
        occurred_at: calendar::now(),
        function: "mediation".into(),
        parties: parties
            .into_iter()
            .map(|(entity, role)| cases::Party { entity, role: role.into() })
            .collect(),
        answers: vec![cases::FormAnswer { form: "intake".into(), data: "{\"beds\":1}".into() }],
        joint: vec![cases::JointDuty {
            function: "fire".into(),
            title: "协助检查".into(),
            article: "样例条例 第1条".into(),
        }],
    }
}

fn limit() -> calendar::Limit {
    calendar::Limit {
        name: "办结".into(),
        amount: 5,
        unit: calendar::Unit::WorkingDay,
        basis: basis(),
    }
}

fn basis() -> Basis {
    Basis { article: "样例条例 第2条".into(), authority: Authority::Policy }
}

fn outcome(summary: &str, subject: Option<String>) -> Result<Outcome, Error> {
    let reasons = vec![Reason { text: "按规定".into(), basis: basis() }];
    Ok(Outcome { summary: summary.into(), subject, reasons })
}

fn bad(error: serde_json::Error) -> Error {
    Error::Invalid(vec![Problem {
        at: "".into(),
        found: error.to_string(),
        expected: "JSON".into(),
    }])
}
