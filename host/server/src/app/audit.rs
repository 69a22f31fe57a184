//! The log, for auditors. Reading it is itself in the log.

use std::path::Path;

use anshu_data::log::dossier::Report;
use anshu_data::log::export::verify_tiles_by;
use anshu_data::log::note::Verifier;
use anshu_data::log::policy::Policy;
use anshu_data::{Verification, Wanted};
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use super::{App, cosign};
use crate::config::Settings;
use crate::lock::Lock;
use crate::time::instant;
use crate::view::audit::{
    AuditDetail, AuditEntry, AuditPage, AuditQuery, AuditStatus, DossierOutline, PolicyNoticeView,
    VerifiedView, WitnessView,
};
use crate::view::page_length;

/// A page of the log, newest first.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor; [`Error::Invalid`] where a filter is none.
pub async fn list(app: &App, person: &Person, query: AuditQuery) -> Result<AuditPage> {
    let ctx = app.context(person, None)?;
    let limit = u64::from(page_length(query.limit));
    let wanted = wanted(query)?;
    let (size, root) = app.data.log_head().await?;
    let words = app.words().await?;
    let leaves = app.data.search_log(&ctx, &wanted, limit + 1).await?;
    let more = leaves.len() as u64 > limit;
    let mut entries: Vec<_> =
        leaves.iter().map(|(index, leaf)| AuditEntry::of(*index, leaf, &words)).collect();
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = entries.last().filter(|_| more).map(|entry| entry.index.to_string());
    Ok(AuditPage { size, root, entries, next })
}

/// What the query looks for.
fn wanted(query: AuditQuery) -> Result<Wanted> {
    let said = |text: Option<String>| {
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let time = |at: &str, text: Option<String>| -> Result<Option<Instant>> {
        said(text).map(|text| instant(at, &text)).transpose()
    };
    let before = said(query.after)
        .map(|text| {
            text.parse::<u64>().map_err(|_| Error::invalid("after", "不是序号", "日志序号"))
        })
        .transpose()?;
    Ok(Wanted {
        // People say the number of a person; the log says that it is one.
        actor: said(query.actor).map(|actor| match actor.contains(':') {
            true => actor,
            false => format!("person:{actor}"),
        }),
        record: said(query.record).map(Id::from_text),
        action: said(query.action).map(|word| word_of::<Action>("action", &word)).transpose()?,
        verdict: said(query.verdict).map(|word| verdict_of(&word)).transpose()?,
        purpose: said(query.purpose),
        from: time("from", query.from)?,
        until: time("until", query.until)?,
        before,
    })
}

fn word_of<T: serde::de::DeserializeOwned>(at: &str, word: &str) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|_| Error::invalid(at, word, "日志动作的代码，如 read、write、sign_in"))
}

fn verdict_of(word: &str) -> Result<Verdict> {
    match word {
        "allow" => Ok(Verdict::Allowed),
        "deny" => Ok(Verdict::Denied),
        "fail" => Ok(Verdict::Failed),
        _ => Err(Error::invalid("verdict", word, "allow、deny 或 fail")),
    }
}

/// One entry, with everything that its leaf says and the proof that it is in the log.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor; [`Error::NotFound`] where there is none.
pub async fn entry(app: &App, person: &Person, index: u64) -> Result<AuditDetail> {
    let ctx = app.context(person, None)?;
    let leaf = app.data.entry(&ctx, index).await?;
    let words = app.words().await?;
    AuditDetail::of(index, &leaf, app.data.proof(index).await?, &words)
}

/// The proof that an entry is in the log (C2SP tlog-proof).
///
/// # Errors
/// As [`entry`].
pub async fn proof(app: &App, person: &Person, index: u64) -> Result<String> {
    app.data.allows(&app.context(person, None)?, "read-audit").await?;
    app.data.proof(index).await
}

/// How it stands with the log: its keys, its witnesses, its last verification, the policy sets.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor.
pub async fn status(app: &App, person: &Person) -> Result<AuditStatus> {
    app.data.allows(&app.context(person, None)?, "read-audit").await?;
    let words = app.words().await?;
    let (size, root) = app.data.log_head().await?;
    let witnesses = witnesses(app).await?;
    let state = app.verified.state();
    Ok(AuditStatus {
        size,
        root,
        origin: app.settings.origin.clone(),
        public_keys: app.data.public_keys(),
        at_least: app.settings.audit.at_least,
        // What was cosigned long ago says little of now.
        cosigned: witnesses.iter().filter(|witness| witness.standing == "well").count(),
        witnesses: witnesses.into_iter().map(|witness| witness.view(&words)).collect(),
        policies: app
            .data
            .policy_notices()
            .await?
            .iter()
            .map(|set| PolicyNoticeView::of(set, &words))
            .collect(),
        verifying: state.running,
        verified: state.last.map(|(at, found)| VerifiedView::of(at, &found, &words)),
        verify_failed: state.failed,
    })
}

/// A witness of the configuration, and what is known of it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What people call it.
    pub name: String,
    /// Its key.
    pub key: String,
    /// How large the log was when it cosigned last.
    pub size: u64,
    /// When that was.
    pub at: Option<Instant>,
    /// How it stands: `waiting` before it was ever asked.
    pub standing: &'static str,
    /// Whether that is evidence of tampering.
    pub alarm: bool,
    /// What is the matter.
    pub problem: Option<String>,
}

