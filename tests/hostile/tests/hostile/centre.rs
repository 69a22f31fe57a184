//! A centre whose storage never answers about one record.

use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::decision::{Cell, Decision};
use anshu_model::division::Division;
use anshu_model::effect::Effect;
use anshu_model::entity::EntityKind;
use anshu_model::port::{Answer, Centre, Count, Find, Snapshot};
use anshu_model::record::{Record, RecordRef};
use anshu_model::scope::Scope;
use anshu_model::{Error, Id, Result};
use anshu_sandbox::memory::MemoryCentre;
use tokio::sync::Semaphore;

pub(crate) struct Stuck {
    inner: MemoryCentre,
    waiting: Arc<Semaphore>,
}

struct StuckSnapshot {
    inner: Box<dyn Snapshot>,
    waiting: Arc<Semaphore>,
}

impl Stuck {
    /// A permit is added to `waiting` for each call that has come to the storage and stays there.
    pub(crate) fn new(inner: MemoryCentre, waiting: Arc<Semaphore>) -> Self {
        Self { inner, waiting }
    }
}

impl Centre for Stuck {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let inner = self.inner.open(context).await?;
            let waiting = self.waiting.clone();
            Ok(Box::new(StuckSnapshot { inner, waiting }) as Box<dyn Snapshot>)
        })
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        self.inner.reopen(decision)
    }

    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()> {
        self.inner.commit(decision)
    }

    fn failed<'a>(&'a self, context: &'a OpContext, error: &'a Error) -> Answer<'a, ()> {
        self.inner.failed(context, error)
    }
}

impl Snapshot for StuckSnapshot {
    fn scope(&self) -> &Scope {
        self.inner.scope()
    }

    fn through<'a>(self: Box<Self>, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        self.inner.through(context)
    }

    fn calendar(&self) -> Arc<Calendar> {
        self.inner.calendar()
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> Answer<'a, Option<Record>> {
        if id.as_str() == "stuck" {
            self.waiting.add_permits(1);
            Box::pin(std::future::pending())
        } else {
            self.inner.get(id)
        }
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> Answer<'a, Option<Record>> {
        self.inner.lookup(kind, scheme, value)
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> Answer<'a, Vec<Record>> {
        self.inner.find(query)
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> Answer<'a, Vec<Cell>> {
        self.inner.count(query)
    }

    fn unit<'a>(&'a mut self, function: &'a str, division: &'a Division) -> Answer<'a, Option<Id>> {
        self.inner.unit(function, division)
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> Answer<'a, Record> {
        self.inner.version(reference)
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        self.inner.check(effect)
    }
}
