//! `calendar`: time, and the arithmetic of legal limits.

use anshu_model::basis::Basis;
use anshu_model::clock::{Act, Clock, due};
use anshu_model::effect::{Change, Effect};
use anshu_model::instant::Instant;
use anshu_model::record::Kind;
use anshu_model::{Error, Id, Result};

use crate::call::Call;
use crate::check;
use crate::contract::calendar::{Host, Limit};
use crate::convert;
use crate::error::Failure;

impl Host for Call {
    fn now(&mut self) -> wasmtime::Result<i64> {
        self.enter_plain()?;
        Ok(self.context.now.milliseconds())
    }

    fn date_of(&mut self, at: i64) -> wasmtime::Result<String> {
        self.enter_plain()?;
        Ok(Instant(at).date(self.calendar.offset()).to_string())
    }

    fn due(&mut self, start: i64, limit: Limit) -> Result<Option<i64>, Failure> {
        self.enter()?;
        let start = self.instant("/start", start)?;
        let end = due(&convert::limit(limit), start, &self.calendar)?;
        Ok(end.at().map(Instant::milliseconds))
    }

    async fn start(&mut self, about: String, limit: Limit, start: i64) -> Result<String, Failure> {
        self.enter()?;
        let start = self.instant("/start", start)?;
        let about = Id::from_text(about);
        let kind = self.owner_of_clocks(&about).await?;
        let id = clock_id(&about, &self.make_id());
        let clock = Clock::start(id.clone(), "", start, convert::limit(limit), &self.calendar)?;
        self.change(kind, &about, Change::Clock { clock: Box::new(clock) }).await?;
        Ok(id.as_str().to_owned())
    }

    async fn pause(&mut self, clock: String, reason: String) -> Result<(), Failure> {
        self.enter()?;
        let reason = self.text("/reason", reason)?;
        self.turn(&clock, |clock, act| clock.pause(Act { reason, ..act })).await
    }

    async fn resume(&mut self, clock: String) -> Result<(), Failure> {
        self.enter()?;
        self.turn(&clock, Clock::resume).await
    }

    async fn stop(&mut self, clock: String) -> Result<(), Failure> {
        self.enter()?;
        self.turn(&clock, |clock, act| clock.stop(act.at)).await
    }

    async fn wake(&mut self, at: i64, key: String, payload: String) -> Result<(), Failure> {
        self.enter()?;
        let at = self.instant("/at", at)?;
        let key = self.text("/key", key)?;
        self.json("/payload", &payload)?;
        let payload = check::parse("/payload", &payload)?;
        self.add(Effect::Wake { at, key, payload })
    }
}

impl Call {
    /// Counts a call to a function that cannot refuse.
    pub(super) fn enter_plain(&mut self) -> wasmtime::Result<()> {
        self.enter().map_err(|failure| match failure {
            Failure::Trapped(trap) => trap,
            Failure::Refused(error) => crate::error::HostFailed(error).into(),
        })
    }

    /// An article must be stated: a rule without its source is not shown to anybody.
    pub(super) fn basis(&self, at: &str, basis: Basis) -> Result<Basis> {
        Ok(Basis { article: self.text(&format!("{at}/article"), basis.article)?, ..basis })
    }

    /// The kind of a record whose clocks this pack may turn.
    async fn owner_of_clocks(&mut self, about: &Id) -> Result<Kind, Failure> {
        let head = &self.anything(about).await?.head;
        let (kind, type_name) = (head.kind, head.type_name.clone());
        match kind {
            Kind::Case | Kind::Risk => self.may_write(&type_name)?,
            Kind::Duty if type_name == self.pack.reference.name => {}
            Kind::Duty => {
                return Err(
                    Error::Denied("这项职责由其他插件交办，其时限不能由本插件改变".into()).into()
                );
            }
            Kind::Entity => {
                return Err(Error::invalid("/about", "实体没有时限", "事项、风险或职责").into());
            }
        }
        Ok(kind)
    }

    /// Puts a clock's next state in its place.
    async fn turn(
        &mut self,
        id: &str,
        step: impl FnOnce(&Clock, Act) -> Result<Clock> + Send,
    ) -> Result<(), Failure> {
        let unknown = || Error::NotFound(format!("时限 {id}"));
        let about = Id::from_text(id.split_once('.').map_or(id, |(about, _)| about));
        let kind = self.owner_of_clocks(&about).await.map_err(|failure| match failure {
            Failure::Refused(Error::NotFound(_)) => unknown().into(),
            other => other,
        })?;
        let act = Act::new(self.context.now, self.context.principal.title(), "");
        let clocks = self.record(kind, &about).await?.clocks();
        let clock = clocks.iter().find(|clock| clock.id.as_str() == id).ok_or_else(unknown)?;
        let clock = Box::new(step(clock, act)?);
        self.change(kind, &about, Change::Clock { clock }).await
    }
}

/// A clock's id begins with the record that it runs on, so that it is found without a search.
pub(super) fn clock_id(about: &Id, own: &Id) -> Id {
    Id::from_text(format!("{about}.{own}"))
}
