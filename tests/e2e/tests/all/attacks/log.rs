//! The log over HTTP: an auditor searches it, takes a dossier away and verifies it without the centre; a witness elsewhere
//! cosigns it; what was cut off, what cannot be logged and what is too large is refused.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anshu_e2e::{Browser, Centre};
use anshu_server::app::audit::{believe, verify_dossier, verify_exported};
use anshu_server::{Settings, run, witness};
use serde_json::{Value, json};

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// The database and what the machine has seen of its log.
const KEPT: [&str; 2] = ["anshu.db", "keys/log.witness"];

fn copy(from: &Path, to: &Path) {
    for beside in ["anshu.db-wal", "anshu.db-shm"] {
        let _ = std::fs::remove_file(to.join(beside));
    }
    for file in KEPT {
        std::fs::create_dir_all(to.join("keys")).unwrap();
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

/// States a witness in the centre's configuration.
fn state(centre: &Centre, url: &str, key: &str) {
    let file = centre.folder().join("anshu.toml");
    let present = std::fs::read_to_string(&file).unwrap();
    let section = format!(
        "\n[log]\nsm2 = true\n\n[[log.witnesses]]\nname = \"样例见证方\"\nurl = \"{url}\"\npublic_key = \"{key}\"\n"
    );
    std::fs::write(&file, present + &section).unwrap();
}

/// Any matter of the sample.
async fn any_matter(clerk: &Browser) -> String {
    for path in ["/api/v1/cases?limit=1", "/api/v1/risks?limit=1"] {
        if let Some(found) = read(clerk, path).await["items"][0]["id"].as_str() {
            return found.to_owned();
        }
    }
    panic!("the sample has no matter")
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_40_a_tail_that_was_cut_is_refused_by_a_witness_elsewhere() {
    let mut centre = Centre::start().await;
    let key = centre.app().data.public_key();
    let folder = tempfile::tempdir().unwrap();
    let open = witness::open(
        &folder.path().join("w1"),
        Some("witness.test/w1"),
        std::slice::from_ref(&key),
    )
    .unwrap();
    let serving = witness::serve(open, anywhere()).await.unwrap();
    let (witness_key, address) = (serving.key.clone(), serving.address);
    centre.stop().await;
    let older = folder.path().join("older");
    copy(centre.folder(), &older);
    state(&centre, &format!("http://{address}/"), &witness_key);
    centre.open().await;

    // The log was shown before anything was served; the auditor, the probe and the figures see it.
    let auditor = centre.person("auditor").await;
    let status = read(&auditor, "/api/v1/audit/status").await;
    assert_eq!(status["witnesses"][0]["standing"], "well", "{status}");
    assert!(status["witnesses"][0]["size"].as_u64().unwrap() > 100);
    assert_eq!(status["public_keys"].as_array().unwrap().len(), 2, "Ed25519 and SM2");
    let ready = read(&centre.stranger(), "/readyz").await;
    assert_eq!(ready["witnesses"][0]["standing"], "well", "{ready}");
    let metrics = centre.stranger().get("/metrics").await.text();
    assert!(metrics.contains("anshu_witness_well{witness=\"样例见证方\"} 1"), "{metrics}");
    assert!(metrics.contains("anshu_policies_unseen 1"), "{metrics}");

    // A dossier, cosigned while it is made, verified by its file alone.
    let clerk = centre.person("clerk").await;
    let matter = any_matter(&clerk).await;
    let path = format!("/api/v1/audit/dossiers/{matter}");
    let outline = read(&auditor, &path).await;
    assert!(outline["leaves"].as_u64().unwrap() > 0 && outline["versions"].as_u64().unwrap() > 0);
    let dossier = auditor.post(&path, &json!({})).await;
    assert_eq!(dossier.status, 200, "{}", dossier.text());
    assert!(dossier.header("content-disposition").unwrap().starts_with("attachment"));
    let file = folder.path().join("matter.dossier");
    std::fs::write(&file, &dossier.body).unwrap();
    let policy = format!("log {key}\nwitness W {witness_key}\nquorum W\n");
    let report = verify_dossier(&file, &believe(None, Some(&policy)).unwrap()).unwrap();
    assert_eq!(report.wrong, None);
    assert_eq!((report.matter.as_str(), report.cosigned.len()), (matter.as_str(), 1));
    assert_eq!(clerk.post(&path, &json!({})).await.status, 403);
    assert_eq!(auditor.post("/api/v1/audit/dossiers/none", &json!({})).await.status, 404);
    // By the binary alone where the tests have one: no data folder, no database.
    if let Some(binary) = std::env::var_os("ANSHU_BINARY") {
        let verify = |policy: &str| {
            let stated = folder.path().join("policy");
            std::fs::write(&stated, policy).unwrap();
            let mut command = Command::new(&binary);
            command.current_dir(folder.path()).args(["audit", "verify", "--dossier"]).arg(&file);
            command.arg("--policy").arg(&stated).output().unwrap().status.success()
        };
        assert!(verify(&policy));
        assert!(!verify(&policy.replace("quorum W", "witness X witness.test/x+0+AA==\nquorum W")));
    }

    // The database of before is put back, with all that this machine remembers of the log.
    centre.stop().await;
    let newer = folder.path().join("newer");
    copy(centre.folder(), &newer);
    copy(&older, centre.folder());
    let settings = Settings::of_folder(centre.folder(), anywhere()).unwrap();
    let open = run::Centre::open(settings).await.unwrap();
    let Err(refused) = open.serve().await else { panic!("it must not serve") };
    let refused = refused.to_string();
    assert!(refused.contains("样例见证方") && refused.contains("末尾的日志被删除"), "{refused}");
    copy(&newer, centre.folder());
    centre.open().await;

    // A witness that is gone stops nobody, and is seen.
    serving.stop().await;
    let clerk = centre.person("clerk").await;
    read(&clerk, "/api/v1/cases").await;
    anshu_server::app::cosign::round(centre.app()).await;
    let ready = read(&centre.stranger(), "/readyz").await;
    assert_eq!(ready["witnesses"][0]["standing"], "unreachable", "{ready}");
    assert_eq!(ready["ready"], true);
}

/// What a witness answers over HTTP, as C2SP tlog-witness says.
#[tokio::test(flavor = "multi_thread")]
async fn attack_41_a_witness_answers_each_wrong_checkpoint_as_the_protocol_says() {
    let centre = Centre::start().await;
    let folder = tempfile::tempdir().unwrap();
    let key = centre.app().data.public_key();
    let open = witness::open(folder.path(), Some("witness.test/w1"), &[key]).unwrap();
    let serving = witness::serve(open, anywhere()).await.unwrap();
    let log = Browser::stranger(serving.address);
    let add = async |body: String| {
        log.send("POST", "/add-checkpoint", &[], Some(body.into_bytes())).await
    };
    let note = centre.app().data.checkpoint().await.unwrap();
    assert_eq!(add("old x\n\n".to_owned()).await.status, 400);
    assert_eq!(
        add(format!("old 0\n\n{}", note.replace("anshu.example", "other.example"))).await.status,
        404
    );
    let size = note.lines().nth(1).unwrap().to_owned();
    assert_eq!(
        add(format!("old 0\n\n{}", note.replacen(&size, "7", 1))).await.status,
        403,
        "not what the log signed"
    );
    let good = add(format!("old 0\n\n{note}")).await;
    assert_eq!(good.status, 200, "{}", good.text());
    assert!(good.text().starts_with("— witness.test/w1 "));
    let seen = add(format!("old 0\n\n{note}")).await;
    assert_eq!((seen.status, seen.text().trim()), (409, size.as_str()));
    assert_eq!(seen.header("content-type"), Some("text/x.tlog.size"));
    // The log grows; a proof that is none.
    let clerk = centre.person("clerk").await;
    read(&clerk, "/api/v1/cases").await;
    let grown = centre.app().data.checkpoint().await.unwrap();
    assert_eq!(add(format!("old {size}\n\n{grown}")).await.status, 422);
    assert_eq!(add("x".repeat(100_000)).await.status, 413);
    serving.stop().await;
}

/// A database that takes no leaf: 503, and not a byte of data, whoever asks for what.
#[tokio::test(flavor = "multi_thread")]
async fn attack_43_nothing_is_answered_that_cannot_be_logged() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let file = centre.folder().join("anshu.db");
    let sql = |statement: &str| {
        let program = format!(
            "import sqlite3\nd = sqlite3.connect({:?}, timeout=20)\nd.execute({statement:?})\nd.commit()\nd.close()",
            file.display().to_string()
        );
        Command::new("python3").args(["-c", &program]).status()
    };
    let refuse =
        "CREATE TRIGGER refuse BEFORE INSERT ON log_leaf BEGIN SELECT RAISE(ABORT, 'no'); END";
    match sql(refuse) {
        Ok(status) => assert!(status.success()),
        Err(error) => return eprintln!("没有 python3（{error}）：未试"),
    }
    for path in
        ["/api/v1/cases", "/api/v1/entities?kind=place", "/api/v1/figures", "/api/v1/duties"]
    {
        let answer = clerk.get(path).await;
        assert_eq!(answer.status, 503, "{path}: {}", answer.text());
        assert!(answer.json()["items"].is_null() && answer.text().contains("审计日志"), "{path}");
    }
    let mut other = centre.stranger();
    assert_eq!(
        other.sign_in("clerk", "demo-clerk-2026").await.status,
        503,
        "nobody signs in unseen"
    );
    assert!(sql("DROP TRIGGER refuse").unwrap().success());
    read(&clerk, "/api/v1/cases").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_46_a_policy_set_is_an_alarm_until_an_auditor_has_seen_it() {
    let centre = Centre::start().await;
    let auditor = centre.person("auditor").await;
    let status = read(&auditor, "/api/v1/audit/status").await;
    assert_eq!(status["policies"].as_array().unwrap().len(), 1);
    assert!(status["policies"][0]["seen_at"].is_null());
    let path = "/api/v1/audit/policies/1/seen";
    assert_eq!(centre.person("security").await.post(path, &json!({})).await.status, 403);
    let seen = auditor.post(path, &json!({})).await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    assert!(seen.json()["policies"][0]["seen_at"].is_string());
    assert_eq!(auditor.post(path, &json!({})).await.status, 409);
    assert!(centre.stranger().get("/metrics").await.text().contains("anshu_policies_unseen 0"));
}

/// An auditor finds, reads and proves entries; nothing in them is personal.
#[tokio::test(flavor = "multi_thread")]
async fn attack_49_entries_are_found_and_proved_without_personal_data() {
    let centre = Centre::start().await;
    let (auditor, clerk) = (centre.person("auditor").await, centre.person("clerk").await);
    let entities = read(&clerk, "/api/v1/entities?kind=place&limit=1").await;
    let (id, name) = (text(&entities["items"][0], "id"), text(&entities["items"][0], "name"));
    read(&clerk, &format!("/api/v1/entities/{id}")).await;
    clerk.get("/api/v1/audit").await;
    let found = read(&auditor, &format!("/api/v1/audit?record={id}&action=read")).await;
    let entry = &found["entries"][0];
    assert!(text(entry, "target").contains(id), "{found}");
    let denied = read(&auditor, "/api/v1/audit?verdict=deny&limit=5").await;
    assert!(denied["entries"].as_array().unwrap().iter().all(|entry| entry["verdict"] == "deny"));
    assert!(!denied["entries"].as_array().unwrap().is_empty());
    let future = read(&auditor, "/api/v1/audit?from=2999-01-01T00:00:00%2B08:00").await;
    assert!(future["entries"].as_array().unwrap().is_empty());
    for wrong in ["action=nothing", "verdict=maybe", "from=yesterday", "after=x"] {
        assert_eq!(auditor.get(&format!("/api/v1/audit?{wrong}")).await.status, 422, "{wrong}");
    }
    let index = entry["index"].as_u64().unwrap();
    let detail = read(&auditor, &format!("/api/v1/audit/entries/{index}")).await;
    assert!(text(&detail, "proof").starts_with("c2sp.org/tlog-proof@v1\n"));
    assert!(!name.is_empty() && !detail.to_string().contains(name), "{detail}");
    let proof = auditor.get(&format!("/api/v1/audit/entries/{index}/proof")).await;
    assert!(proof.header("content-disposition").unwrap().contains(".tlog-proof"));
    assert_eq!(auditor.get("/api/v1/audit/entries/999999999").await.status, 404);
    assert_eq!(auditor.get("/api/v1/audit/entries/999999999/proof").await.status, 404);
    // Verification by itself and on demand.
    let begun = auditor.post("/api/v1/audit/verify", &json!({})).await;
    assert!([200, 409].contains(&begun.status), "{}", begun.text());
    for _ in 0..300 {
        let status = read(&auditor, "/api/v1/audit/status").await;
        if status["verified"]["sound"].is_boolean() {
            assert_eq!(status["verified"]["sound"], true, "{status}");
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    // The whole log leaves as files.
    let account = centre.app().data.account("auditor").await.unwrap().unwrap();
    let ctx = centre.app().context(&account.person, None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("log");
    anshu_server::app::audit::export(centre.app(), &ctx, &out).await.unwrap();
    let policy = believe(Some(&centre.app().data.public_key()), None).unwrap();
    assert!(verify_exported(&out, &policy, &[]).unwrap().is_sound());
    assert!(
        anshu_server::app::audit::export(centre.app(), &ctx, &out).await.is_err(),
        "not into a folder in use"
    );
}

/// The same operation again with another body, by whatever headers: each request is an operation of its own.
#[tokio::test(flavor = "multi_thread")]
async fn attack_18_nobody_outside_names_an_operation() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let id = any_matter(&clerk).await;
    let path = format!("/api/v1/cases/{id}/notes");
    let mut ids = std::collections::BTreeSet::new();
    for note in ["样例一", "样例二"] {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", "one"),
            ("x-request-id", "one"),
            ("x-operation-id", "one"),
        ];
        let body = json!({ "text": note }).to_string().into_bytes();
        let answer = clerk.send("POST", &path, &headers, Some(body)).await;
        ids.insert(answer.header("x-request-id").unwrap().to_owned());
    }
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert!(!ids.contains("one"));
}

/// No request is large enough to smuggle what the database's protocol would take for its own.
#[tokio::test(flavor = "multi_thread")]
async fn attack_55_a_body_beyond_the_limit_is_refused_unread() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let large = json!({ "text": "x".repeat(2 << 20) });
    let answer = clerk.post("/api/v1/cases/none/notes", &large).await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    // Stated, and never sent.
    let stated = [("content-type", "application/json"), ("content-length", "5000000000")];
    let answer = clerk.send("POST", "/api/v1/session", &stated, None).await;
    assert!([400, 413].contains(&answer.status), "{}", answer.status);
}
