//! Emergency access (紧急访问): works at once, ends by itself, and must be reviewed by a named official other than the person
//! who took it. Who leaves it unreviewed does not get it again. What it opens is decided by the policies, which learn from
//! [`in_force`] that it is in force.

mod review;

use std::collections::BTreeSet;

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use crate::db::{Bind, Query, Row, Tx};
use crate::log::kept;
use crate::{Data, guard, notice};

/// How the centre limits emergency access. Local policy (本地政策): no statute states these terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmergencyPolicy {
    /// For how many minutes at most.
    pub minutes: u32,
    /// How many records it shows at most.
    pub records: u32,
    /// Within how many hours it must be reviewed.
    pub review_hours: u32,
    /// With how many unreviewed ones nobody begins another, even while none is overdue.
    pub unreviewed: u32,
}

impl Default for EmergencyPolicy {
    fn default() -> Self {
        Self { minutes: 60, records: 200, review_hours: 24, unreviewed: 3 }
    }
}

/// An emergency access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The access.
    pub id: Id,
    /// Who took it, in which unit.
    pub person: Id,
    /// The unit.
    pub unit: Id,
    /// The case, and who leads it.
    pub case: Id,
    /// The unit that leads the case.
    pub lead_unit: Id,
    /// The reason's code.
    pub reason: String,
    /// The reason in words.
    pub words: String,
    /// When it began.
    pub begun_at: Instant,
    /// When it ends by itself.
    pub until: Instant,
    /// How many records it may show, and how many it has shown.
    pub most: u64,
    /// How many it has shown.
    pub used: u64,
    /// When it ended, by hand or by time.
    pub ended_at: Option<Instant>,
    /// Until when it must be reviewed.
    pub review_by: Instant,
    /// Who reviewed it.
    pub reviewed_by: Option<Id>,
    /// When.
    pub reviewed_at: Option<Instant>,
    /// Whether it was found justified.
    pub justified: Option<bool>,
    /// With which words.
    pub answer: Option<String>,
}

/// Where somebody stands with emergency access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The one that is in force.
    pub current: Option<Access>,
    /// How many are not reviewed yet.
    pub unreviewed: u64,
    /// How many of these should have been.
    pub overdue: u64,
}

impl Standing {
    /// Why no other may begin; none where one may.
    #[must_use]
    pub fn closed(&self, policy: &EmergencyPolicy) -> Option<String> {
        if self.current.is_some() {
            return Some("已有一次紧急访问正在进行".into());
        }
        if self.overdue > 0 {
            return Some(format!(
                "有 {} 次紧急访问逾期没有复核，紧急访问已暂停；复核后恢复",
                self.overdue
            ));
        }
        (self.unreviewed >= u64::from(policy.unreviewed))
            .then(|| format!("有 {} 次紧急访问还没有复核，已达上限；复核后恢复", self.unreviewed))
    }
}

/// The columns of an access.
const COLUMNS: &str = "SELECT id, person, unit, case_id, lead_unit, reason, words, begun_at, until, most, used, ended_at, review_by, \
                       reviewed_by, reviewed_at, justified, answer FROM emergency";

/// Until when a person's emergency access is in force for what an operation serves; none where it is not: because there is
/// none, because it was taken for another case, or because it has shown all that it may.
///
/// # Errors
/// [`Error::Unavailable`] where the database does not answer.
pub(crate) async fn in_force(
    tx: &mut Tx,
    person: &Id,
    serves: Option<&Id>,
    now: Instant,
) -> Result<Option<Instant>> {
    let Some(serves) = serves else { return Ok(None) };
    let access = current(tx, person, now).await?;
    let access = access.filter(|one| one.case == *serves && one.used < one.most);
    Ok(access.map(|one| one.until))
}

/// The access that has begun and not ended, whether or not it may show more.
async fn current(tx: &mut Tx, person: &Id, now: Instant) -> Result<Option<Access>> {
    let query = Query::new(COLUMNS).push(" WHERE ended_at IS NULL AND person = ").bind(person);
    let query = query.push(" AND until > ").bind(now).push(" AND begun_at <= ").bind(now);
    tx.row(query.push(" ORDER BY until DESC LIMIT 1")).await?.map(|row| of(&row)).transpose()
}

