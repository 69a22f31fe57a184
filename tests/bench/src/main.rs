//! `cargo xtask bench [names] [--rows 10000,100000]`: what a call costs, each figure beside its baseline in the same run.
//! `--rows` are the sizes of the files that `import` takes in.
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
mod import;
mod invoke;
mod list;
mod log;
mod native;
mod people;
mod plan;
mod replay;
mod report;
mod stages;
mod start;
mod swap;

use report::Report;

/// A bench: its name, and what it measures.
type Bench = (&'static str, fn(&mut Report) -> anyhow::Result<()>);

const BENCHES: &[Bench] = &[
    ("access", access::run),
    ("list", list::run),
    ("invoke", invoke::run),
    ("start", start::run),
    ("stages", stages::run),
    ("commit", commit::run),
    ("leaf", log::leaf),
    ("verify", log::verify),
    ("swap", swap::run),
    ("people", people::run),
    ("plan", plan::run),
    ("replay", replay::run),
];

/// The bench that is run at sizes.
const IMPORT: &str = "import";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [start::ONCE, folder] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return start::once(folder);
    }
    if let Some((import::ALONE, rest)) = arguments.split_first().map(|(name, rest)| (&**name, rest))
    {
        return import::alone(rest);
    }
    let (sizes, asked) = import::sizes(arguments)?;
    let known: Vec<_> = BENCHES.iter().map(|(name, _)| *name).chain([IMPORT]).collect();
    if let Some(unknown) = asked.iter().find(|name| !known.contains(&&***name)) {
        anyhow::bail!("没有名为 {unknown} 的基准；可用：{}", known.join("、"));
    }
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|asked| asked == name);
    let mut report = Report::default();
    for &(name, run) in BENCHES {
        if wanted(name) {
            eprintln!("基准 {name} …");
            run(&mut report)?;
        }
    }
    if wanted(IMPORT) {
        eprintln!("基准 {IMPORT} …");
        import::run(&mut report, &sizes)?;
    }
    print!("{}", report.table());
    println!("{}", report.json()?);
    Ok(())
}
