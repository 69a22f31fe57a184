//! The contract's error, with words for building one.

use crate::{Error, Problem};

impl Error {
    /// The actor, the grant, the purpose or the data's classification forbids it.
    pub fn denied(text: impl Into<String>) -> Self {
        Self::Denied(text.into())
    }

    /// One refused value: where it stands (a JSON pointer or a field's name), what was found, what would be right. `found`
    /// never repeats a personal value.
    pub fn invalid(
        at: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![Problem::new(at, found, expected)])
    }

    /// There is no such thing.
    pub fn not_found(text: impl Into<String>) -> Self {
        Self::NotFound(text.into())
    }

    /// Its state does not allow the step.
    pub fn conflict(text: impl Into<String>) -> Self {
        Self::Conflict(text.into())
    }

    /// Something that is needed is not there now.
    pub fn unavailable(text: impl Into<String>) -> Self {
        Self::Unavailable(text.into())
    }
}

impl Problem {
    /// A value that was refused.
    pub fn new(
        at: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { at: at.into(), found: found.into(), expected: expected.into() }
    }

    /// Collects problems: an error where there is any.
    ///
    /// # Errors
    /// All of them at once.
    pub fn none(problems: Vec<Self>) -> crate::Result<()> {
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }
}
