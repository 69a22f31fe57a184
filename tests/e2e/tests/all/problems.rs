//! What the server says when it does not do what it was asked, and the headers on everything it says.

use anshu_e2e::Centre;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_a_problem_with_a_next_step() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let json_type = [("content-type", "application/json")];
    let stranger = centre.stranger();
    let large = format!("{{\"text\":\"{}\"}}", "字".repeat(1_000_000)).into_bytes();
    let cases = [
        (stranger.get("/api/v1/cases").await, 401),
        (clerk.get("/api/v1/cases/none").await, 404),
        (clerk.get("/api/v1/nowhere").await, 404),
        (clerk.get("/api/v1/cases?stage=nowhere").await, 422),
        (clerk.get("/api/v1/cases?page=2").await, 400),
        (clerk.get("/api/v1/cases?limit=many").await, 400),
        (clerk.post("/api/v1/cases/none/notes", &json!({ "words": "x" })).await, 422),
        (clerk.post("/api/v1/cases/none/notes", &json!({ "text": " " })).await, 422),
        (
            clerk.send("POST", "/api/v1/cases/none/notes", &json_type, Some(b"{".to_vec())).await,
            400,
        ),
        (clerk.send("POST", "/api/v1/cases/none/notes", &[], Some(b"text".to_vec())).await, 415),
        (clerk.send("POST", "/api/v1/cases/none/notes", &json_type, Some(large)).await, 413),
        (clerk.post("/api/v1/figures", &json!({})).await, 405),
        (clerk.get("/api/v1/audit").await, 403),
        (clerk.get("/api/v1/packs").await, 403),
        (
            clerk
                .post(
                    "/api/v1/actions/none/none",
                    &json!({ "answers": {}, "purpose": { "code": "x" } }),
                )
                .await,
            404,
        ),
    ];
    for (index, (answer, status)) in cases.iter().enumerate() {
        assert_eq!(answer.status, *status, "case {index}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "case {index}");
        let problem = answer.json();
        assert_eq!(problem["status"], *status, "case {index}");
        for field in ["type", "title", "detail", "next", "request"] {
            assert!(
                problem[field].as_str().is_some_and(|text| !text.is_empty()),
                "case {index}: {field} in {problem}"
            );
        }
        assert_eq!(problem["request"].as_str(), answer.header("x-request-id"), "case {index}");
    }
}

/// What cannot be read is told by its name, with what stood there and what would be right, in Chinese alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_in_words() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let wrong = [
        (clerk.get("/api/v1/cases?page=2").await, "page", "没有这一项", "stage、matter"),
        (clerk.get("/api/v1/cases?limit=many").await, "limit", "“many”", "整数"),
        (clerk.get("/api/v1/cases?limit=").await, "limit", "空", "整数"),
        (clerk.get("/api/v1/cases?limit=99999999999").await, "limit", "“99999999999”", "范围"),
        (clerk.get("/api/v1/cases?limit=1&limit=2").await, "limit", "不止一次", "一次"),
        (clerk.get("/api/v1/cases?light=purple").await, "light", "“purple”", "overdue"),
        (clerk.get("/api/v1/duties?open=maybe").await, "open", "“maybe”", "true 或 false"),
        (
            clerk.post("/api/v1/cases/none/notes", &json!({ "text": 1 })).await,
            "text",
            "“1”",
            "文字",
        ),
        (clerk.post("/api/v1/cases/none/notes", &json!({})).await, "text", "没有给出", "必填"),
        (clerk.post("/api/v1/cases/none/notes", &json!([])).await, "整体", "列表", "对象"),
    ];
    for (index, (answer, at, found, expected)) in wrong.iter().enumerate() {
        let problem = answer.json();
        let item = &problem["problems"][0];
        for (field, word) in [("at", at), ("found", found), ("expected", expected)] {
            assert!(item[field].as_str().unwrap().contains(word), "case {index}: {problem}");
        }
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(at) && detail.contains(expected), "case {index}: {problem}");
        for english in ["Failed", "invalid", "field", "variant", "string"] {
            assert!(!answer.text().contains(english), "case {index}: {problem}");
        }
    }
}

/// A wrong password is no matter of permissions: nobody is sent to ask for some.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_as_that() {
    let centre = Centre::start().await;
    let wrong = json!({ "login": "clerk", "password": "not-the-password" });
    let answer = centre.stranger().post("/api/v1/session", &wrong).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    let problem = answer.json();
    assert_eq!(problem["detail"], "账号或口令不正确");
    assert!(problem["next"].as_str().unwrap().contains("核对账号、口令"), "{problem}");
    assert!(!answer.text().contains("权限"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_and_the_probes_answer_with_strict_headers() {
    let centre = Centre::start().await;
    let stranger = centre.stranger();
    for path in ["/", "/cases/some", "/api/v1/session", "/healthz"] {
        let answer = stranger.get(path).await;
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';")
                && !policy.contains("unsafe-eval"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
    assert_eq!(stranger.get("/api/v1/session").await.header("cache-control"), Some("no-store"));
    assert_eq!(stranger.get("/").await.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(stranger.get("/assets/none.js").await.status, 404, "a missing file is no page");
    assert_eq!(stranger.get("/readyz").await.status, 200);
    let metrics = stranger.get("/metrics").await.text();
    assert!(metrics.contains("anshu_requests_total"), "{metrics}");
    assert!(metrics.contains("/api/v1/session"), "by route");
    assert!(!metrics.contains("/cases/some"), "never by address");
    assert!(
        stranger.get("/api/v1/openapi.json").await.json()["paths"]["/api/v1/cases/{id}"]
            .is_object()
    );
}
