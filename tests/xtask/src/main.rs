//! `cargo xtask`: one command for each thing that one does with the whole tree, on any machine.
//!
//! It knows which programs build and test what, in which order. It holds no rule of the product: whatever a step decides is
//! decided by the program that it starts.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks to a terminal"
)]

mod apt;
mod console;
mod counts;
mod demo;
mod machine;
mod plugins;
mod suite;
mod tree;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::machine::Purpose;
use crate::tree::Tree;

const USAGE: &str = "\
安枢的整体命令。用法：

  cargo xtask setup [--for test|demo]   检查机器，自动装上缺少的工具
  cargo xtask plugins                   把全部插件构建成插件包（<target>/packs）
  cargo xtask console                   构建网页控制台（host/console/dist）
  cargo xtask demo [参数…]              构建一切，启动一个带样例数据的中心；参数转交给 anshu demo
  cargo xtask test                      全部检查和测试，最后一行是通过数和失败数
  cargo xtask bench [项目…]             测速；参数转交给 anshu-bench
";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("错误：{error:#}");
            ExitCode::FAILURE
        }
    }
}

// Matched by hand: a parser would take longer to build than everything else here.
fn run(arguments: &[&str]) -> Result<ExitCode> {
    let tree = Tree::find()?;
    match arguments {
        ["setup"] | ["setup", "--for", "test"] => return set_up(&tree, Purpose::Test),
        ["setup", "--for", "demo"] => return set_up(&tree, Purpose::Demo),
        ["plugins"] => plugins::build(&tree)?,
        ["console"] => console::build(&tree)?,
        ["demo", rest @ ..] => return demo::run(&tree, rest),
        ["test"] => return suite::run(&tree),
        ["bench", rest @ ..] => {
            plugins::build(&tree)?;
            let bench = tree.build_binary("anshu-bench")?;
            return tree::finish(tree.command(bench).args(rest));
        }
        [] | ["help" | "--help" | "-h"] => println!("{USAGE}"),
        other => bail!("不认识“cargo xtask {}”。\n\n{USAGE}", other.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}

fn set_up(tree: &Tree, purpose: Purpose) -> Result<ExitCode> {
    let machine = machine::set_up(tree, purpose);
    if machine.node {
        console::install(tree)?;
    }
    Ok(if machine.complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
