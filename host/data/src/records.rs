//! What people read and do with records without a pack. Every read has its leaf in the log before a byte leaves.

mod decisions;
mod list;

use anshu_model::context::OpContext;
use anshu_model::effect::Effect;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Kind, Record, RecordRef};
use anshu_model::scope::Showing;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use decisions::DecisionHead;
pub(crate) use list::refused;
pub use list::{List, Listed, Page};

use crate::Data;
use crate::commit::{Unit, Work};
use crate::db::Query;
use crate::guard::{self, Permit, Reach, unsealed};
use crate::snapshot::View;
use crate::vault::envelope::Place;

/// Lines of one timeline that are shown: the latest.
const LINES: i64 = 500;
/// What stands where a line is hidden.
const HIDDEN: &str = "（按分级保护不显示）";
/// What stands where the key of a line was destroyed.
pub(crate) const ERASED: &str = "（已依法销毁）";
/// How long a risk counts as new, in milliseconds.
const NEW: i64 = 7 * 24 * 3600 * 1000;

/// A line in a record's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineLine {
    /// When.
    pub at: Instant,
    /// Who, by name.
    pub by: String,
    /// The pack that acted for them.
    pub pack: Option<String>,
    /// What happened.
    pub text: String,
    /// Whether the host wrote it, because of a step; otherwise a person or a pack did.
    pub host: bool,
    /// The operation; where a pack acted, its decision.
    pub operation: Id,
}

/// What waits in a scope, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Cases that somebody still has work with.
    pub open_cases: u64,
    /// Open records whose clock has run out.
    pub overdue: u64,
    /// Open records whose clock runs out within the next 24 hours.
    pub due_today: u64,
    /// Risks of the last seven days that are not closed.
    pub new_risks: u64,
}

impl Data {
    /// One record, as the scope shows it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is absent or hidden; the caller cannot tell which, the log can.
    pub async fn record(&self, context: &OpContext, id: &Id) -> Result<Record> {
        let mut view = self.look(context, Action::Read).await?;
        let record = self.visible(&mut view, id).await?;
        view.charge().await?;
        drop(view);
        self.touched(context, &[record.reference()], "").await?;
        Ok(record)
    }

    /// What happened to a record, oldest first. Its classification applies to what people and packs wrote.
    ///
    /// # Errors
    /// As [`Data::record`].
    pub async fn timeline(&self, context: &OpContext, id: &Id) -> Result<Vec<TimelineLine>> {
        let mut view = self.look(context, Action::Read).await?;
        let record = self.visible(&mut view, id).await?;
        let showing = view.sees(id);
        let query = Query::new(
            "SELECT t.at, t.by, t.pack, t.text, t.host, t.operation, t.ordinal FROM timeline t WHERE t.about = ",
        )
        .bind(id)
        .push(unsealed!("t.leaf"))
        .push(" ORDER BY t.leaf DESC, t.ordinal DESC LIMIT ")
        .bind(LINES);
        let mut lines = Vec::new();
        let tx = view.tx().await?;
        let rows = tx.rows(query).await?;
        let texts = rows.iter().map(|row| row.text(3)).collect::<Result<Vec<_>>>()?;
        let keys = self.inner.vault.keys(tx, texts.iter().map(String::as_str)).await?;
        for (row, stored) in rows.iter().zip(&texts) {
            let host = row.int(4)? == 1;
            let text = match showing {
                Showing::Clear => {
                    let operation = row.text(5)?;
                    let place = Place::line(&operation, row.count(6)?);
                    match keys.open(place, stored)? {
                        Some(text) => text.as_str().to_owned(),
                        None => ERASED.to_owned(),
                    }
                }
                Showing::Masked | Showing::Hidden if host => row.text(3)?,
                Showing::Masked => HIDDEN.to_owned(),
                Showing::Hidden => continue,
            };
            lines.push(TimelineLine {
                at: row.instant(0)?,
                by: row.text(1)?,
                pack: row.maybe_text(2)?,
                text,
                host,
                operation: row.id(5)?,
            });
        }
        lines.reverse();
        view.charge().await?;
        drop(view);
        self.touched(context, &[record.reference()], "办理记录").await?;
        Ok(lines)
    }

    /// A person's own action on records, without a pack: all of its effects with their leaf, or nothing.
    ///
    /// # Errors
    /// [`Error::Denied`] and [`Error::NotFound`] as the scope has it, [`Error::Conflict`] where a record has moved on or
    /// its state does not allow the step.
    pub async fn act(&self, context: &OpContext, effects: Vec<Effect>, note: &str) -> Result<()> {
        let permit = self.permit(context, Action::Write).await?;
        if context.pack.is_some() {
            let error = Error::Denied("插件须通过决定办理，不能直接改动记录".into());
            return Err(self.deny(context, Action::Write, error).await);
        }
        let unit = Unit { permit, work: Work::Act { effects, note: note.to_owned() } };
        match self.inner.writer.commit(unit).await {
            Err(error @ (Error::Denied(_) | Error::NotFound(_))) => {
                Err(self.deny(context, Action::Write, error).await)
            }
            done => done,
        }
    }

