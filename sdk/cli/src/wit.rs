//! Whether a newer version of a contract (a WIT package) keeps what its number promises.
//!
//! By semver: from 1.0.0 on a breaking change needs a new major number, before that a new minor one. A number that says
//! "compatible" over a change that is not is refused.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use semver::Version;
use wit_parser::{Resolve, UnresolvedPackageGroup, WorldId};

/// Whether the number of `newer` promises that everything goes on that goes with `older`.
fn promises(older: &Version, newer: &Version) -> bool {
    match (older.major, older.minor) {
        (0, 0) => older == newer,
        (0, minor) => newer.major == 0 && newer.minor == minor,
        (major, _) => newer.major == major,
    }
}

/// Refuses a folder with a WIT package that breaks components which were built against an older folder, under a number that
/// promises not to. A package of the same number must be the same: a released version is frozen.
///
/// # Errors
/// Where it is refused, with what does not fit; where a folder holds no WIT package with a version.
pub fn check_wit(older: &Path, newer: &Path) -> Result<()> {
    let (before, from) = wit(older)?;
    let (mut after, to) = wit(newer)?;
    let name = format!("{}:{}", before.main.name.namespace, before.main.name.name);
    if (&before.main.name.namespace, &before.main.name.name)
        != (&after.main.name.namespace, &after.main.name.name)
    {
        bail!(
            "{} 里是 {}，{} 里是 {name}：不是同一个合约",
            newer.display(),
            after.main.name,
            older.display()
        );
    }
    if to < from {
        bail!("{name} 的编号从 {from} 退到了 {to}；新版本的编号必须更大");
    }
    if !promises(&from, &to) {
        return Ok(());
    }
    let frozen = from == to;
    if frozen {
        // One set holds each number once. The check itself looks at no number.
        after.main.name.version =
            Some(Version { pre: semver::Prerelease::new("newer")?, ..to.clone() });
    }
    let mut both = Resolve::default();
    let before = both.push_group(before).with_context(|| format!("看不懂 {}", older.display()))?;
    let after = both.push_group(after).with_context(|| format!("看不懂 {}", newer.display()))?;
    let worlds = |package| -> Vec<(String, WorldId)> {
        let package = both.packages.get(package);
        let worlds = package.into_iter().flat_map(|package| &package.worlds);
        worlds.map(|(name, id)| (name.clone(), *id)).collect()
    };
    let (before, after) = (worlds(before), worlds(after));
    for (world, old) in &before {
        let Some((_, new)) = after.iter().find(|(name, _)| name == world) else {
            bail!("{name}@{to} 少了 {from} 的 world {world}；{}", advice(&from));
        };
        let fits = |old: WorldId, new: WorldId| wit_component::semver_check(both.clone(), old, new);
        fits(*old, *new).with_context(|| {
            format!(
                "{name} {from} → {to} 的改动会使按 {from} 构建的插件不能用（world {world}）；{}",
                advice(&from)
            )
        })?;
        if frozen {
            fits(*new, *old).with_context(|| {
                format!("{name}@{from} 已经发布，不得再改（world {world}）；请另起一个版本的目录")
            })?;
        }
    }
    Ok(())
}

fn wit(folder: &Path) -> Result<(UnresolvedPackageGroup, Version)> {
    let group = UnresolvedPackageGroup::parse_dir(folder)
        .with_context(|| format!("{} 里没有可用的 WIT 包", folder.display()))?;
    let version = group.main.name.version.clone();
    let version = version.with_context(|| format!("{} 的 WIT 包没有版本号", folder.display()))?;
    Ok((group, version))
}

/// The number that a breaking change needs.
fn advice(from: &Version) -> String {
    let next = if from.major == 0 {
        Version::new(0, from.minor + 1, 0)
    } else {
        Version::new(from.major + 1, 0, 0)
    };
    format!("请改回兼容的写法，或把版本号改为 {next} 以上")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_promises_what_semver_says() {
        let promised =
            |older: &str, newer: &str| promises(&older.parse().unwrap(), &newer.parse().unwrap());
        assert!(
            promised("1.2.0", "1.9.0") && promised("0.2.0", "0.2.5") && promised("0.0.3", "0.0.3")
        );
        assert!(
            !promised("1.2.0", "2.0.0")
                && !promised("0.2.0", "0.3.0")
                && !promised("0.0.3", "0.0.4")
        );
    }
}
