//! What a newer version of a pack changes for those who rely on the older one, before anybody installs it. What counts as a
//! change, and what it asks of the number, is the model's: the host asks the same when a version is staged.

use std::path::Path;

use anshu_model::compat::{Compat, compare};
use anshu_model::manifest::Manifest;
use anyhow::{Context as _, Result, bail};

use crate::pack;

/// The differences between two versions of a pack, and whether the newer may follow the older.
#[derive(Debug)]
pub struct Changes {
    /// Every difference.
    pub compat: Compat,
    /// What the host will say when the newer is staged beside the older.
    pub admitted: anshu_model::Result<()>,
}

/// Compares two packs on disk.
///
/// # Errors
/// Where a file is no pack with a manifest, the two are no versions of one pack, or one number stands for two contents.
pub fn changes(older: &Path, newer: &Path) -> Result<Changes> {
    let ((old, before), (new, after)) = (manifest(older)?, manifest(newer)?);
    if old.name != new.name {
        bail!(
            "{} 是插件 {}，{} 是插件 {}：不是同一个插件",
            older.display(),
            old.name,
            newer.display(),
            new.name
        );
    }
    if old.version == new.version && before != after {
        bail!(
            "插件 {} 的内容变了，版本号却仍是 {}；同一个编号不得有两种内容，请提升版本号",
            new.name,
            new.version
        );
    }
    let compat = compare(&old, &new);
    let admitted = compat.admit(&old, &new);
    Ok(Changes { compat, admitted })
}

/// A pack's manifest, and the digest of its file.
fn manifest(path: &Path) -> Result<(Manifest, String)> {
    let pack::Inspection { manifest, digest, .. } = pack::inspect(path)?;
    let manifest = manifest
        .with_context(|| format!("{} 没有清单；请用 cargo anshu build 重新构建", path.display()))?;
    let manifest = serde_json::from_value(manifest)
        .with_context(|| format!("{} 的清单不合格式", path.display()))?;
    Ok((manifest, digest))
}
