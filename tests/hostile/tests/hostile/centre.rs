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

pub(crate) struct Stuck(pub(crate) MemoryCentre);

struct StuckSnapshot(Box<dyn Snapshot>);

impl Centre for Stuck {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let inner = self.0.open(context).await?;
            Ok(Box::new(StuckSnapshot(inner)) as Box<dyn Snapshot>)
        })
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        self.0.reopen(decision)
    }

    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()> {
        self.0.commit(decision)
    }

    fn failed<'a>(&'a self, context: &'a OpContext, error: &'a Error) -> Answer<'a, ()> {
        self.0.failed(context, error)
    }
}

impl Snapshot for StuckSnapshot {
    fn scope(&self) -> &Scope {
        self.0.scope()
    }

    fn through<'a>(self: Box<Self>, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        self.0.through(context)
    }

    fn calendar(&self) -> Arc<Calendar> {
        self.0.calendar()
    }

    fn get<'a>(&'a mut self, id: &'a Id) -> Answer<'a, Option<Record>> {
        if id.as_str() == "stuck" { Box::pin(std::future::pending()) } else { self.0.get(id) }
    }

    fn lookup<'a>(
        &'a mut self,
        kind: EntityKind,
        scheme: &'a str,
        value: &'a str,
    ) -> Answer<'a, Option<Record>> {
        self.0.lookup(kind, scheme, value)
    }

    fn find<'a>(&'a mut self, query: &'a Find) -> Answer<'a, Vec<Record>> {
        self.0.find(query)
    }

    fn count<'a>(&'a mut self, query: &'a Count) -> Answer<'a, Vec<Cell>> {
        self.0.count(query)
    }

    fn unit<'a>(&'a mut self, function: &'a str, division: &'a Division) -> Answer<'a, Option<Id>> {
        self.0.unit(function, division)
    }

    fn version<'a>(&'a mut self, reference: &'a RecordRef) -> Answer<'a, Record> {
        self.0.version(reference)
    }

    fn check(&self, effect: &Effect) -> Result<()> {
        self.0.check(effect)
    }
}
