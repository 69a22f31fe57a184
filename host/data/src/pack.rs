//! Packs as they are stored: component, manifest, grant, state, and what each of these was before.

use anshu_model::capability::Grant;
use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::manifest::Manifest;
use anshu_model::standing::Standing;
use anshu_model::{Error, Id, Problem, Result};
use sha2::{Digest, Sha256};

mod life;
mod request;
mod schedule;

pub use request::{GrantAnswer, GrantRequest, RequestState, Staging};
pub use schedule::{Activation, ActivationState};

use crate::db::{Bind, Db, Query};
use crate::log::note::hex;
use crate::org::{json, revise};
use crate::{Data, guard};
use life::{Change, replace_builds, subscribe_active};

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

/// A stored version without its file.
#[derive(Debug, Clone, PartialEq)]
pub struct PackHead {
    /// What it declares.
    pub manifest: Manifest,
    /// SHA-256 of the component, in hex.
    pub digest: String,
    /// What it is allowed; while it waits for an answer, what was proposed.
    pub grant: Grant,
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

    /// The versions that are not removed, without their files, in the order in which they were stored.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn pack_heads(&self, context: &OpContext) -> Result<Vec<PackHead>> {
        self.allow(context, "see-packs", Action::Pack).await?;
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT manifest, digest, allowed, state, reason, installed_at FROM pack WHERE state <> 'removed' \
             ORDER BY installed_at, digest",
        );
        let head = |row: &crate::db::Row| {
            Ok(PackHead {
                manifest: row.json(0)?,
                digest: row.text(1)?,
                grant: row.json(2)?,
                state: standing(&row.text(3)?)?,
                reason: row.maybe_text(4)?,
                installed_at: row.instant(5)?,
            })
        };
        tx.rows(query).await?.iter().map(head).collect()
    }

    /// The manifests of versions that were removed: what their records are called, and how their data is classified.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn removed_manifests(&self) -> Result<Vec<Manifest>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT manifest FROM pack WHERE state = 'removed' ORDER BY installed_at, digest",
        );
        tx.rows(query).await?.iter().map(|row| row.json(0)).collect()
    }

    /// Stores a pack with its grant, both in the log, and lets it act, as who sets up an empty centre does. A pack that is
    /// there already gets the new grant and leaves quarantine; another build of the same version takes the older one's
    /// place. Whom the grant names is recorded as its approver.
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
        self.allow(context, "install-pack", Action::Pack).await?;
        check(bytes, manifest, grant, digest)?;
        let pack = Some(format!("{}@{}#{digest}", manifest.name, manifest.version));
        let leaf =
            |action| Leaf { pack: pack.clone(), ..guard::leaf(context, action, Verdict::Allowed) };
        let leaves = vec![
            Leaf { digest: digest.to_owned(), note: "安装插件".into(), ..leaf(Action::Pack) },
            Leaf {
                digest: hex(&Sha256::digest(json(grant)?)),
                note: "授权".into(),
                ..leaf(Action::Grant)
            },
        ];
        let row = row(manifest, digest, bytes, grant, context.now)?;
        let asked = request::Asked {
            grant: grant.clone(),
            shown: anshu_model::grant::difference(None, (manifest, grant), &[]),
            refers_to: None,
        };
        let version = manifest.version.clone();
        let (manifest, digest) = (manifest.clone(), digest.to_owned());
        let (context, appender) = (context.clone(), self.inner.writer.appender().clone());
        let approver = grant.approved_by.clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let mut entries = replace_builds(tx, &context, &manifest, &digest, true).await?;
                let into = "INSERT INTO pack (digest, name, version, manifest, bytes, allowed, state, installed_at, changed_at)";
                tx.insert(into, 9, vec![row], "ON CONFLICT (digest) DO UPDATE SET allowed = excluded.allowed").await?;
                entries.extend(Change::to(Standing::Active).make(tx, &digest, &context).await?);
                entries.extend(request::record(tx, &context, &digest, asked, &approver).await?);
                subscribe_active(tx, &manifest.name).await?;
                revise(tx, "pack").await?;
                appender.bind(tx, leaves, Vec::new(), entries).await.map(|_| ())
            })
        });
        work.await?;
        self.inner.guard.use_grant(&version, grant.clone());
        Ok(())
    }

    /// What a pack was and was allowed, oldest first.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not.
    pub async fn pack_history(&self, context: &OpContext, pack: &str) -> Result<Vec<PackChange>> {
        self.allow(context, "see-packs", Action::Pack).await?;
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
}

/// A version's row, staged.
fn row(
    manifest: &Manifest,
    digest: &str,
    bytes: &[u8],
    grant: &Grant,
    now: Instant,
) -> Result<Vec<Bind>> {
    Ok(vec![
        digest.into(),
        manifest.name.as_str().into(),
        manifest.version.as_str().into(),
        json(manifest)?.into(),
        bytes.to_vec().into(),
        json(grant)?.into(),
        Standing::Staged.name().into(),
        now.into(),
        now.into(),
    ])
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
pub(crate) fn standing(name: &str) -> Result<Standing> {
    Standing::of(name).ok_or_else(|| Error::Internal(format!("no standing {name}")))
}

/// The grants in force, each with the version that it is for. A version that waits to be activated has none yet.
pub(crate) async fn grants(db: &Db) -> Result<Vec<(String, Grant)>> {
    let mut tx = db.read().await?;
    let query =
        Query::new("SELECT version, allowed FROM pack WHERE state NOT IN ('staged', 'removed')");
    tx.rows(query).await?.iter().map(|row| Ok((row.text(0)?, row.json(1)?))).collect()
}
