//! What an administrator may know of the vault: which keys there are, never what they are.

use anshu_model::Result;
use anshu_model::context::OpContext;
use anshu_model::leaf::Action;
use serde::{Deserialize, Serialize};

use super::rows;
use crate::Data;
use crate::db::Query;

/// The vault at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultStatus {
    /// Who keeps the master key: `file` or `pkcs11`.
    pub provider: String,
    /// The cipher of what is sealed from now on.
    pub cipher: String,
    /// The id of the master key that wraps.
    pub master: String,
    /// Data keys by the master key that wraps them.
    pub masters: Vec<(String, u64)>,
    /// Data keys under another master key than the present one: what a rotation has left to do.
    pub outdated: u64,
    /// Keys whose processing was stopped.
    pub restricted: u64,
    /// Keys that were destroyed.
    pub destroyed: u64,
    /// How often a data key seals before the next generation.
    pub uses: u64,
}

impl Data {
    /// The state of the vault.
    ///
    /// # Errors
    /// [`anshu_model::Error::Denied`] where the actor does not keep keys.
    pub async fn vault_status(&self, context: &OpContext) -> Result<VaultStatus> {
        self.allow(context, "keep-keys", Action::Configure).await?;
        let vault = &self.inner.vault;
        let mut tx = self.inner.db.read().await?;
        let masters = rows::masters(&mut tx).await?;
        let master = vault.provider.current();
        let outdated =
            masters.iter().filter(|(other, _)| *other != master).map(|(_, count)| count).sum();
        let mut counted = [0, 0];
        for (state, count) in ["restricted", "destroyed"].into_iter().zip(&mut counted) {
            let query = Query::new("SELECT COUNT(DISTINCT subject) FROM data_key WHERE state = ");
            *count = tx.row(query.bind(state)).await?.map_or(Ok(0), |row| row.count(0))?;
        }
        let [restricted, destroyed] = counted;
        Ok(VaultStatus {
            provider: vault.provider.name().to_owned(),
            cipher: vault.cipher.name().to_owned(),
            master,
            masters,
            outdated,
            restricted,
            destroyed,
            uses: vault.uses,
        })
    }
}
