//! Sharing between two units of a real centre, over HTTP: the whole way once, and what must fail beside it.

use anshu_e2e::{Browser, Centre};
use anshu_server::config::BudgetLimits;
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;

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

/// What the providing unit offers of its rooms.
fn offer() -> Value {
    json!({ "of": "facet", "name": "homestay.room", "on": "place", "fields": ["code", "regime", "status", "name"],
        "attribute": "conditional", "conditions": "仅用于履行法定职责", "format": "JSON", "frequency": "on_demand", "mode": "file" })
}

/// What the asking unit wants of it, for so many minutes.
fn terms(centre: &Centre, minutes: i64) -> Value {
    let until = centre.app().settings.time.now().plus(minutes * MINUTE);
    json!({ "fields": ["code", "regime", "name"], "divisions": ["500103"], "purpose": "handle",
        "ground": "重庆市平安建设条例 第15条", "scenario": "样例：核对住宿登记", "mode": "file", "frequency": "on_demand",
        "until": until.rfc3339(Default::default()), "max_rows": 500, "data_days": 30, "revocable": true })
}

/// A share, and the people around it.
struct Shared {
    path: String,
    asker: Browser,
    reviewer: Browser,
    answerer: Browser,
    giver: Browser,
}

impl Shared {
    async fn begin(centre: &Centre, minutes: i64) -> Self {
        Self::of(centre, offer(), terms(centre, minutes)).await
    }

    async fn of(centre: &Centre, offer: Value, terms: Value) -> Self {
        let [asker, reviewer, answerer, giver] = [
            centre.person("police").await,
            centre.person("police-lead").await,
            centre.person("approver").await,
            centre.person("clerk").await,
        ];
        let item = write(&answerer, "/api/v1/share-items", offer).await;
        let body = json!({ "item": item["id"], "terms": terms });
        let share = write(&asker, "/api/v1/shares", body).await;
        let path = format!("/api/v1/shares/{}", text(&share["share"]["id"]));
        Self { path, asker, reviewer, answerer, giver }
    }

    async fn try_step(&self, who: &Browser, mut step: Value) -> anshu_e2e::Answer {
        step["version"] = read(&self.asker, &self.path).await["share"]["version"].clone();
        who.post(&format!("{}/steps", self.path), &step).await
    }

    async fn step(&self, who: &Browser, step: Value) -> Value {
        let answer = self.try_step(who, step.clone()).await;
        assert_eq!(answer.status, 200, "{step}: {}", answer.text());
        answer.json()
    }

