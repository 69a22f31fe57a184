//! Importing a large file: how many rows a second become inspected rooms, and what it takes in memory, beside a plain Rust
//! loop that keeps the same rows.
//!
//! Each measurement is a process of its own, so that its peak memory is its alone; two sizes show whether it grows.

pub(crate) mod memory;
mod native;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use anshu_model::instant::Offset;
use anshu_server::Settings;
use anshu_server::config::Stated;
use anshu_server::demo::{Recipe, Sample, set_up};
use anshu_server::import::{Job, Mapping, import};
use anshu_server::run::Centre;
use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

use crate::centre::{NOW, packs};
use crate::report::{Figure, Limit, Report};
use memory::Peak;

/// The first argument of a process that measures alone. People never write it.
pub(crate) const ALONE: &str = "import-alone";

/// The files' rows where nobody says otherwise.
const SIZES: [u32; 2] = [10_000, 100_000];
/// How much more memory the largest file may take than the smallest: what caches still fill.
const GROWTH: f64 = 1.2;
/// The sample that the centre is made of.
const SAMPLE: &str = "examples/centre";
/// Its mapping and its recipe of made-up rooms.
const MAPPING: &str = "mapping/rooms.toml";
const RECIPE: &str = "recipes/rooms.toml";
/// What the made-up rooms' codes begin with: no room of the sample has such a code.
const PREFIX: &str = "BENCH";
/// Who imports.
const LOGIN: &str = "clerk";

/// Takes `--rows 10000,100000` out of the arguments, and answers it and the rest.
pub(crate) fn sizes(arguments: Vec<String>) -> anyhow::Result<(Vec<u32>, Vec<String>)> {
    let (mut sizes, mut rest) = (Vec::new(), Vec::new());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument != "--rows" {
            rest.push(argument);
            continue;
        }
        let stated = arguments.next().context("--rows 之后应为行数，如 --rows 10000,100000")?;
        for size in stated.split(',') {
            let size = size.trim().parse::<u32>().ok().filter(|size| *size > 0);
            sizes.push(size.with_context(|| format!("--rows {stated}：应为大于零的行数"))?);
        }
    }
    if sizes.is_empty() {
        sizes.extend(SIZES);
    }
    sizes.sort_unstable();
    Ok((sizes, rest))
}

/// What one process measured.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    rows: u32,
    seconds: f64,
    /// The most memory that the process had at once, in MiB: with the database's pages that are mapped into it.
    resident: f64,
    /// Of it, what is the process's own.
    own: f64,
}

impl Measured {
    fn per_second(&self) -> f64 {
        f64::from(self.rows) / self.seconds
    }
}

/// Who takes the file in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Anshu,
    Native,
}

impl Way {
    const ALL: [(&'static str, Self); 2] = [("anshu", Self::Anshu), ("native", Self::Native)];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, way)| *way == self).map_or("", |(name, _)| name)
    }
}

pub(crate) fn run(report: &mut Report, sizes: &[u32]) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut measured = Vec::with_capacity(sizes.len());
    for size in sizes {
        let file = folder.path().join(format!("{size}.csv"));
        std::fs::write(&file, rooms(*size)?)?;
        let native = apart(Way::Native, &file, folder.path())?;
        let ours = apart(Way::Anshu, &file, folder.path())?;
        ensure!(
            ours.rows == *size && native.rows == *size,
            "of {size} rows, {} and natively {} were taken in",
            ours.rows,
            native.rows
        );
        tell(report, &ours, &native);
        measured.push(ours);
    }
    if let [smallest, .., largest] = measured.as_slice() {
        let name = format!("memory for {} rows over that for {}", largest.rows, smallest.rows);
        report.add(
            Figure::new(name, largest.own / smallest.own, "×")
                .limit(Limit::AtMost(GROWTH))
                .note(format!("with mapped pages {:.2} ×", largest.resident / smallest.resident)),
        );
    }
    Ok(())
}

