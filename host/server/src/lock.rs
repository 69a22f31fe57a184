//! The lock on a data folder: one program at a time holds a centre, as SQLite has one writer.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::Path;

use anshu_model::{Error, Result};

/// Held while a program works on a centre. The system releases it when the program ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a data folder, which is made where it is missing.
    ///
    /// # Errors
    /// [`Error::Conflict`] where another program holds it; [`Error::Unavailable`] where the folder cannot be written.
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| {
            Error::Unavailable(format!("数据目录 {} 不能使用：{error}", folder.display()))
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("anshu.lock"))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Conflict(format!(
                    "数据目录 {} 正由另一个 anshu 使用；请先停止它（Ctrl-C），或换一个目录",
                    folder.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Only for whoever looks: the lock is the system's, not this number.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}
