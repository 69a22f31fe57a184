//! The server: HTTP, sessions, configuration, use cases as plain functions, jobs, the command line and the console's files.
//!
//! It brings storage ([`anshu_data`]) and the sandbox ([`anshu_sandbox`]) together and knows neither SQL nor WebAssembly.
//! It names no department: units, purposes, divisions and packs are data that a centre brings.

pub mod app;
pub mod cli;
pub mod config;
mod console;
pub mod demo;
mod file;
mod grant;
pub mod http;
pub mod import;
mod jobs;
mod lock;
pub mod oci;
mod process;
pub mod run;
mod secret;
pub mod signing;
pub mod time;
pub mod view;
pub mod witness;

pub use app::App;
pub use config::Settings;
pub use run::Running;