impl Seen {
    fn view(self, words: &crate::view::Words) -> WitnessView {
        WitnessView {
            name: self.name,
            public_key: self.key,
            size: self.size,
            at: self.at.map(|at| words.at(at)),
            standing: self.standing.to_owned(),
            alarm: self.alarm,
            problem: self.problem,
        }
    }
}

/// The witnesses of the configuration, in its order.
///
/// # Errors
/// [`Error::Unavailable`] where storage does not answer.
pub async fn witnesses(app: &App) -> Result<Vec<Seen>> {
    if app.settings.audit.witnesses.is_empty() {
        return Ok(Vec::new());
    }
    let known = app.data.witnessed().await?;
    let seen = app.settings.audit.witnesses.iter().map(|witness| {
        let key = witness.key.to_text();
        let found = known.iter().find(|known| known.key == key);
        Seen {
            name: witness.name.clone(),
            size: found.map_or(0, |found| found.size),
            at: found.and_then(|found| found.at),
            standing: found.map_or("waiting", |found| found.standing.name()),
            alarm: found.is_some_and(|found| found.standing.is_alarm()),
            problem: found.and_then(|found| found.problem.clone()),
            key,
        }
    });
    Ok(seen.collect())
}

/// An auditor has seen that a policy set came into force.
///
/// # Errors
/// As [`anshu_data::Data::see_policies`].
pub async fn see_policies(app: &App, person: &Person, number: u64) -> Result<()> {
    app.data.see_policies(&app.context(person, None)?, number).await
}

/// What a dossier of a matter would hold.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor; [`Error::NotFound`] where there is no such matter.
pub async fn outline(app: &App, ctx: &OpContext, matter: &Id) -> Result<DossierOutline> {
    app.data.outline_dossier(ctx, matter).await.map(DossierOutline::from)
}

/// A matter's dossier. Between its leaf and its proofs the witnesses are asked, so that it carries what they cosigned.
///
/// # Errors
/// As [`outline`].
pub async fn dossier(app: &App, ctx: &OpContext, matter: &Id) -> Result<String> {
    let draft = app.data.begin_dossier(ctx, matter).await?;
    cosign::round(app).await;
    app.data.seal_dossier(draft).await
}

/// Writes the whole log into a folder, cosigned where the witnesses answer.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor; [`Error::Conflict`] where the folder is not empty.
pub async fn export(app: &App, ctx: &OpContext, folder: &Path) -> Result<String> {
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::Conflict(format!("{} 不是空目录；请换一个", folder.display())));
    }
    app.data.begin_export_log(ctx).await?;
    cosign::round(app).await;
    app.data.write_log(folder).await
}

/// The log's signed checkpoint.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor.
pub async fn checkpoint(app: &App, person: &Person) -> Result<String> {
    let ctx = app.context(person, None)?;
    app.data.allows(&ctx, "read-audit").await?;
    app.data.checkpoint().await
}

/// A tile of the log.
///
/// # Errors
/// [`Error::Denied`] for anybody but an auditor; [`Error::NotFound`] where there is no such tile.
pub async fn tile(app: &App, person: &Person, path: &str) -> Result<Vec<u8>> {
    let ctx = app.context(person, None)?;
    app.data.allows(&ctx, "read-audit").await?;
    app.data.tile(path).await?.ok_or_else(|| Error::NotFound("没有这个分块".into()))
}

/// Verifies the whole log of a centre that is stopped, and every row bound to it.
///
/// # Errors
/// [`Error::Conflict`] while the centre runs; [`Error::Unavailable`] where its storage does not open.
pub async fn verify_stopped(settings: &Settings, key: Option<&str>) -> Result<Verification> {
    let lock = Lock::take(&settings.folder)?;
    let storage = crate::run::storage(settings);
    let found = anshu_data::verify_sealed_file(&storage, &settings.vault, key).await;
    drop(lock);
    found
}

/// Whom a reader believes: by a policy file's text, or by a log's key alone. A file cannot vouch for itself, so there is no
/// other source.
///
/// # Errors
/// [`Error::Invalid`] where neither is stated, or it is none.
pub fn believe(key: Option<&str>, policy: Option<&str>) -> Result<Policy> {
    match (key, policy) {
        (_, Some(policy)) => Policy::parse(policy),
        (Some(key), None) => Verifier::parse(key).map(Policy::of),
        (None, None) => {
            Err(Error::invalid("--key", "缺失", "从可信来源取得的日志公钥（或 --policy 策略文件）"))
        }
    }
}

/// Verifies an exported log by its files and whom the reader believes.
///
/// # Errors
/// [`Error::Invalid`] and [`Error::NotFound`] where these are none.
pub fn verify_exported(folder: &Path, policy: &Policy, kept: &[String]) -> Result<Verification> {
    verify_tiles_by(folder, policy, kept)
}

/// Verifies a dossier by its file and whom the reader believes.
///
/// # Errors
/// [`Error::Unavailable`] where the file cannot be read.
pub fn verify_dossier(file: &Path, policy: &Policy) -> Result<Report> {
    let bytes = std::fs::read(file)
        .map_err(|error| Error::Unavailable(format!("不能读取 {}：{error}", file.display())))?;
    Ok(anshu_data::log::dossier::verify(&bytes, policy))
}