    /// What waits in the scope.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor has no scope.
    pub async fn figures(&self, context: &OpContext) -> Result<Figures> {
        let mut view = self.look(context, Action::Read).await?;
        let now = context.now.milliseconds();
        let day = 24 * 3600 * 1000;
        let query = Query::new(
            "SELECT COUNT(CASE WHEN r.kind = 'case' THEN 1 END), COUNT(CASE WHEN r.next_due < ",
        )
        .bind(now)
        .push(" THEN 1 END), COUNT(CASE WHEN r.next_due >= ")
        .bind(now)
        .push(" AND r.next_due < ")
        .bind(now.saturating_add(day))
        .push(" THEN 1 END), COUNT(CASE WHEN r.kind = 'risk' AND r.created_at >= ")
        .bind(now.saturating_sub(NEW))
        .push(" THEN 1 END) FROM (");
        let query = open(query, view.permit()).push(") r");
        let row = view.tx().await?.row(query).await?;
        let row = row.ok_or_else(|| Error::Internal("figures: no row".into()))?;
        let figures = Figures {
            open_cases: row.count(0)?,
            overdue: row.count(1)?,
            due_today: row.count(2)?,
            new_risks: row.count(3)?,
        };
        drop(view);
        self.touched(context, &[], "首页统计").await?;
        Ok(figures)
    }

    /// A record that the scope shows, or [`Error::NotFound`], with the refusal in the log.
    pub(crate) async fn visible(&self, view: &mut View, id: &Id) -> Result<Record> {
        if let Some(record) = view.one(id).await? {
            return Ok(record);
        }
        let hidden = view.hides(id).await?;
        let context = view.permit().context();
        let verdict = if hidden { Verdict::Denied } else { Verdict::Failed };
        let mut leaf = guard::leaf(context, Action::Read, verdict);
        leaf.note = if hidden { "超出权限范围" } else { "没有该记录" }.to_owned();
        self.inner.writer.leaves(vec![leaf]).await?;
        Err(Error::NotFound(format!("记录 {id}")))
    }

    /// Puts a read into the log, and returns when it is there.
    pub(crate) async fn touched(
        &self,
        context: &OpContext,
        records: &[RecordRef],
        note: &str,
    ) -> Result<()> {
        self.leaf_with_charges(read_leaf(context, records, note)?).await?;
        self.spend_emergency(context, records.len()).await
    }
}

/// Adds the query for the open records in scope, each once: by place, then what a unit leads elsewhere, then what it
/// shares beside that. Each part has an index that holds open records alone.
fn open(query: Query, permit: &Permit) -> Query {
    let start = |query: Query, from: &'static str| {
        query
            .push("SELECT r.kind, r.next_due, r.created_at FROM ")
            .push(from)
            .push(" AND r.open = 1")
    };
    let mut query = permit.limits(start(query, "record r WHERE 1 = 0"));
    let reaches = permit.reaches();
    for (at, reach) in reaches.iter().enumerate() {
        query = query.push(" UNION ALL ");
        query = match reach {
            Reach::Subtree(_) | Reach::Leads(_) => start(query, "record r WHERE 1 = 1"),
            Reach::Shares(_) => start(query, "record_unit j CROSS JOIN record r WHERE r.id = j.id"),
        };
        query = permit.limits(reached(query.push(" AND "), reach, true));
        for earlier in reaches.iter().take(at) {
            query = reached(query.push(" AND NOT "), earlier, false);
        }
    }
    query
}

/// Adds the condition that one way of reaching rows reaches `r`; `own` where the query is over that way's table.
fn reached(query: Query, reach: &Reach, own: bool) -> Query {
    match reach {
        Reach::Subtree(division) => {
            let (first, last) = division.subtree();
            query.push("(r.division BETWEEN ").bind(first).push(" AND ").bind(last).push(")")
        }
        Reach::Leads(unit) => query.push("(r.unit = ").bind(unit).push(")"),
        Reach::Shares(unit) if own => query.push("(j.unit = ").bind(unit).push(")"),
        Reach::Shares(unit) => query
            .push("EXISTS (SELECT 1 FROM record_unit k WHERE k.id = r.id AND k.unit = ")
            .bind(unit)
            .push(")"),
    }
}

/// The leaf of a read.
pub(crate) fn read_leaf(context: &OpContext, records: &[RecordRef], note: &str) -> Result<Leaf> {
    let mut leaf = guard::leaf(context, Action::Read, Verdict::Allowed);
    touch(&mut leaf, records)?;
    note.clone_into(&mut leaf.note);
    Ok(leaf)
}

/// Says in a leaf which records were touched: it names the first of them, and of long lists holds the digest over all. Whom
/// all of them are about is in the persons' index.
pub(crate) fn touch(leaf: &mut Leaf, records: &[RecordRef]) -> Result<()> {
    leaf.touched = records.iter().take(Leaf::NAMED).cloned().collect();
    leaf.beyond = records.iter().skip(Leaf::NAMED).cloned().collect();
    if !leaf.beyond.is_empty() {
        let all = serde_json::to_vec(records)
            .map_err(|error| Error::Internal(format!("references: {error}")))?;
        leaf.digest = Sha256::digest(all).iter().map(|byte| format!("{byte:02x}")).collect();
    }
    Ok(())
}

/// Whether a scope may read a type of matters or risks.
fn readable(permit: &Permit, kind: Kind, type_name: &str) -> bool {
    !matches!(kind, Kind::Case | Kind::Risk) || permit.scope().types_read.has(type_name)
}
