//! Calls from the host, routed by what the plugin declared.

use crate::bindings::exports::anshu::governance::plugin as contract;
use crate::{
    Decided, Decision, Error, Explanation, Migrated, Migration, Outcome, Pack, Plugin, Result,
    Timer,
};

/// Routes a person's action or an event.
///
/// # Errors
/// [`Error::NotFound`] for what the pack does not declare, and whatever the handler answers.
pub fn decide<P: Plugin>(input: contract::Input) -> Result<contract::Outcome> {
    let pack = P::pack();
    match input {
        contract::Input::Action(action) => {
            match pack.actions.iter().find(|declared| declared.name == action.name) {
                Some(declared) => (declared.run)(action).map(Outcome::into_contract),
                None => Err(Error::not_found(format!("本插件没有操作“{}”", action.name))),
            }
        }
        contract::Input::Event(event) => {
            match pack.hears.iter().find(|heard| heard.topic() == event.topic) {
                Some(heard) => heard.run(event).map(Outcome::into_contract),
                None => Err(Error::not_found(format!("本插件不接收主题“{}”", event.topic))),
            }
        }
    }
}

/// Routes a timer.
///
/// # Errors
/// [`Error::NotFound`] for a key that no declared prefix fits, and whatever the handler answers.
pub fn due<P: Plugin>(timer: contract::Timer) -> Result<contract::Outcome> {
    let pack = P::pack();
    match pack.timers.iter().find(|(prefix, _)| timer.key.starts_with(prefix)) {
        Some((prefix, handler)) => handler(Timer::new(timer, prefix)).map(Outcome::into_contract),
        None => Err(Error::not_found(format!("本插件没有定时“{}”", timer.key))),
    }
}

/// Routes a view.
///
/// # Errors
/// [`Error::NotFound`] for what the pack does not declare, and whatever the handler answers.
pub fn view<P: Plugin>(request: contract::ViewRequest) -> Result<String> {
    let pack = P::pack();
    match pack.views.iter().find(|view| view.name == request.name) {
        Some(view) => view.run(request),
        None => Err(Error::not_found(format!("本插件没有视图“{}”", request.name))),
    }
}

/// Explains a decision.
///
/// # Errors
/// Whatever the plugin answers.
pub fn explain<P: Plugin>(decision: contract::Decision) -> Result<contract::Explanation> {
    P::explain(&Decision::new(decision)).map(Explanation::into_contract)
}

/// Says where a case stands under this version.
///
/// # Errors
/// Whatever the plugin answers.
pub fn migrate<P: Plugin>(migration: contract::Migration) -> Result<contract::Migrated> {
    P::migrate(&Migration::from_contract(migration)).map(Migrated::into_contract)
}

/// The general explanation: what was asked, what came out, why, and how to challenge it.
pub(crate) fn explained(pack: &Pack, decision: &Decision) -> Explanation {
    let asked = match &decision.input {
        Decided::Action { name, .. } => {
            let declared = pack.actions.iter().find(|action| action.name == name);
            format!("“{}”", declared.map_or(name.as_str(), |action| action.title))
        }
        Decided::Event { .. } => "其他部门的通知".to_owned(),
    };
    let mut text = format!(
        "{}，对{asked}得出结果：{}。",
        decision.at.date(),
        decision.outcome.summary.trim_end_matches('。')
    );
    for (number, reason) in decision.outcome.reasons.iter().enumerate() {
        text.push_str(&format!(
            "\n{}. {}——{}",
            number + 1,
            reason.text.trim_end_matches('。'),
            reason.basis
        ));
    }
    Explanation {
        text,
        reasons: decision.outcome.reasons.clone(),
        remedy: pack.remedy_text().to_owned(),
    }
}

/// The manifest as JSON, for `cargo anshu`.
///
/// # Panics
/// On the author's machine, with everything that the declaration lacks: `cargo anshu build` shows it.
#[must_use]
pub fn manifest_json<P: Plugin>() -> String {
    let pack = P::pack();
    let problems = pack.problems();
    #[expect(
        clippy::panic,
        reason = "only cargo anshu calls this, natively, and shows the text to the author"
    )]
    if !problems.is_empty() {
        panic!("插件的声明有 {} 处问题：\n  {}", problems.len(), problems.join("\n  "));
    }
    serde_json::json!(pack.manifest()).to_string()
}

/// The golden cases as JSON, for `cargo anshu`.
#[must_use]
pub fn golden_json<P: Plugin>() -> String {
    let mut cases = serde_json::json!(P::pack().golden_cases());
    crate::json::without_nulls(&mut cases);
    cases.to_string()
}
