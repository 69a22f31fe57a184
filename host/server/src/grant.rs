//! Grants as people write them: units and approvers by what they are called, not by ids that nobody knows.

use std::collections::BTreeSet;

use anshu_model::capability::{Capabilities, Grant};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::{Error, Id, Result};
use serde::Deserialize;

use crate::app::App;
use crate::demo::sample_id;
use crate::file;

/// A grant file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantFile {
    /// The pack, by name.
    pub(crate) pack: String,
    /// What it may reach.
    allows: Capabilities,
    /// Where its named duty reaches.
    duty_division: Division,
    /// The unit that owes that duty: its name, its id, or its code in the sample.
    pub(crate) duty_unit: String,
    /// The purposes that it may act for.
    purposes: BTreeSet<String>,
    /// Who approved it: a login. Nobody where it is only proposed.
    #[serde(default)]
    pub(crate) approved_by: String,
}

impl GrantFile {
    /// Reads a grant file.
    ///
    /// # Errors
    /// [`Error::Invalid`] at the line that is wrong.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self> {
        file::toml(name, text)
    }

    /// The grant, with what the names stand for.
    pub(crate) fn grant(self, duty_unit: Id, approved_by: Id, now: Instant) -> Grant {
        Grant {
            pack: self.pack,
            allows: self.allows,
            duty_division: self.duty_division,
            duty_unit,
            purposes: self.purposes,
            approved_by,
            approved_at: now,
        }
    }

    /// The grant in a centre that has these units and accounts.
    ///
    /// # Errors
    /// [`Error::Invalid`] with each name that stands for nothing, and those that would.
    pub(crate) async fn resolve(self, app: &App, name: &str) -> Result<Grant> {
        let units = app.data.units().await?;
        let of_sample = sample_id("unit", &self.duty_unit);
        let unit = units.iter().find(|unit| {
            unit.name == self.duty_unit
                || unit.id.as_str() == self.duty_unit
                || unit.id == of_sample
        });
        let approver = match self.approved_by.as_str() {
            "" => Some(Id::from_text("")),
            login => app.data.account(login).await?.map(|account| account.person.id),
        };
        match (unit, approver) {
            (Some(unit), Some(approver)) => {
                let unit = unit.id.clone();
                Ok(self.grant(unit, approver, app.settings.time.now()))
            }
            (None, _) => Err(Error::invalid(
                format!("{name} 的 duty_unit"),
                format!("没有单位“{}”", self.duty_unit),
                units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join("、"),
            )),
            (_, None) => Err(Error::invalid(
                format!("{name} 的 approved_by"),
                format!("没有账号“{}”", self.approved_by),
                "批准人的登录名",
            )),
        }
    }
}
