//! A centre in which nothing is kept: a dry run goes through the pack and the guard, and ends before the commit.

use std::sync::Arc;

use anshu_data::Data;
use anshu_model::Error;
use anshu_model::context::OpContext;
use anshu_model::decision::Decision;
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::schema::Apart;

/// Reads like the real one.
#[derive(Debug)]
pub(super) struct Dry(pub(super) Data);

impl Centre for Dry {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        self.0.open(context)
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        self.0.reopen(decision)
    }

    fn commit<'a>(&'a self, _: Arc<Decision>) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn keep_apart<'a>(&'a self, _: &'a OpContext, _: &'a [Apart]) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn failed<'a>(&'a self, _: &'a OpContext, _: &'a Error) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}
