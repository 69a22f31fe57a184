//! Sign-in, three administrators, emergency access, and what every answer carries to the browser.

use anshu_e2e::{Answer, Browser, Centre};
use anshu_server::config::OidcSection;
use serde_json::{Value, json};

use super::identity_server::{IdentityServer, Lie, parameter};

const MINUTE: i64 = 60_000;
const CONFIRM: &str = "urn:anshu:problem:confirm";

fn kind(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap_or_default().to_owned()
}

fn detail(answer: &Answer) -> String {
    answer.json()["detail"].as_str().unwrap_or_default().to_owned()
}

/// The routes of the document, as (method, path).
fn routes() -> Vec<(String, String)> {
    let document: Value =
        serde_json::from_str(&anshu_server::http::document_text().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let methods = |(path, item): (&String, &Value)| {
        let methods: Vec<_> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(methods).collect()
}

async fn first(browser: &Browser, path: &str) -> String {
    for _ in 0..100 {
        let page = browser.get(path).await.json();
        if let Some(id) = page["items"][0]["id"].as_str() {
            return id.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{path} stays empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_34_a_cookie_on_another_browser_must_prove_who_holds_it() {
    let centre = Centre::start_with(|settings| settings.sign_in.sessions = 2).await;
    let mut owner = centre.stranger();
    owner.agent = Some("Mozilla/5.0 (X11; Linux) Chrome/140.0".into());
    assert_eq!(owner.sign_in("clerk", "demo-clerk-2026").await.status, 200);
    let mut thief = owner.clone();
    thief.agent = Some("curl/8".into());
    for path in ["/api/v1/cases", "/api/v1/session/security", "/api/v1/notices"] {
        let refused = thief.get(path).await;
        assert_eq!(
            (refused.status, kind(&refused)),
            (403, CONFIRM.into()),
            "{path}: {}",
            refused.text()
        );
    }
    let change = json!({ "old": "demo-clerk-2026", "new": "a better one 2026" });
    assert_eq!(kind(&thief.post("/api/v1/session/password", &change).await), CONFIRM);
    assert_eq!(thief.confirm("guess-guess-guess").await.status, 403);
    assert_eq!(owner.get("/api/v1/cases").await.status, 200, "the owner goes on");
    // Two at once is this centre's rule: the third sign-in ends the first.
    let second = centre.person("clerk").await;
    let third = centre.person("clerk").await;
    assert_eq!(owner.get("/api/v1/session").await.status, 401);
    assert_eq!(second.get("/api/v1/session").await.status, 200);
    // A browser that was not seen before is told to the person, on every one of theirs.
    let notices = third.get("/api/v1/notices").await.json();
    assert!(notices[0]["text"].as_str().unwrap().contains("没有用过的设备"), "{notices}");
    assert!(third.get("/api/v1/session").await.json()["unread"].as_u64().unwrap() > 0);
    // The owner, who knows the password, comes back in another browser, and the cookie of before is worth nothing.
    let mut moved = second.clone();
    moved.agent = Some("Mozilla/5.0 (X11; Linux) Firefox/140.0".into());
    assert_eq!(moved.confirm("demo-clerk-2026").await.status, 200);
    assert_eq!(moved.get("/api/v1/cases").await.status, 200);
    assert_eq!(second.get("/api/v1/session").await.status, 401);
    let others = third.send("DELETE", "/api/v1/session/sessions", &[], None).await;
    assert_eq!(others.status, 204, "{}", others.text());
    assert_eq!(moved.get("/api/v1/session").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_38_emergency_access_is_reviewed_or_not_given_again() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let case = first(&clerk, "/api/v1/cases").await;
    let mut police = centre.person("police").await;
    let asked = json!({ "case": case, "reason": "life", "words": "样例：有人被困", "minutes": 30 });
    // A browser that was left open is not enough.
    centre.app().settings.time.advance(11 * MINUTE);
    let stale = police.post("/api/v1/emergency", &asked).await;
    assert_eq!((stale.status, kind(&stale)), (403, CONFIRM.into()), "{}", stale.text());
    assert_eq!(police.confirm("demo-police-2026").await.status, 200);
    for (change, named) in [
        (json!({ "reason": "curiosity" }), "life"),
        (json!({ "minutes": 61 }), "60"),
        (json!({ "words": " " }), "说明"),
    ] {
        let mut wrong = asked.clone();
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = police.post("/api/v1/emergency", &wrong).await;
        assert!(refused.status == 422 && refused.text().contains(named), "{}", refused.text());
    }
    for _ in 0..3 {
        let begun = police.post("/api/v1/emergency", &asked).await;
        assert_eq!(begun.status, 200, "{}", begun.text());
        assert!(begun.json()["current"]["until"].is_string());
        assert_eq!(police.get("/api/v1/session").await.json()["emergency"]["case"], case.as_str());
        assert_eq!(police.send("DELETE", "/api/v1/emergency", &[], None).await.status, 204);
    }
    let fourth = police.post("/api/v1/emergency", &asked).await;
    assert!(fourth.status == 403 && detail(&fourth).contains("上限"), "{}", fourth.text());
    // The unit's official hears of all three and reviews them; the person does not.
    let lead = centre.person("police-lead").await;
    assert_eq!(lead.get("/api/v1/session").await.json()["unread"], 3);
    let list = lead.get("/api/v1/emergencies").await.json();
    let ids: Vec<_> =
        list.as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(ids.len(), 3, "{list}");
    let review = json!({ "justified": false, "answer": "样例：可以走审批" });
    let path = format!("/api/v1/emergencies/{}/review", ids[0]);
    assert_eq!(police.post(&path, &review).await.status, 403);
    assert_eq!(lead.post(&path, &review).await.status, 204);
    assert_eq!(lead.post(&path, &review).await.status, 409);
    assert_eq!(police.post("/api/v1/emergency", &asked).await.status, 200);
    // A day later what nobody reviewed has taken the right away.
    centre.app().settings.time.advance(25 * 60 * MINUTE);
    let police = centre.person("police").await;
    let suspended = police.post("/api/v1/emergency", &asked).await;
    assert!(suspended.status == 403 && detail(&suspended).contains("暂停"), "{}", suspended.text());
    let auditor = centre.person("auditor").await;
    assert_eq!(auditor.get("/api/v1/emergencies").await.json().as_array().unwrap().len(), 4);
    assert_eq!(auditor.post(&path, &review).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_45_an_administrator_gives_themselves_nothing() {
    let centre = Centre::start().await;
    let mut admin = centre.person("admin").await;
    let security = centre.person("security").await;
    let list = admin.get("/api/v1/accounts").await.json();
    let own =
        list["accounts"].as_array().unwrap().iter().find(|one| one["login"] == "admin").unwrap();
    let post = |name: &Value, roles: &[&str]| json!({ "name": name, "unit": own["unit"], "roles": roles, "clearance": "L4" });
    let change = |kind: &str, login: &str, post: Value| json!({ "kind": kind, "login": login, "post": post, "reason": "样例理由" });
    const CHANGES: &str = "/api/v1/accounts/changes";
    // Not to themselves, not a second account, not two keys in one hand, not without a fresh proof.
    let mine =
        admin.post(CHANGES, &change("post", "admin", post(&own["name"], &["administrator"]))).await;
    assert_eq!(mine.status, 403, "{}", mine.text());
    let twin = admin.post(CHANGES, &change("open", "admin2", post(&own["name"], &["clerk"]))).await;
    assert_eq!(twin.status, 409, "{}", twin.text());
    let both = admin
        .post(CHANGES, &change("open", "both", post(&json!("样例两"), &["security", "auditor"])))
        .await;
    assert_eq!(both.status, 422, "{}", both.text());
    let theirs =
        security.post(CHANGES, &change("open", "own", post(&json!("样例己二"), &["clerk"]))).await;
    assert_eq!(theirs.status, 403, "{}", theirs.text());
    centre.app().settings.time.advance(11 * MINUTE);
    let opened = change("open", "newcomer", post(&json!("样例新"), &["clerk"]));
    assert_eq!(kind(&admin.post(CHANGES, &opened).await), CONFIRM);
    admin.confirm("demo-admin-2026").await;
    let proposed = admin.post(CHANGES, &opened).await;
    assert_eq!(proposed.status, 200, "{}", proposed.text());
    let agree = format!("{CHANGES}/{}/agree", proposed.json()["id"].as_str().unwrap());
    assert_eq!(admin.post(&agree, &json!({})).await.status, 403, "who proposes does not agree");
    assert_eq!(kind(&security.post(&agree, &json!({})).await), CONFIRM);
    let mut security = security;
    security.confirm("demo-security-2026").await;
    let once = proposed.json()["password"].as_str().unwrap().to_owned();
    assert_eq!(centre.stranger().sign_in("newcomer", &once).await.status, 403);
    let agreed = security.post(&agree, &json!({})).await;
    assert_eq!(agreed.status, 204, "{}", agreed.text());
    assert_eq!(centre.stranger().sign_in("newcomer", &once).await.status, 200);
    assert!(!admin.get(CHANGES).await.text().contains("argon2"), "no hash is shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_46_what_two_administrators_do_together_stands_before_the_third() {
    let centre = Centre::start().await;
    let (admin, security) = (centre.person("admin").await, centre.person("security").await);
    let asked = json!({ "kind": "close", "login": "fire", "reason": "样例：串通" });
    let proposed = admin.post("/api/v1/accounts/changes", &asked).await.json();
    let path = format!("/api/v1/accounts/changes/{}/agree", proposed["id"].as_str().unwrap());
    assert_eq!(security.post(&path, &json!({})).await.status, 204);
    let auditor = centre.person("auditor").await;
    let log = auditor.get("/api/v1/audit?limit=200").await.text();
    assert!(log.contains("提出注销账号") && log.contains("同意注销账号"), "{log}");
    let changes = auditor.get("/api/v1/accounts/changes").await.json();
    let one = &changes[0];
    assert!(one["proposed_by"] == "样例庚" && one["decided_by"] == "样例壬", "{one}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_49_the_auditor_reads_no_personal_data_and_changes_nothing() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let ids = [
        first(&clerk, "/api/v1/cases").await,
        first(&clerk, "/api/v1/risks").await,
        first(&clerk, "/api/v1/entities?kind=person").await,
        first(&clerk, "/api/v1/duties").await,
    ];
    // What the clerk is shown of people, as far as it is long enough to be nobody else's.
    let mut canaries = Vec::new();
    for item in
        clerk.get("/api/v1/entities?kind=person&limit=50").await.json()["items"].as_array().unwrap()
    {
        let path = format!("/api/v1/entities/{}", item["id"].as_str().unwrap());
        let entity = clerk.get(&path).await.json();
        collect(&entity, &mut canaries);
    }
    canaries.retain(|text| {
        text.chars().filter(char::is_ascii_digit).count() >= 6 && !text.contains('T')
    });
    canaries.retain(|text| !ids.contains(text));
    assert!(!canaries.is_empty(), "the sample has people");
    let auditor = centre.person("auditor").await;
    let shown = json!({}).to_string().into_bytes();
    let mut seen = 0;
    for (method, route) in routes() {
        // The auditor's own sign-in is the auditor's.
        if route.starts_with("/api/v1/session") || route.starts_with("/api/v1/notices") {
            continue;
        }
        for id in &ids {
            let path = route
                .replace("{id}", id)
                .replace("{pack}", "homestay")
                .replace("{name}", "homestay");
            let path = path
                .replace("{version}", "0.1.0")
                .replace("{view}", "stays")
                .replace("{action}", "register");
            let path = path.replace("{tile}", "0/000");
            let answer = if method == "get" {
                auditor.get(&format!("{path}?subject={id}&limit=200")).await
            } else {
                let headers = [("content-type", "application/json")];
                auditor.send(&method.to_uppercase(), &path, &headers, Some(shown.clone())).await
            };
            let text = answer.text();
            // To verify the log, and to take parts of it away, is what an auditor is for; it changes nothing.
            let own = route.starts_with("/api/v1/audit");
            let reads = method == "get" || own;
            assert!(reads || answer.status >= 400, "{method} {path} was done: {text}");
            assert!(answer.status < 500, "{method} {path}: {text}");
            for canary in &canaries {
                assert!(!text.contains(canary.as_str()), "{method} {path} shows {canary}");
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

/// All texts of a value.
fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(items) => items.values().for_each(|item| collect(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_59_and_61_no_route_is_forged_framed_or_cached() {
    let centre = Centre::start().await;
    let mut clerk = centre.person("clerk").await;
    let stranger = centre.stranger();
    let csrf = clerk.csrf.take();
    let body = json!({}).to_string().into_bytes();
    let headers = [("content-type", "application/json")];
    for (method, route) in routes() {
        let path = route.replace(['{', '}'], "");
        for (who, browser) in [("a stranger", &stranger), ("a session", &clerk)] {
            let sent = (method != "get").then(|| body.clone());
            let answer = browser.send(&method.to_uppercase(), &path, &headers, sent).await;
            let what = format!("{method} {path} of {who}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
            assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{what}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{what}");
            let policy = answer.header("content-security-policy").unwrap_or_default();
            assert!(
                policy.contains("frame-ancestors 'none'") && policy.contains("script-src 'self'"),
                "{what}"
            );
            assert!(!policy.contains("script-src 'self' 'unsafe"), "{what}: {policy}");
            // A change without the token does nothing, whatever else is right about it. Signing in has no session yet, and
            // looks at where it comes from.
            let opens = path == "/api/v1/session" && method == "post"
                || path.starts_with("/api/v1/session/second");
            if method != "get" && who == "a session" && !opens {
                let found = (answer.status, kind(&answer));
                assert_eq!(
                    found,
                    (403, "urn:anshu:problem:forged".into()),
                    "{what}: {}",
                    answer.text()
                );
            }
        }
    }
    for path in ["/api/v1/session", "/api/v1/session/second", "/api/v1/session/second/begin"] {
        let body = json!({ "login": "clerk", "password": "demo-clerk-2026" });
        let body = if path.contains("second") { json!({ "ticket": "x" }) } else { body };
        let from = [("content-type", "application/json"), ("origin", "https://elsewhere.example")];
        let forged = stranger.send("POST", path, &from, Some(body.to_string().into_bytes())).await;
        assert_eq!(kind(&forged), "urn:anshu:problem:forged", "{path}: {}", forged.text());
    }
    clerk.csrf = csrf;
    assert_eq!(clerk.get("/api/v1/session").await.status, 200, "the session stands");
    // Nothing personal stands in an address: look-ups go by opaque ids, and texts that are searched are titles.
    assert_eq!(
        stranger.get("/api/v1/openapi.json").await.header("cache-control"),
        Some("no-store")
    );
}

/// Goes to the identity server and signs in there: the browser that went, and where it comes back to.
async fn away(centre: &Centre, server: &IdentityServer, login: &str) -> (Browser, String, String) {
    let mut browser = centre.stranger();
    let sent = browser.get("/api/v1/session/oidc/start").await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let cookie = sent.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    let (code, state) = server.approve(sent.header("location").unwrap(), login);
    (browser, code, state)
}

async fn back(browser: &Browser, query: &str) -> Answer {
    browser.get(&format!("/api/v1/session/oidc/callback?{query}")).await
}

fn configured(issuer: String) -> impl Fn(&mut anshu_server::Settings) + Send + Sync + 'static {
    move |settings| {
        let file = settings.folder.join("oidc.secret");
        std::fs::write(&file, "sample secret\n").unwrap();
        settings.sign_in.public_url = Some("http://localhost:1".into());
        settings.oidc = Some(OidcSection {
            name: "样例统一身份认证".into(),
            issuer: issuer.clone(),
            client_id: "anshu".into(),
            client_secret_file: file,
            login_claim: "staff".into(),
            second_factor: false,
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_64_an_identity_servers_answer_is_mixed_up_replayed_or_forged() {
    let server = IdentityServer::start().await;
    let centre = Centre::start_with(configured(server.issuer.clone())).await;
    let ways = centre.stranger().get("/api/v1/session/ways").await.json();
    assert_eq!(ways["oidc"], "样例统一身份认证");

    // As it should be.
    let (mut browser, code, state) = away(&centre, &server, "clerk").await;
    let query = format!("code={code}&state={state}");
    let entered = back(&browser, &query).await;
    assert_eq!(
        (entered.status, entered.header("location")),
        (303, Some("/")),
        "{}",
        entered.text()
    );
    let away_cookie = browser.cookie.clone();
    browser.cookie =
        entered.header("set-cookie").and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    assert_eq!(browser.get("/api/v1/session").await.json()["person"]["login"], "clerk");

    // The same answer again, and the same code with another state.
    browser.cookie = away_cookie;
    assert_eq!(back(&browser, &query).await.status, 403, "a state is taken once");
    let (other, _, state) = away(&centre, &server, "clerk").await;
    assert_eq!(
        back(&other, &format!("code={code}&state={state}")).await.status,
        403,
        "a code is taken once"
    );

    // Another browser's state, no state, another issuer's answer: the code is not even asked for.
    let before = server.exchanges();
    let (_, code, state) = away(&centre, &server, "clerk").await;
    assert_eq!(back(&centre.stranger(), &format!("code={code}&state={state}")).await.status, 403);
    let (browser, code, _) = away(&centre, &server, "clerk").await;
    assert_eq!(back(&browser, &format!("code={code}&state=guess")).await.status, 403);
    assert_eq!(back(&browser, &format!("code={code}")).await.status, 403);
    let (browser, code, state) = away(&centre, &server, "clerk").await;
    let mixed = format!("code={code}&state={state}&iss=https://other.example");
    assert_eq!(back(&browser, &mixed).await.status, 403);
    assert_eq!(
        back(&browser, &format!("code={code}&state={state}")).await.status,
        403,
        "it had its one try"
    );
    let (browser, _, state) = away(&centre, &server, "clerk").await;
    assert_eq!(back(&browser, &format!("error=access_denied&state={state}")).await.status, 403);
    assert_eq!(server.exchanges(), before);

    // A verifier of another flow: the server refuses the code.
    let (_, code, _) = away(&centre, &server, "clerk").await;
    let (browser, _, state) = away(&centre, &server, "clerk").await;
    assert_eq!(back(&browser, &format!("code={code}&state={state}")).await.status, 403, "PKCE");

    // A server that lies.
    for lie in [Lie::Nonce, Lie::Issuer, Lie::Audience, Lie::Expired, Lie::Key] {
        server.lie(Some(lie));
        let (browser, code, state) = away(&centre, &server, "clerk").await;
        let refused = back(&browser, &format!("code={code}&state={state}")).await;
        assert_eq!(refused.status, 403, "{lie:?}: {}", refused.text());
        assert!(
            !refused
                .headers
                .iter()
                .any(|(name, value)| name == "set-cookie" && !value.starts_with("anshu-away"))
        );
    }
    server.lie(None);
    // Nobody here, and somebody whose account was closed: no account is made.
    let (browser, code, state) = away(&centre, &server, "nobody").await;
    let unknown = back(&browser, &format!("code={code}&state={state}")).await;
    assert!(unknown.status == 403 && detail(&unknown).contains("没有账号"), "{}", unknown.text());
    assert!(
        parameter("a?b=c", "b") == "c"
            && centre.app().data.account("nobody").await.unwrap().is_none()
    );
}
