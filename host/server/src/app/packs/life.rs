//! A version's life: stored, answered, activated, rolled back, removed. Each step may be rehearsed: it says then what it
//! would do, and does nothing. Storage is changed first, then the sandbox; on start the sandbox is what storage says.

use anshu_data::{Activation, ActivationState, PackHead, Staging};
use anshu_model::capability::Grant;
use anshu_model::compat;
use anshu_model::context::{OpContext, PackRef};
use anshu_model::grant::{Difference, difference, effective};
use anshu_model::instant::Instant;
use anshu_model::standing::Standing;
use anshu_model::{Error, Result};
use anshu_sandbox::Sandbox;

use crate::app::App;
use crate::app::provenance::{self, Offer};
use crate::app::{compliance, trials};
use crate::view::pack::PackOutcome;

/// A version of a pack; without a number, the one that was stored last.
#[derive(Debug, Clone)]
pub struct Which {
    /// The pack.
    pub name: String,
    /// The version.
    pub version: Option<String>,
}

/// Stores a version with what it asks for.
///
/// # Errors
/// As [`provenance::admit`]; what the sandbox refuses in the component; [`Error::Invalid`] where its number promises less
/// than it changes; as [`anshu_data::Data::stage_pack`].
pub async fn stage(
    app: &App,
    ctx: &OpContext,
    offer: &Offer<'_>,
    grant: &Grant,
    dry: bool,
) -> Result<PackOutcome> {
    app.data.allows(ctx, "stage-pack").await?;
    let admitted = provenance::admit(app, offer).await?;
    let bytes = offer.bytes.to_vec();
    let inspection = Sandbox::inspect(&bytes)?;
    let manifest = &inspection.manifest;
    let heads = app.data.pack_heads(ctx).await?;
    compat::check(heads.iter().map(|head| &head.manifest), manifest)?;
    let grant = effective(manifest, grant, &app.settings.ceiling);
    let (shown, before) = beyond(app, manifest, &grant);
    // Compiling takes its time, and not that of the calls.
    let (sandbox, file, given) = (app.sandbox.clone(), bytes.clone(), grant.clone());
    blocking(move || sandbox.check(&file, &given)).await?;
    let title = format!("{} {}", manifest.name, manifest.version);
    let done = if dry { "将" } else { "已" };
    let mut lines = vec![format!("{done}存入 {title}（摘要 {}）", inspection.digest)];
    lines.extend(admitted.provenance.warning());
    lines.extend(said(&shown));
    lines.push(waits(&shown));
    if dry {
        return Ok(PackOutcome { dry_run: true, lines });
    }
    let staging = Staging {
        bytes: &bytes,
        digest: &inspection.digest,
        manifest,
        grant: &grant,
        shown: &shown,
        before: before.as_deref(),
    };
    provenance::keep(app, ctx, offer, &admitted).await?;
    app.data.stage_pack(ctx, staging).await?;
    let sandbox = app.sandbox.clone();
    blocking(move || sandbox.stage(&bytes, &grant)).await?;
    app.data.use_schemas(app.sandbox.schemas());
    crate::app::figures::register(app);
    Ok(PackOutcome { dry_run: false, lines })
}

/// Answers what a version asks for.
///
/// # Errors
/// As [`anshu_data::Data::answer_grant`].
pub async fn answer(
    app: &App,
    ctx: &OpContext,
    which: &Which,
    approve: bool,
    reason: &str,
    dry: bool,
) -> Result<PackOutcome> {
    app.data.allows(ctx, "approve-grant").await?;
    let head = find(app, ctx, which).await?;
    let title = title(&head);
    let word = if approve { "同意" } else { "不同意" };
    let role = app.data.may_answer(ctx, &head.digest).await?;
    if dry {
        let line = format!("将以{}的身份{word} {title} 的授权", role.title());
        return Ok(PackOutcome { dry_run: true, lines: vec![line] });
    }
    let request = app.data.answer_grant(ctx, &head.digest, approve, reason).await?;
    let awaited: Vec<_> = request.awaited().iter().map(|role| role.title()).collect();
    let mut lines = vec![format!("已以{}的身份{word} {title} 的授权", role.title())];
    if !awaited.is_empty() {
        lines.push(format!("还须{}批准", awaited.join("、")));
    } else if approve {
        restage(app, &head, &request.asked).await?;
        lines.push("授权已生效；可以启用：anshu pack activate".into());
    } else {
        lines.push("授权未获同意；修改后可重新存入".into());
    }
    Ok(PackOutcome { dry_run: false, lines })
}

