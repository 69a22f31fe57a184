//! An invocation: choose the version, check what came in, run, check what came out, commit, and again on a conflict.

use std::sync::Arc;
use std::time::Duration;

use anshu_model::context::{OpContext, Principal};
use anshu_model::decision::{Decision, Input, Outcome};
use anshu_model::entity::Entity;
use anshu_model::instant::Instant;
use anshu_model::manifest::{ActionTarget, Selects};
use anshu_model::port::{self, Centre, Snapshot};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::schema::Apart;
use anshu_model::{Error, Id, Result};

use crate::call::Call;
use crate::decide::Decided;
use crate::pack::Pack;
use crate::registry::Registry;
use crate::sandbox::Sandbox;

/// A call into a pack: who, which pack, what came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who, why and when. Its id is the decision's id; the sandbox fills in the pack version.
    pub context: OpContext,
    /// The pack, by name.
    pub pack: String,
    /// The input.
    pub input: Input,
}

impl Sandbox {
    /// Calls a pack and commits what it does, or nothing.
    ///
    /// # Errors
    /// What the guard, the host's rules or the pack itself refuse; [`Error::Fault`] where the pack broke a limit or
    /// trapped; [`Error::Conflict`] where others kept changing the same records; [`Error::Unavailable`] where the pack is
    /// in quarantine or all turns are taken. Every failure that came this far is recorded with the centre.
    pub async fn invoke(&self, centre: &dyn Centre, request: Request) -> Result<Arc<Decision>> {
        let registry = self.inner.registry();
        let mut attempt = 0;
        loop {
            let mut context = request.context.clone();
            if attempt > 0 {
                // Another run makes other things: nothing of the first may be taken for the second's.
                context.id = Id::derived(&request.context.id, u64::MAX - u64::from(attempt));
            }
            attempt += 1;
            match self.attempt(centre, &registry, &mut context, &request, attempt).await {
                Ok(decision) => {
                    self.inner.shadows.offer(&decision);
                    return Ok(decision);
                }
                Err(Stopped::Conflict(_)) if attempt <= self.inner.settings.conflict_runs => {
                    // Others are at the same records; each comes back a little later than the one before.
                    tokio::time::sleep(Duration::from_millis(u64::from(attempt))).await;
                }
                Err(Stopped::Denied(error)) => return Err(error),
                Err(Stopped::Conflict(error) | Stopped::Failed(error)) => {
                    return Err(record_failure(centre, &context, error).await);
                }
            }
        }
    }

    async fn attempt(
        &self,
        centre: &dyn Centre,
        registry: &Arc<Registry>,
        context: &mut OpContext,
        request: &Request,
        attempt: u32,
    ) -> Result<Arc<Decision>, Stopped> {
        let pack = registry.newest(&request.pack)?;
        let mut pack = Arc::clone(self.version_for(registry, pack, request)?);
        context.pack = Some(pack.reference.clone());
        check_input(&pack, registry, request)?;
        let mut call = self.begin(centre, registry, &pack, context).await?;
        let mut chosen = bound_to(registry, &mut call, request).await?;
        if chosen.is_none()
            && let Some(accepted) = accepted_at(&pack, &mut call, request).await?
        {
            chosen = Some(Arc::clone(registry.in_force(&request.pack, &self.date(accepted))?));
        }
        if let Some(other) = chosen.filter(|other| other.reference != pack.reference) {
            pack = other;
            context.pack = Some(pack.reference.clone());
            check_input(&pack, registry, request)?;
            call = self.begin(centre, registry, &pack, context).await?;
        }
        // Who told is not the pack's to know: it is taken out before the pack is called, and no record of the call has it.
        let (request, told) = without_informants(&pack, request);
        let decided = self.decide(call, &request.input).await;
        let decided = decided.map_err(|stopped| self.noted(&pack, stopped))?;
        pack.health.answered();
        let (decision, snapshot) = self.record(decided, &request.input);
        // The snapshot is given back first: a commit must not wait for a reader that is done.
        let mut decision = self.milder(registry, &pack, decision, snapshot, &request).await?;
        decision.cost.attempts = attempt;
        context.pack.clone_from(&decision.context.pack);
        let decision = Arc::new(decision);
        if !told.is_empty() {
            centre.keep_apart(context, &told).await?;
        }
        let committed = centre.commit(Arc::clone(&decision)).await;
        if committed.is_err()
            && !told.is_empty()
            && let Err(error) = centre.drop_apart(context).await
        {
            // It is found again by who sweeps what has no decision.
            tracing::error!(operation = %context.id, %error, "what was kept apart could not be given up");
        }
        match committed {
            Ok(()) => Ok(decision),
            Err(error @ Error::Conflict(_)) => Err(Stopped::Conflict(error)),
            Err(error) => Err(Stopped::Failed(error)),
        }
    }