    /// Through to the receipt; answers the manifest.
    async fn until_used(&self) -> String {
        self.step(&self.reviewer, json!({ "step": "review", "agree": true })).await;
        self.step(&self.asker, json!({ "step": "submit" })).await;
        self.step(&self.answerer, json!({ "step": "answer", "agree": true })).await;
        let delivered = self.step(&self.giver, json!({ "step": "deliver" })).await;
        let manifest = text(&delivered["deliveries"][0]["manifest"]).to_owned();
        let receipt = json!({ "manifest": manifest });
        let share = write(&self.asker, &format!("{}/receipt", self.path), receipt).await;
        assert_eq!(share["share"]["state"], "in_use", "{share}");
        manifest
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_asks_another_and_both_see_each_use() {
    let centre = Centre::start().await;
    let shared = Shared::begin(&centre, 20).await;
    // The asker does not review, and the button says why.
    let seen = read(&shared.asker, &shared.path).await;
    let steps = seen["share"]["steps"].as_array().unwrap();
    let review = steps.iter().find(|step| step["name"] == "review").unwrap();
    assert!(review["allowed"] == false && text(&review["why_not"]).contains("负责人"), "{review}");
    shared.until_used().await;
    let seen = read(&shared.answerer, &shared.path).await;
    assert!(seen["share"]["light"].is_null(), "nothing waits while it is used: {seen}");

    let page = read(&shared.asker, &format!("{}/rows?limit=5", shared.path)).await;
    let rows = page["items"].as_array().unwrap();
    assert!(!rows.is_empty(), "the providing unit leads rooms: {page}");
    for row in rows {
        let fields: Vec<_> = row["values"].as_object().unwrap().keys().cloned().collect();
        assert!(
            fields.iter().all(|field| ["code", "regime", "name"].contains(&field.as_str())),
            "{fields:?}"
        );
    }
    for who in [&shared.asker, &shared.answerer] {
        let uses = read(who, &shared.path).await["uses"].clone();
        assert_eq!(uses.as_array().unwrap().len(), 1);
        assert_eq!(uses[0]["rows"], rows.len());
        assert_eq!(uses[0]["unit_name"], "渝中区公安分局（样例）");
    }
    // The log says it, and names no room.
    let auditor = centre.person("auditor").await;
    let log = read(&auditor, "/api/v1/audit?limit=50").await;
    let entries = log["entries"].as_array().unwrap();
    let told = |what: &str| {
        entries
            .iter()
            .any(|entry| entry["action"] == "数据共享" && text(&entry["target"]).contains(what))
    };
    for what in ["答复", "交付", "签收", text(&rows[0]["record"])] {
        assert!(told(what), "{what}");
    }
    assert!(!log.to_string().contains("样例民宿"), "the log names no room");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_used_after_its_term_is_refused() {
    let centre = Centre::start().await;
    let shared = Shared::begin(&centre, 20).await;
    shared.until_used().await;
    let rows = format!("{}/rows?limit=1", shared.path);
    let page = read(&shared.asker, &rows).await;
    centre.app().settings.time.advance(20 * MINUTE);
    let next = format!("{rows}&after={}", text(&page["items"][0]["record"]));
    let refused = shared.asker.get(&next).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.json()["items"].is_null());
    // The host says by itself that it has ended, and the proof of destruction is owed.
    let mut ended = Value::Null;
    for _ in 0..60 {
        ended = read(&shared.asker, &shared.path).await["share"].clone();
        if ended["state"] == "expired" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(
        (&ended["state"], &ended["owes_destruction"]),
        (&json!("expired"), &json!(true)),
        "{ended}"
    );
    assert_eq!(ended["basis"]["authority"], "policy", "no term of the decree is claimed: {ended}");
    let empty = shared
        .try_step(&shared.asker, json!({ "step": "destroy", "what": " ", "how": "覆写" }))
        .await;
    assert_eq!((empty.status, &empty.json()["problems"][0]["at"]), (422, &json!("/what")));
    let destroyed = json!({ "step": "destroy", "what": "读取的 1 行", "how": "覆写删除" });
    let share = shared.step(&shared.asker, destroyed).await;
    assert_eq!(share["share"]["state"], "destroyed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_is_not_widened_passed_on_or_answered_by_its_own_side() {
    let centre = Centre::start().await;
    let shared = Shared::begin(&centre, 20).await;
    shared.step(&shared.reviewer, json!({ "step": "review", "agree": true })).await;
    shared.step(&shared.asker, json!({ "step": "submit" })).await;
    // Nobody of the asking unit answers, and nobody refuses without saying why.
    let yes = json!({ "step": "answer", "agree": true });
    for who in [&shared.asker, &shared.reviewer, &shared.giver] {
        let refused = shared.try_step(who, yes.clone()).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
    let mute = shared
        .try_step(&shared.answerer, json!({ "step": "answer", "agree": false, "reason": " " }))
        .await;
    assert_eq!(
        (mute.status, &mute.json()["problems"][0]["at"]),
        (422, &json!("/reason")),
        "{}",
        mute.text()
    );
    // What was seen is what is answered.
    let stale = json!({ "step": "answer", "agree": true, "version": 1 });
    let stale = shared.answerer.post(&format!("{}/steps", shared.path), &stale).await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    shared.step(&shared.answerer, yes).await;
    let delivered = shared.step(&shared.giver, json!({ "step": "deliver" })).await;
    let manifest = &delivered["deliveries"][0]["manifest"];
    write(&shared.asker, &format!("{}/receipt", shared.path), json!({ "manifest": manifest }))
        .await;

    // More fields, other terms: not any more.
    let wide = shared.asker.get(&format!("{}/rows?fields=code,area", shared.path)).await;
    assert_eq!(wide.status, 422, "{}", wide.text());
    let version = read(&shared.asker, &shared.path).await["share"]["version"].clone();
    let revised = json!({ "version": version, "terms": terms(&centre, 600) });
    let revised = shared.asker.post(&format!("{}/terms", shared.path), &revised).await;
    assert_eq!(revised.status, 409, "{}", revised.text());
    // Another unit finds nothing at all, and the row's id opens nothing.
    let civil = centre.person("civil").await;
    for path in [shared.path.clone(), format!("{}/rows", shared.path)] {
        assert_eq!(civil.get(&path).await.status, 404, "{path}");
    }
    let page = read(&shared.asker, &format!("{}/rows?limit=1", shared.path)).await;
    let record = text(&page["items"][0]["record"]);
    let fire = centre.person("fire").await;
    assert_eq!(fire.get(&format!("{}/rows", shared.path)).await.status, 404);
    // Whether the record itself is seen follows from the unit's own matters, and not from the share.
    let entity = format!("/api/v1/entities/{record}");
    let seen = shared.asker.get(&entity).await.status;
    // Revoked, it ends at once.
    shared.step(&shared.answerer, json!({ "step": "revoke", "reason": "样例：用途不符" })).await;
    assert_eq!(shared.asker.get(&format!("{}/rows", shared.path)).await.status, 409);
    assert_eq!(shared.asker.get(&entity).await.status, seen);
}

/// Two people who let rooms, filed by the clerk.
async fn two_landlords(centre: &Centre) {
    let clerk = centre.person("clerk").await;
    for (name, number) in [("样例房一", "999999198501010018"), ("样例房二", "999999198501010034")]
    {
        let mut filing = crate::all::upgrades::filing(name);
        filing["answers"]["operator_number"] = json!(number);
        write(&clerk, "/api/v1/actions/homestay/file-room", filing).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_21_a_share_of_people_is_charged_to_whoever_reads_it() {
    let centre = Centre::start().await;
    two_landlords(&centre).await;
    let fields = json!(["phone", "name"]);
    let mut offer = offer();
    let mut terms = terms(&centre, 20);
    for (key, value) in [("name", json!("homestay.operator-person")), ("on", json!("person"))] {
        offer[key] = value;
    }
    for shared in [&mut offer, &mut terms] {
        shared["fields"] = fields.clone();
        shared["mode"] = json!("in_place");
    }
    let shared = Shared::of(&centre, offer, terms).await;
    shared.until_used().await;
    centre.app().data.use_limits(BudgetLimits { person: 1, ..BudgetLimits::default() });
    let rows = format!("{}/rows?limit=1", shared.path);
    let page = read(&shared.asker, &rows).await;
    assert_eq!(page["items"][0]["values"]["phone"], "19900000000", "{page}");
    let next = format!("{rows}&after={}", text(&page["next"]));
    for _ in 0..2 {
        let refused = shared.asker.get(&next).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        assert!(refused.text().contains("上限 1 名") && refused.json()["items"].is_null());
    }
    // Nothing of it was used, and whom one has seen one may see again.
    let uses = read(&shared.answerer, &shared.path).await["uses"].clone();
    assert_eq!(uses.as_array().unwrap().len(), 1, "{uses}");
    read(&shared.asker, &rows).await;
    // Who supervises sees who was stopped, and the log holds one alert.
    let budgets = read(&shared.answerer, "/api/v1/budgets").await;
    let stopped = budgets["lines"].as_array().unwrap().iter().any(|line| line["refused"] == true);
    assert!(stopped, "{budgets}");
    let auditor = centre.person("auditor").await;
    let log = read(&auditor, "/api/v1/audit?limit=50").await.to_string();
    assert_eq!(log.matches("限额预警").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_62_a_signed_manifest_is_shown_twice_or_changed() {
    let centre = Centre::start().await;
    let shared = Shared::begin(&centre, 20).await;
    let manifest = shared.until_used().await;
    let receipt = format!("{}/receipt", shared.path);
    let twice = shared.asker.post(&receipt, &json!({ "manifest": manifest })).await;
    assert_eq!(twice.status, 409, "{}", twice.text());
    let changed = manifest
        .replace("\"max_rows\"", "\"max_row5\"")
        .replace("\"data_days\":30", "\"data_days\":99");
    let changed = shared.asker.post(&receipt, &json!({ "manifest": changed })).await;
    assert_eq!(changed.status, 422, "{}", changed.text());
    // As a file it leaves once, and verifies with the public key alone.
    let artefact = read(&shared.asker, &shared.path).await["deliveries"][0]["artefact"].clone();
    let path = format!("{}/file", shared.path);
    let file = write(&shared.asker, &path, json!({ "artefact": artefact })).await;
    let again = shared.asker.post(&path, &json!({ "artefact": artefact })).await;
    assert_eq!(again.status, 409, "{}", again.text());
    let key = centre.app().data.public_key();
    assert!(text(&file["file"]).len() > 200 && !key.is_empty());
    // Nobody here trusts that key as another centre's: it is not taken in.
    let refused =
        shared.asker.post("/api/v1/shares/received", &json!({ "file": file["file"] })).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_centre_holds_is_not_asked_again() {
    let centre = Centre::start().await;
    let neighbour = centre.person("neighbour").await;
    let clerk = centre.person("clerk").await;
    let rooms = read(&clerk, "/api/v1/entities?facet=homestay.room&limit=1").await;
    let room = text(&rooms["items"][0]["id"]).to_owned();
    // Who does not see the room is told nothing of it, and what the unit does not do it does not fill in.
    let path = format!("/api/v1/actions/homestay/change-status/prefill?subject={room}");
    let guests = format!("/api/v1/actions/homestay/register-guests/prefill?subject={room}");
    assert_eq!(neighbour.get(&guests).await.status, 404);
    assert_eq!(clerk.get(&path).await.status, 403);
    // Nor is a source believed that was not given.
    let sources = json!([{ "field": "status", "record": room, "version": 1, "item": "homestay.room/status" }]);
    let body = json!({ "subject": room, "answers": { "guests": [] }, "purpose": { "code": "lodging-registration" }, "sources": sources });
    let refused = clerk.post("/api/v1/actions/homestay/register-guests", &body).await;
    assert_eq!(
        (refused.status, &refused.json()["problems"][0]["at"]),
        (422, &json!("/sources/0")),
        "{}",
        refused.text()
    );
    let empty =
        read(&clerk, &format!("/api/v1/actions/homestay/register-guests/prefill?subject={room}"))
            .await;
    assert_eq!(empty, json!([]), "a form with rows of guests asks for nothing that the room holds");
}
