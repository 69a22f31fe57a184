//! Producing an export, page by page through the asker's own scope; handing it over once; and naming whose copy leaked.

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Id, Result};
use sha2::{Digest as _, Sha256};

use super::mark::{self, Match, Watermarked};
use super::row::{self, SELECT, export, write};
use super::sealed;
use super::{Export, ExportState, receipt};
use crate::Data;
use crate::db::{Query, Tx};
use crate::log::kept;
use crate::log::note::hex;
use crate::records::{List, Listed, refused};

/// Records of one page: all of them stand in the page's leaf.
const PAGE: u32 = 200;
/// Exports that are looked at when a leaked part is to be named: the latest.
const COMPARED: u32 = 10_000;
/// Why a file that waited is not handed over.
const RECALLED: &str = "所含记录已封存、停止处理或销毁，文件已删除；需要时请重新申请";

/// A page of an export.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The records, as the asker's scope shows them.
    pub records: Vec<Listed>,
    /// Where the next page begins; none on the last one.
    pub next: Option<Id>,
}

/// An export that a leaked part speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The export, with who took it.
    pub export: Export,
    /// Rows of the part that stood in it.
    pub rows: u64,
    /// Rows among them that are nobody's: they stood in no other copy.
    pub nobody: u64,
    /// Neighbouring rows that are in this copy's order, of how many.
    pub ordered: u64,
    /// See above.
    pub pairs: u64,
    /// Whether that names the recipient.
    pub sure: bool,
}

