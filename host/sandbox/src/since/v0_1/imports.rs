//! The functions of 0.1.0, each handed to the newest version's.

use super::words::each;
use super::{calendar, cases, data, duties, entities, events, log, risks};
use crate::call::Call;
use crate::contract::{self as newest, types};
use crate::error::Failure;

impl entities::Host for Call {
    async fn get(&mut self, id: String) -> Result<entities::Entity, Failure> {
        Ok(newest::entities::Host::get(self, id).await?.into())
    }

    async fn lookup(
        &mut self,
        kind: types::EntityKind,
        identifier: entities::Identifier,
    ) -> Result<Option<entities::Entity>, Failure> {
        let found = newest::entities::Host::lookup(self, kind, identifier.into()).await?;
        Ok(found.map(Into::into))
    }

    async fn find(&mut self, query: entities::Query) -> Result<Vec<entities::Entity>, Failure> {
        Ok(each(newest::entities::Host::find(self, query.into()).await?))
    }

    async fn create(&mut self, entity: entities::NewEntity) -> Result<String, Failure> {
        newest::entities::Host::create(self, entity.into()).await
    }

    async fn set_facet(&mut self, id: String, facet: entities::Facet) -> Result<(), Failure> {
        newest::entities::Host::set_facet(self, id, facet.into()).await
    }
}

impl cases::Host for Call {
    async fn get(&mut self, id: String) -> Result<cases::Case, Failure> {
        Ok(newest::cases::Host::get(self, id).await?.into())
    }

    async fn find(&mut self, query: cases::Query) -> Result<Vec<cases::Case>, Failure> {
        Ok(each(newest::cases::Host::find(self, query.into()).await?))
    }

    async fn open(&mut self, case: cases::NewCase) -> Result<String, Failure> {
        newest::cases::Host::open(self, case.into()).await
    }

    async fn move_(
        &mut self,
        id: String,
        stage: cases::Stage,
        substage: Option<String>,
        note: String,
    ) -> Result<(), Failure> {
        newest::cases::Host::move_(self, id, stage.into(), substage, note).await
    }

    async fn answer(&mut self, id: String, answer: cases::FormAnswer) -> Result<(), Failure> {
        newest::cases::Host::answer(self, id, answer.into()).await
    }

    async fn note(&mut self, id: String, text: String) -> Result<(), Failure> {
        newest::cases::Host::note(self, id, text).await
    }
}

impl risks::Host for Call {
    async fn get(&mut self, id: String) -> Result<risks::Risk, Failure> {
        Ok(newest::risks::Host::get(self, id).await?.into())
    }

    async fn of(
        &mut self,
        subject: String,
        risk_type: String,
        open_only: bool,
    ) -> Result<Vec<risks::Risk>, Failure> {
        Ok(each(newest::risks::Host::of(self, subject, risk_type, open_only).await?))
    }

    async fn report(&mut self, risk: risks::NewRisk) -> Result<String, Failure> {
        newest::risks::Host::report(self, risk.into()).await
    }

    async fn revise(
        &mut self,
        id: String,
        advised: types::RiskLevel,
        findings: Vec<risks::Finding>,
        note: String,
    ) -> Result<(), Failure> {
        newest::risks::Host::revise(self, id, advised, each(findings), note).await
    }

    async fn move_(
        &mut self,
        id: String,
        stage: risks::Stage,
        note: String,
    ) -> Result<(), Failure> {
        newest::risks::Host::move_(self, id, stage.into(), note).await
    }
}

impl duties::Host for Call {
    async fn assign(&mut self, duty: duties::NewDuty) -> Result<String, Failure> {
        newest::duties::Host::assign(self, duty.into()).await
    }

    async fn of(&mut self, about: String) -> Result<Vec<duties::Duty>, Failure> {
        Ok(each(newest::duties::Host::of(self, about).await?))
    }

    async fn complete(&mut self, id: String, evidence: String) -> Result<(), Failure> {
        newest::duties::Host::complete(self, id, evidence).await
    }
}

impl data::Host for Call {
    async fn count(&mut self, query: data::Query) -> Result<Vec<data::Cell>, Failure> {
        Ok(each(newest::data::Host::count(self, query.into()).await?))
    }
}

impl events::Host for Call {
    async fn publish(
        &mut self,
        topic: String,
        about: Option<String>,
        payload: String,
    ) -> Result<(), Failure> {
        newest::events::Host::publish(self, topic, about, payload).await
    }
}

impl calendar::Host for Call {
    fn now(&mut self) -> wasmtime::Result<i64> {
        newest::calendar::Host::now(self)
    }

    fn date_of(&mut self, at: i64) -> wasmtime::Result<String> {
        newest::calendar::Host::date_of(self, at)
    }

    fn due(&mut self, start: i64, limit: calendar::Limit) -> Result<Option<i64>, Failure> {
        newest::calendar::Host::due(self, start, limit.into())
    }

    async fn start(
        &mut self,
        about: String,
        limit: calendar::Limit,
        start: i64,
    ) -> Result<String, Failure> {
        newest::calendar::Host::start(self, about, limit.into(), start).await
    }

    async fn pause(&mut self, clock: String, reason: String) -> Result<(), Failure> {
        newest::calendar::Host::pause(self, clock, reason).await
    }

    async fn resume(&mut self, clock: String) -> Result<(), Failure> {
        newest::calendar::Host::resume(self, clock).await
    }

    async fn stop(&mut self, clock: String) -> Result<(), Failure> {
        newest::calendar::Host::stop(self, clock).await
    }

    async fn wake(&mut self, at: i64, key: String, payload: String) -> Result<(), Failure> {
        newest::calendar::Host::wake(self, at, key, payload).await
    }
}

impl log::Host for Call {
    fn write(&mut self, level: log::Level, text: String) -> wasmtime::Result<()> {
        newest::log::Host::write(self, level.into(), text)
    }
}
