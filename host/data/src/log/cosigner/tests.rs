//! A witness against logs that are honest, forked, cut or unknown.

use super::*;
use crate::log::note::Signer;

/// A log of so many leaves; another salt is another history.
struct Log {
    signer: Signer,
    hashes: Vec<Hash>,
}

impl Log {
    fn new(size: u64, salt: &str) -> Self {
        let hashes = (0..size).map(|leaf| tree::leaf_hash(format!("{leaf}{salt}").as_bytes()));
        let signer = Signer::new("centre.example/log", &[7; 32]).unwrap();
        Self { signer, hashes: hashes.collect() }
    }

    fn request(&self, old: u64, new: u64) -> String {
        let part = |range: std::ops::Range<u64>| {
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            tree::root_of(&self.hashes[range])
        };
        let proof = tree::consistency_path(old, new).unwrap_or_default();
        AddCheckpoint {
            old,
            proof: proof.into_iter().map(part).collect(),
            checkpoint: self.signer.sign(new, part(0..new)).unwrap(),
        }
        .text()
    }
}

fn witness(folder: &Path, log: &Log) -> Witness {
    let cosigner = Cosigner::open(folder, Some("witness.example/w1")).unwrap();
    Witness::open(folder, cosigner, &[log.signer.verifier().to_text()]).unwrap()
}

#[test]
fn a_witness_cosigns_what_grew_and_nothing_else_even_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (log, fork) = (Log::new(40, ""), Log::new(40, "forked"));
    let first = witness(folder.path(), &log);
    let Answer::Cosigned(line) = first.add(&log.request(0, 5), 1_795_000_000).unwrap() else {
        panic!("not cosigned")
    };
    let note = format!("{}{line}", AddCheckpoint::parse(&log.request(0, 5)).unwrap().checkpoint);
    let parsed = Note::parse(&note).unwrap();
    assert_eq!(first.verifier().cosigned_at(&parsed), Ok(Some(1_795_000_000)));
    assert_eq!(first.add(&log.request(0, 9), 1).unwrap(), Answer::Seen(5));
    assert!(matches!(first.add(&log.request(5, 9), 1).unwrap(), Answer::Cosigned(_)));
    drop(first);
    // What it saw is on the disk.
    let again = witness(folder.path(), &log);
    assert_eq!(again.seen()["centre.example/log"], 9);
    assert!(matches!(again.add(&log.request(9, 9), 1).unwrap(), Answer::Cosigned(_)));
    // A log that was cut, rebuilt, or rebuilt at the same size.
    assert_eq!(again.add(&log.request(5, 7), 1).unwrap(), Answer::Seen(9));
    assert_eq!(again.add(&fork.request(9, 20), 1).unwrap(), Answer::Inconsistent);
    assert_eq!(again.add(&fork.request(9, 9), 1).unwrap(), Answer::Seen(9));
    // A proof where none belongs; a request that shrinks; no request at all.
    assert_eq!(
        again.add(&log.request(9, 12).replacen("old 9", "old 13", 1), 1).unwrap(),
        Answer::Malformed
    );
    assert_eq!(again.add("old 09\n\nx", 1).unwrap(), Answer::Malformed);
    assert_eq!(again.seen()["centre.example/log"], 9);
    assert!(matches!(again.add(&log.request(9, 40), 1).unwrap(), Answer::Cosigned(_)));
}

#[test]
fn an_unknown_log_and_an_unknown_key_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(4, "");
    let witness = witness(folder.path(), &log);
    let named = |origin: &str, secret: u8| {
        let signer = Signer::new(origin, &[secret; 32]).unwrap();
        Log { signer, hashes: log.hashes.clone() }.request(0, 3)
    };
    assert_eq!(witness.add(&named("another.example", 7), 1).unwrap(), Answer::UnknownLog);
    assert_eq!(witness.add(&named("centre.example/log", 8), 1).unwrap(), Answer::Untrusted);
    assert!(witness.seen().is_empty());
}

#[test]
fn a_memory_that_cannot_be_read_stops_the_witness_and_one_that_cannot_be_written_the_cosignature() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(4, "");
    let file = memory(folder.path(), "centre.example/log");
    let open = witness(folder.path(), &log);
    std::fs::create_dir(file.with_extension("new")).unwrap();
    assert!(open.add(&log.request(0, 3), 1).is_err());
    assert!(open.seen().is_empty());
    std::fs::write(&file, "nonsense").unwrap();
    let cosigner = Cosigner::open(folder.path(), None).unwrap();
    assert!(Witness::open(folder.path(), cosigner, &[log.signer.verifier().to_text()]).is_err());
}
