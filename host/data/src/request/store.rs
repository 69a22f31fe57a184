//! Requests as they are stored: what was said is sealed with the person's own key, so that it goes where their data go.

use std::collections::BTreeSet;

use anshu_model::instant::Instant;
use anshu_model::leaf::Leaf;
use anshu_model::request::{Channel, PersonRequest, Right};
use anshu_model::{Error, Id, Result};

use super::Followed;
use crate::commit::Facts;
use crate::db::{Bind, Query, Row, Tx};
use crate::erasure::{Erasure, ErasureState, of_requests};
use crate::log::kept::Entry;
use crate::log::store::Appender;
use crate::log::{bind, kept};
use crate::org::json;
use crate::vault::envelope::Place;
use crate::vault::ring::{Kept, Ring};
use crate::vault::{Vault, key_rows};

/// The columns of a request, in the order of [`read`].
pub(super) const COLUMNS: &str =
    "SELECT body, id, step, subject, kind, state, filed_at, due_at FROM person_request ";

/// What stands where a request was erased with its person.
const ERASED: &str = "（已随资料依法销毁）";

/// A request that was written, to be bound to its leaf.
#[derive(Debug)]
pub(crate) struct Written {
    entries: Vec<Entry>,
    kept: Kept,
}

impl Written {
    /// Writes the leaf, with these and with other states that it vouches for.
    pub(crate) async fn bind(
        self,
        tx: &mut Tx,
        appender: &Appender,
        leaf: Leaf,
        others: Vec<Entry>,
    ) -> Result<()> {
        let made = self.kept.used().made.iter();
        let made = made.map(|key| bind::data_key(key.subject.as_str(), key.generation)).collect();
        let entries = self.entries.into_iter().chain(others).collect();
        let position = appender.bind(tx, vec![leaf], made, entries).await?.first;
        let position =
            i64::try_from(position).map_err(|error| Error::Internal(format!("leaf: {error}")))?;
        let uses = self.kept.used().uses.values();
        let keys = uses.map(|(key, uses)| key.binds(*uses, position)).collect();
        tx.insert(key_rows::INSERT, key_rows::COLUMNS, keys, key_rows::USED).await
    }
}

/// Writes a request as it stands. `before`: how many steps it had taken when it was read; none for a new one.
pub(crate) async fn put(
    tx: &mut Tx,
    facts: &Facts,
    request: &PersonRequest,
    before: Option<usize>,
    now: Instant,
) -> Result<Written> {
    let (id, step) = (&request.id, request.steps.len() as u64);
    if let Some(before) = before {
        unmoved(tx, id, before).await?;
    }
    let subjects = BTreeSet::from([request.subject.clone()]);
    let ring = Ring::load(tx, &facts.vault, &subjects).await?;
    let mut pen = ring.pen(&facts.vault, now);
    let place = Place::request(id.as_str(), step);
    let body = pen.seal([&request.subject], place, &json(request)?)?;
    let row: Vec<Bind> = vec![
        id.into(),
        (&request.subject).into(),
        request.right.name().into(),
        request.stand.name().into(),
        request.filed_at.into(),
        request.due_at.into(),
        step.into(),
        body.into(),
    ];
    let into =
        "INSERT INTO person_request (id, subject, kind, state, filed_at, due_at, step, body)";
    let moved = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, \
                 step = excluded.step, body = excluded.body";
    tx.insert(into, 8, vec![row], moved).await?;
    let mut entries = vec![kept::PERSON_REQUEST.entry(tx, id.as_str()).await?];
    if let (None, Some(guardian)) = (before, &request.guardian) {
        let row = vec![id.into(), guardian.into()];
        tx.insert("INSERT INTO request_guardian (request, guardian)", 2, vec![row], "").await?;
        entries.push(kept::REQUEST_GUARDIAN.entry(tx, id.as_str()).await?);
    }
    Ok(Written { entries, kept: pen.done() })
}

async fn unmoved(tx: &mut Tx, id: &Id, before: usize) -> Result<()> {
    let row = tx.row(Query::new("SELECT step FROM person_request WHERE id = ").bind(id)).await?;
    let now = row.map(|row| row.count(0)).transpose()?;
    if now == u64::try_from(before).ok() {
        return Ok(());
    }
    Err(Error::Conflict("请求刚刚有了新的办理情况；请刷新后再办理".into()))
}

/// One request; none where there is none, or where it was erased with its person.
pub(crate) async fn find(tx: &mut Tx, vault: &Vault, id: &Id) -> Result<Option<PersonRequest>> {
    let query = Query::new(COLUMNS).push("WHERE id = ").bind(id);
    let found = read(tx, vault, query).await?.pop();
    Ok(found.filter(|found| found.is_readable()).map(|found| found.request))
}

/// Requests of rows of [`COLUMNS`], each with the erasure that answers it. Of one that was erased with its person there is left
/// that it was asked and what became of it.
pub(super) async fn read(tx: &mut Tx, vault: &Vault, query: Query) -> Result<Vec<Followed>> {
    let rows = tx.rows(query).await?;
    let texts = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
    let keys = vault.keys(tx, texts.iter().map(String::as_str)).await?;
    let ids = rows.iter().map(|row| row.id(1)).collect::<Result<Vec<_>>>()?;
    let mut erasures = of_requests(tx, &ids).await?;
    let mut found = Vec::with_capacity(rows.len());
    for ((row, text), id) in rows.iter().zip(&texts).zip(&ids) {
        let erasure = erasures.remove(id);
        let place = Place::request(id.as_str(), row.count(2)?);
        match keys.json(place, text)? {
            Some(request) => found.push(Followed { request, erasure }),
            None => found.extend(left(row, erasure)?),
        }
    }
    Ok(found)
}

/// What is left of a request whose person was erased by it.
fn left(row: &Row, erasure: Option<Erasure>) -> Result<Option<Followed>> {
    let Some(erasure) = erasure.filter(|erasure| erasure.state == ErasureState::Erased) else {
        return Ok(None);
    };
    let kind = row.text(4)?;
    let right = Right::ALL.into_iter().find(|right| right.name() == kind);
    let stand = serde_json::from_value(row.text(5)?.into())
        .map_err(|error| Error::Internal(format!("state of a request: {error}")))?;
    let request = PersonRequest {
        id: row.id(1)?,
        subject: row.id(3)?,
        right: right.ok_or_else(|| Error::Internal(format!("request of kind {kind}")))?,
        channel: Channel::Account,
        wish: ERASED.to_owned(),
        about: None,
        proof: ERASED.to_owned(),
        filed_by: Id::from_text(""),
        guardian: None,
        filed_at: row.instant(6)?,
        due_at: None,
        waits_since: None,
        left: None,
        stand,
        steps: Vec::new(),
    };
    Ok(Some(Followed { request, erasure: Some(erasure) }))
}

impl Followed {
    /// Whether what was said is still there.
    pub(super) fn is_readable(&self) -> bool {
        self.request.filed_by != Id::from_text("")
    }
}
