//! Requests of persons about their data, as they are stored: the machine itself is [`anshu_model::request`].
//!
//! A person files and follows their own; an officer of the desk takes the steps, and files for somebody at the window who has
//! no account. Nobody answers a request about themselves. Each step is one leaf, which holds none of the texts.

mod outcome;
mod store;

use anshu_model::context::OpContext;
use anshu_model::decision::Decision;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Kind, RecordRef};
use anshu_model::request::{Channel, PersonRequest, Right, Stand, Step, text};
use anshu_model::{Error, Id, Result};

pub use outcome::ForRequest;
pub(crate) use outcome::{fulfil, refuse};

use crate::budget::Of;
use crate::db::Query;
use crate::disclosure::{Eyes, Held, officer};
use crate::erasure::Erasure;
use crate::{Data, guard};
use store::COLUMNS;

/// Requests that one answer holds: the latest.
const MOST: i64 = 200;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// Which right.
    pub right: Right,
    /// In the person's own words.
    pub wish: String,
    /// A decision or an earlier request that it is about.
    pub about: Option<Id>,
    /// By when it must be answered: policy.
    pub due_at: Instant,
}

/// A request with the erasure that answers it, or is to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The request.
    pub request: PersonRequest,
    /// The erasure, or the stop of processing.
    pub erasure: Option<Erasure>,
}

/// Somebody at the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWindow {
    /// The document's scheme, such as `resident-id`.
    pub scheme: String,
    /// Its number. It is looked up and written nowhere.
    pub number: String,
    /// How the identity was checked.
    pub proof: String,
}

impl Data {
    /// A person files a request about their own data, or a guardian about a child's, by the guardian's link.
    ///
    /// # Errors
    /// As [`Data::eyes`]; [`Error::Invalid`] without a wish.
    pub async fn file_own_request(
        &self,
        context: &OpContext,
        ward: Option<&Id>,
        asked: NewRequest,
    ) -> Result<PersonRequest> {
        let eyes = self.eyes(context, ward).await?;
        self.allow(context, "file-own-request", Action::Disclose).await?;
        let proof = if eyes.link().is_some() { "监护人账号" } else { "本人账号" };
        let (subject, guardian) = (eyes.subject().clone(), eyes.link().cloned());
        let from = From { channel: Channel::Account, proof: proof.into(), guardian };
        self.put_request(context, subject, from, asked).await
    }

    /// An officer files a request for somebody at the window.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where nobody has the number; [`Error::Invalid`] without a
    /// wish or without how the identity was checked.
    pub async fn file_request_at_window(
        &self,
        context: &OpContext,
        window: &AtWindow,
        asked: NewRequest,
    ) -> Result<PersonRequest> {
        self.allow(context, "handle-requests", Action::Disclose).await?;
        text("proof", &window.proof, "核验身份的方式，如“窗口核验居民身份证原件”")?;
        let subject = match self.subject_of(context, &window.scheme, &window.number).await {
            Ok(subject) => subject,
            Err(error) => return Err(self.deny(context, Action::Disclose, error).await),
        };
        let from = From { channel: Channel::Window, proof: window.proof.clone(), guardian: None };
        self.put_request(context, subject, from, asked).await
    }

    async fn put_request(
        &self,
        context: &OpContext,
        subject: Id,
        from: From,
        asked: NewRequest,
    ) -> Result<PersonRequest> {
        let From { channel, proof, guardian } = from;
        text("wish", &asked.wish, "您希望办理的内容")?;
        let request = PersonRequest {
            id: Id::derived(&context.id, 0),
            subject,
            right: asked.right,
            channel,
            wish: asked.wish,
            about: asked.about,
            proof,
            filed_by: officer(context)?,
            guardian,
            filed_at: context.now,
            due_at: Some(asked.due_at),
            waits_since: None,
            left: None,
            stand: Stand::Filed,
            steps: Vec::new(),
        };
        let mut leaf = guard::leaf(context, Action::Disclose, Verdict::Allowed);
        leaf.note = format!("本人请求 {}：提出（{}）", request.id, request.right.title());
        self.write_request(leaf, request.clone(), None).await?;
        Ok(request)
    }

