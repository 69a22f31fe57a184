//! The log, for auditors. Reading it is itself in the log.

use anshu_data::Verification;
use anshu_model::org::Person;
use anshu_model::{Error, Result};

use super::App;
use crate::config::Settings;
use crate::lock::Lock;
use crate::view::audit::{AuditEntry, AuditPage, AuditQuery};
use crate::view::page_length;

/// A page of the log, newest first.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor.
pub async fn list(app: &App, person: &Person, query: AuditQuery) -> Result<AuditPage> {
    let ctx = app.context(person, None)?;
    let length = u64::from(page_length(query.limit));
    let before = query
        .after
        .filter(|text| !text.is_empty())
        .map(|text| {
            text.parse::<u64>().map_err(|_| Error::invalid("after", "不是序号", "日志序号"))
        })
        .transpose()?;
    let (size, root) = app.data.log_head().await?;
    let end = before.unwrap_or(size).min(size);
    let start = end.saturating_sub(length);
    let words = app.words().await?;
    let leaves = app.data.entries(&ctx, start, end - start).await?;
    let mut entries: Vec<_> =
        leaves.iter().map(|(index, leaf)| AuditEntry::of(*index, leaf, &words)).collect();
    entries.reverse();
    Ok(AuditPage { size, root, entries, next: (start > 0).then(|| start.to_string()) })
}

/// The log's signed checkpoint.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor.
pub async fn checkpoint(app: &App, person: &Person) -> Result<String> {
    let ctx = app.context(person, None)?;
    app.data.allows(&ctx, "read-audit").await?;
    app.data.checkpoint().await
}

/// A tile of the log.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor; [`Error::NotFound`] where there is no such tile.
pub async fn tile(app: &App, person: &Person, path: &str) -> Result<Vec<u8>> {
    let ctx = app.context(person, None)?;
    app.data.allows(&ctx, "read-audit").await?;
    app.data.tile(path).await?.ok_or_else(|| Error::NotFound("没有这个分块".into()))
}

/// Verifies the whole log of a centre that is stopped, and every row bound to it.
///
/// # Errors
/// [`Error::Conflict`] while the centre runs; [`Error::Unavailable`] where its storage does not open.
pub async fn verify_stopped(settings: &Settings, key: Option<&str>) -> Result<Verification> {
    let lock = Lock::take(&settings.folder)?;
    let storage = crate::run::storage(settings);
    let found = anshu_data::verify_sealed_file(&storage, &settings.vault, key).await;
    drop(lock);
    found
}
