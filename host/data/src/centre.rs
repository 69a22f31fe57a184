//! The port that the sandbox runs over.

use std::sync::Arc;

use anshu_model::context::OpContext;
use anshu_model::decision::Decision;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::record::RecordRef;
use anshu_model::{Error, Result};

use crate::Data;
use crate::commit::Unit;
use crate::guard::{self, Permit};

impl Centre for Data {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let permit = self.permit(context, Action::Decide).await?;
            Ok(Box::new(self.view(permit)) as Box<dyn Snapshot>)
        })
    }

    fn reopen<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move { Ok(Box::new(self.view_again(decision).await?) as Box<dyn Snapshot>) })
    }

    fn as_of<'a>(&'a self, decision: &'a Decision) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move { Ok(Box::new(self.view_then(decision).await?) as Box<dyn Snapshot>) })
    }

    fn commit<'a>(&'a self, decision: Arc<Decision>) -> Answer<'a, ()> {
        Box::pin(async move {
            // Asked again: a grant may have been withdrawn since the snapshot was opened.
            let permit = self.permit(&decision.context, Action::Decide).await?;
            if let Err(error) = permit.decides() {
                return Err(self.deny(&decision.context, Action::Decide, error).await);
            }
            let unit = Unit::decision(permit, decision.clone())?;
            match self.inner.writer.commit(unit).await {
                Err(error @ Error::Denied(_)) => {
                    Err(self.deny(&decision.context, Action::Decide, error).await)
                }
                done => done,
            }
        })
    }

    fn shown<'a>(&'a self, context: &'a OpContext, records: &'a [RecordRef]) -> Answer<'a, ()> {
        Box::pin(self.touched(context, records, "插件视图"))
    }

    fn failed<'a>(&'a self, context: &'a OpContext, error: &'a Error) -> Answer<'a, ()> {
        Box::pin(async move {
            let (verdict, note) = reason(error);
            let mut leaf = guard::leaf(context, Action::Fault, verdict);
            note.clone_into(&mut leaf.note);
            self.inner.writer.leaves(vec![leaf]).await
        })
    }
}

impl Data {
    /// Asks the guard. What it refuses is in the log before the caller hears of it.
    pub(crate) async fn permit(&self, context: &OpContext, action: Action) -> Result<Permit> {
        match self.inner.guard.permit(context) {
            Ok(permit) => Ok(permit),
            Err(error) => Err(self.deny(context, action, error).await),
        }
    }

    /// Asks whether something may be done to the centre as a whole, such as `read-audit`.
    pub(crate) async fn allow(
        &self,
        context: &OpContext,
        verb: &str,
        action: Action,
    ) -> Result<()> {
        match self.inner.guard.allows(context, verb) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.deny(context, action, error).await),
        }
    }

    /// Puts a refusal into the log and gives it back. Where even that fails, the failure is what the caller gets.
    pub(crate) async fn deny(&self, context: &OpContext, action: Action, error: Error) -> Error {
        let (verdict, note) = reason(&error);
        let mut leaf = guard::leaf(context, action, verdict);
        note.clone_into(&mut leaf.note);
        match self.inner.writer.leaves(vec![leaf]).await {
            Ok(()) => error,
            Err(broken) => broken,
        }
    }
}

/// How an error stands in the log: in a word, as its text may speak of persons.
fn reason(error: &Error) -> (Verdict, &'static str) {
    match error {
        Error::Denied(_) => (Verdict::Denied, "不允许"),
        Error::NotFound(_) => (Verdict::Denied, "未找到或超出权限范围"),
        Error::Invalid(_) => (Verdict::Failed, "内容有误"),
        Error::Conflict(_) => (Verdict::Failed, "状态冲突"),
        Error::OverQuota(_) => (Verdict::Failed, "超出限额"),
        Error::Unavailable(_) => (Verdict::Failed, "暂不可用"),
        Error::Fault(_) => (Verdict::Failed, "插件故障"),
        Error::Internal(_) => (Verdict::Failed, "内部错误"),
    }
}