    /// A person's step on their own request, or a guardian's on one that they filed: to supplement it or to take it back.
    ///
    /// # Errors
    /// As [`Data::eyes`]; [`Error::NotFound`] where the request is not theirs; as [`PersonRequest::after`].
    pub async fn own_request_step(
        &self,
        context: &OpContext,
        ward: Option<&Id>,
        id: &Id,
        step: Step,
    ) -> Result<PersonRequest> {
        let eyes = self.eyes(context, ward).await?;
        self.allow(context, "file-own-request", Action::Disclose).await?;
        let theirs = |request: &PersonRequest| {
            request.subject == *eyes.subject()
                && eyes.link().is_none_or(|link| request.guardian.as_ref() == Some(link))
        };
        let request = self.request_of(id).await?.filter(theirs);
        let Some(request) = request else {
            return Err(self.deny(context, Action::Disclose, absent(id)).await);
        };
        if !step.is_own() {
            let error = Error::Denied(format!("{}由窗口办理", step.title()));
            return Err(self.deny(context, Action::Disclose, error).await);
        }
        self.take(context, request, step).await
    }

    /// An officer's step. For somebody who came to the window the officer also writes down what the person adds or takes
    /// back.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or the request is about themselves; [`Error::NotFound`]; as
    /// [`PersonRequest::after`].
    pub async fn request_step(
        &self,
        context: &OpContext,
        id: &Id,
        step: Step,
    ) -> Result<PersonRequest> {
        self.allow(context, "handle-requests", Action::Disclose).await?;
        let request = self.request_of(id).await?.ok_or_else(|| absent(id))?;
        self.not_about_oneself(context, &request).await?;
        if step.is_own() && request.channel == Channel::Account {
            let error = Error::Denied(format!("{}由本人通过自己的账号办理", step.title()));
            return Err(self.deny(context, Action::Disclose, error).await);
        }
        self.take(context, request, step).await
    }

    async fn not_about_oneself(&self, context: &OpContext, request: &PersonRequest) -> Result<()> {
        let by = officer(context)?;
        let query = Query::new("SELECT 1 FROM account_subject WHERE person = ").bind(&by);
        let query = query.push(" AND subject = ").bind(&request.subject);
        let own = self.inner.db.read().await?.row(query).await?.is_some();
        if own || (request.channel == Channel::Account && request.filed_by == by) {
            let error = Error::Denied("不能办理自己的请求；请由另一名工作人员办理".into());
            return Err(self.deny(context, Action::Disclose, error).await);
        }
        Ok(())
    }

    async fn take(
        &self,
        context: &OpContext,
        request: PersonRequest,
        step: Step,
    ) -> Result<PersonRequest> {
        let by = officer(context)?;
        let steps = request.steps.len();
        let mut leaf = guard::leaf(context, Action::Disclose, Verdict::Allowed);
        if matches!(step, Step::Refuse { .. }) {
            leaf.verdict = Verdict::Denied;
        }
        leaf.note = format!("本人请求 {}：{}", request.id, step.title());
        let next = request.after(step, by.as_str(), context.now)?;
        self.write_request(leaf, next.clone(), Some(steps)).await?;
        Ok(next)
    }

