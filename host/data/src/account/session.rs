//! Sessions, by the digest of their token. Rights are never kept in them: they are those that the account has now.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use super::{actor, key, person};
use crate::db::{Bind, Query};
use crate::log::note::hex;
use crate::{Data, guard};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Who, with the rights of now: none are kept in the session.
    pub person: Person,
    /// The name that was signed in with.
    pub login: String,
    /// The token that unsafe requests carry.
    pub csrf: String,
    /// When it ends whatever happens.
    pub until: Instant,
}

impl Data {
    /// Opens a session after a right password: that is in the log, and wrong ones before it are forgotten.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the person has no open account.
    pub async fn open_session(
        &self,
        token: &[u8; 32],
        person: &Id,
        csrf: &str,
        now: Instant,
        until: Instant,
    ) -> Result<()> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.login",
            "account a JOIN unit u ON u.id = a.unit WHERE a.closed_at IS NULL AND a.person = "
        ));
        let row =
            tx.row(query.bind(person)).await?.ok_or_else(|| Error::NotFound("账号".into()))?;
        let (login, person) = (row.text(6)?, self::person(&mut tx, &row).await?);
        drop(tx);
        let leaf = Leaf {
            at: now,
            // The session as the log names it; the token cannot be told from it.
            operation: session_id(token),
            actor: actor(&person),
            pack: None,
            action: Action::SignIn,
            verdict: Verdict::Allowed,
            purpose: "sign-in".into(),
            serves: None,
            touched: Vec::new(),
            digest: String::new(),
            rows: String::new(),
            note: String::new(),
            persons: String::new(),
            beyond: Vec::new(),
        };
        let row: Vec<Bind> = vec![
            (*token).into(),
            (&person.id).into(),
            csrf.into(),
            now.into(),
            now.into(),
            until.into(),
        ];
        let work = self.inner.writer.run(Some(leaf), move |tx| {
            Box::pin(async move {
                tx.run(Query::new("DELETE FROM session WHERE until <= ").bind(now)).await?;
                tx.run(Query::new("DELETE FROM sign_in_failure WHERE login = ").bind(key(&login)))
                    .await?;
                tx.insert(
                    "INSERT INTO session (token, person, csrf, opened_at, seen_at, until)",
                    6,
                    vec![row],
                    "",
                )
                .await
            })
        });
        work.await
    }

    /// The session of a token while it lasts: until its end, and no longer than `idle` milliseconds unused. Rights are
    /// those that the account has now.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn session(
        &self,
        token: &[u8; 32],
        now: Instant,
        idle: i64,
    ) -> Result<Option<SessionRow>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.login, s.csrf, s.seen_at, s.until",
            "session s JOIN account a ON a.person = s.person JOIN unit u ON u.id = a.unit \
             WHERE a.closed_at IS NULL AND s.token = "
        ));
        let query = query
            .bind(*token)
            .push(" AND s.until > ")
            .bind(now)
            .push(" AND s.seen_at > ")
            .bind(now.plus(-idle));
        let Some(row) = tx.row(query).await? else { return Ok(None) };
        let person = person(&mut tx, &row).await?;
        drop(tx);
        // Every request would be a write: that it is in use is noted a few times in the idle span.
        if now.since(row.instant(8)?) > idle / 8 {
            let seen = Query::new("UPDATE session SET seen_at = ")
                .bind(now)
                .push(" WHERE token = ")
                .bind(*token);
            self.inner
                .writer
                .run(None, move |tx| Box::pin(async move { tx.run(seen).await.map(|_| ()) }))
                .await?;
        }
        Ok(Some(SessionRow {
            person,
            login: row.text(6)?,
            csrf: row.text(7)?,
            until: row.instant(9)?,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be stored.
    pub async fn close_session(&self, context: &OpContext, token: &[u8; 32]) -> Result<()> {
        let mut leaf = guard::leaf(context, Action::SignOut, Verdict::Allowed);
        leaf.note = format!("会话 {}", session_id(token));
        let end = Query::new("DELETE FROM session WHERE token = ").bind(*token);
        self.inner
            .writer
            .run(Some(leaf), move |tx| Box::pin(async move { tx.run(end).await.map(|_| ()) }))
            .await
    }
}

fn session_id(token: &[u8; 32]) -> Id {
    Id::derived(&Id::from_text(hex(token)), 0)
}
