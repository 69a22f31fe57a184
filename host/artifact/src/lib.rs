//! Compiled code: where it comes from, how it is kept, and the one place where it becomes executable.
//!
//! Native code from a file or a pipe is as dangerous as anything can be: whoever writes it runs in this process. So there
//! is one type, [`Compiled`], that can only be had from a compiler of this host, in this process or in a worker of its own,
//! or from the [`Shelf`], where only what bears this host's seal is taken down. Turning it into a component is the single
//! `unsafe` of the workspace. This crate knows nothing of packs, manifests or the contract.

mod compiled;
mod shelf;
mod worker;

pub use compiled::Compiled;
pub use shelf::{Kept, Shelf};
pub use worker::{Limits, Worker, serve};
