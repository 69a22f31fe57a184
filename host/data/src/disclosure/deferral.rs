//! Telling a person later (延后告知): where telling would impede a duty of the law (个人信息保护法 art. 18, 35), the looks of one
//! matter may be told later. It takes a ground, somebody else's approval, and an end that comes by itself. Afterwards the
//! person sees them, with the note that they were told later and on which ground.
//!
//! Whether a look is told is asked of these rows at each reading, so an end needs no job to take effect; the job writes it
//! into the log.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::request::text;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

use super::link::officer;
use crate::db::{Bind, Query, Row};
use crate::log::kept;
use crate::{Data, guard};

/// Milliseconds of a day.
const DAY: i64 = 24 * 3600 * 1000;
/// Deferrals that one answer holds, and that one round of the job ends.
const MOST: i64 = 200;

/// Where a deferral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeferralState {
    /// Nobody has decided: the looks are told as usual.
    Asked,
    /// Not told until its end.
    Approved,
    /// Told as usual.
    Refused,
    /// Somebody ended it.
    Ended,
    /// It ended by itself.
    Expired,
}

impl DeferralState {
    /// The name that columns and addresses use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Ended => "ended",
            Self::Expired => "expired",
        }
    }

    /// What staff call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Asked => "待批准",
            Self::Approved => "延后中",
            Self::Refused => "不同意",
            Self::Ended => "提前结束",
            Self::Expired => "到期公开",
        }
    }

    fn of(name: &str) -> Result<Self> {
        [Self::Asked, Self::Approved, Self::Refused, Self::Ended, Self::Expired]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::Internal(format!("deferral state {name}")))
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewDeferral {
    /// The matter.
    pub matter: Id,
    /// Which of its parties.
    pub subject: Id,
    /// The article that allows it.
    pub ground: String,
    /// Why telling would impede the duty. For staff alone.
    pub reason: String,
    /// For how many days.
    pub days: u32,
}

/// A deferral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    /// The deferral.
    pub id: Id,
    /// The person.
    pub subject: Id,
    /// The matter.
    pub matter: Id,
    /// The article.
    pub ground: String,
    /// Why.
    pub reason: String,
    /// For how many days.
    pub days: u32,
    /// The unit that asked.
    pub unit: Id,
    /// Who asked, by id.
    pub asked_by: Id,
    /// When.
    pub asked_at: Instant,
    /// Where it stands.
    pub state: DeferralState,
    /// Who decided, by id.
    pub decided_by: Option<Id>,
    /// When.
    pub decided_at: Option<Instant>,
    /// What the approver wrote.
    pub answer: Option<String>,
    /// Until when the looks are not told.
    pub until: Option<Instant>,
}

const COLUMNS: &str = "SELECT id, subject, matter, ground, reason, days, unit, asked_by, asked_at, state, decided_by, \
                       decided_at, answer, until FROM disclosure_deferral ";

