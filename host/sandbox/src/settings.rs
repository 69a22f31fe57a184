//! What a call may use. Every limit stops an attack or a slip; each is named in the message that a broken one gives.

use std::time::Duration;

use anshu_model::instant::Offset;

/// The limits of calls into packs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of all linear memories of one call together.
    pub memory: usize,
    /// Elements of all tables of one call together.
    pub table_elements: usize,
    /// Core instances that one call may consist of. Components from some languages bring a dozen.
    pub instances: u32,
    /// Wall-clock time of one call, waits for the host included.
    pub deadline: Duration,
    /// How often a computing guest is looked at.
    pub tick: Duration,
    /// Calls into the host.
    pub host_calls: u64,
    /// Bytes of one value that crosses the boundary, either way.
    pub result_bytes: usize,
    /// Bytes that the host hands to the guest in one call, all answers together.
    pub answered_bytes: usize,
    /// Bytes of one text: a name, a title, a note.
    pub text_bytes: usize,
    /// Bytes of one JSON text: a facet, the answers to a form, a payload.
    pub json_bytes: usize,
    /// Items of one list.
    pub list_items: usize,
    /// Log lines that are kept; later ones are dropped and counted.
    pub log_lines: usize,
    /// Effects of one call.
    pub effects: usize,
    /// Events of one call.
    pub events: usize,
    /// Calls that run at the same time.
    pub concurrency: u32,
    /// How long a call waits for its turn before it is told to come again.
    pub wait: Duration,
    /// How often a call is run again after a conflict.
    pub conflict_runs: u32,
    /// So many faults within [`Settings::fault_window`] put a pack in quarantine.
    pub faults: usize,
    /// See [`Settings::faults`].
    pub fault_window: Duration,
    /// Rows of one view.
    pub rows: usize,
    /// The centre's offset from UTC, by which an instant becomes the date that chooses a law.
    pub offset: Offset,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            table_elements: 20_000,
            instances: 32,
            deadline: Duration::from_secs(2),
            tick: Duration::from_millis(5),
            host_calls: 2_000,
            result_bytes: 1 << 20,
            answered_bytes: 16 << 20,
            text_bytes: 4 << 10,
            json_bytes: 256 << 10,
            list_items: 500,
            log_lines: 200,
            effects: 500,
            events: 100,
            concurrency: 64,
            wait: Duration::from_secs(5),
            conflict_runs: 5,
            faults: 3,
            fault_window: Duration::from_secs(60),
            rows: 1_000,
            offset: Offset::default(),
        }
    }
}
