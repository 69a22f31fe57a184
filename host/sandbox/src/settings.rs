//! What a call may use. Every limit stops an attack or a slip; each is named in the message that a broken one gives.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anshu_model::instant::Offset;

/// Where components are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiler {
    /// In this process: for the test kit and for packs that one builds oneself.
    Here,
    /// In a process of its own for each component. The program calls [`crate::compile_worker`] with the two numbers that it is
    /// given behind the arguments.
    Apart {
        /// The program, as a rule the one that is running.
        program: PathBuf,
        /// What makes it a worker.
        arguments: Vec<OsString>,
    },
}

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
    /// Bytes of them.
    pub log_bytes: usize,
    /// Bytes that one pack may log in a minute, and all together; what is over is dropped and counted likewise.
    pub log_bytes_a_minute: usize,
    /// See [`Settings::log_bytes_a_minute`].
    pub all_log_bytes_a_minute: usize,
    /// Effects of one call.
    pub effects: usize,
    /// Events of one call.
    pub events: usize,
    /// Events that one pack may publish in a minute, and all together. A call over it ends, and may be made again later.
    pub events_a_minute: usize,
    /// See [`Settings::events_a_minute`].
    pub all_events_a_minute: usize,
    /// How many events may lead to one another. What is published after so many looks like packs that wake each other for
    /// ever.
    pub hops: usize,
    /// Calls that run at the same time.
    pub concurrency: u32,
    /// Of these, calls into one pack: a noisy one cannot take all turns.
    pub pack_concurrency: u32,
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
    /// Where components are compiled.
    pub compiler: Compiler,
    /// How long compiling one component may take, where it has a process of its own.
    pub compile_time: Duration,
    /// Bytes of that process.
    pub compile_memory: u64,
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
            log_bytes: 256 << 10,
            log_bytes_a_minute: 8 << 20,
            all_log_bytes_a_minute: 64 << 20,
            effects: 500,
            events: 100,
            events_a_minute: 60_000,
            all_events_a_minute: 200_000,
            hops: 8,
            concurrency: 64,
            pack_concurrency: 48,
            wait: Duration::from_secs(5),
            conflict_runs: 5,
            faults: 3,
            fault_window: Duration::from_secs(60),
            rows: 1_000,
            compiler: Compiler::Here,
            compile_time: Duration::from_secs(60),
            compile_memory: 2 << 30,
            offset: Offset::default(),
        }
    }
}
