//! People to act as.

use std::collections::BTreeSet;

use anshu_model::division::Division;
use anshu_model::label::Level;
use anshu_model::org::Unit;
use anshu_model::{Id, org};

/// A member of staff. Every line narrows or widens what they may do; without a role nothing is allowed.
#[derive(Debug, Clone)]
#[must_use]
pub struct Person(pub(crate) org::Person);

impl Person {
    pub(crate) fn new(name: &str, division: Division) -> Self {
        Self(org::Person {
            id: Id::from_text(format!("testkit-person-{name}")),
            name: name.to_owned(),
            unit: Id::from_text("testkit-no-unit"),
            division,
            roles: BTreeSet::new(),
            clearance: Level::L2,
            functions: BTreeSet::new(),
        })
    }

    /// Holds a post in a unit: its division and its functions.
    pub fn of(mut self, unit: &Unit) -> Self {
        self.0.unit = unit.id.clone();
        self.0.division = unit.division.clone();
        self.0.functions.clone_from(&unit.functions);
        self
    }

    /// A role, as policies name it: `clerk`, `dispatcher`, `supervisor`, `coordinator` see their division, `handler` sees
    /// what the unit leads or shares.
    pub fn role(mut self, role: &str) -> Self {
        self.0.roles.insert(role.to_owned());
        self
    }

    /// The highest level that the post is cleared for. L2 unless said.
    pub fn clearance(mut self, level: Level) -> Self {
        self.0.clearance = level;
        self
    }
}
