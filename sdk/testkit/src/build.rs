//! Packs and sandboxes, made once in a process: compiling is what takes long.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anshu_model::Id;
use anshu_model::capability::Grant;
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::manifest::Manifest;
use anshu_sandbox::{Sandbox, Settings};
use serde_json::Value;

use crate::must;

/// The whole city: where a pack's named duty reaches unless a test says otherwise.
pub(crate) const CITY: &str = "500000000000";

/// The unit that owes the packs' named duties.
pub(crate) fn duty_unit() -> Id {
    Id::from_text("testkit-duty-unit")
}

/// A pack as it was built.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) bytes: Vec<u8>,
    pub(crate) manifest: Manifest,
    pub(crate) golden: Value,
}

static PACKS: Mutex<BTreeMap<PathBuf, Built>> = Mutex::new(BTreeMap::new());
static SANDBOXES: Mutex<BTreeMap<Vec<PathBuf>, Sandbox>> = Mutex::new(BTreeMap::new());

/// The pack of the plugin in a folder, built if its sources have changed.
#[track_caller]
pub(crate) fn pack(folder: &str) -> Built {
    let folder = PathBuf::from(folder);
    let mut packs = PACKS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(built) = packs.get(&folder) {
        return built.clone();
    }
    let options = cargo_anshu::BuildOptions {
        folder: folder.clone(),
        ..cargo_anshu::BuildOptions::default()
    };
    let file = match cargo_anshu::build(&options) {
        Ok(built) => built.path,
        Err(error) => crate::fail(&format!("插件没有构建成功：{error:#}")),
    };
    let bytes = must(&format!("读不到 {}", file.display()), std::fs::read(&file));
    let inspection = must("插件包不可用", Sandbox::inspect(&bytes));
    let built = Built {
        bytes,
        manifest: inspection.manifest,
        golden: inspection.golden.unwrap_or_default(),
    };
    packs.insert(folder, built.clone());
    built
}

/// Everything that a pack asks for, approved.
pub(crate) fn whole_grant(manifest: &Manifest) -> Grant {
    Grant {
        pack: manifest.name.clone(),
        allows: manifest.requests.clone(),
        duty_division: must("区划", Division::parse(CITY)),
        duty_unit: duty_unit(),
        purposes: manifest.purposes.iter().map(|purpose| purpose.code.clone()).collect(),
        approved_by: Id::from_text("testkit"),
        approved_at: Instant(0),
    }
}

/// A sandbox with these plugins under whole grants; the same one for the same plugins.
#[track_caller]
pub(crate) fn sandbox(folders: &[PathBuf], packs: &[Built]) -> Sandbox {
    let mut sandboxes = SANDBOXES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(sandbox) = sandboxes.get(folders) {
        return sandbox.clone();
    }
    let grants: Vec<_> = packs.iter().map(|pack| whole_grant(&pack.manifest)).collect();
    let sandbox = own_sandbox(packs, &grants);
    sandboxes.insert(folders.to_vec(), sandbox.clone());
    sandbox
}

/// A sandbox of a test's own, with these plugins under these grants.
#[track_caller]
pub(crate) fn own_sandbox(packs: &[Built], grants: &[Grant]) -> Sandbox {
    let sandbox = must("沙箱", Sandbox::new(Settings::default()));
    for (pack, grant) in packs.iter().zip(grants) {
        must("插件装不上", sandbox.install(&pack.bytes, grant));
    }
    sandbox
}
