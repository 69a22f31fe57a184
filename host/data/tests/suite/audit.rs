//! The log from outside: auditors, witnesses, and verification of a centre that somebody tampered with.

use anshu_data::log::export::verify_tiles;
use anshu_data::log::note::Verifier;
use anshu_data::log::tree::{verify_consistency, verify_inclusion};
use anshu_data::{Config, Durability, verify_file};
use anshu_model::Error;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use sqlx::Connection as _;

use crate::centre::{Centre, EAST, again, case, clerk, create, on_both, person, triage};
use crate::office::leaves;
use crate::postgres;

pub(crate) async fn work(centre: &Centre, count: usize) {
    let clerk = clerk();
    for _ in 0..count {
        let record = case(EAST, "east", "样例事项");
        centre.data.act(&again(&clerk), vec![create(&record)], "登记").await.unwrap();
        centre.data.act(&again(&clerk), vec![triage(&record, 1)], "分流").await.unwrap();
    }
}

on_both! {
    async fn only_auditors_read_the_log_and_that_is_in_it(centre) {
        work(&centre, 2).await;
        let refused = centre.data.entries(&clerk(), 0, 10).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let auditor = person("audit", EAST, &["auditor"], Level::L1);
        let page = centre.data.entries(&auditor, 0, 2).await.unwrap();
        assert_eq!(page.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [0, 1]);
        let looked = leaves(&centre.data, Action::Audit).await;
        assert_eq!(looked.len(), 2, "{looked:?}");
        assert!(looked[1].note.contains("第 0 至 1 条"));
    }

    async fn a_witness_follows_the_log_by_its_public_key_alone(centre) {
        let verifier = Verifier::parse(&centre.data.public_key()).unwrap();
        work(&centre, 3).await;
        let before = verifier.verify(&centre.data.checkpoint().await.unwrap()).unwrap();
        work(&centre, 150).await;
        centre.restart().await;
        let after = verifier.verify(&centre.data.checkpoint().await.unwrap()).unwrap();
        assert_eq!((before.size, after.size), (6, 306));
        let proof = centre.data.consistency(before.size, after.size).await.unwrap();
        assert!(verify_consistency(before.size, after.size, &before.root, &after.root, &proof));
        assert_eq!(centre.data.log_head().await.unwrap().0, 306);
        // A dossier's leaf is proved offline: from the proof's text and the bundle that holds the leaf.
        let text = centre.data.proof(257).await.unwrap();
        let (head, note) = text.split_once("\n\n").unwrap();
        let mut lines = head.lines();
        assert_eq!((lines.next(), lines.next()), (Some("c2sp.org/tlog-proof@v1"), Some("index 257")));
        let hashes: Vec<[u8; 32]> = lines.map(unbase64).collect();
        let bundle = centre.data.tile("tile/entries/001.p/50").await.unwrap().unwrap();
        let leaf = anshu_data::log::tile::decode_entries(&bundle).unwrap()[1].to_vec();
        let leaf = anshu_data::log::tree::leaf_hash(&leaf);
        assert!(verify_inclusion(257, 306, &leaf, &hashes, &verifier.verify(note).unwrap().root));
        // The tile of leaf hashes is the same by either name, and only as large as the log was.
        let tile = centre.data.tile("tile/0/001.p/50").await.unwrap().unwrap();
        assert_eq!(tile[32..64], leaf);
        assert_eq!(centre.data.tile("0/000").await.unwrap().unwrap().len(), 256 * 32);
        for none in ["tile/0/001.p/51", "tile/0/001", "tile/1/000", "tile/entries/002.p/1", "tile/0/1", "../x"] {
            assert!(centre.data.tile(none).await.unwrap().is_none(), "{none}");
        }
    }

    async fn an_exported_log_is_verified_without_the_database(centre) {
        work(&centre, 140).await;
        let folder = tempfile::tempdir().unwrap();
        let refused = centre.data.export_log(&clerk(), folder.path()).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let auditor = person("audit", EAST, &["auditor"], Level::L1);
        let key = centre.data.public_key();
        let checkpoint = centre.data.export_log(&auditor, folder.path()).await.unwrap();
        assert_eq!(Verifier::parse(&key).unwrap().verify(&checkpoint).unwrap().size, 282);
        let found = verify_tiles(folder.path(), &key).unwrap();
        assert!(found.is_sound() && found.leaves == 282, "{found:?}");
        // Each byte that is changed is found, and the leaf is named.
        for (file, named) in [
            ("tile/entries/000", ""),
            ("tile/entries/001.p/26", ""),
            ("tile/0/000", "日志第 128 条"),
            ("tile/0/001.p/26", "日志第 269 条"),
            ("tile/1/000.p/1", "日志块 tile/1/000.p/1"),
            ("checkpoint", "日志检查点"),
        ] {
            let path = folder.path().join(file);
            let good = std::fs::read(&path).unwrap();
            let mut bad = good.clone();
            let middle = bad.len() / 2;
            bad[middle] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            let wrong = verify_tiles(folder.path(), &key).unwrap().wrong.expect(file);
            assert!(wrong.contains(named), "{file}: {wrong}");
            std::fs::remove_file(&path).unwrap();
            let gone = verify_tiles(folder.path(), &key);
            assert!(gone.is_err() || !gone.unwrap().is_sound(), "{file}");
            std::fs::write(&path, &good).unwrap();
        }
        assert!(verify_tiles(folder.path(), &key).unwrap().is_sound());
    }

    async fn a_stopped_centre_is_verified_with_a_key_that_was_brought_along(centre) {
        let (key, config) = (centre.data.public_key(), config(&centre));
        work(&centre, 5).await;
        centre.data.close().await;
        let found = verify_file(&config, Some(&key)).await.unwrap();
        assert!(found.is_sound(), "{found:?}");
        assert_eq!((found.leaves, found.versions, found.records), (10, 10, 5));
        assert!(verify_file(&config, None).await.unwrap().is_sound());
        assert!(verify_file(&config, Some("not a key")).await.is_err());
    }
}

