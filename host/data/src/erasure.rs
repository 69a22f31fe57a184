//! Erasure (销毁) of what is held about a subject: its key is destroyed, what it is found by is taken away, and a row, a leaf
//! and a receipt say so. Stopping its processing (个人信息保护法 art. 47) where that is not possible yet.
//!
//! Two people erase: one asks, another agrees; only a period of retention that has ended needs nobody ([`retention`]). What
//! the law keeps stays ([`holds`]): an open matter or duty, a matter whose own period runs, a hold that somebody placed.
//! What was destroyed stays so: a list beside the keys is read at each start ([`shred`]).
//!
//! It knows no cipher: it asks the vault to forget, and nobody can make it remember.

mod holds;
pub(crate) mod perform;
mod receipt;
pub(crate) mod retention;
pub(crate) mod row;
pub(crate) mod shred;

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

pub use holds::Hold;
pub use retention::{Ending, EndingStep};
pub(crate) use row::of_requests;

use crate::commit::Facts;
use crate::db::Query;
use crate::log::kept;
use crate::log::store::Appender;
use crate::{Data, guard, request};

/// Characters of a ground, an article or a reason.
const MOST: usize = 400;

/// Where an erasure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// It waits for a second person.
    Asked,
    /// The second person did not agree.
    Refused,
    /// Processing was stopped; the data are there.
    Restricted,
    /// Processing goes on again.
    Lifted,
    /// The key is destroyed.
    Erased,
}

/// What became unreadable, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ErasedCounts {
    /// Versions of records.
    pub versions: u64,
    /// Lines of timelines.
    pub lines: u64,
    /// Decisions.
    pub decisions: u64,
    /// Matters that went too, as they had no other natural person.
    pub cases: u64,
    /// Matters that remain because of others whom they name.
    pub cases_left: u64,
}

/// An erasure, or that processing was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Which one.
    pub id: Id,
    /// Whose data.
    pub subject: Id,
    /// Why.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
    /// Where it stands.
    pub state: ErasureState,
    /// Who asked: a person, or the job.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// Who agreed or refused.
    pub answered_by: Option<String>,
    /// When.
    pub answered_at: Option<Instant>,
    /// Why so.
    pub reason: Option<String>,
    /// What became unreadable.
    pub counts: ErasedCounts,
    /// The request of a person that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Id>,
}

/// What an erasure would do, and what forbids it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outlook {
    /// What would become unreadable.
    pub counts: ErasedCounts,
    /// What the law keeps, in words; empty where nothing forbids it.
    pub holds: Vec<String>,
}

/// Everything that works in the writer's transaction.
#[derive(Debug, Clone)]
struct Parts {
    facts: Facts,
    appender: Appender,
}

impl Data {
    /// What an erasure would do. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor takes no part in erasures; [`Error::NotFound`] where there is no such subject.
    pub async fn erasure_outlook(&self, context: &OpContext, subject: &Id) -> Result<Outlook> {
        self.allow(context, "see-erasures", Action::Erase).await?;
        let mut tx = self.inner.db.read().await?;
        perform::outlook(&mut tx, &self.facts(), subject, context.now).await
    }

    /// Asks for an erasure. It waits for a second person.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where there is no such subject; [`Error::Conflict`] with
    /// what the law keeps, or where one waits already.
    pub async fn ask_erasure(
        &self,
        context: &OpContext,
        subject: &Id,
        ground: &str,
        article: &str,
    ) -> Result<Erasure> {
        self.allow(context, "ask-erasure", Action::Erase).await?;
        let made = made(context, subject, (ground, article), ErasureState::Asked)?;
        let leaf = leaf(context, subject, "申请销毁");
        self.keep_erasure(leaf, made, true, context.now).await
    }

