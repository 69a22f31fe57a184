//! `data`: figures over many records.

use anshu_model::Result;
use anshu_model::port::Count;
use anshu_model::record::Kind;

use crate::call::Call;
use crate::contract::data::{Cell, Group, Host, Query, Subject};
use crate::error::Failure;

impl Host for Call {
    async fn count(&mut self, query: Query) -> Result<Vec<Cell>, Failure> {
        self.enter()?;
        let kind = match query.subject {
            Subject::Entities => Kind::Entity,
            Subject::Cases => Kind::Case,
            Subject::Risks => Kind::Risk,
            Subject::Duties => Kind::Duty,
        };
        if kind != Kind::Duty {
            self.may_read(&query.type_)?;
        }
        let by = match query.by {
            Group::None => "none",
            Group::Division => "division",
            Group::Stage => "stage",
            Group::Level => "level",
        };
        let within = query.within.map(|code| self.division("/within", &code)).transpose()?;
        let count = Count { kind, type_name: query.type_, by: by.to_owned(), within };
        let cells = self.count(&count).await?;
        self.hand(cells.iter().map(|cell| cell.key.len() + 16).sum())?;
        Ok(cells.into_iter().map(|cell| Cell { key: cell.key, count: cell.count }).collect())
    }
}
