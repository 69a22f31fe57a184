//! Figures over many records. Small counts are suppressed by the host.

use crate::bindings::anshu::governance::data as host;
use crate::schema::Facet;
use crate::{Division, Result};

pub use host::{Cell, Group};

/// A count.
#[derive(Debug, Clone)]
#[must_use]
pub struct Count(host::Query);

impl Count {
    fn new(subject: host::Subject, of: &str) -> Self {
        Self(host::Query { subject, type_: of.to_owned(), by: Group::None, within: None })
    }

    /// Of the entities that carry a facet.
    pub fn entities<F: Facet>() -> Self {
        Self::new(host::Subject::Entities, F::NAME)
    }

    /// Of the cases of a matter type.
    pub fn cases(matter: &str) -> Self {
        Self::new(host::Subject::Cases, matter)
    }

    /// Of the risks of a type.
    pub fn risks(risk_type: &str) -> Self {
        Self::new(host::Subject::Risks, risk_type)
    }

    /// By what.
    pub fn by(mut self, group: Group) -> Self {
        self.0.by = group;
        self
    }

    /// Only inside this division.
    pub fn within(mut self, division: &Division) -> Self {
        self.0.within = Some(division.to_string());
        self
    }

    /// The figures. A cell without a count is too small to state.
    ///
    /// # Errors
    /// [`crate::Error::Denied`].
    pub fn cells(&self) -> Result<Vec<Cell>> {
        host::count(&self.0)
    }
}
