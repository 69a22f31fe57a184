//! Importing and taking it back.

use std::sync::Arc;

use anshu_data::{BatchInfo, List};
use anshu_model::context::{OpContext, PackRef, Purpose};
use anshu_model::decision::{Cost, Decision, Input, Outcome};
use anshu_model::effect::Effect;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::port::Centre as _;
use anshu_model::record::{Kind, Record};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, NOW, WEST, again, case, citizen, clerk, create, duty, id, line, on_both, person,
    risk, room, triage,
};
use crate::office::{leaves, operator, pack};

fn importer() -> OpContext {
    person("east", EAST, &["clerk", "handler", "importer"], Level::L4)
}

fn info() -> BatchInfo {
    BatchInfo { file: "样例.csv".into(), mapping: "样例映射".into(), sha256: "00".repeat(32) }
}

/// A centre with the demo pack and a batch that was begun.
async fn begun(centre: &Centre) -> Id {
    let (manifest, grant, digest) = pack("1.0.0", b"demo");
    centre.data.put_pack(&operator(), b"demo", &manifest, &grant, &digest).await.unwrap();
    centre.data.begin_batch(&again(&importer()), info()).await.unwrap()
}

/// One row of a batch: one decision of the pack.
async fn row(centre: &Centre, batch: &Id, effects: Vec<Effect>) {
    let context = OpContext {
        id: id(),
        pack: Some(PackRef { name: "demo".into(), version: "1.0.0".into(), digest: "d".into() }),
        purpose: Purpose {
            code: "handle".into(),
            ground: "测试依据".into(),
            serves: Some(batch.clone()),
        },
        ..importer()
    };
    let snapshot = centre.data.open(&context).await.unwrap();
    let decision = Decision {
        scope: snapshot.scope().clone(),
        calendar: String::new(),
        input: Input::Action {
            name: "take-in".into(),
            subject: None,
            answers: serde_json::json!({}),
            occurred_at: NOW,
        },
        reads: Vec::new(),
        outcome: Outcome {
            summary: "已登记".into(),
            subject: None,
            reasons: Vec::new(),
            burden: None,
        },
        effects,
        log: Vec::new(),
        cost: Cost::default(),
        context,
    };
    drop(snapshot);
    centre.data.commit(Arc::new(decision)).await.unwrap();
}

