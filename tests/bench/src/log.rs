//! The audit log: what a leaf costs inside the group commit, and how long a million of them take to verify, in the database
//! and as exported files. `leaf` and `verify` are benches of their own: the second one first writes what it verifies.

use std::sync::Arc;
use std::time::Instant as Clock;

use anshu_authz::Authority;
use anshu_data::log::export::verify_tiles;
use anshu_data::{Config, Data, Durability};
use anshu_model::Error;
use anshu_model::label::Level;
use anshu_model::org::Person;
use anshu_model::port::Centre as _;
use anshu_model::{Id, context::OpContext, context::Principal};
use tokio::task::JoinSet;

use crate::centre::{context, division};
use crate::report::{Figure, Limit, Report, median};

/// Callers at the same time: as many as one transaction takes.
const CALLERS: u128 = 256;
/// Leaves of each caller in one round of `leaf`.
const EACH: u128 = 40;
/// Rounds of `leaf`.
const ROUNDS: usize = 5;
/// Leaves that `verify` verifies.
const LEAVES: u128 = 1_000_000;

/// A leaf inside the group commit, with and without waiting for the disk.
pub(crate) fn leaf(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let (mut synced, mut unsynced) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            for (durability, took) in
                [(Durability::Full, &mut synced), (Durability::Off, &mut unsynced)]
            {
                let data = open(&folder.path().join(format!("{round}{durability:?}")), durability).await?;
                let start = Clock::now();
                write(&data, CALLERS * EACH).await?;
                took.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(CALLERS * EACH)?));
                data.close().await;
            }
        }
        report.add(
            Figure::new("a leaf inside the group commit, SQLite full sync, 256 callers", median(synced), "µs")
                .baseline(median(unsynced))
                .limit(Limit::AtMost(20.0))
                .note("tree, tiles, signature and search tables included; the baseline does not wait for the disk"),
        );
        Ok(())
    })
}

/// A million leaves.
pub(crate) fn verify(report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir()?;
        let data = open(&folder.path().join("centre"), Durability::Off).await?;
        write(&data, LEAVES).await?;
        let start = Clock::now();
        let found = data.verify().await?;
        let whole = start.elapsed().as_secs_f64();
        anyhow::ensure!(found.is_sound() && u128::from(found.leaves) == LEAVES, "{found:?}");
        let out = folder.path().join("out");
        data.export_log(&auditor()?, &out).await?;
        let key = data.public_key();
        let start = Clock::now();
        let found = verify_tiles(&out, &key)?;
        let tiles = start.elapsed().as_secs_f64();
        anyhow::ensure!(found.is_sound() && u128::from(found.leaves) > LEAVES, "{found:?}");
        data.close().await;
        report.add(
            Figure::new("verification of a million leaves in the database", whole, "s")
                .limit(Limit::AtMost(10.0))
                .note("with every row that is bound to them, and the search tables"),
        );
        report.add(
            Figure::new("verification of a million exported leaves", tiles, "s")
                .limit(Limit::AtMost(10.0)),
        );
        Ok(())
    })
}

async fn open(folder: &std::path::Path, durability: Durability) -> anyhow::Result<Data> {
    std::fs::create_dir_all(folder)?;
    let config = Config {
        url: format!("sqlite:{}", folder.join("centre.db").display()),
        durability,
        keys: folder.join("keys"),
        origin: "bench.anshu.invalid/log".into(),
        smallest_figure: Config::SMALLEST_FIGURE,
    };
    Ok(Data::open(&config, Authority::shipped()?).await?)
}

/// Leaves that stand alone, by many callers, each waiting for its own.
async fn write(data: &Data, count: u128) -> anyhow::Result<()> {
    let error = Arc::new(Error::Fault("bench".into()));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (data, error) = (data.clone(), error.clone());
        callers.spawn(async move {
            let mut number = caller;
            while number < count {
                data.failed(&context(number + 1)?, &error).await?;
                number += CALLERS;
            }
            anyhow::Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    Ok(())
}

fn auditor() -> anyhow::Result<OpContext> {
    let person = Person {
        id: Id::from_text("bench-auditor"),
        name: "样例审".into(),
        unit: Id::from_text("bench-unit"),
        division: division()?,
        roles: ["auditor".to_owned()].into(),
        clearance: Level::L1,
        functions: Default::default(),
    };
    Ok(OpContext { principal: Principal::Person(Box::new(person)), ..context(u128::MAX - 7)? })
}
