//! The log against whoever owns the database: cut, rebuilt, shown in two ways, not written, written with a wrong clock. And
//! how auditors search it.

use std::path::Path;
use std::sync::Arc;

use anshu_data::log::cosigner::{Answer, Cosigner, Witness};
use anshu_data::log::export::{verify_tiles, verify_tiles_by};
use anshu_data::log::note::{Note, Verifier};
use anshu_data::log::policy::Policy;
use anshu_data::log::proof::Proof;
use anshu_data::{Asked, Authority, Config, Data, List, Standing, Wanted, verify_file};
use anshu_model::Error;
use anshu_model::context::{OpContext, Principal};
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::Centre as _;
use anshu_model::record::Kind;
use sqlx::{Connection as _, Executor as _};

use crate::audit::{config, work};
use crate::centre::{
    Centre, EAST, NOW, WEST, again, case, clerk, create, handler, line, on_both, person, triage,
};
use crate::office::{leaves, operator};
use crate::packs::{action, commit, install, through};
use crate::postgres;

/// What a witness says the time is.
const SECONDS: u64 = 1_795_000_000;

pub(crate) fn auditor() -> OpContext {
    person("audit", EAST, &["auditor"], Level::L1)
}

/// A witness in a folder of its own.
pub(crate) fn witness(folder: &Path, data: &Data) -> Witness {
    let cosigner = Cosigner::open(folder, Some("witness.test/w1")).unwrap();
    Witness::open(folder, cosigner, &[data.public_key()]).unwrap()
}

/// Asks a witness as the server does: what it cosigned last, then what it says that it has seen.
pub(crate) async fn submit(data: &Data, witness: &Witness) -> Result<Answer, u64> {
    let key = witness.verifier();
    let mut seen = None;
    loop {
        match data.ask_witness(&key, seen).await.unwrap() {
            Asked::Nothing => return Ok(Answer::Malformed),
            Asked::Cut { size } => return Err(size),
            Asked::Growth(asked) => match witness.add(&asked.text(), SECONDS).unwrap() {
                Answer::Cosigned(line) => {
                    data.take_cosignature(&key, &asked, &line, NOW).await.unwrap();
                    return Ok(Answer::Cosigned(line));
                }
                Answer::Seen(size) if seen != Some(size) => seen = Some(size),
                other => return Ok(other),
            },
        }
    }
}

/// Another history under the same key: an empty database, and the folder of keys without what the machine has seen.
pub(crate) async fn forked(centre: &Centre) -> Centre {
    let fork = match centre.url.starts_with("postgres:") {
        true => Centre::postgres().await,
        false => Centre::sqlite().await,
    };
    fork.data.close().await;
    let (from, to) = (centre.folder.path().join("keys"), fork.folder.path().join("keys"));
    for file in std::fs::read_dir(&from).unwrap().flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    std::fs::remove_file(to.join("log.witness")).unwrap_or_default();
    let Centre { url, folder, .. } = fork;
    let data = crate::centre::open(&url, folder.path()).await;
    Centre { data, url, folder }
}

/// A database that takes no leaf any more, and one that does again.
async fn refuse_leaves(centre: &Centre, refuse: bool) {
    let url = centre.url.clone();
    if url.starts_with("postgres:") {
        let sql = if refuse {
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql; \
             CREATE TRIGGER refuse BEFORE INSERT ON log_leaf FOR EACH ROW EXECUTE FUNCTION refuse()"
        } else {
            "DROP TRIGGER refuse ON log_leaf"
        };
        tokio::task::spawn_blocking(move || postgres::ask(&url, sql)).await.unwrap();
        return;
    }
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let sql = if refuse {
        "CREATE TRIGGER refuse BEFORE INSERT ON log_leaf BEGIN SELECT RAISE(ABORT, 'no'); END"
    } else {
        "DROP TRIGGER refuse"
    };
    database.execute(sql).await.unwrap();
    database.close().await.unwrap();
}

