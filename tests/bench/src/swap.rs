//! Swapping a version under load: 64 callers decide while another version is put in force and taken back, again and again.
//! No call may fail, and none may wait much longer than before.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant as Clock};

use anshu_data::{Durability, Staging};
use anshu_model::context::PackRef;
use anshu_model::grant::difference;
use anshu_sandbox::{Call, Sandbox};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::centre::{context, count, grant, pack};
use crate::commit::{Opened, open, setup_context};
use crate::report::{Figure, Limit, Report, micros, nanos};
use crate::start::{with_manifest, without_manifest};

/// How long each phase lasts.
const PHASE: Duration = Duration::from_secs(4);
/// Between one swap and the next.
const PAUSE: Duration = Duration::from_millis(100);

/// Warming up; deciding in peace; deciding while versions are swapped; done.
const PHASES: u8 = 3;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let swapped = runtime.block_on(swapped(folder.path()))?;
    let [_, before, during] = &swapped.times;
    let (calm, swap) = (micros(before, 0.99) / 1000.0, micros(during, 0.99) / 1000.0);
    let told = format!(
        "{} swaps, {} decisions before and {} during, by {} versions",
        swapped.swaps,
        before.len(),
        during.len(),
        swapped.versions
    );
    report
        .add(Figure::new("p99 while versions are swapped, 64 callers", swap, "ms").baseline(calm));
    report.add(
        Figure::new("p99 during swaps over p99 before", swap / calm, "×")
            .limit(Limit::AtMost(2.0))
            .note(told),
    );
    let failed = f64::from(swapped.failed);
    report.add(Figure::new("calls that failed during swaps", failed, "").limit(Limit::AtMost(0.0)));
    Ok(())
}

struct Swapped {
    times: [Histogram<u64>; PHASES as usize],
    failed: u32,
    swaps: u32,
    versions: usize,
}

/// What one caller saw.
struct Seen {
    times: [Histogram<u64>; PHASES as usize],
    failed: u32,
    versions: BTreeSet<String>,
}

async fn swapped(folder: &std::path::Path) -> anyhow::Result<Swapped> {
    let Opened { data, sandbox, things } = open(folder, Durability::Full).await?;
    let next = staged(&data, &sandbox).await?;
    let (phase, over) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicBool::new(false)));
    let mut callers = JoinSet::new();
    for (caller, thing) in (0_u128..).zip(things) {
        let (data, sandbox) = (data.clone(), sandbox.clone());
        let (phase, over) = (Arc::clone(&phase), Arc::clone(&over));
        callers.spawn(async move {
            let mut seen = Seen { times: histograms()?, failed: 0, versions: BTreeSet::new() };
            let mut number = 0;
            while !over.load(Ordering::Relaxed) {
                number += 1;
                let at = usize::from(phase.load(Ordering::Relaxed));
                let context = context(((caller + 1) << 64) + number)?;
                let begun = Clock::now();
                let call = Call { context, pack: "counter".into(), input: count(&thing) };
                match sandbox.invoke(&data, call).await {
                    Ok(decision) => {
                        let by = decision.context.pack.as_ref().map(|pack| pack.version.clone());
                        seen.versions.extend(by);
                    }
                    Err(_) => seen.failed += 1,
                }
                if let Some(times) = seen.times.get_mut(at) {
                    times.record(nanos(begun.elapsed()))?;
                }
            }
            anyhow::Ok(seen)
        });
    }
    tokio::time::sleep(PHASE / 4).await;
    phase.store(1, Ordering::Relaxed);
    tokio::time::sleep(PHASE).await;
    phase.store(2, Ordering::Relaxed);
    let (begun, mut swaps) = (Clock::now(), 0);
    while begun.elapsed() < PHASE {
        data.activate_pack(&setup_context(), &next.digest).await?;
        sandbox.activate(&next)?;
        tokio::time::sleep(PAUSE).await;
        data.withdraw_pack(&setup_context(), &next.digest, "bench").await?;
        sandbox.withdraw(&next)?;
        tokio::time::sleep(PAUSE).await;
        swaps += 2;
    }
    over.store(true, Ordering::Relaxed);
    let mut all = Seen { times: histograms()?, failed: 0, versions: BTreeSet::new() };
    while let Some(caller) = callers.join_next().await {
        let seen = caller??;
        all.failed += seen.failed;
        all.versions.extend(seen.versions);
        for (sum, times) in all.times.iter_mut().zip(&seen.times) {
            sum.add(times)?;
        }
    }
    data.close().await;
    Ok(Swapped { times: all.times, failed: all.failed, swaps, versions: all.versions.len() })
}

/// Stores the next version of the counter: the same component under another number, with the approval of the first.
async fn staged(data: &anshu_data::Data, sandbox: &Sandbox) -> anyhow::Result<PackRef> {
    let first = Sandbox::inspect(&pack()?)?;
    let manifest = serde_json::to_string(&first.manifest)?;
    let manifest = manifest
        .replace(&format!("\"version\":\"{}\"", first.manifest.version), "\"version\":\"0.1.1\"");
    let bytes = with_manifest(&without_manifest(&pack()?)?, manifest.as_bytes());
    let found = Sandbox::inspect(&bytes)?;
    let (before, now) = (grant(&first.manifest)?, grant(&found.manifest)?);
    let shown = difference(Some((&first.manifest, &before)), (&found.manifest, &now), &[]);
    let staging = Staging {
        bytes: &bytes,
        digest: &found.digest,
        manifest: &found.manifest,
        grant: &now,
        shown: &shown,
        before: Some(&first.digest),
    };
    data.stage_pack(&setup_context(), staging).await?;
    let next = sandbox.stage(&bytes, &now)?;
    data.use_schemas(sandbox.schemas());
    Ok(next)
}

fn histograms() -> anyhow::Result<[Histogram<u64>; PHASES as usize]> {
    Ok([Histogram::new(3)?, Histogram::new(3)?, Histogram::new(3)?])
}
