//! Retention runs by itself (个人信息保护法 art. 19, 47): what nobody needs any more is first restricted, then erased.
//!
//! **How a period is counted.** A case is kept until the longest period of its answers has passed since its last line, once
//! it is closed. A person is kept until the longest period of their own facets has passed since the last thing that happened
//! with them (their record's last line, or the last line of the last case that names them), and until every case that names
//! them has ended. Where nothing declares a period, nothing ends by itself: such a person is for a person to decide on.
//!
//! Holds win: see [`super::holds`]. Between the end and the erasure lies the centre's grace (local policy), in which the
//! data are restricted and the privacy officer can still object by lifting the restriction.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::Action;
use anshu_model::record::{Body, Record};
use anshu_model::retention::Period;
use anshu_model::schema::Schemas;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

use super::{holds, row};
use crate::Data;
use crate::commit::Facts;
use crate::db::{Query, Tx};
use crate::vault::RetentionPolicy;

/// What an erasure by retention rests on.
pub(crate) const ARTICLE: &str = "《个人信息保护法》第十九条、第四十七条";
/// Milliseconds of a day.
const DAY: i64 = 24 * 3600 * 1000;
/// Persons that are looked at in one go.
const PAGE: u64 = 200;

/// What a day's run does with somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndingStep {
    /// Processing stops.
    Restrict,
    /// The grace has not passed yet.
    Wait,
    /// The key is destroyed.
    Erase,
    /// The law, or somebody, keeps it.
    Hold,
}

impl EndingStep {
    /// Its name in interfaces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Restrict => "restrict",
            Self::Wait => "wait",
            Self::Erase => "erase",
            Self::Hold => "hold",
        }
    }

    /// What a person reads.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Restrict => "停止处理",
            Self::Wait => "宽限期内",
            Self::Erase => "销毁",
            Self::Hold => "依法留存",
        }
    }
}

/// Somebody whose last period has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Who.
    pub subject: Id,
    /// When the last period ended.
    pub ended_at: Instant,
    /// What is done, or would be.
    pub step: EndingStep,
    /// Why: how it was counted, or what keeps it.
    pub why: String,
}

/// A case that names somebody, and when it may go.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) id: Id,
    /// None: its answers declare no period.
    pub(super) ends: Option<Instant>,
    last: Instant,
}

fn longest(periods: &[Period], from: Instant, facts: &Facts) -> Option<Instant> {
    let offset = facts.calendar.get().offset();
    periods.iter().map(|period| period.ends(from, offset)).max()
}

/// The periods of a record's own schemas.
fn periods(record: &Record, schemas: &Schemas) -> Vec<Period> {
    let of = |digest: &str| schemas.get(digest).map(|schema| schema.periods()).unwrap_or_default();
    match &record.body {
        Body::Entity(entity) => {
            entity.facets.values().flat_map(|facet| of(&facet.schema)).collect()
        }
        Body::Case(case) => case.answers.iter().flat_map(|answer| of(&answer.schema)).collect(),
        Body::Risk(_) | Body::Duty(_) => Vec::new(),
    }
}

/// When something last happened with a record.
async fn last(tx: &mut Tx, id: &Id) -> Result<Instant> {
    let query = Query::new("SELECT MAX(at) FROM timeline WHERE about = ").bind(id);
    let at = tx.row(query).await?.map(|row| row.maybe_int(0)).transpose()?.flatten();
    Ok(Instant(at.unwrap_or(0)))
}

/// The closed cases that name somebody, or the case itself, each with the end of its own period.
pub(super) async fn cases(tx: &mut Tx, facts: &Facts, subject: &Id) -> Result<Vec<Case>> {
    let query = Query::new(
        "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version \
         WHERE r.kind = 'case' AND r.open = 0 AND r.sealed = 0 AND (r.id = ",
    );
    let query = query.bind(subject).push(
        " OR r.id IN (SELECT l.id FROM record_link l WHERE l.relation = 'party' AND l.target = ",
    );
    let rows = tx.rows(query.bind(subject).push(")) ORDER BY r.id")).await?;
    let schemas = facts.schemas.get();
    let mut cases = Vec::new();
    for record in facts.vault.records(tx, &rows, 0).await?.into_iter().flatten() {
        let last = last(tx, &record.head.id).await?;
        let ends = longest(&periods(&record, &schemas), last, facts);
        cases.push(Case { id: record.head.id, ends, last });
    }
    Ok(cases)
}

