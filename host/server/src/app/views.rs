//! Declared views: which there are for a record, and one's rows, computed by its pack through the person's own scope.

use anshu_model::context::{Principal, Purpose};
use anshu_model::manifest::{ActionTarget, Manifest, ViewDeclaration};
use anshu_model::org::Person;
use anshu_model::record::Record;
use anshu_model::{Error, Id, Result};
use serde_json::Value;

use super::{App, fits};
use crate::view::interface::ViewColumn;
use crate::view::table::{ViewOffer, ViewQuery, ViewTable};
use crate::view::{Words, object};

/// The declared views: those about a record, or those about none.
///
/// # Errors
/// [`Error::NotFound`] where the person does not see the record.
pub async fn list(app: &App, person: &Person, query: ViewQuery) -> Result<Vec<ViewOffer>> {
    let ctx = app.context(person, None)?;
    app.data.allows(&ctx, "meet-packs").await?;
    let words = app.words().await?;
    let subject = match subject(query) {
        Some(id) => Some(app.data.record(&ctx, &id).await?),
        None => None,
    };
    Ok(offers(subject.as_ref(), &words))
}

/// The views that fit a record, or none.
pub(super) fn offers(subject: Option<&Record>, words: &Words) -> Vec<ViewOffer> {
    let wanted = |view: &&ViewDeclaration| match subject {
        Some(record) => fits(&view.on, record),
        None => view.on == ActionTarget::Nothing,
    };
    let mut found = Vec::new();
    for pack in words.manifests() {
        found.extend(pack.views.iter().filter(wanted).map(|view| ViewOffer::of(pack, view)));
    }
    found
}

/// A view's rows.
///
/// # Errors
/// [`Error::NotFound`] where there is no such view, or the person does not see the record; [`Error::Denied`] where the
/// person has no scope for it; and what the pack answered.
pub async fn show(
    app: &App,
    person: &Person,
    pack: &str,
    name: &str,
    query: ViewQuery,
) -> Result<ViewTable> {
    app.data.allows(&app.context(person, None)?, "meet-packs").await?;
    let words = app.words().await?;
    let found = words.pack(pack).and_then(|pack| {
        let view = pack.manifest.views.iter().find(|view| view.name == name)?;
        Some((&pack.manifest, view))
    });
    let Some((manifest, view)) = found else {
        return Err(Error::NotFound(format!("插件 {pack} 的视图 {name}")));
    };
    let subject = subject(query);
    match (&view.on, &subject) {
        (ActionTarget::Nothing, Some(_)) => {
            return Err(Error::invalid("subject", "给出了记录", "留空：该视图不针对某一条记录"));
        }
        (ActionTarget::Entity(_) | ActionTarget::Case(_) | ActionTarget::Risk(_), None) => {
            return Err(Error::invalid("subject", "缺失", "所查看记录的编号"));
        }
        _ => {}
    }
    let serves = subject.clone().filter(|_| matches!(view.on, ActionTarget::Case(_)));
    let purpose = purpose(manifest, view, serves);
    let context = app.context_for(Principal::Person(Box::new(person.clone())), purpose)?;
    let rows = app
        .sandbox
        .view(&app.data, context, pack, name, subject, Value::Object(serde_json::Map::new()))
        .await?;
    let Value::Array(rows) = rows else {
        return Err(Error::Internal(format!("view {pack}/{name}: no rows")));
    };
    Ok(ViewTable {
        view: ViewOffer::of(manifest, view),
        at: words.at(words.now),
        columns: ViewColumn::all(view),
        rows: rows.into_iter().map(object).collect(),
    })
}

fn subject(query: ViewQuery) -> Option<Id> {
    query.subject.filter(|id| !id.is_empty()).map(Id::from_text)
}

/// The purpose of a declared view.
fn purpose(manifest: &Manifest, view: &ViewDeclaration, serves: Option<Id>) -> Purpose {
    let declared = manifest.purposes.iter().find(|purpose| purpose.code == view.purpose);
    Purpose {
        code: view.purpose.clone(),
        ground: declared.map(|purpose| purpose.ground.clone()).unwrap_or_default(),
        serves,
    }
}
