//! Configuration: the only place that reads `anshu.toml` and the environment. Unknown keys are errors.
//!
//! Three sources, the later wins: `anshu.toml` in the data folder, `ANSHU_…` in the environment, the command line. They are
//! read into a low form, resolved into [`Settings`], and passed on explicitly; nothing reads them again.

mod log;
mod measures;
mod opening;
mod persons;
mod provenance;
mod sealed;
mod share;
mod sign_in;
mod vault;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anshu_data::{RetentionPolicy, VaultSettings};
use anshu_model::capability::Import;
use anshu_model::clock::Term;
use anshu_model::context::Purpose;
use anshu_model::grant::Ceiling;
use anshu_model::label::Level;
use anshu_model::provenance::Policy;
use anshu_model::{Error, Problem, Result};
use anshu_sandbox::Compiler;
use serde::{Deserialize, Serialize};

use crate::time::Time;

pub use log::{Log, Section as LogSection, Stated as StatedWitness, Witness};
pub use measures::{
    BudgetLimits, BudgetSection, ExportPolicy, ExportSection, FiguresSection, Measures,
};
pub use opening::{OpeningSettings, Section as OpeningSection};
pub use persons::{IncidentTerm, Persons, Section as PersonsSection, WithoutAssessment};
pub use provenance::{Key as ProvenanceKey, Section as ProvenanceSection};
pub use sealed::Section as SealedSection;
pub use share::{Peer, ShareSection, Sharing};
pub use sign_in::{
    Emergency, EmergencyReason, EmergencySection, OidcSection, SecondFactor, SignInPolicy,
    SignInSection,
};
pub use vault::{RetentionSection, VaultSection};

/// Where a centre's configuration stands in its data folder.
pub const FILE: &str = "anshu.toml";

/// What the command line says. None: not said.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// The data folder.
    pub data: Option<PathBuf>,
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// Where packs are compiled. Not said: in this process, as in a test, whose program is no compiler.
    pub compiler: Option<Compiler>,
}

/// `anshu.toml`, as it stands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What the centre is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centre_name: Option<String>,
    /// Where to listen, as address and port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// `sqlite:<path>` or `postgres://…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The line that names the centre's log in its checkpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Whether a proxy in front speaks TLS with the browsers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// Limits of sessions and requests.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// The least time that a shorter limit leaves when open cases follow a new version of a pack (缩短时限的最短提前告知期).
    /// Local policy: without it, such cases wait for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_notice: Option<Term>,
    /// What no pack reaches beyond on this host.
    #[serde(default, skip_serializing_if = "CeilingFile::is_empty")]
    pub ceiling: CeilingFile,
    /// What staff do without a pack. The first is their standing purpose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<CentrePurpose>,
    /// Answers to persons, and the records that the law asks for.
    #[serde(default, skip_serializing_if = "PersonsSection::is_empty")]
    pub persons: PersonsSection,
    /// How protected records are opened (逐次批准查阅). Local policy.
    #[serde(default, skip_serializing_if = "OpeningSection::is_empty")]
    pub opening: OpeningSection,
    /// How long each side of a share may take, and whose files are taken in.
    #[serde(default, skip_serializing_if = "ShareSection::is_empty")]
    pub share: ShareSection,
    /// Which packs are accepted. Absent: none, as no key is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<ProvenanceSection>,
    /// For what sealed records are looked up. Absent: for nothing.
    #[serde(default, skip_serializing_if = "SealedSection::is_empty")]
    pub sealed: SealedSection,
    /// How figures are protected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<FiguresSection>,
    /// How many people's data may be shown clear in a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetSection>,
    /// How much may be exported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<ExportSection>,
    /// How people prove who they are.
    #[serde(default, skip_serializing_if = "SignInSection::is_empty")]
    pub sign_in: SignInSection,
    /// A city's own identity server. Absent: accounts sign in with their passwords alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcSection>,
    /// How far emergency access goes.
    #[serde(default, skip_serializing_if = "EmergencySection::is_empty")]
    pub emergency: EmergencySection,
    /// How bodies are sealed.
    #[serde(default, skip_serializing_if = "VaultSection::is_empty")]
    pub vault: VaultSection,
    /// What happens when a period of retention ends. Local policy.
    #[serde(default, skip_serializing_if = "RetentionSection::is_empty")]
    pub retention: RetentionSection,
    /// Who witnesses the audit log, and with what it is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<LogSection>,
}

/// What no pack reaches beyond, as it may be stated. What is not stated is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeilingFile {
    /// Interfaces of the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imports: Option<BTreeSet<Import>>,
    /// The highest level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Topics that may be published and heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topics: Option<BTreeSet<String>>,
}

impl CeilingFile {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn ceiling(self) -> Ceiling {
        let all = Ceiling::default();
        Ceiling {
            imports: self.imports.unwrap_or(all.imports),
            level: self.level.unwrap_or(all.level),
            topics: self.topics,
        }
    }
}

