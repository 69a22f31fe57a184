//! The key of the blind indexes is changed while the centre works: everything is found all the way, no number is given twice, and
//! the former key is gone at the end.

use std::collections::BTreeMap;
use std::path::Path;

use anshu_data::{
    Config, Data, List, ReindexStage, ReindexStep, SealTarget, SealingKind, verify_file,
};
use anshu_model::context::OpContext;
use anshu_model::effect::Change;
use anshu_model::entity::EntityKind;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::port::{Centre as _, Find};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, again, at_work_on, case, change, citizen, clerk, create, on_both, open, person,
    room, room_facet,
};
use crate::office::leaves;
use crate::packs::{install, through};
use crate::sealing::{approver, asked, done, keeper as sealer, rules};
use crate::vault::{behind, config, said};

/// Records of one step.
const BATCH: usize = 200;

pub(crate) fn keeper() -> OpContext {
    person("keys", EAST, &["administrator"], Level::L1)
}

fn numbered(at: usize) -> String {
    format!("R{at:05}")
}

async fn by_number(data: &Data, number: &str) -> Option<Id> {
    let mut snapshot = data.open(&through(&clerk())).await.unwrap();
    let found = snapshot.lookup(EntityKind::Person, "resident-id", number).await.unwrap();
    found.map(|record| record.head.id)
}

async fn by_licence(data: &Data, licence: &str) -> Vec<Id> {
    let find = Find::Entities {
        kind: EntityKind::Place,
        facet: "demo.room".into(),
        conditions: vec![("licence".into(), licence.into())],
        within: None,
        limit: 9,
        after: None,
    };
    let mut snapshot = data.open(&through(&clerk())).await.unwrap();
    let found = snapshot.find(&find).await.unwrap();
    found.into_iter().map(|record| record.head.id).collect()
}

/// What a list finds by a code.
async fn by_code(data: &Data, matter: &Record) -> Vec<Id> {
    let list = List { text: Some(code(matter).to_owned()), ..List::of(Kind::Case) };
    let page = data.list(&again(&clerk()), &list).await.unwrap();
    page.records.into_iter().map(|listed| listed.record.head.id).collect()
}

fn code(matter: &Record) -> &str {
    let Body::Case(body) = &matter.body else { unreachable!() };
    &body.code
}

async fn sound(data: &Data) {
    let found = data.verify().await.unwrap();
    assert_eq!((found.wrong, found.unchecked), (None, vec![]));
}

async fn step(data: &Data) -> ReindexStep {
    data.reindex_step(&again(&keeper())).await.unwrap()
}

/// The least of the stored digests, as text.
async fn least(centre: &Centre) -> String {
    let query = if centre.url.starts_with("sqlite:") {
        "SELECT hex(MIN(key)) FROM record_key"
    } else {
        "SELECT encode(key, 'hex') FROM record_key ORDER BY key LIMIT 1"
    };
    said(&centre.url, query).await
}

/// Goes on until nothing is under way.
pub(crate) async fn finish(data: &Data) {
    while step(data).await.stage != ReindexStage::Still {}
}

/// Registers a person with each number that is free, and says how many were.
async fn register(data: &Data, numbers: &[String]) -> usize {
    let mut made = 0;
    for number in numbers {
        let new = citizen(EAST, "east", "样例乙", number);
        match data.act(&again(&clerk()), vec![create(&new)], "登记").await {
            Ok(_) => made += 1,
            Err(Error::Conflict(_)) => {}
            Err(error) => panic!("{number}: {error}"),
        }
    }
    made
}

/// What lies in the folder of keys.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let listed = std::fs::read_dir(folder.join("keys")).unwrap().flatten();
    listed
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

