//! Wrong passwords: counted by login name, whether there is such an account or not, so that answers do not tell.

use anshu_model::Result;
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};

use super::{Account, actor, key};
use crate::db::{Bind, Query};
use crate::{Data, guard};

/// Wrong passwords are forgotten after a day without another one.
const FORGET: i64 = 24 * 3600 * 1000;

impl Data {
    /// Until when nobody signs in with a login name, whether there is such an account or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn locked_until(&self, login: &str) -> Result<Option<Instant>> {
        let mut tx = self.inner.db.read().await?;
        let query =
            Query::new("SELECT locked_until FROM sign_in_failure WHERE login = ").bind(key(login));
        Ok(tx.row(query).await?.map(|row| row.maybe_int(0)).transpose()?.flatten().map(Instant))
    }

    /// Puts a failed sign-in into the log, and counts it: at the limit the name is locked until an instant, and counting
    /// begins anew. Without a limit it is not counted, as while the name is locked. Answers how many there were in a row.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be stored: then the answer must be withheld too.
    pub async fn note_failure(
        &self,
        context: &OpContext,
        login: &str,
        limit: Option<(u32, Instant)>,
    ) -> Result<u32> {
        self.note_failure_of(context, login, limit, "口令不正确").await
    }

    /// As [`Data::note_failure`], for something else than the password: a code, a key.
    ///
    /// # Errors
    /// As [`Data::note_failure`].
    pub async fn note_failure_of(
        &self,
        context: &OpContext,
        login: &str,
        limit: Option<(u32, Instant)>,
        what: &'static str,
    ) -> Result<u32> {
        let account = self.account(login).await?;
        let mut leaf = guard::leaf(context, Action::SignIn, Verdict::Denied);
        // What was typed is not noted: people type passwords there.
        leaf.note = match (&account, limit) {
            (None, _) => "没有此账号".into(),
            (Some(_), None) => "账号锁定中".into(),
            (Some(_), Some(_)) => what.into(),
        };
        if let Some(Account { person, .. }) = account {
            leaf.actor = actor(&person);
        }
        let (key, now) = (key(login), context.now);
        let work = self.inner.writer.run(Some(leaf), move |tx| {
            Box::pin(async move {
                let Some((limit, until)) = limit else { return Ok(0) };
                let old = now.plus(-FORGET);
                tx.run(Query::new("DELETE FROM sign_in_failure WHERE last_at < ").bind(old))
                    .await?;
                let before =
                    Query::new("SELECT failures FROM sign_in_failure WHERE login = ").bind(key);
                let before = tx.row(before).await?.map(|row| row.int(0)).transpose()?.unwrap_or(0);
                let failures = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
                let locked = failures >= limit;
                let counted = if locked { 0_u32 } else { failures };
                let row: Vec<Bind> =
                    vec![key.into(), counted.into(), locked.then_some(until).into(), now.into()];
                let changed = "ON CONFLICT (login) DO UPDATE SET failures = excluded.failures, \
                               locked_until = excluded.locked_until, last_at = excluded.last_at";
                let into = "INSERT INTO sign_in_failure (login, failures, locked_until, last_at)";
                tx.insert(into, 4, vec![row], changed).await?;
                Ok(failures)
            })
        });
        work.await
    }

    /// Unlocks a login name.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn clear_failures(&self, context: &OpContext, login: &str) -> Result<()> {
        let leaf = self
            .administration(context, "manage-accounts", Action::Configure, "解除账号锁定", &login)
            .await?;
        let key = key(login);
        let work = self.inner.writer.run(Some(leaf), move |tx| {
            Box::pin(async move {
                tx.run(Query::new("DELETE FROM sign_in_failure WHERE login = ").bind(key))
                    .await
                    .map(|_| ())
            })
        });
        work.await
    }
}
