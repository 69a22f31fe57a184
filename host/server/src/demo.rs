//! The demonstration: a centre out of a sample folder. What the sample says is data; nothing here knows a department.
//!
//! Every step is taken only where it is still missing, so that a later run keeps the data and an interrupted one goes on.

mod citizen;
mod recipe;
mod sample;

use std::path::Path;

use anshu_model::capability::Grant;
use anshu_model::manifest::Manifest;
use anshu_model::org::{Person, Unit};
use anshu_model::{Error, Id, Result};

pub use recipe::Recipe;
pub use sample::Sample;

use crate::app::provenance::Offer;
use crate::app::{App, packs};
use crate::import::{Job, Mapping, import};
use crate::{secret, signing};
use sample::{AccountLine, SampleFile};

/// Brings a centre to what the sample says.
///
/// # Errors
/// Where the sample makes no sense, or a step is refused.
pub async fn set_up(app: &App, sample: &Sample, packs: &Path) -> Result<()> {
    let ctx = app.operator("demo")?;
    if app.data.divisions().await?.entries().next().is_none() {
        app.data.put_divisions(&ctx, &sample.divisions()?).await?;
    }
    let calendar = app.data.calendar();
    let wanted = sample.calendar(ctx.now)?;
    if calendar.version() != wanted.version() || calendar.mode() != wanted.mode() {
        app.data.put_calendar(&ctx, &wanted).await?;
    }
    let units = app.data.units().await?;
    for unit in sample.units()? {
        if !units.iter().any(|known| known.id == unit.id) {
            app.data.put_unit(&ctx, &unit).await?;
        }
    }
    let units = sample.units()?;
    let mut accounts: Vec<_> = sample.file.accounts.iter().collect();
    // The three administrators last: once they are there, accounts are theirs to change.
    accounts.sort_by_key(|line| {
        anshu_data::ADMINISTRATORS.iter().any(|(role, _)| line.roles.contains(*role))
    });
    for line in accounts {
        if app.data.account(&line.login).await?.is_none() {
            let person = person(line, &units)?;
            let hash = secret::hash(line.password.clone()).await?;
            app.data.put_account(&ctx, &line.login, &person, &hash).await?;
        }
    }
    install(app, sample, packs).await?;
    for line in &sample.file.samples {
        fill(app, sample, line).await?;
    }
    for line in &sample.file.citizens {
        citizen::bind(app, line).await?;
    }
    Ok(())
}

fn person(line: &AccountLine, units: &[Unit]) -> Result<Person> {
    let id = sample::unit_id(&line.unit);
    let unit = units.iter().find(|unit| unit.id == id);
    let unit = unit.ok_or_else(|| {
        Error::invalid(
            format!("账号 {}", line.login),
            format!("没有单位 {}", line.unit),
            "样例中列出的单位",
        )
    })?;
    Ok(Person {
        id: sample::person_id(&line.login),
        name: line.name.clone(),
        unit: unit.id.clone(),
        division: unit.division.clone(),
        roles: line.roles.clone(),
        clearance: line.clearance,
        functions: unit.functions.clone(),
    })
}

/// Installs the packs that the sample grants something, as far as they were built, signed with the demonstration's own key.
/// A pack that was built anew replaces its older build.
async fn install(app: &App, sample: &Sample, folder: &Path) -> Result<()> {
    let ctx = app.operator("demo")?;
    let (installed, signed) = (app.data.packs().await?, app.data.signed_packs().await?);
    let gone = app.data.removed_manifests().await?;
    let key = app.settings.folder.join(SIGNING_KEY);
    let key = key.exists().then(|| signing::read(&key)).transpose()?;
    for grant in sample.grants(ctx.now)? {
        let Some(bytes) = newest(folder, &grant.pack)? else {
            tracing::warn!(pack = grant.pack, folder = %folder.display(), "pack not built, left out");
            continue;
        };
        let inspection = anshu_sandbox::Sandbox::inspect(&bytes)?;
        let manifest = &inspection.manifest;
        let stored = installed.iter().map(|pack| &pack.manifest).chain(&gone);
        let mut versions = stored.filter(|one| one.name == manifest.name).peekable();
        // Only the first version of a pack comes this way: later ones are stored, approved and activated.
        if versions.peek().is_some() && !versions.any(|one| one.version == manifest.version) {
            continue;
        }
        // What somebody removed stays removed.
        let same = |one: &Manifest| one.name == manifest.name && one.version == manifest.version;
        if gone.iter().any(same) && !installed.iter().any(|pack| same(&pack.manifest)) {
            continue;
        }
        let known = |pack: &&anshu_data::InstalledPack| {
            pack.manifest.name == grant.pack && pack.digest == inspection.digest
        };
        // A pack from before signatures were asked for is signed now.
        let is_signed = signed.iter().any(|one| one.provenance.claim.digest == inspection.digest);
        let same = |pack: &anshu_data::InstalledPack| same_reach(&pack.grant, &grant).is_some();
        if !is_signed || !installed.iter().find(known).is_some_and(same) {
            let signature = key.as_ref().map(|key| key.sign(&bytes, "演示自动签名")).transpose()?;
            let signatures: Vec<_> = signature.into_iter().collect();
            let offer = Offer { bytes: &bytes, signatures: &signatures, confirmed: None };
            packs::install(app, &ctx, &offer, &grant).await?;
        }
    }
    Ok(())
}

