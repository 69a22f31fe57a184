//! Sealed records and informants over HTTP: absent to the byte, also to whoever guesses, times, or asks a pack.

use std::time::{Duration, Instant};

use anshu_e2e::{Answer, Browser, Centre};
use serde_json::{Value, json};

const CANARY: &str = "样例举报人甲";
const PHONE: &str = "19900001111";

async fn write(browser: &Browser, path: &str, body: Value) -> Value {
    let answer = browser.post(path, &body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Reports something about a child, with who reports it; answers the matter and the decision.
async fn report(clerk: &Browser) -> (String, String) {
    let body = json!({
        "answers": {
            "division": "500103001000", "situation": "abandoned", "details": "样例：无人照料",
            "reporter_unit": "样例小学", "reporter_name": CANARY, "reporter_phone": PHONE,
        },
        "purpose": { "code": "minor-protection" },
    });
    let done = write(clerk, "/api/v1/actions/minors/report", body).await;
    (text(&done["subject"]["id"]), text(&done["decision"]))
}

/// Asks for something as the keeper, and lets the approver agree.
async fn agreed(centre: &Centre, body: Value) -> String {
    let (keeper, approver) = (centre.person("keeper").await, centre.person("approver").await);
    let asked = write(&keeper, "/api/v1/sealings", body).await;
    let id = text(&asked["id"]);
    write(&approver, &format!("/api/v1/sealings/{id}/answer"), json!({ "agree": true })).await;
    id
}

fn by_record(kind: &str, id: &str) -> Value {
    json!({
        "kind": kind, "target": { "by": "record", "value": id }, "purpose": "judicial", "ground": "样例：依法办理",
        "article": "样例条款", "organ": "样例法院", "document": "样字〔2026〕1号",
    })
}

/// What an answer says, without what is random or tells the time of day; and with the id that was asked for as a sign.
fn said(answer: &Answer, id: &str) -> String {
    let mut body = answer.json();
    let mut timed = false;
    if let Some(object) = body.as_object_mut() {
        object.remove("request");
        timed = object.remove("at").is_some();
    }
    // The time of day has as many digits as it has.
    let random = ["date", "x-request-id"];
    let headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !(random.contains(&name.as_str()) || timed && name == "content-length"))
        .collect();
    format!("{} {headers:?} {body}", answer.status).replace(id, "#")
}

/// Everything that somebody's pages ask for.
async fn seen(browser: &Browser) -> Vec<(String, String)> {
    let mut paths: Vec<String> = ["cases", "risks", "entities", "duties"]
        .iter()
        .flat_map(|list| [format!("{list}?limit=200"), format!("{list}?limit=1")])
        .collect();
    paths.extend(
        [
            "figures",
            "cases?q=样例",
            "cases?matter=minors.report&limit=200",
            "duties?overdue=true&limit=200",
            "views",
            "interface",
            "views/minors/open-matters",
            "views/minors/situations",
        ]
        .map(str::to_owned),
    );
    let mut seen = Vec::new();
    for path in paths {
        let answer = browser.get(&format!("/api/v1/{path}")).await;
        seen.push((path, said(&answer, "\u{0}")));
    }
    seen
}

/// Waits until events have reached whom they concern.
async fn settled(browser: &Browser) {
    let (mut last, mut alike) = (String::new(), 0);
    for _ in 0..60 {
        let now = format!("{:?}", seen(browser).await);
        alike = if now == last { alike + 1 } else { 0 };
        if alike == 2 {
            return;
        }
        last = now;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_25_a_sealed_matter_leaves_no_trace_in_any_answer() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let police = centre.person("police").await;
    settled(&clerk).await;
    let before = (seen(&clerk).await, seen(&police).await);
    let (matter, decision) = report(&clerk).await;
    settled(&clerk).await;
    let duties = clerk.get("/api/v1/duties?limit=200").await.json();
    let about = |duty: &&Value| duty["about"]["id"] == matter.as_str();
    let duty = duties["items"].as_array().unwrap().iter().find(about).map(|duty| text(&duty["id"]));
    let open = (seen(&clerk).await, seen(&police).await);
    assert!(before.0 != open.0 && before.1 != open.1, "the matter is seen before it is sealed");
    agreed(&centre, by_record("seal", &matter)).await;
    let after = (seen(&clerk).await, seen(&police).await);
    for (before, after) in before.0.iter().zip(&after.0).chain(before.1.iter().zip(&after.1)) {
        assert_eq!(before, after);
    }

    // By id it answers as what never was: body, status and headers.
    let never = "0123456789abcdef0123456789".chars().take(matter.len()).collect::<String>();
    let mut gets = vec![
        ("cases", matter.clone()),
        ("records", matter.clone()),
        ("decisions", decision.clone()),
        ("risks", matter.clone()),
        ("entities", matter.clone()),
    ];
    gets.extend(duty.iter().map(|duty| ("records", duty.clone())));
    for who in [&clerk, &police, &centre.person("keeper").await, &centre.person("approver").await] {
        for (list, id) in &gets {
            let sealed = who.get(&format!("/api/v1/{list}/{id}")).await;
            let absent = who.get(&format!("/api/v1/{list}/{never}")).await;
            assert_eq!(said(&sealed, id), said(&absent, &never), "{list}");
        }
        let listed = who.get(&format!("/api/v1/cases?after={matter}")).await;
        let nothing = who.get(&format!("/api/v1/cases?after={never}")).await;
        assert_eq!(said(&listed, &matter), said(&nothing, &never));
    }
    for (what, body) in [
        ("notes", json!({ "text": "看看" })),
        ("reply", json!({ "text": "看看" })),
        ("move", json!({ "stage": "accepted", "note": "看看", "version": 1 })),
        ("move", json!({ "stage": "accepted", "note": "看看", "version": 99 })),
    ] {
        let sealed = clerk.post(&format!("/api/v1/cases/{matter}/{what}"), &body).await;
        let absent = clerk.post(&format!("/api/v1/cases/{never}/{what}"), &body).await;
        assert_eq!(said(&sealed, &matter), said(&absent, &never), "{what}");
    }
    // Through a pack, and in the service of the matter.
    let act = |id: &str| {
        json!({ "subject": id, "answers": { "taken": "received", "number": "样1", "station": "样例所" },
                "purpose": { "code": "minor-protection", "case": id } })
    };
    let path = "/api/v1/actions/minors/police-receipt";
    let (sealed, absent) =
        (police.post(path, &act(&matter)).await, police.post(path, &act(&never)).await);
    assert_eq!(said(&sealed, &matter), said(&absent, &never));
    let replay = |id: &str| format!("/api/v1/decisions/{id}/replay");
    let sealed = clerk.post(&replay(&decision), &json!({})).await;
    let absent = clerk.post(&replay(&never), &json!({})).await;
    assert_eq!(said(&sealed, &decision), said(&absent, &never));

    // The road: what was sealed is there, for who asked, and marked.
    let query = agreed(&centre, by_record("query", &matter)).await;
    let keeper = centre.person("keeper").await;
    let found = keeper.get(&format!("/api/v1/sealings/{query}/matter")).await;
    assert_eq!(found.status, 200, "{}", found.text());
    assert!(
        found.text().contains("依法保密") && found.text().contains(&matter),
        "{}",
        found.text()
    );
    assert!(!found.text().contains(CANARY) && !found.text().contains(PHONE));
    for other in ["approver", "clerk", "admin", "security", "auditor"] {
        let refused =
            centre.person(other).await.get(&format!("/api/v1/sealings/{query}/matter")).await;
        assert!(matches!(refused.status, 403 | 404), "{other}: {}", refused.text());
    }
    // Unsealed, it is there again.
    agreed(&centre, by_record("unseal", &matter)).await;
    assert_eq!(clerk.get(&format!("/api/v1/cases/{matter}")).await.status, 200);
    assert!(centre.app().data.verify().await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_06_who_told_is_in_no_answer_no_decision_and_no_error() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    // An error about the form does not say it again.
    let wrong = json!({
        "answers": { "division": "500103001000", "situation": "no-such", "details": "样例", "reporter_name": CANARY, "reporter_phone": format!("{PHONE}0123456789012") },
        "purpose": { "code": "minor-protection" },
    });
    let refused = clerk.post("/api/v1/actions/minors/report", &wrong).await;
    assert!(
        refused.status != 200
            && !refused.text().contains(CANARY)
            && !refused.text().contains(PHONE),
        "{}",
        refused.text()
    );
    let (matter, decision) = report(&clerk).await;
    let mut seen = String::new();
    for login in ["clerk", "police", "auditor", "approver", "keeper", "admin"] {
        let person = centre.person(login).await;
        for path in [
            format!("cases/{matter}"),
            format!("decisions/{decision}"),
            "cases?limit=200".into(),
            "audit?limit=200".into(),
            "entities?limit=200".into(),
        ] {
            seen.push_str(&person.get(&format!("/api/v1/{path}")).await.text());
        }
    }
    seen.push_str(&clerk.get("/metrics").await.text());
    seen.push_str(
        &clerk.post(&format!("/api/v1/decisions/{decision}/replay"), &json!({})).await.text(),
    );
    assert!(!seen.contains(CANARY) && !seen.contains(PHONE));
    // Nor does the database have it as it is, anywhere.
    let ask = agreed(&centre, by_record("informant", &matter)).await;
    let keeper = centre.person("keeper").await;
    let told = keeper.get(&format!("/api/v1/sealings/{ask}/informants")).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(
        told.text().contains(CANARY)
            && told.text().contains(PHONE)
            && told.text().contains("依法保密")
    );
    for other in ["approver", "clerk", "police", "auditor"] {
        let refused =
            centre.person(other).await.get(&format!("/api/v1/sealings/{ask}/informants")).await;
        assert!(matches!(refused.status, 403 | 404), "{other}: {}", refused.text());
    }
    for name in ["anshu.db", "anshu.db-wal"] {
        let bytes = std::fs::read(centre.folder().join(name)).unwrap_or_default();
        for canary in [CANARY, PHONE] {
            assert!(
                !bytes.windows(canary.len()).any(|window| window == canary.as_bytes()),
                "{name}"
            );
        }
    }
    // After its time it is over.
    centre.app().settings.time.advance(25 * 3_600_000);
    let keeper = centre.person("keeper").await;
    let late = keeper.get(&format!("/api/v1/sealings/{ask}/informants")).await;
    assert_eq!(late.status, 409, "{}", late.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_23_no_request_sets_what_it_does_not_name() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let (matter, _) = report(&clerk).await;
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        body
    };
    let move_case = json!({ "stage": "accepted", "note": "样例", "version": 1 });
    let act = json!({ "answers": { "division": "500103001000", "situation": "abandoned", "details": "样例" }, "purpose": { "code": "minor-protection" } });
    for (name, value) in [
        ("level", json!("L1")),
        ("label", json!({ "level": "L1" })),
        ("sealed", json!(0)),
        ("unit", json!("unit")),
        ("org", json!("unit")),
        ("joint", json!(["unit"])),
        ("division", json!("500000000000")),
        ("state", json!("archived")),
        ("title_level", json!(1)),
    ] {
        for (path, body) in [
            (format!("cases/{matter}/move"), &move_case),
            (format!("cases/{matter}/notes"), &json!({ "text": "样例" })),
            (format!("cases/{matter}/reply"), &json!({ "text": "样例" })),
            ("actions/minors/report".into(), &act),
            ("sealings".into(), &by_record("seal", &matter)),
        ] {
            let answer = clerk
                .post(&format!("/api/v1/{path}"), &with(body.clone(), name, value.clone()))
                .await;
            assert!(
                matches!(answer.status, 400 | 403 | 422),
                "{path} {name}: {} {}",
                answer.status,
                answer.text()
            );
        }
        // Nor in the answers of a form.
        let mut inside = act.clone();
        if name != "division" {
            inside["answers"][name] = value.clone();
            let answer = clerk.post("/api/v1/actions/minors/report", &inside).await;
            assert!(
                matches!(answer.status, 400 | 422),
                "{name}: {} {}",
                answer.status,
                answer.text()
            );
        }
        // The keeper's own asks are as strict.
        let keeper = centre.person("keeper").await;
        let answer =
            keeper.post("/api/v1/sealings", &with(by_record("seal", &matter), name, value)).await;
        assert!(matches!(answer.status, 400 | 422), "{name}: {} {}", answer.status, answer.text());
    }
    let shown = clerk.get(&format!("/api/v1/cases/{matter}")).await.json();
    assert_eq!(shown["stage"], clerk.get(&format!("/api/v1/cases/{matter}")).await.json()["stage"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_22_ids_of_others_answer_as_ids_that_never_were() {
    let centre = Centre::start().await;
    let (clerk, neighbour) = (centre.person("clerk").await, centre.person("neighbour").await);
    let (matter, decision) = report(&clerk).await;
    let never: String = "zyxwvutsrqponmlkjihgfedcba".chars().take(matter.len()).collect();
    for (list, id) in [("cases", &matter), ("records", &matter), ("decisions", &decision)] {
        let other = neighbour.get(&format!("/api/v1/{list}/{id}")).await;
        let absent = neighbour.get(&format!("/api/v1/{list}/{never}")).await;
        assert_eq!(said(&other, id), said(&absent, &never), "{list}");
    }
    let body = json!({ "text": "看看" });
    let other = neighbour.post(&format!("/api/v1/cases/{matter}/notes"), &body).await;
    let absent = neighbour.post(&format!("/api/v1/cases/{never}/notes"), &body).await;
    assert_eq!(said(&other, &matter), said(&absent, &never));
    let other = neighbour.get(&format!("/api/v1/cases?after={matter}")).await;
    let absent = neighbour.get(&format!("/api/v1/cases?after={never}")).await;
    assert_eq!(said(&other, &matter), said(&absent, &never));
}

/// A sealed id and one that never was take the same statements, so they take as long: their samples overlap as two samples of
/// one thing do. The bound is generous, as this machine does other things too; a second query for one of the two would show.
#[tokio::test(flavor = "multi_thread")]
async fn attack_27_a_sealed_id_takes_as_long_as_one_that_never_was() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let (matter, _) = report(&clerk).await;
    agreed(&centre, by_record("seal", &matter)).await;
    let never: String = "zyxwvutsrqponmlkjihgfedcba".chars().take(matter.len()).collect();
    let timed = async |id: &str| {
        let begun = Instant::now();
        assert_eq!(clerk.get(&format!("/api/v1/cases/{id}")).await.status, 404);
        begun.elapsed()
    };
    let (mut sealed, mut absent) = (Vec::new(), Vec::new());
    for _ in 0..80 {
        sealed.push(timed(&matter).await);
        absent.push(timed(&never).await);
    }
    sealed.sort_unstable();
    absent.sort_unstable();
    // Kolmogorov-Smirnov: the largest distance between the two shares below a time. 0.37 is far beyond p = 0.0001 for 80.
    let share = |sample: &[Duration], at: Duration| {
        sample.iter().filter(|time| **time <= at).count() as f64 / sample.len() as f64
    };
    let distance = sealed
        .iter()
        .chain(&absent)
        .map(|at| (share(&sealed, *at) - share(&absent, *at)).abs())
        .fold(0.0, f64::max);
    assert!(distance < 0.37, "distance {distance}: medians {:?} and {:?}", sealed[40], absent[40]);
}
