//! The baseline of the import: the same file, parsed, checked, inspected and kept as a competent engineer would write it
//! without plugin, guard or log, on the same engine with the same durability and as many rows in a transaction.
//!
//! It keeps the rows that ours keeps: the room, its version, the hazard where it fails with its version, a line in each
//! timeline, and what was decided on which ground. It leaves out what the comparison is about: no component, no scope, no
//! keyed digests, no journal of reads, no Merkle log, no second pass that tells all errors before anything is kept.

use std::path::Path;
use std::str::FromStr as _;

use anshu_server::import::IN_FLIGHT;
use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection};

const TABLES: &str = "
    CREATE TABLE operator (account TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE record (id TEXT PRIMARY KEY, kind TEXT NOT NULL, code TEXT UNIQUE, about TEXT, division TEXT NOT NULL,
        title TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE INDEX record_by_division ON record (division, kind, id);
    CREATE INDEX record_about ON record (about);
    CREATE TABLE version (id TEXT, version INTEGER, body TEXT NOT NULL, operation TEXT NOT NULL, PRIMARY KEY (id, version));
    CREATE TABLE timeline (number INTEGER PRIMARY KEY, about TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL);
    CREATE INDEX timeline_about ON timeline (about, number);
    CREATE TABLE decision (id TEXT PRIMARY KEY, at INTEGER NOT NULL, about TEXT NOT NULL, body TEXT NOT NULL);
    CREATE INDEX decision_about ON decision (about, at);";

/// A row of the file.
#[derive(Debug, Deserialize)]
struct Row {
    no: String,
    street: String,
    name: String,
    #[serde(rename = "type")]
    letting: String,
    regime: String,
    capacity: u32,
    beds: Option<u32>,
    safety: String,
    gas: String,
    host: String,
}

/// Imports a file into an empty database, and answers how many rows were kept.
pub(super) async fn import(file: &Path, database: &Path) -> anyhow::Result<u32> {
    let options = SqliteConnectOptions::from_str(&format!("sqlite:{}", database.display()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(TABLES).execute(&mut connection).await?;
    let mut reader = csv::Reader::from_path(file)?;
    let mut rows = reader.deserialize::<Row>();
    let mut kept = 0;
    loop {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut batch = 0;
        for row in rows.by_ref().take(IN_FLIGHT) {
            keep(&mut transaction, kept + batch, &row?).await?;
            batch += 1;
        }
        transaction.commit().await?;
        if batch == 0 {
            break;
        }
        kept += batch;
    }
    connection.close().await?;
    Ok(kept)
}

/// A record as it is written.
struct Record<'a> {
    id: &'a str,
    kind: &'a str,
    code: Option<&'a str>,
    about: Option<&'a str>,
    division: &'a str,
    title: &'a str,
    body: String,
}

async fn keep(connection: &mut SqliteConnection, number: u32, row: &Row) -> anyhow::Result<()> {
    let known = sqlx::query("SELECT id FROM record WHERE code = ?")
        .bind(&row.no)
        .fetch_optional(&mut *connection)
        .await?;
    anyhow::ensure!(known.is_none(), "{} is there already", row.no);
    let division = division(&row.street).with_context(|| format!("no street {}", row.street))?;
    sqlx::query("INSERT INTO operator VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(&row.host)
        .bind(format!("房源经营者 {}", row.host))
        .execute(&mut *connection)
        .await?;
    let failed = failed(row);
    let (room, operation) = (format!("room-{number}"), format!("operation-{number}"));
    let facts = json!({
        "code": row.no, "name": row.name, "division": division, "area": row.street, "regime": row.regime,
        "letting": row.letting, "capacity": row.capacity, "beds": row.beds, "facilities": row.safety, "gas": row.gas,
        "operator": row.host, "source": "演示样例", "failed": failed,
    });
    let record = Record {
        id: &room,
        kind: "place",
        code: Some(&row.no),
        about: None,
        division,
        title: &row.name,
        body: facts.to_string(),
    };
    insert(connection, record, &operation, "已登记房源").await?;
    if !failed.is_empty() {
        let hazard = format!("hazard-{number}");
        let title = format!("房源安全：{}", failed.join("；"));
        let body = json!({ "subject": room, "level": "一般", "findings": failed });
        let record = Record {
            id: &hazard,
            kind: "risk",
            code: None,
            about: Some(&room),
            division,
            title: &title,
            body: body.to_string(),
        };
        insert(connection, record, &operation, "上报隐患").await?;
    }
    let decision = json!({
        "by": "样例甲", "unit": "样例单位", "purpose": "lodging", "ground": "样例条例 第1条", "answers": facts,
        "outcome": format!("已登记房源：{} 项未达到要求", failed.len()), "reasons": failed,
    });
    sqlx::query("INSERT INTO decision VALUES (?, 0, ?, ?)")
        .bind(&operation)
        .bind(&room)
        .bind(decision.to_string())
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// A record, its first version and the line in its timeline.
async fn insert(
    connection: &mut SqliteConnection,
    record: Record<'_>,
    operation: &str,
    line: &str,
) -> anyhow::Result<()> {
    sqlx::query("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, 1, ?)")
        .bind(record.id)
        .bind(record.kind)
        .bind(record.code)
        .bind(record.about)
        .bind(record.division)
        .bind(record.title)
        .bind(&record.body)
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO version VALUES (?, 1, ?, ?)")
        .bind(record.id)
        .bind(&record.body)
        .bind(operation)
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO timeline (about, at, text) VALUES (?, 0, ?)")
        .bind(record.id)
        .bind(line)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

fn division(street: &str) -> Option<&'static str> {
    Some(match street {
        "七星岗街道" => "500103001000",
        "解放碑街道" => "500103003000",
        "上清寺街道" => "500103005000",
        "朝天门街道" => "500103010000",
        "大坪街道" => "500103012000",
        "化龙桥街道" => "500103013000",
        _ => return None,
    })
}

/// What the room lacks.
fn failed(row: &Row) -> Vec<&'static str> {
    let lacks = |facility: &str| !row.safety.split('|').any(|has| has == facility);
    let own_door = matches!(row.letting.as_str(), "单间" | "客房");
    let checks = [
        (lacks("烟感"), "客房须有烟雾报警器"),
        (lacks("灭火器"), "须配备灭火器"),
        (row.gas == "是" && lacks("一氧化碳报警"), "使用燃气的须有一氧化碳报警器"),
        (lacks("急救包"), "须配备急救包"),
        (own_door && lacks("门锁"), "客房须能从内锁闭"),
    ];
    checks.into_iter().filter_map(|(broken, text)| broken.then_some(text)).collect()
}
