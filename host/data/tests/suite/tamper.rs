//! Whoever owns the database changes one thing behind the host's back: verification names it, whatever it is.

use std::collections::BTreeSet;

use crate::centre::person as person_of;
use anshu_data::{
    BatchInfo, Config, Durability, OpeningAsked, OpeningPolicy, PolicyFile, shipped_policies,
    verify_file,
};
use anshu_model::calendar::Calendar;
use anshu_model::context::PackRef;
use anshu_model::division::{Register, Row};
use anshu_model::entity::EntityKind;
use anshu_model::label::Level;
use anshu_model::manifest::FacetDeclaration;
use anshu_model::org::{Person, Unit};
use anshu_model::record::Kind;
use anshu_model::{Error, Id};
use serde_json::json;
use sqlx::{Connection as _, Executor as _};

use crate::centre::{
    Centre, EAST, NOW, WEST, again, case, citizen, clerk, create, division, line, on_both, risk,
    room, room_schema, triage, unit,
};
use crate::office::{operator, pack, signed};
use crate::packs::{TOPIC, action, commit, on_duty, publish, through};
use crate::postgres;

/// A centre with one of everything that the log vouches for.
async fn furnish(centre: &Centre) {
    let data = &centre.data;
    let functions = BTreeSet::from(["f1".to_owned(), "f2".to_owned()]);
    let east =
        Unit { id: unit("east"), name: "样例单位".into(), division: division(EAST), functions };
    data.put_unit(&operator(), &east).await.unwrap();
    let person = Person {
        id: Id::from_text("person-a"),
        name: "样例甲".into(),
        unit: unit("east"),
        division: division(EAST),
        roles: BTreeSet::from(["clerk".to_owned()]),
        clearance: Level::L2,
        functions: BTreeSet::new(),
    };
    data.put_account(&operator(), "jia", &person, "hash").await.unwrap();
    let row =
        Row { code: EAST.into(), name: "东区".into(), kind: "区".into(), ..Row::default() };
    data.put_divisions(&operator(), &Register::from_rows([row]).unwrap()).await.unwrap();
    let mut calendar = Calendar::default();
    let days = json!([{ "name": "样例节", "date": "2026-10-01", "isOffDay": true }]);
    let year = json!({ "year": 2026, "papers": ["样例公告"], "days": days });
    calendar.import(&year.to_string(), NOW).unwrap();
    data.put_calendar(&operator(), &calendar).await.unwrap();
    let (mut manifest, mut grant, digest) = pack("1.0.0", b"demo");
    manifest.facets.push(FacetDeclaration {
        name: "demo.room".into(),
        title: "样例房源".into(),
        on: EntityKind::Place,
        schema: room_schema().json().clone(),
    });
    let names = ["demo.matter", "demo.hazard", "demo.room"].map(str::to_owned);
    grant.allows.reads = BTreeSet::from(names.clone());
    grant.allows.writes = BTreeSet::from(names);
    data.put_pack(&operator(), b"demo", &manifest, &grant, &digest).await.unwrap();
    // Another version of it, withdrawn, is to come back at an instant.
    let (other, given, second) = pack("0.9.0", b"older");
    data.put_pack(&again(&operator()), b"older", &other, &given, &second).await.unwrap();
    data.withdraw_pack(&again(&operator()), &second, "样例").await.unwrap();
    data.schedule_activation(&again(&operator()), &second, NOW.plus(1_000)).await.unwrap();
    let (signatures, provenance) = signed("1.0.0", &digest);
    data.put_signed_pack(&operator(), &signatures, &provenance, &["demp"]).await.unwrap();
    let info = BatchInfo { file: "a.csv".into(), mapping: "rooms".into(), sha256: "00".into() };
    let importer = crate::centre::person("east", EAST, &["clerk", "importer"], Level::L4);
    data.begin_batch(&importer, info).await.unwrap();

    let tried = PackRef { name: "demo".into(), version: "2.0.0".into(), digest: "d2".into() };
    data.put_replay(&operator(), &tried, 30, true, &json!({ "equal": 3 }), NOW).await.unwrap();

    let ask = anshu_data::ExportAsk {
        list: anshu_data::List {
            type_name: Some("demo.matter".into()),
            ..anshu_data::List::of(Kind::Case)
        },
        columns: vec![anshu_data::Column::State],
        format: anshu_data::Format::Csv,
        purpose: clerk().purpose,
        reason: "样例".into(),
    };
    let early = case(EAST, "east", "样例事项");
    data.act(&again(&clerk()), vec![create(&early)], "登记").await.unwrap();
    data.ask_export(&again(&clerk()), &ask).await.unwrap();

    let place = room(EAST, "east", "L-1", "13900001234");
    let hazard = risk(EAST, "east", &place.head.id);
    let who = citizen(EAST, "east", "样例丙", "999999199001010019");
    let mut matter = case(EAST, "east", "样例事项");
    matter.head.joint.insert(unit("west"));
    let records = vec![create(&place), create(&hazard), create(&who), create(&matter)];
    data.act(&clerk(), records, "登记").await.unwrap();
    data.act(&clerk(), vec![triage(&matter, 1), line(&matter, "样例来电")], "分流").await.unwrap();
    let opening = OpeningAsked {
        record: matter.head.id.clone(),
        serves: matter.head.id.clone(),
        reason: "样例理由".into(),
        minutes: None,
    };
    let mut files = shipped_policies();
    files.push(PolicyFile { name: "own.cedar".into(), text: "// 样例\n".into() });
    let security = |unit: &str| person_of(unit, EAST, &["security"], Level::L2);
    let set = data.propose_policies(&security("east"), files, "样例").await.unwrap();
    data.approve_policies(&security("west"), &set.id).await.unwrap();
    data.state_opening(&clerk(), &opening, OpeningPolicy::default()).await.unwrap();
    // An erasure waits for its second person, and something is kept by law.
    let officer = crate::centre::person("privacy", EAST, &["privacy-officer"], Level::L4);
    data.ask_erasure(&officer, &who.head.id, "样例申请", "样例条款").await.unwrap();
    data.place_hold(&again(&officer), &place.head.id, "样例文书").await.unwrap();
    // One event is done, one is left for a person, one waits.
    for subscriber in ["demo", "other", "third"] {
        data.subscribe(subscriber, &BTreeSet::from([TOPIC.to_owned()])).await.unwrap();
    }
    let decided = vec![line(&matter, "样例决定"), publish(&matter)];
    commit(centre, &through(&clerk()), action(), vec![], decided).await.unwrap();
    let waiting = data.next_events(NOW, 10).await.unwrap();
    commit(centre, &on_duty(), waiting[0].event.clone(), vec![], vec![line(&matter, "听到")])
        .await
        .unwrap();
    let mut tried = waiting[1].clone();
    for attempts in 0..8 {
        tried.attempts = attempts;
        data.postpone(&tried, &Error::Unavailable("样例".into()), NOW).await.unwrap();
    }
    crate::sign::one_of_each(data, &matter.head.id).await;
    crate::upgrades::applied(data).await;
    crate::persons::one_of_each(data).await;
    data.note_policies(&again(&operator())).await.unwrap();
    crate::sealing::furnish(centre).await;
    crate::shares::shared(data).await;
    // One more entity, so that there is another record to point to.
    let far = room(WEST, "west", "L-9", "13900009999");
    let west = crate::centre::person("west", WEST, &["clerk"], Level::L4);
    data.act(&again(&west), vec![create(&far)], "登记").await.unwrap();
    // The key of the indexes is being changed: both generations are there.
    data.begin_reindex(&again(&crate::reindex::keeper())).await.unwrap();
    data.reindex_step(&again(&crate::reindex::keeper())).await.unwrap();
}