/// Where somebody stands.
async fn standing(tx: &mut Tx, person: &Id, now: Instant) -> Result<Standing> {
    let current = current(tx, person, now).await?;
    let query = Query::new("SELECT COUNT(*), SUM(CASE WHEN review_by < ").bind(now);
    let query =
        query.push(" THEN 1 ELSE 0 END) FROM emergency WHERE reviewed_at IS NULL AND person = ");
    let row = tx.row(query.bind(person)).await?;
    let (unreviewed, overdue) = match row {
        Some(row) => (row.count(0)?, row.maybe_int(1)?.unwrap_or(0)),
        None => (0, 0),
    };
    Ok(Standing { current, unreviewed, overdue: u64::try_from(overdue).unwrap_or(0) })
}

impl Data {
    /// Where a person stands with emergency access.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn emergency(&self, person: &Id, now: Instant) -> Result<Standing> {
        standing(&mut self.inner.db.read().await?, person, now).await
    }

    /// Begins emergency access for a case. It holds at once; whoever reviews it, the auditors and the unit that leads the case
    /// hear of it with the same commit.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not, or the right is suspended; [`Error::NotFound`] where there is no such open
    /// case; [`Error::Invalid`] where minutes or words are none.
    pub async fn begin_emergency(
        &self,
        context: &OpContext,
        (case, reason, words): (&Id, &str, &str),
        minutes: u32,
        policy: &EmergencyPolicy,
    ) -> Result<Access> {
        let action = Action::Emergency;
        let mut leaf = self
            .administration(context, "begin-emergency", action, "", &(case, reason, words, minutes))
            .await?;
        let person = person_of(context)?;
        if !(1..=policy.minutes).contains(&minutes) {
            let found = format!("{minutes} 分钟");
            return Err(Error::invalid("/minutes", found, format!("1 至 {} 分钟", policy.minutes)));
        }
        if words.trim().is_empty() || words.chars().count() > 500 {
            return Err(Error::invalid("/words", "空的或过长的说明", "1 至 500 个字的说明"));
        }
        let lead = self.lead_of(context, case).await?;
        let Some(lead_unit) = lead else {
            return Err(self.deny(context, action, Error::NotFound(format!("记录 {case}"))).await);
        };
        let hour = 3_600_000;
        let access = Access {
            id: context.id.clone(),
            person: person.id.clone(),
            unit: person.unit.clone(),
            case: case.clone(),
            lead_unit,
            reason: reason.to_owned(),
            words: words.trim().to_owned(),
            begun_at: context.now,
            until: context.now.plus(i64::from(minutes) * 60_000),
            most: u64::from(policy.records),
            used: 0,
            ended_at: None,
            review_by: context.now.plus(i64::from(policy.review_hours) * hour),
            reviewed_by: None,
            reviewed_at: None,
            justified: None,
            answer: None,
        };
        leaf.serves = Some(case.clone());
        leaf.note = format!("开始紧急访问 {}，事由 {reason}，{minutes} 分钟", access.id);
        let (made, policy, name) = (access.clone(), *policy, person.name.clone());
        let begun = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                // Asked where it is written: of two that begin at once, one is refused.
                if let Some(why) = standing(tx, &made.person, made.begun_at).await?.closed(&policy) {
                    return Err(Error::Denied(why));
                }
                let row: Vec<Bind> = vec![
                    (&made.id).into(), (&made.person).into(), (&made.unit).into(), (&made.case).into(),
                    (&made.lead_unit).into(), made.reason.as_str().into(), made.words.as_str().into(),
                    made.begun_at.into(), made.until.into(), made.most.into(), 0_i64.into(), made.review_by.into(),
                    0_i64.into(),
                ];
                let into = "INSERT INTO emergency (id, person, unit, case_id, lead_unit, reason, words, begun_at, until, most, \
                            used, review_by, overdue)";
                tx.insert(into, 13, vec![row], "").await?;
                let to = review::concerned(tx, &made).await?;
                let text = format!(
                    "{name}已开始紧急访问，至多 {} 条记录；由审批人在期限内复核是否正当。", made.most
                );
                notice::put(tx, &to, notice::Kind::Emergency, &text, Some(&made.id), made.begun_at).await?;
                Ok(vec![kept::EMERGENCY.entry(tx, made.id.as_str()).await?])
            })
        });
        match begun.await {
            Ok(()) => Ok(access),
            Err(error @ Error::Denied(_)) => Err(self.deny(context, action, error).await),
            Err(error) => Err(error),
        }
    }

    /// Ends the actor's emergency access before its time.
    ///
    /// # Errors
    /// [`Error::NotFound`] where none is in force.
    pub async fn end_emergency(&self, context: &OpContext) -> Result<()> {
        let person = person_of(context)?.id.clone();
        let now = context.now;
        let current = self.emergency(&person, now).await?.current;
        let access = current.ok_or_else(|| Error::NotFound("进行中的紧急访问".into()))?;
        let mut leaf = guard::leaf(context, Action::Emergency, Verdict::Allowed);
        leaf.note = format!("结束紧急访问 {}，查看了 {} 条记录", access.id, access.used);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let end = Query::new("UPDATE emergency SET ended_at = ").bind(now);
                tx.run(end.push(" WHERE ended_at IS NULL AND id = ").bind(&access.id)).await?;
                Ok(vec![kept::EMERGENCY.entry(tx, access.id.as_str()).await?])
            })
        });
        work.await
    }

    /// Counts what somebody's emergency access has shown; nothing where none is in force. What exceeds the budget closes it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be counted: then what was read must be withheld.
    pub(crate) async fn spend_emergency(&self, context: &OpContext, records: usize) -> Result<()> {
        let Principal::Person(person) = &context.principal else { return Ok(()) };
        let now = context.now;
        let serves = context.purpose.serves.as_ref();
        let mut tx = self.inner.db.read().await?;
        if records == 0 || in_force(&mut tx, &person.id, serves, now).await?.is_none() {
            return Ok(());
        }
        drop(tx);
        let spend = Query::new("UPDATE emergency SET used = used + ").bind(records as u64);
        let spend = spend.push(" WHERE ended_at IS NULL AND person = ").bind(&person.id);
        let spend = spend.push(" AND until > ").bind(now);
        let work = self
            .inner
            .writer
            .run(None, move |tx| Box::pin(async move { tx.run(spend).await.map(|_| ()) }));
        work.await
    }

    /// Who leads an open case. One that the person does not reach is no case to them: it would give them nothing, and whether
    /// it is still there is not theirs to know.
    async fn lead_of(&self, context: &OpContext, case: &Id) -> Result<Option<Id>> {
        let mut view = self.look(context, Action::Emergency).await?;
        let query = Query::new(
            "SELECT r.unit FROM record r WHERE r.kind = 'case' AND r.open = 1 AND r.id = ",
        );
        let query = view.permit().filter(query.bind(case));
        view.tx().await?.row(query).await?.map(|row| row.id(0)).transpose()
    }
}