    /// `before`: how many steps the request had taken when it was read; none for a new one.
    async fn write_request(
        &self,
        leaf: Leaf,
        request: PersonRequest,
        before: Option<usize>,
    ) -> Result<()> {
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let by = request.steps.last().map_or("", |step| step.by.as_str());
                let settled = outcome::settle(tx, &request, by, leaf.at).await?;
                let written = store::put(tx, &facts, &request, before, leaf.at).await?;
                written.bind(tx, &appender, leaf, settled).await
            })
        });
        work.await
    }

    /// The requests of the person who asks, newest first; of a guardian those that they filed under the link.
    ///
    /// # Errors
    /// As [`Data::eyes`].
    pub async fn own_requests(
        &self,
        context: &OpContext,
        ward: Option<&Id>,
    ) -> Result<Vec<Followed>> {
        let eyes = self.eyes(context, ward).await?;
        let query = Query::new(COLUMNS).push("WHERE subject = ").bind(eyes.subject());
        let query = of_eyes(query, &eyes).push(" ORDER BY filed_at DESC, id LIMIT ").bind(MOST);
        let found = self.read_requests(query).await?;
        self.told(context, &eyes, "查看提出的请求").await?;
        Ok(found)
    }

    /// Requests for the desk: those that wait, by their end, or with `all` the latest ones.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn requests(&self, context: &OpContext, all: bool) -> Result<Vec<Followed>> {
        self.allow(context, "handle-requests", Action::Disclose).await?;
        let query = Query::new(COLUMNS);
        let query = if all {
            query.push("ORDER BY filed_at DESC, id LIMIT ")
        } else {
            query
                .push("WHERE state IN ('filed', 'accepted', 'asked', 'handed_over') ")
                .push("ORDER BY due_at IS NULL, due_at, id LIMIT ")
        };
        let found = self.read_requests(query.bind(MOST)).await?;
        let mut leaf = guard::leaf(context, Action::Disclose, Verdict::Allowed);
        leaf.note = "查看本人请求清单".into();
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(found)
    }

    /// What is held about the person of a request that is being worked on, so that it can be copied or explained. That the
    /// officer looked is told to the person like any other look.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Conflict`] where nobody works on the request, or where a guardian
    /// filed it who is none any more.
    pub async fn request_data(
        &self,
        context: &OpContext,
        id: &Id,
    ) -> Result<(PersonRequest, Held)> {
        self.allow(context, "handle-requests", Action::Read).await?;
        let request = self.request_of(id).await?.ok_or_else(|| absent(id))?;
        self.not_about_oneself(context, &request).await?;
        if !matches!(request.stand, Stand::Accepted | Stand::HandedOver) {
            return Err(Error::Conflict(format!(
                "请求“{}”；先受理，再查阅所涉资料",
                request.stand.title()
            )));
        }
        let held = self.held(context, &self.eyes_of(&request, context.now).await?).await?;
        // The desk reads whom it is asked about, and no more people in a day than anybody else.
        self.spend(context, Of::People, &[request.subject.to_string()]).await?;
        let touched = RecordRef {
            kind: Kind::Entity,
            id: request.subject.clone(),
            version: held.record.head.version,
        };
        self.touched(context, &[touched], "办理本人请求").await?;
        Ok((request, held))
    }

    /// The decision that a request asks to have explained, in full, for the pack that made it to put into words. None where it
    /// asks about none, or about one that is not about the person.
    ///
    /// # Errors
    /// As [`Data::request_data`], which is to be called before: it puts the look into the log.
    pub async fn request_decision(
        &self,
        context: &OpContext,
        request: &PersonRequest,
        held: &Held,
    ) -> Result<Option<Decision>> {
        self.allow(context, "handle-requests", Action::Read).await?;
        let Some(about) = &request.about else { return Ok(None) };
        // What is withheld from a guardian is not explained to them either.
        if request.guardian.is_some() && !held.decisions.iter().any(|one| one.id == *about) {
            return Ok(None);
        }
        let query = Query::new(
            "SELECT d.decision, d.id FROM decision d JOIN decision_about a ON a.decision = d.id WHERE d.id = ",
        );
        let query =
            query.bind(about).push(" AND a.about = ").bind(&request.subject).push(guard::DECIDED);
        let mut tx = self.inner.db.read().await?;
        let rows = tx.rows(query).await?;
        Ok(self.inner.vault.decisions(&mut tx, &rows, 0).await?.pop().flatten())
    }

    /// Through whose eyes what is handed out for a request is seen: those of whom it goes to.
    async fn eyes_of(&self, request: &PersonRequest, now: Instant) -> Result<Eyes> {
        let Some(link) = &request.guardian else {
            return Ok(Eyes::of_subject(&request.subject));
        };
        let over = "监护关联已经结束，不能再向原监护人提供；请答复不予办理，写明理由";
        let ward = self.ward(link, now).await?;
        ward.map(Eyes::Guardian).ok_or_else(|| Error::Conflict(over.into()))
    }

    async fn request_of(&self, id: &Id) -> Result<Option<PersonRequest>> {
        store::find(&mut self.inner.db.read().await?, &self.inner.vault, id).await
    }

    async fn read_requests(&self, query: Query) -> Result<Vec<Followed>> {
        store::read(&mut self.inner.db.read().await?, &self.inner.vault, query).await
    }
}

/// How a request came in.
struct From {
    channel: Channel,
    proof: String,
    guardian: Option<Id>,
}

/// Narrows a query over requests of one person to what whoever looks may follow.
fn of_eyes(query: Query, eyes: &Eyes) -> Query {
    match eyes.link() {
        None => query,
        Some(link) => query
            .push(" AND id IN (SELECT request FROM request_guardian WHERE guardian = ")
            .bind(link)
            .push(")"),
    }
}

fn absent(id: &Id) -> Error {
    Error::NotFound(format!("请求 {id}"))
}
