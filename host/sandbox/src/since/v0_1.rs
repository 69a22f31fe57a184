//! Contract 0.1.0, frozen. It knows no burden of an outcome, and its `migrate` answers an outcome instead of a place.

mod imports;
mod words;

use wasmtime::Store;
use wasmtime::component::InstancePre;

use crate::call::Call;
use crate::capability::{Capability, capabilities};
use crate::contract::plugin as newest;
use crate::run::{Answer, Entered, Export, Exports};

mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/0.1.0",
        world: "department",
        // The shared words are the same in both versions.
        with: {
            "anshu:governance/types": crate::contract::generated::anshu::governance::types,
        },
        imports: {
            "anshu:governance/calendar.now": trappable,
            "anshu:governance/calendar.date-of": trappable,
            "anshu:governance/calendar.due": trappable,
            "anshu:governance/log.write": trappable,
            default: async | trappable,
        },
        exports: { default: async },
        trappable_error_type: { "anshu:governance/types.error" => crate::error::Failure },
        require_store_data_send: true,
    });
}

use generated::DepartmentPre;
use generated::anshu::governance::{calendar, cases, data, duties, entities, events, log, risks};
use generated::exports::anshu::governance::plugin;

/// The interfaces under the names that they have in this version.
pub(crate) static CAPABILITIES: [Capability; 8] = capabilities! {
    Entities: entities,
    Cases: cases,
    Risks: risks,
    Duties: duties,
    Data: data,
    Events: events,
    Calendar: calendar,
    Log: log,
};

/// The exports of a pack that was built for this version.
pub(crate) fn exports(linked: InstancePre<Call>) -> wasmtime::Result<Box<dyn Exports>> {
    Ok(Box::new(DepartmentPre::new(linked)?))
}

impl Exports for DepartmentPre<Call> {
    fn enter<'a>(&'a self, store: &'a mut Store<Call>, export: &'a Export) -> Entered<'a> {
        Box::pin(async move {
            let department = self.instantiate_async(&mut *store).await?;
            let plugin = department.anshu_governance_plugin();
            Ok(match export.clone() {
                Export::Decide(input) => {
                    plugin.call_decide(store, &input.into()).await?.map(answered)
                }
                Export::Due(timer) => plugin.call_due(store, &timer.into()).await?.map(answered),
                Export::View(request) => {
                    plugin.call_view(store, &request.into()).await?.map(Answer::Rows)
                }
                Export::Explain(decision) => plugin
                    .call_explain(store, &decision.into())
                    .await?
                    .map(|explanation| Answer::Explanation(explanation.into())),
                Export::Migrate(migration) => {
                    plugin.call_migrate(store, &migration.into()).await?.map(migrated)
                }
            })
        })
    }
}

fn answered(outcome: plugin::Outcome) -> Answer {
    Answer::Outcome(outcome.into())
}

/// A migration of this version says in one line what it found, and no more: the case stays where it stands.
fn migrated(outcome: plugin::Outcome) -> Answer {
    Answer::Migrated(newest::Migrated { substage: None, note: outcome.summary, manual: None })
}
