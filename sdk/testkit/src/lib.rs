//! The test kit: a plugin's real component in the real sandbox over a centre in memory, under plain `cargo test`, with a
//! clock to move and people to act as.
//!
//! ```no_run
//! use anshu_testkit::{Kit, Level};
//! let mut kit = Kit::build(env!("CARGO_MANIFEST_DIR"));
//! kit.clock("2026-03-02T10:00");
//! let desk = kit.unit("reception", "500103001000");
//! let clerk = kit.person("样例窗口人员").of(&desk).role("clerk").clearance(Level::L3);
//! let decision = kit.act(&clerk, "hand-in", serde_json::json!({ "name": "样例雨伞" })).expect_ok();
//! kit.replay_all();
//! assert!(decision.outcome.subject.is_some());
//! ```
//!
//! Everything that a plugin may touch is checked as in a centre: its grant, forms and schemas, stages, limits, versions. Who
//! may do what follows the shipped policies in outline only; a centre decides it with its own. The kit fails a test by
//! panicking with words on what was found. It must not know storage, policies or HTTP.

mod build;
mod golden;
mod kit;
mod people;

pub use anshu_model::context::Principal;
pub use anshu_model::decision::{Decision, Outcome};
pub use anshu_model::effect::Effect;
pub use anshu_model::instant::Instant;
pub use anshu_model::label::Level;
pub use anshu_model::org::Unit;
pub use anshu_model::record::{Kind, Record};
pub use anshu_model::{Error, Id};
pub use anshu_sandbox::Explanation;
pub use kit::{Act, Kit};
pub use people::Person;

/// Fails the test.
#[track_caller]
#[expect(
    clippy::panic,
    reason = "a test kit fails the test that uses it; there is nobody to hand an error to"
)]
fn fail(text: &str) -> ! {
    panic!("{text}")
}

/// The value, or the end of the test.
#[track_caller]
fn must<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => fail(&format!("{what}：{error}")),
    }
}
