//! Rows of plans: read, and written with the state for which the log vouches.

use std::collections::BTreeMap;

use anshu_model::context::PackRef;
use anshu_model::instant::Instant;
use anshu_model::manifest::Manifest;
use anshu_model::record::{Body, Record};
use anshu_model::transition::Bin;
use anshu_model::{Error, Id, Result};
use sha2::{Digest, Sha256};

use super::{Approval, ItemState, ROLES, Upgrade, UpgradeItem, UpgradeState};
use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept::{self, Entry};
use crate::log::note::hex;
use crate::org::json;
use crate::vault::Vault;

/// A plan, without counts.
pub(super) async fn plan(tx: &mut Tx, id: &Id) -> Result<Upgrade> {
    let query = Query::new(
        "SELECT pack, version, digest, state, notice, made_by, made_at, done, total, place FROM upgrade WHERE id = ",
    );
    let row = tx.row(query.bind(id)).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("衔接方案 {id}")))?;
    let notice = match row.maybe_text(4)? {
        Some(_) => Some(row.json(4)?),
        None => None,
    };
    Ok(Upgrade {
        id: id.clone(),
        to: PackRef { name: row.text(0)?, version: row.text(1)?, digest: row.text(2)? },
        state: UpgradeState::from_name(&row.text(3)?)?,
        notice,
        made_by: row.text(5)?,
        made_at: row.instant(6)?,
        done: row.count(7)?,
        total: row.count(8)?,
        approvals: approvals(tx, id).await?,
        counts: BTreeMap::new(),
        place: row.text(9)?,
    })
}

/// A plan with its counts.
pub(super) async fn counted(tx: &mut Tx, id: &Id) -> Result<Upgrade> {
    let mut plan = plan(tx, id).await?;
    let query =
        Query::new("SELECT bin, state, COUNT(*) FROM upgrade_item WHERE NOT EXISTS (SELECT 1 FROM record ss WHERE ss.sealed = 1 AND ss.id = case_id) AND plan_id = ").bind(id);
    for row in tx.rows(query.push(" GROUP BY bin, state")).await? {
        plan.counts.insert((bin(&row, 0)?, state(&row, 1)?), row.count(2)?);
    }
    Ok(plan)
}

/// Who agreed to a plan.
pub(super) async fn approvals(tx: &mut Tx, id: &Id) -> Result<Vec<Approval>> {
    let query =
        Query::new("SELECT role, person, at FROM upgrade_approval WHERE plan_id = ").bind(id);
    let rows = tx.rows(query.push(" ORDER BY at, role")).await?;
    rows.iter()
        .map(|row| {
            let role = row.text(0)?;
            let title = ROLES.iter().find(|(known, _)| *known == role);
            let role_title = title.map_or("", |(_, title)| *title);
            Ok(Approval { role, role_title, person: row.id(1)?, at: row.instant(2)? })
        })
        .collect()
}

/// Writes where a plan stands.
pub(super) async fn save(tx: &mut Tx, plan: &Upgrade) -> Result<Entry> {
    let update = Query::new("UPDATE upgrade SET state = ")
        .bind(plan.state.name())
        .push(", done = ")
        .bind(plan.done)
        .push(", total = ")
        .bind(plan.total)
        .push(", place = ")
        .bind(plan.place.as_str())
        .push(" WHERE id = ")
        .bind(&plan.id);
    tx.run(update).await?;
    kept::UPGRADE.entry(tx, plan.id.as_str()).await
}

/// What a stored version declares.
pub(super) async fn manifest(tx: &mut Tx, pack: &PackRef) -> Result<Manifest> {
    let query = Query::new("SELECT manifest FROM pack WHERE state <> 'removed' AND name = ")
        .bind(pack.name.as_str())
        .push(" AND digest = ")
        .bind(pack.digest.as_str());
    let row = tx.row(query).await?;
    row.ok_or_else(|| Error::NotFound(format!("插件 {} {}", pack.name, pack.version)))?.json(0)
}

/// The key of a case of a plan.
pub(super) fn item_key(plan: &Id, case: &Id) -> String {
    format!("{plan}/{case}")
}

/// A sealed case is in no plan: it is bound to its version, and waits.
const ITEM: &str = "SELECT case_id, code, division, bin, state, outlook, reason, old_body, new_body, applied, stage \
                    FROM upgrade_item WHERE NOT EXISTS (SELECT 1 FROM record ss WHERE ss.sealed = 1 AND ss.id = case_id) AND plan_id = ";

/// Cases of a plan in the order of their keys.
pub(super) async fn items(
    tx: &mut Tx,
    plan: &Id,
    (only_bin, only_state): (Option<Bin>, Option<ItemState>),
    after: &str,
    limit: u32,
) -> Result<Vec<UpgradeItem>> {
    let mut query = Query::new(ITEM).bind(plan).push(" AND key > ").bind(after);
    if let Some(bin) = only_bin {
        query = query.push(" AND bin = ").bind(bin.name());
    }
    if let Some(state) = only_state {
        query = query.push(" AND state = ").bind(state.name());
    }
    let rows = tx.rows(query.push(" ORDER BY key LIMIT ").bind(limit)).await?;
    rows.iter().map(read).collect()
}