async fn is_there(centre: &Centre, record: &Record) -> bool {
    match centre.data.record(&again(&importer()), &record.head.id).await {
        Ok(_) => true,
        Err(Error::NotFound(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

on_both! {
    async fn an_undone_import_is_as_if_it_had_never_been_but_in_the_log(centre) {
        let batch = begun(&centre).await;
        let someone = citizen(EAST, "east", "样例甲", "11010119990101001X");
        let place = room(EAST, "east", "L-1", "13900000000");
        let hazard = risk(EAST, "east", &place.head.id);
        let task = duty(EAST, "east", &hazard.head.id);
        row(&centre, &batch, vec![create(&someone), line(&someone, "由导入登记")]).await;
        row(&centre, &batch, vec![create(&place), create(&hazard), create(&task)]).await;
        // A later row may change what an earlier one made.
        let late = case(EAST, "east", "样例事项");
        row(&centre, &batch, vec![create(&late)]).await;
        row(&centre, &batch, vec![triage(&late, 1)]).await;
        for record in [&someone, &place, &hazard, &task, &late] {
            assert!(is_there(&centre, record).await);
        }
        let undone = centre.data.undo_batch(&again(&importer()), &batch).await.unwrap();
        assert_eq!((undone.removed, undone.kept), (5, vec![]));
        for record in [&someone, &place, &hazard, &task, &late] {
            assert!(!is_there(&centre, record).await);
        }
        for kind in [Kind::Entity, Kind::Case, Kind::Risk, Kind::Duty] {
            let page = centre.data.list(&again(&importer()), &List::of(kind)).await.unwrap();
            assert!(page.records.is_empty(), "{kind:?}");
        }
        let found = centre.data.verify().await.unwrap();
        assert!(found.is_sound(), "{found:?}");
        assert_eq!((found.versions, found.records), (11, 0));
        // The number is free again: the file is corrected and taken in once more.
        let second = centre.data.begin_batch(&again(&importer()), info()).await.unwrap();
        let corrected = citizen(EAST, "east", "样例乙", "11010119990101001X");
        row(&centre, &second, vec![create(&corrected)]).await;
        assert!(is_there(&centre, &corrected).await);
        let again_undone = centre.data.undo_batch(&again(&importer()), &batch).await;
        assert!(matches!(again_undone, Err(Error::Conflict(_))), "{again_undone:?}");
        let batches = centre.data.batches().await.unwrap();
        assert_eq!(batches.iter().filter(|one| one.undone_at.is_some()).count(), 1);
        assert_eq!(leaves(&centre.data, Action::Import).await.len(), 3);
    }

    async fn what_somebody_has_touched_since_stays_with_its_whole_row(centre) {
        let batch = begun(&centre).await;
        let before = case(EAST, "east", "先前的事项");
        centre.data.act(&clerk(), vec![create(&before)], "登记").await.unwrap();
        let row_of = || (room(EAST, "east", "L-1", "13900000000"), case(EAST, "east", "样例事项"));
        let (moved, spoken, named, changing, plain) = (row_of(), row_of(), row_of(), row_of(), row_of());
        for (place, matter) in [&moved, &spoken, &named, &plain] {
            row(&centre, &batch, vec![create(place), create(matter)]).await;
        }
        row(&centre, &batch, vec![create(&changing.0), create(&changing.1), triage(&before, 1)]).await;
        // Moved on, written about, named by another record.
        let clerk = clerk();
        centre.data.act(&again(&clerk), vec![triage(&moved.1, 1)], "分流").await.unwrap();
        centre.data.act(&again(&clerk), vec![line(&spoken.1, "已电话联系")], "备注").await.unwrap();
        let task = duty(EAST, "east", &named.1.head.id);
        centre.data.act(&again(&clerk), vec![create(&task)], "交办").await.unwrap();
        let undone = centre.data.undo_batch(&again(&importer()), &batch).await.unwrap();
        assert_eq!((undone.removed, undone.kept.len()), (2, 9), "{undone:?}");
        assert!(undone.kept.contains(&format!("事项 {}", moved.1.head.id)));
        for (place, matter) in [&moved, &spoken, &named, &changing] {
            assert!(is_there(&centre, place).await && is_there(&centre, matter).await);
        }
        assert!(!is_there(&centre, &plain.0).await && !is_there(&centre, &plain.1).await);
        assert!(is_there(&centre, &before).await);
        let found = centre.data.verify().await.unwrap();
        assert!(found.is_sound(), "{found:?}");
    }

    async fn an_import_is_undone_by_importers_of_the_place(centre) {
        let batch = begun(&centre).await;
        row(&centre, &batch, vec![create(&case(EAST, "east", "样例事项"))]).await;
        let stranger = person("west", WEST, &["clerk", "importer"], Level::L4);
        for refused in [&clerk(), &stranger] {
            let refused = centre.data.undo_batch(refused, &batch).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        let unknown = centre.data.undo_batch(&importer(), &Id::from_text("none")).await;
        assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
        assert!(matches!(centre.data.begin_batch(&clerk(), info()).await, Err(Error::Denied(_))));
        assert_eq!(centre.data.undo_batch(&again(&importer()), &batch).await.unwrap().removed, 1);
    }
}

/// A removal that the log does not know of is found: an empty version is worth nothing without its leaf.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_was_removed_behind_the_hosts_back_is_named() {
    let centre = Centre::postgres().await;
    let batch = begun(&centre).await;
    let (kept, gone) = (case(EAST, "east", "样例事项"), case(EAST, "east", "样例事项"));
    row(&centre, &batch, vec![create(&gone)]).await;
    centre.data.undo_batch(&again(&importer()), &batch).await.unwrap();
    centre.data.act(&clerk(), vec![create(&kept)], "登记").await.unwrap();
    assert!(centre.data.verify().await.unwrap().is_sound());
    let forge = format!(
        "INSERT INTO record_version SELECT '{0}', 2, record, digest, operation, leaf FROM record_version WHERE record = ''; \
         DELETE FROM record WHERE id = '{0}'",
        kept.head.id
    );
    let url = centre.url.clone();
    tokio::task::spawn_blocking(move || crate::postgres::ask(&url, &forge)).await.unwrap();
    let wrong = centre.data.verify().await.unwrap().wrong.unwrap();
    assert!(wrong.contains(kept.head.id.as_str()), "{wrong}");
}
