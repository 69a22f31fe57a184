//! Runs one export in a store and an instance of its own, under every limit.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use anshu_model::decision::Cost;
use anshu_model::{Error, Result};
use wasmtime::{Store, UpdateDeadline};

use crate::call::Call;
use crate::contract::{DepartmentPre, plugin, types};
use crate::error::from_contract;
use crate::limit::{Limit, fault};
use crate::sandbox::Inner;

/// What is called, and with what.
#[derive(Clone)]
pub(crate) enum Export {
    Decide(plugin::Input),
    Due(plugin::Timer),
    View(plugin::ViewRequest),
    Explain(plugin::Decision),
    Migrate(plugin::Migration),
}

impl Export {
    /// The export for people, with what it was called for.
    fn title(&self) -> String {
        match self {
            Self::Decide(plugin::Input::Action(action)) => {
                format!("decide（动作“{}”）", action.name)
            }
            Self::Decide(plugin::Input::Event(event)) => format!("decide（事件“{}”）", event.topic),
            Self::Due(timer) => format!("due（定时“{}”）", timer.key),
            Self::View(view) => format!("view（视图“{}”）", view.name),
            Self::Explain(_) => "explain".to_owned(),
            Self::Migrate(migration) => format!("migrate（自 {}）", migration.from_version),
        }
    }
}

/// What a guest answered.
pub(crate) enum Answer {
    Outcome(plugin::Outcome),
    Rows(String),
    Explanation(plugin::Explanation),
    Migrated(plugin::Migrated),
}

impl Answer {
    /// Its texts together.
    fn bytes(&self) -> usize {
        let reasons = |reasons: &[plugin::Reason]| -> usize {
            reasons.iter().map(|reason| reason.text.len() + reason.basis.article.len()).sum()
        };
        match self {
            Self::Outcome(outcome) => outcome.summary.len() + reasons(&outcome.reasons),
            Self::Rows(json) => json.len(),
            Self::Explanation(explanation) => {
                explanation.text.len() + explanation.remedy.len() + reasons(&explanation.reasons)
            }
            Self::Migrated(migrated) => {
                let texts = [&migrated.substage, &migrated.manual];
                migrated.note.len() + texts.into_iter().flatten().map(String::len).sum::<usize>()
            }
        }
    }
}

/// A call that ended, one way or the other.
pub(crate) struct Ended {
    pub(crate) answer: Result<Answer>,
    pub(crate) call: Call,
    pub(crate) cost: Cost,
}

/// Runs an export. The store, the instance and the turn are given back before this answers.
pub(crate) async fn run(inner: &Inner, call: Call, export: &Export) -> Result<Ended> {
    let settings = Arc::clone(&inner.settings);
    let pack = Arc::clone(&call.pack);
    let turn = inner.quotas.turn(&pack, &settings).await?;
    let started = Instant::now();

    let mut store = Store::new(&inner.maker.engine, call);
    store.limiter(|call| &mut call.taken);
    store.set_hostcall_fuel(settings.result_bytes);
    store.set_epoch_deadline(1);
    let milliseconds = settings.deadline.as_millis();
    store.epoch_deadline_callback(move |mut store| {
        let call = store.data_mut();
        call.ticks = call.ticks.saturating_sub(1);
        // A guest that computes lets others run at every tick; the deadline can then also cut it from outside.
        if call.ticks == 0 {
            Err(Limit::Computing { milliseconds }.into())
        } else {
            Ok(UpdateDeadline::Yield(1))
        }
    });

    let answer =
        tokio::time::timeout(settings.deadline, pack.linked.enter(&mut store, export)).await;
    let call = store.into_data();
    drop(turn);

    let trapped = |error: &wasmtime::Error| {
        fault(&pack.reference, &export.title(), settings.result_bytes, error)
    };
    let most = settings.result_bytes;
    let answer = match answer {
        Ok(Ok(Ok(answer))) if answer.bytes() > most => {
            let what = "返回的结果";
            Err(trapped(&Limit::Result { what, found: answer.bytes(), most }.into()))
        }
        Ok(Ok(answer)) => answer.map_err(|error| call.covered(from_contract(error))),
        Ok(Err(trap)) => Err(trapped(&trap)),
        Err(_) => Err(trapped(&match call.waiting_on {
            Some(on) => Limit::Waiting { milliseconds, on }.into(),
            None => Limit::Computing { milliseconds }.into(),
        })),
    };
    if let Err(error @ Error::Fault(_)) = &answer {
        tracing::warn!(pack = %pack.title(), %error, "pack fault");
    }
    let cost = Cost {
        micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        host_calls: call.host_calls,
        memory: call.taken.memory as u64,
        attempts: 1,
    };
    Ok(Ended { answer, call, cost })
}

/// What an export that was entered answers, once it is there: the outer error is a trap, the inner one the pack's own.
pub(crate) type Entered<'a> =
    Pin<Box<dyn Future<Output = wasmtime::Result<Result<Answer, types::Error>>> + Send + 'a>>;

/// The exports of a linked pack in the newest contract's words, whichever version it was built for.
pub(crate) trait Exports: Send + Sync {
    /// Makes an instance in a store and calls one export of it.
    fn enter<'a>(&'a self, store: &'a mut Store<Call>, export: &'a Export) -> Entered<'a>;
}

impl Exports for DepartmentPre<Call> {
    fn enter<'a>(&'a self, store: &'a mut Store<Call>, export: &'a Export) -> Entered<'a> {
        Box::pin(async move {
            let department = self.instantiate_async(&mut *store).await?;
            let plugin = department.anshu_governance_plugin();
            Ok(match export {
                Export::Decide(input) => {
                    plugin.call_decide(store, input).await?.map(Answer::Outcome)
                }
                Export::Due(timer) => plugin.call_due(store, timer).await?.map(Answer::Outcome),
                Export::View(request) => plugin.call_view(store, request).await?.map(Answer::Rows),
                Export::Explain(decision) => {
                    plugin.call_explain(store, decision).await?.map(Answer::Explanation)
                }
                Export::Migrate(migration) => {
                    plugin.call_migrate(store, migration).await?.map(Answer::Migrated)
                }
            })
        })
    }
}

/// A pack that answered in another export's words; the bindings make this impossible.
pub(crate) fn mixed_up() -> Error {
    Error::Internal("an export answered for another".into())
}
