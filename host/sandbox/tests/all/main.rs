//! The sandbox through its front door: real components over the centre in memory.

#![expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

mod decide;
mod install;
mod limits;
mod provenance;
mod replay;
mod rules;
mod support;
mod versions;
