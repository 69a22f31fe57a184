//! A version that is tried before it is activated: on what was decided, and beside the active one.

use std::time::Duration;

use anshu_e2e::{Browser, Centre, packs};
use serde_json::{Value, json};

const TRIED: &str = "9.9.9";

/// The active version's component under another number, of a law that is far away.
fn stage(centre: &Centre) {
    let app = centre.app();
    let active = app.sandbox.packs();
    let active = active.iter().find(|pack| pack.reference.name == "homestay").unwrap();
    let file = packs().join(format!("homestay-{}.wasm", active.reference.version));
    let bytes = std::fs::read(file).unwrap();
    let mut manifest = serde_json::to_value(&active.manifest).unwrap();
    manifest["version"] = json!(TRIED);
    manifest["effective_from"] = json!("2090-01-01");
    let bytes = with_manifest(&bytes, &manifest.to_string());
    let tried = app.sandbox.stage(&bytes, &active.grant).unwrap();
    assert_eq!(tried.version, TRIED);
}

/// A component with another manifest: its sections stand one after the other, each with its number and its length.
fn with_manifest(component: &[u8], manifest: &str) -> Vec<u8> {
    let mut name = vec![u8::try_from("anshu:manifest".len()).unwrap()];
    name.extend("anshu:manifest".bytes());
    let (head, mut rest) = component.split_at(8);
    let mut made = head.to_vec();
    while let Some((number, after)) = rest.split_first() {
        let bytes = after.iter().take_while(|byte| **byte > 127).count() + 1;
        let length = after[..bytes]
            .iter()
            .rev()
            .fold(0, |length, byte| length << 7 | usize::from(byte & 127));
        let (section, next) = after[bytes..].split_at(length);
        if !(*number == 0 && section.starts_with(&name)) {
            made.extend(&rest[..1 + bytes + length]);
        }
        rest = next;
    }
    name.extend(manifest.bytes());
    made.push(0);
    let mut length = name.len();
    while length > 127 {
        made.push(u8::try_from(length & 127).unwrap() | 128);
        length >>= 7;
    }
    made.push(u8::try_from(length).unwrap());
    made.extend(name);
    made
}

async fn ended(browser: &Browser, id: &str) -> Value {
    for _ in 0..300 {
        let trial = browser.get(&format!("/api/v1/trials/{id}")).await;
        // Between its end and its being kept there is nothing to show.
        if trial.status == 200 && trial.json()["state"] != "running" {
            return trial.json();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the trial does not end");
}

/// Puts rooms on file until somebody decides about one.
async fn inspected(clerk: &Browser, number: usize) -> u16 {
    let rooms = clerk.get("/api/v1/entities?kind=place&facet=homestay.room&limit=20").await.json();
    let room = rooms["items"][number]["id"].clone();
    let guest = json!({ "name": "样例客", "document": "passport", "document_number": format!("X000000{number}"),
        "nationality": "FRA", "birth_date": "1990-01-01", "verification": "manual" });
    let body = json!({ "subject": room, "answers": { "guests": [guest] }, "purpose": { "code": "lodging-registration" } });
    clerk.post("/api/v1/actions/homestay/register-guests", &body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_decides_the_same_needs_one_administrator() {
    let centre = Centre::start().await;
    stage(&centre);
    let admin = centre.person("admin").await;
    let request = json!({ "pack": "homestay", "version": TRIED, "days": 30 });
    let begun = admin.post("/api/v1/trials", &request).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let id = begun.json()["id"].as_str().unwrap().to_owned();
    let trial = ended(&admin, &id).await;
    assert_eq!((trial["state"].as_str(), trial["span"].as_u64()), (Some("done"), Some(30)));
    let replay = &trial["report"]["replay"];
    assert!(replay["decisions"].as_u64().unwrap() > 0, "{trial}");
    assert_eq!(replay["equal"], replay["decisions"], "{trial}");
    assert_eq!(
        (&trial["report"]["unsound"], &trial["report"]["unmatched"]),
        (&json!(0), &json!(0))
    );
    let old = &trial["report"]["golden_of_old"];
    assert!(old["decisions"].as_u64().unwrap() >= 6, "{trial}");
    assert_eq!(old["equal"], old["decisions"], "{trial}");
    assert_eq!(trial["verdict"]["needs_second_role"], false, "{trial}");
    let listed = admin.get("/api/v1/trials?pack=homestay").await.json();
    assert_eq!(listed[0]["id"], json!(id));
    assert_eq!(admin.get("/api/v1/trials?pack=other").await.json(), json!([]));

    // What makes no sense is said; what is not there is not found.
    let long = json!({ "pack": "homestay", "version": TRIED, "days": 0 });
    assert_eq!(admin.post("/api/v1/trials", &long).await.status, 422);
    let gone = json!({ "pack": "homestay", "version": "8.0.0" });
    assert_eq!(admin.post("/api/v1/trials", &gone).await.status, 404);
    let over = admin.send("DELETE", &format!("/api/v1/trials/{id}"), &[], None).await;
    assert_eq!(over.status, 404, "it has ended: {}", over.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shadow_sees_what_is_decided_and_is_not_cut_short_by_who_turned_it_on() {
    let centre = Centre::start().await;
    stage(&centre);
    let admin = centre.person("admin").await;
    let clerk = centre.person("clerk").await;
    let request = json!({ "pack": "homestay", "version": TRIED, "needed": 1000 });
    let begun = admin.post("/api/v1/trials/shadows", &request).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    assert_eq!(admin.post("/api/v1/trials/shadows", &request).await.status, 409);
    let mut done = 0;
    for number in 0..3 {
        done += u64::from(inspected(&clerk, number).await == 200);
    }
    assert!(done > 0, "some room takes a guest");
    let path = format!("/api/v1/trials/shadows/homestay/{TRIED}");
    let mut shown = Value::Null;
    for _ in 0..200 {
        shown = admin.get(&path).await.json();
        if shown["seen"].as_u64() >= Some(done) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((&shown["running"], &shown["dropped"]), (&json!(true), &json!(0)), "{shown}");
    assert!(shown["seen"].as_u64() >= Some(done) && shown["equal"] == shown["seen"], "{shown}");
    assert_eq!(shown["verdict"]["needs_second_role"], true, "it has not seen enough: {shown}");

    let refused = admin.send("DELETE", &path, &[], None).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    // The security role of somebody else may.
    let app = centre.app();
    let mut guard = app.data.account("auditor").await.unwrap().unwrap().person;
    guard.roles = std::iter::once("security".to_owned()).collect();
    let context = app.context(&guard, None).unwrap();
    anshu_server::app::trials::shadow::stop(app, &context, "homestay", TRIED).await.unwrap();
    assert_eq!(admin.get(&path).await.json()["running"], false);
    assert_eq!(admin.send("DELETE", &path, &[], None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_tried_takes_a_second_role() {
    let centre = Centre::start().await;
    stage(&centre);
    let app = centre.app();
    let tried = anshu_server::app::trials::stored(app, "homestay", TRIED).unwrap();
    let verdict = anshu_server::app::trials::verdict(app, &tried.reference).await.unwrap();
    assert!(verdict.needs_second_role && verdict.why[0].contains("尚未"), "{verdict:?}");
    assert!(verdict.blocked.is_empty());
}
