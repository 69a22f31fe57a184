//! The baseline of the commit bench: what the counter does, as a competent engineer would write it without plugin, guard or
//! log, on the same engine with the same durability.
//!
//! It reads the record, changes it, and keeps what the law asks of any such system: each version of the record, a line in
//! its timeline, and what was decided by whom on which ground. It batches: whoever waits shares one transaction and one
//! flush, as in the real writer. It leaves out what the comparison is about: no component, no scope, no masks, no journal
//! of reads, no blind index, no Merkle log. `Least` leaves out even versions, timeline and decisions: one row is changed.

use std::str::FromStr as _;

use anshu_data::Durability;
use serde_json::{Value, json};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Most commits that share one flush, as in the real writer.
const BATCH: usize = 256;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// The record alone, overwritten in place.
    Least,
    /// The record, its versions, its timeline, the decision: the same rows as ours.
    Same,
}

/// One decision's writes.
struct Commit {
    thing: String,
    version: i64,
    body: String,
    operation: String,
    decision: String,
    done: oneshot::Sender<bool>,
}

/// A small centre without Anshu.
pub(crate) struct Native {
    readers: SqlitePool,
    writer: mpsc::Sender<Commit>,
    /// The writer's task, which ends with this.
    _task: JoinSet<anyhow::Result<()>>,
}

const TABLES: &str = "
    CREATE TABLE thing (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE version (id TEXT, version INTEGER, body TEXT NOT NULL, operation TEXT NOT NULL,
        PRIMARY KEY (id, version)) WITHOUT ROWID;
    CREATE TABLE timeline (number INTEGER PRIMARY KEY, about TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL);
    CREATE INDEX timeline_about ON timeline (about, number);
    CREATE TABLE decision (id TEXT PRIMARY KEY, at INTEGER NOT NULL, about TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX decision_about ON decision (about, at);";

impl Native {
    /// Opens an empty database with some things.
    pub(crate) async fn open(
        path: &std::path::Path,
        things: u32,
        keeps: Keeps,
        durability: Durability,
    ) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::from_str(&format!("sqlite:{}", path.display()))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match durability {
                Durability::Full => SqliteSynchronous::Full,
                Durability::Off => SqliteSynchronous::Off,
            });
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::raw_sql(TABLES).execute(&mut connection).await?;
        let mut transaction = connection.begin().await?;
        for number in 0..things {
            sqlx::query("INSERT INTO thing VALUES (?, 1, ?)")
                .bind(format!("thing-{number}"))
                .bind(json!({"name": "样例物", "division": "500103", "count": 0}).to_string())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        let (writer, commits) = mpsc::channel(1024);
        let mut task = JoinSet::new();
        task.spawn(write(connection, commits, keeps));
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .test_before_acquire(false)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { readers, writer, _task: task })
    }

    /// Counts a thing once more: reads it, changes it, says why. Answers whether it was committed.
    pub(crate) async fn count(&self, number: u32, operation: u32) -> anyhow::Result<bool> {
        let thing = format!("thing-{number}");
        let row = sqlx::query("SELECT version, body FROM thing WHERE id = ?")
            .bind(&thing)
            .fetch_one(&self.readers)
            .await?;
        let mut body: Value = serde_json::from_str(row.try_get("body")?)?;
        let count = body.get("count").and_then(Value::as_u64).unwrap_or(0) + 1;
        if let Some(object) = body.as_object_mut() {
            object.insert("count".into(), count.into());
        }
        let decision = json!({
            "by": "样例甲", "unit": "bench-unit", "purpose": "count", "ground": "样例条例 第1条",
            "action": "count", "answers": {"by": 1}, "outcome": format!("已计 {count} 次"),
        });
        let (done, answer) = oneshot::channel();
        let commit = Commit {
            thing,
            version: row.try_get("version")?,
            body: body.to_string(),
            operation: format!("{number}-{operation}"),
            decision: decision.to_string(),
            done,
        };
        self.writer.send(commit).await.map_err(|_| anyhow::anyhow!("the writer has stopped"))?;
        Ok(answer.await?)
    }
}

/// Gathers commits and flushes them together.
async fn write(
    mut connection: SqliteConnection,
    mut commits: mpsc::Receiver<Commit>,
    keeps: Keeps,
) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    while commits.recv_many(&mut batch, BATCH).await > 0 {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut answers = Vec::with_capacity(batch.len());
        for commit in batch.drain(..) {
            let updated = sqlx::query(
                "UPDATE thing SET version = version + 1, body = ? WHERE id = ? AND version = ?",
            )
            .bind(&commit.body)
            .bind(&commit.thing)
            .bind(commit.version)
            .execute(&mut *transaction)
            .await?;
            let current = updated.rows_affected() == 1;
            if current && keeps == Keeps::Same {
                sqlx::query("INSERT INTO version VALUES (?, ?, ?, ?)")
                    .bind(&commit.thing)
                    .bind(commit.version + 1)
                    .bind(&commit.body)
                    .bind(&commit.operation)
                    .execute(&mut *transaction)
                    .await?;
                sqlx::query("INSERT INTO timeline (about, at, text) VALUES (?, 0, ?)")
                    .bind(&commit.thing)
                    .bind("登记信息已更新")
                    .execute(&mut *transaction)
                    .await?;
                sqlx::query("INSERT INTO decision VALUES (?, 0, ?, ?)")
                    .bind(&commit.operation)
                    .bind(&commit.thing)
                    .bind(&commit.decision)
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
