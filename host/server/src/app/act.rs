//! A person's declared action: one invocation of a pack.

use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::decision::{Decision, Input};
use anshu_model::instant::Instant;
use anshu_model::manifest::{ActionDeclaration, ActionTarget, Manifest};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};
use anshu_sandbox::Call;
use std::sync::Arc;

use super::{App, prefill};
use crate::view::decision::{ActionRequest, ActionResult, Reason, SubjectRef};
use crate::view::{Words, interface};

/// Invokes a pack for a person.
///
/// # Errors
/// [`Error::NotFound`] where there is no such action; [`Error::Denied`] where the unit does not do it; and what the pack
/// answered.
pub async fn act(
    app: &App,
    person: &Person,
    pack: &str,
    action: &str,
    request: ActionRequest,
) -> Result<ActionResult> {
    let words = app.words().await?;
    let ctx = context(app, person, &words, pack, action, &request)?;
    let occurred_at = match &request.occurred_at {
        Some(text) => happened(text, ctx.now)?,
        None => ctx.now,
    };
    if let Some((_, declared)) = words.action(pack, action) {
        prefill::keep(app, &ctx, pack, declared, &request.sources, &request.answers).await?;
    }
    let input = Input::Action {
        name: action.to_owned(),
        subject: request.subject.filter(|subject| !subject.is_empty()).map(Id::from_text),
        answers: serde_json::Value::Object(request.answers),
        occurred_at,
    };
    let decision = app
        .sandbox
        .invoke(&app.data, Call { context: ctx.clone(), pack: pack.to_owned(), input })
        .await?;
    let subject = match &decision.outcome.subject {
        Some(id) => subject(app, &ctx, &decision, id).await?,
        None => None,
    };
    Ok(ActionResult {
        decision: decision.context.id.to_string(),
        summary: decision.outcome.summary.clone(),
        reasons: Reason::all(&decision.outcome.reasons),
        subject,
    })
}

/// The context of a declared action: who, for which of the pack's purposes, in the service of what.
fn context(
    app: &App,
    person: &Person,
    words: &Words,
    pack: &str,
    action: &str,
    request: &ActionRequest,
) -> Result<OpContext> {
    let Some((found, declared)) = words.action(pack, action) else {
        return Err(Error::NotFound(format!("插件 {pack} 的操作 {action}")));
    };
    let manifest = &found.manifest;
    if !interface::does(person, declared) {
        return Err(Error::Denied(format!(
            "“{}”不属于本单位的职能，由相应职能的单位办理",
            declared.title
        )));
    }
    if request.purpose.code != declared.purpose {
        let right = format!("该操作声明的目的 {}", declared.purpose);
        return Err(Error::invalid("/purpose/code", "与操作声明的目的不一致", right));
    }
    match (&declared.on, request.subject.as_deref().filter(|subject| !subject.is_empty())) {
        (ActionTarget::Nothing, Some(_)) => {
            return Err(Error::invalid("/subject", "给出了办理对象", "留空：该操作不针对已有记录"));
        }
        (ActionTarget::Entity(_) | ActionTarget::Case(_) | ActionTarget::Risk(_), None) => {
            return Err(Error::invalid("/subject", "缺失", "所针对记录的编号"));
        }
        _ => {}
    }
    let on_case = matches!(declared.on, ActionTarget::Case(_));
    let serves =
        request.purpose.case.clone().or_else(|| request.subject.clone().filter(|_| on_case));
    let purpose =
        purpose(manifest, declared, serves.filter(|id| !id.is_empty()).map(Id::from_text));
    app.context_for(Principal::Person(Box::new(person.clone())), purpose)
}

/// The purpose of a declared action.
#[must_use]
pub fn purpose(manifest: &Manifest, action: &ActionDeclaration, serves: Option<Id>) -> Purpose {
    let ground = manifest.purposes.iter().find(|purpose| purpose.code == action.purpose);
    Purpose {
        code: action.purpose.clone(),
        ground: ground.map(|purpose| purpose.ground.clone()).unwrap_or_default(),
        serves,
    }
}

/// When a fact happened: not after now, as nobody reports the future.
fn happened(text: &str, now: Instant) -> Result<Instant> {
    let at: Instant = text.parse().map_err(|error| match error {
        Error::Invalid(mut problems) => {
            for problem in &mut problems {
                problem.at = "/occurred_at".into();
            }
            Error::Invalid(problems)
        }
        other => other,
    })?;
    // Clocks of browsers go wrong by minutes.
    if at > now.plus(5 * 60_000) {
        return Err(Error::invalid("/occurred_at", "在将来", "不晚于现在的时刻"));
    }
    Ok(at.min(now))
}

/// What to look at next, where the person may see it.
async fn subject(
    app: &App,
    ctx: &OpContext,
    decision: &Arc<Decision>,
    id: &Id,
) -> Result<Option<SubjectRef>> {
    let ctx = OpContext { pack: None, ..ctx.clone() };
    let _ = decision;
    match app.data.record(&ctx, id).await {
        Ok(record) => {
            Ok(Some(SubjectRef { kind: record.head.kind.name().to_owned(), id: id.to_string() }))
        }
        Err(Error::NotFound(_) | Error::Denied(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
