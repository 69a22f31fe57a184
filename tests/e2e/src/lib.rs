//! The harness of the end-to-end tests: a centre in this process on a free port with its own folder, and a browser's part of
//! HTTP. Tests go through the front door; what they know of the inside is only how to start and stop it.

mod centre;
mod http;

pub use centre::{Centre, packs, repository};
pub use http::{Answer, Browser};