/// When the last period of a person has ended, and how that was counted. None: one runs, or nothing declares one.
async fn ended(
    tx: &mut Tx,
    facts: &Facts,
    person: &Record,
    now: Instant,
) -> Result<Option<(Instant, String)>> {
    let cases = cases(tx, facts, &person.head.id).await?;
    let mut since = last(tx, &person.head.id).await?.max(person.head.created_at);
    since = cases.iter().fold(since, |since, case| since.max(case.last));
    let own = longest(&periods(person, &facts.schemas.get()), since, facts);
    let of_cases = cases.iter().filter_map(|case| case.ends).max();
    let Some(ends) = own.max(of_cases) else { return Ok(None) };
    if ends > now {
        return Ok(None);
    }
    let offset = facts.calendar.get().offset();
    let why =
        format!("最近一次使用在 {}，最长的保存期限至 {}", since.date(offset), ends.date(offset));
    Ok(Some((ends, why)))
}

impl Data {
    /// Goes through persons whose periods may have ended, and restricts or erases; dry, it only says what it would do. `after`
    /// is where the run before stopped. Answers what was found, and where to go on; none: it is through.
    ///
    /// # Errors
    /// [`Error::Denied`] for anybody but the job; where the database does not answer.
    pub async fn end_retention(
        &self,
        context: &OpContext,
        policy: RetentionPolicy,
        after: &str,
        dry_run: bool,
    ) -> Result<(Vec<Ending>, Option<String>)> {
        self.allow(context, "end-retention", Action::Erase).await?;
        let (now, facts) = (context.now, self.facts());
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version \
             WHERE r.type_name = 'person' AND r.kind = 'entity' AND r.sealed = 0 AND r.id > ",
        );
        let query = query.bind(after).push(" ORDER BY r.id LIMIT ").bind(PAGE);
        let rows = tx.rows(query).await?;
        let next = match rows.last() {
            Some(last) if rows.len() as u64 == PAGE => Some(last.text(1)?),
            _ => None,
        };
        let mut endings = Vec::new();
        for person in facts.vault.records(&mut tx, &rows, 0).await?.into_iter().flatten() {
            let Some((ended_at, why)) = ended(&mut tx, &facts, &person, now).await? else {
                continue;
            };
            let subject = person.head.id;
            let kept = holds::of_subject(&mut tx, &facts, &subject, now).await?;
            let restriction = row::restriction(&mut tx, &subject).await?;
            let grace = i64::from(policy.grace_days).saturating_mul(DAY);
            let step = match restriction {
                _ if !kept.is_empty() => EndingStep::Hold,
                None => EndingStep::Restrict,
                Some(since) if since.asked_at.plus(grace) > now => EndingStep::Wait,
                Some(_) => EndingStep::Erase,
            };
            let why = if kept.is_empty() { why } else { kept.join("；") };
            endings.push(Ending { subject, ended_at, step, why });
        }
        drop(tx);
        if !dry_run {
            self.end(context, &endings).await?;
        }
        Ok((endings, next))
    }

    async fn end(&self, context: &OpContext, endings: &[Ending]) -> Result<()> {
        for (at, ending) in (0..).zip(endings) {
            let context = OpContext { id: Id::derived(&context.id, at), ..context.clone() };
            let done = match ending.step {
                EndingStep::Restrict => {
                    self.restrict(&context, &ending.subject, &ending.why, ARTICLE).await.map(|_| ())
                }
                EndingStep::Erase => {
                    self.erase(&context, &ending.subject, &ending.why, false).await.map(|_| ())
                }
                EndingStep::Wait | EndingStep::Hold => Ok(()),
            };
            match done {
                // Somebody was faster, or has opened a matter since: the next run looks again.
                Err(Error::Conflict(_) | Error::NotFound(_)) => {}
                done => done?,
            }
        }
        Ok(())
    }
}
