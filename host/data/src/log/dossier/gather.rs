//! A dossier out of the database: everything in one snapshot, then the leaf that says that it leaves, then the proofs.

use std::collections::{BTreeMap, BTreeSet};

use anshu_model::context::OpContext;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::{Error, Id, Result};
use sha2::{Digest, Sha256};

use super::{HEAD, Item, MOST, WORDS};
use crate::db::{Query, Tx};
use crate::log::bind::LineRow;
use crate::log::note::{Checkpoint, Note, hex};
use crate::log::proof::Proof;
use crate::log::verify::page;
use crate::log::{cosigned, find, store};
use crate::{Data, guard};

/// What a dossier would hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outline {
    /// The matter and its parties.
    pub records: u64,
    /// Their versions.
    pub versions: u64,
    /// Decisions of packs about the matter.
    pub decisions: u64,
    /// Lines of the matter's timeline, and how many of them by hash alone.
    pub lines: u64,
    /// See above.
    pub covered: u64,
    /// Leaves of the log that wrote, touched or served it.
    pub leaves: u64,
}

/// A dossier that is in the log, and still without its proofs.
#[derive(Debug)]
pub struct Draft {
    text: String,
    leaves: Vec<u64>,
    export: u64,
}

impl Draft {
    /// The position of the leaf that says that it leaves: a checkpoint that proves it is larger.
    #[must_use]
    pub fn export(&self) -> u64 {
        self.export
    }
}

/// What was read, before anything is written.
struct Gathered {
    items: Vec<Item>,
    outline: Outline,
    leaves: BTreeSet<u64>,
}

impl Data {
    /// What a dossier of a matter would hold. That somebody asked is in the log.
    ///
    /// # Errors
    /// [`Error::Denied`] for anybody but an auditor; [`Error::NotFound`] where there is no such matter.
    pub async fn outline_dossier(&self, context: &OpContext, matter: &Id) -> Result<Outline> {
        self.allow(context, "read-audit", Action::Audit).await?;
        let outline = gather(&mut self.inner.db.read().await?, matter).await?.outline;
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        (leaf.serves, leaf.note) = (Some(matter.clone()), "预览证据卷宗".into());
        self.inner.writer.leaves(vec![leaf]).await?;
        Ok(outline)
    }

    /// Gathers a dossier, and puts into the log that it leaves, with its digest. [`Data::seal_dossier`] finishes it.
    ///
    /// # Errors
    /// As [`Data::outline_dossier`]; [`Error::Unavailable`] where what it would prove does not verify.
    pub async fn begin_dossier(&self, context: &OpContext, matter: &Id) -> Result<Draft> {
        self.allow(context, "read-audit", Action::Audit).await?;
        let mut leaf = guard::leaf(context, Action::Audit, Verdict::Allowed);
        let mut tx = self.inner.db.read().await?;
        let Gathered { items, leaves, .. } = gather(&mut tx, matter).await?;
        let signer = self.inner.writer.appender().signer();
        let keys = [Some(signer.verifier()), signer.sm2_verifier()].into_iter().flatten();
        let witnesses = cosigned::keys(&mut tx).await?;
        let head = Item::Head {
            origin: signer.origin().to_owned(),
            matter: matter.to_string(),
            made_at: context.now.milliseconds(),
            made_by: leaf.actor.clone(),
            keys: keys.map(|key| key.to_text()).chain(witnesses).collect(),
            words: WORDS.map(str::to_owned).to_vec(),
        };
        let mut text = format!("{HEAD}\n{}", head.line()?);
        for item in &items {
            text.push_str(&item.line()?);
        }
        for position in &leaves {
            let (index, bytes) = (*position, leaf_text(&mut tx, *position).await?);
            let rows = page::bound(&mut tx, index).await?.iter().map(|hash| hex(hash)).collect();
            text.push_str(&Item::Leaf { index, bytes, rows }.line()?);
        }
        drop(tx);
        leaf.serves = Some(matter.clone());
        leaf.digest = hex(&Sha256::digest(text.as_bytes()));
        leaf.note = "导出证据卷宗".into();
        let appender = self.inner.writer.appender().clone();
        let export = self
            .inner
            .writer
            .run(None, move |tx| {
                Box::pin(async move { Ok(appender.append(tx, &[leaf]).await?.first) })
            })
            .await?;
        Ok(Draft { text, leaves: leaves.into_iter().collect(), export })
    }

    /// Proves every leaf of a dossier by the checkpoint that most witnesses have cosigned since it is in the log, and seals
    /// it with the log's key.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn seal_dossier(&self, draft: Draft) -> Result<String> {
        let Draft { mut text, leaves, export } = draft;
        let mut tx = self.inner.db.read().await?;
        let index = export;
        text.push_str(&Item::Export { index, bytes: leaf_text(&mut tx, index).await? }.line()?);
        let appender = self.inner.writer.appender();
        let head = appender.checkpoint(&mut tx).await?;
        let checkpoint = cosigned::best(&mut tx, head, Some(export)).await?;
        let size = Checkpoint::parse(Note::parse(&checkpoint)?.text)?.size;
        for index in leaves.into_iter().chain([export]) {
            let hashes = store::prove_inclusion(&mut tx, index, size).await?;
            let proof = Proof { index, hashes, checkpoint: checkpoint.clone() }.text();
            text.push_str(&Item::Proof { proof }.line()?);
        }
        Ok(appender.signer().seal(&text))
    }
}