/// Lets legal time choose a version: now, or from an instant on.
///
/// # Errors
/// As [`anshu_data::Data::activate_pack`], [`Sandbox::activate`] and [`trials::Verdict::admit`].
pub async fn activate(
    app: &App,
    ctx: &OpContext,
    which: &Which,
    at: Option<Instant>,
    dry: bool,
) -> Result<PackOutcome> {
    app.data.allows(ctx, "activate-pack").await?;
    let head = find(app, ctx, which).await?;
    app.data.may_activate(ctx, &head.digest).await?;
    app.sandbox.may_activate(&reference(&head))?;
    trials::verdict(app, &reference(&head)).await?.admit(&reference(&head))?;
    let mut law = format!("其规则自 {} 起适用", head.manifest.effective_from);
    if let Some(missing) = compliance::assessed(app, &head.manifest, &head.digest).await? {
        law = format!("{law}；注意：{missing}");
    }
    let when = match at {
        Some(at) => format!("于 {} 启用", at.rfc3339(app.data.calendar().offset())),
        None => "启用".to_owned(),
    };
    if dry {
        let lines = vec![format!("将{when} {}；{law}；正在进行的调用不受影响", title(&head))];
        return Ok(PackOutcome { dry_run: true, lines });
    }
    match at {
        Some(at) => {
            app.data.schedule_activation(ctx, &head.digest, at).await?;
        }
        None => {
            app.data.activate_pack(ctx, &head.digest).await?;
            app.sandbox.activate(&reference(&head))?;
        }
    }
    let done = if at.is_some() { "已安排" } else { "已" };
    Ok(PackOutcome {
        dry_run: false, lines: vec![format!("{done}{when} {}；{law}", title(&head))]
    })
}

/// Takes back that a version is to be activated at an instant.
///
/// # Errors
/// As [`anshu_data::Data::cancel_activation`].
pub async fn cancel(app: &App, ctx: &OpContext, which: &Which, dry: bool) -> Result<PackOutcome> {
    app.data.allows(ctx, "activate-pack").await?;
    let head = find(app, ctx, which).await?;
    let title = title(&head);
    if dry {
        let waits =
            |one: &Activation| one.digest == head.digest && one.state == ActivationState::Waiting;
        let line = match app.data.activations(ctx).await?.iter().find(|one| waits(one)) {
            Some(one) => {
                let at = one.at.rfc3339(app.data.calendar().offset());
                format!("将取消 {title} 于 {at} 的定时启用")
            }
            None => format!("{title} 没有安排定时启用，无可取消"),
        };
        return Ok(PackOutcome { dry_run: true, lines: vec![line] });
    }
    app.data.cancel_activation(ctx, &head.digest).await?;
    Ok(PackOutcome { dry_run: false, lines: vec![format!("已取消 {title} 的定时启用")] })
}

