//! The words that the whole of Anshu shares: ids, the org tree, entities, cases, risks, duties, labels, clocks, effects,
//! the operation's context, one error, and the *ports* that storage implements.
//!
//! Pure: it knows no IO, no async runtime, no SQL, no WebAssembly, no HTTP and no policy language, and it names no
//! department. What a department adds (types, facets, limits) arrives as data in a [`manifest::Manifest`].

pub mod basis;
pub mod calendar;
pub mod capability;
pub mod case;
pub mod clock;
pub mod compat;
pub mod compliance;
pub mod context;
pub mod decision;
pub mod division;
pub mod duty;
pub mod effect;
pub mod entity;
pub mod error;
pub mod figure;
pub mod grant;
pub mod id;
pub mod identifier;
pub mod instant;
pub mod label;
pub mod leaf;
pub mod line;
pub mod manifest;
pub mod org;
pub mod port;
pub mod prefill;
pub mod provenance;
pub mod record;
pub mod request;
pub mod retention;
pub mod risk;
pub mod schema;
pub mod scope;
pub mod share;
pub mod standing;
pub mod transition;
pub mod translation;

pub use error::{Error, Problem, Result};
pub use id::Id;