/// A leaf as it is stored.
async fn leaf_text(tx: &mut Tx, position: u64) -> Result<String> {
    let found = store::leaf_bytes(tx, position, 1).await?.into_iter().next();
    let bytes = found.filter(|(found, _)| *found == position).map(|(_, bytes)| bytes);
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        Error::Unavailable(format!("日志第 {position} 条缺失或无法识别；请先校验日志"))
    })
}

async fn gather(tx: &mut Tx, matter: &Id) -> Result<Gathered> {
    let ids = records(tx, matter).await?;
    let mut gathered =
        Gathered { items: Vec::new(), outline: Outline::default(), leaves: BTreeSet::new() };
    for (id, kind) in &ids {
        gathered.record(tx, id, kind).await?;
    }
    gathered.decisions(tx, matter.as_str()).await?;
    gathered.lines(tx, matter.as_str()).await?;
    gathered.leaves.extend(find::about(tx, matter.as_str(), MOST).await?);
    gathered.outline.leaves = gathered.leaves.len() as u64;
    if gathered.outline.leaves > MOST {
        return Err(Error::invalid(
            "卷宗",
            format!("涉及的日志超过 {MOST} 条"),
            "一件事项；请导出整个日志（anshu audit export）",
        ));
    }
    Ok(gathered)
}

/// The matter and whom it names, the matter first.
async fn records(tx: &mut Tx, matter: &Id) -> Result<Vec<(String, String)>> {
    let query = Query::new(
        "SELECT id, kind FROM record WHERE sealed = 0 AND kind IN ('case', 'risk') AND id = ",
    );
    let row = tx.row(query.bind(matter)).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("事项 {matter}")))?;
    let mut records = vec![(row.text(0)?, row.text(1)?)];
    let query = Query::new(
        "SELECT DISTINCT r.id, r.kind FROM record_link l JOIN record r ON r.id = l.target \
         WHERE r.sealed = 0 AND l.relation IN ('party', 'subject') AND l.id = ",
    );
    for row in tx.rows(query.bind(matter).push(" ORDER BY r.id")).await? {
        records.push((row.text(0)?, row.text(1)?));
    }
    Ok(records)
}

impl Gathered {
    async fn record(&mut self, tx: &mut Tx, id: &str, kind: &str) -> Result<()> {
        let query = Query::new(
            "SELECT version, COALESCE(was, digest), operation, leaf FROM record_version WHERE id = ",
        );
        let rows = tx.rows(query.bind(id).push(" ORDER BY version")).await?;
        let versions = rows.len() as u64;
        self.items.push(Item::Record { id: id.to_owned(), kind: kind.to_owned(), versions });
        self.outline.records += 1;
        self.outline.versions += versions;
        for row in rows {
            let leaf = row.count(3)?;
            self.leaves.insert(leaf);
            self.items.push(Item::Version {
                id: id.to_owned(),
                version: row.count(0)?,
                digest: hex(&row.bytes(1)?),
                operation: row.text(2)?,
                leaf,
            });
        }
        Ok(())
    }

    /// What packs decided about the matter, or while serving it.
    async fn decisions(&mut self, tx: &mut Tx, matter: &str) -> Result<()> {
        let columns = "SELECT d.id, d.at, d.pack, d.serves, COALESCE(d.was, d.digest), d.leaf FROM decision d ";
        let about = Query::new(columns)
            .push("JOIN decision_about a ON a.decision = d.id WHERE a.about = ")
            .bind(matter);
        let serving = Query::new(columns).push("WHERE d.serves = ").bind(matter);
        let mut found = BTreeMap::new();
        for query in [about, serving] {
            for row in tx.rows(query).await? {
                let leaf = row.count(5)?;
                let decision = Item::Decision {
                    id: row.text(0)?,
                    at: row.int(1)?,
                    pack: row.text(2)?,
                    serves: row.maybe_text(3)?,
                    digest: hex(&row.bytes(4)?),
                    leaf,
                };
                found.insert((leaf, row.text(0)?), decision);
            }
        }
        self.outline.decisions = found.len() as u64;
        self.leaves.extend(found.keys().map(|(leaf, _)| *leaf));
        self.items.extend(found.into_values());
        Ok(())
    }

    async fn lines(&mut self, tx: &mut Tx, matter: &str) -> Result<()> {
        let query = Query::new(
            "SELECT ordinal, at, by, pack, host, text, operation, leaf, was FROM timeline WHERE about = ",
        );
        for row in tx.rows(query.bind(matter).push(" ORDER BY leaf, ordinal")).await? {
            let (ordinal, at, leaf) = (row.int(0)?, row.int(1)?, row.count(7)?);
            let (by, pack, text, operation) =
                (row.text(2)?, row.maybe_text(3)?, row.text(5)?, row.text(6)?);
            let (host, was) = (row.int(4)? != 0, row.maybe_bytes(8)?);
            let about = matter.to_owned();
            self.leaves.insert(leaf);
            self.outline.lines += 1;
            self.items.push(if host && was.is_none() {
                Item::Line { about, ordinal, at, by, pack, text, operation, leaf }
            } else {
                self.outline.covered += 1;
                let pack = pack.as_deref();
                let row = LineRow {
                    about: &about,
                    ordinal,
                    at,
                    by: &by,
                    pack,
                    host,
                    text: &text,
                    operation: &operation,
                };
                // What was sealed later stays vouched for as it was.
                let hash = was.map_or_else(|| hex(&row.hash()), |was| hex(&was));
                Item::Covered { about, ordinal, hash, leaf }
            });
        }
        Ok(())
    }
}
