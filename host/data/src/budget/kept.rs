//! What was charged in memory, on its way into the table: with the leaf of what was shown, or by the host's job.

use std::sync::PoisonError;

use anshu_model::Result;
use anshu_model::instant::Instant;
use anshu_model::leaf::Leaf;

use super::Budgets;
use super::account::Span;
use crate::Data;
use crate::db::{Bind, Query, Tx};

/// What was charged and is not in the table yet: the span, whose account, and for what.
pub(crate) type Charges = Vec<(String, String, u64)>;

/// Puts what was charged into the table.
pub(crate) async fn keep(tx: &mut Tx, charges: Charges) -> Result<()> {
    let row = |(day, who, subject): (String, String, u64)| -> Vec<Bind> {
        vec![day.into(), who.into(), i64::from_be_bytes(subject.to_be_bytes()).into()]
    };
    let rows = charges.into_iter().map(row).collect();
    tx.insert("INSERT INTO budget (day, who, subject)", 3, rows, "ON CONFLICT DO NOTHING").await
}

impl Budgets {
    /// What is not in the table yet, for whoever puts it there now.
    pub(crate) fn waiting(&self) -> Charges {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut days.waiting)
    }

    /// What could not be put there waits for the next who does: others' charges may be among it.
    pub(crate) fn wait_again(&self, charges: Charges) {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.waiting.extend(charges);
    }
}

impl Data {
    /// Puts a leaf into the log, and with it what was charged before it.
    pub(crate) async fn leaf_with_charges(&self, leaf: Leaf) -> Result<()> {
        let charges = self.inner.budgets.waiting();
        if charges.is_empty() {
            return self.inner.writer.leaves(vec![leaf]).await;
        }
        let kept = charges.clone();
        let work = self.inner.writer.run(Some(leaf), move |tx| Box::pin(keep(tx, kept)));
        self.or_wait(charges, work.await)
    }

    /// Keeps what packs were charged since, and forgets days that are over.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn keep_charges(&self, now: Instant) -> Result<()> {
        let charges = self.inner.budgets.waiting();
        if charges.is_empty() {
            return Ok(());
        }
        let offset = self.calendar().offset();
        let day = |days: i64| Span::Day.name(now.plus(-days * 24 * 3_600_000), offset);
        let (before, month) = (day(2), Span::Month.name(now.plus(-32 * 24 * 3_600_000), offset));
        let kept = charges.clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let over = Query::new("DELETE FROM budget WHERE (LENGTH(day) = 10 AND day < ")
                    .bind(before);
                let over = over.push(") OR (LENGTH(day) = 7 AND day < ").bind(month).push(")");
                tx.run(over).await?;
                keep(tx, kept).await
            })
        });
        self.or_wait(charges, work.await)
    }

    /// Where what kept them was not written, charges wait on.
    pub(crate) fn or_wait<T>(&self, charges: Charges, done: Result<T>) -> Result<T> {
        if done.is_err() {
            self.inner.budgets.wait_again(charges);
        }
        done
    }
}
