//! Packs as they are stored: component, manifest, grant, state, and what each of these was before.

use anshu_model::capability::Grant;
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::manifest::Manifest;
use anshu_model::standing::Standing;
use anshu_model::{Error, Id, Problem, Result};
use sha2::{Digest, Sha256};

use crate::db::{Bind, Db, Query, Tx};
use crate::log::kept::{self, Entry};
use crate::log::note::hex;
use crate::org::{json, next_number, revise};
use crate::{Data, guard};

/// A stored version of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct InstalledPack {
    /// What it declares.
    pub manifest: Manifest,
    /// SHA-256 of the component, in hex.
    pub digest: String,
    /// What it was allowed.
    pub grant: Grant,
    /// The component.
    pub bytes: Vec<u8>,
    /// Where it stands.
    pub state: Standing,
    /// Why it stands there, where somebody said so.
    pub reason: Option<String>,
    /// When it was stored first.
    pub installed_at: Instant,
}

/// What a pack was, from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackChange {
    /// SHA-256 of the component, in hex.
    pub digest: String,
    /// Its version.
    pub version: String,
    /// Where it stood.
    pub state: Standing,
    /// Why.
    pub reason: Option<String>,
    /// What it was allowed.
    pub grant: Grant,
    /// From when on.
    pub at: Instant,
    /// The operation that made it so.
    pub operation: Id,
}

impl Data {
    /// The packs that are not removed, in the order in which they were installed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn packs(&self) -> Result<Vec<InstalledPack>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT manifest, digest, allowed, bytes, state, reason, installed_at FROM pack WHERE state <> 'removed' \
             ORDER BY installed_at, digest",
        );
        let packs = tx.rows(query).await?;
        let pack = |row: &crate::db::Row| {
            Ok(InstalledPack {
                manifest: row.json(0)?,
                digest: row.text(1)?,
                grant: row.json(2)?,
                bytes: row.bytes(3)?,
                state: standing(&row.text(4)?)?,
                reason: row.maybe_text(5)?,
                installed_at: row.instant(6)?,
            })
        };
        packs.iter().map(pack).collect()
    }

    /// The file of a pack, by its digest.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none; [`Error::Unavailable`] where the database does not answer.
    pub async fn pack_bytes(&self, digest: &str) -> Result<Vec<u8>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new("SELECT bytes FROM pack WHERE digest = ").bind(digest);
        let missing = || Error::NotFound(format!("插件文件（摘要 {digest}）"));
        tx.rows(query).await?.first().ok_or_else(missing)?.bytes(0)
    }

    /// Stores a pack with its grant, both in the log, and lets it act. A pack that is there already gets the new grant and
    /// leaves quarantine; another build of the same version takes the older one's place.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::Invalid`] where component, manifest and grant do not belong
    /// together.
    pub async fn put_pack(
        &self,
        context: &OpContext,
        bytes: &[u8],
        manifest: &Manifest,
        grant: &Grant,
        digest: &str,
    ) -> Result<()> {
        self.allow(context, "manage-packs", Action::Pack).await?;
        check(bytes, manifest, grant, digest)?;
        let pack = Some(format!("{}@{}#{digest}", manifest.name, manifest.version));
        let leaf =
            |action| Leaf { pack: pack.clone(), ..guard::leaf(context, action, Verdict::Allowed) };
        let (allowed, text) = (json(grant)?, json(manifest)?);
        let leaves = vec![
            Leaf { digest: digest.to_owned(), note: "安装插件".into(), ..leaf(Action::Pack) },
            Leaf {
                digest: hex(&Sha256::digest(&allowed)),
                note: "授权".into(),
                ..leaf(Action::Grant)
            },
        ];
        let (name, version, digest) =
            (manifest.name.clone(), manifest.version.clone(), digest.to_owned());
        let (bytes, operation, now) = (bytes.to_vec(), context.id.clone(), context.now);
        let appender = self.inner.writer.appender().clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let mut entries = Vec::new();
                let older = Query::new("SELECT digest FROM pack WHERE state <> 'removed' AND name = ").bind(name.as_str());
                let older = older.push(" AND version = ").bind(version.as_str()).push(" AND digest <> ");
                for row in tx.rows(older.bind(digest.as_str())).await? {
                    let change = Change { state: "removed", reason: Some("由同一版本的另一构建替换".into()) };
                    entries.extend(change.make(tx, &row.text(0)?, &operation, now).await?);
                }
                let row: Vec<Bind> = vec![
                    digest.as_str().into(),
                    name.into(),
                    version.into(),
                    text.into(),
                    bytes.into(),
                    allowed.into(),
                    "active".into(),
                    now.into(),
                    now.into(),
                ];
                let into = "INSERT INTO pack (digest, name, version, manifest, bytes, allowed, state, installed_at, changed_at)";
                tx.insert(into, 9, vec![row], "ON CONFLICT (digest) DO UPDATE SET allowed = excluded.allowed").await?;
                let active = Change { state: "active", reason: None };
                entries.extend(active.make(tx, &digest, &operation, now).await?);
                revise(tx, "pack").await?;
                appender.bind(tx, leaves, Vec::new(), entries).await.map(|_| ())
            })
        });
        work.await?;
        self.inner.guard.use_grant(&manifest.version, grant.clone());
        Ok(())
    }

    /// Puts all versions of a pack in quarantine: nothing of it is called until it is installed anew or released.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where no such pack is active.
    pub async fn quarantine(&self, context: &OpContext, pack: &str, reason: &str) -> Result<()> {
        self.change(
            context,
            pack,
            "active",
            Change { state: "quarantined", reason: Some(reason.to_owned()) },
        )
        .await
    }

    /// Lets a pack act again.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where no such pack is in quarantine.
    pub async fn release(&self, context: &OpContext, pack: &str) -> Result<()> {
        self.change(context, pack, "quarantined", Change { state: "active", reason: None }).await
    }

    /// Removes all versions of a pack and withdraws its grant. Component, manifest and history are kept: decisions are
    /// explained by them.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not; [`Error::NotFound`] where there is no such pack.
    pub async fn remove_pack(&self, context: &OpContext, pack: &str, reason: &str) -> Result<()> {
        self.change(
            context,
            pack,
            "",
            Change { state: "removed", reason: Some(reason.to_owned()) },
        )
        .await?;
        self.inner.guard.withdraw_grants(pack);
        Ok(())
    }

    /// What a pack was and was allowed, oldest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn pack_history(&self, context: &OpContext, pack: &str) -> Result<Vec<PackChange>> {
        self.allow(context, "manage-packs", Action::Pack).await?;
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT h.digest, p.version, h.state, h.reason, h.allowed, h.at, h.operation FROM pack_history h \
             JOIN pack p ON p.digest = h.digest WHERE p.name = ",
        );
        let rows = tx
            .rows(query.bind(pack).push(" ORDER BY h.at, p.installed_at, h.digest, h.number"))
            .await?;
        let change = |row: &crate::db::Row| {
            Ok(PackChange {
                digest: row.text(0)?,
                version: row.text(1)?,
                state: standing(&row.text(2)?)?,
                reason: row.maybe_text(3)?,
                grant: row.json(4)?,
                at: row.instant(5)?,
                operation: row.id(6)?,
            })
        };
        rows.iter().map(change).collect()
    }

    /// Changes the state of all versions of a pack that are in a state, or in any but removed.
    async fn change(
        &self,
        context: &OpContext,
        pack: &str,
        from: &'static str,
        change: Change,
    ) -> Result<()> {
        self.allow(context, "manage-packs", Action::Pack).await?;
        let (what, action) = match change.state {
            "removed" => ("移除插件", Action::Grant),
            "quarantined" => ("隔离插件", Action::Pack),
            _ => ("解除隔离", Action::Pack),
        };
        let leaf = guard::leaf(context, action, Verdict::Allowed);
        let (name, operation, now) = (pack.to_owned(), context.id.clone(), context.now);
        let appender = self.inner.writer.appender().clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let query = Query::new(
                    "SELECT digest, version FROM pack WHERE state <> 'removed' AND name = ",
                );
                let query = query.bind(name.as_str());
                let query =
                    if from.is_empty() { query } else { query.push(" AND state = ").bind(from) };
                let (mut leaves, mut entries) = (Vec::new(), Vec::new());
                for row in tx.rows(query.push(" ORDER BY installed_at, digest")).await? {
                    let (digest, version) = (row.text(0)?, row.text(1)?);
                    entries.extend(change.make(tx, &digest, &operation, now).await?);
                    let pack = Some(format!("{name}@{version}#{digest}"));
                    leaves.push(Leaf { pack, digest, note: what.to_owned(), ..leaf.clone() });
                }
                if leaves.is_empty() {
                    return Err(Error::NotFound(format!("插件 {name}")));
                }
                revise(tx, "pack").await?;
                appender.bind(tx, leaves, Vec::new(), entries).await.map(|_| ())
            })
        });
        work.await
    }
}

