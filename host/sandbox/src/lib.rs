//! The sandbox: packs as WebAssembly components, each linked to the interfaces that it was granted and to nothing else;
//! limits, invocation as a transaction, replay, quarantine.
//!
//! Any Rust program can embed it by implementing the ports of [`anshu_model::port`]; [`memory`] implements them over
//! plain maps. It must not know SQL, Cedar, HTTP, nor any department: what a pack adds arrives as data in its manifest.

mod call;
mod capability;
mod check;
mod code;
mod contract;
mod convert;
mod engine;
mod error;
mod explain;
mod inspect;
mod install;
mod invoke;
mod limit;
pub mod memory;
mod pack;
pub mod provenance;
mod quarantine;
mod registry;
mod replay;
mod run;
mod sandbox;
mod settings;
mod view;

pub use explain::Explanation;
pub use inspect::Inspection;
pub use invoke::Request;
pub use invoke::Request as Call;
pub use pack::Pack;
pub use replay::Replay;
pub use sandbox::Sandbox;
pub use settings::Settings;
