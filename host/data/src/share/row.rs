//! Rows of shares and of the catalogue: read, and written with the state for which the log vouches.

use anshu_model::share::{Item, Share};
use anshu_model::{Error, Id, Result};

use crate::db::{Query, Tx};
use crate::log::kept::{self, Entry};
use crate::org::json;

/// A share.
pub(super) async fn share(tx: &mut Tx, id: &Id) -> Result<Share> {
    let query = Query::new("SELECT body FROM data_share WHERE id = ").bind(id);
    let row = tx.row(query).await?;
    row.ok_or_else(|| Error::NotFound(format!("共享 {id}")))?.json(0)
}

/// Writes a new share.
pub(super) async fn insert(tx: &mut Tx, share: &Share) -> Result<Entry> {
    let row = vec![
        (&share.id).into(),
        (&share.provider).into(),
        (&share.asking).into(),
        share.state.name().into(),
        share.terms.until.into(),
        json(share)?.into(),
        share.version.into(),
        share.asked.at.into(),
    ];
    let into =
        "INSERT INTO data_share (id, provider, asking, state, ends_at, body, version, made_at)";
    tx.insert(into, 8, vec![row], "").await?;
    kept::SHARE.entry(tx, share.id.as_str()).await
}

/// Writes what became of a share.
pub(super) async fn save(tx: &mut Tx, share: &Share) -> Result<Entry> {
    let update = Query::new("UPDATE data_share SET state = ")
        .bind(share.state.name())
        .push(", ends_at = ")
        .bind(share.terms.until)
        .push(", body = ")
        .bind(json(share)?)
        .push(", version = ")
        .bind(share.version)
        .push(" WHERE id = ")
        .bind(&share.id);
    tx.run(update).await?;
    kept::SHARE.entry(tx, share.id.as_str()).await
}

/// An item of the catalogue.
pub(super) async fn item(tx: &mut Tx, id: &Id) -> Result<Item> {
    let query = Query::new("SELECT body FROM share_item WHERE id = ").bind(id);
    let row = tx.row(query).await?;
    row.ok_or_else(|| Error::NotFound(format!("共享目录项 {id}")))?.json(0)
}

/// What a unit offers of a facet or matter type.
pub(super) async fn item_of(tx: &mut Tx, provider: &Id, content: &str) -> Result<Option<Item>> {
    let query = Query::new("SELECT body FROM share_item WHERE provider = ")
        .bind(provider)
        .push(" AND content = ")
        .bind(content);
    tx.row(query).await?.map(|row| row.json(0)).transpose()
}

/// Writes an item.
pub(super) async fn put_item(tx: &mut Tx, item: &Item) -> Result<Entry> {
    let row = vec![
        (&item.id).into(),
        (&item.provider).into(),
        item.offering.group.key().into(),
        json(item)?.into(),
        item.version.into(),
    ];
    let into = "INSERT INTO share_item (id, provider, content, body, version)";
    let changed = "ON CONFLICT (id) DO UPDATE SET body = excluded.body, version = excluded.version";
    tx.insert(into, 5, vec![row], changed).await?;
    kept::SHARE_ITEM.entry(tx, item.id.as_str()).await
}
