//! The compiler of these tests, as `anshu compile-worker` is the centre's.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(memory), Some(seconds)) => anshu_sandbox::compile_worker(memory, seconds),
        _ => ExitCode::FAILURE,
    }
}
