//! Who signed a pack: the signatures as they came and what was made of them, kept beside the pack and vouched for by the log.
//!
//! It must not know how a signature is checked: what it stores was found out before.

use anshu_model::context::OpContext;
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::provenance::{Provenance, Signature};
use anshu_model::{Id, Result};

use crate::db::Query;
use crate::log::kept;
use crate::org::json;
use crate::{Data, guard};

/// What is kept of where a pack comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPack {
    /// The signatures as they came.
    pub signatures: Vec<Signature>,
    /// What was made of them.
    pub provenance: Provenance,
    /// The packs whose names this one's nearly is; a person confirmed it.
    pub imitates: Vec<String>,
    /// When that was.
    pub at: Instant,
    /// The operation that accepted the pack.
    pub operation: Id,
}

impl Data {
    /// Keeps where a pack comes from, before the pack itself is stored. Accepted again, the later finding takes its place.
    ///
    /// # Errors
    /// [`anshu_model::Error::Denied`] where the actor may not.
    pub async fn put_signed_pack(
        &self,
        context: &OpContext,
        signatures: &[Signature],
        provenance: &Provenance,
        imitates: &[&str],
    ) -> Result<()> {
        self.allow(context, "manage-packs", Action::Pack).await?;
        let claim = &provenance.claim;
        let note = match (&provenance.lacks, imitates) {
            (Some(_), _) => "开发模式：签名不足而接受".to_owned(),
            (None, []) => format!("核验签名：{} 把密钥有效", provenance.keys().len()),
            (None, near) => format!("核验签名，并确认名称不是冒充 {}", near.join("、")),
        };
        let leaf = Leaf {
            pack: Some(format!("{}@{}#{}", claim.name, claim.version, claim.digest)),
            digest: claim.digest.clone(),
            note,
            ..guard::leaf(context, Action::Pack, Verdict::Allowed)
        };
        let row = vec![
            claim.digest.as_str().into(),
            json(&signatures)?.into(),
            json(provenance)?.into(),
            json(&imitates)?.into(),
            context.now.into(),
            (&context.id).into(),
        ];
        let digest = claim.digest.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let into = "INSERT INTO pack_signature (digest, signatures, provenance, imitates, at, operation)";
                let again = "ON CONFLICT (digest) DO UPDATE SET signatures = excluded.signatures, \
                     provenance = excluded.provenance, imitates = excluded.imitates, at = excluded.at, \
                     operation = excluded.operation";
                tx.insert(into, 6, vec![row], again).await?;
                Ok(vec![kept::PACK_SIGNATURE.entry(tx, &digest).await?])
            })
        });
        work.await.map(|_| ())
    }

    /// What is kept of where packs come from. A pack that was stored before signatures were has none.
    ///
    /// # Errors
    /// [`anshu_model::Error::Unavailable`] where the database does not answer.
    pub async fn signed_packs(&self) -> Result<Vec<SignedPack>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT signatures, provenance, imitates, at, operation FROM pack_signature ORDER BY digest",
        );
        let signed = |row: &crate::db::Row| {
            Ok(SignedPack {
                signatures: row.json(0)?,
                provenance: row.json(1)?,
                imitates: row.json(2)?,
                at: row.instant(3)?,
                operation: row.id(4)?,
            })
        };
        tx.rows(query).await?.iter().map(signed).collect()
    }
}
