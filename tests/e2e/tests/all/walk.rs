//! The walk of the README: rooms with hazards, a minor who stays alone, the matter that opens in another pack, its decision
//! explained and replayed, the spine's guards, a restart, and a byte that somebody changed.

use anshu_e2e::{Browser, Centre};
use anshu_server::app::audit::verify_stopped;
use serde_json::{Value, json};

/// A synthetic number with a right checksum, of somebody so many years old: its area code belongs to no place.
fn resident_id(centre: &Centre, years: i16, order: u16) -> String {
    let today = centre.app().settings.time.now().date(Default::default());
    let body = format!("999999{:04}0101{order:03}", today.year() - years - 1);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        body.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    let check = (12 - sum % 11) % 11;
    format!("{body}{}", if check == 10 { "X".to_owned() } else { check.to_string() })
}

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn write(browser: &Browser, path: &str, body: Value) -> Value {
    let answer = browser.post(path, &body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Registers a minor who stays alone in the first room that takes guests; answers the decision and the child's name.
pub(super) async fn register(centre: &Centre, clerk: &Browser) -> Value {
    let rooms = read(clerk, "/api/v1/entities?kind=place&facet=homestay.room&limit=20").await;
    let guest = json!({
        "name": "样例独", "document": "resident-id", "document_number": resident_id(centre, 12, 77),
        "verification": "card-reader", "guardian_name": "样例父", "guardian_phone": "19900000000",
        "guardian_contact": "unreached",
    });
    let body = |room: &Value| json!({ "subject": room["id"], "answers": { "guests": [guest.clone()] }, "purpose": { "code": "lodging-registration" } });
    let mut last = String::new();
    for room in rooms["items"].as_array().unwrap() {
        let answer = clerk.post("/api/v1/actions/homestay/register-guests", &body(room)).await;
        if answer.status == 200 {
            return answer.json();
        }
        last = answer.text();
    }
    panic!("no room takes a guest: {last}");
}

/// States a ground for a protected matter, and has the police's approver open it; answers the opening.
pub(super) async fn open(centre: &Centre, clerk: &Browser, case: &str) -> String {
    let body = json!({ "record": case, "purpose": "handle", "reason": "样例：核实监护情况" });
    let stated = write(clerk, "/api/v1/openings", body).await;
    let id = text(&stated["id"]).to_owned();
    let approver = centre.person("police-lead").await;
    let opened = write(&approver, &format!("/api/v1/openings/{id}/approve"), json!({})).await;
    assert_eq!(opened["state"], "approved", "{opened}");
    id
}

/// The newest open matter of a type, once it is there.
async fn matter(clerk: &Browser, matter: &str, beyond: usize) -> Value {
    for _ in 0..150 {
        let page = read(clerk, &format!("/api/v1/cases?matter={matter}&limit=200")).await;
        let items = page["items"].as_array().unwrap();
        if items.len() > beyond {
            let newest =
                items.iter().max_by_key(|item| text(&item["opened_at"]).to_owned()).unwrap();
            return newest.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no matter {matter} opened");
}

/// How many matters of a type the sample opened, once their number rests.
async fn settled(clerk: &Browser, matter: &str) -> usize {
    let (mut last, mut alike) = (0, 0);
    for _ in 0..60 {
        let page = read(clerk, &format!("/api/v1/cases?matter={matter}&limit=200")).await;
        let now = page["items"].as_array().unwrap().len();
        alike = if now == last { alike + 1 } else { 0 };
        if alike == 3 {
            return now;
        }
        last = now;
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    }
    panic!("the sample's matters {matter} never came to rest: {last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_rooms_hazard_to_a_matter_in_another_pack_and_back_through_the_log() {
    let mut centre = Centre::start().await;
    let clerk = centre.person("clerk").await;

    // Two packs, of which neither knows the other.
    let interface = read(&clerk, "/api/v1/interface").await;
    assert_eq!(interface["packs"].as_array().unwrap().len(), 2);

    // The sample's rooms were compared with the rules.
    let risks = read(&clerk, "/api/v1/risks?limit=200").await;
    let risk = &risks["items"][0];
    let risk = read(&clerk, &format!("/api/v1/risks/{}", text(&risk["id"]))).await;
    assert!(!text(&risk["findings"][0]["basis"]["article"]).is_empty(), "{risk}");
    assert!(risk["level"].is_null(), "a pack advises, an official assesses");

    // The event of the first pack opens a matter of the second.
    let before = settled(&clerk, "minors.unaccompanied").await;
    let decision = register(&centre, &clerk).await;
    assert!(!decision["reasons"].as_array().unwrap().is_empty(), "{decision}");
    let opened = matter(&clerk, "minors.unaccompanied", before).await;
    assert_eq!(opened["light"]["state"], "immediate", "{opened}");
    assert!(text(&opened["light"]["text"]).contains("已过"), "elapsed time, no invented limit");
    let case = read(&clerk, &format!("/api/v1/cases/{}", text(&opened["id"]))).await;
    assert!(case["parties"].as_array().unwrap().is_empty(), "protected until it is opened: {case}");
    open(&centre, &clerk, text(&opened["id"])).await;
    let case = read(&clerk, &format!("/api/v1/cases/{}", text(&opened["id"]))).await;
    assert!(!case["parties"].as_array().unwrap().is_empty());
    assert!(!case["timeline"].as_array().unwrap().is_empty());
    assert_eq!(case["pack"]["available"], true);

    // Its decision is explained with articles, and comes out the same again.
    let id = text(&case["decisions"][0]["id"]).to_owned();
    let explained = read(&clerk, &format!("/api/v1/decisions/{id}")).await;
    assert!(!explained["explanation"]["reasons"].as_array().unwrap().is_empty(), "{explained}");
    let replayed = write(&clerk, &format!("/api/v1/decisions/{id}/replay"), json!({})).await;
    assert_eq!(replayed["equal"], true, "{replayed}");
    let first = text(&decision["decision"]).to_owned();
    let replayed = write(&clerk, &format!("/api/v1/decisions/{first}/replay"), json!({})).await;
    assert_eq!(replayed["equal"], true, "{replayed}");

    // After a restart everything is there.
    centre.stop().await;
    centre.open().await;
    let clerk = centre.person("clerk").await;
    let again = read(&clerk, &format!("/api/v1/cases/{}", text(&opened["id"]))).await;
    assert_eq!(again["code"], case["code"]);
    assert_eq!(again["timeline"], case["timeline"]);
    let auditor = centre.person("auditor").await;
    let log = read(&auditor, "/api/v1/audit?limit=50").await;
    assert!(log["size"].as_u64().unwrap() > 100);
    assert!(!log.to_string().contains("样例独"), "the log names no person");

    // The whole of it verifies; with one byte changed, it says where.
    centre.stop().await;
    let settings =
        anshu_server::Settings::of_folder(centre.folder(), ([127, 0, 0, 1], 0).into()).unwrap();
    let sound = verify_stopped(&settings, None).await.unwrap();
    assert!(sound.is_sound(), "{:?}", sound.lines());
    let file = centre.folder().join("anshu.db");
    let whole = std::fs::read(&file).unwrap();
    let needle = "样例民宿 YZ00007".as_bytes();
    let windows = whole.windows(needle.len()).enumerate();
    let places: Vec<_> =
        windows.filter(|(_, window)| *window == needle).map(|(at, _)| at).collect();
    assert!(places.len() >= 2, "the room's name stands in its versions and in its head");
    // Each byte of a row that is vouched for is noticed (`tamper.rs` of the storage's tests tries them all); the name may
    // also stand in what the engine left behind in its pages, which nobody reads.
    let count = places.len();
    let (mut noticed, mut named) = (0, false);
    for at in places {
        let mut bytes = whole.clone();
        bytes[at + needle.len() - 1] = b'8';
        std::fs::write(&file, bytes).unwrap();
        let found = verify_stopped(&settings, None).await.unwrap();
        if found.is_sound() {
            continue;
        }
        noticed += 1;
        let lines = found.lines().join("\n");
        named |= lines.contains("记录 ") || lines.contains("日志第");
    }
    assert!(noticed >= 2 && noticed * 2 >= count, "of {count} flipped names {noticed} are noticed");
    assert!(named, "a changed version is named");
    std::fs::write(&file, whole).unwrap();
    assert!(verify_stopped(&settings, None).await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spine_holds_whatever_a_person_tries() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    register(&centre, &clerk).await;
    let opened = matter(&clerk, "minors.unaccompanied", 0).await;
    let path = format!("/api/v1/cases/{}", text(&opened["id"]));
    let step = |stage: &str, version: &Value| json!({ "stage": stage, "note": "样例说明", "version": version });

    let mut case = read(&clerk, &path).await;
    let refused = clerk.post(&format!("{path}/move"), &step("archived", &case["version"])).await;
    assert_eq!(refused.status, 409, "no archive from here: {}", refused.text());
    for stage in ["accepted", "handling"] {
        if case["stage"] != stage {
            case = write(&clerk, &format!("{path}/move"), step(stage, &case["version"])).await;
        }
        assert_eq!(case["stage"], stage);
    }
    let stale = clerk.post(&format!("{path}/move"), &step("replied", &json!(1))).await;
    assert_eq!(stale.status, 409, "a change on what has moved on: {}", stale.text());
    // To write down needs no opening; to read what was written does.
    write(&clerk, &format!("{path}/notes"), json!({ "text": "样例：已电话联系" })).await;
    assert!(!read(&clerk, &path).await.to_string().contains("已电话联系"));
    open(&centre, &clerk, text(&opened["id"])).await;
    case = write(&clerk, &format!("{path}/reply"), json!({ "text": "样例：已答复监护人" })).await;
    assert_eq!(case["stage"], "replied");
    let kinds: Vec<_> = case["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| text(&line["kind"]).to_owned())
        .collect();
    assert!(
        kinds.contains(&"note".to_owned())
            && kinds.contains(&"reply".to_owned())
            && kinds.contains(&"moved".to_owned()),
        "{kinds:?}"
    );
    case = write(&clerk, &format!("{path}/move"), step("archived", &case["version"])).await;
    assert_eq!(case["stage"], "archived");

    // A level is an official's: with a reason, once the hazard is on the list.
    let fire = centre.person("fire").await;
    let risks = read(&fire, "/api/v1/risks?limit=50").await;
    let risk = risks["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|risk| risk["stage"] == "found")
        .expect("a new hazard of this unit")
        .clone();
    let path = format!("/api/v1/risks/{}", text(&risk["id"]));
    let detail = read(&fire, &path).await;
    let level = |reason: &str, version: &Value| json!({ "level": "major", "reason": reason, "version": version });
    let early = fire.post(&format!("{path}/assess"), &level("样例理由", &detail["version"])).await;
    assert_eq!(early.status, 409, "{}", early.text());
    let detail = write(&fire, &format!("{path}/move"), step("listed", &detail["version"])).await;
    let empty = fire.post(&format!("{path}/assess"), &level(" ", &detail["version"])).await;
    assert_eq!(empty.status, 422);
    assert_eq!(empty.json()["problems"][0]["at"], "/reason");
    let detail =
        write(&fire, &format!("{path}/assess"), level("样例理由", &detail["version"])).await;
    assert_eq!((text(&detail["stage"]), text(&detail["level"])), ("assessed", "major"));
    assert_eq!(detail["level_history"].as_array().unwrap().len(), 1);
    // A clerk dispatches; assessing is not the clerk's.
    let clerks =
        clerk.post(&format!("{path}/assess"), &level("样例理由", &detail["version"])).await;
    assert_eq!(clerks.status, 403, "{}", clerks.text());
}
