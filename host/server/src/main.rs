//! `anshu`: the centre's one program. Everything it does is in the library, so that tests can do it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    anshu_server::cli::main()
}
