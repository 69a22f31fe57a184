//! A decision in plain words, by the pack version that made it.

use std::sync::Arc;

use anshu_model::Result;
use anshu_model::decision::{Decision, Reason};
use anshu_model::port::Centre;

use crate::call::Call;
use crate::contract::plugin;
use crate::convert::{self, Entry};
use crate::replay::recorded;
use crate::run::{Answer, Ended, Export, mixed_up, run};
use crate::sandbox::Sandbox;

/// A decision in plain words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// What was decided and why.
    pub text: String,
    /// Each reason with its article.
    pub reasons: Vec<Reason>,
    /// What one can do about it.
    pub remedy: String,
}

impl Sandbox {
    /// Explains a recorded decision.
    ///
    /// # Errors
    /// [`anshu_model::Error::NotFound`] where the version that decided is not installed; and as [`Sandbox::view`].
    pub async fn explain(&self, centre: &dyn Centre, decision: &Decision) -> Result<Explanation> {
        let Entry::Decide(input) = convert::entry(&decision.input)? else {
            return Ok(own_words(decision));
        };
        let registry = self.inner.registry();
        let pack = Arc::clone(registry.exact(recorded(decision)?)?);
        let snapshot = centre.reopen(decision).await?;
        let settings = Arc::clone(&self.inner.settings);
        let call =
            Call::new(Arc::clone(&pack), registry, settings, decision.context.clone(), snapshot)
                .reading();
        let asked = plugin::Decision {
            input,
            outcome: convert::outcome_out(&decision.outcome),
            at: decision.context.now.milliseconds(),
        };
        let Ended { answer, .. } = run(&self.inner, call, &Export::Explain(asked)).await?;
        match answer.map_err(|error| self.note_fault(&pack, error))? {
            Answer::Explanation(explanation) => Ok(Explanation {
                text: explanation.text,
                reasons: convert::reasons(explanation.reasons),
                remedy: explanation.remedy,
            }),
            Answer::Outcome(_) | Answer::Rows(_) | Answer::Migrated(_) => Err(mixed_up()),
        }
    }
}

/// The contract has no words for a timer's decision: what was recorded speaks for itself.
fn own_words(decision: &Decision) -> Explanation {
    Explanation {
        text: decision.outcome.summary.clone(),
        reasons: decision.outcome.reasons.clone(),
        remedy: "对结果有异议的，可以向办理单位提出，由其复核".to_owned(),
    }
}