/// What is done, and what verification says. `{bytes}` stands for the bytes of a text.
const CASES: &[(&str, &str)] = &[
    (
        "UPDATE timeline SET text = text || '改' WHERE text = '样例来电'",
        "时间线第 3 行：内容与其摘要不符",
    ),
    ("UPDATE timeline SET by = '样例乙' WHERE text = '样例决定'", "事项 "),
    ("UPDATE timeline SET at = at - 1 WHERE text = '样例来电'", "时间线第 3 行"),
    ("UPDATE timeline SET sum = sum - 1 WHERE text = '样例来电'", "时间线第 3 行"),
    ("DELETE FROM timeline WHERE text = '样例来电'", "所写的内容与其摘要不符"),
    ("UPDATE timeline SET leaf = 1 WHERE text = '样例来电'", "时间线第"),
    ("UPDATE timeline SET leaf = 9999 WHERE text = '样例来电'", "所写的内容与其摘要不符"),
    (
        "INSERT INTO timeline SELECT about, leaf, 7, at, by, pack, host, text, operation, sum, was FROM timeline WHERE text = '样例来电'",
        "时间线第",
    ),
    ("UPDATE event SET payload = '{}'", "事件 "),
    ("UPDATE event SET topic = 'else@1'", "事件 "),
    ("UPDATE event SET via = '[\"nobody\"]'", "事件 "),
    ("DELETE FROM event", "所写的内容与其摘要不符"),
    ("DELETE FROM delivery WHERE state = 'waiting'", "所写的内容与其摘要不符"),
    (
        "INSERT INTO delivery SELECT event, 'fourth', state, attempts, not_before, leaf, error, ended FROM delivery WHERE state = 'waiting'",
        "所写的内容与其摘要不符",
    ),
    ("UPDATE delivery SET state = 'done' WHERE state = 'waiting'", "状态没有日志为证"),
    (
        "UPDATE delivery SET state = 'waiting', ended = NULL WHERE state = 'done'",
        "所写的内容与其摘要不符",
    ),
    ("UPDATE delivery SET ended = 3 WHERE state = 'done'", "由插件 demo 办理的标记"),
    ("UPDATE delivery SET state = 'waiting' WHERE state = 'parked'", "停放的事件投递 "),
    ("UPDATE delivery SET error = '无' WHERE state = 'parked'", "停放的事件投递 "),
    ("UPDATE decision SET pack = 'other' WHERE serves IS NOT NULL", "决定 "),
    ("DELETE FROM decision_about", "所写的内容与其摘要不符"),
    ("UPDATE unit SET division = '500104000000'", "单位 unit-east：与日志第"),
    ("DELETE FROM unit_function WHERE function = 'f2'", "单位 unit-east：与日志第"),
    (
        "INSERT INTO unit_function (unit, function) VALUES ('unit-east', 'f3')",
        "单位 unit-east：与日志第",
    ),
    ("UPDATE account SET clearance = '\"L4\"' WHERE login = 'jia'", "帐户 jia：与日志第"),
    ("UPDATE account SET roles = '[\"auditor\"]' WHERE login = 'jia'", "帐户 jia：与日志第"),
    ("UPDATE account SET password_hash = 'other' WHERE login = 'jia'", "帐户 jia：与日志第"),
    ("DELETE FROM account WHERE login = 'jia'", "帐户 jia：日志中有它的登记，现在却没有"),
    (
        "INSERT INTO account SELECT 'yi', 'person-b', name, unit, roles, clearance, password_hash, closed_at FROM account WHERE login = 'jia'",
        "帐户 yi：日志中没有它的登记",
    ),
    ("UPDATE password_state SET once = 1 - once WHERE login = 'jia'", "口令状态 jia：与日志第"),
    ("DELETE FROM password_state WHERE login = 'jia'", "口令状态 jia：日志中有它的登记"),
    ("UPDATE factor SET body = '{\"other\":1}'", "第二因素 f1：与日志第"),
    ("UPDATE factor SET used = NULL, ended_at = 5", "第二因素 f1：与日志第"),
    ("DELETE FROM factor", "第二因素 f1：日志中有它的登记"),
    ("UPDATE account_change SET state = 'agreed'", "账号变更 "),
    ("UPDATE account_change SET person = replace(person, 'L4', 'L2')", "账号变更 "),
    ("UPDATE emergency SET reviewed_by = 'person-b', reviewed_at = 5, justified = 1", "紧急访问 "),
    ("UPDATE emergency SET until = until + 1", "紧急访问 "),
    ("DELETE FROM emergency", "紧急访问 "),
    ("UPDATE division_register SET register = register || ' '", "行政区划表 1：与日志第"),
    ("UPDATE calendar SET calendar = calendar || ' '", "节假日安排 1：与日志第"),
    ("UPDATE pack SET allowed = replace(allowed, 'L4', 'L3')", "插件 "),
    ("UPDATE pack SET bytes = {bytes}", "插件 "),
    ("UPDATE pack SET state = 'removed'", "插件 "),
    ("UPDATE pack_history SET reason = '其他'", "插件变更记录 "),
    ("UPDATE grant_request SET asked = replace(asked, 'L4', 'L3')", "授权申请 "),
    ("UPDATE grant_request SET state = 'open'", "授权申请 "),
    ("UPDATE grant_answer SET person = 'person-b'", "授权答复 "),
    ("DELETE FROM grant_answer", "授权答复 "),
    ("UPDATE pack_activation SET at = at - 1", "定时启用 "),
    ("UPDATE pack_activation SET state = 'done'", "定时启用 "),
    ("UPDATE upgrade SET notice = NULL", "衔接方案 "),
    ("UPDATE upgrade SET state = 'approved'", "衔接方案 "),
    ("UPDATE upgrade_item SET bin = 'stays'", "衔接方案的事项 "),
    ("UPDATE upgrade_item SET old_body = new_body", "衔接方案的事项 "),
    ("DELETE FROM upgrade_item", "衔接方案的事项 "),
    ("UPDATE upgrade_approval SET person = 'person-b' WHERE role = 'security'", "衔接方案的审批 "),
    ("DELETE FROM upgrade_approval WHERE role = 'coordinator'", "衔接方案的审批 "),
    ("UPDATE upgrade_journal SET text = '无' WHERE number = 1", "衔接方案的实施记录 "),
    ("UPDATE pack_signature SET signatures = '[]'", "插件签名 "),
    ("UPDATE pack_signature SET imitates = '[]'", "插件签名 "),
    ("DELETE FROM pack_signature", "插件签名 "),
    ("UPDATE import_batch SET sha256 = '11'", "导入批次 "),
    ("UPDATE import_batch SET undone_at = 5", "导入批次 "),
    ("UPDATE opening SET state = 'approved'", "查阅依据与批准 "),
    ("UPDATE opening SET until = until + 1", "查阅依据与批准 "),
    ("UPDATE opening SET reason = '其他'", "查阅依据与批准 "),
    ("DELETE FROM opening", "查阅依据与批准 "),
    ("UPDATE policy_set SET files = '[]'", "访问策略 "),
    ("UPDATE policy_set SET decided_by = proposed_by", "访问策略 "),
    ("UPDATE policy_reset SET reason = '其他'", "策略重置 "),
    ("UPDATE policy_reset SET security_by = done_by, security_at = 5", "策略重置 "),
    ("DELETE FROM policy_reset", "策略重置 "),
    ("UPDATE trial SET report = '{\"equal\":4}'", "试运行记录 "),
    ("DELETE FROM trial", "试运行记录 "),
    ("DELETE FROM subject_access", "查阅索引被改写"),
    ("UPDATE subject_access SET matter = NULL WHERE matter IS NOT NULL", "查阅索引被改写"),
    (
        "UPDATE subject_access SET subject = 'x' WHERE subject = (SELECT MIN(subject) FROM subject_access)",
        "查阅索引被改写",
    ),
    ("INSERT INTO subject_access VALUES ('x', 0, NULL)", "查阅索引被改写"),
    (
        "UPDATE account_subject SET subject = 'x' WHERE person = 'account-me'",
        "账号与本人档案的关联 ",
    ),
    ("UPDATE account_subject SET ended_at = 5", "账号与本人档案的关联 "),
    ("UPDATE guardian SET until = until + 1", "监护人账号与未成年人档案的关联 "),
    ("UPDATE guardian SET account = 'account-other'", "监护人账号与未成年人档案的关联 "),
    ("UPDATE guardian SET number = 'x'", "监护人账号与未成年人档案的关联 "),
    ("DELETE FROM guardian", "监护人账号与未成年人档案的关联 "),
    ("UPDATE guardian_release SET matter = 'x'", "向监护人告知的核准 "),
    ("DELETE FROM guardian_release", "向监护人告知的核准 "),
    ("UPDATE request_guardian SET guardian = 'x'", "监护人提出的请求 "),
    ("DELETE FROM request_erasure", "销毁登记所答复的请求 "),
    ("UPDATE disclosure_deferral SET state = 'approved', until = 9999999999999", "延后告知 "),
    ("DELETE FROM disclosure_deferral", "延后告知 "),
    ("UPDATE person_request SET state = 'answered'", "本人请求 "),
    ("UPDATE person_request SET body = body || 'x'", "本人请求 "),
    ("DELETE FROM person_request", "本人请求 "),
    ("UPDATE law_record SET body = replace(body, '样例', '其他')", "合规登记 "),
    ("DELETE FROM law_record", "合规登记 "),
    ("UPDATE index_key SET reached = 'zzzz'", "检索密钥 "),
    ("UPDATE index_key SET key = 'other' WHERE generation = 1", "检索密钥 1"),
    ("DELETE FROM index_key WHERE generation = 2", "检索密钥 2"),
    ("UPDATE policy_notice SET digest = 'other'", "策略集 1：与日志第"),
    ("UPDATE export SET estimate = estimate + 5", "批量导出 "),
    ("UPDATE export SET prints = {bytes}", "批量导出 "),
    ("DELETE FROM export", "批量导出 "),
    ("UPDATE log_entry SET actor = 'person:nobody' WHERE position = 3", "日志检索表与日志条目不符"),
    ("DELETE FROM log_record WHERE position = 9", "日志检索表与日志条目不符"),
    ("INSERT INTO log_record (record, position) VALUES ('x', 1)", "日志检索表与日志条目不符"),
    ("UPDATE share_item SET content = 'facet:other'", "共享目录项 "),
    ("UPDATE data_share SET ends_at = ends_at + 1", "数据共享 "),
    ("UPDATE data_share SET body = replace(body, 'licence', 'phone')", "数据共享 "),
    ("UPDATE share_manifest SET nonce = 'x'", "共享交付清单 "),
    ("UPDATE share_manifest SET accepted_by = 'person-b'", "共享交付清单 "),
    ("UPDATE share_use SET row_count = 0", "共享使用记录 "),
    ("DELETE FROM share_use", "共享使用记录 "),
    ("DELETE FROM share_received", "外来共享交付 "),
    ("UPDATE answer_source SET corrected = 0", "填报来源 "),
    ("DELETE FROM binding WHERE name = 'account'", "所写的内容与其摘要不符"),
    ("UPDATE record SET title = '改' WHERE kind = 'case'", "当前状态与第"),
    ("UPDATE record SET due = due - 1 WHERE kind = 'case'", "列表中的到期时间与第"),
    ("UPDATE record SET sealed = 0 WHERE sealed = 1", "封存标记与封存登记不符"),
    ("UPDATE record SET sealed = 1 WHERE kind = 'risk'", "封存标记与封存登记不符"),
    ("UPDATE sealed_record SET lifted = 'x'", "封存记录 "),
    ("UPDATE sealing SET organ = '其他'", "封存事项 "),
    ("UPDATE sealing SET answered_by = asked_by", "封存事项 "),
    ("DELETE FROM sealed_key", "身份标识的索引缺少一行"),
    ("UPDATE informant SET title = '其他'", "单独存放的举报人信息 "),
    ("UPDATE informant SET value = {bytes}", "单独存放的举报人信息 "),
    ("UPDATE relabel SET new_level = 'L1'", "数据级别调整 "),
    ("DELETE FROM relabel", "数据级别调整 "),
    ("DELETE FROM record_unit", "联办单位的索引缺少一行"),
    ("UPDATE record_unit SET due = due - 1", "联办单位的索引缺少一行"),
    (
        "INSERT INTO record_unit SELECT 'unit-far', id, kind, due FROM record_unit",
        "联办单位的索引多出一行",
    ),
    ("UPDATE record_link SET target = 'x'", "关联记录的索引缺少一行"),
    ("INSERT INTO record_link SELECT 'x', relation, id FROM record_link", "关联记录的索引多出一行"),
    (
        "UPDATE record_key SET id = (SELECT MIN(id) FROM record WHERE kind = 'risk')",
        "身份标识的索引缺少一行",
    ),
    (
        "UPDATE record_version SET record = record || 'A' WHERE id IN (SELECT id FROM record WHERE type_name = 'person')",
        "内容与其摘要不符",
    ),
    ("UPDATE data_key SET wrapped = {bytes}", "数据密钥被改动或缺失"),
    ("UPDATE data_key SET generation = generation + 1", "所写的内容与其摘要不符"),
    ("DELETE FROM data_key", "所写的内容与其摘要不符"),
    (
        "UPDATE data_key SET state = 'destroyed', wrapped = {bytes}, master = ''",
        "密钥已销毁，当前状态却仍在",
    ),
    ("UPDATE erasure SET ground = '其他'", "销毁登记 "),
    ("UPDATE erasure SET state = 'erased'", "销毁登记 "),
    ("DELETE FROM erasure", "销毁登记 "),
    ("UPDATE legal_hold SET lifted_at = 5", "依法留存 "),
    ("DELETE FROM legal_hold", "依法留存 "),
    ("DELETE FROM record_attribute", "属性的索引缺少一行"),
    (
        "INSERT INTO record_attribute SELECT DISTINCT key, (SELECT id FROM record WHERE kind = 'risk') FROM record_attribute",
        "属性的索引多出一行",
    ),
];

