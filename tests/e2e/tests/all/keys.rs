//! Keys are changed from the console: after a fresh proof, in the background, while everybody works, and over a restart.

use anshu_e2e::{Browser, Centre};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;
/// How long the worker may take, in looks of a tenth of a second: it is the fact that is waited for.
const LOOKS: u32 = 1200;

/// Waits until the state of the keys is as it should be.
async fn until(administrator: &Browser, is_so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..LOOKS {
        let state = administrator.get("/api/v1/vault").await.json();
        if is_so(&state) {
            return state;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{}", administrator.get("/api/v1/vault").await.text())
}

fn is_through(state: &Value) -> bool {
    state["outdated"] == 0 && state["index"]["changing"] == false
}

/// Who takes guests: found by a digest, as whatever is found by what it is.
async fn rooms(clerk: &Browser) -> Vec<String> {
    let page = clerk.get("/api/v1/entities?facet=homestay.room&limit=200").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let page = page.json();
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_changed_in_the_background_after_a_fresh_proof() {
    let mut centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let there = rooms(&clerk).await;
    assert!(!there.is_empty());
    let mut administrator = centre.person("admin").await;
    let before = until(&administrator, is_through).await;
    assert_eq!(before["index"]["generation"], 1);

    // Nobody else, and not with a proof of long ago.
    for path in ["/api/v1/vault/rotation", "/api/v1/vault/reindexing"] {
        let refused = clerk.post(path, &Value::Null).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
    centre.app().settings.time.advance(11 * MINUTE);
    for path in ["/api/v1/vault/rotation", "/api/v1/vault/reindexing"] {
        let stale = administrator.post(path, &Value::Null).await;
        assert_eq!(stale.json()["type"], "urn:anshu:problem:confirm", "{}", stale.text());
    }
    assert_eq!(administrator.confirm("demo-admin-2026").await.status, 200);
    for path in ["/api/v1/vault/rotation", "/api/v1/vault/reindexing"] {
        let begun = administrator.post(path, &Value::Null).await;
        assert_eq!(begun.status, 200, "{}", begun.text());
    }
    assert_eq!(rooms(&clerk).await, there);
    // Whatever it has come to by now, the next start goes on with it.
    centre.stop().await;
    centre.open().await;
    let (clerk, administrator) = (centre.person("clerk").await, centre.person("admin").await);
    let after = until(&administrator, is_through).await;
    assert_ne!(after["master"], before["master"]);
    assert_eq!(after["masters"].as_array().unwrap().len(), 1, "{after}");
    assert_eq!(after["index"]["generation"], 2);
    assert_ne!(after["index"]["key"], before["index"]["key"]);
    assert_eq!((&after["problem"], rooms(&clerk).await), (&Value::Null, there));
    assert!(!centre.folder().join("keys/index.key").exists(), "the former key is destroyed");
    let verified = centre.app().data.verify().await.unwrap();
    assert_eq!((verified.wrong, verified.unchecked), (None, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_placed_and_lifted_with_a_fresh_proof_only() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let subject = rooms(&clerk).await.remove(0);
    let hold = json!({ "subject": subject, "ground": "样例法院 样字〔2026〕1号" });
    let mut officer = centre.person("privacy").await;
    centre.app().settings.time.advance(11 * MINUTE);
    let stale = officer.post("/api/v1/legal-holds", &hold).await;
    assert_eq!(stale.json()["type"], "urn:anshu:problem:confirm", "{}", stale.text());
    assert_eq!(officer.get("/api/v1/legal-holds").await.json(), json!([]));
    assert_eq!(officer.confirm("demo-privacy-2026").await.status, 200);
    let placed = officer.post("/api/v1/legal-holds", &hold).await;
    assert_eq!(placed.status, 200, "{}", placed.text());
    let path = format!("/api/v1/legal-holds/{}", placed.json()["id"].as_str().unwrap());
    centre.app().settings.time.advance(11 * MINUTE);
    let stale = officer.send("DELETE", &path, &[], None).await;
    assert_eq!(stale.json()["type"], "urn:anshu:problem:confirm", "{}", stale.text());
    assert_eq!(officer.get("/api/v1/legal-holds").await.json().as_array().unwrap().len(), 1);
    assert_eq!(officer.confirm("demo-privacy-2026").await.status, 200);
    assert_eq!(officer.send("DELETE", &path, &[], None).await.status, 204);
}
