//! Sharing between units: the catalogue, requests, answers, deliveries, reads, and what happens with time.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::context::OpContext;
use anshu_model::org::Person;
use anshu_model::schema::Schema;
use anshu_model::share::{Group, Terms};
use anshu_model::{Error, Id, Result};

use super::App;
use crate::view::Words;
use crate::view::share::{
    PublishItem, ShareAskRequest, ShareCatalogueView, ShareDetail, ShareGroupView, ShareItemView,
    ShareReceivedView, ShareStepRequest, ShareTermsView, ShareView, SharedRowsQuery,
    SharedRowsView, offering, terms,
};

/// The catalogue, and what this person's unit could put into it.
///
/// # Errors
/// [`Error::Denied`] for whoever does not see shares.
pub async fn items(app: &App, person: &Person) -> Result<ShareCatalogueView> {
    let ctx = app.context(person, None)?;
    let items = app.data.share_items(&ctx).await?;
    let words = app.words().await?;
    let groups = groups(&words);
    Ok(ShareCatalogueView {
        items: items.iter().map(|item| ShareItemView::of(item, &groups, &words)).collect(),
        may_publish: app.data.may(&ctx, "publish-item"),
        groups: groups.into_values().collect(),
    })
}

/// Publishes an item of this person's unit, or changes it.
///
/// # Errors
/// As [`anshu_data::Data::publish_item`].
pub async fn publish(app: &App, person: &Person, request: PublishItem) -> Result<ShareItemView> {
    let ctx = app.context(person, None)?;
    let reason = request.reason.clone().unwrap_or_default();
    let item = app.data.publish_item(&ctx, offering(request)?, &reason).await?;
    let words = app.words().await?;
    Ok(ShareItemView::of(&item, &groups(&words), &words))
}

/// The shares of this person's unit.
///
/// # Errors
/// [`Error::Denied`] for whoever does not see shares.
pub async fn list(app: &App, person: &Person) -> Result<Vec<ShareView>> {
    let ctx = app.context(person, None)?;
    let shares = app.data.shares(&ctx).await?;
    let words = app.words().await?;
    let groups = groups(&words);
    let view =
        |share| ShareView::of(share, app.data.share_steps(&ctx, share), &ctx, &groups, &words);
    Ok(shares.iter().map(view).collect())
}

/// One share with its deliveries and uses.
///
/// # Errors
/// [`Error::NotFound`] where there is none for this person.
pub async fn show(app: &App, person: &Person, id: &Id) -> Result<ShareDetail> {
    detail(app, &app.context(person, None)?, id).await
}

/// One share, for whoever the context is.
///
/// # Errors
/// As [`show`].
pub async fn detail(app: &App, ctx: &OpContext, id: &Id) -> Result<ShareDetail> {
    let share = app.data.share(ctx, id).await?;
    let deliveries = app.data.share_deliveries(ctx, id).await?;
    let uses = app.data.share_uses(ctx, id).await?;
    let words = app.words().await?;
    let steps = app.data.share_steps(ctx, &share);
    let view = ShareView::of(&share, steps, ctx, &groups(&words), &words);
    Ok(ShareDetail::of(view, &deliveries, &uses, &words))
}

/// Asks for an item: a draft.
///
/// # Errors
/// As [`anshu_data::Data::ask_share`].
pub async fn ask(app: &App, person: &Person, request: ShareAskRequest) -> Result<ShareDetail> {
    let ctx = app.context(person, None)?;
    let terms = known_terms(app, request.terms).await?;
    let share = app.data.ask_share(&ctx, &Id::from_text(request.item), terms).await?;
    show(app, person, &share.id).await
}

/// Puts other terms in a draft.
///
/// # Errors
/// As [`anshu_data::Data::revise_share`].
pub async fn revise(
    app: &App,
    person: &Person,
    id: &Id,
    version: u64,
    given: ShareTermsView,
) -> Result<ShareDetail> {
    let ctx = app.context(person, None)?;
    app.data.share(&ctx, id).await?;
    let terms = known_terms(app, given).await?;
    app.data.revise_share(&ctx, id, version, terms).await?;
    show(app, person, id).await
}

