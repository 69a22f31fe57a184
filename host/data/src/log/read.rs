//! What auditors and witnesses get of the log.

use std::path::Path;
use std::sync::Arc;

use anshu_model::context::OpContext;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::{Error, Result};
use tokio::runtime::Handle;

use super::find::{self, Wanted};
use super::note::{Checkpoint, Note, PUBLIC_FILE, Verifier, hex};
use super::proof::Proof;
use super::tile::{self, Address, WIDTH};
use super::verify::index::Books;
use super::verify::{self, Verification};
use super::witness::Witness;
use super::{cosigned, store, tree};
use crate::db::Db;
use crate::vault::Vault;
use crate::vault::blind::IndexKeys;
use crate::{Config, Data, VaultSettings, guard};

/// Leaves that are read at once.
const MOST: u64 = 1000;

impl Data {
    /// The log as it is, as a signed note, with the lines of the witnesses that have cosigned it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn checkpoint(&self) -> Result<String> {
        let mut tx = self.inner.db.read().await?;
        let head = self.inner.writer.appender().checkpoint(&mut tx).await?;
        cosigned::dressed(&mut tx, head).await
    }

    /// How many leaves there are, and the root over them in hex.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn log_head(&self) -> Result<(u64, String)> {
        let head = store::head(&mut self.inner.db.read().await?).await?;
        Ok((head.frontier.size(), hex(&head.frontier.root())))
    }

    /// The public key that verifies the log, in the text form of the note format.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.inner.writer.appender().verifier().to_text()
    }

    /// All public keys that verify the log: by Ed25519 and, where it is signed so, by SM2.
    #[must_use]
    pub fn public_keys(&self) -> Vec<String> {
        let signer = self.inner.writer.appender().signer();
        let keys = [Some(signer.verifier()), signer.sm2_verifier()].into_iter().flatten();
        keys.map(|key| key.to_text()).collect()
    }

    /// Leaves from a position on, at most 1000, for auditors. That they looked is in the log.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not read the log.
    pub async fn entries(
        &self,
        context: &OpContext,
        from: u64,
        limit: u64,
    ) -> Result<Vec<(u64, Leaf)>> {
        self.allow(context, "read-audit", Action::Audit).await?;
        let leaves = store::leaves(&mut self.inner.db.read().await?, from, limit.min(MOST)).await?;
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        leaf.note = match (leaves.first(), leaves.last()) {
            (Some((first, _)), Some((last, _))) => format!("查阅日志第 {first} 至 {last} 条"),
            _ => "查阅日志".into(),
        };
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(leaves)
    }

    /// Leaves that fit what is looked for, newest first, at most 1000, for auditors. That they looked is in the log.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not read the log.
    pub async fn search_log(
        &self,
        context: &OpContext,
        wanted: &Wanted,
        limit: u64,
    ) -> Result<Vec<(u64, Leaf)>> {
        self.allow(context, "read-audit", Action::Audit).await?;
        let mut tx = self.inner.db.read().await?;
        let positions = find::newest(&mut tx, wanted, limit.min(MOST)).await?;
        let mut leaves = store::leaves_at(&mut tx, &positions).await?;
        drop(tx);
        leaves.sort_unstable_by_key(|(position, _)| std::cmp::Reverse(*position));
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        leaf.note = match (leaves.last(), leaves.first()) {
            (Some((first, _)), Some((last, _))) => {
                format!("检索日志，得第 {first} 至 {last} 条中的 {} 条", leaves.len())
            }
            _ => "检索日志，没有符合的条目".into(),
        };
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(leaves)
    }

    /// One leaf as it is hashed, for auditors. That they looked is in the log.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not read the log; [`Error::NotFound`] where there is no such leaf.
    pub async fn entry(&self, context: &OpContext, position: u64) -> Result<Leaf> {
        self.allow(context, "read-audit", Action::Audit).await?;
        let found = store::leaves(&mut self.inner.db.read().await?, position, 1).await?;
        let found = found.into_iter().find(|(found, _)| *found == position);
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        leaf.note = format!("查阅日志第 {position} 条");
        self.inner.writer.leaves(vec![leaf]).await?;
        found.map(|(_, leaf)| leaf).ok_or_else(|| Error::NotFound(format!("日志第 {position} 条")))
    }

    /// The proof that a leaf is in the log: C2SP tlog-proof with the checkpoint that it leads to, the one that most witnesses
    /// have cosigned.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such leaf.
    pub async fn proof(&self, index: u64) -> Result<String> {
        let mut tx = self.inner.db.read().await?;
        let head = self.inner.writer.appender().checkpoint(&mut tx).await?;
        let checkpoint = cosigned::best(&mut tx, head, Some(index)).await?;
        let size = Checkpoint::parse(Note::parse(&checkpoint)?.text)?.size;
        let hashes = store::prove_inclusion(&mut tx, index, size).await?;
        Ok(Proof { index, hashes, checkpoint }.text())
    }

    /// The hashes that prove that the log grew out of what it was at a smaller size: what a witness asks for.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the log was never that large.
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<tree::Hash>> {
        store::prove_consistency(&mut self.inner.db.read().await?, old, new).await
    }

    /// A file of the log as C2SP tlog-tiles names it: `checkpoint`, `tile/<level>/<n>`, `tile/entries/<n>`, the last ones
    /// with `.p/<width>`; `tile/` may be left out. None where there is no such file.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn tile(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if path == "checkpoint" {
            return self.checkpoint().await.map(|note| Some(note.into_bytes()));
        }
        let path = if path.starts_with("tile/") { path.to_owned() } else { format!("tile/{path}") };
        let Some(address) = Address::parse(&path) else { return Ok(None) };
        let mut tx = self.inner.db.read().await?;
        let size = store::head(&mut tx).await?.frontier.size();
        match address {
            Address::Entries { index, width } => {
                let from = index.saturating_mul(WIDTH);
                if from.saturating_add(width) > size {
                    return Ok(None);
                }
                let leaves = store::leaf_bytes(&mut tx, from, width).await?;
                tile::encode_entries(leaves.iter().map(|(_, bytes)| bytes.as_slice())).map(Some)
            }
            Address::Hashes(wanted) if wanted.is_in(size) => {
                store::tile(&mut tx, wanted).await.map(Some)
            }
            Address::Hashes(_) => Ok(None),
        }
    }

    /// Remembers the log as it is in a file outside the database, so that a database that is put back to an earlier state is
    /// refused at the next start. To be called now and then; [`Data::close`] does it too.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the file cannot be written.
    pub async fn witness(&self) -> Result<()> {
        let note = self.checkpoint().await?;
        self.inner.witness.note(&note)
    }

    /// Verifies the whole log and every row that is bound to it, and names the first thing that is wrong.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer. What is wrong is no error, but the answer.
    pub async fn verify(&self) -> Result<Verification> {
        let inner = self.inner.clone();
        // On a thread of its own: it computes for seconds between its short waits.
        let whole = move || {
            let books = Books {
                keys: inner.index.clone(),
                index: None,
                schemas: inner.schemas.get(),
                vault: Some(inner.vault.clone()),
            };
            let verifier = inner.writer.appender().verifier();
            Handle::current().block_on(verify::whole(&inner.db, &verifier, &books))
        };
        let found = tokio::task::spawn_blocking(whole).await;
        found.map_err(|error| Error::Internal(format!("verify: {error}")))?
    }

    /// Writes the log into a folder as C2SP tlog-tiles files with the public key, to be verified without the database.
    /// That it left is in the log, and is the last leaf of it.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not read the log; [`Error::Unavailable`] where the folder cannot be written.
    pub async fn export_log(&self, context: &OpContext, folder: &Path) -> Result<String> {
        self.begin_export_log(context).await?;
        self.write_log(folder).await
    }

    /// Puts into the log that it leaves. In between witnesses can be asked, so that what [`Data::write_log`] writes is cosigned.
    ///
    /// # Errors
    /// As [`Data::export_log`].
    pub async fn begin_export_log(&self, context: &OpContext) -> Result<()> {
        self.allow(context, "read-audit", Action::Audit).await?;
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        leaf.note = "导出日志".into();
        self.inner.writer.leaves(vec![leaf]).await
    }

    /// Writes the log as it is into a folder, once [`Data::begin_export_log`] has been asked.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be written.
    pub async fn write_log(&self, folder: &Path) -> Result<String> {
        let mut tx = self.inner.db.read().await?;
        super::export::write(&mut tx, self.inner.writer.appender(), folder).await
    }
}

