//! The contract's bindings, generated from `wit/`, and its name and version.

use anshu_model::capability::Import;

mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/0.1.0",
        world: "department",
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

pub(crate) use generated::DepartmentPre;
pub(crate) use generated::anshu::governance::{
    calendar, cases, data, duties, entities, events, log, risks, types,
};
pub(crate) use generated::exports::anshu::governance::plugin;

/// The contract's package.
pub(crate) const PACKAGE: &str = "anshu:governance";
/// The interface that a pack exports.
pub(crate) const EXPORT: &str = "plugin";
/// The interface of shared words. It has no functions, so there is nothing to grant.
pub(crate) const WORDS: &str = "types";
/// The newest version that this host implements.
pub(crate) const NEWEST: semver::Version = semver::Version::new(0, 1, 0);
/// The oldest version that it still links.
pub(crate) const OLDEST: semver::Version = semver::Version::new(0, 1, 0);

/// The versions that this host supports, for people.
pub(crate) fn supported() -> String {
    if OLDEST == NEWEST { format!("{NEWEST}") } else { format!("{OLDEST} 至 {NEWEST}") }
}

/// Whether a pack that was built for a version can be linked.
pub(crate) fn supports(version: &semver::Version) -> bool {
    (OLDEST..=NEWEST).contains(version)
}

/// The grantable interface with a name.
pub(crate) fn import(name: &str) -> Option<Import> {
    Import::ALL.into_iter().find(|import| import.name() == name)
}
