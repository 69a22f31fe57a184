// A department that punishes an act: what `harsh` and `mild` have in common. The answers say where a law is to behave
// otherwise, each by the law's name.

use anshu::governance::types::{Authority, Basis, EntityKind, Error};
use anshu::governance::{cases, entities, log};
use exports::anshu::governance::plugin::{
    Action, Decision, Explanation, Guest, Input, Migrated, Migration, Outcome, Reason, Timer,
    ViewRequest,
};
use serde_json::Value;

wit_bindgen::generate!({ path: "../../../../../wit/0.2.0", world: "department" });

struct Law;
export!(Law);

impl Guest for Law {
    fn decide(input: Input) -> Result<Outcome, Error> {
        match input {
            Input::Action(action) if action.name == "open" => open(action),
            Input::Action(action) => punish(action),
            Input::Event(event) => Err(Error::NotFound(event.topic)),
        }
    }

    fn due(timer: Timer) -> Result<Outcome, Error> {
        Err(Error::NotFound(timer.key))
    }

    fn view(_: ViewRequest) -> Result<String, Error> {
        Ok(format!("[{{\"name\":\"{NAME}\"}}]"))
    }

    fn explain(decision: Decision) -> Result<Explanation, Error> {
        let Outcome { summary, reasons, burden, .. } = decision.outcome;
        Ok(Explanation { text: format!("{summary}，{burden:?}"), reasons, remedy: "申请复核".into() })
    }

    fn migrate(migration: Migration) -> Result<Migrated, Error> {
        let case = cases::get(&migration.case)?;
        let note = format!("{} 自 {} 转入 {}", case.code, migration.from_version, migration.to_version);
        let (substage, manual) = match case.title.as_str() {
            "写" => {
                cases::note(&migration.case, "不应写入")?;
                (None, None)
            }
            "崩" => panic!("half way"),
            "错" => (Some("nowhere".to_owned()), None),
            "人工" => (None, Some("须由人员确认".to_owned())),
            _ => (Some("visit".to_owned()), None),
        };
        Ok(Migrated { substage, note, manual })
    }
}

/// The act becomes a thing, so that a test sees whose effects were kept.
fn punish(action: Action) -> Result<Outcome, Error> {
    let answers: Value = serde_json::from_str(&action.answers).unwrap_or_default();
    let is = |what: &str| answers[what].as_str().is_some_and(|law| law == NAME || law == "both");
    if is("refuse") {
        return Err(Error::Conflict(format!("{NAME} 不予处罚")));
    }
    assert!(!is("trap"), "as it was told");
    if let Some(subject) = &action.subject {
        let known = entities::get(subject)?;
        log::write(log::Level::Info, &format!("{} {}", known.name, known.version));
    }
    let act = entities::create(&entities::NewEntity {
        kind: EntityKind::Thing,
        name: NAME.into(),
        division: "500103001000".into(),
        identifiers: vec![],
        facets: vec![],
    })?;
    let burden = if is("silent") { None } else if is("same") { Some(20) } else { Some(BURDEN) };
    outcome(format!("按 {NAME} 处理"), act, burden)
}

fn open(action: Action) -> Result<Outcome, Error> {
    let answers: Value = serde_json::from_str(&action.answers).unwrap_or_default();
    let case = cases::open(&cases::NewCase {
        matter: "law.matter".into(),
        title: answers["title"].as_str().unwrap_or("事项").into(),
        division: "500103001000".into(),
        occurred_at: anshu::governance::calendar::now(),
        function: "mediation".into(),
        parties: vec![],
        answers: vec![],
        joint: vec![],
    })?;
    outcome("已立案".into(), case, None)
}

fn outcome(summary: String, subject: String, burden: Option<u32>) -> Result<Outcome, Error> {
    let basis = Basis { article: "样例条例 第9条".into(), authority: Authority::Statute };
    let reasons = vec![Reason { text: "按规定".into(), basis }];
    Ok(Outcome { summary, subject: Some(subject), reasons, burden })
}
