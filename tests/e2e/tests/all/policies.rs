//! Access policies over HTTP and at the data folder: proposed with what it would change, approved by another person, and the
//! road back where a set in force passes no more.

use anshu_e2e::{Browser, Centre};
use anshu_server::app::policies;
use anshu_server::{Settings, run};
use serde_json::{Value, json};

const POLICIES: &str = "/api/v1/policies";

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// The files in force, with a piece of one of them changed.
async fn changed(browser: &Browser, file: &str, from: &str, to: &str) -> Value {
    let mut files = read(browser, POLICIES).await["files"].clone();
    let found = files.as_array_mut().unwrap().iter_mut().find(|one| one["name"] == file).unwrap();
    let text = found["text"].as_str().unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    found["text"] = text.replace(from, to).into();
    files
}

/// Whether a list of rights speaks of something.
fn tells(rights: &Value, what: &str) -> bool {
    rights.as_array().unwrap().iter().any(|right| right.as_str().unwrap().contains(what))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_told_before_it_is_proposed_and_again_before_it_is_approved() {
    let centre = Centre::start().await;
    let (security, auditor) = (centre.person("security").await, centre.person("auditor").await);
    // Importers import no more, and a role that nobody has gets something: both are told, by post and count.
    let from = "when { principal.roles.contains(\"importer\") };";
    let files =
        changed(&security, "verbs.cedar", from, "when { principal.roles.contains(\"imprter\") };")
            .await;
    let told = security.post("/api/v1/policies/check", &json!({ "files": files })).await.json();
    assert_eq!(told["problems"], json!([]), "{told}");
    let posts = told["effects"]["posts"].as_array().unwrap();
    assert!(
        posts.iter().any(|post| post["title"].as_str().unwrap().contains("导入员")
            && tells(&post["loses"], "导入数据")),
        "{told}"
    );
    assert!(
        posts.iter().any(|post| post["title"].as_str().unwrap().contains("没有这个岗位")),
        "{told}"
    );
    let difference = &told["differences"][0];
    assert_eq!(
        (&difference["name"], &difference["added"], &difference["removed"]),
        (&json!("verbs.cedar"), &json!(1), &json!(1))
    );
    // What cannot hold says where.
    let broken =
        json!([{ "name": "own.cedar", "text": "// a\n\npermit (principal action, resource);" }]);
    let broken = security.post("/api/v1/policies/check", &json!({ "files": broken })).await.json();
    assert_eq!(broken["problems"][0]["at"], "own.cedar:3", "{broken}");
    assert_eq!(broken["effects"], Value::Null);
    // A policy that does nothing is told too.
    let mut files = read(&security, POLICIES).await["files"].clone();
    let idle = "@id(\"nothing\")\nforbid (principal is Person, action == Action::\"import\", resource) when { principal.roles.contains(\"citizen\") };";
    files.as_array_mut().unwrap().push(json!({ "name": "own.cedar", "text": idle }));
    let told = security.post("/api/v1/policies/check", &json!({ "files": files })).await.json();
    assert!(tells(&told["effects"]["idle"], "own.cedar:1"), "{told}");
    let proposed = security.post(POLICIES, &json!({ "files": files, "reason": "样例" })).await;
    assert_eq!(proposed.status, 200, "{}", proposed.text());
    let set = proposed.json()["sets"][0].clone();
    assert_eq!((&set["own"], &set["state"]), (&json!(true), &json!("proposed")));
    let id = set["id"].as_str().unwrap();
    let seen = read(&auditor, &format!("{POLICIES}/{id}")).await;
    assert_eq!(
        (&seen["set"]["own"], &seen["report"]["differences"][0]["change"]),
        (&json!(false), &json!("added"))
    );
    let approved = auditor.post(&format!("{POLICIES}/{id}/approve"), &json!({})).await.json();
    assert_eq!((&approved["shipped"], &approved["by"]["id"]), (&json!(false), &json!(id)));
    // The way back, by two again.
    let back = security.post(POLICIES, &json!({ "shipped": true, "reason": "恢复" })).await.json();
    let back = back["sets"][0]["id"].as_str().unwrap().to_owned();
    let restored = auditor.post(&format!("{POLICIES}/{back}/approve"), &json!({})).await.json();
    assert_eq!(restored["shipped"], json!(true));
    let none =
        security.post(POLICIES, &json!({ "shipped": true, "set": id, "reason": "两样" })).await;
    assert_eq!(none.status, 422);
}

/// Bytes of the database that stand for a set of before an upgrade: a forbid that was none yet.
fn outlive(folder: &std::path::Path) {
    let file = folder.join("anshu.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let from = b"administrators-see-no-business-data\\\")\\nforbid (";
    let to = b"administrators-see-no-business-data\\\")\\npermit (";
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, part)| part == from)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "the set is stored");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    std::fs::write(&file, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_whose_policies_pass_no_more_is_brought_back_and_two_see_it_first() {
    let mut centre = Centre::start().await;
    let (security, auditor) = (centre.person("security").await, centre.person("auditor").await);
    let files =
        changed(&security, "verbs.cedar", "// What is done", "// 样例\n// What is done").await;
    let set = security.post(POLICIES, &json!({ "files": files, "reason": "样例" })).await.json();
    let id = set["sets"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(auditor.post(&format!("{POLICIES}/{id}/approve"), &json!({})).await.status, 200);
    centre.stop().await;
    outlive(centre.folder());
    let settings = || {
        let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        Settings::of_folder(centre.folder(), listen).unwrap()
    };
    let Err(still) = run::Centre::open(settings()).await else { panic!("it must not start") };
    let still = still.to_string();
    for part in
        ["classes.cedar:", "administrators-see-no-business-data", "anshu policy reset --to shipped"]
    {
        assert!(still.contains(part), "{part} is not in: {still}");
    }
    let open = run::Centre::open_to_repair(settings()).await.unwrap();
    let plan = policies::plan_reset(&open.app, "shipped").await.unwrap();
    let refused = policies::reset(&open.app, plan.clone(), "auditor", "不能启动").await;
    assert!(refused.is_err(), "who reads the log resets nothing");
    policies::reset(&open.app, plan, "admin", "升级后不能启动").await.unwrap();
    open.close().await;
    centre.open().await;
    // A clerk works; security and audit see it first, and nothing else is answered before.
    assert_eq!(read(&centre.person("clerk").await, "/api/v1/session").await["must"], Value::Null);
    for login in ["security", "auditor"] {
        let person = centre.person(login).await;
        assert_eq!(read(&person, "/api/v1/session").await["must"], "policies", "{login}");
        let first = person.get(POLICIES).await;
        assert_eq!(
            (first.status, &first.json()["type"]),
            (403, &json!("urn:anshu:problem:first-policies"))
        );
        let waiting = read(&person, "/api/v1/session/policy-resets").await;
        assert_eq!(
            (&waiting[0]["reason"], &waiting[0]["wider"]),
            (&json!("升级后不能启动"), &json!(false)),
            "{waiting}"
        );
        let number = waiting[0]["number"].as_u64().unwrap();
        let seen =
            person.post(&format!("/api/v1/session/policy-resets/{number}/seen"), &json!({})).await;
        assert_eq!((seen.status, &seen.json()["must"]), (200, &Value::Null), "{}", seen.text());
        assert_eq!(person.get(POLICIES).await.status, 200, "{login}");
    }
    let now = read(&centre.person("auditor").await, POLICIES).await;
    assert_eq!(
        (&now["shipped"], &now["resets"][0]["auditor_by"].is_string()),
        (&json!(true), &true)
    );
}
