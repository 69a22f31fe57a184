//! What the console is drawn from.

use anshu_model::Result;
use anshu_model::org::Person;

use super::App;
use crate::view::interface::Interface;

/// What a person's console is drawn from.
///
/// # Errors
/// [`anshu_model::Error::Denied`] for a person who only asks about their own data.
pub async fn show(app: &App, person: &Person) -> Result<Interface> {
    app.data.allows(&app.context(person, None)?, "meet-packs").await?;
    Ok(Interface::of(person, &app.words().await?))
}
