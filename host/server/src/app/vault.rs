//! Keys, erasures and retention. Who may what, storage asks; here is what a page shows and what the daily run does.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anshu_data::{Ending, ReindexStage, ReindexStep, RotationStep, SealStep};
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::view::vault::{
    EndingView, ErasureAnswer, ErasureRequest, ErasureView, HoldRequest, HoldView, OutlookView,
    VaultView,
};

/// Erasures of one page.
pub const PAGE: u32 = 50;
/// Endings that a page shows; the command line shows all.
const SHOWN: usize = 200;
/// How long after a run of the retention the next one begins, in milliseconds.
const EVERY: i64 = 24 * 3600 * 1000;

/// The state of the vault.
///
/// # Errors
/// [`anshu_model::Error::Denied`] for anybody but an administrator.
pub async fn status(app: &App, person: &Person) -> Result<VaultView> {
    let ctx = app.context(person, None)?;
    state(app, &ctx).await
}

async fn state(app: &App, ctx: &OpContext) -> Result<VaultView> {
    let status = app.data.vault_status(ctx).await?;
    let index = app.data.reindex_status(ctx).await?;
    let problem = app.rekeying.problem();
    Ok(VaultView::of(status, &index, problem, app.settings.retention.grace_days))
}

/// Makes a new master key. The worker wraps the data keys anew.
///
/// # Errors
/// As [`anshu_data::Data::begin_rotation`].
pub async fn begin_rotation(app: &App, person: &Person) -> Result<VaultView> {
    let ctx = app.context(person, None)?;
    app.data.begin_rotation(&ctx).await?;
    state(app, &ctx).await
}

/// Makes the next key of the blind indexes. The worker makes the indexes anew.
///
/// # Errors
/// As [`anshu_data::Data::begin_reindex`].
pub async fn begin_reindex(app: &App, person: &Person) -> Result<VaultView> {
    let ctx = app.context(person, None)?;
    app.data.begin_reindex(&ctx).await?;
    state(app, &ctx).await
}

/// What kept the last step of a change of keys from being done, where it was not.
#[derive(Debug, Default)]
pub struct Rekeying(Mutex<Option<String>>);

