//! The catalogue of what is held, and re-grading.

use anshu_model::org::Person;
use anshu_model::{Id, Result};

use super::App;
use crate::view::catalogue::{CatalogueView, RelabelRequest, RelabelView};
use crate::view::sealing::SecondWord;

/// The catalogue.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the person may not see it.
pub async fn show(app: &App, person: &Person) -> Result<CatalogueView> {
    let ctx = app.context(person, None)?;
    let relabels = app.data.relabels(&ctx).await?;
    Ok(CatalogueView::of(&app.words().await?, &relabels, person))
}

/// Proposes another level, or says what would be.
///
/// # Errors
/// As [`anshu_data::Data::ask_relabel`].
pub async fn ask(app: &App, person: &Person, request: RelabelRequest) -> Result<RelabelView> {
    let ctx = app.context(person, None)?;
    // What may be asked comes before whether it is asked rightly.
    app.data.allows(&ctx, "relabel").await?;
    let found = app.data.ask_relabel(&ctx, &request.ask()?, request.dry_run).await?;
    Ok(RelabelView::of(&found, person, &app.words().await?))
}

/// A second person's answer.
///
/// # Errors
/// As [`anshu_data::Data::answer_relabel`].
pub async fn answer(app: &App, person: &Person, id: &Id, word: SecondWord) -> Result<RelabelView> {
    let ctx = app.context(person, None)?;
    let found = app.data.answer_relabel(&ctx, id, word.agree, &word.reason).await?;
    Ok(RelabelView::of(&found, person, &app.words().await?))
}

/// Takes a proposal back.
///
/// # Errors
/// As [`anshu_data::Data::withdraw_relabel`].
pub async fn withdraw(app: &App, person: &Person, id: &Id) -> Result<RelabelView> {
    let found = app.data.withdraw_relabel(&app.context(person, None)?, id).await?;
    Ok(RelabelView::of(&found, person, &app.words().await?))
}
