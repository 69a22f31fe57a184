use anshu_model::division::Division;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::record::{Record, RecordRef};
use anshu_model::{Id, Result};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::Durability;
use crate::columns::{self, Columns};
use crate::db::Bind;
use crate::log::bind;
use crate::log::note::Signer;
use crate::log::store::{Appender, CLOCK_SET_BACK};
use anshu_model::calendar::Calendar;

struct Centre {
    db: Db,
    appender: Appender,
    _folder: tempfile::TempDir,
}

/// Records of these tests are written without their blind indexes.
fn books() -> Books {
    let keys = std::sync::Arc::new(crate::vault::blind::IndexKeys::of(std::path::Path::new("")));
    Books { keys, index: None, schemas: std::sync::Arc::default(), vault: None }
}

async fn centre() -> Centre {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("centre.db").display());
    let db = Db::open(&url, Durability::Off).await.unwrap();
    let appender = Appender::new(Signer::new("centre.example/log", &[7; 32]).unwrap());
    Centre { db, appender, _folder: folder }
}

fn leaf(number: i64, action: Action) -> Leaf {
    Leaf {
        at: Instant(1_770_000_000_000 + number),
        operation: Id::from_bits(u128::from(number.unsigned_abs())),
        actor: "person:p@u".into(),
        pack: None,
        action,
        verdict: Verdict::Allowed,
        purpose: "handle 样例依据".into(),
        serves: None,
        touched: Vec::new(),
        digest: String::new(),
        rows: String::new(),
        note: String::new(),
        persons: String::new(),
        beyond: Vec::new(),
    }
}

fn record(number: u64, version: u64, name: &str) -> Record {
    let id = Id::from_bits(u128::from(number));
    serde_json::from_value(serde_json::json!({
        "head": {
            "id": id, "kind": "entity", "type_name": "organisation", "unit": "u1", "version": version, "created_at": 5,
            "division": Division::parse("500103000000").unwrap(),
        },
        "body": { "kind": "entity", "entity_kind": "organisation", "name": name },
    }))
    .unwrap()
}