/// Limits that may be stated.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Minutes after which an idle session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_minutes: Option<u32>,
    /// Hours after which any session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_hours: Option<u32>,
    /// Failed sign-ins after which an account is locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_failures: Option<u32>,
    /// Minutes for which it is locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lockout_minutes: Option<u32>,
    /// Seconds that a request may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_seconds: Option<u32>,
    /// Bytes of a request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<usize>,
}

impl Limits {
    fn is_empty(&self) -> bool {
        matches!(
            self,
            Self {
                idle_minutes: None,
                session_hours: None,
                sign_in_failures: None,
                lockout_minutes: None,
                request_seconds: None,
                body_bytes: None,
            }
        )
    }
}

/// A purpose that the centre declares for work without a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentrePurpose {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The legal ground: an article. Without one no personal data is shown for it.
    #[serde(default)]
    pub ground: String,
}

/// What the environment may say.
const VARIABLES: [&str; 6] =
    ["ANSHU_DATA", "ANSHU_LISTEN", "ANSHU_DATABASE", "ANSHU_TLS", "ANSHU_LOG", "ANSHU_LOG_FORMAT"];
/// What `cargo xtask` and the tests say to each other under the same prefix; nothing here reads it.
const OF_TOOLS: [&str; 5] =
    ["ANSHU_BINARY", "ANSHU_BROWSER", "ANSHU_PACKS", "ANSHU_TARGET", "ANSHU_UPDATE"];

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// Configuration, resolved.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data folder: database, keys, configuration, lock.
    pub folder: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The database.
    pub database: String,
    /// The line that names the centre's log.
    pub origin: String,
    /// Whether browsers reach this through TLS: cookies are `Secure` then.
    pub tls: bool,
    /// What the centre is called.
    pub centre_name: String,
    /// The least time that a shorter limit leaves in an upgrade; none where the centre has not said.
    pub upgrade_notice: Option<Term>,
    /// What staff do without a pack. Never empty.
    pub purposes: Vec<CentrePurpose>,
    /// When an idle session ends.
    pub idle: Duration,
    /// When any session ends.
    pub session: Duration,
    /// Failed sign-ins until a lockout.
    pub failures: u32,
    /// How long a lockout lasts.
    pub lockout: Duration,
    /// How people prove who they are.
    pub sign_in: SignInPolicy,
    /// The city's own identity server, where there is one.
    pub oidc: Option<OidcSection>,
    /// How far emergency access goes.
    pub emergency: Emergency,
    /// Answers to persons, and the records that the law asks for.
    pub persons: Persons,
    /// Which packs are accepted.
    pub provenance: Policy,
    /// How protected records are opened.
    pub opening: OpeningSettings,
    /// How bodies are sealed.
    pub vault: VaultSettings,
    /// What happens when a period of retention ends.
    pub retention: RetentionPolicy,
    /// Who witnesses the audit log.
    pub audit: Log,
    /// How long each side of a share may take, and whose files are taken in.
    pub share: Sharing,
    /// How long a request may take.
    pub request: Duration,
    /// Bytes of a request's body.
    pub body: usize,
    /// Which log lines are written, in tracing's filter language.
    pub log: String,
    /// How.
    pub log_format: LogFormat,
    /// Where packs are compiled.
    pub compiler: Compiler,
    /// What no pack reaches beyond, whatever it is granted.
    pub ceiling: Ceiling,
    /// For what, and for how long, sealed records are looked up.
    pub sealed: anshu_data::SealedRules,
    /// Figures, budgets and bulk exports.
    pub measures: Measures,
    /// The time.
    pub time: Time,
}

impl Settings {
    /// Reads file and environment, and resolves them with what the command line says.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every unknown key and wrong value.
    pub fn read(stated: &Stated) -> Result<Self> {
        let environment = environment()?;
        let folder = stated
            .data
            .clone()
            .or_else(|| environment.get("ANSHU_DATA").map(PathBuf::from))
            .unwrap_or_else(|| PathBuf::from("anshu-data"));
        let file = File::read(&folder.join(FILE))?;
        Self::resolve(folder, stated, &environment, file)
    }

