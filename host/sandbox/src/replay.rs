//! A decision again, from its record: the same pack version, the same reads by their versions, and then byte for byte
//! the same effects.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::calendar::Calendar;
use anshu_model::context::PackRef;
use anshu_model::decision::{Cell, Decision, Outcome, Read};
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::entity::EntityKind;
use anshu_model::port::{self, Centre, Count, Find, Snapshot};
use anshu_model::record::{Record, RecordRef};
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};
use serde::Serialize;

use crate::call::{Call, asked, asked_lookup};
use crate::decide::Decided;
use crate::invoke::Stopped;
use crate::sandbox::Sandbox;

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Whether outcome and effects are byte for byte the same.
    pub equal: bool,
    /// What differs, or why it could not be replayed.
    pub differences: Vec<String>,
}

/// The pack version that decided.
pub(crate) fn recorded(decision: &Decision) -> Result<&PackRef> {
    let missing = || Error::invalid("/context/pack", "没有插件", "由插件作出的决定");
    decision.context.pack.as_ref().ok_or_else(missing)
}

impl Sandbox {
    /// Runs a recorded decision again. Nothing is committed.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the version that decided is not installed, and what the centre refuses. That the pack
    /// decides otherwise is no error but a difference.
    pub async fn replay(&self, centre: &dyn Centre, decision: &Decision) -> Result<Replay> {
        let registry = self.inner.registry();
        let pack = Arc::clone(registry.exact(recorded(decision)?)?);
        let differences = Differences::default();
        let inner = centre.reopen(decision).await?;
        let calendar = self.inner.calendar_version(&inner.calendar());
        if calendar != decision.calendar {
            differences.add(format!("节假日数据的版本是 {calendar}，当时是 {}", decision.calendar));
        }
        let journal = Journal {
            inner,
            scope: decision.scope.clone(),
            call: decision.context.id.clone(),
            reads: decision.reads.iter().cloned().collect(),
            count: 0,
            differences: differences.clone(),
        };
        let settings = Arc::clone(&self.inner.settings);
        let call = Call::new(pack, registry, settings, decision.context.clone(), Box::new(journal));
        match self.decide(call, &decision.input).await {
            Ok(Decided { outcome, effects, reads, .. }) => {
                if reads.len() < decision.reads.len() {
                    let then = decision.reads.len();
                    differences.add(format!("读取了 {} 次，当时读取了 {then} 次", reads.len()));
                }
                compare(decision, &outcome, &effects, &differences);
            }
            // A difference that stopped the call says more than how it stopped.
            Err(_) if !differences.is_empty() => {}
            Err(Stopped::Failed(error) | Stopped::Denied(error) | Stopped::Conflict(error)) => {
                differences.add(format!("重放没有得出结果：{error}"));
            }
        }
        let differences = differences.take();
        Ok(Replay { equal: differences.is_empty(), differences })
    }
}

fn compare(decision: &Decision, outcome: &Outcome, effects: &[Effect], differences: &Differences) {
    // What another version would have said was no word of this one.
    if !same(outcome, &decision.outcome.own()) {
        differences.add("结果的文字或依据与当时不同".into());
    }
    if effects.len() != decision.effects.len() {
        differences.add(format!(
            "产生了 {} 项变更，当时是 {} 项",
            effects.len(),
            decision.effects.len()
        ));
    }
    for (index, (now, then)) in effects.iter().zip(&decision.effects).enumerate() {
        if !same(now, then) {
            differences.add(format!("第 {} 项变更与当时不同", index + 1));
        }
    }
}

fn same<T: Serialize>(now: &T, then: &T) -> bool {
    match (serde_json::to_vec(now), serde_json::to_vec(then)) {
        (Ok(now), Ok(then)) => now == then,
        _ => false,
    }
}

#[derive(Debug, Clone, Default)]
struct Differences(Arc<Mutex<Vec<String>>>);

impl Differences {
    fn add(&self, text: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Answers each read as the record says, with the values of the versions that were read then.
struct Journal {
    inner: Box<dyn Snapshot>,
    scope: Scope,
    call: Id,
    reads: VecDeque<Read>,
    count: usize,
    differences: Differences,
}

impl Journal {
    /// The next read of the record, where it is the one that is asked for now.
    fn next<T>(&mut self, what: &str, matches: impl FnOnce(Read) -> Option<T>) -> Result<T> {
        self.count += 1;
        let stop = |text: String| {
            self.differences.add(text);
            // Not for the guest: a replay that went another way ends here.
            Err(Error::Internal("replay left the record".into()))
        };
        match self.reads.pop_front() {
            None => stop(format!("第 {} 次读取（{what}）是当时没有的", self.count)),
            Some(read) => match matches(read) {
                Some(found) => Ok(found),
                None => stop(format!("第 {} 次读取（{what}）与当时不同", self.count)),
            },
        }
    }

    async fn version(&mut self, reference: Option<RecordRef>) -> Result<Option<Record>> {
        let Some(reference) = reference else { return Ok(None) };
        match self.inner.version(&reference).await {
            Ok(record) => Ok(Some(record)),
            Err(Error::NotFound(_)) => {
                let RecordRef { kind, id, version } = reference;
                self.differences
                    .add(format!("{} {id} 第 {version} 版已经销毁，无法重放", kind.title()));
                Err(Error::Internal("a version was erased".into()))
            }
            Err(error) => Err(error),
        }
    }
}

impl Snapshot for Journal {
    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn calendar(&self) -> Arc<Calendar> {
        self.inner.calendar()
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> port::Answer<'a, Option<Record>> {
        Box::pin(async move {
            let found = self.next("按标识", |read| match read {
                Read::Get { id: then, found } if then == *id => Some(found),
                _ => None,
            })?;
            self.version(found).await
        })
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> port::Answer<'a, Option<Record>> {
        Box::pin(async move {
            let now = asked_lookup(&self.call, kind, scheme, value);
            let found = self.next("按证件号码", |read| match read {
                Read::Lookup { asked, found } if asked == now => Some(found),
                _ => None,
            })?;
            self.version(found).await
        })
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> port::Answer<'a, Vec<Record>> {
        Box::pin(async move {
            let now = asked(query);
            let found = self.next("查询", |read| match read {
                Read::Find { asked, found } if asked == now => Some(found),
                _ => None,
            })?;
            let mut records = Vec::with_capacity(found.len());
            for reference in found {
                records.extend(self.version(Some(reference)).await?);
            }
            Ok(records)
        })
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> port::Answer<'a, Vec<Cell>> {
        Box::pin(async move {
            let now = asked(query);
            self.next("统计", |read| match read {
                Read::Count { asked, cells } if asked == now => Some(cells),
                _ => None,
            })
        })
    }

    fn unit<'a>(
        &'a mut self,
        function: &'a str,
        _division: &'a Division,
    ) -> port::Answer<'a, Option<Id>> {
        Box::pin(async move {
            self.next("职能单位", |read| match read {
                Read::Unit { function: then, found } if then == function => Some(found),
                _ => None,
            })
        })
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> port::Answer<'a, Record> {
        self.inner.version(reference)
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        self.inner.check(effect)
    }
}
