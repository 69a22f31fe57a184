//! Committed decisions on SQLite with full sync, many callers at once, beside a plain Rust function that does the same reads
//! and writes.

use std::sync::Arc;
use std::time::Instant as Clock;

use anshu_authz::Authority;
use anshu_data::{Config, Data, Durability};
use anshu_model::Id;
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::effect::Effect;
use anshu_model::manifest::Manifest;
use anshu_sandbox::{Call, Sandbox, Settings};
use tokio::task::JoinSet;

use crate::centre::{NOW, context, count, grant, pack, unit};
use crate::invoke::thing_record;
use crate::native::{Keeps, Native};
use crate::report::{Figure, Limit, Report, median, micros, nanos};

/// Callers at the same time.
const CALLERS: u32 = 64;
/// Decisions of each caller in one round.
const EACH: u32 = 100;
/// Rounds, each with every variant.
const ROUNDS: usize = 5;

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let mut rounds = Vec::with_capacity(ROUNDS);
        for round in 0..ROUNDS {
            let folder = folder.path().join(round.to_string());
            std::fs::create_dir_all(&folder)?;
            rounds.push(Round {
                same: native(&folder, Keeps::Same).await?,
                least: native(&folder, Keeps::Least).await?,
                ours: committed(&folder, Durability::Full).await?,
                unsynced: committed(&folder, Durability::Off).await?,
            });
        }
        tell(report, &rounds);
        Ok(())
    })
}

/// All variants, one after the other, so that whatever else the machine does hits all of them.
struct Round {
    same: f64,
    least: f64,
    ours: Measured,
    unsynced: Measured,
}

fn tell(report: &mut Report, rounds: &[Round]) {
    let of = |pick: fn(&Round) -> f64| median(rounds.iter().map(pick));
    let latency = format!(
        "p50 {:.2} ms, p99 {:.2} ms",
        of(|round| round.ours.p50) / 1000.0,
        of(|round| round.ours.p99) / 1000.0
    );
    report.add(
        Figure::new(
            "decisions per second, SQLite full sync, 64 callers",
            of(|round| round.ours.per_second),
            "/s",
        )
        .baseline(of(|round| round.same))
        .note(latency),
    );
    report.add(
        Figure::new(
            "decisions over a native function that keeps the same rows",
            of(|round| round.ours.per_second / round.same * 100.0),
            "%",
        )
        .limit(Limit::AtLeast(50.0)),
    );
    report.add(
        Figure::new(
            "decisions over a native function that overwrites one row",
            of(|round| round.ours.per_second / round.least * 100.0),
            "%",
        )
        .note("no versions, no timeline, no decision"),
    );
    report.add(Figure::new(
        "decisions per second, without the flush",
        of(|round| round.unsynced.per_second),
        "/s",
    ));
}

async fn native(folder: &std::path::Path, keeps: Keeps) -> anyhow::Result<f64> {
    let file = folder.join(format!("{keeps:?}.db"));
    let native = Arc::new(Native::open(&file, CALLERS, keeps, Durability::Full).await?);
    let start = Clock::now();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let native = Arc::clone(&native);
        callers.spawn(async move {
            for operation in 0..EACH {
                let committed = native.count(caller, operation).await?;
                anyhow::ensure!(committed, "no two callers share a thing");
            }
            anyhow::Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    Ok(f64::from(CALLERS * EACH) / start.elapsed().as_secs_f64())
}

struct Measured {
    per_second: f64,
    p50: f64,
    p99: f64,
}

async fn committed(folder: &std::path::Path, durability: Durability) -> anyhow::Result<Measured> {
    let folder = folder.join(format!("{durability:?}"));
    let Opened { data, sandbox, things } = open(&folder, durability).await?;
    let start = Clock::now();
    let mut callers = JoinSet::new();
    for (caller, thing) in (0_u128..).zip(things) {
        let (data, sandbox) = (data.clone(), sandbox.clone());
        callers.spawn(async move {
            let mut times = Vec::new();
            for number in 0..u128::from(EACH) {
                let begun = Clock::now();
                let call = Call {
                    context: context(((caller + 1) << 64) + number + 1)?,
                    pack: "counter".into(),
                    input: count(&thing),
                };
                sandbox.invoke(&data, call).await?;
                times.push(begun.elapsed());
            }
            anyhow::Ok(times)
        });
    }
    let mut all = hdrhistogram::Histogram::<u64>::new(3)?;
    while let Some(caller) = callers.join_next().await {
        for time in caller?? {
            all.record(nanos(time))?;
        }
    }
    let decisions = f64::from(CALLERS * EACH);
    let per_second = decisions / start.elapsed().as_secs_f64();
    data.close().await;
    Ok(Measured { per_second, p50: micros(&all, 0.5), p99: micros(&all, 0.99) })
}

/// A centre on SQLite with the counter and a thing for each caller.
pub(crate) struct Opened {
    pub(crate) data: Data,
    pub(crate) sandbox: Sandbox,
    pub(crate) things: Vec<Id>,
}

/// Opens a centre in a folder.
pub(crate) async fn open(
    folder: &std::path::Path,
    durability: Durability,
) -> anyhow::Result<Opened> {
    std::fs::create_dir_all(folder)?;
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
    Ok(Opened { data, sandbox, things })
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

/// What the operator does.
pub(crate) fn setup_context() -> OpContext {
    OpContext {
        id: Id::from_bits(u128::MAX - 1),
        principal: Principal::System { job: "bench".into() },
        pack: None,
        purpose: Purpose { code: "setup".into(), ground: "bench".into(), serves: None },
        now: NOW,
    }
}