fn person_of(context: &OpContext) -> Result<&Person> {
    match &context.principal {
        Principal::Person(person) => Ok(person),
        Principal::Duty(_) | Principal::System { .. } => {
            Err(Error::Denied("紧急访问只由人使用".into()))
        }
    }
}

/// People with an open account who hold a role, each with their unit.
async fn holders(tx: &mut Tx, role: &str) -> Result<Vec<(Id, Id)>> {
    let query = Query::new("SELECT person, unit, roles FROM account WHERE closed_at IS NULL");
    let mut found = Vec::new();
    for row in tx.rows(query).await? {
        let roles: BTreeSet<String> = row.json(2)?;
        if roles.contains(role) {
            found.push((row.id(0)?, row.id(1)?));
        }
    }
    Ok(found)
}

fn of(row: &Row) -> Result<Access> {
    Ok(Access {
        id: row.id(0)?,
        person: row.id(1)?,
        unit: row.id(2)?,
        case: row.id(3)?,
        lead_unit: row.id(4)?,
        reason: row.text(5)?,
        words: row.text(6)?,
        begun_at: row.instant(7)?,
        until: row.instant(8)?,
        most: row.count(9)?,
        used: row.count(10)?,
        ended_at: row.maybe_int(11)?.map(Instant),
        review_by: row.instant(12)?,
        reviewed_by: row.maybe_text(13)?.map(Id::from_text),
        reviewed_at: row.maybe_int(14)?.map(Instant),
        justified: row.maybe_int(15)?.map(|justified| justified == 1),
        answer: row.maybe_text(16)?,
    })
}
