//! Activations at an instant. A row waits; it is done in the transaction that activates, so it happens once.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::standing::Standing;
use anshu_model::{Error, Id, Result};

use super::life::{Change, Step, subscribe_active};
use super::request::name_of;
use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept::{self, Entry};
use crate::org::revise;
use crate::{Data, guard};

/// How an activation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivationState {
    /// It waits for its instant.
    Waiting,
    /// The version was activated.
    Done,
    /// Somebody took it back.
    Cancelled,
    /// At its instant the version could not be activated.
    Failed,
}

impl ActivationState {
    /// As it is stored and as interfaces name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    fn of(name: &str) -> Result<Self> {
        [Self::Waiting, Self::Done, Self::Cancelled, Self::Failed]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::Internal(format!("no state of an activation: {name}")))
    }
}

/// An activation at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// Which.
    pub id: Id,
    /// The version, by the digest of its component.
    pub digest: String,
    /// When.
    pub at: Instant,
    /// Who asked for it, by name.
    pub asked_by: String,
    /// How it stands.
    pub state: ActivationState,
    /// Why it failed.
    pub reason: Option<String>,
}

impl Data {
    /// Lets a version be activated at an instant. The earlier wish for the same version gives way.
    ///
    /// # Errors
    /// As [`Data::activate_pack`]; [`Error::Invalid`] where the instant has passed.
    pub async fn schedule_activation(
        &self,
        context: &OpContext,
        digest: &str,
        at: Instant,
    ) -> Result<Id> {
        self.may_activate(context, digest).await?;
        if at <= context.now {
            return Err(Error::invalid("/at", "已经过去的时刻", "将来的时刻；要立即启用时不填"));
        }
        let leaf = leaf(context, digest, "安排定时启用");
        let id = Id::derived(&context.id, 0);
        let row: Vec<Bind> = vec![
            (&id).into(),
            digest.into(),
            at.into(),
            leaf.actor.as_str().into(),
            context.now.into(),
            ActivationState::Waiting.name().into(),
        ];
        let (key, digest, now) = (id.clone(), digest.to_owned(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                Step::Activate.check(tx, &digest).await?;
                let mut entries = cancel(tx, &digest, now).await?;
                let into =
                    "INSERT INTO pack_activation (id, digest, at, asked_by, asked_at, state)";
                tx.insert(into, 6, vec![row], "").await?;
                entries.push(kept::ACTIVATION.entry(tx, key.as_str()).await?);
                Ok(entries)
            })
        });
        work.await?;
        Ok(id)
    }

    /// Takes a version's waiting activation back.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Conflict`] where none waits.
    pub async fn cancel_activation(&self, context: &OpContext, digest: &str) -> Result<()> {
        self.allow(context, "activate-pack", Action::Pack).await?;
        let leaf = leaf(context, digest, "取消定时启用");
        let (digest, now) = (digest.to_owned(), context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let entries = cancel(tx, &digest, now).await?;
                if entries.is_empty() {
                    return Err(Error::Conflict("这个版本没有待执行的定时启用".into()));
                }
                Ok(entries)
            })
        });
        work.await
    }

    /// The activations that wait or failed, the earliest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn activations(&self, context: &OpContext) -> Result<Vec<Activation>> {
        self.allow(context, "see-packs", Action::Pack).await?;
        let query = select().push(" WHERE state IN ('waiting', 'failed') ORDER BY at, id");
        self.read_activations(query).await
    }

    /// The activations whose instant has come.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn due_activations(&self, now: Instant) -> Result<Vec<Activation>> {
        let query = select().push(" WHERE state = 'waiting' AND at <= ").bind(now);
        self.read_activations(query.push(" ORDER BY at, id")).await
    }

    /// Does an activation whose instant has come, once: the version is active, or the activation failed with its reason.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Conflict`] where it no longer waits.
    pub async fn carry_out_activation(
        &self,
        context: &OpContext,
        activation: &Activation,
        refused: Option<&Error>,
    ) -> Result<()> {
        self.allow(context, "activate-pack", Action::Pack).await?;
        let leaf = leaf(context, &activation.digest, "定时启用插件");
        let (Activation { id, digest, .. }, context) = (activation.clone(), context.clone());
        let refused = refused.cloned();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let query =
                    Query::new("SELECT 1 FROM pack_activation WHERE state = 'waiting' AND id = ");
                if tx.row(query.bind(&id)).await?.is_none() {
                    return Err(Error::Conflict("该定时启用已经执行或取消".into()));
                }
                let fits = match refused {
                    Some(error) => Err(error),
                    None => Step::Activate.check(tx, &digest).await,
                };
                let mut entries = Vec::new();
                let (state, reason) = match fits {
                    Ok((name, _)) => {
                        let change = Change::to(Standing::Active);
                        entries.extend(change.make(tx, &digest, &context).await?);
                        subscribe_active(tx, &name).await?;
                        revise(tx, "pack").await?;
                        (ActivationState::Done, None)
                    }
                    Err(error @ (Error::Internal(_) | Error::Unavailable(_))) => return Err(error),
                    Err(error) => (ActivationState::Failed, Some(error.to_string())),
                };
                entries.push(end(tx, &id, state, reason, context.now).await?);
                Ok(entries)
            })
        });
        work.await
    }

    async fn read_activations(&self, query: Query) -> Result<Vec<Activation>> {
        let mut tx = self.inner.db.read().await?;
        let mut found = Vec::new();
        for row in tx.rows(query).await? {
            found.push(activation(&mut tx, &row).await?);
        }
        Ok(found)
    }
}

fn leaf(context: &OpContext, digest: &str, note: &str) -> Leaf {
    let leaf = guard::leaf(context, Action::Pack, Verdict::Allowed);
    Leaf { digest: digest.to_owned(), note: note.to_owned(), ..leaf }
}

fn select() -> Query {
    Query::new("SELECT id, digest, at, asked_by, state, reason FROM pack_activation")
}

async fn activation(tx: &mut Tx, row: &Row) -> Result<Activation> {
    Ok(Activation {
        id: row.id(0)?,
        digest: row.text(1)?,
        at: row.instant(2)?,
        asked_by: name_of(tx, &row.text(3)?).await?,
        state: ActivationState::of(&row.text(4)?)?,
        reason: row.maybe_text(5)?,
    })
}

async fn cancel(tx: &mut Tx, digest: &str, now: Instant) -> Result<Vec<Entry>> {
    let query = Query::new("SELECT id FROM pack_activation WHERE state = 'waiting' AND digest = ");
    let mut entries = Vec::new();
    for row in tx.rows(query.bind(digest)).await? {
        entries.push(end(tx, &row.id(0)?, ActivationState::Cancelled, None, now).await?);
    }
    Ok(entries)
}

async fn end(
    tx: &mut Tx,
    id: &Id,
    state: ActivationState,
    reason: Option<String>,
    now: Instant,
) -> Result<Entry> {
    let update = Query::new("UPDATE pack_activation SET state = ")
        .bind(state.name())
        .push(", reason = ")
        .bind(reason)
        .push(", ended_at = ")
        .bind(now)
        .push(" WHERE id = ")
        .bind(id);
    tx.run(update).await?;
    kept::ACTIVATION.entry(tx, id.as_str()).await
}
