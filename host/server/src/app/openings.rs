//! Openings of protected records: a stated ground, a named approver's word, and the end of it.

use anshu_data::{Opening, OpeningAsked, OpeningView};
use anshu_model::context::{Principal, Purpose};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use super::App;
use crate::view::Words;
use crate::view::opening::{AccessView, OpeningItem, OpeningRequest};

/// The person's own openings, or those that the person may approve.
///
/// # Errors
/// [`Error::Denied`] where the post approves none.
pub async fn list(app: &App, person: &Person, to_approve: bool) -> Result<Vec<OpeningItem>> {
    let ctx = app.context(person, None)?;
    let found = if to_approve {
        app.data.openings_to_approve(&ctx).await?
    } else {
        app.data.own_openings(&ctx).await?
    };
    let words = app.words().await?;
    Ok(found.iter().map(|view| OpeningItem::of(view, &words)).collect())
}

/// States a ground.
///
/// # Errors
/// As [`anshu_data::Data::state_opening`]; [`Error::Invalid`] with a purpose that the centre does not have.
pub async fn state(app: &App, person: &Person, request: OpeningRequest) -> Result<OpeningItem> {
    let record = Id::from_text(request.record);
    let serves = request.case.filter(|case| !case.is_empty()).map(Id::from_text);
    let serves = serves.unwrap_or_else(|| record.clone());
    let known = &app.settings.purposes;
    let purpose =
        known.iter().find(|purpose| purpose.code == request.purpose).ok_or_else(|| {
            let codes: Vec<_> = known.iter().map(|purpose| purpose.code.as_str()).collect();
            Error::invalid("/purpose", "没有这个目的", codes.join("、"))
        })?;
    let purpose = Purpose {
        code: purpose.code.clone(),
        ground: purpose.ground.clone(),
        serves: Some(serves.clone()),
    };
    let ctx = app.context_for(Principal::Person(Box::new(person.clone())), purpose)?;
    let asked = OpeningAsked { record, serves, reason: request.reason, minutes: request.minutes };
    let opening = app.data.state_opening(&ctx, &asked, app.settings.opening.policy).await?;
    item(app, person, opening).await
}

/// Opens it for so many minutes.
///
/// # Errors
/// As [`anshu_data::Data::approve_opening`].
pub async fn approve(
    app: &App,
    person: &Person,
    id: &Id,
    minutes: Option<u32>,
) -> Result<OpeningItem> {
    let ctx = app.context(person, None)?;
    let policy = app.settings.opening.policy;
    let opening = app.data.approve_opening(&ctx, id, minutes, policy).await?;
    item(app, person, opening).await
}

/// Does not open it, and says why.
///
/// # Errors
/// As [`anshu_data::Data::refuse_opening`].
pub async fn refuse(app: &App, person: &Person, id: &Id, reason: &str) -> Result<OpeningItem> {
    let ctx = app.context(person, None)?;
    let opening = app.data.refuse_opening(&ctx, id, reason).await?;
    item(app, person, opening).await
}

/// Ends it at once.
///
/// # Errors
/// As [`anshu_data::Data::withdraw_opening`].
pub async fn withdraw(app: &App, person: &Person, id: &Id) -> Result<OpeningItem> {
    let ctx = app.context(person, None)?;
    let opening = app.data.withdraw_opening(&ctx, id).await?;
    item(app, person, opening).await
}

/// How a record is protected from who looks at it, in an operation that serves it.
pub(super) async fn access(
    app: &App,
    ctx: &anshu_model::context::OpContext,
    id: &Id,
    words: &Words,
) -> Result<Option<AccessView>> {
    let access = app.data.access(ctx, id).await?;
    Ok(AccessView::of(&access, &app.settings.opening, &app.settings.purposes, words))
}

async fn item(app: &App, person: &Person, opening: Opening) -> Result<OpeningItem> {
    let words = app.words().await?;
    let own = opening.person == person.id;
    let view = OpeningView {
        person_name: if own { person.name.clone() } else { opening.person.to_string() },
        decided_by_name: opening
            .decided_by
            .as_ref()
            .map(|by| if *by == person.id { person.name.clone() } else { by.to_string() }),
        case: None,
        opening,
    };
    Ok(OpeningItem::of(&view, &words))
}
