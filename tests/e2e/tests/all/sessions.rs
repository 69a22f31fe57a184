//! The life of a session.

use anshu_e2e::Centre;
use serde_json::json;

const MINUTE: i64 = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_lasts_and_ends() {
    let centre = Centre::start().await;
    let mut browser = centre.stranger();
    assert_eq!(browser.get("/api/v1/session").await.status, 401);
    let answer = browser.sign_in("clerk", "demo-clerk-2026").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap_or_default().to_owned();
    assert!(
        cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Strict")
            && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(!answer.text().contains("password"), "nothing of the account's secrets is shown");
    let session = browser.get("/api/v1/session").await.json();
    assert_eq!(session["person"]["login"], "clerk");
    assert_eq!(session["division_name"], "渝中区");
    assert!(!session["purposes"].as_array().unwrap().is_empty());

    // Used, it lasts over the idle span; unused, it ends.
    for _ in 0..3 {
        centre.app().settings.time.advance(20 * MINUTE);
        assert_eq!(browser.get("/api/v1/session").await.status, 200);
    }
    centre.app().settings.time.advance(31 * MINUTE);
    assert_eq!(browser.get("/api/v1/session").await.status, 401);

    // However it is used, it ends after twelve hours.
    browser.sign_in("clerk", "demo-clerk-2026").await;
    for _ in 0..36 {
        centre.app().settings.time.advance(20 * MINUTE);
        browser.get("/api/v1/session").await;
    }
    assert_eq!(browser.get("/api/v1/session").await.status, 401);

    // Signing out ends it on the server, not in the browser alone.
    browser.sign_in("clerk", "demo-clerk-2026").await;
    assert_eq!(browser.send("DELETE", "/api/v1/session", &[], None).await.status, 204);
    assert_eq!(browser.get("/api/v1/session").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_lock_the_account_for_a_while_and_say_so() {
    let centre = Centre::start().await;
    let mut browser = centre.stranger();
    let nobody = browser.sign_in("nobody", "demo-clerk-2026").await;
    let mut last = browser.sign_in("clerk", "wrong-password").await;
    // The answer does not tell whether there is such an account.
    assert_eq!(
        (nobody.status, nobody.json()["detail"].clone()),
        (last.status, last.json()["detail"].clone())
    );
    for _ in 0..4 {
        last = browser.sign_in("clerk", "wrong-password").await;
    }
    assert_eq!(last.status, 403);
    assert!(last.json()["detail"].as_str().unwrap().contains("锁定"), "{}", last.text());
    let right = browser.sign_in("clerk", "demo-clerk-2026").await;
    assert_eq!(right.status, 403, "locked even with the right password");
    assert!(right.json()["detail"].as_str().unwrap().contains("分钟后再试"), "{}", right.text());
    centre.app().settings.time.advance(16 * MINUTE);
    assert_eq!(browser.sign_in("clerk", "demo-clerk-2026").await.status, 200);
    // All of it is in the log.
    let auditor = centre.person("auditor").await;
    let log = auditor.get("/api/v1/audit?limit=200").await.json();
    let entries = log["entries"].as_array().unwrap();
    let refused = entries
        .iter()
        .filter(|entry| entry["action"] == "登录" && entry["verdict"] == "deny")
        .count();
    assert!(refused >= 7, "{refused} refused sign-ins in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_without_the_token_or_from_elsewhere_is_refused() {
    let centre = Centre::start().await;
    let mut browser = centre.person("clerk").await;
    let csrf = browser.csrf.take();
    let without = browser.send("DELETE", "/api/v1/session", &[], None).await;
    assert_eq!(without.status, 403);
    browser.csrf = Some("guess".into());
    assert_eq!(browser.send("DELETE", "/api/v1/session", &[], None).await.status, 403);
    browser.csrf = csrf;
    assert_eq!(browser.get("/api/v1/session").await.status, 200, "the session stands");
    let body = json!({ "login": "clerk", "password": "demo-clerk-2026" }).to_string().into_bytes();
    let headers = [("content-type", "application/json"), ("origin", "https://elsewhere.example")];
    let elsewhere = centre.stranger().send("POST", "/api/v1/session", &headers, Some(body)).await;
    assert_eq!(elsewhere.status, 403, "{}", elsewhere.text());
}
