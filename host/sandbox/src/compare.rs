//! A recorded decision on another version of its pack: the same input over the same reads, and what comes out otherwise.
//!
//! Nothing is committed. What the other version asks for and the one that decided did not is answered as it was then, where
//! storage can still tell, under the decision's own scope; else the difference says that it needs what was not read. Values
//! above L2, and texts of calls that saw such values, are only said to differ.

mod difference;
mod effects;
mod fields;
mod journal;

use std::sync::Arc;

use anshu_model::context::{OpContext, PackRef};
use anshu_model::decision::{Decision, Input};
use anshu_model::label::{Label, Level};
use anshu_model::port::Centre;
use anshu_model::scope::Names;
use anshu_model::{Error, Result};

pub use difference::{
    Change, Compared, Difference, EXAMPLES, Example, Group, Kind, Leaning, Tally,
};
pub(crate) use effects::{Came, differences};
pub(crate) use fields::Showing;

use crate::call::Call;
use crate::decide::Decided;
use crate::invoke::{Request, Stopped, check_input};
use crate::pack::Pack;
use crate::registry::Registry;
use crate::sandbox::Sandbox;
use journal::{Journal, Notes};

impl Sandbox {
    /// Runs a recorded decision on another version of its pack and compares what both did.
    ///
    /// # Errors
    /// [`Error::NotFound`] where that version is not installed; what the centre refuses. That the version refuses, decides
    /// otherwise or faults is no error but a difference.
    pub async fn compare(
        &self,
        centre: &dyn Centre,
        decision: &Decision,
        new: &PackRef,
    ) -> Result<Compared> {
        let registry = self.inner.registry();
        let pack = Arc::clone(registry.exact(new)?);
        let asked = for_writing(decision, &pack);
        let inner = match centre.as_of(&asked).await {
            // A centre that keeps no past still has the versions that were read.
            Err(Error::Unavailable(_)) => centre.reopen(&asked).await?,
            opened => opened?,
        };
        let notes = Notes::default();
        let schemas = Arc::clone(&registry.schemas);
        let journal = Journal::new(inner, decision, Arc::clone(&schemas), notes.clone());
        let context = OpContext { pack: Some(pack.reference.clone()), ..decision.context.clone() };
        let name = pack.reference.name.clone();
        let request = Request { context, pack: name, input: decision.input.clone() };
        let came = match check_input(&pack, &registry, &request) {
            Err(error) => Err(error),
            Ok(()) => {
                let settings = Arc::clone(&self.inner.settings);
                let call = Call::new(
                    Arc::clone(&pack),
                    Arc::clone(&registry),
                    settings,
                    request.context,
                    Box::new(journal),
                );
                self.decide(call, &decision.input).await.map_err(|stopped| match stopped {
                    Stopped::Failed(error) | Stopped::Denied(error) | Stopped::Conflict(error) => {
                        error
                    }
                })
            }
        };
        if notes.erased() {
            return Ok(Compared { erased: true, ..Compared::default() });
        }
        if let Some(what) = notes.unread() {
            let change = Change::new("读取", "当时没有读取", what);
            let difference =
                Difference { kind: Kind::Unread, leaning: Leaning::Neither, changes: vec![change] };
            return Ok(Compared { differences: vec![difference], ..Compared::default() });
        }
        let came = match &came {
            Err(Error::Internal(text)) => return Err(Error::Internal(text.clone())),
            Err(error) => Came::Refused(error),
            Ok(Decided { outcome, effects, .. }) => Came::Decided { outcome, effects, by: new },
        };
        let by = decision.context.pack.as_ref().unwrap_or(new);
        // What another version would have said was no word of the one that decided.
        let own = decision.outcome.own();
        let then = Came::Decided { outcome: &own, effects: &decision.effects, by };
        let texts =
            notes.texts_may_show(decision) && harmless(&input_label(&pack, &registry, decision));
        let showing =
            Showing { schemas: &schemas, registry: &registry, pack: &pack, texts, all: false };
        Ok(Compared { differences: differences(&then, &came, &showing), ..Compared::default() })
    }

    /// The same, for a version that runs beside the active one: a fault counts against that version's own health.
    ///
    /// # Errors
    /// As [`Sandbox::compare`]; [`Error::Unavailable`] where the version is in quarantine by then.
    pub async fn compare_shadow(
        &self,
        centre: &dyn Centre,
        decision: &Decision,
        new: &PackRef,
    ) -> Result<Compared> {
        let pack = Arc::clone(self.inner.registry().exact(new)?);
        if let Some(reason) = pack.health.quarantined() {
            let text = format!("影子版本 {} 已被隔离（{reason}），不再试运行", pack.title());
            return Err(Error::Unavailable(text));
        }
        let compared = self.compare(centre, decision, new).await?;
        let faults = compared.differences.iter().filter(|found| found.kind == Kind::Fault);
        for change in faults.flat_map(|fault| &fault.changes) {
            self.note_fault(&pack, Error::Fault(change.new.clone()));
        }
        Ok(compared)
    }
}

/// The decision with the names that the new version may write in place of the old version's: what it writes is discarded,
/// and is to be judged by its own grant. What may be read stays as it was.
fn for_writing(decision: &Decision, pack: &Pack) -> Decision {
    let mut asked = decision.clone();
    for names in [&mut asked.scope.facets_write, &mut asked.scope.types_write] {
        if matches!(names, Names::Only(_)) {
            *names = Names::Only(pack.effective.writes.clone());
        }
    }
    asked
}

/// How what came in is classified.
fn input_label(pack: &Pack, registry: &Registry, decision: &Decision) -> Label {
    let unknown = || Label::of(Level::Important);
    match &decision.input {
        Input::Action { name, .. } => match pack.declared.actions.get(name) {
            Some(action) => action.form.schema.label().clone(),
            None => unknown(),
        },
        Input::Event { topic, .. } => match registry.topic(pack, topic) {
            Some(topic) => topic.schema.label().clone(),
            None => unknown(),
        },
        // What a pack gave itself to remember has no schema.
        Input::Timer { .. } => unknown(),
    }
}

/// Whether values with this label may be shown to whoever compares versions.
pub(crate) fn harmless(label: &Label) -> bool {
    label.level <= Level::L2 && label.tags.is_empty()
}
