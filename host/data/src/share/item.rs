//! The catalogue (共享目录): who offers what.

use anshu_model::context::OpContext;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::share::{Hand, Item, Offering};
use anshu_model::{Error, Id, Result};
use sha2::{Digest, Sha256};

use super::row;
use crate::db::Query;
use crate::log::note::hex;
use crate::org::json;
use crate::{Data, guard};

/// Items of the catalogue that are listed.
const MOST: u32 = 2_000;

impl Data {
    /// Whether the policies let the actor do something, without trying it. For buttons; whoever tries is asked again.
    #[must_use]
    pub fn may(&self, context: &OpContext, verb: &str) -> bool {
        self.inner.guard.allows(context, verb).is_ok()
    }

    /// The catalogue: every unit's items.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor may not see shares.
    pub async fn share_items(&self, context: &OpContext) -> Result<Vec<Item>> {
        self.allow(context, "see-shares", Action::Share).await?;
        let query = Query::new("SELECT body FROM share_item ORDER BY provider, content LIMIT ");
        let rows = self.inner.db.read().await?.rows(query.bind(MOST)).await?;
        rows.iter().map(|row| row.json(0)).collect()
    }

    /// Publishes what the actor's unit offers, or changes how it is shared. Shares that are in force stay as agreed.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not keep the catalogue; [`Error::Invalid`] with everything that is wrong, above
    /// all what is never shared; an empty reason is wrong for a change.
    pub async fn publish_item(
        &self,
        context: &OpContext,
        offering: Offering,
        reason: &str,
    ) -> Result<Item> {
        self.allow(context, "publish-item", Action::Share).await?;
        let person = self.acting(context).await?;
        let label = offering.check(&self.inner.schemas.get())?;
        let hand = Hand { person: person.id.clone(), unit: person.unit.clone(), at: context.now };
        let content = offering.group.key();
        let known = row::item_of(&mut self.inner.db.read().await?, &person.unit, &content).await?;
        if known.is_some() && reason.trim().is_empty() {
            return Err(Error::invalid("/reason", "空", "变更共享属性或者数据项的理由"));
        }
        let mut item = known.unwrap_or_else(|| Item {
            id: Id::derived(&context.id, 0),
            provider: person.unit.clone(),
            offering: offering.clone(),
            label: label.clone(),
            history: Vec::new(),
            version: 0,
        });
        let before = item.version;
        (item.offering, item.label, item.version) = (offering, label, before + 1);
        item.history.push((hand, reason.trim().to_owned()));
        let note = format!("共享目录：{}", item.offering.attribute.title());
        let digest = hex(&Sha256::digest(json(&item)?));
        let leaf = Leaf { digest, note, ..guard::leaf(context, Action::Share, Verdict::Allowed) };
        let kept = item.clone();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let now = row::item_of(tx, &kept.provider, &kept.offering.group.key()).await?;
                if now.map_or(0, |now| now.version) != before {
                    return Err(Error::Conflict("目录项刚刚由他人变更；请刷新后重试".into()));
                }
                Ok(vec![row::put_item(tx, &kept).await?])
            })
        });
        work.await?;
        Ok(item)
    }
}
