//! The Merkle tree of RFC 6962: roots, and proofs that a leaf is in a tree and that a tree grew out of another. Pure.

use std::ops::Range;

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 over 0x00 and its bytes (RFC 6962, 2.1).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(bytes).finalize().into()
}

/// The hash of an inner node: SHA-256 over 0x01 and both children (RFC 6962, 2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree over leaf hashes (or over the roots of equally high subtrees).
#[must_use]
pub fn root_of(hashes: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    hashes.iter().for_each(|hash| frontier.push(*hash));
    frontier.root()
}

/// All that must be kept of a tree to append to it and to know its root: the roots of its complete subtrees, one for each
/// bit that is set in its size, the largest first. At most 64 hashes, however large the tree is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

impl Frontier {
    /// A frontier from its stored form.
    ///
    /// None where the bytes are not as many hashes as the size calls for.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (nodes, rest) = bytes.as_chunks::<32>();
        let whole = rest.is_empty() && nodes.len() == usize::try_from(size.count_ones()).ok()?;
        whole.then(|| Self { size, nodes: nodes.to_vec() })
    }

    /// The stored form: the hashes one after another.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.nodes.concat()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each trailing one-bit of the size is a complete subtree that the new leaf closes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// The root. Of an empty tree, the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let right_to_left = self.nodes.iter().rev().copied();
        right_to_left
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// The ranges of leaves whose roots, in this order, prove that a leaf is in a tree (RFC 6962, 2.1.1). None where it
/// cannot be in a tree of that size.
#[must_use]
pub fn inclusion_path(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let mut path = Vec::new();
    let mut tree = 0..size;
    while tree.end - tree.start > 1 {
        let middle = tree.start + split(tree.end - tree.start);
        if index < middle {
            path.push(middle..tree.end);
            tree.end = middle;
        } else {
            path.push(tree.start..middle);
            tree.start = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// The ranges of leaves whose roots, in this order, prove that a tree grew out of a smaller one (RFC 6962, 2.1.2). None
/// where the first is empty or larger.
#[must_use]
pub fn consistency_path(old: u64, new: u64) -> Option<Vec<Range<u64>>> {
    if old == 0 || old > new {
        return None;
    }
    let mut path = Vec::new();
    let mut tree = 0..new;
    // As long as the old tree is the left edge of what remains, its root is known to the verifier.
    let mut is_edge = true;
    while old < tree.end {
        let middle = tree.start + split(tree.end - tree.start);
        if old <= middle {
            path.push(middle..tree.end);
            tree.end = middle;
        } else {
            path.push(tree.start..middle);
            tree.start = middle;
            is_edge = false;
        }
    }
    if !is_edge {
        path.push(tree);
    }
    path.reverse();
    Some(path)
}

/// A range of leaves as complete subtrees, left to right, each as its height and its index among those of that height.
/// The range must be one that a path names, or begin at 0.
#[must_use]
pub fn complete_subtrees(range: &Range<u64>) -> Vec<(u32, u64)> {
    let mut parts = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let room = (range.end - start).ilog2();
        let height = if start == 0 { room } else { room.min(start.trailing_zeros()) };
        parts.push((height, start >> height));
        start += 1 << height;
    }
    parts
}

/// The root over complete subtrees that lie side by side, the largest first, as [`complete_subtrees`] names them.
#[must_use]
pub fn fold(parts: &[Hash]) -> Option<Hash> {
    parts.iter().rev().copied().reduce(|right, left| node_hash(&left, &right))
}

/// Whether a proof shows that a leaf, by its hash, is in the tree with a root (RFC 9162, 2.1.3.2).
#[must_use]
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            climb(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether a proof shows that the tree with one root grew out of the tree with another (RFC 9162, 2.1.4.2).
#[must_use]
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let mut proof = proof.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { proof.next() };
    let Some(first) = first else { return false };
    let (mut from_old, mut from_new) = (*first, *first);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            from_old = node_hash(sibling, &from_old);
            from_new = node_hash(sibling, &from_new);
            climb(&mut node, &mut last);
        } else {
            from_new = node_hash(&from_new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && from_old == *old_root && from_new == *new_root
}

/// Goes up to where the node is a right child, or the root: levels on which a right edge has no sibling.
fn climb(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}

/// The largest power of two below a size of at least 2: where RFC 6962 splits a tree.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

#[cfg(test)]
mod tests;
