//! A record of any kind: what an id names.

use anshu_model::org::Person;
use anshu_model::{Id, Result};

use super::App;
use crate::view::record::RecordRef;

/// What an id names.
///
/// # Errors
/// [`anshu_model::Error::NotFound`] where it names nothing, or nothing that the person sees.
pub async fn show(app: &App, person: &Person, id: &Id) -> Result<RecordRef> {
    let ctx = app.context(person, None)?;
    let record = app.data.record(&ctx, id).await?;
    Ok(RecordRef::of(&record, &app.words().await?))
}
