//! Notices (提醒): what somebody must hear of, told to them alone. A notice names staff and matters by number, never what
//! stands in a record.

use anshu_model::instant::Instant;
use anshu_model::{Id, Result};

use crate::Data;
use crate::db::{Bind, Query, Tx};

/// How many notices a list shows.
const LISTED: u32 = 200;
/// Notices that were read go after a year; those that were not stay.
const KEPT: i64 = 366 * 24 * 3600 * 1000;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A device that the person has not used before.
    Device,
    /// Somebody's emergency access began, is overdue, or was reviewed.
    Emergency,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Emergency => "emergency",
        }
    }
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The notice.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// What it is about: `device` or `emergency`.
    pub kind: String,
    /// What it says.
    pub text: String,
    /// The thing that it is about.
    pub about: Option<Id>,
    /// When it was read.
    pub read_at: Option<Instant>,
}

/// Tells some people something, inside a transaction.
///
/// # Errors
/// [`anshu_model::Error::Unavailable`] where it cannot be stored.
pub(crate) async fn put(
    tx: &mut Tx,
    to: &[Id],
    kind: Kind,
    text: &str,
    about: Option<&Id>,
    now: Instant,
) -> Result<()> {
    let mut rows: Vec<Vec<Bind>> = Vec::with_capacity(to.len());
    for person in to {
        let mut id = [0_u8; 16];
        getrandom::fill(&mut id)
            .map_err(|error| anshu_model::Error::Internal(format!("random source: {error}")))?;
        rows.push(vec![
            (&Id::from_bits(u128::from_be_bytes(id))).into(),
            person.into(),
            now.into(),
            kind.name().into(),
            text.into(),
            about.into(),
        ]);
    }
    let old = Query::new("DELETE FROM notice WHERE read_at < ").bind(now.plus(-KEPT));
    tx.run(old).await?;
    tx.insert("INSERT INTO notice (id, person, at, kind, text, about)", 6, rows, "").await
}

impl Data {
    /// A person's notices, the latest first.
    ///
    /// # Errors
    /// [`anshu_model::Error::Unavailable`] where the database does not answer.
    pub async fn notices(&self, person: &Id) -> Result<Vec<Notice>> {
        let mut tx = self.inner.db.read().await?;
        let query =
            Query::new("SELECT id, at, kind, text, about, read_at FROM notice WHERE person = ");
        let query = query.bind(person).push(" ORDER BY at DESC, id LIMIT ").bind(LISTED);
        let of = |row: &crate::db::Row| {
            Ok(Notice {
                id: row.id(0)?,
                at: row.instant(1)?,
                kind: row.text(2)?,
                text: row.text(3)?,
                about: row.maybe_text(4)?.map(Id::from_text),
                read_at: row.maybe_int(5)?.map(Instant),
            })
        };
        tx.rows(query).await?.iter().map(of).collect()
    }

    /// How many notices a person has not read.
    ///
    /// # Errors
    /// [`anshu_model::Error::Unavailable`] where the database does not answer.
    pub async fn unread_notices(&self, person: &Id) -> Result<u64> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new("SELECT COUNT(*) FROM notice WHERE read_at IS NULL AND person = ");
        tx.row(query.bind(person)).await?.map_or(Ok(0), |row| row.count(0))
    }

    /// Notes that a person has read all notices up to an instant.
    ///
    /// # Errors
    /// [`anshu_model::Error::Unavailable`] where it cannot be stored.
    pub async fn read_notices(&self, person: &Id, until: Instant, now: Instant) -> Result<()> {
        let read = Query::new("UPDATE notice SET read_at = ").bind(now);
        let read = read.push(" WHERE read_at IS NULL AND person = ").bind(person);
        let read = read.push(" AND at <= ").bind(until);
        let work = self
            .inner
            .writer
            .run(None, move |tx| Box::pin(async move { tx.run(read).await.map(|_| ()) }));
        work.await
    }
}
