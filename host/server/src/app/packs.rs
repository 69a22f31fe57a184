//! Packs: what is installed, and installing one.

use anshu_model::capability::Grant;
use anshu_model::context::OpContext;
use anshu_model::org::Person;
use anshu_model::standing::Standing;
use anshu_model::{Error, Result};
use anshu_sandbox::Sandbox;

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
    let pack = app.sandbox.install(bytes, grant)?;
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
    for installed in app.data.packs().await? {
        if installed.state != Standing::Active {
            tracing::warn!(
                pack = installed.manifest.name,
                reason = installed.reason,
                "pack is in quarantine"
            );
            continue;
        }
        match app.sandbox.install(&installed.bytes, &installed.grant) {
            Ok(_) => {}
            Err(error) => {
                tracing::error!(pack = installed.manifest.name, %error, "pack not loaded")
            }
        }
    }
    app.data.use_schemas(app.sandbox.schemas());
    Ok(())
}