fn config(url: &str, centre: &Centre) -> Config {
    Config {
        url: url.to_owned(),
        durability: Durability::Off,
        keys: centre.folder.path().join("keys"),
        origin: "centre.test/log".into(),
        smallest_figure: Config::SMALLEST_FIGURE,
    }
}

/// Takes away what the engine left beside a copy that was read before.
fn fresh(copy: &std::path::Path) {
    for beside in ["db-wal", "db-shm"] {
        let _ = std::fs::remove_file(copy.with_extension(beside));
    }
}

/// Does something to a copy of the database, and says what verification finds.
async fn tampered(centre: &Centre, statement: &str) -> String {
    let url = if centre.url.starts_with("sqlite:") {
        let copy = centre.folder.path().join("copy.db");
        fresh(&copy);
        std::fs::copy(centre.folder.path().join("centre.db"), &copy).unwrap();
        let url = format!("sqlite:{}", copy.display());
        let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let statement = statement.replace("{bytes}", "CAST('other' AS BLOB)");
        let done = database.execute(sqlx::AssertSqlSafe(statement.clone())).await.unwrap();
        assert!(done.rows_affected() > 0, "{statement}");
        database.close().await.unwrap();
        url
    } else {
        let (from, statement) =
            (centre.url.clone(), statement.replace("{bytes}", "'other'::bytea"));
        let copied = move || {
            let url = postgres::copy(&from);
            let done = postgres::ask(&url, &statement);
            assert!(!done.ends_with(" 0"), "{statement}: {done}");
            url
        };
        tokio::task::spawn_blocking(copied).await.unwrap()
    };
    let found = verify_file(&config(&url, centre), None).await.unwrap();
    found.wrong.unwrap_or_default()
}

