//! From old and light (从旧兼从轻): a fact from before the law of now is judged by the law of then and by that of now, and the
//! outcome that weighs less on the person decides. Ties, and burdens that are not stated, go to the law of then.
//!
//! What is compared is what the packs state; the host weighs nothing itself. Only a version whose manifest asks for it is
//! compared. An open case is none of this: it is bound to a version, and its transition says which law reaches it.

use std::sync::Arc;

use anshu_model::basis::Basis;
use anshu_model::decision::{Decision, Input, Outcome, Reason};
use anshu_model::manifest::ActionTarget;
use anshu_model::port::Snapshot;
use anshu_model::record::Kind;
use anshu_model::{Error, Result};

use crate::call::Call;
use crate::invoke::{Request, Stopped, check_input, quarantined};
use crate::pack::Pack;
use crate::registry::Registry;
use crate::sandbox::Sandbox;

/// Characters of a refusal that are kept in a reason.
const TOLD: usize = 200;

impl Sandbox {
    /// What the law of then decided, or what the law of now decides over the same snapshot where that weighs less. Of the
    /// other nothing is kept but a reason that says what it would have been: the record replays by its own reads alone.
    ///
    /// What the version of now refuses is no outcome, so that the law of then decides; where it breaks, the call fails.
    pub(crate) async fn milder(
        &self,
        registry: &Arc<Registry>,
        old: &Pack,
        mut then: Decision,
        mut snapshot: Box<dyn Snapshot>,
        request: &Request,
    ) -> Result<Decision, Stopped> {
        let Some((new, basis)) = self.law_of_now(registry, old, request) else { return Ok(then) };
        if about_a_case(old, &request.input, &mut *snapshot).await? {
            return Ok(then);
        }
        match self.as_of_now(registry, new, &then, snapshot, request).await {
            Ok(now) => Ok(lighter(then, now, basis)),
            Err(
                Stopped::Conflict(error)
                | Stopped::Failed(
                    error @ (Error::Fault(_) | Error::Internal(_) | Error::Unavailable(_)),
                ),
            ) => Err(Stopped::Failed(error)),
            Err(Stopped::Denied(error) | Stopped::Failed(error)) => {
                let why: String = error.to_string().chars().take(TOLD).collect();
                let text = format!(
                    "从旧兼从轻：现行的 {} 不能就此作出结论（{why}），适用行为时的 {}",
                    new.title(),
                    old.title()
                );
                let beside = Some(new.reference.clone());
                then.outcome.reasons.push(Reason { text, basis: basis.clone(), beside });
                Ok(then)
            }
        }
    }

    /// The version of now, where it is another one and says that a fact of before is compared; and the article.
    fn law_of_now<'a>(
        &self,
        registry: &'a Registry,
        old: &Pack,
        request: &Request,
    ) -> Option<(&'a Arc<Pack>, &'a Basis)> {
        let new = registry.in_force(&request.pack, &self.date(request.context.now)).ok()?;
        let basis = new.manifest.lenient_basis.as_ref()?;
        (new.manifest.lenient && new.reference != old.reference).then_some((new, basis))
    }

    async fn as_of_now(
        &self,
        registry: &Arc<Registry>,
        new: &Arc<Pack>,
        then: &Decision,
        snapshot: Box<dyn Snapshot>,
        request: &Request,
    ) -> Result<Decision, Stopped> {
        if let Some(reason) = new.health.quarantined() {
            return Err(quarantined(new, &reason).into());
        }
        check_input(new, registry, request)?;
        let mut context = then.context.clone();
        context.pack = Some(new.reference.clone());
        let snapshot = snapshot.through(&context).await?;
        let settings = Arc::clone(&self.inner.settings);
        let call =
            Call::new(Arc::clone(new), Arc::clone(registry), settings, context, snapshot).live();
        let decided = self.decide(call, &request.input).await;
        let decided = decided.map_err(|stopped| self.noted(new, stopped))?;
        Ok(self.record(decided, &request.input).0)
    }
}

/// Whether the input is about a case, or carries on what was decided before, as a timer does.
async fn about_a_case(pack: &Pack, input: &Input, snapshot: &mut dyn Snapshot) -> Result<bool> {
    Ok(match input {
        Input::Action { name, .. } => {
            let declared = pack.declared.actions.get(name);
            declared.is_some_and(|action| matches!(action.declaration.on, ActionTarget::Case(_)))
        }
        // The kind of a record never changes, so that a replay need not read it again.
        Input::Event { about: Some(about), .. } => {
            snapshot.get(about).await?.is_some_and(|record| record.head.kind == Kind::Case)
        }
        Input::Event { about: None, .. } => false,
        Input::Timer { .. } => true,
    })
}

/// The one that weighs less, with the reason.
fn lighter(then: Decision, now: Decision, basis: &Basis) -> Decision {
    let wins = matches!(
        (now.outcome.burden, then.outcome.burden),
        (Some(now), Some(then)) if now < then
    );
    let (mut kept, other, [law, others]) = if wins {
        (now, then, ["现行的", "行为时的"])
    } else {
        (then, now, ["行为时的", "现行的"])
    };
    let text = format!(
        "从旧兼从轻：按{others} {}，结论会是“{}”（{}）；适用{law} {}（{}）",
        title(&other),
        other.outcome.summary,
        weight(&other.outcome),
        title(&kept),
        weight(&kept.outcome),
    );
    let beside = other.context.pack;
    kept.outcome.reasons.push(Reason { text, basis: basis.clone(), beside });
    kept.cost.micros = kept.cost.micros.saturating_add(other.cost.micros);
    kept.cost.host_calls = kept.cost.host_calls.saturating_add(other.cost.host_calls);
    kept.cost.memory = kept.cost.memory.max(other.cost.memory);
    kept
}

fn title(decision: &Decision) -> String {
    decision
        .context
        .pack
        .as_ref()
        .map(|pack| format!("{} {}", pack.name, pack.version))
        .unwrap_or_default()
}

fn weight(outcome: &Outcome) -> String {
    outcome.burden.map_or_else(|| "未说明负担".to_owned(), |burden| format!("负担 {burden}"))
}
