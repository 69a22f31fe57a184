//! The sandbox through its front door: real components over the centre in memory.

#![expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

mod compare;
mod contract;
mod decide;
mod golden;
mod install;
mod labels;
mod law;
mod lenient;
mod limits;
mod migrate;
mod provenance;
mod replay;
mod rules;
mod shadow;
mod support;
mod terms;
mod versions;
