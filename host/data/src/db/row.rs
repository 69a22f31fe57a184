//! A row of an answer, by position.

use anshu_model::instant::Instant;
use anshu_model::{Error, Id, Result};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

/// A row of an answer.
#[derive(Debug)]
pub(crate) enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

impl Row {
    /// A whole number.
    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(column, &error))
    }

    /// A count, an index, a version.
    pub(crate) fn count(&self, column: usize) -> Result<u64> {
        u64::try_from(self.int(column)?)
            .map_err(|error| Error::Internal(format!("column {column}: {error}")))
    }

    /// A whole number, or none.
    pub(crate) fn maybe_int(&self, column: usize) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(column, &error))
    }

    /// An instant.
    pub(crate) fn instant(&self, column: usize) -> Result<Instant> {
        self.int(column).map(Instant)
    }

    /// A text.
    pub(crate) fn text(&self, column: usize) -> Result<String> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(column, &error))
    }

    /// A text, or none.
    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<String>> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(column, &error))
    }

    /// An id.
    pub(crate) fn id(&self, column: usize) -> Result<Id> {
        self.text(column).map(Id::from_text)
    }

    /// Bytes.
    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(column, &error))
    }

    /// Bytes, or none.
    pub(crate) fn maybe_bytes(&self, column: usize) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(column, &error))
    }

    /// A value that is kept as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: usize) -> Result<T> {
        let read = |text: &str| {
            serde_json::from_str(text)
                .map_err(|error| Error::Internal(format!("column {column}: {error}")))
        };
        match self {
            Self::Sqlite(row) => {
                read(row.try_get(column).map_err(|error| unreadable(column, &error))?)
            }
            Self::Postgres(row) => {
                read(row.try_get(column).map_err(|error| unreadable(column, &error))?)
            }
        }
    }
}

fn unreadable(column: usize, error: &sqlx::Error) -> Error {
    Error::Internal(format!("column {column}: {error}"))
}
