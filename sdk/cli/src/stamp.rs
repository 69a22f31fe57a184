//! Whether a pack still stands for its sources: by content, so that a checkout or a copied cache rebuilds nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Built;

/// Raised whenever this crate makes a different pack from the same sources.
const FORMAT: u32 = 3;

/// What a pack was made from.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Stamp {
    format: u32,
    pub(crate) built: Built,
    /// Digest of every file that went in: sources of the plugin and of the local crates under it, contract, manifests, lock.
    inputs: BTreeMap<PathBuf, String>,
}

impl Stamp {
    /// Records the present content of the inputs.
    pub(crate) fn new(built: Built, inputs: impl IntoIterator<Item = PathBuf>) -> Result<Self> {
        let mut digests = BTreeMap::new();
        for input in inputs {
            let content =
                std::fs::read(&input).with_context(|| format!("读不到 {}", input.display()))?;
            digests.insert(input, digest(&content));
        }
        Ok(Self { format: FORMAT, built, inputs: digests })
    }

    /// The stamp of an earlier build, if its pack and all its inputs are still what they were.
    pub(crate) fn still_true(path: &Path) -> Option<Self> {
        let stamp: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        let unchanged = |(path, recorded): (&PathBuf, &String)| {
            std::fs::read(path).is_ok_and(|content| digest(&content) == *recorded)
        };
        let pack = (&stamp.built.path, &stamp.built.digest);
        (stamp.format == FORMAT && unchanged(pack) && stamp.inputs.iter().all(unchanged))
            .then_some(stamp)
    }

    /// Whether all these files went in: one that was added since changes nothing that did.
    pub(crate) fn covers(&self, files: &[PathBuf]) -> bool {
        files.iter().all(|file| self.inputs.contains_key(file))
    }

    /// Keeps the stamp for the next build.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        crate::build::write_whole(path, &serde_json::to_vec_pretty(self)?)
    }
}

/// SHA-256 in lower-case hexadecimal: the address of a pack.
pub(crate) fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files that a cargo dep-info file (`.d`) lists.
pub(crate) fn dependencies(dep_info: &Path) -> Result<Vec<PathBuf>> {
    let text = std::fs::read_to_string(dep_info)
        .with_context(|| format!("读不到 {}", dep_info.display()))?;
    Ok(text
        .lines()
        .flat_map(|line| parse_line(line.split_once(": ").map_or("", |(_, files)| files)))
        .collect())
}

/// Splits at spaces that no backslash escapes.
fn parse_line(files: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut name = String::new();
    let mut letters = files.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&' ') => name.extend(letters.next()),
            ' ' => found.push(std::mem::take(&mut name)),
            other => name.push(other),
        }
    }
    found.push(name);
    found.into_iter().filter(|name| !name.is_empty()).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::parse_line;
    use std::path::PathBuf;

    #[test]
    fn a_space_in_a_path_stays_in_the_path() {
        assert_eq!(parse_line("a.rs b\\ c.rs"), [PathBuf::from("a.rs"), PathBuf::from("b c.rs")]);
    }
}