/// A state that a pack gets.
struct Change {
    state: &'static str,
    reason: Option<String>,
}

impl Change {
    /// Makes the change, and answers the states that a leaf is to vouch for.
    async fn make(
        &self,
        tx: &mut Tx,
        digest: &str,
        operation: &Id,
        now: Instant,
    ) -> Result<[Entry; 2]> {
        let update = Query::new("UPDATE pack SET state = ")
            .bind(self.state)
            .push(", reason = ")
            .bind(self.reason.clone())
            .push(", changed_at = ")
            .bind(now)
            .push(" WHERE digest = ")
            .bind(digest);
        tx.run(update).await?;
        let number = next_number(tx, "SELECT MAX(number) FROM pack_history").await?;
        let history = Query::new("INSERT INTO pack_history (digest, number, state, reason, allowed, at, operation) SELECT digest, ")
            .bind(number)
            .push(", state, reason, allowed, changed_at, ")
            .bind(operation)
            .push(" FROM pack WHERE digest = ")
            .bind(digest);
        tx.run(history).await?;
        let entry = kept::PACK_HISTORY.entry(tx, &format!("{digest}/{number}")).await?;
        Ok([kept::PACK.entry(tx, digest).await?, entry])
    }
}

/// Component, manifest and grant belong together.
fn check(bytes: &[u8], manifest: &Manifest, grant: &Grant, digest: &str) -> Result<()> {
    let mut problems = Vec::new();
    if hex(&Sha256::digest(bytes)) != digest {
        problems.push(Problem::new("插件文件", "与摘要不符", "摘要所指的文件"));
    }
    if grant.pack != manifest.name {
        problems.push(Problem::new(
            "授权",
            format!("属于插件 {}", grant.pack),
            format!("插件 {} 的授权", manifest.name),
        ));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// A standing, as it is stored.
fn standing(name: &str) -> Result<Standing> {
    Standing::of(name).ok_or_else(|| Error::Internal(format!("no standing {name}")))
}

/// The grants in force, each with the version that it is for. A version that waits to be activated has none yet.
pub(crate) async fn grants(db: &Db) -> Result<Vec<(String, Grant)>> {
    let mut tx = db.read().await?;
    let query =
        Query::new("SELECT version, allowed FROM pack WHERE state NOT IN ('staged', 'removed')");
    tx.rows(query).await?.iter().map(|row| Ok((row.text(0)?, row.json(1)?))).collect()
}
