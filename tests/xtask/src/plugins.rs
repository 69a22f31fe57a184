//! The plugins' packs, by way of `cargo anshu`.

use anyhow::Result;

use crate::tree::{Tree, run};

/// Builds every plugin that changed into `<target>/packs`.
pub(crate) fn build(tree: &Tree) -> Result<()> {
    let anshu = tree.build_binary("cargo-anshu")?;
    run(tree.command(&anshu).args(["build", "--workspace"]))?;
    // The next version of one plugin, with a rule that changes: upgrades are tested and shown with it.
    let next = ["build", "--package", "homestay", "--features", "next-law", "--out"];
    run(tree.command(&anshu).args(next).arg(tree.target.join("packs-next")))
}

/// Finds or installs a compiler for plugins, and says which.
pub(crate) fn compiler(tree: &Tree) -> Result<()> {
    let anshu = tree.build_binary("cargo-anshu")?;
    run(tree.command(anshu).args(["toolchain", "--install"]))
}