on_both! {
    /// Each kind of row that a decision may be contested over.
    async fn attack_39_each_thing_that_is_changed_is_named(centre) {
        crate::reset::once(&mut centre).await;
        furnish(&centre).await;
        let sound = centre.data.verify().await.unwrap();
        assert_eq!((sound.wrong, sound.unchecked), (None, vec![]));
        centre.data.close().await;
        let sound = verify_file(&config(&centre.url, &centre), None).await.unwrap();
        assert_eq!((sound.wrong, sound.unchecked), (None, vec![]));
        assert!(sound.rows > 20 && sound.kept >= 8, "{:?}", (sound.rows, sound.kept));
        let mut unlike = Vec::new();
        for &(statement, named) in CASES {
            let wrong = tampered(&centre, statement).await;
            if !wrong.contains(named) {
                unlike.push(format!("{statement}: {wrong}"));
            }
        }
        assert!(unlike.is_empty(), "{unlike:#?}");
    }
}

/// What is vouched for, by table: all columns, where none are named.
const VOUCHED: &[(&str, &str)] = &[
    ("record", ""),
    ("record_unit", ""),
    ("record_version", ""),
    ("record_key", ""),
    ("record_attribute", ""),
    ("record_link", ""),
    ("timeline", ""),
    ("decision", ""),
    ("decision_about", ""),
    ("event", ""),
    ("delivery", "event, pack, state, leaf, ended"),
    ("log_leaf", ""),
    ("log_tile", ""),
    ("log_head", ""),
    ("unit", ""),
    ("unit_function", ""),
    ("division_register", ""),
    ("account", ""),
    ("password_state", ""),
    ("factor", ""),
    ("account_change", ""),
    (
        "emergency",
        "id, person, unit, case_id, lead_unit, reason, words, begun_at, until, most, ended_at, review_by, overdue, reviewed_by, reviewed_at, justified, answer",
    ),
    ("pack", ""),
    ("pack_history", ""),
    ("grant_request", ""),
    ("grant_answer", ""),
    ("pack_activation", ""),
    ("pack_signature", ""),
    ("calendar", ""),
    ("import_batch", ""),
    ("upgrade", ""),
    ("upgrade_approval", ""),
    ("upgrade_item", ""),
    ("upgrade_journal", ""),
    ("trial", ""),
    ("sealing", ""),
    ("sealed_record", ""),
    ("sealed_key", ""),
    ("informant", ""),
    ("relabel", ""),
    ("export", ""),
    ("opening", ""),
    ("policy_set", ""),
    ("policy_notice", ""),
    ("policy_reset", ""),
    ("log_entry", ""),
    ("log_record", ""),
    ("binding", ""),
    ("subject_access", ""),
    ("account_subject", ""),
    ("guardian", ""),
    ("guardian_release", ""),
    ("request_guardian", ""),
    ("request_erasure", ""),
    ("disclosure_deferral", ""),
    ("person_request", ""),
    ("law_record", ""),
    ("data_key", "subject, generation, cipher, master, wrapped, state, destroyed_at, leaf"),
    ("erasure", ""),
    ("legal_hold", ""),
    ("index_key", ""),
];

