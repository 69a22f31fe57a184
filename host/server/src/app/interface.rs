//! What the console is drawn from.

use anshu_model::Result;
use anshu_model::org::Person;

use super::App;
use crate::view::interface::Interface;

/// What a person's console is drawn from.
///
/// # Errors
/// Where storage does not answer.
pub async fn show(app: &App, person: &Person) -> Result<Interface> {
    Ok(Interface::of(person, &app.words().await?))
}
