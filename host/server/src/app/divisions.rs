//! Divisions, to choose from: nobody types twelve digits.

use anshu_model::Result;
use anshu_model::division::Level;
use anshu_model::org::Person;

use super::App;
use crate::view::division::{DivisionQuery, DivisionView};

/// So many are offered at a time; more are found by typing more.
const OFFERED: usize = 50;

/// The divisions in force that lie in the person's own, by code.
///
/// # Errors
/// Where storage does not answer.
pub async fn list(app: &App, person: &Person, query: DivisionQuery) -> Result<Vec<DivisionView>> {
    let words = app.words().await?;
    let today = words.now.date(words.calendar.offset());
    let wanted = query.q.as_deref().map(str::trim).unwrap_or_default();
    let within = words.divisions.entries().filter(|entry| {
        entry.valid_on(today)
            && entry.division.path().contains(&person.division)
            && (entry.name.contains(wanted) || entry.division.as_str().starts_with(wanted))
    });
    let named = within.map(|entry| {
        let above = entry.division.path().into_iter().filter(|above| {
            *above != entry.division && matches!(above.level(), Level::County | Level::Town)
        });
        let mut name: String = above.map(|above| words.division(&above)).collect();
        name.push_str(&entry.name);
        DivisionView { code: entry.division.to_string(), name }
    });
    Ok(named.take(OFFERED).collect())
}
