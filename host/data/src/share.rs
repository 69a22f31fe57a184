//! Shares between units: the catalogue, the requests with their answers, deliveries, and reads under a share.
//!
//! Owned here: each step as one transaction with its leaf, and who may take it. What a step means is the model's
//! (`anshu_model::share`); what a share lets its receiver read is [`serve`], the record of each use [`using`], what is signed
//! [`deliver`], what happens with time [`time`]. No row is copied: a share reads where the data is, and ends in the instant in
//! which it ends.

mod deliver;
mod file;
mod item;
mod row;
mod serve;
mod time;
mod using;

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::label::Label;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::org::Person;
use anshu_model::share::{Actor, Hand, Policy, Share, State, Step, StepKind, Terms, shareable};
use anshu_model::{Error, Id, Result};
use sha2::{Digest, Sha256};

use crate::db::Query;
use crate::log::note::hex;
use crate::org::json;
use crate::{Data, guard};

pub use deliver::Delivered;
pub use file::{Received, verify_share_file};
pub use serve::{SharedRow, SharedRows};
pub use using::Use;

/// Shares that are listed: the latest.
const MOST: u32 = 200;

/// What the policies are asked for a step.
const fn verb(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Revise | StepKind::Submit => "ask-share",
        StepKind::Review => "review-share",
        StepKind::Answer | StepKind::Revoke => "answer-share",
        StepKind::Deliver => "deliver-share",
        StepKind::Accept | StepKind::Use | StepKind::Finish => "use-share",
        StepKind::Destroy => "attest-destruction",
        StepKind::Dispute => "dispute-share",
        StepKind::Coordinate | StepKind::Decide => "coordinate-share",
        StepKind::Expire => "keep-shares",
    }
}

impl Data {
    /// Asks for an item: a draft, which the asking unit's named official must review before it is submitted.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where there is no such item; [`Error::Invalid`] with
    /// everything that is wrong with the terms; [`Error::Conflict`] where the unit itself provides it.
    pub async fn ask_share(&self, context: &OpContext, item: &Id, terms: Terms) -> Result<Share> {
        self.allow(context, verb(StepKind::Submit), Action::Share).await?;
        let person = self.acting(context).await?;
        let item = row::item(&mut self.inner.db.read().await?, item).await?;
        if item.provider == person.unit {
            let error = Error::Conflict("这是本单位自己的数据，不需要申请共享".into());
            return Err(self.deny(context, Action::Share, error).await);
        }
        let label = self.terms_label(&item, &terms, context.now)?;
        let asked = Hand { person: person.id.clone(), unit: person.unit.clone(), at: context.now };
        let share = Share::draft(Id::derived(&context.id, 0), &item, label, terms, asked);
        let leaf = step_leaf(context, &share, StepKind::Revise)?;
        let new = share.clone();
        let work = self
            .inner
            .writer
            .keep(leaf, move |tx| Box::pin(async move { Ok(vec![row::insert(tx, &new).await?]) }));
        work.await?;
        Ok(share)
    }

    /// Puts other terms in a draft. A review of before no longer counts.
    ///
    /// # Errors
    /// As [`Data::ask_share`] and [`Data::step_share`].
    pub async fn revise_share(
        &self,
        context: &OpContext,
        id: &Id,
        version: u64,
        terms: Terms,
    ) -> Result<Share> {
        self.allow(context, verb(StepKind::Revise), Action::Share).await?;
        let mut tx = self.inner.db.read().await?;
        let share = row::share(&mut tx, id).await?;
        let item = row::item(&mut tx, &share.item).await?;
        drop(tx);
        let label = self.terms_label(&item, &terms, context.now)?;
        let step = Step::Revise { terms: Box::new(terms), label };
        self.step_share(context, id, version, step, &Policy::default()).await
    }

