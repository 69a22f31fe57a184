//! Debian's packages, where this machine has them and we may install them.

use std::process::Command;

use crate::tree::{Tree, printed, program};

/// Whether packages can be installed without asking anybody.
pub(crate) fn available() -> bool {
    program(&["apt-get"]).is_some() && printed(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Whether the release has this package in that major version or a later one.
pub(crate) fn offers(tree: &Tree, package: &str, oldest: u32) -> bool {
    let candidate = || {
        let policy = printed(tree.command("apt-cache").args(["policy", package]))?;
        let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?;
        version.trim().split('.').next()?.parse::<u32>().ok()
    };
    let refreshed = || (available() && apt(tree, &["update"], &[])).then(candidate).flatten();
    candidate().or_else(refreshed).is_some_and(|major| major >= oldest)
}

/// Installs packages; refreshes the lists once if they are missing or stale.
pub(crate) fn install(tree: &Tree, packages: &[&str]) -> bool {
    let install = || apt(tree, &["install", "--yes", "--no-install-recommends"], packages);
    available() && (install() || (apt(tree, &["update"], &[]) && install()))
}

fn apt(tree: &Tree, arguments: &[&str], packages: &[&str]) -> bool {
    let mut apt = tree.command("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-qq", "-o", "Dpkg::Use-Pty=0"])
        .args(arguments)
        .args(packages);
    apt.status().is_ok_and(|status| status.success())
}
