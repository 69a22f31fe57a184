//! Sealed records: what the keeper asks, what a second person answers, what the statutory road shows.

use anshu_model::org::Person;
use anshu_model::{Id, Result};

use super::App;
use crate::view::page_length;
use crate::view::sealing::{
    InformantView, SealedMatterView, SealingPage, SealingPlanView, SealingQuery, SealingRequest,
    SealingView, SecondWord,
};

/// What was asked in the person's division.
///
/// # Errors
/// As [`anshu_data::Data::sealings`].
pub async fn list(app: &App, person: &Person, query: SealingQuery) -> Result<SealingPage> {
    let ctx = app.context(person, None)?;
    let limit = page_length(query.limit);
    let after = query.after.filter(|after| !after.is_empty()).map(Id::from_text);
    let found = app.data.sealings(&ctx, after.as_ref(), limit).await?;
    Ok(SealingPage::of(&found, limit, person, &app.data.sealed_rules(), &app.words().await?))
}

/// Asks, or says what would be.
///
/// # Errors
/// As [`anshu_data::Data::ask_sealing`].
pub async fn ask(app: &App, person: &Person, request: SealingRequest) -> Result<SealingPlanView> {
    let ctx = app.context(person, None)?;
    // What may be asked comes before whether it is asked rightly.
    app.data.allows(&ctx, "seal").await?;
    let plan = app.data.ask_sealing(&ctx, &request.ask()?, request.dry_run).await?;
    Ok(SealingPlanView::of(&plan))
}

/// A second person's answer.
///
/// # Errors
/// As [`anshu_data::Data::answer_sealing`].
pub async fn answer(app: &App, person: &Person, id: &Id, word: SecondWord) -> Result<SealingView> {
    let ctx = app.context(person, None)?;
    let found = app.data.answer_sealing(&ctx, id, word.agree, &word.reason).await?;
    view(app, person, &found).await
}

/// Takes an ask back.
///
/// # Errors
/// As [`anshu_data::Data::withdraw_sealing`].
pub async fn withdraw(app: &App, person: &Person, id: &Id) -> Result<SealingView> {
    let found = app.data.withdraw_sealing(&app.context(person, None)?, id).await?;
    view(app, person, &found).await
}

/// Says whose a number is.
///
/// # Errors
/// As [`anshu_data::Data::settle_sealing`].
pub async fn settle(app: &App, person: &Person, id: &Id, to_unsealed: bool) -> Result<SealingView> {
    let found = app.data.settle_sealing(&app.context(person, None)?, id, to_unsealed).await?;
    view(app, person, &found).await
}

/// What a look-up that was agreed shows.
///
/// # Errors
/// As [`anshu_data::Data::sealed_matter`].
pub async fn matter(app: &App, person: &Person, id: &Id) -> Result<SealedMatterView> {
    let found = app.data.sealed_matter(&app.context(person, None)?, id).await?;
    SealedMatterView::of(&found, person, &app.data.sealed_rules(), &app.words().await?)
}

/// Who told about a matter, after somebody agreed.
///
/// # Errors
/// As [`anshu_data::Data::informants`].
pub async fn informants(app: &App, person: &Person, id: &Id) -> Result<InformantView> {
    let (sealing, told) = app.data.informants(&app.context(person, None)?, id).await?;
    Ok(InformantView::of(&told, view(app, person, &sealing).await?, &app.words().await?))
}

async fn view(app: &App, person: &Person, found: &anshu_data::Sealing) -> Result<SealingView> {
    Ok(SealingView::of(found, person, &app.data.sealed_rules(), &app.words().await?))
}
