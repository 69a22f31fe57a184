//! Where versions stand, and each step from one standing to the next: what may be done, the change with its history, and
//! which topics the pack hears afterwards. Storage first; the sandbox follows what is stored.

use std::collections::BTreeSet;

use anshu_model::capability::Grant;
use anshu_model::context::OpContext;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::manifest::Manifest;
use anshu_model::standing::Standing;
use anshu_model::{Error, Result};

use super::request::settled;
use super::standing;
use crate::db::{Bind, Query, Tx};
use crate::log::kept::{self, Entry};
use crate::org::{next_number, revise};
use crate::{Data, guard};

impl Data {
    /// Lets legal time choose a version: one that is staged and whose grant was approved, or one that was withdrawn.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where there is no such version; [`Error::Conflict`]
    /// with what is missing first.
    pub async fn activate_pack(&self, context: &OpContext, digest: &str) -> Result<()> {
        self.step(context, digest, Step::Activate, None).await
    }

    /// Whether [`Data::activate_pack`] would do it.
    ///
    /// # Errors
    /// As [`Data::activate_pack`].
    pub async fn may_activate(&self, context: &OpContext, digest: &str) -> Result<()> {
        self.allow(context, Step::Activate.verb(), Action::Pack).await?;
        Step::Activate.check(&mut self.inner.db.read().await?, digest).await.map(drop)
    }

    /// Takes a version out of what legal time chooses from. What it decided it still answers for.
    ///
    /// # Errors
    /// As [`Data::activate_pack`].
    pub async fn withdraw_pack(
        &self,
        context: &OpContext,
        digest: &str,
        reason: &str,
    ) -> Result<()> {
        self.step(context, digest, Step::Withdraw, Some(reason)).await
    }

    /// Puts a version in quarantine: it is not called until somebody releases it.
    ///
    /// # Errors
    /// As [`Data::activate_pack`].
    pub async fn quarantine(&self, context: &OpContext, digest: &str, reason: &str) -> Result<()> {
        self.step(context, digest, Step::Quarantine, Some(reason)).await
    }

    /// Lets a version in quarantine be called again.
    ///
    /// # Errors
    /// As [`Data::activate_pack`].
    pub async fn release(&self, context: &OpContext, digest: &str) -> Result<()> {
        self.step(context, digest, Step::Release, None).await
    }

    /// Removes a version and withdraws its grant. Component, manifest and history are kept: decisions are explained by
    /// them, and its cases stay.
    ///
    /// # Errors
    /// As [`Data::activate_pack`].
    pub async fn remove_pack(&self, context: &OpContext, digest: &str, reason: &str) -> Result<()> {
        self.step(context, digest, Step::Remove, Some(reason)).await
    }

    async fn step(
        &self,
        context: &OpContext,
        digest: &str,
        step: Step,
        reason: Option<&str>,
    ) -> Result<()> {
        self.allow(context, step.verb(), Action::Pack).await?;
        let mut leaf = guard::leaf(context, step.action(), Verdict::Allowed);
        step.title().clone_into(&mut leaf.note);
        let change = Change { state: step.to(), reason: reason.map(str::to_owned) };
        let (context, digest) = (context.clone(), digest.to_owned());
        let appender = self.inner.writer.appender().clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let (name, version) = step.check(tx, &digest).await?;
                let entries = change.make(tx, &digest, &context).await?;
                subscribe_active(tx, &name).await?;
                revise(tx, "pack").await?;
                let pack = Some(format!("{name}@{version}#{digest}"));
                let leaf = Leaf { pack, digest, ..leaf };
                appender.bind(tx, vec![leaf], Vec::new(), entries.into()).await?;
                Ok((name, version))
            })
        });
        let (name, version) = work.await?;
        if step == Step::Remove {
            self.inner.guard.withdraw_grant(&name, &version);
        }
        Ok(())
    }
}

/// A step in a version's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Activate,
    Withdraw,
    Quarantine,
    Release,
    Remove,
}

