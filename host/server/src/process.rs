//! What this process leaves on a disk: no image of itself, and no file that another account reads.
//!
//! An image would hold every key that is in use. A core dump that a crash leaves behind, or that a debugger of the same account
//! takes, is how keys leave a machine whose files are well kept. Nothing that is written is for everybody on the machine
//! either: not the database, not exports, not what was compiled. Who means somebody else to read a file says so, with `chmod`.
//!
//! Pages can still be swapped out: what locks them needs `unsafe`, which this code does not use. So swap is turned off or
//! encrypted where a centre runs.

use anshu_model::{Error, Result};

/// Sees to it, for as long as the process lives.
///
/// # Errors
/// [`Error::Unavailable`] where the system refuses.
pub(crate) fn confine() -> Result<()> {
    #[cfg(unix)]
    {
        rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
            .map_err(refused)?;
    }
    // The limit does not bind a program to which the kernel hands dumps; this does.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(refused)?;
    }
    Ok(())
}

#[cfg(unix)]
fn refused(error: rustix::io::Errno) -> Error {
    Error::Unavailable(format!("不能禁止内存转储（{error}）；请检查系统对本进程的限制"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    /// Attack 51: a crash leaves no image of the memory in which the keys are.
    #[test]
    fn attack_51_a_process_leaves_no_core_dump() {
        super::confine().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }

    #[test]
    fn what_is_written_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        super::confine().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("anshu.db");
        std::fs::write(&file, "样例").unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