    /// Agrees to an erasure, which is done at once, or refuses it. Nobody answers their own request.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or has asked; [`Error::Conflict`] where it does not wait any more, or with
    /// what the law keeps by now; [`Error::NotFound`] where there is none.
    pub async fn answer_erasure(
        &self,
        context: &OpContext,
        id: &Id,
        agree: bool,
        reason: &str,
    ) -> Result<Erasure> {
        self.allow(context, "agree-erasure", Action::Erase).await?;
        let reason = text("reason", reason, "同意或不同意的理由")?;
        let erasure = row::find(&mut self.inner.db.read().await?, id).await?;
        let actor = actor(context);
        if erasure.asked_by == actor {
            let error = Error::Denied("不能答复自己提出的申请，须由另一人答复".into());
            return Err(self.deny(context, Action::Erase, error).await);
        }
        if agree {
            let leaf = leaf(context, &erasure.subject, "同意并销毁");
            return self.destroy(leaf, erasure, Some((actor, reason))).await;
        }
        let leaf = leaf(context, &erasure.subject, "不同意销毁");
        let answer = (ErasureState::Refused, actor, context.now, reason);
        self.answer(leaf, id, ErasureState::Asked, answer).await
    }

    /// Erases what a period of retention has ended for, or says what that would do.
    ///
    /// # Errors
    /// [`Error::Denied`] for anybody but the job; [`Error::Conflict`] with what the law keeps.
    pub async fn erase(
        &self,
        context: &OpContext,
        subject: &Id,
        ground: &str,
        dry_run: bool,
    ) -> Result<Outlook> {
        self.allow(context, "end-retention", Action::Erase).await?;
        let made = made(context, subject, (ground, retention::ARTICLE), ErasureState::Asked)?;
        if dry_run {
            let mut tx = self.inner.db.read().await?;
            return perform::outlook(&mut tx, &self.facts(), subject, context.now).await;
        }
        let leaf = leaf(context, subject, "保存期限届满，销毁");
        let done = self.destroy(leaf, made, None).await?;
        Ok(Outlook { counts: done.counts, holds: Vec::new() })
    }

    /// Stops the processing of a subject: from now on only those who answer the person see it, and nobody changes it.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where there is no such subject; [`Error::Conflict`]
    /// where it was stopped already.
    pub async fn restrict(
        &self,
        context: &OpContext,
        subject: &Id,
        ground: &str,
        article: &str,
    ) -> Result<Erasure> {
        let by_job = matches!(context.principal, Principal::System { .. });
        let verb = if by_job { "end-retention" } else { "ask-erasure" };
        self.allow(context, verb, Action::Erase).await?;
        let made = made(context, subject, (ground, article), ErasureState::Restricted)?;
        let leaf = leaf(context, subject, "停止处理");
        self.keep_erasure(leaf, made, false, context.now).await
    }

    /// Lets the processing of a subject go on, with the reason.
    ///
    /// # Errors
    /// As [`Data::restrict`].
    pub async fn lift_restriction(
        &self,
        context: &OpContext,
        id: &Id,
        reason: &str,
    ) -> Result<Erasure> {
        self.allow(context, "ask-erasure", Action::Erase).await?;
        let reason = text("reason", reason, "恢复处理的理由")?;
        let erasure = row::find(&mut self.inner.db.read().await?, id).await?;
        let leaf = leaf(context, &erasure.subject, "恢复处理");
        let answer = (ErasureState::Lifted, actor(context), context.now, reason);
        self.answer(leaf, id, ErasureState::Restricted, answer).await
    }

    /// Erasures, the latest first, after one where that is said.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor takes no part in them.
    pub async fn erasures(
        &self,
        context: &OpContext,
        before: Option<&Id>,
        limit: u32,
    ) -> Result<Vec<Erasure>> {
        self.allow(context, "see-erasures", Action::Erase).await?;
        row::page(&mut self.inner.db.read().await?, before, limit).await
    }