on_both! {
    /// Records are looked up, changed, sealed and unsealed in every stage; the log and the indexes verify in every stage, by the
    /// running centre and, at the end, beside it; and a new process goes on where the last one was.
    async fn everything_is_found_while_the_index_key_is_changed(centre) {
        install(&centre).await;
        centre.data.use_sealed_rules(rules());
        let people: Vec<_> = (0..2 * BATCH + 30).map(|at| citizen(EAST, "east", &format!("样例{at}"), &numbered(at))).collect();
        for some in people.chunks(100) {
            centre.data.act(&again(&clerk()), some.iter().map(create).collect(), "登记").await.unwrap();
        }
        let (matter, place) = (case(EAST, "east", "样例事项"), room(EAST, "east", "L-0", "13900001234"));
        centre.data.act(&again(&clerk()), vec![create(&matter), create(&place)], "登记").await.unwrap();
        let refused = centre.data.begin_reindex(&again(&clerk())).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let before = centre.data.reindex_status(&again(&keeper())).await.unwrap();
        assert_eq!((before.generation, before.stage, before.done), (1, ReindexStage::Still, before.all));
        let old = least(&centre).await;
        let kept = files(centre.folder.path());

        let begun = centre.data.begin_reindex(&again(&keeper())).await.unwrap();
        assert_eq!((begun.generation, begun.stage, begun.done), (1, ReindexStage::Filling, 0));
        let twice = centre.data.begin_reindex(&again(&keeper())).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        let mut stages = Vec::new();
        for round in 0_u32.. {
            let data = &centre.data;
            sound(data).await;
            for at in [0, BATCH - 1, BATCH, people.len() - 1] {
                assert_eq!(by_number(data, &numbered(at)).await.as_ref(), Some(&people[at].head.id), "{round}");
            }
            assert_eq!(by_code(data, &matter).await, std::slice::from_ref(&matter.head.id), "{round}");
            assert_eq!(by_licence(data, &format!("L-{round}")).await, std::slice::from_ref(&place.head.id), "{round}");
            // What is changed and made now is found now, and the number of somebody is nobody else's.
            let facet = room_facet(&format!("L-{}", round + 1), "13900001234", 2);
            let at_work = at_work_on(&centre, &[&place]).await;
            let changed = change(&place, u64::from(round) + 1, Change::SetFacet { name: "demo.room".into(), facet });
            data.act(&again(&at_work), vec![changed], "更新").await.unwrap();
            assert!(by_licence(data, &format!("L-{round}")).await.is_empty());
            let new = citizen(EAST, "east", "样例新", &format!("N{round:05}"));
            data.act(&again(&clerk()), vec![create(&new)], "登记").await.unwrap();
            assert_eq!(by_number(data, &format!("N{round:05}")).await, Some(new.head.id));
            for taken in [numbered(0), numbered(people.len() - 1), format!("N{round:05}")] {
                let again_there = citizen(EAST, "east", "样例另", &taken);
                let refused = data.act(&again(&clerk()), vec![create(&again_there)], "登记").await;
                assert!(matches!(refused, Err(Error::Conflict(_))), "{taken} in {round}: {refused:?}");
            }
            sound(data).await;
            if round == 1 || round == 4 {
                centre.restart().await;
                centre.data.use_sealed_rules(rules());
                install(&centre).await;
            }
            let step = step(&centre.data).await;
            stages.push(step.stage);
            if step.stage == ReindexStage::Still {
                assert_eq!((step.generation, step.done), (2, step.all));
                assert_ne!(step.key, before.key);
                break;
            }
        }
        assert!(stages.iter().filter(|stage| **stage == ReindexStage::Filling).count() >= 2, "{stages:?}");
        assert!(stages.iter().filter(|stage| **stage == ReindexStage::Clearing).count() >= 3, "{stages:?}");
        sound(&centre.data).await;
        assert_eq!(by_number(&centre.data, &numbered(7)).await.as_ref(), Some(&people[7].head.id));
        assert_ne!(least(&centre).await, old);

        // The former key is gone; what must not change with it has not.
        let now = files(centre.folder.path());
        assert!(!now.contains_key("index.key") && now.contains_key("index-2.key"), "{:?}", now.keys());
        let was = &kept["index.key"];
        assert!(now.values().all(|bytes| !bytes.windows(32).any(|part| part == was.as_slice())));
        for name in ["figure.key", "budget.key", "watermark.key", "export.key"] {
            assert_eq!(now[name], kept[name], "{name}");
        }
        let noted = leaves(&centre.data, Action::Configure).await;
        assert_eq!(noted.iter().filter(|leaf| leaf.note.contains("检索密钥")).count(), stages.len() + 1, "{noted:?}");
        centre.data.close().await;
        let found = verify_file(&config(&centre), None).await.unwrap();
        assert!(found.is_sound(), "{found:?}");
        // And once more, from the second to the third.
        centre.data = open(&centre.url, centre.folder.path()).await;
        centre.data.begin_reindex(&again(&keeper())).await.unwrap();
        finish(&centre.data).await;
        assert_eq!(by_number(&centre.data, &numbered(7)).await.as_ref(), Some(&people[7].head.id));
        sound(&centre.data).await;
    }

    /// Two processes, one of which knew nothing of the change: whatever the stage, one number is registered once.
    async fn two_writers_never_register_one_number_twice(centre) {
        install(&centre).await;
        let people: Vec<_> = (0..BATCH + 50).map(|at| citizen(EAST, "east", "样例甲", &numbered(at))).collect();
        for some in people.chunks(100) {
            centre.data.act(&again(&clerk()), some.iter().map(create).collect(), "登记").await.unwrap();
        }
        let other = open(&centre.url, centre.folder.path()).await;
        centre.data.begin_reindex(&again(&keeper())).await.unwrap();
        let mut made = Vec::new();
        for round in 0_u32.. {
            // Both at the same time, a few numbers each round.
            let numbers: Vec<_> = (0..8).map(|at| format!("M{round:03}{at}")).collect();
            let (one, two) = tokio::join!(register(&centre.data, &numbers), register(&other, &numbers));
            assert_eq!(one + two, numbers.len(), "{round}");
            // What was there before is nobody else's for either.
            for data in [&centre.data, &other] {
                for number in [numbered(0), numbered(people.len() - 1), format!("M{:03}0", round.saturating_sub(1))] {
                    let new = citizen(EAST, "east", "样例丙", &number);
                    let refused = data.act(&again(&clerk()), vec![create(&new)], "登记").await;
                    assert!(matches!(refused, Err(Error::Conflict(_))), "{number} in {round}: {refused:?}");
                    assert!(by_number(data, &number).await.is_some(), "{number} in {round}");
                }
            }
            made.extend(numbers);
            // The one and the other go on with it by turns.
            let turn = if round % 2 == 0 { &other } else { &centre.data };
            if step(turn).await.stage == ReindexStage::Still {
                break;
            }
        }
        for data in [&centre.data, &other] {
            for number in &made {
                assert!(by_number(data, number).await.is_some(), "{number}");
            }
            sound(data).await;
        }
        let rows = said(&centre.url, "SELECT CAST(COUNT(*) AS TEXT) FROM record_key").await;
        assert_eq!(rows.trim(), (people.len() + made.len()).to_string());
        other.close().await;
    }

    /// Sealed records keep their numbers apart, under either key; what was asked about them follows, or says that it cannot.
    async fn sealed_records_keep_their_numbers_apart_in_every_stage(centre) {
        let number = "999999199001010016";
        let unknown = "999999199001020011";
        let target = |value: &str| SealTarget::Number { kind: EntityKind::Person, scheme: "resident-id".into(), value: value.into() };
        let data = &centre.data;
        install(&centre).await;
        data.use_sealed_rules(rules());
        let many: Vec<_> = (0..BATCH).map(|at| citizen(EAST, "east", "样例甲", &numbered(at))).collect();
        for some in many.chunks(100) {
            data.act(&again(&clerk()), some.iter().map(create).collect(), "登记").await.unwrap();
        }
        let first = citizen(EAST, "east", "样例丙", number);
        data.act(&again(&clerk()), vec![create(&first)], "登记").await.unwrap();
        done(data, SealingKind::Seal, SealTarget::Record(first.head.id.clone())).await;
        let query = done(data, SealingKind::Query, target(number)).await;
        let waiting = asked(data, SealingKind::Query, target(number)).await;
        let nobodys = done(data, SealingKind::Query, target(unknown)).await;
        data.begin_reindex(&again(&keeper())).await.unwrap();
        let mut rounds = 0;
        loop {
            rounds += 1;
            sound(data).await;
            let found = data.sealed_matter(&again(&sealer()), &query).await.unwrap();
            assert_eq!(found.members[0].record.head.id, first.head.id);
            assert_eq!(by_number(data, number).await, None, "{rounds}");
            if rounds == 2 {
                // Whoever enters the number makes a record, and learns nothing.
                let rival = citizen(EAST, "east", "样例丙", number);
                data.act(&again(&clerk()), vec![create(&rival)], "登记").await.unwrap();
                assert_eq!(by_number(data, number).await.as_ref(), Some(&rival.head.id));
                sound(data).await;
                // And back: unsealed with a rival, settled, and sealed again, with both generations there.
                let id = done(data, SealingKind::Unseal, SealTarget::Record(first.head.id.clone())).await;
                sound(data).await;
                data.settle_sealing(&again(&sealer()), &id, true).await.unwrap();
                assert_eq!(by_number(data, number).await.as_ref(), Some(&first.head.id));
                sound(data).await;
                done(data, SealingKind::Seal, SealTarget::Record(first.head.id.clone())).await;
                // The rival's number stayed apart when it was settled, so nobody has it openly.
            }
            if step(data).await.stage == ReindexStage::Still {
                break;
            }
        }
        assert!(rounds >= 4, "{rounds}");
        sound(data).await;
        data.answer_sealing(&again(&approver()), &waiting, true, "").await.unwrap();
        for id in [&query, &waiting] {
            let found = data.sealed_matter(&again(&sealer()), id).await.unwrap();
            assert!(found.members.iter().any(|member| member.record.head.id == first.head.id));
        }
        let stale = data.sealed_matter(&again(&sealer()), &nobodys).await.unwrap_err();
        assert!(matches!(&stale, Error::Conflict(said) if said.contains("检索密钥已经更换")), "{stale}");
        data.withdraw_sealing(&again(&sealer()), &nobodys).await.unwrap();
    }

    /// A centre does not start with another key than its database was written with, and makes none in its place.
    async fn a_lost_index_key_is_said_and_not_replaced(centre) {
        install(&centre).await;
        let who = citizen(EAST, "east", "样例甲", &numbered(1));
        centre.data.act(&clerk(), vec![create(&who)], "登记").await.unwrap();
        centre.data.close().await;
        let folder = centre.folder.path().join("keys");
        let refuses = async |config: &Config| {
            let authority = anshu_data::Authority::shipped().unwrap();
            Data::open(config, authority).await.unwrap_err().to_string()
        };
        let good = std::fs::read(folder.join("index.key")).unwrap();
        std::fs::remove_file(folder.join("index.key")).unwrap();
        assert!(refuses(&config(&centre)).await.contains("index.key"));
        assert!(!folder.join("index.key").exists());
        let found = verify_file(&config(&centre), None).await.unwrap();
        assert!(found.is_sound() && found.unchecked.iter().any(|what| what.contains("检索密钥")), "{found:?}");
        std::fs::write(folder.join("index.key"), &good).unwrap();
        centre.data = open(&centre.url, centre.folder.path()).await;
        centre.data.begin_reindex(&again(&keeper())).await.unwrap();
        centre.data.close().await;
        let other = [7_u8; 32];
        let next = std::fs::read(folder.join("index-2.key")).unwrap();
        std::fs::write(folder.join("index-2.key"), other).unwrap();
        assert!(refuses(&config(&centre)).await.contains("index-2.key"));
        std::fs::write(folder.join("index-2.key"), next).unwrap();
        centre.data = open(&centre.url, centre.folder.path()).await;
        finish(&centre.data).await;
        // Killed between the last commit and the destruction of the file: the next start destroys it.
        centre.data.close().await;
        std::fs::write(folder.join("index.key"), &good).unwrap();
        centre.data = open(&centre.url, centre.folder.path()).await;
        assert!(!folder.join("index.key").exists());
        assert_eq!(by_number(&centre.data, &numbered(1)).await, Some(who.head.id));
        // How far it came is vouched for.
        centre.data.close().await;
        behind(&centre.url, "UPDATE index_key SET state = 'serving' WHERE generation = 1").await;
        let wrong = verify_file(&config(&centre), None).await.unwrap().wrong.unwrap();
        assert!(wrong.contains("检索密钥 1"), "{wrong}");
    }
}
