//! Starting a centre with a thousand packs: cold, when each is compiled, and warm, when the code is kept; and the memory that a
//! pack takes while nobody calls it.
//!
//! Each start is a process of its own, so that nothing is warm in it that would not be after a restart.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Instant as Clock;

use anshu_sandbox::Sandbox;
use anshu_server::Settings;
use anshu_server::run::Centre;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use wasmparser::{Parser, Payload};

use crate::centre::{grant, pack};
use crate::report::{Figure, Limit, Report, median};

/// Packs.
const PACKS: u32 = 1_000;
/// Warm starts.
const STARTS: usize = 5;
/// The argument by which this program starts a centre once, and tells.
pub(crate) const ONCE: &str = "start-once";

/// What one start took.
#[derive(Debug, Serialize, Deserialize)]
struct Start {
    seconds: f64,
    packs: usize,
    /// Kilobytes that this process had before and after.
    before: f64,
    after: f64,
}

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(store(folder.path()))?;
    let cold = start(folder.path())?;
    let warm = (0..STARTS).map(|_| start(folder.path())).collect::<anyhow::Result<Vec<_>>>()?;
    let seconds = median(warm.iter().map(|start| start.seconds));
    let each = median(warm.iter().map(|start| (start.after - start.before) / f64::from(PACKS)));
    let empty = median(warm.iter().map(|start| start.before / 1024.0));
    report.add(Figure::new("start with 1,000 packs, warm", seconds, "s").limit(Limit::AtMost(3.0)));
    report.add(
        Figure::new("start with 1,000 packs, cold", cold.seconds, "s").note("each is compiled"),
    );
    report.add(
        Figure::new("resident memory of an idle pack", each, "KiB")
            .note(format!("the program without packs: {empty:.0} MiB")),
    );
    Ok(())
}

/// Stores a thousand packs in a centre, none of them compiled.
async fn store(folder: &Path) -> anyhow::Result<()> {
    let centre = Centre::open(settings(folder)?).await?;
    let component = without_manifest(&pack()?)?;
    let manifest = serde_json::to_string(&Sandbox::inspect(&pack()?)?.manifest)?;
    for number in 0..PACKS {
        let manifest = manifest.replace("counter", &format!("counter-{number:04}"));
        let bytes = with_manifest(&component, manifest.as_bytes());
        let found = Sandbox::inspect(&bytes)?;
        let ctx = centre.app.operator("bench")?;
        let grant = grant(&found.manifest)?;
        centre.app.data.put_pack(&ctx, &bytes, &found.manifest, &grant, &found.digest).await?;
    }
    centre.close().await;
    Ok(())
}

fn start(folder: &Path) -> anyhow::Result<Start> {
    let output = Command::new(std::env::current_exe()?).arg(ONCE).arg(folder).output()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let start: Start = serde_json::from_slice(&output.stdout).context(told)?;
    anyhow::ensure!(start.packs == PACKS as usize, "only {} packs were loaded", start.packs);
    Ok(start)
}

/// Starts a centre in this process, and tells what it took.
pub(crate) fn once(folder: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let start = runtime.block_on(async {
        // A centre without packs first: what the program itself needs is no pack's.
        let empty = tempfile::tempdir()?;
        Centre::open(settings(empty.path())?).await?.close().await;
        let before = resident()?;
        let begun = Clock::now();
        let centre = Centre::open(settings(Path::new(folder))?).await?;
        let seconds = begun.elapsed().as_secs_f64();
        let packs = centre.app.sandbox.packs().len();
        let after = resident()?;
        centre.close().await;
        anyhow::Ok(Start { seconds, packs, before, after })
    })?;
    println!("{}", serde_json::to_string(&start)?);
    Ok(())
}

fn settings(folder: &Path) -> anyhow::Result<Settings> {
    let mut settings = Settings::of_folder(folder, SocketAddr::from(([127, 0, 0, 1], 0)))?;
    // Nobody signs a thousand copies; their signatures would be looked for and judged all the same.
    settings.provenance.development = true;
    Ok(settings)
}

/// Kilobytes of this process that are in memory.
fn resident() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let number = line.split_whitespace().nth(1).context("no number")?;
    Ok(number.parse()?)
}

/// A pack without its manifest.
pub(crate) fn without_manifest(pack: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut end = None;
    for payload in Parser::new(0).parse_all(pack) {
        if let Payload::CustomSection(section) = payload?
            && section.name() == "anshu:manifest"
        {
            anyhow::ensure!(section.range().end == pack.len(), "the manifest is the last section");
            end = Some(section.range().start);
        }
    }
    let mut end = end.context("a pack has a manifest")?;
    // Before it stand the number of the section and its length.
    while end > 0 && pack.get(end) != Some(&0) {
        end -= 1;
    }
    Ok(pack.get(..end).context("a section before the end")?.to_vec())
}

/// A component with a manifest.
pub(crate) fn with_manifest(component: &[u8], manifest: &[u8]) -> Vec<u8> {
    let name = b"anshu:manifest";
    let mut content = leb(name.len());
    content.extend(name);
    content.extend(manifest);
    let mut pack = component.to_vec();
    pack.push(0);
    pack.extend(leb(content.len()));
    pack.extend(content);
    pack
}

/// A length as WebAssembly writes it.
fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(value & 127).unwrap_or_default();
        value >>= 7;
        bytes.push(if value == 0 { byte } else { byte | 128 });
        if value == 0 {
            return bytes;
        }
    }
}
