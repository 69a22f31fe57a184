//! Heads against last versions: what lists show of a record, and what it is found by, is what its last version says, and
//! nothing is left out.

use std::sync::Arc;

use anshu_model::calendar::Calendar;
use anshu_model::instant::Instant;
use anshu_model::record::Record;

use super::Stop;
use super::index::{self, Books, Counted, Expected};
use super::page::or_wrong;
use crate::columns::{COUNT, Columns};
use crate::db::{Bind, Query, Row, Tx};
use crate::vault::envelope::{Place, is_sealed};
use crate::vault::read::Keys;

/// Records of a page.
const PAGE: u64 = 2048;

/// Checks all heads, and says how many there are.
pub(super) async fn check(tx: &mut Tx, books: &Books, counted: &mut Counted) -> Result<u64, Stop> {
    let calendars = Arc::new(calendars(tx).await?);
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let query = Query::new(
            "SELECT r.id, r.kind, r.type_name, r.division, r.county, r.unit, r.state, r.open, r.level, r.next_due, r.due, \
             r.title, r.title_level, r.version, r.created_at, v.record, v.id, v.version, \
             (SELECT MAX(n.version) FROM record_version n WHERE n.id = r.id) \
             FROM record r LEFT JOIN record_version v ON v.id = r.id AND v.version = r.version WHERE r.id > ",
        )
        .bind(after.as_str())
        .push(" ORDER BY r.id LIMIT ")
        .bind(PAGE);
        let rows = or_wrong(tx.rows(query).await, || {
            format!("记录 {after} 之后的记录无法读取：数据库文件已损坏")
        })?;
        let Some(last) = rows.last() else { break };
        after = last.text(0)?;
        count += rows.len() as u64;
        let texts = rows.iter().map(|row| row.text(15)).collect::<Result<Vec<_>, _>>();
        let texts =
            or_wrong(texts, || format!("记录 {after} 之前的正文无法读取：数据库文件已损坏"))?;
        let keys = books.keys(tx, &texts, counted).await?;
        let (books, calendars) = (books.clone(), calendars.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let mut expected = Expected::default();
            for (row, text) in rows.iter().zip(&texts) {
                if let Some(record) = check_head(row, text, keys.as_ref(), &calendars)? {
                    expected.add(&record, &books);
                }
            }
            Ok(expected)
        });
        let checked = checked
            .await
            .map_err(|error| anshu_model::Error::Internal(format!("verify: {error}")))?;
        checked.map_err(Stop::Wrong)?.check(tx, counted).await?;
    }
    index::nothing_else(tx, counted, books).await?;
    // An empty version says that the record is gone: its leaf vouches for that.
    let headless = Query::new(
        "SELECT v.id FROM record_version v LEFT JOIN record r ON r.id = v.id WHERE v.version = 1 AND r.id IS NULL \
         AND NOT EXISTS (SELECT 1 FROM record_version e WHERE e.id = v.id AND e.record = '') LIMIT 1",
    );
    match tx.row(headless).await? {
        Some(row) => Err(Stop::Wrong(format!("记录 {}：有历史版本而没有当前状态", row.text(0)?))),
        None => Ok(count),
    }
}

/// All holiday data that were ever in force, the last ones first: the ends of clocks may rest on any of them.
async fn calendars(tx: &mut Tx) -> Result<Vec<Calendar>, Stop> {
    let rows = tx.rows(Query::new("SELECT calendar FROM calendar ORDER BY number DESC")).await?;
    let mut calendars: Vec<Calendar> = rows.iter().filter_map(|row| row.json(0).ok()).collect();
    calendars.push(Calendar::default());
    Ok(calendars)
}

/// A head against its last version. None where its body is sealed and there is no key to open it here.
fn check_head(
    row: &Row,
    text: &str,
    keys: Option<&Keys>,
    calendars: &[Calendar],
) -> Result<Option<Record>, String> {
    let id = row.text(0).map_err(|_| "有记录的编号无法读取".to_owned())?;
    let version = row.int(13).map_err(|_| format!("记录 {id}：当前版本无法读取"))?;
    let unlike = || format!("记录 {id}：当前状态与第 {version} 版不符");
    if row.int(18) != Ok(version) {
        return Err(format!("记录 {id}：当前版本不是最后一版"));
    }
    let unknown = || format!("记录 {id} 第 {version} 版无法识别");
    let place = Place::version(&id, version.try_into().map_err(|_| unknown())?);
    let record: Record = match keys {
        Some(keys) => match keys.json(place, text) {
            Ok(Some(record)) => record,
            // The present state of what was erased is no state: erasing it takes the head away.
            Ok(None) => return Err(format!("记录 {id}：密钥已销毁，当前状态却仍在")),
            Err(_) => return Err(format!("{}：密文与其位置不符，不能打开", unknown())),
        },
        None if is_sealed(text) => return Ok(None),
        None => serde_json::from_str(text).map_err(|_| unknown())?,
    };
    let by = |calendar| Columns::of(&record, calendar, Instant(0));
    let ends: (Option<i64>, i64) = match (row.maybe_int(9), row.int(10)) {
        (Ok(next_due), Ok(due)) => (next_due, due),
        _ => return Err(unlike()),
    };
    // Mostly the first one is it.
    let columns = calendars
        .iter()
        .map(by)
        .find(|columns| (columns.next_due.map(Instant::milliseconds), columns.due) == ends);
    let Some(columns) = columns else {
        return Err(format!("记录 {id}：列表中的到期时间与第 {version} 版的时限不符"));
    };
    for (column, bind) in columns.binds(&record).iter().enumerate().take(COUNT) {
        let found = match bind {
            Bind::Int(_) => row.maybe_int(column).map(Bind::Int),
            Bind::Text(_) => row.maybe_text(column).map(Bind::Text),
            Bind::Bytes(_) => row.bytes(column).map(Bind::from),
        };
        if found.as_ref() != Ok(bind) {
            return Err(unlike());
        }
    }
    Ok(Some(record))
}
