//! The log verified by programs that are not ours: the crates `signed_note` and `tlog_tiles`, and a Python program that was
//! written from the formats alone. Over one corpus of good, forked, cut and changed logs all of them must agree with us.

use std::path::{Path, PathBuf};
use std::process::Command;

use anshu_data::log::dossier::verify;
use anshu_data::log::export::verify_tiles_by;
use anshu_data::log::note::Verifier;
use anshu_data::log::policy::Policy;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash, Tile, TileHashReader, TileReader};

use crate::audit::work;
use crate::centre::{Centre, again};
use crate::dossier::matter;
use crate::log::{auditor, forked, submit, witness};

/// An exported log, as the other crate reads it: what a plain file server would answer.
struct Served(PathBuf);

impl TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            // Its paths name the height, as those of the first design did.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            std::fs::read(self.0.join(path)).unwrap_or_default()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// What the crates say of an exported log: every entry is in the tree that was signed.
fn crates_accept(folder: &Path, key: &str) -> bool {
    let accept = || {
        let bytes = std::fs::read(folder.join("checkpoint")).ok()?;
        let note = Note::from_bytes(&bytes).ok()?;
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(key).ok()?)]);
        note.verify(&known).ok()?;
        let checkpoint = Checkpoint::from_bytes(note.text()).ok()?;
        let (size, root) = (checkpoint.size(), *checkpoint.hash());
        let served = Served(folder.to_owned());
        let reader = TileHashReader::new(size, root, &served);
        for bundle in 0..size.div_ceil(256) {
            let width = (size - bundle * 256).min(256);
            let path = anshu_data::log::tile::entries_path(bundle, width);
            let entries = std::fs::read(folder.join(path)).ok()?;
            let mut rest = entries.as_slice();
            for within in 0..width {
                let (length, after) = rest.split_first_chunk::<2>()?;
                let (entry, after) =
                    after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
                rest = after;
                let index = bundle * 256 + within;
                let proof = tlog_tiles::prove_record(size, index, &reader).ok()?;
                let hash: Hash = tlog_tiles::record_hash(entry);
                tlog_tiles::check_record(&proof, size, root, index, hash).ok()?;
            }
            if !rest.is_empty() {
                return None;
            }
        }
        Some(())
    };
    accept().is_some()
}

/// What the other program says; none where there is no Python here.
fn python_accepts(arguments: &[&str]) -> Option<bool> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verifier/verify.py");
    let output = Command::new("python3").arg(program).args(arguments).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("hold") || said.starts_with("wrong:"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(output.status.success())
}

/// A copy of a folder with one file changed.
fn changed(from: &Path, to: &Path, file: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    let copied = Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
    let path = to.join(file);
    std::fs::write(&path, change(std::fs::read(&path).unwrap())).unwrap();
}

fn flip(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

/// Good, forked, cut and changed logs, by one verdict of all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_programs_agree_about_every_log() {
    if python_accepts(&[
        "tiles",
        "/nonexistent",
        "--key",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
    .is_none()
    {
        eprintln!("没有 python3：未与独立的校验程序比较");
    }
    let centre = Centre::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let witness = witness(&at("witness"), &centre.data);
    work(&centre, 150).await;
    centre.data.begin_export_log(&auditor()).await.unwrap();
    submit(&centre.data, &witness).await.unwrap();
    centre.data.write_log(&at("good")).await.unwrap();
    let fork = forked(&centre).await;
    work(&fork, 140).await;
    fork.data.export_log(&auditor(), &at("forked")).await.unwrap();
    changed(&at("good"), &at("entry"), "tile/entries/000", flip);
    changed(&at("good"), &at("tile"), "tile/0/000", flip);
    changed(&at("good"), &at("upper"), "tile/1/000.p/1", flip);
    changed(&at("good"), &at("signature"), "checkpoint", |bytes| {
        // The first signature line: the log's.
        let text = String::from_utf8(bytes).unwrap();
        let end = text.find("\n\n").unwrap() + 60;
        let mut bytes = text.into_bytes();
        bytes[end] = if bytes[end] == b'A' { b'B' } else { b'A' };
        bytes
    });
    changed(&at("good"), &at("cut"), "tile/entries/001.p/45", |mut bytes| {
        bytes.truncate(bytes.len() / 2);
        bytes
    });
    changed(&at("good"), &at("swapped"), "checkpoint", |_| {
        std::fs::read(at("forked").join("checkpoint")).unwrap()
    });
    let key = centre.data.public_key();
    let log = Verifier::parse(&key).unwrap();
    for (name, good) in [
        ("good", true),
        ("forked", true),
        ("entry", false),
        ("tile", false),
        ("upper", false),
        ("signature", false),
        ("cut", false),
        ("swapped", false),
    ] {
        let path = at(name);
        let ours = verify_tiles_by(&path, &Policy::of(log.clone()), &[]).unwrap().is_sound();
        assert_eq!(ours, good, "{name}: ours");
        assert_eq!(crates_accept(&path, &key), good, "{name}: the crates");
        let theirs = python_accepts(&["tiles", path.to_str().unwrap(), "--key", &key]);
        assert_eq!(theirs.unwrap_or(good), good, "{name}: the other program");
    }
    // Whoever asks for the witness takes only the history that it saw.
    let policy = Policy::at_least(log, &[witness.verifier()], 1);
    for (name, good) in [("good", true), ("forked", false)] {
        let path = at(name);
        assert_eq!(verify_tiles_by(&path, &policy, &[]).unwrap().is_sound(), good, "{name}");
        let seen = witness.verifier().to_text();
        let theirs = python_accepts(&[
            "tiles",
            path.to_str().unwrap(),
            "--key",
            &key,
            "--witness",
            &seen,
            "--at-least",
            "1",
        ]);
        assert_eq!(theirs.unwrap_or(good), good, "{name}: the other program");
    }
}

/// Dossiers, by ours and by the other program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_agree_about_every_dossier() {
    let centre = Centre::sqlite().await;
    let record = matter(&centre).await;
    let draft = centre.data.begin_dossier(&again(&auditor()), &record.head.id).await.unwrap();
    let text = centre.data.seal_dossier(draft).await.unwrap();
    let key = centre.data.public_key();
    let policy = Policy::of(Verifier::parse(&key).unwrap());
    let file = centre.folder.path().join("matter.dossier");
    let mut corpus = vec![(text.clone().into_bytes(), true)];
    let bytes = text.into_bytes();
    for at in (0..bytes.len()).step_by(bytes.len() / 12 + 1) {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        corpus.push((bad, false));
    }
    corpus.push((bytes[..bytes.len() / 2].to_vec(), false));
    for (number, (dossier, good)) in corpus.iter().enumerate() {
        assert_eq!(verify(dossier, &policy).is_sound(), *good, "{number}: ours");
        std::fs::write(&file, dossier).unwrap();
        let theirs = python_accepts(&["dossier", file.to_str().unwrap(), "--key", &key]);
        assert_eq!(theirs.unwrap_or(*good), *good, "{number}: the other program");
    }
}
