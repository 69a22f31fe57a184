//! One road to both databases: the same statements with the same placeholders, over SQLite or PostgreSQL.
//!
//! Reads happen in a *snapshot*: a read transaction that sees one moment. Writes happen in the one write transaction that
//! exists at a time: in SQLite by its own nature, in PostgreSQL by a lock that the transaction takes first. So the log, whose
//! leaves have an order, never forks, and a check that was made inside the transaction still holds when it commits.

mod migrations;
mod query;
mod row;

use std::str::FromStr;
use std::time::Duration;

use anshu_model::{Error, Result};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{Executor, Postgres, Sqlite, Transaction};
use tokio_util::task::TaskTracker;

pub(crate) use query::{Bind, Query};
pub(crate) use row::Row;

use crate::Durability;

/// Readers at the same time. More wait: a snapshot is short.
const READERS: u32 = 24;
/// How long somebody waits for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(20);
/// Rows of one statement that inserts many. Sizes are powers of two: few statements are prepared, and few are needed.
const CHUNKS: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];
/// Placeholders of one statement. SQLite allows 32,766, PostgreSQL 65,535.
const MOST_BINDS: usize = 32_000;
/// What PostgreSQL calls a text with a zero byte.
const ZERO_BYTE: &str = "22021";
/// The lock that makes one writer of all nodes on one PostgreSQL database.
const WRITER_LOCK: &str = "SELECT pg_advisory_xact_lock(4701991)";

/// The connections to one database.
#[derive(Debug)]
pub(crate) struct Db {
    engine: Engine,
    begins: TaskTracker,
}

#[derive(Debug)]
enum Engine {
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    /// The writer has a connection of its own: readers that wait for their leaf must not hold the one that writes it.
    Postgres {
        writer: PgPool,
        readers: PgPool,
    },
}

/// An open transaction: a snapshot to read, or the writer's. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(crate) enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Connects and brings the schema up to date.
    pub(crate) async fn open(url: &str, durability: Durability) -> Result<Self> {
        let engine = if let Some(path) = url.strip_prefix("sqlite:") {
            Self::sqlite(path.trim_start_matches("//"), durability).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::postgres(url, durability).await?
        } else {
            return Err(Error::invalid(
                "database",
                "不认识的数据库地址",
                "sqlite:<文件> 或 postgres://…",
            ));
        };
        Ok(Self { engine, begins: TaskTracker::new() })
    }

    async fn sqlite(path: &str, durability: Durability) -> Result<Engine> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match durability {
                Durability::Full => SqliteSynchronous::Full,
                Durability::Off => SqliteSynchronous::Off,
            })
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .statement_cache_capacity(256)
            // What is taken away, a wrapped key above all, is overwritten in the file.
            .pragma("secure_delete", "ON")
            .pragma("cache_size", "-16384")
            .pragma("mmap_size", "1073741824");
        // Connections of one file cost nothing to keep, and are never stale: no test before each use.
        let pool = |most| {
            PoolOptions::<Sqlite>::new()
                .max_connections(most)
                .acquire_timeout(PATIENCE)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let writer = pool(1).connect_with(options.clone()).await.map_err(failure)?;
        migrations::sqlite().run(&writer).await.map_err(unmigrated)?;
        let readers = pool(READERS).connect_with(options.read_only(true)).await.map_err(failure)?;
        Ok(Engine::Sqlite { writer, readers })
    }

    async fn postgres(url: &str, durability: Durability) -> Result<Engine> {
        let flush = match durability {
            Durability::Full => "on",
            Durability::Off => "off",
        };
        let options = PgConnectOptions::from_str(url)
            .map_err(failure)?
            .application_name("anshu")
            // The rollback after each release warns where nothing was open, which is the rule.
            .options([("synchronous_commit", flush), ("client_min_messages", "error")]);
        let pool = |most| {
            PgPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(PATIENCE)
                // A transaction whose begin or end was cancelled must not reach the next borrower (sqlx #4393, #4385).
                .after_release(|connection, _| {
                    Box::pin(async move {
                        connection.execute("ROLLBACK").await?;
                        Ok(true)
                    })
                })
        };
        let writer = pool(1).connect_with(options.clone()).await.map_err(failure)?;
        migrations::postgres().run(&writer).await.map_err(unmigrated)?;
        let readers = pool(READERS).connect_with(options).await.map_err(failure)?;
        Ok(Engine::Postgres { writer, readers })
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        self.begins.close();
        self.begins.wait().await;
        match &self.engine {
            Engine::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }

    /// Takes what was overwritten out of the files: until then SQLite keeps the page as it was, in the file or in its journal.
    /// PostgreSQL does so in its own time.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where somebody reads an older moment for longer than a connection waits.
    pub(crate) async fn settle(&self) -> Result<()> {
        let Engine::Sqlite { writer, .. } = &self.engine else { return Ok(()) };
        let query = sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)");
        match query.fetch_one(writer).await.map_err(failure)? {
            0 => Ok(()),
            _ => Err(Error::Unavailable("数据库文件正被读取".into())),
        }
    }

    /// Opens a snapshot.
    pub(crate) async fn read(&self) -> Result<Tx> {
        match &self.engine {
            Engine::Sqlite { readers, .. } => {
                readers.begin().await.map(Tx::Sqlite).map_err(failure)
            }
            Engine::Postgres { readers, .. } => self
                .begin(readers, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .await
                .map(Tx::Postgres),
        }
    }

    /// Opens the write transaction. For the writer task alone.
    pub(crate) async fn write(&self) -> Result<Tx> {
        match &self.engine {
            Engine::Sqlite { writer, .. } => {
                writer.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite).map_err(failure)
            }
            Engine::Postgres { writer, .. } => {
                let mut transaction =
                    self.begin(writer, "BEGIN ISOLATION LEVEL READ COMMITTED").await?;
                transaction.execute(WRITER_LOCK).await.map_err(failure)?;
                Ok(Tx::Postgres(transaction))
            }
        }
    }

    /// Begins in a task of its own: whoever asked may be cancelled, the begin is not, and what it began is then rolled back.
    async fn begin(
        &self,
        pool: &PgPool,
        statement: &'static str,
    ) -> Result<Transaction<'static, Postgres>> {
        let pool = pool.clone();
        self.begins
            .spawn(async move { pool.begin_with(statement).await })
            .await
            .map_err(|error| Error::Internal(format!("begin: {error}")))?
            .map_err(failure)
    }
}

