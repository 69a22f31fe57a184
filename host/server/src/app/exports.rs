//! Bulk exports: asked for, rehearsed, approved, and handed over once. Producing them is in [`work`].

mod file;
mod render;
pub mod work;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use anshu_data::{Column, Export, ExportAsk, Format, List};
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::label::{Label, Level, Mask};
use anshu_model::org::Person;
use anshu_model::record::Kind;
use anshu_model::{Error, Id, Result};
use sha2::{Digest as _, Sha256};

use super::App;
use super::session::Signed;
use crate::view::Words;
use crate::view::export::{
    Around, ColumnQuery, ColumnView, EstimateView, ExportAnswer, ExportProgress, ExportRequest,
    ExportView, column_title,
};

pub(crate) use file::harmless;
pub use file::rows;

/// How far exports are that are being produced in this process.
#[derive(Debug, Default)]
pub struct Exports {
    running: Mutex<BTreeMap<Id, ExportProgress>>,
}

impl Exports {
    fn at(&self, id: &Id) -> Option<ExportProgress> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }

    fn reach(&self, id: &Id, progress: Option<ExportProgress>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Some(progress) => running.insert(id.clone(), progress),
            None => running.remove(id),
        };
    }
}

/// Says what an export would be.
///
/// # Errors
/// As [`anshu_data::Data::rehearse_export`].
pub async fn rehearse(app: &App, person: &Person, request: ExportRequest) -> Result<EstimateView> {
    let ctx = app.context(person, None)?;
    let words = app.words().await?;
    let ask = asked(app, &ctx, request, &words).await?;
    Ok(EstimateView::of(&app.data.rehearse_export(&ctx, &ask).await?, &words))
}

/// Asks for an export.
///
/// # Errors
/// As [`anshu_data::Data::ask_export`].
pub async fn ask(app: &App, person: &Person, request: ExportRequest) -> Result<ExportView> {
    let ctx = app.context(person, None)?;
    let words = app.words().await?;
    let ask = asked(app, &ctx, request, &words).await?;
    let export = app.data.ask_export(&ctx, &ask).await?;
    view(app, person, &export, &words).await
}

/// Exports that concern the person.
///
/// # Errors
/// As [`anshu_data::Data::exports`].
pub async fn list(app: &App, person: &Person) -> Result<Vec<ExportView>> {
    let exports = app.data.exports(&app.context(person, None)?).await?;
    let words = app.words().await?;
    let mut views = Vec::with_capacity(exports.len());
    for export in &exports {
        views.push(view(app, person, export, &words).await?);
    }
    Ok(views)
}

/// One export.
///
/// # Errors
/// [`Error::NotFound`] where there is none that concerns the person.
pub async fn show(app: &App, person: &Person, id: &Id) -> Result<ExportView> {
    let export = app.data.export(&app.context(person, None)?, id).await?;
    view(app, person, &export, &app.words().await?).await
}

/// Agrees to an export, or refuses it.
///
/// # Errors
/// As [`anshu_data::Data::decide_export`].
pub async fn decide(
    app: &App,
    person: &Person,
    id: &Id,
    answer: &ExportAnswer,
) -> Result<ExportView> {
    let ctx = app.context(person, None)?;
    let export = app.data.decide_export(&ctx, id, answer.agrees, &answer.reason).await?;
    view(app, person, &export, &app.words().await?).await
}

/// Hands a file over: its name, its type, its bytes. The log names the session by a digest of what is stored of its token.
///
/// # Errors
/// As [`anshu_data::Data::take_export`].
pub async fn take(app: &App, signed: &Signed, id: &Id) -> Result<(String, &'static str, Vec<u8>)> {
    let ctx = app.context(&signed.person, None)?;
    let session = Sha256::digest(signed.token);
    let session: String = session.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (export, file) = app.data.take_export(&ctx, id, &session).await?;
    let (ending, kind) = match export.ask.format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::Json => ("json", "application/json"),
    };
    Ok((format!("{}.{ending}", export.ticket()), kind, file))
}

