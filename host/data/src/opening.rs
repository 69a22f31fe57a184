//! Openings of protected records (逐次批准查阅, 未成年人网络保护条例 art. 36): a person states a ground and sees masks; a named
//! approver agrees, and the person sees what is there for a stated time; either ends it at once.
//!
//! What an opening lets somebody see, the guard decides with every operation; here is only its life. An opening holds while the
//! case that it serves is open, in reach and names the record. The words of a reason stay in the table and never enter the log.

mod list;
mod row;

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::org::Person;
use anshu_model::record::{Kind, Record, RecordRef};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

use crate::db::{Bind, Query, Row, Tx};
use crate::guard::named;
use crate::log::kept;
use crate::{Data, guard};

pub use list::{Access, OpeningView};

/// Characters of a reason.
const LONGEST: usize = 500;
/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;

/// How long openings last. Local policy; the usual values are [`OpeningPolicy::default`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpeningPolicy {
    /// Minutes for which a ground that nobody has answered shows masks.
    pub stated: u32,
    /// Minutes for which an approver opens, unless something else is said.
    pub usual: u32,
    /// The most minutes.
    pub most: u32,
}

impl Default for OpeningPolicy {
    /// A working day for the answer, an hour to look, four at most.
    fn default() -> Self {
        Self { stated: 480, usual: 60, most: 240 }
    }
}

/// Where an opening stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpeningState {
    /// A ground was stated.
    Stated,
    /// A named approver agreed.
    Approved,
    /// A named approver did not.
    Refused,
    /// It was ended by hand.
    Withdrawn,
}

/// An opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The opening.
    pub id: Id,
    /// What is opened.
    pub record: Id,
    /// The open case that it is opened for.
    pub serves: Id,
    /// Who asks.
    pub person: Id,
    /// In which unit.
    pub unit: Id,
    /// The purpose, by code.
    pub purpose: String,
    /// Its legal ground.
    pub ground: String,
    /// In the person's words.
    pub reason: String,
    /// For how many minutes.
    pub minutes: u32,
    /// Where it stands.
    pub state: OpeningState,
    /// When it was asked for.
    pub asked_at: Instant,
    /// When it ends by itself.
    pub until: Instant,
    /// Who answered.
    pub decided_by: Option<Id>,
    /// When.
    pub decided_at: Option<Instant>,
    /// Why not.
    pub answer: Option<String>,
    /// When it was ended by hand.
    pub ended_at: Option<Instant>,
}

impl Opening {
    /// Whether it shows anything at an instant, as far as its own life tells.
    #[must_use]
    pub fn in_force(&self, now: Instant) -> bool {
        matches!(self.state, OpeningState::Stated | OpeningState::Approved) && now < self.until
    }
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The record to be opened.
    pub record: Id,
    /// The open case that it serves; the record itself where that is the case.
    pub serves: Id,
    /// Why, in the person's words.
    pub reason: String,
    /// For how many minutes; the usual ones where nothing is said.
    pub minutes: Option<u32>,
}

impl Data {
    /// States a ground for looking at a protected record: from now on the person sees its masks, until it is answered or ends.
    /// Purpose and ground are those of the context.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post may not; [`Error::NotFound`] where the person does not see the record or the case;
    /// [`Error::Invalid`] where the case is closed or does not name the record, without a ground, a reason, or with a span
    /// beyond the policy's; [`Error::Conflict`] where one is in force already.
    pub async fn state_opening(
        &self,
        context: &OpContext,
        asked: &Asked,
        policy: OpeningPolicy,
    ) -> Result<Opening> {
        self.allow(context, "state-opening", Action::Open).await?;
        let person = asker(context)?;
        let reason = text("/reason", &asked.reason)?;
        let minutes = span(asked.minutes.unwrap_or(policy.usual), policy)?;
        if context.purpose.ground.trim().is_empty() {
            return Err(Error::invalid("/purpose", "该目的没有写明法定依据", "有法定依据的目的"));
        }
        let mut view = self.look(context, Action::Open).await?;
        let serves = self.visible(&mut view, &asked.serves).await?;
        if !serves.is_open() || serves.case().is_err() {
            return Err(Error::invalid("/case", "不是正在办理的案件", "一件正在办理的案件"));
        }
        if !named(&serves).contains(&asked.record) {
            let right = "所办案件本身，或其当事人、涉及的场所和物品";
            return Err(Error::invalid("/record", "所办案件未涉及该记录", right));
        }
        let record = self.visible(&mut view, &asked.record).await?;
        drop(view);
        let opening = Opening {
            id: context.id.clone(),
            record: asked.record.clone(),
            serves: asked.serves.clone(),
            person: person.id.clone(),
            unit: person.unit.clone(),
            purpose: context.purpose.code.clone(),
            ground: context.purpose.ground.clone(),
            reason,
            minutes,
            state: OpeningState::Stated,
            asked_at: context.now,
            until: context.now.plus(i64::from(policy.stated) * MINUTE),
            decided_by: None,
            decided_at: None,
            answer: None,
            ended_at: None,
        };
        let touched = touched(&record, &serves);
        let leaf = leaf(context, &opening, touched, format!("说明查阅依据，申请 {minutes} 分钟"));
        self.keep_opening(leaf, opening, |tx, opening| {
            Box::pin(async move {
                let known =
                    Query::new("SELECT 1 FROM opening WHERE person = ").bind(&opening.person);
                let known = known.push(" AND record = ").bind(&opening.record);
                let known = known.push(" AND state IN ('stated', 'approved') AND until > ");
                match tx.row(known.bind(opening.asked_at)).await? {
                    Some(_) => Err(Error::Conflict("已就该记录说明过依据，尚在有效期内".into())),
                    None => Ok(()),
                }
            })
        })
        .await
    }

