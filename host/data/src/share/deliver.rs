//! Deliveries: the manifest that the centre's log key signs, and its receipt.
//!
//! A manifest is a signed note (C2SP signed-note) that says what is given to whom, for what and until when, binds the rows by
//! their digest, and names the leaf of the log that vouches for it. The leaf's digest is over exactly the note, so neither side
//! can make one up or deny it afterwards.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::share::{Manifest, Policy, Share, Step, StepKind};
use anshu_model::{Error, Id, Result};
use sha2::{Digest, Sha256};

use super::serve::Served;
use super::{actor, fresh, row, verb};
use crate::db::{Bind, Query, Row, Tx};
use crate::guard::Known;
use crate::log::kept::{self, Entry};
use crate::log::note::hex;
use crate::log::store;
use crate::org::json;
use crate::{Data, guard};

/// Deliveries of a share that are listed: the latest.
const MOST: u32 = 200;

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// What was signed.
    pub manifest: Manifest,
    /// The signed note.
    pub note: String,
    /// Who signed for the providing unit.
    pub by: Id,
    /// Who took it for the receiving unit, and when; none where nobody did yet.
    pub accepted: Option<(Id, Instant)>,
}

impl Data {
    /// Hands over what a share agrees: the manifest is signed, and waits for its receipt.
    ///
    /// # Errors
    /// As [`Data::step_share`]; [`Error::Conflict`] before the agreed frequency's next time.
    pub async fn deliver_share(
        &self,
        context: &OpContext,
        id: &Id,
        version: u64,
        policy: &Policy,
    ) -> Result<Delivered> {
        self.allow(context, verb(StepKind::Deliver), Action::Share).await?;
        let share = self.visible_share(context, id).await?;
        let served = Served::of(&share);
        let mut view = self.share_view(context, &served, &Known::default())?;
        let most = share.terms.max_rows.saturating_add(1);
        let references = self.share_references(&mut view, &served, most).await?;
        drop(view);
        if references.len() as u64 > share.terms.max_rows {
            let error = Error::OverQuota(format!(
                "约定范围内的数据多于约定的 {} 行；请缩小范围，或者由申请单位重新申请",
                share.terms.max_rows
            ));
            return Err(self.deny(context, Action::Share, error).await);
        }
        let appender = self.inner.writer.appender().clone();
        let artefact = Id::derived(&context.id, 1);
        let mut manifest = Manifest::of(&share, appender.signer().origin(), artefact, context.now);
        manifest.rows = references.len() as u64;
        manifest.sha256 = hex(&Sha256::digest(json(&references)?));
        manifest.nonce = nonce()?;
        let (work_context, policy, calendar) = (context.clone(), *policy, self.calendar());
        let by = self.acting(context).await?.id;
        let signed_by = by.clone();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let share = row::share(tx, &manifest.share).await?;
                fresh(&share, version)?;
                let now = work_context.now;
                let next =
                    share.take(&Step::Deliver, actor(&work_context)?, now, &policy, &calendar)?;
                // Only one transaction writes: the next leaf's position is this one's.
                manifest.leaf = store::head(tx).await?.frontier.size();
                let note = appender.signer().seal(&manifest.text()?);
                let entries = vec![
                    row::save(tx, &next).await?,
                    insert(tx, &manifest, &note, &signed_by).await?,
                ];
                let leaf = leaf(&work_context, &next, &note, StepKind::Deliver);
                let appended = appender.bind(tx, vec![leaf], Vec::new(), entries).await?;
                if appended.first != manifest.leaf {
                    return Err(Error::Internal("a manifest names another leaf".into()));
                }
                Ok((manifest, note))
            })
        });
        match work.await {
            Ok((manifest, note)) => Ok(Delivered { manifest, note, by, accepted: None }),
            Err(error) => Err(self.deny(context, Action::Share, error).await),
        }
    }

    /// Takes a delivery in: the receiver shows the manifest, and its receipt is kept. A manifest is accepted once.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the manifest is not what this centre's key signed; [`Error::Denied`] where it is another
    /// unit's; [`Error::Conflict`] where it was accepted before, or the share has ended.
    pub async fn accept_share(
        &self,
        context: &OpContext,
        id: &Id,
        note: &str,
        policy: &Policy,
    ) -> Result<Share> {
        self.allow(context, verb(StepKind::Accept), Action::Share).await?;
        let share = self.visible_share(context, id).await?;
        let person = self.acting(context).await?;
        let checked = self.own_manifest(note).and_then(|manifest| {
            let theirs = manifest.share == share.id && manifest.receiver == person.unit;
            if theirs {
                Ok(manifest)
            } else {
                Err(Error::Denied("清单不是交付本单位的".into()))
            }
        });
        let manifest = match checked {
            Ok(manifest) => manifest,
            Err(error) => return Err(self.deny(context, Action::Share, error).await),
        };
        let (work_context, policy, calendar) = (context.clone(), *policy, self.calendar());
        let appender = self.inner.writer.appender().clone();
        let note = note.to_owned();
        let work = self.inner.writer.run(None, move |tx| {
            Box::pin(async move {
                let share = row::share(tx, &manifest.share).await?;
                let now = work_context.now;
                let receipt = accept(tx, &manifest, &note, &person.id, now).await?;
                let next =
                    share.take(&Step::Accept, actor(&work_context)?, now, &policy, &calendar)?;
                let entries = vec![receipt, row::save(tx, &next).await?];
                let leaf = leaf(&work_context, &next, &note, StepKind::Accept);
                appender.bind(tx, vec![leaf], Vec::new(), entries).await?;
                Ok(next)
            })
        });
        match work.await {
            Ok(next) => Ok(next),
            Err(error) => Err(self.deny(context, Action::Share, error).await),
        }
    }

    /// The deliveries of a share, the latest first.
    ///
    /// # Errors
    /// As [`Data::share`].
    pub async fn share_deliveries(&self, context: &OpContext, id: &Id) -> Result<Vec<Delivered>> {
        self.share(context, id).await?;
        let query = Query::new(DELIVERY).push(" WHERE share = ").bind(id);
        let query = query.push(" ORDER BY made_at DESC, artefact LIMIT ").bind(MOST);
        let rows = self.inner.db.read().await?.rows(query).await?;
        rows.iter().map(|row| self.delivered(row)).collect()
    }

    /// A delivery of a share.
    pub(super) async fn delivery(&self, share: &Id, artefact: &Id) -> Result<Delivered> {
        let query = Query::new(DELIVERY).push(" WHERE share = ").bind(share);
        let query = query.push(" AND artefact = ").bind(artefact);
        let row = self.inner.db.read().await?.row(query).await?;
        self.delivered(&row.ok_or_else(|| Error::NotFound(format!("交付 {artefact}")))?)
    }

    fn delivered(&self, row: &Row) -> Result<Delivered> {
        let note = row.text(0)?;
        let accepted = match (row.maybe_text(2)?, row.maybe_int(3)?) {
            (Some(person), Some(at)) => Some((Id::from_text(person), Instant(at))),
            _ => None,
        };
        Ok(Delivered { manifest: self.own_manifest(&note)?, note, by: row.id(1)?, accepted })
    }

    /// The manifest of a note that this centre signed.
    fn own_manifest(&self, note: &str) -> Result<Manifest> {
        let verifier = self.inner.writer.appender().verifier();
        let text = verifier.open(note).map_err(|_| {
            Error::invalid("/manifest", "签名与内容不符，或者不是本中心签发的", "原样的交付清单")
        })?;
        Manifest::parse(text)
    }
}

