//! The SDK for departments' plugins: ordinary types with derives become schema, classification, manifest and console form;
//! law is data in tables; the centre is reached through safe, typed functions.
//!
//! A plugin is a type that implements [`Plugin`] and one line, `anshu_sdk::pack!(MyPlugin);`. The guide is `sdk/README.md`,
//! a small whole plugin is `examples/lost-and-found`.
//!
//! This crate knows the contract (`wit/`) and the words of the manifest. It must not know the host: its types only serialise
//! to the same JSON. Nothing here has a clock, a random source or any other ambient input; a plugin that wants time asks
//! [`calendar`].

pub mod bindings;
pub mod calendar;
pub mod cases;
pub mod data;
pub mod duties;
pub mod entities;
pub mod events;
pub mod label;
pub mod log;
pub mod manifest;
pub mod risks;
pub mod schema;

mod basis;
mod call;
mod error;
mod golden;
mod id;
mod identity;
mod json;
mod outcome;
mod pack;
mod time;

pub use anshu_derive::{Choice, Facet, Form, Part, Row, Topic};
pub use basis::{Authority, Basis, Check, Rule, Verdict};
pub use bindings::anshu::governance::cases::Stage as CaseStage;
pub use bindings::anshu::governance::risks::Stage as RiskStage;
pub use bindings::anshu::governance::types::{EntityKind, Error, Problem, RiskLevel};
pub use golden::{Given, Golden};
pub use id::{Division, Id};
pub use identity::{ResidentId, Sex, age_on};
pub use label::{Label, Level, Mask, Tag};
pub use manifest::{Import, Selects};
pub use outcome::{Explanation, Outcome, Reason};
pub use pack::{
    Action, ActionDeclaration, Decided, Decision, Event, Matter, Migrated, Migration, Pack,
    Purpose, Timer, Transition, View, ViewRequest,
};
pub use schema::{Choice, Facet, Form, Row, Topic};
pub use time::{Date, Instant};

/// What a handler answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What most plugins use: `use anshu_sdk::prelude::*;`.
pub mod prelude {
    pub use crate::calendar::Limit;
    pub use crate::cases::{self, NewCase};
    pub use crate::duties::{self, NewDuty};
    pub use crate::entities::{self, Entity, NewEntity};
    pub use crate::risks::{self, Finding, NewRisk};
    pub use crate::{
        Action, Basis, CaseStage, Check, Choice, Date, Division, EntityKind, Error, Event,
        Explanation, Facet, Form, Given, Golden, Id, Instant, Label, Level, Mask, Matter, Migrated,
        Migration, Outcome, Pack, Part, Plugin, Purpose, ResidentId, Result, RiskLevel, RiskStage,
        Row, Rule, Selects, Tag, Timer, Topic, Transition, View, ViewRequest, age_on, calendar,
        events, log,
    };
    pub use serde::{Deserialize, Serialize};
}

/// A department's plugin.
///
/// All routing comes from what [`Plugin::pack`] declares. The other functions have defaults that fit most plugins.
pub trait Plugin {
    /// Everything that the plugin is: what it adds, what it asks for, and which function answers what.
    fn pack() -> Pack;

    /// A decision in plain words with its articles and the remedy. By default from the decision's own reasons and
    /// [`Pack::remedy`].
    ///
    /// # Errors
    /// Where the decision is none of this plugin's.
    fn explain(decision: &Decision) -> Result<Explanation> {
        Ok(call::explained(&Self::pack(), decision))
    }

    /// Says where an open case of an earlier version stands under this one. It may read, and writes nothing. By default the
    /// case stays as it is.
    ///
    /// # Errors
    /// Where the case cannot pass. One that a person must look at first is [`Migrated::manual`].
    fn migrate(migration: &Migration) -> Result<Migrated> {
        let _ = migration;
        Ok(Migrated::new("本版本无需变更在办事项"))
    }
}

/// What [`pack!`] expands to. Not for plugins to call.
#[doc(hidden)]
pub mod __private {
    pub use crate::bindings::anshu::governance::types::Error;
    pub use crate::bindings::exports::anshu::governance::plugin as exported;
    pub use crate::call::{decide, due, explain, golden_json, manifest_json, migrate, view};
}

/// Makes a [`Plugin`] a component, and lets `cargo anshu` ask it for its manifest and its golden cases.
#[macro_export]
macro_rules! pack {
    ($plugin:ty) => {
        /// The manifest as JSON. `cargo anshu` puts it into the pack.
        #[must_use]
        pub fn manifest_json() -> ::std::string::String {
            $crate::__private::manifest_json::<$plugin>()
        }

        /// The golden cases as JSON. `cargo anshu` puts them into the pack.
        #[must_use]
        pub fn golden_json() -> ::std::string::String {
            $crate::__private::golden_json::<$plugin>()
        }

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::__private::{Error, exported};

            struct Component;

            impl exported::Guest for Component {
                fn decide(
                    input: exported::Input,
                ) -> ::core::result::Result<exported::Outcome, Error> {
                    $crate::__private::decide::<$plugin>(input)
                }
                fn due(timer: exported::Timer) -> ::core::result::Result<exported::Outcome, Error> {
                    $crate::__private::due::<$plugin>(timer)
                }
                fn view(
                    request: exported::ViewRequest,
                ) -> ::core::result::Result<::std::string::String, Error> {
                    $crate::__private::view::<$plugin>(request)
                }
                fn explain(
                    decision: exported::Decision,
                ) -> ::core::result::Result<exported::Explanation, Error> {
                    $crate::__private::explain::<$plugin>(decision)
                }
                fn migrate(
                    migration: exported::Migration,
                ) -> ::core::result::Result<exported::Migrated, Error> {
                    $crate::__private::migrate::<$plugin>(migration)
                }
            }

    $crate::bindings::export_component!(Component with_types_in $crate::bindings);
        };
    };
}
