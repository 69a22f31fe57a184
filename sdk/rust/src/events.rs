//! What a pack tells the others. It never learns who hears.

use crate::bindings::anshu::governance::events as host;
use crate::schema::Topic;
use crate::{Id, Result, json};

/// Publishes with the commit of this call.
///
/// # Errors
/// [`crate::Error::Invalid`] against the topic's schema, [`crate::Error::Denied`] for a topic that is not granted.
pub fn publish<T: Topic>(about: Option<&Id>, payload: &T) -> Result<()> {
    host::publish(T::NAME, about.map(Id::as_str), &json::write(T::NAME, payload)?)
}
