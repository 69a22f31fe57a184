//! Heads against last versions: what lists show of a record is what its last version says, and nothing is left out.

use anshu_model::calendar::Calendar;
use anshu_model::instant::Instant;
use anshu_model::record::Record;

use super::Stop;
use super::page::or_wrong;
use crate::columns::{COUNT, Columns};
use crate::db::{Bind, Query, Row, Tx};

/// Records of a page.
const PAGE: u64 = 2048;

/// The columns of `record` that the last version does not decide alone: the ends of clocks also rest on the holiday data
/// that were in force when it was written.
const BY_CALENDAR: std::ops::Range<usize> = 9..11;

/// Checks all heads, and says how many there are.
pub(super) async fn check(tx: &mut Tx) -> Result<u64, Stop> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let query = Query::new(
            "SELECT r.id, r.kind, r.type_name, r.division, r.county, r.unit, r.state, r.open, r.level, r.next_due, r.due, \
             r.title, r.title_level, r.version, r.created_at, v.record, \
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
        let checked = tokio::task::spawn_blocking(move || rows.iter().try_for_each(check_head));
        let checked = checked
            .await
            .map_err(|error| anshu_model::Error::Internal(format!("verify: {error}")))?;
        checked.map_err(Stop::Wrong)?;
    }
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

fn check_head(row: &Row) -> Result<(), String> {
    let id = row.text(0).map_err(|_| "有记录的编号无法读取".to_owned())?;
    let version = row.int(13).map_err(|_| format!("记录 {id}：当前版本无法读取"))?;
    let unlike = || format!("记录 {id}：当前状态与第 {version} 版不符");
    if row.int(16) != Ok(version) {
        return Err(format!("记录 {id}：当前版本不是最后一版"));
    }
    let record: Record = row.json(15).map_err(|_| format!("记录 {id} 第 {version} 版无法识别"))?;
    let expected = Columns::of(&record, &Calendar::default(), Instant(0)).binds(&record);
    for (column, bind) in
        expected.iter().enumerate().take(COUNT).filter(|(column, _)| !BY_CALENDAR.contains(column))
    {
        let found = match bind {
            Bind::Int(_) => row.maybe_int(column).map(Bind::Int),
            Bind::Text(_) => row.maybe_text(column).map(Bind::Text),
            Bind::Bytes(_) => row.bytes(column).map(Bind::from),
        };
        if found.as_ref() != Ok(bind) {
            return Err(unlike());
        }
    }
    Ok(())
}
