//! What lies in the database is sealed: nobody reads it there, moves it, or brings it back.

use anshu_data::{Cipher, Config, Data, Durability, VaultSettings, verify_file};
use anshu_model::Error;
use anshu_model::context::OpContext;
use anshu_model::effect::Change;
use anshu_model::leaf::Action;
use anshu_model::record::Record;
use sqlx::{Connection as _, Executor as _};

use crate::centre::{
    Centre, EAST, again, at_work_on, case, change, citizen, clerk, create, duty, line, naming,
    on_both, person, room, schemas, serving,
};
use crate::erasure::Backup;
use crate::office::leaves;
use crate::packs::{action, commit, install, through};
use crate::postgres;
use anshu_model::label::{Label, Level, Mask};
use anshu_model::record::Body;

const NAME: &str = "样例甲乙丙";
const NUMBER: &str = "999999199001010019";

/// A case whose title and timeline are personal.
pub(crate) fn matter(title: &str) -> Record {
    let mut record = case(EAST, "east", title);
    if let Body::Case(case) = &mut record.body {
        case.label = Label::personal(Level::L3, Mask::Omit);
    }
    record
}

/// Runs a statement behind the host's back, on the centre's own database.
pub(crate) async fn behind(url: &str, statement: &str) {
    if url.starts_with("sqlite:") {
        let mut database = sqlx::SqliteConnection::connect(url).await.unwrap();
        let done = database.execute(sqlx::AssertSqlSafe(statement.to_owned())).await.unwrap();
        assert!(done.rows_affected() > 0, "{statement}");
        database.close().await.unwrap();
    } else {
        let (url, statement) = (url.to_owned(), statement.to_owned());
        let done = tokio::task::spawn_blocking(move || postgres::ask(&url, &statement)).await;
        assert!(!done.unwrap().ends_with(" 0"));
    }
}

/// What a query says behind the host's back, as one text.
pub(crate) async fn said(url: &str, query: &str) -> String {
    if url.starts_with("sqlite:") {
        let mut database = sqlx::SqliteConnection::connect(url).await.unwrap();
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned()))
            .fetch_all(&mut database)
            .await
            .unwrap();
        database.close().await.unwrap();
        rows.join("\n")
    } else {
        let (url, query) = (url.to_owned(), query.to_owned());
        tokio::task::spawn_blocking(move || postgres::ask(&url, &query)).await.unwrap()
    }
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

async fn reopen(centre: &mut Centre, settings: &VaultSettings) {
    centre.data.close().await;
    let authority = anshu_data::Authority::shipped().unwrap();
    centre.data = Data::open_sealed(&config(centre), settings, authority).await.unwrap();
    centre.data.use_schemas(std::sync::Arc::new(schemas()));
}

/// Every text that may be about a person.
const TEXTS: &str = "SELECT record FROM record_version UNION ALL SELECT text FROM timeline UNION ALL \
                     SELECT decision FROM decision UNION ALL SELECT payload FROM event UNION ALL \
                     SELECT payload FROM timer UNION ALL SELECT COALESCE(title, '') FROM record";