impl Rekeying {
    fn problem(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn say(&self, problem: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }
}

/// How long the worker rests while there is nothing to do, and after a failure.
const REST: Duration = Duration::from_millis(500);
const LONG_REST: Duration = Duration::from_secs(30);

/// Goes on with changes of keys, batch by batch, whoever began them and wherever they were interrupted.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    loop {
        let rest = match round(&app).await {
            Ok(more) => {
                app.rekeying.say(None);
                // Between two batches everybody else has their turn at the writer.
                if more { Duration::ZERO } else { REST }
            }
            // Somebody else does the same step.
            Err(Error::Conflict(said)) => {
                app.rekeying.say(Some(said));
                LONG_REST
            }
            Err(error) => {
                tracing::warn!(%error, "a change of keys does not go on");
                app.rekeying.say(Some(error.to_string()));
                LONG_REST
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// One batch, where there is any.
async fn round(app: &App) -> Result<bool> {
    let (rotating, reindexing) = (app.data.is_rotating().await?, app.data.is_reindexing().await?);
    if rotating {
        rotate(app, false).await?;
    }
    if reindexing {
        reindex(app, false).await?;
    }
    Ok(rotating || reindexing)
}

/// Erasures, the latest first.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the person takes no part in them.
pub async fn erasures(
    app: &App,
    person: &Person,
    before: Option<String>,
) -> Result<Vec<ErasureView>> {
    let ctx = app.context(person, None)?;
    let before = before.map(Id::from_text);
    let found = app.data.erasures(&ctx, before.as_ref(), PAGE).await?;
    let words = app.words().await?;
    let me = person.id.as_str();
    Ok(found.iter().map(|erasure| ErasureView::of(erasure, me, &words)).collect())
}

/// What an erasure would do.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the person takes no part; [`anshu_model::Error::NotFound`] where there is no such subject.
pub async fn outlook(app: &App, person: &Person, subject: &Id) -> Result<OutlookView> {
    let ctx = app.context(person, None)?;
    app.data.erasure_outlook(&ctx, subject).await.map(OutlookView::of)
}

/// Asks for an erasure, or stops processing.
///
/// # Errors
/// As [`anshu_data::Data::ask_erasure`] and [`anshu_data::Data::restrict`].
pub async fn ask(app: &App, person: &Person, request: ErasureRequest) -> Result<ErasureView> {
    let ctx = app.context(person, None)?;
    let ErasureRequest { subject, ground, article, restrict } = request;
    let subject = Id::from_text(subject);
    let made = if restrict {
        app.data.restrict(&ctx, &subject, &ground, &article).await?
    } else {
        app.data.ask_erasure(&ctx, &subject, &ground, &article).await?
    };
    Ok(ErasureView::of(&made, person.id.as_str(), &app.words().await?))
}

/// Agrees to an erasure, which is done at once, or refuses it.
///
/// # Errors
/// As [`anshu_data::Data::answer_erasure`].
pub async fn answer(
    app: &App,
    person: &Person,
    id: &Id,
    answer: ErasureAnswer,
) -> Result<ErasureView> {
    let ctx = app.context(person, None)?;
    let done = app.data.answer_erasure(&ctx, id, answer.agree, &answer.reason).await?;
    Ok(ErasureView::of(&done, person.id.as_str(), &app.words().await?))
}

/// Lets processing go on.
///
/// # Errors
/// As [`anshu_data::Data::lift_restriction`].
pub async fn lift(app: &App, person: &Person, id: &Id, reason: &str) -> Result<ErasureView> {
    let ctx = app.context(person, None)?;
    let done = app.data.lift_restriction(&ctx, id, reason).await?;
    Ok(ErasureView::of(&done, person.id.as_str(), &app.words().await?))
}

/// The receipt of an erasure, as a text to be kept.
///
/// # Errors
/// As [`anshu_data::Data::erasure_receipt`].
pub async fn receipt(app: &App, person: &Person, id: &Id) -> Result<String> {
    let ctx = app.context(person, None)?;
    app.data.erasure_receipt(&ctx, id).await
}

/// The holds in force.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the person takes no part in erasures.
pub async fn holds(app: &App, person: &Person) -> Result<Vec<HoldView>> {
    let ctx = app.context(person, None)?;
    let words = app.words().await?;
    let holds = app.data.legal_holds(&ctx).await?;
    Ok(holds.iter().map(|hold| HoldView::of(hold, &words)).collect())
}

/// Places a hold.
///
/// # Errors
/// As [`anshu_data::Data::place_hold`].
pub async fn hold(app: &App, person: &Person, request: HoldRequest) -> Result<HoldView> {
    let ctx = app.context(person, None)?;
    let subject = Id::from_text(request.subject);
    let hold = app.data.place_hold(&ctx, &subject, &request.ground).await?;
    Ok(HoldView::of(&hold, &app.words().await?))
}

/// Lifts a hold.
///
/// # Errors
/// As [`anshu_data::Data::lift_hold`].
pub async fn release(app: &App, person: &Person, id: &Id) -> Result<()> {
    let ctx = app.context(person, None)?;
    app.data.lift_hold(&ctx, id).await
}

/// What the next run of the retention would do. Nothing is changed.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the person takes no part in erasures.
pub async fn endings(app: &App, person: &Person) -> Result<Vec<EndingView>> {
    let ctx = app.context(person, None)?;
    app.data.allows(&ctx, "see-erasures").await?;
    let words = app.words().await?;
    let found = retention(app, &app.operator("retention")?, true, SHOWN).await?;
    Ok(found.iter().map(|ending| EndingView::of(ending, &words)).collect())
}

/// Goes through everybody; dry, it only tells. Stops where it found `most`.
///
/// # Errors
/// As [`anshu_data::Data::end_retention`].
pub async fn retention(
    app: &App,
    ctx: &OpContext,
    dry_run: bool,
    most: usize,
) -> Result<Vec<Ending>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let ctx = OpContext { id: Id::derived(&ctx.id, all.len() as u64), ..ctx.clone() };
        let policy = app.settings.retention;
        let (found, next) = app.data.end_retention(&ctx, policy, &after, dry_run).await?;
        all.extend(found);
        match next {
            Some(next) if all.len() < most => after = next,
            _ => return Ok(all),
        }
    }
}

/// When retention ran last in this process.
#[derive(Debug, Default)]
pub struct RetentionRun(Mutex<Option<Instant>>);

/// Runs the retention where a day has passed. Answers how many it did something with.
///
/// # Errors
/// Where storage does not answer.
pub async fn daily(app: &App) -> Result<usize> {
    let now = app.settings.time.now();
    let last = *app.retention.0.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_some_and(|at| now < at.plus(EVERY)) {
        return Ok(0);
    }
    let context = app.operator("retention")?;
    let ended = retention(app, &context, false, usize::MAX).await?.len();
    *app.retention.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    Ok(ended)
}

/// A step of a rotation, with how far it is.
///
/// # Errors
/// As [`anshu_data::Data::begin_rotation`] and [`anshu_data::Data::rotate_step`].
pub async fn rotate(app: &App, begin: bool) -> Result<RotationStep> {
    let context = app.operator("vault")?;
    if begin {
        app.data.begin_rotation(&context).await
    } else {
        app.data.rotate_step(&context).await
    }
}

/// A step of a change of the key of the blind indexes, with how far it is.
///
/// # Errors
/// As [`anshu_data::Data::begin_reindex`] and [`anshu_data::Data::reindex_step`].
pub async fn reindex(app: &App, begin: bool) -> Result<ReindexStep> {
    let context = app.operator("vault")?;
    if begin {
        app.data.begin_reindex(&context).await
    } else {
        app.data.reindex_step(&context).await
    }
}

/// A page of sealing what lies readable.
///
/// # Errors
/// As [`anshu_data::Data::seal_step`].
pub async fn seal(app: &App, after: &str) -> Result<SealStep> {
    app.data.seal_step(&app.operator("vault")?, after).await
}

/// What a person reads of the state, line by line: for the machine's operator.
///
/// # Errors
/// [`anshu_model::Error::Unavailable`] where storage does not answer.
pub async fn lines(app: &App) -> Result<Vec<String>> {
    let status = app.data.vault_status(&app.operator("vault")?).await?;
    let mut lines = vec![
        format!("主密钥保管：{}，当前主密钥 {}", status.provider, status.master),
        format!("新数据的算法：{}，每个数据密钥最多使用 {} 次", status.cipher, status.uses),
    ];
    for (master, keys) in &status.masters {
        let now = if *master == status.master { "（当前）" } else { "（待轮换）" };
        lines.push(format!("主密钥 {master}{now}：包裹数据密钥 {keys} 个"));
    }
    let index = app.data.reindex_status(&app.operator("vault")?).await?;
    let stage = match index.stage {
        ReindexStage::Still => String::new(),
        ReindexStage::Filling | ReindexStage::Clearing => {
            format!("；正在更换，已处理 {}/{}", index.done, index.all)
        }
    };
    lines.push(format!("检索密钥：第 {} 代 {}{stage}", index.generation, index.key));
    lines.push(format!(
        "已停止处理 {} 个对象，已销毁 {} 个对象",
        status.restricted, status.destroyed
    ));
    Ok(lines)
}