const DELIVERY: &str = "SELECT note, made_by, accepted_by, accepted_at FROM share_manifest";

/// The leaf of a delivery or a receipt: its digest is over the note.
fn leaf(context: &OpContext, share: &Share, note: &str, kind: StepKind) -> Leaf {
    Leaf {
        serves: Some(share.id.clone()),
        digest: hex(&Sha256::digest(note)),
        note: format!("数据共享：{}", kind.title()),
        ..guard::leaf(context, Action::Share, Verdict::Allowed)
    }
}

async fn insert(tx: &mut Tx, manifest: &Manifest, note: &str, by: &Id) -> Result<Entry> {
    let row: Vec<Bind> = vec![
        (&manifest.artefact).into(),
        (&manifest.share).into(),
        (&manifest.receiver).into(),
        manifest.nonce.as_str().into(),
        note.into(),
        manifest.rows.into(),
        manifest.sha256.as_str().into(),
        manifest.at.into(),
        by.into(),
    ];
    let into = "INSERT INTO share_manifest (artefact, share, receiver, nonce, note, row_count, sha256, made_at, made_by)";
    tx.insert(into, 9, vec![row], "").await?;
    kept::SHARE_MANIFEST.entry(tx, manifest.artefact.as_str()).await
}

/// Marks a delivery as accepted: exactly this note, and once.
async fn accept(
    tx: &mut Tx,
    manifest: &Manifest,
    note: &str,
    person: &Id,
    now: Instant,
) -> Result<Entry> {
    let known = Query::new("SELECT note, accepted_at FROM share_manifest WHERE artefact = ")
        .bind(&manifest.artefact)
        .push(" AND receiver = ")
        .bind(&manifest.receiver)
        .push(" AND nonce = ")
        .bind(manifest.nonce.as_str());
    let row = tx.row(known).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("交付 {}", manifest.artefact)))?;
    if row.text(0)? != note {
        return Err(Error::invalid("/manifest", "与签发的清单不同", "原样的交付清单"));
    }
    if row.maybe_int(1)?.is_some() {
        return Err(Error::Conflict("该清单已经签收，不能重复签收".into()));
    }
    let update = Query::new("UPDATE share_manifest SET accepted_by = ")
        .bind(person)
        .push(", accepted_at = ")
        .bind(now)
        .push(" WHERE artefact = ")
        .bind(&manifest.artefact);
    tx.run(update).await?;
    kept::SHARE_MANIFEST.entry(tx, manifest.artefact.as_str()).await
}

/// 128 random bits, in hex.
fn nonce() -> Result<String> {
    let mut bits = [0_u8; 16];
    getrandom::fill(&mut bits).map_err(|error| Error::Unavailable(format!("随机数：{error}")))?;
    Ok(hex(&bits))
}
