//! Bulk export (批量导出): asked for, rehearsed, approved where it is large and personal, produced once through the asker's own
//! scope, and taken once.
//!
//! What leaves has its receipt in the log: how many rows, which columns, the SHA-256 of the file, the ticket, who agreed.
//! Exports of one person for one purpose add up over a day, with what the same person looked at in lists: an export that is
//! split into small ones is as large as the whole. It must not know files' formats, units' names or what packs are called.
//!
//! Regulation art. 44 (使用、传输); rules of the centre: `domain/rules.md` 3.8 rule 4. Numbers are local policy.

mod column;
mod mark;
mod produce;
mod rehearse;
mod row;
mod sealed;

use std::path::Path;
use std::sync::Arc;

use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

pub use column::Column;
pub use mark::Watermarked;
pub use produce::{Drawn, Suspect};
pub use rehearse::Estimate;

use crate::db::Query;
use crate::keys;
use crate::log::kept;
use crate::prf::Prf;
use crate::records::List;
use crate::{Data, Shared, guard};
use row::{SELECT, export, write};

/// Exports that are listed: the latest.
const MOST: u32 = 200;
/// Personal data begins here: from here on a case, task or share must be named, and large exports need a second person.
const PERSONAL: Level = Level::L3;

/// How much may leave in which way. Local policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportPolicy {
    /// Rows of one export.
    pub most_rows: u32,
    /// Rows of L3 or above, of one person for one purpose in a day, up to which nobody else is asked.
    pub alone: u32,
    /// From so many people on a set of L3 is handled as L4 (点面结合).
    pub raise_at: u32,
    /// Hours after which a file that nobody took is gone.
    pub keep_hours: u32,
}

impl Default for ExportPolicy {
    fn default() -> Self {
        Self { most_rows: 50_000, alone: 20, raise_at: 1_000, keep_hours: 24 }
    }
}

/// What exports are marked and kept with.
#[derive(Debug)]
pub(crate) struct Keeper {
    marks: Prf,
    seal: sealed::Seal,
    policy: Shared<ExportPolicy>,
}

impl Keeper {
    /// With the centre's keys.
    pub(crate) fn new(keys: &Path) -> Result<Self> {
        Ok(Self {
            marks: Prf::new(keys::apart(keys, "watermark")?.as_slice())?,
            seal: sealed::Seal::new(keys::apart(keys, "export")?.as_slice())?,
            policy: Shared::new(ExportPolicy::default()),
        })
    }
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated text.
    Csv,
    /// JSON.
    Json,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportAsk {
    /// Which records. Its page is not used.
    pub list: List,
    /// Which columns; the records' ids come first, asked for or not.
    pub columns: Vec<Column>,
    /// In which form.
    pub format: Format,
    /// Why: purpose, ground, and the case, task or share.
    pub purpose: Purpose,
    /// For what, in the asker's words. It decides nothing.
    pub reason: String,
}

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// Waits for the one who approves.
    Asked,
    /// Waits to be produced.
    Approved,
    /// Was refused.
    Refused,
    /// Can be taken, once.
    Ready,
    /// Was taken.
    Taken,
    /// Nobody took it in time.
    Expired,
    /// Could not be produced.
    Failed,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The export.
    pub id: Id,
    /// Who asked.
    pub person: Id,
    /// In which unit.
    pub unit: Id,
    /// For what.
    pub ask: ExportAsk,
    /// Where it stands.
    pub state: ExportState,
    /// The highest level of what was asked, with the rule for sets.
    pub level: Level,
    /// Rows when it was asked.
    pub estimate: u64,
    /// Whether a second person had to agree.
    pub needs_approval: bool,
    /// Who agreed or refused.
    pub decided_by: Option<Id>,
    /// In the words of who decided; or why it failed.
    pub answer: String,
    /// When it was asked.
    pub asked_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Rows that it holds.
    pub rows: u64,
    /// Rows among them that are nobody's.
    pub nobody: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// When it was produced.
    pub ready_at: Option<Instant>,
    /// When it was taken.
    pub taken_at: Option<Instant>,
}