on_both! {
    async fn a_witness_cosigns_the_log_and_its_line_stands_under_the_checkpoint(centre) {
        let folder = tempfile::tempdir().unwrap();
        let witness = witness(folder.path(), &centre.data);
        assert_eq!(submit(&centre.data, &witness).await, Ok(Answer::Malformed), "an empty log is not shown");
        work(&centre, 3).await;
        assert!(matches!(submit(&centre.data, &witness).await, Ok(Answer::Cosigned(_))));
        let log = Verifier::parse(&centre.data.public_key()).unwrap();
        let policy = Policy::at_least(log, &[witness.verifier()], 1);
        let accepted = policy.check(&centre.data.checkpoint().await.unwrap()).unwrap();
        assert_eq!((accepted.checkpoint.size, accepted.cosigned.len()), (6, 1));
        // The log goes on: what is proved is proved by what was cosigned, the rest by the log alone.
        work(&centre, 1).await;
        assert!(policy.check(&centre.data.checkpoint().await.unwrap()).is_err());
        assert!(policy.check(&Proof::parse(&centre.data.proof(5).await.unwrap()).unwrap().checkpoint).is_ok());
        assert!(policy.check(&Proof::parse(&centre.data.proof(7).await.unwrap()).unwrap().checkpoint).is_err());
        assert!(matches!(submit(&centre.data, &witness).await, Ok(Answer::Cosigned(_))));
        let known = centre.data.witnessed().await.unwrap();
        assert_eq!((known.len(), known[0].size, known[0].standing), (1, 8, Standing::Well));
        // Nobody else's line is taken for the witness's.
        let asked = Asked::Growth(anshu_data::log::cosigner::AddCheckpoint { old: 0, proof: vec![], checkpoint: centre.data.checkpoint().await.unwrap() });
        let Asked::Growth(asked) = asked else { unreachable!() };
        let other = Cosigner::new("witness.test/w2", &[3; 32]).unwrap();
        let line = other.cosign(Note::parse(&asked.checkpoint).unwrap().text, SECONDS);
        assert!(centre.data.take_cosignature(&other.verifier(), &asked, "", NOW).await.is_err());
        assert!(centre.data.take_cosignature(&witness.verifier(), &asked, &line, NOW).await.is_ok(), "its own line is there already");
        centre.data.close().await;
        assert!(verify_file(&config(&centre), None).await.unwrap().is_sound());
    }

    /// The end of the log is cut off and everything on this machine is put back with it: the witness elsewhere has seen more.
    async fn attack_40_a_cut_tail_is_seen_by_the_witness_elsewhere(centre) {
        let folder = tempfile::tempdir().unwrap();
        let witness = witness(folder.path(), &centre.data);
        work(&centre, 10).await;
        assert!(matches!(submit(&centre.data, &witness).await, Ok(Answer::Cosigned(_))));
        let cut = forked(&centre).await;
        work(&cut, 2).await;
        assert_eq!(submit(&cut.data, &witness).await, Err(4), "fewer leaves than the witness has seen");
        let key = witness.verifier();
        cut.data.witness_failed(&operator(), &key, Standing::Cut, "见证过 20 条").await.unwrap();
        cut.data.witness_failed(&operator(), &key, Standing::Cut, "见证过 20 条").await.unwrap();
        let alarms = leaves(&cut.data, Action::Audit).await;
        assert_eq!(alarms.iter().filter(|leaf| leaf.verdict == Verdict::Failed).count(), 1, "once: {alarms:?}");
        assert!(cut.data.witnessed().await.unwrap()[0].standing.is_alarm());
    }

    /// The whole tree is rebuilt with the log's own key, and grows beyond what was seen.
    async fn attack_41_a_rebuilt_tree_is_refused_by_the_witness(centre) {
        let folder = tempfile::tempdir().unwrap();
        let witness = witness(folder.path(), &centre.data);
        work(&centre, 5).await;
        assert!(matches!(submit(&centre.data, &witness).await, Ok(Answer::Cosigned(_))));
        let fork = forked(&centre).await;
        work(&fork, 5).await;
        assert_eq!(submit(&fork.data, &witness).await, Ok(Answer::Seen(10)), "the same size, another root");
        work(&fork, 5).await;
        assert_eq!(submit(&fork.data, &witness).await, Ok(Answer::Inconsistent));
        assert_eq!(witness.seen()["centre.test/log"], 10);
    }

    /// A centre shows each auditor another log. Whoever asks for cosignatures takes one of them only; whoever kept a
    /// checkpoint of before tells them apart.
    async fn attack_42_of_two_views_a_policy_takes_one(centre) {
        let folder = tempfile::tempdir().unwrap();
        let witness = witness(folder.path(), &centre.data);
        work(&centre, 5).await;
        assert!(matches!(submit(&centre.data, &witness).await, Ok(Answer::Cosigned(_))));
        let kept = centre.data.checkpoint().await.unwrap();
        let fork = forked(&centre).await;
        work(&fork, 20).await;
        let log = Verifier::parse(&centre.data.public_key()).unwrap();
        let policy = Policy::at_least(log.clone(), &[witness.verifier()], 1);
        let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
        centre.data.begin_export_log(&auditor()).await.unwrap();
        assert!(matches!(submit(&centre.data, &witness).await, Ok(Answer::Cosigned(_))));
        centre.data.write_log(&good).await.unwrap();
        fork.data.export_log(&auditor(), &bad).await.unwrap();
        let sound = verify_tiles_by(&good, &policy, std::slice::from_ref(&kept)).unwrap();
        assert!(sound.is_sound(), "{sound:?}");
        // By the log's key alone both are whole.
        assert!(verify_tiles(&bad, &centre.data.public_key()).unwrap().is_sound());
        let wrong = verify_tiles_by(&bad, &policy, &[]).unwrap().wrong.unwrap();
        assert!(wrong.contains("0 个见证方共签"), "{wrong}");
        let wrong = verify_tiles_by(&bad, &Policy::of(log.clone()), &[kept]).unwrap().wrong.unwrap();
        assert!(wrong.contains("有两份历史"), "{wrong}");
        let later = centre.data.checkpoint().await.unwrap();
        let short = forked(&centre).await;
        work(&short, 2).await;
        short.data.export_log(&auditor(), &folder.path().join("short")).await.unwrap();
        let wrong = verify_tiles_by(&folder.path().join("short"), &Policy::of(log), &[later]).unwrap().wrong.unwrap();
        assert!(wrong.contains("末尾的日志被删除"), "{wrong}");
    }

    /// A leaf that cannot be written fails what was asked: no read, no list, no change, no sign-in goes without.
    async fn attack_43_what_cannot_be_logged_is_not_done(centre) {
        install(&centre).await;
        let record = case(EAST, "east", "样例事项");
        centre.data.act(&clerk(), vec![create(&record)], "登记").await.unwrap();
        let (size, _) = centre.data.log_head().await.unwrap();
        refuse_leaves(&centre, true).await;
        let id = &record.head.id;
        let unavailable = |error: Error| assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        unavailable(centre.data.record(&again(&clerk()), id).await.unwrap_err());
        unavailable(centre.data.list(&again(&clerk()), &List::of(Kind::Case)).await.unwrap_err());
        unavailable(centre.data.act(&again(&clerk()), vec![triage(&record, 1)], "分流").await.unwrap_err());
        unavailable(commit(&centre, &through(&clerk()), action(), vec![], vec![line(&record, "样例")]).await.unwrap_err());
        unavailable(centre.data.entries(&auditor(), 0, 5).await.unwrap_err());
        unavailable(centre.data.note_policies(&again(&operator())).await.unwrap_err());
        // A refusal that cannot be logged is not told either.
        let denied = centre.data.entries(&again(&clerk()), 0, 5).await.unwrap_err();
        unavailable(denied);
        refuse_leaves(&centre, false).await;
        assert_eq!(centre.data.log_head().await.unwrap().0, size);
        assert_eq!(centre.data.record(&again(&clerk()), id).await.unwrap().head.version, 1);
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    /// The host's clock is set back a day, to make something look as if it had been in time.
    async fn attack_44_a_clock_that_was_set_back_does_not_date_back(centre) {
        work(&centre, 1).await;
        let record = case(EAST, "east", "样例迟报");
        let earlier = OpContext { now: NOW.plus(-24 * 3600 * 1000), ..again(&clerk()) };
        centre.data.act(&earlier, vec![create(&record)], "登记").await.unwrap();
        let written = leaves(&centre.data, Action::Write).await;
        let last = written.last().unwrap();
        assert!(last.at >= NOW, "the log's own time does not go back: {last:?}");
        assert!(last.note.starts_with("〔主机时钟早于上一条日志 86400000 毫秒〕"), "{}", last.note);
        let found = centre.data.verify().await.unwrap();
        assert!(found.is_sound() && found.clocks_set_back == 1, "{found:?}");
        assert!(found.lines().iter().any(|line| line.contains("主机时钟曾倒退")));
    }

    /// The same operation with another body. Its id is the server's own, so nobody from outside can repeat it; a pack's
    /// call that were run again with another result is refused.
    async fn attack_18_an_operation_is_not_repeated_with_another_body(centre) {
        install(&centre).await;
        let record = case(EAST, "east", "样例事项");
        centre.data.act(&clerk(), vec![create(&record)], "登记").await.unwrap();
        let first = commit(&centre, &through(&clerk()), action(), vec![], vec![line(&record, "样例一")]).await.unwrap();
        let mut other = first.clone();
        other.effects = vec![line(&record, "样例二")];
        let refused = centre.data.commit(Arc::new(other)).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let again = centre.data.commit(Arc::new(first.clone())).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let lines = centre.data.timeline(&crate::centre::again(&clerk()), &record.head.id).await.unwrap();
        let texts: Vec<_> = lines.iter().filter(|line| !line.host).map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["样例一"]);
    }

    /// Whoever holds the machine loosens the policies: it is in the log, in a table that the log vouches for, and an alarm
    /// until an auditor has seen it.
    async fn attack_46_a_changed_policy_set_is_seen_by_the_auditor(centre) {
        let shipped = "@id(\"loose\") permit (principal is Person, action == Action::\"read-audit\", resource);";
        assert!(centre.data.note_policies(&operator()).await.unwrap());
        assert!(!centre.data.note_policies(&again(&operator())).await.unwrap(), "the same set is no change");
        centre.data.see_policies(&auditor(), 1).await.unwrap();
        centre.data.close().await;
        let schema = include_str!("../../../authz/policies/anshu.cedarschema");
        let loose = Authority::new(schema, &[("loose.cedar", shipped)]).unwrap();
        centre.data = Data::open(&config(&centre), loose).await.unwrap();
        assert!(centre.data.note_policies(&again(&operator())).await.unwrap());
        let sets = centre.data.policy_notices().await.unwrap();
        assert_eq!(sets.len(), 2);
        assert!(sets[0].seen.is_some() && sets[1].seen.is_none() && sets[0].digest != sets[1].digest);
        let told = leaves(&centre.data, Action::Configure).await;
        assert!(told.last().unwrap().note.contains("策略集由"), "{told:?}");
        let mut somebody = again(&auditor());
        somebody.principal = Principal::System { job: "test".into() };
        assert!(matches!(centre.data.see_policies(&somebody, 2).await, Err(Error::Denied(_))));
        centre.data.see_policies(&again(&auditor()), 2).await.unwrap();
        assert!(matches!(centre.data.see_policies(&again(&auditor()), 2).await, Err(Error::Conflict(_))));
        assert!(matches!(centre.data.see_policies(&again(&auditor()), 3).await, Err(Error::NotFound(_))));
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    /// No right hangs on a setting of the connection: units take turns on few connections, and each sees only its own.
    async fn attack_57_no_right_stays_on_a_connection(centre) {
        let (east, west) = (case(EAST, "east", "样例东"), case(WEST, "west", "样例西"));
        centre.data.act(&clerk(), vec![create(&east)], "登记").await.unwrap();
        let western = person("west", WEST, &["clerk", "handler"], Level::L4);
        centre.data.act(&western, vec![create(&west)], "登记").await.unwrap();
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..64 {
            let (data, own, other) = match caller % 2 {
                0 => (centre.data.clone(), east.head.id.clone(), west.head.id.clone()),
                _ => (centre.data.clone(), west.head.id.clone(), east.head.id.clone()),
            };
            let context = if caller % 2 == 0 { clerk() } else { handler("west") };
            callers.spawn(async move {
                let page = data.list(&again(&context), &List::of(Kind::Case)).await.unwrap();
                let ids: Vec<_> = page.records.iter().map(|listed| listed.record.head.id.clone()).collect();
                assert_eq!(ids, [own]);
                let other = data.record(&again(&context), &other).await;
                assert!(matches!(other, Err(Error::NotFound(_))), "{other:?}");
            });
        }
        callers.join_all().await;
        if centre.url.starts_with("postgres:") {
            let policies = "SELECT count(*) FROM pg_policies";
            let url = centre.url.clone();
            assert_eq!(tokio::task::spawn_blocking(move || postgres::ask(&url, policies)).await.unwrap(), "0");
        }
    }

    async fn auditors_find_leaves_by_what_they_say(centre) {
        let (one, other) = (case(EAST, "east", "样例一"), case(EAST, "east", "样例二"));
        centre.data.act(&clerk(), vec![create(&one)], "登记").await.unwrap();
        let later = OpContext { now: NOW.plus(60_000), ..again(&clerk()) };
        centre.data.act(&later, vec![create(&other)], "登记").await.unwrap();
        centre.data.record(&OpContext { now: NOW.plus(120_000), ..again(&clerk()) }, &one.head.id).await.unwrap();
        centre.data.entries(&again(&clerk()), 0, 1).await.unwrap_err();
        let find = async |wanted: Wanted| -> Vec<u64> {
            let found = centre.data.search_log(&again(&auditor()), &wanted, 100).await.unwrap();
            found.into_iter().map(|(position, _)| position).filter(|position| *position < 4).collect()
        };
        let all = Wanted::default();
        assert_eq!(find(all.clone()).await, [3, 2, 1, 0]);
        assert_eq!(find(Wanted { record: Some(one.head.id.clone()), ..all.clone() }).await, [2, 0]);
        assert_eq!(find(Wanted { action: Some(Action::Write), ..all.clone() }).await, [1, 0]);
        assert_eq!(find(Wanted { verdict: Some(Verdict::Denied), ..all.clone() }).await, [3]);
        assert_eq!(find(Wanted { actor: Some("person:person-east".into()), ..all.clone() }).await, [3, 2, 1, 0]);
        assert!(find(Wanted { actor: Some("person:nobody".into()), ..all.clone() }).await.is_empty());
        assert_eq!(find(Wanted { purpose: Some("handle".into()), before: Some(2), ..all.clone() }).await, [1, 0]);
        assert_eq!(find(Wanted { from: Some(NOW.plus(1)), until: Some(NOW.plus(120_000)), ..all.clone() }).await, [1]);
        let served = anshu_model::Id::from_text("task");
        assert_eq!(find(Wanted { record: Some(served), action: Some(Action::Read), ..all.clone() }).await, [2]);
        assert!(matches!(centre.data.search_log(&again(&clerk()), &all, 10).await, Err(Error::Denied(_))));
        assert_eq!(centre.data.entry(&again(&auditor()), 1).await.unwrap().action, Action::Write);
        assert!(matches!(centre.data.entry(&again(&auditor()), 9_999).await, Err(Error::NotFound(_))));
        assert!(centre.data.verify().await.unwrap().is_sound());
    }
}

/// A database from before the search tables gets them filled from its leaves, exactly as if they had always been there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_database_can_be_searched() {
    for mut centre in [Centre::sqlite().await, Centre::postgres().await] {
        work(&centre, 4).await;
        centre.data.entries(&auditor(), 0, 2).await.unwrap();
        centre.data.close().await;
        let undo = "DROP TABLE log_entry; DROP TABLE log_record; DROP TABLE log_witness; DROP TABLE policy_notice; \
                    DROP INDEX record_link_by_id; DELETE FROM _sqlx_migrations WHERE version = 18";
        if centre.url.starts_with("postgres:") {
            let url = centre.url.clone();
            tokio::task::spawn_blocking(move || postgres::ask(&url, undo)).await.unwrap();
        } else {
            let mut database = sqlx::SqliteConnection::connect(&centre.url).await.unwrap();
            database.execute(undo).await.unwrap();
            database.close().await.unwrap();
        }
        let Centre { url, folder, .. } = &centre;
        centre.data = crate::centre::open(url, folder.path()).await;
        let found =
            centre.data.search_log(&again(&auditor()), &Wanted::default(), 100).await.unwrap();
        assert_eq!(found.len(), 9);
        let verified = centre.data.verify().await.unwrap();
        assert!(verified.is_sound(), "{verified:?}");
    }
}

/// Where the folder of keys has an SM2 key, checkpoints carry both lines, and either key verifies the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_with_sm2_is_verified_by_either_key() {
    let mut centre = Centre::sqlite().await;
    work(&centre, 2).await;
    centre.data.close().await;
    let keys = centre.folder.path().join("keys");
    anshu_data::log::note::make_sm2(&keys, "centre.test/log").unwrap();
    centre.data = crate::centre::open(&centre.url, centre.folder.path()).await;
    work(&centre, 2).await;
    let sm2 = std::fs::read_to_string(keys.join(anshu_data::log::note::SM2_PUBLIC_FILE)).unwrap();
    let note = centre.data.checkpoint().await.unwrap();
    assert_eq!(Verifier::parse(&sm2).unwrap().verify(&note).unwrap().size, 8);
    let folder = tempfile::tempdir().unwrap();
    centre.data.export_log(&auditor(), folder.path()).await.unwrap();
    assert!(verify_tiles(folder.path(), &sm2).unwrap().is_sound());
    assert!(verify_tiles(folder.path(), &centre.data.public_key()).unwrap().is_sound());
    centre.data.close().await;
    let config: Config = config(&centre);
    assert!(verify_file(&config, Some(&sm2)).await.unwrap().is_sound());
}