    /// The record of a call, before anything is committed, and the snapshot that it had.
    pub(crate) fn record(&self, decided: Decided, input: &Input) -> (Decision, Box<dyn Snapshot>) {
        let Decided { outcome, effects, reads, log, cost, call } = decided;
        let decision = Decision {
            scope: call.snapshot().scope().clone(),
            calendar: self.inner.calendar_version(&call.calendar),
            input: input.clone(),
            context: call.context.clone(),
            reads,
            outcome,
            effects,
            log,
            cost,
        };
        (decision, call.into_snapshot())
    }

    /// Opens the snapshot and begins the host's side of a call.
    pub(crate) async fn begin(
        &self,
        centre: &dyn Centre,
        registry: &Arc<Registry>,
        pack: &Arc<Pack>,
        context: &OpContext,
    ) -> Result<Call, Stopped> {
        self.begin_in(registry, pack, context, centre.open(context)).await
    }

    /// As [`Sandbox::begin`], in a snapshot that is only being opened.
    pub(crate) async fn begin_in(
        &self,
        registry: &Arc<Registry>,
        pack: &Arc<Pack>,
        context: &OpContext,
        snapshot: port::Answer<'_, Box<dyn Snapshot>>,
    ) -> Result<Call, Stopped> {
        if let Some(reason) = pack.health.quarantined() {
            return Err(quarantined(pack, &reason).into());
        }
        let snapshot = snapshot.await.map_err(|error| match error {
            // The guard has recorded its own refusal.
            Error::Denied(_) => Stopped::Denied(error),
            error => Stopped::Failed(error),
        })?;
        let settings = Arc::clone(&self.inner.settings);
        let (pack, registry) = (Arc::clone(pack), Arc::clone(registry));
        Ok(Call::new(pack, registry, settings, context.clone(), snapshot).live())
    }

    /// The version whose law decides, by what came in. What a matter's acceptance chooses needs the matter first.
    fn version_for<'a>(
        &self,
        registry: &'a Registry,
        newest: &'a Arc<Pack>,
        request: &Request,
    ) -> Result<&'a Arc<Pack>> {
        let at = match newest.manifest.selects {
            Selects::Now | Selects::Accepted => request.context.now,
            Selects::Occurred => match &request.input {
                Input::Action { occurred_at, .. } => *occurred_at,
                Input::Event { published_at, .. } => *published_at,
                Input::Timer { due, .. } => *due,
            },
        };
        registry.in_force(&request.pack, &self.date(at))
    }

    pub(crate) fn date(&self, at: Instant) -> String {
        at.date(self.inner.settings.offset).to_string()
    }

    /// Counts what stopped a call against the pack's health, where it was a fault.
    pub(crate) fn noted(&self, pack: &Pack, stopped: Stopped) -> Stopped {
        match stopped {
            Stopped::Failed(error) => Stopped::Failed(self.note_fault(pack, error)),
            other => other,
        }
    }

    /// Counts a fault against the pack's health, and says so where it led to quarantine.
    pub(crate) fn note_fault(&self, pack: &Pack, error: Error) -> Error {
        let Error::Fault(text) = error else { return error };
        let settings = &self.inner.settings;
        if pack.health.fault(&text, settings.faults, settings.fault_window) {
            tracing::error!(pack = %pack.title(), reason = %text, "pack quarantined");
            return Error::Fault(format!(
                "{text}该插件因接连故障已被隔离，不再调用；其事项仍可查看和办理。"
            ));
        }
        Error::Fault(text)
    }
}

/// A request without what informants told of themselves, and that.
pub(crate) fn without_informants(pack: &Pack, request: &Request) -> (Request, Vec<Apart>) {
    let mut request = request.clone();
    let told = match &mut request.input {
        Input::Action { name, answers, .. } => pack
            .declared
            .actions
            .get(name)
            .map(|action| action.form.schema.take_apart(answers))
            .unwrap_or_default(),
        Input::Event { .. } | Input::Timer { .. } => Vec::new(),
    };
    (request, told)
}

