//! What packs show, through the scope of whoever looks; and what the probes say of the log.

use anshu_e2e::{Browser, Centre};
use serde_json::Value;

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn ids(rows: &Value) -> Vec<String> {
    let rows = rows["rows"].as_array().unwrap().iter();
    rows.filter_map(|row| row["id"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_holds_declared_columns_of_records_that_the_person_sees() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let neighbour = centre.person("neighbour").await;

    let offered = read(&clerk, "/api/v1/views").await;
    let names: Vec<_> =
        offered.as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect();
    for name in ["rooms-due", "hazards", "open-matters", "situations"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert!(!names.contains(&"stays"), "what is about a record is offered with the record");

    // Two districts look at the same view and see none of each other's rooms.
    let ours = read(&clerk, "/api/v1/views/homestay/rooms-due").await;
    let theirs = read(&neighbour, "/api/v1/views/homestay/rooms-due").await;
    let (mine, other) = (ids(&ours), ids(&theirs));
    assert!(!mine.is_empty() && !other.is_empty());
    assert!(mine.iter().all(|id| !other.contains(id)));
    let columns: Vec<_> =
        ours["columns"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
    for row in ours["rows"].as_array().unwrap() {
        for field in row.as_object().unwrap().keys() {
            assert!(field == "id" || columns.iter().any(|known| known == field), "{field}");
        }
    }
    // A row leads to its record.
    let record = read(&clerk, &format!("/api/v1/records/{}", mine[0])).await;
    assert_eq!(record["kind"], "entity");

    let room = read(&clerk, "/api/v1/entities?facet=homestay.room&limit=1").await["items"][0]["id"]
        .clone();
    let room = room.as_str().unwrap();
    let about = read(&clerk, &format!("/api/v1/views?subject={room}")).await;
    assert_eq!(about[0]["name"], "stays");
    assert_eq!(
        read(&clerk, &format!("/api/v1/views/homestay/stays?subject={room}")).await["shape"],
        "table"
    );

    for (path, status) in [
        ("/api/v1/views/homestay/stays".to_owned(), 422),
        (format!("/api/v1/views/homestay/rooms-due?subject={room}"), 422),
        ("/api/v1/views/homestay/none".to_owned(), 404),
        ("/api/v1/views/none/rooms-due".to_owned(), 404),
        ("/api/v1/views/homestay/rooms-due?page=1".to_owned(), 400),
    ] {
        let answer = clerk.get(&path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert!(answer.json()["next"].as_str().is_some_and(|next| !next.is_empty()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_the_system_sees_no_rows_of_any_view() {
    let centre = Centre::start().await;
    for login in ["admin", "auditor"] {
        let person = centre.person(login).await;
        for view in ["homestay/rooms-due", "homestay/hazards", "minors/open-matters"] {
            let answer = person.get(&format!("/api/v1/views/{view}")).await;
            let nothing = answer.json()["rows"].as_array().is_some_and(|rows| {
                rows.iter()
                    .all(|row| row["count"].as_u64().unwrap_or(0) == 0 && row.get("id").is_none())
            });
            assert!(answer.status == 403 || nothing, "{login} {view}: {}", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duty_says_what_it_serves_and_those_past_their_limit_are_found() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let open = read(&clerk, "/api/v1/duties?open=true&limit=50").await;
    let open = open["items"].as_array().unwrap();
    assert!(!open.is_empty());
    for duty in open {
        let about = &duty["about"];
        let kind = about["kind"].as_str().unwrap();
        let plural = if kind == "entity" { "entities".to_owned() } else { format!("{kind}s") };
        let path = format!("/api/v1/{plural}/{}", about["id"].as_str().unwrap());
        assert_eq!(clerk.get(&path).await.status, 200, "{path}");
        assert!(!about["title"].as_str().unwrap().is_empty());
    }
    let late = read(&clerk, "/api/v1/duties?overdue=true&limit=200").await;
    let late = late["items"].as_array().unwrap();
    assert!(!late.is_empty());
    assert!(
        late.iter().all(|duty| duty["light"]["state"] == "overdue" && duty["done"] == false),
        "{late:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn divisions_are_found_by_name_inside_the_persons_own() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let found = clerk.get("/api/v1/divisions?q=%E8%A7%A3%E6%94%BE%E7%A2%91").await.json();
    assert_eq!(found[0]["name"], "渝中区解放碑街道", "{found}");
    let neighbour = centre.person("neighbour").await;
    assert_eq!(
        neighbour.get("/api/v1/divisions?q=%E8%A7%A3%E6%94%BE%E7%A2%91").await.json(),
        serde_json::json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_remembered_outside_the_database_as_it_grows() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let mut before = Value::Null;
    for _ in 0..100 {
        before = read(&centre.stranger(), "/readyz").await["checkpoint"].clone();
        if before.is_object() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let size = before["log_size"].as_u64().unwrap();
    assert!(size > 0, "{before}");
    clerk.get("/api/v1/cases").await;
    centre.app().settings.time.advance(61_000);
    for _ in 0..100 {
        let now = read(&centre.stranger(), "/readyz").await["checkpoint"].clone();
        if now["log_size"].as_u64().unwrap() > size {
            assert!(now["age_seconds"].as_i64().unwrap() < 30, "{now}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("a minute later nothing more was remembered: {before}");
}
