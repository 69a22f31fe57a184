//! `log`: lines for the department's engineers.

use anshu_model::decision::LogLine;

use crate::call::Call;
use crate::contract::log::{Host, Level};

/// Characters of one line.
const LINE: usize = 1_000;

impl Host for Call {
    fn write(&mut self, level: Level, text: String) -> wasmtime::Result<()> {
        self.enter_plain()?;
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
        };
        let text = if text.chars().nth(LINE).is_some() {
            text.chars().take(LINE).chain(['…']).collect()
        } else {
            text
        };
        self.log(LogLine { level: level.to_owned(), text });
        Ok(())
    }
}
