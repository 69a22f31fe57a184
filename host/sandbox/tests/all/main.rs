//! The sandbox through its front door: real components over the centre in memory.

mod decide;
mod install;
mod limits;
mod replay;
mod rules;
mod support;
mod versions;
