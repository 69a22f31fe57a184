//! Recorded decisions on an old and a new version of their pack, as an administrator's trial runs them: on a real database,
//! with the reads at their versions, on all processors.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant as Clock;

use anshu_data::Durability;
use anshu_model::Id;
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_sandbox::{Call, Sandbox};
use anshu_server::app::trials::{self, Progress};
use anshu_server::{App, Settings};
use anyhow::{Context as _, ensure};
use tokio::task::JoinSet;

use crate::centre::{NOW, context, count, grant, pack};
use crate::commit::{Opened, open};
use crate::import::memory;
use crate::report::{Figure, Limit, Report};

/// Decisions that are replayed.
const DECISIONS: u32 = 10_000;
/// Callers that make them.
const CALLERS: u32 = 64;
/// Seconds that the trial may take.
const SECONDS: f64 = 30.0;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let opened = open(folder.path(), Durability::Off).await?;
        decide(&opened).await?;
        let before = memory::own();
        let seconds = tried(opened, folder.path()).await?;
        let grown = memory::own() - before;
        report.add(
            Figure::new(format!("replay of {DECISIONS} decisions on two versions"), seconds, "s")
                .limit(Limit::AtMost(SECONDS))
                .note(format!("{grown:.0} MiB more of its own memory than before")),
        );
        report.add(Figure::new(
            "decisions replayed per second, both versions each",
            f64::from(DECISIONS) / seconds,
            "/s",
        ));
        Ok(())
    })
}

/// Makes the decisions: each caller counts a thing of its own.
async fn decide(opened: &Opened) -> anyhow::Result<()> {
    let each = DECISIONS / CALLERS;
    let rest = DECISIONS % CALLERS;
    let mut callers = JoinSet::new();
    for (caller, thing) in (0_u32..).zip(&opened.things) {
        let (data, sandbox, thing) = (opened.data.clone(), opened.sandbox.clone(), thing.clone());
        let many = each + u32::from(caller < rest);
        callers.spawn(async move {
            for number in 0..many {
                let operation = (u128::from(caller) + 1) << 64;
                let call = Call {
                    context: context(operation + u128::from(number) + 1)?,
                    pack: "counter".into(),
                    input: count(&thing),
                };
                sandbox.invoke(&data, call).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    Ok(())
}

/// Tries the next version on all of them, and says how many seconds it took.
async fn tried(opened: Opened, folder: &Path) -> anyhow::Result<f64> {
    let Opened { data, sandbox, .. } = opened;
    let new = next_version(&sandbox)?;
    let settings = Settings::of_folder(folder, SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let app = App {
        data,
        sandbox,
        settings: Arc::new(settings),
        witnessed: Arc::default(),
        verified: Arc::default(),
        trials: Arc::default(),
        retention: Arc::default(),
        rekeying: Arc::default(),
        exports: Arc::default(),
    };
    let context = OpContext {
        id: Id::from_bits(u128::MAX - 2),
        principal: Principal::System { job: "bench".into() },
        pack: None,
        purpose: Purpose { code: "setup".into(), ground: "bench".into(), serves: None },
        now: NOW.plus(1),
    };
    let start = Clock::now();
    let trial = trials::run(&app, &context, &new, 1, &Arc::new(Progress::default())).await?;
    let seconds = start.elapsed().as_secs_f64();
    let report = trials::report(&trial)?;
    ensure!(
        report.replay.decisions == u64::from(DECISIONS)
            && report.replay.equal == report.replay.decisions
            && report.unsound.count == 0,
        "the replay of the same component is not what it should be: {report:?}"
    );
    app.data.close().await;
    Ok(seconds)
}

/// The counter under the next number, stored and not active.
fn next_version(sandbox: &Sandbox) -> anyhow::Result<anshu_model::context::PackRef> {
    let bytes = pack()?;
    let mut manifest = Sandbox::inspect(&bytes)?.manifest;
    manifest.version = "0.2.0".into();
    let bytes = with_manifest(&bytes, &serde_json::to_vec(&manifest)?)?;
    Ok(sandbox.stage(&bytes, &grant(&manifest)?)?)
}

/// A component with another manifest: its sections stand one after the other, each with its number and its length.
fn with_manifest(component: &[u8], manifest: &[u8]) -> anyhow::Result<Vec<u8>> {
    let name = anshu_model::manifest::Manifest::SECTION;
    let mut section = vec![u8::try_from(name.len())?];
    section.extend(name.bytes());
    let (head, mut rest) = component.split_at_checked(8).context("no component")?;
    let mut made = head.to_vec();
    while let Some((number, after)) = rest.split_first() {
        let bytes = after.iter().take_while(|byte| **byte > 127).count() + 1;
        let (digits, after) = after.split_at_checked(bytes).context("no length")?;
        let length =
            digits.iter().rev().fold(0, |length, byte| length << 7 | usize::from(byte & 127));
        let (found, next) = after.split_at_checked(length).context("a section is cut short")?;
        if !(*number == 0 && found.starts_with(&section)) {
            made.push(*number);
            made.extend(digits);
            made.extend(found);
        }
        rest = next;
    }
    section.extend(manifest);
    made.push(0);
    let mut length = section.len();
    while length > 127 {
        made.push(u8::try_from(length & 127)? | 128);
        length >>= 7;
    }
    made.push(u8::try_from(length)?);
    made.extend(section);
    Ok(made)
}