impl Step {
    fn verb(self) -> &'static str {
        match self {
            Self::Activate | Self::Withdraw => "activate-pack",
            Self::Quarantine | Self::Release | Self::Remove => "manage-packs",
        }
    }

    fn action(self) -> Action {
        if self == Self::Remove { Action::Grant } else { Action::Pack }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Activate => "启用插件",
            Self::Withdraw => "撤回插件",
            Self::Quarantine => "隔离插件",
            Self::Release => "解除隔离",
            Self::Remove => "移除插件",
        }
    }

    fn to(self) -> Standing {
        match self {
            Self::Activate | Self::Release => Standing::Active,
            Self::Withdraw => Standing::Withdrawn,
            Self::Quarantine => Standing::Quarantined,
            Self::Remove => Standing::Removed,
        }
    }

    /// Name and version of what may take the step.
    pub(super) async fn check(self, tx: &mut Tx, digest: &str) -> Result<(String, String)> {
        let query =
            Query::new("SELECT name, version, state FROM pack WHERE digest = ").bind(digest);
        let row = tx.row(query).await?.ok_or_else(|| unknown(digest))?;
        let (name, version) = (row.text(0)?, row.text(1)?);
        let state = standing(&row.text(2)?)?;
        let fits = match self {
            Self::Activate => {
                matches!(state, Standing::Staged | Standing::Shadow | Standing::Withdrawn)
            }
            Self::Withdraw => matches!(state, Standing::Active | Standing::Quarantined),
            Self::Quarantine => state == Standing::Active,
            Self::Release => state == Standing::Quarantined,
            Self::Remove => state != Standing::Removed,
        };
        if state == Standing::Removed {
            return Err(unknown(digest));
        }
        if !fits {
            return Err(Error::Conflict(format!(
                "插件 {name} {version} 现为“{}”，不能{}",
                state.title(),
                self.title()
            )));
        }
        if self == Self::Activate && state != Standing::Withdrawn {
            settled(tx, digest, &format!("{name} {version}")).await?;
        }
        Ok((name, version))
    }
}

fn unknown(digest: &str) -> Error {
    let digest: String = digest.chars().take(12).collect();
    Error::NotFound(format!("没有存入摘要为 {digest}… 的插件"))
}

/// A standing that a version gets.
pub(super) struct Change {
    pub(super) state: Standing,
    pub(super) reason: Option<String>,
}

impl Change {
    /// A standing that needs no reason.
    pub(super) fn to(state: Standing) -> Self {
        Self { state, reason: None }
    }

    /// Makes the change, and answers the states that a leaf is to vouch for.
    pub(super) async fn make(
        &self,
        tx: &mut Tx,
        digest: &str,
        context: &OpContext,
    ) -> Result<[Entry; 2]> {
        let update = Query::new("UPDATE pack SET state = ")
            .bind(self.state.name())
            .push(", reason = ")
            .bind(self.reason.clone())
            .push(", changed_at = ")
            .bind(context.now)
            .push(" WHERE digest = ")
            .bind(digest);
        tx.run(update).await?;
        let number = next_number(tx, "SELECT MAX(number) FROM pack_history").await?;
        let history = Query::new("INSERT INTO pack_history (digest, number, state, reason, allowed, at, operation) SELECT digest, ")
            .bind(number)
            .push(", state, reason, allowed, changed_at, ")
            .bind(&context.id)
            .push(" FROM pack WHERE digest = ")
            .bind(digest);
        tx.run(history).await?;
        let entry = kept::PACK_HISTORY.entry(tx, &format!("{digest}/{number}")).await?;
        Ok([kept::PACK.entry(tx, digest).await?, entry])
    }
}

/// Another build of a version leaves for this one: always where `any`, else only while nothing has called it.
pub(super) async fn replace_builds(
    tx: &mut Tx,
    context: &OpContext,
    manifest: &Manifest,
    digest: &str,
    any: bool,
) -> Result<Vec<Entry>> {
    let older = Query::new("SELECT digest, state FROM pack WHERE state <> 'removed' AND name = ")
        .bind(manifest.name.as_str())
        .push(" AND version = ")
        .bind(manifest.version.as_str())
        .push(" AND digest <> ")
        .bind(digest);
    let mut entries = Vec::new();
    for row in tx.rows(older).await? {
        let state = standing(&row.text(1)?)?;
        if !any && !matches!(state, Standing::Staged | Standing::Shadow) {
            return Err(Error::Conflict(format!(
                "插件 {} {} 的另一构建{}；改动后的插件须使用新的版本号",
                manifest.name,
                manifest.version,
                state.title()
            )));
        }
        let reason = Some("由同一版本的另一构建替换".to_owned());
        let change = Change { state: Standing::Removed, reason };
        entries.extend(change.make(tx, &row.text(0)?, context).await?);
    }
    Ok(entries)
}

/// A pack hears what its active versions may hear. One in quarantine still does: its events wait until it is released.
pub(super) async fn subscribe_active(tx: &mut Tx, name: &str) -> Result<()> {
    let query = Query::new(
        "SELECT manifest, allowed FROM pack WHERE state IN ('active', 'quarantined') AND name = ",
    );
    let mut topics = BTreeSet::new();
    for row in tx.rows(query.bind(name)).await? {
        let (manifest, grant) = (row.json::<Manifest>(0)?, row.json::<Grant>(1)?);
        topics.extend(manifest.requests.intersection(&grant.allows).hears);
    }
    tx.run(Query::new("DELETE FROM subscription WHERE pack = ").bind(name)).await?;
    let rows = topics.into_iter().map(|topic| vec![topic.into(), Bind::from(name)]).collect();
    tx.insert("INSERT INTO subscription (topic, pack)", 2, rows, "").await
}