fn tell(report: &mut Report, ours: &Measured, native: &Measured) {
    let rows = ours.rows;
    report.add(
        Figure::new(format!("{rows} rooms imported and inspected"), ours.per_second(), "/s")
            .baseline(native.per_second())
            .note(format!("{:.1} s, full sync", ours.seconds)),
    );
    report.add(Figure::new(
        "  over a native loop that keeps the same rows",
        ours.per_second() / native.per_second() * 100.0,
        "%",
    ));
    report.add(
        Figure::new("  peak memory", ours.own, "MiB")
            .baseline(native.own)
            .note(format!("with the database's mapped pages {:.0} MiB", ours.resident)),
    );
}

/// Made-up rooms: the sample's recipe, with more rows.
fn rooms(rows: u32) -> anyhow::Result<Vec<u8>> {
    let mut recipe: toml::Table = text(RECIPE)?.parse()?;
    recipe.insert("rows".into(), i64::from(rows).into());
    let columns = recipe.get_mut("columns").and_then(toml::Value::as_array_mut);
    for column in columns.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
        if column.contains_key("prefix") {
            column.insert("prefix".into(), PREFIX.into());
        }
    }
    let recipe = Recipe::parse(RECIPE, &toml::to_string(&recipe)?)?;
    Ok(recipe.csv(NOW, Offset::default())?)
}

fn text(name: &str) -> anyhow::Result<String> {
    let path = Path::new(SAMPLE).join(name);
    std::fs::read_to_string(&path).with_context(|| format!("不能读取 {}", path.display()))
}

/// Measures in a process of its own.
fn apart(way: Way, file: &Path, folder: &Path) -> anyhow::Result<Measured> {
    let folder = folder.join(way.name());
    std::fs::create_dir(&folder)?;
    let program = std::env::current_exe()?;
    let output = std::process::Command::new(program)
        .args([ALONE, way.name()])
        .args([file, &folder])
        .stderr(std::process::Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the import did not end well: {}", output.status);
    std::fs::remove_dir_all(folder)?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What such a process does: imports a file and prints what it took.
pub(crate) fn alone(arguments: &[String]) -> anyhow::Result<()> {
    let [name, file, folder] = arguments else {
        anyhow::bail!("{ALONE} <way> <file> <folder>");
    };
    let (_, way) =
        Way::ALL.into_iter().find(|(known, _)| known == name).context("no such way to import")?;
    let (file, folder) = (PathBuf::from(file), PathBuf::from(folder));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(async {
        match way {
            Way::Anshu => anshu(file, &folder).await,
            Way::Native => native(&file, &folder).await,
        }
    })?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

async fn anshu(file: PathBuf, folder: &Path) -> anyhow::Result<Measured> {
    let sample = Sample::read(Path::new(SAMPLE))?;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let data = Some(folder.to_owned());
    let stated = Stated { data, listen: Some(listen), ..Stated::default() };
    let settings = sample.configure(Settings::of_folder(folder, listen)?, &stated)?;
    let centre = Centre::open(settings).await?;
    set_up(&centre.app, &sample, &packs()).await?;
    let account = centre.app.data.account(LOGIN).await?.context("the sample has the account")?;
    let job = Job {
        file,
        mapping: Mapping::parse(MAPPING, &text(MAPPING)?)?,
        mapping_name: MAPPING.into(),
        person: account.person,
        dry: false,
        partly: false,
        problems: None,
    };
    let peak = Peak::start();
    let begun = Clock::now();
    let report = import(&centre.app, job).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let memory = peak.end();
    centre.close().await;
    for problem in report.problems.iter().take(3) {
        eprintln!("  {problem}");
    }
    let rows = u32::try_from(report.taken)?;
    Ok(Measured { rows, seconds, resident: memory.resident, own: memory.own })
}

async fn native(file: &Path, folder: &Path) -> anyhow::Result<Measured> {
    let peak = Peak::start();
    let begun = Clock::now();
    let rows = native::import(file, &folder.join("native.db")).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let memory = peak.end();
    Ok(Measured { rows, seconds, resident: memory.resident, own: memory.own })
}
