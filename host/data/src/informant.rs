//! Who told (举报人), kept apart from what was told: in a table of its own, under a key of its own, found by the operation that
//! brought it. The host takes it out of a form before a pack is called, so that no pack, body, decision, event or error ever
//! has it; what a pack never got it cannot hand on. It is read by [`crate::seal`] alone.

use std::path::Path;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use anshu_model::context::OpContext;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::schema::Apart;
use anshu_model::{Error, Id, Result};

use crate::db::{Bind, Query, Tx};
use crate::keys;
use crate::log::kept;
use crate::seal::Told;
use crate::{Data, guard};

/// The file with the key: a key domain of its own.
const FILE: &str = "informant.key";
/// Bytes of a nonce. It is random, and a centre has far fewer reports than a random nonce allows under one key.
const NONCE: usize = 12;
/// How long after it was kept something without a decision is given up, in milliseconds.
const LOST: i64 = 24 * 3_600_000;

/// Encrypts and opens what is kept apart.
pub(crate) struct Keeper(Aes256Gcm);

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

impl Keeper {
    /// Reads the key, or makes it.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let key = keys::load_or_make(folder, FILE)?;
        let cipher = Aes256Gcm::new_from_slice(key.as_slice())
            .map_err(|error| Error::Internal(format!("informant key: {error}")))?;
        Ok(Self(cipher))
    }

    /// What stands in the table for a value. Where it stands is sealed in: moved elsewhere, it does not open.
    fn close(&self, operation: &Id, attribute: &str, value: &str) -> Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce)
            .map_err(|error| Error::Internal(format!("random source: {error}")))?;
        let place = place(operation, attribute);
        let payload = Payload { msg: value.as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed.map_err(|_| Error::Internal("informant: not encrypted".into()))?);
        Ok(bytes)
    }

    fn read(&self, operation: &Id, attribute: &str, bytes: &[u8]) -> Result<String> {
        let broken = || Error::Internal("单独存放的举报人信息无法解密：内容或位置已被改动".into());
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let place = place(operation, attribute);
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let value = self.0.decrypt(&Nonce::from(*nonce), payload).map_err(|_| broken())?;
        String::from_utf8(value).map_err(|_| broken())
    }

    /// What was told by who told about some records, oldest first.
    pub(crate) async fn about(&self, tx: &mut Tx, records: &[Id]) -> Result<Vec<Told>> {
        let query = Query::new(
            "SELECT DISTINCT i.operation, i.attribute, i.title, i.value, i.at FROM informant i JOIN decision_about a \
             ON a.decision = i.operation WHERE i.state = 'kept' AND i.value IS NOT NULL AND a.about IN ",
        );
        let rows =
            tx.rows(query.list(records).push(" ORDER BY i.at, i.operation, i.attribute")).await?;
        rows.iter()
            .map(|row| {
                let value = self.read(&row.id(0)?, &row.text(1)?, &row.bytes(3)?)?;
                Ok(Told { title: row.text(2)?, value, at: row.instant(4)? })
            })
            .collect()
    }
}

fn place(operation: &Id, attribute: &str) -> String {
    format!("informant|{operation}|{attribute}")
}

impl Data {
    /// Keeps apart who told, for the operation that is about to be committed.
    pub(crate) async fn stored_apart(&self, context: &OpContext, told: &[Apart]) -> Result<()> {
        let mut rows = Vec::with_capacity(told.len());
        for Apart { attribute, title, value } in told {
            let text = match value {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let bytes = self.inner.apart.close(&context.id, attribute, &text)?;
            let row: Vec<Bind> = vec![
                (&context.id).into(),
                attribute.as_str().into(),
                title.as_str().into(),
                bytes.into(),
                context.now.into(),
                "kept".into(),
            ];
            rows.push(row);
        }
        let keys: Vec<_> =
            told.iter().map(|one| format!("{}/{}", context.id, one.attribute)).collect();
        let mut leaf = guard::leaf(context, Action::Seal, Verdict::Allowed);
        leaf.note = "举报人信息单独存放".to_owned();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let into = "INSERT INTO informant (operation, attribute, title, value, at, state)";
                tx.insert(into, 6, rows, "").await?;
                let mut entries = Vec::with_capacity(keys.len());
                for key in &keys {
                    entries.push(kept::INFORMANT.entry(tx, key).await?);
                }
                Ok(entries)
            })
        });
        work.await
    }

    /// Gives up what was kept apart for an operation that came to nothing.
    pub(crate) async fn dropped_apart(&self, context: &OpContext) -> Result<()> {
        self.give_up(context, vec![context.id.clone()]).await
    }

    /// Gives up what was kept apart for operations that never came to a decision, as after a power cut. For each start.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn sweep_informants(&self, context: &OpContext) -> Result<u64> {
        let query = Query::new(
            "SELECT DISTINCT i.operation FROM informant i WHERE i.state = 'kept' AND NOT EXISTS \
             (SELECT 1 FROM decision d WHERE d.id = i.operation) AND i.at < ",
        );
        let query = query.bind(context.now.plus(-LOST));
        let rows = self.inner.db.read().await?.rows(query).await?;
        let lost = rows.iter().map(|row| row.id(0)).collect::<Result<Vec<_>>>()?;
        let count = lost.len() as u64;
        if count > 0 {
            self.give_up(context, lost).await?;
        }
        Ok(count)
    }

    async fn give_up(&self, context: &OpContext, operations: Vec<Id>) -> Result<()> {
        let mut leaf = guard::leaf(context, Action::Seal, Verdict::Allowed);
        leaf.note = "未办成的举报：单独存放的举报人信息已清除".to_owned();
        let work = self.inner.writer.keep(leaf, move |tx| {
            Box::pin(async move {
                let mut entries = Vec::new();
                for operation in operations {
                    let rows = Query::new("SELECT attribute FROM informant WHERE operation = ");
                    let rows = tx.rows(rows.bind(&operation)).await?;
                    let drop = Query::new(
                        "UPDATE informant SET value = NULL, state = 'dropped' WHERE operation = ",
                    );
                    tx.run(drop.bind(&operation)).await?;
                    for row in rows {
                        let key = format!("{operation}/{}", row.text(0)?);
                        entries.push(kept::INFORMANT.entry(tx, &key).await?);
                    }
                }
                Ok(entries)
            })
        });
        work.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_apart_opens_only_where_it_stands() {
        let folder = std::env::temp_dir().join(format!("anshu-informant-{}", std::process::id()));
        let keeper = Keeper::open(&folder).unwrap();
        let (here, there) = (Id::from_text("op-1"), Id::from_text("op-2"));
        let bytes = keeper.close(&here, "name", "样例甲").unwrap();
        assert_eq!(keeper.read(&here, "name", &bytes).unwrap(), "样例甲");
        assert!(keeper.read(&there, "name", &bytes).is_err());
        assert!(keeper.read(&here, "phone", &bytes).is_err());
        assert!(!format!("{bytes:?}").contains("样例甲"));
        let _ = std::fs::remove_dir_all(folder);
    }
}
