//! Units, divisions, accounts, sessions, packs and holidays: what an administrator keeps.

use std::collections::BTreeSet;

use anshu_data::{Data, NewSession};
use anshu_model::calendar::Calendar;
use anshu_model::capability::Grant;
use anshu_model::context::{OpContext, Principal};
use anshu_model::division::{Register, Row};
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::manifest::Manifest;
use anshu_model::org::{Person, Unit};
use anshu_model::provenance::{Algorithm, Claim, Finding, KeyId, Provenance, Signature, Worth};
use anshu_model::standing::Standing;
use anshu_model::{Error, Id};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::centre::{
    Centre, EAST, NOW, TOWN, WEST, again, case, clerk, create, division, on_both, person, unit,
};

/// The operator at the machine.
pub(crate) fn operator() -> OpContext {
    OpContext { principal: Principal::System { job: "test".into() }, ..clerk() }
}

/// The leaves of an action.
pub(crate) async fn leaves(data: &Data, action: Action) -> Vec<Leaf> {
    let auditor = person("audit", EAST, &["auditor"], Level::L1);
    let mut all = Vec::new();
    loop {
        let page = data.entries(&again(&auditor), all.len() as u64, 1000).await.unwrap();
        let last = page.len() < 1000;
        all.extend(page.into_iter().map(|(_, leaf)| leaf));
        if last {
            break;
        }
    }
    all.retain(|leaf| leaf.action == action);
    all
}

fn place(name: &str, code: &str, functions: &[&str]) -> Unit {
    Unit {
        id: unit(name),
        name: format!("样例单位 {name}"),
        division: division(code),
        functions: functions.iter().map(|function| (*function).to_owned()).collect(),
    }
}

/// A session to be opened from one and the same device.
pub(crate) fn session(token: u8, until: Instant, most: u32) -> NewSession {
    NewSession {
        token: [token; 32],
        device: ([0; 32], "样例设备".into()),
        factor: "口令".into(),
        until,
        most,
    }
}

fn staff(name: &str, unit_name: &str, roles: &[&str]) -> Person {
    Person {
        id: Id::from_text(format!("person-{name}")),
        name: "样例甲".into(),
        unit: unit(unit_name),
        division: division(WEST),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        clearance: Level::L3,
        functions: BTreeSet::new(),
    }
}

/// A manifest that declares nothing, a component that is none, and a grant for them.
pub(crate) fn pack(version: &str, bytes: &[u8]) -> (Manifest, Grant, String) {
    let nothing = json!({ "ceiling": "L4" });
    let manifest = serde_json::from_value(json!({
        "name": "demo", "version": version, "contract": "0.1.0", "title": "样例", "publisher": "样例单位",
        "effective_from": "2026-01-01", "selects": "now", "articles": [], "requests": nothing, "purposes": [],
        "duty": { "title": "样例职责", "article": "样例条款" },
    }));
    let grant = serde_json::from_value(json!({
        "pack": "demo", "duty_division": "500103000000", "duty_unit": "unit-east", "purposes": ["handle"],
        "approved_by": "person-a", "approved_at": 5,
        "allows": { "ceiling": "L4", "reads": ["demo.matter"], "writes": ["demo.matter", "demo.room", "demo.hazard"] },
    }));
    let digest = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    (manifest.unwrap(), grant.unwrap(), digest)
}

/// What was found out about a pack that one key signed.
pub(crate) fn signed(version: &str, digest: &str) -> (Vec<Signature>, Provenance) {
    let signature = Signature {
        algorithm: "ed25519".into(),
        key_id: KeyId::of(Algorithm::Ed25519, b"demo"),
        signature: "c2lnbmF0dXJl".into(),
        signer: "样例签名人".into(),
    };
    let found = Finding {
        algorithm: signature.algorithm.clone(),
        key_id: signature.key_id.clone(),
        signer: signature.signer.clone(),
        key: Some("demo".into()),
        holder: Some("样例单位".into()),
        worth: Worth::Counts,
    };
    let claim = Claim {
        name: "demo".into(),
        version: version.into(),
        publisher: "样例单位".into(),
        digest: digest.into(),
        sm3: "00".into(),
        size: 4,
    };
    (vec![signature], Provenance { claim, signatures: vec![found], lacks: None })
}

