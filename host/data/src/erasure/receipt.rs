//! The receipt of an erasure: a text that the log's key has signed, with the proof that its leaf is in the log. Whoever has
//! the log's public key can check both without this program, and without learning anything personal.

use anshu_model::context::OpContext;
use anshu_model::leaf::Action;
use anshu_model::{Error, Id, Result};

use super::{Erasure, ErasureState, row};
use crate::Data;
use crate::db::Query;

impl Data {
    /// The receipt: a signed note, then `tlog-proof` of the leaf.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor takes no part in erasures; [`Error::Conflict`] where nothing was destroyed.
    pub async fn erasure_receipt(&self, context: &OpContext, id: &Id) -> Result<String> {
        self.allow(context, "see-erasures", Action::Erase).await?;
        let erasure = row::find(&mut self.inner.db.read().await?, id).await?;
        self.receipt_of(&erasure).await
    }

    /// The receipt of one, for whoever may have it.
    pub(crate) async fn receipt_of(&self, erasure: &Erasure) -> Result<String> {
        let id = &erasure.id;
        if erasure.state != ErasureState::Erased {
            return Err(Error::Conflict(format!(
                "该登记现为“{}”，没有销毁凭证",
                erasure.state.title()
            )));
        }
        let mut tx = self.inner.db.read().await?;
        let query = Query::new("SELECT MAX(leaf) FROM binding WHERE name = 'erasure' AND key = ");
        let leaf = tx.row(query.bind(id)).await?.map(|row| row.count(0)).transpose()?;
        let leaf = leaf.ok_or_else(|| Error::Internal(format!("erasure {id} without a leaf")))?;
        drop(tx);
        let offset = self.calendar().offset();
        let at = erasure.answered_at.unwrap_or(erasure.asked_at).rfc3339(offset);
        let counts = erasure.counts;
        let text = format!(
            "anshu-erasure@v1\n销毁凭证 {id}\n对象 {}\n依据 {}\n条款 {}\n时间 {at}\n日志 第 {leaf} 条\n\
             不可恢复：记录版本 {}，时间线 {}，决定 {}，随同销毁的事项 {}\n",
            erasure.subject,
            erasure.ground,
            erasure.article,
            counts.versions,
            counts.lines,
            counts.decisions,
            counts.cases,
        );
        let note = self.inner.writer.appender().sign_note(&text);
        Ok(format!("{note}\n{}", self.proof(leaf).await?))
    }
}
