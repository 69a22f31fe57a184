//! The contract: the bindings of its newest version, generated from `wit/`, which the host implements; and the table of the
//! versions that packs may have been built for.

use anshu_model::capability::Import;
use wasmtime::component::InstancePre;

use crate::call::Call;
use crate::capability::{self, Capability};
use crate::run::Exports;
use crate::since;

pub(crate) mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/0.2.0",
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
/// The newest version, which this host implements.
const NEWEST: semver::Version = semver::Version::new(0, 2, 0);
/// The oldest version that it still links.
const OLDEST: semver::Version = semver::Version::new(0, 1, 0);

/// A version of the contract: how a pack that was built for it is linked.
pub(crate) struct Version {
    number: semver::Version,
    /// Its interfaces, each under its name in this version.
    pub(crate) capabilities: &'static [Capability],
    /// Finds the exports of a component that was linked to it.
    pub(crate) exports: fn(InstancePre<Call>) -> wasmtime::Result<Box<dyn Exports>>,
}

/// One row a released version. What is not here is not linked.
static VERSIONS: [Version; 2] = [
    Version {
        number: OLDEST,
        capabilities: &since::v0_1::CAPABILITIES,
        exports: since::v0_1::exports,
    },
    Version {
        number: NEWEST,
        capabilities: &capability::ALL,
        exports: |linked| Ok(Box::new(DepartmentPre::new(linked)?)),
    },
];

/// The versions that this host supports, for people.
pub(crate) fn supported() -> String {
    format!("{OLDEST} 至 {NEWEST}")
}

/// The row of the version that a pack was built for: the same, or an older one that it is compatible with by semver.
pub(crate) fn version(asked: &str) -> Option<&'static Version> {
    let asked = semver::Version::parse(asked).ok().filter(|asked| asked.pre.is_empty())?;
    VERSIONS.iter().find(|Version { number, .. }| {
        (number.major, number.minor) == (asked.major, asked.minor) && asked.patch <= number.patch
    })
}

/// The grantable interface with a name.
pub(crate) fn import(name: &str) -> Option<Import> {
    Import::ALL.into_iter().find(|import| import.name() == name)
}