/// Verifies a centre that is stopped: the whole log and every row that is bound to it. Without a public key (its text), the
/// one in the folder of keys is used; whoever does not trust the machine brings the key along.
///
/// # Errors
/// [`Error::Invalid`] where the key is none; [`Error::Unavailable`] where key or database cannot be read.
pub async fn verify_file(config: &Config, public_key: Option<&str>) -> Result<Verification> {
    verify_sealed_file(config, &VaultSettings::default(), public_key).await
}

/// The same where the master key is kept as the centre has decided. Without it everything is checked but what sealed bodies
/// are found by, and the answer says so.
///
/// # Errors
/// As [`verify_file`].
pub async fn verify_sealed_file(
    config: &Config,
    sealing: &VaultSettings,
    public_key: Option<&str>,
) -> Result<Verification> {
    let key = match public_key {
        Some(text) => text.to_owned(),
        None => std::fs::read_to_string(config.keys.join(PUBLIC_FILE))
            .map_err(|error| Error::Unavailable(format!("日志公钥 {PUBLIC_FILE}：{error}")))?,
    };
    let verifier = Verifier::parse(&key)?;
    if let Some(file) = config.url.strip_prefix("sqlite:")
        && !Path::new(file.trim_start_matches("//")).is_file()
    {
        return Err(Error::Unavailable("没有这个数据库文件".into()));
    }
    let db = Db::open(&config.url, config.durability).await?;
    // A token that is not plugged in here is no reason not to check the rest.
    let vault = Vault::existing(&config.keys, sealing).ok().flatten().map(Arc::new);
    let keys = Arc::new(IndexKeys::of(&config.keys));
    let books = Books { keys, index: None, schemas: Arc::default(), vault };
    let verification = verify::file(&db, &verifier, &Witness::new(&config.keys), &books).await;
    db.close().await;
    verification
}