impl Export {
    /// What people call it, on the file and in the log.
    #[must_use]
    pub fn ticket(&self) -> String {
        ticket(&self.id)
    }
}

fn ticket(id: &Id) -> String {
    let short: String = id.as_str().chars().take(12).collect();
    format!("EX-{}", short.to_uppercase())
}

impl Data {
    /// How much may be exported from now on. Local policy.
    pub fn use_export_policy(&self, policy: ExportPolicy) {
        self.inner.exports.policy.set(Arc::new(policy));
    }

    /// Asks for an export. Where nobody else must agree, it is produced next.
    ///
    /// # Errors
    /// As [`Data::rehearse_export`]; [`Error::Denied`] with what stands against it.
    pub async fn ask_export(&self, context: &OpContext, ask: &ExportAsk) -> Result<Export> {
        let (estimate, ids) = self.estimate(context, ask).await?;
        if !estimate.against.is_empty() {
            let error = Error::Denied(estimate.against.join("；"));
            return Err(self.deny(context, Action::Export, error).await);
        }
        let Principal::Person(person) = &context.principal else {
            return Err(Error::Denied("批量导出由具体的人申请".into()));
        };
        let columns = estimate.columns.into_iter().map(|(column, ..)| column);
        let mut export = Export {
            id: context.id.clone(),
            person: person.id.clone(),
            unit: person.unit.clone(),
            ask: ExportAsk { columns: with_id(columns), ..ask.clone() },
            state: if estimate.needs_approval { ExportState::Asked } else { ExportState::Approved },
            level: estimate.handled_as,
            estimate: estimate.rows,
            needs_approval: estimate.needs_approval,
            decided_by: None,
            answer: String::new(),
            asked_at: context.now,
            decided_at: None,
            rows: 0,
            nobody: 0,
            sha256: String::new(),
            ready_at: None,
            taken_at: None,
        };
        if estimate.level >= PERSONAL {
            // With what was asked, not with what was taken: ten small ones that wait together are one large one.
            let context = OpContext { purpose: ask.purpose.clone(), ..context.clone() };
            let who = adds_up(&context);
            self.note_exported(&context, &who, &ids);
            // Of several that were estimated at once each noted its own before it looks again: the last one sees all.
            let alone = u64::from(self.inner.exports.policy.get().alone);
            if self.exported_with(&context, &who, &ids) > alone {
                export.needs_approval = true;
                export.state = ExportState::Asked;
            }
        }
        let note = format!(
            "申请批量导出 {}：{} 条，{:?} 级，{}",
            export.ticket(),
            export.estimate,
            export.level,
            if export.needs_approval { "须另一岗位批准" } else { "无须另行批准" }
        );
        self.keep_export(context, note, &export, None).await?;
        Ok(export)
    }

    /// Agrees to an export that somebody else asked for, or refuses it.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not approve, or asked for it; [`Error::NotFound`] where it is not theirs to
    /// see; [`Error::Conflict`] where it does not wait; [`Error::Invalid`] where a refusal has no reason.
    pub async fn decide_export(
        &self,
        context: &OpContext,
        id: &Id,
        agrees: bool,
        reason: &str,
    ) -> Result<Export> {
        self.allow(context, "approve-export", Action::Export).await?;
        let mut export = self.found(context, id).await?;
        let Principal::Person(person) = &context.principal else {
            return Err(Error::Denied("批量导出由具体的人批准".into()));
        };
        if person.id == export.person {
            let error = Error::Denied("不能批准自己申请的批量导出".into());
            return Err(self.deny(context, Action::Export, error).await);
        }
        if export.state != ExportState::Asked {
            return Err(Error::Conflict(format!("{} 已经办结，不再等待批准", export.ticket())));
        }
        if !agrees && reason.trim().is_empty() {
            return Err(Error::invalid("/reason", "缺失", "不批准的理由"));
        }
        export.state = if agrees { ExportState::Approved } else { ExportState::Refused };
        export.decided_by = Some(person.id.clone());
        export.decided_at = Some(context.now);
        reason.trim().clone_into(&mut export.answer);
        let word = if agrees { "批准" } else { "不批准" };
        let note = format!("{word}批量导出 {}", export.ticket());
        self.keep_export(context, note, &export, Some(ExportState::Asked)).await?;
        Ok(export)
    }

