//! Rotation of the master key, in batches, each with its leaf. Killed at any moment it goes on where it was: each data key
//! says which master key wraps it.
//!
//! A rotation wraps data keys anew; bodies stay as they are, so it is short. Older master keys are kept until no data key
//! needs them: [`VaultStatus::masters`](super::VaultStatus) says so.

use anshu_model::context::OpContext;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::{Error, Result};
use serde::{Deserialize, Serialize};

use super::rows;
use crate::db::Query;
use crate::{Data, guard};

/// Data keys of one commit.
const BATCH: u64 = 500;

/// How far a rotation has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationStep {
    /// The master key that wraps now.
    pub master: String,
    /// Data keys that this step wrapped anew.
    pub wrapped: u64,
    /// Data keys that are left.
    pub left: u64,
}

impl Data {
    /// Makes a new master key. Data keys follow with [`Data::rotate_step`].
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not keep keys; [`Error::Conflict`] where the rotation before is not through;
    /// [`Error::Unavailable`] where the keeper cannot make one.
    pub async fn begin_rotation(&self, context: &OpContext) -> Result<RotationStep> {
        self.allow(context, "keep-keys", Action::Configure).await?;
        let vault = self.inner.vault.clone();
        let left = self.outdated().await?;
        if left > 0 {
            return Err(Error::Conflict(format!(
                "上一次轮换还有 {left} 个数据密钥未完成；运行中的系统会自行完成它，停机时可用 anshu vault rotate --resume"
            )));
        }
        let master = vault.provider.renew()?;
        let mut leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        leaf.note = format!("更换主密钥：{master}");
        self.inner.writer.leaves(vec![leaf]).await?;
        let left = self.outdated().await?;
        Ok(RotationStep { master, wrapped: 0, left })
    }

    /// Wraps the next data keys under the present master key, in one commit with its leaf.
    ///
    /// # Errors
    /// [`Error::Denied`] where the actor does not keep keys; [`Error::Unavailable`] where an older master key is missing.
    pub async fn rotate_step(&self, context: &OpContext) -> Result<RotationStep> {
        self.allow(context, "keep-keys", Action::Configure).await?;
        let vault = self.inner.vault.clone();
        let master = vault.provider.current();
        let mut leaf = guard::leaf(context, Action::Configure, Verdict::Allowed);
        leaf.note = format!("以主密钥 {master} 重新包裹数据密钥");
        let left = self.outdated().await?;
        if left == 0 {
            return Ok(RotationStep { master, wrapped: 0, left });
        }
        let wrapped = self.inner.writer.run(Some(leaf), move |tx| {
            Box::pin(async move {
                let keys = rows::outdated(tx, &vault.provider.current(), BATCH).await?;
                let mut wrapped = 0_u64;
                for key in keys {
                    let Some((master, bytes)) = vault.rewrap(&key)? else { continue };
                    let query = Query::new("UPDATE data_key SET master = ").bind(master);
                    let query = query.push(", wrapped = ").bind(bytes).push(" WHERE subject = ");
                    let query = query.bind(&key.subject).push(" AND generation = ");
                    wrapped += tx.run(query.bind(key.generation)).await?;
                }
                Ok(wrapped)
            })
        });
        let wrapped = wrapped.await?;
        Ok(RotationStep { master, wrapped, left: self.outdated().await? })
    }

    /// Whether a rotation is under way.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database or the keeper does not answer.
    pub async fn is_rotating(&self) -> Result<bool> {
        let provider = &self.inner.vault.provider;
        let mut tx = self.inner.db.read().await?;
        if !rows::has_outdated(&mut tx, &provider.current()).await? {
            return Ok(false);
        }
        // Another process may have made the key that wraps: it must not be turned back to the one before.
        provider.refresh()?;
        rows::has_outdated(&mut tx, &provider.current()).await
    }

    /// Data keys under another master key than the present one.
    async fn outdated(&self) -> Result<u64> {
        let current = self.inner.vault.provider.current();
        let masters = rows::masters(&mut self.inner.db.read().await?).await?;
        Ok(masters.iter().filter(|(master, _)| *master != current).map(|(_, count)| count).sum())
    }
}