impl Tx {
    /// All rows that a query answers.
    pub(crate) async fn rows(&mut self, query: Query) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(tx) => {
                let (text, binds) = query.sqlite()?;
                let rows =
                    sqlx::query_with(text, binds).fetch_all(&mut **tx).await.map_err(failure)?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Self::Postgres(tx) => {
                let (text, binds) = query.postgres()?;
                let rows =
                    sqlx::query_with(text, binds).fetch_all(&mut **tx).await.map_err(failure)?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// The first row that a query answers.
    pub(crate) async fn row(&mut self, query: Query) -> Result<Option<Row>> {
        match self {
            Self::Sqlite(tx) => {
                let (text, binds) = query.sqlite()?;
                let row = sqlx::query_with(text, binds)
                    .fetch_optional(&mut **tx)
                    .await
                    .map_err(failure)?;
                Ok(row.map(Row::Sqlite))
            }
            Self::Postgres(tx) => {
                let (text, binds) = query.postgres()?;
                let row = sqlx::query_with(text, binds)
                    .fetch_optional(&mut **tx)
                    .await
                    .map_err(failure)?;
                Ok(row.map(Row::Postgres))
            }
        }
    }

    /// Runs a statement and says how many rows it changed.
    pub(crate) async fn run(&mut self, query: Query) -> Result<u64> {
        match self {
            Self::Sqlite(tx) => {
                let (text, binds) = query.sqlite()?;
                let done =
                    sqlx::query_with(text, binds).execute(&mut **tx).await.map_err(failure)?;
                Ok(done.rows_affected())
            }
            Self::Postgres(tx) => {
                let (text, binds) = query.postgres()?;
                let done =
                    sqlx::query_with(text, binds).execute(&mut **tx).await.map_err(failure)?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Inserts many rows with few statements. `into` is the text up to `VALUES`, `tail` what follows the rows, such as an
    /// `ON CONFLICT`. Every row has `columns` values.
    pub(crate) async fn insert(
        &mut self,
        into: &'static str,
        columns: usize,
        rows: Vec<Vec<Bind>>,
        tail: &'static str,
    ) -> Result<()> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        for chunk in CHUNKS.into_iter().filter(|chunk| chunk * columns <= MOST_BINDS) {
            while left >= chunk {
                left -= chunk;
                let mut query = Query::new(into).push(" VALUES ");
                for (at, row) in rows.by_ref().take(chunk).enumerate() {
                    query = query.push(if at == 0 { "" } else { ", " }).tuple(row);
                }
                self.run(query.push(" ").push(tail)).await?;
            }
        }
        Ok(())
    }

    /// Makes what was written last.
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await.map_err(failure),
            Self::Postgres(tx) => tx.commit().await.map_err(failure),
        }
    }
}

/// What a database failure means to a caller. Its own words go to the operator's log only.
fn failure(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
            tracing::error!(%error, "database");
            Error::Unavailable("数据库没有响应，请稍后再试".into())
        }
        // PostgreSQL keeps no text with a zero byte. That is the fault of whoever typed it.
        sqlx::Error::Database(error) if error.code().as_deref() == Some(ZERO_BYTE) => {
            Error::invalid("文字", "含有零字节", "不含零字节的文字")
        }
        error => Error::Internal(format!("database: {error}")),
    }
}

fn unmigrated(error: sqlx::migrate::MigrateError) -> Error {
    Error::Internal(format!("数据库结构无法更新到本版本：{error}"))
}