    /// Exports that concern the actor, the latest first: their own; and where they approve or audit, those of others in
    /// their division.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor has nothing to do with exports.
    pub async fn exports(&self, context: &OpContext) -> Result<Vec<Export>> {
        let query = self.concerning(context).await?;
        let query = query.push(" ORDER BY e.asked_at DESC, e.id LIMIT ").bind(MOST);
        self.inner.db.read().await?.rows(query).await?.iter().map(export).collect()
    }

    /// The query for the exports that concern the actor.
    async fn concerning(&self, context: &OpContext) -> Result<Query> {
        let sees = self.sees_others(context);
        if !sees {
            self.allow(context, "ask-export", Action::Export).await?;
        }
        let query = Query::new(SELECT);
        Ok(match (&context.principal, sees) {
            (Principal::Person(person), true) => {
                let (first, last) = person.division.subtree();
                let query = query.push(" LEFT JOIN unit u ON u.id = e.unit WHERE (e.person = ");
                let query = query.bind(&person.id).push(" OR u.division BETWEEN ");
                query.bind(first).push(" AND ").bind(last).push(")")
            }
            (Principal::Person(person), false) => query.push(" WHERE e.person = ").bind(&person.id),
            (Principal::Duty(_) | Principal::System { .. }, _) => query.push(" WHERE 1 = 1"),
        })
    }

    /// One export that concerns the actor.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none, or none that concerns them.
    pub async fn export(&self, context: &OpContext, id: &Id) -> Result<Export> {
        self.found(context, id).await
    }

    /// Those who approve and those who audit see what others asked for.
    fn sees_others(&self, context: &OpContext) -> bool {
        let guard = &self.inner.guard;
        ["approve-export", "read-audit", "identify-export"]
            .into_iter()
            .any(|verb| guard.allows(context, verb).is_ok())
    }

    async fn found(&self, context: &OpContext, id: &Id) -> Result<Export> {
        let query = self.concerning(context).await?.push(" AND e.id = ").bind(id);
        let row = self.inner.db.read().await?.row(query).await?;
        row.as_ref()
            .map(export)
            .transpose()?
            .ok_or_else(|| Error::NotFound(format!("批量导出 {id}")))
    }

    /// Writes the state of an export with its leaf; `from` is the state that it must still be in.
    async fn keep_export(
        &self,
        context: &OpContext,
        note: String,
        export: &Export,
        from: Option<ExportState>,
    ) -> Result<()> {
        let leaf = Leaf { note, ..receipt(context, export, Verdict::Allowed) };
        let (row, id) = (write(export)?, export.id.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                row::move_on(tx, &id, from, row, None).await?;
                Ok(vec![kept::EXPORT.entry(tx, id.as_str()).await?])
            })
        });
        work.await
    }

    /// Notes what was shown clear on the account that exports add up on.
    pub(crate) fn note_shown(&self, context: &OpContext, shown: &[Id]) {
        if shown.is_empty() || context.pack.is_some() {
            return;
        }
        let shown: Vec<String> = shown.iter().map(Id::to_string).collect();
        self.note_exported(context, &adds_up(context), &shown);
    }
}

/// The leaf about an export: what it serves, and which file it is.
fn receipt(context: &OpContext, export: &Export, verdict: Verdict) -> Leaf {
    let mut leaf = guard::leaf(context, Action::Export, verdict);
    leaf.serves = export.ask.purpose.serves.clone();
    leaf.digest.clone_from(&export.sha256);
    leaf
}

/// The account on which exports of a person for a purpose add up.
fn adds_up(context: &OpContext) -> String {
    let who = guard::leaf(context, Action::Export, Verdict::Allowed).actor;
    format!("{who}|export|{}", context.purpose.code)
}

/// The ids first, then what was asked, each once.
fn with_id(columns: impl IntoIterator<Item = Column>) -> Vec<Column> {
    let mut all = vec![Column::Id];
    for column in columns {
        if !all.contains(&column) {
            all.push(column);
        }
    }
    all
}
