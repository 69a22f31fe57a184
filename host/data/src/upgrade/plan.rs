//! Placing: every open case of older versions in one of the four bins. Page by page, so that memory does not grow with the
//! number of cases; each page is kept with the place that it came to, so that a plan that was interrupted goes on there.

use anshu_model::context::OpContext;
use anshu_model::record::Record;
use anshu_model::transition::{Asks, Bin, Outlook, Passage, is_older};
use anshu_model::{Error, Id, Result};

use super::row;
use super::{ItemState, Progress, Step, Upgrade, UpgradeItem, UpgradeState};
use crate::Data;
use crate::db::Query;
use crate::log::kept;

/// Cases of one page.
const PAGE: u64 = 1000;

/// What is placed on one page.
struct Page {
    items: Vec<UpgradeItem>,
    /// The versions of the cases that were placed.
    bases: Vec<u64>,
    /// Cases that were looked at.
    seen: u64,
    /// The last of them.
    last: Option<Id>,
}

impl Data {
    /// Places the next page of a plan's cases. Nothing about the cases is changed: what packs answer is thrown away but for
    /// the plan. `asks` is asked only about cases whose transition says so.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such plan; [`Error::Unavailable`] where the database does not answer.
    pub async fn place_upgrade(
        &self,
        context: &OpContext,
        id: &Id,
        asks: &dyn Asks,
    ) -> Result<Progress> {
        let mut tx = self.inner.db.read().await?;
        let plan = row::plan(&mut tx, id).await?;
        if plan.state != UpgradeState::Planning {
            return Ok(Progress { done: plan.done, total: plan.total, more: false });
        }
        let manifest = row::manifest(&mut tx, &plan.to).await?;
        let query = Query::new(
            "SELECT v.record, v.id, v.version FROM record r JOIN record_version v ON v.id = r.id AND v.version = r.version \
             WHERE r.kind = 'case' AND r.open = 1 AND r.sealed = 0 AND r.id > ",
        );
        let query = query
            .bind(plan.place.as_str())
            .push(" AND r.type_name IN ")
            .list(manifest.matters.iter().map(|matter| matter.name.as_str()))
            .push(" ORDER BY r.id LIMIT ")
            .bind(PAGE);
        let rows = tx.rows(query).await?;
        let records = self.inner.vault.records(&mut tx, &rows, 0).await?;
        let records: Vec<Record> = records.into_iter().flatten().collect();
        drop((tx, rows));
        let calendar = self.calendar();
        // What is previewed before its first day is counted as of that day: nothing is moved before.
        let at =
            row::begins(&manifest, &calendar).map_or(context.now, |from| from.max(context.now));
        let passage = Passage {
            to: &plan.to,
            manifest: &manifest,
            notice: plan.notice,
            at,
            by: super::apply::BY,
            calendar: &calendar,
        };
        let page = place_page(&passage, &records, asks).await?;
        self.keep_page(context, plan, page).await
    }

    async fn keep_page(&self, context: &OpContext, plan: Upgrade, page: Page) -> Result<Progress> {
        let more = page.seen == PAGE;
        let from = plan.place.clone();
        let mut next = plan;
        next.done += page.seen;
        next.total = next.total.max(next.done);
        if let Some(last) = &page.last {
            next.place = last.to_string();
        }
        if !more {
            next.state = UpgradeState::Proposed;
            next.total = next.done;
        }
        let progress = Progress { done: next.done, total: next.total, more };
        let leaf = self.step_leaf(context, &next, &format!("衔接方案：已预演 {} 件", next.done));
        let step = (!more).then(|| Step::of(context, format!("预演完成，共 {} 件", next.done)));
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let present = row::plan(tx, &next.id).await?;
                if present.state != UpgradeState::Planning || present.place != from {
                    return Err(Error::Conflict("该方案的这一页已由另一处预演".into()));
                }
                let count = page.items.len() as u64;
                row::insert(tx, &next.id, page.items, &page.bases).await?;
                // Keys grow with cases: the page's rows are those after the place where it began.
                let after = format!("{}/{from}", next.id);
                let mut entries = match count {
                    0 => Vec::new(),
                    count => kept::UPGRADE_ITEM.page(tx, &after, count).await?,
                };
                entries.push(row::save(tx, &next).await?);
                if let Some(step) = step {
                    entries.push(step.write(tx, &next.id).await?);
                }
                Ok(entries)
            })
        });
        work.await?;
        Ok(progress)
    }
}

/// Places the cases of a page that an older version of the pack opened.
async fn place_page(passage: &Passage<'_>, records: &[Record], asks: &dyn Asks) -> Result<Page> {
    let mut page = Page {
        items: Vec::new(),
        bases: Vec::new(),
        seen: records.len() as u64,
        last: records.last().map(|record| record.head.id.clone()),
    };
    for record in records {
        let Some(bound) = &record.head.pack else { continue };
        let older = bound.name == passage.to.name
            && bound != passage.to
            && is_older(&bound.version, &passage.to.version);
        if !older {
            continue;
        }
        let asked = if passage.asks(record) {
            Some(asks.ask(&record.head.id, bound, passage.to).await)
        } else {
            None
        };
        let (outlook, _) = passage.outlook(record, asked.as_ref(), false)?;
        page.bases.push(record.head.version);
        page.items.push(UpgradeItem {
            case: record.head.id.clone(),
            code: record.case()?.code.clone(),
            division: record.head.division.to_string(),
            bin: outlook.bin,
            state: planned(&outlook),
            reason: None,
            old_body: row::digest(&record.body)?,
            new_body: None,
            applied: None,
            stage: record.state().to_owned(),
            outlook,
        });
    }
    Ok(page)
}

/// What is to be done with a case.
pub(super) fn planned(outlook: &Outlook) -> ItemState {
    match outlook.bin {
        Bin::Automatic if outlook.deferred => ItemState::Waiting,
        Bin::Automatic | Bin::Unaffected => ItemState::Ready,
        Bin::Person => ItemState::Person,
        Bin::Stays => ItemState::Stays,
    }
}
