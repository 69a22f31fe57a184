//! One call on exactly one version, from the snapshot to what came of it: checked like an invocation, and not committed.

use anshu_model::Result;
use anshu_model::decision::{Cost, Input, LogLine, Outcome, Read};
use anshu_model::effect::Effect;

use crate::call::Call;
use crate::convert::{self, Entry};
use crate::invoke::{Stopped, check_outcome, check_subject};
use crate::run::{Answer, Ended, Export, mixed_up, run};
use crate::sandbox::Sandbox;

/// What came of a call.
pub(crate) struct Decided {
    pub(crate) outcome: Outcome,
    pub(crate) effects: Vec<Effect>,
    pub(crate) reads: Vec<Read>,
    pub(crate) log: Vec<LogLine>,
    pub(crate) cost: Cost,
    /// The call that is over, with its snapshot.
    pub(crate) call: Call,
}

impl Sandbox {
    /// Runs a call that was begun. Its faults are the caller's to count, or not.
    pub(crate) async fn decide(&self, call: Call, input: &Input) -> Result<Decided, Stopped> {
        let mut call = call.caused_by(input).asked_with(input);
        if let Input::Action { name, subject: Some(subject), .. } = input
            && let Some(on) =
                call.pack.declared.actions.get(name).map(|action| action.declaration.on.clone())
        {
            check_subject(&mut call, &on, subject).await?;
        }
        let export = match convert::entry(input)? {
            Entry::Decide(input) => Export::Decide(input),
            Entry::Due(timer) => Export::Due(timer),
        };
        let Ended { answer, mut call, cost } = run(&self.inner, call, &export).await?;
        let Answer::Outcome(outcome) = answer? else { return Err(mixed_up().into()) };
        let outcome = check_outcome(&mut call, convert::outcome(outcome)).await?;
        Ok(Decided {
            outcome,
            effects: std::mem::take(&mut call.effects),
            reads: std::mem::take(&mut call.reads),
            log: call.take_log(),
            cost,
            call,
        })
    }
}
