use super::*;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The test vectors of the certificate-transparency implementation.
const INPUTS: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn roots_are_those_of_certificate_transparency() {
    let mut frontier = Frontier::default();
    assert_eq!(hex(&frontier.root()), ROOTS[0]);
    for (input, root) in INPUTS.iter().zip(&ROOTS[1..]) {
        frontier.push(leaf_hash(input));
        assert_eq!(hex(&frontier.root()), *root);
    }
}

#[test]
fn a_frontier_that_lost_a_hash_is_refused() {
    let mut frontier = Frontier::default();
    INPUTS.iter().take(7).for_each(|input| frontier.push(leaf_hash(input)));
    let bytes = frontier.to_bytes();
    assert_eq!(Frontier::from_bytes(7, &bytes), Some(frontier));
    assert_eq!(Frontier::from_bytes(7, &bytes[32..]), None);
    assert_eq!(Frontier::from_bytes(7, &bytes[1..]), None);
    assert_eq!(Frontier::from_bytes(8, &bytes), None);
}

fn leaves(count: u64) -> Vec<[u8; 8]> {
    (0..count).map(u64::to_be_bytes).collect()
}

fn hashes(count: u64) -> Vec<Hash> {
    leaves(count).iter().map(|leaf| leaf_hash(leaf)).collect()
}

fn prove(hashes: &[Hash], path: Option<Vec<Range<u64>>>) -> Vec<Hash> {
    let leaves = |start: u64, end: u64| {
        &hashes[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]
    };
    let range = |range: &Range<u64>| {
        let parts: Vec<Hash> = complete_subtrees(range)
            .into_iter()
            .map(|(height, index)| root_of(leaves(index << height, (index + 1) << height)))
            .collect();
        let folded = fold(&parts).unwrap();
        assert_eq!(folded, root_of(leaves(range.start, range.end)));
        folded
    };
    path.unwrap().iter().map(range).collect()
}

proptest! {
    /// The reference is an independent implementation: the same root, and the same proofs byte by byte.
    #[test]
    fn roots_and_proofs_are_those_of_another_implementation(size in 1_u64..700, seed: u64, older: u64) {
        let index = seed % size;
        let old = 1 + older % size;
        let mut other = MemoryBackedTree::<Sha256, [u8; 8]>::new();
        leaves(size).into_iter().for_each(|leaf| other.push(leaf));
        let hashes = hashes(size);
        let root = root_of(&hashes);
        let theirs = other.root();
        prop_assert_eq!(theirs.as_bytes().as_slice(), root.as_slice());
        let proof = prove(&hashes, inclusion_path(index, size));
        let theirs = other.prove_inclusion(usize::try_from(index).unwrap());
        prop_assert_eq!(theirs.as_bytes(), proof.concat());
        let proof = prove(&hashes, consistency_path(old, size));
        let theirs = other.prove_consistency(usize::try_from(size - old).unwrap());
        // The reference names the old root in its proof where RFC 6962 leaves it out.
        prop_assert!(theirs.as_bytes() == proof.concat() || old == size || old.is_power_of_two());
    }

    #[test]
    fn a_proof_proves_its_leaf_and_no_other(size in 1_u64..300, seed: u64, flip: u8, at: usize) {
        let hashes = hashes(size);
        let root = root_of(&hashes);
        let index = seed % size;
        let leaf = hashes[usize::try_from(index).unwrap()];
        let proof = prove(&hashes, inclusion_path(index, size));
        prop_assert!(verify_inclusion(index, size, &leaf, &proof, &root));
        prop_assert!(!verify_inclusion((index + 1) % size, size, &leaf, &proof, &root) || size == 1);
        prop_assert!(!verify_inclusion(index, size, &leaf_hash(b"other"), &proof, &root));
        prop_assert!(!verify_inclusion(index, size, &leaf, &[proof.as_slice(), &[leaf]].concat(), &root));
        if !proof.is_empty() {
            prop_assert!(!verify_inclusion(index, size, &leaf, &proof[1..], &root));
            let mut wrong = proof;
            let at = at % wrong.len();
            wrong[at][0] ^= flip | 1;
            prop_assert!(!verify_inclusion(index, size, &leaf, &wrong, &root));
        }
    }

    #[test]
    fn a_tree_that_was_rewritten_is_not_consistent(size in 1_u64..300, seed: u64, changed: u64) {
        let old = 1 + seed % size;
        let honest = hashes(size);
        let old_root = root_of(&honest[..usize::try_from(old).unwrap()]);
        let proof = prove(&honest, consistency_path(old, size));
        prop_assert!(verify_consistency(old, size, &old_root, &root_of(&honest), &proof));
        // A leaf below the old size is replaced, and the proof recomputed by whoever did it.
        let mut forged = honest;
        forged[usize::try_from(changed % old).unwrap()] = leaf_hash(b"forged");
        let proof = prove(&forged, consistency_path(old, size));
        prop_assert!(!verify_consistency(old, size, &old_root, &root_of(&forged), &proof));
    }
}
