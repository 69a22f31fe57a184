//! Emergency access (紧急访问): works at once, ends by itself, and must be reviewed.

use anshu_model::instant::Instant;
use anshu_model::{Id, Result};

use crate::db::Tx;

/// Until when a person's emergency access is in force; none where it is not.
///
/// # Errors
/// [`anshu_model::Error::Unavailable`] where the database does not answer.
pub(crate) async fn in_force(_tx: &mut Tx, _person: &Id, _now: Instant) -> Result<Option<Instant>> {
    Ok(None)
}
