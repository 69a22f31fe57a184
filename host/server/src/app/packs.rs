//! Packs: what is installed, and installing one.

use anshu_data::InstalledPack;
use anshu_model::capability::Grant;
use anshu_model::context::OpContext;
use anshu_model::org::Person;
use anshu_model::standing::Standing;
use anshu_model::{Error, Result};
use anshu_sandbox::{Sandbox, StoredPack};

use super::App;
use crate::view::pack::PackView;

/// The installed packs.
///
/// # Errors
/// [`Error::Denied`] for anybody but an administrator.
pub async fn list(app: &App, person: &Person) -> Result<Vec<PackView>> {
    let ctx = app.context(person, None)?;
    app.data.allows(&ctx, "manage-packs").await?;
    let quarantined = app.sandbox.quarantined();
    let mut views = Vec::new();
    for installed in app.data.packs().await? {
        let manifest = &installed.manifest;
        let here = quarantined.iter().find(|(pack, _)| pack.digest == installed.digest);
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
        });
    }
    Ok(views)
}

/// Installs a pack with its grant, and puts it in force.
///
/// # Errors
/// What the sandbox refuses in the component, and what the guard refuses of the actor.
pub async fn install(app: &App, ctx: &OpContext, bytes: &[u8], grant: &Grant) -> Result<()> {
    // Compiling takes its time, and not that of the calls.
    let (sandbox, file, given) = (app.sandbox.clone(), bytes.to_vec(), grant.clone());
    let installed = tokio::task::spawn_blocking(move || sandbox.install(&file, &given)).await;
    let pack = installed.map_err(|error| Error::Internal(format!("installing: {error}")))??;
    let manifest = Sandbox::inspect(bytes)?.manifest;
    if let Err(error) = app.data.put_pack(ctx, bytes, &manifest, grant, &pack.digest).await {
        app.sandbox.remove(&pack.name, &pack.version);
        return Err(error);
    }
    app.data.use_schemas(app.sandbox.schemas());
    app.data.subscribe(&pack.name, &grant.allows.intersection(&manifest.requests).hears).await
}

/// Puts every stored pack in force, at start.
///
/// # Errors
/// Where storage does not answer. A pack that cannot be loaded is reported and left out: its cases stay visible without it.
pub async fn load(app: &App) -> Result<()> {
    let runtime = tokio::runtime::Handle::current();
    let (mut titles, mut stored) = (Vec::new(), Vec::new());
    for InstalledPack { manifest, digest, grant, state, reason, .. } in app.data.packs().await? {
        if state == Standing::Quarantined {
            tracing::warn!(pack = manifest.name, reason, "pack is in quarantine");
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