    /// Opens what somebody stated a ground for, from now on for so many minutes, by a named approver.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post may not, or the approver asked for it; [`Error::NotFound`] where the case is not in the
    /// approver's reach; [`Error::Conflict`] where it is not waiting any more.
    pub async fn approve_opening(
        &self,
        context: &OpContext,
        id: &Id,
        minutes: Option<u32>,
        policy: OpeningPolicy,
    ) -> Result<Opening> {
        let (opening, touched) = self.to_answer(context, id).await?;
        let minutes = span(minutes.unwrap_or(opening.minutes), policy)?;
        let opening = Opening {
            minutes,
            state: OpeningState::Approved,
            until: context.now.plus(i64::from(minutes) * MINUTE),
            decided_by: Some(asker(context)?.id.clone()),
            decided_at: Some(context.now),
            ..opening
        };
        let note = format!("批准查阅 {minutes} 分钟，查阅人 {}", opening.person);
        self.keep_opening(leaf(context, &opening, touched, note), opening, still(&["stated"])).await
    }

    /// Refuses what somebody stated a ground for: from now on it is hidden again. The reason is told to who asked.
    ///
    /// # Errors
    /// As [`Data::approve_opening`]; [`Error::Invalid`] without a reason.
    pub async fn refuse_opening(
        &self,
        context: &OpContext,
        id: &Id,
        reason: &str,
    ) -> Result<Opening> {
        let reason = text("/reason", reason)?;
        let (opening, touched) = self.to_answer(context, id).await?;
        let opening = Opening {
            state: OpeningState::Refused,
            decided_by: Some(asker(context)?.id.clone()),
            decided_at: Some(context.now),
            answer: Some(reason),
            ended_at: Some(context.now),
            ..opening
        };
        let note = format!("不批准查阅，查阅人 {}", opening.person);
        self.keep_opening(leaf(context, &opening, touched, note), opening, still(&["stated"])).await
    }

    /// Ends an opening at once: by who asked for it, or by an approver who reaches its case.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none that the person may end; [`Error::Conflict`] where it has ended.
    pub async fn withdraw_opening(&self, context: &OpContext, id: &Id) -> Result<Opening> {
        let person = asker(context)?.id.clone();
        let opening = self.opening(id).await?;
        let touched = if opening.person == person {
            self.references(&opening).await?
        } else {
            self.allow(context, "approve-opening", Action::Open).await?;
            self.reached(context, &opening).await?
        };
        let opening =
            Opening { state: OpeningState::Withdrawn, ended_at: Some(context.now), ..opening };
        let note = format!("收回查阅，查阅人 {}", opening.person);
        let leaf = leaf(context, &opening, touched, note);
        self.keep_opening(leaf, opening, still(&["stated", "approved"])).await
    }

    /// An opening that waits for an answer, for somebody who may give one.
    async fn to_answer(&self, context: &OpContext, id: &Id) -> Result<(Opening, Vec<RecordRef>)> {
        self.allow(context, "approve-opening", Action::Open).await?;
        let opening = self.opening(id).await?;
        let touched = self.reached(context, &opening).await?;
        if asker(context)?.id == opening.person {
            let error = Error::Denied("不能批准本人提出的查阅申请；请由其他批准人办理".into());
            return Err(self.deny(context, Action::Open, error).await);
        }
        if opening.state != OpeningState::Stated || !opening.in_force(context.now) {
            return Err(Error::Conflict("该申请已经答复、收回或过期".into()));
        }
        Ok((opening, touched))
    }

    async fn opening(&self, id: &Id) -> Result<Opening> {
        let query = Query::new(row::SELECT).push(" WHERE o.id = ").bind(id).push(row::UNSEALED);
        let row = self.inner.db.read().await?.row(query).await?;
        let row = row.ok_or_else(|| Error::NotFound(format!("查阅申请 {id}")))?;
        row::read(&row)
    }