/// Withdraws the newest version of a pack, so that the one before decides again.
///
/// # Errors
/// [`Error::Conflict`] where there is none before; as [`anshu_data::Data::withdraw_pack`].
pub async fn roll_back(
    app: &App,
    ctx: &OpContext,
    name: &str,
    reason: &str,
    dry: bool,
) -> Result<PackOutcome> {
    app.data.allows(ctx, "activate-pack").await?;
    let active = app.sandbox.packs().into_iter().filter(|pack| pack.reference.name == name);
    let active: Vec<_> = active.map(|pack| pack.reference.clone()).collect();
    let (newest, before) = match active.as_slice() {
        [.., before, newest] => (newest, before),
        [only] => {
            return Err(Error::Conflict(format!(
                "插件 {name} 只有 {} 一个启用的版本，没有可以恢复的上一版本；要停用它，请运行 anshu pack withdraw",
                only.version
            )));
        }
        [] => return Err(Error::NotFound(format!("插件 {name} 没有启用的版本"))),
    };
    let line = |done: &str| {
        format!("{done}撤回 {name} {}，由 {} 恢复办理", newest.version, before.version)
    };
    if dry {
        return Ok(PackOutcome { dry_run: true, lines: vec![line("将")] });
    }
    app.data.withdraw_pack(ctx, &newest.digest, &stated(reason, "退回上一版本")).await?;
    app.sandbox.withdraw(newest)?;
    Ok(PackOutcome { dry_run: false, lines: vec![line("已")] })
}

/// What else may be done to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Legal time chooses it no longer.
    Withdraw,
    /// It is taken out.
    Remove,
    /// It is let out of quarantine.
    Release,
}

/// Withdraws, removes or releases a version.
///
/// # Errors
/// As [`anshu_data::Data::withdraw_pack`], [`anshu_data::Data::remove_pack`] and [`anshu_data::Data::release`].
pub async fn step(
    app: &App,
    ctx: &OpContext,
    which: &Which,
    step: Step,
    reason: &str,
    dry: bool,
) -> Result<PackOutcome> {
    let (verb, word, from): (_, _, &[Standing]) = match step {
        Step::Withdraw => ("activate-pack", "撤回", &[Standing::Active, Standing::Quarantined]),
        Step::Remove => ("manage-packs", "移除", &Standing::ALL),
        Step::Release => ("manage-packs", "解除隔离", &[Standing::Quarantined]),
    };
    app.data.allows(ctx, verb).await?;
    keep_quarantines(app).await?;
    let head = find(app, ctx, which).await?;
    if !from.contains(&head.state) {
        let (title, state) = (title(&head), head.state.title());
        return Err(Error::Conflict(format!("{title} 现为“{state}”，不能{word}")));
    }
    if dry {
        let line = format!("将{word} {}；其事项和历史保留，仍可人工办理", title(&head));
        return Ok(PackOutcome { dry_run: true, lines: vec![line] });
    }
    let pack = reference(&head);
    match step {
        Step::Withdraw => {
            app.data.withdraw_pack(ctx, &head.digest, &stated(reason, "停用")).await?;
            app.sandbox.withdraw(&pack)?;
        }
        Step::Remove => {
            app.data.remove_pack(ctx, &head.digest, &stated(reason, "不再使用")).await?;
            app.sandbox.remove(&pack.name, &pack.version);
            app.sandbox.remember(&head.manifest);
        }
        Step::Release => {
            app.data.release(ctx, &head.digest).await?;
            app.sandbox.release(&pack.name);
        }
    }
    Ok(PackOutcome { dry_run: false, lines: vec![format!("已{word} {}", title(&head))] })
}