/// The columns that an export of a kind may have, as this person would see them.
///
/// # Errors
/// [`Error::Denied`] where the person exports nothing; [`Error::Invalid`] with a kind that cannot be exported.
pub async fn columns(app: &App, person: &Person, query: ColumnQuery) -> Result<Vec<ColumnView>> {
    app.data.allows(&app.context(person, None)?, "ask-export").await?;
    let kind = kind_of(query.kind.as_deref().unwrap_or("entity"))?;
    let words = app.words().await?;
    let plain: &[Column] = match kind {
        Kind::Case => &[
            Column::Code,
            Column::Title,
            Column::Type,
            Column::State,
            Column::Division,
            Column::Unit,
            Column::CreatedAt,
            Column::NextDue,
        ],
        Kind::Risk => &[
            Column::Title,
            Column::Type,
            Column::Level,
            Column::State,
            Column::Division,
            Column::Unit,
            Column::CreatedAt,
        ],
        Kind::Entity | Kind::Duty => {
            &[Column::Title, Column::Type, Column::Division, Column::Unit, Column::CreatedAt]
        }
    };
    let mut columns: Vec<(Column, Label)> =
        plain.iter().map(|column| (column.clone(), Label::of(Level::L1))).collect();
    if kind == Kind::Entity {
        for scheme in ["resident-id", "passport", "credit-code"] {
            let label = Label::personal(Level::L3, Mask::ResidentId);
            columns.push((Column::Identifier(scheme.into()), label));
        }
        let facet = query.facet.as_deref().and_then(|name| words.facet(name));
        for attribute in facet.iter().flat_map(|facet| render::attributes(&facet.schema)) {
            let Some(facet) = facet else { continue };
            let label = words.schemas.attribute(&facet.name, &attribute).unwrap_or_default();
            columns.push((Column::Attribute(facet.name.clone(), attribute), label));
        }
    }
    let clear = |label: &Label| label.level <= person.clearance.min(Level::L2);
    Ok(columns
        .into_iter()
        .map(|(column, label)| ColumnView {
            name: column.to_string(),
            title: column_title(&column, &words),
            level: format!("{:?}", label.level),
            masked: !clear(&label),
        })
        .collect())
}

/// What a request asks for, with its purpose's ground.
async fn asked(
    app: &App,
    ctx: &OpContext,
    request: ExportRequest,
    words: &Words,
) -> Result<ExportAsk> {
    let kind = kind_of(&request.kind)?;
    let stated = app.settings.purposes.iter().find(|purpose| purpose.code == request.purpose);
    let Some(stated) = stated else {
        let known: Vec<&str> =
            app.settings.purposes.iter().map(|purpose| purpose.code.as_str()).collect();
        return Err(Error::invalid("/purpose", request.purpose, known.join("、")));
    };
    let format = match request.format.as_str() {
        "csv" => Format::Csv,
        "json" => Format::Json,
        other => return Err(Error::invalid("/format", other, "csv 或 json")),
    };
    let some = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    if let Some(facet) = some(request.facet.clone())
        && words.facet(&facet).is_none()
    {
        return Err(Error::invalid("/facet", facet, "已安装插件声明的属性组"));
    }
    let serves = match some(request.serves) {
        Some(named) => Some(served(app, ctx, named.trim()).await?),
        None => None,
    };
    let columns = request.columns.into_iter().map(Column::try_from).collect::<Result<_>>()?;
    Ok(ExportAsk {
        list: List {
            type_name: some(request.type_name),
            facet: some(request.facet),
            state: some(request.stage),
            ..List::of(kind)
        },
        columns,
        format,
        purpose: Purpose { code: stated.code.clone(), ground: stated.ground.clone(), serves },
        reason: request.reason,
    })
}

/// The case of a code or id; the person must see it: what one does not see one does not work for.
async fn served(app: &App, ctx: &OpContext, named: &str) -> Result<Id> {
    let list = List { text: Some(named.to_owned()), limit: 2, ..List::of(Kind::Case) };
    let found = app.data.list(ctx, &list).await?.records;
    if let [one] = found.as_slice() {
        return Ok(one.record.head.id.clone());
    }
    match app.data.record(ctx, &Id::from_text(named)).await {
        Ok(record) => Ok(record.head.id),
        Err(Error::NotFound(_)) => {
            Err(Error::invalid("/serves", "没有这件案件，或不在可见范围", "可见案件的编号"))
        }
        Err(error) => Err(error),
    }
}

fn kind_of(name: &str) -> Result<Kind> {
    match Kind::from_name(name) {
        Some(kind @ (Kind::Entity | Kind::Case | Kind::Risk)) => Ok(kind),
        Some(Kind::Duty) | None => Err(Error::invalid("/kind", name, "entity、case 或 risk")),
    }
}

async fn view(app: &App, person: &Person, export: &Export, words: &Words) -> Result<ExportView> {
    let around = Around {
        by: name(app, &export.person).await?,
        decided_by: match &export.decided_by {
            Some(by) => Some(name(app, by).await?),
            None => None,
        },
        own: person.id == export.person,
        progress: app.exports.at(&export.id),
        until: app.data.until(export),
    };
    Ok(ExportView::of(export, around, words))
}

/// What a person is called; the id of a post that is gone.
async fn name(app: &App, id: &Id) -> Result<String> {
    Ok(app.data.person(id).await?.map_or_else(|| id.to_string(), |person| person.name))
}

/// The context in which an export is produced: its asker, in the post of now, for the purpose that was stated.
fn producing(app: &App, person: Person, export: &Export) -> Result<OpContext> {
    app.context_for(Principal::Person(Box::new(person)), export.ask.purpose.clone())
}