impl Centre {
    async fn reads(&self, from: i64, count: i64) {
        let leaves: Vec<Leaf> =
            (from..from + count).map(|number| leaf(number, Action::Read)).collect();
        let mut tx = self.db.write().await.unwrap();
        self.appender.append(&mut tx, &leaves).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Commits records as the writer does: leaf, versions, heads.
    async fn write(&self, number: i64, records: &[Record]) {
        let made: Vec<(RecordRef, String, Hash)> = records
            .iter()
            .map(|record| {
                let json = serde_json::to_string(record).unwrap();
                let digest = Sha256::digest(json.as_bytes()).into();
                (record.reference(), json, digest)
            })
            .collect();
        let hashes = made.iter().map(|(reference, _, digest)| {
            bind::version(reference.id.as_str(), reference.version, digest)
        });
        let leaf = Leaf { rows: bind::rows(hashes.collect()), ..leaf(number, Action::Write) };
        let mut tx = self.db.write().await.unwrap();
        let first = self.appender.append(&mut tx, std::slice::from_ref(&leaf)).await.unwrap().first;
        let versions = made
            .into_iter()
            .map(|(reference, json, digest)| -> Vec<Bind> {
                vec![
                    (&reference.id).into(),
                    reference.version.into(),
                    json.into(),
                    digest.into(),
                    (&leaf.operation).into(),
                    first.into(),
                ]
            })
            .collect();
        let into = "INSERT INTO record_version (id, version, record, digest, operation, leaf)";
        tx.insert(into, 6, versions, "").await.unwrap();
        let heads = records
            .iter()
            .map(|record| Columns::of(record, &Calendar::default(), Instant(0)).binds(record))
            .collect();
        tx.insert(columns::INSERT, columns::COUNT, heads, columns::REPLACE).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn decide(&self, number: i64, json: &'static str) {
        let digest: Hash = Sha256::digest(json).into();
        let leaf = leaf(number, Action::Decide);
        let (id, at) = (leaf.operation.as_str(), leaf.at.milliseconds());
        let rows = bind::rows(vec![bind::decision(id, at, "sample", None, &digest)]);
        let leaf = Leaf { rows, ..leaf };
        let mut tx = self.db.write().await.unwrap();
        let first = self.appender.append(&mut tx, std::slice::from_ref(&leaf)).await.unwrap().first;
        let row: Vec<Bind> = vec![
            (&leaf.operation).into(),
            leaf.at.into(),
            "sample".into(),
            json.into(),
            digest.into(),
            first.into(),
        ];
        let into = "INSERT INTO decision (id, at, pack, decision, digest, leaf)";
        tx.insert(into, 6, vec![row], "").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What somebody with the database's password does.
    async fn tamper(&self, statement: &'static str) {
        let mut tx = self.db.write().await.unwrap();
        assert!(tx.run(Query::new(statement)).await.unwrap() > 0, "{statement}");
        tx.commit().await.unwrap();
    }

    async fn verify(&self) -> Verification {
        whole(&self.db, &self.appender.verifier(), &books()).await.unwrap()
    }

    async fn proof(&self, old: Option<u64>, index: u64, size: u64) -> Result<Vec<Hash>> {
        let mut tx = self.db.read().await.unwrap();
        match old {
            Some(old) => store::prove_consistency(&mut tx, old, size).await,
            None => store::prove_inclusion(&mut tx, index, size).await,
        }
    }
}

#[tokio::test]
async fn an_empty_log_holds_and_has_a_signed_checkpoint() {
    let centre = centre().await;
    let done = centre.verify().await;
    assert!(done.is_sound() && done.leaves == 0, "{done:?}");
    let note = centre.appender.checkpoint(&mut centre.db.read().await.unwrap()).await.unwrap();
    assert_eq!(centre.appender.verifier().verify(&note).unwrap().size, 0);
}

#[tokio::test]
async fn a_log_that_nobody_touched_holds_whatever_its_batches_were() {
    let centre = centre().await;
    let mut from = 0;
    for count in [1, 254, 1, 1, 300, 70_000, 3] {
        centre.reads(from, count).await;
        from += count;
    }
    centre.write(from, &[record(1, 1, "甲单位"), record(2, 1, "乙单位")]).await;
    centre.write(from + 1, &[record(1, 2, "甲单位（更名）")]).await;
    centre.decide(from + 2, r#"{"decision":1}"#).await;
    let done = centre.verify().await;
    assert_eq!(done.wrong, None);
    assert_eq!((done.leaves, done.versions, done.decisions, done.records), (70_563, 3, 1, 2));
    // Proofs come from tiles, from what is not in a tile yet, and from both.
    let mut tx = centre.db.read().await.unwrap();
    let root: Hash = store::head(&mut tx).await.unwrap().frontier.root();
    drop(tx);
    for index in [0, 255, 256, 65_535, 65_536, 70_562] {
        let mut tx = centre.db.read().await.unwrap();
        let bytes = store::leaf_bytes(&mut tx, index, 1).await.unwrap().remove(0).1;
        drop(tx);
        let proof = centre.proof(None, index, 70_563).await.unwrap();
        assert!(tree::verify_inclusion(index, 70_563, &tree::leaf_hash(&bytes), &proof, &root));
    }
    assert!(centre.proof(None, 70_563, 70_564).await.is_err());
}

#[tokio::test]
async fn an_older_checkpoint_is_consistent_with_the_log_that_grew() {
    let centre = centre().await;
    let mut before = Vec::new();
    let mut from = 0;
    for count in [1, 255, 44, 700] {
        centre.reads(from, count).await;
        from += count;
        let head = store::head(&mut centre.db.read().await.unwrap()).await.unwrap();
        before.push((head.frontier.size(), head.frontier.root()));
    }
    let (size, root) = *before.last().unwrap();
    for (old, old_root) in before {
        let proof = centre.proof(Some(old), 0, size).await.unwrap();
        assert!(tree::verify_consistency(old, size, &old_root, &root, &proof));
    }
}

/// Attacks 39 to 41: whoever owns the database changes one thing, and verification names it.
#[tokio::test]
async fn each_thing_that_is_changed_behind_the_hosts_back_is_named() {
    let cases: [(&'static [&'static str], &'static str); 20] = [
        (
            &[
                "UPDATE log_leaf SET bytes = CAST(replace(CAST(bytes AS TEXT), 'p@u', 'q@u') AS BLOB) WHERE position = 77",
            ],
            "日志第 77 条的内容与其哈希不符",
        ),
        (
            &["UPDATE log_leaf SET hash = zeroblob(32) WHERE position = 299"],
            "日志第 299 条的内容与其哈希不符",
        ),
        (&["DELETE FROM log_leaf WHERE position = 12"], "日志第 12 条缺失"),
        (&["DELETE FROM log_leaf WHERE position = 302"], "日志第 302 条缺失"),
        (
            &[
                "INSERT INTO log_leaf SELECT position + 1, bytes, hash FROM log_leaf WHERE position = 302",
            ],
            "日志第 303 条不在签名的检查点之内",
        ),
        (&["UPDATE log_tile SET bytes = zeroblob(8192)"], "日志块 tile/0/000 缺失或与日志条目不符"),
        (&["DELETE FROM log_tile"], "日志块 tile/0/000 缺失或与日志条目不符"),
        (&["UPDATE log_head SET checkpoint = replace(checkpoint, '303', '302')"], "日志检查点"),
        (&["UPDATE log_head SET frontier = zeroblob(192)"], "日志头已损坏"),
        (&["UPDATE log_head SET last_at = last_at + 1"], "日志头已损坏：末条时间"),
        (
            &[
                "UPDATE record_version SET record = replace(record, '乙', '丙') WHERE version = 1 AND record LIKE '%乙%'",
            ],
            "00002 第 1 版：内容与其摘要不符",
        ),
        (&["DELETE FROM record_version WHERE version = 2"], "日志第 301 条所写的内容与其摘要不符"),
        (
            &[
                "INSERT INTO record_version SELECT id, 9, record, digest, operation, leaf, was FROM record_version WHERE version = 2",
            ],
            "日志第 301 条所写的内容与其摘要不符",
        ),
        (&["UPDATE record_version SET leaf = 5 WHERE version = 2"], "不是日志第 5 条所写"),
        (
            &[
                "UPDATE record_version SET leaf = 999 WHERE version = 2",
                "UPDATE log_head SET size = size",
            ],
            "日志第 301 条所写的内容与其摘要不符",
        ),
        (&["UPDATE decision SET decision = '{}'"], "：内容与其摘要不符"),
        (&["DELETE FROM decision"], "日志第 302 条所作的决定"),
        (&["UPDATE record SET division = '500112000000'"], "当前状态与第"),
        (&["UPDATE record SET version = 1 WHERE version = 2"], "当前版本不是最后一版"),
        (&["DELETE FROM record WHERE version = 2"], "有历史版本而没有当前状态"),
    ];
    for (statements, named) in cases {
        let centre = centre().await;
        centre.reads(0, 300).await;
        centre.write(300, &[record(1, 1, "甲单位"), record(2, 1, "乙单位")]).await;
        centre.write(301, &[record(1, 2, "甲单位（更名）")]).await;
        centre.decide(302, r#"{"decision":1}"#).await;
        assert!(centre.verify().await.is_sound());
        for statement in statements {
            centre.tamper(statement).await;
        }
        let wrong = centre.verify().await.wrong.unwrap_or_default();
        assert!(wrong.contains(named), "{statements:?}: {wrong}");
    }
}

/// Attack 41: all of it is recomputed, and only the signature cannot be.
#[tokio::test]
async fn a_log_that_was_rebuilt_without_the_key_is_refused() {
    let centre = centre().await;
    centre.reads(0, 10).await;
    let forger = Appender::new(Signer::new("centre.example/log", &[8; 32]).unwrap());
    let mut tx = centre.db.write().await.unwrap();
    forger.append(&mut tx, &[leaf(11, Action::Read)]).await.unwrap();
    tx.commit().await.unwrap();
    let wrong = centre.verify().await.wrong.unwrap();
    assert!(wrong.contains("没有该公钥的签名"), "{wrong}");
}

/// Attack 44: a clock that was set back cannot make an act look earlier than the one before it.
#[tokio::test]
async fn a_clock_that_was_set_back_is_visible_in_the_log() {
    let centre = centre().await;
    centre.reads(1_000, 1).await;
    centre.reads(0, 1).await;
    centre.reads(-86_400_000, 1).await;
    let done = centre.verify().await;
    assert!(done.is_sound(), "{done:?}");
    assert_eq!(done.clocks_set_back, 1);
    let mut tx = centre.db.read().await.unwrap();
    let leaves = store::leaves(&mut tx, 0, 9).await.unwrap();
    assert!(leaves.iter().all(|(_, leaf)| leaf.at == Instant(1_770_000_001_000)));
    assert!(leaves.last().unwrap().1.note.starts_with(CLOCK_SET_BACK));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// One bit of one leaf, anywhere: it is found, and it is that leaf which is named.
    #[test]
    fn any_flipped_bit_of_a_leaf_is_named(position in 0_i64..600, byte: proptest::sample::Index, bit in 0_u8..8) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let centre = centre().await;
            centre.reads(0, 600).await;
            let mut tx = centre.db.write().await.unwrap();
            let (_, mut bytes) = store::leaf_bytes(&mut tx, u64::try_from(position).unwrap(), 1).await.unwrap().remove(0);
            let at = byte.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let update = Query::new("UPDATE log_leaf SET bytes = ").bind(bytes).push(" WHERE position = ").bind(position);
            tx.run(update).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(centre.verify().await.wrong.unwrap(), format!("日志第 {position} 条的内容与其哈希不符"));
        });
    }
}

/// How long a large log takes. Run by hand: `cargo test -p anshu-data -- --ignored --nocapture a_million`.
#[tokio::test]
#[ignore = "a measurement: writes a million leaves"]
async fn a_million_leaves() {
    let centre = centre().await;
    let start = std::time::Instant::now();
    for batch in 0..4_000 {
        centre.reads(batch * 250, 250).await;
    }
    let appended = start.elapsed();
    let start = std::time::Instant::now();
    let done = centre.verify().await;
    let verified = start.elapsed();
    assert_eq!((done.wrong, done.leaves), (None, 1_000_000));
    println!("append {:?} a leaf, verify {verified:?}", appended / 1_000_000);
}
