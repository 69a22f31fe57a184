//! Where packs come from: what is asked of a pack before it is staged, and again whenever it is loaded.

use std::collections::BTreeMap;

use anshu_data::{InstalledPack, SignedPack};
use anshu_model::provenance::{Claim, Policy, Provenance, Signature};
use anshu_model::{Error, Result};
use anshu_sandbox::provenance::{self, Known, imitated};

use super::App;

/// A pack that somebody wants to install.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The component.
    pub bytes: &'a [u8],
    /// Its signatures.
    pub signatures: &'a [Signature],
    /// The pack's name, where a person typed it to confirm that it is not meant to be taken for another's.
    pub confirmed: Option<&'a str>,
}

/// A pack that may be staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The packs whose names it nearly has; the name was confirmed.
    pub imitates: Vec<String>,
}

/// Looks whether a pack may be staged: its signatures by the centre's policy, and its name.
///
/// # Errors
/// [`Error::Denied`] with the signatures that are missing; [`Error::Conflict`] where the name is nearly another pack's and
/// was not confirmed.
pub async fn admit(app: &App, offer: &Offer<'_>) -> Result<Admitted> {
    let policy = &app.settings.provenance;
    let now = app.settings.time.now();
    let provenance = provenance::check(policy, offer.bytes, offer.signatures, now)?;
    let name = provenance.claim.name.clone();
    let installed = known(&app.data.packs().await?, &app.data.signed_packs().await?);
    let imitates: Vec<String> =
        imitated(&name, &provenance.keys(), &installed).into_iter().map(str::to_owned).collect();
    if !imitates.is_empty() && offer.confirmed != Some(name.as_str()) {
        return Err(Error::Conflict(format!(
            "插件名 {name} 与已安装的 {} 极为相似，而签名的密钥不同，可能是冒名。请先向发布部门核实；\
             确认无误后加 --confirm-name {name} 再试",
            imitates.join("、")
        )));
    }
    if let Some(warning) = provenance.warning() {
        tracing::warn!(pack = name, "{warning}");
    }
    Ok(Admitted { provenance, imitates })
}

/// The installed packs by name, each with all keys that signed one of its versions.
fn known(installed: &[InstalledPack], signed: &[SignedPack]) -> Vec<Known> {
    let mut known: BTreeMap<&str, Known> = BTreeMap::new();
    for pack in installed {
        let name = pack.manifest.name.as_str();
        let entry = known
            .entry(name)
            .or_insert_with(|| Known { name: name.to_owned(), keys: Default::default() });
        let signed = signed.iter().filter(|one| one.provenance.claim.digest == pack.digest);
        entry.keys.extend(signed.flat_map(|one| one.provenance.keys()));
    }
    known.into_values().collect()
}

/// Looks whether a stored pack may still be loaded: its signatures by the policy of now, as of the day on which it was
/// accepted. So a key that has run out since does no harm, and one that was revoked does. The sandbox sees to it that what
/// it loads has the digest.
///
/// # Errors
/// [`Error::Denied`] as [`admit`]. A pack that was stored before signatures were asked for has none.
pub fn readmit(policy: &Policy, pack: &InstalledPack, signed: &[SignedPack]) -> Result<Provenance> {
    match signed.iter().find(|one| one.provenance.claim.digest == pack.digest) {
        Some(kept) => {
            provenance::check_again(policy, &kept.provenance.claim, &kept.signatures, kept.at)
        }
        None => {
            let manifest = &pack.manifest;
            let claim = Claim {
                name: manifest.name.clone(),
                version: manifest.version.clone(),
                publisher: manifest.publisher.clone(),
                digest: pack.digest.clone(),
                sm3: String::new(),
                size: pack.bytes.len(),
            };
            provenance::check_again(policy, &claim, &[], pack.installed_at)
        }
    }
}

/// Says loudly that signatures are not asked for, where that is so.
pub fn warn(policy: &Policy) -> Option<&'static str> {
    const LOUD: &str = "！！开发模式（provenance.development = true）：未签名的插件也会被接受。任何人都能换掉插件；不得用于真实数据！！";
    policy.development.then_some(LOUD)
}