/// One case of a plan.
pub(super) async fn item(tx: &mut Tx, plan: &Id, case: &Id) -> Result<UpgradeItem> {
    let query = Query::new(ITEM).bind(plan).push(" AND key = ").bind(item_key(plan, case));
    let row = tx.row(query).await?;
    row.as_ref()
        .map(read)
        .transpose()?
        .ok_or_else(|| Error::NotFound(format!("方案中没有事项 {case}")))
}

fn read(row: &Row) -> Result<UpgradeItem> {
    Ok(UpgradeItem {
        case: row.id(0)?,
        code: row.text(1)?,
        division: row.text(2)?,
        bin: bin(row, 3)?,
        state: state(row, 4)?,
        outlook: row.json(5)?,
        reason: row.maybe_text(6)?,
        old_body: row.text(7)?,
        new_body: row.maybe_text(8)?,
        applied: row.maybe_int(9)?.and_then(|version| u64::try_from(version).ok()),
        stage: row.text(10)?,
    })
}

fn bin(row: &Row, column: usize) -> Result<Bin> {
    let name = row.text(column)?;
    Bin::from_name(&name).ok_or_else(|| Error::Internal(format!("upgrade bin {name}")))
}

fn state(row: &Row, column: usize) -> Result<ItemState> {
    let name = row.text(column)?;
    ItemState::from_name(&name).ok_or_else(|| Error::Internal(format!("upgrade item {name}")))
}

/// Writes new cases of a plan.
pub(super) async fn insert(
    tx: &mut Tx,
    plan: &Id,
    items: Vec<UpgradeItem>,
    bases: &[u64],
) -> Result<()> {
    let mut rows: Vec<Vec<Bind>> = Vec::with_capacity(items.len());
    for (item, base) in items.into_iter().zip(bases) {
        rows.push(vec![
            item_key(plan, &item.case).into(),
            plan.into(),
            (&item.case).into(),
            item.code.into(),
            item.division.into(),
            item.bin.name().into(),
            item.state.name().into(),
            item.stage.into(),
            (*base).into(),
            item.old_body.into(),
            json(&item.outlook)?.into(),
        ]);
    }
    let into = "INSERT INTO upgrade_item (key, plan_id, case_id, code, division, bin, state, stage, base, old_body, outlook)";
    tx.insert(into, 11, rows, "").await
}

/// What was done with a case, to be written.
pub(super) struct Done {
    pub(super) case: Id,
    pub(super) state: ItemState,
    pub(super) reason: Option<String>,
    /// Where it was placed anew or moved: what it means now, and its body before.
    pub(super) placed: Option<(Bin, String, String)>,
    /// Where it was moved: the version that did, and its body since.
    pub(super) moved: Option<(u64, String)>,
}

impl Done {
    /// A case that was not moved.
    pub(super) fn left(case: &Id, state: ItemState, reason: impl Into<String>) -> Self {
        Self { case: case.clone(), state, reason: Some(reason.into()), placed: None, moved: None }
    }

    pub(super) async fn write(self, tx: &mut Tx, plan: &Id) -> Result<Entry> {
        let key = item_key(plan, &self.case);
        let mut update = Query::new("UPDATE upgrade_item SET state = ")
            .bind(self.state.name())
            .push(", reason = ")
            .bind(self.reason);
        if let Some((bin, outlook, old_body)) = self.placed {
            update = update.push(", bin = ").bind(bin.name()).push(", outlook = ").bind(outlook);
            update = update.push(", old_body = ").bind(old_body);
        }
        if let Some((version, body)) = self.moved {
            update = update.push(", applied = ").bind(version).push(", new_body = ").bind(body);
        }
        tx.run(update.push(" WHERE key = ").bind(key.as_str())).await?;
        kept::UPGRADE_ITEM.entry(tx, &key).await
    }
}

/// SHA-256 of a body as it is stored, in hex.
pub(super) fn digest(body: &Body) -> Result<String> {
    Ok(hex(&Sha256::digest(json(body)?)))
}

/// The present bodies of records, by id.
pub(super) async fn records(
    tx: &mut Tx,
    vault: &Vault,
    ids: impl Iterator<Item = &Id>,
) -> Result<BTreeMap<Id, Record>> {
    let query = Query::new(
        "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id IN ",
    );
    let rows = tx.rows(query.list(ids)).await?;
    let records = vault.records(tx, &rows, 0).await?.into_iter().flatten();
    Ok(records.map(|record| (record.head.id.clone(), record)).collect())
}

/// When a version's rules begin, at the centre.
pub(super) fn begins(
    manifest: &Manifest,
    calendar: &anshu_model::calendar::Calendar,
) -> Option<Instant> {
    let date = manifest.effective_from.parse().ok()?;
    Some(Instant::start_of(date, calendar.offset()))
}
