//! What waits for the next step of a sign-in: a second factor, a challenge to a passkey, the answer of an identity server.
//! A ticket is known by its digest, lives for minutes, bears few tries and is taken once.

use anshu_model::instant::Instant;
use anshu_model::{Id, Result};

use crate::Data;
use crate::db::{Bind, Query};

/// How often a ticket may be tried before it is worth nothing.
const TRIES: i64 = 5;

/// A ticket that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Whose it is, where that is known.
    pub person: Option<Id>,
    /// What the step needs to know.
    pub state: String,
}

impl Data {
    /// Keeps a ticket until an instant.
    ///
    /// # Errors
    /// [`anshu_model::Error::Unavailable`] where it cannot be stored.
    pub async fn put_ticket(
        &self,
        token: [u8; 32],
        kind: &'static str,
        ticket: &Ticket,
        now: Instant,
        until: Instant,
    ) -> Result<()> {
        let row: Vec<Bind> = vec![
            token.into(),
            kind.into(),
            ticket.person.as_ref().into(),
            ticket.state.as_str().into(),
            0_i64.into(),
            until.into(),
        ];
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                tx.run(Query::new("DELETE FROM ticket WHERE until <= ").bind(now)).await?;
                let into = "INSERT INTO ticket (token, kind, person, state, tries, until)";
                tx.insert(into, 6, vec![row], "").await
            })
        });
        work.await
    }

    /// Tries a ticket: none where there is no such ticket any more. Each try counts.
    ///
    /// # Errors
    /// [`anshu_model::Error::Unavailable`] where the try cannot be counted.
    pub async fn try_ticket(
        &self,
        token: [u8; 32],
        kind: &'static str,
        now: Instant,
    ) -> Result<Option<Ticket>> {
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let count = Query::new("UPDATE ticket SET tries = tries + 1 WHERE token = ")
                    .bind(token)
                    .push(" AND kind = ")
                    .bind(kind)
                    .push(" AND until > ")
                    .bind(now)
                    .push(" AND tries < ")
                    .bind(TRIES);
                if tx.run(count).await? == 0 {
                    return Ok(None);
                }
                let query =
                    Query::new("SELECT person, state FROM ticket WHERE token = ").bind(token);
                let Some(row) = tx.row(query).await? else { return Ok(None) };
                let person = row.maybe_text(0)?.map(Id::from_text);
                Ok(Some(Ticket { person, state: row.text(1)? }))
            })
        });
        work.await
    }

    /// Takes a ticket away: true for the one who took it.
    ///
    /// # Errors
    /// [`anshu_model::Error::Unavailable`] where it cannot be stored.
    pub async fn take_ticket(&self, token: [u8; 32]) -> Result<bool> {
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let take = Query::new("DELETE FROM ticket WHERE token = ").bind(token);
                tx.run(take).await.map(|taken| taken == 1)
            })
        });
        work.await
    }
}