on_both! {
    async fn nothing_personal_lies_readable_in_the_database(centre) {
        install(&centre).await;
        let who = citizen(EAST, "east", NAME, NUMBER);
        let place = room(EAST, "east", "L-1", "13900001234");
        let matter = naming(matter("样例隐私标题"), &[&who, &place]);
        let owed = duty(EAST, "east", &matter.head.id);
        let effects = vec![create(&who), create(&matter), create(&place), create(&owed)];
        centre.data.act(&clerk(), effects, "登记").await.unwrap();
        // Whoever works on the open matter may write about it and whom it names, and see them.
        let at_work = serving(&clerk(), &matter);
        let lines = vec![line(&who, "样例隐私来电"), line(&matter, "样例隐私经过")];
        centre.data.act(&again(&at_work), lines, "记录").await.unwrap();
        let decided = vec![line(&matter, "样例隐私决定")];
        commit(&centre, &through(&at_work), action(), vec![], decided).await.unwrap();
        let texts = said(&centre.url, TEXTS).await;
        for secret in [NAME, NUMBER, "13900001234", "样例隐私"] {
            assert!(!texts.contains(secret), "{secret}");
        }
        // All of it is there for those who may see it.
        let shown = centre.data.record(&again(&at_work), &who.head.id).await.unwrap();
        assert_eq!(shown.entity().unwrap().name, NAME);
        let lines = centre.data.timeline(&again(&at_work), &matter.head.id).await.unwrap();
        assert!(lines.iter().any(|line| line.text == "样例隐私决定"), "{lines:?}");
        assert!(centre.data.decisions_about(&again(&clerk()), &matter.head.id).await.unwrap().len() == 1);
        centre.restart().await;
        let shown = centre.data.record(&again(&at_work), &place.head.id).await.unwrap();
        assert!(format!("{shown:?}").contains("13900001234"));
        let verified = centre.data.verify().await.unwrap();
        assert_eq!((verified.wrong, verified.unchecked), (None, vec![]));
    }

    /// What a key has sealed stays readable whatever is configured later.
    async fn the_cipher_may_change_at_any_time(centre) {
        let mut made = Vec::new();
        for cipher in [Cipher::Sm4Gcm, Cipher::Aes256Gcm, Cipher::Sm4Gcm] {
            reopen(&mut centre, &VaultSettings { cipher, ..VaultSettings::default() }).await;
            let who = citizen(EAST, "east", NAME, &format!("99999919900101{:04}", made.len()));
            centre.data.act(&again(&clerk()), vec![create(&who)], "登记").await.unwrap();
            let texts = said(&centre.url, "SELECT record FROM record_version").await;
            assert!(texts.contains(cipher.name()));
            made.push(who);
        }
        for who in &made {
            centre.data.record(&again(&clerk()), &who.head.id).await.unwrap();
        }
    }

    /// Attack 39: a sealed row that is changed behind the host is named, by the bytes that were stored.
    async fn attack_39_a_sealed_row_that_was_changed_is_named(centre) {
        let who = citizen(EAST, "east", NAME, NUMBER);
        centre.data.act(&clerk(), vec![create(&who)], "登记").await.unwrap();
        centre.data.close().await;
        assert!(verify_file(&config(&centre), None).await.unwrap().is_sound());
        let id = &who.head.id;
        behind(&centre.url, &format!("UPDATE record_version SET record = record || 'A' WHERE id = '{id}'")).await;
        let wrong = verify_file(&config(&centre), None).await.unwrap().wrong.unwrap();
        assert_eq!(wrong, format!("记录 {id} 第 1 版：内容与其摘要不符"));
    }

    /// Attack 52: the ciphertext of one person is put into the row of another. It does not open, and the log says so.
    async fn attack_52_a_ciphertext_that_was_moved_does_not_open(centre) {
        let (one, other) = (citizen(EAST, "east", NAME, NUMBER), citizen(EAST, "east", "样例丁", "999999199001010027"));
        centre.data.act(&clerk(), vec![create(&one), create(&other)], "登记").await.unwrap();
        let (a, b) = (&one.head.id, &other.head.id);
        behind(&centre.url, &format!(
            "UPDATE record_version SET record = (SELECT o.record FROM record_version o WHERE o.id = '{b}') WHERE id = '{a}'"
        )).await;
        let refused = centre.data.record(&again(&clerk()), a).await;
        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
        let noted = leaves(&centre.data, Action::Fault).await;
        assert!(noted.iter().any(|leaf| leaf.note.contains("密文")), "{noted:?}");
        // Another version of the same person's is another place, too.
        centre.data.record(&again(&clerk()), b).await.unwrap();
    }

    /// Attack 53: at the limit of uses the next generation of the key is made, and a restart does not begin to count anew.
    async fn attack_53_a_key_is_not_used_beyond_its_limit(centre) {
        let settings = VaultSettings { uses: 3, ..VaultSettings::default() };
        reopen(&mut centre, &settings).await;
        let who = citizen(EAST, "east", NAME, NUMBER);
        centre.data.act(&clerk(), vec![create(&who)], "登记").await.unwrap();
        let at_work = at_work_on(&centre, &[&who]).await;
        for turn in 0..6 {
            centre.data.act(&again(&at_work), vec![line(&who, "样例")], "记录").await.unwrap();
            if turn == 2 {
                reopen(&mut centre, &settings).await;
            }
        }
        let keys = format!("SELECT CAST(generation AS TEXT) || ':' || CAST(uses AS TEXT) FROM data_key WHERE subject = '{}' ORDER BY generation", who.head.id);
        assert_eq!(said(&centre.url, &keys).await, "1:3\n2:3\n3:1");
        centre.data.record(&again(&clerk()), &who.head.id).await.unwrap();
        assert_eq!(centre.data.timeline(&again(&clerk()), &who.head.id).await.unwrap().len(), 7);
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    /// Attack 51, as far as files go: no key stands in the database, in what is logged about it, or in an error.
    async fn attack_51_no_key_leaves_the_vault(centre) {
        let who = citizen(EAST, "east", NAME, NUMBER);
        centre.data.act(&clerk(), vec![create(&who)], "登记").await.unwrap();
        let key = std::fs::read(centre.folder.path().join("keys/master.key")).unwrap();
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let printed = format!("{:?} {:#?}", centre.data, centre.data);
        let wrapped = if centre.url.starts_with("sqlite:") { "SELECT hex(wrapped) FROM data_key" } else { "SELECT encode(wrapped, 'hex') FROM data_key" };
        let stored = said(&centre.url, wrapped).await.to_lowercase();
        let decimal = format!("{key:?}");
        assert!(!printed.contains(decimal.trim_matches(['[', ']'])) && !printed.contains(&hex) && !stored.contains(&hex));
        let admin = person("east", EAST, &["administrator"], Level::L1);
        let status = serde_json::to_string(&centre.data.vault_status(&admin).await.unwrap()).unwrap();
        assert!(!status.contains(&hex) && status.contains("\"provider\":\"file\""), "{status}");
        let refused = centre.data.vault_status(&clerk()).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    }

    /// Without its master key a centre does not start and does not make another one quietly; verification says what it left out.
    async fn a_lost_master_key_is_said_and_not_replaced(centre) {
        let who = citizen(EAST, "east", NAME, NUMBER);
        centre.data.act(&clerk(), vec![create(&who)], "登记").await.unwrap();
        centre.data.close().await;
        let key = centre.folder.path().join("keys/master.key");
        let good = std::fs::read(&key).unwrap();
        std::fs::remove_file(&key).unwrap();
        let found = verify_file(&config(&centre), None).await.unwrap();
        assert!(found.is_sound() && found.unchecked.iter().any(|what| what.contains("1 条已加密")), "{found:?}");
        let refused = Data::open(&config(&centre), anshu_data::Authority::shipped().unwrap()).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("没有主密钥"), "{refused}");
        std::fs::write(&key, good).unwrap();
        centre.restart().await;
        centre.data.record(&again(&clerk()), &who.head.id).await.unwrap();
    }
}