    /// Whether a subject was erased: what names it says so, instead of that one may not see it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn is_erased(&self, subject: &Id) -> Result<bool> {
        let query = Query::new("SELECT 1 FROM data_key WHERE state = 'destroyed' AND subject = ");
        Ok(self.inner.db.read().await?.row(query.bind(subject)).await?.is_some())
    }

    fn parts(&self) -> Parts {
        Parts { facts: self.facts(), appender: self.inner.writer.appender().clone() }
    }

    /// Writes a new row: a request, or that processing stops.
    async fn keep_erasure(
        &self,
        leaf: Leaf,
        made: Erasure,
        allowed: bool,
        now: Instant,
    ) -> Result<Erasure> {
        let (facts, written) = (self.facts(), made.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                row::none_waits(tx, &made.subject, made.state).await?;
                let outlook = perform::outlook(tx, &facts, &made.subject, now).await?;
                if allowed && !outlook.holds.is_empty() {
                    return Err(perform::held(&outlook.holds));
                }
                if made.state == ErasureState::Restricted {
                    perform::set_state(tx, &made.subject, "restricted").await?;
                }
                row::insert(tx, &made).await?;
                Ok(vec![kept::ERASURE.entry(tx, made.id.as_str()).await?])
            })
        });
        work.await?;
        Ok(written)
    }

    /// Ends a row otherwise than by destruction.
    async fn answer(
        &self,
        leaf: Leaf,
        id: &Id,
        expected: ErasureState,
        (state, by, at, reason): (ErasureState, String, Instant, String),
    ) -> Result<Erasure> {
        let (found, Parts { facts, appender }) = (id.clone(), self.parts());
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let mut erasure = row::find(tx, &found).await?;
                row::expect(&erasure, expected)?;
                erasure.state = state;
                erasure.answered_by = Some(by.clone());
                erasure.answered_at = Some(at);
                erasure.reason = Some(reason);
                if state == ErasureState::Lifted {
                    perform::set_state(tx, &erasure.subject, "active").await?;
                }
                row::update(tx, &erasure).await?;
                let entries = vec![kept::ERASURE.entry(tx, found.as_str()).await?];
                let closed = match state {
                    ErasureState::Refused => request::refuse(tx, &facts, &erasure, &by, at).await?,
                    _ => None,
                };
                match closed {
                    Some(request) => request.bind(tx, &appender, leaf, entries).await,
                    None => appender.bind(tx, vec![leaf], Vec::new(), entries).await.map(|_| ()),
                }
            })
        });
        work.await?;
        row::find(&mut self.inner.db.read().await?, id).await
    }

    /// Destroys, in one transaction with the leaf; then forgets, and notes it beside the keys.
    async fn destroy(
        &self,
        leaf: Leaf,
        erasure: Erasure,
        answer: Option<(String, String)>,
    ) -> Result<Erasure> {
        let parts = self.parts();
        let at = leaf.at;
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move { perform::destroy(tx, &parts, leaf, erasure, answer).await })
        });
        let (erasure, subjects) = work.await?;
        for subject in &subjects {
            self.inner.vault.forget(subject);
        }
        shred::note(&self.inner.keys, &subjects, at)?;
        // The keys are gone for every query; now for whoever reads the files as well.
        if let Err(error) = self.inner.db.settle().await {
            tracing::warn!(%error, "the database's files hold destroyed keys until their next checkpoint");
        }
        Ok(erasure)
    }
}

pub(crate) fn made(
    context: &OpContext,
    subject: &Id,
    (ground, article): (&str, &str),
    state: ErasureState,
) -> Result<Erasure> {
    Ok(Erasure {
        id: Id::derived(&context.id, 0),
        subject: subject.clone(),
        ground: text("ground", ground, "为什么，例如“本人申请”")?,
        article: text("article", article, "所依据的条款")?,
        state,
        asked_by: actor(context),
        asked_at: context.now,
        answered_by: None,
        answered_at: None,
        reason: None,
        counts: ErasedCounts::default(),
        request: None,
    })
}

/// A text of one line that is not empty.
fn text(at: &str, given: &str, expected: &str) -> Result<String> {
    let given = given.trim();
    if anshu_model::line::is_line(given) && given.chars().count() <= MOST {
        Ok(given.to_owned())
    } else {
        Err(Error::invalid(
            at,
            "为空、过长或有不可见字符",
            format!("{expected}（一行，不超过 {MOST} 字）"),
        ))
    }
}

/// Who acts, as rows have it.
fn actor(context: &OpContext) -> String {
    match &context.principal {
        Principal::Person(person) => person.id.to_string(),
        Principal::Duty(duty) => format!("duty:{}", duty.pack),
        Principal::System { job } => format!("system:{job}"),
    }
}

fn leaf(context: &OpContext, subject: &Id, note: &str) -> Leaf {
    Leaf {
        serves: Some(subject.clone()),
        note: note.to_owned(),
        ..guard::leaf(context, Action::Erase, Verdict::Allowed)
    }
}
