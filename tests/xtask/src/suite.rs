//! `cargo xtask test`: every check and test, in one run that shows all failures at once.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::counts::Counts;
use crate::machine::{self, Purpose};
use crate::tree::{Tree, line};
use crate::{console, plugins};

/// How a step ended.
#[derive(Debug)]
enum Ending {
    Passed,
    Failed(String),
    /// The machine lacks what the step needs; `setup` told what to do.
    Skipped(&'static str),
}

/// A step that ended.
#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    counts: Counts,
    ending: Ending,
}

/// Runs the steps in order. A failed one stops none of the others.
pub(crate) fn run(tree: &Tree) -> Result<ExitCode> {
    let mut suite = Suite { steps: Vec::new() };
    let start = Instant::now();
    let machine = machine::set_up(tree, Purpose::Test);
    suite.steps.push(Step {
        name: "准备机器",
        took: start.elapsed(),
        counts: Counts::default(),
        ending: Ending::Passed,
    });

    suite.step("插件包", || plugins::build(tree));
    if machine.node {
        suite.step("控制台构建", || console::build(tree));
        suite.tests("控制台类型", &mut console::npm(tree, &["run", "check"]));
        suite.tests("控制台测试", &mut console::npm(tree, &["test"]));
    } else {
        suite.skip("控制台", "没有 Node.js");
    }
    // The server embeds the console's files; where they could not be built, it is still tested without them.
    console::stand_in(tree)?;
    if machine.lints {
        suite.tests("格式", tree.cargo().args(["fmt", "--all", "--check"]));
        let mut clippy = tree.cargo();
        clippy.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
        suite.tests("写法", &mut clippy);
    } else {
        suite.skip("格式和写法", "没有 rustfmt 或 clippy");
    }
    suite.tests("测试", tree.cargo().args(["test", "--workspace", "--no-fail-fast"]));
    match (&machine.browser, machine.node) {
        (Some(browser), true) => {
            suite.step("服务器构建", || tree.build_binary("anshu").map(drop));
            let mut e2e = console::npm(tree, &["run", "e2e"]);
            e2e.env("ANSHU_BROWSER", browser);
            e2e.env(
                "ANSHU_BINARY",
                tree.target.join("debug").join(format!("anshu{}", std::env::consts::EXE_SUFFIX)),
            );
            e2e.env("ANSHU_PACKS", tree.target.join("packs"));
            suite.tests("浏览器测试", &mut e2e);
        }
        (None, _) => suite.skip("浏览器测试", "没有浏览器"),
        (Some(_), false) => suite.skip("浏览器测试", "没有 Node.js"),
    }
    Ok(suite.conclude())
}

#[derive(Debug)]
struct Suite {
    steps: Vec<Step>,
}

impl Suite {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        self.counted(name, || (Counts::default(), work()));
    }

    /// A command whose summary lines are counted.
    fn tests(&mut self, name: &'static str, command: &mut Command) {
        self.counted(name, || {
            let mut counts = Counts::default();
            let ended = watched(command, &mut counts);
            (counts, ended)
        });
    }

    fn counted(&mut self, name: &'static str, work: impl FnOnce() -> (Counts, Result<()>)) {
        println!("\n== {name}");
        let start = Instant::now();
        let (mut counts, ended) = work();
        let ending = match ended {
            Ok(()) => Ending::Passed,
            Err(error) => {
                // A step that fails without a failing test (it does not compile, say) still counts as one.
                counts.failed = counts.failed.max(1);
                println!("失败：{error:#}");
                Ending::Failed(format!("{error:#}"))
            }
        };
        self.steps.push(Step { name, took: start.elapsed(), counts, ending });
    }

    fn skip(&mut self, name: &'static str, why: &'static str) {
        self.steps.push(Step {
            name,
            took: Duration::ZERO,
            counts: Counts::default(),
            ending: Ending::Skipped(why),
        });
    }

    /// Prints the table and, as the last line, the sums.
    fn conclude(&self) -> ExitCode {
        let mut sum = Counts::default();
        println!("\n步骤              秒    通过  失败  结果");
        for Step { name, took, counts, ending } in &self.steps {
            sum += *counts;
            let ending = match ending {
                Ending::Passed => "通过".to_owned(),
                Ending::Failed(why) => format!("失败：{}", why.lines().next().unwrap_or_default()),
                Ending::Skipped(why) => format!("跳过（{why}）"),
            };
            // A Chinese character is two columns wide.
            let padding = " ".repeat(12_usize.saturating_sub(2 * name.chars().count()));
            let seconds = took.as_secs_f64();
            println!(
                "{name}{padding}  {seconds:>6.1}  {:>6}  {:>4}  {ending}",
                counts.passed, counts.failed
            );
        }
        println!("{} passed, {} failed", sum.passed, sum.failed);
        if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs a command, shows its output and counts the summaries in it.
fn watched(command: &mut Command, counts: &mut Counts) -> Result<()> {
    let line = line(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("无法运行 {line}"))?;
    let mut output = BufReader::new(child.stdout.take().context("没有标准输出")?);
    let (mut shown, mut text) = (std::io::stdout(), Vec::new());
    while output.read_until(b'\n', &mut text)? > 0 {
        shown.write_all(&text)?;
        shown.flush()?;
        if let Some(found) = Counts::in_line(&String::from_utf8_lossy(&text)) {
            *counts += found;
        }
        text.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{line} 没有成功（{status}）");
    }
    Ok(())
}
