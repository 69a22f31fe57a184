//! Committed decisions on SQLite with full sync, many callers at once, beside a plain Rust function that does the same reads
//! and writes; and where the time of one decision goes when the disk is left out.

use std::sync::Arc;
use std::time::Instant as Clock;

use anshu_authz::Authority;
use anshu_data::{Config, Data, Durability};
use anshu_model::Id;
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::effect::Effect;
use anshu_model::manifest::Manifest;
use anshu_sandbox::{Call, Sandbox, Settings};

use crate::centre::{NOW, context, count, grant, pack, unit};
use crate::invoke::thing_record;
use crate::native::Native;
use crate::report::{Figure, Limit, Report, micros, nanos};

/// Callers at the same time.
const CALLERS: u32 = 64;
/// Decisions of each caller.
const EACH: u32 = 200;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let native = native(folder.path()).await?;
        let ours = committed(folder.path(), Durability::Full).await?;
        report.add(
            Figure::new(
                "decisions per second, SQLite full sync, 64 callers",
                ours.per_second,
                "/s",
            )
            .baseline(native)
            .note(format!(
                "p50 {:.2} ms, p99 {:.2} ms",
                ours.p50 / 1000.0,
                ours.p99 / 1000.0
            )),
        );
        report.add(
            Figure::new(
                "decisions over the native function",
                ours.per_second / native * 100.0,
                "%",
            )
            .limit(Limit::AtLeast(50.0)),
        );
        let unsynced = committed(folder.path(), Durability::Off).await?;
        report.add(Figure::new(
            "decisions per second, without the flush",
            unsynced.per_second,
            "/s",
        ));
        report.add(Figure::new(
            "  of one: in the plugin and its host calls, mean",
            unsynced.in_pack,
            "µs",
        ));
        report.add(
            Figure::new(
                "  of one: snapshot, scope, queue and commit, mean",
                unsynced.mean - unsynced.in_pack,
                "µs",
            )
            .note("64 callers share the writer, so most of it is waiting"),
        );
        Ok(())
    })
}

async fn native(folder: &std::path::Path) -> anyhow::Result<f64> {
    let native = Arc::new(Native::open(&folder.join("native.db"), CALLERS).await?);
    let start = Clock::now();
    let mut callers = Vec::new();
    for caller in 0..CALLERS {
        let native = Arc::clone(&native);
        callers.push(tokio::task::spawn(async move {
            for _ in 0..EACH {
                anyhow::ensure!(native.inspect(caller).await?, "no two callers share a room");
            }
            anyhow::Ok(())
        }));
    }
    for caller in callers {
        caller.await??;
    }
    Ok(f64::from(CALLERS * EACH) / start.elapsed().as_secs_f64())
}

struct Measured {
    per_second: f64,
    mean: f64,
    p50: f64,
    p99: f64,
    in_pack: f64,
}

async fn committed(folder: &std::path::Path, durability: Durability) -> anyhow::Result<Measured> {
    let folder = folder.join(format!("{durability:?}"));
    std::fs::create_dir_all(&folder)?;
    let data = Data::open(
        &Config {
            url: format!("sqlite:{}", folder.join("centre.db").display()),
            durability,
            keys: folder.join("keys"),
            origin: "bench.anshu.invalid/log".into(),
            smallest_figure: Config::SMALLEST_FIGURE,
        },
        Authority::shipped()?,
    )
    .await?;
    let sandbox = Sandbox::new(Settings::default())?;
    let bytes = pack()?;
    let manifest = Sandbox::inspect(&bytes)?.manifest;
    let reference = sandbox.install(&bytes, &grant(&manifest)?)?;
    data.use_schemas(sandbox.schemas());
    let setup = setup_context();
    data.put_unit(&setup, &unit()?).await?;
    data.put_pack(&setup, &bytes, &manifest, &grant(&manifest)?, &reference.digest).await?;
    let things = things(&data, &manifest).await?;

    let start = Clock::now();
    let mut callers = Vec::new();
    for (caller, thing) in (0_u128..).zip(things) {
        let (data, sandbox) = (data.clone(), sandbox.clone());
        callers.push(tokio::task::spawn(async move {
            let mut times = Vec::new();
            for number in 0..u128::from(EACH) {
                let begun = Clock::now();
                let call = Call {
                    context: context(((caller + 1) << 64) + number + 1)?,
                    pack: "counter".into(),
                    input: count(&thing),
                };
                let decision = sandbox.invoke(&data, call).await?;
                times.push((begun.elapsed(), decision.cost.micros));
            }
            anyhow::Ok(times)
        }));
    }
    let mut all = hdrhistogram::Histogram::<u64>::new(3)?;
    let mut in_pack = 0;
    for caller in callers {
        for (time, micros) in caller.await?? {
            all.record(nanos(time))?;
            in_pack += micros;
        }
    }
    let decisions = f64::from(CALLERS * EACH);
    let per_second = decisions / start.elapsed().as_secs_f64();
    data.close().await;
    #[expect(clippy::cast_precision_loss, reason = "microseconds of one run stay far below 2^52")]
    let in_pack = in_pack as f64 / decisions;
    Ok(Measured {
        per_second,
        mean: all.mean() / 1000.0,
        p50: micros(&all, 0.5),
        p99: micros(&all, 0.99),
        in_pack,
    })
}

/// One thing for each caller.
async fn things(data: &Data, manifest: &Manifest) -> anyhow::Result<Vec<Id>> {
    let things: Vec<_> = (0..CALLERS).map(|number| Id::from_bits(u128::from(number) + 1)).collect();
    let mut effects = Vec::new();
    for thing in &things {
        effects.push(Effect::Create { record: Box::new(thing_record(manifest, thing)?) });
    }
    data.act(&context(u128::MAX)?, effects, "bench").await?;
    Ok(things)
}

fn setup_context() -> OpContext {
    OpContext {
        id: Id::from_bits(u128::MAX - 1),
        principal: Principal::System { job: "bench".into() },
        pack: None,
        purpose: Purpose { code: "setup".into(), ground: "bench".into(), serves: None },
        now: NOW,
    }
}