on_both! {
    async fn units_are_found_with_what_they_do(centre) {
        let data = &centre.data;
        assert!(data.units().await.unwrap().is_empty());
        data.put_unit(&operator(), &place("east", EAST, &["f1", "f2"])).await.unwrap();
        data.put_unit(&operator(), &place("town", TOWN, &["f1"])).await.unwrap();
        let changed = Unit { name: "改名".into(), ..place("east", EAST, &["f2", "f3"]) };
        data.put_unit(&operator(), &changed).await.unwrap();
        assert_eq!(data.units().await.unwrap(), [changed, place("town", TOWN, &["f1"])]);
        assert_eq!(leaves(data, Action::Configure).await.len(), 3);
        // A clerk does not, and that is in the log.
        let refused = data.put_unit(&clerk(), &place("own", EAST, &[])).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        assert_eq!(leaves(data, Action::Configure).await.last().unwrap().verdict, Verdict::Denied);
        assert!(data.put_unit(&operator(), &Unit { name: " ".into(), ..place("own", EAST, &[]) }).await.is_err());
    }

    async fn the_last_register_of_divisions_is_in_force(centre) {
        let row = |code: &str, name: &str| Row { code: code.into(), name: name.into(), kind: "区".into(), ..Row::default() };
        assert_eq!(centre.data.divisions().await.unwrap().entries().count(), 0);
        for name in ["东区", "新东区"] {
            let register = Register::from_rows([row(EAST, name)]).unwrap();
            centre.data.put_divisions(&operator(), &register).await.unwrap();
            assert_eq!(centre.data.divisions().await.unwrap().name(&division(EAST)), name);
        }
        centre.restart().await;
        assert_eq!(centre.data.divisions().await.unwrap().name(&division(EAST)), "新东区");
    }

    async fn an_account_acts_where_its_unit_is_now(centre) {
        let data = &centre.data;
        let someone = staff("a", "east", &["clerk"]);
        let homeless = data.put_account(&operator(), "jia", &someone, "hash").await;
        assert!(matches!(homeless, Err(Error::Invalid(_))), "{homeless:?}");
        data.put_unit(&operator(), &place("east", EAST, &["f1"])).await.unwrap();
        data.put_account(&operator(), "jia", &someone, "hash").await.unwrap();
        let account = data.account("jia").await.unwrap().unwrap();
        // Division and functions are the unit's, whatever the caller said.
        assert_eq!((account.person.division.as_str(), account.person.functions.len()), ("500103000000", 1));
        assert_eq!((account.password_hash.as_str(), account.failures, account.locked_until), ("hash", 0, None));
        assert!(data.account("yi").await.unwrap().is_none());
        data.put_unit(&operator(), &place("east", WEST, &[])).await.unwrap();
        assert_eq!(data.account("jia").await.unwrap().unwrap().person.division, division(WEST));
        // One person has one name, and one name one person.
        assert!(matches!(data.put_account(&operator(), "bing", &someone, "h").await, Err(Error::Conflict(_))));
        let other = staff("b", "east", &[]);
        assert!(matches!(data.put_account(&operator(), "jia", &other, "h").await, Err(Error::Conflict(_))));
        assert!(matches!(data.put_account(&operator(), " jia", &other, "h").await, Err(Error::Invalid(_))));
        assert_eq!(data.accounts(&operator()).await.unwrap().len(), 1);
        assert!(data.accounts(&clerk()).await.is_err());
    }

    async fn wrong_passwords_lock_any_name_alike_and_are_in_the_log(centre) {
        let data = &centre.data;
        data.put_unit(&operator(), &place("east", EAST, &[])).await.unwrap();
        data.put_account(&operator(), "jia", &staff("a", "east", &[]), "hash").await.unwrap();
        let lock = NOW.plus(900_000);
        for name in ["jia", "nobody"] {
            for wanted in 1..=3 {
                assert_eq!(data.note_failure(&operator(), name, Some((3, lock))).await.unwrap(), wanted, "{name}");
            }
            assert_eq!(data.locked_until(name).await.unwrap(), Some(lock));
            data.note_failure(&operator(), name, None).await.unwrap();
            // After the lock, counting begins anew.
            assert_eq!(data.note_failure(&operator(), name, Some((3, lock))).await.unwrap(), 1);
            assert_eq!(data.locked_until(name).await.unwrap(), None);
        }
        let tried = leaves(data, Action::SignIn).await;
        assert!(tried.iter().all(|leaf| leaf.verdict == Verdict::Denied), "{tried:?}");
        assert_eq!(tried.iter().filter(|leaf| leaf.actor == "person:person-a@unit-east").count(), 5);
        // People type passwords into the wrong field: what they typed is nowhere.
        assert!(!format!("{tried:?}").contains("nobody"));
        assert_eq!(data.account("jia").await.unwrap().unwrap().failures, 1);
        data.clear_failures(&operator(), "jia").await.unwrap();
        assert_eq!(data.account("jia").await.unwrap().unwrap().failures, 0);
        assert!(data.clear_failures(&clerk(), "jia").await.is_err());
    }

    async fn a_session_ends_by_disuse_by_time_by_hand_and_with_the_account(centre) {
        let data = &centre.data;
        data.put_unit(&operator(), &place("east", EAST, &["f1"])).await.unwrap();
        let someone = staff("a", "east", &["clerk"]);
        data.put_account(&operator(), "jia", &someone, "hash").await.unwrap();
        data.note_failure(&operator(), "jia", Some((5, NOW))).await.unwrap();
        let (idle, until) = (1_800_000, NOW.plus(36_000_000));
        let new = |token: u8| session(token, until, 9);
        let open = async |token: u8| data.open_session(&someone.id, new(token), NOW).await.unwrap();
        let seen = async |token: u8, at: Instant| data.session(&[token; 32], at, idle).await.unwrap();
        open(1).await;
        assert_eq!(data.account("jia").await.unwrap().unwrap().failures, 0);
        let row = seen(1, NOW).await.unwrap();
        assert_eq!((row.login.as_str(), row.csrf.len(), row.until), ("jia", 64, until));
        assert!(seen(2, NOW).await.is_none());
        // Used every 25 minutes it lasts, until its end.
        let mut at = NOW;
        while at < until.plus(-1_500_000) {
            at = at.plus(1_500_000);
            assert!(seen(1, at).await.is_some());
        }
        assert!(seen(1, until).await.is_none());
        open(2).await;
        assert!(seen(2, NOW.plus(idle)).await.is_none());
        open(3).await;
        // Another role holds at once, in the session that is open.
        let more = Person { roles: BTreeSet::from(["auditor".to_owned()]), ..someone.clone() };
        data.put_account(&operator(), "jia", &more, "hash").await.unwrap();
        assert!(seen(3, NOW).await.is_none(), "a changed account must sign in again");
        open(4).await;
        assert_eq!(seen(4, NOW).await.unwrap().person.roles, more.roles);
        data.close_session(&clerk(), &[4; 32]).await.unwrap();
        assert!(seen(4, NOW).await.is_none());
        open(5).await;
        data.close_account(&operator(), "jia").await.unwrap();
        assert!(seen(5, NOW).await.is_none() && data.account("jia").await.unwrap().is_none());
        assert!(matches!(data.open_session(&someone.id, new(6), NOW).await, Err(Error::NotFound(_))));
        assert_eq!(leaves(data, Action::SignOut).await.len(), 1);
        let opened = leaves(data, Action::SignIn).await;
        assert_eq!(opened.iter().filter(|leaf| leaf.verdict == Verdict::Allowed).count(), 5);
    }

    async fn packs_come_back_with_their_grants_and_keep_their_history(centre) {
        let (one, grant, digest) = pack("1.0.0", b"one");
        centre.data.put_pack(&operator(), b"one", &one, &grant, &digest).await.unwrap();
        let narrow = Grant { purposes: BTreeSet::new(), ..grant.clone() };
        centre.data.put_pack(&operator(), b"one", &one, &narrow, &digest).await.unwrap();
        // Another build of the version takes its place; another version stands beside it.
        let (_, _, rebuilt) = pack("1.0.0", b"rebuilt");
        centre.data.put_pack(&operator(), b"rebuilt", &one, &grant, &rebuilt).await.unwrap();
        let (two, _, second) = pack("2.0.0", b"two");
        centre.data.put_pack(&again(&operator()), b"two", &two, &grant, &second).await.unwrap();
        centre.restart().await;
        let data = &centre.data;
        let packs = data.packs().await.unwrap();
        let mut found: Vec<_> = packs.iter().map(|pack| (pack.bytes.as_slice(), pack.state.name())).collect();
        found.sort_unstable();
        assert_eq!(found, [(b"rebuilt".as_slice(), "active"), (b"two".as_slice(), "active")]);
        assert!(packs.iter().all(|pack| pack.grant == grant && pack.manifest.name == "demo"));
        for found in [&rebuilt, &second] {
            data.quarantine(&operator(), found, "连续超时").await.unwrap();
        }
        assert!(data.packs().await.unwrap().iter().all(|pack| pack.reason.as_deref() == Some("连续超时")));
        data.release(&operator(), &rebuilt).await.unwrap();
        assert!(matches!(data.release(&operator(), &rebuilt).await, Err(Error::Conflict(_))));
        for found in [&rebuilt, &second] {
            data.remove_pack(&operator(), found, "不再使用").await.unwrap();
        }
        assert!(data.packs().await.unwrap().is_empty());
        let history = data.pack_history(&operator(), "demo").await.unwrap();
        let states: Vec<_> = history.iter().filter(|one| one.digest == digest).map(|one| one.state.name()).collect();
        assert_eq!(states, ["active", "active", "removed"]);
        assert_eq!(history.iter().filter(|one| one.state == Standing::Quarantined).count(), 2);
        assert!(history.iter().any(|one| one.grant == narrow));
        assert_eq!(leaves(data, Action::Grant).await.len(), 6);
    }

    async fn who_signed_a_pack_comes_back_and_is_in_the_log(centre) {
        let (_, _, digest) = pack("1.0.0", b"one");
        let (signatures, provenance) = signed("1.0.0", &digest);
        assert!(centre.data.signed_packs().await.unwrap().is_empty());
        let refused = centre.data.put_signed_pack(&clerk(), &signatures, &provenance, &[]).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        centre.data.put_signed_pack(&operator(), &signatures, &provenance, &[]).await.unwrap();
        let unsigned = Provenance { signatures: Vec::new(), lacks: Some("demo".into()), ..provenance.clone() };
        centre.data.put_signed_pack(&operator(), &[], &unsigned, &[]).await.unwrap();
        centre.data.put_signed_pack(&operator(), &signatures, &provenance, &["demp"]).await.unwrap();
        centre.restart().await;
        let kept = centre.data.signed_packs().await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!((&kept[0].signatures, &kept[0].provenance), (&signatures, &provenance));
        assert_eq!(kept[0].imitates, ["demp"]);
        let notes: Vec<_> = leaves(&centre.data, Action::Pack).await.into_iter().map(|leaf| leaf.note).collect();
        assert!(notes.iter().any(|note| note.contains("1 把密钥")), "{notes:?}");
        assert!(notes.iter().any(|note| note.contains("开发模式")), "{notes:?}");
        assert!(notes.iter().any(|note| note.contains("demp")), "{notes:?}");
        // The log names nobody.
        assert!(notes.iter().all(|note| !note.contains("签名人")), "{notes:?}");
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    async fn a_pack_is_stored_only_with_what_belongs_to_it(centre) {
        let (manifest, grant, digest) = pack("1.0.0", b"one");
        let refused = centre.data.put_pack(&operator(), b"two", &manifest, &grant, &digest).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let other = Grant { pack: "other".into(), ..grant.clone() };
        assert!(centre.data.put_pack(&operator(), b"one", &manifest, &other, &digest).await.is_err());
        let clerk = clerk();
        let refused = centre.data.put_pack(&clerk, b"one", &manifest, &grant, &digest).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        assert!(centre.data.packs().await.unwrap().is_empty());
    }

    async fn holidays_stay_known_by_version(centre) {
        let year = |day: &str| {
            let mut calendar = Calendar::default();
            let days = json!([{ "name": "样例节", "date": day, "isOffDay": true }]);
            calendar.import(&json!({ "year": 2026, "papers": ["样例公告"], "days": days }).to_string(), NOW).unwrap();
            calendar
        };
        for day in ["2026-10-01", "2026-10-02"] {
            centre.data.put_calendar(&operator(), &year(day)).await.unwrap();
            assert_eq!(centre.data.calendar().version(), year(day).version());
        }
        centre.restart().await;
        assert_eq!(*centre.data.calendar(), year("2026-10-02"));
        assert!(centre.data.put_calendar(&clerk(), &year("2026-10-01")).await.is_err());
        centre.data.act(&clerk(), vec![create(&case(EAST, "east", "样例事项"))], "登记").await.unwrap();
        assert!(centre.data.verify().await.unwrap().is_sound());
    }
}
