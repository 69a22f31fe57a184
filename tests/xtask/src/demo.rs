//! `cargo xtask demo`: from a fresh clone to a running centre.

use std::process::ExitCode;

use anyhow::Result;

use crate::machine::Purpose;
use crate::tree::{Tree, finish};
use crate::{console, machine, plugins};

/// Builds everything that changed and becomes the server. Data stay in `<target>/demo` from one run to the next.
pub(crate) fn run(tree: &Tree, arguments: &[&str]) -> Result<ExitCode> {
    let machine = machine::set_up(tree, Purpose::Demo);
    plugins::build(tree)?;
    if machine.node {
        console::build(tree)?;
    } else {
        console::stand_in(tree)?;
    }
    let server = tree.build_binary("anshu")?;
    let mut demo = tree.command(server);
    demo.arg("demo")
        .arg("--data")
        .arg(tree.target.join("demo"))
        .arg("--packs")
        .arg(tree.target.join("packs"))
        .args(["--sample", "examples/centre"])
        .args(arguments);
    finish(&mut demo)
}
