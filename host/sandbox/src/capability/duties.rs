//! `duties`: who must do what under which article, by when.

use anshu_model::clock::{Clock, Due};
use anshu_model::division::Division;
use anshu_model::duty::{Completion, Duty};
use anshu_model::effect::Change;
use anshu_model::port::Find;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id, Result};

use super::calendar::clock_id;
use crate::call::Call;
use crate::contract::duties::{Duty as Shown, Host, NewDuty};
use crate::convert;
use crate::error::Failure;

impl Host for Call {
    async fn assign(&mut self, new: NewDuty) -> Result<String, Failure> {
        self.enter()?;
        let title = self.text("/title", new.title)?;
        let basis = self.basis("/basis", convert::basis(new.basis))?;
        let starts = self.instant("/starts", new.starts)?;
        let about = Id::from_text(new.about);
        let division = self.anything(&about).await?.head.division.clone();
        let unit = self.unit(&new.function, &division).await?;
        let id = self.make_id();
        let mut clocks = Vec::new();
        if let Some(limit) = new.limit {
            let clock = clock_id(&id, &self.make_id());
            clocks.push(Clock::start(
                clock,
                title.clone(),
                starts,
                convert::limit(limit),
                &self.calendar,
            )?);
        }
        let duty = Duty { title, about, basis, clocks, completion: None };
        self.create_duty(id.clone(), duty, division, unit)?;
        Ok(id.as_str().to_owned())
    }

    async fn of(&mut self, about: String) -> Result<Vec<Shown>, Failure> {
        self.enter()?;
        let (calendar, now) = (self.calendar.clone(), self.context.now);
        let found = self.find("duties.of", &Find::Duties { about: Id::from_text(about) }).await?;
        let found = found
            .into_iter()
            .map(|record| {
                let due = record
                    .clocks()
                    .iter()
                    .find_map(|clock| clock.due(&calendar, now).ok().and_then(Due::at));
                convert::duty_out(record, due.map(|due| due.milliseconds()))
            })
            .collect::<Result<Vec<_>>>()?;
        self.hand(found.iter().map(|duty| duty.title.len() + 128).sum())?;
        Ok(found)
    }

    async fn complete(&mut self, id: String, evidence: String) -> Result<(), Failure> {
        self.enter()?;
        let evidence = self.text("/evidence", evidence)?;
        let id = Id::from_text(id);
        let owner = self.record(Kind::Duty, &id).await?.head.type_name.clone();
        if owner != self.pack.reference.name {
            return Err(Error::Denied(
                "这项职责由其他插件交办；请由责任单位在办理页面上完成".into(),
            )
            .into());
        }
        let by = self.context.principal.title().to_owned();
        let completion = Completion { at: self.context.now, by, evidence };
        self.change(Kind::Duty, &id, Change::Complete { completion }).await
    }
}

impl Call {
    /// Makes a duty that this pack assigns.
    pub(super) fn create_duty(
        &mut self,
        id: Id,
        duty: Duty,
        division: Division,
        unit: Id,
    ) -> Result<(), Failure> {
        let type_name = self.pack.reference.name.clone();
        let head = self.head(id, Kind::Duty, type_name, division, unit);
        self.create(Record { head, body: Body::Duty(duty) })
    }

    /// A record of any primitive that must be there.
    pub(super) async fn anything(&mut self, id: &Id) -> Result<&Record, Failure> {
        match self.look(id).await? {
            Some(record) => Ok(record),
            None => Err(Error::NotFound(format!("记录 {id}")).into()),
        }
    }
}
