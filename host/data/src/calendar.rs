//! Holiday data: the calendar in force, and every one before it by version, so that old limits are counted as they were.

use std::sync::{Arc, Mutex, PoisonError};

use anshu_model::Result;
use anshu_model::calendar::Calendar;
use anshu_model::context::OpContext;
use anshu_model::leaf::Action;

use crate::Data;
use crate::columns::Columns;
use crate::db::{Db, Query};
use crate::log::kept;
use crate::org::{json, next_number, revise};

/// Records whose ends of clocks are counted anew in one write.
const CHUNK: u64 = 256;

impl Data {
    /// The holiday data in force.
    #[must_use]
    pub fn calendar(&self) -> Arc<Calendar> {
        self.inner.calendar.get()
    }

    /// Puts holiday data in force, and counts the ends of all running clocks anew, so that lists and lights follow. The
    /// data before are kept: decisions name theirs by version.
    ///
    /// # Errors
    /// [`anshu_model::Error::Denied`] where the actor may not.
    pub async fn put_calendar(&self, context: &OpContext, calendar: &Calendar) -> Result<()> {
        let mut leaf =
            self.administration(context, "configure", Action::Configure, "", calendar).await?;
        leaf.note = format!("节假日安排 {}", calendar.version());
        let (version, text, now) = (calendar.version(), json(calendar)?, context.now);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let number = next_number(tx, "SELECT MAX(number) FROM calendar").await?;
                let row = vec![number.into(), version.into(), text.into(), now.into()];
                tx.insert(
                    "INSERT INTO calendar (number, version, calendar, installed_at)",
                    4,
                    vec![row],
                    "",
                )
                .await?;
                revise(tx, "calendar").await?;
                Ok(vec![kept::CALENDAR.entry(tx, &number.to_string()).await?])
            })
        });
        work.await?;
        let calendar = Arc::new(calendar.clone());
        self.inner.calendar.set(calendar.clone());
        self.count_anew(context, calendar).await
    }

    /// Counts the ends of running clocks with a calendar, a few records at a time: others write in between.
    async fn count_anew(&self, context: &OpContext, calendar: Arc<Calendar>) -> Result<()> {
        let now = context.now;
        let mut after = String::new();
        loop {
            let calendar = calendar.clone();
            let from = after.clone();
            let vault = self.inner.vault.clone();
            let last = self.inner.writer.run(None, move |tx| {
                Box::pin(async move {
                    let query = Query::new(
                        "SELECT r.id, r.next_due, r.due, v.record, v.id, v.version FROM record r \
                         JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.open = 1 AND r.id > ",
                    );
                    let rows = tx.rows(query.bind(from).push(" ORDER BY r.id LIMIT ").bind(CHUNK)).await?;
                    let records = vault.records(tx, &rows, 3).await?;
                    for (row, record) in rows.iter().zip(records) {
                        let Some(record) = record else { continue };
                        let columns = Columns::of(&record, &calendar, now);
                        let before = (row.maybe_int(1)?, row.int(2)?);
                        let next_due = columns.next_due.map(anshu_model::instant::Instant::milliseconds);
                        if before != (next_due, columns.due) {
                            let update = Query::new("UPDATE record SET next_due = ").bind(next_due);
                            let update = update.push(", due = ").bind(columns.due).push(" WHERE id = ");
                            tx.run(update.bind(&record.head.id)).await?;
                            let shared = Query::new("UPDATE record_unit SET due = ").bind(columns.due);
                            let shared = shared.push(" WHERE id = ").bind(&record.head.id);
                            tx.run(shared.push(" AND unit IN ").list(&record.head.joint)).await?;
                        }
                    }
                    rows.last().map(|row| row.text(0)).transpose()
                })
            });
            match last.await? {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }
}

/// The holiday data in force; none known where none were put in force.
pub(crate) async fn current(db: &Db) -> Result<Calendar> {
    let mut tx = db.read().await?;
    let row =
        tx.row(Query::new("SELECT calendar FROM calendar ORDER BY number DESC LIMIT 1")).await?;
    row.map_or_else(|| Ok(Calendar::default()), |row| row.json(0))
}

/// Versions of the holiday data that are remembered. More were in force within nobody's trial.
const REMEMBERED: usize = 8;

/// Holiday data by version, as replays need it again and again.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Vec<(String, Arc<Calendar>)>>);

impl Remembered {
    fn get(&self, version: &str) -> Option<Arc<Calendar>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(name, _)| name == version).map(|(_, calendar)| calendar.clone())
    }

    fn put(&self, version: &str, calendar: Arc<Calendar>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push((version.to_owned(), calendar));
    }
}

impl Data {
    /// A version of the holiday data; none where it was never in force.
    pub(crate) async fn calendar_again(&self, version: &str) -> Result<Option<Arc<Calendar>>> {
        if let Some(known) = self.inner.calendars.get(version) {
            return Ok(Some(known));
        }
        let current = self.inner.calendar.get();
        let found = if current.version() == version {
            Some(current)
        } else {
            self::version(&self.inner.db, version).await?.map(Arc::new)
        };
        if let Some(found) = &found {
            self.inner.calendars.put(version, found.clone());
        }
        Ok(found)
    }
}

/// A version of the holiday data, as it was last in force.
async fn version(db: &Db, version: &str) -> Result<Option<Calendar>> {
    let mut tx = db.read().await?;
    let query = Query::new("SELECT calendar FROM calendar WHERE version = ").bind(version);
    let row = tx.row(query.push(" ORDER BY number DESC LIMIT 1")).await?;
    row.map(|row| row.json(0)).transpose()
}
