//! Imports: which files were taken in by whom, and undoing one.
//!
//! Undoing takes what a batch made out of the present. Its versions and decisions stay in the history, followed by an
//! empty version that the undo's leaf vouches for: nothing is ever cut out of what the log is about.

use anshu_model::context::{OpContext, Principal};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

mod undo;

pub(crate) use undo::links;

use crate::db::{Bind, Query};
use crate::log::kept;
use crate::{Data, guard};
use undo::Undo;

/// What is taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchInfo {
    /// The file's name, without its folder.
    pub file: String,
    /// What the mapping is called.
    pub mapping: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The batch: what its rows serve.
    pub id: Id,
    /// What was taken in.
    pub info: BatchInfo,
    /// Who is responsible.
    pub person: Id,
    /// Where the person worked.
    pub division: Division,
    /// When it began.
    pub begun_at: Instant,
    /// When it was undone.
    pub undone_at: Option<Instant>,
}

/// What undoing a batch did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Undone {
    /// Records that are gone.
    pub removed: u64,
    /// Records that stay, as somebody has touched them since, or as their row also changed what was there before.
    pub kept: Vec<String>,
}

impl Data {
    /// Begins a batch. What serves it is found again by its id.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not import.
    pub async fn begin_batch(&self, context: &OpContext, info: BatchInfo) -> Result<Id> {
        self.allow(context, "import", Action::Import).await?;
        let id = Id::derived(&context.id, 0);
        let (person, division) = responsible(context)?;
        let leaf = Leaf {
            serves: Some(id.clone()),
            digest: info.sha256.clone(),
            note: "开始导入".into(),
            ..guard::leaf(context, Action::Import, Verdict::Allowed)
        };
        let row: Vec<Bind> = vec![
            (&id).into(),
            (&person).into(),
            division.as_str().into(),
            info.file.into(),
            info.mapping.into(),
            info.sha256.into(),
            context.now.into(),
        ];
        let batch = id.clone();
        self.inner.budgets.importing(&id, &person);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let into = "INSERT INTO import_batch (id, person, division, file, mapping, sha256, begun_at)";
                tx.insert(into, 7, vec![row], "").await?;
                Ok(vec![kept::BATCH.entry(tx, batch.as_str()).await?])
            })
        });
        work.await?;
        Ok(id)
    }

    /// All batches, the latest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn batches(&self) -> Result<Vec<Batch>> {
        let mut tx = self.inner.db.read().await?;
        tx.rows(Query::new(BATCH).push(" ORDER BY begun_at DESC, id"))
            .await?
            .iter()
            .map(batch)
            .collect()
    }

    /// Undoes a batch: every row of it whose records nobody else has touched since goes as a whole; the others stay as a
    /// whole. A row that changed records that were there before stays too, as what they were is somebody's work.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not import, or it is the batch of another division's person;
    /// [`Error::NotFound`] where there is no such batch; [`Error::Conflict`] where it was undone already.
    pub async fn undo_batch(&self, context: &OpContext, id: &Id) -> Result<Undone> {
        self.allow(context, "import", Action::Import).await?;
        let mut tx = self.inner.db.read().await?;
        let row = tx.row(Query::new(BATCH).push(" WHERE id = ").bind(id)).await?;
        drop(tx);
        let found = row
            .as_ref()
            .map(batch)
            .transpose()?
            .ok_or_else(|| Error::NotFound(format!("导入批次 {id}")))?;
        let (person, division) = responsible(context)?;
        if person != found.person && !division.contains(&found.division) {
            let error = Error::Denied("只能撤销本人或本辖区人员的导入".into());
            return Err(self.deny(context, Action::Import, error).await);
        }
        if found.undone_at.is_some() {
            return Err(Error::Conflict("该批次已经撤销".into()));
        }
        let leaf = Leaf {
            serves: Some(id.clone()),
            note: "撤销导入".into(),
            ..guard::leaf(context, Action::Import, Verdict::Allowed)
        };
        let undo = Undo {
            batch: id.clone(),
            leaf,
            appender: self.inner.writer.appender().clone(),
            facts: self.facts(),
        };
        self.inner.writer.run(None, move |tx| Box::pin(async move { undo.run(tx).await })).await
    }
}

const BATCH: &str =
    "SELECT id, file, mapping, sha256, person, division, begun_at, undone_at FROM import_batch";

fn batch(row: &crate::db::Row) -> Result<Batch> {
    Ok(Batch {
        id: row.id(0)?,
        info: BatchInfo { file: row.text(1)?, mapping: row.text(2)?, sha256: row.text(3)? },
        person: row.id(4)?,
        division: row.text(5)?.parse()?,
        begun_at: row.instant(6)?,
        undone_at: row.maybe_int(7)?.map(Instant),
    })
}

/// Who answers for an import, and where.
fn responsible(context: &OpContext) -> Result<(Id, Division)> {
    match &context.principal {
        Principal::Person(person) => Ok((person.id.clone(), person.division.clone())),
        Principal::Duty(duty) => Ok((duty.unit.clone(), duty.division.clone())),
        Principal::System { job } => {
            Ok((Id::from_text(format!("system:{job}")), "000000000000".parse()?))
        }
    }
}
