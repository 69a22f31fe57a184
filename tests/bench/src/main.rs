//! `cargo xtask bench [names]`: what a call costs, each figure beside its baseline in the same run.
//!
//! Prints a table for people and, as its last line, one JSON document for machines. Figures depend on the machine; the
//! ratios to their baselines, taken minutes apart on the same machine, are what is held to a limit.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program speaks through its streams"
)]

mod access;
mod centre;
mod commit;
mod invoke;
mod native;
mod report;
mod stages;
mod start;

use report::Report;

/// A bench: its name, and what it measures.
type Bench = (&'static str, fn(&mut Report) -> anyhow::Result<()>);

const BENCHES: [Bench; 5] = [
    ("access", access::run),
    ("invoke", invoke::run),
    ("start", start::run),
    ("stages", stages::run),
    ("commit", commit::run),
];

fn main() -> anyhow::Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let [start::ONCE, folder] = asked.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return start::once(folder);
    }
    if let Some(unknown) = asked.iter().find(|name| !BENCHES.iter().any(|(known, _)| known == name))
    {
        let known: Vec<_> = BENCHES.iter().map(|(name, _)| *name).collect();
        anyhow::bail!("没有名为 {unknown} 的基准；可用：{}", known.join("、"));
    }
    let mut report = Report::default();
    for (name, run) in BENCHES {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            eprintln!("基准 {name} …");
            run(&mut report)?;
        }
    }
    print!("{}", report.table());
    println!("{}", report.json()?);
    Ok(())
}
