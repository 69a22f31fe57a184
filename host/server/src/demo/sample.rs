//! The sample folder: `centre.toml` and the files that it names.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anshu_model::calendar::Calendar;
use anshu_model::capability::Grant;
use anshu_model::clock::Term;
use anshu_model::division::{Division, Register, Row};
use anshu_model::instant::{Instant, Offset};
use anshu_model::label::Level;
use anshu_model::org::Unit;
use anshu_model::provenance::Algorithm;
use anshu_model::{Error, Id, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::sample_id;
use crate::config::{
    self, CentrePurpose, EmergencySection, OpeningSection, PersonsSection, ProvenanceKey,
    ProvenanceSection, SealedSection, Settings, ShareSection, SignInSection, Stated, toml_of,
};
use crate::grant::GrantFile;
use crate::{file, signing};

/// A sample that was read.
#[derive(Debug)]
pub struct Sample {
    folder: PathBuf,
    pub(super) file: CentreFile,
}

/// `centre.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CentreFile {
    centre_name: String,
    origin: String,
    divisions: Vec<PathBuf>,
    holidays: Vec<PathBuf>,
    #[serde(default)]
    grants: Vec<PathBuf>,
    #[serde(default)]
    upgrade_notice: Option<Term>,
    #[serde(default)]
    figures: Option<config::FiguresSection>,
    #[serde(default)]
    budget: Option<config::BudgetSection>,
    #[serde(default)]
    export: Option<config::ExportSection>,
    #[serde(default)]
    share: ShareSection,
    #[serde(default)]
    persons: PersonsSection,
    purposes: Vec<CentrePurpose>,
    #[serde(default)]
    sealed: SealedSection,
    #[serde(default)]
    sign_in: SignInSection,
    #[serde(default)]
    emergency: EmergencySection,
    #[serde(default)]
    opening: OpeningSection,
    units: Vec<UnitLine>,
    pub(super) accounts: Vec<AccountLine>,
    #[serde(default)]
    pub(super) samples: Vec<SampleFile>,
    /// Accounts that are a sample person's own.
    #[serde(default)]
    pub(super) citizens: Vec<CitizenLine>,
}

/// An account that is bound to the one person of the samples who fits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CitizenLine {
    pub(super) login: String,
    /// The recipe's column with the number, in which generated file.
    pub(super) recipe: PathBuf,
    pub(super) column: String,
    /// The number's scheme.
    pub(super) scheme: String,
    /// The officer who binds it.
    #[serde(rename = "as")]
    pub(super) officer: String,
    /// The child of the samples whose guardian it is too.
    #[serde(default)]
    pub(super) guardian_of: Option<ChildLine>,
}

/// The first child of a generated file who is young enough.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChildLine {
    /// The recipe's column with the child's number.
    pub(super) column: String,
    /// What the guardian is to the child.
    pub(super) relation: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitLine {
    code: String,
    name: String,
    division: Division,
    #[serde(default)]
    functions: BTreeSet<String>,
}

/// An account of the sample.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountLine {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) roles: BTreeSet<String>,
    pub(super) clearance: Level,
    pub(super) password: String,
    /// What one sees as this person, for the greeting.
    about: String,
}

/// A file that is generated and imported.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleFile {
    pub(super) recipe: PathBuf,
    pub(super) mapping: PathBuf,
    /// Who is responsible.
    #[serde(rename = "as")]
    pub(super) login: String,
}

/// Trusts the demonstration's own key, and makes it where it is missing.
fn trust_demonstration(folder: &Path) -> Result<ProvenanceSection> {
    let path = folder.join(super::SIGNING_KEY);
    let key = if path.exists() {
        signing::read(&path)?
    } else {
        signing::make(&path, Algorithm::Ed25519)?
    };
    let trusted = ProvenanceKey {
        holder: "演示（自动生成）".into(),
        algorithm: key.algorithm(),
        public_key: STANDARD.encode(key.public_key()),
        packs: BTreeSet::new(),
        publishers: BTreeSet::new(),
        until: None,
    };
    let keys = [("demo".to_owned(), trusted)].into();
    Ok(ProvenanceSection { keys, ..ProvenanceSection::default() })
}

/// A unit of the sample.
pub(super) fn unit_id(code: &str) -> Id {
    sample_id("unit", code)
}

/// A person of the sample.
pub(super) fn person_id(login: &str) -> Id {
    sample_id("person", login)
}