/// Takes a step.
///
/// # Errors
/// As [`anshu_data::Data::step_share`].
pub async fn step(
    app: &App,
    person: &Person,
    id: &Id,
    request: ShareStepRequest,
) -> Result<ShareDetail> {
    let ctx = app.context(person, None)?;
    let (version, policy) = (request.version, &app.settings.share.policy);
    match request.step.as_str() {
        "submit" => {
            app.data.submit_share(&ctx, id, version, policy).await?;
        }
        "deliver" => {
            app.data.deliver_share(&ctx, id, version, policy).await?;
        }
        _ => {
            app.data.step_share(&ctx, id, version, request.step()?, policy).await?;
        }
    }
    show(app, person, id).await
}

/// Confirms that a delivery's manifest was received.
///
/// # Errors
/// As [`anshu_data::Data::accept_share`].
pub async fn accept(app: &App, person: &Person, id: &Id, manifest: &str) -> Result<ShareDetail> {
    let ctx = app.context(person, None)?;
    app.data.accept_share(&ctx, id, manifest, &app.settings.share.policy).await?;
    show(app, person, id).await
}

/// Reads rows under a share.
///
/// # Errors
/// As [`anshu_data::Data::share_rows`].
pub async fn rows(
    app: &App,
    person: &Person,
    id: &Id,
    query: SharedRowsQuery,
) -> Result<SharedRowsView> {
    let ctx = app.context(person, None)?;
    let fields: Option<BTreeSet<String>> = query
        .fields
        .filter(|fields| !fields.is_empty())
        .map(|fields| fields.split(',').map(|field| field.trim().to_owned()).collect());
    let after = query.after.filter(|after| !after.is_empty()).map(Id::from_text);
    let limit = crate::view::page_length(query.limit);
    let page = app.data.share_rows(&ctx, id, fields.as_ref(), after.as_ref(), limit).await?;
    Ok(SharedRowsView::of(&page, &app.words().await?))
}

/// Takes an accepted delivery as a file.
///
/// # Errors
/// As [`anshu_data::Data::share_file`].
pub async fn file(app: &App, person: &Person, id: &Id, artefact: String) -> Result<String> {
    let ctx = app.context(person, None)?;
    app.data.share_file(&ctx, id, &Id::from_text(artefact)).await
}

/// Takes in a file of another centre.
///
/// # Errors
/// As [`anshu_data::Data::receive_share`].
pub async fn receive(app: &App, person: &Person, file: &str) -> Result<ShareReceivedView> {
    let ctx = app.context(person, None)?;
    let received = app.data.receive_share(&ctx, file, &app.settings.share.trusted).await?;
    Ok(ShareReceivedView::of(&received, &app.words().await?))
}

/// Ends what has run out, and opens duties for proofs that are overdue. Answers how much there was to do.
///
/// # Errors
/// Where storage does not answer.
pub(crate) async fn keep(app: &App) -> Result<usize> {
    app.data.keep_shares(&app.operator("share-clock")?, &app.settings.share.policy).await
}

/// Terms whose purpose is declared, by the centre or by a pack.
async fn known_terms(app: &App, given: ShareTermsView) -> Result<Terms> {
    let words = app.words().await?;
    let declared = words.manifests().flat_map(|pack| &pack.purposes);
    let mut known: BTreeSet<&str> = declared.map(|purpose| purpose.code.as_str()).collect();
    known.extend(words.purposes.keys().map(String::as_str));
    if !known.contains(given.purpose.as_str()) {
        let right = known.into_iter().collect::<Vec<_>>().join("、");
        return Err(Error::invalid("/terms/purpose", "没有这个目的", format!("以下之一：{right}")));
    }
    terms(given)
}

/// What packs declare and units may offer: facets and matter types with their fields.
fn groups(words: &Words) -> BTreeMap<String, ShareGroupView> {
    let mut groups = BTreeMap::new();
    for pack in words.manifests() {
        for facet in &pack.facets {
            let group = Group::Facet { name: facet.name.clone(), on: facet.on };
            let schemas = Schema::parse(&facet.name, &facet.schema).into_iter();
            let view = ShareGroupView::of(
                &group,
                &facet.title,
                &pack.title,
                schemas.map(|one| (None, one)),
            );
            groups.insert(group.key(), view);
        }
        for matter in &pack.matters {
            let group = Group::Matter { name: matter.name.clone() };
            let schemas = matter.forms.iter().filter_map(|form| {
                let name = format!("{}/{}", matter.name, form.name);
                Some((
                    Some((form.name.clone(), form.title.clone())),
                    Schema::parse(&name, &form.schema).ok()?,
                ))
            });
            let view = ShareGroupView::of(&group, &matter.title, &pack.title, schemas);
            groups.insert(group.key(), view);
        }
    }
    groups
}
