//! The figures of the desk.

use anshu_data::List;
use anshu_model::Result;
use anshu_model::org::Person;
use anshu_model::record::Kind;

use super::App;
use crate::view::{FiguresView, MAX_PAGE};

/// What waits for this person's eyes.
///
/// # Errors
/// Where storage does not answer.
pub async fn show(app: &App, person: &Person) -> Result<FiguresView> {
    let ctx = app.context(person, None)?;
    let figures = app.data.figures(&ctx).await?;
    let open = List { state: Some("open".into()), limit: MAX_PAGE, ..List::of(Kind::Duty) };
    let duties = app.data.list(&ctx, &open).await?.records.len();
    Ok(FiguresView {
        open_cases: figures.open_cases,
        overdue: figures.overdue,
        due_today: figures.due_today,
        new_risks: figures.new_risks,
        open_duties: u64::try_from(duties).unwrap_or(u64::MAX),
    })
}