/// Keeps which versions the sandbox has put in quarantine, so that a restart does not forget it.
///
/// # Errors
/// Where storage does not answer.
pub async fn keep_quarantines(app: &App) -> Result<()> {
    let closed = app.sandbox.quarantined();
    if closed.is_empty() {
        return Ok(());
    }
    let ctx = app.operator("quarantine")?;
    let heads = app.data.pack_heads(&ctx).await?;
    for (pack, reason) in closed {
        let kept = heads.iter().find(|head| head.digest == pack.digest);
        if kept.is_some_and(|head| head.state == Standing::Active) {
            match app.data.quarantine(&app.operator("quarantine")?, &pack.digest, &reason).await {
                // Another request has kept it meanwhile.
                Err(Error::Conflict(_)) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Does the activations whose instant has come. Answers how many there were.
///
/// # Errors
/// Where storage does not answer.
pub async fn activate_due(app: &App) -> Result<usize> {
    let due = app.data.due_activations(app.settings.time.now()).await?;
    for activation in &due {
        let ctx = app.operator("activate")?;
        let heads = app.data.pack_heads(&ctx).await?;
        let head = heads.iter().find(|head| head.digest == activation.digest);
        let fits = match head {
            Some(head) => app.sandbox.may_activate(&reference(head)).map(|()| head),
            None => Err(Error::NotFound("该版本已移除".into())),
        };
        let refused = fits.as_ref().err();
        match app.data.carry_out_activation(&ctx, activation, refused).await {
            Ok(()) | Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
        // Whether it was done is what storage says: it may have refused by itself.
        let ctx = app.operator("activate")?;
        let now = app.data.pack_heads(&ctx).await?;
        let active = now
            .iter()
            .find(|head| head.digest == activation.digest && head.state == Standing::Active);
        if let Some(head) = active {
            app.sandbox.activate(&reference(head))?;
            tracing::info!(pack = %title(head), "activated at its instant");
        }
    }
    Ok(due.len())
}

/// How a grant differs from that of the version in force, and which version that is.
fn beyond(
    app: &App,
    manifest: &anshu_model::manifest::Manifest,
    grant: &Grant,
) -> (Difference, Option<String>) {
    let active = app.sandbox.packs();
    let own = |pack: &&std::sync::Arc<anshu_sandbox::Pack>| pack.reference.name == manifest.name;
    let before = active.iter().rfind(own);
    let others: Vec<_> =
        active.iter().filter(|pack| !own(pack)).map(|pack| &pack.manifest).collect();
    let granted = before.map(|pack| effective(&pack.manifest, &pack.grant, &app.settings.ceiling));
    let before_both = before.zip(granted.as_ref()).map(|(pack, grant)| (&pack.manifest, grant));
    let shown = difference(before_both, (manifest, grant), &others);
    (shown, before.map(|pack| pack.reference.digest.clone()))
}

/// Links a version to the grant that it has now.
async fn restage(app: &App, head: &PackHead, grant: &Grant) -> Result<()> {
    let bytes = app.data.pack_bytes(&head.digest).await?;
    let (sandbox, grant) = (app.sandbox.clone(), grant.clone());
    blocking(move || sandbox.stage(&bytes, &grant)).await.map(drop)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Internal(format!("a pack's work: {error}")))?
}

async fn find(app: &App, ctx: &OpContext, which: &Which) -> Result<PackHead> {
    let heads = app.data.pack_heads(ctx).await?.into_iter();
    let fits = |head: &PackHead| {
        head.manifest.name == which.name
            && which.version.as_ref().is_none_or(|version| *version == head.manifest.version)
    };
    heads.rev().find(fits).ok_or_else(|| {
        let version = which.version.as_deref().unwrap_or_default();
        Error::NotFound(format!("没有存入插件 {} {version}", which.name))
    })
}

fn reference(head: &PackHead) -> PackRef {
    PackRef {
        name: head.manifest.name.clone(),
        version: head.manifest.version.clone(),
        digest: head.digest.clone(),
    }
}

fn title(head: &PackHead) -> String {
    format!("{} {}", head.manifest.name, head.manifest.version)
}

fn stated(reason: &str, usual: &str) -> String {
    if reason.trim().is_empty() { usual.to_owned() } else { reason.to_owned() }
}

fn said(shown: &Difference) -> Vec<String> {
    let more = shown.more.iter().map(|line| match &line.sensitive {
        Some(why) => format!("  ＋ {}（{why}）", line.text),
        None => format!("  ＋ {}", line.text),
    });
    more.chain(shown.less.iter().map(|line| format!("  － {}", line.text))).collect()
}

fn waits(shown: &Difference) -> String {
    let titles: Vec<_> = shown.approvers().iter().map(|role| role.title()).collect();
    if titles.is_empty() {
        "没有超出现行版本的请求，沿用已批准的授权".into()
    } else {
        format!("须由{}批准后才能启用", titles.join("和"))
    }
}