    /// The settings of a data folder, without environment or command line: for tests.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn of_folder(folder: &Path, listen: SocketAddr) -> Result<Self> {
        let stated = Stated { listen: Some(listen), ..Stated::default() };
        let file = File::read(&folder.join(FILE))?;
        Self::resolve(folder.to_owned(), &stated, &BTreeMap::new(), file)
    }

    fn resolve(
        folder: PathBuf,
        stated: &Stated,
        environment: &BTreeMap<String, String>,
        file: File,
    ) -> Result<Self> {
        let mut problems = Vec::new();
        let listen = match (stated.listen, environment.get("ANSHU_LISTEN")) {
            (Some(listen), _) => Some(listen),
            (None, Some(text)) => match text.parse() {
                Ok(listen) => Some(listen),
                Err(_) => {
                    problems.push(Problem::new(
                        "ANSHU_LISTEN",
                        text,
                        "地址和端口，如 127.0.0.1:8650",
                    ));
                    None
                }
            },
            (None, None) => file.listen,
        };
        let tls = match environment.get("ANSHU_TLS").map(String::as_str) {
            None => file.tls.unwrap_or(false),
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            Some(other) => {
                problems.push(Problem::new("ANSHU_TLS", other, "true 或 false"));
                false
            }
        };
        let log_format = match environment.get("ANSHU_LOG_FORMAT").map(String::as_str) {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => {
                problems.push(Problem::new("ANSHU_LOG_FORMAT", other, "text 或 json"));
                LogFormat::Text
            }
        };
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let database = environment.get("ANSHU_DATABASE").cloned().or(file.database);
        let Limits {
            idle_minutes,
            session_hours,
            sign_in_failures,
            lockout_minutes,
            request_seconds,
            body_bytes,
        } = file.limits;
        let purposes = if file.purposes.is_empty() {
            vec![CentrePurpose {
                code: "work".into(),
                title: "日常工作".into(),
                ground: String::new(),
            }]
        } else {
            file.purposes
        };
        let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8650)));
        if let Some(oidc) = &file.oidc {
            oidc.check()?;
        }
        Ok(Self {
            listen,
            sign_in: file.sign_in.resolve(listen, tls)?,
            oidc: file.oidc,
            emergency: file.emergency.resolve()?,
            database: database
                .unwrap_or_else(|| format!("sqlite:{}", folder.join("anshu.db").display())),
            folder,
            origin: file.origin.unwrap_or_else(|| "anshu.local/log".into()),
            tls,
            centre_name: file.centre_name.unwrap_or_else(|| "社会治安综合治理中心".into()),
            upgrade_notice: file.upgrade_notice,
            purposes,
            idle: minutes(idle_minutes.unwrap_or(30)),
            session: minutes(session_hours.unwrap_or(12).saturating_mul(60)),
            failures: sign_in_failures.unwrap_or(5).max(1),
            lockout: minutes(lockout_minutes.unwrap_or(15)),
            persons: file.persons.resolve()?,
            opening: file.opening.resolve()?,
            provenance: file.provenance.unwrap_or_default().resolve()?,
            vault: file.vault.resolve()?,
            retention: file.retention.resolve()?,
            audit: file.log.unwrap_or_default().resolve()?,
            share: file.share.resolve()?,
            request: Duration::from_secs(u64::from(request_seconds.unwrap_or(30))),
            body: body_bytes.unwrap_or(1 << 20),
            log: environment.get("ANSHU_LOG").cloned().unwrap_or_else(|| "info".into()),
            log_format,
            compiler: stated.compiler.clone().unwrap_or(Compiler::Here),
            ceiling: file.ceiling.ceiling(),
            sealed: file.sealed.resolve()?,
            measures: Measures::resolve(
                file.figures.unwrap_or_default(),
                &file.budget.unwrap_or_default(),
                &file.export.unwrap_or_default(),
            )?,
            time: Time::default(),
        })
    }

    /// What staff do when they say nothing else.
    #[must_use]
    pub fn standing_purpose(&self) -> Purpose {
        let stated = self.purposes.first();
        Purpose {
            code: stated.map_or_else(|| "work".into(), |purpose| purpose.code.clone()),
            ground: stated.map_or_else(String::new, |purpose| purpose.ground.clone()),
            serves: None,
        }
    }
}

impl File {
    /// Reads a file; a missing one says nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] at the line that is wrong.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(Error::Unavailable(format!("不能读取 {}：{error}", path.display())));
            }
        };
        toml_of(&path.display().to_string(), &text)
    }
}

/// Reads TOML text; what is wrong is said with file, line and column.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn toml_of<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    crate::file::toml(name, text)
}

fn environment() -> Result<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with("ANSHU_")) else { continue };
        if OF_TOOLS.contains(&name) {
            continue;
        }
        match value.into_string() {
            Ok(value) if VARIABLES.contains(&name) => {
                known.insert(name.to_owned(), value);
            }
            Ok(_) => problems.push(Problem::new(name, "未知的环境变量", VARIABLES.join("、"))),
            Err(_) => problems.push(Problem::new(name, "不是 UTF-8", "UTF-8 文本")),
        }
    }
    if problems.is_empty() { Ok(known) } else { Err(Error::Invalid(problems)) }
}

fn minutes(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error =
            toml_of::<File>("anshu.toml", "listen = \"127.0.0.1:1\"\nlisen = \"x\"\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("第 2 行") && text.contains("lisen"), "{text}");
    }

    #[test]
    fn a_folder_without_a_file_is_a_centre_with_safe_limits() {
        let folder = std::env::temp_dir().join("anshu-no-such-folder");
        let settings = Settings::of_folder(&folder, SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        assert_eq!(settings.idle, Duration::from_secs(1800));
        assert_eq!(settings.session, Duration::from_secs(12 * 3600));
        // Without a stated ground no personal data is read.
        assert_eq!(settings.standing_purpose().ground, "");
    }
}
