//! The records that the law asks for, as they are stored: every state of each, never overwritten, and the counts of a year.
//!
//! Nothing here deletes one: they stay at least as long as the law asks (个人信息保护法 art. 56: three years). What a record must
//! say is [`anshu_model::compliance`]'s; how the counts are shown, and which small ones are not, is the caller's.

use std::collections::BTreeMap;

use anshu_model::compliance::{IncidentStep, LawRecord};
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};

use crate::db::{Bind, Query, Row, Tx};
use crate::disclosure::officer;
use crate::log::note::hex;
use crate::log::{kept, store};
use crate::org::json;
use crate::{Data, guard};

/// Records of a kind that one answer holds: the latest.
const MOST: i64 = 500;
/// Leaves that are counted at a time.
const STRIDE: u64 = 1000;

/// A record as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawEntry {
    /// The record.
    pub id: Id,
    /// How many states it had.
    pub number: i64,
    /// What it says.
    pub record: LawRecord,
    /// Who wrote this state, by id.
    pub by: Id,
    /// When this state was written.
    pub at: Instant,
    /// When the record was first written.
    pub first_at: Instant,
}

/// What the log and the kept tables say of a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct YearCounts {
    /// How many leaves the log had when it was counted, and the root over them in hex.
    pub log_size: u64,
    /// See above.
    pub log_root: String,
    /// The first leaf of the span, and the one after its last.
    pub leaves: (u64, u64),
    /// Touches by what was done and how it ended.
    pub touches: BTreeMap<(&'static str, &'static str), u64>,
    /// Requests by right and by where they stand.
    pub requests: BTreeMap<(String, String), u64>,
    /// Deferrals by where they stand.
    pub deferrals: BTreeMap<String, u64>,
    /// Records of the law by kind.
    pub records: BTreeMap<String, u64>,
    /// Of them, incidents with a late report.
    pub late_incidents: u64,
    /// Audits about children of that year.
    pub child_audits: u64,
}

/// A record out of the columns of [`COLUMNS`].
fn read(row: &Row) -> Result<LawEntry> {
    Ok(LawEntry {
        id: row.id(0)?,
        number: row.int(1)?,
        record: row.json(2)?,
        by: row.id(3)?,
        at: row.instant(4)?,
        first_at: row.instant(5)?,
    })
}

/// The present state of each record.
const COLUMNS: &str = "SELECT r.id, r.number, r.body, r.person, r.at, f.at FROM law_record r JOIN law_record f ON f.id = r.id \
                       AND f.number = 1 WHERE r.number = (SELECT MAX(l.number) FROM law_record l WHERE l.id = r.id)";

impl Data {
    /// Keeps a record.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Invalid`] where something is missing that the law asks for.
    pub async fn keep_record(&self, context: &OpContext, record: &LawRecord) -> Result<LawEntry> {
        self.allow(context, "keep-law-records", Action::Record).await?;
        record.check()?;
        self.write_record(context, Id::derived(&context.id, 0), 1, record).await
    }

    /// An incident's next step.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`]; as [`anshu_model::compliance::Incident::after`].
    pub async fn incident_step(
        &self,
        context: &OpContext,
        id: &Id,
        step: IncidentStep,
    ) -> Result<LawEntry> {
        self.allow(context, "keep-law-records", Action::Record).await?;
        let absent = || Error::NotFound(format!("安全事件 {id}"));
        let query = Query::new(COLUMNS).push(" AND r.id = ").bind(id);
        let row = self.inner.db.read().await?.row(query).await?;
        let entry = row.as_ref().map(read).transpose()?.ok_or_else(absent)?;
        let LawRecord::Incident(incident) = entry.record else { return Err(absent()) };
        let next = LawRecord::Incident(incident.after(step, context.now)?);
        self.write_record(context, id.clone(), entry.number + 1, &next).await
    }

