//! Guardians of children: the desk that links them and releases what is withheld, and the children whom a guardian may choose.

use anshu_data::{GuardianDocument, NewGuardian, Numbered};
use anshu_model::org::Person;
use anshu_model::{Id, Result};

use super::App;
use crate::view::person::{GuardianLinkRequest, GuardiansView, WardView, WithheldMatterView};

/// The children whose guardian is signed in.
///
/// # Errors
/// [`anshu_model::Error::Denied`] for anybody but a person with an account of their own.
pub async fn wards(app: &App, person: &Person) -> Result<Vec<WardView>> {
    let wards = app.data.wards(&app.context(person, None)?).await?;
    let words = app.words().await?;
    Ok(wards.iter().map(|ward| WardView::of(ward, &words)).collect())
}

/// The links, and what a new one may say.
///
/// # Errors
/// [`anshu_model::Error::Denied`] for anybody but the desk.
pub async fn list(app: &App, person: &Person) -> Result<GuardiansView> {
    let guardians = app.data.guardians(&app.context(person, None)?).await?;
    let persons = &app.settings.persons;
    let basis = persons.guardian_basis();
    Ok(GuardiansView::of(&guardians, persons.guardian_age, basis, &app.words().await?))
}

/// Lets a guardian's account ask about a child.
///
/// # Errors
/// As [`anshu_data::Data::link_guardian`].
pub async fn link(app: &App, person: &Person, body: GuardianLinkRequest) -> Result<GuardiansView> {
    let new = NewGuardian {
        login: body.login,
        guardian: Numbered { scheme: body.scheme, number: body.number },
        child: Numbered { scheme: body.child_scheme, number: body.child_number },
        relation: body.relation,
        document: GuardianDocument::of(&body.document)?,
        ground: body.ground,
        article: body.article,
        age: app.settings.persons.guardian_age,
    };
    app.data.link_guardian(&app.context(person, None)?, &new).await?;
    list(app, person).await
}

/// Ends a link.
///
/// # Errors
/// As [`anshu_data::Data::end_guardian`].
pub async fn end(app: &App, person: &Person, id: &Id, reason: &str) -> Result<GuardiansView> {
    app.data.end_guardian(&app.context(person, None)?, id, reason).await?;
    list(app, person).await
}

/// What is withheld from a guardian, by some rule.
///
/// # Errors
/// As [`anshu_data::Data::withheld_matters`].
pub async fn withheld(app: &App, person: &Person, id: &Id) -> Result<Vec<WithheldMatterView>> {
    let matters = app.data.withheld_matters(&app.context(person, None)?, id).await?;
    let words = app.words().await?;
    Ok(matters.iter().map(|matter| WithheldMatterView::of(matter, &words)).collect())
}

/// Releases a withheld matter to one guardian.
///
/// # Errors
/// As [`anshu_data::Data::release_matter`].
pub async fn release(
    app: &App,
    person: &Person,
    id: &Id,
    matter: &Id,
    reason: &str,
) -> Result<Vec<WithheldMatterView>> {
    app.data.release_matter(&app.context(person, None)?, id, matter, reason).await?;
    withheld(app, person, id).await
}

/// Takes a release back.
///
/// # Errors
/// As [`anshu_data::Data::withhold_matter`].
pub async fn withhold(
    app: &App,
    person: &Person,
    id: &Id,
    matter: &Id,
) -> Result<Vec<WithheldMatterView>> {
    app.data.withhold_matter(&app.context(person, None)?, id, matter).await?;
    withheld(app, person, id).await
}
