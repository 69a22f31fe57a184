//! Erasures as they are stored.

use std::collections::BTreeMap;

use anshu_model::{Error, Id, Result};

use super::{Erasure, ErasureState};
use crate::db::{Query, Row, Tx};
use crate::org::json;

const SELECT: &str = "SELECT id, subject, ground, article, state, asked_by, asked_at, answered_by, answered_at, reason, counts, \
                      (SELECT t.request FROM request_erasure t WHERE t.erasure = erasure.id) FROM erasure WHERE ";

impl ErasureState {
    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Refused => "refused",
            Self::Restricted => "restricted",
            Self::Lifted => "lifted",
            Self::Erased => "erased",
        }
    }

    /// What a person reads.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Asked => "待第二人答复",
            Self::Refused => "不同意",
            Self::Restricted => "已停止处理",
            Self::Lifted => "已恢复处理",
            Self::Erased => "已销毁",
        }
    }

    fn from_name(name: &str) -> Result<Self> {
        [Self::Asked, Self::Refused, Self::Restricted, Self::Lifted, Self::Erased]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::Internal(format!("state of an erasure: {name}")))
    }
}

fn of(row: &Row) -> Result<Erasure> {
    Ok(Erasure {
        id: row.id(0)?,
        subject: row.id(1)?,
        ground: row.text(2)?,
        article: row.text(3)?,
        state: ErasureState::from_name(&row.text(4)?)?,
        asked_by: row.text(5)?,
        asked_at: row.instant(6)?,
        answered_by: row.maybe_text(7)?,
        answered_at: row.maybe_int(8)?.map(anshu_model::instant::Instant),
        reason: row.maybe_text(9)?,
        counts: row.json(10)?,
        request: row.maybe_text(11)?.map(Id::from_text),
    })
}

/// One, by its id.
pub(super) async fn find(tx: &mut Tx, id: &Id) -> Result<Erasure> {
    let row = tx.row(Query::new(SELECT).push("id = ").bind(id)).await?;
    of(&row.ok_or_else(|| Error::NotFound(format!("销毁登记 {id}")))?)
}

/// Those that answer requests, by request; of one that has several the latest.
pub(crate) async fn of_requests(tx: &mut Tx, requests: &[Id]) -> Result<BTreeMap<Id, Erasure>> {
    let query = Query::new(SELECT)
        .push("id IN (SELECT t.erasure FROM request_erasure t WHERE t.request IN ");
    let query = query.list(requests).push(") ORDER BY asked_at, id");
    let mut found = BTreeMap::new();
    for row in tx.rows(query).await? {
        let erasure = of(&row)?;
        if let Some(request) = erasure.request.clone() {
            found.insert(request, erasure);
        }
    }
    Ok(found)
}

/// The latest ones, before one where that is said.
pub(super) async fn page(tx: &mut Tx, before: Option<&Id>, limit: u32) -> Result<Vec<Erasure>> {
    let query = match before {
        Some(before) => {
            let at = find(tx, before).await?.asked_at;
            let query = Query::new(SELECT).push("(asked_at, id) < (").bind(at);
            query.push(", ").bind(before).push(")")
        }
        None => Query::new(SELECT).push("1 = 1"),
    };
    let query = query.push(" ORDER BY asked_at DESC, id DESC LIMIT ").bind(limit.clamp(1, 200));
    tx.rows(query).await?.iter().map(of).collect()
}

/// The restriction in force of a subject.
pub(super) async fn restriction(tx: &mut Tx, subject: &Id) -> Result<Option<Erasure>> {
    let query = Query::new(SELECT).push("state = 'restricted' AND subject = ").bind(subject);
    tx.row(query.push(" ORDER BY asked_at DESC LIMIT 1")).await?.map(|row| of(&row)).transpose()
}

/// Refuses a second one of the same kind.
pub(crate) async fn none_waits(tx: &mut Tx, subject: &Id, state: ErasureState) -> Result<()> {
    let query = Query::new("SELECT id FROM erasure WHERE state = ").bind(state.name());
    match tx.row(query.push(" AND subject = ").bind(subject)).await? {
        Some(row) => {
            let (id, title) = (row.text(0)?, state.title());
            Err(Error::Conflict(format!("该对象已有一项登记（{id}：{title}）")))
        }
        None => Ok(()),
    }
}

/// Refuses what does not stand where a step needs it.
pub(super) fn expect(erasure: &Erasure, state: ErasureState) -> Result<()> {
    if erasure.state == state {
        return Ok(());
    }
    let (now, needed) = (erasure.state.title(), state.title());
    Err(Error::Conflict(format!("该登记现为“{now}”，须为“{needed}”才能这样办理")))
}

/// A new row.
pub(crate) async fn insert(tx: &mut Tx, erasure: &Erasure) -> Result<()> {
    let row = vec![
        (&erasure.id).into(),
        (&erasure.subject).into(),
        erasure.ground.as_str().into(),
        erasure.article.as_str().into(),
        erasure.state.name().into(),
        erasure.asked_by.as_str().into(),
        erasure.asked_at.into(),
        erasure.answered_by.as_deref().into(),
        erasure.answered_at.into(),
        erasure.reason.as_deref().into(),
        json(&erasure.counts)?.into(),
    ];
    let into = "INSERT INTO erasure (id, subject, ground, article, state, asked_by, asked_at, answered_by, answered_at, reason, counts)";
    tx.insert(into, 11, vec![row], "").await
}

/// Where a row stands now.
pub(crate) async fn update(tx: &mut Tx, erasure: &Erasure) -> Result<()> {
    let query = Query::new("UPDATE erasure SET state = ").bind(erasure.state.name());
    let query = query.push(", answered_by = ").bind(erasure.answered_by.as_deref());
    let query = query.push(", answered_at = ").bind(erasure.answered_at);
    let query = query.push(", reason = ").bind(erasure.reason.as_deref());
    let query = query.push(", counts = ").bind(json(&erasure.counts)?);
    tx.run(query.push(" WHERE id = ").bind(&erasure.id)).await.map(|_| ())
}