fn unbase64(line: &str) -> [u8; 32] {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(line).unwrap().try_into().unwrap()
}

pub(crate) fn config(centre: &Centre) -> Config {
    Config {
        url: centre.url.clone(),
        durability: Durability::Full,
        keys: centre.folder.path().join("keys"),
        origin: "centre.test/log".into(),
        smallest_figure: Config::SMALLEST_FIGURE,
    }
}

/// Attack 39 on the other engine: a statement behind the host's back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_39_a_row_that_was_changed_in_postgresql_is_named() {
    let centre = Centre::postgres().await;
    work(&centre, 5).await;
    let (url, config) = (centre.url.clone(), config(&centre));
    centre.data.close().await;
    let change = "UPDATE record_version SET record = replace(record, '样例事项', '样例改动') WHERE leaf = 5 RETURNING id";
    let id = tokio::task::spawn_blocking(move || postgres::ask(&url, change)).await.unwrap();
    let wrong = verify_file(&config, None).await.unwrap().wrong.unwrap();
    let id = id.lines().next().unwrap_or_default();
    assert_eq!(wrong, format!("记录 {id} 第 2 版：内容与其摘要不符"));
}

/// One flipped byte anywhere in the texts of the database file: found, and named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_byte_that_was_flipped_in_the_file_is_found() {
    let centre = Centre::sqlite().await;
    work(&centre, 40).await;
    let config = config(&centre);
    centre.data.close().await;
    let file = centre.folder.path().join("centre.db");
    let good = std::fs::read(&file).unwrap();
    let before = texts(&file).await;
    let ids = ids(&file).await;
    let text = "样例事项".as_bytes();
    let places: Vec<usize> =
        (0..good.len() - text.len()).filter(|at| good[*at..].starts_with(text)).collect();
    assert!(places.len() >= 120, "{}", places.len());
    let mut found = 0;
    for at in places.iter().step_by(9) {
        let mut bad = good.clone();
        bad[*at] ^= 0x01;
        std::fs::write(&file, &bad).unwrap();
        match verify_file(&config, None).await.unwrap().wrong {
            Some(wrong) => {
                let named = ids.iter().any(|id| wrong.contains(id.as_str()));
                assert!(named, "byte {at}: names no record: {wrong}");
                found += 1;
            }
            // A copy that the engine left behind in a page: nobody ever reads it.
            None => assert_eq!(texts(&file).await, before, "byte {at}"),
        }
    }
    assert!(found >= 8, "{found}");
    std::fs::write(&file, &good).unwrap();
    assert!(verify_file(&config, None).await.unwrap().is_sound());
}

/// The records of a database of SQLite.
async fn ids(file: &std::path::Path) -> Vec<String> {
    let mut database =
        sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let ids = sqlx::query_scalar("SELECT id FROM record").fetch_all(&mut database).await.unwrap();
    database.close().await.unwrap();
    ids
}

/// What stands in a database of SQLite, as far as the test looks.
async fn texts(file: &std::path::Path) -> String {
    let mut database =
        sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let all = "SELECT (SELECT group_concat(title) FROM record) || (SELECT group_concat(record) FROM record_version)";
    let texts = sqlx::query_scalar(all).fetch_one(&mut database).await.unwrap();
    database.close().await.unwrap();
    texts
}

/// Attack 40: an older copy of the database is put back. It is whole and signed, but the machine has seen more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_40_a_database_that_was_put_back_is_refused() {
    let mut centre = Centre::sqlite().await;
    work(&centre, 3).await;
    centre.data.close().await;
    let file = centre.folder.path().join("centre.db");
    let older = std::fs::read(&file).unwrap();
    centre.restart().await;
    work(&centre, 200).await;
    centre.data.close().await;
    let newer = std::fs::read(&file).unwrap();
    std::fs::write(&file, &older).unwrap();
    let config = config(&centre);
    let authority = anshu_data::Authority::shipped().unwrap();
    let refused = anshu_data::Data::open(&config, authority).await.unwrap_err().to_string();
    assert!(refused.contains("只有 6 条") && refused.contains("见证过 406 条"), "{refused}");
    let wrong = verify_file(&config, None).await.unwrap().wrong.unwrap();
    assert!(wrong.contains("见证过 406 条"), "{wrong}");
    // With the newer one it goes on.
    std::fs::write(&file, &newer).unwrap();
    assert!(verify_file(&config, None).await.unwrap().is_sound());
    centre.restart().await;
    work(&centre, 1).await;
}
