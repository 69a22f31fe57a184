//! What administrators keep, as it is now, against the last state that a leaf vouches for.

use std::collections::HashMap;

use anshu_model::Error;

use super::Stop;
use super::page::or_wrong;
use crate::db::{Query, Tx};
use crate::log::kept::{ALL, PARKED, Table};

/// Rows of a page: packs have their components in them.
const PAGE: u64 = 64;

/// Checks all tables, and says how many rows there are.
pub(super) async fn check(tx: &mut Tx) -> Result<u64, Stop> {
    let mut count = 0;
    for table in ALL {
        count += rows(tx, table).await?;
        if let Some(key) = table.gone(tx).await? {
            if table.name == PARKED.name && ended(tx, &key).await? {
                continue;
            }
            return Err(Stop::Wrong(format!(
                "{} {key}：日志中有它的登记，现在却没有",
                table.title
            )));
        }
    }
    Ok(count)
}

async fn rows(tx: &mut Tx, table: &'static Table) -> Result<u64, Stop> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page = or_wrong(table.page(tx, &after, PAGE).await, || {
            format!("{} {after} 之后的一行无法读取：数据库文件已损坏", table.title)
        })?;
        let Some(last) = page.last() else { return Ok(count) };
        after.clone_from(&last.key);
        count += page.len() as u64;
        let query = Query::new(
            "SELECT b.key, b.digest, b.leaf FROM binding b WHERE b.leaf = \
             (SELECT MAX(c.leaf) FROM binding c WHERE c.name = b.name AND c.key = b.key) AND b.name = ",
        );
        let query = query.bind(table.name).push(" AND b.key IN ");
        let mut known = HashMap::new();
        for row in tx.rows(query.list(page.iter().map(|entry| entry.key.as_str()))).await? {
            known.insert(row.text(0)?, (row.bytes(1)?, row.count(2)?));
        }
        for entry in page {
            let name = || format!("{} {}", table.title, entry.key);
            match known.get(&entry.key) {
                Some((digest, _)) if *digest == entry.digest => {}
                Some((_, leaf)) => {
                    let text = format!("{}：与日志第 {leaf} 条所登记的不符", name());
                    return Err(Stop::Wrong(text));
                }
                None => {
                    return Err(Stop::Wrong(format!("{}：日志中没有它的登记", name())));
                }
            }
        }
    }
}

/// Whether a delivery that was parked has been done since.
async fn ended(tx: &mut Tx, key: &str) -> Result<bool, Error> {
    let (event, pack) = key.rsplit_once('/').unwrap_or((key, ""));
    let query = Query::new("SELECT 1 FROM delivery WHERE state = 'done' AND event = ").bind(event);
    Ok(tx.row(query.push(" AND pack = ").bind(pack)).await?.is_some())
}
