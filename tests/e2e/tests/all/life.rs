//! A version's life at the front door: stored, tried, agreed to, activated, rolled back; and what becomes of a pack that
//! keeps failing.

use anshu_e2e::{Browser, Centre, packs, repository};
use anshu_server::signing;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::upgrades::{file, filing};

const NEXT: &str = "/api/v1/packs/homestay/0.2.0";

/// What storing the next version takes, signed by the demonstration or not.
fn next_version(centre: &Centre, signed: bool) -> Value {
    let path = packs().parent().unwrap().join("packs-next/homestay-0.2.0.wasm");
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|_| panic!("缺少 {}；请先运行 cargo xtask plugins", path.display()));
    let grant = repository().join("examples/centre/grants/homestay.toml");
    let key = signing::read(&centre.folder().join("keys/demo-signing.key")).unwrap();
    let signatures = [key.sign(&bytes, "样例").unwrap()];
    let signatures =
        if signed { serde_json::to_string(&signatures).unwrap() } else { String::new() };
    json!({
        "component": STANDARD.encode(bytes),
        "grant": std::fs::read_to_string(grant).unwrap(),
        "signatures": signatures,
    })
}

async fn standing(admin: &Browser, version: &str) -> Value {
    let list = admin.get("/api/v1/packs").await.json();
    let of = |pack: &&Value| pack["name"] == "homestay" && pack["version"] == version;
    list.as_array().unwrap().iter().find(of).cloned().unwrap_or_default()
}

async fn step(browser: &Browser, path: &str, body: Value, status: u16) -> String {
    let answer = browser.post(path, &body).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.text());
    answer.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_stored_tried_agreed_to_activated_and_rolled_back() {
    let mut centre = Centre::start().await;
    let (admin, security) = (centre.person("admin").await, centre.person("security").await);

    let told = step(&admin, "/api/v1/packs", next_version(&centre, false), 403).await;
    assert!(told.contains("签名"), "{told}");
    let mut next = next_version(&centre, true);
    next["dry_run"] = json!(true);
    step(&admin, "/api/v1/packs", next.clone(), 200).await;
    assert!(standing(&admin, "0.2.0").await.is_null(), "a rehearsal stores nothing");
    next["dry_run"] = json!(false);
    step(&security, "/api/v1/packs", next.clone(), 403).await;
    step(&admin, "/api/v1/packs", next, 200).await;
    let stored = standing(&admin, "0.2.0").await;
    assert_eq!(
        (&stored["state"], &stored["request"]["refers_to"]),
        (&json!("staged"), &json!("0.1.0"))
    );

    // It was never tried, so that one person alone does not put it in force.
    let told = step(&admin, &format!("{NEXT}/activate"), json!({}), 409).await;
    assert!(told.contains("比对") && told.contains("pack agree"), "{told}");
    let version = json!({ "pack": "homestay", "version": "0.2.0" });
    step(&admin, "/api/v1/trials/agreements", version.clone(), 403).await;
    step(&security, "/api/v1/trials/agreements", version, 200).await;
    step(&security, &format!("{NEXT}/activate"), json!({}), 403).await;
    step(&admin, &format!("{NEXT}/activate"), json!({ "dry_run": true }), 200).await;
    assert_eq!(standing(&admin, "0.2.0").await["state"], "staged");
    // At an instant, which can be taken back; that is rehearsed too.
    let at = json!({ "at": "2090-01-01T00:00:00+08:00" });
    step(&admin, &format!("{NEXT}/activate"), at, 200).await;
    step(&admin, &format!("{NEXT}/cancel"), json!({ "dry_run": true }), 200).await;
    assert_eq!(standing(&admin, "0.2.0").await["activation"]["state"], "waiting");
    step(&admin, &format!("{NEXT}/cancel"), json!({}), 200).await;
    assert_ne!(standing(&admin, "0.2.0").await["activation"]["state"], "waiting");
    step(&admin, &format!("{NEXT}/activate"), json!({}), 200).await;
    assert_eq!(standing(&admin, "0.2.0").await["state"], "active");

    // It is what storage says, also after a restart; and the one before decides again after one step.
    centre.stop().await;
    centre.open().await;
    let admin = centre.person("admin").await;
    let newest = |centre: &Centre| {
        let packs = centre.app().sandbox.packs();
        let own = packs.iter().rfind(|pack| pack.reference.name == "homestay");
        own.map(|pack| pack.reference.version.clone())
    };
    assert_eq!(newest(&centre).as_deref(), Some("0.2.0"));
    step(&admin, "/api/v1/packs/homestay/rollback", json!({ "dry_run": true }), 200).await;
    step(&admin, "/api/v1/packs/homestay/rollback", json!({}), 200).await;
    assert_eq!(newest(&centre).as_deref(), Some("0.1.0"));
    let told = step(&admin, "/api/v1/packs/homestay/rollback", json!({}), 409).await;
    assert!(told.contains("没有可以恢复的上一版本"), "{told}");
    assert_eq!(centre.app().data.verify().await.unwrap().wrong, None);
}

