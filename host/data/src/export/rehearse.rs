//! What an export would be: how many rows, of which level, whether somebody else must agree, and what stands against it.

use anshu_model::context::OpContext;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::scope::Showing;
use anshu_model::{Error, Problem, Result};

use super::{Column, ExportAsk, PERSONAL, adds_up};
use crate::Data;
use crate::records::refused;

/// Columns of one export.
const COLUMNS: usize = 60;

/// What a rehearsal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Rows now.
    pub rows: u64,
    /// Whether there are more rows than one export may hold.
    pub too_many: bool,
    /// The highest level of the columns.
    pub level: Level,
    /// The level at which the set is handled.
    pub handled_as: Level,
    /// The columns that it would have, each with its level and whether it is shown through a mask.
    pub columns: Vec<(Column, Level, bool)>,
    /// Columns that this person may not have: they are left out.
    pub left_out: Vec<Column>,
    /// Distinct records of L3 or above that would have left today for this purpose, or been looked at, with these.
    pub today: u64,
    /// Whether a second person must agree.
    pub needs_approval: bool,
    /// What stands against asking at all, each in Chinese.
    pub against: Vec<String>,
}

impl Data {
    /// Says what an export would be, and keeps nothing.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not export, or not read what the list asks for; [`Error::Invalid`] where the
    /// columns are none.
    pub async fn rehearse_export(&self, context: &OpContext, ask: &ExportAsk) -> Result<Estimate> {
        self.estimate(context, ask).await.map(|(estimate, _)| estimate)
    }

    pub(super) async fn estimate(
        &self,
        context: &OpContext,
        ask: &ExportAsk,
    ) -> Result<(Estimate, Vec<String>)> {
        self.allow(context, "ask-export", Action::Export).await?;
        check(ask)?;
        let policy = *self.inner.exports.policy.get();
        let context = OpContext { purpose: ask.purpose.clone(), ..context.clone() };
        let mut view = self.look(&context, Action::Export).await?;
        if let Some(error) = refused(view.permit(), view.schemas(), &ask.list) {
            return Err(self.deny(&context, Action::Export, error).await);
        }
        let scope = view.permit().scope().clone();
        let most = policy.most_rows.saturating_add(1);
        let (mut ids, titles) = self.ids(&mut view, &ask.list, most).await?;
        let too_many = ids.len() > policy.most_rows as usize;
        ids.truncate(policy.most_rows as usize);
        let (mut columns, mut left_out, mut level) = (Vec::new(), Vec::new(), Level::L1);
        for column in &ask.columns {
            let label = column.label(&ask.list, titles, view.schemas())?;
            // What a mask hides was still chosen: the set is classified by what was asked for.
            match scope.showing(&label) {
                Showing::Hidden => left_out.push(column.clone()),
                showing => {
                    level = level.max(label.level);
                    columns.push((column.clone(), label.level, showing == Showing::Masked));
                }
            }
        }
        drop(view);
        let rows = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        let handled_as = of_set(level, rows, policy.raise_at);
        let today = if level >= PERSONAL {
            self.exported_with(&context, &adds_up(&context), &ids)
        } else {
            0
        };
        let mut against = Vec::new();
        if rows == 0 {
            against.push("没有可导出的记录".to_owned());
        }
        if too_many {
            against.push(format!(
                "超过一次导出的上限 {} 条（本地政策），请缩小范围",
                policy.most_rows
            ));
        }
        if level >= PERSONAL && ask.purpose.ground.trim().is_empty() {
            against.push("L3 以上数据须写明法定依据".to_owned());
        }
        if level >= PERSONAL && ask.purpose.serves.is_none() {
            against.push("L3 以上数据须写明所服务的案件、任务或共享".to_owned());
        }
        let needs_approval = level >= PERSONAL && today > u64::from(policy.alone);
        let estimate = Estimate {
            rows,
            too_many,
            level,
            handled_as,
            columns,
            left_out,
            today,
            needs_approval,
            against,
        };
        Ok((estimate, ids))
    }
}

/// The level at which a set is handled: as its highest member, and one higher where it holds very many people (就高从严、
/// 点面结合).
fn of_set(level: Level, rows: u64, raise_at: u32) -> Level {
    if level == Level::L3 && rows >= u64::from(raise_at) { Level::L4 } else { level }
}

fn check(ask: &ExportAsk) -> Result<()> {
    let mut problems = Vec::new();
    if ask.columns.is_empty() || ask.columns.len() > COLUMNS {
        let found = format!("{} 列", ask.columns.len());
        problems.push(Problem::new("/columns", found, format!("1 至 {COLUMNS} 列")));
    }
    let reason = ask.reason.trim().chars().count();
    if reason == 0 || reason > 500 {
        problems.push(Problem::new("/reason", format!("{reason} 字"), "1 至 500 字的用途说明"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
