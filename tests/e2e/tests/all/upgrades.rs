//! A rule changes while matters are open: the plan is made, agreed to by two, applied and taken back, through the front door.

use std::time::Duration;

use anshu_e2e::{Browser, Centre, packs};
use serde_json::{Value, json};

/// What a clerk files a room with.
pub(super) fn filing(name: &str) -> Value {
    let answers = json!({
        "name": name, "division": "500103001000", "address": "样例路 1 号", "letting": "entire", "beds": 2, "capacity": 4,
        "facilities": ["smoke-alarm", "fire-extinguisher", "first-aid-kit"], "gas": false, "room_camera": false,
        "owners_agreed": true, "operator_kind": "person", "operator_name": "样例房东",
        "operator_number": "999999198501010018", "operator_phone": "19900000000",
    });
    json!({ "answers": answers, "purpose": { "code": "room-filing" } })
}

/// Files a room, and answers the case.
pub(super) async fn file(clerk: &Browser, name: &str) -> String {
    let answer = clerk.post("/api/v1/actions/homestay/file-room", &filing(name)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["subject"]["id"].as_str().unwrap().to_owned()
}

/// Puts the next version in force, with what the present one was granted; perhaps one that wants to be asked about cases, or
/// whose transition reaches them by another rule.
async fn next_version(centre: &Centre, asks: bool, rule: Option<&str>) {
    let app = centre.app();
    let path = packs().parent().unwrap().join("packs-next/homestay-0.2.0.wasm");
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|_| panic!("缺少 {}；请先运行 cargo xtask plugins", path.display()));
    let stored = app.data.packs().await.unwrap();
    let grant = stored.into_iter().find(|pack| pack.manifest.name == "homestay").unwrap().grant;
    let installed = app.sandbox.install(&bytes, &grant).unwrap();
    app.data.use_schemas(app.sandbox.schemas());
    let mut packs = app.sandbox.stored().into_iter().map(|(pack, _)| pack);
    let mut manifest = packs.find(|pack| pack.reference == installed).unwrap().manifest.clone();
    manifest.transitions[0].asks = asks;
    if let Some(rule) = rule {
        manifest.transitions[0].rule = serde_json::from_value(json!(rule)).unwrap();
    }
    let context = app.operator("test").unwrap();
    app.data.put_pack(&context, &bytes, &manifest, &grant, &installed.digest).await.unwrap();
}