/// What a pack called its records, they are called when it is gone, also after a restart: nobody reads codes.
#[tokio::test(flavor = "multi_thread")]
async fn the_records_of_a_removed_pack_keep_their_names() {
    let mut centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let path = format!("/api/v1/cases/{}", file(&clerk, "样例房").await);
    let before = clerk.get(&path).await.json();
    let (matter, pack) = (before["matter_title"].clone(), before["pack"]["title"].clone());
    let codes = [json!("homestay"), before["matter"].clone()];
    assert!(!codes.contains(&matter) && !codes.contains(&pack), "{before}");
    let admin = centre.person("admin").await;
    step(&admin, "/api/v1/packs/homestay/0.1.0/remove", json!({ "reason": "样例停用" }), 200).await;
    let facet = |entities: Value| entities["items"][0]["facets_shown"].clone();
    for restarted in [false, true] {
        if restarted {
            centre.stop().await;
            centre.open().await;
        }
        let clerk = centre.person("clerk").await;
        let shown = clerk.get(&path).await.json();
        assert_eq!(shown["matter_title"], matter, "restarted {restarted}: {shown}");
        assert_eq!(shown["pack"]["title"], pack, "restarted {restarted}: {shown}");
        assert_eq!(shown["pack"]["available"], false, "restarted {restarted}: {shown}");
        let rooms = clerk.get("/api/v1/entities?facet=homestay.room&limit=1").await.json();
        assert_ne!(facet(rooms), json!(["homestay.room"]), "restarted {restarted}");
        assert!(!shown["timeline"].to_string().contains("（homestay）"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cases_of_a_pack_in_quarantine_stay_and_are_handled_by_hand() {
    let mut centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let case = file(&clerk, "样例房").await;
    let packs = centre.app().sandbox.packs();
    let pack = packs.iter().find(|pack| pack.reference.name == "homestay").unwrap();
    centre.app().sandbox.quarantine(&pack.reference, "60 秒内发生 3 次故障：死循环").unwrap();

    let told = step(&clerk, "/api/v1/actions/homestay/file-room", filing("样例房一"), 503).await;
    for words in ["homestay 0.1.0", "已被隔离", "死循环", "anshu pack release homestay"] {
        assert!(told.contains(words), "{words}: {told}");
    }

    // The host's spine needs no pack.
    let path = format!("/api/v1/cases/{case}");
    let shown = clerk.get(&path).await.json();
    assert!(!shown["clocks"].as_array().unwrap().is_empty(), "{shown}");
    step(&clerk, &format!("{path}/notes"), json!({ "text": "已电话核实" }), 200).await;
    let shown = clerk.get(&path).await.json();
    let on = json!({ "stage": "triaged", "note": "人工分流", "version": shown["version"] });
    step(&clerk, &format!("{path}/move"), on, 200).await;

    // It is kept: the administrator reads what it did and what to do, also after a restart.
    let admin = centre.person("admin").await;
    let mut seen = Value::Null;
    for _ in 0..100 {
        seen = standing(&admin, "0.1.0").await;
        let kept = centre.app().data.packs().await.unwrap();
        if kept.iter().any(|pack| pack.state.name() == "quarantined") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(seen["state"], "quarantined", "{seen}");
    assert!(seen["reason"].as_str().unwrap().contains("死循环"), "{seen}");
    centre.stop().await;
    centre.open().await;
    let (admin, clerk) = (centre.person("admin").await, centre.person("clerk").await);
    assert_eq!(standing(&admin, "0.1.0").await["state"], "quarantined");
    assert_eq!(clerk.get(&path).await.json()["stage"], "triaged");
    step(&admin, "/api/v1/packs/homestay/0.1.0/release", json!({ "dry_run": true }), 200).await;
    step(&admin, "/api/v1/packs/homestay/0.1.0/release", json!({}), 200).await;
    file(&clerk, "样例房二").await;
}
