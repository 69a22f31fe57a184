//! The figures of the desk, and registered figures.

use anshu_data::List;
use anshu_model::Result;
use anshu_model::division::Division;
use anshu_model::figure::Cube;
use anshu_model::label::Level;
use anshu_model::org::Person;
use anshu_model::record::Kind;

use super::App;
use crate::view::figure::{CubeQuery, CubeView, FigureView};
use crate::view::{FiguresView, MAX_PAGE};

/// What waits for this person's eyes.
///
/// # Errors
/// Where storage does not answer.
pub async fn show(app: &App, person: &Person) -> Result<FiguresView> {
    let ctx = app.context(person, None)?;
    let figures = app.data.figures(&ctx).await?;
    let open = List { state: Some("open".into()), limit: MAX_PAGE, ..List::of(Kind::Duty) };
    let duties = app.data.list(&ctx, &open).await?.records.len();
    Ok(FiguresView {
        open_cases: figures.open_cases,
        overdue: figures.overdue,
        due_today: figures.due_today,
        new_risks: figures.new_risks,
        open_duties: u64::try_from(duties).unwrap_or(u64::MAX),
    })
}

/// Registers the cubes of the packs that are loaded: divisions by what each type has. Nobody declares others.
pub fn register(app: &App) {
    let schemas = app.sandbox.schemas();
    let mut cubes = Vec::new();
    for pack in super::newest(app.sandbox.packs()) {
        let manifest = &pack.manifest;
        for matter in &manifest.matters {
            cubes.extend(Cube::of(Kind::Case, &matter.name, &matter.title, matter.label.weight()));
        }
        for risk in &manifest.risks {
            cubes.extend(Cube::of(Kind::Risk, &risk.name, &risk.title, Level::L1));
        }
        for facet in &manifest.facets {
            let level = schemas.named(&facet.name).weight();
            cubes.extend(Cube::of(Kind::Entity, &facet.name, &facet.title, level));
        }
        cubes.extend(Cube::of(Kind::Duty, &manifest.name, &manifest.title, Level::L1));
    }
    app.data.use_cubes(cubes);
}

/// The registered cubes.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the person may not see figures.
pub async fn cubes(app: &App, person: &Person) -> Result<Vec<CubeView>> {
    let cubes = app.data.cubes(&app.context(person, None)?).await?;
    Ok(cubes.iter().map(CubeView::of).collect())
}

/// A registered cube over an area: the person's own, where none is named.
///
/// # Errors
/// As [`anshu_data::Data::figure`].
pub async fn cube(app: &App, person: &Person, name: &str, query: CubeQuery) -> Result<FigureView> {
    let ctx = app.context(person, None)?;
    let area = match query.area.as_deref().filter(|area| !area.is_empty()) {
        Some(area) => Division::parse(area)?,
        None => person.division.clone(),
    };
    let figure = app.data.figure(&ctx, name, &area).await?;
    Ok(FigureView::of(&figure, &app.words().await?))
}
