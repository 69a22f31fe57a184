//! Erasure: what goes, what the law keeps, who must agree, and that nothing brings it back.

use std::collections::BTreeMap;

use anshu_data::{
    Data, EndingStep, ErasureState, List, RetentionPolicy, Verification, verify_file,
};
use anshu_model::case::{CaseStage, Party};
use anshu_model::context::{OpContext, Principal};
use anshu_model::effect::Change;
use anshu_model::entity::Facet;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, NOW, again, at_work_on, change, citizen, clerk, create, duty, handler, id, line,
    on_both, person, room_facet, serving,
};
use crate::office::{leaves, operator};
use crate::packs::{action, commit, install, through};
use crate::vault::{behind, config, matter, said};

const YEAR: i64 = 366 * 24 * 3600 * 1000;

fn officer() -> OpContext {
    person("privacy", EAST, &["privacy-officer"], Level::L4)
}

fn approver() -> OpContext {
    person("approver", EAST, &["access-approver"], Level::L4)
}

fn at(context: &OpContext, now: Instant) -> OpContext {
    OpContext { id: id(), now, ..context.clone() }
}

/// Two people; a matter of both, a matter of the first alone. All of it is closed.
struct Town {
    one: Record,
    other: Record,
    shared: Record,
    alone: Record,
}

fn party(record: &mut Record, entities: &[&Record]) {
    if let Body::Case(case) = &mut record.body {
        case.parties = entities
            .iter()
            .map(|entity| Party { entity: entity.head.id.clone(), role: "申请人".into() })
            .collect();
    }
}

pub(crate) async fn close(data: &Data, record: &Record, mut base: u64) {
    for stage in [CaseStage::Accepted, CaseStage::Handling, CaseStage::Replied, CaseStage::Archived]
    {
        let step = change(record, base, Change::MoveCase { stage, substage: None });
        data.act(&again(&clerk()), vec![step], "办理").await.unwrap();
        base += 1;
    }
}

async fn town(centre: &Centre) -> Town {
    install(centre).await;
    let data = &centre.data;
    let mut one = citizen(EAST, "east", "样例甲乙丙", "999999199001010019");
    if let Body::Entity(entity) = &mut one.body {
        let facet: Facet = room_facet("L-1", "13900001234", 1);
        entity.facets = BTreeMap::from([("demo.room".to_owned(), facet)]);
    }
    let other = citizen(EAST, "east", "样例丁戊", "999999199001010027");
    let (mut shared, mut alone) = (matter("共同事项"), matter("单独事项"));
    party(&mut shared, &[&one, &other]);
    party(&mut alone, &[&one]);
    let all = [&one, &other, &shared, &alone].map(create).to_vec();
    data.act(&again(&clerk()), all, "登记").await.unwrap();
    data.act(
        &serving(&clerk(), &shared),
        vec![line(&one, "隐私来电"), line(&shared, "共同经过")],
        "记录",
    )
    .await
    .unwrap();
    commit(
        centre,
        &through(&serving(&clerk(), &alone)),
        action(),
        vec![],
        vec![line(&alone, "隐私决定")],
    )
    .await
    .unwrap();
    Town { one, other, shared, alone }
}

async fn closed(centre: &Centre) -> Town {
    let town = town(centre).await;
    close(&centre.data, &town.shared, 1).await;
    close(&centre.data, &town.alone, 1).await;
    town
}

async fn erase(data: &Data, subject: &Id) -> Id {
    let asked =
        data.ask_erasure(&again(&officer()), subject, "本人申请", "样例条款").await.unwrap();
    let done = data.answer_erasure(&again(&approver()), &asked.id, true, "已核对").await.unwrap();
    assert_eq!(done.state, ErasureState::Erased);
    asked.id
}

fn sound(found: &Verification) {
    assert_eq!((&found.wrong, found.unchecked.len()), (&None, 0), "{found:?}");
}

