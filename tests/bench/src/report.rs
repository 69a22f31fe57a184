//! Figures, as a table and as JSON.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: String,
    /// The figure.
    pub(crate) value: f64,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// What it is held to, and whether more or less is better.
    pub(crate) limit: Option<Limit>,
    /// What it is compared with, in the same unit.
    pub(crate) baseline: Option<f64>,
    /// Anything that a reader needs to know.
    pub(crate) note: String,
}

/// What a figure is held to.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Limit {
    /// At most so much.
    AtMost(f64),
    /// At least so much.
    AtLeast(f64),
}

impl Figure {
    /// A figure without limit or baseline.
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, limit: None, baseline: None, note: String::new() }
    }

    /// Holds it to a limit.
    pub(crate) fn limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Compares it.
    pub(crate) fn baseline(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Explains it.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn met(&self) -> Option<bool> {
        self.limit.map(|limit| match limit {
            Limit::AtMost(most) => self.value <= most,
            Limit::AtLeast(least) => self.value >= least,
        })
    }
}

/// All figures of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
}

impl Report {
    /// Adds a figure.
    pub(crate) fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// The table for people.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        for figure in &self.figures {
            let limit = match figure.limit {
                None => String::new(),
                Some(Limit::AtMost(most)) => format!("≤ {most}"),
                Some(Limit::AtLeast(least)) => format!("≥ {least}"),
            };
            let met = figure.met().map_or("", |met| if met { "达到" } else { "未达到" });
            let baseline =
                figure.baseline.map_or(String::new(), |baseline| format!("对照 {baseline:.2}"));
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{:<58} {:>12.3} {:<6} {limit:<10} {met:<6} {baseline:<16} {}",
                figure.name, figure.value, figure.unit, figure.note
            );
        }
        table
    }

    /// The JSON for machines.
    pub(crate) fn json(&self) -> anyhow::Result<String> {
        #[derive(Serialize)]
        struct Line<'a> {
            #[serde(flatten)]
            figure: &'a Figure,
            met: Option<bool>,
        }
        let figures: Vec<_> =
            self.figures.iter().map(|figure| Line { figure, met: figure.met() }).collect();
        Ok(serde_json::json!({ "machine": machine(), "commit": commit(), "figures": figures })
            .to_string())
    }
}

/// What the figures were measured on: processor, how many of it, memory, system. Nothing that names the machine.
fn machine() -> serde_json::Value {
    let first = |path: &str, key: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    serde_json::json!({
        "processor": first("/proc/cpuinfo", "model name"),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": first("/proc/meminfo", "MemTotal"),
        "system": std::env::consts::OS,
        "load": load.trim(),
    })
}

/// The commit that was measured, with a mark where the tree has changes of its own.
fn commit() -> String {
    let git = std::process::Command::new("git").args(["describe", "--always", "--dirty"]).output();
    git.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// Times of many runs, in nanoseconds.
pub(crate) fn time(
    runs: u32,
    mut run: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Histogram<u64>> {
    time_with(runs, || Ok(()), |()| run())
}

/// Times of many runs, in nanoseconds, each on something that is made before its clock starts.
pub(crate) fn time_with<T>(
    runs: u32,
    mut make: impl FnMut() -> anyhow::Result<T>,
    mut run: impl FnMut(T) -> anyhow::Result<()>,
) -> anyhow::Result<Histogram<u64>> {
    let mut times = Histogram::new(3)?;
    for _ in 0..runs / 10 {
        run(make()?)?;
    }
    for _ in 0..runs {
        let made = make()?;
        let start = Instant::now();
        run(made)?;
        times.record(nanos(start.elapsed()))?;
    }
    Ok(times)
}

/// The value in the middle: what noise in single rounds does not move.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A duration in whole nanoseconds.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A quantile in microseconds.
pub(crate) fn micros(times: &Histogram<u64>, quantile: f64) -> f64 {
    // A histogram of durations stays far below 2^52, where a float is exact.
    #[expect(clippy::cast_precision_loss, reason = "durations stay far below 2^52 nanoseconds")]
    let nanos = times.value_at_quantile(quantile) as f64;
    nanos / 1000.0
}
