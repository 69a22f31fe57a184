//! The web console: npm's work, only when something changed.

use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use crate::tree::{Tree, run};

/// A page for a server that is built where the console cannot be.
const STAND_IN: &str = "<!doctype html><meta charset=\"utf-8\"><title>安枢</title>\
    <p>网页控制台没有构建：这台机器没有 Node.js 20。装上以后运行 cargo xtask console，再重新构建服务器。</p>\n";

/// What stands beside the sources without being one.
const MADE: &[&str] = &["node_modules", "dist", "test-results", "playwright-report", "e2e"];

fn folder(tree: &Tree) -> PathBuf {
    tree.root.join("host/console")
}

/// An npm command in the console's folder.
pub(crate) fn npm(tree: &Tree, arguments: &[&str]) -> Command {
    let mut npm = tree.command("npm");
    npm.current_dir(folder(tree)).args(arguments);
    npm
}

/// Installs the console's dependencies, unless the lock file has not changed since.
pub(crate) fn install(tree: &Tree) -> Result<()> {
    let folder = folder(tree);
    let changed = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified());
    let wanted = changed(&folder.join("package-lock.json"))
        .context("host/console 里没有 package-lock.json")?;
    // npm writes this file at the end of every installation.
    let installed =
        changed(&folder.join("node_modules/.package-lock.json")).unwrap_or(SystemTime::UNIX_EPOCH);
    if installed >= wanted {
        println!("有  控制台的依赖：没有变化");
        return Ok(());
    }
    run(&mut npm(tree, &["ci", "--no-audit", "--no-fund", "--prefer-offline"]))
}

/// Builds the console into `host/console/dist`, unless none of its sources has changed since.
pub(crate) fn build(tree: &Tree) -> Result<()> {
    install(tree)?;
    let folder = folder(tree);
    let stamp = tree.target.join("anshu/console.stamp");
    let sources = fingerprint(&folder)?;
    let built = folder.join("dist/index.html");
    if built.exists() && std::fs::read_to_string(&stamp).is_ok_and(|present| present == sources) {
        println!("有  控制台：无需重建");
        return Ok(());
    }
    run(&mut npm(tree, &["run", "build"]))?;
    std::fs::create_dir_all(stamp.parent().unwrap_or(&tree.target))?;
    std::fs::write(&stamp, sources).with_context(|| format!("写不了 {}", stamp.display()))
}

/// Puts a page in the console's place, where there is none, so that the server can be built without it.
pub(crate) fn stand_in(tree: &Tree) -> Result<()> {
    let page = folder(tree).join("dist/index.html");
    if page.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder(tree).join("dist"))?;
    std::fs::write(&page, STAND_IN).with_context(|| format!("写不了 {}", page.display()))
}

/// One line for the names and contents of all sources.
fn fingerprint(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.as_os_str().as_encoded_bytes());
        hasher.write(&std::fs::read(&file).with_context(|| format!("读不到 {}", file.display()))?);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("读不到 {}", folder.display()))?
    {
        let entry = entry?;
        let made = MADE.iter().any(|made| entry.file_name() == *made);
        match entry.file_type()?.is_dir() {
            true if made => {}
            true => collect(&entry.path(), files)?,
            false => files.push(entry.path()),
        }
    }
    Ok(())
}
