//! Time, which a plugin has from nowhere else, and the arithmetic of legal limits.

use serde::Serialize;

use crate::bindings::anshu::governance::calendar as host;
use crate::{Basis, Date, Id, Instant, Result, json};

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// At once (立即). It has no end: the elapsed time is shown, and no limit is invented.
    Immediate,
    /// Hours.
    Hour,
    /// Calendar days.
    CalendarDay,
    /// Working days; make-up days count.
    WorkingDay,
    /// Months.
    Month,
    /// Years.
    Year,
}

/// A time limit, as a constant: what its clock is called, how long, and where it comes from.
///
/// ```
/// use anshu_sdk::{Basis, calendar::Limit};
/// const ANSWER: Limit = Limit::working_days("答复", 5, Basis::policy("示例办法 第6条"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    name: &'static str,
    amount: u32,
    unit: Unit,
    basis: Basis,
}

impl Limit {
    /// At once.
    #[must_use]
    pub const fn immediate(name: &'static str, basis: Basis) -> Self {
        Self { name, amount: 0, unit: Unit::Immediate, basis }
    }

    /// Hours.
    #[must_use]
    pub const fn hours(name: &'static str, amount: u32, basis: Basis) -> Self {
        Self { name, amount, unit: Unit::Hour, basis }
    }

    /// Calendar days.
    #[must_use]
    pub const fn days(name: &'static str, amount: u32, basis: Basis) -> Self {
        Self { name, amount, unit: Unit::CalendarDay, basis }
    }

    /// Working days.
    #[must_use]
    pub const fn working_days(name: &'static str, amount: u32, basis: Basis) -> Self {
        Self { name, amount, unit: Unit::WorkingDay, basis }
    }

    /// Months.
    #[must_use]
    pub const fn months(name: &'static str, amount: u32, basis: Basis) -> Self {
        Self { name, amount, unit: Unit::Month, basis }
    }

    /// Years.
    #[must_use]
    pub const fn years(name: &'static str, amount: u32, basis: Basis) -> Self {
        Self { name, amount, unit: Unit::Year, basis }
    }

    /// What its clock is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where it comes from.
    #[must_use]
    pub const fn basis(&self) -> &Basis {
        &self.basis
    }

    /// As a manifest writes it.
    pub(crate) fn declared(&self) -> serde_json::Value {
        let unit = match self.unit {
            Unit::Immediate => "immediate",
            Unit::Hour => "hour",
            Unit::CalendarDay => "calendar_day",
            Unit::WorkingDay => "working_day",
            Unit::Month => "month",
            Unit::Year => "year",
        };
        serde_json::json!({ "name": self.name, "amount": self.amount, "unit": unit, "basis": self.basis })
    }

    pub(crate) fn to_contract(&self) -> host::Limit {
        host::Limit {
            name: self.name.to_owned(),
            amount: self.amount,
            unit: match self.unit {
                Unit::Immediate => host::Unit::Immediate,
                Unit::Hour => host::Unit::Hour,
                Unit::CalendarDay => host::Unit::CalendarDay,
                Unit::WorkingDay => host::Unit::WorkingDay,
                Unit::Month => host::Unit::Month,
                Unit::Year => host::Unit::Year,
            },
            basis: self.basis.to_contract(),
        }
    }
}

/// The instant of this call. The same throughout one call.
#[must_use]
pub fn now() -> Instant {
    Instant(host::now())
}

/// The date of this call in the centre's time zone.
#[must_use]
pub fn today() -> Date {
    date_of(now())
}

/// The date of an instant in the centre's time zone.
#[must_use]
pub fn date_of(at: Instant) -> Date {
    host::date_of(at.0).parse().unwrap_or_else(|_| at.date())
}

/// When a limit ends. Nothing for an immediate one.
///
/// # Errors
/// [`crate::Error::Unavailable`] where the holidays of a year that it needs are not announced yet.
pub fn due(start: Instant, limit: &Limit) -> Result<Option<Instant>> {
    Ok(host::due(start.0, &limit.to_contract())?.map(Instant))
}

/// Starts a clock on a case, risk or duty. Answers the clock's id.
///
/// # Errors
/// [`crate::Error::NotFound`], [`crate::Error::Denied`].
pub fn start_clock(about: &Id, limit: &Limit, start: Instant) -> Result<Id> {
    Ok(Id::from_host(host::start(about.as_str(), &limit.to_contract(), start.0)?))
}

/// Pauses a clock, for example while the person must bring something.
///
/// # Errors
/// [`crate::Error::Conflict`] where it does not run.
pub fn pause(clock: &Id, reason: &str) -> Result<()> {
    host::pause(clock.as_str(), reason)
}

/// Lets a paused clock run on.
///
/// # Errors
/// [`crate::Error::Conflict`] where it is not paused.
pub fn resume(clock: &Id) -> Result<()> {
    host::resume(clock.as_str())
}

/// Stops a clock: what it counted is done.
///
/// # Errors
/// [`crate::Error::Conflict`] where it was stopped before.
pub fn stop(clock: &Id) -> Result<()> {
    host::stop(clock.as_str())
}

/// Asks to be called at an instant, once, by the timer that [`crate::Pack::timer`] declares for the key's beginning. The
/// same key again moves it.
///
/// # Errors
/// [`crate::Error::Invalid`] for an instant that has passed.
pub fn wake(at: Instant, key: &str, payload: &impl Serialize) -> Result<()> {
    host::wake(at.0, key, &json::write("payload", payload)?)
}
