//! Producing exports, one after the other, and taking away those that nobody took.

use std::time::Duration;

use anshu_data::Export;
use anshu_model::instant::Instant;
use anshu_model::org::Person;
use anshu_model::{Error, Result};
use tokio_util::sync::CancellationToken;

use super::{file, producing, render};
use crate::app::App;
use crate::view::Words;
use crate::view::export::{ExportProgress, column_title};

/// How long it rests where there is nothing to do.
const REST: Duration = Duration::from_millis(500);
/// Rests between two looks for files that nobody took.
const LOOK: u32 = 60;

/// Works until it is stopped. What was begun then is begun again at the next start: nothing of it was kept.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let mut rests = 0_u32;
    while !stop.is_cancelled() {
        if let Err(error) = round(&app, &stop, rests.is_multiple_of(LOOK)).await {
            tracing::warn!(%error, "exports do not go on");
        }
        rests = rests.wrapping_add(1);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}

async fn round(app: &App, stop: &CancellationToken, look: bool) -> Result<()> {
    for export in app.data.exports_to_produce().await? {
        if stop.is_cancelled() {
            return Ok(());
        }
        produce(app, &export, stop).await?;
    }
    if look {
        app.data.expire_exports(&app.operator("export")?).await?;
    }
    Ok(())
}

/// Produces one. What the asker may not have any more ends it, with the reason; a database that does not answer does not.
async fn produce(app: &App, export: &Export, stop: &CancellationToken) -> Result<()> {
    let made = draw(app, export, stop).await;
    app.exports.reach(&export.id, None);
    match made {
        Ok(()) => Ok(()),
        Err(error @ Error::Unavailable(_)) => Err(error),
        Err(error) => {
            let why = match &error {
                Error::Internal(_) => "系统出了问题，原因已写入运行日志".to_owned(),
                other => other.to_string(),
            };
            tracing::warn!(export = %export.id, %error, "an export was not produced");
            app.data.fail_export(&app.operator("export")?, export, &why).await
        }
    }
}

async fn draw(app: &App, export: &Export, stop: &CancellationToken) -> Result<()> {
    let person = app.data.person(&export.person).await?;
    let person = person.ok_or_else(|| Error::Denied("申请人的账号已经注销，不再生成".into()))?;
    let words = app.words().await?;
    let columns = &export.ask.columns;
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        if stop.is_cancelled() {
            return Err(Error::Unavailable("系统正在停止".into()));
        }
        // Each page asks anew: who lost the right in between gets no more of it.
        let ctx = producing(app, person.clone(), export)?;
        let page = app.data.draw_export(&ctx, export, after).await?;
        rows.extend(page.records.iter().map(|listed| render::cells(listed, columns, &words)));
        let done = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        if done > export.estimate.saturating_mul(2).saturating_add(200) {
            return Err(Error::Conflict(format!(
                "申请时约 {} 条，现在已超过一倍；请重新申请",
                export.estimate
            )));
        }
        let progress = ExportProgress { done, total: export.estimate };
        app.exports.reach(&export.id, Some(progress));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let ctx = producing(app, person.clone(), export)?;
    let marked = app.data.watermark(export, rows)?;
    let titles: Vec<String> = columns.iter().map(|column| column_title(column, &words)).collect();
    let line = visible(export, &person, ctx.now, &words);
    let bytes = file::write(export.ask.format, &line, &titles, &marked.rows)?;
    app.data.keep_file(&ctx, export, &bytes, &marked).await.map(|_| ())
}

/// The line that everybody sees.
fn visible(export: &Export, person: &Person, now: Instant, words: &Words) -> String {
    let roles: Vec<&str> = person.roles.iter().map(String::as_str).collect();
    format!(
        "{} {}（{}）{} 导出，票号 {}，{:?} 级，用途：{}。仅供本人履行职责使用，不得转交；本文件含可追查来源的标记行",
        words.unit(&person.unit),
        person.name,
        roles.join("、"),
        words.at(now),
        export.ticket(),
        export.level,
        export.ask.reason.trim(),
    )
}
