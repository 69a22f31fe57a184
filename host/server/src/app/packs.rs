//! Packs: what is installed, and installing one.

use anshu_data::InstalledPack;
use anshu_model::capability::Grant;
use anshu_model::context::OpContext;
use anshu_model::org::Person;
use anshu_model::provenance::Provenance;
use anshu_model::standing::Standing;
use anshu_model::{Error, Result};
use anshu_sandbox::{Sandbox, StoredPack};

use super::App;
use super::provenance::{self, Admitted, Offer};
use crate::view::pack::PackView;
use crate::view::provenance::ProvenanceView;

/// The installed packs.
///
/// # Errors
/// [`Error::Denied`] for anybody but an administrator.
pub async fn list(app: &App, person: &Person) -> Result<Vec<PackView>> {
    let ctx = app.context(person, None)?;
    app.data.allows(&ctx, "manage-packs").await?;
    let quarantined = app.sandbox.quarantined();
    let signed = app.data.signed_packs().await?;
    let mut views = Vec::new();
    for installed in app.data.packs().await? {
        let manifest = &installed.manifest;
        let here = quarantined.iter().find(|(pack, _)| pack.digest == installed.digest);
        let provenance = signed
            .iter()
            .map(|one| &one.provenance)
            .find(|one| one.claim.digest == installed.digest);
        let reason = here.map(|(_, reason)| reason.clone()).or_else(|| installed.reason.clone());
        views.push(PackView {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            digest: installed.digest.clone(),
            title: manifest.title.clone(),
            state: if reason.is_some() {
                "quarantined".into()
            } else {
                installed.state.name().into()
            },
            reason,
            grant: serde_json::to_value(&installed.grant)
                .map_err(|error| Error::Internal(error.to_string()))?,
            provenance: provenance.map(ProvenanceView::of),
        });
    }
    Ok(views)
}

/// Installs a pack with its grant, and puts it in force. Answers where it comes from.
///
/// # Errors
/// What [`provenance::admit`] refuses of its signatures and name, what the sandbox refuses in the component, and what the
/// guard refuses of the actor.
pub async fn install(
    app: &App,
    ctx: &OpContext,
    offer: &Offer<'_>,
    grant: &Grant,
) -> Result<Provenance> {
    let bytes = offer.bytes;
    let admitted = provenance::admit(app, offer).await?;
    // Compiling takes its time, and not that of the calls.
    let (sandbox, file, given) = (app.sandbox.clone(), bytes.to_vec(), grant.clone());
    let installed = tokio::task::spawn_blocking(move || sandbox.install(&file, &given)).await;
    let pack = installed.map_err(|error| Error::Internal(format!("installing: {error}")))??;
    if let Err(error) = keep(app, ctx, offer, &admitted, grant).await {
        app.sandbox.remove(&pack.name, &pack.version);
        return Err(error);
    }
    let manifest = Sandbox::inspect(bytes)?.manifest;
    app.data.use_schemas(app.sandbox.schemas());
    app.data.subscribe(&pack.name, &grant.allows.intersection(&manifest.requests).hears).await?;
    Ok(admitted.provenance)
}

/// Stores a pack that was let in, and where it comes from.
async fn keep(
    app: &App,
    ctx: &OpContext,
    offer: &Offer<'_>,
    admitted: &Admitted,
    grant: &Grant,
) -> Result<()> {
    let imitates: Vec<_> = admitted.imitates.iter().map(String::as_str).collect();
    app.data.put_signed_pack(ctx, offer.signatures, &admitted.provenance, &imitates).await?;
    let manifest = Sandbox::inspect(offer.bytes)?.manifest;
    // The digest is the one of the bytes whose signatures were checked; storage compares it with what it stores.
    let digest = &admitted.provenance.claim.digest;
    app.data.put_pack(ctx, offer.bytes, &manifest, grant, digest).await
}

/// Puts every stored pack in force, at start.
///
/// # Errors
/// Where storage does not answer. A pack that cannot be loaded is reported and left out: its cases stay visible without it.
pub async fn load(app: &App) -> Result<()> {
    let runtime = tokio::runtime::Handle::current();
    let signed = app.data.signed_packs().await?;
    let (mut titles, mut stored) = (Vec::new(), Vec::new());
    for pack in app.data.packs().await? {
        let trusted = provenance::readmit(&app.settings.provenance, &pack, &signed);
        let InstalledPack { manifest, digest, grant, state, reason, .. } = pack;
        if state == Standing::Quarantined {
            tracing::warn!(pack = manifest.name, reason, "pack is in quarantine");
            continue;
        }
        if let Err(error) = trusted {
            tracing::error!(pack = manifest.name, %error, "pack not loaded");
            continue;
        }
        let (runtime, data, file) = (runtime.clone(), app.data.clone(), digest.clone());
        let bytes = move || runtime.block_on(data.pack_bytes(&file));
        titles.push(format!("{} {}", manifest.name, manifest.version));
        stored.push(StoredPack { digest, grant, active: state == Standing::Active, bytes });
    }
    let sandbox = app.sandbox.clone();
    let loaded = tokio::task::spawn_blocking(move || sandbox.restore(stored)).await;
    let loaded = loaded.map_err(|error| Error::Internal(format!("loading packs: {error}")))?;
    for (pack, loaded) in titles.iter().zip(loaded) {
        if let Err(error) = loaded {
            tracing::error!(pack, %error, "pack not loaded");
        }
    }
    app.data.use_schemas(app.sandbox.schemas());
    Ok(())
}