on_both! {
    async fn what_is_about_an_erased_person_is_unreadable_and_the_log_holds(centre) {
        let town = closed(&centre).await;
        let data = &centre.data;
        let (one, alone) = (&town.one.head.id, &town.alone.head.id);
        let decision = data.decisions_about(&again(&clerk()), alone).await.unwrap().remove(0).id;
        let outlook = data.erasure_outlook(&again(&officer()), one).await.unwrap();
        assert_eq!((outlook.counts.cases, outlook.counts.cases_left, outlook.holds.len()), (1, 1, 0), "{outlook:?}");
        let erasure = erase(data, one).await;
        // To everybody it is as if it were not there, by id, by number, by name and in lists.
        for gone in [one, alone] {
            let found = data.record(&again(&clerk()), gone).await;
            assert!(matches!(found, Err(Error::NotFound(_))), "{found:?}");
            assert!(data.is_erased(gone).await.unwrap());
        }
        let persons = data.list(&again(&clerk()), &List { limit: 50, ..List::of(Kind::Entity) }).await.unwrap();
        assert!(persons.records.iter().all(|listed| listed.record.head.id != *one));
        let told = data.decision_in_full(&again(&clerk()), &decision).await;
        assert!(matches!(told, Err(Error::NotFound(_))), "{told:?}");
        // The other person and the matter of both are as they were; it still names the erased one, by id.
        data.record(&again(&clerk()), &town.other.head.id).await.unwrap();
        let shared = data.record(&again(&clerk()), &town.shared.head.id).await.unwrap();
        assert_eq!(shared.case().unwrap().parties.len(), 2);
        assert!(!data.is_erased(&town.shared.head.id).await.unwrap());
        // No key that could open it is left.
        let keys = format!("SELECT state || CAST(length(wrapped) AS TEXT) FROM data_key WHERE subject IN ('{one}', '{alone}')");
        assert_eq!(said(&centre.url, &keys).await, "destroyed0\ndestroyed0");
        let numbers = "SELECT CAST(COUNT(*) AS TEXT) FROM record_key";
        assert_eq!(said(&centre.url, numbers).await, "1");
        // The log and every row hold, before and after a restart, with keys and without.
        sound(&data.verify().await.unwrap());
        let receipt = data.erasure_receipt(&again(&officer()), &erasure).await.unwrap();
        let verifier = anshu_data::log::note::Verifier::parse(&data.public_key()).unwrap();
        let note = receipt.split("\nc2sp.org/tlog-proof").next().unwrap();
        assert!(verifier.open(note).unwrap().contains(&format!("对象 {one}")), "{receipt}");
        assert!(receipt.contains("c2sp.org/tlog-proof@v1") && !receipt.contains("样例甲"));
        assert!(leaves(data, Action::Erase).await.len() >= 2);
        centre.restart().await;
        sound(&centre.data.verify().await.unwrap());
        assert!(centre.data.record(&again(&clerk()), one).await.is_err());
        centre.data.close().await;
        sound(&verify_file(&config(&centre), None).await.unwrap());
    }

    async fn what_the_law_keeps_is_not_erased_and_the_reason_is_told(centre) {
        let town = town(&centre).await;
        let data = &centre.data;
        let one = &town.one.head.id;
        let open = data.ask_erasure(&again(&officer()), one, "本人申请", "样例条款").await.unwrap_err();
        assert!(open.to_string().contains("尚未办结"), "{open}");
        close(data, &town.shared, 1).await;
        close(data, &town.alone, 1).await;
        let hold = data.place_hold(&again(&officer()), one, "样例机关 样例文书").await.unwrap();
        let held = data.ask_erasure(&again(&officer()), one, "本人申请", "样例条款").await.unwrap_err();
        assert!(held.to_string().contains("样例文书"), "{held}");
        assert_eq!(data.legal_holds(&again(&officer())).await.unwrap().len(), 1);
        data.lift_hold(&again(&officer()), &hold.id).await.unwrap();
        assert!(data.lift_hold(&again(&officer()), &hold.id).await.is_err());
        // A duty that is still owed to the matter is work, too; and what opens between request and answer counts.
        let asked = data.ask_erasure(&again(&officer()), one, "本人申请", "样例条款").await.unwrap();
        let owed = duty(EAST, "east", &town.one.head.id);
        data.act(&again(&clerk()), vec![create(&owed)], "登记").await.unwrap();
        let late = data.answer_erasure(&again(&approver()), &asked.id, true, "已核对").await.unwrap_err();
        assert!(late.to_string().contains("职责"), "{late}");
        data.record(&again(&clerk()), one).await.unwrap();
        let refused = data.answer_erasure(&again(&approver()), &asked.id, false, "仍在办理").await.unwrap();
        assert_eq!(refused.state, ErasureState::Refused);
        sound(&data.verify().await.unwrap());
    }

    async fn one_person_alone_erases_nobody(centre) {
        let town = closed(&centre).await;
        let (data, one) = (&centre.data, &town.one.head.id);
        let both = person("privacy", EAST, &["privacy-officer", "access-approver"], Level::L4);
        let asked = data.ask_erasure(&again(&both), one, "本人申请", "样例条款").await.unwrap();
        let own = data.answer_erasure(&again(&both), &asked.id, true, "同意").await;
        assert!(matches!(own, Err(Error::Denied(_))), "{own:?}");
        let twice = data.ask_erasure(&again(&officer()), one, "本人申请", "样例条款").await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        for roles in [&["clerk"][..], &["administrator"], &["security"], &["auditor"], &["administrator", "privacy-officer"]] {
            let who = person("east", EAST, roles, Level::L4);
            let no = data.ask_erasure(&again(&who), one, "本人申请", "样例条款").await;
            assert!(matches!(no, Err(Error::Denied(_))), "{roles:?}: {no:?}");
            let no = data.answer_erasure(&again(&who), &asked.id, true, "同意").await;
            assert!(matches!(no, Err(Error::Denied(_))), "{roles:?}: {no:?}");
            let no = data.erase(&again(&who), one, "期满", false).await;
            assert!(matches!(no, Err(Error::Denied(_))), "{roles:?}: {no:?}");
        }
        for ground in ["", " ", "a\nb", "\u{202e}x"] {
            let no = data.ask_erasure(&again(&officer()), &town.other.head.id, ground, "样例条款").await;
            assert!(matches!(no, Err(Error::Invalid(_))), "{ground:?}: {no:?}");
        }
        let absent = data.ask_erasure(&again(&officer()), &id(), "本人申请", "样例条款").await;
        assert!(matches!(absent, Err(Error::NotFound(_))), "{absent:?}");
        data.record(&again(&clerk()), one).await.unwrap();
    }

    async fn stopped_processing_is_seen_by_the_privacy_officer_alone(centre) {
        let town = closed(&centre).await;
        let (data, one) = (&centre.data, &town.one.head.id);
        let at_work = at_work_on(&centre, &[&town.one]).await;
        let stopped = data.restrict(&again(&officer()), one, "本人要求", "样例条款").await.unwrap();
        let hidden = data.record(&again(&clerk()), one).await;
        assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
        let listed = data.list(&again(&clerk()), &List { limit: 50, ..List::of(Kind::Entity) }).await.unwrap();
        assert!(listed.records.iter().all(|listed| listed.record.head.id != *one));
        let seer = person("east", EAST, &["clerk", "privacy-officer"], Level::L4);
        data.record(&again(&seer), one).await.unwrap();
        let facet = Change::SetFacet { name: "demo.room".into(), facet: room_facet("L-2", "13900001111", 1) };
        let write = data.act(&again(&clerk()), vec![change(&town.one, 1, facet.clone())], "改").await;
        assert!(matches!(&write, Err(Error::Denied(text)) if text.contains("停止处理")), "{write:?}");
        let write = data.act(&again(&at_work), vec![line(&town.one, "看看")], "备注").await;
        assert!(matches!(&write, Err(Error::Denied(text)) if text.contains("停止处理")), "{write:?}");
        // Who does not reach the person is not told that there is one whose processing was stopped.
        for effect in [change(&town.one, 1, facet), line(&town.one, "看看")] {
            let write = data.act(&handler("west"), vec![effect], "改").await;
            assert!(matches!(write, Err(Error::NotFound(_))), "{write:?}");
        }
        data.lift_restriction(&again(&officer()), &stopped.id, "本人同意").await.unwrap();
        data.record(&again(&clerk()), one).await.unwrap();
        sound(&data.verify().await.unwrap());
    }

    /// Who reads the database's files instead of asking it finds no key of somebody who was erased, wrapped as it was.
    async fn attack_50_no_file_keeps_a_destroyed_key(centre) {
        let town = closed(&centre).await;
        let one = town.one.head.id.clone();
        if !centre.url.starts_with("sqlite:") {
            // PostgreSQL's files are its own, and cleared in its own time.
            return;
        }
        let wrapped = said(&centre.url, &format!("SELECT hex(wrapped) FROM data_key WHERE subject = '{one}'")).await;
        let wrapped: Vec<u8> =
            (0..wrapped.len()).step_by(2).map(|at| u8::from_str_radix(&wrapped[at..at + 2], 16).unwrap()).collect();
        let found = || {
            ["centre.db", "centre.db-wal"]
                .into_iter()
                .filter(|name| {
                    let bytes = std::fs::read(centre.folder.path().join(name)).unwrap_or_default();
                    bytes.windows(wrapped.len()).any(|part| part == wrapped)
                })
                .count()
        };
        assert!(found() > 0);
        erase(&centre.data, &one).await;
        assert_eq!(found(), 0);
    }

    /// Attack 50: a backup of before the erasure is put back, with everything that was in it, by somebody who even knows to
    /// take the witness's memory away.
    async fn attack_50_a_restored_backup_does_not_bring_an_erased_person_back(centre) {
        let town = closed(&centre).await;
        let one = town.one.head.id.clone();
        centre.data.close().await;
        let before = Backup::take(&centre).await;
        centre.restart().await;
        erase(&centre.data, &one).await;
        centre.data.close().await;
        centre.url = before.put_back(&centre).await;
        for entry in std::fs::read_dir(centre.folder.path().join("keys")).unwrap().flatten() {
            if entry.file_name().to_string_lossy().contains("seen") || entry.file_name().to_string_lossy().contains("witness") {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        centre.restart().await;
        let found = centre.data.record(&again(&clerk()), &one).await;
        assert!(matches!(found, Err(Error::NotFound(_))), "{found:?}");
        let keys = format!("SELECT state || CAST(length(wrapped) AS TEXT) FROM data_key WHERE subject = '{one}'");
        assert_eq!(said(&centre.url, &keys).await, "destroyed0");
        sound(&centre.data.verify().await.unwrap());
        // The other one is there.
        centre.data.record(&again(&clerk()), &town.other.head.id).await.unwrap();
    }

    /// A key that somebody destroys without an erasure, or an erasure that is taken out of the books, is noticed.
    async fn a_key_that_was_destroyed_without_a_word_is_named(centre) {
        let town = closed(&centre).await;
        let one = town.one.head.id.clone();
        erase(&centre.data, &one).await;
        centre.data.close().await;
        behind(&centre.url, "DELETE FROM erasure").await;
        let wrong = verify_file(&config(&centre), None).await.unwrap().wrong.unwrap();
        assert!(wrong.contains("销毁登记"), "{wrong}");
    }

    /// Periods end by themselves: first processing stops, after the grace the key goes; what is open stays.
    async fn retention_ends_by_itself(centre) {
        let town = closed(&centre).await;
        let (data, one) = (&centre.data, &town.one.head.id);
        let policy = RetentionPolicy { grace_days: 30, log_months: None };
        let run = async |now, dry| data.end_retention(&at(&operator(), now), policy, "", dry).await.unwrap().0;
        assert!(run(NOW, false).await.is_empty());
        let later = NOW.plus(2 * YEAR);
        let would = run(later, true).await;
        // The other person has nothing that declares a period: that is for a person to decide on.
        assert_eq!(would.iter().map(|ending| (&ending.subject, ending.step)).collect::<Vec<_>>(), [(one, EndingStep::Restrict)]);
        data.record(&again(&clerk()), one).await.unwrap();
        assert_eq!(run(later, false).await.len(), 1);
        assert!(data.record(&again(&clerk()), one).await.is_err());
        assert!(!data.is_erased(one).await.unwrap());
        assert_eq!(run(later.plus(1), false).await[0].step, EndingStep::Wait);
        let after = later.plus(31 * 24 * 3600 * 1000);
        let hold = data.place_hold(&at(&officer(), after), one, "样例文书").await.unwrap();
        assert_eq!(run(after, false).await[0].step, EndingStep::Hold);
        data.lift_hold(&at(&officer(), after), &hold.id).await.unwrap();
        assert_eq!(run(after, true).await[0].step, EndingStep::Erase);
        assert!(!data.is_erased(one).await.unwrap());
        assert_eq!(run(after, false).await[0].step, EndingStep::Erase);
        assert!(data.is_erased(one).await.unwrap());
        assert!(run(after, false).await.is_empty());
        sound(&data.verify().await.unwrap());
        let states: Vec<_> = data.erasures(&again(&officer()), None, 10).await.unwrap().iter().map(|erasure| erasure.state).collect();
        assert_eq!(states, [ErasureState::Erased, ErasureState::Erased]);
        assert!(matches!(operator().principal, Principal::System { .. }));
    }
}

/// A copy of a database that nobody is connected to.
pub(crate) enum Backup {
    File(Vec<u8>),
    Copy(String),
}

impl Backup {
    pub(crate) async fn take(centre: &Centre) -> Self {
        if centre.url.starts_with("sqlite:") {
            Self::File(std::fs::read(centre.folder.path().join("centre.db")).unwrap())
        } else {
            let url = centre.url.clone();
            Self::Copy(
                tokio::task::spawn_blocking(move || crate::postgres::copy(&url)).await.unwrap(),
            )
        }
    }

    pub(crate) async fn put_back(self, centre: &Centre) -> String {
        match self {
            Self::File(bytes) => {
                let file = centre.folder.path().join("centre.db");
                for beside in ["db-wal", "db-shm"] {
                    let _ = std::fs::remove_file(file.with_extension(beside));
                }
                std::fs::write(file, bytes).unwrap();
                centre.url.clone()
            }
            Self::Copy(url) => url,
        }
    }
}
