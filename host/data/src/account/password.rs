//! Passwords that their owners set. They arrive as hashes; what makes a good one is known where they are typed.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::{Error, Id, Result};

use super::session::{Ending, end};
use crate::db::{Bind, Query, Tx};
use crate::log::kept::{self, Entry};
use crate::{Data, guard};

impl Data {
    /// Puts another password in place of somebody's own, and ends their other sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the account was closed meanwhile.
    pub async fn set_own_password(
        &self,
        context: &OpContext,
        (login, person): (&str, &Id),
        hash: &str,
        session: [u8; 32],
    ) -> Result<()> {
        let mut leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        leaf.note = "本人修改口令".into();
        let (login, person, hash) = (login.to_owned(), person.clone(), hash.to_owned());
        let now = context.now;
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let entries = put(tx, &login, &hash, false, now).await?;
                end(tx, &person, &Ending::Others(session)).await?;
                Ok(entries)
            })
        });
        work.await
    }
}

/// Sets a password inside a transaction: the states to be vouched for.
pub(super) async fn put(
    tx: &mut Tx,
    login: &str,
    hash: &str,
    once: bool,
    now: Instant,
) -> Result<Vec<Entry>> {
    let set = Query::new("UPDATE account SET password_hash = ").bind(hash);
    let set = set.push(" WHERE closed_at IS NULL AND login = ").bind(login);
    if tx.run(set).await? == 0 {
        return Err(Error::NotFound("账号".into()));
    }
    Ok(vec![kept::ACCOUNT.entry(tx, login).await?, mark(tx, login, once, now).await?])
}

/// Notes whether a password serves only to set another one.
pub(super) async fn mark(tx: &mut Tx, login: &str, once: bool, now: Instant) -> Result<Entry> {
    let row: Vec<Bind> = vec![login.into(), once.into(), now.into()];
    let changed =
        "ON CONFLICT (login) DO UPDATE SET once = excluded.once, set_at = excluded.set_at";
    tx.insert("INSERT INTO password_state (login, once, set_at)", 3, vec![row], changed).await?;
    kept::PASSWORD.entry(tx, login).await
}
