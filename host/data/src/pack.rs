//! Placeholder until LOG's file lands here.

use anshu_model::Result;
use anshu_model::capability::Grant;

use crate::db::Db;

/// Grants in force.
pub(crate) async fn grants(_db: &Db) -> Result<Vec<Grant>> {
    Ok(Vec::new())
}
