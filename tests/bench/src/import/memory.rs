//! The most memory that this process has at once, as Linux counts it. Elsewhere nothing is known, and the figures say so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the process's own memory is looked at: Linux keeps no peak of it.
const EVERY: Duration = Duration::from_millis(20);

/// Watches from when it starts to when it ends.
pub(crate) struct Peak {
    ended: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    watch: JoinHandle<()>,
}

/// Peaks, in MiB; not a number where they are not known.
pub(crate) struct Memory {
    /// All that is resident, with the pages of files that are mapped.
    pub(crate) resident: f64,
    /// What is the process's own: its heap and stacks, and caches in them.
    pub(crate) own: f64,
}

impl Peak {
    /// Forgets the peak so far and watches.
    pub(crate) fn start() -> Self {
        // What was needed before, such as by the compiler of packs, is not what is measured. Where this is refused, the
        // peak of all that is resident is that of the whole process.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let (ended, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let watch = {
            let (ended, most) = (ended.clone(), most.clone());
            std::thread::spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    most.fetch_max(kibibytes("RssAnon:").unwrap_or(0), Ordering::Relaxed);
                    std::thread::sleep(EVERY);
                }
            })
        };
        Self { ended, most, watch }
    }

    /// The peaks since the start.
    pub(crate) fn end(self) -> Memory {
        self.ended.store(true, Ordering::Relaxed);
        // A watch that broke has seen nothing more: its peak so far stands.
        let _ = self.watch.join();
        let own = Some(self.most.load(Ordering::Relaxed)).filter(|most| *most > 0);
        Memory { resident: mebibytes(kibibytes("VmHWM:")), own: mebibytes(own) }
    }
}

/// What is the process's own now, in MiB; not a number where that is not known.
pub(crate) fn own() -> f64 {
    mebibytes(kibibytes("RssAnon:"))
}

fn mebibytes(kibibytes: Option<u64>) -> f64 {
    kibibytes
        .and_then(|kibibytes| u32::try_from(kibibytes).ok())
        .map_or(f64::NAN, |kibibytes| f64::from(kibibytes) / 1024.0)
}

/// A line of `/proc/self/status`.
fn kibibytes(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
