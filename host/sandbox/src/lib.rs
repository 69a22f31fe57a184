//! The sandbox: packs as WebAssembly components, each linked to the interfaces that it was granted and to nothing else;
//! limits, invocation as a transaction, replay, quarantine.
//!
//! Any Rust program can embed it by implementing the ports of [`anshu_model::port`]; [`memory`] implements them over
//! plain maps. It must not know SQL, Cedar, HTTP, nor any department: what a pack adds arrives as data in its manifest.

mod call;
mod capability;
mod check;
mod code;
pub mod compare;
mod compile;
mod contract;
mod convert;
mod decide;
mod engine;
mod error;
mod explain;
pub mod golden;
mod inspect;
mod install;
mod invoke;
mod labels;
mod lenient;
mod limit;
pub mod memory;
mod migrate;
mod pack;
mod parallel;
pub mod provenance;
mod quarantine;
mod quota;
mod registry;
mod replay;
mod run;
mod sandbox;
mod settings;
mod shadow;
mod since;
mod view;

pub use compile::compile_worker;
pub use explain::Explanation;
pub use inspect::Inspection;
pub use invoke::Request;
pub use invoke::Request as Call;
pub use pack::Pack;
pub use replay::Replay;
pub use sandbox::{Sandbox, StoredPack};
pub use settings::{Compiler, Settings};
pub use shadow::Shadow;
