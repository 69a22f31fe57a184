//! Entities: lists, and one with what is known of it.

use anshu_data::List;
use anshu_model::entity::EntityKind;
use anshu_model::org::Person;
use anshu_model::record::Kind;
use anshu_model::{Error, Id, Result};

use super::{App, offers, openings, views};
use crate::view::case::CaseItem;
use crate::view::entity::{
    EntityDetail, EntityItem, EntityPage, EntityQuery, FacetView, IdentifierView,
};
use crate::view::page_length;
use crate::view::risk::{EntityRef, RiskItem};

/// So many matters and risks are shown with an entity; the lists have the rest.
const AROUND: u32 = 50;

/// A page of the entities that the person sees.
///
/// # Errors
/// [`Error::Invalid`] with a kind that there is none of.
pub async fn list(app: &App, person: &Person, query: EntityQuery) -> Result<EntityPage> {
    let ctx = app.context(person, None)?;
    let words = app.words().await?;
    let kind = query.kind.as_deref().filter(|kind| !kind.is_empty()).map(kind_of).transpose()?;
    let page = app
        .data
        .list(
            &ctx,
            &List {
                type_name: kind.map(|kind| kind.name().to_owned()),
                facet: query.facet.filter(|facet| !facet.is_empty()),
                text: query.q.filter(|text| !text.trim().is_empty()),
                after: query.after.map(Id::from_text),
                limit: page_length(query.limit),
                ..List::of(Kind::Entity)
            },
        )
        .await?;
    let items = page
        .records
        .iter()
        .map(|listed| EntityItem::of(&listed.record, &words))
        .collect::<Result<_>>()?;
    Ok(EntityPage { items, next: page.next.map(|id| id.to_string()) })
}

/// One entity, with the matters and risks around it.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or none that the person sees.
pub async fn show(app: &App, person: &Person, id: &Id) -> Result<EntityDetail> {
    let ctx = app.context(person, None)?;
    let record = app.data.record(&ctx, id).await?;
    let entity = record.entity()?;
    let words = app.words().await?;
    let cases = List { party: Some(id.clone()), limit: AROUND, ..List::of(Kind::Case) };
    let cases = app.data.list(&ctx, &cases).await?;
    let risks = match entity.kind {
        // A hazard is never in a person.
        EntityKind::Person => Vec::new(),
        EntityKind::Organisation | EntityKind::Place | EntityKind::Thing => {
            let risks = List { subject: Some(id.clone()), limit: AROUND, ..List::of(Kind::Risk) };
            app.data.list(&ctx, &risks).await?.records
        }
    };
    let subject = EntityRef::of(&record)?;
    Ok(EntityDetail {
        item: EntityItem::of(&record, &words)?,
        identifiers: IdentifierView::all(&record)?,
        facets: FacetView::all(&record, &words)?,
        cases: cases
            .records
            .iter()
            .map(|listed| CaseItem::of(&listed.record, &words))
            .collect::<Result<_>>()?,
        risks: risks
            .iter()
            .map(|listed| RiskItem::of(&listed.record, subject.clone(), &words))
            .collect::<Result<_>>()?,
        duties: app.duties_about(&ctx, &record, &words).await?,
        views: views::offers(Some(&record), &words),
        actions: offers(person, &record, &words),
        access: openings::access(app, &ctx, id, &words).await?,
    })
}

fn kind_of(name: &str) -> Result<EntityKind> {
    let kinds =
        [EntityKind::Person, EntityKind::Organisation, EntityKind::Place, EntityKind::Thing];
    kinds.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
        Error::invalid("kind", "没有这个类别", kinds.map(EntityKind::name).join("、"))
    })
}
