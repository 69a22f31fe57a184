//! The baseline of the commit bench: the same reads and writes as the plugin's, as a plain Rust function on the same engine
//! with the same durability and the same grouping of many callers into one flush, but without component, guard or log.

use std::str::FromStr as _;

use serde_json::{Value, json};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

/// Most commits that share one flush, as in the real writer.
const BATCH: usize = 64;

/// One decision's writes.
struct Commit {
    room: String,
    version: i64,
    body: String,
    risk: String,
    done: oneshot::Sender<bool>,
}

/// A small centre without Anshu.
pub(crate) struct Native {
    readers: SqlitePool,
    writer: mpsc::Sender<Commit>,
}

impl Native {
    /// Opens an empty database with some rooms.
    pub(crate) async fn open(path: &std::path::Path, rooms: u32) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::from_str(&format!("sqlite:{}", path.display()))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::raw_sql(
            "CREATE TABLE room (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
             CREATE TABLE risk (id INTEGER PRIMARY KEY, room TEXT NOT NULL, body TEXT NOT NULL);",
        )
        .execute(&mut connection)
        .await?;
        let mut transaction = connection.begin().await?;
        for number in 0..rooms {
            sqlx::query("INSERT INTO room VALUES ($1, 1, $2)")
                .bind(format!("room-{number}"))
                .bind(json!({"beds": 2, "smoke_alarm": false, "inspections": 0}).to_string())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        let (writer, commits) = mpsc::channel(1024);
        tokio::task::spawn(write(connection, commits));
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { readers, writer })
    }

    /// Inspects a room: reads it, notes the inspection on it, and reports a risk. Answers whether it was committed.
    pub(crate) async fn inspect(&self, number: u32) -> anyhow::Result<bool> {
        let room = format!("room-{number}");
        let row = sqlx::query("SELECT version, body FROM room WHERE id = $1")
            .bind(&room)
            .fetch_one(&self.readers)
            .await?;
        let mut body: Value = serde_json::from_str(row.try_get("body")?)?;
        let inspections = body.get("inspections").and_then(Value::as_u64).unwrap_or(0);
        if let Some(object) = body.as_object_mut() {
            object.insert("inspections".into(), (inspections + 1).into());
        }
        let risk = json!({"findings": [{"rule": "smoke-alarm", "text": "未配备烟感"}]}).to_string();
        let (done, answer) = oneshot::channel();
        let commit =
            Commit { room, version: row.try_get("version")?, body: body.to_string(), risk, done };
        self.writer.send(commit).await.map_err(|_| anyhow::anyhow!("the writer has stopped"))?;
        Ok(answer.await?)
    }
}

/// Gathers commits and flushes them together.
async fn write(
    mut connection: SqliteConnection,
    mut commits: mpsc::Receiver<Commit>,
) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    while commits.recv_many(&mut batch, BATCH).await > 0 {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut answers = Vec::with_capacity(batch.len());
        for commit in batch.drain(..) {
            let updated = sqlx::query(
                "UPDATE room SET version = version + 1, body = $1 WHERE id = $2 AND version = $3",
            )
            .bind(&commit.body)
            .bind(&commit.room)
            .bind(commit.version)
            .execute(&mut *transaction)
            .await?;
            let current = updated.rows_affected() == 1;
            if current {
                sqlx::query("INSERT INTO risk (room, body) VALUES ($1, $2)")
                    .bind(&commit.room)
                    .bind(&commit.risk)
                    .execute(&mut *transaction)
                    .await?;
            }
            answers.push((commit.done, current));
        }
        transaction.commit().await?;
        for (done, current) in answers {
            // A caller that went away needs no answer.
            let _ = done.send(current);
        }
    }
    Ok(())
}