/// The key that signs the demonstration's packs, in its data folder. It is made when the folder is.
const SIGNING_KEY: &str = "keys/demo-signing.key";

fn same_reach(old: &Grant, new: &Grant) -> Option<()> {
    let same = old.allows == new.allows
        && old.purposes == new.purposes
        && old.duty_unit == new.duty_unit
        && old.duty_division == new.duty_division;
    same.then_some(())
}

/// The build of a pack in a folder, `<name>-<version>.wasm`; of several the one that was written last.
fn newest(folder: &Path, pack: &str) -> Result<Option<Vec<u8>>> {
    let failed = |error: std::io::Error| {
        Error::Unavailable(format!("不能读取 {}：{error}", folder.display()))
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut found = None;
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let version = name
            .strip_suffix(".wasm")
            .and_then(|name| name.strip_prefix(pack)?.strip_prefix('-').map(str::to_owned));
        if version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()))
        {
            let written = entry.metadata().and_then(|file| file.modified()).map_err(failed)?;
            if found.as_ref().is_none_or(|(newest, _)| written > *newest) {
                found = Some((written, entry.path()));
            }
        }
    }
    found.map(|(_, path)| std::fs::read(path).map_err(failed)).transpose()
}

/// Generates a file from its recipe and imports it, once.
async fn fill(app: &App, sample: &Sample, line: &SampleFile) -> Result<()> {
    let mapping_name = line.mapping.display().to_string();
    let done = app.data.batches().await?.iter().any(|batch| batch.info.mapping == mapping_name);
    let mapping = Mapping::parse(&mapping_name, &sample.text(&line.mapping)?)?;
    let words = app.words().await?;
    if done || words.action(&mapping.pack, &mapping.action).is_none() {
        return Ok(());
    }
    let recipe = Recipe::parse(&line.recipe.display().to_string(), &sample.text(&line.recipe)?)?;
    let file = app
        .settings
        .folder
        .join("sample")
        .join(line.recipe.with_extension("csv").file_name().unwrap_or_default());
    let failed =
        |error: std::io::Error| Error::Unavailable(format!("不能写入 {}：{error}", file.display()));
    std::fs::create_dir_all(app.settings.folder.join("sample")).map_err(failed)?;
    std::fs::write(&file, recipe.csv(words.now, words.calendar.offset())?).map_err(failed)?;
    let account = app.data.account(&line.login).await?;
    let person = account.map(|account| account.person).ok_or_else(|| {
        Error::invalid("样例", format!("没有账号 {}", line.login), "样例中列出的账号")
    })?;
    let (dry, partly) = (false, false);
    let job = Job { file, mapping, mapping_name, person, dry, partly, problems: None };
    let report = import(app, job).await?;
    for problem in report.problems.iter().take(10) {
        tracing::warn!(%problem, "sample row refused");
    }
    tracing::info!(rows = report.rows, taken = report.taken, mapping = %line.mapping.display(), "sample imported");
    Ok(())
}

/// Keeps ids of samples apart from those of real records.
pub(crate) fn sample_id(what: &str, key: &str) -> Id {
    Id::derived(&Id::from_text(format!("sample/{what}/{key}")), 0)
}
