//! The person's side at the front door: each sees themselves alone, staff are never named to them, and no plugin, job or
//! clerk can keep a look out of what they are told.

use std::collections::BTreeSet;

use anshu_e2e::{Answer, Browser, Centre};
use serde_json::{Value, json};

/// The person whose account the demonstration's citizen has.
async fn citizen(centre: &Centre) -> String {
    let app = centre.app();
    let officer = app.data.account("privacy").await.unwrap().unwrap().person;
    let links = app.data.subject_links(&app.context(&officer, None).unwrap()).await.unwrap();
    let own = links.into_iter().find(|link| link.login == "citizen");
    // The sample binds the account.
    own.unwrap().subject.to_string()
}

async fn looks(browser: &Browser) -> Vec<Value> {
    let answer = browser.get("/api/v1/me/accesses").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["items"].as_array().unwrap().clone()
}

/// Every person, place and thing that the clerk can list.
async fn entities(centre: &Centre) -> BTreeSet<String> {
    let clerk = centre.person("clerk").await;
    let mut found = BTreeSet::new();
    for kind in ["person", "place", "thing"] {
        let page = clerk.get(&format!("/api/v1/entities?kind={kind}&limit=200")).await.json();
        found.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_22_a_person_sees_nobody_else_by_any_id() {
    let centre = Centre::start().await;
    let own = citizen(&centre).await;
    let me = centre.person("citizen").await;
    let others: BTreeSet<String> =
        entities(&centre).await.into_iter().filter(|id| *id != own).collect();
    assert!(others.len() > 50, "{}", others.len());
    let clerk = centre.person("clerk").await;
    let cases = clerk.get("/api/v1/cases?limit=200").await.json();
    let cases = cases["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned());
    let told = |answer: &Answer, what: &str| {
        let text = answer.text();
        for id in &others {
            assert!(!text.contains(id.as_str()), "{what} tells of {id}");
        }
    };
    // What exists answers as what does not.
    let absent = me.get("/api/v1/entities/0000000000000000000000absent").await;
    for id in others.iter().take(40).cloned().chain([own.clone()]) {
        let answer = me.get(&format!("/api/v1/entities/{id}")).await;
        assert_eq!(
            (answer.status, &answer.json()["title"]),
            (absent.status, &absent.json()["title"]),
            "{}",
            answer.text()
        );
    }
    for id in cases {
        assert_eq!(me.get(&format!("/api/v1/cases/{id}")).await.status, 404);
    }
    // No list, search, figure, view, pack, desk or log is theirs.
    for path in [
        "cases?limit=200",
        "risks?limit=200",
        "entities?limit=200",
        "entities?q=样例",
        "duties?limit=200",
        "audit",
        "packs",
        "upgrades",
        "trials",
        "requests",
        "subjects",
        "deferrals",
        "compliance",
        "reports/yearly/2026",
        "log/checkpoint",
        "views/homestay/rooms-due",
        "views/minors/open-matters",
        "interface",
        "views",
        "figures",
    ] {
        let answer = me.get(&format!("/api/v1/{path}")).await;
        told(&answer, path);
        let empty = ["items", "rows"]
            .iter()
            .any(|list| answer.json()[list].as_array().is_some_and(Vec::is_empty));
        let zero = path == "figures" && answer.json()["open_cases"] == 0;
        assert!(
            answer.status >= 400 || empty || zero,
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
    }
    for path in ["me/data", "me/accesses", "me/requests"] {
        let answer = me.get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        told(&answer, path);
    }
    // A look at somebody else cannot be proven to this person, whatever position is named.
    let mine: BTreeSet<u64> =
        looks(&me).await.iter().map(|look| look["position"].as_u64().unwrap()).collect();
    for position in 0..60 {
        let answer = me.get(&format!("/api/v1/me/accesses/{position}/proof")).await;
        assert_eq!(
            answer.status,
            if mine.contains(&position) { 200 } else { 404 },
            "{position}: {}",
            answer.text()
        );
    }
    // Nothing that changes anything but their own request is theirs either.
    let act =
        json!({ "subject": own, "answers": {}, "purpose": { "code": "lodging-registration" } });
    let refused = me.post("/api/v1/actions/homestay/register-guests", &act).await;
    assert!(refused.status >= 400, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_19_a_curious_clerk_is_seen_and_not_named() {
    let centre = Centre::start().await;
    let own = citizen(&centre).await;
    let me = centre.person("citizen").await;
    let before = looks(&me).await;
    // The registration itself went through a plugin, and says so.
    assert!(
        before.iter().any(|look| look["pack"].as_str().is_some_and(|pack| !pack.is_empty())),
        "{before:#?}"
    );
    let clerk = centre.person("clerk").await;
    assert_eq!(clerk.get(&format!("/api/v1/entities/{own}")).await.status, 200);
    let after = looks(&me).await;
    assert!(after.len() > before.len(), "the look is not told");
    let look = &after[0];
    assert!(look["who"].as_str().unwrap().contains("综治中心"), "{look:#}");
    assert!(look["purpose"].as_str().unwrap().contains("第15条"), "{look:#}");
    // Neither name nor login nor account id of anybody who works here.
    let text = serde_json::to_string(&after).unwrap();
    let app = centre.app();
    for login in ["clerk", "police", "civil", "privacy", "admin"] {
        let person = app.data.account(login).await.unwrap().unwrap().person;
        assert!(
            !text.contains(&person.name) && !text.contains(person.id.as_str()),
            "{login} is named: {text}"
        );
    }
    // The auditor sees who it was.
    let auditor = centre.person("auditor").await;
    let person = app.data.account("clerk").await.unwrap().unwrap().person;
    assert!(auditor.get("/api/v1/audit?limit=200").await.text().contains(person.id.as_str()));
    let proof = me.get(&format!("/api/v1/me/accesses/{}/proof", look["position"])).await;
    assert!(proof.text().starts_with("c2sp.org/tlog-proof@v1\n"), "{}", proof.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_15_what_a_plugin_reads_for_a_view_is_in_the_log() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let before = views(&centre).await;
    assert_eq!(clerk.get("/api/v1/views/homestay/rooms-due").await.status, 200);
    assert!(views(&centre).await > before, "the view's reads are nowhere");
}

/// Leaves of what plugins read for views.
async fn views(centre: &Centre) -> usize {
    let app = centre.app();
    let auditor = app.data.account("auditor").await.unwrap().unwrap().person;
    let (size, _) = app.data.log_head().await.unwrap();
    let context = app.context(&auditor, None).unwrap();
    let leaves = app.data.entries(&context, size.saturating_sub(500), 500).await.unwrap();
    leaves.iter().filter(|(_, leaf)| leaf.note == "插件视图" && !leaf.touched.is_empty()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_20_a_request_is_not_decided_by_its_words_and_a_refusal_says_why() {
    let centre = Centre::start().await;
    let me = centre.person("citizen").await;
    for (body, status) in [
        (json!({ "right": "all", "wish": "全部" }), 422),
        (json!({ "right": "access", "wish": "  " }), 422),
        (json!({ "right": "access", "wish": "看看", "subject": "other" }), 422),
    ] {
        let answer = me.post("/api/v1/me/requests", &body).await;
        assert!(
            answer.status == status || answer.status == 400,
            "{body}: {} {}",
            answer.status,
            answer.text()
        );
    }
    let filed = me
        .post("/api/v1/me/requests", &json!({ "right": "access", "wish": "想要一份我的资料" }))
        .await;
    assert_eq!(filed.status, 200, "{}", filed.text());
    let id = filed.json()["id"].as_str().unwrap().to_owned();
    assert!(filed.json()["due_at"].as_str().is_some());
    let path = format!("/api/v1/requests/{id}/step");
    for login in ["clerk", "approver", "admin", "security", "auditor", "citizen"] {
        let answer = centre.person(login).await.post(&path, &json!({ "step": "accept" })).await;
        assert_eq!(answer.status, 403, "{login}: {}", answer.text());
    }
    let desk = centre.person("privacy").await;
    assert_eq!(
        desk.get(&format!("/api/v1/requests/{id}/data")).await.status,
        409,
        "before it is taken on"
    );
    assert_eq!(desk.post(&path, &json!({ "step": "accept" })).await.status, 200);
    let data = desk.get(&format!("/api/v1/requests/{id}/data")).await;
    assert_eq!(data.status, 200, "{}", data.text());
    assert!(data.json()["data"]["left_out"].as_array().is_some_and(|lines| !lines.is_empty()));
    let silent =
        desk.post(&path, &json!({ "step": "refuse", "text": "", "remedy": "可以投诉" })).await;
    assert_eq!(silent.status, 422, "{}", silent.text());
    let refused = desk
        .post(
            &path,
            &json!({ "step": "refuse", "text": "样例理由", "remedy": "可以向上级机关投诉" }),
        )
        .await;
    assert_eq!(refused.status, 200, "{}", refused.text());
    let mine = me.get("/api/v1/me/requests").await.json();
    let last = mine[0]["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["text"], &last["remedy"]),
        (&json!("样例理由"), &json!("可以向上级机关投诉")),
        "{mine:#}"
    );
    assert!(
        looks(&me)
            .await
            .iter()
            .any(|look| look["who"].as_str().unwrap().contains("个人信息保护岗位"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_23_the_records_of_the_law_take_no_unknown_field_and_the_report_stands_on_the_log() {
    let centre = Centre::start().await;
    let desk = centre.person("privacy").await;
    let shown = desk.get("/api/v1/compliance").await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    let declared = shown.json()["declared"].as_array().unwrap().clone();
    let sensitive = declared.iter().find(|pack| pack["sensitive"] == true).unwrap();
    assert_eq!(sensitive["assessment"], Value::Null);
    let mut assessment = json!({ "title": "样例评估", "digest": sensitive["digest"], "necessity": "必要", "impact": "小",
        "measures": "充分", "acceptable": true, "assessor": "样例卯" });
    assessment["id"] = json!("x");
    assert!(desk.post("/api/v1/compliance/assessments", &assessment).await.status >= 400);
    assessment.as_object_mut().unwrap().remove("id");
    let kept = desk.post("/api/v1/compliance/assessments", &assessment).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    let covered = kept.json()["declared"]
        .as_array()
        .unwrap()
        .iter()
        .any(|pack| pack["assessment"].is_string());
    assert!(covered, "{}", kept.text());
    // An incident owes what the configured rules say, with their source.
    let incident = json!({ "title": "样例事件", "scope": "样例", "remedy": "已断开", "rules": ["network-authority", "summary"] });
    let kept = desk.post("/api/v1/compliance/incidents", &incident).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    let found = &kept.json()["incidents"][0];
    assert_eq!(found["owed"].as_array().unwrap().len(), 2);
    assert!(found["owed"][0]["certainty"].as_str().unwrap().contains("待核对"), "{found:#}");
    centre.app().settings.time.advance(5 * 3600 * 1000);
    let desk = centre.person("privacy").await;
    assert_eq!(desk.get("/api/v1/compliance").await.json()["incidents"][0]["late"], true);
    let unknown = json!({ "title": "样例", "scope": "样例", "remedy": "无", "rules": ["none"] });
    assert_eq!(desk.post("/api/v1/compliance/incidents", &unknown).await.status, 422);
    // The report.
    let now = centre.app().settings.time.now().rfc3339(centre.app().data.calendar().offset());
    let year = now.split('-').next().unwrap();
    let report = desk.get(&format!("/api/v1/reports/yearly/{year}?published=true")).await;
    assert_eq!(report.status, 200, "{}", report.text());
    let report = report.json();
    assert_eq!(report["log_root"].as_str().unwrap().len(), 64);
    assert_eq!(report["suppressed_below"], 10);
    for chapter in report["chapters"].as_array().unwrap().iter().take(4) {
        for line in chapter["lines"].as_array().unwrap() {
            assert!(line["count"].as_u64().is_none_or(|count| count == 0 || count >= 10), "{line}");
        }
    }
    assert_eq!(desk.get("/api/v1/reports/yearly/2999").await.status, 422);
    for (login, status) in [("auditor", 200), ("clerk", 403), ("citizen", 403), ("admin", 403)] {
        let answer =
            centre.person(login).await.get(&format!("/api/v1/reports/yearly/{year}")).await;
        assert_eq!(answer.status, status, "{login}: {}", answer.text());
    }
}