/// Rotates until nothing is left, and says how many data keys were wrapped.
async fn rotate(data: &Data, keeper: &OpContext) -> u64 {
    let mut wrapped = 0;
    loop {
        let step = data.rotate_step(&again(keeper)).await.unwrap();
        wrapped += step.wrapped;
        if step.left == 0 {
            return wrapped;
        }
    }
}

on_both! {
    /// Data keys are wrapped anew, bodies stay; what is half done is gone on with, by a new process too.
    async fn a_master_key_is_rotated_and_everything_stays_readable(centre) {
        let keeper = person("east", EAST, &["administrator"], Level::L1);
        let mut made = Vec::new();
        for number in 0..520 {
            let who = citizen(EAST, "east", NAME, &format!("T{number:05}"));
            made.push(who);
        }
        for some in made.chunks(100) {
            centre.data.act(&again(&clerk()), some.iter().map(create).collect(), "登记").await.unwrap();
        }
        let bodies = said(&centre.url, "SELECT record FROM record_version ORDER BY id").await;
        let refused = centre.data.begin_rotation(&again(&clerk())).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let begun = centre.data.begin_rotation(&again(&keeper)).await.unwrap();
        assert_eq!(begun.left, 520);
        let first = centre.data.rotate_step(&again(&keeper)).await.unwrap();
        assert_eq!((first.wrapped, first.left), (500, 20));
        let twice = centre.data.begin_rotation(&again(&keeper)).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        // Half done, everything is readable; a new process goes on.
        centre.restart().await;
        for who in [&made[0], &made[519]] {
            centre.data.record(&again(&clerk()), &who.head.id).await.unwrap();
        }
        assert_eq!(rotate(&centre.data, &keeper).await, 20);
        let status = centre.data.vault_status(&again(&keeper)).await.unwrap();
        assert_eq!((status.outdated, status.masters.len(), &status.master), (0, 1, &begun.master));
        assert_eq!(said(&centre.url, "SELECT record FROM record_version ORDER BY id").await, bodies);
        // The old key is needed for nothing any more.
        for entry in std::fs::read_dir(centre.folder.path().join("keys")).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with("master-") {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        centre.restart().await;
        centre.data.record(&again(&clerk()), &made[7].head.id).await.unwrap();
        assert!(centre.data.verify().await.unwrap().is_sound());
        let noted = leaves(&centre.data, Action::Configure).await;
        assert!(noted.iter().filter(|leaf| leaf.note.contains("主密钥")).count() >= 3, "{noted:?}");
    }

    /// What was written before its record became protected is sealed later, and the log still vouches for it.
    async fn what_lay_readable_is_sealed_later(centre) {
        install(&centre).await;
        let keeper = person("east", EAST, &["administrator"], Level::L1);
        let mut place = room(EAST, "east", "L-1", "13900001234");
        let facets = if let Body::Entity(entity) = &mut place.body {
            entity.name = "样例旧房源".into();
            std::mem::take(&mut entity.facets)
        } else { unreachable!() };
        centre.data.act(&again(&clerk()), vec![create(&place), line(&place, "样例旧来电"), create(&duty(EAST, "east", &place.head.id))], "登记").await.unwrap();
        assert!(said(&centre.url, TEXTS).await.contains("样例旧来电"));
        let at_work = at_work_on(&centre, &[&place]).await;
        let facet = Change::SetFacet { name: "demo.room".into(), facet: facets["demo.room"].clone() };
        centre.data.act(&again(&at_work), vec![change(&place, 1, facet)], "更新").await.unwrap();
        let step = centre.data.seal_step(&again(&keeper), "").await.unwrap();
        assert_eq!((step.sealed, &step.next), (3, &None), "{step:?}");
        let texts = said(&centre.url, TEXTS).await;
        assert!(!texts.contains("样例旧来电"));
        let lines = centre.data.timeline(&again(&clerk()), &place.head.id).await.unwrap();
        assert!(lines.iter().any(|line| line.text == "样例旧来电"));
        let again_step = centre.data.seal_step(&again(&keeper), "").await.unwrap();
        assert_eq!(again_step.sealed, 0);
        let found = centre.data.verify().await.unwrap();
        assert_eq!((found.wrong, found.unchecked), (None, vec![]));
        // What it was is vouched for by the leaf of then, what it is by the leaf of now: neither can be changed.
        centre.data.close().await;
        for statement in [
            "UPDATE record_version SET was = digest WHERE was IS NOT NULL",
            "UPDATE timeline SET text = text || 'A' WHERE was IS NOT NULL",
        ] {
            let before = Backup::take(&centre).await;
            behind(&centre.url, statement).await;
            assert!(!verify_file(&config(&centre), None).await.unwrap().is_sound(), "{statement}");
            centre.url = before.put_back(&centre).await;
        }
        assert!(verify_file(&config(&centre), None).await.unwrap().is_sound());
    }
}
