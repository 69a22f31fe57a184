//! Deliveries as files, for a receiver whose system is another centre: a signed manifest with the rows that it binds. The
//! file verifies with the sending centre's public key and nothing else.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::share::{Manifest, Mode, StepKind};
use anshu_model::{Error, Id, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::serve::SharedRow;
use super::using::Using;
use super::verb;
use crate::budget::Of;
use crate::db::{Bind, Query};
use crate::guard::Known;
use crate::log::kept;
use crate::log::note::{Verifier, hex};
use crate::org::json;
use crate::{Data, guard};

/// What a file says that it is.
const FORMAT: &str = "anshu-share-file/v1";
/// Rows that are read at once while a file is made.
const PAGE: u32 = 200;
/// Rows of a file. Above it nobody holds the file in memory; a narrower share is to be asked for.
const MOST_ROWS: usize = 50_000;

/// A delivery as a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShareFile {
    format: String,
    /// The manifest of the delivery, as both sides signed and accepted it.
    delivery: String,
    /// A manifest of this very file, over the payload.
    manifest: String,
    /// The rows, as JSON text: the bytes that the manifest's digest is over.
    payload: String,
}

/// A delivery of another centre that was taken in.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// What was signed.
    pub manifest: Manifest,
    /// The rows.
    pub rows: Vec<SharedRow>,
}

impl Data {
    /// Takes an accepted delivery as a file, once. Each row that leaves counts as used.
    ///
    /// # Errors
    /// As [`Data::share_rows`]; [`Error::Conflict`] where the share is not one by file, the delivery is not accepted, or its
    /// file was taken before.
    pub async fn share_file(&self, context: &OpContext, id: &Id, artefact: &Id) -> Result<String> {
        let (context, share) = self.reading(context, id).await?;
        let served = self.served_now(&context, id).await?;
        let delivery = self.delivery(id, artefact).await?;
        let refused = match (share.terms.mode, &delivery.accepted) {
            (Mode::InPlace, _) => Some("本次共享约定为在线查用，不提供文件"),
            (Mode::File, None) => Some("交付清单尚未签收，不能取用文件"),
            (Mode::File, Some(_)) => None,
        };
        if let Some(text) = refused {
            let error = Error::Conflict(text.into());
            return Err(self.deny(&context, Action::Share, error).await);
        }
        let mut view = self.share_view(&context, &served, &Known::default())?;
        let mut rows: Vec<SharedRow> = Vec::new();
        let mut after = None;
        loop {
            let slice = self.shared_page(view, &served, after.as_ref(), PAGE).await?;
            view = slice.view;
            rows.extend(slice.rows);
            after = slice.next;
            if after.is_none() {
                break;
            }
            if rows.len() > MOST_ROWS {
                let error = Error::OverQuota(format!("文件多于 {MOST_ROWS} 行；请缩小共享范围"));
                return Err(self.deny(&context, Action::Share, error).await);
            }
        }
        // All of the file or nothing of it.
        view.charge_as(Of::Shared).await?;
        drop(view);
        // The delivery's id, once more: a second file of the same delivery would be the same use.
        let using = Using { id: Id::derived(artefact, 1), mode: Mode::File };
        self.keep_use(&context, &share, using, &rows).await?;
        let payload = json(&rows)?;
        let appender = self.inner.writer.appender();
        let manifest = Manifest {
            rows: rows.len() as u64,
            sha256: hex(&Sha256::digest(payload.as_bytes())),
            at: context.now,
            ..delivery.manifest
        };
        json(&ShareFile {
            format: FORMAT.into(),
            delivery: delivery.note,
            manifest: appender.signer().seal(&manifest.text()?),
            payload,
        })
    }

