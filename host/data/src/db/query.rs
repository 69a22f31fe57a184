//! A statement under construction. Its text is made of pieces that stand in the source and of placeholders; every value
//! is bound. So no value can ever become text of a statement.

use anshu_model::instant::Instant;
use anshu_model::{Error, Id, Result};
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe};

/// A value to bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bind {
    /// A whole number, or none.
    Int(Option<i64>),
    /// A text, or none.
    Text(Option<String>),
    /// Bytes, or none.
    Bytes(Option<Vec<u8>>),
}

/// A statement with its values.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// With `?` for each value. No piece of text has one of its own.
    text: String,
    binds: Vec<Bind>,
}

impl Query {
    /// Starts with a piece of text.
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), binds: Vec::new() }
    }

    /// Adds a piece of text.
    pub(crate) fn push(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value, by its placeholder.
    pub(crate) fn bind(mut self, value: impl Into<Bind>) -> Self {
        self.place(value.into());
        self
    }

    /// Adds `(a, b, …)`.
    pub(crate) fn tuple(mut self, values: impl IntoIterator<Item = Bind>) -> Self {
        self.text.push('(');
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                self.text.push_str(", ");
            }
            self.place(value);
        }
        self.text.push(')');
        self
    }

    /// Adds `(a, b, …)` for an `IN`, filled up to one of a few sizes by repeating the last value, so that few statements
    /// are prepared. No values: a list that holds nothing.
    pub(crate) fn list<T: Into<Bind>>(self, values: impl IntoIterator<Item = T>) -> Self {
        let mut values: Vec<Bind> = values.into_iter().map(Into::into).collect();
        let Some(last) = values.last().cloned() else {
            return self.push("(NULL)");
        };
        let size = [1, 4, 16, 64, 256, 1024]
            .into_iter()
            .find(|size| *size >= values.len())
            .unwrap_or(values.len());
        values.resize(size, last);
        self.tuple(values)
    }

    fn place(&mut self, value: Bind) {
        self.binds.push(value);
        self.text.push('?');
    }

    pub(super) fn sqlite(self) -> Result<(AssertSqlSafe<String>, SqliteArguments)> {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(self.binds.len(), 0);
        for bind in self.binds {
            match bind {
                Bind::Int(value) => arguments.add(value),
                Bind::Text(value) => arguments.add(value),
                Bind::Bytes(value) => arguments.add(value),
            }
            .map_err(unbound)?;
        }
        // Safe: the text is made of pieces that stand in the source, and of placeholders.
        Ok((AssertSqlSafe(self.text), arguments))
    }

    pub(super) fn postgres(self) -> Result<(AssertSqlSafe<String>, PgArguments)> {
        let text = numbered(&self.text);
        let mut arguments = PgArguments::default();
        arguments.reserve(self.binds.len(), 0);
        for bind in self.binds {
            match bind {
                Bind::Int(value) => arguments.add(value),
                Bind::Text(value) => arguments.add(value),
                Bind::Bytes(value) => arguments.add(value),
            }
            .map_err(unbound)?;
        }
        // Safe: as above.
        Ok((AssertSqlSafe(text), arguments))
    }
}

/// PostgreSQL's placeholders have numbers. SQLite's could have, but then each binding searches a list of all their names,
/// and a statement of many rows takes the square of its values.
fn numbered(text: &str) -> String {
    use std::fmt::Write as _;
    let mut numbered = String::with_capacity(text.len() * 2);
    for (at, piece) in text.split('?').enumerate() {
        if at > 0 {
            // Writing to a String cannot fail.
            let _ = write!(numbered, "${at}");
        }
        numbered.push_str(piece);
    }
    numbered
}

fn unbound(error: sqlx::error::BoxDynError) -> Error {
    Error::Internal(format!("bind: {error}"))
}

impl From<i64> for Bind {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<u32> for Bind {
    fn from(value: u32) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl From<u64> for Bind {
    /// Counts stay far below the limit; one above it would be a defect and is shown as the limit.
    fn from(value: u64) -> Self {
        Self::Int(Some(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

impl From<Option<i64>> for Bind {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Bind {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl From<Instant> for Bind {
    fn from(value: Instant) -> Self {
        Self::Int(Some(value.milliseconds()))
    }
}

impl From<Option<Instant>> for Bind {
    fn from(value: Option<Instant>) -> Self {
        Self::Int(value.map(Instant::milliseconds))
    }
}

impl From<String> for Bind {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&str> for Bind {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<String>> for Bind {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<Option<&str>> for Bind {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<&Id> for Bind {
    fn from(value: &Id) -> Self {
        Self::Text(Some(value.as_str().to_owned()))
    }
}

impl From<Option<&Id>> for Bind {
    fn from(value: Option<&Id>) -> Self {
        Self::Text(value.map(|id| id.as_str().to_owned()))
    }
}

impl From<Vec<u8>> for Bind {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}

impl From<Option<Vec<u8>>> for Bind {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Bytes(value)
    }
}

impl From<[u8; 32]> for Bind {
    fn from(value: [u8; 32]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}