impl Data {
    /// Exports that wait to be produced, the oldest first. For the host's own job.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn exports_to_produce(&self) -> Result<Vec<Export>> {
        let query = Query::new(SELECT)
            .push(" WHERE e.state = 'approved' ORDER BY e.asked_at, e.id LIMIT 8");
        self.inner.db.read().await?.rows(query).await?.iter().map(export).collect()
    }

    /// The next page of an export that was agreed to, through the scope that the asker has now. Every record of it is in the
    /// page's leaf; personal data that is shown clear is charged.
    ///
    /// # Errors
    /// [`Error::Denied`] where the asker may not any more, or has reached a limit.
    pub async fn draw_export(
        &self,
        context: &OpContext,
        export: &Export,
        after: Option<Id>,
    ) -> Result<Drawn> {
        self.allow(context, "ask-export", Action::Export).await?;
        if !is_own(context, export) || export.state != ExportState::Approved {
            let error = Error::Denied("批量导出只以申请人的权限生成".into());
            return Err(self.deny(context, Action::Export, error).await);
        }
        let mut view = self.look(context, Action::Export).await?;
        let list = List { after, limit: PAGE, ..export.ask.list.clone() };
        if let Some(error) = refused(view.permit(), view.schemas(), &list) {
            return Err(self.deny(context, Action::Export, error).await);
        }
        let page = self.page(&mut view, &list).await?;
        view.charge().await?;
        drop(view);
        let touched = page.records.iter().map(|listed| listed.record.reference()).collect();
        let note = format!("批量导出 {} 读取一页", export.ticket());
        let leaf = Leaf { touched, note, ..receipt(context, export, Verdict::Allowed) };
        self.leaf_with_charges(leaf).await?;
        Ok(Drawn { records: page.records, next: page.next })
    }

    /// Marks the rows of an export: the first column is the records' ids.
    ///
    /// # Errors
    /// [`Error::Internal`] where the key is none.
    pub fn watermark(&self, export: &Export, rows: Vec<Vec<String>>) -> Result<Watermarked> {
        mark::mark(&self.inner.exports.marks, &export.ticket(), &export.ask.columns, rows)
    }

    /// Keeps a file that was produced until it is taken, with its receipt in the log.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it does not wait to be produced any more.
    pub async fn keep_file(
        &self,
        context: &OpContext,
        export: &Export,
        file: &[u8],
        marked: &Watermarked,
    ) -> Result<Export> {
        let mut made = export.clone();
        made.state = ExportState::Ready;
        made.rows = u64::try_from(marked.rows.len()).unwrap_or(u64::MAX);
        made.nobody = marked.nobody;
        made.sha256 = hex(&Sha256::digest(file));
        made.ready_at = Some(context.now);
        let parts = self.inner.exports.seal.close(&made.id, file)?;
        let columns: Vec<String> = made.ask.columns.iter().map(ToString::to_string).collect();
        let agreed = made
            .decided_by
            .as_ref()
            .map_or("无须另行批准".to_owned(), |by| format!("批准人 {by}"));
        let note = format!(
            "批量导出 {}：{} 行（其中标记行 {}），列 {}，{agreed}",
            made.ticket(),
            made.rows,
            made.nobody,
            columns.join(",")
        );
        let leaf = Leaf { note, ..receipt(context, &made, Verdict::Allowed) };
        let (row, id, prints) = (write(&made)?, made.id.clone(), marked.prints.clone());
        let (data, asked) = (self.clone(), made.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                // Pages were read one after the other: what was sealed between the first and now is in the file.
                if data.is_recalled(tx, &asked, &prints).await? {
                    return Err(Error::Conflict(RECALLED.into()));
                }
                row::move_on(tx, &id, Some(ExportState::Approved), row, Some(prints)).await?;
                sealed::remove(tx, &id).await?;
                tx.insert("INSERT INTO export_part (export, number, bytes)", 3, parts, "").await?;
                Ok(vec![kept::EXPORT.entry(tx, id.as_str()).await?])
            })
        });
        work.await?;
        Ok(made)
    }

    /// Keeps that an export could not be produced, and why.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it does not wait to be produced any more.
    pub async fn fail_export(&self, context: &OpContext, export: &Export, why: &str) -> Result<()> {
        let mut failed = export.clone();
        failed.state = ExportState::Failed;
        why.clone_into(&mut failed.answer);
        let note = format!("批量导出 {} 未能生成", failed.ticket());
        let leaf = Leaf { note, ..receipt(context, &failed, Verdict::Failed) };
        let (row, id) = (write(&failed)?, failed.id.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                row::move_on(tx, &id, Some(ExportState::Approved), row, None).await?;
                Ok(vec![kept::EXPORT.entry(tx, id.as_str()).await?])
            })
        });
        work.await
    }

    /// Hands a file over to who asked for it, once: by the time that a byte leaves it is in the log as taken, and stored
    /// nowhere any more. `session` is the digest by which the log knows the session.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is nobody's business; [`Error::Denied`] where somebody else asked for it;
    /// [`Error::Conflict`] where it cannot be taken (any more).
    pub async fn take_export(
        &self,
        context: &OpContext,
        id: &Id,
        session: &str,
    ) -> Result<(Export, Vec<u8>)> {
        self.allow(context, "ask-export", Action::Export).await?;
        let mut export = self.found(context, id).await?;
        if !is_own(context, &export) {
            let text = "批量导出只能由申请人本人在申请时的单位下载；已调离的，请在现单位重新申请";
            return Err(self.deny(context, Action::Export, Error::Denied(text.into())).await);
        }
        let over = self.until(&export).is_some_and(|until| until <= context.now);
        if export.state != ExportState::Ready || over {
            let why = match export.state {
                ExportState::Taken => "已经下载过一次；需要时请重新申请",
                ExportState::Ready | ExportState::Expired => "已经过期；需要时请重新申请",
                _ => "还不能下载",
            };
            return Err(Error::Conflict(format!("{} {why}", export.ticket())));
        }
        if self.recall_export(context, &mut export).await? {
            return Err(Error::Conflict(format!("{} {RECALLED}", export.ticket())));
        }
        let file = self.inner.exports.seal.open(&mut self.inner.db.read().await?, id).await?;
        if hex(&Sha256::digest(&file)) != export.sha256 {
            return Err(Error::Internal(format!("the file of export {id} is not what was stored")));
        }
        export.state = ExportState::Taken;
        export.taken_at = Some(context.now);
        let note = format!("下载批量导出 {}：{} 行，会话 {session}", export.ticket(), export.rows);
        self.end_export(context, &export, note).await?;
        Ok((export, file))
    }

    /// Takes away the files that nobody took in time. Says how many.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn expire_exports(&self, context: &OpContext) -> Result<usize> {
        let query =
            Query::new(SELECT).push(" WHERE e.state = 'ready' ORDER BY e.ready_at LIMIT 64");
        let rows = self.inner.db.read().await?.rows(query).await?;
        let mut ended = 0;
        for row in &rows {
            let mut export = export(row)?;
            if self.recall_export(context, &mut export).await? {
                ended += 1;
                continue;
            }
            if self.until(&export).is_none_or(|until| context.now < until) {
                continue;
            }
            export.state = ExportState::Expired;
            let note = format!("批量导出 {} 无人下载，已过期并删除", export.ticket());
            self.end_export(context, &export, note).await?;
            ended += 1;
        }
        Ok(ended)
    }

    /// Whether a file holds a record that was sealed, restricted or destroyed since it was agreed to.
    async fn is_recalled(&self, tx: &mut Tx, export: &Export, prints: &[u8]) -> Result<bool> {
        let since = export.decided_at.unwrap_or(export.asked_at);
        let query = Query::new("SELECT id FROM sealed_record WHERE lifted IS NULL AND at >= ")
            .bind(since)
            .push(" UNION SELECT subject FROM data_key WHERE state = 'restricted'")
            .push(" UNION SELECT subject FROM data_key WHERE state = 'destroyed' AND destroyed_at >= ")
            .bind(since);
        let rows = tx.rows(query).await?;
        let gone = rows.iter().map(|row| row.id(0)).collect::<Result<Vec<_>>>()?;
        Ok(!gone.is_empty() && mark::holds(&self.inner.exports.marks, prints, &gone))
    }

    /// Takes a file away that waits and holds what nobody may be shown any more: true where it did.
    async fn recall_export(&self, context: &OpContext, export: &mut Export) -> Result<bool> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new("SELECT prints FROM export WHERE id = ").bind(&export.id);
        let prints = tx.row(query).await?.map(|row| row.bytes(0)).transpose()?;
        if !self.is_recalled(&mut tx, export, &prints.unwrap_or_default()).await? {
            return Ok(false);
        }
        drop(tx);
        export.state = ExportState::Expired;
        RECALLED.clone_into(&mut export.answer);
        let note = format!("批量导出 {}：{RECALLED}", export.ticket());
        self.end_export(context, export, note).await?;
        Ok(true)
    }

    /// Until when a file can be taken.
    #[must_use]
    pub fn until(&self, export: &Export) -> Option<Instant> {
        let hours = i64::from(self.inner.exports.policy.get().keep_hours);
        export.ready_at.map(|ready| ready.plus(hours * 3_600_000))
    }

    async fn end_export(&self, context: &OpContext, export: &Export, note: String) -> Result<()> {
        let leaf = Leaf { note, ..receipt(context, export, Verdict::Allowed) };
        let (row, id) = (write(export)?, export.id.clone());
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                row::move_on(tx, &id, Some(ExportState::Ready), row, None).await?;
                sealed::remove(tx, &id).await?;
                Ok(vec![kept::EXPORT.entry(tx, id.as_str()).await?])
            })
        });
        work.await
    }

    /// Whose copies a leaked part speaks for, those that it names first. The rows are in the part's order.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not look into leaks.
    pub async fn identify_export(
        &self,
        context: &OpContext,
        part: &[Vec<String>],
    ) -> Result<Vec<Suspect>> {
        self.allow(context, "identify-export", Action::Audit).await?;
        let ids =
            Query::new("SELECT id FROM export WHERE row_count > 0 ORDER BY asked_at DESC LIMIT ");
        let ids = self.inner.db.read().await?.rows(ids.bind(COMPARED)).await?;
        let mut found: Vec<(Match, Export)> = Vec::new();
        for id in &ids {
            let query = Query::new("SELECT prints FROM export WHERE id = ").bind(&id.id(0)?);
            let mut tx = self.inner.db.read().await?;
            let Some(row) = tx.row(query).await? else { continue };
            let matched = mark::compare(&self.inner.exports.marks, part, &row.bytes(0)?);
            if matched.rows == 0 {
                continue;
            }
            let query = Query::new(SELECT).push(" WHERE e.id = ").bind(&id.id(0)?);
            if let Some(row) = tx.row(query).await? {
                found.push((matched, export(&row)?));
            }
        }
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        let mut leaf = crate::guard::leaf(context, Action::Audit, Verdict::Allowed);
        leaf.note = "追查外泄文件的来源".into();
        self.inner.writer.leaves(vec![leaf]).await?;
        let suspects = found.into_iter().map(|(matched, export)| Suspect {
            export,
            rows: matched.rows,
            nobody: matched.nobody,
            ordered: matched.ordered,
            pairs: matched.pairs,
            sure: matched.is_sure(),
        });
        Ok(suspects.collect())
    }
}

/// Whether an export is the actor's: with the post that it was asked for with. Who was moved elsewhere left it behind.
fn is_own(context: &OpContext, export: &Export) -> bool {
    matches!(&context.principal, Principal::Person(person) if person.id == export.person && person.unit == export.unit)
}
