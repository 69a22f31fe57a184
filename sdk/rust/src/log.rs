//! Lines for the department's engineers. Not for personal data: the host keeps them with the decision.

use crate::bindings::anshu::governance::log as host;

/// What helps to follow a call.
pub fn debug(text: &str) {
    host::write(host::Level::Debug, text);
}

/// What happened.
pub fn info(text: &str) {
    host::write(host::Level::Info, text);
}

/// What an engineer should look at.
pub fn warn(text: &str) {
    host::write(host::Level::Warn, text);
}
