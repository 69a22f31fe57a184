//! An export as a row.

use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::{Error, Id, Result};

use super::{Export, ExportState};
use crate::columns;
use crate::db::{Bind, Query, Row, Tx};
use crate::org::json;

/// The columns of an export, in the order of [`export`] and [`write`].
pub(super) const SELECT: &str = "SELECT e.id, e.person, e.unit, e.ask, e.state, e.level, e.estimate, e.approval, e.decided_by, \
     e.answer, e.asked_at, e.decided_at, e.row_count, e.nobody, e.sha256, e.ready_at, e.taken_at FROM export e";

const INSERT: &str = "INSERT INTO export (id, person, unit, ask, state, level, estimate, approval, decided_by, answer, \
     asked_at, decided_at, row_count, nobody, sha256, ready_at, taken_at, prints)";

const REPLACE: &str = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by, \
     answer = excluded.answer, decided_at = excluded.decided_at, row_count = excluded.row_count, nobody = excluded.nobody, \
     sha256 = excluded.sha256, ready_at = excluded.ready_at, taken_at = excluded.taken_at";

impl ExportState {
    const ALL: [Self; 7] = [
        Self::Asked,
        Self::Approved,
        Self::Refused,
        Self::Ready,
        Self::Taken,
        Self::Expired,
        Self::Failed,
    ];

    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Ready => "ready",
            Self::Taken => "taken",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Asked => "待批准",
            Self::Approved => "生成中",
            Self::Refused => "未批准",
            Self::Ready => "可下载",
            Self::Taken => "已下载",
            Self::Expired => "已过期",
            Self::Failed => "未能生成",
        }
    }
}

pub(super) fn export(row: &Row) -> Result<Export> {
    let state = row.text(4)?;
    let state = ExportState::ALL.into_iter().find(|known| known.name() == state);
    Ok(Export {
        id: row.id(0)?,
        person: row.id(1)?,
        unit: row.id(2)?,
        ask: row.json(3)?,
        state: state.ok_or_else(|| Error::Internal("an export has no state".into()))?,
        level: level(row.int(5)?),
        estimate: row.count(6)?,
        needs_approval: row.int(7)? == 1,
        decided_by: row.maybe_text(8)?.map(Id::from_text),
        answer: row.text(9)?,
        asked_at: row.instant(10)?,
        decided_at: row.maybe_int(11)?.map(Instant),
        rows: row.count(12)?,
        nobody: row.count(13)?,
        sha256: row.text(14)?,
        ready_at: row.maybe_int(15)?.map(Instant),
        taken_at: row.maybe_int(16)?.map(Instant),
    })
}

fn level(rank: i64) -> Level {
    columns::level_of(rank)
}

/// An export as it is stored, without the prints of its rows.
pub(super) fn write(export: &Export) -> Result<Vec<Bind>> {
    Ok(vec![
        (&export.id).into(),
        (&export.person).into(),
        (&export.unit).into(),
        json(&export.ask)?.into(),
        export.state.name().into(),
        columns::rank(export.level).into(),
        export.estimate.into(),
        export.needs_approval.into(),
        export.decided_by.as_ref().into(),
        export.answer.as_str().into(),
        export.asked_at.into(),
        export.decided_at.into(),
        export.rows.into(),
        export.nobody.into(),
        export.sha256.as_str().into(),
        export.ready_at.into(),
        export.taken_at.into(),
    ])
}

/// Writes a state over the one that it must still be in; none: there is no such export yet.
pub(super) async fn move_on(
    tx: &mut Tx,
    id: &Id,
    from: Option<ExportState>,
    mut row: Vec<Bind>,
    prints: Option<Vec<u8>>,
) -> Result<()> {
    let query = Query::new("SELECT state FROM export WHERE id = ").bind(id);
    let now = tx.row(query).await?.map(|row| row.text(0)).transpose()?;
    if now.as_deref() != from.map(ExportState::name) {
        return Err(Error::Conflict("这次批量导出刚刚有了变化；请刷新后再看".into()));
    }
    row.push(Bind::Bytes(Some(Vec::new())));
    tx.insert(INSERT, 18, vec![row], REPLACE).await?;
    if let Some(prints) = prints {
        let query = Query::new("UPDATE export SET prints = ").bind(prints);
        tx.run(query.push(" WHERE id = ").bind(id)).await?;
    }
    Ok(())
}