    async fn write_record(
        &self,
        context: &OpContext,
        id: Id,
        number: i64,
        record: &LawRecord,
    ) -> Result<LawEntry> {
        let what = format!("{} {id}", record.title());
        let leaf =
            self.administration(context, "keep-law-records", Action::Record, &what, record).await?;
        let by = officer(context)?;
        let row: Vec<Bind> = vec![
            (&id).into(),
            number.into(),
            record.kind().into(),
            json(record)?.into(),
            (&by).into(),
            context.now.into(),
        ];
        let key = id.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let last = Query::new("SELECT MAX(number) FROM law_record WHERE id = ").bind(&key);
                let last = tx.row(last).await?.map(|row| row.maybe_int(0)).transpose()?.flatten();
                if last.unwrap_or(0) + 1 != number {
                    return Err(Error::Conflict("该记录刚刚由他人更新；请刷新后再办理".into()));
                }
                let into = "INSERT INTO law_record (id, number, kind, body, person, at)";
                tx.insert(into, 6, vec![row], "").await?;
                Ok(vec![kept::LAW_RECORD.entry(tx, &format!("{key}/{number}")).await?])
            })
        });
        work.await?;
        let query = Query::new(COLUMNS).push(" AND r.id = ").bind(&id);
        let row = self.inner.db.read().await?.row(query).await?;
        row.as_ref()
            .map(read)
            .transpose()?
            .ok_or_else(|| Error::Internal(format!("law record {id}")))
    }

    /// The records of a kind as they are now, newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn law_records(&self, context: &OpContext, kind: &str) -> Result<Vec<LawEntry>> {
        self.allow(context, "read-law-records", Action::Record).await?;
        let query = Query::new(COLUMNS).push(" AND r.kind = ").bind(kind);
        let query = query.push(" ORDER BY f.at DESC, r.id LIMIT ").bind(MOST);
        let entries = self
            .inner
            .db
            .read()
            .await?
            .rows(query)
            .await?
            .iter()
            .map(read)
            .collect::<Result<_>>()?;
        let mut leaf = guard::leaf(context, Action::Record, Verdict::Allowed);
        leaf.note = "查看合规登记".into();
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(entries)
    }

    /// The assessment that says that a pack version may process what it asks for, by the SHA-256 of its component in hex.
    /// None: there is none, or the last one says that it may not.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn assessment_of(&self, digest: &str) -> Result<Option<Id>> {
        let query = Query::new(COLUMNS).push(" AND r.kind = 'assessment' ORDER BY r.at DESC, r.id");
        for row in self.inner.db.read().await?.rows(query).await? {
            let entry = read(&row)?;
            if let LawRecord::Assessment(assessment) = entry.record
                && assessment
                    .digest
                    .as_deref()
                    .is_some_and(|known| known.eq_ignore_ascii_case(digest))
            {
                return Ok(assessment.acceptable.then_some(entry.id));
            }
        }
        Ok(None)
    }

    /// What the log and the kept tables say of the time from one instant up to another. That it was counted is in the log.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn year_counts(
        &self,
        context: &OpContext,
        year: i16,
        from: Instant,
        to: Instant,
    ) -> Result<YearCounts> {
        self.allow(context, "read-law-records", Action::Record).await?;
        let mut tx = self.inner.db.read().await?;
        let head = store::head(&mut tx).await?;
        let size = head.frontier.size();
        let leaves = (first_at(&mut tx, size, from).await?, first_at(&mut tx, size, to).await?);
        let mut counts = YearCounts {
            log_size: size,
            log_root: hex(&head.frontier.root()),
            leaves,
            ..YearCounts::default()
        };
        let mut at = leaves.0;
        while at < leaves.1 {
            for (_, leaf) in store::leaves(&mut tx, at, STRIDE.min(leaves.1 - at)).await? {
                let touch = counts.touches.entry((name(&leaf), verdict(&leaf))).or_insert(0);
                *touch += 1;
            }
            at += STRIDE;
        }
        let between = |query: &'static str, by: &'static str| {
            Query::new(query).bind(from).push(" AND ").push(by).push(" < ").bind(to)
        };
        let query = between(
            "SELECT kind, state, COUNT(*) FROM person_request WHERE filed_at >= ",
            "filed_at",
        );
        for row in tx.rows(query.push(" GROUP BY kind, state")).await? {
            counts.requests.insert((row.text(0)?, row.text(1)?), row.count(2)?);
        }
        let query = between(
            "SELECT state, COUNT(*) FROM disclosure_deferral WHERE asked_at >= ",
            "asked_at",
        );
        for row in tx.rows(query.push(" GROUP BY state")).await? {
            counts.deferrals.insert(row.text(0)?, row.count(1)?);
        }
        for row in tx.rows(Query::new(COLUMNS)).await? {
            let entry = read(&row)?;
            if let LawRecord::Audit(audit) = &entry.record {
                counts.child_audits += u64::from(audit.children && audit.year == year);
            }
            if entry.first_at < from || entry.first_at >= to {
                continue;
            }
            *counts.records.entry(entry.record.kind().to_owned()).or_insert(0) += 1;
            if let LawRecord::Incident(incident) = &entry.record {
                counts.late_incidents += u64::from(incident.is_late(context.now));
            }
        }
        drop(tx);
        let mut leaf = guard::leaf(context, Action::Record, Verdict::Allowed);
        leaf.note = format!("生成 {year} 年年度报告");
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(counts)
    }
}

/// The position of the first leaf that is not before an instant. Times in the log never go back, so it is found by halving.
async fn first_at(tx: &mut Tx, size: u64, instant: Instant) -> Result<u64> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        let found = store::leaves(tx, middle, 1).await?;
        match found.first() {
            Some((_, leaf)) if leaf.at < instant => low = middle + 1,
            Some(_) => high = middle,
            None => return Err(Error::Internal(format!("leaf {middle} of {size} is missing"))),
        }
    }
    Ok(low)
}

/// What was done, as JSON names it.
fn name(leaf: &Leaf) -> &'static str {
    match leaf.action {
        Action::SignIn => "sign_in",
        Action::SignOut => "sign_out",
        Action::Read => "read",
        Action::Write => "write",
        Action::Decide => "decide",
        Action::Fault => "fault",
        Action::Import => "import",
        Action::Pack => "pack",
        Action::Grant => "grant",
        Action::Replay => "replay",
        Action::Configure => "configure",
        Action::Audit => "audit",
        Action::Open => "open",
        Action::Seal => "seal",
        Action::Relabel => "relabel",
        Action::Erase => "erase",
        Action::Share => "share",
        Action::Export => "export",
        Action::Emergency => "emergency",
        Action::Disclose => "disclose",
        Action::Record => "record",
    }
}

fn verdict(leaf: &Leaf) -> &'static str {
    match leaf.verdict {
        Verdict::Allowed => "allowed",
        Verdict::Denied => "denied",
        Verdict::Failed => "failed",
    }
}
