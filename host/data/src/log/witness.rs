//! What this machine has seen of the log, in a file outside the database: a database that was put back to an earlier state,
//! or that holds another log under the same key, is refused at start. It is no replacement for a witness elsewhere.

use std::path::{Path, PathBuf};

use anshu_model::{Error, Result};

use super::note::{Checkpoint, Verifier};
use super::store;
use crate::db::Tx;

/// The file with the last checkpoint that was seen.
const FILE: &str = "log.witness";

/// The last checkpoint that was seen, in a folder.
#[derive(Debug)]
pub(crate) struct Witness {
    file: PathBuf,
}

impl Witness {
    /// The witness of a folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { file: folder.join(FILE) }
    }

    /// Notes a checkpoint.
    pub(crate) fn note(&self, checkpoint: &str) -> Result<()> {
        let fresh = self.file.with_extension("new");
        std::fs::write(&fresh, checkpoint)
            .and_then(|()| std::fs::rename(&fresh, &self.file))
            .map_err(|error| {
                Error::Unavailable(format!("见证文件 {} 无法写入（{error}）", self.file.display()))
            })
    }

    /// Compares the log with what was seen of it. Answers what is wrong, none where the log grew out of it.
    pub(crate) async fn compare(&self, tx: &mut Tx, verifier: &Verifier) -> Result<Option<String>> {
        let note = match std::fs::read_to_string(&self.file) {
            Ok(note) => note,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let text = format!("见证文件 {} 无法读取（{error}）", self.file.display());
                return Err(Error::Unavailable(text));
            }
        };
        let Checkpoint { size: seen, root, .. } = verifier.verify(&note)?;
        let size = store::head(tx).await?.frontier.size();
        if size < seen {
            return Ok(Some(format!(
                "审计日志只有 {size} 条，而本机见证过 {seen} 条：末尾的日志被删除，或数据库被换成了旧的"
            )));
        }
        match store::root_at(tx, seen).await {
            Ok(found) if found == root => Ok(None),
            Ok(_) | Err(Error::Internal(_)) => {
                Ok(Some(format!("审计日志的前 {seen} 条与本机见证过的不同：日志被整个改写")))
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses a log that did not grow out of what was seen of it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with what is wrong and what can be done.
    pub(crate) async fn check(&self, tx: &mut Tx, verifier: &Verifier) -> Result<()> {
        match self.compare(tx, verifier).await? {
            None => Ok(()),
            Some(wrong) => Err(Error::Unavailable(format!(
                "{wrong}。为保全证据，系统没有启动；如确系从备份恢复，请在记录后移走 {}",
                self.file.display()
            ))),
        }
    }
}