    /// Submits a reviewed request. How the item is shared now decides whether the rule answers at once.
    ///
    /// # Errors
    /// As [`Data::step_share`].
    pub async fn submit_share(
        &self,
        context: &OpContext,
        id: &Id,
        version: u64,
        policy: &Policy,
    ) -> Result<Share> {
        self.allow(context, verb(StepKind::Submit), Action::Share).await?;
        let mut tx = self.inner.db.read().await?;
        let share = row::share(&mut tx, id).await?;
        let item = row::item(&mut tx, &share.item).await?;
        drop(tx);
        // The item may offer less than when the draft was written.
        self.terms_label(&item, &share.terms, context.now)?;
        let step = Step::Submit { attribute: item.offering.attribute };
        self.step_share(context, id, version, step, policy).await
    }

    /// Takes a step of a share, with its leaf; or, refused, leaves only the leaf that says so. Deliveries, receipts and reads
    /// have functions of their own.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such share for this unit; [`Error::Denied`] where the step is not this person's;
    /// [`Error::Conflict`] where it is not legal now, or the share has moved on; [`Error::Invalid`] without a reason.
    pub async fn step_share(
        &self,
        context: &OpContext,
        id: &Id,
        version: u64,
        step: Step,
        policy: &Policy,
    ) -> Result<Share> {
        let kind = step.kind();
        self.allow(context, verb(kind), Action::Share).await?;
        self.visible_share(context, id).await?;
        let (work_context, id, policy) = (context.clone(), id.clone(), *policy);
        let (appender, calendar) = (self.inner.writer.appender().clone(), self.calendar());
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let share = row::share(tx, &id).await?;
                fresh(&share, version)?;
                let (actor, now) = (actor(&work_context)?, work_context.now);
                let next = share.take(&step, actor, now, &policy, &calendar)?;
                let leaf = step_leaf(&work_context, &next, kind)?;
                let entry = row::save(tx, &next).await?;
                appender.bind(tx, vec![leaf], Vec::new(), vec![entry]).await?;
                Ok(next)
            })
        });
        let next = match work.await {
            Ok(next) => next,
            Err(error) => return Err(self.deny(context, Action::Share, error).await),
        };
        if kind == StepKind::Destroy {
            self.close_duty(context, &next).await;
        }
        Ok(next)
    }

    /// The shares in which the actor's unit takes part, the latest first; of every unit for those who oversee them.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not see shares.
    pub async fn shares(&self, context: &OpContext) -> Result<Vec<Share>> {
        self.allow(context, "see-shares", Action::Share).await?;
        let query = Query::new("SELECT body FROM data_share WHERE 1 = 1");
        let query = match (self.oversees(context), context.principal.unit()) {
            (true, _) => query,
            // Whoever could give the second answer must see what waits for it.
            (false, Some(unit)) => query
                .push(" AND (provider = ")
                .bind(unit)
                .push(" OR asking = ")
                .bind(unit)
                .push(" OR state = 'submitted')"),
            (false, None) => return Ok(Vec::new()),
        };
        let query = query.push(" ORDER BY made_at DESC, id LIMIT ").bind(MOST);
        let rows = self.inner.db.read().await?.rows(query).await?;
        let shares = rows.iter().map(|row| row.json(0)).collect::<Result<Vec<Share>>>()?;
        let overseen = self.oversees(context);
        let answers = self.inner.guard.allows(context, verb(StepKind::Answer)).is_ok();
        let mine = |share: &Share| overseen || is_partys(share, &context.principal, answers);
        Ok(shares.into_iter().filter(mine).collect())
    }

    /// One share.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not see shares; [`Error::NotFound`] where it is absent, or other units'.
    pub async fn share(&self, context: &OpContext, id: &Id) -> Result<Share> {
        self.allow(context, "see-shares", Action::Share).await?;
        self.visible_share(context, id).await
    }

    /// Which steps the actor may take now, each with why not where they may not. The model and the policies are asked; nothing
    /// is written.
    #[must_use]
    pub fn share_steps(
        &self,
        context: &OpContext,
        share: &Share,
    ) -> Vec<(StepKind, Option<String>)> {
        let told = |error: Error| match error {
            Error::Denied(text) | Error::Conflict(text) => text,
            other => other.to_string(),
        };
        share
            .legal()
            .into_iter()
            .filter(|kind| *kind != StepKind::Expire)
            .map(|kind| {
                let allowed = self.inner.guard.allows(context, verb(kind));
                let theirs = actor(context).and_then(|actor| share.may(kind, actor, context.now));
                (kind, allowed.and(theirs).err().map(told))
            })
            .collect()
    }

    /// A share that the actor may know of, or [`Error::NotFound`] with the refusal in the log.
    async fn visible_share(&self, context: &OpContext, id: &Id) -> Result<Share> {
        let found = row::share(&mut self.inner.db.read().await?, id).await;
        let answers = self.inner.guard.allows(context, verb(StepKind::Answer)).is_ok();
        match found {
            Ok(share)
                if self.oversees(context) || is_partys(&share, &context.principal, answers) =>
            {
                Ok(share)
            }
            Ok(_) => {
                let error = Error::NotFound(format!("共享 {id}"));
                Err(self.deny(context, Action::Share, error).await)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the actor sees every unit's shares.
    fn oversees(&self, context: &OpContext) -> bool {
        self.inner.guard.allows(context, "oversee-shares").is_ok()
    }

    /// The person behind an operation; what is shared is shared between people in posts.
    async fn acting(&self, context: &OpContext) -> Result<Person> {
        match &context.principal {
            Principal::Person(person) if context.pack.is_none() => Ok(Person::clone(person)),
            Principal::Person(_) | Principal::Duty(_) | Principal::System { .. } => {
                let error = Error::Denied("数据共享须由具名的人员办理".into());
                Err(self.deny(context, Action::Share, error).await)
            }
        }
    }

    /// Checks terms against an item and against what may never be shared, and classifies what is asked for.
    fn terms_label(
        &self,
        item: &anshu_model::share::Item,
        terms: &Terms,
        now: Instant,
    ) -> Result<Label> {
        terms.check(item, now)?;
        let mut problems = Vec::new();
        let schemas = self.inner.schemas.get();
        let label = shareable(&item.offering.group, &terms.fields, &schemas, &mut problems);
        if problems.is_empty() { Ok(label) } else { Err(Error::Invalid(problems)) }
    }
}

/// Whether a share is this person's to know of. An official whose place it lies in sees what waits for the second answer.
fn is_partys(share: &Share, principal: &Principal, answers: bool) -> bool {
    let Principal::Person(person) = principal else { return false };
    let theirs = || share.terms.divisions.iter().all(|place| person.division.contains(place));
    let waits = answers && share.state == State::Submitted && share.needs_two() && theirs();
    let mut hands = share.answers.iter().filter_map(|answer| answer.by.as_ref());
    share.side(&person.unit).is_some() || waits || hands.any(|hand| hand.unit == person.unit)
}

/// The actor as the model knows them.
fn actor(context: &OpContext) -> Result<Actor<'_>> {
    match &context.principal {
        Principal::Person(person) => Ok(Actor::Person { person: &person.id, unit: &person.unit }),
        Principal::System { .. } => Ok(Actor::Host),
        Principal::Duty(_) => Err(Error::Denied("数据共享须由具名的人员办理".into())),
    }
}

/// A share is still what the caller saw.
fn fresh(share: &Share, version: u64) -> Result<()> {
    if share.version == version {
        return Ok(());
    }
    Err(Error::Conflict("共享在读取之后已有变动；请刷新后重试".into()))
}

/// The leaf of a step: what the share is now, by digest.
fn step_leaf(context: &OpContext, share: &Share, kind: StepKind) -> Result<Leaf> {
    Ok(Leaf {
        serves: Some(share.id.clone()),
        digest: hex(&Sha256::digest(json(share)?)),
        note: format!("数据共享：{}", kind.title()),
        ..guard::leaf(context, Action::Share, Verdict::Allowed)
    })
}