impl Data {
    /// Asks that looks of a matter be told to one of its parties later. Until somebody approves, nothing changes.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where they do not see the matter; [`Error::Invalid`]
    /// where the person is no party, ground or reason are missing, or it would last longer than `most` days.
    pub async fn ask_deferral(
        &self,
        context: &OpContext,
        asked: &NewDeferral,
        most: u32,
    ) -> Result<Id> {
        self.allow(context, "ask-deferral", Action::Disclose).await?;
        text("ground", &asked.ground, "允许延后告知的法律条款")?;
        text("reason", &asked.reason, "告知为何会妨碍履行法定职责")?;
        if asked.days == 0 || asked.days > most {
            let expected = format!("1 至 {most} 天（本地政策）");
            return Err(Error::invalid("days", format!("{} 天", asked.days), expected));
        }
        let matter = self.record(context, &asked.matter).await?;
        if !matter.case()?.parties.iter().any(|party| party.entity == asked.subject) {
            return Err(Error::invalid("subject", "不是该事项的当事人", "该事项当事人的档案编号"));
        }
        // What was granted before counts: asking again and again does not make a lasting secret.
        let given = self.deferred_days(asked).await?;
        if given + i64::from(asked.days) > i64::from(most) {
            let expected = format!("合计不超过 {most} 天（本地政策）");
            return Err(Error::invalid("days", format!("此前已延后 {given} 天"), expected));
        }
        let id = Id::derived(&context.id, 0);
        let what = format!("申请延后告知 {id}");
        let leaf =
            self.administration(context, "ask-deferral", Action::Disclose, &what, asked).await?;
        let (by, unit) = (officer(context)?, context.principal.unit().cloned());
        let unit = unit.ok_or_else(|| Error::Denied("须由有岗位的工作人员申请".into()))?;
        let row: Vec<Bind> = vec![
            (&id).into(),
            (&asked.subject).into(),
            (&asked.matter).into(),
            asked.ground.as_str().into(),
            asked.reason.as_str().into(),
            asked.days.into(),
            (&unit).into(),
            (&by).into(),
            context.now.into(),
            "asked".into(),
        ];
        let key = id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let into = "INSERT INTO disclosure_deferral (id, subject, matter, ground, reason, days, unit, asked_by, asked_at, state)";
                tx.insert(into, 10, vec![row], "").await?;
                Ok(vec![kept::DEFERRAL.entry(tx, key.as_str()).await?])
            })
        });
        work.await?;
        Ok(id)
    }

    /// Approves or refuses. From an approval on, the looks of the matter are not told until the end that it sets.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, asked for it, or works in another unit; [`Error::Conflict`] where it was
    /// decided already; [`Error::Invalid`] without a word of why.
    pub async fn decide_deferral(
        &self,
        context: &OpContext,
        id: &Id,
        approve: bool,
        answer: &str,
    ) -> Result<Deferral> {
        self.allow(context, "decide-deferral", Action::Disclose).await?;
        text("answer", answer, "同意或不同意的理由")?;
        let deferral = self.deferral_of(id).await?;
        let by = officer(context)?;
        let refused = if deferral.asked_by == by {
            Some("不能批准自己的申请")
        } else if context.principal.unit() != Some(&deferral.unit) {
            Some("由申请单位的批准人办理")
        } else {
            None
        };
        if let Some(why) = refused {
            return Err(self.deny(context, Action::Disclose, Error::Denied(why.into())).await);
        }
        let what = format!("{}延后告知 {id}", if approve { "批准" } else { "不同意" });
        let leaf = self
            .administration(context, "decide-deferral", Action::Disclose, &what, &(approve, answer))
            .await?;
        let until = approve.then(|| context.now.plus(i64::from(deferral.days).saturating_mul(DAY)));
        let state = if approve { DeferralState::Approved } else { DeferralState::Refused };
        let (key, now, answer) = (id.clone(), context.now, answer.to_owned());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let query =
                    Query::new("UPDATE disclosure_deferral SET state = ").bind(state.name());
                let query =
                    query.push(", decided_by = ").bind(&by).push(", decided_at = ").bind(now);
                let query = query.push(", answer = ").bind(answer).push(", until = ").bind(until);
                let query = query.push(" WHERE state = 'asked' AND id = ").bind(&key);
                if tx.run(query).await? == 0 {
                    return Err(Error::Conflict("该申请已经有了决定".into()));
                }
                Ok(vec![kept::DEFERRAL.entry(tx, key.as_str()).await?])
            })
        });
        work.await?;
        self.deferral_of(id).await
    }

    /// Ends a deferral before its time: whoever may decide may, in the unit that asked.
    ///
    /// # Errors
    /// As [`Data::decide_deferral`]; [`Error::Conflict`] where it is not in force.
    pub async fn end_deferral(&self, context: &OpContext, id: &Id) -> Result<Deferral> {
        self.allow(context, "decide-deferral", Action::Disclose).await?;
        let deferral = self.deferral_of(id).await?;
        if context.principal.unit() != Some(&deferral.unit) {
            let error = Error::Denied("由申请单位的批准人办理".into());
            return Err(self.deny(context, Action::Disclose, error).await);
        }
        let what = format!("提前结束延后告知 {id}");
        let leaf =
            self.administration(context, "decide-deferral", Action::Disclose, &what, &id).await?;
        self.close_deferral(leaf, id, DeferralState::Ended, context.now).await?;
        self.deferral_of(id).await
    }

    /// Ends what is over, each with its leaf. For the job. Answers how many.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn release_deferrals(&self, context: &OpContext) -> Result<usize> {
        let query =
            Query::new("SELECT id FROM disclosure_deferral WHERE state = 'approved' AND until <= ");
        let query = query.bind(context.now).push(" ORDER BY until LIMIT ").bind(MOST);
        let due: Vec<Id> = self
            .inner
            .db
            .read()
            .await?
            .rows(query)
            .await?
            .iter()
            .map(|row| row.id(0))
            .collect::<Result<_>>()?;
        for id in &due {
            let what = format!("延后告知 {id} 到期，向本人公开");
            let leaf = self
                .administration(context, "release-deferral", Action::Disclose, &what, id)
                .await?;
            self.close_deferral(leaf, id, DeferralState::Expired, context.now).await?;
        }
        Ok(due.len())
    }

    async fn close_deferral(
        &self,
        leaf: Leaf,
        id: &Id,
        state: DeferralState,
        now: Instant,
    ) -> Result<()> {
        let key = id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let query = Query::new("UPDATE disclosure_deferral SET ended_at = ")
                    .bind(now)
                    .push(", state = ");
                let query =
                    query.bind(state.name()).push(" WHERE state = 'approved' AND id = ").bind(&key);
                if tx.run(query).await? == 0 {
                    return Err(Error::Conflict("该延后告知没有生效，或已经结束".into()));
                }
                Ok(vec![kept::DEFERRAL.entry(tx, key.as_str()).await?])
            })
        });
        work.await
    }

    /// Deferrals, newest first: a unit's own, or all of them for whoever keeps or audits the records of the law.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn deferrals(&self, context: &OpContext) -> Result<Vec<Deferral>> {
        self.allow(context, "see-deferrals", Action::Disclose).await?;
        let query = self.visible_deferrals(context, Query::new(COLUMNS).push("WHERE "));
        let rows = self
            .inner
            .db
            .read()
            .await?
            .rows(query.push(" ORDER BY asked_at DESC, id LIMIT ").bind(MOST))
            .await?;
        let deferrals = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        let mut leaf = guard::leaf(context, Action::Record, Verdict::Allowed);
        leaf.note = "查看延后告知".into();
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(deferrals)
    }

    /// What a case page says of telling later: whether this post may ask for it, and the deferrals of the matter that are asked
    /// for or in force, for those who may see them at all. Nobody else learns that there is one, the person least of all.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn deferrals_of(
        &self,
        context: &OpContext,
        matter: &Id,
    ) -> Result<(bool, Vec<Deferral>)> {
        let guard = &self.inner.guard;
        let asks = guard.allows(context, "ask-deferral").is_ok();
        if guard.allows(context, "see-deferrals").is_err() {
            return Ok((asks, Vec::new()));
        }
        let query = self.visible_deferrals(context, Query::new(COLUMNS).push("WHERE "));
        let query = query.push(" AND matter = ").bind(matter).push(" AND (state = 'asked' OR ");
        let query = query.push("(state = 'approved' AND until > ").bind(context.now);
        let query = query.push(")) ORDER BY asked_at DESC, id LIMIT ").bind(MOST);
        let rows = self.inner.db.read().await?.rows(query).await?;
        Ok((asks, rows.iter().map(read).collect::<Result<Vec<_>>>()?))
    }

    /// Those that somebody may see: a unit's own, or all for whoever keeps or audits the records of the law.
    fn visible_deferrals(&self, context: &OpContext, query: Query) -> Query {
        let all = self.inner.guard.allows(context, "read-law-records").is_ok();
        match context.principal.unit() {
            _ if all => query.push("1 = 1"),
            Some(unit) => query.push("unit = ").bind(unit),
            None => query.push("1 = 0"),
        }
    }

    async fn deferred_days(&self, asked: &NewDeferral) -> Result<i64> {
        let query = Query::new(
            "SELECT CAST(COALESCE(SUM(days), 0) AS BIGINT) FROM disclosure_deferral WHERE subject = ",
        );
        let query = query.bind(&asked.subject).push(" AND matter = ").bind(&asked.matter);
        let query = query.push(" AND state IN ('approved', 'ended', 'expired')");
        let row = self.inner.db.read().await?.row(query).await?;
        row.map_or(Ok(0), |row| row.int(0))
    }

    async fn deferral_of(&self, id: &Id) -> Result<Deferral> {
        let query = Query::new(COLUMNS).push("WHERE id = ").bind(id);
        let row = self.inner.db.read().await?.row(query).await?;
        row.as_ref().map(read).transpose()?.ok_or_else(|| Error::NotFound(format!("延后告知 {id}")))
    }
}

fn read(row: &Row) -> Result<Deferral> {
    Ok(Deferral {
        id: row.id(0)?,
        subject: row.id(1)?,
        matter: row.id(2)?,
        ground: row.text(3)?,
        reason: row.text(4)?,
        days: u32::try_from(row.int(5)?).unwrap_or(u32::MAX),
        unit: row.id(6)?,
        asked_by: row.id(7)?,
        asked_at: row.instant(8)?,
        state: DeferralState::of(&row.text(9)?)?,
        decided_by: row.maybe_text(10)?.map(Id::from_text),
        decided_at: row.maybe_int(11)?.map(Instant),
        answer: row.maybe_text(12)?,
        until: row.maybe_int(13)?.map(Instant),
    })
}