    /// Takes in a file of another centre, whose public key is among those that are trusted. The rows are the caller's to import;
    /// here is kept that this delivery came, so that it comes once.
    ///
    /// # Errors
    /// [`Error::Denied`] where no trusted key signed it or a byte of it was changed; [`Error::Conflict`] where it was taken
    /// in before, or its term has run out.
    pub async fn receive_share(
        &self,
        context: &OpContext,
        file: &str,
        trusted: &[String],
    ) -> Result<Received> {
        self.allow(context, verb(StepKind::Accept), Action::Share).await?;
        let person = self.acting(context).await?;
        let received = match trusted
            .iter()
            .find_map(|key| verify_share_file(file, key).ok())
            .ok_or_else(untrusted)
            .and_then(|received| in_term(received, context.now))
        {
            Ok(received) => received,
            Err(error) => return Err(self.deny(context, Action::Share, error).await),
        };
        let manifest = received.manifest.clone();
        let leaf = Leaf {
            serves: Some(manifest.share.clone()),
            digest: hex(&Sha256::digest(file)),
            note: "接收外来共享交付".into(),
            ..guard::leaf(context, Action::Share, Verdict::Allowed)
        };
        let (now, note) = (context.now, manifest.text()?);
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let known = Query::new("SELECT 1 FROM share_received WHERE artefact = ")
                    .bind(&manifest.artefact)
                    .push(" OR (centre = ")
                    .bind(manifest.centre.as_str())
                    .push(" AND receiver = ")
                    .bind(&manifest.receiver)
                    .push(" AND nonce = ")
                    .bind(manifest.nonce.as_str())
                    .push(")");
                if tx.row(known).await?.is_some() {
                    return Err(Error::Conflict("该交付已经接收过，不能重复接收".into()));
                }
                let row: Vec<Bind> = vec![
                    (&manifest.artefact).into(),
                    manifest.centre.as_str().into(),
                    (&manifest.receiver).into(),
                    manifest.nonce.as_str().into(),
                    note.into(),
                    manifest.until.into(),
                    now.into(),
                    (&person.id).into(),
                ];
                let into = "INSERT INTO share_received (artefact, centre, receiver, nonce, note, ends_at, received_at, received_by)";
                tx.insert(into, 8, vec![row], "").await?;
                Ok(vec![kept::SHARE_RECEIVED.entry(tx, manifest.artefact.as_str()).await?])
            })
        });
        match work.await {
            Ok(()) => Ok(received),
            Err(error) => Err(self.deny(context, Action::Share, error).await),
        }
    }
}

/// Verifies a file by a public key (its text) and nothing else.
///
/// # Errors
/// [`Error::Invalid`] where the key is none, the file is none, or a byte of it was changed.
pub fn verify_share_file(file: &str, public_key: &str) -> Result<Received> {
    let verifier = Verifier::parse(public_key)?;
    let wrong = |found: &str| Error::invalid("文件", found, "原样的共享交付文件和签发中心的公钥");
    let parsed: ShareFile = serde_json::from_str(file).map_err(|_| wrong("不是共享交付文件"))?;
    // One file has one text: nothing can be added that no signature is over.
    if parsed.format != FORMAT || json(&parsed)? != file {
        return Err(wrong("不是共享交付文件"));
    }
    let open = |note: &str| {
        let text = verifier.open(note).map_err(|_| wrong("签名与内容不符"))?;
        Manifest::parse(text)
    };
    let (delivery, manifest) = (open(&parsed.delivery)?, open(&parsed.manifest)?);
    if manifest.artefact != delivery.artefact || manifest.nonce != delivery.nonce {
        return Err(wrong("两份清单不属于同一次交付"));
    }
    if manifest.sha256 != hex(&Sha256::digest(parsed.payload.as_bytes())) {
        return Err(wrong("数据与清单的摘要不符"));
    }
    let rows: Vec<SharedRow> =
        serde_json::from_str(&parsed.payload).map_err(|_| wrong("数据无法识别"))?;
    if rows.len() as u64 != manifest.rows {
        return Err(wrong("行数与清单不符"));
    }
    Ok(Received { manifest, rows })
}

/// Whether nobody trusted signed it or somebody changed it cannot be told apart, and need not be.
fn untrusted() -> Error {
    Error::Denied(
        "文件不是受信任的中心签发的，或者内容被改动；请核对 anshu.toml 的 [share] peers 和原样的文件".into(),
    )
}

fn in_term(received: Received, now: Instant) -> Result<Received> {
    if now < received.manifest.until {
        return Ok(received);
    }
    Err(Error::Conflict("该交付的使用期已满，不能接收".into()))
}
