//! Files that wait to be taken, encrypted in parts: AES-256-GCM, bound to export and place, so that no part can be moved or
//! left out. They are deleted when they were taken, or when nobody took them in time.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use anshu_model::{Error, Id, Result};

use crate::db::{Bind, Query, Tx};

/// Bytes of a part.
const PART: usize = 1 << 20;
/// Bytes before a part: what it was encrypted with once and never again.
const NONCE: usize = 12;

/// The key.
pub(super) struct Seal(Aes256Gcm);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// With a key of 32 bytes.
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        let cipher = Aes256Gcm::new_from_slice(key);
        cipher.map(Self).map_err(|error| Error::Internal(format!("export key: {error}")))
    }

    /// A file's parts as rows of `export_part`. Each names how many there are: a file without its end does not open.
    pub(super) fn close(&self, id: &Id, file: &[u8]) -> Result<Vec<Vec<Bind>>> {
        let parts = file.len().div_ceil(PART);
        let mut rows = Vec::with_capacity(parts);
        for (number, part) in file.chunks(PART).enumerate() {
            let mut nonce = [0_u8; NONCE];
            getrandom::fill(&mut nonce)
                .map_err(|error| Error::Internal(format!("random source: {error}")))?;
            let aad = place(id, number, parts);
            let sealed = self
                .0
                .encrypt(&Nonce::from(nonce), Payload { msg: part, aad: aad.as_bytes() })
                .map_err(|error| Error::Internal(format!("export: {error}")))?;
            let bytes = [nonce.as_slice(), &sealed].concat();
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            rows.push(vec![id.into(), number.into(), bytes.into()]);
        }
        Ok(rows)
    }

    /// The file again.
    pub(super) async fn open(&self, tx: &mut Tx, id: &Id) -> Result<Vec<u8>> {
        let query = Query::new("SELECT bytes FROM export_part WHERE export = ").bind(id);
        let rows = tx.rows(query.push(" ORDER BY number")).await?;
        let broken = || Error::Internal(format!("the file of export {id} is not what was stored"));
        let mut file = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let bytes = row.bytes(0)?;
            let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(broken)?;
            let aad = place(id, number, rows.len());
            let payload = Payload { msg: sealed, aad: aad.as_bytes() };
            file.extend(self.0.decrypt(&Nonce::from(*nonce), payload).map_err(|_| broken())?);
        }
        if rows.is_empty() { Err(broken()) } else { Ok(file) }
    }
}

fn place(id: &Id, number: usize, parts: usize) -> String {
    format!("export_part|{id}|{number}|{parts}")
}

/// Takes a file away.
pub(super) async fn remove(tx: &mut Tx, id: &Id) -> Result<()> {
    tx.run(Query::new("DELETE FROM export_part WHERE export = ").bind(id)).await.map(|_| ())
}
