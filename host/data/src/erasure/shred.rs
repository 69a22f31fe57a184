//! The re-shred list (再次销毁清单): which subjects' keys were destroyed, in a file beside the keys. A backup of the database
//! has their wrapped keys; put back, they are destroyed again before anything is served (attack 50).
//!
//! The list holds ids and times alone. It is backed up with the keys and never with the database: that is what makes it
//! longer-lived than any backup.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::instant::Instant;
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};

use super::{ErasureState, leaf, made, perform, retention};
use crate::Data;
use crate::db::Query;

/// The file's name.
const FILE: &str = "erased.list";
/// Subjects of one look into the database.
const CHUNK: usize = 256;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    subject: Id,
    at: Instant,
}

fn unusable(error: &std::io::Error) -> Error {
    Error::Unavailable(format!("再次销毁清单 {FILE} 无法读写（{error}）；请检查密钥文件夹及其权限"))
}

/// Adds subjects, and returns when they are on the disk.
pub(super) fn note(folder: &Path, subjects: &[Id], at: Instant) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(folder.join(FILE)).map_err(|error| unusable(&error))?;
    for subject in subjects {
        let line = serde_json::to_string(&Line { subject: subject.clone(), at })
            .map_err(|error| Error::Internal(format!("erased list: {error}")))?;
        writeln!(file, "{line}").map_err(|error| unusable(&error))?;
    }
    file.sync_all().map_err(|error| unusable(&error))
}

/// The list. A line that a power cut left unfinished is no line: the database knows that subject.
fn read(folder: &Path) -> Result<Vec<Line>> {
    let text = match std::fs::read_to_string(folder.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unusable(&error)),
    };
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).enumerate();
    whole
        .map(|(at, line)| {
            serde_json::from_str(line).map_err(|_| {
                let at = at + 1;
                Error::Unavailable(format!(
                    "再次销毁清单 {FILE} 第 {at} 行无法识别；请从密钥的备份恢复该文件"
                ))
            })
        })
        .collect()
}

/// Destroys again what a restored database has brought back, and notes what the list lacks. At each start, before anything
/// is served.
///
/// # Errors
/// [`Error::Unavailable`] where the list cannot be read: a centre that cannot know what was erased does not start.
pub(crate) async fn replay(data: &Data) -> Result<u64> {
    let folder = &data.inner.keys;
    let listed = read(folder)?;
    let mut again = 0;
    for chunk in listed.chunks(CHUNK) {
        let query = Query::new(
            "SELECT DISTINCT subject FROM data_key WHERE state <> 'destroyed' AND subject IN ",
        );
        let query = query.list(chunk.iter().map(|line| &line.subject));
        let rows = data.inner.db.read().await?.rows(query).await?;
        for row in rows {
            let subject = row.id(0)?;
            let at = chunk.iter().find(|line| line.subject == subject).map(|line| line.at);
            destroy(data, &subject, at.unwrap_or(Instant(0))).await?;
            again += 1;
        }
    }
    // Killed between the commit and the note: the database knows more than the list.
    let known: BTreeSet<&Id> = listed.iter().map(|line| &line.subject).collect();
    let query = Query::new(
        "SELECT DISTINCT subject, destroyed_at FROM data_key WHERE state = 'destroyed' AND subject NOT LIKE 'month-%'",
    );
    for row in data.inner.db.read().await?.rows(query).await? {
        let subject = row.id(0)?;
        if !known.contains(&subject) {
            note(folder, &[subject], row.maybe_int(1)?.map_or(Instant(0), Instant))?;
        }
    }
    if again > 0 {
        tracing::warn!(again, "a restored database held keys that were destroyed: destroyed again");
    }
    Ok(again)
}

/// The second destruction of one subject. It was decided once; nothing is asked again.
async fn destroy(data: &Data, subject: &Id, at: Instant) -> Result<()> {
    let context = OpContext {
        id: Id::derived(subject, u64::try_from(at.milliseconds()).unwrap_or_default()),
        principal: Principal::System { job: "re-shred".into() },
        pack: None,
        purpose: Purpose { code: "re-shred".into(), ground: String::new(), serves: None },
        now: at,
    };
    let ground = ("数据库从备份恢复：该对象此前已销毁", retention::ARTICLE);
    let erasure = made(&context, subject, ground, ErasureState::Asked)?;
    let leaf = leaf(&context, subject, "备份恢复后再次销毁");
    let parts = data.parts();
    let work = data.inner.writer.run(None, move |tx| {
        Box::pin(async move { perform::destroy_again(tx, &parts, leaf, erasure).await })
    });
    for subject in work.await? {
        data.inner.vault.forget(&subject);
    }
    Ok(())
}
