//! What other programs make of our notes, and we of theirs.

use super::*;

/// The example of Go's note package, by which the format is known.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn a_note_of_another_program_is_verified() {
    let verifier = Verifier::parse(KEY).unwrap();
    assert_eq!(verifier.to_text(), KEY);
    assert!(verifier.open(NOTE).unwrap().ends_with("your problem is.\n"));
    assert!(verifier.open(&NOTE.replace("answer", "question")).is_err());
    assert!(Verifier::parse(&KEY.replace("c74f20a3", "c74f20a4")).is_err());
}

#[test]
fn a_checkpoint_is_verified_and_every_changed_byte_is_noticed() {
    let signer = Signer::new("centre.example/log", &[7; 32]).unwrap();
    let note = signer.sign(42, [9; 32]).unwrap();
    let verifier = Verifier::parse(&signer.verifier().to_text()).unwrap();
    let checkpoint = verifier.verify(&note).unwrap();
    assert_eq!((checkpoint.size, checkpoint.root), (42, [9; 32]));
    for at in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(verifier.verify(&changed).is_err(), "byte {at}");
        }
    }
    let theirs = tlog_tiles::Checkpoint::from_bytes(checkpoint.text().as_bytes()).unwrap();
    assert_eq!(
        (theirs.origin(), theirs.size(), theirs.hash().0),
        ("centre.example/log", 42, [9; 32])
    );
}

#[test]
fn signatures_of_witnesses_are_passed_over() {
    let signer = Signer::new("centre.example/log", &[7; 32]).unwrap();
    let witness = Signer::new("witness.example", &[8; 32]).unwrap();
    let note = signer.sign(1, [1; 32]).unwrap();
    let line = witness.sign(1, [1; 32]).unwrap().lines().last().unwrap().to_owned();
    let both = format!("{note}{line}\n");
    assert!(signer.verifier().verify(&both).is_ok());
    assert!(witness.verifier().verify(&note).is_err());
}

#[test]
fn a_key_is_made_once_and_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = Signer::open(folder.path(), "样例中心.example").unwrap();
    let again = Signer::open(folder.path(), "样例中心.example").unwrap();
    assert_eq!(first.verifier(), again.verifier());
    let public = std::fs::read_to_string(folder.path().join(PUBLIC_FILE)).unwrap();
    assert_eq!(Verifier::parse(&public).unwrap(), first.verifier());
    assert!(Signer::open(folder.path(), "another.example").is_err());
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(folder.path().join(PRIVATE_FILE)).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
    }
    assert!(Signer::new("two words", &[1; 32]).is_err());
}

#[test]
fn the_sm2_line_is_verified_by_its_own_key_and_passed_over_by_others() {
    let folder = tempfile::tempdir().unwrap();
    make_sm2(folder.path(), "centre.example/log").unwrap();
    make_sm2(folder.path(), "centre.example/log").unwrap();
    let signer = Signer::open(folder.path(), "centre.example/log").unwrap();
    let note = signer.sign(42, [9; 32]).unwrap();
    assert_eq!(Note::parse(&note).unwrap().signatures.len(), 2);
    let public = std::fs::read_to_string(folder.path().join(SM2_PUBLIC_FILE)).unwrap();
    let sm2 = Verifier::parse(&public).unwrap();
    assert_eq!(Some(&sm2), signer.sm2_verifier().as_ref());
    assert_eq!(sm2.verify(&note).unwrap().size, 42);
    assert_eq!(signer.verifier().verify(&note).unwrap().size, 42);
    assert!(sm2.verify(&note.replacen("\n42\n", "\n43\n", 1)).is_err());
    let without = Signer::new("centre.example/log", &[7; 32]).unwrap().sign(42, [9; 32]).unwrap();
    assert!(sm2.verify(&without).is_err());
    // A program that knows the note format and no SM2 reads the note all the same.
    use signed_note::{Note as Theirs, StandardVerifier, VerifierList};
    let known = StandardVerifier::new(&signer.verifier().to_text()).unwrap();
    let theirs = Theirs::from_bytes(note.as_bytes()).unwrap();
    let (verified, unknown) = theirs.verify(&VerifierList::new(vec![Box::new(known)])).unwrap();
    assert_eq!((verified.len(), unknown.len()), (1, 1));
    // Another log's key is not taken.
    assert!(Signer::open(folder.path(), "another.example").is_err());
}
