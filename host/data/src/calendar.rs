//! Placeholder until LOG's file lands here.

use anshu_model::Result;
use anshu_model::calendar::Calendar;

use crate::db::Db;

/// The holiday data in force.
pub(crate) async fn current(_db: &Db) -> Result<Calendar> {
    Ok(Calendar::default())
}

/// A version of the holiday data.
pub(crate) async fn version(_db: &Db, _version: &str) -> Result<Option<Calendar>> {
    Ok(None)
}
