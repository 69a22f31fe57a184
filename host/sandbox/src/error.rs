//! The one place that maps the workspace's error to the contract's and back.

use anshu_model::{Error, Problem};

use crate::call::Call;
use crate::contract::types;
use crate::limit::Limit;

/// Why an import did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The guest is told, and may act on it.
    Refused(Error),
    /// The call ends: a limit was broken, or the host itself is broken.
    Trapped(wasmtime::Error),
}

/// The port's own failure, carried through the guest's stack to whoever called.
#[derive(Debug)]
pub(crate) struct HostFailed(pub(crate) Error);

impl std::fmt::Display for HostFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for HostFailed {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            // The guest can neither cause nor mend these.
            Error::Internal(_) | Error::Fault(_) => Self::Trapped(HostFailed(error).into()),
            Error::Denied(_)
            | Error::Invalid(_)
            | Error::NotFound(_)
            | Error::Conflict(_)
            | Error::OverQuota(_)
            | Error::Unavailable(_) => Self::Refused(error),
        }
    }
}

impl From<Limit> for Failure {
    fn from(limit: Limit) -> Self {
        Self::Trapped(limit.into())
    }
}

impl types::Host for Call {
    fn convert_error(&mut self, failure: Failure) -> wasmtime::Result<types::Error> {
        match failure {
            Failure::Refused(error) => to_contract(error),
            Failure::Trapped(trap) => Err(trap),
        }
    }
}

fn to_contract(error: Error) -> wasmtime::Result<types::Error> {
    Ok(match error {
        Error::Denied(text) => types::Error::Denied(text),
        Error::Invalid(problems) => types::Error::Invalid(
            problems
                .into_iter()
                .map(|Problem { at, found, expected }| types::Problem { at, found, expected })
                .collect(),
        ),
        Error::NotFound(text) => types::Error::NotFound(text),
        Error::Conflict(text) => types::Error::Conflict(text),
        Error::OverQuota(text) => types::Error::OverQuota(text),
        Error::Unavailable(text) => types::Error::Unavailable(text),
        Error::Fault(_) | Error::Internal(_) => return Err(HostFailed(error).into()),
    })
}

/// What a guest answered, as the workspace's error.
pub(crate) fn from_contract(error: types::Error) -> Error {
    match error {
        types::Error::Denied(text) => Error::Denied(text),
        types::Error::Invalid(problems) => Error::Invalid(
            problems
                .into_iter()
                .map(|types::Problem { at, found, expected }| Problem { at, found, expected })
                .collect(),
        ),
        types::Error::NotFound(text) => Error::NotFound(text),
        types::Error::Conflict(text) => Error::Conflict(text),
        types::Error::OverQuota(text) => Error::OverQuota(text),
        types::Error::Unavailable(text) => Error::Unavailable(text),
    }
}

impl Failure {
    /// An error that ends the call as it is, without the guest being asked, and is no fault of the pack.
    pub(crate) fn stops(error: Error) -> Self {
        Self::Trapped(HostFailed(error).into())
    }

    /// The failure of something that the host did by itself, outside the guest.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Trapped(trap) => match trap.downcast::<HostFailed>() {
                Ok(HostFailed(error)) => error,
                Err(trap) => Error::Fault(format!("{trap:#}")),
            },
        }
    }
}
