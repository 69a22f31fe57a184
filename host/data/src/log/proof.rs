//! C2SP tlog-proof: one text that shows offline that a leaf is in a log, with the checkpoint that it leads to. Pure.

use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::note::Checkpoint;
use super::policy::Policy;
use super::tree::{self, Hash};

/// The first line.
const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// A proof, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Which leaf, from 0.
    pub index: u64,
    /// The hashes from the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The checkpoint with its signatures, verbatim.
    pub checkpoint: String,
}

impl Proof {
    /// Reads a proof. Extra data, which nothing vouches for, is refused: our own proofs have none.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let read = || {
            let (head, checkpoint) = text.split_once("\n\n")?;
            let mut lines = head.lines();
            if lines.next()? != HEAD {
                return None;
            }
            let index: u64 = lines.next()?.strip_prefix("index ")?.parse().ok()?;
            let hash = |line: &str| BASE64.decode(line).ok()?.try_into().ok();
            let hashes = lines.map(hash).collect::<Option<Vec<Hash>>>()?;
            let proof = Self { index, hashes, checkpoint: checkpoint.to_owned() };
            // One proof has one form.
            (proof.text() == text).then_some(proof)
        };
        read()
            .ok_or_else(|| Error::invalid("包含证明", "无法识别", format!("以 {HEAD} 开头的文本")))
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let hashes: String = self.hashes.iter().map(|hash| BASE64.encode(hash) + "\n").collect();
        format!("{HEAD}\nindex {}\n{hashes}\n{}", self.index, self.checkpoint)
    }

    /// The checkpoint whose tree has a leaf with these bytes, where a policy takes it.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the policy refuses the checkpoint, or the leaf is not in its tree.
    pub fn verify(&self, leaf: &[u8], policy: &Policy) -> Result<Checkpoint> {
        let checkpoint = policy.check(&self.checkpoint)?.checkpoint;
        self.leads(leaf, &checkpoint)?;
        Ok(checkpoint)
    }

    /// Whether the leaf is in the tree of a checkpoint that was verified.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is not.
    pub(crate) fn leads(&self, leaf: &[u8], checkpoint: &Checkpoint) -> Result<()> {
        let Checkpoint { size, root, .. } = checkpoint;
        let hash = tree::leaf_hash(leaf);
        if tree::verify_inclusion(self.index, *size, &hash, &self.hashes, root) {
            return Ok(());
        }
        Err(Error::invalid(
            format!("日志第 {} 条", self.index),
            "包含证明与内容不符",
            format!("{size} 条的日志中的这一条"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::note::Signer;

    #[test]
    fn a_proof_is_verified_offline_and_any_other_leaf_or_log_is_refused() {
        let leaves: Vec<Vec<u8>> = (0..7_u8).map(|leaf| vec![leaf; 9]).collect();
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| tree::leaf_hash(leaf)).collect();
        let signer = Signer::new("centre.example/log", &[7; 32]).unwrap();
        let checkpoint = signer.sign(7, tree::root_of(&hashes)).unwrap();
        let policy = Policy::of(signer.verifier());
        for (index, leaf) in (0_u64..).zip(&leaves) {
            let path = tree::inclusion_path(index, 7).unwrap();
            let part = |range: &std::ops::Range<u64>| {
                let range =
                    usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
                tree::root_of(&hashes[range])
            };
            let hashes = path.iter().map(part).collect();
            let text = Proof { index, hashes, checkpoint: checkpoint.clone() }.text();
            let proof = Proof::parse(&text).unwrap();
            assert_eq!(proof.verify(leaf, &policy).unwrap().size, 7);
            assert!(proof.verify(b"another", &policy).is_err());
            let stranger = Signer::new("centre.example/log", &[8; 32]).unwrap();
            assert!(proof.verify(leaf, &Policy::of(stranger.verifier())).is_err());
            assert!(Proof { index: (index + 1) % 7, ..proof }.verify(leaf, &policy).is_err());
        }
        for wrong in
            ["", "c2sp.org/tlog-proof@v1\nindex 01\n\nx", "c2sp.org/tlog-proof@v2\nindex 1\n\nx"]
        {
            assert!(Proof::parse(wrong).is_err(), "{wrong}");
        }
    }
}
