//! Packs: what is stored, putting it in force at start, and the first packs of an empty centre. Below: a version's life.

pub mod life;

use anshu_data::InstalledPack;
use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, PackRef};
use anshu_model::grant::effective;
use anshu_model::org::Person;
use anshu_model::provenance::Provenance;
use anshu_model::standing::Standing;
use anshu_model::{Error, Result};
use anshu_sandbox::{Sandbox, StoredPack};

use super::App;
use super::provenance::{self, Admitted, Offer};
use crate::view::pack::{PackChangeView, PackDetail, PackView};

/// The stored versions, with what they ask for.
///
/// # Errors
/// [`Error::Denied`] for who takes no part in a pack's life.
pub async fn list(app: &App, person: &Person) -> Result<Vec<PackView>> {
    views(app, &app.context(person, None)?).await
}

/// The stored versions, for whoever the context is.
///
/// # Errors
/// As [`list`].
pub async fn views(app: &App, ctx: &OpContext) -> Result<Vec<PackView>> {
    let heads = app.data.pack_heads(ctx).await?;
    let requests = app.data.grant_requests(ctx).await?;
    let activations = app.data.activations(ctx).await?;
    let words = app.words().await?;
    let quarantined = app.sandbox.quarantined();
    let signed = app.data.signed_packs().await?;
    let mut views = Vec::with_capacity(heads.len());
    for head in &heads {
        let request = requests.iter().find(|request| request.digest == head.digest);
        let activation = activations.iter().rfind(|one| one.digest == head.digest);
        let from = signed.iter().map(|one| &one.provenance);
        let from = from.into_iter().find(|one| one.claim.digest == head.digest);
        let mut view = PackView::of(head, request, activation, from, &heads, &words)?;
        // What the sandbox has just closed is kept by the next job: until then it is told from here.
        if let Some((_, reason)) = quarantined.iter().find(|(pack, _)| pack.digest == head.digest) {
            view.state = Standing::Quarantined.name().into();
            view.state_title = Standing::Quarantined.title().into();
            view.reason = Some(reason.clone());
        }
        views.push(view);
    }
    Ok(views)
}

/// One pack: its versions and its history.
///
/// # Errors
/// As [`list`]; [`Error::NotFound`] where nothing of it was ever stored.
pub async fn show(app: &App, ctx: &OpContext, name: &str) -> Result<PackDetail> {
    let mut versions = views(app, ctx).await?;
    versions.retain(|version| version.name == name);
    let history = app.data.pack_history(ctx, name).await?;
    if history.is_empty() {
        return Err(Error::NotFound(format!("插件 {name}")));
    }
    let words = app.words().await?;
    let history = history.iter().map(|change| PackChangeView::of(change, &words)).collect();
    Ok(PackDetail { name: name.to_owned(), versions, history })
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
    app.data.use_schemas(app.sandbox.schemas());
    crate::app::figures::register(app);
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
    provenance::keep(app, ctx, offer, admitted).await?;
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
    app.data.use_ceiling(app.settings.ceiling.clone());
    let signed = app.data.signed_packs().await?;
    let (mut titles, mut stored, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for pack in app.data.packs().await? {
        let trusted = provenance::readmit(&app.settings.provenance, &pack, &signed);
        let InstalledPack { manifest, digest, grant, state, reason, .. } = pack;
        if let Err(error) = trusted {
            tracing::error!(pack = manifest.name, %error, "pack not loaded");
            continue;
        }
        if state == Standing::Quarantined {
            let reason = reason.unwrap_or_default();
            tracing::warn!(pack = manifest.name, reason, "pack is in quarantine");
            let (name, version) = (manifest.name.clone(), manifest.version.clone());
            closed.push((PackRef { name, version, digest: digest.clone() }, reason));
        }
        let (runtime, data, file) = (runtime.clone(), app.data.clone(), digest.clone());
        let bytes = move || runtime.block_on(data.pack_bytes(&file));
        titles.push(format!("{} {}", manifest.name, manifest.version));
        let active = matches!(state, Standing::Active | Standing::Quarantined);
        let grant = effective(&manifest, &grant, &app.settings.ceiling);
        stored.push(StoredPack { digest, grant, active, bytes });
    }
    let sandbox = app.sandbox.clone();
    let loaded = tokio::task::spawn_blocking(move || sandbox.restore(stored)).await;
    let loaded = loaded.map_err(|error| Error::Internal(format!("loading packs: {error}")))?;
    for (pack, loaded) in titles.iter().zip(loaded) {
        if let Err(error) = loaded {
            tracing::error!(pack, %error, "pack not loaded");
        }
    }
    for (pack, reason) in &closed {
        if let Err(error) = app.sandbox.quarantine(pack, reason) {
            tracing::error!(pack = pack.name, %error, "a pack in quarantine was not loaded");
        }
    }
    // Records of packs that are gone are classified by what those declared.
    for manifest in app.data.removed_manifests().await? {
        app.sandbox.remember(&manifest);
    }
    app.data.use_schemas(app.sandbox.schemas());
    crate::app::figures::register(app);
    Ok(())
}
