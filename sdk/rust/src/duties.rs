//! Who must do what under which article, by when.

use crate::bindings::anshu::governance::duties as host;
use crate::calendar::Limit;
use crate::{Basis, Id, Instant, Result};

/// A duty, as this call's scope shows it.
#[derive(Debug, Clone)]
pub struct Duty {
    /// Which.
    pub id: Id,
    /// What must be done.
    pub title: String,
    /// What it serves.
    pub about: Id,
    /// Whether it is done.
    pub done: bool,
    /// By when.
    pub due: Option<Instant>,
    /// Counts from 1.
    pub version: u64,
}

/// A duty to be assigned.
#[derive(Debug, Clone)]
#[must_use]
pub struct NewDuty(host::NewDuty);

impl NewDuty {
    /// What must be done for a case, risk or entity; the function of the unit that owes it; and where that comes from.
    /// When its limit, if any, begins to run is [`NewDuty::within`]'s.
    pub fn new(title: impl Into<String>, about: &Id, function: &str, basis: &Basis) -> Self {
        Self(host::NewDuty {
            title: title.into(),
            about: about.to_string(),
            function: function.to_owned(),
            basis: basis.to_contract(),
            limit: None,
            starts: 0,
        })
    }

    /// By when, counted from an instant.
    pub fn within(mut self, limit: &Limit, starts: Instant) -> Self {
        self.0.limit = Some(limit.to_contract());
        self.0.starts = starts.0;
        self
    }
}

/// Assigns a duty.
///
/// # Errors
/// [`crate::Error::NotFound`] where no unit has the function, [`crate::Error::Denied`].
pub fn assign(duty: &NewDuty) -> Result<Id> {
    let mut duty = duty.0.clone();
    if duty.limit.is_none() {
        duty.starts = crate::calendar::now().0;
    }
    host::assign(&duty).map(Id::from_host)
}

/// The duties about a case, risk or entity.
///
/// # Errors
/// [`crate::Error::Denied`].
pub fn of(about: &Id) -> Result<Vec<Duty>> {
    let duties = host::of(about.as_str())?.into_iter();
    Ok(duties
        .map(|duty| Duty {
            id: Id::from_host(duty.id),
            title: duty.title,
            about: Id::from_host(duty.about),
            done: duty.done,
            due: duty.due.map(Instant),
            version: duty.version,
        })
        .collect())
}

/// Says that a duty is done, and what shows it.
///
/// # Errors
/// [`crate::Error::Conflict`] where it was done before.
pub fn complete(id: &Id, evidence: &str) -> Result<()> {
    host::complete(id.as_str(), evidence)
}
