//! What a call uses up: calls into the host, bytes, events, log lines; and what is said when it is too much.

use std::collections::BTreeSet;

use anshu_model::Error;
use anshu_model::decision::{Input, LogLine};

use super::Call;
use crate::error::Failure;
use crate::limit::Limit;

impl Call {
    /// What the call answers to: a chain of events ends somewhere.
    pub(crate) fn caused_by(mut self, input: &Input) -> Self {
        if let Input::Event { via, .. } = input {
            self.via.clone_from(via);
        }
        self
    }

    /// Counts a call into the host.
    pub(crate) fn enter(&mut self) -> Result<(), Failure> {
        self.host_calls += 1;
        if self.host_calls > self.settings.host_calls {
            return Err(Limit::HostCalls { most: self.settings.host_calls }.into());
        }
        Ok(())
    }

    /// Counts what is handed to the guest.
    pub(crate) fn hand(&mut self, bytes: usize) -> Result<(), Failure> {
        let most = self.settings.result_bytes;
        if bytes > most {
            let text =
                format!("一次读取的结果有 {bytes} 字节，上限 {most} 字节；请减小 limit 或缩小范围");
            return Err(Error::OverQuota(text).into());
        }
        self.answered = self.answered.saturating_add(bytes);
        if self.answered > self.settings.answered_bytes {
            return Err(Limit::Answered { most: self.settings.answered_bytes }.into());
        }
        Ok(())
    }

    /// Counts an event, and refuses one at the end of too long a chain: packs that hear each other would go on for ever.
    pub(crate) fn count_event(&mut self, topic: &str) -> Result<(), Failure> {
        if self.via.len() >= self.settings.hops {
            let packs: BTreeSet<_> = self.via.iter().map(String::as_str).collect();
            let text = format!(
                "插件 {} 不能再发布“{topic}”：此前已有 {} 个事件接连引发（{}），疑似循环触发；请核对插件 {} 各自收听和发布的主题",
                self.pack.title(),
                self.via.len(),
                self.via.join(" → "),
                packs.into_iter().collect::<Vec<_>>().join("、"),
            );
            return Err(Error::OverQuota(text).into());
        }
        self.events += 1;
        if self.events > self.settings.events {
            return Err(Limit::Events { most: self.settings.events }.into());
        }
        if self.live {
            // A guest that could go on without would decide otherwise when it is replayed.
            self.pack.quota.event(&self.pack).map_err(Failure::stops)?;
        }
        Ok(())
    }

    /// Keeps a log line as far as there is room for it. A flood is cut, not punished: the first lines tell more than the last.
    /// What is protected is covered: engineers are no readers of it.
    pub(crate) fn log(&mut self, line: LogLine) {
        let line = LogLine { text: self.held.cover(line.text), ..line };
        let bytes = line.text.len();
        let room = self.log.len() < self.settings.log_lines
            && self.log_bytes.saturating_add(bytes) <= self.settings.log_bytes
            && (!self.live || self.pack.quota.log(bytes));
        if room {
            self.log_bytes += bytes;
            self.log.push(line);
        } else {
            self.dropped_lines += 1;
        }
    }

    /// What the pack logged; where a flood was cut, a last line says so.
    pub(crate) fn take_log(&mut self) -> Vec<LogLine> {
        let mut log = std::mem::take(&mut self.log);
        if self.dropped_lines > 0 {
            let text = format!(
                "另有 {} 行日志超过上限（一次调用 {} 行、{} KiB，一分钟 {} KiB），未保存",
                self.dropped_lines,
                self.settings.log_lines,
                self.settings.log_bytes >> 10,
                self.settings.log_bytes_a_minute >> 10
            );
            log.push(LogLine { level: "warn".to_owned(), text });
        }
        log
    }
}