/// The plan once it is in a state.
async fn until(browser: &Browser, id: &str, state: &str) -> Value {
    let mut plan = Value::Null;
    for _ in 0..200 {
        plan = browser.get(&format!("/api/v1/upgrades/{id}")).await.json();
        if plan["state"] == state {
            return plan;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the plan does not come to {state}: {plan}");
}

async fn post(browser: &Browser, path: &str, body: Value) -> Value {
    let answer = browser.post(path, &body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// The days of the review's clock, and the timeline.
async fn clock(clerk: &Browser, case: &str) -> (Value, String) {
    let shown = clerk.get(&format!("/api/v1/cases/{case}")).await.json();
    (shown["clocks"][0]["amount"].clone(), shown["timeline"].to_string())
}

/// Where the declaration says that the pack is to be asked about each case, it is, by its own named duty; and what it answers
/// decides.
#[tokio::test(flavor = "multi_thread")]
async fn a_pack_is_asked_about_its_cases_where_it_says_so() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let case = file(&clerk, "样例旧房").await;
    next_version(&centre, true, None).await;
    let admin = centre.person("admin").await;
    let plan = post(&admin, "/api/v1/upgrades", json!({ "pack": "homestay" })).await;
    let id = plan["id"].as_str().unwrap().to_owned();
    until(&admin, &id, "proposed").await;
    let items = admin.get(&format!("/api/v1/upgrades/{id}/items")).await.json();
    assert_eq!(
        (&items["items"][0]["case"], &items["items"][0]["bin"]),
        (&json!(case), &json!("automatic")),
        "{items}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_changes_while_matters_are_open() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let (first, second) = (file(&clerk, "样例旧房一").await, file(&clerk, "样例旧房二").await);
    next_version(&centre, false, None).await;
    let fresh = file(&clerk, "样例新房").await;
    assert_eq!(clock(&clerk, &first).await.0, 10, "what is open stays under its rule");
    assert_eq!(clock(&clerk, &fresh).await.0, 7);

    let admin = centre.person("admin").await;
    let plan =
        post(&admin, "/api/v1/upgrades", json!({ "pack": "homestay", "version": "0.2.0" })).await;
    let id = plan["id"].as_str().unwrap().to_owned();
    let plan = until(&admin, &id, "proposed").await;
    let bins = plan["bins"].as_array().unwrap();
    assert_eq!(
        bins.iter().map(|bin| bin["count"].clone()).collect::<Vec<_>>(),
        [0, 2, 0, 0],
        "{plan}"
    );
    assert_eq!(clock(&clerk, &first).await.0, 10, "a preview changes nothing");
    let page = admin.get(&format!("/api/v1/upgrades/{id}/items?bin=automatic")).await.json();
    let item = &page["items"][0];
    assert!(item["new_due"].as_str().unwrap() < item["old_due"].as_str().unwrap(), "{item}");
    assert!(!page.to_string().contains("样例旧房"), "a plan shows no titles");
    assert_eq!(clerk.get(&format!("/api/v1/upgrades/{id}")).await.status, 403);
    let wrong = admin.get(&format!("/api/v1/upgrades/{id}/items?bin=other")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());

    let early = admin.post(&format!("/api/v1/upgrades/{id}/apply"), &json!({})).await;
    assert_eq!(early.status, 409, "{}", early.text());
    assert!(early.text().contains("综治协调"), "{}", early.text());
    assert_eq!(admin.post(&format!("/api/v1/upgrades/{id}/approve"), &json!({})).await.status, 403);
    let (coordinator, security) =
        (centre.person("coordinator").await, centre.person("security").await);
    post(&coordinator, &format!("/api/v1/upgrades/{id}/approve"), json!({})).await;
    let twice = coordinator.post(&format!("/api/v1/upgrades/{id}/approve"), &json!({})).await;
    assert_eq!(twice.status, 403, "{}", twice.text());
    let plan = post(&security, &format!("/api/v1/upgrades/{id}/approve"), json!({})).await;
    assert_eq!(plan["state"], "approved");
    post(&admin, &format!("/api/v1/upgrades/{id}/apply"), json!({})).await;
    let plan = until(&admin, &id, "applied").await;
    assert_eq!(plan["progress"]["done"], 2, "{plan}");
    for case in [&first, &second] {
        let (days, timeline) = clock(&clerk, case).await;
        assert_eq!(days, 7);
        assert!(timeline.contains("新旧衔接") && timeline.contains("政策值"), "{timeline}");
    }

    let undo = |case: &str| json!({ "case": case });
    let path = format!("/api/v1/upgrades/{id}/undo");
    assert_eq!(admin.post(&path, &undo(&first)).await.status, 403);
    post(&coordinator, &path, undo(&first)).await;
    let (days, timeline) = clock(&clerk, &first).await;
    assert_eq!(days, 10);
    assert!(timeline.contains("撤回新旧衔接"), "{timeline}");
    post(&clerk, &format!("/api/v1/cases/{second}/notes"), json!({ "text": "已电话核实" })).await;
    let refused = coordinator.post(&path, &undo(&second)).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("在衔接之后已有办理"), "{}", refused.text());
    post(&coordinator, &path, json!({})).await;
    until(&coordinator, &id, "undone").await;
    assert_eq!(clock(&clerk, &second).await.0, 7, "what somebody worked on stays");
    let sound = centre.app().data.verify().await.unwrap();
    assert_eq!(sound.wrong, None);
}

/// What a plan leaves to a person, the unit that leads the matter sees and decides; another unit sees none of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_confirms_what_a_plan_left_to_a_person() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let (first, second) = (file(&clerk, "样例旧房一").await, file(&clerk, "样例旧房二").await);
    next_version(&centre, false, Some("manual")).await;
    let admin = centre.person("admin").await;
    let plan = post(&admin, "/api/v1/upgrades", json!({ "pack": "homestay" })).await;
    let id = plan["id"].as_str().unwrap().to_owned();
    until(&admin, &id, "proposed").await;
    for login in ["coordinator", "security"] {
        let browser = centre.person(login).await;
        post(&browser, &format!("/api/v1/upgrades/{id}/approve"), json!({})).await;
    }
    post(&admin, &format!("/api/v1/upgrades/{id}/apply"), json!({})).await;
    until(&admin, &id, "applied").await;

    let handler = centre.person("housing").await;
    let waiting = handler.get("/api/v1/upgrades/unconfirmed").await.json();
    assert_eq!(waiting.as_array().unwrap().len(), 2, "{waiting}");
    let neighbour = centre.person("neighbour").await;
    assert_eq!(neighbour.get("/api/v1/upgrades/unconfirmed").await.json(), json!([]));
    let word = |accepts: bool| json!({ "accepts": accepts, "reason": "已电话核实" });
    let path = |case: &str| format!("/api/v1/upgrades/{id}/items/{case}");
    assert_eq!(neighbour.post(&path(&first), &word(true)).await.status, 404);
    assert_eq!(admin.post(&path(&first), &word(true)).await.status, 403);
    let silent = json!({ "accepts": true, "reason": " " });
    assert_eq!(handler.post(&path(&first), &silent).await.status, 422);
    let left = post(&handler, &path(&first), word(true)).await;
    assert_eq!((left.as_array().unwrap().len(), &left[0]["item"]["case"]), (1, &json!(second)));
    post(&handler, &path(&second), word(false)).await;
    assert_eq!(handler.post(&path(&second), &word(true)).await.status, 409);
    let (days, timeline) = clock(&clerk, &first).await;
    assert_eq!(days, 7);
    assert!(timeline.contains("同意衔接到 0.2.0") && timeline.contains("已电话核实"), "{timeline}");
    let (days, timeline) = clock(&clerk, &second).await;
    assert_eq!(days, 10);
    assert!(timeline.contains("不衔接到 0.2.0"), "{timeline}");
    assert_eq!(centre.app().data.verify().await.unwrap().wrong, None);
}
