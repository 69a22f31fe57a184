//! Second factors from the outside: time codes, keys, recovery codes, and what waits until somebody has one.

mod authenticator;

use anshu_e2e::{Answer, Browser, Centre};
use anshu_server::config::SecondFactor;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use authenticator::Authenticator;

const CLERK: &str = "demo-clerk-2026";
const STEP: i64 = 30_000;

fn generator(secret: &Value) -> Totp {
    let secret = Secret::try_from_base32(secret.as_str().unwrap()).unwrap();
    Builder::new().with_secret(secret).with_account_name("x").build().unwrap()
}

fn code(centre: &Centre, generator: &Totp) -> String {
    let seconds = centre.app().settings.time.now().0 / 1000;
    generator.generate(seconds.try_into().unwrap()).to_string()
}

fn detail(answer: &Answer) -> String {
    answer.json()["detail"].as_str().unwrap_or_default().to_owned()
}

/// Adds time codes, and answers what makes them and the recovery codes.
async fn enrol(centre: &Centre, browser: &Browser) -> (Totp, Vec<String>) {
    let offer = browser.post("/api/v1/session/factors/totp", &Value::Null).await.json();
    assert!(offer["uri"].as_str().unwrap().starts_with("otpauth://totp/"), "{offer}");
    let generator = generator(&offer["secret"]);
    let finish =
        json!({ "ticket": offer["ticket"], "name": "样例手机", "code": code(centre, &generator) });
    let added = browser.post("/api/v1/session/factors/totp/finish", &finish).await;
    assert_eq!(added.status, 200, "{}", added.text());
    let codes = added.json()["recovery_codes"].as_array().unwrap().clone();
    (generator, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn second(browser: &mut Browser, asked: &Answer, proof: Value) -> Answer {
    let mut proof = proof;
    proof["ticket"] = asked.json()["ticket"].clone();
    let answer = browser.post("/api/v1/session/second", &proof).await;
    browser.enter(&answer);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_code_opens_once_and_a_recovery_code_once() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let (generator, recovery) = enrol(&centre, &clerk).await;
    assert_eq!(recovery.len(), 8);
    let shown = clerk.get("/api/v1/session/security").await;
    assert!(!shown.text().contains(&generator.secret().to_base32()), "a secret is shown once");

    // From now on the password alone opens nothing.
    centre.app().settings.time.advance(STEP);
    let mut browser = centre.stranger();
    let asked = browser.sign_in("clerk", CLERK).await;
    assert_eq!((asked.status, asked.header("set-cookie")), (202, None), "{}", asked.text());
    assert_eq!(asked.json()["methods"], json!(["totp", "recovery"]));
    let wrong = second(&mut browser, &asked, json!({ "code": "000000" })).await;
    assert_eq!(wrong.status, 403, "{}", wrong.text());
    let now = code(&centre, &generator);
    let right = second(&mut browser, &asked, json!({ "code": now })).await;
    assert_eq!(right.status, 200, "{}", right.text());
    assert_eq!(browser.get("/api/v1/cases").await.status, 200);

    // Neither the ticket nor the code serves again.
    let again = second(&mut centre.stranger(), &asked, json!({ "code": now })).await;
    assert_eq!(again.status, 403, "{}", again.text());
    let mut thief = centre.stranger();
    let asked = thief.sign_in("clerk", CLERK).await;
    let replayed = second(&mut thief, &asked, json!({ "code": now })).await;
    assert!(replayed.status == 403 && detail(&replayed).contains("用过"), "{}", replayed.text());

    // A recovery code, typed as people type: once.
    let typed = recovery[0].replace('-', " ");
    let right = second(&mut thief, &asked, json!({ "recovery": typed })).await;
    assert_eq!(right.status, 200, "{}", right.text());
    let asked = thief.sign_in("clerk", CLERK).await;
    let again = second(&mut thief, &asked, json!({ "recovery": typed })).await;
    assert_eq!(again.status, 403, "{}", again.text());

    // Wrong codes lock as wrong passwords do.
    let mut last = again;
    for _ in 0..5 {
        let asked = thief.sign_in("clerk", CLERK).await;
        last = if asked.status == 202 {
            second(&mut thief, &asked, json!({ "code": "111111" })).await
        } else {
            asked
        };
    }
    assert!(detail(&last).contains("锁定"), "{}", last.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_answers_its_challenge_and_no_other() {
    let centre = Centre::start_with(|settings| {
        settings.sign_in.public_url = Some("https://centre.example".into());
    })
    .await;
    let clerk = centre.person("clerk").await;
    let mut key = Authenticator::new("https://centre.example");
    let offer = clerk.post("/api/v1/session/factors/passkey", &Value::Null).await.json();
    // Made on a page of another address, it is refused.
    let mut elsewhere = Authenticator::new("https://elsewhere.example");
    let wrong = json!({ "ticket": offer["ticket"], "name": "钥匙", "passkey": elsewhere.create(&offer["options"]) });
    let refused = clerk.post("/api/v1/session/factors/passkey/finish", &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    let right = json!({ "ticket": offer["ticket"], "name": "钥匙", "passkey": key.create(&offer["options"]) });
    let added = clerk.post("/api/v1/session/factors/passkey/finish", &right).await;
    assert_eq!(added.status, 200, "{}", added.text());
    let again = clerk.post("/api/v1/session/factors/passkey/finish", &right).await;
    assert_eq!(again.status, 403, "{}", again.text());

    let mut browser = centre.stranger();
    let asked = browser.sign_in("clerk", CLERK).await;
    assert_eq!(asked.json()["methods"], json!(["passkey", "recovery"]), "{}", asked.text());
    let answer = key.get(&asked.json()["passkey"]);
    // An answer to another challenge, or from another page, opens nothing.
    let other = centre.stranger().sign_in("clerk", CLERK).await;
    let crossed = second(&mut browser, &other, json!({ "passkey": answer })).await;
    assert_eq!(crossed.status, 403, "{}", crossed.text());
    let mut phished = key.clone();
    phished.origin = "https://centre.example.evil.example".into();
    let phished = phished.get(&asked.json()["passkey"]);
    let refused = second(&mut browser, &asked, json!({ "passkey": phished })).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let right = second(&mut browser, &asked, json!({ "passkey": answer })).await;
    assert_eq!(right.status, 200, "{}", right.text());
    // Nor does the same answer open a second time.
    let again = second(&mut centre.stranger(), &asked, json!({ "passkey": answer })).await;
    assert_eq!(again.status, 403, "{}", again.text());

    // The last key goes only with a fresh proof; then the password is enough again.
    centre.app().settings.time.advance(11 * 60_000);
    let factors = browser.get("/api/v1/session/security").await.json();
    let path = format!("/api/v1/session/factors/{}", factors["factors"][0]["id"].as_str().unwrap());
    let stale = browser.send("DELETE", &path, &[], None).await;
    assert_eq!(stale.json()["type"], "urn:anshu:problem:confirm", "{}", stale.text());
    let asked = browser.post("/api/v1/session/confirm/begin", &Value::Null).await;
    assert_eq!(asked.json()["methods"], json!(["passkey", "recovery"]), "no password beside a key");
    let proof =
        json!({ "ticket": asked.json()["ticket"], "passkey": key.get(&asked.json()["passkey"]) });
    let confirmed = browser.post("/api/v1/session/confirm", &proof).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let before = browser.clone();
    browser.enter(&confirmed);
    assert_eq!(
        before.get("/api/v1/session").await.status,
        401,
        "the cookie of before is worth nothing"
    );
    assert_eq!(browser.send("DELETE", &path, &[], None).await.status, 204);
    assert_eq!(centre.stranger().sign_in("clerk", CLERK).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_have_a_second_factor_does_nothing_before() {
    let centre = Centre::start_with(|settings| {
        settings.sign_in.second_factor = SecondFactor::Administrators;
    })
    .await;
    assert_eq!(centre.person("clerk").await.get("/api/v1/cases").await.status, 200);
    let mut admin = centre.stranger();
    let entered = admin.sign_in("admin", "demo-admin-2026").await;
    assert_eq!(entered.json()["must"], "second-factor");
    let refused = admin.get("/api/v1/accounts").await;
    assert_eq!(refused.json()["type"], "urn:anshu:problem:first-factor", "{}", refused.text());
    enrol(&centre, &admin).await;
    assert_eq!(admin.get("/api/v1/accounts").await.status, 200);
    assert_eq!(admin.get("/api/v1/session").await.json()["must"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_who_knows_it_and_other_sessions_end() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let other = centre.person("clerk").await;
    let change = async |old: &str, new: &str| {
        clerk.post("/api/v1/session/password", &json!({ "old": old, "new": new })).await
    };
    assert_eq!(change("wrong", "a better one 2026").await.status, 403);
    for weak in ["short", "clerk-clerk-clerk", "password1234", "ababababababab", CLERK] {
        assert_eq!(change(CLERK, weak).await.status, 422, "{weak}");
    }
    let changed = change(CLERK, "a better one 2026").await;
    assert_eq!(changed.status, 204, "{}", changed.text());
    assert_eq!(clerk.get("/api/v1/session").await.status, 200);
    assert_eq!(other.get("/api/v1/session").await.status, 401);
    assert_eq!(centre.stranger().sign_in("clerk", CLERK).await.status, 403);
    assert_eq!(centre.stranger().sign_in("clerk", "a better one 2026").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_password_serves_to_set_another_one() {
    let centre = Centre::start().await;
    let admin = centre.person("admin").await;
    let asked = json!({ "kind": "reset", "login": "civil", "reason": "样例：遗忘口令" });
    let proposed = admin.post("/api/v1/accounts/changes", &asked).await.json();
    let once = proposed["password"].as_str().unwrap().to_owned();
    assert_eq!(centre.stranger().sign_in("civil", &once).await.status, 403, "nobody agreed yet");
    let path = format!("/api/v1/accounts/changes/{}/agree", proposed["id"].as_str().unwrap());
    let security = centre.person("security").await;
    assert_eq!(security.post(&path, &json!({})).await.status, 204);
    assert_eq!(centre.stranger().sign_in("civil", "demo-civil-2026").await.status, 403);
    let mut civil = centre.stranger();
    assert_eq!(civil.sign_in("civil", &once).await.json()["must"], "password");
    assert_eq!(civil.get("/api/v1/cases").await.json()["type"], "urn:anshu:problem:first-password");
    let change = json!({ "old": once, "new": "a better one 2026" });
    assert_eq!(civil.post("/api/v1/session/password", &change).await.status, 204);
    assert_eq!(civil.get("/api/v1/cases").await.status, 200);
}
