//! The rows of what was asked about sealed records.

use anshu_model::instant::Instant;
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use super::{ID, Sealing, SealingAsk, SealingKind, SealingState};
use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept::{self, Entry};

const SELECT: &str = "SELECT s.id, s.kind, s.target, s.division, s.purpose, s.ground, s.article, s.organ, s.document, s.asked_by, \
                      COALESCE(a.name, ''), s.asked_at, s.state, b.name, s.answered_at, s.reason, s.until, s.records, s.rivals \
                      FROM sealing s LEFT JOIN account a ON a.person = s.asked_by LEFT JOIN account b ON b.person = s.answered_by ";

/// The second person's answer.
pub(super) struct Answer<'a> {
    pub(super) state: SealingState,
    pub(super) person: &'a Id,
    pub(super) reason: &'a str,
    pub(super) until: Option<Instant>,
    pub(super) records: u64,
    pub(super) rivals: u64,
}

pub(super) fn absent(id: &Id) -> Error {
    Error::NotFound(format!("封存事项 {id}"))
}

/// What was asked.
pub(super) async fn one(tx: &mut Tx, id: &Id) -> Result<Sealing> {
    let row = tx.row(Query::new(SELECT).push("WHERE s.id = ").bind(id)).await?;
    read(&row.ok_or_else(|| absent(id))?)
}

/// What was asked in a person's division, the latest first.
pub(super) async fn page(
    tx: &mut Tx,
    person: &Person,
    after: Option<&Id>,
    limit: u32,
) -> Result<Vec<Sealing>> {
    let (first, last) = person.division.subtree();
    let query =
        Query::new(SELECT).push("WHERE s.division BETWEEN ").bind(first).push(" AND ").bind(last);
    let query = match after {
        Some(after) => {
            let place = one(tx, after).await?.asked_at;
            query.push(" AND (s.asked_at, s.id) < (").bind(place).push(", ").bind(after).push(")")
        }
        None => query,
    };
    let query = query.push(" ORDER BY s.asked_at DESC, s.id DESC LIMIT ").bind(limit);
    tx.rows(query).await?.iter().map(read).collect()
}

/// Nothing of the kind is asked for the target already.
pub(super) async fn no_other(tx: &mut Tx, kind: SealingKind, target: &str) -> Result<()> {
    // Two look-ups of one number are two: what one found is not the other's.
    if matches!(kind, SealingKind::Query | SealingKind::Informant) {
        return Ok(());
    }
    let query =
        Query::new("SELECT 1 FROM sealing WHERE state = 'asked' AND target = ").bind(target);
    match tx.row(query).await? {
        Some(_) => Err(Error::Conflict("该记录已有待批准的封存或解除封存".into())),
        None => Ok(()),
    }
}

/// Keeps what is asked.
pub(super) async fn insert(
    tx: &mut Tx,
    id: &Id,
    ask: &SealingAsk,
    target: &str,
    person: &Person,
    now: Instant,
) -> Result<Vec<Entry>> {
    let row: Vec<Bind> = vec![
        id.into(),
        ask.kind.name().into(),
        target.into(),
        person.division.as_str().into(),
        ask.purpose.as_deref().into(),
        ask.ground.trim().into(),
        ask.article.trim().into(),
        ask.organ.trim().into(),
        ask.document.trim().into(),
        (&person.id).into(),
        (&person.unit).into(),
        now.into(),
        SealingState::Asked.name().into(),
        0_i64.into(),
        0_i64.into(),
    ];
    let into = "INSERT INTO sealing (id, kind, target, division, purpose, ground, article, organ, document, asked_by, \
                asked_unit, asked_at, state, records, rivals)";
    tx.insert(into, 15, vec![row], "").await?;
    Ok(vec![kept::SEALING.entry(tx, id.as_str()).await?])
}

/// Keeps the answer.
pub(super) async fn answer(
    tx: &mut Tx,
    id: &Id,
    answer: &Answer<'_>,
    now: Instant,
) -> Result<Entry> {
    let update = Query::new("UPDATE sealing SET state = ")
        .bind(answer.state.name())
        .push(", answered_by = ")
        .bind(answer.person)
        .push(", answered_at = ")
        .bind(now)
        .push(", reason = ")
        .bind(Some(answer.reason).filter(|reason| !reason.is_empty()))
        .push(", until = ")
        .bind(answer.until)
        .push(", records = ")
        .bind(answer.records)
        .push(", rivals = ")
        .bind(answer.rivals)
        .push(" WHERE id = ")
        .bind(id);
    tx.run(update).await?;
    kept::SEALING.entry(tx, id.as_str()).await
}

/// Keeps another state.
pub(super) async fn turn(tx: &mut Tx, id: &Id, state: SealingState) -> Result<Entry> {
    let update = Query::new("UPDATE sealing SET state = ").bind(state.name());
    tx.run(update.push(" WHERE id = ").bind(id)).await?;
    kept::SEALING.entry(tx, id.as_str()).await
}

fn read(row: &Row) -> Result<Sealing> {
    let (kind, target) = (row.text(1)?, row.text(2)?);
    Ok(Sealing {
        id: row.id(0)?,
        kind: SealingKind::from_name(&kind)
            .ok_or_else(|| Error::Internal(format!("no kind of a sealing: {kind}")))?,
        record: target.strip_prefix(ID).map(Id::from_text),
        target,
        division: row.text(3)?,
        purpose: row.maybe_text(4)?,
        ground: row.text(5)?,
        article: row.text(6)?,
        organ: row.text(7)?,
        document: row.text(8)?,
        asked_by: row.id(9)?,
        asker: row.text(10)?,
        asked_at: row.instant(11)?,
        state: SealingState::from_name(&row.text(12)?)?,
        answerer: row.maybe_text(13)?,
        answered_at: row.maybe_int(14)?.map(Instant),
        reason: row.maybe_text(15)?,
        until: row.maybe_int(16)?.map(Instant),
        records: row.count(17)?,
        rivals: row.count(18)?,
    })
}