/// Why an attempt did not end in a decision.
pub(crate) enum Stopped {
    /// Somebody else changed what was read.
    Conflict(Error),
    /// The guard refused, and has recorded it.
    Denied(Error),
    /// Everything else.
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<crate::error::Failure> for Stopped {
    fn from(failure: crate::error::Failure) -> Self {
        Self::Failed(failure.into_error())
    }
}

/// Records that a call failed and left nothing. That record's own failure is for the operator: the caller hears of the call.
pub(crate) async fn record_failure(
    centre: &dyn Centre,
    context: &OpContext,
    error: Error,
) -> Error {
    if let Err(own) = centre.failed(context, &error).await {
        tracing::error!(operation = %context.id, error = %own, "a failed call could not be recorded");
    }
    error
}

/// Which pack, which version, what it did, and what to do.
pub(crate) fn quarantined(pack: &Pack, reason: &str) -> Error {
    let name = &pack.reference.name;
    Error::Unavailable(format!(
        "插件 {}（{}）已被隔离，不再调用：{reason}。其事项仍可查看、流转和人工办理。请运维人员联系{}修正；\
         确认无误后运行 anshu pack release {name}，或运行 anshu pack rollback {name} 恢复上一版本",
        pack.title(),
        pack.manifest.title,
        pack.manifest.publisher,
    ))
}

/// What came in, against what the pack declares and was granted.
pub(crate) fn check_input(pack: &Pack, registry: &Registry, request: &Request) -> Result<()> {
    check_chain(pack, &request.context)?;
    match &request.input {
        Input::Action { name, subject, answers, occurred_at } => {
            let Some(action) = pack.declared.actions.get(name) else {
                let known: Vec<_> = pack.declared.actions.keys().map(String::as_str).collect();
                let text =
                    format!("插件 {} 没有动作“{name}”；可用：{}", pack.title(), known.join("、"));
                return Err(Error::NotFound(text));
            };
            let declaration = &action.declaration;
            check_purpose(&request.context, &declaration.purpose)?;
            if let Principal::Person(person) = &request.context.principal
                && !declaration.functions.is_empty()
                && declaration.functions.is_disjoint(&person.functions)
            {
                let functions: Vec<_> = declaration.functions.iter().map(String::as_str).collect();
                let text = format!(
                    "“{}”由承担下列职能的单位办理：{}",
                    declaration.title,
                    functions.join("、")
                );
                return Err(Error::Denied(text));
            }
            if *occurred_at > request.context.now {
                return Err(Error::invalid(
                    "/occurred_at",
                    format!("将来的时刻 {occurred_at}"),
                    "不晚于现在",
                ));
            }
            check_target(&declaration.on, subject.as_ref())?;
            action.form.check("", answers)
        }
        Input::Event { topic, payload, .. } => {
            if !pack.effective.hears.contains(topic) {
                let text = format!(
                    "插件 {} 未获授权收听“{topic}”；请在清单中申请并由集成人员批准",
                    pack.title()
                );
                return Err(Error::Denied(text));
            }
            // A topic whose publisher is gone was checked when it was published.
            registry.topic(pack, topic).map_or(Ok(()), |checker| checker.check("/payload", payload))
        }
        Input::Timer { .. } => Ok(()),
    }
}

/// The chain from the principal through the pack to the purpose.
pub(crate) fn check_chain(pack: &Pack, context: &OpContext) -> Result<()> {
    if !pack.grant.purposes.contains(&context.purpose.code) {
        let text =
            format!("插件 {} 未获授权为目的“{}”处理数据", pack.title(), context.purpose.code);
        return Err(Error::Denied(text));
    }
    match &context.principal {
        Principal::Duty(duty) if duty.pack != pack.reference.name => Err(Error::Denied(format!(
            "职责“{}”属于插件 {}，不能用于 {}",
            duty.title,
            duty.pack,
            pack.title()
        ))),
        Principal::Person(_) | Principal::Duty(_) | Principal::System { .. } => Ok(()),
    }
}

pub(crate) fn check_purpose(context: &OpContext, declared: &str) -> Result<()> {
    if context.purpose.code == declared {
        return Ok(());
    }
    Err(Error::Denied(format!(
        "该操作只能为目的“{declared}”进行，而不是“{}”",
        context.purpose.code
    )))
}

/// Whether there is a subject where one is declared, and none where not.
pub(crate) fn check_target(on: &ActionTarget, subject: Option<&Id>) -> Result<()> {
    match (on, subject) {
        (ActionTarget::Nothing, Some(_)) => {
            Err(Error::invalid("/subject", "指定了办理对象", "不指定"))
        }
        (ActionTarget::Entity(_) | ActionTarget::Case(_) | ActionTarget::Risk(_), None) => {
            Err(Error::invalid("/subject", "没有指定办理对象", target(on)))
        }
        _ => Ok(()),
    }
}

/// Whether the subject is what the declaration says.
pub(crate) async fn check_subject(
    call: &mut Call,
    on: &ActionTarget,
    subject: &Id,
) -> Result<(), Stopped> {
    let reads = call.pack.effective.reads.clone();
    let Some(record) = call.look(subject).await? else {
        return Err(Error::NotFound(format!("办理对象 {subject}")).into());
    };
    let fits = match (on, record) {
        (ActionTarget::Nothing, _) => true,
        // A facet that the pack may not read is not shown to it; whether it is there is not told either.
        (ActionTarget::Entity(facet), Record { body: Body::Entity(Entity { facets, .. }), .. }) => {
            facets.contains_key(facet) || !reads.contains(facet)
        }
        (ActionTarget::Case(matter), Record { head, body: Body::Case(_) }) => {
            head.type_name == *matter
        }
        (ActionTarget::Risk(risk), Record { head, body: Body::Risk(_) }) => head.type_name == *risk,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(Error::invalid("/subject", "不是可办理的对象", target(on)).into())
    }
}

fn target(on: &ActionTarget) -> String {
    match on {
        ActionTarget::Nothing => "不指定".into(),
        ActionTarget::Entity(facet) => format!("具有属性组“{facet}”的实体"),
        ActionTarget::Case(matter) => format!("类型为“{matter}”的事项"),
        ActionTarget::Risk(risk) => format!("类型为“{risk}”的风险"),
    }
}

/// The version that a case is bound to which the call is about, where that version is here: what a case began with, it goes
/// on with, until a plan moves it. Where it is gone, legal time chooses.
async fn bound_to(
    registry: &Registry,
    call: &mut Call,
    request: &Request,
) -> Result<Option<Arc<Pack>>, Stopped> {
    let record = match &request.input {
        // Read as the check of the subject reads it: once.
        Input::Action { subject: Some(id), .. } => {
            call.look(id).await?.map(|record| record.head.clone())
        }
        // Which version hears an event is no read of the pack's: a replay is told it.
        Input::Event { about: Some(id), .. } => call.peek(id).await?.map(|record| record.head),
        Input::Action { .. } | Input::Event { .. } | Input::Timer { .. } => None,
    };
    let bound = record.filter(|head| head.kind == Kind::Case).and_then(|head| head.pack);
    let own = bound.filter(|bound| bound.name == request.pack);
    Ok(own.and_then(|own| registry.exact(&own).ok().cloned()))
}

/// When the matter was accepted, where that chooses the version.
async fn accepted_at(
    pack: &Pack,
    call: &mut Call,
    request: &Request,
) -> Result<Option<Instant>, Stopped> {
    if pack.manifest.selects != Selects::Accepted {
        return Ok(None);
    }
    let about = match &request.input {
        Input::Action { subject: Some(id), .. } | Input::Event { about: Some(id), .. } => id,
        Input::Action { .. } | Input::Event { .. } | Input::Timer { .. } => return Ok(None),
    };
    Ok(call.look(about).await?.map(|record| record.head.created_at))
}

/// What came out: said in words, with its articles, pointing at something that is there.
pub(crate) async fn check_outcome(
    call: &mut Call,
    mut outcome: Outcome,
) -> Result<Outcome, Stopped> {
    let check = |call: &Call, outcome: &mut Outcome| -> Result<()> {
        let summary = call.text("/outcome/summary", std::mem::take(&mut outcome.summary))?;
        outcome.summary = call.cover(summary);
        call.list("/outcome/reasons", &outcome.reasons)?;
        for (index, reason) in outcome.reasons.iter_mut().enumerate() {
            let at = format!("/outcome/reasons/{index}");
            let text = call.text(&format!("{at}/text"), std::mem::take(&mut reason.text))?;
            reason.text = call.cover(text);
            let article = call
                .text(&format!("{at}/basis/article"), std::mem::take(&mut reason.basis.article))?;
            reason.basis.article = call.cover(article);
        }
        Ok(())
    };
    check(call, &mut outcome)
        .map_err(|error| Error::Fault(format!("插件 {} 的结果{error}", call.pack.title())))?;
    if let Some(subject) = &outcome.subject
        && call.look(subject).await?.is_none()
    {
        let text =
            format!("插件 {} 的结果指向不存在的记录；应为本次读取或新建的记录", call.pack.title());
        return Err(Error::Fault(text).into());
    }
    Ok(outcome)
}
