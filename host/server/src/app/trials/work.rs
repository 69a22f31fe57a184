//! The work of a replay: page by page, on all processors, in a size that does not grow with the number of decisions.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anshu_model::context::{OpContext, PackRef};
use anshu_model::decision::Decision;
use anshu_model::{Error, Result};
use anshu_sandbox::compare::{EXAMPLES, Example, Tally};
use anshu_sandbox::{Pack, Sandbox};
use serde_json::Value;
use tokio::task::JoinSet;

use super::{Progress, Report, Unsound, present};
use crate::app::App;

/// Decisions that one task compares.
const PAGE: u32 = 100;
/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Does everything, or as much as there was time for.
pub(super) async fn report(
    app: &App,
    context: &OpContext,
    pack: &PackRef,
    days: u32,
    progress: &Arc<Progress>,
) -> Result<Report> {
    // Nothing runs for somebody who may not see what comes of it.
    let since = context.now.plus(-i64::from(days) * DAY);
    let mut recorded = app.data.recorded(context, &pack.name, since).await?;
    progress.total.store(recorded.total(), Ordering::Relaxed);
    let old = present(app, pack);
    let golden = app.sandbox.golden(pack, &cases(app, pack).await?).await?;
    let golden_of_old = match &old {
        Some(old) => {
            let cases = cases(app, &old.reference).await?;
            app.sandbox.compare_golden(&old.reference, pack, &cases).await?
        }
        None => Tally::default(),
    };
    let mut seen = Seen::default();
    let mut tasks: JoinSet<Result<Seen>> = JoinSet::new();
    // While one task waits for the database, another computes.
    let at_once = std::thread::available_parallelism().map_or(2, usize::from) * 2;
    while !progress.cancel.is_cancelled() {
        let page = recorded.next(PAGE).await?;
        if page.is_empty() {
            break;
        }
        if tasks.len() >= at_once {
            seen.merge(joined(tasks.join_next().await)?);
        }
        let (app, pack, progress) = (app.clone(), pack.clone(), Arc::clone(progress));
        tasks.spawn(async move { compare(&app, &pack, page, &progress).await });
    }
    while !tasks.is_empty() {
        seen.merge(joined(tasks.join_next().await)?);
    }
    let newly_read = newly_read(app, old.as_deref(), pack);
    let Seen { replay, unsound, unmatched } = seen;
    let old = old.map(|old| old.reference.clone());
    Ok(Report { old, golden, golden_of_old, replay, unsound, unmatched, newly_read })
}

fn joined(task: Option<Result<Result<Seen>, tokio::task::JoinError>>) -> Result<Seen> {
    match task {
        Some(Ok(seen)) => seen,
        Some(Err(error)) => Err(Error::Internal(format!("trial task: {error}"))),
        None => Ok(Seen::default()),
    }
}

/// The golden cases of a stored version.
async fn cases(app: &App, pack: &PackRef) -> Result<Value> {
    let packs = app.data.packs().await?;
    let Some(stored) = packs.into_iter().find(|stored| stored.digest == pack.digest) else {
        return Ok(Value::Null);
    };
    Ok(Sandbox::inspect(&stored.bytes)?.golden.unwrap_or_default())
}

/// Names that the new version may read and the old one may not.
fn newly_read(app: &App, old: Option<&Pack>, new: &PackRef) -> Vec<String> {
    let mut stored = app.sandbox.stored().into_iter().map(|(pack, _)| pack);
    let new = stored.find(|pack| pack.reference == *new);
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    new.effective.reads.difference(&old.effective.reads).cloned().collect()
}

/// What some decisions showed.
#[derive(Debug, Default)]
struct Seen {
    replay: Tally,
    unsound: Unsound,
    unmatched: u64,
}

impl Seen {
    fn merge(&mut self, other: Self) {
        self.replay.merge(other.replay);
        self.unmatched += other.unmatched;
        self.unsound.count += other.unsound.count;
        self.unsound.examples.extend(other.unsound.examples);
        self.unsound.examples.sort_by(|a, b| a.of.cmp(&b.of));
        self.unsound.examples.truncate(EXAMPLES);
    }

    fn unsound(&mut self, decision: &Decision) {
        self.unsound.count += 1;
        if self.unsound.examples.len() < EXAMPLES {
            let of = decision.context.id.to_string();
            // What differs is seen where the decision itself is replayed, by those who may see it.
            let example = Example { of, at: decision.context.now, changes: Vec::new() };
            self.unsound.examples.push(example);
        }
    }
}

async fn compare(
    app: &App,
    pack: &PackRef,
    page: Vec<Decision>,
    progress: &Progress,
) -> Result<Seen> {
    let mut seen = Seen::default();
    for decision in page {
        if progress.cancel.is_cancelled() {
            break;
        }
        let compared = app.sandbox.compare(&app.data, &decision, pack).await?;
        if !compared.erased {
            match app.sandbox.replay(&app.data, &decision).await {
                Ok(replay) if replay.equal => {}
                Ok(_) => seen.unsound(&decision),
                Err(Error::NotFound(_)) => seen.unmatched += 1,
                Err(error) => return Err(error),
            }
        }
        seen.replay.add(&decision, compared);
        progress.done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(seen)
}