    /// What an opening is about, where its case is open and the approver's unit leads or shares it, or it lies where the
    /// approver works for the centre.
    async fn reached(&self, context: &OpContext, opening: &Opening) -> Result<Vec<RecordRef>> {
        let mut view = self.look(context, Action::Open).await?;
        let query = Query::new("SELECT 1 FROM record r WHERE r.open = 1 AND r.id = ");
        let query = view.permit().filter(query.bind(&opening.serves));
        if view.tx().await?.row(query).await?.is_none() {
            drop(view);
            let absent = Error::NotFound(format!("查阅申请 {}", opening.id));
            return Err(self.deny(context, Action::Open, absent).await);
        }
        drop(view);
        self.references(opening).await
    }

    /// The record and the case of an opening as they are, for its leaf; nothing where they are gone.
    async fn references(&self, opening: &Opening) -> Result<Vec<RecordRef>> {
        let ids = [&opening.record, &opening.serves];
        let query = Query::new("SELECT kind, id, version FROM record WHERE sealed = 0 AND id IN ")
            .list(ids);
        let rows = self.inner.db.read().await?.rows(query).await?;
        let read = |row: &Row| {
            let kind = Kind::from_name(&row.text(0)?)
                .ok_or_else(|| Error::Internal("a record of no kind".into()))?;
            Ok(RecordRef { kind, id: row.id(1)?, version: row.count(2)? })
        };
        rows.iter().map(read).collect()
    }

    /// Writes an opening as it is now, after a last look at what is there.
    async fn keep_opening<F>(&self, leaf: Leaf, opening: Opening, check: F) -> Result<Opening>
    where
        F: for<'t> FnOnce(&'t mut Tx, &'t Opening) -> Checking<'t> + Send + 'static,
    {
        let row = row::binds(&opening);
        let kept = opening.clone();
        self.inner
            .writer
            .keep(leaf, move |tx| {
                Box::pin(async move {
                    check(tx, &kept).await?;
                    put(tx, row).await?;
                    Ok(vec![kept::OPENING.entry(tx, kept.id.as_str()).await?])
                })
            })
            .await?;
        Ok(opening)
    }
}

type Checking<'t> = std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send + 't>>;

/// Inside the write: it still stands where it stood, whatever others did meanwhile.
fn still(
    states: &'static [&'static str],
) -> impl for<'t> FnOnce(&'t mut Tx, &'t Opening) -> Checking<'t> + Send + 'static {
    move |tx, opening| {
        Box::pin(async move {
            let query = Query::new("SELECT 1 FROM opening WHERE id = ").bind(&opening.id);
            let query = query.push(" AND state IN ").list(states.iter().copied());
            match tx.row(query).await? {
                Some(_) => Ok(()),
                None => Err(Error::Conflict("该申请已经答复、收回或结束".into())),
            }
        })
    }
}

async fn put(tx: &mut Tx, row: Vec<Bind>) -> Result<()> {
    tx.insert(row::INSERT, row::COUNT, vec![row], row::REPLACE).await
}

/// A person asks and answers; nothing else does.
fn asker(context: &OpContext) -> Result<&Person> {
    match &context.principal {
        Principal::Person(person) => Ok(person),
        Principal::Duty(_) | Principal::System { .. } => {
            Err(Error::Denied("查阅受保护信息须由具名人员提出和批准".into()))
        }
    }
}

fn touched(record: &Record, serves: &Record) -> Vec<RecordRef> {
    let mut touched = vec![record.reference()];
    if serves.head.id != record.head.id {
        touched.push(serves.reference());
    }
    touched
}

fn leaf(context: &OpContext, opening: &Opening, touched: Vec<RecordRef>, note: String) -> Leaf {
    Leaf {
        serves: Some(opening.serves.clone()),
        purpose: format!("{} {}", opening.purpose, opening.ground),
        touched,
        note,
        ..guard::leaf(context, Action::Open, Verdict::Allowed)
    }
}

fn text(at: &str, text: &str) -> Result<String> {
    let text = text.trim();
    match text.chars().count() {
        1..=LONGEST => Ok(text.to_owned()),
        0 => Err(Error::invalid(at, "空", format!("1 至 {LONGEST} 字的理由"))),
        length => {
            Err(Error::invalid(at, format!("{length} 字"), format!("不超过 {LONGEST} 字的理由")))
        }
    }
}

fn span(minutes: u32, policy: OpeningPolicy) -> Result<u32> {
    if (1..=policy.most).contains(&minutes) {
        return Ok(minutes);
    }
    let right = format!("1 至 {} 分钟（本地政策）", policy.most);
    Err(Error::invalid("/minutes", format!("{minutes} 分钟"), right))
}

#[cfg(test)]
mod tests;