/// What a database says, as far as it is vouched for; none where it cannot be read.
async fn said(file: &std::path::Path) -> Option<String> {
    let url = format!("sqlite:{}", file.display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.ok()?;
    let mut said = String::new();
    for &(table, columns) in VOUCHED {
        let columns: Vec<String> = if columns.is_empty() {
            let names = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
            sqlx::query_scalar(sqlx::AssertSqlSafe(names)).fetch_all(&mut database).await.ok()?
        } else {
            columns.split(", ").map(str::to_owned).collect()
        };
        let columns: Vec<String> =
            columns.iter().map(|column| format!("quote({column})")).collect();
        let all = format!(
            "SELECT COALESCE((SELECT group_concat({}) FROM {table}), '')",
            columns.join(" || ',' || ")
        );
        let rows: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(all)).fetch_one(&mut database).await.ok()?;
        said.push_str(&rows);
    }
    database.close().await.ok()?;
    Some(said)
}

/// One flipped bit anywhere in the file: where a row that is vouched for reads differently, verification says so. What the
/// engine left behind in its pages, and what it can do without, may go unnoticed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_bit_of_any_row_is_noticed() {
    let mut centre = Centre::sqlite().await;
    crate::reset::once(&mut centre).await;
    furnish(&centre).await;
    centre.data.close().await;
    let good = std::fs::read(centre.folder.path().join("centre.db")).unwrap();
    let copy = centre.folder.path().join("copy.db");
    let config = config(&format!("sqlite:{}", copy.display()), &centre);
    std::fs::write(&copy, &good).unwrap();
    let before = said(&copy).await.expect("the database is whole");
    let (mut noticed, mut changed) = (0, 0);
    // Past the header, which the engine itself reads; about 150 places.
    for at in (100..good.len()).step_by(good.len() / 150) {
        let mut bad = good.clone();
        bad[at] ^= 0x01;
        fresh(&copy);
        std::fs::write(&copy, &bad).unwrap();
        let differs = said(&copy).await.as_ref() != Some(&before);
        let found = verify_file(&config, None).await;
        let sound = found.as_ref().is_ok_and(|found| found.is_sound());
        assert!(!(differs && sound), "byte {at} of {}: {found:?}", good.len());
        noticed += usize::from(!sound);
        changed += usize::from(differs);
    }
    assert!(changed >= 10 && noticed >= changed, "{changed} changed, {noticed} noticed");
}
