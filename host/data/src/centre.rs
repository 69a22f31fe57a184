//! The port that the sandbox runs over.

use std::sync::Arc;

use anshu_model::context::OpContext;
use anshu_model::decision::Decision;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::{Answer, Centre, Snapshot};
use anshu_model::record::RecordRef;
use anshu_model::schema::Apart;
use anshu_model::{Error, Result};

use crate::Data;
use crate::commit::Unit;
use crate::db::Tx;
use crate::guard::{self, Guard, Known, Permit};
use crate::snapshot::View;

impl Centre for Data {
    fn open<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            // Through a pack nothing is added to what it was granted, so nothing is read before the first read.
            let permit = self.asked(context, Action::Decide, |guard| guard.permit(context)).await?;
            Ok(Box::new(self.view(permit)) as Box<dyn Snapshot>)
        })
    }

    fn open_to_show<'a>(&'a self, context: &'a OpContext) -> Answer<'a, Box<dyn Snapshot>> {
        Box::pin(async move {
            let mut tx = self.inner.db.read().await?;
            let known = self.known(context, &mut tx, Action::Read).await?;
            let show = |guard: &Guard| guard.permit_to_show(context, &known);
            let permit = self.asked(context, Action::Read, show).await?;
            Ok(Box::new(self.view_in(permit, tx)) as Box<dyn Snapshot>)
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
            let context = &decision.context;
            let permit = self.asked(context, Action::Decide, |guard| guard.permit(context)).await?;
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

    fn keep_apart<'a>(&'a self, context: &'a OpContext, told: &'a [Apart]) -> Answer<'a, ()> {
        Box::pin(self.stored_apart(context, told))
    }

    fn drop_apart<'a>(&'a self, context: &'a OpContext) -> Answer<'a, ()> {
        Box::pin(self.dropped_apart(context))
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
    /// Asks the guard, with all that holds for the operation now. What it refuses is in the log before the caller hears of it.
    pub(crate) async fn permit(&self, context: &OpContext, action: Action) -> Result<Permit> {
        let mut tx = self.inner.db.read().await?;
        let known = self.known(context, &mut tx, action).await?;
        drop(tx);
        self.asked(context, action, |guard| guard.permit_with(context, &known)).await
    }

    /// As [`Data::permit`], with the snapshot that it was decided in: what is read next is of the same moment.
    pub(crate) async fn look(&self, context: &OpContext, action: Action) -> Result<View> {
        let mut tx = self.inner.db.read().await?;
        let known = self.known(context, &mut tx, action).await?;
        let permit =
            self.asked(context, action, |guard| guard.permit_with(context, &known)).await?;
        Ok(self.view_in(permit, tx))
    }

    async fn known(&self, context: &OpContext, tx: &mut Tx, action: Action) -> Result<Known> {
        match self.inner.guard.known(&self.inner.vault, context, tx).await {
            Err(error @ Error::Denied(_)) => Err(self.deny(context, action, error).await),
            // Emergency access and openings are for a look: a copy of many leaves by neither.
            Ok(mut known) if action == Action::Export => {
                known.facts.emergency = false;
                known.facts.opened.clear();
                Ok(known)
            }
            known => known,
        }
    }

    /// Asks the guard one thing; a refusal is in the log.
    async fn asked<T>(
        &self,
        context: &OpContext,
        action: Action,
        ask: impl FnOnce(&Guard) -> Result<T>,
    ) -> Result<T> {
        match ask(&self.inner.guard) {
            Ok(answer) => Ok(answer),
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
