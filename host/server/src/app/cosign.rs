//! The log, shown to witnesses elsewhere once a minute. What they cosign cannot be taken back by whoever owns this machine;
//! what they refuse is an alarm. A witness that does not answer stops no work: it is seen in the figures and by the auditor.

use std::time::Duration;

use anshu_data::log::cosigner::AddCheckpoint;
use anshu_data::{Asked, Standing};
use anshu_model::{Error, Result};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::config::Witness;

/// How often the log is shown.
const EVERY: Duration = Duration::from_secs(60);
/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take while the centre starts.
const SHORT_PATIENCE: Duration = Duration::from_secs(3);
/// The most bytes of an answer: a few signature lines.
const MOST: usize = 64 << 10;
/// How often a witness is asked again after it said what it has seen: others may show it the log at the same time.
const TURNS: usize = 3;

/// Shows the log to the witnesses until the server stops.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    if app.settings.audit.witnesses.is_empty() {
        return;
    }
    let mut beat = tokio::time::interval(EVERY);
    while stop.run_until_cancelled(beat.tick()).await.is_some() {
        if stop.run_until_cancelled(round(&app)).await.is_none() {
            return;
        }
    }
}

/// Shows the log to every witness once, and keeps what came of it.
pub async fn round(app: &App) {
    ask_all(app, PATIENCE).await;
}

async fn ask_all(app: &App, patience: Duration) {
    let mut asked = tokio::task::JoinSet::new();
    for witness in app.settings.audit.witnesses.clone() {
        let app = app.clone();
        asked.spawn(async move {
            if let Err(error) = ask(&app, &witness, patience).await {
                tracing::error!(witness = witness.name, %error, "a witness could not be asked");
            }
        });
    }
    while asked.join_next().await.is_some() {}
}

/// Refuses to start on a log of which a witness has seen more, or another: it was put back or rewritten, and going on would
/// bury the evidence. Witnesses that do not answer in a few seconds are passed over.
///
/// # Errors
/// [`Error::Unavailable`] with what was found and what can be done.
pub(crate) async fn before_start(app: &App) -> Result<()> {
    if app.settings.audit.witnesses.is_empty() {
        return Ok(());
    }
    ask_all(app, SHORT_PATIENCE).await;
    let known = app.data.witnessed().await?;
    for witness in &app.settings.audit.witnesses {
        let key = witness.key.to_text();
        let found = known.iter().find(|known| known.key == key && known.standing.is_alarm());
        if let Some(problem) = found.and_then(|found| found.problem.as_ref()) {
            return Err(Error::Unavailable(format!(
                "见证方“{}”不认这份审计日志：{problem}。为保全证据，系统没有启动；请先用 anshu audit verify 校验，\
                 查明原因并记录后，方可从 anshu.toml 移除该见证方再启动",
                witness.name
            )));
        }
    }
    Ok(())
}

/// What a witness answered.
enum Said {
    Cosigned(String),
    Seen(u64),
    Inconsistent,
    Refused(String),
    Unreachable(String),
}

/// Asks one witness until it cosigns or says why not.
async fn ask(app: &App, witness: &Witness, patience: Duration) -> Result<()> {
    let Some((standing, problem)) = turns(app, witness, patience).await? else { return Ok(()) };
    tracing::error!(witness = witness.name, problem, "the log was not cosigned");
    let context = app.operator("witness")?;
    app.data.witness_failed(&context, &witness.key, standing, &problem).await
}

async fn turns(
    app: &App,
    witness: &Witness,
    patience: Duration,
) -> Result<Option<(Standing, String)>> {
    let mut seen = None;
    for _ in 0..TURNS {
        let asked = match app.data.ask_witness(&witness.key, seen).await? {
            Asked::Nothing => return Ok(None),
            Asked::Cut { size } => {
                let seen = seen.unwrap_or_default();
                let problem = format!(
                    "它见证过 {seen} 条，本机只有 {size} 条：末尾的日志被删除，或数据库被换成了旧的"
                );
                return Ok(Some((Standing::Cut, problem)));
            }
            Asked::Growth(asked) => asked,
        };
        match post(witness, &asked, patience).await {
            Said::Cosigned(line) => {
                let now = app.settings.time.now();
                let taken = app.data.take_cosignature(&witness.key, &asked, &line, now).await;
                return match taken {
                    Ok(()) => Ok(None),
                    Err(Error::Invalid(_)) => {
                        Ok(Some((Standing::Refused, "它的答复不是它的共签".to_owned())))
                    }
                    Err(error) => Err(error),
                };
            }
            // It holds the same size and would have cosigned the same root.
            Said::Seen(size) if size == asked.old && seen.is_some() => {
                let problem = format!("它见证过的前 {size} 条与本机的不同：日志被整个改写");
                return Ok(Some((Standing::Forked, problem)));
            }
            Said::Seen(size) => seen = Some(size),
            Said::Inconsistent => {
                let problem = format!("它见证过的前 {} 条与本机的不同：日志被整个改写", asked.old);
                return Ok(Some((Standing::Forked, problem)));
            }
            Said::Refused(problem) => return Ok(Some((Standing::Refused, problem))),
            Said::Unreachable(problem) => return Ok(Some((Standing::Unreachable, problem))),
        }
    }
    Ok(Some((Standing::Refused, "它所见证的条数一再变化；稍后再试".to_owned())))
}

async fn post(witness: &Witness, asked: &AddCheckpoint, patience: Duration) -> Said {
    match send(&witness.url, asked.text(), patience).await {
        Err(error) => Said::Unreachable(format!("没有答复（{}）", causes(&error))),
        Ok((200, line)) => Said::Cosigned(line),
        Ok((409, size)) => match size.trim_end().parse() {
            Ok(size) => Said::Seen(size),
            Err(_) => Said::Refused("答复 409，没有说见证过多少条".to_owned()),
        },
        Ok((422, _)) => Said::Inconsistent,
        Ok((403, _)) => Said::Refused("它不认本日志的签名密钥".to_owned()),
        Ok((404, _)) => Said::Refused("它不认识本日志；请在见证方登记日志公钥".to_owned()),
        Ok((status, _)) => Said::Refused(format!("答复 {status}")),
    }
}

/// An error with what is behind it: the outermost one only says that a request failed.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    text
}

async fn send(url: &str, body: String, patience: Duration) -> reqwest::Result<(u16, String)> {
    // A second installation keeps the first: the HTTP client of registries installs the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(patience)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let mut answer = client.post(url).body(body).send().await?;
    let status = answer.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST {
            break;
        }
    }
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
}
