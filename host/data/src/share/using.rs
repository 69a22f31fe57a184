//! The record of each use of a share, which both units see. It is written before a row leaves, with what the read was charged.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::RecordRef;
use anshu_model::share::{Mode, Policy, Share, Step};
use anshu_model::{Error, Id, Result};
use sha2::{Digest, Sha256};

use super::row;
use super::serve::{MOST, SharedRow};
use crate::db::{Query, Row, Tx};
use crate::log::kept::{self, Entry};
use crate::log::note::hex;
use crate::org::json;
use crate::{Data, budget, guard};

/// Uses of a share that are listed: the latest.
const MOST_USES: u32 = 500;

/// A use of a share (使用记录). The person stands in the log alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// When.
    pub at: Instant,
    /// Whose staff.
    pub unit: Id,
    /// For what.
    pub purpose: String,
    /// How many rows.
    pub rows: u64,
    /// How: `in_place` or `file`.
    pub mode: String,
    /// SHA-256, in hex, of the references of what was read.
    pub digest: String,
}

/// How something is read.
#[derive(Debug, Clone)]
pub(super) struct Using {
    /// The use. One that is there already is refused.
    pub(super) id: Id,
    /// How.
    pub(super) mode: Mode,
}

impl Data {
    /// The uses of a share, the latest first: both units see the same list.
    ///
    /// # Errors
    /// As [`Data::share`].
    pub async fn share_uses(&self, context: &OpContext, id: &Id) -> Result<Vec<Use>> {
        self.share(context, id).await?;
        let query = Query::new(
            "SELECT at, unit, purpose, row_count, mode, digest FROM share_use WHERE share = ",
        );
        let query = query.bind(id).push(" ORDER BY at DESC, id LIMIT ").bind(MOST_USES);
        let rows = self.inner.db.read().await?.rows(query).await?;
        rows.iter().map(read_use).collect()
    }

    /// Keeps that rows are read, and answers the share after it. Nothing was read where this fails.
    pub(super) async fn keep_use(
        &self,
        context: &OpContext,
        share: &Share,
        using: Using,
        rows: &[SharedRow],
    ) -> Result<Share> {
        let references: Vec<RecordRef> = rows.iter().map(|row| row.record.clone()).collect();
        let digest = hex(&Sha256::digest(json(&references)?));
        let leaves = use_leaves(context, share, &references, &digest);
        let (count, id) = (references.len() as u64, share.id.clone());
        let (work_context, calendar) = (context.clone(), self.calendar());
        let appender = self.inner.writer.appender().clone();
        let charges = self.inner.budgets.waiting();
        let charged = charges.clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let now = row::share(tx, &id).await?;
                let actor = super::actor(&work_context)?;
                let step = Step::Use { rows: count };
                let next =
                    now.take(&step, actor, work_context.now, &Policy::default(), &calendar)?;
                let mut entries = vec![row::save(tx, &next).await?];
                entries.push(insert_use(tx, &work_context, &next, &using, count, &digest).await?);
                appender.bind(tx, leaves, Vec::new(), entries).await?;
                budget::keep(tx, charged).await?;
                Ok(next)
            })
        });
        match self.or_wait(charges, work.await) {
            Ok(next) => Ok(next),
            Err(error) => Err(self.deny(context, Action::Share, error).await),
        }
    }
}

async fn insert_use(
    tx: &mut Tx,
    context: &OpContext,
    share: &Share,
    using: &Using,
    count: u64,
    digest: &str,
) -> Result<Entry> {
    let known = Query::new("SELECT 1 FROM share_use WHERE id = ").bind(&using.id);
    if tx.row(known).await?.is_some() {
        return Err(Error::Conflict("本次交付的文件已经取走，不能再次取用".into()));
    }
    let mode = match using.mode {
        Mode::InPlace => "in_place",
        Mode::File => "file",
    };
    let row = vec![
        (&using.id).into(),
        (&share.id).into(),
        context.now.into(),
        context.principal.unit().into(),
        context.purpose.code.as_str().into(),
        count.into(),
        mode.into(),
        digest.into(),
    ];
    let into = "INSERT INTO share_use (id, share, at, unit, purpose, row_count, mode, digest)";
    tx.insert(into, 8, vec![row], "").await?;
    kept::SHARE_USE.entry(tx, using.id.as_str()).await
}

/// The leaves of a use: all records that were read stand in them, so that each person can be told who looked.
fn use_leaves(
    context: &OpContext,
    share: &Share,
    references: &[RecordRef],
    digest: &str,
) -> Vec<Leaf> {
    let leaf = |touched: &[RecordRef]| Leaf {
        serves: Some(share.id.clone()),
        touched: touched.to_vec(),
        digest: digest.to_owned(),
        note: format!("数据共享：读取 {} 行", references.len()),
        ..guard::leaf(context, Action::Share, Verdict::Allowed)
    };
    if references.is_empty() {
        return vec![leaf(&[])];
    }
    references.chunks(MOST as usize).map(leaf).collect()
}

fn read_use(row: &Row) -> Result<Use> {
    Ok(Use {
        at: row.instant(0)?,
        unit: row.id(1)?,
        purpose: row.text(2)?,
        rows: row.count(3)?,
        mode: row.text(4)?,
        digest: row.text(5)?,
    })
}