impl Sample {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`Error::Invalid`] at the line that is wrong; [`Error::Unavailable`] where a file is missing.
    pub fn read(folder: &Path) -> Result<Self> {
        let name = folder.join("centre.toml");
        let file = toml_of(&name.display().to_string(), &file::text(&name)?)?;
        Ok(Self { folder: folder.to_owned(), file })
    }

    /// A file of the sample.
    pub(super) fn text(&self, path: &Path) -> Result<String> {
        file::text(&self.folder.join(path))
    }

    /// Writes the sample's configuration into the data folder where there is none yet, and reads it. The centre trusts the
    /// demonstration's own key, which is made here, and no other: packs come in signed, as they should anywhere.
    ///
    /// # Errors
    /// Where the folder cannot be written, or a configuration that stands there is wrong.
    pub fn configure(&self, settings: Settings, stated: &Stated) -> Result<Settings> {
        let path = settings.folder.join(config::FILE);
        if config::File::read(&path)?.provenance.is_some() {
            return Ok(settings);
        }
        let provenance = Some(trust_demonstration(&settings.folder)?);
        let present = if path.exists() { Some(file::text(&path)?) } else { None };
        let file = match present {
            // From before signatures were asked for: what stands there stays.
            Some(_) => config::File { provenance, ..config::File::default() },
            None => config::File {
                centre_name: Some(self.file.centre_name.clone()),
                origin: Some(self.file.origin.clone()),
                purposes: self.file.purposes.clone(),
                opening: self.file.opening.clone(),
                upgrade_notice: self.file.upgrade_notice,
                sealed: self.file.sealed.clone(),
                figures: self.file.figures.clone(),
                budget: self.file.budget.clone(),
                export: self.file.export.clone(),
                sign_in: self.file.sign_in.clone(),
                emergency: self.file.emergency.clone(),
                share: self.file.share.clone(),
                persons: self.file.persons.clone(),
                provenance,
                ..config::File::default()
            },
        };
        let text = toml::to_string(&file).map_err(|error| Error::Internal(error.to_string()))?;
        let text = present.map_or_else(|| text.clone(), |present| format!("{present}\n{text}"));
        let failed = |error: std::io::Error| {
            Error::Unavailable(format!("不能写入 {}：{error}", path.display()))
        };
        std::fs::create_dir_all(&settings.folder).map_err(failed)?;
        std::fs::write(&path, text).map_err(failed)?;
        Settings::read(&Stated { data: Some(settings.folder.clone()), ..stated.clone() })
    }

    /// The divisions.
    pub(super) fn divisions(&self) -> Result<Register> {
        let mut rows = Vec::new();
        for path in &self.file.divisions {
            let text = self.text(path)?;
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            for row in reader.deserialize::<Row>() {
                rows.push(row.map_err(|error| {
                    Error::invalid(path.display().to_string(), error.to_string(), "区划表的各列")
                })?);
            }
        }
        Register::from_rows(rows)
    }

    /// The holiday data. Years that are not announced are estimated, and say so.
    pub(super) fn calendar(&self, now: Instant) -> Result<Calendar> {
        let mut calendar = Calendar::new(Offset::default());
        for path in &self.file.holidays {
            calendar.import(&self.text(path)?, now)?;
        }
        Ok(calendar)
    }

    /// The units.
    pub(super) fn units(&self) -> Result<Vec<Unit>> {
        let units = self.file.units.iter().map(|line| Unit {
            id: unit_id(&line.code),
            name: line.name.clone(),
            division: line.division.clone(),
            functions: line.functions.clone(),
        });
        Ok(units.collect())
    }

    /// The grants.
    pub(super) fn grants(&self, now: Instant) -> Result<Vec<Grant>> {
        let mut grants = Vec::new();
        for path in &self.file.grants {
            let file = GrantFile::parse(&path.display().to_string(), &self.text(path)?)?;
            if !self.file.units.iter().any(|unit| unit.code == file.duty_unit) {
                let found = format!("没有单位 {}", file.duty_unit);
                return Err(Error::invalid(path.display().to_string(), found, "样例中列出的单位"));
            }
            let (unit, person) = (unit_id(&file.duty_unit), person_id(&file.approved_by));
            grants.push(file.grant(unit, person, now));
        }
        Ok(grants)
    }

    /// What is printed once the centre answers.
    pub fn welcome(&self, address: SocketAddr) -> Vec<String> {
        let mut lines = vec![
            String::new(),
            format!("{} 已启动：http://{address}", self.file.centre_name),
            String::new(),
            "！！以下账号和口令仅供演示，写在公开的样例文件中；不得用于真实数据！！".into(),
        ];
        lines.extend(self.file.accounts.iter().map(|line| {
            format!("  {:<12} {:<18} {}：{}", line.login, line.password, line.name, line.about)
        }));
        lines.push(String::new());
        lines.push("按 Ctrl-C 停止；数据会保留，下次运行继续使用。".into());
        lines
    }
}
