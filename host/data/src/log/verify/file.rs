//! The database file itself: SQLite's own check that what rows are found by agrees with them. It counts rows, and people know
//! records, decisions and log entries; here the one becomes the other.

use anshu_model::{Error, Result};

use crate::db::{Query, Tx};

/// What is wrong with the file, in words that name the row. None where nothing is, and on PostgreSQL, which has no file here.
pub(super) async fn check(tx: &mut Tx) -> Result<Option<String>> {
    if !matches!(tx, Tx::Sqlite(_)) {
        return Ok(None);
    }
    let answer = match tx.row(Query::new("PRAGMA integrity_check(1)")).await {
        Ok(Some(row)) => row.text(0)?,
        Ok(None) => return Ok(None),
        Err(Error::Internal(detail)) => detail,
        Err(error) => return Err(error),
    };
    if answer == "ok" {
        return Ok(None);
    }
    Ok(Some(match missing(&answer) {
        Some((number, index)) => {
            let row = name(tx, number, index).await?;
            format!("{row}：数据库索引 {index} 中它的一项被改写或删除")
        }
        None => format!("数据库文件的索引与记录不符：{answer}"),
    }))
}

/// The row, counted from 1 in its table's order, and the index in which it is not found.
fn missing(answer: &str) -> Option<(u64, &str)> {
    let (number, index) = answer.strip_prefix("row ")?.split_once(" missing from index ")?;
    Some((number.parse::<u64>().ok().filter(|number| *number > 0)?, index.trim()))
}

/// What people call the row of an index's table.
async fn name(tx: &mut Tx, number: u64, index: &str) -> Result<String> {
    let table = Query::new("SELECT tbl_name FROM sqlite_master WHERE type = 'index' AND name = ");
    let table = tx.row(table.bind(index)).await?.map(|row| row.text(0)).transpose()?;
    let table = table.unwrap_or_else(|| "（未知）".to_owned());
    let Some((title, select)) = rows(&table) else {
        return Ok(format!("数据表 {table} 第 {number} 行"));
    };
    let query = Query::new(select).push(" LIMIT 1 OFFSET ").bind(number - 1);
    let row = match tx.row(query).await {
        Ok(row) => row,
        Err(Error::Internal(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(match row.and_then(|row| row.text(0).ok()) {
        Some(named) => format!("{title} {named}"),
        None => format!("数据表 {table} 第 {number} 行"),
    })
}

/// What the rows of a table are, and how they are named in the table's order.
fn rows(table: &str) -> Option<(&'static str, &'static str)> {
    Some(match table {
        "record" => ("记录", "SELECT id FROM record ORDER BY rowid"),
        "record_version" => {
            ("记录", "SELECT id || ' 第 ' || version || ' 版' FROM record_version ORDER BY rowid")
        }
        "timeline" => (
            "时间线",
            "SELECT about || '（日志第 ' || leaf || ' 条）' FROM timeline ORDER BY about, leaf, ordinal",
        ),
        "decision" => ("决定", "SELECT id FROM decision ORDER BY rowid"),
        "decision_about" => {
            ("决定", "SELECT decision FROM decision_about ORDER BY about, leaf, decision")
        }
        "event" => ("事件", "SELECT id FROM event ORDER BY rowid"),
        "delivery" => (
            "事件",
            "SELECT event || ' 对 ' || pack || ' 的投递' FROM delivery ORDER BY event, pack",
        ),
        "binding" => (
            "变更登记",
            "SELECT name || ' ' || key || '（日志第 ' || leaf || ' 条）' FROM binding ORDER BY name, key, leaf",
        ),
        _ => return None,
    })
}
