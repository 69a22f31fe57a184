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

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::machine::Purpose;
use crate::tree::Tree;

/// 安枢的整体命令：准备机器、构建、演示、测试、测速。
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// 检查机器，自动装上缺少的工具
    Setup {
        /// 为了什么：demo 只需要编译器和 Node.js，test 还需要浏览器、字体和 PostgreSQL
        #[arg(long = "for", value_enum, default_value = "test")]
        purpose: Purpose,
    },
    /// 把全部插件构建成插件包（<target>/packs）
    Plugins,
    /// 构建网页控制台（host/console/dist）
    Console,
    /// 构建一切，启动一个带样例数据的中心
    Demo {
        /// 转交给 anshu demo 的其他参数
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// 全部检查和测试，最后一行是通过数和失败数
    Test,
    /// 测速；可以指明只测哪几项
    Bench {
        /// 转交给 anshu-bench 的参数
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("错误：{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    let tree = Tree::find()?;
    match arguments.command {
        Verb::Setup { purpose } => {
            let machine = machine::set_up(&tree, purpose);
            if machine.node {
                console::install(&tree)?;
            }
            if !machine.complete {
                return Ok(ExitCode::FAILURE);
            }
        }
        Verb::Plugins => plugins::build(&tree)?,
        Verb::Console => console::build(&tree)?,
        Verb::Demo { arguments } => return demo::run(&tree, &arguments),
        Verb::Test => return suite::run(&tree),
        Verb::Bench { arguments } => {
            plugins::build(&tree)?;
            let bench = tree.build_binary("anshu-bench")?;
            return tree::finish(tree.command(bench).args(arguments));
        }
    }
    Ok(ExitCode::SUCCESS)
}
