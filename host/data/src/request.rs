//! Requests of persons about their data, as they are stored: the machine itself is [`anshu_model::request`].
//!
//! A person files and follows their own; an officer of the desk takes the steps, and files for somebody at the window who has
//! no account. Nobody answers a request about themselves. Each step is one leaf, which holds none of the texts.

use std::collections::BTreeSet;

use anshu_model::context::OpContext;
use anshu_model::decision::Decision;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Kind, RecordRef};
use anshu_model::request::{Channel, PersonRequest, Right, Stand, Step, text};
use anshu_model::{Error, Id, Result};

use crate::budget::Of;
use crate::db::{Bind, Query, Tx};
use crate::disclosure::{Held, officer};
use crate::log::{bind, kept};
use crate::org::json;
use crate::vault::envelope::Place;
use crate::vault::key_rows;
use crate::vault::ring::Ring;
use crate::{Data, guard};

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
    /// A person files a request about their own data.
    ///
    /// # Errors
    /// [`Error::Denied`] where the account is nobody's own; [`Error::Invalid`] without a wish.
    pub async fn file_own_request(
        &self,
        context: &OpContext,
        asked: NewRequest,
    ) -> Result<PersonRequest> {
        let subject = self.own_subject(context).await?;
        self.allow(context, "file-own-request", Action::Disclose).await?;
        self.put_request(context, subject, Channel::Account, "本人账号".into(), asked).await
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
        self.put_request(context, subject, Channel::Window, window.proof.clone(), asked).await
    }

    async fn put_request(
        &self,
        context: &OpContext,
        subject: Id,
        channel: Channel,
        proof: String,
        asked: NewRequest,
    ) -> Result<PersonRequest> {
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

    /// A person's step on their own request: to supplement it or to take it back.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the request is not theirs; as [`PersonRequest::after`].
    pub async fn own_request_step(
        &self,
        context: &OpContext,
        id: &Id,
        step: Step,
    ) -> Result<PersonRequest> {
        let subject = self.own_subject(context).await?;
        self.allow(context, "file-own-request", Action::Disclose).await?;
        let request = self.request_of(id).await?.filter(|request| request.subject == subject);
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

    /// `before`: how many steps the request had taken when it was read; none for a new one. What was said is sealed with the
    /// person's own key: it goes where their data go.
    async fn write_request(
        &self,
        leaf: Leaf,
        request: PersonRequest,
        before: Option<usize>,
    ) -> Result<()> {
        let (facts, appender) = (self.facts(), self.inner.writer.appender().clone());
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let (id, step) = (&request.id, request.steps.len() as u64);
                if let Some(before) = before {
                    unmoved(tx, id, before).await?;
                }
                let subjects = BTreeSet::from([request.subject.clone()]);
                let ring = Ring::load(tx, &facts.vault, &subjects).await?;
                let mut pen = ring.pen(&facts.vault, leaf.at);
                let place = Place::request(id.as_str(), step);
                let body = pen.seal([&request.subject], place, &json(&request)?)?;
                let row: Vec<Bind> = vec![
                    id.into(),
                    (&request.subject).into(),
                    request.right.name().into(),
                    request.stand.name().into(),
                    request.filed_at.into(),
                    request.due_at.into(),
                    step.into(),
                    body.into(),
                ];
                let into = "INSERT INTO person_request (id, subject, kind, state, filed_at, due_at, step, body)";
                let moved = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, \
                             step = excluded.step, body = excluded.body";
                tx.insert(into, 8, vec![row], moved).await?;
                let entries = vec![kept::PERSON_REQUEST.entry(tx, id.as_str()).await?];
                let done = pen.done();
                let made = done.used().made.iter();
                let made = made.map(|key| bind::data_key(key.subject.as_str(), key.generation));
                let position = appender.bind(tx, vec![leaf], made.collect(), entries).await?.first;
                let position = i64::try_from(position)
                    .map_err(|error| Error::Internal(format!("leaf: {error}")))?;
                let uses = done.used().uses.values();
                let keys = uses.map(|(key, uses)| key.binds(*uses, position)).collect();
                tx.insert(key_rows::INSERT, key_rows::COLUMNS, keys, key_rows::USED).await
            })
        });
        work.await
    }

    /// The requests of the person who asks, newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the account is nobody's own.
    pub async fn own_requests(&self, context: &OpContext) -> Result<Vec<PersonRequest>> {
        let subject = self.own_subject(context).await?;
        let query =
            Query::new("SELECT body, id, step FROM person_request WHERE subject = ").bind(&subject);
        let found =
            self.read_requests(query.push(" ORDER BY filed_at DESC, id LIMIT ").bind(MOST)).await?;
        self.told(context, "本人查看自己的请求").await?;
        Ok(found)
    }

    /// Requests for the desk: those that wait, by their end, or with `all` the latest ones.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn requests(&self, context: &OpContext, all: bool) -> Result<Vec<PersonRequest>> {
        self.allow(context, "handle-requests", Action::Disclose).await?;
        let query = if all {
            Query::new(
                "SELECT body, id, step FROM person_request ORDER BY filed_at DESC, id LIMIT ",
            )
            .bind(MOST)
        } else {
            Query::new("SELECT body, id, step FROM person_request WHERE state IN ('filed', 'accepted', 'asked', 'handed_over') ")
                .push("ORDER BY due_at IS NULL, due_at, id LIMIT ")
                .bind(MOST)
        };
        let found = self.read_requests(query).await?;
        self.told(context, "查看本人请求清单").await?;
        Ok(found)
    }

    /// What is held about the person of a request that is being worked on, so that it can be copied or explained. That the
    /// officer looked is told to the person like any other look.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Conflict`] where nobody works on the request.
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
        let held = self.held(context, &request.subject).await?;
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
    ) -> Result<Option<Decision>> {
        self.allow(context, "handle-requests", Action::Read).await?;
        let Some(about) = &request.about else { return Ok(None) };
        let query = Query::new(
            "SELECT d.decision, d.id FROM decision d JOIN decision_about a ON a.decision = d.id WHERE d.id = ",
        );
        let query =
            query.bind(about).push(" AND a.about = ").bind(&request.subject).push(guard::DECIDED);
        let mut tx = self.inner.db.read().await?;
        let rows = tx.rows(query).await?;
        Ok(self.inner.vault.decisions(&mut tx, &rows, 0).await?.pop().flatten())
    }

    async fn request_of(&self, id: &Id) -> Result<Option<PersonRequest>> {
        let query = Query::new("SELECT body, id, step FROM person_request WHERE id = ").bind(id);
        Ok(self.read_requests(query).await?.pop())
    }

    /// Requests of rows `body, id, step`. What was erased with its person is not there any more.
    async fn read_requests(&self, query: Query) -> Result<Vec<PersonRequest>> {
        let mut tx = self.inner.db.read().await?;
        let rows = tx.rows(query).await?;
        let texts = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        let keys = self.inner.vault.keys(&mut tx, texts.iter().map(String::as_str)).await?;
        let mut found = Vec::with_capacity(rows.len());
        for (row, text) in rows.iter().zip(&texts) {
            found.extend(keys.json(Place::request(&row.text(1)?, row.count(2)?), text)?);
        }
        Ok(found)
    }
}

async fn unmoved(tx: &mut Tx, id: &Id, before: usize) -> Result<()> {
    let row = tx.row(Query::new("SELECT step FROM person_request WHERE id = ").bind(id)).await?;
    let now = row.map(|row| row.count(0)).transpose()?;
    if now == u64::try_from(before).ok() {
        return Ok(());
    }
    Err(Error::Conflict("请求刚刚有了新的办理情况；请刷新后再办理".into()))
}

fn absent(id: &Id) -> Error {
    Error::NotFound(format!("请求 {id}"))
}
